"""Ids, phones and mails: which tell who somebody is, and what lands in their place.

What is written where nothing was known (无, 000, none@none.com) tells nobody, whoever shares it.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable

from lake.privacy import Privacy, is_identity_card, mask_kinds, mask_text
from loaders.texts import identifier, words

_TELLING = re.compile(r"@|^[\d\s()+-]{11,}[Xx]?$")
_MOBILE = re.compile(r"1[3-9]\d{9}")
NOBODYS = (
    "[1-9][0-9]{0,9}|0[0-9]{0,8}"
    "|[A-PR-UX-Za-pr-ux-z][A-Za-z]?[-_]?([1-9][0-9]{0,9}|0[0-9]{0,8})"
    "|[A-PR-UX-Za-pr-ux-z][A-Za-z]{2,15}[-_]?[0-9]{1,6}"
)
"""Ids in which nothing can be masked: too short for a phone, not begun as the ids of chats are."""
_NOBODY = re.compile(NOBODYS)
THINGS = "[A-Za-z]+[-_]?([0-9][A-Za-z0-9_-]{0,9}|20[0-9]{6,40}([-_][0-9]{1,6})?)|[0-9]{1,10}"
"""Ids of things in which nobody's number can be: too few digits, or they begin with a day."""
_THING = re.compile(THINGS)
_OF_SOMEBODY = frozenset({"mail", "id-card", "mobile", "plate", "name"})
_LATIN = re.compile("[A-Za-z]")

MAILS = r"[A-Za-z0-9._%+-]+@([A-Za-z0-9-]+\.)+[A-Za-z]{2,24}"
"""Mails as most are; others may be mails as well."""
_MAIL = re.compile(r"[^\s@]@[^\s@]{1,255}\.[^\s@.]{2}")
_LONGEST_MAIL = 320  # characters, by RFC 5321
NO_ONES = (
    *("none", "no", "na", "n/a", "n.a", "null", "nil", "unknown", "nobody", "anonymous"),
    *("noemail", "no-email", "no_email", "nomail", "no-mail", "noreply", "no-reply", "donotreply"),
)
"""What stands before the @ of mails that are made up where a form wants one."""
_FEWEST_DIGITS = 7  # of a phone: a subscriber's number without its area
_SUBSCRIBER = 8  # digits at the end, of which a made-up number has one over and over
_COUNTED = "01234567890123456789"

OF_PEOPLE = frozenset(
    {"customer_id", "other_id", "response_id", "invitation_id", "employee_id", "actor"}
)
"""Ids that people may have been given by what tells who they are."""


def keeper(name: str) -> Callable[[str | None, Privacy], str | None]:
    """How the ids of our column `name` are kept."""
    return person_id if name in OF_PEOPLE else thing_id


def person_id(value: str | None, privacy: Privacy) -> str | None:
    """An id of a person: its keyed hash where it holds anything that free text would be masked for.

    The same everywhere, so that such ids still meet across files.
    """
    kept = thing_id(value, privacy)
    if value is None or kept != value or _NOBODY.fullmatch(value):
        return kept
    return privacy.hash(value) if mask_text(value)[1] else value


def thing_id(value: str | None, privacy: Privacy) -> str | None:
    """An id of anything; a mail address, a mobile number or an identity card in its place becomes
    its keyed hash, the same as in place of a person's id.

    An id with one of them, a plate or a name with a title in it becomes the hash of the whole; so
    does one with a landline, if it has no Latin letters: SO0755266012 is a number of an order.
    """
    if value is None or _THING.fullmatch(value):
        return value
    if "@" in value:
        return privacy.hash(value)
    if _TELLING.search(value):
        card = value.replace(" ", "").replace("-", "").upper()
        if is_identity_card(card):
            return privacy.hash(card)
        number = phone_number(value)
        if _MOBILE.fullmatch(number):
            return privacy.hash(number)
    kinds = mask_kinds(value)[1].keys()
    is_phone = "phone" in kinds and not value.isdecimal() and not _LATIN.search(value)
    return privacy.hash(value) if is_phone or kinds & _OF_SOMEBODY else value


def hashed_phone(text: str, privacy: Privacy) -> str | None:
    """The keyed hash of a phone number; None for one that is nobody's.

    That is a blank, one hidden in part (138****8000 is many people's), and what is written where
    none is known: fewer than seven digits, one digit eight times at the end (13800000000), or
    digits in their order (12345678901).
    """
    if "*" in text:
        return None
    number = phone_number(identifier(text) or "")
    return None if _is_made_up(number) else privacy.hash(number)


def hashed_email(text: str, privacy: Privacy) -> str | None:
    """The keyed hash of a mail address; None for one that is nobody's.

    That is a blank, one hidden in part, what has not the form of a mail (无, 123456, @), and one of
    nobody's name (none@none.com, xxx@xxx.com).
    """
    mail = words(text)
    if mail is None or "*" in mail or len(mail) > _LONGEST_MAIL or not _MAIL.search(mail):
        return None
    name = mail.partition("@")[0].strip().lower()
    is_made_up = name in NO_ONES or (len(name) > 1 and len(set(name)) == 1)
    return None if is_made_up else privacy.hash(mail)


def _is_made_up(number: str) -> bool:
    if len(number) < _FEWEST_DIGITS:
        return True
    is_one_digit = len(set(number[-_SUBSCRIBER:])) == 1
    return is_one_digit or number in _COUNTED or number in _COUNTED[::-1]


def hashed(value: str, privacy: Privacy) -> str | None:
    """The keyed hash of a declared column's cell: of a phone, of its digits, so that it meets the
    same number elsewhere."""
    number = phone_number(value)
    return privacy.hash(number if _MOBILE.fullmatch(number) else value)


def phone_number(value: str) -> str:
    """The digits of a phone number, without spaces, signs and China's country code."""
    digits = "".join(c for c in unicodedata.normalize("NFKC", value) if c.isdigit())
    for code in ("0086", "86"):
        if digits.startswith(code) and len(digits) == len(code) + 11:
            return digits[len(code) :]
    return digits
