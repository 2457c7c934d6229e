"""SPSS files (.sav, .zsav) as rows of text, with the dictionary of what their codes mean.

They are read in a process of its own (loaders.sav): a damaged one ends that, and not the night.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from loaders.files import FileFault
from loaders.rows import Row, Table, Variable


@contextmanager
def open_labelled(path: Path, encoding: str = "auto") -> Iterator[Table]:
    """An SPSS file: its variables' names are the header. Raises FileFault, OSError.

    User-missing values are blank; codes stay codes, and what they mean stands in the dictionary.
    """
    with subprocess.Popen(  # noqa: S603 - our own interpreter and module
        [sys.executable, "-m", "loaders.sav", str(path), encoding],
        env={
            "PYTHONPATH": os.pathsep.join(p for p in sys.path if p),
            "OPENBLAS_NUM_THREADS": "1",  # each thread asks for memory of its own
        },
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        encoding="ascii",
    ) as reader:
        try:
            lines = _lines(reader)
            head = next(lines)
            table = Table(f"SPSS file, {head['encoding']}")
            table.dictionary = tuple(Variable(**said) for said in head["variables"])
            table.rows = _rows(table.dictionary, lines)
            yield table
        finally:
            reader.kill()


def _rows(variables: tuple[Variable, ...], lines: Iterator[Any]) -> Iterator[Row]:
    yield Row(1, [variable.name for variable in variables])
    for number, cells in lines:
        yield Row(number, cells)


def _lines(reader: subprocess.Popen[str]) -> Iterator[Any]:
    """What the process says, up to its end. Raises FileFault for a fault, or when it breaks off."""
    assert reader.stdout is not None  # noqa: S101 - it is a pipe
    for text in reader.stdout:
        if not text.endswith("\n"):
            break
        line = json.loads(text)
        if isinstance(line, dict) and "end" in line:
            return
        if isinstance(line, dict) and "fault" in line:
            raise FileFault(line["fault"])
        yield line
    raise FileFault(
        "the SPSS file is damaged: reading it broke off. Copy or export it again, or save it as "
        "CSV (UTF-8)."
    )
