"""The demo company and its files, made once for all tests of this folder."""

from __future__ import annotations

import csv
import io
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook  # type: ignore[import-untyped]

from demo.company import generate
from demo.deploy import home_files
from demo.world import Company

URL = "http://127.0.0.1:9"
Rows = list[dict[str, Any]]


@pytest.fixture
def said_by_a_process(repository: Path) -> Callable[[str, str], str]:
    """said_by_a_process(program, hash_seed): what it prints in a new process with that seed."""

    def run(program: str, hash_seed: str) -> str:
        return subprocess.run(
            [sys.executable, "-c", program],
            cwd=repository,
            env={**os.environ, "PYTHONHASHSEED": hash_seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout

    return run


@pytest.fixture(scope="session")
def company() -> Company:
    return generate()


@pytest.fixture(scope="session")
def small_company() -> Company:
    return generate(scale=0.25)


@pytest.fixture(scope="session")
def home(company: Company) -> dict[str, bytes]:
    return home_files(company, replica_url=URL)


@pytest.fixture(scope="session")
def small_home(small_company: Company) -> dict[str, bytes]:
    return home_files(small_company, replica_url=URL)


@pytest.fixture(scope="session")
def read() -> Callable[[dict[str, bytes], str], Rows]:
    """Gives the data rows of a home's table (or of all below a folder) by header.

    They are read without the demo's own code. `#` is the physical line, `*` the cells as they
    stand, `file` the path.
    """

    def rows(home: dict[str, bytes], prefix: str) -> Rows:
        tables = (path for path in home if path.endswith((".csv", ".xlsx")))
        paths = sorted(path for path in tables if path.startswith(prefix))
        return [row | {"file": path} for path in paths for row in _rows(home[path], path)]

    return rows


def _rows(content: bytes, path: str) -> Rows:
    if path.endswith(".xlsx"):
        sheet = load_workbook(io.BytesIO(content), read_only=True).worksheets[0]
        lines = [(n, list(cells)) for n, cells in enumerate(sheet.iter_rows(values_only=True), 1)]
    else:
        encoding = "gb18030" if "southwest" in path else "utf-8-sig"
        reader = csv.reader(io.StringIO(content.decode(encoding), newline=""))
        lines, start = [], 1
        for cells in reader:
            lines.append((start, list(cells)))
            start = reader.line_num + 1
    header = lines[0][1]
    skipped = 3 if header[:2] == ["StartDate", "EndDate"] else 1
    return [
        {**dict(zip(header, cells, strict=False)), "#": line, "*": cells}
        for line, cells in lines[skipped:]
    ]
