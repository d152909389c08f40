"""How tables are laid out and filled: for each event type one of all that was said, a view of what stands."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final

import attrs
import msgspec

from timeline.compile.statements import quoted
from timeline.records import Record
from timeline.values import NUMBER, Money, When, plain, stored_instant
from timeline.vocabulary import EventType, Field, Kind

__all__ = ["Layout", "TypedTable", "columns_of"]


@attrs.frozen
class _Column:
    """A column of a typed table: its name, SQL type, and its value, as plain JSON has it, for a field."""

    name: str
    type: str
    value: Callable[[Any], Any]


@attrs.frozen
class Layout:
    """A table, its name quoted, and the SQL types of its columns, by name and in order."""

    table: str
    types: Mapping[str, str]
    structure: str = attrs.field(init=False)
    """What `columns` gives, as a text of SQL that `from_json` takes."""

    insert: str = attrs.field(init=False)
    """The SQL that adds rows; its parameter is a JSON object of columns, each a list of values."""

    @structure.default
    def _structure(self) -> str:
        lists = {name: [_in_json(kind)] for name, kind in self.types.items()}
        return "'" + msgspec.json.encode(lists).decode().replace("'", "''") + "'"

    @insert.default
    def _insert(self) -> str:
        # VALUES, since of a mere parameter DuckDB would work out the lists while it plans, value by value
        return f"""\
INSERT INTO {self.table}
SELECT unnest(COLUMNS(*)) FROM (
    SELECT unnest(from_json(given, {self.structure})) FROM (VALUES ($1::VARCHAR)) AS handed_over(given)
);
"""  # noqa: S608

    def columns(self, rows: Sequence[Sequence[Any]]) -> str:
        """Rows as the parameter that `insert` takes."""
        several = zip(*rows, strict=True) if rows else [()] * len(self.types)
        return msgspec.json.encode(dict(zip(self.types, several, strict=True))).decode()


def _in_json(kind: str) -> Any:
    return [kind.removesuffix("[]")] if kind.endswith("[]") else kind


def _same(value: Any) -> Any:
    return value


def _when_columns(name: str) -> Iterator[_Column]:
    def earliest(value: When | None) -> str | None:
        return None if value is None else stored_instant(value.earliest, "-infinity")

    def latest(value: When | None) -> str | None:
        return None if value is None else stored_instant(value.latest)

    yield _Column(name, "VARCHAR", lambda value: None if value is None else value.text)
    yield _Column(f"{name}_earliest", "TIMESTAMP", earliest)
    yield _Column(f"{name}_latest", "TIMESTAMP", latest)


def _money_columns(name: str) -> Iterator[_Column]:
    def part(read: Callable[[Money], str]) -> Callable[[Money | None], str | None]:
        return lambda value: None if value is None else read(value)

    yield _Column(name, NUMBER, part(lambda money: plain(money.value)))
    yield _Column(f"{name}_currency", "VARCHAR", part(lambda money: money.currency))
    yield _Column(f"{name}_bound", "VARCHAR", part(lambda money: money.bound))


def columns_of(field: Field) -> Iterator[_Column]:
    """The typed columns of one field."""
    if field.kind is Kind.WHEN:
        yield from _when_columns(field.name)
    elif field.kind is Kind.MONEY:
        yield from _money_columns(field.name)
    elif field.kind in {Kind.ENTITIES, Kind.TEXTS}:
        yield _Column(field.name, "VARCHAR[]", list)
    elif field.kind is Kind.DECIMAL:
        yield _Column(field.name, NUMBER, lambda value: None if value is None else plain(value))
    elif field.kind is Kind.FLAG:
        yield _Column(field.name, "BOOLEAN", _same)
    else:
        yield _Column(field.name, "VARCHAR", _same)


_ENVELOPE: Final = (
    ("position", "BIGINT"),
    ("id", "UUID"),
    ("ref", "VARCHAR"),
    ("kind", "VARCHAR"),
    ("occurred", "VARCHAR"),
    ("earliest", "TIMESTAMP"),
    ("latest", "TIMESTAMP"),
    ("known_at", "TIMESTAMP"),
    ("recorded_at", "TIMESTAMP"),
    ("credence", "VARCHAR"),
)
_TAKEN: Final = frozenset(name for name, _ in _ENVELOPE)


def _envelope(record: Record, occurred: When) -> list[Any]:
    return [
        record.position,
        record.id,
        record.ref,
        record.kind,
        occurred.text,
        stored_instant(occurred.earliest, "-infinity"),
        stored_instant(occurred.latest),
        stored_instant(record.known_at),
        stored_instant(record.recorded_at),
        record.credence,
    ]


@attrs.frozen
class TypedTable:
    """The typed table of one event type, in schema `said`, and its view in `main`."""

    type: EventType

    @classmethod
    @functools.lru_cache(maxsize=1_024)
    def of(cls, kind: EventType) -> TypedTable:
        """The table of an event type, its plan made once."""
        return cls(kind)

    @property
    def columns(self) -> list[_Column]:
        """The typed columns, after those of the envelope.

        A field whose name the envelope takes gets an underscore behind it.
        """
        found = [column for field in self.type.fields for column in columns_of(field)]
        return [attrs.evolve(c, name=f"{c.name}_") if c.name in _TAKEN else c for c in found]

    def named(self, field: str, part: str = "") -> str:
        """The column of a field, or of one of its parts (`_latest`, `_currency` …), quoted."""
        name = field + part
        return quoted(f"{name}_" if name in _TAKEN else name)

    @property
    def dates(self) -> list[tuple[str, str, str]]:
        """The columns of each field that is a date: as written, its first and its last instant."""
        names = [field.name for field in self.type.fields if field.kind is Kind.WHEN]
        taken = {name: f"{name}_" if name in _TAKEN else name for name in names}
        return [(taken[name], f"{name}_earliest", f"{name}_latest") for name in names]

    def create(self) -> str:
        """The SQL that makes the table and the view of what stands now and is not denied."""
        layout = ",\n".join(f"    {quoted(name)} {kind}" for name, kind in self.layout.types.items())
        name = quoted(self.type.name)
        return f"""\
CREATE OR REPLACE TABLE said.{name} (
{layout}
);
CREATE OR REPLACE VIEW main.{name} AS
FROM said.{name} AS event
WHERE credence <> 'denied'
    AND NOT EXISTS (FROM main.superseded WHERE superseded.position = event.position)
ORDER BY event.position;
"""

    @functools.cached_property
    def layout(self) -> Layout:
        """The table and its columns."""
        types = dict(_ENVELOPE) | {column.name: column.type for column in self.columns}
        return Layout(f"said.{quoted(self.type.name)}", types)

    @functools.cached_property
    def _values(self) -> list[tuple[str, list[Callable[[Any], Any]]]]:
        """By field, how the value of each of its columns follows."""
        return [(field.name, [column.value for column in columns_of(field)]) for field in self.type.fields]

    def rows(self, records: Sequence[Record]) -> list[list[Any]]:
        """The rows that records add, each value as plain JSON has it."""
        rows = []
        for record in records:
            event = record.event
            if event is None:
                continue
            row = _envelope(record, event.occurred)
            for name, parts in self._values:
                given = getattr(event, name)
                row += [part(given) for part in parts]
            rows.append(row)
        return rows
