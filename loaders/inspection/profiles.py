"""What the columns of a file hold: how full, which values, how long, whether they are personal."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field

from lake.privacy import mask_text
from loaders.amounts import plain_number
from loaders.headers import folded
from loaders.readers.form import Column
from loaders.texts import trim

_MASKED_WHOLE = re.compile(r"\[[a-z-]+\]")
_ASKS_WHO = re.compile(
    r"\bnames?\b|e-?mail|\bphone\b|\bmobile\b|\baddress\b|\bwechat\b|\bcontact\b"
    r"|姓名|名字|称呼|电话|手机号|联系方式|邮箱|地址|微信|身份证|车牌|\bvorname|\bnombre\b|\bcorreo\b"
)
_WIDEST_EXAMPLE = 32
_EXAMPLES = 3


@dataclass
class Profile:
    """One column and what its cells hold. `values` counts the cells that are not blank, trimmed."""

    column: Column
    values: Counter[str] = field(default_factory=Counter)

    @property
    def filled(self) -> int:
        """How many cells are not blank."""
        return self.values.total()

    @property
    def is_unique(self) -> bool:
        """Whether no value stands twice."""
        return len(self.values) == self.filled

    def numbers(self) -> list[float] | None:
        """The distinct numbers that the cells hold; None when one in twenty is something else."""
        read = [(plain_number(value), count) for value, count in self.values.items()]
        others = sum(count for number, count in read if number is None)
        if not self.filled or others * 20 > self.filled:
            return None
        return sorted({number for number, _ in read if number is not None})

    def labels(self) -> list[str]:
        """The distinct values in words, where the format has codes; the most frequent first."""
        words = self.column.labels
        return list(dict.fromkeys(words.get(v, v) for v, _ in self.values.most_common()))

    def typical_length(self) -> float:
        """The mean length of what is filled in; a Chinese character says as much as three."""
        lengths = sum(_weight(value) * count for value, count in self.values.items())
        return lengths / self.filled if self.filled else 0.0

    def mean_characters(self) -> float:
        """The mean number of characters in what is filled in."""
        characters = sum(len(value) * count for value, count in self.values.items())
        return characters / self.filled if self.filled else 0.0

    def personal_values(self) -> str | None:
        """The kind of personal data that most cells are nothing but, such as `mail`."""
        kinds: Counter[str] = Counter()
        for value, count in self.values.items():
            masked, found = mask_text(value)
            if found and _MASKED_WHOLE.fullmatch(masked.strip()):
                kinds[masked.strip()[1:-1]] += count
        kind, count = kinds.most_common(1)[0] if kinds else ("", 0)
        return kind if count * 2 > self.filled else None

    def asks_who(self) -> bool:
        """Whether the header sounds as if it asked for what tells who somebody is."""
        return _ASKS_WHO.search(folded(f"{self.column.header} {self.column.text}")) is not None

    def examples(self) -> list[str]:
        """A few values to show, masked; none of a column that may tell who somebody is."""
        if self.column.kind == "personal" or self.personal_values() or self.asks_who():
            return []
        shown = []
        for value, _ in self.values.most_common(_EXAMPLES):
            words = self.column.labels.get(value)
            text = value if words is None else f"{value} = {words}"
            shown.append(cut(one_line(mask_text(text)[0]), _WIDEST_EXAMPLE))
        return shown


def profiles(columns: tuple[Column, ...]) -> list[Profile]:
    """An empty profile for each column."""
    return [Profile(column) for column in columns]


def add(found: list[Profile], cells: list[str]) -> None:
    """Count the cells of one row."""
    for profile in found:
        value = trim(profile.column.value(cells))
        if value:
            profile.values[value] += 1


def one_line(text: str) -> str:
    """A text that neither a terminal nor a comment stumbles over."""
    return "".join(c if c.isprintable() else " " for c in " ".join(text.split()))


def cut(text: str, widest: int = 40) -> str:
    """A text, cut where it is longer than `widest` characters."""
    return text if len(text) <= widest else text[: widest - 1] + "…"


def _weight(text: str) -> int:
    return sum(3 if c > "\u2e80" else 1 for c in text)
