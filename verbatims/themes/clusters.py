"""Texts that share words, as clusters: TF-IDF of words, its main directions, k-means among them."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from verbatims.themes.words import features_of

FEWEST_TEXTS = 5
"""Distinct texts that make a theme, and that must share a word for it to count."""
_FEWEST = 20  # texts from which on clusters can mean something
_IN_TEXTS = 3
_DIRECTIONS = 50
_SEED = 5
_COHESION = 0.45  # below it a cluster holds what fits nowhere
_MOST = 40
_KEYWORDS = 20


@dataclass(frozen=True)
class Cluster:
    """Places of texts, the most central first, and the words that set them apart."""

    places: tuple[int, ...]
    keywords: tuple[tuple[str, float], ...]  # with their weight, which sum up to 1
    cohesion: float  # 0..1, mean likeness to the centre


def clusters_of(texts: list[str], language: str) -> list[Cluster]:
    """Clusters of distinct texts, the largest first; the same for the same texts in their order."""
    from sklearn.cluster import MiniBatchKMeans
    from sklearn.decomposition import TruncatedSVD
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.preprocessing import normalize

    features = [features_of(text, language) for text in texts]
    if len(texts) < _FEWEST or not _shared(features):
        return []
    vectorizer = TfidfVectorizer(analyzer=_itself, min_df=_IN_TEXTS, sublinear_tf=True)
    weights = vectorizer.fit_transform(features)
    size = min(_DIRECTIONS, weights.shape[1] - 1)
    with np.errstate(invalid="ignore"):  # a share that is not used, of texts that are all alike
        points = TruncatedSVD(size, random_state=_SEED).fit_transform(weights)
    points = normalize(points)
    placed = np.flatnonzero(np.linalg.norm(points, axis=1) > 0.5)
    groups = min(_MOST, max(2, round(0.6 * math.sqrt(len(placed)))))
    if len(placed) < max(_FEWEST, groups):
        return []
    labels = MiniBatchKMeans(groups, random_state=_SEED, n_init=5).fit_predict(points[placed])
    counted = weights.astype(bool).astype(np.float64)
    spread = np.asarray(counted.mean(axis=0)).ravel()
    names = vectorizer.get_feature_names_out()
    found = []
    for label in range(groups):
        inside = placed[labels == label]
        if len(inside) < FEWEST_TEXTS:
            continue
        fullness = np.array([1 - 0.5 ** len(set(features[place])) for place in inside])
        order, cohesion = _central_first(points[inside], fullness)
        keywords = _keywords(np.asarray(counted[inside].mean(axis=0)).ravel(), spread, names)
        if cohesion >= _COHESION and keywords:
            found.append(Cluster(tuple(inside[order].tolist()), keywords, round(cohesion, 3)))
    return sorted(found, key=lambda cluster: (-len(cluster.places), cluster.places))


def _itself(features: list[str]) -> list[str]:
    return features


def _shared(features: list[list[str]]) -> bool:
    """Whether at least two words stand in enough texts to tell texts apart."""
    counts: dict[str, int] = {}
    for text in features:
        for word in set(text):
            counts[word] = counts.get(word, 0) + 1
    return sum(count >= _IN_TEXTS for count in counts.values()) >= 3


def _central_first(
    points: NDArray[np.float64], fullness: NDArray[np.float64]
) -> tuple[NDArray[np.int64], float]:
    """Which texts are most alike the centre and say more than one word; and the mean likeness."""
    centre = points.mean(axis=0)
    length = float(np.linalg.norm(centre))
    likeness = np.round(points @ (centre / max(length, 1e-12)) * fullness, 9)
    return np.argsort(-likeness, kind="stable"), length


def _keywords(
    inside: NDArray[np.float64], spread: NDArray[np.float64], names: NDArray[np.object_]
) -> tuple[tuple[str, float], ...]:
    """Words by class TF-IDF: their share of texts inside, times how rare they are at large.

    A word of two that says no more than one of its parts, or the other way round, is left out.
    """
    scores = inside * np.log1p(inside / np.maximum(spread, 1e-12))
    chosen: dict[int, float] = {}
    for place in np.argsort(-np.round(scores, 9), kind="stable")[: 3 * _KEYWORDS]:
        if scores[place] <= 0 or len(chosen) == _KEYWORDS:
            break
        same = (
            known
            for known in chosen
            if (names[known] in names[place] or names[place] in names[known])
            and abs(inside[known] - inside[place]) < 0.2 * inside[known]
        )
        twin = next(same, None)
        if twin is None:
            chosen[int(place)] = float(scores[place])
        elif len(names[place]) > len(names[twin]):
            chosen = {int(place) if k == twin else k: score for k, score in chosen.items()}
    total = sum(chosen.values())
    return tuple((str(names[place]), round(score / total, 4)) for place, score in chosen.items())
