"""SQL over the file: one SELECT, which can neither write nor reach other files."""

from __future__ import annotations

import atexit
import functools
import itertools
import os
import re
import threading
import weakref
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import closing, suppress
from types import TracebackType
from typing import TYPE_CHECKING, Any, Final, Self

import attrs
import duckdb

from timeline.compile import quoted
from timeline.log.duckdb.instances import connect
from timeline.values import NotAllowed, QueryTimeout, as_html, clipped, html_table, shown

if TYPE_CHECKING:
    from pandas import DataFrame as PandasFrame
    from polars import DataFrame as PolarsFrame
    from pyarrow import Table as ArrowTable

_CONFIG: Final = {
    "enable_external_access": "false",
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
    "temp_directory": "",
    "threads": "1",
}
_ZONED: Final = re.compile(r"""(?P<other>"(?:[^"]|"")*"|'(?:[^']|'')*')|TIMESTAMP WITH TIME ZONE""")
_ENDS: Final = {
    "DATE": ("0001-01-01", "9999-12-31"),
    "TIMESTAMP": ("0001-01-01", "9999-12-31 23:59:59.999999"),
    "TIMESTAMP WITH TIME ZONE": ("0001-01-01 00:00:00+00", "9999-12-31 23:59:59.999999+00"),
}
_TOLD: Final = {"BIGNUM", "BIT", "TIME WITH TIME ZONE", "UHUGEINT"}
"""Types that Arrow has not, and that other tools would misread."""
_NAMES: Final = 100
_SHOWN: Final = 50
"""How many rows a notebook shows."""
_AGAIN: Final = 0.02
"""After how many seconds it is told again that a query is to stop."""
_numbers: Final = itertools.count(1)


@functools.cache
def _instance(_process: int) -> duckdb.DuckDBPyConnection:
    """The DuckDB instance of a process that keeps results, apart from every file."""
    return connect(config=_CONFIG, locked=True)


atexit.register(_instance.cache_clear)  # else DuckDB complains of leaks where Polars is loaded


def _drop(instance: duckdb.DuckDBPyConnection, name: str) -> None:
    with closing(instance.cursor()) as cursor:
        cursor.execute(f"DROP TABLE {name}")


@attrs.frozen(eq=False)
class _Kept:
    """A table of such an instance, dropped when nobody has it any more."""

    instance: duckdb.DuckDBPyConnection
    name: str

    @classmethod
    def made(cls) -> _Kept:
        """A name for a table; the table itself is made by the caller, at once."""
        return cls(_instance(os.getpid()), f"result_{next(_numbers)}")

    def drop_at_end(self) -> None:
        """Have the table dropped once this object is gone."""
        weakref.finalize(self, _drop, self.instance, self.name).atexit = False


@attrs.frozen
class _Begun:
    """A stream that has begun, handed over by Arrow's PyCapsule interface.

    DuckDB asks for it three times before it reads, and a relation would be worked out anew each time.
    """

    capsule: object

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        return self.capsule


class _Row(tuple[Any, ...]):  # noqa: SLOT001  (a tuple can have none)
    """A row with the names of its columns where a named tuple has them, which is where pandas looks."""

    _fields: tuple[str, ...]

    def __new__(cls, values: tuple[Any, ...], fields: tuple[str, ...]) -> Self:
        row = super().__new__(cls, values)
        row._fields = fields
        return row

    def __reduce__(self) -> tuple[Any, ...]:
        return _Row, (tuple(self), self._fields)


@attrs.frozen(eq=False, repr=False)
class Rows:
    """The rows of a result, all of them, with the names of their columns.

    A name that comes twice has a number behind it the second time: `a`, `a_1`. `infinity` is the last
    `datetime` there is, and `-infinity` the first.

    It has Arrow's PyCapsule interface, so that `polars.DataFrame(rows)`, `pyarrow.table(rows)`,
    `pandas.DataFrame.from_arrow(rows)` and `duckdb.from_arrow(rows)` take it. `pandas.DataFrame(rows)` reads
    it row by row, and learns the names of the columns from the first, if there is one.
    """

    columns: tuple[str, ...]
    _types: tuple[str, ...]
    _length: int
    _kept: _Kept

    @functools.cached_property
    def rows(self) -> tuple[tuple[Any, ...], ...]:
        """Each row as a tuple of Python values; timestamps are naive UTC, also those with a zone.

        Raises:
            NotAllowed: if Python has no value for one.
        """
        return self.first(self._length)

    def first(self, most: int) -> tuple[tuple[Any, ...], ...]:
        """The first rows, so many at most, as `rows` has them.

        Raises:
            NotAllowed: if `most` is no number, or Python has no value for one.
        """
        if isinstance(most, bool) or not isinstance(most, int) or most < 0:
            raise NotAllowed(f"most={shown(most)}: it is a number, 0 or more")
        with closing(self._kept.instance.cursor()) as cursor:
            try:
                return tuple(
                    cursor.execute(f"{self._select(_for_python)} LIMIT {min(most, self._length)}").fetchall()
                )
            except (duckdb.Error, OverflowError) as problem:
                why = str(problem).partition("\n")[0]
                raise NotAllowed(f"Python cannot have a value of the result, cast it: {why}") from None

    def as_dict(self) -> dict[str, list[Any]]:
        """Each column as a list, by name."""
        return {name: [row[index] for row in self.rows] for index, name in enumerate(self.columns)}

    def as_dicts(self) -> list[dict[str, Any]]:
        """Each row as a mapping of column to value."""
        return [dict(zip(self.columns, row, strict=True)) for row in self.rows]

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        """A new stream of the rows, from the first on; timestamps with a zone are in UTC and keep it."""
        return _stream(self._kept.instance.cursor().sql(self._select(_for_arrow)))

    def arrow(self) -> ArrowTable:
        """The rows as a table of pyarrow."""
        import pyarrow as pa

        return pa.table(self)

    def pl(self) -> PolarsFrame:
        """The rows as a data frame of Polars."""
        import polars as pl

        return pl.DataFrame(self)

    def df(self) -> PandasFrame:
        """The rows as a data frame of pandas."""
        import pandas as pd

        return pd.DataFrame.from_arrow(self)

    def _select(self, shown: Callable[[str, str], str]) -> str:
        values = ", ".join(map(shown, self.columns, self._types))
        return f"SELECT {values} FROM {self._kept.name}"  # noqa: S608

    def _repr_html_(self) -> str:
        rows = [
            ["" if one is None else as_html(clipped(str(one))) for one in row] for row in self.first(_SHOWN)
        ]
        more = f"{self._length:,} rows" + (f", the first {_SHOWN} shown" if self._length > _SHOWN else "")
        return f'<div style="overflow-x:auto">{html_table(more, self.columns, rows)}</div>'

    def __iter__(self) -> Iterator[tuple[Any, ...]]:
        return (_Row(row, self.columns) for row in self.rows)

    def __len__(self) -> int:
        return self._length

    def __repr__(self) -> str:
        return f"<Rows {clipped(', '.join(self.columns), _NAMES)}: {self._length}>"


def taken(relation: duckdb.DuckDBPyRelation, limit: Limit | None = None) -> Rows:
    """The rows that a relation gives, taken out of its instance, which may be closed then.

    Raises:
        duckdb.Error: if they cannot be worked out, or not within the limit.
    """
    kept = _Kept.made()
    with closing(kept.instance.cursor()) as cursor:
        if limit is not None:
            limit.covers(cursor)
        cursor.register("incoming", _Begun(_stream(relation)))
        count = cursor.execute(f"CREATE TABLE {kept.name} AS FROM incoming").fetchall()[0][0]
        kept.drop_at_end()
        table = cursor.table(kept.name)
        return Rows(tuple(table.columns), tuple(map(str, table.types)), count, kept)


class Limit:
    """A context in which what runs through some connections is stopped after some seconds.

    `reached` tells whether that was so. DuckDB stops at the next piece of work, a few milliseconds later;
    what begins between two is stopped too, since it is told again and again.
    """

    def __init__(self, seconds: float, connection: duckdb.DuckDBPyConnection) -> None:
        self._seconds = seconds
        self._connections = [connection]
        self._over = threading.Event()
        self._watch = threading.Thread(target=self._run, daemon=True)
        self.reached = False

    def covers(self, connection: duckdb.DuckDBPyConnection) -> None:
        """Stop what runs through this connection too."""
        self._connections.append(connection)

    def _run(self) -> None:
        if self._over.wait(self._seconds):
            return
        self.reached = True
        while not self._over.is_set():
            for connection in list(self._connections):
                with suppress(duckdb.Error):  # it may be closed by now
                    connection.interrupt()
            self._over.wait(_AGAIN)

    def __enter__(self) -> Self:
        self._watch.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over.set()
        self._watch.join()


def _stream(relation: duckdb.DuckDBPyRelation) -> object:
    return relation.__arrow_c_stream__()


def _for_python(column: str, kind: str) -> str:
    """A column with zoned timestamps as naive UTC, since DuckDB's client cannot give them without pytz."""
    naive = _ZONED.sub(lambda found: found["other"] or "TIMESTAMP", kind)
    return quoted(column) if naive == kind else f"{quoted(column)}::{naive} AS {quoted(column)}"


def _for_arrow(column: str, kind: str) -> str:
    """A column without what other tools stumble over: infinite dates, and types that they do not know."""
    name = quoted(column)
    if kind in _TOLD:
        return f"{name}::VARCHAR AS {name}"
    if kind not in _ENDS:
        return name
    first, last = _ENDS[kind]
    cases = f"WHEN '-infinity' THEN '{first}'::{kind} WHEN 'infinity' THEN '{last}'::{kind}"
    return f"CASE {name} {cases} ELSE {name} END AS {name}"


_BEHIND: Final = "failed: "
_MISSING: Final = re.compile(r"with name (?P<state>\w+?)(?:_as_of|_periods)? does not exist")


def run_select(
    connection: duckdb.DuckDBPyConnection,
    query: str,
    parameters: Any = None,
    uncompiled: Collection[str] = (),
    *,
    timeout: float | None = None,
) -> Rows:
    """The result of one SELECT, in the caller's read-only transaction.

    `uncompiled` are the names of states that have no table or macro. After `timeout` seconds it is stopped.

    Raises:
        NotAllowed: if it is not exactly one SELECT, DuckDB refuses it, or the limit is none.
        QueryTimeout: if it was stopped.
    """
    if timeout is not None and (isinstance(timeout, bool) or not 0 < timeout <= threading.TIMEOUT_MAX):
        raise NotAllowed(f"timeout={timeout!r}: it is a number of seconds, more than 0, or None for no limit")
    if not isinstance(query, str) or any("\ud800" <= mark <= "\udfff" for mark in query):
        raise NotAllowed(f"sql takes the text of one SELECT, not {query!r}")
    if isinstance(parameters, str | bytes) or not isinstance(parameters, Sequence | Mapping | None):
        raise NotAllowed(f"sql takes its parameters as a list or a mapping, not {parameters!r}")
    limit: Limit | None = None
    try:
        statements = connection.extract_statements(query)
        if len(statements) != 1 or not _selects(statements[0]):
            raise NotAllowed("sql takes exactly one SELECT; to write, use append, correct or retract")
        if timeout is None:
            return taken(connection.sql(statements[0], params=parameters))
        with Limit(timeout, connection) as limit:
            return taken(connection.sql(statements[0], params=parameters), limit)
    except duckdb.Error as problem:
        if limit is not None and limit.reached:
            raise QueryTimeout(timeout or 0) from None
        absent = _absent(problem, uncompiled)
        raise NotAllowed(absent or f"DuckDB refuses the query: {_reason(problem)}") from None


def _selects(statement: duckdb.Statement) -> bool:
    """Whether it is a SELECT; for some kinds of statements DuckDB's client has no name."""
    try:
        return statement.type == duckdb.StatementType.SELECT
    except ValueError:
        return False


def _absent(problem: duckdb.Error, uncompiled: Collection[str]) -> str | None:
    """Why there is no such table or macro, if it would be that of a state which SQL cannot give."""
    missing = _MISSING.search(str(problem))
    state = "" if missing is None else missing["state"].lower()
    if state not in uncompiled:
        return None
    return f"{state} has a fold in Python only and does not run in SQL; ask for one at a time, with `of`"


def _reason(problem: duckdb.Error) -> str:
    """What DuckDB says, without that the fault came up while rows were handed over."""
    text = str(problem)
    return text.partition(_BEHIND)[2] if "'incoming' failed: " in text.partition("\n")[0] else text
