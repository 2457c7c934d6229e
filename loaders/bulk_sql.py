"""What a block of an extract is asked in SQL: each row's values, keys and hashes; is it plain?

`bulk` says what plain rows are for, and asks. Moments are in UTC without saying so.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal
from zoneinfo import ZoneInfo

import pyarrow as pa

from lake.entities import DAY, FLAG, MONEY, REAL, STAMP, TEXT, WHOLE, Entity
from loaders.amounts import Decimals
from loaders.ids import MAILS, NO_ONES, NOBODYS, THINGS
from loaders.keys import BAR

Kind = Literal[
    "id",
    "person",
    "staff",
    "phone",
    "mail",
    "free_text",
    "period",
    "seconds",
    "version",
    "typed",
]
"""What the texts of a column are; `typed` is what its column's type says."""

_CLOCK = r"([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d{1,6})?"
_DAY = r"\d{4}-\d{2}-\d{2}"
_PLAIN = {
    "id": THINGS,
    "person": NOBODYS,
    "staff": NOBODYS,
    "phone": "1[3-9][0-9]{9}",
    "mail": MAILS,
}
"""Kind of a column -> its plain texts, whole. Of a kind that is not here, none is."""
_NO_ONES = str(NO_ONES)  # as SQL lists texts, too
_WORDS = r"(?s:[^\s\pZ\pC`=](.*[^\s\pZ\pC])?)"
"""Plain words neither end in white space or marks without room, nor begin so, nor as guarded texts
do."""
_PLAIN_TYPED = {
    STAMP: rf"{_DAY}([ T]{_CLOCK}Z?)?",
    DAY: rf"{_DAY}([ T]{_CLOCK})?",
    MONEY: r"-?\d{1,14}(\.\d{1,4})?",
    WHOLE: r"-?\d{1,18}",
    REAL: r"-?\d{1,15}(\.\d{1,15})?",
    FLAG: "(?i)1|true|t|yes|y|是|0|false|f|no|n|否",
}
"""Type of a column -> its plain texts, whole; of another type, they are words."""
_USUAL = {STAMP: "timestamp", DAY: "date", MONEY: "decimal(18, 2)"}
"""Type of a column -> the type whose texts are nearly all of the plain ones, and told sooner."""
_USUAL_SHAPES = {STAMP: ("9999-99-99", "9999-99-99 99:99:99"), DAY: ("9999-99-99",)}
"""Type of a column -> shapes of which all that can be parsed is plain."""
_SQL_TYPES = {
    TEXT: "varchar",
    STAMP: "timestamp",
    DAY: "date",
    MONEY: "decimal(18, 4)",
    WHOLE: "bigint",
    REAL: "double",
    FLAG: "boolean",
}
_YES = "('1', 'true', 't', 'yes', 'y', '是')"
_NO_TEXTS = r"('NULL', '\N', '#N/A')"
_SUMS_UP = "(?i)计|总|汇|平均|total"
_NO_TOTAL = ("id", "person", "staff")  # plain ones have digits, which the words for totals have not

Fill = Literal["full", "blank", "some"]
"""Whether all rows of a block have a text in a column, none, or some. What can't be isn't asked."""


@dataclass(frozen=True)
class Field:
    """One column of the entity: its place in the file, and what its texts are.

    `fill` and `shape` are those of one block: the shape is what all texts that are not blank look
    like, with 9 for each digit; None where they differ. One look at it spares one at each.
    """

    name: str
    position: int
    kind: Kind
    years: range
    fill: Fill = "some"
    shape: str | None = None


@dataclass(frozen=True)
class Setting:
    """What the reading of one file depends on beside its fields."""

    source: str
    entity: Entity
    zone: ZoneInfo
    decimals: Decimals
    key: bytes


@dataclass(frozen=True)
class Question:
    """The SQL for one block: a relation of that name, with the file's columns by their places.

    Beside them it has `at`, `line` and `is_open` (nothing is known to be wrong with the row), and
    there is a macro `ahead` of a local time. `probe` is the column in which the header shows when
    it comes again.
    """

    setting: Setting
    fields: Sequence[Field]
    probe: int

    def rows(self) -> str:
        """The rows, as `SourceLanding.land_table` takes them, with `at` and `is_plain`.

        Asks for $first_seq, $latest and $probed; and for $inner and $outer where it hashes.
        """
        entity = self.setting.entity
        of_whom = _text(f"{self.setting.source}\x1f{entity.name}\x1f")
        return f"""
            with parsed as (
                select {", ".join(["*", *self._parsed()])}
                from block
            ),
            in_utc as (
                select {", ".join(["*", *self._moments()])}
                from parsed
            ),
            typed as (
                select "at", "line",
                    {", ".join(f"{self._value(f)} as {_quoted(f.name)}" for f in self.fields)},
                    {self._event()},
                    {" and ".join(["is_open", *self._conditions()])} as is_plain
                from in_utc
            ),
            keyed as (
                select *, {f" || '{BAR}' || ".join(self._key_part(name) for name in entity.key)}
                    as natural_key
                from typed
            )
            select * exclude (is_plain, "line"),
                "line" as position,
                "line" as archive_offset,
                "at" + $first_seq as seq,
                md5({of_whom} || natural_key) as record_key,
                md5({self._content()}) as version_hash,
                coalesce(is_plain and {self._is_whole()}, false) as is_plain
            from keyed
        """

    def span(self) -> str | None:
        """The first and the last local time of each column of moments; None without any."""
        casts = [_cast(f, STAMP) for f in self.fields if self._is_moment(f)]
        ends = ", ".join(f"min({cast}), max({cast})" for cast in casts)
        return f"select {ends} from block" if casts else None

    def _parsed(self) -> list[str]:
        """What a text says where it is more than a text; a moment in its local time."""
        return [
            f"{_cast(f, self._type(f))} as {_parsed(f)}"
            for f in self.fields
            if f.fill != "blank" and not self._is_never_plain(f)
        ]

    def _moments(self) -> list[str]:
        """A local time, or one of UTC (Z), as UTC; NULL near a change of the clocks."""
        return [
            f"{_parsed(f)} - to_microseconds(case when ends_with({_given(f)}, 'Z') then 0"
            f" else ahead({_parsed(f)}) end) as {_moment(f)}"
            for f in self.fields
            if self._is_moment(f)
        ]

    def _is_moment(self, field: Field) -> bool:
        return self._type(field) == STAMP and field.fill != "blank"

    def _is_never_plain(self, field: Field) -> bool:
        return self._type(field) is None and field.kind not in (*_PLAIN, "free_text", "typed")

    def _type(self, field: Field) -> pa.DataType | None:
        """The type of a column whose texts are read by it, other than text; None for the others."""
        if field.kind == "version":
            return STAMP
        kind = self.setting.entity.columns[field.name]
        return kind if field.kind == "typed" and kind in _PLAIN_TYPED else None

    def _value(self, field: Field) -> str:
        """The value of a plain text: NULL for a blank."""
        if field.fill == "blank" or self._is_never_plain(field):
            is_version = field.kind == "version"
            kind = "bigint" if is_version else _SQL_TYPES[self.setting.entity.columns[field.name]]
            return f"null::{kind}"
        if field.kind == "phone":
            return _hmac(_parsed(field))
        if field.kind == "mail":
            return _hmac(f"lower({_parsed(field)})")
        if field.kind == "version":
            return f"coalesce(try_cast({_given(field)} as bigint), epoch_us({_moment(field)}))"
        return _moment(field) if self._type(field) == STAMP else _parsed(field)

    def _conditions(self) -> list[str]:
        """What is said of a plain row, one line each."""
        first = '"0"'
        others = [f for f in self.fields if f.position]
        has_others = " or ".join(f"{_given(f)} <> ''" for f in others) or "false"
        found = [
            f"{first} <> ''",  # neither blank nor a remark below the table
            "true" if any(f.fill == "full" for f in others) else f"({has_others})",
            f'not contains("{self.probe}", $probed)',  # the header once more
            *(f"({_if_filled(f, self._is_plain(f))})" for f in self.fields if f.fill != "blank"),
        ]
        if not any(f.position == 0 and f.kind in _NO_TOTAL for f in self.fields):
            ends_in_digit = f"right({first}, 1) between '0' and '9'"
            sums_up = f"regexp_matches({first}, '{_SUMS_UP}')"
            # CASE, here and below: OR would try the dear pattern on every row.
            found.append(f"case when {ends_in_digit} then true else not {sums_up} end")
        return found

    def _is_plain(self, field: Field) -> str:
        """Of a column's text that is not blank."""
        text, kind = _given(field), self._type(field)
        if kind is not None:
            fits = self._is_plain_typed(field, text, kind)
            is_count = f"regexp_full_match({text}, '[0-9]{{1,18}}')"
            return f"{is_count} or ({fits})" if field.kind == "version" else fits
        if self._is_never_plain(field):
            return "false"
        if field.kind == "free_text" or _fits(field.shape, _PLAIN.get(field.kind)):
            return "true"
        pattern = _WORDS if field.kind == "typed" else _PLAIN[field.kind]
        fits = f"regexp_full_match({text}, {_text(pattern)})"
        if field.kind == "phone":  # one digit eight times at the end is made up
            return f"{fits} and ltrim(right({text}, 8), right({text}, 1)) <> ''"
        if field.kind == "mail":  # before its @ is a name, and no letter over and over
            name = f"split_part({text}, '@', 1)"
            is_named = f"lower({name}) not in {_NO_ONES} and ltrim({name}, left({name}, 1)) <> ''"
            return f"{fits} and length({text}) <= 320 and {is_named}"
        return f"{fits} and {text} not in {_NO_TEXTS}" if pattern == _WORDS else fits

    def _is_plain_typed(self, field: Field, text: str, kind: pa.DataType) -> str:
        pattern, usual = _PLAIN_TYPED[kind], _USUAL.get(kind)
        if kind in (MONEY, WHOLE, REAL) and self.setting.decimals != "auto":
            pattern, usual = r"-?\d{1,14}", None  # where a point or comma may be either
        fits = f"regexp_full_match({text}, {_text(pattern)})"
        if field.shape in _USUAL_SHAPES.get(kind, ()):
            fits = "true"  # what is not null has been parsed
        elif usual is not None:
            is_usual = f"cast(cast({_parsed(field)} as {usual}) as varchar) = {text}"
            fits = f"case when {is_usual} then true else {fits} end"
        fits += f" and {_parsed(field)} is not null"
        if kind in (STAMP, DAY):
            first, last = date(field.years[0], 1, 1), date(field.years[-1] + 1, 1, 1)
            fits += f" and {_parsed(field)} >= date '{first}' and {_parsed(field)} < date '{last}'"
        if kind == STAMP:
            fits += f" and {_moment(field)} is not null"
        return fits

    def _event(self) -> str:
        field = next((f for f in self.fields if f.name == self.setting.entity.event_column), None)
        if field is None or field.fill == "blank":
            return """
                null::timestamp as event_at, null::varchar as event_at_raw,
                'unknown' as event_precision
            """
        text = _given(field)
        precision = f"case when length({text}) = 10 then 'day' else 'second' end"
        if field.fill == "some":
            precision = f"case when {text} = '' then 'unknown' else {precision} end"
        return f"""
            {self._value(field)} as event_at,
            {_filled_text(field)} as event_at_raw,
            {precision} as event_precision
        """

    def _key_part(self, name: str) -> str:
        field = next((f for f in self.fields if f.name == name), None)
        if field is None:
            return "''"
        kind, column = self.setting.entity.columns[name], _quoted(name)
        if kind == STAMP:
            micros = f"case when {column} <> date_trunc('second', {column}) then"
            micros += f" strftime({column}, '.%f') else '' end"
            column = f"strftime({column}, '%Y-%m-%d %H:%M:%S') || {micros} || '+00:00'"
        text = f"coalesce(cast({column} as varchar), '')"
        if len(self.setting.entity.key) < 2 or kind != TEXT or field.kind in _PLAIN:
            return text
        return rf"replace(replace({text}, '\', '\\'), '{BAR}', '\{BAR}')"  # as keys.escaped

    def _content(self) -> str:
        """What `lake.landing.content_hash` hashes."""
        fields = {field.name: field for field in self.fields if field.fill != "blank"}
        places, values = [""], []
        for place, (name, kind) in enumerate(self.setting.entity.columns.items()):
            if name not in fields:
                continue
            values.append(_plainly(_quoted(name), kind))
            if fields[name].fill == "full":
                places[-1] += f"{place},"
            else:
                places += [f"case when {_quoted(name)} is null then '' else '{place},' end", ""]
        # Texts as they stand, and what is asked of each row, in turn.
        said = [part if at % 2 else f"'{part}'" for at, part in enumerate(places) if part]
        filled = f"concat({', '.join(said)})" if said else "''"
        return f"concat_ws(chr(31), {', '.join([filled, *values])})"

    def _is_whole(self) -> str:
        """Nothing that is required is missing, and nothing is from the future."""
        present = [f"{_quoted(name)} is not null" for name in self.setting.entity.required]
        return " and ".join([*present, "(event_at is null or event_at <= $latest)"])


def _fits(shape: str | None, pattern: str | None) -> bool:
    """Whether all texts of a shape are plain; patterns tell digits apart only as 0 and others."""
    if shape is None or pattern is None:
        return False
    return all(re.fullmatch(pattern, text) for text in (shape, shape.replace("9", "0")))


def _if_filled(field: Field, condition: str) -> str:
    return condition if field.fill == "full" else f"{_given(field)} = '' or ({condition})"


def _filled_text(field: Field) -> str:
    return _given(field) if field.fill == "full" else f"nullif({_given(field)}, '')"


def _given(field: Field) -> str:
    return f'"{field.position}"'


def _parsed(field: Field) -> str:
    return f'"parsed_{field.position}_{field.name}"'


def _moment(field: Field) -> str:
    return f'"moment_{field.position}_{field.name}"'


def _cast(field: Field, kind: pa.DataType | None) -> str:
    """NULL for a blank, and for what is not of the type."""
    text = _filled_text(field)
    if kind is None:
        return text
    if kind == FLAG:
        return f"lower({text}) in {_YES}"
    if kind == DAY:
        return f"try_cast(left({text}, 10) as date)"
    return f"try_cast({text} as {_SQL_TYPES[kind]})"


def _plainly(column: str, kind: pa.DataType) -> str:
    if kind == TEXT:
        return column
    if kind == REAL:
        return f"printf('%.17g', {column} + 0)"
    return f"cast({f'epoch_us({column})' if kind == STAMP else column} as varchar)"


def _hmac(text: str) -> str:
    """What `Privacy.hash` gives."""
    within = f"unhex(sha256($inner::blob || encode({text})))"
    return f"left(sha256($outer::blob || {within}), 32)"


def _quoted(name: str) -> str:
    return f'"{name}"'


def _text(literal: str) -> str:
    return "'" + literal.replace("'", "''") + "'"
