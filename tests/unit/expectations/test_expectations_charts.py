"""The charts' geometry: where a number ends up, and what is left out."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from expectations.charts import backlog_chart, nps_chart, signed

AS_OF = date(2026, 9, 30)


def _month(number: int, nps: float | None, **more: Any) -> dict[str, Any]:
    half = {"nps_low": None, "nps_high": None} if nps is None else {}
    spread = {} if nps is None else {"nps_low": nps - 10, "nps_high": nps + 10}
    return {
        "period_start": date(2026, number, 1),
        "nps": nps,
        "nps_clean": None,
        "responses": 100,
        "low_n": False,
        **half,
        **spread,
        **more,
    }


def _day(back: int, bucket: str, order: int, cases: int) -> dict[str, Any]:
    day = AS_OF - timedelta(days=back)
    return {"date_day": day, "age_bucket": bucket, "age_order": order, "open_cases": cases}


@pytest.mark.parametrize(
    ("value", "text"), [(37.6, "38"), (-5.5, "−6"), (0.4, "0"), (-0.4, "0"), (100.0, "100")]
)
def test_scores_are_said_with_a_real_minus(value: float, text: str) -> None:
    assert signed(value) == text


def test_higher_scores_stand_higher_and_the_interval_spans_them() -> None:
    chart = nps_chart([_month(8, 10.0), _month(9, 30.0)])
    assert chart is not None
    first, second = chart.points
    assert first.y is not None
    assert second.y is not None
    assert second.y < first.y
    assert second.y_high is not None
    assert second.y_low is not None
    assert second.y_high < second.y < second.y_low
    assert chart.frame.top <= second.y_high
    assert first.y_low is not None
    assert first.y_low <= chart.frame.y_end
    assert first.title == "August 2026: NPS 10, 95 % interval 0 to 20; 100 responses"
    assert [p.label for p in chart.points] == ["Aug 2026", "Sep"]


def test_a_hidden_month_has_no_place_and_breaks_the_line() -> None:
    chart = nps_chart([_month(6, 1.0), _month(7, None, responses=3), _month(8, 2.0)])
    assert chart is not None
    hidden = chart.points[1]
    assert (hidden.y, hidden.y_low, hidden.text) == (None, None, "")
    assert hidden.title == "July 2026: hidden: fewer than 5 responses; 3 responses"
    assert chart.line.count("M") == 2
    assert "L" not in chart.line


def test_no_month_shown_gives_no_chart() -> None:
    assert nps_chart([_month(7, None)]) is None
    assert nps_chart([]) is None


@pytest.mark.parametrize("nps", [-100.0, 0.0, 100.0])
def test_the_scale_stays_inside_what_nps_can_be(nps: float) -> None:
    month = _month(9, nps, nps_low=max(nps - 10, -100), nps_high=min(nps + 10, 100))
    chart = nps_chart([month])
    assert chart is not None
    assert all(-100 <= int(tick.text.replace("−", "-")) <= 100 for tick in chart.ticks)
    assert len({tick.at for tick in chart.ticks}) == len(chart.ticks) >= 2


def test_the_zero_line_is_drawn_only_between_signs() -> None:
    below, above = nps_chart([_month(9, 0.0)]), nps_chart([_month(9, 50.0)])
    assert below is not None
    assert below.zero is not None
    assert above is not None
    assert above.zero is None


def test_the_backlog_stacks_by_age_and_sums_at_the_end() -> None:
    rows = [_day(1, "31d+", 6, 4), _day(1, "0-1d", 1, 2), _day(0, "0-1d", 1, 5)]
    chart = backlog_chart(rows, AS_OF)
    assert chart is not None
    assert [area.name for area in chart.areas] == ["0-1d", "31d+"]
    assert [area.latest for area in chart.areas] == [5, 0]
    assert (chart.total, chart.peak, chart.peak_day) == (5, 6, AS_OF - timedelta(days=1))
    assert (chart.days, chart.y_ticks[0].text, chart.y_ticks[-1].text) == (2, "0", "6")


def test_a_day_without_rows_is_a_day_without_open_cases() -> None:
    chart = backlog_chart([_day(2, "0-1d", 1, 3), _day(0, "0-1d", 1, 3)], AS_OF)
    assert chart is not None
    bottom = f"{chart.frame.y_end:g}"
    middle = chart.areas[0].path.removeprefix("M").split(" L")[1]
    assert middle.split()[1] == bottom


def test_only_the_last_days_are_drawn() -> None:
    chart = backlog_chart([_day(i, "0-1d", 1, i) for i in range(400)], AS_OF, days=30)
    assert chart is not None
    assert (chart.days, chart.peak) == (30, 29)


def test_one_day_fills_the_width() -> None:
    chart = backlog_chart([_day(0, "0-1d", 1, 3)], AS_OF)
    assert chart is not None
    assert f"M{chart.frame.left:g} " in chart.areas[0].path
    assert f" L{chart.frame.x_end:g} " in chart.areas[0].path


def test_no_open_case_gives_no_chart() -> None:
    assert backlog_chart([], AS_OF) is None
    assert backlog_chart([_day(3, "0-1d", 1, 0)], AS_OF) is None
