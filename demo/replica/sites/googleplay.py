"""Google Play: an app's reviews by POST; fields have places instead of names.

`GooglePlaySite(sample_rows(90))` answers
- POST `/_/PlayStoreUi/data/batchexecute?hl=zh&gl=cn` with the form `f.req` holding
  `[[["UsvDTd","[null,null,[2,SORT,[COUNT,null,TOKEN],null,[]],[APP,7]]",null,"generic"]]]`:
  the prefix `)]}'`, an empty line, then frames; the `wrb.fr` frame of UsvDTd holds, as text,
  `[[review…],[null,TOKEN],null]`, on the last page `[[review…]]`.
A review is `[id,[name,…],score,null,text,[seconds,nanos],thumbs,[null,reply,[seconds,nanos]] or
null,null,null,version]`. Without a token the reviews start over: who doesn't stop loops.
"""

from __future__ import annotations

import base64
import json
import random
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from demo import texts
from demo.replica.exchange import Answer, Asked
from demo.replica.rendering import Rendering
from demo.replica.sites.rows import AUTHORS, Row, RowSite, times

PATH = "/_/PlayStoreUi/data/batchexecute"
APP = "com.example.yunwu"
CALL = "UsvDTd"
LARGEST_PAGE = 199
PREFIX = ")]}'\n\n"


@dataclass(frozen=True)
class Review(Row):
    """A review. `version` is the app's, None when Google doesn't say."""

    score: int
    thumbs: int
    version: str | None
    reply: str = ""
    replied_at: datetime | None = None


class GooglePlaySite(RowSite[Review]):
    """See the module."""

    def __init__(self, rows: Iterable[Review]) -> None:
        super().__init__(rows)

    def answer(self, asked: Asked) -> Answer | None:
        """See Site."""
        if asked.path != PATH:
            return None
        found = _request(asked.value("f.req"))
        if found is None:
            return Answer(_frames([["er", None, None, None, None, 400]]), 400, _TYPE)
        app, count, token = found
        payload = self._payload(asked.rendering, count, token) if app == APP else []
        text = json.dumps(payload, ensure_ascii=False)
        frame = ["wrb.fr", CALL, text, None, None, None, "generic"]
        return Answer(_frames([frame, ["di", 41], ["af.httprm", 41, "0", 7]]), 200, _TYPE)

    def _payload(self, draw: Rendering, count: int, token: str | None) -> Any:
        start = _place(token)
        rows = self.shown(draw)
        end = start + min(count, LARGEST_PAGE)
        shown = draw.page(rows[start:end])
        reviews = [draw.array(_review(row, draw), n) for n, row in enumerate(shown)]
        if end >= len(rows):
            return draw.tree([reviews])
        return draw.tree([reviews, [None, _token(end)], None])


_TYPE = "application/json; charset=utf-8"


def sample_rows(n: int, seed: int = 1) -> list[Review]:
    """`n` invented reviews, newest first."""
    rng = random.Random(f"googleplay:{seed}")
    return [_sample(rng, at, n - place) for place, at in enumerate(times(rng, n))]


def _sample(rng: random.Random, at: datetime, number: int) -> Review:
    score = rng.choices((1, 2, 3, 4, 5), (20, 8, 10, 20, 42))[0]
    is_answered = score <= 2 and rng.random() < 0.4
    return Review(
        key=f"5e0f{number:04x}-0000-4000-8000-{number:012x}",
        at=at,
        text=texts.app_review(rng, rng.choice(("cn", "us")), score)[1],
        author=rng.choice(AUTHORS),
        score=score,
        thumbs=rng.choice((0, 0, 1, 6)),
        version=rng.choice(("7.4.0", "7.5.2", None)),
        reply="抱歉给您带来不便，请更新到最新版。" if is_answered else "",
        replied_at=at + timedelta(hours=9) if is_answered else None,
    )


def _request(text: str) -> tuple[str, int, str | None] | None:
    """App, count and token of an f.req; None when it isn't one."""
    try:
        call, inner = json.loads(text)[0][0][:2]
        told = json.loads(inner)
        count, _, token = told[2][2]
        return (told[3][0], int(count), token) if call == CALL else None
    except (ValueError, TypeError, IndexError, KeyError):
        return None


def _frames(frames: list[list[Any]]) -> bytes:
    return (PREFIX + json.dumps(frames, ensure_ascii=False, separators=(",", ":"))).encode()


def _token(start: int) -> str:
    return "CqYB" + base64.urlsafe_b64encode(f"yunwu:{start}".encode()).decode().rstrip("=")


def _place(token: str | None) -> int:
    """Where a token goes on; a missing or unknown one means the start."""
    text = (token or "").removeprefix("CqYB")
    try:
        decoded = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)).decode()
        return int(decoded.removeprefix("yunwu:"))
    except ValueError:
        return 0


def _review(row: Review, draw: Rendering) -> list[Any]:
    seconds = draw.moment(row.at, int(row.at.timestamp()))
    replied = int(row.replied_at.timestamp()) if row.replied_at else 0
    picture = [None, 2, None, [None, None, "https://example.invalid/a.png"]]
    return [
        draw.key(row.key),
        [row.author, picture],
        row.score,
        None,
        row.text,
        None if seconds is None else [seconds, 417_000_000],
        row.thumbs,
        [None, row.reply, [replied, 0]] if row.reply else None,
        None,
        None,
        row.version,
    ]
