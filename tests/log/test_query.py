"""SQL over the file reads everything in it, and nothing else; it never writes."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from events import FundingRound
from tests.ledger import opened
from timeline import Timeline
from timeline.errors import NotAllowed, QueryTimeout


@pytest.fixture
def tl(tmp_path: Path) -> Iterator[Timeline]:
    """A timeline of one funding round, its figure corrected once."""
    with Timeline.open(tmp_path / "t.duckdb") as timeline:
        timeline.append(FundingRound("2020", company="Acme", investors=["Ann"], amount="$5"), id="r")
        timeline.correct("r", FundingRound("2020", company="Acme", investors=["Ann"], amount="$7"))
        yield timeline


def test_a_plain_sum_counts_no_superseded_figure(tl: Timeline) -> None:
    """The view of an event type shows what stands now."""
    assert tl.sql("SELECT sum(amount) FROM funding_round").rows == ((7,),)
    assert tl.sql("SELECT sum(amount) FROM said.funding_round").rows == ((12,),)


def test_parameters_are_values(tl: Timeline) -> None:
    """Values are handed over apart from the text, by place or by name."""
    hostile = "x'; DROP TABLE log; --"
    assert len(tl.sql("SELECT * FROM records WHERE ref = ?", ["r"])) == 1
    assert len(tl.sql("FROM records WHERE ref = $ref", {"ref": hostile})) == 0
    assert len(tl.sql("FROM log")) == 2


@pytest.mark.parametrize("name", ["ledger", "LEDGER", "ledger_as_of('2020')", "ledger_periods"])
def test_what_a_fold_in_python_keeps_out_of_sql_is_told_so(name: str) -> None:
    """There is no table or macro of such a state; of others, DuckDB says what it misses."""
    with opened() as timeline:
        with pytest.raises(NotAllowed, match="ledger has a fold in Python only and does not run in SQL; ask"):
            timeline.sql(f"FROM {name}")
        with pytest.raises(NotAllowed, match="Table with name ledgers does not exist"):
            timeline.sql("FROM ledgers")


@pytest.mark.parametrize(
    "query",
    [
        "SELECT TIMESTAMPTZ '2020-01-01 00:00:00+00' AS t -- at midnight;",
        "SELECT TIMESTAMPTZ '2020-01-01 02:00:00+02' AS t;",
        "SELECT ?::TIMESTAMPTZ AS t",
    ],
)
def test_zoned_timestamps_come_as_naive_utc(tl: Timeline, query: str) -> None:
    """No time zone package is needed to read them."""
    parameters = ["2020-01-01 00:00:00+00"] if "?" in query else None
    assert tl.sql(query, parameters).as_dicts() == [{"t": datetime(2020, 1, 1)}]  # noqa: DTZ001


@pytest.mark.parametrize(
    "query",
    [
        "",
        "SELEC 1",
        "SELECT 1; SELECT 2",
        "COMMIT; CREATE TABLE t (a INTEGER)",
        "DELETE FROM log",
        "UPDATE log SET note = 'x'",
        "DROP TABLE log",
        "ATTACH 'other.duckdb'",
        "COPY log TO 'out.csv'",
        "PRAGMA database_list",
        "SET lock_configuration = false",
        "INSTALL httpfs",
        "CHECKPOINT",
        "WITH gone AS (DELETE FROM log RETURNING position) SELECT * FROM gone",
        "WITH more AS (INSERT INTO meta VALUES (9, 'x', 'y', 'z') RETURNING format) SELECT * FROM more",
        "SELECT * FROM read_csv('/etc/passwd')",
        "SELECT * FROM read_text('/etc/passwd')",
        "SELECT * FROM '/etc/passwd'",
        "SELECT * FROM glob('/*')",
        "SELECT * FROM read_parquet('https://example.org/x.parquet')",
    ],
)
def test_what_is_not_one_select_of_the_file_is_refused(tl: Timeline, query: str) -> None:
    """Nothing is written, and no other file is read."""
    with pytest.raises(NotAllowed):
        tl.sql(query)
    assert tl.sql("SELECT count(*) FROM log").rows == ((2,),)
    assert len(tl.sql("FROM meta")) == 1


def test_sql_works_on_a_timeline_opened_for_reading(tl: Timeline) -> None:
    """A reader needs no right to write."""
    tl.close()
    assert len(Timeline.open(tl.path, read_only=True).sql("FROM records")) == 2


def test_records_are_found_by_text(tl: Timeline) -> None:
    """In their sentence, names, note or mark, case aside; a percent sign is only a percent sign."""
    tl.append(FundingRound("2021", company="Bolt", investors=[], amount=None), note="100% SURE")
    assert [record.position for record in tl.as_of().records(text="bolt")] == [3]
    assert [record.position for record in tl.as_of().records(text="100% sure")] == [3]
    assert [record.position for record in tl.as_of().records(text="%")] == [3]
    assert [record.position for record in tl.as_of().records(text="ann", stands=True)] == [2]


def test_parameters_come_as_a_list_or_a_mapping(tl: Timeline) -> None:
    """A text would be taken letter by letter."""
    assert tl.sql("SELECT ? AS a, ? AS b", ("x", None)).rows == (("x", None),)
    for wrong in ("x", b"x", 5, {"x"}, iter(["x"])):
        with pytest.raises(NotAllowed, match="as a list or a mapping"):
            tl.sql("SELECT ?", wrong)
    with pytest.raises(NotAllowed, match="DuckDB refuses"):
        tl.sql("SELECT ?", [object()])
    with pytest.raises(NotAllowed, match="DuckDB refuses"):
        tl.sql("SELECT ?")


@pytest.mark.parametrize("rows", [1, 500_000])
def test_a_fault_in_a_row_is_told_in_the_words_of_duckdb(tl: Timeline, rows: int) -> None:
    """Also where many rows were handed over before it; afterwards all goes on."""
    with pytest.raises(NotAllowed) as caught:
        tl.sql(f"SELECT CASE WHEN range = {rows - 1} THEN error('boom: 1 failed: 2') END FROM range({rows})")
    assert str(caught.value) == "DuckDB refuses the query: Invalid Input Error: boom: 1 failed: 2"
    assert tl.sql("SELECT 1").rows == ((1,),)


def test_no_variable_of_the_caller_is_in_reach(tl: Timeline) -> None:
    """A name in a query is one of the file, never one of the program."""
    frame = pl.DataFrame({"secret": [1]})
    assert frame.height == 1
    with pytest.raises(NotAllowed, match="frame does not exist"):
        tl.sql("FROM frame")


@pytest.mark.parametrize("query", ["DESCRIBE log", "SHOW TABLES", "SUMMARIZE log", "VALUES (1)", "FROM log"])
def test_what_reads_as_a_select_is_one(tl: Timeline, query: str) -> None:
    """Short forms, and questions about the tables themselves."""
    assert len(tl.sql(query)) > 0


ENDLESS = "SELECT sum(sqrt(one.range * other.range)) FROM range(10000000) AS one, range(10000000) AS other"


def test_a_query_is_stopped_at_its_limit(tl: Timeline) -> None:
    """Without harm to what is asked next; rows that come on and on are stopped too."""
    for endless in (ENDLESS, f"SELECT one.range FROM ({ENDLESS}), range(10000000000) AS one"):
        with pytest.raises(QueryTimeout, match=r"stopped at its limit of 0\.2 s"):
            tl.sql(endless, timeout=0.2)
    assert tl.sql("SELECT 1", timeout=None).rows == tl.sql("SELECT 1", timeout=5).rows == ((1,),)


@pytest.mark.parametrize("timeout", [0, -1, float("nan"), float("inf"), True, "5"])
def test_a_limit_is_a_number_of_seconds(tl: Timeline, timeout: Any) -> None:
    with pytest.raises(NotAllowed, match="timeout"):
        tl.sql("SELECT 1", timeout=timeout)
