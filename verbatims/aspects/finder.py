"""Which aspects a text speaks of, and how each came off, from the clause in which it stands."""

from __future__ import annotations

from dataclasses import dataclass

from verbatims.aspects.clauses import Clause, clauses, colour, negations, sentence_ends
from verbatims.aspects.grammar import Part
from verbatims.aspects.lexicon import Lexicon, Sense, Term
from verbatims.aspects.taxonomy import Taxonomy
from verbatims.normal import normal
from verbatims.results import Mention

READ = frozenset({"zh", "en"})
"""The languages that taxonomies have words in."""

_OWN, _SAID, _NEAR, _CARRIED, _NONE = 0.9, 0.85, 0.8, 0.6, 0.6
_BARE = 12
_ABSENT = frozenset({"没有", "没", "无", "no", "without", "there was no", "there is no"})
_QUOTES = frozenset('"“”「」‘’')
_NEXT_ZH, _WINDOW_ZH, _NEXT_EN, _WINDOW_EN = 4, 16, 14, 60


@dataclass
class _Reading:
    """One aspect in one clause, while it is not yet known how it came off (`polarity` None)."""

    aspect: str
    start: int
    end: int
    polarity: int | None
    rule: str
    confidence: float
    clause: int


class AspectFinder:
    """Finds the aspects of a taxonomy in texts. Built once; keeps nothing of the texts."""

    def __init__(self, taxonomy: Taxonomy) -> None:
        self.version = taxonomy.version
        self._lexicon = Lexicon(taxonomy)

    def find(self, text: str, language: str) -> list[Mention]:
        """The mentions in `text`, by place. None for languages other than `zh` and `en`."""
        if language not in READ:
            return []
        form = normal(text, language)
        cuts, stops = sentence_ends(form.text)
        terms = self._lexicon.terms(form.text, [start for start, _ in cuts], stops)
        if not any(t.sense.about or t.sense.own or t.sense.expected for t in terms):
            return []
        parts = clauses(form.text, cuts, stops, terms)
        readings = _read_all(form.text, parts)
        mocking = any(Part.MOCKING in clause.parts for clause in parts) and any(
            r.polarity == -1 for r in readings
        )
        return [
            Mention(
                r.aspect,
                *form.span(r.start, r.end),
                -1 if mocking and r.polarity == 1 else r.polarity or 0,
                r.rule + ("/mocking" if mocking and r.polarity == 1 else ""),
                round(r.confidence * (0.5 if mocking and r.polarity == 1 else 1), 2),
                self.version,
            )
            for r in _merged(readings)
        ]


def _read_all(form: str, parts: list[Clause]) -> list[_Reading]:
    readings: list[_Reading] = []
    loose: dict[int, int] = {}  # judgements of nothing in their clause
    for number, clause in enumerate(parts):
        found, left = _Reader(form, clause, number).read()
        readings += found
        if left:
            loose[number] = left[0]
    _carry(form, readings, parts, loose)
    return readings


class _Reader:
    """Reads one clause."""

    def __init__(self, form: str, clause: Clause, number: int) -> None:
        self.form, self.clause, self.number = form, clause, number
        self.found: list[_Reading] = []
        self.loose: list[int] = []

    def read(self) -> tuple[list[_Reading], list[int]]:
        """The clause's readings, and the judgements in it that are of nothing in it."""
        terms = self.clause.terms
        waiting: list[int] = []  # places of `about` words that nothing was said of yet
        for at, term in enumerate(terms):
            sense = term.sense
            if sense.ignored:
                continue
            if sense.judges and not (sense.part is Part.NOT and self._judged_after(at)):
                waiting = self._judge(at, waiting)
            elif sense.expected and (self._missing(at)):
                self._add(sense.expected, term, -1, "expected", _OWN, "not")
            elif sense.about:
                waiting.append(at)
        for at in waiting:
            self._unjudged(at)
        return self.found, self.loose

    def _judge(self, at: int, waiting: list[int]) -> list[int]:
        """Say `terms[at]` of what it is about; return the `about` words that still wait."""
        terms, term = self.clause.terms, self.clause.terms[at]
        sense = term.sense
        negated, undone = self._negated(at)
        targets = self._targets(at, waiting)
        aspects = list(dict.fromkeys(a for t in targets for a in terms[t].sense.about))
        said = [a for a in aspects if a in sense.said]
        if said:
            for aspect in said:
                self._add(
                    [aspect], term, sense.said[aspect], "said", _SAID, negated, undone, targets
                )
            return self._without(waiting, targets, said)
        if sense.own:
            for aspect, polarity in sense.own.items():
                self._add([aspect], term, polarity, "own", _OWN, negated, undone)
            return self._without(waiting, targets, list(sense.own))
        if sense.general and aspects:
            self._add(aspects, term, sense.general, "near", _NEAR, negated, undone, targets)
            return [w for w in waiting if w not in targets]
        if sense.general:
            self.loose.append(self._final(term, sense.general, negated or undone)[0])
        return waiting

    def _without(self, waiting: list[int], targets: list[int], aspects: list[str]) -> list[int]:
        """`waiting` less those of `targets` that speak of one of `aspects`."""
        terms = self.clause.terms
        done = {t for t in waiting if set(terms[t].sense.about) & set(aspects)}
        return [w for w in waiting if w not in done]

    def _targets(self, at: int, waiting: list[int]) -> list[int]:
        """The `about` words that `terms[at]` is said of: right after it, or all that wait before."""
        terms, term = self.clause.terms, self.clause.terms[at]
        chinese = term.end > term.start and self.form[term.start] > "\u2e80"
        follows = self._following(at, chinese)
        window = _WINDOW_ZH if chinese else _WINDOW_EN
        before = [w for w in waiting if term.start - terms[w].end <= window]
        if follows is not None and (not before or self._leads(term, terms[follows], chinese)):
            return [follows]
        if before:
            return before
        return [] if follows is None else [follows]

    def _following(self, at: int, chinese: bool) -> int | None:
        terms, term = self.clause.terms, self.clause.terms[at]
        reach = _NEXT_ZH if chinese else _NEXT_EN
        for then in range(at + 1, min(at + 4, len(terms))):
            if terms[then].start - term.end > reach:
                return None
            if terms[then].sense.about and not terms[then].sense.judges:
                return then
            if terms[then].sense.judges and chinese:
                return None
        return None

    def _leads(self, term: Term, then: Term, chinese: bool) -> bool:
        """Whether a judgement stands as an adjective before its noun: 好 的 服务, great food."""
        between = self.form[term.end : then.start]
        if chinese:
            return between.startswith("的")
        return between.count(" ") <= 1 and " and" not in between

    def _negated(self, at: int) -> tuple[str, str]:
        terms, term = self.clause.terms, self.clause.terms[at]
        chinese = self.form[term.start] > "\u2e80"
        count = negations(self.form, terms, at, chinese)
        undone = at + 1 < len(terms) and terms[at + 1].sense.part is Part.UNDONE
        undone = undone and terms[at + 1].start - term.end <= 2
        quoted = not _QUOTES.isdisjoint(self.form[max(0, term.start - 2) : term.start]) and (
            self.form[term.end : term.end + 1] in _QUOTES
        )
        not_ = "not" if count % 2 else ("notnot" if count else "")
        return not_, "undone" if undone or quoted else ""

    def _judged_after(self, at: int) -> bool:
        """Whether a judgement follows that `terms[at]` (不如) turns, rather than judging itself."""
        terms, end = self.clause.terms, self.clause.terms[at].end
        return any(
            t.sense.judges and t.start - end <= _WINDOW_ZH // 2 for t in terms[at + 1 : at + 4]
        )

    def _missing(self, at: int) -> bool:
        term = self.clause.terms[at]
        chinese = self.form[term.start] > "\u2e80"
        return negations(self.form, self.clause.terms, at, chinese, True) % 2 == 1

    def _final(self, term: Term, polarity: int, turned: str) -> tuple[int, str, float]:
        """A judgement as its clause leaves it, the word for what that did, and how sure it is."""
        if turned in ("not", "undone"):
            polarity = -polarity
        kind, sure = colour(self.form, self.clause, term)
        if kind == "wish" or (kind == "turned" and polarity > 0):
            return -1, f"/{kind}", sure
        if kind in ("if", "asked"):
            return 0, f"/{kind}", sure
        return polarity, "", 1.0

    def _add(
        self,
        aspects: list[str],
        term: Term,
        polarity: int,
        rule: str,
        confidence: float,
        negated: str = "",
        undone: str = "",
        targets: list[int] | None = None,
    ) -> None:
        terms = self.clause.terms
        if rule == "expected":
            final, how, sure = self._final(term, polarity, "")
        else:
            both = negated == "not" and undone
            final, how, sure = self._final(term, polarity, "" if both else (negated or undone))
        places = [term, *(terms[t] for t in targets or ())]
        start, end = min(p.start for p in places), max(p.end for p in places)
        name = f"{rule}:{term.sense.word}" + (f"/{negated}" if negated else "")
        name += (f"/{undone}" if undone else "") + how
        sure *= confidence * (0.9 if negated or undone else 1)
        for aspect in aspects:
            self.found.append(_Reading(aspect, start, end, final, name, sure, self.number))

    def _unjudged(self, at: int) -> None:
        """An `about` word of which its clause says nothing; part of a longer name, nothing at all."""
        terms, term = self.clause.terms, self.clause.terms[at]
        if at + 1 < len(terms) and terms[at + 1].start - term.end <= 1:
            then = terms[at + 1].sense
            if (then.about and not set(then.about) & set(term.sense.about)) or then.own:
                return
        polarity: int | None = None
        name = f"about:{term.sense.word}"
        kind, sure = colour(self.form, self.clause, term)
        if kind:
            polarity, name = 0 if kind in ("if", "asked") else -1, f"{name}/{kind}"
        elif (
            at
            and terms[at - 1].sense.part in (Part.NONE_OF_IT, Part.NOT)
            and (term.start - terms[at - 1].end <= 1)
        ):
            polarity, name = -1, name + "/none"
        for aspect in term.sense.about:
            self.found.append(
                _Reading(aspect, term.start, term.end, polarity, name, _NONE * sure, self.number)
            )


def _carry(form: str, readings: list[_Reading], parts: list[Clause], loose: dict[int, int]) -> None:
    """Give aspects that wait the judgement of the clause after or before them.

    A judgement of nothing in its own clause goes to any aspect beside it (服务员来了, 很差); one of
    something else only to an aspect that is a clause by itself, as in a list (味道, 服务都很好).
    """
    said: dict[int, int] = {}
    for reading in reversed(readings):
        if reading.polarity is not None:
            if not reading.rule.startswith("own"):
                said[reading.clause] = reading.polarity
            continue
        for number in (reading.clause + 1, reading.clause - 1):
            if not _beside(parts, reading.clause, number):
                continue
            polarity = loose.get(number)
            if polarity is None and number > reading.clause and _bare(form, parts[reading.clause]):
                polarity = said.get(number)
            if polarity is not None:
                reading.polarity = said[reading.clause] = polarity
                reading.confidence *= _CARRIED
                reading.rule += "/carried"
                break


def _beside(parts: list[Clause], one: int, other: int) -> bool:
    """Whether two neighbouring clauses belong together: one sentence, and no contrast."""
    if not 0 <= other < len(parts) or parts[one].sentence != parts[other].sentence:
        return False
    return not parts[max(one, other)].turned


def _bare(form: str, clause: Clause) -> bool:
    """Whether a clause is hardly more than one word."""
    return len(form[clause.start : clause.end].strip(" ,，、的")) <= _BARE


def _merged(readings: list[_Reading]) -> list[_Reading]:
    """One reading per aspect, clause and polarity; unjudged ones only in texts that judge nothing."""
    judged = any(r.polarity is not None for r in readings)
    best: dict[tuple[str, int, int], _Reading] = {}
    for reading in readings:
        if reading.polarity is None and judged:
            continue
        key = (reading.aspect, reading.clause, reading.polarity or 0)
        if key not in best or best[key].confidence < reading.confidence:
            best[key] = reading
    return sorted(best.values(), key=lambda r: (r.start, r.end, r.aspect))
