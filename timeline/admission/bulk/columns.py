"""How a column of a table is read for a field of each kind: in SQL, and odd values once each in Python."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

import attrs
import duckdb

from timeline.admission.bulk.shapes import (
    Problem,
    Value,
    grouped,
    json_text,
    listing,
    number_text,
    shortest,
    whole_number,
)
from timeline.admission.bulk.staging import GIVEN, Given
from timeline.compile import LAID, columns_of, is_text, literal, quoted
from timeline.values import (
    BEFORE,
    BEHIND,
    NUMBER,
    PARTS_OF_YEAR,
    PLAIN,
    InvalidData,
    TimelineError,
    When,
    plain,
    stored_instant,
)
from timeline.vocabulary import EventType, Field, Kind, flag, read_field, worded

Reader = Callable[[Any], Sequence[Any]]
"""Reads a value into the columns of its look-up."""

_CHUNK: Final = 10_000


def read_distinct(
    connection: duckdb.DuckDBPyConnection,
    name: str,
    value: str,
    where: str,
    read: Reader,
    columns: Sequence[tuple[str, str]],
) -> bool:
    """Make the look-up `temp.name`: `value`, what was read of it, and in `problem` why it cannot be read.

    Tells whether there is anything to look up: a value of a row for which `where` holds.
    """
    connection.execute(
        f"CREATE TEMP TABLE {name}_asked AS SELECT row_number() OVER () AS n, value "
        f"FROM (SELECT DISTINCT {value} AS value FROM {GIVEN} AS given WHERE {where})"
    )
    kind = dict(
        connection.execute(f"SELECT column_name, column_type FROM (DESCRIBE temp.{name}_asked)").fetchall()
    )
    layout = [("value", kind["value"]), *columns, ("problem", "VARCHAR")]
    connection.execute(f"CREATE TEMP TABLE {name} ({', '.join(f'{one} {kind}' for one, kind in layout)})")
    [(count,)] = connection.execute(f"SELECT count(*) FROM temp.{name}_asked").fetchall()
    for start in range(0, count, _CHUNK):
        asked = connection.execute(
            f"SELECT value FROM temp.{name}_asked WHERE n > ? AND n <= ?", [start, start + _CHUNK]
        ).fetchall()
        add(connection, name, layout, [_looked_up(one, read, len(columns)) for (one,) in asked])
    connection.execute(f"DROP TABLE temp.{name}_asked")
    return bool(count)


def add(
    connection: duckdb.DuckDBPyConnection,
    name: str,
    layout: Sequence[tuple[str, str]],
    rows: Sequence[Sequence[Any]],
) -> None:
    """Add rows to a temporary table, handed over column by column."""
    for start in range(0, len(rows), _CHUNK):
        columns = [list(column) for column in zip(*rows[start : start + _CHUNK], strict=True)]
        values = ", ".join(
            f"unnest(${index}::{'VARCHAR[][]' if kind == 'VARCHAR[]' else 'VARCHAR[]'})::{kind}"
            for index, (_, kind) in enumerate(layout, start=1)
        )
        connection.execute(f"INSERT INTO temp.{name} SELECT {values}", columns)


def _looked_up(value: Any, read: Reader, width: int) -> Sequence[Any]:
    try:
        return [value, *read(value), None]
    except TimelineError as problem:
        return [value, *[None] * width, str(problem)]


BLANK: Final = "is left blank, and a value is needed"

_INTEGERS: Final = frozenset(
    {"TINYINT", "SMALLINT", "INTEGER", "BIGINT", "UTINYINT", "USMALLINT", "UINTEGER", "UBIGINT"}
)
_DAY: Final = r"[0-9]{4}(-[0-9]{2}(-[0-9]{2})?)?"
_INSTANT: Final = r"[0-9]{4}-[0-9]{2}-[0-9]{2}T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](\.[0-9]{1,6})?Z?"


@attrs.frozen
class Number:
    """A column of numbers: of the type `NUMBER` if it is `exact`, else texts that may be no numbers.

    `text` is its shortest plain text and `whole` the number where it is whole, else NULL, if it is exact.
    """

    value: str
    exact: bool = attrs.field(kw_only=True)
    text: str = attrs.field(kw_only=True)
    whole: str = attrs.field(kw_only=True)

    @classmethod
    def of(cls, value: str, *, exact: bool) -> Number:
        """Numbers of which no more is known."""
        return cls(value, exact=exact, text=number_text(value), whole=whole_number(value))


@attrs.frozen
class Columns:
    """The columns of the table that was given, and the readers of them, by the connection that holds it."""

    connection: duckdb.DuckDBPyConnection
    given: Given
    type: EventType

    def refuse(self, column: str, problem: str) -> InvalidData:
        """The error for a column that cannot be used at all."""
        return InvalidData([(f"{self.type.name}.{column}", problem)])

    def has(self, column: str) -> bool:
        """Whether the table has a column of that name which is not a field of the type."""
        return column in self.given.columns and all(column != one.name for one in self.type.fields)

    def text(self, column: str, *kinds: str, hint: str = "cast it to VARCHAR") -> str:
        """A column of texts.

        Raises:
            InvalidData: if it is of another type than VARCHAR and those given.
        """
        kind = self.given.columns[column]
        if kind in {"VARCHAR", *kinds}:
            return f"given.{quoted(column)}"
        if kind.startswith("ENUM"):
            return f"given.{quoted(column)}::VARCHAR"
        raise self.refuse(column, f"is {kind}; {hint}")

    def texts(self, column: str) -> str:
        """A column of lists of texts; a text is a list of one, and nothing is an empty list."""
        kind, name = self.given.columns[column], f"given.{quoted(column)}"
        if kind == "VARCHAR[]":
            return f"coalesce({name}, []::VARCHAR[])"
        if kind.endswith("]") and self._empty(f"coalesce(len({name}), 0) = 0"):
            return "([]::VARCHAR[])"
        one = self.text(column, hint="cast it to VARCHAR[]")
        return f"(CASE WHEN {one} IS NULL THEN []::VARCHAR[] ELSE [{one}] END)"

    def number(self, column: str) -> Number:
        """A column of numbers.

        Raises:
            InvalidData: if it holds neither numbers nor texts, or inexact ones.
        """
        kind, name = self.given.columns[column], f"given.{quoted(column)}"
        if kind in _INTEGERS:
            whole = f"{name}::HUGEINT" if kind == "UBIGINT" else f"{name}::BIGINT"
            return Number(f"{name}::{NUMBER}", exact=True, text=f"{name}::VARCHAR", whole=whole)
        if kind.startswith("DECIMAL"):
            width, scale = map(int, kind[8:-1].split(","))
            if scale <= BEHIND and width - scale <= BEFORE:
                return Number.of(f"{name}::{NUMBER}", exact=True)
            return Number.of(shortest(f"{name}::VARCHAR"), exact=False)
        if kind in {"HUGEINT", "UHUGEINT"}:
            return Number.of(f"{name}::VARCHAR", exact=False)
        inexact = kind in {"DOUBLE", "FLOAT"}
        hint = f"{'it is not exact: ' if inexact else ''}cast it to {NUMBER}"
        return Number.of(self.text(column, hint=hint), exact=False)

    def _empty(self, nothing: str) -> bool:
        rows = self.connection.execute(f"SELECT 1 FROM {GIVEN} AS given WHERE NOT ({nothing}) LIMIT 1")
        return not rows.fetchall()

    def looked_up(
        self, name: str, value: str, sound: str, read: Reader, *columns: tuple[str, str]
    ) -> tuple[str, ...]:
        """The join with a look-up of those values that are not sound by themselves; none if all are."""
        where = f"{value} IS NOT NULL AND NOT coalesce({sound}, FALSE)"
        if not read_distinct(self.connection, name, value, where, read, columns):
            return ()
        return (f"LEFT JOIN temp.{name} AS {name} ON {name}.value = {value} AND {where}",)

    # Values by kind

    def value(self, prefix: str, field: Field, column: str) -> Value:
        """A field of anything but entities and money from its column; `prefix` names what is made of it."""
        return _READERS.get(field.kind, _by_python)(self, prefix, field, column)


def _blank(field: Field, column: str, value: str) -> tuple[Problem, ...]:
    if field.nullable:
        return ()
    return (Problem(column, f"CASE WHEN {value} IS NULL THEN {literal(BLANK)} END"),)


def _unread(column: str, name: str, joins: tuple[str, ...]) -> tuple[Problem, ...]:
    return (Problem(column, f"{name}.problem"),) if joins else ()


def _or_read(joins: tuple[str, ...], read: str, plain_value: str, name: str) -> str:
    """What was looked up where it was, else the value that SQL vouches for."""
    return f"CASE WHEN {name}.value IS NULL THEN {plain_value} ELSE {read} END" if joins else plain_value


def _or_null(value: str, written: str) -> str:
    return f"CASE WHEN {value} IS NULL THEN 'null' ELSE {written} END"


def _text(columns: Columns, prefix: str, field: Field, column: str) -> Value:
    value, odd = columns.text(column), f"{prefix}_odd"
    sound = f"{value} IN ({', '.join(map(literal, field.choices))})" if field.choices else is_text(value)
    joins = columns.looked_up(odd, value, sound, lambda one: [read_field(field, one)], ("text", "VARCHAR"))
    return Value(
        selected={prefix: _or_read(joins, f"{odd}.text", value, odd)},
        joins=joins,
        problems=(*_unread(column, odd, joins), *_blank(field, column, value)),
        stored=(prefix,),
        json=_or_null(prefix, json_text(prefix)),
        words=f"coalesce({prefix}, 'unknown')",
        said=f"{prefix} IS NOT NULL",
    )


def _texts(columns: Columns, prefix: str, field: Field, column: str) -> Value:
    value, odd = columns.texts(column), f"{prefix}_odd"
    sound = f"len({value}) = 0 OR len({value}) = 1 AND {is_text(f'{value}[1]')}"
    joins = columns.looked_up(
        odd, value, sound, lambda one: [list(read_field(field, one))], ("text", "VARCHAR[]")
    )
    return Value(
        selected={prefix: _or_read(joins, f"{odd}.text", value, odd)},
        joins=joins,
        problems=_unread(column, odd, joins),
        stored=(prefix,),
        json=f"to_json({prefix})::VARCHAR",
        words=f"CASE WHEN len({prefix}) = 0 THEN 'unknown' ELSE {listing(prefix)} END",
        said=f"len({prefix}) > 0",
    )


def _flag(columns: Columns, prefix: str, field: Field, column: str) -> Value:
    value, odd = columns.text(column, "BOOLEAN", hint="cast it to BOOLEAN"), f"{prefix}_odd"
    joins: tuple[str, ...] = ()
    if columns.given.columns[column] == "VARCHAR":
        sound = f"{value} IN ('true', 'false')"
        joins = columns.looked_up(odd, value, sound, lambda one: [str(flag(one))], ("flag", "BOOLEAN"))
    said = _or_read(joins, f"{odd}.flag", f"TRY_CAST({value} AS BOOLEAN)", odd)
    told = literal(field.name.replace("_", " "))
    words = f"CASE WHEN {prefix} THEN {told} WHEN {prefix} IS NULL THEN 'unknown'"
    return Value(
        selected={prefix: said},
        joins=joins,
        problems=(*_unread(column, odd, joins), *_blank(field, column, value)),
        stored=(prefix,),
        json=_or_null(prefix, f"{prefix}::VARCHAR"),
        words=f"{words} ELSE 'no' END",
        said=f"coalesce({prefix}, FALSE)",
    )


def _decimal(columns: Columns, prefix: str, field: Field, column: str) -> Value:
    value, exact = columns.number(column).value, columns.number(column).exact
    odd, number = f"{prefix}_odd", value
    joins: tuple[str, ...] = ()
    if not exact:
        sound = f"regexp_full_match({value}, '-?{PLAIN}')"
        joins = columns.looked_up(
            odd, value, sound, lambda one: [plain(read_field(field, one))], ("number", NUMBER)
        )
        number = f"CASE WHEN {sound} THEN {value} END::{NUMBER}"
    whole = f"split_part({prefix}_text, '.', 1)"
    sign = f"CASE WHEN {prefix} < 0 THEN '-' ELSE '' END"
    digits = grouped(f"ltrim({whole}, '-')")
    words = f"{sign} || {digits} || substr({prefix}_text, length({whole}) + 1)"
    selected = _or_read(joins, f"{odd}.number", number, odd)
    return Value(
        selected={prefix: selected, f"{prefix}_text": number_text(f"({selected})")},
        joins=joins,
        problems=(*_unread(column, odd, joins), *_blank(field, column, value)),
        stored=(prefix,),
        json=_or_null(prefix, f"""'"' || {prefix}_text || '"'"""),
        words=f"CASE WHEN {prefix} IS NULL THEN 'unknown' ELSE {words} END",
        said=f"{prefix} IS NOT NULL",
    )


def _by_python(columns: Columns, prefix: str, field: Field, column: str) -> Value:
    """A field of a kind of which SQL reads nothing by itself: each value is read once in Python."""
    parts, odd = list(columns_of(field)), f"{prefix}_odd"
    value = f"{columns.text(column, *_INTEGERS, 'BOOLEAN')}::VARCHAR"

    def read(given: str) -> Sequence[Any]:
        one = read_field(field, field.kind.heard(given))
        return [*(part.value(one) for part in parts), worded(one)]

    kinds = {**{f"told{part.part}": part.type for part in parts}, "words": "VARCHAR"}
    joins = columns.looked_up(odd, value, "FALSE", read, *kinds.items())
    names = (prefix, *(prefix + part.part for part in parts[1:]))
    return Value(
        selected={
            name: f"{odd}.{one}" if joins else f"NULL::{kind}"
            for name, (one, kind) in zip((*names, f"{prefix}_words"), kinds.items(), strict=True)
        },
        joins=joins,
        problems=(*_unread(column, odd, joins), *_blank(field, column, value)),
        stored=names,
        json=LAID[field.kind].json(lambda part: prefix + part),
        words=f"coalesce({prefix}_words, 'unknown')",
        said=f"{prefix} IS NOT NULL",
    )


def _when(columns: Columns, prefix: str, field: Field, column: str) -> Value:
    return dates(columns, prefix, column, nullable=field.nullable)


def dates(columns: Columns, prefix: str, column: str, *, nullable: bool) -> Value:
    """A column of dates: texts as `When` reads them, days, or instants with a time zone.

    Raises:
        InvalidData: if it is of another type, a timestamp without a time zone above all.
    """
    value, start, end = _span(columns, column)
    odd = f"{prefix}_odd"
    sound = f"{start} BETWEEN TIMESTAMP '0001-01-01' AND TIMESTAMP '9998-12-31 23:59:59.999999'"
    bounds = (("text", "VARCHAR"), ("earliest", "TIMESTAMP"), ("latest", "TIMESTAMP"))
    joins = columns.looked_up(odd, value, sound, _read_when, *bounds)
    problems = _unread(column, odd, joins)
    if not nullable:
        problems += (Problem(column, f"CASE WHEN {value} IS NULL THEN {literal(BLANK)} END"),)
    return Value(
        selected={
            prefix: _or_read(joins, f"{odd}.text", value, odd),
            f"{prefix}_earliest": _or_read(joins, f"{odd}.earliest", start, odd),
            f"{prefix}_latest": _or_read(joins, f"{odd}.latest", end, odd),
        },
        joins=joins,
        problems=problems,
        stored=(prefix, f"{prefix}_earliest", f"{prefix}_latest"),
        json=_or_null(prefix, f"""'"' || {prefix} || '"'"""),
        words=f"coalesce({_date_words(prefix)}, 'unknown')",
        said=f"{prefix} IS NOT NULL",
    )


def _date_words(date: str) -> str:
    """A date as people read it, as `When.words` has it."""
    for number, name in PARTS_OF_YEAR.items():
        date = f"regexp_replace({date}, '\\b([0-9]{{4}})-{number}\\b', '{name} of \\1', 'g')"
    return date


def _span(columns: Columns, column: str) -> tuple[str, str, str]:
    """A date as text, and its first and last instant, NULL where SQL does not read it."""
    kind, name = columns.given.columns[column], f"given.{quoted(column)}"
    whole_day = "INTERVAL 1 DAY - INTERVAL 1 MICROSECOND"
    if kind == "DATE":
        start = f"CASE WHEN isfinite({name}) THEN {name}::TIMESTAMP END"
        return f"{name}::VARCHAR", start, f"{start} + {whole_day}"
    if kind in {"TIMESTAMP WITH TIME ZONE", "TIMESTAMPTZ_NS"}:
        micro, fits = f"epoch_us({name})", f"isfinite({name})"
        if kind == "TIMESTAMPTZ_NS":
            micro, fits = f"epoch_ns({name}) // 1000", f"TRY(epoch_ns({name}) % 1000) = 0"
        instant = f"CASE WHEN {fits} THEN make_timestamp({micro}) END"
        finer = f"CASE WHEN {micro} % 1000000 = 0 THEN '' ELSE strftime({instant}, '.%f') END"
        text = f"CASE WHEN {fits} THEN strftime({instant}, '%Y-%m-%dT%H:%M:%S') || {finer} || 'Z' END"
        odd = f"{name}::VARCHAR"
        if kind == "TIMESTAMPTZ_NS":
            odd = rf"regexp_replace({odd}, '^(\S+) (\S+)\+00$', '\1T\2Z')"
        return f"CASE WHEN {name} IS NOT NULL THEN coalesce({text}, {odd}) END", instant, instant
    if kind.startswith("TIMESTAMP"):
        hint = "cast it to TIMESTAMPTZ, or to DATE"
        raise columns.refuse(column, f"is {kind}, which has no time zone and so names no instant; {hint}")
    text = columns.text(column, hint="cast it to VARCHAR, as in 2018, 2018-01 or 2018-01-31, or to DATE")
    days = f"{text} || CASE length({text}) WHEN 4 THEN '-01-01' WHEN 7 THEN '-01' ELSE '' END"
    start = (
        f"CASE WHEN regexp_full_match({text}, '{_DAY}') THEN TRY_CAST({days} AS TIMESTAMP) "
        f"WHEN regexp_full_match({text}, '{_INSTANT}') THEN TRY_CAST(rtrim({text}, 'Z') AS TIMESTAMP) END"
    )
    lengths = {4: "INTERVAL 1 YEAR", 7: "INTERVAL 1 MONTH", 10: "INTERVAL 1 DAY"}
    whole = " ".join(
        f"WHEN {length} THEN {start} + {span} - INTERVAL 1 MICROSECOND" for length, span in lengths.items()
    )
    return text, start, f"CASE length({text}) {whole} ELSE {start} END"


def _read_when(text: str) -> list[Any]:
    when = When.read(text)
    return [when.text, stored_instant(when.earliest, "-infinity"), stored_instant(when.latest)]


_READERS: Final[Mapping[Kind, Callable[[Columns, str, Field, str], Value]]] = {
    Kind.TEXT: _text,
    Kind.TEXTS: _texts,
    Kind.FLAG: _flag,
    Kind.DECIMAL: _decimal,
    Kind.WHEN: _when,
}
