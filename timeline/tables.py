"""How each event type is laid out: a typed table of all that was said, a view of what stands now."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from typing import Any, Final

import attrs

from timeline.event import EventType
from timeline.fields import Field, Kind
from timeline.money import Money, plain
from timeline.record import Record
from timeline.when import When

__all__ = ["Table", "columns_of", "quoted", "stored_instant"]


@attrs.frozen
class _Column:
    """A column of a typed table: its name, SQL type, and its value, as text or list of texts, for a field."""

    name: str
    type: str
    value: Callable[[Any], str | list[str] | None]

    @property
    def parameter(self) -> str:
        """The SQL type in which its values are handed over."""
        return "VARCHAR[][]" if self.type == "VARCHAR[]" else "VARCHAR[]"


def quoted(identifier: str) -> str:
    """An identifier as SQL has it.

    >>> quoted('a"b')
    '"a""b"'
    """
    return '"' + identifier.replace('"', '""') + '"'


def stored_instant(instant: datetime | None, unbounded: str = "infinity") -> str:
    """An instant as the text of a naive UTC TIMESTAMP; None as the given infinity."""
    if instant is None:
        return unbounded
    text = instant.replace(tzinfo=None).isoformat(sep=" ")
    return text.rstrip("0") if "." in text else text


def _text(value: Any) -> str | None:
    return None if value is None else str(value)


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

    yield _Column(name, "DECIMAL(38, 6)", part(lambda money: plain(money.value)))
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
        yield _Column(field.name, "DECIMAL(38, 6)", lambda value: None if value is None else plain(value))
    elif field.kind is Kind.FLAG:
        yield _Column(field.name, "BOOLEAN", _text)
    else:
        yield _Column(field.name, "VARCHAR", _text)


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


def _envelope(record: Record, occurred: When) -> list[str | None]:
    return [
        str(record.position),
        str(record.id),
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
class Table:
    """The typed table of one event type, in schema `said`, and its view in `main`."""

    type: EventType

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

    def create(self) -> str:
        """The SQL that makes the table and the view of what stands now and is not denied."""
        columns = [*_ENVELOPE, *((column.name, column.type) for column in self.columns)]
        layout = ",\n".join(f"    {quoted(name)} {kind}" for name, kind in columns)
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

    def insert(self) -> str:
        """The SQL that adds rows, handed over column by column."""
        kinds = [(kind, "VARCHAR[]") for _, kind in _ENVELOPE]
        kinds += [(column.type, column.parameter) for column in self.columns]
        values = ",\n".join(
            f"    unnest(${index}::{parameter})" + ("" if kind.startswith("VARCHAR") else f"::{kind}")
            for index, (kind, parameter) in enumerate(kinds, start=1)
        )
        return f"INSERT INTO said.{quoted(self.type.name)}\nSELECT\n{values};"

    def rows(self, records: Sequence[Record]) -> list[list[Any]]:
        """The columns of these records, each a list of texts, as `insert` takes them."""
        fields = [(field.name, list(columns_of(field))) for field in self.type.fields]
        rows = []
        for record in records:
            event = record.event
            if event is None:
                continue
            row: list[Any] = list(_envelope(record, event.occurred))
            for name, columns in fields:
                value = getattr(event, name)
                row += [column.value(value) for column in columns]
            rows.append(row)
        return [list(column) for column in zip(*rows, strict=True)]
