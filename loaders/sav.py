"""Run as a process of its own: writes an SPSS file (.sav, .zsav) as JSON lines to standard output.

The library that reads these files is C, and ends with the process on some damaged ones; so it is
not let into ours (loaders.labelled starts it). One line tells the dictionary, then one each case:

    {"encoding": "UTF-8", "variables": [{"name": …, "text": …, "labels": …, …}]}
    [2, ["1", "好喝"]]
    {"end": true}     or, in place of any line,     {"fault": "what is wrong"}
"""

from __future__ import annotations

import datetime as dt
import json
import math
import resource
import sys
from collections.abc import Iterator
from typing import Any

import pyreadstat

from loaders.cells import MAX_COLUMNS, clock

CELLS_AT_ONCE = 1_000_000
MIN_ROWS = 500
MAX_MEMORY = 4 << 30
MAX_SECONDS = 3600
"""Of a process: what a damaged file may ask for."""

_EPOCH = dt.datetime(1582, 10, 14)  # noqa: DTZ001 - SPSS counts local seconds, without a zone
_DAYS = ("DATE", "ADATE", "EDATE", "SDATE", "JDATE", "MOYR", "QYR", "WKYR")
_MOMENTS = ("DATETIME", "YMDHMS")
_SPANS = ("TIME", "DTIME", "MTIME")


def main(path: str, encoding: str) -> None:
    """Write the file's lines. Whatever can't be read is a fault, said in words."""
    for what, most in ((resource.RLIMIT_AS, MAX_MEMORY), (resource.RLIMIT_CPU, MAX_SECONDS)):
        resource.setrlimit(what, (most, most))
    try:
        _write(path, None if encoding == "auto" else encoding)
    except _Fault as fault:
        _say({"fault": str(fault)})
    except (UnicodeError, LookupError) as error:
        _say({"fault": _wrong_encoding(error)})
    except (MemoryError, ValueError, OverflowError) as error:
        _say({"fault": _damaged(error or "it asks for too much memory")})


class _Fault(Exception):  # noqa: N818 - a fault of a file, not an error of ours
    """What is wrong with the file, and what to do."""


def _write(path: str, encoding: str | None) -> None:
    meta = _read(path, encoding, metadataonly=True)[1]
    if len(meta.column_names) > MAX_COLUMNS:
        raise _Fault(f"it has {len(meta.column_names)} variables, more than are opened here.")
    _say({"encoding": str(meta.file_encoding), "variables": _dictionary(meta)})
    for number, cells in _rows(path, encoding, meta):
        _say([number, cells])
    _say({"end": True})


def _say(line: Any) -> None:
    # ASCII: whatever a text holds, half a character too, passes through the pipe.
    sys.stdout.write(json.dumps(line) + "\n")


def _wrong_encoding(error: object) -> str:
    return (
        f"its texts are not in the encoding that it states ({error}). Say which one they are in: "
        "`encoding: gb18030` in the config."
    )


def _damaged(error: object) -> str:
    return f"the SPSS file is cut or damaged ({error}). Copy or export it again."


def _read(path: str, encoding: str | None, **how: Any) -> tuple[Any, Any]:
    try:
        found: tuple[Any, Any] = pyreadstat.read_sav(
            path,
            encoding=encoding,
            output_format="dict",
            disable_datetime_conversion=True,
            **how,
        )
    except pyreadstat.ReadstatError as error:
        is_encoding = "encoding" in str(error) or "convert" in str(error)
        raise _Fault(_wrong_encoding(error) if is_encoding else _damaged(error)) from error
    return found


def _rows(path: str, encoding: str | None, meta: Any) -> Iterator[tuple[int, list[str]]]:
    """Every case, numbered from 2; one that is blank in all variables is none."""
    names: list[str] = meta.column_names
    kinds = [_kind(meta.original_variable_types.get(name, "")) for name in names]
    size = max(MIN_ROWS, CELLS_AT_ONCE // max(1, len(names)))
    at = 0
    while True:
        found = _read(path, encoding, row_offset=at, row_limit=size)[0]
        columns = [
            [_as_text(value, kind) for value in found.get(name, ())]
            for name, kind in zip(names, kinds, strict=True)
        ]
        cases = len(columns[0]) if columns else 0
        for number, cells in enumerate(zip(*columns, strict=True), start=at + 2):
            if any(cells):
                yield number, list(cells)
        at += cases
        if cases < size:
            return


def _kind(format_: str) -> str:
    """day, moment or span for SPSS's formats of times (DATE11, DATETIME20); blank for others."""
    bare = format_.upper().rstrip("0123456789.")
    for kind, formats in (("day", _DAYS), ("moment", _MOMENTS), ("span", _SPANS)):
        if bare in formats:
            return kind
    return ""


def _as_text(value: Any, kind: str = "") -> str:
    """A value as it stands in a cell: 9, not 9.0; ISO times; a span as h:mm:ss; blank for none."""
    if not isinstance(value, float):
        return "" if value is None else str(value)
    if not math.isfinite(value):
        return ""
    if kind in ("day", "moment"):
        return _moment(value, kind)
    if kind == "span":
        return clock(dt.timedelta(seconds=value))
    return str(int(value)) if value.is_integer() and abs(value) < 2**53 else repr(value)


def _moment(seconds: float, kind: str) -> str:
    """SPSS counts seconds from the beginning of the Gregorian calendar."""
    try:
        moment = _EPOCH + dt.timedelta(seconds=round(seconds, 3))
    except OverflowError:
        return repr(seconds)
    is_day = kind == "day" and moment.time() == dt.time()
    return moment.date().isoformat() if is_day else moment.isoformat(sep=" ")


def _dictionary(meta: Any) -> list[dict[str, Any]]:
    """The fields of a `loaders.rows.Variable` for each variable."""
    sets = {
        name: (key, said) for key, said in meta.mr_sets.items() for name in said["variable_list"]
    }
    found = []
    for name in meta.column_names:
        labels = meta.variable_value_labels.get(name, {})
        key, said = sets.get(name, (None, {}))
        counted = said.get("counted_value")
        found.append(
            {
                "name": name,
                "text": " ".join((meta.column_names_to_labels.get(name) or "").split()),
                "labels": {_as_text(code): str(label) for code, label in labels.items()},
                "set_name": key,
                "set_text": " ".join((said.get("label") or "").split()),
                "counted": None if counted is None else _as_text(counted),
            }
        )
    return found


if __name__ == "__main__":
    main(*sys.argv[1:])
