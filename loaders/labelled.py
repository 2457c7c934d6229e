"""SPSS files (.sav, .zsav) as rows of text, with the dictionary of what their codes mean."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyreadstat

from loaders.files import FileFault
from loaders.rows import Row, Table, Variable
from loaders.workbooks import MAX_COLUMNS, clock

CELLS_AT_ONCE = 1_000_000
MIN_ROWS = 500

_EPOCH = dt.datetime(1582, 10, 14)  # noqa: DTZ001 - SPSS counts local seconds, without a zone
_DAYS = ("DATE", "ADATE", "EDATE", "SDATE", "JDATE", "MOYR", "QYR", "WKYR")
_MOMENTS = ("DATETIME", "YMDHMS")
_SPANS = ("TIME", "DTIME", "MTIME")


def open_labelled(path: Path, encoding: str = "auto") -> Table:
    """An SPSS file: its variables' names are the header. Raises FileFault, OSError.

    User-missing values are blank; codes stay codes, and what they mean stands in the dictionary.
    """
    said = None if encoding == "auto" else encoding
    meta = _read(path, said, metadataonly=True)[1]
    if len(meta.column_names) > MAX_COLUMNS:
        raise FileFault(f"it has {len(meta.column_names)} variables, more than are opened here.")
    table = Table(f"SPSS file, {meta.file_encoding}")
    table.dictionary = _dictionary(meta)
    table.rows = _rows(path, said, meta)
    return table


def _read(path: Path, encoding: str | None, **how: Any) -> tuple[Any, Any]:
    try:
        found: tuple[Any, Any] = pyreadstat.read_sav(
            path,
            encoding=encoding,
            output_format="dict",
            disable_datetime_conversion=True,
            **how,
        )
    except pyreadstat.ReadstatError as error:
        if "encoding" in str(error) or "convert" in str(error):
            raise FileFault(
                f"its texts are not in the encoding that it states ({error}). Say which one they "
                "are in: `encoding: gb18030` in the config."
            ) from error
        raise FileFault(
            f"the SPSS file is cut or damaged ({error}). Copy or export it again."
        ) from error
    except UnicodeDecodeError as error:
        raise FileFault(
            f"its texts can't be read ({error}). Say their encoding in the config, as in "
            "`encoding: gb18030`."
        ) from error
    return found


def _rows(path: Path, encoding: str | None, meta: Any) -> Iterator[Row]:
    """The header, then every case; a case that is blank in all variables is none."""
    names: list[str] = meta.column_names
    yield Row(1, list(names))
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
                yield Row(number, list(cells))
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


def _dictionary(meta: Any) -> tuple[Variable, ...]:
    sets = {
        name: (key, said) for key, said in meta.mr_sets.items() for name in said["variable_list"]
    }
    found = []
    for name in meta.column_names:
        labels = meta.variable_value_labels.get(name, {})
        key, said = sets.get(name, (None, {}))
        counted = said.get("counted_value")
        found.append(
            Variable(
                name=name,
                text=" ".join((meta.column_names_to_labels.get(name) or "").split()),
                labels={_as_text(code): str(label) for code, label in labels.items()},
                set_name=key,
                set_text=" ".join((said.get("label") or "").split()),
                counted=None if counted is None else _as_text(counted),
            )
        )
    return tuple(found)
