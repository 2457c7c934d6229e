"""Personal data stops here: keyed hashes for identifiers, masks for free text."""

from lake.privacy.key import (
    KEY_VARIABLE,
    MIN_KEY_LENGTH,
    MissingKeyError,
    Privacy,
)
from lake.privacy.masks import KINDS, mask_kinds, mask_text

__all__ = [
    "KEY_VARIABLE",
    "KINDS",
    "MIN_KEY_LENGTH",
    "MissingKeyError",
    "Privacy",
    "mask_kinds",
    "mask_text",
]
