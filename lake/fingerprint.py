"""Which key a lake was written with, so that another one is noticed before anything is written."""

from __future__ import annotations

import os
from pathlib import Path

from lake.config import UsageError
from lake.entities import SCHEMA_SOURCE
from lake.privacy import KEY_VARIABLE, Privacy

NAME = ".key-fingerprint"


class ChangedKeyError(UsageError):
    """The key is not the one that the lake was written with; the message says what to do."""


def check_key(lake: Path, privacy: Privacy) -> None:
    """Raise ChangedKeyError where the lake was written with another key. Writes nothing.

    Raises UsageError where it was written before keys were noted: records had other keys then.
    """
    known = _known(lake)
    if known is None and _has_records(lake):
        raise UsageError(
            f"{lake} was written by an earlier version, whose record keys were made another way: "
            "what lands again would stand twice. Nothing was written. Move it aside (mv lake "
            "lake.before) and run the night again with --accept-drift: it reads landing/ anew "
            "(CHANGELOG.md)."
        )
    if known is not None and known != privacy.fingerprint:
        raise ChangedKeyError(
            f"{KEY_VARIABLE} is not the key that {lake} was written with (its fingerprint is "
            f"{known}, that of this key {privacy.fingerprint}): with another key the same people "
            "would no longer meet. Nothing was written. Set the old key again; or, to change it "
            "for good, `voc rotate-key` (docs/privacy.md)."
        )


def keep_key(lake: Path, privacy: Privacy) -> None:
    """Note the key of a lake at its first landing. Raises ChangedKeyError for another one."""
    check_key(lake, privacy)
    if _known(lake) is None:
        lake.mkdir(parents=True, exist_ok=True)
        aside = lake / f"{NAME}.{os.getpid()}"
        aside.write_text(f"{privacy.fingerprint}\n", encoding="ascii")
        aside.replace(lake / NAME)


def _has_records(lake: Path) -> bool:
    """Whether a source landed anything: there are empty files from the beginning."""
    nights = (lake / "records").glob("source=*")
    return any(night.name != f"source={SCHEMA_SOURCE}" for night in nights)


def _known(lake: Path) -> str | None:
    try:
        return (lake / NAME).read_text(encoding="ascii").strip() or None
    except FileNotFoundError:
        return None
