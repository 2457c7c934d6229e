"""The metric macros, rendered by dbt and run on DuckDB, against Python's own mathematics."""

from __future__ import annotations

import hashlib
import math
from statistics import NormalDist
from typing import Any

import duckdb
import pytest

pytestmark = pytest.mark.integration

NORMAL = NormalDist()
STEPS = [step / 64 for step in range(-64 * 9, 64 * 9 + 1)]


@pytest.fixture(scope="module")
def render(new_warehouse: Any) -> Any:
    """Render SQL that calls the project's macros."""
    warehouse = new_warehouse()

    def rendered(sql: str) -> str:
        flags = ["--vars", '{"as_of": "2026-09-30", "zone": "Asia/Shanghai"}']
        result = warehouse.project.invoke(["compile", "--inline", sql, *flags])
        assert result.success, result.exception
        return str(result.result.results[0].node.compiled_code)

    return rendered


def ask(sql: str, numbers: list[float]) -> list[Any]:
    """Run `sql` with the numbers as table `given` (place, x)."""
    with duckdb.connect() as connection:
        connection.execute("create table given (place bigint, x double)")
        connection.executemany("insert into given values (?, ?)", list(enumerate(numbers)))
        return connection.execute(sql).fetchall()


def test_the_normal_distribution_has_fourteen_digits(render: Any) -> None:
    sql = render("select x, {{ voc.normal_cdf('x') }} as p from given order by place")
    found = ask(sql, STEPS)
    assert len(found) == len(STEPS)
    for x, p in found:
        assert abs(p - NORMAL.cdf(x)) < 1e-14, x


def test_the_normal_distribution_ends_where_doubles_end(render: Any) -> None:
    sql = render("select {{ voc.normal_cdf('x') }} as p from given order by place")
    found = [p for (p,) in ask(sql, [0.0, 1e-300, 37.0, 40.0, 1e6, -37.0, -40.0, -1e6])]
    assert found[:2] == [0.5, 0.5]
    assert found[2:5] == [1.0, 1.0, 1.0]
    assert 0 <= found[5] < 1e-298
    assert found[6:] == [0.0, 0.0]


def test_two_sided_p_keeps_its_digits_in_the_tail(render: Any) -> None:
    sql = render("select x, {{ voc.two_sided_p('x') }} as p from given order by place")
    for x, p in ask(sql, [*STEPS, 12.0, 20.0, 36.0]):
        assert p == pytest.approx(math.erfc(abs(x) / math.sqrt(2)), rel=1e-8), x
        assert 0 <= p <= 1


def test_two_sided_p_of_known_quantiles(render: Any) -> None:
    """z = 1.9425717247 is 50/30/20 -> 60/30/10 of 100 each (METRICS.md): p = 0.0520679260."""
    sql = render("select {{ voc.two_sided_p('x') }} as p from given order by place")
    found = [p for (p,) in ask(sql, [0.0, 1.959963984540054, -1.9425717247145282])]
    assert found[0] == 1.0
    assert found[1] == pytest.approx(0.05, abs=1e-14)
    assert found[2] == pytest.approx(0.0520679260158, abs=1e-13)


def test_no_z_gives_no_p(render: Any) -> None:
    sql = render("select {{ voc.two_sided_p('x') }}, {{ voc.normal_cdf('x') }} from given")
    with duckdb.connect() as connection:
        connection.execute("create table given as select cast(null as double) as x")
        assert connection.execute(sql).fetchall() == [(None, None)]


def test_q_values_of_benjamini_and_hochbergs_own_example(render: Any) -> None:
    """The 15 p-values of Benjamini & Hochberg (1995), table of the thrombolysis trial: at 5 % the
    procedure rejects the first four. q by hand, from the last: p(i) 15 / i, never above the next.
    """
    p_values = [
        *(0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459),
        *(0.3240, 0.4262, 0.5719, 0.6528, 0.7590, 1.0000),
    ]
    by_hand = [
        *(0.0015, 0.003, 0.0095, 0.035625, 0.0603, 0.063857142857, 0.063857142857, 0.0645),
        *(0.0765, 0.486, 0.581181818182, 0.714875, 0.753230769231, 0.813214285714, 1.0),
    ]
    sql = render(
        "with tested as (select 'one' as part, place, x as p_value from given), "
        "corrected as ({{ voc.with_q_values('tested', ['part'], 'place') }}) "
        "select q_value from corrected order by place"
    )
    found = [q for (q,) in ask(sql, p_values)]
    assert found == pytest.approx(by_hand, abs=1e-12)
    assert sum(q <= 0.05 for q in found) == 4


def test_q_values_ignore_what_was_not_tested_and_tie_equals(render: Any) -> None:
    """Two parts; in the first 0.04 twice and an untested row: both get 0.04 x 2 / 2."""
    sql = render(
        "with tested as (select * from (values ('a', 1, 0.04e0), ('a', 2, 0.04e0), "
        "('a', 3, null), ('b', 1, 0.9e0)) as t (part, place, p_value)), "
        "corrected as ({{ voc.with_q_values('tested', ['part'], 'place') }}) "
        "select part, place, q_value from corrected order by part, place"
    )
    assert ask(sql, [0.0]) == [("a", 1, 0.04), ("a", 2, 0.04), ("a", 3, None), ("b", 1, 0.9)]


def test_nothing_is_divided_by_nothing(render: Any) -> None:
    sql = render(
        "select {{ voc.nps_value('0', '0', '0') }}, {{ voc.nps_variance('0', '0', '0') }}, "
        "{{ voc.nps_adjusted_low('0', '0', '0') }}, {{ voc.nps_adjusted_high('0', '0', '0') }}, "
        "{{ voc.rate('1', '0') }}"
    )
    assert ask(sql, [0.0]) == [(None, None, None, None, None)]


def test_the_interval_is_adjusted_and_not_plain(render: Any) -> None:
    """METRICS.md: 50, 30 and 20 give [14.051, 44.201]; the plain one would be [14.692, 45.308]."""
    sql = render(
        "select {{ voc.nps_adjusted_low('50', '20', '100') }}, "
        "{{ voc.nps_adjusted_high('50', '20', '100') }}"
    )
    [(low, high)] = ask(sql, [0.0])
    assert (low, high) == pytest.approx((14.051, 44.201), abs=5e-4)
    assert (low + high) / 2 == pytest.approx(29.126, abs=5e-4)


def test_parts_that_hold_the_separator_make_other_keys(render: Any) -> None:
    parts = [
        "('o1|p1', 'x')",
        "('o1', 'p1|x')",
        "('o1~1p1', 'x')",
        "('~null~', 'x')",
        "(null, 'x')",
    ]
    sql = render(
        "select {{ voc.hash_key(['a', 'b']) }} as k "
        f"from (values ('o1', 'p1'), {', '.join(parts)}) as given (a, b)"
    )
    with duckdb.connect() as connection:
        keys = [key for (key,) in connection.execute(sql).fetchall()]
    assert len(set(keys)) == len(parts) + 1
    assert keys[0] == hashlib.md5(b"o1|p1").hexdigest()  # noqa: S324
