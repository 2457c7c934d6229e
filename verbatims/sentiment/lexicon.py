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
from verbatims.slang import FEELINGS

LONGEST = 2_000
"""Characters of a text that are looked up: VADER's time grows with the square of them."""
_MOST = 3  # phrases for, and as many against


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
        return Lexicon("zh", f"zh-lexicon-bixin-{version('bixin')}", 0.2, _Bixin())
    if language == "none":
        return Lexicon("none", "emoji-lexicon-1", 0.2, _Emoji())
    return Lexicon("en", f"en-lexicon-vader-{version('vaderSentiment')}", 0.05, _Vader())


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
    """bixin's score of the normal form; its words, a negation before them included."""

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
        self._says: Any = bixin.Classifier()
        self._says.initialize()

    def read(self, text: str) -> tuple[float, list[Phrase]]:
        """bixin's share of good words less that of bad ones."""
        form = normal(text, "zh")
        said = [word for word in self._cut.tokenize(form.text) if word[0][0].isalnum()]
        phrases: list[Phrase] = []
        for place, (word, start, end) in enumerate(said):
            feeling = (word in self._says.pos_emotion) - (word in self._says.neg_emotion)
            if feeling:
                before = said[max(place - 2, 0) : place]
                turned = next((one[1] for one in before if one[0] in self._says.neg_degree), None)
                begin, stop = form.span(start if turned is None else turned, end)
                phrases.append(Phrase(begin, stop, float(feeling if turned is None else -feeling)))
        return float(self._says.predict(form.text)) if phrases else 0.0, phrases


class _Vader:
    """VADER's compound score of the text as it stands, without masks, links and handles."""

    _WORD = re.compile(r"[A-Za-z]+(?:['’-][A-Za-z]+)*")
    _NAMES = re.compile(rf"{MASKS.pattern}|{LINKS.pattern}|{HANDLES.pattern}")

    def __init__(self) -> None:
        from vaderSentiment.vaderSentiment import NEGATE, SentimentIntensityAnalyzer

        self._says: Any = SentimentIntensityAnalyzer()
        self._negations = frozenset(NEGATE)

    def read(self, text: str) -> tuple[float, list[Phrase]]:
        """VADER's compound; each of its words with its valence by 4, turned by a negation."""
        text = self._NAMES.sub(lambda name: " " * len(name.group()), text)
        words = list(self._WORD.finditer(text))
        told = [word.group().lower().replace("’", "'") for word in words]
        phrases: list[Phrase] = []
        for place, word in enumerate(told):
            valence = float(self._says.lexicon.get(word, 0.0)) / 4
            if valence:
                first = max(place - 3, 0)
                turned = [near for near in range(first, place) if told[near] in self._negations]
                start = words[turned[0] if turned else place].start()
                weight = round(-0.74 * valence if turned else valence, 4)
                phrases.append(Phrase(start, words[place].end(), weight))
        return float(self._says.polarity_scores(text)["compound"]), phrases
