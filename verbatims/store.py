"""What was found in texts, in `lake/text`: by hash of the text and version of what read it.

No text is kept here, only its hash and places in it. Rows are appended in files of one batch each,
written aside and renamed: a killed run loses the batch that it was in, and nothing else.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from filelock import FileLock

from lake.config import ConfigError
from lake.entities import DAY, FLAG, REAL, STAMP, TEXT, WHOLE
from verbatims.aspects.taxonomy import Taxonomy, read_taxonomy
from verbatims.results import Flag, Mention, Sentiment
from verbatims.sentiment.card import Card

BY_COMMAND = "score-"
"""How the ids of runs of `voc text score` begin."""
_MAGIC = b"PAR1"  # a Parquet file ends with it
_PHRASE = pa.struct([("start", pa.int32()), ("end", pa.int32()), ("weight", REAL)])
SCORES = pa.schema(
    [
        ("text_hash", TEXT),
        ("model_version", TEXT),
        ("language", TEXT),
        ("channel", TEXT),  # whose calibration was used; NULL where the text came through several
        ("score", REAL),
        ("confidence", REAL),
        ("band", TEXT),
        ("phrases", pa.list_(_PHRASE)),
        ("scored_at", STAMP),
        ("run_id", TEXT),
    ]
)
ASPECTS = pa.schema(
    [
        ("text_hash", TEXT),
        ("taxonomy_version", TEXT),
        ("aspect", TEXT),  # NULL: read, and nothing found; such a text has this one row
        ("span_start", pa.int32()),
        ("span_end", pa.int32()),
        ("polarity", pa.int32()),
        ("rule", TEXT),
        ("confidence", REAL),
        ("scored_at", STAMP),
        ("run_id", TEXT),
    ]
)
FLAGS = pa.schema(
    [
        ("text_hash", TEXT),
        ("rule_version", TEXT),
        ("flag", TEXT),  # NULL: read, and nothing found; such a text has this one row
        ("evidence", TEXT),
        ("confidence", REAL),
        ("scored_at", STAMP),
        ("run_id", TEXT),
    ]
)
COPIES = pa.schema(
    [
        ("text_hash", TEXT),
        ("rule_version", TEXT),
        ("group_id", TEXT),
        ("evidence", TEXT),
        ("confidence", REAL),
        ("as_of", DAY),
        ("scored_at", STAMP),
        ("run_id", TEXT),
    ]
)
VERSIONS = pa.schema(
    [
        ("run_id", TEXT),
        ("as_of", DAY),
        ("kind", TEXT),
        ("language", TEXT),
        ("version", TEXT),
        ("wanted", TEXT),
        ("decided_at", STAMP),
    ]
)
TAXONOMIES = pa.schema(
    [
        ("taxonomy_version", TEXT),
        ("aspect", TEXT),
        ("name_zh", TEXT),
        ("name_en", TEXT),
        ("stage", TEXT),
        ("qsc_class", TEXT),
        ("owner", TEXT),
    ]
)
CARDS = pa.schema(
    [
        ("model_version", TEXT),
        ("language", TEXT),
        ("made_from", TEXT),
        ("learned_from", TEXT),
        ("learned_to", TEXT),
        ("texts", WHOLE),
        ("auc", REAL),
        ("accuracy", REAL),
        ("brier", REAL),
        ("left_out_auc", REAL),
        ("is_promoted", FLAG),
    ]
)
THEMES = pa.schema(
    [
        ("as_of", DAY),
        ("theme_id", TEXT),  # NULL: looked, and none found; such a night has this one row
        ("language", TEXT),
        ("first_seen", DAY),
        ("keywords", TEXT),  # the best ten, for people
        ("words", pa.list_(TEXT)),
        ("weights", pa.list_(REAL)),
        ("texts", WHOLE),
        ("n_now", WHOLE),
        ("n_before", WHOLE),
        ("said_now", WHOLE),
        ("said_before", WHOLE),
        ("growth", REAL),
        ("growth_low", REAL),
        ("growth_high", REAL),
        ("p_value", REAL),
        ("q_value", REAL),
        ("cohesion", REAL),
        ("sampling_share", REAL),
        ("exemplar_1", TEXT),
        ("exemplar_2", TEXT),
        ("exemplar_3", TEXT),
        ("taxonomy_version", TEXT),
        ("rule_version", TEXT),
        ("scored_at", STAMP),
        ("run_id", TEXT),
    ]
)
"""One row per run and theme; exemplars are hashes of texts."""
TABLES = {
    "scores": SCORES,
    "aspects": ASPECTS,
    "flags": FLAGS,
    "copies": COPIES,
    "versions": VERSIONS,
    "taxonomies": TAXONOMIES,
    "cards": CARDS,
    "themes": THEMES,
}


def text_hash(text: str) -> str:
    """The key of a text, as SQL's md5 gives it."""
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()


@dataclass(frozen=True)
class TextStore:
    """The folder `lake/text`, its models aside."""

    root: Path

    def prepare(self, *, by_command: bool = False) -> list[Path]:
        """Write the typed empty files; remove, and return, what killed runs and power cuts left.

        A night and `voc text score` may go on at once, so each clears up after its own kind.
        """
        with self._alone():
            for name, schema in TABLES.items():
                folder = self.root / name / "_none"
                folder.mkdir(parents=True, exist_ok=True)
                _write(folder / "schema.parquet", schema.empty_table())
            left = [
                path
                for path in sorted(self.root.glob("*/*/*.parquet.tmp"))
                if path.name.startswith(BY_COMMAND) == by_command
            ]
            if not by_command:
                left += [path for path in sorted(self.root.glob("*/*/*.parquet")) if _is_cut(path)]
            for path in left:
                path.unlink(missing_ok=True)
        return left

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """While files are written that have one name for a night and for `voc text score`."""
        self.root.mkdir(parents=True, exist_ok=True)
        with FileLock(self.root / ".files.lock"):
            yield

    def glob(self, table: str) -> str:
        """All files of a table, for DuckDB."""
        return str(self.root / table / "*" / "*.parquet")

    def append(
        self, table: str, version: str, rows: Sequence[Mapping[str, Any]], run_id: str
    ) -> None:
        """Add one batch of results of one version."""
        if not rows:
            return
        folder = self.root / table / _folder_name(version)
        folder.mkdir(parents=True, exist_ok=True)
        numbers = [int(path.stem.rsplit("-", 1)[1]) for path in folder.glob(f"{run_id}-*.parquet")]
        name = f"{run_id}-{max(numbers, default=0) + 1:06d}.parquet"
        _write(folder / name, pa.Table.from_pylist(list(rows), schema=TABLES[table]))

    def keep_taxonomy(self, taxonomy: Taxonomy) -> None:
        """Keep a copy of a taxonomy: for tables, and to read texts by it later."""
        folder = self.root / "taxonomies" / _folder_name(taxonomy.version)
        rows = [
            {
                "taxonomy_version": taxonomy.version,
                "aspect": name,
                "name_zh": aspect.name.zh,
                "name_en": aspect.name.en,
                "stage": aspect.stage,
                "qsc_class": aspect.kind,
                "owner": aspect.owner,
            }
            for name, aspect in taxonomy.aspects.items()
        ]
        copy = json.dumps(taxonomy.model_dump(by_alias=True, mode="json"), ensure_ascii=False)
        with self._alone():
            folder.mkdir(parents=True, exist_ok=True)
            aside = folder / "taxonomy.yml.tmp"
            aside.write_text(copy + "\n", encoding="utf-8")  # JSON is YAML
            aside.replace(folder / "taxonomy.yml")
            _write(folder / "taxonomy.parquet", pa.Table.from_pylist(rows, schema=TAXONOMIES))

    def taxonomy(self, version: str) -> Taxonomy | None:
        """The kept copy of a version; None where there is none, or it reads otherwise today."""
        path = self.root / "taxonomies" / _folder_name(version) / "taxonomy.yml"
        if not path.exists():
            return None
        try:
            kept = read_taxonomy(path)
        except ConfigError:  # kept by an older release, which knew other rules for it
            return None
        return kept if kept.version == version else None

    def keep_cards(self, cards: Iterable[Card], promoted: Iterable[str]) -> None:
        """Replace the table of models by what their cards say now."""
        answering = set(promoted)
        rows = [_card_row(card, answering) for card in cards]
        folder = self.root / "cards" / "all"
        with self._alone():
            folder.mkdir(parents=True, exist_ok=True)
            _write(folder / "cards.parquet", pa.Table.from_pylist(rows, schema=CARDS))

    def decide(
        self, run_id: str, as_of: date, at: datetime, rows: Iterable[Mapping[str, Any]]
    ) -> None:
        """Note which versions a run's release names. A run that is tried again replaces its own."""
        folder = self.root / "versions" / f"dt={as_of.isoformat()}"
        folder.mkdir(parents=True, exist_ok=True)
        told = {"run_id": run_id, "as_of": as_of, "decided_at": at}
        table = pa.Table.from_pylist([dict(row) | told for row in rows], schema=VERSIONS)
        _write(folder / f"{run_id}.parquet", table)

    def named(self) -> list[dict[str, Any]]:
        """The rows of the decision that was taken last, whatever its day; [] before any."""
        rows = [
            row
            for path in self.root.glob("versions/dt=*/*.parquet")
            for row in pq.ParquetFile(path).read().to_pylist()
        ]
        last = max(((row["decided_at"], row["run_id"]) for row in rows), default=None)
        return [row for row in rows if (row["decided_at"], row["run_id"]) == last]


def score_row(key: str, channel: str | None, found: Sentiment) -> dict[str, Any]:
    """One row of `scores`."""
    return {
        "text_hash": key,
        "model_version": found.model_version,
        "language": found.language,
        "channel": channel,
        "score": found.score,
        "confidence": found.confidence,
        "band": found.band,
        "phrases": [phrase._asdict() for phrase in found.phrases],
    }


def aspect_rows(key: str, version: str, found: Sequence[Mention]) -> Iterator[dict[str, Any]]:
    """The rows of `aspects` for one text."""
    read = {"text_hash": key, "taxonomy_version": version}
    if not found:
        yield read
    for mention in found:
        yield read | {
            "aspect": mention.aspect,
            "span_start": mention.start,
            "span_end": mention.end,
            "polarity": mention.polarity,
            "rule": mention.rule,
            "confidence": mention.confidence,
        }


def flag_rows(key: str, version: str, found: Sequence[Flag]) -> Iterator[dict[str, Any]]:
    """The rows of `flags` for one text."""
    read = {"text_hash": key, "rule_version": version}
    if not found:
        yield read
    for flag in found:
        told = {"flag": flag.kind, "evidence": flag.evidence, "confidence": flag.confidence}
        yield read | told


def _card_row(card: Card, promoted: set[str]) -> dict[str, Any]:
    figures = card["held_out"]
    first, last = card["window"]
    return {
        "model_version": card["version"],
        "language": card["language"],
        "made_from": card["made_from"],
        "learned_from": first,
        "learned_to": last,
        "texts": card["texts"]["learned"],
        "auc": figures["auc"],
        "accuracy": figures["overall"]["accuracy"],
        "brier": figures["overall"]["brier"],
        "left_out_auc": card["left_out_auc"],
        "is_promoted": card["version"] in promoted,
    }


def _folder_name(version: str) -> str:
    """A version as the name of a folder: a declared one may hold anything."""
    safe = re.sub(r"[^\w.-]", "_", version)
    return safe if safe == version else f"{safe}-{text_hash(version)[:8]}"


def _is_cut(path: Path) -> bool:
    """Whether a file lacks its end, as a power cut may leave it: its texts are read again."""
    with path.open("rb") as file:
        end = file.seek(0, os.SEEK_END)
        file.seek(max(0, end - len(_MAGIC)))
        return file.read() != _MAGIC


def _write(path: Path, table: pa.Table) -> None:
    aside = path.with_name(path.name + ".tmp")
    pq.write_table(table, aside, compression="zstd")
    aside.replace(path)
