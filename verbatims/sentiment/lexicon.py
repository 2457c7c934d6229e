"""What answers until a model is trained: word lists kept by others, which no data has taught.

Chinese: bixin; English: VADER. `model_version` says that a lexicon answered.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from importlib.metadata import version
from typing import Any, Protocol

from verbatims.normal import HANDLES, LINKS, MASKS, normal
from verbatims.results import Phrase, Sentiment
from verbatims.sentiment.forms import UNSURPASSED
from verbatims.slang import EMOJI, FEELINGS

LONGEST = 2_000
"""Characters of a text that are looked up: VADER's time grows with the square of them."""
_MOST = 3  # phrases for, and as many against
_READING = 1  # of this module, slang and the normal form: raise it with each change of a score


class Engine(Protocol):
    """What a text of one language is given to: a trained model, or a lexicon."""

    @property
    def version(self) -> str:
        """What `model_version` says."""

    def score_many(
        self, texts: Iterable[str], channels: Iterable[str | None] | None = None
    ) -> Iterator[Sentiment]:
        """The sentiment of each text, in order."""


@dataclass(frozen=True)
class Lexicon:
    """A lexicon of one language. What it says is the same in every channel."""

    language: str
    version: str
    neutral: float  # scores so near to 0 are neutral
    _reader: _Reader = field(repr=False)

    def score_many(
        self,
        texts: Iterable[str],
        channels: Iterable[str | None] | None = None,
    ) -> Iterator[Sentiment]:
        """The sentiment of each text, in order. 0 with confidence 0 where it knows no word."""
        return map(self._score, texts)

    def _score(self, text: str) -> Sentiment:
        score, phrases = self._reader.read(text[:LONGEST])
        band = "neutral"
        if abs(score) > self.neutral:
            band = "positive" if score > 0 else "negative"
        confidence = round(0.8 * len(phrases) / (len(phrases) + 1), 4)
        chosen = tuple(_weightiest(phrases))
        return Sentiment(round(score, 4), confidence, band, chosen, self.language, self.version)


class _Reader(Protocol):
    def read(self, text: str) -> tuple[float, list[Phrase]]:
        """The score, -1 to 1, and each word with a feeling."""


def _weightiest(phrases: Sequence[Phrase]) -> list[Phrase]:
    order = sorted(phrases, key=lambda phrase: (-abs(phrase.weight), phrase.start))
    good = [phrase for phrase in order if phrase.weight > 0][:_MOST]
    bad = [phrase for phrase in order if phrase.weight < 0][:_MOST]
    return [phrase for phrase in order if phrase in good or phrase in bad]


@lru_cache(maxsize=3)
def lexicon(language: str) -> Lexicon:
    """The lexicon of `zh`, `en`, or `none`: texts without words, which may hold emoji."""
    if language == "zh":
        return Lexicon("zh", f"zh-lexicon-bixin-{version('bixin')}-{_READING}", 0.2, _Bixin())
    if language == "none":
        return Lexicon("none", f"emoji-lexicon-{_READING}", 0.2, _Emoji())
    return Lexicon("en", f"en-lexicon-vader-{version('vaderSentiment')}-{_READING}", 0.05, _Vader())


class _Emoji:
    """The share of pleased emoji less that of displeased ones."""

    def read(self, text: str) -> tuple[float, list[Phrase]]:
        """Each emoji with a feeling, 1 or -1."""
        phrases = [
            Phrase(place, place + 1, float(FEELINGS[sign]))
            for place, sign in enumerate(text)
            if sign in FEELINGS
        ]
        return sum(phrase.weight for phrase in phrases) / max(len(phrases), 1), phrases


class _Bixin:
    """bixin's words in the normal form, turned by its negations, weighed by its adverbs.

    Its own sum is not used: it forgets a negation before a bad word (没毛病), lets one reach into
    the next clause, and would contradict the words that are told to have decided.
    """

    _TOO_LITTLE = frozenset(("不太", "不怎么", "不大", "不甚", "不够", "不很", "没怎么"))
    _VERY = 2.0  # what a word with an adverb of degree weighs

    def __init__(self) -> None:
        import jieba

        # What bixin asks for is jieba's own code in C, which only a compiler can install.
        sys.modules.setdefault("jieba_fast", jieba)
        import bixin

        self._cut = bixin.tokenizer
        # As its own loading would, but without a file in the shared temporary folder that any
        # user of the machine could put there before us.
        self._cut.FREQ, self._cut.total = self._cut.gen_pfdict(self._cut.get_dict_file())
        self._cut.initialized = True
        says: Any = bixin.Classifier()
        says.initialize()
        self._good, self._bad = says.pos_emotion, says.neg_emotion
        self._turns = says.neg_degree | self._TOO_LITTLE
        self._degrees = says.all_degrees

    def read(self, text: str) -> tuple[float, list[Phrase]]:
        """What its good words weigh less what its bad ones do, as a share of both."""
        form = normal(text, "zh")
        phrases: list[Phrase] = []
        before: list[tuple[str, int, int]] = []  # up to two words of the same clause
        for word, start, end in self._cut.tokenize(form.text):
            if not word[0].isalnum():
                before = before if word == " " else []
                continue
            turns = [one[1] for one in before if one[0] in self._turns]
            weight = self._weight(word, after=any(one[0] in self._degrees for one in before))
            if weight:
                span = form.span(turns[0] if turns else start, end)
                phrases.append(Phrase(*span, -weight if len(turns) % 2 else weight))
            before = [*before[-1:], (word, start, end)]
        weights = [phrase.weight for phrase in phrases]
        return sum(weights) / max(sum(map(abs, weights)), 1), phrases

    def _weight(self, word: str, *, after: bool) -> float:
        """Of a word with a feeling 1 or -1, twice that `after` or with an adverb (很差)."""
        ends = [end for end in range(1, len(word)) if word[:end] in self._degrees]
        for begin in (0, *reversed(ends)):
            plain = word[begin:]
            very = after or begin > 0
            good = plain in self._good or (plain == "好" and very)  # 好 alone is an adverb itself
            feeling = good - (plain in self._bad)
            if feeling:
                return self._VERY * feeling if very else float(feeling)
        return 0.0


class _Vader:
    """VADER's compound score, and what it gives each word.

    It reads the text as it stands (capitals shout), without masks, links and handles.
    """

    _NAMES = re.compile(rf"{MASKS.pattern}|{LINKS.pattern}|{HANDLES.pattern}")
    _PLAIN = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {0x2019: "'", 0x3000: " "}
    _NEAR = 3  # words before another that may turn it

    def __init__(self) -> None:
        from vaderSentiment import vaderSentiment

        class Told(vaderSentiment.SentimentIntensityAnalyzer):  # type: ignore[misc]
            """Keeps what each word was given, which polarity_scores only sums up."""

            words: list[str]
            valences: list[float]

            def _but_check(self, words: list[str], valences: list[float]) -> list[float]:
                self.words, self.valences = words, super()._but_check(words, valences)
                return self.valences

        self._says: Any = Told()
        self._negations = frozenset(vaderSentiment.NEGATE) | {"no", "least"}

    def read(self, text: str) -> tuple[float, list[Phrase]]:
        """The compound; each word with its valence by 4, and the negation that turned it."""
        text = self._NAMES.sub(lambda name: " " * len(name.group()), text)
        plain, origins = self._without_emoji(UNSURPASSED.sub(_blank, text.translate(self._PLAIN)))
        score = float(self._says.polarity_scores(plain)["compound"])
        places: list[int] = []
        end = 0
        phrases: list[Phrase] = []
        words = [word.lower() for word in self._says.words]
        for at, (word, valence) in enumerate(
            zip(self._says.words, self._says.valences, strict=True)
        ):
            places.append(plain.index(word, end))
            end = places[-1] + len(word)
            if not valence:
                continue
            first = at
            if valence * self._says.lexicon.get(words[at], valence) < 0:
                near = range(max(at - self._NEAR, 0), at)
                first = next((one for one in near if words[one] in self._negations), at)
            weight = round(max(-1.0, min(valence / 4, 1.0)), 4)
            phrases.append(Phrase(origins[places[first]], origins[end - 1] + 1, weight))
        return score, phrases

    def _without_emoji(self, text: str) -> tuple[str, list[int]]:
        """The text with its emoji in words, and the place that each character is from."""
        parts: list[str] = []
        origins: list[int] = []
        for place, sign in enumerate(text):
            told = EMOJI[sign][1] if sign in EMOJI else self._says.emojis.get(sign)
            parts.append(sign if told is None else f" {told} ")
            origins += [place] * len(parts[-1])
        return "".join(parts), origins


def _blank(found: re.Match[str]) -> str:
    return " " * len(found.group())
