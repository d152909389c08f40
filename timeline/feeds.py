"""The derived tables that compiled states read: what each event contributes to which slot of which key."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import Any, Final

import attrs

from timeline.codec import Codec, canonical
from timeline.contribution import Contribution, contributions
from timeline.event import Event
from timeline.folds import Feed, Fold
from timeline.money import Money, plain
from timeline.record import Record
from timeline.state import StateType
from timeline.tables import quoted, stored_instant
from timeline.when import When

__all__ = ["FeedTable"]

_COLUMNS: Final = (
    ("field", "VARCHAR"),
    ("a", "VARCHAR"),
    ("b", "VARCHAR"),
    ("slot", "VARCHAR"),
    ("position", "BIGINT"),
    ("origin", "BIGINT"),
    ("earliest", "TIMESTAMP"),
    ("latest", "TIMESTAMP"),
    ("known_at", "TIMESTAMP"),
    ("closes", "BOOLEAN"),
    ("jointly", "BOOLEAN"),
    ("value", "VARCHAR"),
    ("names", "VARCHAR"),
    ("until_latest", "TIMESTAMP"),
    ("amount", "DECIMAL(38, 6)"),
    ("currency", "VARCHAR"),
    ("inexact", "BOOLEAN"),
)


@attrs.frozen
class FeedTable:
    """The table of one state, in schema `feeds`: a row for each place that an event enters.

    `slot` is the JSON list of the values of `per=`. `value` is what the field shows of the event, `names`
    what the event opens, or closes if it names anything, each as text. Denied records are left out.
    """

    state: StateType
    codec: Codec

    @property
    def name(self) -> str:
        """Its name in SQL."""
        return f"feeds.{quoted(self.state.name)}"

    def create(self) -> str:
        """The SQL that makes the table, empty."""
        layout = ",\n".join(f"    {name} {kind}" for name, kind in _COLUMNS)
        return f"CREATE OR REPLACE TABLE {self.name} (\n{layout}\n);"

    def insert(self) -> str:
        """The SQL that adds rows, handed over column by column as texts."""
        values = ",\n".join(
            f"    unnest(${index}::VARCHAR[])" + ("" if kind == "VARCHAR" else f"::{kind}")
            for index, (_, kind) in enumerate(_COLUMNS, start=1)
        )
        return f"INSERT INTO {self.name}\nSELECT\n{values};"

    def rows(self, records: Iterable[Record]) -> list[list[str | None]]:
        """The rows that records add."""
        return [row for record in records if record.credence != "denied" for row in self._rows(record)]

    def _rows(self, record: Record) -> Iterator[list[str | None]]:
        event = record.event
        if event is None:
            return
        for field, fold in self.state.feeding(type(event)):
            feed, closes = fold.role(type(event))
            for place in contributions(fold, event):
                yield [field, *self._row(record, event, fold, feed, place, closes=closes)]

    def _row(
        self, record: Record, event: Event, fold: Fold, feed: Feed, place: Contribution, *, closes: bool
    ) -> list[str | None]:
        value = feed.value(event)
        shown = value if fold.gives is None or closes else getattr(event, fold.gives)
        until = None if fold.until is None or closes else getattr(event, fold.until)
        money = value if isinstance(value, Money) else None
        amount = money.value if money else value if isinstance(value, Decimal) else None
        return [
            place.key[0],
            place.key[1] if len(place.key) > 1 else None,
            canonical(list(place.slot)),
            str(record.position),
            str(record.origin),
            stored_instant(event.occurred.earliest, "-infinity"),
            stored_instant(event.occurred.latest),
            stored_instant(record.known_at),
            str(closes),
            str(place.jointly),
            None if closes else self._text(shown),
            self._text(value) if feed.attribute is not None else None,
            None if until is None else stored_instant(until.latest),
            None if amount is None else plain(amount),
            None if money is None else money.currency,
            None if money is None else str(money.bound != "exactly"),
        ]

    def _text(self, value: Any) -> str | None:
        """A value as text, the same for the same value."""
        if isinstance(value, Event):
            told = {"occurred": value.occurred.text, "type": value.__timeline__.name}
            return f'{{"data":{self.codec.write(value)},{canonical(told)[1:]}'
        if isinstance(value, Money):
            return canonical(value.as_dict())
        if isinstance(value, Decimal):
            return plain(value)
        if isinstance(value, bool):
            return "true" if value else "false"
        if isinstance(value, tuple):
            return canonical(list(value))
        return value.text if isinstance(value, When) else value
