"""One clause's reading: which aspects it speaks of, and what it says of each."""

from __future__ import annotations

from dataclasses import dataclass

from verbatims.aspects.clauses import Clause, Mood, mood, negators
from verbatims.aspects.grammar import Part
from verbatims.aspects.lexicon import Term

_OWN, _SAID, _NEAR, _UNJUDGED = 0.9, 0.85, 0.8, 0.5
"""How sure a reading is: a word that names and judges; one that fits the word that it is said of; a
word that judges anything; an aspect that nothing is said of."""
_TURNED = 0.9

_WINDOW = {True: 16, False: 60}
"""Characters between an aspect and the judgement that follows, by whether it is Chinese."""
_NEXT = {True: 4, False: 14}
"""The same where the judgement stands first."""
_TOUCHING = 1
_QUOTES = frozenset('"“”「」')
_WHO = "的小哥师傅人员大叔阿姨"
"""Characters that may stand between whose it is and what it is: 送外卖 的小哥 态度."""
_RAISING = "好"
_ABSENT = frozenset({"没有", "没", "无", "毫无", "no", "without", "there was no", "there is no"})


@dataclass(slots=True)
class Reading:
    """One aspect in one clause. `polarity` is None where the clause says nothing of it."""

    aspect: str
    start: int
    end: int
    polarity: int | None
    rule: str
    confidence: float
    clause: int


class ClauseReader:
    """Reads one clause, word by word, from left to right."""

    def __init__(self, form: str, clause: Clause, number: int) -> None:
        self._form, self._clause, self._number = form, clause, number
        self._terms = clause.terms
        self._waiting: list[int] = []  # places of `about` words, of which nothing was said yet
        self._unsaid: list[int] = []  # those of which nothing can be said any more
        self.readings: list[Reading] = []
        self.loose: int | None = None
        """The first judgement of nothing that the clause names."""

    def read(self) -> None:
        """Fill `readings` and `loose`."""
        for at, term in enumerate(self._terms):
            sense = term.sense
            if sense.ignored:
                continue
            if sense.judges and not self._colours_the_next(at):
                self._judge(at)
            elif sense.expected and self._missing(at):
                self._add(sense.expected, [term], -1, f"expected:{sense.word}/not", _OWN)
            elif sense.about and not self._only_says_which(at):
                self._waiting.append(at)
        for at in (*self._unsaid, *self._waiting):
            self._unjudged(at)

    def _judge(self, at: int) -> None:
        """Say the word at `at` of what it is about.

        What it means for the aspect before it comes first (分量 大), then what it means by itself
        (慢), then what it means for anything (好).
        """
        term = self._terms[at]
        sense = term.sense
        targets = self._targets(at)
        aspects = [a for t in targets for a in self._terms[t].sense.about]
        polarity, how, sure = self._judged(at)
        said = [a for a in aspects if a in sense.said]
        if said:
            places = [term, *(self._terms[t] for t in targets)]
            for aspect in dict.fromkeys(said):
                sign = polarity * sense.said[aspect]
                self._add([aspect], places, *self._coloured(term, sign, f"said{how}", _SAID * sure))
            self._settle(said)
        elif sense.own:
            for aspect, own in sense.own.items():
                rule = f"own{how}"
                self._add(
                    [aspect], [term], *self._coloured(term, polarity * own, rule, _OWN * sure)
                )
            self._settle(sense.own)
        elif sense.general is not None and aspects:
            places = [term, *(self._terms[t] for t in targets)]
            sign, rule, sure = self._coloured(
                term, polarity * sense.general, f"near{how}", _NEAR * sure
            )
            self._add(list(dict.fromkeys(aspects)), places, sign, rule, sure)
            self._waiting = [w for w in self._waiting if w not in targets]
        elif sense.general is not None and self.loose is None:
            self.loose = self._coloured(term, polarity * sense.general, "", 1)[0]

    def _judged(self, at: int) -> tuple[int, str, float]:
        """Whether a judgement is turned (-1) or stands (1), how that shows, and how sure it is."""
        term = self._terms[at]
        count = negators(self._form, self._terms, at)
        then = self._terms[at + 1] if at + 1 < len(self._terms) else None
        undone = then is not None and then.sense.part is Part.UNDONE and then.start - term.end <= 2
        quoted = self._form[term.end : term.end + 1] in _QUOTES and not _QUOTES.isdisjoint(
            self._form[max(0, term.start - 2) : term.start]
        )
        turned = (count % 2 == 1) != (undone or quoted)
        how = f":{term.sense.word}" + "/not" * count + ("/undone" if undone or quoted else "")
        return -1 if turned else 1, how, _TURNED if count or undone or quoted else 1.0

    def _coloured(
        self, term: Term, polarity: int, rule: str, confidence: float
    ) -> tuple[int, str, float]:
        """A judgement as the clause's mood leaves it."""
        found, sure = mood(self._form, self._clause, term)
        if found is Mood.WISHED or (found is Mood.DOUBTED and polarity > 0):
            return -1, f"{rule}/{found}", confidence * sure
        if found in (Mood.SUPPOSED, Mood.ASKED):
            return 0, f"{rule}/{found}", confidence * sure
        return polarity, rule, confidence

    def _targets(self, at: int) -> list[int]:
        """The `about` words that a judgement is of: the one right after it, or all that wait."""
        term = self._terms[at]
        chinese = term.sense.chinese
        reach = term.start - _WINDOW[chinese]
        while self._waiting and self._terms[self._waiting[0]].end < reach:
            self._unsaid.append(self._waiting.pop(0))
        follows = self._following(at)
        if follows is None:
            return list(self._waiting)
        if not self._waiting or self._leads(term, self._terms[follows]):
            return [follows]
        return list(self._waiting)

    def _following(self, at: int) -> int | None:
        term = self._terms[at]
        for number in range(at + 1, min(at + 4, len(self._terms))):
            then = self._terms[number]
            if then.start - term.end > _NEXT[term.sense.chinese]:
                return None
            if then.sense.judges:
                if term.sense.chinese:
                    return None
            elif then.sense.about:
                return number
        return None

    def _leads(self, term: Term, then: Term) -> bool:
        """Whether a judgement stands before its noun (好 的 服务, great food)."""
        between = self._form[term.end : then.start]
        if term.sense.chinese:
            return between.startswith("的")
        return between.count(" ") <= 1 and " and" not in between

    def _settle(self, aspects: list[str] | dict[str, int]) -> None:
        """Of these aspects something is said: their words wait no more."""
        self._waiting = [
            w for w in self._waiting if not any(a in aspects for a in self._terms[w].sense.about)
        ]

    def _colours_the_next(self, at: int) -> bool:
        """Whether a word (不如, 好 in 好慢) turns or raises the judgement after it, and is none."""
        term = self._terms[at]
        if term.sense.word == _RAISING and at + 1 < len(self._terms):
            then = self._terms[at + 1]
            return then.start == term.end and then.sense.judges and len(then.sense.word) <= 2
        if term.sense.part is not Part.NOT:
            return False
        reach = self._terms[at].end + _WINDOW[True] // 2
        return any(t.sense.judges and t.start <= reach for t in self._terms[at + 1 : at + 4])

    def _only_says_which(self, at: int) -> bool:
        """Whether the word at `at` only says which of the next is meant: 快递 包装, 客服 态度."""
        if at + 1 == len(self._terms):
            return False
        term, then = self._terms[at], self._terms[at + 1]
        between = self._form[term.end : then.start]
        if len(between) > _TOUCHING and between.strip(_WHO):
            return False
        if then.sense.judges:
            return bool(then.sense.own) and not then.sense.said.keys() & set(term.sense.about)
        return any(aspect not in term.sense.about for aspect in then.sense.about)

    def _missing(self, at: int) -> bool:
        """Whether the text says that what was expected did not happen."""
        then = self._terms[at + 1] if at + 1 < len(self._terms) else None
        undone = then is not None and then.sense.part is Part.UNDONE
        return undone or negators(self._form, self._terms, at, wanted=True) % 2 == 1

    def _unjudged(self, at: int) -> None:
        """An aspect of which the clause says nothing but its mood, or that it is not there."""
        term = self._terms[at]
        before = self._terms[at - 1] if at else None
        between = self._form[before.end : term.start] if before else ""
        found, sure = mood(self._form, self._clause, term)
        polarity, rule = None, f"about:{term.sense.word}"
        if found is not Mood.PLAIN:
            polarity = 0 if found in (Mood.SUPPOSED, Mood.ASKED) else -1
            rule += f"/{found}"
        elif before and before.sense.word in _ABSENT and not between.strip():
            polarity, rule = -1, f"{rule}/absent"
        self._add(term.sense.about, [term], polarity, rule, _UNJUDGED * sure)

    def _add(
        self, aspects: list[str], places: list[Term], polarity: int | None, rule: str, sure: float
    ) -> None:
        start, end = min(p.start for p in places), max(p.end for p in places)
        for aspect in aspects:
            self.readings.append(Reading(aspect, start, end, polarity, rule, sure, self._number))
