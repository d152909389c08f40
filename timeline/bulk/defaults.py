"""Fields that a table has no column for: each has the default of its class in every row."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import attrs

from timeline.bulk.shapes import Value
from timeline.codec import canonical
from timeline.errors import NotAllowed
from timeline.event import EventType
from timeline.fields import Field, read_field
from timeline.money import Money
from timeline.numbers import plain
from timeline.sentence import worded
from timeline.statements import literal
from timeline.tables import columns_of
from timeline.when import When

__all__ = ["default"]


def default(kind: EventType, field: Field) -> Value:
    """The default of a field, in SQL.

    Raises:
        NotAllowed: if it depends on the event, or names entities.
    """
    value = _given(kind, field)
    if field.names_entities and value not in (None, ()):
        raise NotAllowed(f"{kind.name}.{field.name} has entities as its default: give it a column")
    said = value is not None and value is not False and value != ()
    words = "somebody" if field.names_entities else worded(value)
    if value is True:
        words = field.name.replace("_", " ")
    return Value(
        selected={},
        stored=tuple(_literal(column.value(value), column.type) for column in columns_of(field)),
        json=literal(canonical(_plain(value))),
        words=literal(words),
        said=str(said).upper(),
    )


def _given(kind: EventType, field: Field) -> Any:
    attribute = attrs.fields_dict(kind.cls)[field.name]
    value: Any = attribute.default
    if isinstance(value, attrs.Factory):  # type: ignore[arg-type]
        if value.takes_self:
            raise NotAllowed(f"{kind.name}.{field.name} takes its default from the event: give it a column")
        value = value.factory()
    return None if value is None else read_field(field, value)


def _plain(value: Any) -> Any:
    if isinstance(value, When):
        return value.text
    if isinstance(value, Money):
        return value.as_dict()
    return plain(value) if isinstance(value, Decimal) else value


def _literal(value: str | bool | list[str] | None, kind: str) -> str:
    if value is None:
        return f"NULL::{kind}"
    text = f"[{', '.join(map(literal, value))}]" if isinstance(value, list) else literal(str(value))
    return f"{text}::{kind}"
