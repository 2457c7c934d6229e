"""The words of a taxonomy and of the grammar as one automaton, and where they stand in a text."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from ahocorasick_rs import AhoCorasick

from verbatims.aspects.grammar import Part, small_words
from verbatims.aspects.taxonomy import GAP, LANGUAGES, WIDE_GAP, Taxonomy, forms_of
from verbatims.normal import normal

MAX_GAP = {"zh": 12, "en": 40}
"""Characters that a … spans at most."""
_LAST_LATIN = "\u2e7f"
_ENDING = 5  # letters that word* leaves open


@dataclass(slots=True)
class Sense:
    """All that one word may mean. Polarities are -1, 0 or 1."""

    word: str
    about: list[str] = field(default_factory=list)
    own: dict[str, int] = field(default_factory=dict)
    said: dict[str, int] = field(default_factory=dict)
    expected: list[str] = field(default_factory=list)
    general: int | None = None
    part: Part | None = None
    ignored: bool = False
    chinese: bool = False
    judges: bool = False
    """Whether it can say how something was."""
    names: bool = False
    """Whether it can name an aspect."""

    def settle(self) -> None:
        """Work out what follows from the rest, which is complete."""
        self.chinese = self.word[0] > _LAST_LATIN
        self.judges = bool(self.own or self.said or self.general is not None)
        self.names = bool(self.own or self.about or self.expected)


class Cuts(NamedTuple):
    """Where punctuation cuts a normal form: begins, ends, and the begins that end a sentence."""

    starts: list[int]
    ends: list[int]
    stops: list[int]


class Term(NamedTuple):
    """A word of the lexicon at its place in the normal form."""

    start: int
    end: int
    sense: Sense


@dataclass
class _Entry:
    """What the automaton knows of one string."""

    sense: Sense | None = None
    open_end: bool = False
    steps: list[tuple[int, int]] = field(default_factory=list)
    """Of which wordings with gaps it is which part."""
    bounded_left: bool = False
    bounded_right: bool = False


class Lexicon:
    """Finds the words of a taxonomy and the grammar's in a normal form, in one pass."""

    def __init__(self, taxonomy: Taxonomy) -> None:
        self._strings: dict[tuple[str, bool], _Entry] = {}
        self._wordings: list[tuple[Sense, tuple[int, ...], tuple[bool, ...]]] = []
        self._known: dict[tuple[str, ...], Sense] = {}
        for word, part in small_words().items():
            self._sense_of((word,), "zh").part = part
        for language in LANGUAGES:
            self._add_language(taxonomy, language)
        for sense in self._known.values():
            sense.settle()
        keys = list(self._strings)
        self._entries = [self._strings[key] for key in keys]
        self._automaton = AhoCorasick([string for string, _ in keys])

    def _add_language(self, taxonomy: Taxonomy, language: str) -> None:
        for name, aspect in taxonomy.aspects.items():
            wording = getattr(aspect, language)
            for sense in self._senses(wording.about, language):
                sense.about.append(name)
            for sense in self._senses(wording.expected, language):
                sense.expected.append(name)
            for polarity, words, said in (
                (1, wording.good, wording.said_good),
                (-1, wording.bad, wording.said_bad),
            ):
                for sense in self._senses(words, language):
                    sense.own[name] = polarity
                for sense in self._senses(said, language):
                    sense.said[name] = polarity
        opinions = getattr(taxonomy.opinions, language)
        for polarity, words in ((1, opinions.good), (0, opinions.fair), (-1, opinions.bad)):
            for sense in self._senses(words, language):
                sense.general = polarity
        for sense in self._senses(opinions.ignore, language):
            sense.ignored = True

    def _senses(self, words: Iterable[str], language: str) -> list[Sense]:
        found = [self._sense_of(parts, language) for word in words for parts in forms_of(word)]
        return list({id(sense): sense for sense in found}.values())

    def _sense_of(self, parts: Sequence[str], language: str) -> Sense:
        key = tuple(p if p in (GAP, WIDE_GAP) else _folded(p, language) for p in parts)
        if key not in self._known:
            sense = self._known[key] = Sense("".join(key))
            entries = [self._entry(part) for part in key[::2]]
            if len(key) == 1:
                entries[0].sense = sense
            else:
                self._add_steps(entries, sense, key[1::2], MAX_GAP[language])
        return self._known[key]

    def _add_steps(
        self, entries: list[_Entry], sense: Sense, gaps: tuple[str, ...], widest: int
    ) -> None:
        number = len(self._wordings)
        reach = tuple(widest * (2 if gap == WIDE_GAP else 1) for gap in gaps)
        self._wordings.append((sense, reach, tuple(gap == WIDE_GAP for gap in gaps)))
        for index, entry in enumerate(entries):
            entry.steps.insert(0, (number, index))  # the last part first: see _wordings_in

    def _entry(self, part: str) -> _Entry:
        string, open_end = part.removesuffix("*"), part.endswith("*")
        key = (string, open_end)
        if key not in self._strings:
            self._strings[key] = _Entry(
                open_end=open_end,
                bounded_left=_is_letter(string[0]),
                bounded_right=_is_letter(string[-1]),
            )
        return self._strings[key]

    def terms(self, form: str, cuts: Cuts) -> list[Term]:
        """The words in `form`, apart from each other, from left to right.

        No … passes a cut, and no …… the end of a sentence.
        """
        hits = self._hits(form)
        wide = self._wordings_in(hits, cuts)
        taken: list[Term] = []
        full = bytearray(len(form))
        for start, end, entry in sorted(hits, key=_by_length):
            # What is taken is no shorter, so it overlaps this only where this begins or ends.
            if entry.sense is None or full[start] or full[end - 1]:
                continue
            taken.append(Term(start, end, entry.sense))
            full[start:end] = b"\1" * (end - start)
        taken.sort(key=_start)
        return _with_wide(taken, wide) if wide else taken

    def _hits(self, form: str) -> list[tuple[int, int, _Entry]]:
        hits = []
        entries, length = self._entries, len(form)
        for index, start, end in self._automaton.find_matches_as_indexes(form, overlapping=True):
            entry = entries[index]
            if entry.bounded_left and start and _is_letter(form[start - 1]):
                continue
            if entry.bounded_right and end < length and _is_letter(form[end]):
                if not entry.open_end:
                    continue
                whole = _word_end(form, end)
                if whole > 0:
                    hits.append((start, whole, entry))
                continue
            hits.append((start, end, entry))
        return hits

    def _wordings_in(self, hits: list[tuple[int, int, _Entry]], cuts: Cuts) -> list[Term]:
        """Wordings with gaps: each part is held to the last place of the part before it."""
        reached: dict[tuple[int, int], tuple[int, int]] = {}
        found = []
        for start, end, entry in hits:
            for number, index in entry.steps:
                if not index:
                    reached[number, 0] = (start, end)
                    continue
                before = reached.get((number, index - 1))
                if before is None:
                    continue
                began, ended = before
                sense, gaps, wide = self._wordings[number]
                if not 0 <= start - ended <= gaps[index - 1]:
                    continue
                bounds = cuts.stops if wide[index - 1] else cuts.starts
                if bisect_left(bounds, ended) != bisect_left(bounds, start):
                    continue
                if index == len(gaps):
                    found.append(Term(began, end, sense))
                else:
                    reached[number, index] = (began, end)
        return found


def _with_wide(terms: list[Term], wide: list[Term]) -> list[Term]:
    """`terms` with the wordings that have gaps, in place of what stands inside of them."""
    kept: list[Term] = []
    for term in sorted(wide, key=lambda t: (t.start, -t.end)):
        if not kept or term.start >= kept[-1].end:
            kept.append(term)
    spans = iter([*kept, Term(1 << 60, 1 << 60, kept[0].sense)])
    span = next(spans)
    left = []
    for term in terms:
        while term.start >= span.end:
            span = next(spans)
        if term.end <= span.start or term.sense.part is Part.TURN:
            left.append(term)
    return sorted([*left, *kept], key=_start)


def _by_length(hit: tuple[int, int, _Entry]) -> tuple[int, bool, bool, int]:
    """The longer word wins; of equals the one that judges, the one written out, the one more right.

    So 不好吃 is 不 and 好吃, and 才送到 is not 送到.
    """
    start, end, entry = hit
    judges = entry.sense is not None and entry.sense.judges
    return start - end, not judges, entry.open_end, -end


def _start(term: Term) -> int:
    return term.start


def _folded(part: str, language: str) -> str:
    return normal(part, "en" if part.isascii() else language).text.strip() or part


def _is_letter(sign: str) -> bool:
    return sign.isalpha() and sign < "ɐ"


def _word_end(form: str, end: int) -> int:
    """Where the English word that goes on at `end` ends, or -1 where that is too far."""
    for at in range(end, min(end + _ENDING + 1, len(form))):
        if not _is_letter(form[at]):
            return at
    return len(form) if len(form) <= end + _ENDING else -1
