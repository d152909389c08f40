"""How two periods lie to each other in SQL: the thirteen relations of Allen (1983), and what analysts ask."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

import duckdb
import pytest
from hypothesis import given, strategies as st

from events import ExclusivityDeal, ExclusivityEnd, ProjectPostponed
from timeline import Timeline
from timeline.compile import statement

NAMES: Final = {
    "p": "precedes",
    "m": "meets",
    "o": "overlaps",
    "F": "finished_by",
    "D": "contains",
    "s": "starts",
    "e": "equals",
    "S": "started_by",
    "d": "during",
    "f": "finishes",
    "O": "overlapped_by",
    "M": "met_by",
    "P": "preceded_by",
}
"""The thirteen by a letter each; the converse of one has the other case, or the letter again."""

FULL: Final = "pmoFDseSdfOMP"
COMPOSED: Final = """
p p p p p p p p pmosd pmosd pmosd pmosd pmoFDseSdfOMP
p p p p p m m m osd osd osd Fef DSOMP
p p pmo pmo pmoFD o o oFD osd osd oFDseSdfO DSO DSOMP
p m o F D o F D osd Fef DSO DSO DSOMP
pmoFD oFD oFD D D oFD D D oFDseSdfO DSO DSO DSO DSOMP
p p pmo pmo pmoFD s s seS d d dfO M P
p m o F D s e S d f O M P
pmoFD oFD oFD D D seS S S dfO O O M P
p p pmosd pmosd pmoFDseSdfOMP d d dfOMP d d dfOMP P P
p m osd Fef DSOMP d f OMP d f OMP P P
pmoFD oFD oFDseSdfO DSO DSOMP dfO O OMP dfO O OMP P P
pmoFD seS dfO M P dfO M P dfO M P P P
pmoFDseSdfOMP dfOMP dfOMP P P dfOMP P P dfOMP P P P P
"""
"""Which relations A may have to C where A has that of the row to B, and B that of the column to C."""

TABLE: Final = {
    (row, column): set(cell)
    for row, line in zip(FULL, COMPOSED.split("\n")[1:-1], strict=True)
    for column, cell in zip(FULL, line.split(), strict=True)
}
COMMON: Final = "oFDseSdfO"

Period = tuple[Any, Any]
DAY: Final = datetime(2020, 1, 1)  # noqa: DTZ001
FOREVER: Final = "infinity"
_GIVEN: Final = "$1::TIMESTAMP, $2::TIMESTAMP, $3::TIMESTAMP, $4::TIMESTAMP"


@pytest.fixture(scope="module")
def sql() -> Iterator[duckdb.DuckDBPyConnection]:
    """A database with the macros and nothing else."""
    with duckdb.connect() as connection:
        connection.execute(statement("periods", "macros"))
        yield connection


def _relations(sql: duckdb.DuckDBPyConnection, one: Period, other: Period) -> str:
    """The letters of all relations that hold."""
    tests = ", ".join(f"{name}({_GIVEN})" for name in NAMES.values())
    row = sql.execute(f"SELECT {tests}", [*one, *other]).fetchall()[0]
    return "".join(letter for letter, holds in zip(NAMES, row, strict=True) if holds)


def _intersects(sql: duckdb.DuckDBPyConnection, one: Period, other: Period) -> Any:
    return sql.execute(f"SELECT intersects({_GIVEN})", [*one, *other]).fetchall()[0][0]


def _within(sql: duckdb.DuckDBPyConnection, instant: datetime, period: Period) -> Any:
    asked = "SELECT within($1, $2::TIMESTAMP, $3::TIMESTAMP)"
    return sql.execute(asked, [instant, *period]).fetchall()[0][0]


@st.composite
def _periods(draw: st.DrawFn) -> Period:
    """A proper period: of days near each other, or of any instants; perhaps open, by NULL or infinity."""
    instants = st.integers(0, 5).map(lambda n: DAY + timedelta(days=n)) | st.datetimes(
        DAY, DAY + timedelta(days=6)
    )
    start, end = sorted(draw(st.lists(instants, min_size=2, max_size=2, unique=True)))
    return start, draw(st.sampled_from([end] * 4 + [None, FOREVER]))


@given(_periods(), _periods())
def test_any_two_periods_lie_in_exactly_one_of_thirteen_ways(
    sql: duckdb.DuckDBPyConnection, one: Period, other: Period
) -> None:
    """And the other way round in the converse one; nine of the thirteen share an instant."""
    here, back = _relations(sql, one, other), _relations(sql, other, one)
    assert len(here) == 1
    assert back == (here if here == "e" else here.swapcase())
    assert _intersects(sql, one, other) is (here in COMMON)


@given(_periods(), _periods(), _periods())
def test_relations_compose_as_allen_has_it(
    sql: duckdb.DuckDBPyConnection, one: Period, other: Period, third: Period
) -> None:
    """How A lies to C is among what the table allows for A to B and B to C."""
    pair = (_relations(sql, one, other), _relations(sql, other, third))
    assert _relations(sql, one, third) in TABLE[pair]


def test_every_composition_in_the_table_occurs_and_no_other(sql: duckdb.DuckDBPyConnection) -> None:
    """Three periods have six ends, so the periods among six instants show all there is."""
    case = " ".join(
        f"WHEN {name}(a.since, a.upto, b.since, b.upto) THEN '{letter}'" for letter, name in NAMES.items()
    )
    sql.execute("CREATE TEMP TABLE period AS FROM range(6) s(i), range(6) e(j) SELECT i, j WHERE i < j")
    sql.execute(
        "CREATE OR REPLACE TEMP TABLE period AS SELECT DATE '2020-01-01' + i::INTEGER AS since, "
        "DATE '2020-01-01' + j::INTEGER AS upto FROM period"
    )
    sql.execute(f"CREATE TEMP TABLE related AS SELECT a, b, CASE {case} END AS is FROM period a, period b")
    rows = sql.execute(
        "SELECT ab.is, bc.is, string_agg(DISTINCT ac.is, '') FROM related ab JOIN related bc ON ab.b = bc.a "
        "JOIN related ac ON ac.a = ab.a AND ac.b = bc.b GROUP BY ALL"
    ).fetchall()
    assert {(one, other): set(letters) for one, other, letters in rows} == TABLE
    assert sum(map(len, TABLE.values())) == 409


@given(_periods(), st.datetimes(DAY, DAY + timedelta(days=6)))
def test_a_period_holds_its_first_instant_and_not_its_last(
    sql: duckdb.DuckDBPyConnection, period: Period, instant: datetime
) -> None:
    """An open one holds all that comes after its first."""
    start, end = period
    for one in (instant, start, *([] if end in (None, FOREVER) else [end])):
        wanted = start <= one and (end in (None, FOREVER) or one < end)
        assert sql.execute("SELECT within($1, $2::TIMESTAMP, $3::TIMESTAMP)", [one, *period]).fetchall() == [
            (wanted,)
        ]


@given(_periods(), st.integers(0, 3))
def test_an_empty_or_backward_period_lies_nowhere(
    sql: duckdb.DuckDBPyConnection, period: Period, days: int
) -> None:
    """It holds no instant: a term that ends before it begins never runs."""
    start = period[0] + timedelta(days=1)
    for void in ((start, start - timedelta(days=days)), (FOREVER, None)):
        for one, other in ((void, period), (period, void), (void, void)):
            assert _relations(sql, one, other) == ""
            assert _intersects(sql, one, other) is False
        assert sql.execute("SELECT within($1, $2::TIMESTAMP, $3::TIMESTAMP)", [start, *void]).fetchall() == [
            (False,)
        ]


def test_a_period_without_a_beginning_is_never_found(sql: duckdb.DuckDBPyConnection) -> None:
    """So a LEFT JOIN that finds no period makes none that was always in force."""
    for one, other in itertools.permutations([(None, None), (DAY, None)]):
        assert _relations(sql, one, other) == ""
        assert not _intersects(sql, one, other)
    assert _within(sql, DAY, (None, None)) is None


@pytest.mark.parametrize(
    ("one", "other", "letter"),
    [
        ("DATE '2020-01-01', DATE '2020-02-01'", "TIMESTAMP '2020-02-01 00:00:00', NULL", "m"),
        ("DATE '2020-01-01', NULL", "TIMESTAMP '2020-01-01 00:00:00', TIMESTAMP 'infinity'", "e"),
        ("DATE '2020-01-01', DATE 'infinity'", "DATE '2020-01-01', NULL", "e"),
        ("'2020-01-01', NULL", "DATE '2020-02-01', NULL", "F"),
        ("DATE '-infinity', DATE '2020-01-01'", "DATE '2019-01-01', DATE '2019-02-01'", "D"),
    ],
)
def test_dates_and_timestamps_go_together(
    sql: duckdb.DuckDBPyConnection, one: str, other: str, letter: str
) -> None:
    """A date is its midnight; NULL and infinity are the same end."""
    tests = ", ".join(f"{name}({one}, {other})" for name in NAMES.values())
    row = sql.execute(f"SELECT {tests}").fetchall()[0]
    assert [known for known, holds in zip(NAMES, row, strict=True) if holds] == [letter]


def test_contains_still_finds_a_part_of_a_text_a_list_and_a_map(sql: duckdb.DuckDBPyConnection) -> None:
    """DuckDB's function of two arguments works as before, in queries and in views."""
    query = "SELECT contains('abc', 'b'), contains([1, 2], 3), contains(MAP {'a': 1}, 'a'), t.contains('z')"
    sql.execute(f"CREATE TEMP VIEW parts AS {query}, 'b' IN ['b'] FROM (SELECT 'xyz' AS t)")
    assert sql.execute("FROM parts").fetchall() == [(True, False, True, True, True)]


POSTPONED: Final = """
    SELECT p.project, x.slot ->> 0, x.slot ->> 1
    FROM project_postponed AS p
    JOIN relationship_periods AS x ON within(p.latest, x.valid_from, x.valid_to)
    WHERE x.field = 'exclusivities'
    ORDER BY ALL
"""


def test_which_projects_were_postponed_while_an_exclusivity_was_in_force(tmp_path: Path) -> None:
    """By its term, whose last day counts, by its end, or still; before and after it none is found."""
    with Timeline.open(tmp_path / "t.duckdb") as tl:
        tl.append(
            ExclusivityDeal("2020-01-01", grantor="Ann", grantee="Bob", scope="term", until="2020-06-30"),
            ExclusivityDeal("2020-01-01", grantor="Ann", grantee="Bob", scope="ended"),
            ExclusivityEnd("2020-03-01", grantor="Ann", grantee="Bob", scope="ended"),
            ExclusivityDeal("2020-05-01", grantor="Ann", grantee="Bob", scope="open"),
            *(
                ProjectPostponed(day, project=name)
                for day, name in [
                    ("2019-12-31", "before"),
                    ("2020-02-01", "early"),
                    ("2020-06-30", "last day"),
                    ("2020-07-01", "late"),
                ]
            ),
        )
        assert tl.sql(POSTPONED).rows == (
            ("early", "ann", "ended"),
            ("early", "ann", "term"),
            ("last-day", "ann", "open"),
            ("last-day", "ann", "term"),
            ("late", "ann", "open"),
        )


def test_a_join_on_periods_is_no_product(sql: duckdb.DuckDBPyConnection) -> None:
    """DuckDB sees the comparisons in the macro, and joins by ranges."""
    sql.execute(
        "CREATE TEMP TABLE many AS "
        "SELECT DATE '2020-01-01' + i::INTEGER AS since, since + 1 AS upto FROM range(10000) t(i)"
    )
    plan = sql.execute(
        "EXPLAIN SELECT count(*) FROM many a, many b WHERE intersects(a.since, a.upto, b.since, b.upto)"
    ).fetchall()[0][1]
    assert "IE Join" in plan
