"""Scoring texts: how many a second on one core, beside the same model in scikit-learn, and memory.

Ours is the whole way of a text: its language, its normal form, the score, and the phrases that
decided it. scikit-learn is handed the normal forms, and gives the bare log odds.
`python -m bench.texts MODELS COUNT` scores so many texts in a process of its own.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from rich.console import Console
from rich.table import Table

from bench.processes import run_module
from bench.said import rated
from verbatims.sentiment.engines import engines, promote
from verbatims.sentiment.examples import choose
from verbatims.sentiment.fitting import Fitted, as_model, fit

LEARNED, SCORED, ROUNDS = 40_000, 20_000, 5
LEAST_SPEED, LEAST_RATIO = 5_000, 0.7
FEW, MANY = 20_000, 200_000
MOST_MORE_MB = 30


@dataclass(frozen=True)
class _Timed:
    """The best of some rounds: processor seconds, and seconds on the clock."""

    cpu: float
    wall: float


def measure(console: Console) -> list[str]:
    """Print speed and memory. Returns what is wrong: too slow, other scores, growing memory."""
    with TemporaryDirectory(prefix="voc-bench-") as folder:
        models = Path(folder)
        fitted = _train(models)
        return _speed(console, models, fitted) + _memory(console, models)


def _train(models: Path) -> Fitted:
    chosen = choose(rated(LEARNED), ["zh"])["zh"]
    fitted = fit(chosen.learned, "zh")
    as_model(fitted, "zh", "zh-tfidf-bench").save(models / "zh-tfidf-bench")
    promote(models, "zh", "zh-tfidf-bench")
    return fitted


def _speed(console: Console, models: Path, fitted: Fitted) -> list[str]:
    chosen = choose(rated(SCORED), ["zh"])["zh"]
    examples = [*chosen.learned, *chosen.held_out]
    texts, forms = [one.rated.text for one in examples], [one.form for one in examples]
    ours = engines(models)
    scores = [one.score or 0.0 for one in ours.score_many(texts)]
    theirs = np.tanh(fitted.decisions(forms) / 2)
    apart = float(np.abs(np.array(scores) - theirs).max())
    mine, plain = _in_turns(
        lambda: sum(1 for _ in ours.score_many(texts)), lambda: fitted.decisions(forms)
    )
    length = sum(map(len, texts)) / len(texts)
    table = Table(
        title=f"{len(texts):,} texts of {length:.0f} characters, "
        f"{len(fitted.vectorizer.vocabulary_):,} n-grams, one core"
    )
    for column in ("", "texts/s", "texts/CPU s"):
        table.add_column(column, justify="right" if column else "left")
    for name, took in (("voc-warehouse, with phrases", mine), ("scikit-learn, bare", plain)):
        table.add_row(name, f"{len(texts) / took.wall:,.0f}", f"{len(texts) / took.cpu:,.0f}")
    console.print(table)
    speed, ratio = len(texts) / mine.cpu, plain.cpu / mine.cpu
    console.print(
        f"  {ratio:.2f} x scikit-learn's speed (at least {LEAST_RATIO:g}), {speed:,.0f} texts a "
        f"second of processor time (at least {LEAST_SPEED:,}); scores differ by {apart:.1e} at most"
    )
    faults = []
    if speed < LEAST_SPEED:
        faults.append(f"{speed:,.0f} texts were scored a second.")
    if ratio < LEAST_RATIO:
        faults.append(f"Texts were scored at {ratio:.2f} x the speed of scikit-learn.")
    if apart > 1e-4:
        faults.append(f"A score is {apart:.4f} away from scikit-learn's.")
    return faults


def _memory(console: Console, models: Path) -> list[str]:
    few, many = (
        run_module("bench.texts", str(models), str(count))["peak_mb"] for count in (FEW, MANY)
    )
    more = many - few
    console.print(
        f"  peak memory: {FEW:,} texts {few:.0f} MB, {MANY:,} texts {many:.0f} MB "
        f"({more:+.0f} MB, at most {MOST_MORE_MB} MB more)"
    )
    if more > MOST_MORE_MB:
        return [f"Memory grew by {more:.0f} MB from {FEW:,} to {MANY:,} texts."]
    return []


def _in_turns(*calls: Callable[[], object]) -> list[_Timed]:
    """The best rounds of each, in turns, so that what else the machine does hits all alike."""
    rounds: list[list[_Timed]] = [[] for _ in calls]
    for _ in range(ROUNDS):
        for done, call in zip(rounds, calls, strict=True):
            cpu, wall = time.process_time(), time.perf_counter()
            call()
            done.append(_Timed(time.process_time() - cpu, time.perf_counter() - wall))
    return [_Timed(min(one.cpu for one in done), min(one.wall for one in done)) for done in rounds]


def _score(models: Path, count: int) -> dict[str, float]:
    texts = (one.text for one in rated(count))
    scored = sum(one.score is not None for one in engines(models).score_many(texts))
    return {
        "scored": scored,
        "peak_mb": peak_mb(),
    }


def peak_mb() -> float:
    """Of this process alone: what getrusage tells includes the process that started it."""
    told = Path("/proc/self/status").read_text(encoding="ascii")
    return int(told.split("VmHWM:")[1].split()[0]) / 1024


if __name__ == "__main__":
    print(json.dumps(_score(Path(sys.argv[1]), int(sys.argv[2]))))
