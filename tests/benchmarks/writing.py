"""Rows about writing: typed events, whole tables, single events."""

from __future__ import annotations

import itertools
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final
from uuid import uuid4

import duckdb

from tests.benchmarks.bench import COMMIT, SOURCE, Bench, append, load, streamed
from tests.benchmarks.by_hand import ID_CHECK
from tests.benchmarks.data import typed
from tests.benchmarks.measure import alternately, median_time, profiled, seconds
from tests.benchmarks.peer import BATCH, Peer, raising
from tests.benchmarks.result import Measured, Quantity, Result
from timeline import Assertion, Timeline

__all__ = ["append_to_arrow", "append_to_peer", "import_table", "single"]

_APPENDED: Final = 20_000
_CONFIG: Final[dict[str, str | bool | int | float | list[str]]] = {"storage_compatibility_version": "v1.5.0"}


def _statements(bench: Bench) -> list[Assertion]:
    found = typed(bench.data(bench.events), f"n < {_APPENDED}")
    return [Assertion(event, id=mark, known=event.occurred) for mark, event in found]


def _appending(bench: Bench, statements: Sequence[Assertion]) -> float:
    with Timeline.open(bench.new("appended")) as tl:
        return seconds(lambda: append(tl, statements))


def append_to_peer(bench: Bench) -> Measured:
    """Typed events in commits of a thousand, and the peer saving batches of a hundred."""
    statements = _statements(bench)
    number = len(statements)

    def theirs() -> float:
        path = bench.folder / "peer.sqlite"
        path.unlink(missing_ok=True)
        several = [raising(one) for one in range(number // BATCH)]
        peer = Peer(path)
        try:
            return seconds(lambda: peer.save(several))
        finally:
            peer.close()

    ours, other = alternately(bench.rounds, lambda: _appending(bench, statements), theirs)
    ratio = other / ours
    result = Result(
        row="append",
        what="append of typed Python events, commits of 1,000",
        against="`eventsourcing`, SQLite, saving batches of 100",
        ours=str(Quantity(number / ours, "events/s")),
        theirs=str(Quantity(number / other, "events/s")),
        ratio=ratio,
        target="≥ 4",
        met=ratio >= 4,
        note=f"{number:,} events into an empty log; both sides have their events made beforehand.",
    )
    return Measured(result, lambda: profiled(lambda: _appending(bench, statements)))


def append_to_arrow(bench: Bench) -> Measured:
    """Typed events in commits of a thousand, and the rows of `log` alone through DuckDB's Arrow insert."""
    statements = _statements(bench)
    number = len(statements)
    _appending(bench, statements)
    rows = bench.new("rows")
    (bench.folder / "appended.duckdb").rename(rows)
    with duckdb.connect() as memory:
        _attach(memory, rows, "source")
        layout = _layout(memory, "source", "main", "log")
        memory.execute("CREATE TABLE rows AS FROM source.log")

        def theirs() -> float:
            with duckdb.connect(str(bench.new("arrow")), config=_CONFIG) as into:
                into.execute(layout)
                return seconds(lambda: _inserted(memory, into, number))

        ours, other = alternately(bench.rounds, lambda: _appending(bench, statements), theirs)
    ratio = other / ours
    result = Result(
        row="append-arrow",
        what="append of typed Python events, commits of 1,000",
        against="the same rows of `log` alone, encoded, through DuckDB's Arrow insert",
        ours=str(Quantity(number / ours, "events/s")),
        theirs=str(Quantity(number / other, "rows/s")),
        ratio=ratio,
        target="≥ 0.25",
        met=ratio >= 0.25,
        note="Arrow rows come from a second instance, a transaction for each thousand.",
    )
    return Measured(result, lambda: profiled(lambda: _appending(bench, statements)))


def _inserted(memory: duckdb.DuckDBPyConnection, into: duckdb.DuckDBPyConnection, number: int) -> None:
    for start in range(0, number, COMMIT):
        some = f"FROM rows WHERE position > {start} AND position <= {start + COMMIT}"
        into.execute("BEGIN TRANSACTION")
        into.register("thousand", streamed(memory, some))
        into.execute("INSERT INTO log FROM thousand")
        into.unregister("thousand")
        into.execute("COMMIT")


def _attach(connection: duckdb.DuckDBPyConnection, path: Path, name: str) -> None:
    connection.execute(f"ATTACH '{path}' AS {name} (READ_ONLY)")


def _layout(connection: duckdb.DuckDBPyConnection, database: str, schema: str, table: str) -> str:
    """The SQL that makes a table of the same shape."""
    query = (
        "SELECT sql FROM duckdb_tables() WHERE database_name = $1 AND schema_name = $2 AND table_name = $3"
    )
    found = connection.execute(query, [database, schema, table]).fetchone()
    return str(found[0]) if found else ""


def _tables(connection: duckdb.DuckDBPyConnection, database: str) -> list[tuple[str, str]]:
    query = "SELECT schema_name, table_name FROM duckdb_tables() WHERE database_name = $1 AND NOT temporary"
    return connection.execute(query, [database]).fetchall()


def import_table(bench: Bench) -> Measured | None:
    """Whole tables, and copying what came of them into tables of the same shape."""
    if not hasattr(Timeline, "append_table"):
        return None
    folder, source = bench.data(bench.events), bench.log(bench.events, amended=False)

    def ours() -> float:
        with Timeline.open(bench.new("imported")) as tl:
            return seconds(lambda: load(tl, folder))

    def theirs() -> float:
        with duckdb.connect(str(bench.new("copied")), config=_CONFIG) as into:
            _attach(into, source, "source")
            tables = _tables(into, "source")
            for schema, table in tables:
                into.execute(f"CREATE SCHEMA IF NOT EXISTS {schema}")
                into.execute(_layout(into, "source", schema, table))
            return seconds(lambda: _copied(into, tables))

    mine, other = alternately(min(bench.rounds, 3), ours, theirs)
    ratio = other / mine
    result = Result(
        row="import",
        what="`append_table`",
        against="`INSERT … SELECT` of the same columns into tables of the same shape",
        ours=str(Quantity(bench.events / mine, "rows/s")),
        theirs=str(Quantity(bench.events / other, "rows/s")),
        ratio=ratio,
        target="≥ 0.5",
        met=ratio >= 0.5,
        note="All tables that the import fills are copied, from a log that holds the same.",
    )
    return Measured(result, lambda: profiled(ours))


def _copied(into: duckdb.DuckDBPyConnection, tables: Sequence[tuple[str, str]]) -> None:
    into.execute("BEGIN TRANSACTION")
    for schema, table in tables:
        into.execute(f'INSERT INTO "{schema}"."{table}" FROM source."{schema}"."{table}"')
    into.execute("COMMIT")


def single(bench: Bench) -> Measured:
    """Commits of one event in a large log, and a bare transaction that writes the same rows."""
    log = bench.log(bench.events)
    mine, bare = bench.new("single"), bench.new("bare")
    shutil.copy(log, mine)
    shutil.copy(log, bare)
    rounds = max(1, bench.rounds // 2)
    fresh = iter(_late(bench, bench.asks * (rounds + 1) + 1))
    with Timeline.open(mine) as tl, _bare(tl, bare, fresh) as write:

        def ours() -> float:
            return median_time(lambda one: tl.append(one, source=SOURCE), itertools.islice(fresh, bench.asks))

        def theirs() -> float:
            return median_time(lambda _: write(), range(bench.asks))

        a, b = alternately(rounds, ours, theirs)
        explained = profiled(lambda: [tl.append(one, source=SOURCE) for one in fresh])
    result = Result(
        row="single",
        what=f"single-event commit inside a `with` block, p50, in a log of {bench.events:,}",
        against="a bare DuckDB transaction that writes the same rows with the same id check",
        ours=str(Quantity(a, "s")),
        theirs=str(Quantity(b, "s")),
        ratio=a / b,
        target="≤ 1.5",
        met=a / b <= 1.5,
    )
    return Measured(result, lambda: explained)


def _late(bench: Bench, number: int) -> list[Assertion]:
    """Some events of the log once more, under marks of their own."""
    some = typed(bench.data(bench.events), f"n < {number}")
    return [Assertion(event, id=f"late-{mark}", known=event.occurred) for mark, event in some]


@contextmanager
def _bare(tl: Timeline, path: Path, fresh: Iterator[Assertion]) -> Iterator[Callable[[], object]]:
    """What writes, again and again, the rows that a commit of one event adds."""
    before = _sizes(tl)
    tl.append(next(fresh), source=SOURCE)
    added = {
        name: tl.sql(f"FROM {name} LIMIT {count - before[name]} OFFSET {before[name]}").rows
        for name, count in _sizes(tl).items()
        if count > before[name]
    }
    with duckdb.connect(str(path), config=_CONFIG) as connection:

        def write() -> None:
            cursor = connection.cursor()
            cursor.execute("BEGIN TRANSACTION")
            cursor.execute(ID_CHECK, [uuid4()]).fetchall()
            for name, rows in added.items():
                holes = ", ".join(["?"] * len(rows[0]))
                values = ", ".join([f"({holes})"] * len(rows))
                flat: list[Any] = [value for row in rows for value in row]
                cursor.execute(f"INSERT INTO {name} VALUES {values}", flat)
            cursor.execute("COMMIT")
            cursor.close()

        yield write


def _sizes(tl: Timeline) -> dict[str, int]:
    """How many rows each table of the file has."""
    names = [
        f'"{schema}"."{table}"'
        for schema, table in tl.sql(
            "SELECT schema_name, table_name FROM duckdb_tables() WHERE NOT internal"
        ).rows
    ]
    counts = tl.sql(f"SELECT {', '.join(f'(SELECT count(*) FROM {name})' for name in names)}").rows[0]
    return dict(zip(names, counts, strict=True))
