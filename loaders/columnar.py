"""Parquet files as rows of text, each value as a worksheet's cell would say it, batch by batch."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from loaders.cells import MAX_COLUMNS, Number
from loaders.files import FileFault
from loaders.rows import Row, Table
from loaders.workbooks import as_text

BATCH_ROWS = 5_000
MAX_GROUP = 2 << 30  # bytes of one row group, unpacked: it may be taken into memory whole
MAX_PER_BYTE = 100  # rows for each byte of the file; below a million rows, any number
FREE_ROWS = 1_000_000


def open_parquet(path: Path, size: int) -> Table:
    """A Parquet file as a table; its header is row 1, as it would be in the same file as CSV.

    Raises FileFault, OSError.
    """
    try:
        file = pq.ParquetFile(path, pre_buffer=False)
    except (pa.ArrowException, OSError, MemoryError) as error:
        raise _damaged(error) from error
    _check(file.metadata, size)
    table = Table("Parquet")
    table.rows = _rows(file)
    return table


def _check(found: Any, size: int) -> None:
    if found.num_columns > MAX_COLUMNS:
        raise FileFault(f"it has {found.num_columns:,} columns; up to {MAX_COLUMNS:,} are read.")
    if found.num_rows > max(FREE_ROWS, size * MAX_PER_BYTE):
        raise FileFault(
            f"its {size:,} bytes say that they hold {found.num_rows:,} rows, which no table of "
            "records does. Export it again."
        )
    groups = (found.row_group(n).total_byte_size for n in range(found.num_row_groups))
    if max(groups, default=0) > MAX_GROUP:
        raise FileFault(
            f"one of its row groups unpacks to more than {MAX_GROUP >> 30} GB. Write it with "
            "smaller row groups."
        )


def _rows(file: Any) -> Iterator[Row]:
    schema = file.schema_arrow
    yield Row(1, list(schema.names))
    line = 2
    try:
        for batch in file.iter_batches(batch_size=BATCH_ROWS):
            columns = [_texts(column) for column in batch.columns]
            for cells in zip(*columns, strict=True):
                if any(cells):
                    yield Row(line, list(cells))
                line += 1
    except (pa.ArrowException, OSError, ValueError, OverflowError, MemoryError) as error:
        raise _damaged(error) from error
    finally:
        file.close()


def _texts(column: Any) -> list[str]:
    kind = column.type
    if pa.types.is_dictionary(kind):
        return _texts(column.dictionary_decode())
    if pa.types.is_timestamp(kind) and kind.unit == "ns":
        column = column.cast(pa.timestamp("us", kind.tz), safe=False)
    elif pa.types.is_duration(kind) and kind.unit == "ns":
        column = column.cast(pa.duration("us"), safe=False)
    elif pa.types.is_time(kind) and kind.unit == "ns":
        column = column.cast(pa.time64("us"), safe=False)
    elif pa.types.is_float16(kind) or pa.types.is_float32(kind):  # 0.1, not 0.10000000149
        return [cell_text(value and float(value)) for value in column.cast(pa.string()).to_pylist()]
    return [cell_text(value) for value in column.to_pylist()]


def cell_text(value: Any) -> str:
    """A typed value as the text that a worksheet or CSV would hold; nothing as a blank one."""
    return _AS_TEXT.get(type(value), as_text)(value)


def _moment(value: dt.datetime) -> str:
    return (value.astimezone(dt.UTC) if value.tzinfo else value).isoformat(sep=" ")


def _nested(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, default=cell_text)


def _bytes_text(value: bytes) -> str:
    try:
        return value.decode()
    except UnicodeDecodeError:
        return value.hex()  # a picture, a digest: no text, and no reason to lose its row


_AS_TEXT: dict[type, Callable[[Any], str]] = {
    type(None): lambda _: "",
    str: str,
    int: str,  # every digit of it is known, as a worksheet's are not
    Decimal: lambda value: Number(f"{value:f}"),
    bytes: _bytes_text,
    memoryview: lambda value: _bytes_text(bytes(value)),
    dt.datetime: _moment,
    list: _nested,
    tuple: _nested,
    dict: _nested,
}
"""What a worksheet does not hold, or says otherwise."""


def _damaged(error: BaseException) -> FileFault:
    said = str(error).splitlines()[0] if str(error) else type(error).__name__
    return FileFault(f"the Parquet file is cut or damaged ({said}). Copy or export it again.")
