"""How full the fields of a night were: what drift is measured by."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from lake.landing import FieldProfile
from scrapers.spec import RecordSpec


@dataclass
class _Count:
    items: int = 0
    filled: int = 0
    length_sum: int = 0


@dataclass
class Profile:
    """Counts per entity, request and field over the items that could be read."""

    _known: dict[tuple[str, str, str], _Count] = field(default_factory=dict)
    _unknown: dict[tuple[str, str, str], _Count] = field(default_factory=dict)

    def add(
        self, entity: str, request: str, columns: Mapping[str, Any], record: RecordSpec
    ) -> None:
        """Count one item's declared columns, as they land."""
        for name in record.fields:
            column = f"{name}_hash" if name in record.hash else name
            count = self._known.setdefault((entity, request, column), _Count())
            value = columns.get(column)
            count.items += 1
            if value not in (None, ""):
                count.filled += 1
                count.length_sum += len(value) if isinstance(value, str) else 1

    def unknown(self, entity: str, request: str, name: str, filled: int, items: int) -> None:
        """Count a field that nobody declared: on how many of a page's items it stood."""
        count = self._unknown.setdefault((entity, request, name), _Count())
        count.items += items
        count.filled += filled

    def rows(self) -> Iterator[FieldProfile]:
        """One row per field: the declared ones, then the unknown."""
        for known, counts in ((True, self._known), (False, self._unknown)):
            for (entity, request, name), count in sorted(counts.items()):
                yield FieldProfile(
                    entity, request, name, known, count.items, count.filled, count.length_sum
                )

    def fill(self) -> dict[tuple[str, str, str], tuple[int, float, float | None]]:
        """(entity, request, field) -> items, the share that has it, the mean length of those."""
        return {
            key: (
                count.items,
                count.filled / count.items if count.items else 0.0,
                count.length_sum / count.filled if count.filled else None,
            )
            for key, count in self._known.items()
        }
