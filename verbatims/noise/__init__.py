"""Noise: what is odd about a text or repeated across accounts. Flagged with evidence, never dropped.

A flag is an accusation, so a rule that can't be nearly sure stays silent.
"""

from verbatims.noise.copies import CopyGroup, Said, copies, copy_flag
from verbatims.noise.flags import KINDS, RULE_VERSION, flags_of

__all__ = ["KINDS", "RULE_VERSION", "CopyGroup", "Said", "copies", "copy_flag", "flags_of"]
