"""Real life's dirt: scores that are none, personal data in free text, rows no reader can read.

Every dirty row of a file carries the name of its dirt; FATES says where it has to end up.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

from demo.surveys import DELIVERY_NPS, STORE_NPS
from demo.world import Case, Landmarks, Response

Cell = str | int | float | datetime | None
Fate = Literal["quarantined", "duplicate", "superseded", "landed"]

FATES: dict[str, Fate] = {
    "wrong_field_count": "quarantined",
    "bad_timestamp": "quarantined",
    "bad_number": "quarantined",
    "missing_required": "quarantined",
    "future_timestamp": "quarantined",
    "exact_copy": "duplicate",
    "replaced_later": "superseded",
    "unknown_customer": "landed",
    "unmapped_channel": "landed",
    "unknown_touchpoint": "landed",
    "after_cutoff": "landed",
}
"""Where a row with this dirt ends: the same words as the warehouse's reconciliation.

`replaced_later` marks the earlier of two rows with one key; `landed` is odd but a fact.
"""


@dataclass(frozen=True)
class Row:
    """One data row of a file; `dirt` is a key of FATES, or empty for a clean row."""

    cells: tuple[Cell, ...]
    dirt: str = ""


def insert(rng: random.Random, rows: list[Row], dirty: Row, start: float = 0.1) -> None:
    """Put a dirty row somewhere between the fraction `start` of the file and its end."""
    rows.insert(rng.randint(int(len(rows) * start), len(rows)), dirty)


def changed(row: Row, dirt: str, values: dict[int, Cell]) -> Row:
    """A copy of `row` with some cells replaced, marked as `dirt`."""
    cells = list(row.cells)
    for index, value in values.items():
        cells[index] = value
    return Row(tuple(cells), dirt)


_BAD_SCORES = {
    STORE_NPS: ("11", "11", "7.5", "7.5", "十分", "十分", "", "", "", "", ""),
    DELIVERY_NPS: ("11", "7.5", "十分", "", ""),
}


def spoil_scores(
    rng: random.Random, responses: list[Response], landmarks: Landmarks
) -> list[Response]:
    """Some complete answers get a score that is none: 11, 7.5, 十分 or nothing.

    Only customers with a single answer to that survey, so that "the latest answer" stays clear.
    """
    times = Counter((a.survey_id, a.customer_id) for a in responses)
    kept = {*landmarks.induced_responses, *landmarks.twice_responses}
    fit: dict[str, list[int]] = {STORE_NPS: [], DELIVERY_NPS: []}
    for n, answer in enumerate(responses):
        once = answer.customer_id and times[answer.survey_id, answer.customer_id] == 1
        if once and answer.is_complete and answer.response_id not in kept:
            fit[answer.survey_id].append(n)
    spoiled = list(responses)
    for survey, scores in _BAD_SCORES.items():
        for n, score in zip(rng.sample(fit[survey], len(scores)), scores, strict=True):
            spoiled[n] = replace(spoiled[n], nps=score)
    return spoiled


def leak_personal_data(
    rng: random.Random, responses: list[Response], cases: list[Case], landmarks: Landmarks
) -> tuple[list[Response], list[Case], Landmarks]:
    """Some people leave their phone or mail in the free text: it must never reach the lake."""
    leaks: list[str] = []

    def leak(text: str, language: str) -> str:
        mobile = f"198{rng.randrange(10**8):08d}"
        mail = f"call.me.{rng.randrange(10**5)}@example.org"
        form = rng.choice(
            ("联系我：{mobile}", "我的电话 {mobile}，请回电", "邮箱 {mail}")
            if language == "zh"
            else (" Call me at +86 {mobile}.", " Write to {mail}.")
        )
        leaks.append(mobile if "{mobile}" in form else mail)
        return text + form.format(mobile=mobile, mail=mail)

    said = [n for n, answer in enumerate(responses) if answer.comment and answer.is_complete]
    answers = list(responses)
    for n in rng.sample(said, 14):
        answers[n] = replace(answers[n], comment=leak(answers[n].comment, answers[n].language))
    texts = list(cases)
    for n in rng.sample(range(len(cases)), 12):
        language = "zh" if any(ord(letter) > 0x2E80 for letter in texts[n].text) else "en"
        texts[n] = replace(texts[n], text=leak(texts[n].text, language))
    return answers, texts, replace(landmarks, personal_data=tuple(leaks))


def first_clean(rng: random.Random, rows: Sequence[Row], number: int) -> list[int]:
    """The places of `number` clean rows, chosen by chance, in the order of the file."""
    clean = [n for n, row in enumerate(rows) if not row.dirt]
    return sorted(rng.sample(clean, number))
