"""Hashing and masking under one key, which comes from the environment and from nowhere else."""

from __future__ import annotations

import hashlib
import hmac
import os
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from lake.privacy.masks import mask_kinds

KEY_VARIABLE = "VOC_PII_KEY"
MIN_KEY_LENGTH = 16
_REPEATED = 100  # characters: longer texts hardly come twice
_FINGERPRINTED = b"voc-warehouse: which key a lake was written with"


class MissingKeyError(RuntimeError):
    """The environment holds no usable key for hashing personal data."""


@dataclass
class Privacy:
    """Hashes and masks with one key; `masked` is what it masked, by kind, since the last count."""

    key: bytes
    masked: Counter[str] = field(default_factory=Counter)

    @classmethod
    def from_env(cls) -> Privacy:
        """Read the key from VOC_PII_KEY. Raises MissingKeyError when absent or too short.

        White space around it counts for nothing: twenty spaces are no key.
        """
        key = os.environ.get(KEY_VARIABLE, "")
        length = len(key.strip())
        if length < MIN_KEY_LENGTH:
            found = "is not set" if not key else f"has only {length} characters"
            raise MissingKeyError(
                f"{KEY_VARIABLE} {found}. Personal data is hashed with it before anything is "
                f"written: set it to a secret of at least {MIN_KEY_LENGTH} characters, the same "
                "one every night (another key breaks the links between nights)."
            )
        return cls(key.encode())

    def take_masked(self) -> Counter[str]:
        """What was masked since this was asked last, by kind. It belongs to who asks."""
        taken, self.masked = self.masked, Counter()
        return taken

    @property
    def fingerprint(self) -> str:
        """What tells this key from another, as 8 hex characters.

        32 bits of a keyed hash: enough to notice a changed key, and nothing that the lake's own
        hashes would not tell somebody who tries keys.
        """
        return hmac.new(self.key, _FINGERPRINTED, hashlib.sha256).hexdigest()[:8]

    def hash(self, value: str | None) -> str | None:
        """HMAC-SHA256 of the trimmed, lower-cased value as 32 hex characters; None stays None."""
        if value is None or not value.strip():
            return None
        digest = hmac.new(self.key, value.strip().lower().encode(), hashlib.sha256)
        return digest.hexdigest()[:32]

    def mask(self, text: str | None) -> str | None:
        """Free text as `mask_text` leaves it; what was masked is counted."""
        if not text:
            return text
        text, kinds = _mask_again(text) if len(text) <= _REPEATED else mask_kinds(text)
        if kinds:
            self.masked.update(kinds)
        return text

    def mask_within(self, value: Any) -> Any:
        """Lists and mappings with every text in them masked; numbers stay."""
        if isinstance(value, str):
            return self.mask(value)
        if isinstance(value, Mapping):
            return {key: self.mask_within(member) for key, member in value.items()}
        if isinstance(value, list | tuple):
            return [self.mask_within(member) for member in value]
        return value


@lru_cache(maxsize=8192)
def _mask_again(text: str) -> tuple[str, Mapping[str, int]]:
    """`mask_kinds` of a short text: choices and names of shops come again and again."""
    return mask_kinds(text)
