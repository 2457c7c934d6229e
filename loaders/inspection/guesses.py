"""The part that each column of a form plays, guessed from its wording and its values, with reasons.

A guess is `said` by the format itself, `sure` by wording and values together, or `maybe`: then a
person decides. No two columns get one role; the others that would fit say so.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Literal
from zoneinfo import ZoneInfo

from loaders.amounts import seconds
from loaders.headers import folded
from loaders.inspection import wordings as w
from loaders.inspection.groups import grouped
from loaders.inspection.profiles import Profile, cut
from loaders.inspection.scales import (
    MOST_LABELS,
    Scale,
    Scores,
    numbered_labels,
    on_scale,
    ranked_labels,
    scale,
)
from loaders.texts import ValueFault, identifier
from loaders.times import timestamp

Certainty = Literal["said", "sure", "maybe"]
_ORDER: tuple[Certainty, ...] = ("said", "sure", "maybe")

UTC = ZoneInfo("UTC")
LONG = 15
"""A free text is on average so long (a Chinese character counts three)."""
MOST_UNITS = 500
_WHO = ("phone", "email")
"""Roles for columns that are personal, and no others."""
_WHO_BY_VALUE = {"mail": "email", "mobile": "phone", "phone": "phone"}


@dataclass(frozen=True)
class Guess:
    """One column's part. `weight` orders guesses of one role and certainty: the highest is first.

    `scores` are the labels that need a number before the role means anything; None: rank unknown.
    """

    profile: Profile
    role: str
    certainty: Certainty
    reason: str
    weight: float = 0
    scores: Scores | None = None

    @property
    def is_taken(self) -> bool:
        """Whether the entry maps it without asking."""
        return self.certainty != "maybe" and self.scores is None


@dataclass(frozen=True)
class _Times:
    """How a file's times are read; without a zone of their own, in UTC, as only a look."""

    order: str
    zone: ZoneInfo | None

    def moment(self, text: str) -> datetime | None:
        """The moment that a text is. Raises ValueFault."""
        is_stated = self.zone is not None
        return timestamp(text, self.zone or UTC, self.order, is_stated=is_stated)


def guess(
    profiles: Sequence[Profile], rows: int, date_order: str, zone: ZoneInfo | None = None
) -> list[Guess]:
    """The guesses for all columns, in the order of the columns: one for a column at most.

    `rows` is how many rows the profiles rest on; `zone` that of their times, where it is stated.
    """
    read = _Times(date_order, zone)
    found = [g for p in profiles if (g := _best(_of(p, rows, read))) is not None]
    found = _prefer_comment_after(_parts_of_scores(found, profiles), profiles)
    winners = {role: _winner(found, role) for role in {g.role for g in found}}
    return [g if winners[g.role] is g else _beside(g, winners[g.role]) for g in found]


def _of(profile: Profile, rows: int, read: _Times) -> Iterable[Guess]:
    column = profile.column
    if column.role:
        yield _said(profile, read)
        return
    if column.kind == "technical" or column.choice is not None:
        return
    named = list(_by_name(profile, rows, read))
    yield from named
    kind = profile.personal_values()
    if column.kind == "personal" and not named and kind in _WHO_BY_VALUE:
        yield _who(profile, _WHO_BY_VALUE[kind])
    elif column.kind == "question" and kind and not named:
        yield Guess(profile, "drop", "sure", f"most of its answers are nothing but a {kind}")
    elif column.kind == "question":
        for rule in (_nps, _csat, _ces, _comment):
            found = rule(profile)
            if found is not None:
                yield found


def _best(found: Iterable[Guess]) -> Guess | None:
    """The surest of one column's guesses; of equally sure ones the first."""
    ranked = sorted(found, key=lambda g: _ORDER.index(g.certainty))
    return ranked[0] if ranked else None


def _winner(found: Sequence[Guess], role: str) -> Guess:
    mine = [g for g in found if g.role == role]
    return min(mine, key=lambda g: (_ORDER.index(g.certainty), -g.weight))


def _beside(guess: Guess, winner: Guess) -> Guess:
    """A guess whose role another column has: a person may want this one instead."""
    if guess.role == "drop":
        return guess
    reason = f"{guess.reason}; {cut(winner.profile.column.header)!r} fits better"
    return replace(guess, certainty="maybe", reason=reason, scores=None)


def _said(profile: Profile, read: _Times) -> Guess:
    role = profile.column.role or ""
    reason = "the format says so"
    unread = _unread(profile, _parser(role, read))
    if not profile.filled:
        reason += ", but no row has it"
    elif unread:
        ends = "they are left blank" if role == "duration_seconds" else "such rows are quarantined"
        reason += f"; but {unread}: {ends}"
    return Guess(profile, role, "said", reason)


def _by_name(profile: Profile, rows: int, read: _Times) -> Iterable[Guess]:
    names = {w.bare(profile.column.header), w.bare(profile.column.text)}
    for role, patterns in w.NAMES.items():
        if (profile.column.kind == "personal") != (role in _WHO) and role != "device":
            continue
        rank = next(
            (n for n, p in enumerate(patterns) if any(p.fullmatch(name) for name in names)), None
        )
        if rank is not None and profile.filled:
            yield _named(profile, rows, role, rank, read)


def _named(profile: Profile, rows: int, role: str, rank: int, read: _Times) -> Guess:
    certainty: Certainty = "sure"
    reason = "by its name"
    if role in _WHO:
        return _who(profile, role)
    doubt = _unread(profile, _parser(role, read)) or _doubt(profile, rows, role, rank)
    if doubt:
        certainty, reason = "maybe", f"by its name; but {doubt}"
    elif role == "device":
        reason = "by its name; lands as a keyed hash only, to tell many answers of one device"
    elif role == "response_id":
        reason = "by its name, and no value stands twice"
    return Guess(profile, role, certainty, reason, weight=-rank)


def _who(profile: Profile, role: str) -> Guess:
    reason = f"it does not land, or as a keyed hash only: map it to {role} if it tells whose"
    return Guess(profile, role, "maybe", f"{reason} answers these are")


def _doubt(profile: Profile, rows: int, role: str, rank: int) -> str:
    """Why a column that is called like a role may not play it; empty if nothing speaks against."""
    if role == "response_id":
        return _doubt_of_id(profile, rows)
    if role == "unit_id" and rank:
        return "it may hold names: map it if they are the unit_id of your units"
    if role == "customer_id" and rank:
        return "what it holds is your own choice: map it if it is the customer_id of your customers"
    if role in ("channel", "unit_id") and len(profile.values) > MOST_UNITS:
        return f"it holds {len(profile.values)} different values"
    if role == "channel" and rank:
        return "its values may not be your channels"
    return ""


def _doubt_of_id(profile: Profile, rows: int) -> str:
    lacking = rows - sum(c for v, c in profile.values.items() if identifier(v) is not None)
    kind = profile.personal_values()
    if kind:
        return f"most of its values look like a {kind}: then drop it"
    if lacking:
        return f"{lacking:,} of {rows:,} rows have none, and would be quarantined"
    if not profile.is_unique:
        return "some values stand twice, and a later response replaces an earlier one of its id"
    return ""


def _parser(role: str, read: _Times) -> Callable[[str], Any] | None:
    if role in ("submitted_at", "started_at"):
        return read.moment
    if role == "duration_seconds":
        return seconds
    return identifier if role.endswith("_id") else None


def _unread(profile: Profile, parse: Callable[[str], Any] | None) -> str:
    """What can't be read of a column's values, with an example; empty if all can."""
    if parse is None:
        return ""
    bad, first = 0, ""
    for value, count in profile.values.items():
        try:
            parse(value)
        except ValueFault as fault:
            bad, first = bad + count, first or fault.reason
    return f"{bad:,} of {profile.filled:,} values can't be read ({first})" if bad else ""


def _words(profile: Profile) -> str:
    column = profile.column
    return folded(f"{column.header} {column.text}" if column.text != column.header else column.text)


def _nps(profile: Profile) -> Guess | None:
    text, found, labels = _words(profile), scale(profile), numbered_labels(profile)
    strong = w.NPS.search(text) is not None
    if not strong and not w.RECOMMEND.search(text):
        return _nps_by_values(profile, found)
    asked = "it asks how likely people recommend" if strong else "it asks about recommending"
    if found and found.high > 5:
        whole = found.low == 0 or found.high == 10
        note = "" if found.low == 0 else "; nobody gave 0: check that the scale begins there"
        certainty: Certainty = "sure" if strong or whole else "maybe"
        return Guess(
            profile, "nps", certainty, f"{asked}, and holds {found.words}{note}", 2 * strong + whole
        )
    if labels and max(number or 0 for number in labels.values()) > 5:
        reason = f"{asked}, and some of its answers are labels: say what each is worth"
        return Guess(profile, "nps", "maybe", reason, 1 + strong, _sorted(labels))
    if not strong:
        return None
    return _nps_by_wording(profile, asked, found)


def _nps_by_wording(profile: Profile, asked: str, found: Scale | None) -> Guess:
    if not profile.filled:
        return Guess(profile, "nps", "maybe", f"{asked}, but nobody answered")
    if found:
        reason = f"{asked}, but holds {found.words} only: that may be another scale than 0 to 10"
        return Guess(profile, "nps", "maybe", reason, 1)
    ranked = ranked_labels(profile.labels())
    if ranked:
        reason = f"{asked}, but its answers are words: say what each is worth from 0 to 10"
        return Guess(profile, "nps", "maybe", reason, 1, dict.fromkeys(ranked))
    reason = f"{asked}, but its answers are no numbers from 0 to 10"
    if on := sum(on_scale(profile).values()):
        reason = f"{asked}, but {on} of {profile.filled} answers only are such numbers"
    return Guess(profile, "nps", "maybe", reason)


def _nps_by_values(profile: Profile, found: Scale | None) -> Guess | None:
    if found is None or found.on < found.filled:
        return None
    if found.steps < 8 or found.low > 1 or found.high != 10:
        return None
    reason = f"it holds {found.words}, but its wording does not ask whether people recommend"
    return Guess(profile, "nps", "maybe", reason, -1)


def _csat(profile: Profile) -> Guess | None:
    return _scored(profile, "csat", w.CSAT.search(_words(profile)), "it asks about satisfaction")


def _ces(profile: Profile) -> Guess | None:
    return _scored(profile, "ces", w.CES.search(_words(profile)), "it asks how easy something was")


def _scored(profile: Profile, role: str, asks: object, asked: str) -> Guess | None:
    if not asks or not profile.filled:
        return None
    weight = 2.0 if w.OVERALL.search(_words(profile)) else 1.0
    found = scale(profile)
    if found and found.steps > 1:
        return Guess(profile, role, "sure", f"{asked}, and holds {found.words}", weight)
    labels = numbered_labels(profile) or ranked_labels(profile.labels())
    if labels:
        reason = f"{asked}, and its answers are labels: say what each is worth"
        return Guess(profile, role, "maybe", reason, weight, _sorted(labels))
    return None


def _comment(profile: Profile) -> Guess | None:
    length = profile.typical_length()
    characters = profile.mean_characters()
    is_text = len(profile.values) * 2 > profile.filled and length >= LONG
    if not profile.filled or profile.numbers() or not is_text or profile.column.separator:
        return None
    about = (
        f"free text ({len(profile.values):,} different answers, {characters:.0f} characters each)"
    )
    asks = w.WHY.search(_words(profile))
    if asks and not profile.asks_who():
        return Guess(profile, "comment", "sure", f"it asks {asks[0]!r}, and holds {about}", length)
    if len(profile.values) <= MOST_LABELS:
        return None
    return Guess(profile, "comment", "maybe", f"it holds {about}", length)


def _parts_of_scores(found: list[Guess], profiles: Sequence[Profile]) -> list[Guess]:
    """The rows of a matrix ask about parts of what was rated: none of them is the score."""
    rows = {
        p.column.position: len(group)
        for group in grouped(profiles, set(), least=2)
        if len(group) > 1
        for p in group
    }
    return [
        replace(
            g,
            certainty="maybe",
            weight=-1,
            scores=None,
            reason=f"{g.reason}; but it is one of {size} in one question: rather a driver",
        )
        if g.role in ("csat", "ces") and (size := rows.get(g.profile.column.position))
        else g
        for g in found
    ]


def _prefer_comment_after(found: list[Guess], profiles: Sequence[Profile]) -> list[Guess]:
    """The comment that stands behind the score is the one that explains it."""
    scores = [g.profile.column.position for g in found if g.role == "nps" and g.weight > 0]
    if not scores:
        return found
    after = range(scores[0] + 1, min(scores[0] + 4, len(profiles)))
    return [
        replace(g, weight=g.weight + 10_000)
        if g.role == "comment" and g.profile.column.position in after
        else g
        for g in found
    ]


def _sorted(labels: Scores) -> Scores:
    return dict(sorted(labels.items(), key=lambda item: (item[1] is None, item[1] or 0, item[0])))
