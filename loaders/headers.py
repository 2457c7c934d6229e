"""Finding the columns that a config names in the headers that a file has."""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence

from lake.privacy import mask_text
from loaders.config import did_you_mean
from loaders.files import FileFault
from loaders.texts import WITHOUT_UNSEEN

SHOWN = 40


def folded(name: str) -> str:
    """A header for comparing: width, case, white space and marks without room don't count."""
    seen = name if name.isascii() else name.translate(WITHOUT_UNSEEN)
    return " ".join(unicodedata.normalize("NFKC", seen).split()).casefold()


def unique(names: Iterable[str]) -> list[str]:
    """The names, later ones of the same name numbered: Q1, Q1__2, Q1__3; never the same twice."""
    given = list(names)
    taken = set(given)
    seen: Counter[str] = Counter()
    result = []
    for name in given:
        seen[name] += 1
        wanted, number = name, seen[name]
        if number > 1:
            wanted = f"{name}__{number}"
            while wanted in taken:
                number += 1
                wanted = f"{name}__{number}"
            seen[name] = number
            taken.add(wanted)
        result.append(wanted)
    return result


def missing(wanted: str, plays: str, headers: Sequence[str]) -> FileFault:
    """The fault of a file without a column that it must have."""
    hint = did_you_mean(wanted, headers)
    hint = f" {hint}" if hint else ""
    return FileFault(
        f"it has no column {wanted!r} ({plays}).{hint} Its columns: {listing(headers)}. "
        "Mend the file, or the mapping in the config."
    )


def listing(headers: Sequence[str]) -> str:
    """The headers for a message, cut when there are many."""
    # Masked first, as a cut could hide half a number from the mask.
    plain = [mask_text(" ".join(h.split()))[0] for h in headers[:SHOWN]]
    shown = ", ".join(h[:60] or "(blank)" for h in plain)
    return shown + (f", … {len(headers) - SHOWN} more" if len(headers) > SHOWN else "")
