"""Noise: what is odd about a text, or repeated across accounts, flagged with its evidence.

A flag is an accusation: a rule that cannot be nearly sure stays silent. Nothing is ever dropped.
"""

from verbatims.noise.copies import CopyGroup, Said, copies, copy_flag
from verbatims.noise.flags import KINDS, RULE_VERSION, flags_of

__all__ = [
    "KINDS",
    "RULE_VERSION",
    "CopyGroup",
    "Said",
    "copies",
    "copy_flag",
    "flags_of",
]
