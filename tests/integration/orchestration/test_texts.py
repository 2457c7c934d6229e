"""Which texts are read, by which version, and what a killed run leaves; over a small warehouse."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest

from orchestration import text_reading
from orchestration.progress import Silent
from orchestration.scaffold import scaffold_file
from orchestration.text_reading import Reader, Texts
from orchestration.texts import Engineering, Understood, catch_up, understand
from verbatims.aspects.finder import AspectFinder
from verbatims.aspects.taxonomy import Taxonomy, read_taxonomy
from verbatims.noise import RULE_VERSION
from verbatims.results import Sentiment
from verbatims.store import TextStore, text_hash

pytestmark = pytest.mark.integration
DAY = date(2026, 9, 30)
NOON = datetime(2026, 10, 1, 4, tzinfo=UTC)


@dataclass
class Counting:
    """An engine that says one thing of every text, and remembers what it was given."""

    version: str
    language: str
    seen: list[tuple[str, str | None]] = field(default_factory=list)

    def score_many(
        self, texts: Iterable[str], channels: Iterable[str | None] | None = None
    ) -> Iterator[Sentiment]:
        for text, channel in zip(list(texts), list(channels or []), strict=True):
            self.seen.append((text, channel))
            yield Sentiment(0.5, 0.75, "positive", (), self.language, self.version)


@dataclass
class Small:
    """A warehouse file with texts, and its lake."""

    root: Path
    engines: dict[str, Counting]
    old: dict[str, Counting] = field(default_factory=dict)
    taxonomy: Taxonomy = field(default_factory=lambda: read_taxonomy(scaffold_file("taxonomy.yml")))
    nights: int = 0

    @property
    def store(self) -> TextStore:
        return TextStore(self.root / "lake" / "text")

    @property
    def file(self) -> Path:
        return self.root / "warehouse.duckdb"

    def say(self, *said: tuple[str, str, str]) -> None:
        """Add (text, channel, month)."""
        with duckdb.connect(str(self.file)) as connection:
            connection.execute(
                "create table if not exists said (text string, channel string, "
                "said_at timestamp, author string, unit_id string, "
                "text_hash string, language string)"
            )
            for text, channel, month in said:
                connection.execute(
                    "insert into said values (?, ?, ?, uuid(), 'unknown', null, 'xx')",
                    [text, channel, f"{month}-15"],
                )

    def understand(
        self, budget: int = 1_000, progress: Callable[[int], None] = lambda more: None
    ) -> Understood:
        self.nights += 1
        at = NOON + timedelta(days=self.nights)
        run = f"r{self.nights}"
        day = DAY + timedelta(days=self.nights)
        reader = Reader(self.store, run, lambda: at, progress)
        return understand(self.engineering, reader, self.file, "said", as_of=day, budget=budget)

    @property
    def engineering(self) -> Engineering:
        small = self

        class Given(Engineering):
            def wanted(self) -> Any:
                return dict(small.engines)

            def usable(self, named: Any) -> Any:
                return dict(small.engines), {}

            def sentiment(self, language: str, version: str) -> Any:
                return small.old.get(version)

        return Given(self.store, self.root / "models", self.taxonomy)

    def rows(self, table: str, columns: str) -> list[tuple[Any, ...]]:
        with duckdb.connect() as connection:
            return connection.execute(
                f"select {columns} from read_parquet('{self.store.glob(table)}', "
                "union_by_name = true) order by all"
            ).fetchall()

    def named(self, language: str) -> str:
        """The version that the last night's release names."""
        return next(
            row["version"]
            for row in self.store.named()
            if (row["kind"], row["language"]) == ("sentiment", language)
        )


@pytest.fixture
def small(tmp_path: Path) -> Small:
    """A warehouse without texts; engines that only count."""
    engines = {"zh": Counting("zh-1", "zh"), "en": Counting("en-1", "en")}
    found = Small(tmp_path, engines)
    found.store.prepare()
    found.say()
    return found


def test_a_text_is_read_once_however_often_it_is_said(small: Small) -> None:
    small.say(
        ("等了很久", "app", "2026-08"),
        ("等了很久", "app", "2026-09"),
        ("good", "app", "2026-09"),
        ("good", "web", "2026-09"),
    )
    done = small.understand()
    assert (done.texts, done.new, done.scored) == (2, 2, 2)
    assert small.engines["zh"].seen == [("等了很久", "app")]
    # said through two channels: the calibration of neither
    assert small.engines["en"].seen == [("good", None)]
    again = small.understand()
    assert (again.texts, again.new, again.scored) == (2, 0, 0)
    assert len(small.engines["zh"].seen + small.engines["en"].seen) == 2
    assert small.rows("scores", "text_hash, model_version, run_id") == sorted(
        [(text_hash("等了很久"), "zh-1", "r1"), (text_hash("good"), "en-1", "r1")]
    )


def test_texts_that_nothing_reads_are_told_apart_and_not_tried_again(small: Small) -> None:
    small.say(("とても良いです", "app", "2026-09"), ("12345", "app", "2026-09"))
    assert small.understand().scored == 2
    assert small.understand().scored == 0
    assert small.rows("scores", "language, model_version, score") == [
        ("none", "none", None),
        ("other", "none", None),
    ]


def test_a_killed_run_loses_one_batch_and_the_next_one_goes_on(
    small: Small, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(text_reading, "_BATCH_TEXTS", 10)
    small.say(*((f"第{number}杯很好喝", "app", "2026-09") for number in range(35)))

    batches: list[int] = []

    def kill(more: int) -> None:
        batches.append(more)
        if len(batches) == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        small.understand(progress=kill)
    half = small.store.root / "scores" / "zh-1" / "r1-000003.parquet.tmp"
    half.write_bytes(b"half a file")
    assert small.store.named() == []  # nothing is named that was not read to its end
    assert small.store.prepare() == [half]
    done = small.understand()
    assert (done.texts, done.new, done.scored) == (35, 15, 15)
    seen = [text for text, _ in small.engines["zh"].seen]
    assert len(seen) == len(set(seen)) == 35
    assert len(small.rows("scores", "text_hash")) == 35


def test_releases_name_the_old_version_until_the_new_one_has_read_all(small: Small) -> None:
    months = ("2026-06", "2026-07", "2026-08")
    small.say(*((f"{month} 第{n}杯", "app", month) for month in months for n in range(4)))
    small.understand()
    old, new = small.engines["zh"], Counting("zh-2", "zh")
    small.old, small.engines["zh"] = {"zh-1": old}, new
    small.say(("今天的新话", "app", "2026-09"))

    second = small.understand(budget=5)
    assert small.named("zh") == "zh-1"
    assert old.seen[-1] == ("今天的新话", "app")  # what is new is read by the version that is named
    # the background begins with what is newest
    assert [text[:7] for text, _ in new.seen] == ["今天的新话"] + ["2026-08"] * 4
    assert (second.new, second.scored, second.waiting) == (1, 6, 8)

    third = small.understand(budget=5)
    assert (small.named("zh"), third.waiting) == ("zh-1", 3)
    fourth = small.understand(budget=5)
    assert (small.named("zh"), fourth.scored, fourth.waiting) == ("zh-2", 3, 0)
    seen = [text for text, _ in new.seen]
    assert len(seen) == len(set(seen)) == 13
    versions = small.rows("scores", "model_version")
    assert versions.count(("zh-1",)) == versions.count(("zh-2",)) == 13


def test_a_version_that_is_gone_is_replaced_at_once(small: Small) -> None:
    small.say(*((f"第{number}杯很好喝", "app", "2026-09") for number in range(9)))
    small.understand()
    small.engines["zh"] = Counting("zh-2", "zh")
    done = small.understand(budget=5)
    assert (small.named("zh"), done.scored, done.waiting) == ("zh-2", 9, 0)


def test_the_command_reads_all_and_leaves_the_naming_to_the_night(small: Small) -> None:
    small.say(*((f"第{number}杯很好喝", "app", "2026-09") for number in range(9)))
    small.understand()
    small.old, small.engines["zh"] = dict(small.engines), Counting("zh-2", "zh")
    reader = Reader(small.store, "score-1", lambda: NOON)
    with Texts.of(small.file, "said", small.store) as texts:
        assert catch_up(small.engineering, reader, texts, Silent()).scored == 9
    assert small.named("zh") == "zh-1"
    assert small.understand(budget=0).scored == 0
    assert small.named("zh") == "zh-2"


def test_aspects_are_found_once_per_taxonomy_and_texts_without_any_are_known(small: Small) -> None:
    small.say(("配送太慢了", "app", "2026-09"), ("嗯嗯", "app", "2026-09"))
    small.understand()
    small.understand()
    version = small.taxonomy.version
    rows = small.rows("aspects", "text_hash, taxonomy_version, aspect, polarity")
    assert rows == sorted(
        [
            (text_hash("配送太慢了"), version, "delivery", -1),
            (text_hash("嗯嗯"), version, None, None),
        ]
    )
    other = small.taxonomy.model_copy(update={"declared": "2"})
    small.taxonomy = other
    small.understand(budget=1)
    assert {row[1] for row in small.rows("aspects", "text_hash, taxonomy_version")} == {
        version,
        other.version,
    }
    named = [row["version"] for row in small.store.named() if row["kind"] == "aspects"]
    assert named == [version]
    small.understand(budget=1)
    named = [row["version"] for row in small.store.named() if row["kind"] == "aspects"]
    assert named == [other.version]


def test_flags_are_raised_once_and_leave_the_text_where_it_is(small: Small) -> None:
    small.say(("加微信 abc12345 领优惠券，返现五元", "app", "2026-09"), ("好喝", "app", "2026-09"))
    small.understand()
    small.understand()
    rows = small.rows("flags", "text_hash, rule_version, flag")
    assert len(rows) == 2
    assert (text_hash("好喝"), RULE_VERSION, None) in rows
    named = {row["version"] for row in small.store.named() if row["kind"] == "flags"}
    assert named == {RULE_VERSION}


def test_copies_across_accounts_are_noted_with_the_text_that_they_copy(small: Small) -> None:
    praise = "这家店的奶茶真的太好喝了，店员热情，环境也干净，推荐大家都来试试看"
    for month in ("2026-07", "2026-08"):
        small.say((praise, "app", month), (praise + "！", "web", month), ("好喝", "app", month))
    small.understand()
    rows = small.rows("copies", "text_hash, evidence, confidence")
    assert [row[0] for row in rows] == sorted([text_hash(praise), text_hash(praise + "！")])
    assert "4 equal, 4 authors, 0 units, first 2026-07-15" in rows[0][1]
    small.understand()
    assert len(small.rows("copies", "text_hash, run_id")) == 4  # each night tells it as it stands


def test_themes_are_looked_for_in_what_no_aspect_was_found_in(small: Small) -> None:
    shops = ["东门", "西门", "南门", "北门", "侧门", "后门"]
    ends = ["财务不给报销", "打了三次招呼", "公司要用", "月底急着交", "换个人又说没有"]
    gift_cards = [f"{shop}礼品卡激活不了，{end}" for shop in shops for end in ends]
    finder = AspectFinder(small.taxonomy)
    unnamed = [text for text in gift_cards if not finder.find(text, "zh")]
    assert len(unnamed) >= 20
    small.say(*((text, "app", "2026-09") for text in unnamed))
    small.say(*((f"{text}，味道很好", "app", "2026-09") for text in unnamed))
    small.say(*((f"{text}，兼职日结加我微信[chat-id]", "app", "2026-09") for text in unnamed))
    small.understand()
    found = small.rows("themes", "as_of, first_seen, language, n_now, n_before, said_now")
    assert found
    assert {row[:3] for row in found} == {(DAY + timedelta(1), DAY + timedelta(1), "zh")}
    assert {row[4:] for row in found} == {(0, 3 * len(unnamed))}
    assert sum(row[3] for row in found) <= len(unnamed)  # neither with an aspect nor advertised
    before = set(small.rows("themes", "theme_id, exemplar_1"))
    small.understand()
    after = small.rows("themes", "theme_id, as_of, first_seen")
    assert {theme for theme, _ in before} == {theme for theme, *_ in after}
    assert {first for *_, first in after} == {DAY + timedelta(1)}


def test_a_night_that_is_run_again_and_finds_no_theme_says_so(small: Small) -> None:
    small.say(("好喝", "app", "2026-09"))
    small.understand()
    row = (None, None, DAY + timedelta(1), "r1")
    assert small.rows("themes", "theme_id, first_seen, as_of, run_id") == [row]
    small.understand()  # no theme is none that could be known
    assert len(small.rows("themes", "as_of")) == 2
