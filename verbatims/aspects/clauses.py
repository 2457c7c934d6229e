"""A text's clauses, and what each does to the judgements in it: negation, wish, question, doubt.

Works on the words that the lexicon found, and looks at a bounded number of them around each: a text
costs its length once.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from dataclasses import dataclass, field
from enum import StrEnum

from verbatims.aspects.grammar import Part
from verbatims.aspects.lexicon import Cuts, Term

_CUT = re.compile(
    r"[。！？!?…；;\n]+|(?<!\d)[.](?!\d)[.]*|[，,:：](?!\d)"
    r"|(?<=[\u4e00-\u9fff])[ ~～]+(?=[\u4e00-\u9fff])| [-–—]+ |—+|[()（）]"
)
_SENTENCE_END = frozenset("。！？!?…；;.\n")
_ASKS = frozenset("?？")

_LOOKED_BACK = 8
_TOUCHING = 2
_REACH = {(True, False): 6, (True, True): 12, (False, False): 28, (False, True): 42}
"""Characters from a negator to what it turns, by (Chinese, far)."""
_REACH_WORDS = {False: 5, True: 8}
"""The same in English words, by far."""
_MOOD_REACH, _NAMED_BEFORE = 60, 6

_NEGATORS = (Part.NOT, Part.NOT_HERE, Part.NOT_FAR, Part.NONE_OF_IT)
_OPENERS = (Part.TURN, Part.LINK)
_FOR_MORE = re.compile(
    r"[更再点些改多早别少能]|提高|加强|提升|尽快|注意|不要"
    r"|\b(?:more|better|less|fix|improve|could|can|stop|[a-z]{3,10}er)\b"
)


class Mood(StrEnum):
    """What a clause makes of a judgement in it."""

    PLAIN = "plain"
    WISHED = "wish"  # asks for change, so it is not so
    DOUBTED = "doubted"  # the good that it says is not so
    SUPPOSED = "if"  # says nothing of how it was
    ASKED = "asked"  # neither


@dataclass(slots=True)
class Clause:
    """A stretch of the normal form with the words in it, the small words by what they do."""

    start: int
    end: int
    sentence: int
    turned: bool  # stands against the clause before it
    terms: list[Term] = field(default_factory=list)
    parts: dict[Part, list[Term]] = field(default_factory=dict)
    asks: bool = False  # ends with a question mark
    hopes_for_more: bool = False


def cuts_in(form: str) -> Cuts:
    """Where punctuation cuts `form`."""
    spans = [match.span() for match in _CUT.finditer(form)]
    stops = [start for start, end in spans if not _SENTENCE_END.isdisjoint(form[start:end])]
    return Cuts([start for start, _ in spans], [end for _, end in spans], stops)


def clauses(form: str, cuts: Cuts, terms: list[Term]) -> list[Clause]:
    """The clauses of `form` that hold any of `terms`, from left to right.

    They end at punctuation, and before words that begin a new one (但是, because): some write 400
    characters without any sign.
    """
    turned = dict.fromkeys([0, *cuts.ends], False)
    for term in terms:
        if term.sense.part in _OPENERS:
            turned[term.start] = turned.get(term.start, False) or term.sense.part is Part.TURN
    bounds = sorted(turned.items())
    ends = [start for start, _ in bounds[1:]] + [len(form)]
    found: list[Clause] = []
    at = 0
    for (start, turn), end in zip(bounds, ends, strict=True):
        first = at
        while at < len(terms) and terms[at].start < end:
            at += 1
        if at > first:
            sentence = bisect_right(cuts.stops, start)
            found.append(_clause(form, Clause(start, end, sentence, turn, terms[first:at])))
    return found


def _clause(form: str, clause: Clause) -> Clause:
    for term in clause.terms:
        if term.sense.part is not None:
            clause.parts.setdefault(term.sense.part, []).append(term)
    if Part.ASKED in clause.parts:
        clause.asks = not _ASKS.isdisjoint(form[clause.end - 2 : clause.end])
    if Part.HOPE in clause.parts and Part.LIKE not in clause.parts:
        clause.hopes_for_more = _FOR_MORE.search(form, clause.start, clause.end) is not None
    return clause


def negators(form: str, terms: list[Term], at: int, *, wanted: bool = False) -> int:
    """How many negators turn the word `terms[at]` of a clause.

    They stand before it with no judgement between. A second one counts where it touches the first
    (没有 不 好), or is of a kind that reaches far (不能说 不 满意). `wanted`: what was expected is
    undone by 无法 or "unable to", too.
    """
    count, begins = 0, terms[at].start
    chinese = terms[at].sense.chinese
    for back in range(at - 1, max(-1, at - 1 - _LOOKED_BACK), -1):
        term = terms[back]
        part = term.sense.part
        if part not in _NEGATORS and not (wanted and part is Part.CANNOT):
            if term.sense.judges or (term.sense.expected and not term.sense.about):
                break
            continue
        far = part in (Part.NOT_FAR, Part.NONE_OF_IT)
        if not _reaches(form, term, terms[at].start, chinese, far):
            break
        if count and not far and begins - term.end > _TOUCHING:
            break
        count += 1
        begins = term.start
    return count


def _reaches(form: str, negator: Term, start: int, chinese: bool, far: bool) -> bool:
    gap = start - negator.end
    if negator.sense.part is Part.NOT_HERE:
        return gap <= 1
    if gap > _REACH[chinese, far]:
        return False
    between = form[negator.end : start]
    return chinese or (between.count(" ") <= _REACH_WORDS[far] and " and " not in between)


def mood(form: str, clause: Clause, term: Term) -> tuple[Mood, float]:
    """What the clause makes of the judgement or aspect `term` in it, and how sure that is."""
    parts = clause.parts
    if not parts:
        return Mood.PLAIN, 1.0
    hoped = _under(clause, Part.HOPE, term)
    if (hoped and clause.hopes_for_more) or _wished(clause, term):
        return Mood.WISHED, 0.8
    if _under(clause, Part.RHETORICAL, term):
        return Mood.DOUBTED, 0.7
    if hoped or (Part.AGAIN not in parts and _under(clause, Part.IF, term)):
        return Mood.SUPPOSED, 0.5
    if Part.THAN not in parts and _under(clause, Part.ONCE, term):
        return Mood.DOUBTED, 0.6
    return (Mood.ASKED, 0.5) if clause.asks else (Mood.PLAIN, 1.0)


def _wished(clause: Clause, term: Term) -> bool:
    if Part.LIKE in clause.parts:
        return False
    return Part.WISHED in clause.parts or _under(clause, Part.WISH, term)


def _under(clause: Clause, part: Part, term: Term) -> bool:
    """Whether `term` follows a small word of this kind, or names what it is of just before it."""
    small = clause.parts.get(part)
    if not small:
        return False
    after = bisect_left(small, term.start, key=lambda s: s.start)
    if after and term.start - small[after - 1].end <= _MOOD_REACH:
        return True
    named = after < len(small) and small[after].start - term.end <= _NAMED_BEFORE
    return named and not term.sense.judges
