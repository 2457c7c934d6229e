"""Personal data stops here: keyed hashes for identifiers, masks for free text.

The key comes from the environment (VOC_PII_KEY) and from nowhere else.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

KEY_VARIABLE = "VOC_PII_KEY"
MIN_KEY_LENGTH = 16

# Order matters: the longest digit runs are tried first, so that a card is not half a phone.
_PATTERNS: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("[mail]", re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")),
    ("[id-card]", re.compile(r"(?<![0-9A-Za-z])\d{17}[\dXx](?![0-9A-Za-z])")),
    ("[bank-card]", re.compile(r"(?<!\d)\d(?:[ -]?\d){15,18}(?!\d)")),
    ("[mobile]", re.compile(r"(?<!\d)(?:\+?86[- ]?)?1[3-9]\d[- ]?\d{4}[- ]?\d{4}(?!\d)")),
    ("[phone]", re.compile(r"(?<!\d)(?:\+1[ -.]?)?\(?\d{3}\)?[ -.]\d{3}[ -.]\d{4}(?!\d)")),
)
_NEEDED = re.compile(r"[\d@]")
"""What every pattern needs: one look instead of five at texts that hold neither, as most do."""


class MissingKeyError(RuntimeError):
    """The environment holds no usable key for hashing personal data."""


def mask_text(text: str) -> tuple[str, int]:
    """The text with mails, phones, identity and bank cards replaced by their kind; how many."""
    masked = 0
    if _NEEDED.search(text) is None:
        return text, masked
    for replacement, pattern in _PATTERNS:
        text, count = pattern.subn(replacement, text)
        masked += count
    return text, masked


@dataclass
class Privacy:
    """Hashes and masks with one key, and counts the values it masked."""

    key: bytes
    masked_values: int = 0

    @classmethod
    def from_env(cls) -> Privacy:
        """Read the key from VOC_PII_KEY. Raises MissingKeyError when absent or too short."""
        key = os.environ.get(KEY_VARIABLE, "")
        if len(key) < MIN_KEY_LENGTH:
            found = "is not set" if not key else f"has only {len(key)} characters"
            raise MissingKeyError(
                f"{KEY_VARIABLE} {found}. Personal data is hashed with it before anything is "
                f"written: set it to a secret of at least {MIN_KEY_LENGTH} characters, the same "
                "one every night (another key breaks the links between nights)."
            )
        return cls(key.encode())

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
        text, count = mask_text(text)
        self.masked_values += count
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
