"""The rows of a table, in an instance of DuckDB of their own and numbered in their order."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, Final

import attrs
import duckdb

from timeline.compile import quoted
from timeline.log import connect
from timeline.values import NotAllowed
from timeline.vocabulary import Field

GIVEN: Final = "given"
"""The table that holds the rows as they were given."""

ROW: Final = '"#"'
"""Its column for the number of a row; the first is 1."""

_NOT_IN_ARROW: Final = frozenset({"BIGNUM", "UHUGEINT"})
_MEMORY: Final = "1GB"
"""How much of a table is kept in memory; the rest goes to a folder that is gone with it."""


@attrs.frozen
class _Once:
    """An Arrow stream that can be read once."""

    capsule: Callable[[], object]

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        return self.capsule()


@attrs.frozen
class Given:
    """A table as it was given: its columns with their types in SQL, which are empty, and how many rows."""

    connection: duckdb.DuckDBPyConnection
    columns: Mapping[str, str]
    count: int
    empty: frozenset[str]
    table: str = GIVEN
    called: Mapping[str, str] = attrs.field(factory=dict)
    """By column of a part, what it is called in the whole, where that is something else."""
    whole: bool = True
    """Whether each row tells an event, or only those with a date."""

    def column(self, name: str) -> str:
        """What a column is called in the table that was given."""
        return self.called.get(name, name)

    def part(self, name: str, read: Mapping[str, str], takes: Collection[str]) -> Given:
        """The table as events of one type have it: by field, the column that it is read from.

        Of the others it has those that the type `takes`.

        Raises:
            NotAllowed: if there is no such column.
        """
        for field, column in read.items():
            if column not in self.columns:
                there = ", ".join(self.columns)
                raise NotAllowed(
                    f"{name}.{field} is read from {column!r}, which is no column; they are {there}"
                )
        own = {one: one for one in self.columns if one in takes} | dict(read)
        selected = ", ".join(f"{quoted(column)} AS {quoted(field)}" for field, column in own.items())
        view = quoted(f"{GIVEN} as {name}")
        self.connection.execute(f"CREATE VIEW {view} AS SELECT {ROW}, {selected} FROM {self.table}")
        return attrs.evolve(
            self,
            columns={field: self.columns[column] for field, column in own.items()},
            empty=frozenset(field for field, column in own.items() if column in self.empty),
            table=view,
            called=dict(read),
            whole=False,
        )

    def says(self, field: Field) -> bool:
        """Whether it says what a field holds; an empty column says nothing of one that cannot be blank."""
        filled = field.required or field.nullable or field.name not in self.empty
        return field.name in self.columns and filled

    def asked(self, sql: str) -> Sequence[tuple[Any, ...]]:
        """What a query gives."""
        return self.connection.execute(sql).fetchall()


@contextmanager
def staged(rows: Any) -> Iterator[Given]:
    """The rows in the table `given` of an instance that is gone at the end.

    `rows` is the text of one SELECT, which that instance runs, so that it may read files, or anything that
    gives an Arrow stream, or a pandas DataFrame.

    Raises:
        NotAllowed: if it is none of these, or cannot be read.
    """
    with (
        tempfile.TemporaryDirectory(prefix="timeline-") as folder,
        connect(config={"memory_limit": _MEMORY, "temp_directory": folder}) as reader,
    ):
        try:
            _relation(reader, rows).project(f"row_number() OVER () AS {ROW}, *").create(GIVEN)
        except duckdb.Error as problem:
            raise NotAllowed(f"DuckDB cannot read the rows: {problem}") from None
        described = reader.execute(f"DESCRIBE {GIVEN}").fetchall()
        kinds = {name: kind for name, kind, *_ in described[1:]}
        [(count,)] = reader.execute(f"SELECT count(*) FROM {GIVEN}").fetchall()
        empty = frozenset(_empty(reader, kinds))
        yield Given(reader, kinds | dict.fromkeys(empty, "VARCHAR"), count, empty)


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


def _relation(reader: duckdb.DuckDBPyConnection, rows: Any) -> duckdb.DuckDBPyRelation:
    """What the reader can take the rows from, once."""
    if isinstance(rows, str):
        return _select(reader, rows)
    if type(rows).__module__.partition(".")[0] == "pandas" and hasattr(rows, "iloc") and rows.ndim == _WIDE:
        return reader.from_df(_uncut(rows))
    if type(rows).__name__ == "LazyFrame":
        raise NotAllowed("rows are a lazy frame, of which nothing is worked out yet; collect() it first")
    if type(rows).__module__.partition(".")[0] == "polars" and hasattr(rows, "schema"):
        nothing = {name: str for name, kind in rows.schema.items() if str(kind) == "Null"}
        rows = rows.cast(nothing)  # a column of Null is one that DuckDB cannot read
    elif isinstance(rows, duckdb.DuckDBPyRelation):
        rows = _told(rows)
    if not hasattr(rows, "__arrow_c_stream__"):
        raise NotAllowed(
            f"rows are the text of one SELECT, or what gives an Arrow stream, not {type(rows).__name__}"
        )
    reader.register("stream", _Once(rows.__arrow_c_stream__))
    return reader.table("stream")


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
