"""A violation in words."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from typing import Any

from timeline.funds import Funds
from timeline.record import Lookalike, Record
from timeline.rules import (
    Agree,
    AtMostOne,
    Denied,
    Ending,
    Lookalikes,
    NothingAfter,
    Opposed,
    Ordered,
    Rule,
    SumsUp,
    TermInOrder,
)

__all__ = ["message"]


@functools.singledispatch
def message(rule: Rule, _records: Sequence[Record], _differing: Sequence[str] = (), /) -> str:
    """What does not add up about some records, on one line; `differing` are fields in which they differ."""
    return rule.says.removesuffix(".")


@message.register
def _(rule: AtMostOne, records: Sequence[Record], _differing: Sequence[str] = ()) -> str:
    one, other = (_named(record, _of(record, rule.starts.attribute)) for record in records[:2])
    what = ", ".join(_named(records[1], _of(records[1], name)) for name in rule.per)
    return f"{what}: {one} and {other} at once"


@message.register
def _(_rule: NothingAfter, records: Sequence[Record], _differing: Sequence[str] = ()) -> str:
    ended, late = records
    return f"{late.label} comes after {ended.label}: {ended.summary}"


@message.register
def _(rule: TermInOrder, records: Sequence[Record], _differing: Sequence[str] = ()) -> str:
    (record,) = records
    terms = {feed.type.name: feed.attribute for feed in rule.terms}
    return f"ends with {_of(record, terms[str(record.type)])}, and begins {record.occurred}"


@message.register
def _(rule: SumsUp, records: Sequence[Record], _differing: Sequence[str] = ()) -> str:
    claim, *parts = records
    funds = Funds.of((_of(part, rule.parts.attribute), len(_of(part, rule.by)) > 1) for part in parts)
    claimed = _of(claim, rule.claim.attribute)
    return f"claimed {claimed}, while the {len(parts)} recorded come to {funds}"


@message.register
def _(rule: Agree, records: Sequence[Record], _differing: Sequence[str] = ()) -> str:
    first = records[0]
    figures = []
    for record in records:
        bound = _of(record, rule.bound) if rule.bound else None
        given = next(value for name in rule.values if (value := _of(record, name)) is not None)
        figures.append(
            f"{bound} {given:,f}" if bound else f"{given:,f}" if hasattr(given, "quantize") else str(given)
        )
    what = ", ".join(_named(first, _of(first, name)) for name in rule.per)
    return f"{what}: {' or '.join(dict.fromkeys(figures))}"


@message.register
def _(_rule: Opposed, records: Sequence[Record], _differing: Sequence[str] = ()) -> str:
    contested, by = records
    return f"{contested.label} is contested by {by.label}"


@message.register
def _(_rule: Denied, records: Sequence[Record], _differing: Sequence[str] = ()) -> str:
    said, denied = records
    return f"{said.label} says what {denied.label} denies"


@message.register
def _(_rule: Lookalikes, records: Sequence[Record], differing: Sequence[str] = ()) -> str:
    like, record = records
    return str(Lookalike(record, like, tuple(differing)))


@message.register
def _(_rule: Ordered, records: Sequence[Record], _differing: Sequence[str] = ()) -> str:
    one, other = records
    return f"{other.label} is taken after {one.label}, and may have come before it"


@message.register
def _(_rule: Ending, records: Sequence[Record], _differing: Sequence[str] = ()) -> str:
    (record,) = records
    return f"{record.label} ends nothing: nothing was held that it could end"


def _of(record: Record, name: str | None) -> Any:
    return getattr(record.event, str(name))


def _named(record: Record, value: Any) -> str:
    """An entity as the record names it, or a text."""
    if isinstance(value, tuple):
        return " and ".join(_named(record, one) for one in value)
    return record.names.get(value, value)
