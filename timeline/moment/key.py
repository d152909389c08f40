"""States of one key, of all that the log holds of it, as a basis shows it; of all keys, as SQL gives them."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

import attrs

from timeline.compile import LAID
from timeline.log import KeyRecords, Log, Session, naming, samenesses
from timeline.moment.contested import Contesting
from timeline.moment.replay import Answer, Entries, entered, folded
from timeline.records import Ids, Record, Samenesses, View
from timeline.values import Basis, Funds, NotAllowed, Reading, UnreadableRecord, plain
from timeline.vocabulary import ByField, Event, Fold, State, StateType, read_as

Contested = Callable[[ByField], ByField]
"""Tells, for the records behind each field of a state, which others contest them."""


@attrs.frozen
class KeyView:
    """What a basis shows of a key: the events that stand and enter its state there.

    `held` are all records of the key, shown or not, in order of position, and `view` those of them in view.
    `key` are the ids after sameness: `ids` says which are read as others there, and `same`, by such an id,
    the records that say so.
    """

    state: StateType
    key: tuple[str, ...]
    held: Sequence[Record]
    view: View
    entries: Entries
    ids: Ids
    same: Mapping[str, tuple[Record, ...]]
    _entering: frozenset[int]

    @property
    def records(self) -> list[Record]:
        """The records that stand and enter the state, in order of position."""
        return [record for record in self.view.standing if record.position in self._entering]

    def at(self, point: datetime, dates: Reading) -> Answer:
        """The fields at a point, an aware UTC instant."""
        return folded(self.state, self.entries, point, dates)


@attrs.frozen(eq=False)
class _Entered:
    """How the records of a key enter its state, where some ids are read as others, and which do."""

    key: tuple[str, ...]
    entries: Entries
    positions: frozenset[int]

    @classmethod
    def of(cls, state: StateType, key: tuple[str, ...], records: Sequence[Record], ids: Ids) -> _Entered:
        """How records enter the state of a key; none does where both of a pair are one."""
        meant = tuple(sorted(ids.get(one, one) for one in key))
        entries = entered(state, meant, records, ids)
        slots = (slot for slots in entries.values() for slot in slots.values())
        return cls(meant, entries, frozenset(entry.record.position for slot in slots for entry in slot))

    def standing(self, positions: frozenset[int]) -> Entries:
        """The entries of records at some positions; fields and slots without any are left out."""
        if self.positions <= positions:
            return self.entries
        found = {}
        for field, slots in self.entries.items():
            kept = {
                slot: [entry for entry in several if entry.record.position in positions]
                for slot, several in slots.items()
            }
            found[field] = {slot: several for slot, several in kept.items() if several}
        return found


@attrs.frozen
class KeyLog:
    """All that a log holds of one key; answers any basis up to where it was read."""

    held: KeyRecords

    @property
    def records(self) -> Sequence[Record]:
        """The records, standing or not, in order of position."""
        return self.held.evidence.records

    def view(self, basis: Basis) -> KeyView:
        """What a basis shows, at whatever point.

        Raises:
            UnreadableRecord: if a record that stands there, and may enter the state, cannot be read.
        """
        held = self.held
        ids = held.same.ids(basis)
        way = frozenset(ids.items())
        found = held.worked_out.get(way)
        if found is None:
            found = held.worked_out[way] = _Entered.of(held.state, held.key, self.records, ids)
        view = held.evidence.view(basis)
        standing = view.standing
        for one in standing:
            if one.problem is not None and one.credence != "denied":
                raise UnreadableRecord(one.position, one.label, one.problem)
        return KeyView(
            state=held.state,
            key=found.key,
            held=self.records,
            view=view,
            entries=found.standing(frozenset(one.position for one in standing)),
            ids=ids,
            same=held.same.reasons(basis) if ids else {},
            entering=found.positions,
        )

    def knowns(self, basis: Basis) -> Iterator[datetime]:
        """Every instant at which more became known of the key, within the position of a basis."""
        chains = (*self.held.evidence.chains.values(), *self.held.same.chains.values())
        said = (record for chain in chains for record in chain)
        for record in (*self.records, *said):
            if record.position <= basis.position:
                yield record.known_at
        for several in self.held.evidence.hidden.values():
            for one in several:
                yield one.known_from
                if one.known_to is not None:
                    yield one.known_to

    def answer(self, basis: Basis, contesting: Contested) -> State:
        """The state at a basis; `contesting` tells which records contest those behind a field.

        Raises:
            NotAllowed: if both of a pair are one entity there.
        """
        view = self.view(basis)
        if len(set(view.key)) < len(view.key):
            both = " and ".join(self.held.key)
            raise NotAllowed(f"{both} are both {view.key[0]} there; a pair takes two entities")
        return self._stated(view, basis, contesting)

    def _stated(self, view: KeyView, basis: Basis, contesting: Contested) -> State:
        """The state that a view shows at a basis."""
        answer = view.at(basis.point, basis.dates)
        entities = {*self.held.key, *view.key, *(one for record in view.records for one in record.entities)}
        return self.held.state.cls(
            who=view.key,
            basis=basis,
            names=self.held.naming.shown(entities, basis, view.ids),
            because=answer.because,
            unsettled=answer.unsettled,
            contested=contesting(answer.because),
            **answer.values,
        )


Row = Mapping[str, Any]
_CHUNK: Final = 5_000
"""How many states are read at a time where all are asked for."""


def everybody(
    session: Session, kind: StateType, basis: Basis, contesting: Callable[[Iterable[Record]], Contesting]
) -> Generator[State]:
    """The state of all of whom anything was said by a basis, some thousands read at a time.

    `contesting` gives what contests some records there.
    """
    with session.reading(states=True) as asked, session.reading() as log:
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
    names = naming(log, entities, same).shown(entities, basis, ids)
    behind = {position for row in rows for several in row["because"].values() for position in several}
    contested = contesting(records[position] for position in behind).of
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
            contested=contested(because),
            **values,
        )


def _positions_in(rows: Iterable[Row]) -> set[int]:
    """The positions of all records that rows of a compiled state speak of."""
    return {
        position
        for row in rows
        for column in ("because", "unsettled")
        for several in row[column].values()
        for position in several
    }


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
