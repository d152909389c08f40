"""The rows of a table, moved into the file's own instance of DuckDB and numbered in their order."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Final

import attrs
import duckdb

from timeline.compile import quoted
from timeline.log import connect
from timeline.values import NotAllowed
from timeline.vocabulary import Field

GIVEN: Final = "temp.given"
"""The table that holds the rows as they were given."""

ROW: Final = '"#"'
"""Its column for the number of a row; the first is 1."""

_NOT_IN_ARROW: Final = frozenset({"BIGNUM", "UHUGEINT"})
_CONFIG: Final[dict[str, str | bool | int | float | list[str]]] = {"memory_limit": "1GB"}


@attrs.frozen
class _Once:
    """An Arrow stream that can be read once."""

    capsule: Callable[[], object]

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        return self.capsule()


@attrs.frozen
class Given:
    """A table as it was given: its columns with their types in SQL, which are empty, and how many rows."""

    columns: dict[str, str]
    count: int
    empty: frozenset[str]

    def says(self, field: Field) -> bool:
        """Whether it says what a field holds; an empty column says nothing of one that cannot be blank."""
        filled = field.required or field.nullable or field.name not in self.empty
        return field.name in self.columns and filled


def staged(connection: duckdb.DuckDBPyConnection, rows: Any) -> Given:
    """Move rows into the table `given` of a connection, in the caller's transaction.

    `rows` is the text of one SELECT, which a DuckDB instance of its own runs that may read files, or anything
    that gives an Arrow stream, or a pandas DataFrame.

    Raises:
        NotAllowed: if it is none of these, or cannot be read.
    """
    try:
        with _stream(rows) as stream:
            connection.register("given_stream", stream)
            connection.execute(
                f"CREATE TEMP TABLE given AS SELECT row_number() OVER () AS {ROW}, * FROM given_stream"
            )
            connection.unregister("given_stream")
        described = connection.execute(f"DESCRIBE {GIVEN}").fetchall()
        count = connection.execute(f"SELECT count(*) FROM {GIVEN}").fetchall()[0][0]
    except duckdb.Error as problem:
        raise NotAllowed(f"DuckDB cannot read the rows: {_reason(problem)}") from None
    kinds = {name: kind for name, kind, *_ in described[1:]}
    empty = frozenset(_empty(connection, kinds))
    for name in empty:
        connection.execute(f"ALTER TABLE {GIVEN} ALTER {quoted(name)} TYPE VARCHAR USING NULL")
        kinds[name] = "VARCHAR"
    return Given(kinds, count, empty)


def _empty(connection: duckdb.DuckDBPyConnection, kinds: Mapping[str, str]) -> list[str]:
    """Those columns in which nothing is, or blanks alone: whatever type they have is nobody's choice."""
    filled = {
        name: f"trim({quoted(name)}) <> ''" if kind == "VARCHAR" else f"{quoted(name)} IS NOT NULL"
        for name, kind in kinds.items()
    }
    if not filled:
        return []
    asked = ", ".join(f"EXISTS (FROM {GIVEN} WHERE {one})" for one in filled.values())
    found = connection.execute(f"SELECT {asked}").fetchall()[0]
    return [name for name, there in zip(kinds, found, strict=True) if not there]


_WIDE: Final = 2
"""How many dimensions a table has."""


@contextmanager
def _stream(rows: Any) -> Iterator[Any]:
    """What DuckDB can read the rows from, once."""
    if isinstance(rows, str):
        with connect(config=_CONFIG) as reader:
            yield _Once(_told(_select(reader, rows)).__arrow_c_stream__)
    elif type(rows).__module__.partition(".")[0] == "pandas" and hasattr(rows, "iloc") and rows.ndim == _WIDE:
        with connect(config=_CONFIG) as reader:
            reader.register("frame", _uncut(rows))
            yield _Once(reader.table("frame").__arrow_c_stream__)
    elif type(rows).__name__ == "LazyFrame":
        raise NotAllowed("rows are a lazy frame, of which nothing is worked out yet; collect() it first")
    elif type(rows).__module__.partition(".")[0] == "polars" and hasattr(rows, "schema"):
        nothing = {name: str for name, kind in rows.schema.items() if str(kind) == "Null"}
        yield _Once(rows.cast(nothing).__arrow_c_stream__)  # a column of Null is one that DuckDB cannot read
    elif hasattr(rows, "__arrow_c_stream__"):
        given = _told(rows) if isinstance(rows, duckdb.DuckDBPyRelation) else rows
        yield _Once(given.__arrow_c_stream__)
    else:
        raise NotAllowed(
            f"rows are the text of one SELECT, or what gives an Arrow stream, not {type(rows).__name__}"
        )


def _told(relation: duckdb.DuckDBPyRelation) -> duckdb.DuckDBPyRelation:
    """A relation whose columns of types that Arrow has not are texts: DuckDB would hand over other values."""
    if not any(str(kind) in _NOT_IN_ARROW for kind in relation.types):
        return relation
    columns = zip(map(quoted, relation.columns), map(str, relation.types), strict=True)
    return relation.project(
        ", ".join(f"{one}::VARCHAR AS {one}" if kind in _NOT_IN_ARROW else one for one, kind in columns)
    )


def _uncut(frame: Any) -> Any:
    """A DataFrame of pandas whose instants with nanoseconds are texts: DuckDB would cut these off."""
    finer = [place for place in range(frame.shape[1]) if _has_nanoseconds(frame.iloc[:, place])]
    if finer:
        frame = frame.copy(deep=False)
    for place in finer:
        values = [_iso(one) for one in frame.iloc[:, place].astype(object)]
        frame.isetitem(place, type(frame.iloc[:, place])(values, index=frame.index, dtype=object))
    return frame


def _has_nanoseconds(column: Any) -> bool:
    """Whether any instant in a column of pandas says more than its microseconds."""
    if column.dtype.kind == "M":
        return column.dt.tz is not None and bool((column.dt.nanosecond > 0).any())
    return column.dtype.kind == "O" and any(getattr(one, "nanosecond", 0) > 0 for one in column)


def _iso(value: Any) -> Any:
    """An instant as a text; what is no time, as pandas has it, as nothing."""
    if not hasattr(value, "isoformat"):
        return value
    return value.isoformat() if value == value else None


def _select(reader: duckdb.DuckDBPyConnection, query: str) -> duckdb.DuckDBPyRelation:
    if any("\ud800" <= mark <= "\udfff" for mark in query):
        raise NotAllowed("rows are the text of one SELECT, and this holds a half of a character")
    statements = reader.extract_statements(query)
    if len(statements) != 1 or statements[0].type != duckdb.StatementType.SELECT:
        raise NotAllowed("rows are the text of exactly one SELECT, such as SELECT … FROM 'rows.csv'")
    return reader.sql(statements[0].query.strip().removesuffix(";"))


def _reason(problem: duckdb.Error) -> str:
    """What DuckDB says, without that the fault came up while rows were handed over."""
    text = str(problem)
    return text.partition("failed: ")[2] if "'given_stream' failed: " in text.partition("\n")[0] else text
