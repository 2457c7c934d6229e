"""A text's clauses and what each does to the judgements in it: negation, wish, question, irony.

Works on the words that the lexicon found, not on characters, so a text costs its length once.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass, field

from verbatims.aspects.grammar import Part
from verbatims.aspects.lexicon import Term

_CUT = re.compile(
    r"[。！？!?…；;\n]+|(?<!\d)[.](?!\d)[.]*|[，,:：](?!\d)|(?<=[\u4e00-\u9fff])[ ~～]+(?=[\u4e00-\u9fff])"
    r"| [-–—]+ |—+|[()（）]"
)
_SENTENCE_END = frozenset("。！？!?…；;.\n")
_FAR_ZH, _NEAR_ZH, _FAR_EN, _NEAR_EN = 12, 6, 42, 28
_WORDS_EN = 5
_TOUCHING = 2
_REACH, _JUST_BEFORE = 60, 6

_NEGATORS = (Part.NOT, Part.NOT_HERE, Part.NOT_FAR, Part.NONE_OF_IT)
_FOR_MORE = re.compile(
    r"[更再点些改多早别少]|提高|加强|提升|尽快|注意|不要|能"
    r"|\b(?:more|better|less|fix|improve|could|can|stop|[a-z]{3,10}er)\b"
)


@dataclass
class Clause:
    """A stretch of the normal form with the words in it, and the small words that colour it."""

    start: int
    end: int
    sentence: int
    turned: bool = False  # stands against the clause before it
    asks: bool = False  # ends with a question mark
    terms: list[Term] = field(default_factory=list)
    parts: set[Part] = field(default_factory=set)


def sentence_ends(form: str) -> tuple[list[tuple[int, int]], list[int]]:
    """Where punctuation cuts `form`, and which of these places end a sentence."""
    cuts = [match.span() for match in _CUT.finditer(form)]
    stops = [start for start, end in cuts if not _SENTENCE_END.isdisjoint(form[start:end])]
    return cuts, [*stops, len(form)]


def clauses(
    form: str, cuts: list[tuple[int, int]], stops: list[int], terms: list[Term]
) -> list[Clause]:
    """The clauses of `form` that hold any of `terms`, from left to right."""
    bounds = [(0, False), *((end, False) for _, end in cuts)]
    inner = [(t.start, t.sense.part is Part.TURN) for t in terms if t.sense.part in _OPENERS]
    if inner:
        bounds = _merged(bounds, inner)
    found: list[Clause] = []
    at = 0
    for number, (start, turned) in enumerate(bounds):
        end = bounds[number + 1][0] if number + 1 < len(bounds) else len(form)
        clause = Clause(start, end, bisect_right(stops, start), turned)
        while at < len(terms) and terms[at].start < end:
            clause.terms.append(terms[at])
            if terms[at].sense.part is not None:
                clause.parts.add(terms[at].sense.part)
            at += 1
        if clause.terms:
            clause.asks = "?" in form[end - 2 : end] or "？" in form[end - 2 : end]
            found.append(clause)
    return found


_OPENERS = (Part.TURN, Part.LINK)


def _merged(
    bounds: list[tuple[int, bool]], inner: list[tuple[int, bool]]
) -> list[tuple[int, bool]]:
    """Both lists in order; where both cut at the same place, it is a turn if either says so."""
    turned: dict[int, bool] = {}
    for start, turn in [*bounds, *inner]:
        turned[start] = turned.get(start, False) or turn
    return sorted(turned.items())


def negations(form: str, terms: list[Term], at: int, chinese: bool, wanted: bool = False) -> int:
    """How many negators turn the word `terms[at]` of a clause, and the place where they begin.

    They stand before it, with no other judgement between; a second one counts where it touches the
    first (没有 不 好) or reaches far (不能说 不 满意).
    """
    count, reach = 0, terms[at].start
    word_at = reach
    for back in range(at - 1, max(-1, at - 8), -1):
        term = terms[back]
        part = term.sense.part
        if part not in _NEGATORS and not (wanted and part is Part.CANNOT):
            if term.sense.judges or term.sense.expected and not term.sense.about:
                break
            continue
        gap = word_at - term.end
        far = part is Part.NOT_FAR or part is Part.NONE_OF_IT
        if chinese:
            near = gap <= (_FAR_ZH if far else _NEAR_ZH)
        else:
            near = gap <= (_FAR_EN if far else _NEAR_EN)
            near = near and form.count(" ", term.end, word_at) <= _WORDS_EN + 3 * far
            near = near and " and " not in form[term.end : word_at]
        if part is Part.NOT_HERE:
            near = gap <= 1
        if not near or (count and not far and reach - term.end > _TOUCHING):
            break
        count += 1
        reach = term.start
    return count


def colour(form: str, clause: Clause, term: Term) -> tuple[str, float]:
    """What its clause does to the judgement `term`, and how sure that is.

    `""` nothing, `wish` asks for change, `if` and `asked` say nothing of how it was, `turned` means
    the opposite of the good it says.
    """
    parts = clause.parts
    if not parts:
        return "", 1.0
    if Part.LIKE not in parts and (Part.WISHED in parts or _under(clause, Part.WISH, term)):
        return "wish", 0.8
    if _under(clause, Part.HOPE, term):
        more = Part.LIKE not in parts and _FOR_MORE.search(form, clause.start, clause.end)
        return ("wish", 0.8) if more else ("if", 0.5)
    if _under(clause, Part.RHETORICAL, term):
        return "turned", 0.7
    if Part.AGAIN not in parts and _under(clause, Part.IF, term):
        return "if", 0.5
    if Part.ASKED in parts and clause.asks:
        return "asked", 0.5
    if Part.THAN not in parts and _under(clause, Part.ONCE, term):
        return "turned", 0.6
    return "", 1.0


def _under(clause: Clause, part: Part, term: Term) -> bool:
    """Whether `term` follows a small word of this kind, or names what it is asked of just before."""
    if part not in clause.parts:
        return False
    for small in clause.terms:
        if small.sense.part is part:
            gap = term.start - small.end
            before = small.start - term.end
            if 0 <= gap <= _REACH or (0 <= before <= _JUST_BEFORE and not term.sense.judges):
                return True
    return False
