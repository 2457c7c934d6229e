"""Candidate themes of a night: what is said in the texts that no aspect was found in."""

from __future__ import annotations

import hashlib
import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from verbatims.themes.clusters import Cluster, clusters_of
from verbatims.themes.growth import Growth, growth, q_values
from verbatims.themes.sample import Kept, Sample, Unnamed, sample_of

__all__ = ["Exemplar", "Known", "Theme", "Unnamed", "find_themes"]

THEME_RULES = "themes-2"
WINDOW = timedelta(days=28)
CAP = 20_000
"""Distinct texts of a language that are read at most; of more, a sample."""
SAME = 0.35
"""Likeness of keywords (cosine) from which on a theme is one that is known."""
_EXEMPLARS = 3
_BETWEEN = re.compile(r"[\W\d_]+")


@dataclass(frozen=True)
class Exemplar:
    """One of the texts that say best what a theme is, as it stands (at most 1,000 characters)."""

    text_hash: str
    text: str


@dataclass(frozen=True)
class Known:
    """A theme of an earlier night, as it was last seen."""

    theme_id: str
    language: str
    first_seen: date
    keywords: tuple[tuple[str, float], ...]


@dataclass(frozen=True)
class Theme:
    """A candidate. Counts are of things said in the sample; divided by its share, of all."""

    theme_id: str
    language: str
    first_seen: date  # the night on which it was found first
    keywords: tuple[tuple[str, float], ...]  # proposed words with their weight, the best first
    texts: int  # distinct
    n_now: int
    n_before: int
    said_now: int  # what the rates are of
    said_before: int
    growth: Growth
    q_value: float
    cohesion: float
    sampling_share: float
    exemplars: tuple[Exemplar, ...]
    text_hashes: tuple[str, ...]


def find_themes(
    rows: Iterable[Unnamed],
    as_of: datetime,
    *,
    known: Sequence[Known] = (),
    said: Mapping[str, tuple[int, int]] | None = None,
    window: timedelta = WINDOW,
    cap: int = CAP,
) -> list[Theme]:
    """The themes in what was said in the `window` up to `as_of` and the one before, by size.

    `rows` come in any order; all times are UTC. `said` holds per language how much was said at
    all, with an aspect or without, in the window before and in the last; growth is of the share
    in that. Without it, growth is of the share in `rows`. `known` are earlier nights' themes, each
    as last seen: a theme that speaks in the same words keeps its id.
    """
    found: list[Theme] = []
    for language, sample in sample_of(rows, as_of, window, cap).items():
        at_all = (said or {}).get(language, (sample.before, sample.now))
        found += _of_language(language, sample, as_of, at_all)
    found = _with_known_ids(found, known)
    tested = q_values([theme.growth.p_value for theme in found])
    found = [replace(theme, q_value=q) for theme, q in zip(found, tested, strict=True)]
    return sorted(found, key=lambda theme: (-theme.n_now, -theme.n_before, theme.theme_id))


def _of_language(
    language: str, sample: Sample, as_of: datetime, at_all: tuple[int, int]
) -> list[Theme]:
    texts = sample.texts()
    return [
        _theme(cluster, [texts[place] for place in cluster.places], language, as_of, at_all, share)
        for share in [sample.share]
        for cluster in clusters_of([kept.text for kept in texts], language)
    ]


def _theme(
    cluster: Cluster,
    texts: list[Kept],
    language: str,
    as_of: datetime,
    at_all: tuple[int, int],
    share: float,
) -> Theme:
    before, now = sum(text.before for text in texts), sum(text.now for text in texts)
    best = " ".join(sorted(word for word, _ in cluster.keywords[:5]))
    name = hashlib.md5(f"{as_of:%Y-%m-%d} {best}".encode(), usedforsecurity=False).hexdigest()
    return Theme(
        theme_id=f"{language}-{name[:12]}",
        language=language,
        first_seen=as_of.date(),
        keywords=cluster.keywords,
        texts=len(texts),
        n_now=now,
        n_before=before,
        said_now=at_all[1],
        said_before=at_all[0],
        growth=growth(before, now, *at_all),
        q_value=1.0,
        cohesion=cluster.cohesion,
        sampling_share=share,
        exemplars=_exemplars(texts),
        text_hashes=tuple(text.text_hash for text in texts),
    )


def _exemplars(texts: list[Kept]) -> tuple[Exemplar, ...]:
    """The most central texts, of equal wording only one."""
    chosen: dict[str, Exemplar] = {}
    for text in texts:
        if len(chosen) == _EXEMPLARS:
            break
        chosen.setdefault(_BETWEEN.sub("", text.text), Exemplar(text.text_hash, text.text))
    return tuple(chosen.values())


def _with_known_ids(themes: list[Theme], known: Sequence[Known]) -> list[Theme]:
    """Give each known id to the theme most alike, and to each theme at most one."""
    pairs = [
        (_likeness(theme.keywords, old.keywords), old.theme_id, place)
        for place, theme in enumerate(themes)
        for old in known
        if old.language == theme.language
    ]
    first_seen = {old.theme_id: old.first_seen for old in known}
    given: dict[int, str] = {}
    for likeness, theme_id, place in sorted(pairs, key=lambda pair: (-pair[0], *pair[1:])):
        if likeness >= SAME and place not in given and theme_id not in given.values():
            given[place] = theme_id
    return [
        replace(theme, theme_id=given[place], first_seen=first_seen[given[place]])
        if place in given
        else theme
        for place, theme in enumerate(themes)
    ]


def _likeness(one: tuple[tuple[str, float], ...], other: tuple[tuple[str, float], ...]) -> float:
    weights = dict(other)
    shared = sum(weight * weights.get(word, 0.0) for word, weight in one)
    lengths = math.prod(math.sqrt(sum(weight**2 for _, weight in words)) for words in (one, other))
    return shared / lengths if lengths else 0.0
