"""What makes a run of digits somebody's: an identity card's check digit, a bank card's, an area."""

from __future__ import annotations

from datetime import date

from stdnum import luhn
from stdnum.cn import ric

_PROVINCES = frozenset(
    {
        *("11", "12", "13", "14", "15", "21", "22", "23", "31", "32", "33", "34", "35", "36"),
        *("37", "41", "42", "43", "44", "45", "46", "50", "51", "52", "53", "54", "61", "62"),
        *("63", "64", "65", "71", "81", "82", "83"),
    }
)
_CARD_LENGTHS = range(13, 20)


def is_identity_card(number: str) -> bool:
    """Whether 18 characters are a Chinese identity card's, by its check digit, or 15 an old one's.

    The area is judged by its province alone: counties come and go, and cards stay.
    """
    if number[:2] not in _PROVINCES:
        return False
    if len(number) == 15:
        return _is_day(f"19{number[6:8]}", number[8:10], number[10:12])
    return (
        len(number) == 18
        and _is_day(number[6:10], number[10:12], number[12:14])
        and 1880 <= int(number[6:10]) <= 2100
        and ric.calc_check_digit(number) == number[-1].upper()
    )


def is_bank_card(digits: str) -> bool:
    """Whether digits are a payment card's: its length, an issuer's first digit, the Luhn digit.

    Cards begin with 3 to 6, with 9 (older Chinese ones), or with 22 to 27; ids made of a date or
    of a mobile number begin otherwise. One digit over and over (666…) is an exclamation.
    """
    issuer = digits[0] in "34569" or (digits[:2] in _NEW_ISSUERS and len(digits) == 16)
    return (
        issuer and len(digits) in _CARD_LENGTHS and len(set(digits)) > 1 and luhn.is_valid(digits)
    )


_NEW_ISSUERS = frozenset({"22", "23", "24", "25", "26", "27"})


def is_ip(numbers: str) -> bool:
    """Whether four numbers with points between them are an IP address, each below 256."""
    return all(int(part) < 256 for part in numbers.split("."))


def _is_day(year: str, month: str, day: str) -> bool:
    try:
        date(int(year), int(month), int(day))
    except ValueError:
        return False
    return True
