"""Results hold all their rows, and other tools take them as they are."""

from __future__ import annotations

import copy
import gc
import pickle
import shutil
import threading
from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

import duckdb
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given, strategies as st

from events import CEOOusting, FundingRound, Organisation, Relationship
from tests import ledger
from tests.reuse import in_memory
from timeline import Timeline
from timeline.errors import NotAllowed, UnknownType
from timeline.log import Rows

SEEDS: Final = Path(__file__).parents[2] / "seeds"
LAST: Final = datetime.max  # noqa: DTZ901
FIRST: Final = datetime.min  # noqa: DTZ901
NOON: Final = datetime(2020, 1, 1, 12)  # noqa: DTZ001


@pytest.fixture(scope="module")
def tl(seeded: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Timeline]:
    """The seeds, and an event whose date has no end; held."""
    path = shutil.copy(seeded, tmp_path_factory.mktemp("rows"))
    with Timeline.open(path, catalogue="events") as timeline:
        timeline.append(CEOOusting("2024/..", company="Acme", person="Ann Lee"))
    with Timeline.open(path, read_only=True, catalogue="events") as timeline:
        yield timeline


SAME: Final = [
    "NULL",
    "NULL::INTEGER",
    "[]",
    "[NULL]",
    "MAP {}",
    "true",
    "sum(1)",
    "170141183460469231731687303715884105727::HUGEINT",
    "340282366920938463463374607431768211455::UHUGEINT",
    "123456789012345678901234567890123456789012345678901234567890::BIGNUM",
    "1.5::DECIMAL(38, 6)",
    "-99999999999999999999999999999999.999999::DECIMAL(38, 6)",
    "'-inf'::DOUBLE",
    "'00000000-0000-4000-8000-000000000001'::UUID",
    "INTERVAL '1 month 3 days 4 microseconds'",
    "'01010'::BIT",
    "'a'::ENUM('a', 'b')",
    "['a'::ENUM('a', 'b'), NULL]",
    "'x'::BLOB",
    """'{"a": [1]}'::JSON""",
    "DATE '0044-03-15 (BC)'",
    "TIMESTAMP '20000-01-01'",
    "TIMESTAMP_NS '2020-01-01 00:00:00.123456789'",
    "TIME '12:00:00.5'",
    "'12:00:00+02'::TIMETZ",
    "[1, 2, 3]::INTEGER[3]",
    "{'a': {'b': [1, NULL]}}",
    "MAP {'a': MAP {'b': 1.5::DECIMAL(38, 6)}}",
    "MAP {{'p': 1, 'q': 'x'}: [1]}",
    "union_value(a := 1)",
]


@pytest.mark.parametrize("value", SAME)
def test_a_value_is_what_the_client_of_duckdb_gives(tl: Timeline, value: str) -> None:
    """Nothing is lost or changed on the way out of the file."""
    query = f"SELECT {value} AS v"
    with duckdb.connect() as plain:
        assert tl.sql(query).rows == tuple(plain.execute(query).fetchall())


ZONED: Final[list[tuple[str, Any]]] = [
    ("TIMESTAMPTZ '2020-01-01 14:00:00+02'", NOON),
    ("[TIMESTAMPTZ '2020-01-01 12:00:00+00', NULL]", [NOON, None]),
    ("{'at': TIMESTAMPTZ '2020-01-01 12:00:00+00'}", {"at": NOON}),
    (
        "{'TIMESTAMP WITH TIME ZONE': [TIMESTAMPTZ '2020-01-01 12:00:00+00']}",
        {"TIMESTAMP WITH TIME ZONE": [NOON]},
    ),
    ("MAP {TIMESTAMPTZ '2020-01-01 12:00:00+00': 1}", {NOON: 1}),
    ("TIMESTAMPTZ 'infinity'", LAST),
    ("TIMESTAMPTZ '-infinity'", FIRST),
    ("TIMESTAMP 'infinity'", LAST),
    ("TIMESTAMP '-infinity'", FIRST),
    ("DATE 'infinity'", date.max),
    ("DATE '-infinity'", date.min),
]


@pytest.mark.parametrize(("value", "expected"), ZONED)
def test_timestamps_are_naive_utc_in_python(tl: Timeline, value: str, expected: Any) -> None:
    """At any depth, and infinite ones as the last and the first there is."""
    assert tl.sql(f"SELECT {value} AS v").rows == ((expected,),)


def test_what_python_has_no_value_for_is_refused_in_words(tl: Timeline) -> None:
    """The result is there all the same, for tools that have one."""
    found = tl.sql("SELECT INTERVAL 2000000000 DAYS AS v")
    with pytest.raises(NotAllowed, match="cast it") as caught:
        found.as_dicts()
    assert "\n" not in str(caught.value)
    assert pa.table(found).num_rows == 1


INTEGERS: Final = st.none() | st.integers(-(2**63), 2**63 - 1)
NUMBERS: Final = st.none() | st.decimals(-(10**30), 10**30, places=6).map(lambda one: one + 0)
TEXTS: Final = st.none() | st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"))
INSTANTS: Final = st.none() | st.datetimes()
COLUMNS: Final = (
    ("INTEGERS", "BIGINT"),
    ("NUMBERS", "DECIMAL(38, 6)"),
    ("TEXTS", "VARCHAR"),
    ("AT", "TIMESTAMP"),
)


@given(st.lists(st.tuples(INTEGERS, NUMBERS, TEXTS, INSTANTS)))
def test_what_goes_in_comes_out_in_python_and_in_every_tool(given_: list[tuple[Any, ...]]) -> None:
    """Whole tables of numbers, amounts, texts and instants, in order; also when there are none."""
    parts = ", ".join(
        f"unnest(${index}::{kind}[]) AS {name}" for index, (name, kind) in enumerate(COLUMNS, 1)
    )
    columns = [list(column) for column in zip(*given_, strict=True)] or [[] for _ in COLUMNS]
    with in_memory(ledger.CATALOGUE) as timeline:
        found = timeline.sql(f"SELECT {parts}", columns)
    assert found.columns == tuple(name for name, _ in COLUMNS)
    assert (len(found), list(found)) == (len(given_), given_)
    assert pl.DataFrame(found).rows() == given_
    assert [tuple(row.values()) for row in pa.table(found).to_pylist()] == given_
    assert duckdb.from_arrow(found).fetchall() == given_
    assert pd.DataFrame.from_arrow(found).shape == (len(given_), len(COLUMNS))


def test_the_log_is_taken_by_every_tool(tl: Timeline) -> None:
    """All columns of records, dates without an end among them, cell by cell; and printed."""
    found = tl.sql("FROM records")
    assert LAST in found.as_dict()["latest"]
    assert pl.DataFrame(found).drop("id").rows() == [(row[0], *row[2:]) for row in found]
    assert pa.table(found).column("latest").to_pylist() == found.as_dict()["latest"]
    assert pd.DataFrame.from_arrow(found)["summary"].to_list() == found.as_dict()["summary"]
    with duckdb.connect() as plain:
        assert plain.execute("SELECT max(latest), count(*) FROM found").fetchall() == [(LAST, len(found))]
    assert str(pl.DataFrame(found))
    assert str(pd.DataFrame.from_arrow(found))


def test_a_zone_is_kept_for_tools(tl: Timeline) -> None:
    """Arrow knows zones, so that the column says UTC."""
    found = tl.sql("SELECT TIMESTAMPTZ '2020-01-01 14:00:00+02' AS at, TIMESTAMPTZ 'infinity' AS never")
    noon, last = NOON.replace(tzinfo=UTC), LAST.replace(tzinfo=UTC)
    assert pl.DataFrame(found).rows() == [(noon, last)]
    assert pa.table(found).to_pylist() == [{"at": noon, "never": last}]


@pytest.mark.parametrize(
    ("value", "told"),
    [
        ("'01010'::BIT", "01010"),
        ("340282366920938463463374607431768211455::UHUGEINT", "340282366920938463463374607431768211455"),
        ("1::BIGNUM", "1"),
        ("'12:00:00+02'::TIMETZ", "12:00:00+02"),
        ("170141183460469231731687303715884105727::HUGEINT", Decimal(2**127 - 1)),
        ("'00000000-0000-4000-8000-000000000001'::UUID", "00000000-0000-4000-8000-000000000001"),
        ("'a'::ENUM('a', 'b')", "a"),
    ],
)
def test_what_arrow_has_not_is_handed_over_as_what_it_has(tl: Timeline, value: str, told: Any) -> None:
    """A text or a decimal, rather than bytes that mean nothing or another value."""
    assert pa.table(tl.sql(f"SELECT {value} AS v")).to_pylist() == [{"v": told}]


@pytest.mark.parametrize("end", ["", " WHERE false"])
def test_columns_of_the_same_name_are_told_apart(tl: Timeline, end: str) -> None:
    """No tool, and no mapping, can have two of one name."""
    found = tl.sql(f"SELECT one.id, two.id, 1 AS ID FROM (SELECT 5 AS id) one, (SELECT 6 AS id) two{end}")
    assert found.columns == ("id", "id_1", "ID_2")
    assert pl.DataFrame(found).columns == list(found.columns)
    assert pa.table(found).column_names == list(found.columns)
    assert found.as_dicts() == ([] if end else [{"id": 5, "id_1": 6, "ID_2": 1}])


def test_names_are_as_given(tl: Timeline) -> None:
    """Quotes, blanks and keywords in them do no harm."""
    found = tl.sql("""SELECT 1 AS "a""b; --", 2 AS "select", TIMESTAMPTZ 'infinity' AS "x y" """)
    assert found.columns == ('a"b; --', "select", "x y")
    assert found.rows == ((1, 2, LAST),)
    assert pa.table(found).column_names == list(found.columns)


def test_every_stream_is_a_new_one(tl: Timeline) -> None:
    """Two may be read by turns, and both to the end after the result itself is gone."""
    found = tl.sql("SELECT range AS i FROM range(300_000)")
    one, other = (pa.RecordBatchReader.from_stream(found) for _ in range(2))
    begun = [next(one), next(other)]
    del found
    gc.collect()
    read = [
        first.num_rows + rest.read_all().num_rows for first, rest in zip(begun, (one, other), strict=True)
    ]
    assert read == [300_000, 300_000]


def test_a_result_is_kept_apart_from_the_file(tmp_path: Path) -> None:
    """It holds neither the file nor what is said later, and outlives the timeline."""
    path = tmp_path / "t.duckdb"
    timeline = Timeline.open(path)
    found = timeline.sql("SELECT count(*) AS n FROM log")
    timeline.append(CEOOusting("2022", company="Acme", person="Ann Lee"))
    stream = found.__arrow_c_stream__()
    del timeline
    with duckdb.connect(path) as alone:
        alone.execute("CREATE TABLE other (a INTEGER)")
    path.unlink()
    assert found.rows == ((0,),)
    assert stream is not None
    assert pl.DataFrame(found).rows() == [(0,)]


def test_what_nobody_has_any_more_is_let_go(tl: Timeline) -> None:
    """The memory of a result is free once it and its copies are gone, and not before."""

    def kept(rows: Rows) -> tuple[duckdb.DuckDBPyConnection, str]:
        return rows._kept.instance, rows._kept.name

    found = tl.sql("SELECT 1 AS a")
    twin = copy.copy(found)
    instance, name = kept(found)
    tables = "SELECT count(*) FROM duckdb_tables() WHERE table_name = ?"
    del found
    gc.collect()
    assert instance.cursor().execute(tables, [name]).fetchall() == [(1,)]
    assert twin.rows == ((1,),)
    del twin
    gc.collect()
    assert instance.cursor().execute(tables, [name]).fetchall() == [(0,)]


def test_a_query_is_worked_out_once(tl: Timeline) -> None:
    """What is drawn by chance is the same in Python, in every stream and in every tool."""
    found = tl.sql("SELECT random() AS r FROM range(5)")
    assert pl.DataFrame(found).rows() == list(found.rows)
    assert pa.table(found).to_pylist() == found.as_dicts()


def test_several_threads_may_read_one_result(tl: Timeline) -> None:
    """Each gets all of it."""
    found = tl.sql("SELECT range AS i FROM range(1_000)")
    read: list[list[Any]] = []

    def read_it() -> None:
        read.append(pl.DataFrame(found)["i"].to_list())
        read.append([one for (one,) in found])

    threads = [threading.Thread(target=read_it) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert read == [list(range(1_000))] * 8


# All states at once, as a table


@pytest.mark.parametrize(
    ("asked", "arguments"),
    [
        ({}, ""),
        ({"known": "then"}, ", known := 'then'"),
        ({"dates": "earliest", "position": 40}, ", dates := 'earliest', \"position\" := 40"),
    ],
)
def test_a_table_of_states_is_what_the_macro_gives(
    tl: Timeline, asked: dict[str, Any], arguments: str
) -> None:
    """With its columns, its types and its rows, in order of key."""
    moment = tl.as_of("2023-11-18", **asked)
    for state in (Relationship, Organisation):
        kind = state.__timeline__
        found = moment.table(state)
        macro = tl.sql(f"FROM {kind.name}_as_of('2023-11-18'{arguments}) ORDER BY ALL")
        assert found.columns == macro.columns == (*kind.keys, *kind.folds, "because", "unsettled")
        assert found.as_dicts() == macro.as_dicts()
        assert pa.table(found).schema == pa.table(macro).schema
        assert [row[: kind.arity] for row in found] == [one.who for one in moment.all(state)]
        assert len(found) > 0
        assert pl.DataFrame(found).height == len(found)


def test_a_table_of_what_nothing_is_said_of_is_empty(tl: Timeline) -> None:
    """Its columns are there all the same."""
    found = tl.as_of(position=0).table("relationship")
    assert (len(found), found.columns[:3]) == (0, ("a", "b", "rounds"))
    assert pl.DataFrame(found).is_empty()


def test_only_what_runs_in_sql_has_a_table() -> None:
    """A fold in Python cannot be asked of all at once."""
    with in_memory(ledger.CATALOGUE) as timeline:
        with pytest.raises(NotAllowed, match="one at a time"):
            timeline.as_of().table("ledger")
        with pytest.raises(UnknownType):
            timeline.as_of().table("ledgr")


def test_states_are_read_while_the_file_is_held_and_no_longer(tmp_path: Path) -> None:
    """What was not read by then is told to be gone, and the file is free for others."""
    timeline = Timeline.open(tmp_path / "t.duckdb")
    rounds = [FundingRound("2020", company=f"C {n}", investors=["Ann"], amount="$5") for n in range(3)]
    timeline.append(*rounds)
    moment = timeline.as_of()
    with timeline:
        begun, unread, read = (moment.all("relationship") for _ in range(3))
        first = next(begun)
        everything = list(read)
    assert everything[0] == first
    assert [len(state.because["rounds"]) for state in everything] == [1, 1, 1]
    for late in (begun, unread):
        with pytest.raises(NotAllowed, match="closed meanwhile"):
            next(late)
    assert list(read) == []
    with duckdb.connect(tmp_path / "t.duckdb"):
        pass
    assert list(moment.all("relationship")) == everything


def test_pandas_takes_the_names_of_the_columns(tl: Timeline) -> None:
    """Whatever they are; a row stays the tuple that it is, also when it is copied or pickled."""
    rows = tl.sql(
        'SELECT 1 AS "a b", 2 AS class, NULL AS "_c", 4 AS a UNION ALL SELECT 5, 6, 7, 8 ORDER BY 1'
    )
    frame = pd.DataFrame(rows)
    assert list(frame.columns) == list(rows.columns) == list(pl.DataFrame(rows).columns)
    assert frame["class"].to_list() == [2, 6]
    assert list(pd.DataFrame(rows, columns=list("wxyz")).columns) == list("wxyz")
    assert list(rows) == list(rows.rows)
    for row in rows:
        assert pickle.loads(pickle.dumps(row)) == copy.copy(row) == row  # noqa: S301
    organisations = tl.as_of().table(Organisation)
    assert list(pd.DataFrame(organisations).columns) == list(organisations.columns)


def test_the_first_rows_are_those_of_all() -> None:
    """So many at most, and no more are taken out."""
    with in_memory() as tl:
        rows = tl.sql("SELECT unnest(range(5)) AS n ORDER BY n")
        assert [rows.first(most) for most in (0, 2, 9, 2**80)] == [(), ((0,), (1,)), rows.rows, rows.rows]
        for odd in (-1, True, "2"):
            with pytest.raises(NotAllowed, match="a number, 0 or more"):
                rows.first(odd)  # type: ignore[arg-type]
