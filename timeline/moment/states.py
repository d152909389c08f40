"""Rows of compiled states as states."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any, Final

from timeline.compile import LAID
from timeline.log import Log, Session, naming, samenesses
from timeline.moment.contested import Contesting
from timeline.records import Record, Samenesses
from timeline.values import Basis, Funds, plain
from timeline.vocabulary import ByField, Event, Fold, State, StateType, read_as

Row = Mapping[str, Any]
_CHUNK: Final = 5_000
"""How many states are read at a time where all are asked for."""


def everybody(
    session: Session, kind: StateType, basis: Basis, contesting: Callable[[Iterable[Record]], Contesting]
) -> Generator[State]:
    """The state of all of whom anything was said by a basis, some thousands read at a time.

    `contesting` gives what contests some records there.
    """
    with session.reading() as asked, session.reading() as log:
        same = samenesses(log, session.kept())
        for rows in asked.compiled(kind, basis, _CHUNK):
            yield from _built(kind, rows, log, basis, same, contesting)


def _built(
    kind: StateType,
    rows: Sequence[Row],
    log: Log,
    basis: Basis,
    same: Samenesses,
    contesting: Callable[[Iterable[Record]], Contesting],
) -> Iterator[State]:
    """Rows as states, with all that these show."""
    ids = same.ids(basis)
    records = log.at(_positions_in(rows))
    entities = {one for record in records.values() for one in record.entities}
    entities |= {row[key] for row in rows for key in kind.keys}
    entities |= {ids[one] for one in entities if one in ids}
    shown = naming(log, entities, same).shown(entities, basis, ids)
    behind = {position for row in rows for several in row["because"].values() for position in several}
    contested = contesting(records[position] for position in behind)
    return _states(kind, rows, basis, records, shown, ids, contested.of)


def _positions_in(rows: Iterable[Row]) -> set[int]:
    """The positions of all records that rows of a compiled state speak of."""
    return {
        position
        for row in rows
        for column in ("because", "unsettled")
        for several in row[column].values()
        for position in several
    }


def _states(
    kind: StateType,
    rows: Iterable[Row],
    basis: Basis,
    records: Mapping[int, Record],
    names: Mapping[str, str],
    ids: Mapping[str, str],
    contesting: Callable[[ByField], ByField],
) -> Iterator[State]:
    """The states that rows hold; `records` by position are those that they speak of.

    `names` are the names to show, by entity, and `ids` those that are read as others; `contesting` tells
    which records contest those behind a field.
    """
    events = {position: record.event and read_as(record.event, ids) for position, record in records.items()}
    for row in rows:
        who = tuple(row[column] for column in kind.keys)
        values = {field: _value(fold, row[field], events) for field, fold in kind.folds.items()}
        because, unsettled = (
            ByField(
                tuple(kind.folds),
                {field: [records[one] for one in several] for field, several in row[column].items()},
            )
            for column in ("because", "unsettled")
        )
        yield kind.cls(
            who=who,
            basis=basis,
            names=names,
            because=because,
            unsettled=unsettled,
            contested=contesting(because),
            **values,
        )


def _value(fold: Fold, column: Any, events: Mapping[int, Event | None]) -> Any:
    if not fold.keyed:
        return _one(fold, column, events)
    if len(fold.per) == 1:
        return {key or None: _one(fold, value, events) for key, value in column.items()}
    keys = [tuple(key[name] for name in fold.per) for key in column["key"]]
    return {key: _one(fold, value, events) for key, value in zip(keys, column["value"], strict=True)}


def _one(fold: Fold, value: Any, events: Mapping[int, Event | None]) -> Any:
    if fold.takes == "event" or value is None:
        return value
    if fold.takes == "amount":
        return _funds(value) if fold.sums_money else Decimal(plain(value))
    kind = fold.value_kind
    if kind is None:
        return events[value["position"]]
    return LAID[kind].shown(value)


def _funds(value: Mapping[str, Any]) -> Funds:
    wholly, jointly = (
        {currency: Decimal(plain(amount)) for currency, amount in value[part].items()}
        for part in ("wholly", "jointly")
    )
    return Funds(wholly, jointly, value["undisclosed"], value["inexact"])
