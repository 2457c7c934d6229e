"""Showing what was found in a survey export, for whoever writes its entry in surveys.yml."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console
from rich.table import Table

from lake.privacy import mask_text
from loaders.inspection.groups import grouped
from loaders.inspection.guesses import Guess
from loaders.inspection.inspect_file import Inspection
from loaders.inspection.looking import SAMPLE_ROWS, Look
from loaders.inspection.profiles import Profile, cut, one_line
from loaders.readers import READERS

MOST_LINES = 60
_WIDEST_TEXT = 90


def print_inspection(console: Console, found: Inspection, zone: str, *, every: bool) -> None:
    """What the file is, its columns, and the entry that loads it."""
    _print_file(console, found, zone)
    console.print()
    console.print(_columns(found, every=every))
    _print_left_out(console, found, every=every)
    console.print(
        f"\nPaste this below `surveys:` in config/surveys.yml, decide what says DECIDE, and drop "
        f"the file into landing/surveys/{found.survey_id}/:\n",
        soft_wrap=True,
    )
    console.print(found.entry, soft_wrap=True, end="")


def _print_file(console: Console, found: Inspection, zone: str) -> None:
    look = found.look
    formats = ", ".join(reader.name for reader in READERS)
    lines = [
        ("file", look.path.name),
        ("format", f"{look.format}: {look.why}"),
        ("", f"if that is wrong: --format NAME, one of {formats}"),
        ("read as", look.how),
        ("times", _times(found, zone)),
        ("rows", _rows(look)),
        *(("", reason) for reason in look.faults),
        *(("note", note) for note in look.form.notes),
    ]
    for name, value in lines:
        console.print(f"{name:8} {value}", soft_wrap=True)


def _times(found: Inspection, zone: str) -> str:
    said, known = found.look.form.zone_said, found.look.form.zone
    text = f"the file says no zone: they are read in {zone}"
    if known:
        text = f"in {known.key}, as the file says"
    elif said:
        text = f"the file says {said}, which is not known here: write zone: in the entry"
    if found.dates.order != "ymd":
        text += f"; dates are {found.dates.order}: {found.dates.reason}"
    return text


def _rows(look: Look) -> str:
    text = f"{look.rows:,}"
    if look.faulty:
        codes = ", ".join(f"{count:,} {code}" for code, count in look.faulty.most_common())
        text += f", of which {look.faulty.total():,} would be quarantined: {codes}"
    if look.rows - look.faulty.total() > SAMPLE_ROWS:
        text += f"; columns are judged by the first {SAMPLE_ROWS:,}"
    return text


def _columns(found: Inspection, *, every: bool) -> Table:
    guesses = {g.profile.column.position: g for g in found.guesses}
    table = Table("no", "column", "kind", "filled", "examples", "role", title="Columns")
    table.columns[1].ratio, table.columns[4].ratio, table.columns[5].ratio = 4, 3, 3
    for column in table.columns:
        column.overflow = "fold"
    for group in _lines(found, every=every):
        table.add_row(*_line(group, guesses, found.look.sampled))
    return table


def _lines(found: Inspection, *, every: bool) -> list[list[Profile]]:
    if every:
        return [[p] for p in found.look.profiles]
    alone = {g.profile.column.position for g in found.guesses}
    return grouped(found.look.profiles, alone)[:MOST_LINES]


def _line(group: Sequence[Profile], guesses: dict[int, Guess], rows: int) -> tuple[str, ...]:
    first, last = group[0], group[-1]
    number = str(first.column.position + 1)
    name = _name(first)
    filled = max(p.filled for p in group)
    if len(group) > 1:
        number += f"-{last.column.position + 1}"
        name = f"{len(group)} columns, the first: {name}"
    guess = guesses.get(first.column.position)
    role = "" if guess is None else _guess(guess)
    if first.column.kind == "personal" and guess is None:
        role = "dropped: it tells who somebody is"
    examples = first.examples()
    shown = " | ".join(examples) if examples or not filled else "(hidden)"
    share = f"{filled / rows:.0%}" if rows else ""
    return number, name, first.column.kind, share, shown, role


def _guess(guess: Guess) -> str:
    """The role, with a question mark where a person has to decide, and the reason."""
    return f"{guess.role}{'' if guess.is_taken else '?'}: {guess.reason}"


def _name(profile: Profile) -> str:
    header, text = one_line(profile.column.header), one_line(profile.column.text)
    whole = header if text in header else f"{header}: {text}"
    if profile.column.choice:
        whole += f" [{one_line(profile.column.choice)}]"
    return mask_text(cut(whole, _WIDEST_TEXT))[0]


def _print_left_out(console: Console, found: Inspection, *, every: bool) -> None:
    shown = sum(len(group) for group in _lines(found, every=every))
    left = len(found.look.profiles) - shown
    if left:
        console.print(f"… and {left} more columns: --all shows each.")
    elif not every and len(_lines(found, every=False)) < shown:
        console.print("Columns of one question stand in one line: --all shows each.")
