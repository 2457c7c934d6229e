"""An export behind an address is not sent again while it stands unchanged."""

from __future__ import annotations

import json

import pytest

pytestmark = pytest.mark.integration
DECLARATION = """
title: Tea reviews, exported nightly
access: open_api
terms: invented
base_url: https://tea.example
requests:
  export:
    path: /export.json
    format: json
    items: rows
    file: true
    conditional: true
    records: [review]
records:
  review:
    entity: review
    key: review_id
    fields: {review_id: id, body: words, created_at: {path: at, as: instant}}
cursor: {order: none, overlap_days: 0, history_days: 30}
politeness: {min_interval_seconds: 1}
facts: [invented]
"""
ROWS = [{"id": n, "words": f"第{n}杯不甜", "at": "2026-09-20T10:00:00+08:00"} for n in (1, 2)]


@pytest.fixture
def crawl(tmp_path, night):
    """A night of the tea shop declared here."""
    folder = tmp_path / "platforms" / "teashop"
    folder.mkdir(parents=True)
    (folder / "source.yml").write_text(DECLARATION, encoding="utf-8")
    return lambda **given: night(platform="teashop", declared=folder.parent, **given)


def test_an_unchanged_file_is_not_sent_again(crawl, host, answer):
    version = {"tag": '"one"', "rows": ROWS}

    def reply(seen):
        if seen.headers.get("If-None-Match") == version["tag"]:
            return answer(status=304)
        body = json.dumps({"rows": version["rows"]}, ensure_ascii=False).encode()
        return answer(body, headers={"ETag": version["tag"], "Content-Type": "application/json"})

    host.answer = reply
    first = crawl()
    assert (first.run.status, first.run.landed) == ("complete", 2)
    for number in (2, 3, 4):
        again = crawl(run_id=f"run-{number}")
        assert (again.run.status, again.run.landed) == ("complete", 0), again.run.message
        assert "unchanged" in again.run.message
    assert first.run.watermark is not None
    version |= {"tag": '"two"', "rows": [*ROWS, ROWS[0] | {"id": 3}]}
    changed = crawl(run_id="run-5")
    assert (changed.run.status, changed.run.landed) == ("complete", 3)
    assert [row["http_status"] for row in changed.outcomes if row["request"] == "export"] == [
        200,
        304,
        304,
        304,
        200,
    ]


def test_a_file_that_is_to_be_read_otherwise_is_sent_again(crawl, host, answer):
    def reply(seen):
        if "If-None-Match" in seen.headers:
            return answer(status=304)
        body = json.dumps({"rows": ROWS}, ensure_ascii=False).encode()
        return answer(body, headers={"ETag": '"one"', "Content-Type": "application/json"})

    host.answer = reply
    crawl()
    assert crawl(run_id="run-2").run.landed == 0
    assert crawl(run_id="run-3", unit_id="hq").run.landed == 2
