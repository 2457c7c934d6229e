"""Google Play's answers: `)]}'`, frames, and in the frame of one call its result as text."""

from __future__ import annotations

import json
from typing import Any

from scrapers.document import decode_text, read_json
from scrapers.parsing import PageProblemError

PREFIX = ")]}'"
CALL = "UsvDTd"
"""What Google calls the list of reviews."""


def open_body(body: bytes, content_type: str) -> dict[str, Any]:
    """{"reviews": [[…], …], "token": what the next page is asked for with, or None}.

    The token is quoted as it is written into the next request. Raises PageProblemError.
    """
    text = decode_text(body, content_type).strip()
    if not text:
        raise PageProblemError("partial", "The body is empty.", again=True)
    if text.startswith("<"):
        raise PageProblemError("blocked", "HTML came where reviews were asked for.")
    if not text.startswith(PREFIX):
        raise PageProblemError(
            "drift", f"The layout changed: the answer has no {PREFIX} before it."
        )
    result = _result(_frames(text.removeprefix(PREFIX)))
    reviews = result[0] if result else []
    if not isinstance(reviews, list | None):
        raise _changed("its first part is no list of reviews")
    return {"reviews": reviews or [], "token": _token(result)}


def _frames(text: str) -> list[Any]:
    """Every frame. A browser gets them in parts, each after a line with its length; we get one."""
    parts = [text] if text.lstrip().startswith("[") else _after_lengths(text)
    frames = [frame for part in parts for frame in read_json(part)]
    return [frame for frame in frames if isinstance(frame, list) and frame]


def _after_lengths(text: str) -> list[str]:
    return [line for line in text.splitlines() if line.startswith("[")]


def _result(frames: list[Any]) -> list[Any]:
    """What the call brought: nothing, [reviews] on the last page, or [reviews, [null, token]]."""
    frame = next((frame for frame in frames if frame[:2] == ["wrb.fr", CALL]), None)
    if frame is None:
        raise _changed(f"it has no frame of {CALL}")
    said, *rest = frame[2:] or [None]
    if not isinstance(said, str):
        code = next((part for part in rest if isinstance(part, list)), "none told")
        raise PageProblemError("error", f"Google answers with an error ({code}).", again=True)
    result = read_json(said)
    if not isinstance(result, list | None):
        raise _changed("its result is no list")
    return result or []


def _token(result: list[Any]) -> str | None:
    place = result[1] if len(result) > 1 else None
    if place is None:
        return None
    if not isinstance(place, list):
        raise _changed("its second part holds no token")
    return json.dumps(json.dumps(place[-1]))[1:-1] if place and place[-1] else None


def _changed(what: str) -> PageProblemError:
    return PageProblemError("drift", f"The layout of Google's answer changed: {what}.")
