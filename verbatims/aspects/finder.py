"""Which aspects a text speaks of, and how each came off, from the clause in which it stands."""

from __future__ import annotations

from verbatims.aspects.clauses import Clause, clauses, cuts_in
from verbatims.aspects.grammar import Part
from verbatims.aspects.lexicon import Lexicon
from verbatims.aspects.reading import ClauseReader, Reading
from verbatims.aspects.taxonomy import LANGUAGES, Taxonomy
from verbatims.normal import MASKS, normal
from verbatims.results import Mention

_CARRIED = 0.7
_MOCKED = 0.5
_SHORT, _SHORT_ZH = 20, 8
"""Characters of a clause that is hardly more than one word."""


class AspectFinder:
    """Finds the aspects of a taxonomy in texts. Built once; keeps nothing of the texts."""

    def __init__(self, taxonomy: Taxonomy) -> None:
        self.version = taxonomy.version
        self._lexicon = Lexicon(taxonomy)

    def find(self, text: str, language: str) -> list[Mention]:
        """The mentions in `text`, by place; none in other languages than `zh` and `en`."""
        if language not in LANGUAGES:
            return []
        form = normal(_plain(text), language)
        cuts = cuts_in(form.text)
        terms = self._lexicon.terms(form.text, cuts)
        if not any(term.sense.names for term in terms):
            return []
        readings = _read(form.text, clauses(form.text, cuts, terms))
        return [
            Mention(
                reading.aspect,
                *form.span(reading.start, reading.end),
                reading.polarity or 0,
                reading.rule,
                round(reading.confidence, 2),
                self.version,
            )
            for reading in readings
        ]


def _plain(text: str) -> str:
    """`text` at its full length, with straight apostrophes, and masks that part no clause."""
    if "[" in text:
        text = MASKS.sub(lambda mask: "*" * len(mask.group()), text)
    return text.replace("’", "'")


def _read(form: str, parts: list[Clause]) -> list[Reading]:
    readings: list[Reading] = []
    loose: dict[int, int] = {}
    for number, clause in enumerate(parts):
        reader = ClauseReader(form, clause, number)
        reader.read()
        readings += reader.readings
        if reader.loose is not None:
            loose[number] = reader.loose
    _carry(form, readings, parts, loose)
    if any(Part.MOCKING in clause.parts for clause in parts):
        _mock(readings)
    return _merged(readings)


def _carry(form: str, readings: list[Reading], parts: list[Clause], loose: dict[int, int]) -> None:
    """Give aspects that wait the judgement of the clause after or before them.

    A clause that is hardly more than a judgement goes to the aspect beside it (叫了服务员, 很差);
    another one only to an aspect that is hardly more than a word, as in a list (味道, 服务都很好).
    """
    said: dict[int, int] = {}
    for reading in reversed(readings):
        if reading.polarity is not None:
            if not reading.rule.startswith("own"):
                said[reading.clause] = reading.polarity
            continue
        polarity = _from_beside(form, reading.clause, parts, loose, said)
        if polarity is not None:
            reading.polarity = said[reading.clause] = polarity
            reading.confidence *= _CARRIED
            reading.rule += "/carried"


def _from_beside(
    form: str, at: int, parts: list[Clause], loose: dict[int, int], said: dict[int, int]
) -> int | None:
    alone = _is_short(form, parts[at])
    for number in (at + 1, at - 1):
        if _beside(parts, at, number):
            if number in loose and (alone or _is_short(form, parts[number])):
                return loose[number]
            if alone and number > at and number in said:
                return said[number]
    return None


def _is_short(form: str, clause: Clause) -> bool:
    text = form[clause.start : clause.end].strip(" ,，、.。!！的")
    return len(text) <= (_SHORT if text.isascii() else _SHORT_ZH)


def _beside(parts: list[Clause], one: int, other: int) -> bool:
    """Whether two neighbouring clauses belong together: one sentence, and no contrast."""
    if not 0 <= other < len(parts) or parts[one].sentence != parts[other].sentence:
        return False
    return not parts[max(one, other)].turned


def _mock(readings: list[Reading]) -> None:
    """Praise in a text that mocks and complains is no praise."""
    if not any(reading.polarity == -1 for reading in readings):
        return
    for reading in readings:
        if reading.polarity == 1:
            reading.polarity = -1
            reading.confidence *= _MOCKED
            reading.rule += "/mocking"


def _merged(readings: list[Reading]) -> list[Reading]:
    """One reading per aspect, clause and polarity; unjudged ones where nothing is judged."""
    judged = any(reading.polarity is not None for reading in readings)
    best: dict[tuple[str, int, int], Reading] = {}
    for reading in readings:
        if reading.polarity is None and judged:
            continue
        key = (reading.aspect, reading.clause, reading.polarity or 0)
        if key not in best or best[key].confidence < reading.confidence:
            best[key] = reading
    return sorted(best.values(), key=lambda r: (r.start, r.end, r.aspect))
