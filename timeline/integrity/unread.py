"""Records of which what is stored cannot be read: looked for in SQL, and told by reading them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, Final, get_args

import attrs

from timeline.bulk.shapes import is_name, is_text
from timeline.event import Event
from timeline.fields import Field, Kind
from timeline.integrity.report import Fault
from timeline.log import Log
from timeline.money import CURRENCIES, Bound
from timeline.statements import literal, statement
from timeline.tables import TypedTable

__all__ = ["not_declared", "not_json", "odd", "unread"]

_CHUNK: Final = 10_000
_DAY: Final = r"[0-9]{4}(-[0-9]{2}(-[0-9]{2})?)?"
_INSTANT: Final = r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,6})?Z"


def unread(log: Log, positions: Iterable[int | None]) -> dict[int, Fault]:
    """By position, those of some records that cannot be read, each as a fault."""
    wanted = sorted({position for position in positions if position is not None})
    found: dict[int, Fault] = {}
    for start in range(0, len(wanted), _CHUNK):
        for position, record in log.at(wanted[start : start + _CHUNK]).items():
            if record.problem is not None:
                problem = f"it cannot be read: {record.problem}"
                found[position] = Fault("log", position, problem, unreadable=True)
    return found


def not_json(log: Log) -> Iterator[Fault]:
    """Records whose sources or names are no JSON."""
    rows = log.connection.execute(statement("integrity", "no json")).fetchall()
    yield from unread(log, (position for (position,) in rows)).values()


def not_declared(log: Log) -> Iterator[Fault]:
    """Records of types, or of versions of them, that the vocabulary does not have."""
    known = {name: kind.version for name, kind in log.codec.catalogue.names.items()}
    rows = log.run("not in the vocabulary", list(known), list(known.values()), file="integrity")
    yield from unread(log, (position for (position,) in rows)).values()


def odd(log: Log, table: TypedTable) -> list[int]:
    """The positions of rows of a typed table for which SQL cannot vouch that the event is read.

    Where Python checks events of the type by itself, those of all rows.
    """
    cls = table.type.cls
    own = getattr(cls, "__attrs_post_init__", None) is not getattr(Event, "__attrs_post_init__", None)
    checked = own or any(one.validator is not None for one in attrs.fields(cls))
    vouched = [_sound_date("occurred", "earliest"), *(_sound(table, field) for field in table.type.fields)]
    where = "true" if checked else f"NOT ({' AND '.join(vouched)})"
    rows: list[Any] = log.connection.execute(
        f"SELECT position FROM {table.layout.table} WHERE {where} ORDER BY position"
    ).fetchall()
    return [position for (position,) in rows]


def _sound(table: TypedTable, field: Field) -> str:
    """SQL that vouches that a field is read as it stands; never NULL."""
    column = table.named(field.name)
    if field.kind in {Kind.ENTITIES, Kind.TEXTS}:
        one = is_name("one") if field.kind is Kind.ENTITIES else is_text("one")
        return f"coalesce(len(list_filter({column}, lambda one: NOT coalesce({one}, false))) = 0, false)"
    if field.kind is Kind.ENTITY:
        sound = is_name(column)
    elif field.kind is Kind.TEXT:
        sound = f"{column} IN ({_listed(field.choices)})" if field.choices else is_text(column)
    elif field.kind is Kind.WHEN:
        sound = _sound_date(column, table.named(field.name, "_earliest"))
    elif field.kind is Kind.MONEY:
        bound, currency = table.named(field.name, "_bound"), table.named(field.name, "_currency")
        known = f"{bound} IN ({_listed(get_args(Bound))}) AND {currency} IN ({_listed(CURRENCIES)})"
        sound = f"({column} >= 0 AND {known})"
    else:
        sound = f"{column} IS NOT NULL"
    return (
        f"({column} IS NULL OR coalesce({sound}, false))" if field.nullable else f"coalesce({sound}, false)"
    )


def _sound_date(text: str, earliest: str) -> str:
    """SQL that vouches for a plain date; that its first instant is right is looked at elsewhere."""
    plain = f"regexp_full_match({text}, '{_DAY}|{_INSTANT}')"
    return f"coalesce({plain} AND year({earliest}) BETWEEN 1 AND 9998, false)"


def _listed(texts: Iterable[str]) -> str:
    return ", ".join(map(literal, texts))
