"""`voc text train --labelled FILE` and `voc text models`: reading tables, messages, exit codes."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from openpyxl import Workbook

from lake.config import UsageError
from loaders.files import FileFault
from orchestration.cli import call
from orchestration.deployment import Deployment
from orchestration.text_training import Columns, of_file, of_release

ZONE = ZoneInfo("Asia/Shanghai")


def csv(folder: Path, *lines: str) -> Path:
    file = folder / "said.csv"
    file.write_text("\n".join(lines) + "\n", encoding="utf-8-sig")
    return file


@pytest.mark.parametrize(
    ("lines", "feelings"),
    [
        (("label,review", "1,好", "0,差"), [1, -1]),
        (("label,text", "1,好", "0,中", "-1,差"), [1, 0, -1]),
        (("评论,情感", "好,正面", "差,负面", "中,中性"), [1, -1, 0]),
        (("text,stars", "好,5", "差,2", "中,3"), [1, -1, 0]),
        (("text,rating", "好,1", "差,1"), [-1, -1]),
        (("comment,NPS", "好,9", "差,6", "中,8"), [1, -1, 0]),
        (("comment,score", "好,10", "差,0", "中,7"), [1, -1, 0]),
        (("comment,score", "好,5", "差,1"), [1, -1]),
    ],
)
def test_what_labels_mean(tmp_path: Path, lines: tuple[str, ...], feelings: list[int]) -> None:
    found = of_file(csv(tmp_path, *lines), Columns(), ZONE)
    assert [row.feeling for row in found.rows] == feelings
    assert not found.unusable


def test_channel_time_and_masks(tmp_path: Path) -> None:
    file = csv(
        tmp_path,
        "text,stars,channel,date",
        "打13800138000没人接,1,app,2026-09-30 08:00:00",
        "很好,5,,不知道",
        ",5,app,",
        "还行,好像四颗,app,",
    )
    found = of_file(file, Columns(), ZONE)
    first, second = found.rows
    assert (first.text, first.channel) == ("打[mobile]没人接", "app")
    assert first.said_at == datetime(2026, 9, 30)  # noqa: DTZ001 - UTC without saying so
    assert (second.channel, second.said_at) == ("said", None)
    assert found.unusable == {"without a text": 1, "without a label that is known": 1}
    assert found.made_from.startswith("said.csv (")


def test_workbooks_and_parquet_are_read_alike(tmp_path: Path) -> None:
    book = Workbook()
    for row in (("内容", "星级"), ("好", 5), ("差", 1)):
        book.active.append(row)  # type: ignore[union-attr]
    book.save(tmp_path / "said.xlsx")
    pq.write_table(pa.table({"text": ["好", "差"], "stars": [5, 1]}), tmp_path / "said.parquet")
    for name in ("said.xlsx", "said.parquet"):
        found = of_file(tmp_path / name, Columns(), ZONE)
        assert [(row.text, row.feeling) for row in found.rows] == [("好", 1), ("差", -1)]


@pytest.mark.parametrize(
    ("lines", "columns", "said"),
    [
        (("a,b", "1,2"), Columns(), "--text-column"),
        (("text,b", "1,2"), Columns(), "--label-column"),
        (("text,label", "好,1"), Columns(channel="shop"), "'shop' for the channel"),
    ],
)
def test_a_column_that_lacks_is_told(
    tmp_path: Path, lines: tuple[str, ...], columns: Columns, said: str
) -> None:
    with pytest.raises(FileFault, match=said):
        of_file(csv(tmp_path, *lines), columns, ZONE)


def test_numbers_that_may_be_anything_are_asked_about(tmp_path: Path) -> None:
    file = csv(tmp_path, "text,label", "好,80", "差,20")
    with pytest.raises(UsageError, match="--scale"):
        of_file(file, Columns(), ZONE)


def test_a_release_gives_its_rated_feedback(tmp_path: Path) -> None:
    call(["init", str(tmp_path)])
    (tmp_path / "serving").mkdir()
    with duckdb.connect(str(tmp_path / "serving" / "warehouse.duckdb")) as sql:
        sql.execute("""
            create schema core;
            create table core.fct_review as
            select * from (values ('r1', 'jd', 5.0), ('r2', 'jd', 2.0), ('r3', 'jd', null))
                as made(review_id, source, rating_of_five);
            create table core.fct_feedback as
            select md5(ref_id) as feedback_key, *, timestamp '2026-09-30 12:00:00' as said_at
            from (values
                ('review', 'jd', 'r1', 'app', '很好', null),
                ('review', 'jd', 'r2', 'app', '差', null),
                ('review', 'jd', 'r3', 'app', '没有星', null),
                ('case', 'own', 'c1', 'app', '投诉', null),
                ('survey_comment', 's', 'a1', 'web', '愿意推荐', 9),
                ('survey_comment', 's', 'a2', 'web', '还行', 8),
                ('survey_comment', 's', 'a3', 'web', '不推荐', 6),
                ('survey_comment', 's', 'a4', 'web', '十一分', 11)
            ) as made(kind, source, ref_id, channel, text, score)
        """)
    rows, made_from = of_release(Deployment(tmp_path))
    assert {(row.text, row.feeling, row.channel) for row in rows} == {
        ("很好", 1, "app"),
        ("差", -1, "app"),
        ("愿意推荐", 1, "web"),
        ("还行", 0, "web"),
        ("不推荐", -1, "web"),
    }
    assert {row.said_at for row in rows} == {datetime(2026, 9, 30, 12)}  # noqa: DTZ001
    assert made_from == "release serving"


def test_the_commands_say_what_to_do_next(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    home = str(tmp_path / "home")
    call(["init", home])
    assert call(["text", "train", "--home", home]) == 1
    assert "--labelled FILE" in capsys.readouterr().err
    few = csv(tmp_path, "text,stars", "很好吃,5", "难吃,1")
    assert call(["text", "train", "--home", home, "--labelled", str(few)]) == 1
    assert "of at least 200 pleased texts" in capsys.readouterr().out
    assert call(["text", "train", "--home", home, "--labelled", str(tmp_path / "none")]) == 1
    assert "No such file" in capsys.readouterr().err
    assert call(["text", "train", "--home", home, "--labelled", str(few), "--scale", "x"]) == 2
    assert call(["text", "models", "--home", home]) == 0
    said = capsys.readouterr().out
    assert "Chinese: zh-lexicon-bixin" in said and "No model was trained yet" in said


def test_rows_that_cannot_be_read_and_labels_that_are_not_known_are_told(tmp_path: Path) -> None:
    file = csv(tmp_path, "text,label", "好,gut", "差,schlecht", "好,gut", "好,1,x", "差,0")
    found = of_file(file, Columns(), ZONE)
    assert [row.feeling for row in found.rows] == [-1]
    assert found.unknown == {"gut": 2, "schlecht": 1}
    assert found.unusable.pop("without a label that is known") == 3
    ((reason, count),) = found.unusable.items()
    assert reason.startswith("that can't be read: ") and count == 1
    assert found.read_as == "'label': 1 pleased, 0 displeased"


@pytest.mark.parametrize(
    ("lines", "read_as"),
    [
        (("text,label", "好,2", "差,1"), "'label': 4 and 5 stars pleased, 1 and 2 displeased"),
        (("text,label", "好,1", "差,-1"), "'label': 1 pleased, -1 displeased"),
        (("text,NPS", "好,9"), "'NPS': 9 and 10 pleased, 0 to 6 displeased"),
        (
            ("text,label", "好,好评"),
            "'label': words such as positive or 好评 pleased, negative, 差评 displeased",
        ),
    ],
)
def test_how_labels_were_read_is_told(tmp_path: Path, lines: tuple[str, ...], read_as: str) -> None:
    assert of_file(csv(tmp_path, *lines), Columns(), ZONE).read_as == read_as


def test_what_answers_is_measured_on_a_labelled_file(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    # Of 40 Chinese texts the lexicon gets all right but two, which say the opposite of their
    # label; of 40 English ones all. A channel has 20 of each side.
    home = str(tmp_path / "home")
    call(["init", home])
    rows = [f"第{at}家很好吃,{0 if at < 2 else 1},店" for at in range(20)]
    rows += [f"第{at}家的菜是垃圾,0,店" for at in range(20)]
    rows += [f"shop {at} was wonderful,1,shop" for at in range(20)]
    rows += [f"shop {at} was terrible,0,shop" for at in range(20)]
    rows += ["👍,1,店", "очень вкусно,1,店"]
    file = csv(tmp_path, "text,label,channel", *rows)
    assert call(["text", "evaluate", "--home", home, "--labelled", str(file)]) == 0
    said = capsys.readouterr().out
    assert "Chinese: zh-lexicon-bixin" in said and "English: en-lexicon-vader" in said
    cells = [[one.strip() for one in line.split("│")[1:-1]] for line in said.splitlines()]
    figures = {row[0]: row[1:5] for row in cells if row}
    assert figures["店"] == ["40", "45%", "–", "0.950"]
    assert figures["shop"] == ["40", "50%", "1.000", "1.000"]
    assert "1 in another language, 1 no words" in said
    assert not (tmp_path / "home" / "lake" / "text" / "models").exists()


def test_measuring_says_what_it_lacks(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    home = str(tmp_path / "home")
    call(["init", home])
    few = csv(tmp_path, "text,label", "👍,1")
    evaluate = ["text", "evaluate", "--home", home, "--labelled"]
    assert call([*evaluate, str(few)]) == 1
    assert "no text in zh or en" in capsys.readouterr().err
    assert call([*evaluate, str(few), "--model", "zh-gone"]) == 2
    assert "zh-gone cannot be read" in capsys.readouterr().err


def test_models_that_cannot_be_read_are_listed_with_the_mend(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    home = tmp_path / "home"
    call(["init", str(home)])
    models = home / "lake" / "text" / "models"
    models.mkdir(parents=True)
    (models / "promoted.json").write_text('{"zh": "zh-gone"}')
    assert call(["text", "models", "--home", str(home)]) == 1
    said = capsys.readouterr()
    assert "zh-gone cannot be read" in said.err and "promoted.json" in said.err
    assert "Chinese: zh-lexicon-bixin" in said.out
