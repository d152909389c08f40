"""When two records of one type may tell the same event."""

from __future__ import annotations

from collections.abc import Mapping

import attrs

from timeline.check.selecting import Selecting
from timeline.event import EventType
from timeline.fields import Kind
from timeline.tables import Table, columns_of, quoted

__all__ = ["Comparison", "comparison"]


@attrs.frozen
class Comparison:
    """The columns by which the events of a type are compared, and how, as SQL over `one` and `other`.

    `alike` says that the two may tell one event, if they speak of the same entities at the same time: no text
    that both give differs by more than case and punctuation, and dates that both give may be the same.
    `same` says that they tell the very same.
    """

    columns: Mapping[str, str]
    alike: str
    same: str


def comparison(kind: EventType, selecting: Selecting) -> Comparison:
    """How events of a type are compared."""
    table = Table.of(kind)
    columns, alike, same = {"key": selecting.spoken_of(kind)}, [], []
    for field in kind.fields:
        for number, column in enumerate(columns_of(field)):
            shown = quoted(f"{field.name} {number}")
            own = table.named(field.name, column.name.removeprefix(field.name))
            own = selecting.column(kind, field.name) if field.names_entities else own
            columns[shown] = _bare(own) if field.kind is Kind.TEXT else own
            same.append(f"one.{shown} IS NOT DISTINCT FROM other.{shown}")
        if field.kind is Kind.TEXT:
            alike.append(f"coalesce(one.{shown} = other.{shown}, true)")
        if field.kind is Kind.WHEN:
            first, last = (quoted(f"{field.name} {number}") for number in (1, 2))
            alike.append(f"coalesce(one.{first} <= other.{last} AND other.{first} <= one.{last}, true)")
    return Comparison(columns, " AND ".join(alike) or "true", " AND ".join(same))


def _bare(column: str) -> str:
    """A text without case, punctuation and spacing."""
    return rf"lower(regexp_replace({column}, '[^\pL\pN\pM]', '', 'g'))"
