"""Personal data stops here: keyed hashes for identifiers, masks for free text."""

from lake.privacy.columns import personal_kind
from lake.privacy.key import (
    KEY_VARIABLE,
    MIN_KEY_LENGTH,
    MissingKeyError,
    Privacy,
)
from lake.privacy.masks import KINDS, mask_kinds, mask_text
from lake.privacy.names import looks_like_a_name
from lake.privacy.numbers import is_identity_card

__all__ = [
    "KEY_VARIABLE",
    "KINDS",
    "MIN_KEY_LENGTH",
    "MissingKeyError",
    "Privacy",
    "is_identity_card",
    "looks_like_a_name",
    "mask_kinds",
    "mask_text",
    "personal_kind",
]
