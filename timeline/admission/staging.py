"""The rows of a table, in an instance of DuckDB of their own and numbered in their order."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final

import attrs
import duckdb
import msgspec

from timeline.compile import literal, quoted
from timeline.log import connect
from timeline.values import BEHIND, BadRows, BadText, Money, NotAllowed, When, plain
from timeline.vocabulary import Field

GIVEN: Final = "given"
"""The table that holds the rows as they were given."""

ROW: Final = '"number of the row"'
"""Its column for the number of a row; the first is 1, or the line that it begins in."""

_NOT_IN_ARROW: Final = frozenset({"BIGNUM", "UHUGEINT"})
_MEMORY: Final = "1GB"
"""How much of a table is kept in memory; the rest goes to a folder that is gone with it."""


@attrs.frozen
class _Once:
    """An Arrow stream that can be read once."""

    capsule: Callable[[], object]

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        return self.capsule()


FLOATS: Final = frozenset({"DOUBLE", "FLOAT"})
"""The types of columns whose numbers may not be exactly what they say."""

Texts = tuple[str | None, ...]
Said = str | tuple[str, ...] | None
RowFault = tuple[int, str, str]
"""The number of a row, a column, and what is wrong with it."""


@attrs.frozen
class ReadFrom:
    """What a field is drawn from: some columns, or none, and what their texts in a row say together.

    `hear` gives a text, or several of a list, or None where nothing is said; what it refuses is a
    TimelineError.
    """

    columns: tuple[str, ...]
    hear: Callable[[Texts], Said]


@attrs.define
class Unread:
    """What of a table could not be read, and how many rows were passed over since all in them is blank."""

    faults: list[RowFault] = attrs.field(factory=list)
    blank: int = 0


@attrs.frozen(kw_only=True)
class Streamed:
    """Rows that come some at a time, each with its number before its values: texts, or lists of texts.

    `lists` are the columns of lists; `path` is the file they come from, if any. `unread` is added to on the
    way.
    """

    columns: tuple[str, ...]
    batches: Iterable[Sequence[tuple[Any, ...]]]
    lists: frozenset[str] = frozenset()
    path: str | None = None
    unread: Unread = attrs.field(factory=Unread)


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
    drawn: Mapping[str, ReadFrom] = attrs.field(factory=dict)
    """By column of a part, from what it is drawn, where that is more than another column."""
    path: str | None = None
    """The file that it was read from, where its rows are numbered by lines."""
    unread: Unread = attrs.field(factory=Unread)

    def column(self, name: str) -> str:
        """What a column is called in the table that was given."""
        return self.called.get(name, name)

    def part(
        self, name: str, read: Mapping[str, str | ReadFrom], takes: Collection[str], *, whole: bool = False
    ) -> Given:
        """The table as events of one type have it: by field, what it is read from.

        Of the others it has those that the type `takes`. Rows without a date are left out, unless `whole`.

        Raises:
            NotAllowed: if there is no such column.
        """
        drawn = {field: one for field, one in read.items() if isinstance(one, ReadFrom)}
        named = {field: one for field, one in read.items() if not isinstance(one, ReadFrom)}
        for field, column in named.items():
            if column not in self.columns:
                there = ", ".join(self.columns)
                raise NotAllowed(
                    f"{name}.{field} is read from {column!r}, which is no column; they are {there}"
                )
        own = {one: one for one in self.columns if one in takes} | named
        selected = [f"{quoted(column)} AS {quoted(field)}" for field, column in own.items()]
        for field, one in drawn.items():
            texts = ", ".join(self._text(column) for column in one.columns)
            selected.append(f"[{texts}]::VARCHAR[] AS {quoted(field)}")
        view = quoted(f"{GIVEN} as {name}")
        self.connection.execute(
            f"CREATE VIEW {view} AS SELECT {', '.join([ROW, *selected])} FROM {self.table}"
        )
        return attrs.evolve(
            self,
            columns={field: self.columns[column] for field, column in own.items()}
            | dict.fromkeys(drawn, "VARCHAR[]"),
            empty=frozenset(
                [field for field, column in own.items() if column in self.empty]
                + [
                    field
                    for field, one in drawn.items()
                    if one.columns and self.empty.issuperset(one.columns)
                ]
            ),
            table=view,
            called=named | {field: one.columns[0] for field, one in drawn.items() if one.columns},
            whole=whole,
            drawn=drawn,
        )

    def _text(self, column: str) -> str:
        """The values of a column as texts."""
        kind = self.columns[column]
        if column in self.empty:
            return "NULL::VARCHAR"
        if kind == "DATE" or kind.startswith("TIMESTAMP"):
            return date_text(quoted(column), kind)
        if kind in FLOATS:
            return f"CASE WHEN NOT isnan({quoted(column)}) THEN {quoted(column)}::DOUBLE::VARCHAR END"
        return f"{quoted(column)}::VARCHAR"

    def without_blanks(self, columns: Sequence[str]) -> Given:
        """The same without the rows in which any of these columns is left blank.

        Raises:
            NotAllowed: if there is no such column.
        """
        for one in columns:
            if one not in self.columns:
                raise NotAllowed(f"{one!r} is no column; they are {', '.join(self.columns)}")
        blank = " OR ".join(f"nullif(trim({quoted(one)}::VARCHAR), '') IS NULL" for one in columns)
        if not blank:
            return self
        self.connection.execute(f"DELETE FROM {self.table} WHERE {blank}")
        [(count,)] = self.asked(f"SELECT count(*) FROM {self.table}")
        return attrs.evolve(self, count=count, empty=self.empty - {*columns})

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
    gives an Arrow stream, or a pandas DataFrame, or `Streamed`, or a list of mappings.

    Raises:
        NotAllowed: if it is none of these, or cannot be read.
        BadRows: if a mapping holds what no column can.
    """
    with (
        tempfile.TemporaryDirectory(prefix="timeline-") as folder,
        connect(config={"memory_limit": _MEMORY, "temp_directory": folder}) as reader,
    ):
        if isinstance(rows, list | tuple):
            rows = _of_mappings(rows)
        streamed = rows if isinstance(rows, Streamed) else None
        try:
            if streamed is not None:
                _fill(reader, streamed)
            else:
                _relation(reader, rows).project(f"row_number() OVER () AS {ROW}, *").create(GIVEN)
        except duckdb.Error as problem:
            raise NotAllowed(f"DuckDB cannot read the rows: {problem}") from None
        described = reader.execute(f"DESCRIBE {GIVEN}").fetchall()
        kinds = {name: kind for name, kind, *_ in described[1:]}
        [(count,)] = reader.execute(f"SELECT count(*) FROM {GIVEN}").fetchall()
        empty = frozenset(_empty(reader, kinds))
        given = Given(reader, kinds | dict.fromkeys(empty, "VARCHAR"), count, empty)
        if streamed is not None:
            given = attrs.evolve(given, path=streamed.path, unread=streamed.unread)
        yield given


def _fill(connection: duckdb.DuckDBPyConnection, rows: Streamed) -> None:
    """Make the table of rows that come some at a time; they are handed over as JSON."""
    kinds = ["VARCHAR[]" if one in rows.lists else "VARCHAR" for one in rows.columns]
    columns = ", ".join(f"{quoted(one)} {kind}" for one, kind in zip(rows.columns, kinds, strict=True))
    connection.execute(f"CREATE TABLE {GIVEN} ({ROW} BIGINT, {columns})")
    shape = json.dumps({str(place): [kind] for place, kind in enumerate(["BIGINT", *kinds])})
    values = ", ".join(f'unnest(handed."{place}")' for place in range(len(kinds) + 1))
    insert = f"INSERT INTO {GIVEN} SELECT {values} FROM (SELECT from_json(?, {literal(shape)}) AS handed)"
    for batch in rows.batches:
        if batch:
            handed = {str(place): one for place, one in enumerate(zip(*batch, strict=True))}
            connection.execute(insert, [msgspec.json.encode(handed).decode()])


_AT_ONCE: Final = 10_000


def _of_mappings(rows: Sequence[Any]) -> Streamed:
    """Mappings of plain values, in memory, as rows; the columns are all of their keys.

    Raises:
        NotAllowed: if anything in it is no mapping.
        BadRows: if a value is none that a column can hold.
    """
    for number, one in enumerate(rows, 1):
        if not isinstance(one, Mapping):
            raise NotAllowed(f"rows are a list of mappings, and row {number} is of type {type(one).__name__}")
    columns = tuple(dict.fromkeys(str(name) for one in rows for name in one))
    lists = frozenset(
        name for one in rows for name, value in one.items() if isinstance(value, list | tuple | set)
    )
    faults: list[RowFault] = []
    told = []
    for number, one in enumerate(rows, 1):
        values = []
        for name in columns:
            try:
                values.append(_plain(one.get(name), listed=name in lists))
            except ValueError as problem:
                faults.append((number, name, str(problem)))
                values.append(None)
        told.append((number, *values))
    if faults:
        raise BadRows(faults[:_AT_ONCE], len({row for row, _, _ in faults}))
    starts = range(0, len(told), _AT_ONCE)
    return Streamed(
        columns=columns, lists=lists, batches=(told[start : start + _AT_ONCE] for start in starts)
    )


def _plain(value: Any, *, listed: bool = False) -> Any:
    """A value as a text, or a list of them, or nothing.

    Raises:
        ValueError: if it is none that a text can say exactly.
    """
    if listed and value is not None:
        return [_plain(one) for one in (value if isinstance(value, list | tuple | set) else [value])]
    if value is None or value != value:  # NaN and NaT are nothing
        return None
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, datetime):
        if value.tzinfo is None and (value.hour, value.minute, value.second, value.microsecond) != (
            0,
            0,
            0,
            0,
        ):
            raise ValueError(NO_ZONE)
        return value.date().isoformat() if value.tzinfo is None else value.isoformat()
    if isinstance(value, Decimal):
        return plain(value) if value.is_finite() else str(value)
    if isinstance(value, str | int | float | date | When | Money):
        return value if isinstance(value, str) else exact(value) if isinstance(value, float) else str(value)
    if type(value).__name__ in {"UUID", "Source"}:
        return str(value)
    raise ValueError(f"is of type {type(value).__name__}, and a text, a number or a date is needed")


NO_ZONE: Final = "has a time of day and no time zone, and so names no instant; give it one, or a date alone"
_WHOLE_TO: Final = 2**53


def exact(value: float | str) -> str:
    """A float as a plain number, if it is that number exactly.

    Raises:
        BadText: if it is not.
    """
    number = float(value)
    told = Decimal(number) if abs(number) < _WHOLE_TO else None
    if told is None or len(plain(told).partition(".")[2]) > BEHIND:
        raise BadText(value, "is a float, which is not exactly that number; give texts, or Decimals")
    return plain(told)


def date_text(sql: str, kind: str) -> str:
    """The SQL of a column of dates or instants, of a type, as texts.

    An instant without a time zone is the day that it begins; one within a day is left as DuckDB writes it,
    with a blank, so that no reader of dates takes it.
    """
    if kind == "DATE":
        return f"{sql}::VARCHAR"
    if kind == "TIMESTAMP WITH TIME ZONE":
        finer = f"CASE WHEN epoch_us({sql}) % 1000000 = 0 THEN '' ELSE strftime({sql}, '.%f') END"
        text = f"strftime({sql}, '%Y-%m-%dT%H:%M:%S') || {finer} || 'Z'"
        return f"CASE WHEN isfinite({sql}) THEN {text} ELSE {sql}::VARCHAR END"
    if "NS" in kind and ("TZ" in kind or "ZONE" in kind):
        return rf"regexp_replace({sql}::VARCHAR, '^(\S+) (\S+)\+00$', '\1T\2Z')"
    return rf"regexp_replace({sql}::VARCHAR, ' 00:00:00$', '')"


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
            "rows are the text of one SELECT, a file of a table, a list of mappings, or what gives an Arrow "
            f"stream, not {type(rows).__name__}"
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
