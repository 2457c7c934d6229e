"""Reading a file as the loader would, to tell what it is and what its columns hold."""

from __future__ import annotations

import zipfile
from collections import Counter
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory

import python_calamine as calamine

from loaders.archives import parts_of
from loaders.config import SurveyConfig
from loaders.files import FileFault, Scan, scan
from loaders.inspection.profiles import Profile, add, profiles
from loaders.people import without_people
from loaders.readers import open_form
from loaders.readers.form import Form
from loaders.rows import Remarks
from loaders.tables import open_table

SAMPLE_ROWS = 10_000
"""Columns are judged by so many rows; the rest are only counted."""
REASONS = 5


@dataclass(frozen=True)
class Look:
    """A file as it was read.

    `how` names encoding and delimiter, or the worksheet; `why` the format and what tells it;
    `rows` all records, `faulty` those that would be quarantined, `faults` the first reasons.
    """

    path: Path
    how: str
    format: str
    why: str
    form: Form
    rows: int
    faulty: Counter[str]
    faults: tuple[str, ...]
    profiles: tuple[Profile, ...]

    @property
    def sampled(self) -> int:
        """How many rows the profiles rest on."""
        return min(self.rows - self.faulty.total(), SAMPLE_ROWS)


def look(path: Path, config: SurveyConfig) -> Look:
    """Read a file as `config` says. Raises FileFault."""
    if not path.is_file():
        what = "it is a folder" if path.is_dir() else "there is no such file"
        raise FileFault(f"{what}. Name one exported file.")
    try:
        return _look(path, config)
    except UnicodeError as error:
        raise FileFault(f"{error}. Name its encoding: --encoding gb18030.") from error
    except OSError as error:
        raise FileFault(
            f"it can't be opened ({error.strerror or error}). Check its rights and the disk."
        ) from error
    except (calamine.CalamineError, zipfile.BadZipFile, EOFError) as error:
        raise FileFault(f"the workbook can't be read ({error}). Save it again as XLSX.") from error


def _look(path: Path, config: SurveyConfig) -> Look:
    with TemporaryDirectory() as aside:
        first, *others = parts_of(path, scan(path))
        with first.unpacked(Path(aside)) as (unpacked, found):
            seen = _look_at(unpacked, found, config)
    how = f"{first.name}: {seen.how}" if first.name else seen.how
    if others:
        how += f" (beside it in the zip: {', '.join(part.name for part in others[:10])})"
    return replace(seen, path=path, how=how)


def _look_at(path: Path, scanned: Scan, config: SurveyConfig) -> Look:
    with open_table(
        path,
        scanned,
        encoding=config.encoding,
        delimiter=config.delimiter,
        sheet=config.sheet,
    ) as table:
        form, reason = open_form(table, config.format)
        form = without_people(form, table)
        found = profiles(form.columns)
        remarks = Remarks(table.header or [""])
        rows, faulty, faults = 0, Counter[str](), list[str]()
        for row in table.rows:
            rows += 1
            fault = row.fault or remarks.fault(row.cells) or _stray(form, row.cells)
            if fault is not None:
                faulty[fault[0]] += 1
                if len(faults) < REASONS:
                    faults.append(f"line {row.line}: {fault[1]}")
            elif rows - faulty.total() <= SAMPLE_ROWS:
                add(found, row.cells)
        name, _, why = reason.partition(": ")
        return Look(
            path=path,
            how=table.how,
            format=name,
            why=why,
            form=form,
            rows=rows,
            faulty=faulty,
            faults=tuple(faults),
            profiles=tuple(found),
        )


def _stray(form: Form, cells: list[str]) -> tuple[str, str] | None:
    reason = form.stray(cells)
    return None if reason is None else ("totals_row", reason)
