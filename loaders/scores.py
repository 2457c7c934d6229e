"""Labels of a scale that stand for numbers: as declared in surveys.yml, never guessed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from loaders.amounts import plain_number
from loaders.headers import folded
from loaders.texts import shown, tidy

_KEPT = 1_000
_NAMED = 5


class Scale:
    """The declared numbers of one role's labels; counts the answers that have none.

    `labels` are the codes' meanings, where a format has codes: a code is known by either.
    """

    def __init__(self, role: str, declared: Mapping[str, float]) -> None:
        self._role = role
        self._numbers = {folded(label): _written(number) for label, number in declared.items()}
        self._without: Counter[str] = Counter()

    def written(self, given: str, label: str | None = None) -> str:
        """The number that was declared for an answer, as text; without one, the answer as given."""
        for words in (label, given) if self._numbers else ():
            number = self._numbers.get(folded(words)) if words else None
            if number is not None:
                return number
        return given

    def number(self, given: str, label: str | None = None) -> float | None:
        """The number of an answer; None, and counted, where it is neither declared nor one."""
        found = plain_number(tidy(self.written(given, label)))
        if found is None and given.strip():
            words = shown(label or given.strip())
            if words in self._without or len(self._without) < _KEPT:
                self._without[words] += 1
        return found

    def note(self) -> str | None:
        """What a person should know of the labels without a number; None if there are none."""
        if not self._without:
            return None
        named = ", ".join(f"{words} ({n})" for words, n in self._without.most_common(_NAMED))
        more = len(self._without) - _NAMED
        return (
            f"answers without a score ({self._role}): {named}"
            + (f" and {more} other labels" if more > 0 else "")
            + f"; give their numbers in scores: {self._role} if they have one"
        )


def _written(number: float) -> str:
    return str(int(number)) if float(number).is_integer() else repr(float(number))
