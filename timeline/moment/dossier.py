"""All that the log holds of one key of a state: what answers about it need, at any valid and known."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Collection, Container, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import attrs

from timeline.log import Kept, Log
from timeline.moment.replay import END, Answer, Entries, entered, folded
from timeline.records import NOBODY, Hidden, Ids, Record, Samenesses, judged, shown_names
from timeline.values import Basis, NotAllowed, Reading, UnreadableRecord
from timeline.vocabulary import ByField, Slot, State, StateType

__all__ = ["Dossier", "Naming", "Part", "Role", "View", "dossier", "places", "ready", "roles", "samenesses"]


@attrs.frozen
class Part:
    """Where an event enters a field, counted or not: the slot, and what it opens, closes or gives."""

    field: str
    slot: Slot
    closes: bool
    value: Any


@attrs.frozen
class Role:
    """A place whose event counts at the point, or may; `running` tells whether its term, if any, runs."""

    place: Part
    counted: bool
    doubtful: bool
    running: bool


def places(entries: Entries) -> Iterator[tuple[int, Part]]:
    """By position of the record, each place that an event enters."""
    for field, slots in entries.items():
        for slot, several in slots.items():
            for entry in several:
                yield entry.record.position, Part(field, slot, entry.closes, entry.value)


def roles(
    state: StateType, entries: Entries, at: datetime, dates: Reading, without: Container[int]
) -> Iterator[tuple[int, Role]]:
    """By position of the record, each role that it plays at a point, an aware UTC instant.

    Records at positions in `without` play none.
    """
    for field, slots in entries.items():
        term = state.folds[field].until
        for slot, several in slots.items():
            for entry in several:
                counted = (entry.latest if dates == "latest" else entry.earliest) <= at
                doubtful = entry.earliest <= at < entry.latest
                if (counted or doubtful) and entry.record.position not in without:
                    until = None if term is None or entry.closes else getattr(entry.event, term)
                    running = until is None or (until.latest or END) >= at
                    place = Part(field, slot, entry.closes, entry.value)
                    yield entry.record.position, Role(place, counted, doubtful, running)


Contested = Callable[[ByField], ByField]
"""Tells, for the records behind each field of a state, which others contest them."""


@attrs.frozen
class Naming:
    """How some entities are called: the name first given to each, and the records that name them."""

    first: Mapping[str, str]
    records: Sequence[Record]
    hidden: Mapping[int, Sequence[Hidden]]

    @classmethod
    def read(cls, log: Log, entities: Iterable[str], same: Samenesses = NOBODY) -> Naming:
        """What the log holds of the names of some entities, and of whomever they may be the same as."""
        found = log.names_of(same.kin(entities) if same else entities)
        positions = sorted({position for _, named in found.values() for position in named})
        records = log.at(positions) if positions else {}
        first = {entity: name for entity, (name, _) in found.items()}
        return cls(first, [records[one] for one in positions], _by_position(log, positions))

    def shown(self, entities: Iterable[str], basis: Basis, ids: Ids) -> dict[str, str]:
        """By entity, the name to show it under at a basis, where `ids` are read as others."""
        seen = [record for record in self.records if basis.sees(record)]
        overruled = _overruled((record.position for record in seen), self.hidden, basis)
        named = [record for record in seen if record.position not in overruled]
        return shown_names(entities, named, self.first, basis, ids)


@attrs.frozen
class View:
    """What a basis shows of a key: the events that enter its state, but for those at `unseen` positions.

    `held` are all records of the key, shown or not, in order of position. `overruled` has those in view that
    do not stand, each with what superseded it. `key` are the ids after sameness: `ids` says which are read as
    others there, and `same`, by such an id, the records that say so.
    """

    state: StateType
    key: tuple[str, ...]
    held: Sequence[Record]
    entries: Entries
    unseen: frozenset[int]
    overruled: Mapping[int, int]
    ids: Ids
    same: Mapping[str, tuple[Record, ...]]
    _entering: frozenset[int]
    _positions: Mapping[UUID, int] = attrs.field(init=False)

    @_positions.default
    def _by_id(self) -> dict[UUID, int]:
        return {record.id: record.position for record in self.held}

    @property
    def records(self) -> list[Record]:
        """The records in view that stand and enter the state, in order of position."""
        entering = self._entering - self.unseen
        return [record for record in self.held if record.position in entering]

    def at(self, point: datetime, dates: Reading) -> Answer:
        """The fields at a point, an aware UTC instant."""
        return folded(self.state, self.entries, point, dates, self.unseen)

    def sees(self, ident: UUID) -> bool:
        """Whether a record is in view, standing or not."""
        position = self._positions.get(ident)
        return position is not None and (position not in self.unseen or position in self.overruled)

    def superseder(self, ident: UUID) -> int | None:
        """The position of what superseded a record in view; None if it stands, or is not in view."""
        return self.overruled.get(self._positions.get(ident, 0))

    def places(self, ident: UUID) -> frozenset[Part]:
        """Every place that the event of a record enters, whether it counts or not."""
        position = self._positions.get(ident)
        return frozenset(place for one, place in places(self.entries) if one == position)

    def roles(self, point: datetime, dates: Reading) -> dict[UUID, frozenset[Role]]:
        """By id, the roles that the records that stand play at a point; those that play none are left out."""
        ids = {record.position: record.id for record in self.held}
        found: dict[UUID, set[Role]] = {}
        for position, role in roles(self.state, self.entries, point, dates, self.unseen):
            found.setdefault(ids[position], set()).add(role)
        return {ident: frozenset(several) for ident, several in found.items()}


@attrs.frozen(eq=False)
class _Reading:
    """How the records of a dossier enter a state, where some ids are read as others, and which do."""

    key: tuple[str, ...]
    entries: Entries
    entering: frozenset[int]

    @classmethod
    def of(cls, state: StateType, key: tuple[str, ...], records: Sequence[Record], ids: Ids) -> _Reading:
        """How records enter the state of a key; none does where both of a pair are one."""
        meant = tuple(sorted(ids.get(one, one) for one in key))
        entries = entered(state, meant, records, ids)
        slots = (slot for slots in entries.values() for slot in slots.values())
        return cls(meant, entries, frozenset(entry.record.position for slot in slots for entry in slot))


@attrs.frozen
class Dossier:
    """The records of one key up to a head, and what is hidden of them; answers any basis up to there.

    They are those of every key that this one may be the same as, by what `same` holds. `chains` holds, by
    origin, all that was said of each record, where answers are to be filtered.
    """

    state: StateType
    key: tuple[str, ...]
    head: int
    records: Sequence[Record]
    hidden: Mapping[int, Sequence[Hidden]]
    chains: Mapping[int, Sequence[Record]]
    naming: Naming
    same: Samenesses
    _readings: dict[frozenset[tuple[str, str]], _Reading] = attrs.field(factory=dict, init=False, eq=False)

    @classmethod
    def read(
        cls,
        log: Log,
        state: StateType,
        key: tuple[str, ...],
        head: int,
        *,
        filtered: bool = False,
        same: Samenesses = NOBODY,
    ) -> Dossier:
        """The dossier of a key by the log as it is, which ends at `head` or later.

        `same` is all that the log holds of which entities are the same.
        """
        positions = _feeding(log, state, key, same)
        found = log.at(positions) if positions else {}
        records = [found[position] for position in positions]
        entities = {*key, *(one for record in records for one in record.entities)}
        return cls(
            state=state,
            key=key,
            head=head,
            records=records,
            hidden={} if filtered else _by_position(log, positions),
            chains=log.said_of({record.origin for record in records}, records) if filtered else {},
            naming=Naming.read(log, entities, same),
            same=same.about(same.kin(entities)) if same else same,
        )

    def view(self, basis: Basis) -> View:
        """What a basis shows, at whatever point.

        Raises:
            UnreadableRecord: if a record that stands there, and may enter the state, cannot be read.
        """
        ids = self.same.ids(basis)
        reading = self._reading(ids)
        seen, overruled = self._sifted(basis) if basis.filter else self._seen(basis)
        unseen = frozenset(
            one.position for one in self.records if one.position not in seen or one.position in overruled
        )
        for one in self.records:
            if one.problem is not None and one.credence != "denied" and one.position not in unseen:
                raise UnreadableRecord(one.position, one.label, one.problem)
        return View(
            state=self.state,
            key=reading.key,
            held=self.records,
            entries=reading.entries,
            unseen=unseen,
            overruled=overruled,
            ids=ids,
            same=self.same.reasons(basis) if ids else {},
            entering=reading.entering,
        )

    def _reading(self, ids: Ids) -> _Reading:
        """How the records enter the state with ids read as others, each such way worked out once."""
        way = frozenset(ids.items())
        found = self._readings.get(way)
        if found is None:
            found = self._readings[way] = _Reading.of(self.state, self.key, self.records, ids)
        return found

    def _seen(self, basis: Basis) -> tuple[Collection[int], Mapping[int, int]]:
        """The positions in view, and of those that do not stand, each with by what."""
        seen = [one.position for one in self.records if basis.sees(one)]
        return frozenset(seen), _overruled(seen, self.hidden, basis)

    def _sifted(self, basis: Basis) -> tuple[Collection[int], Mapping[int, int]]:
        """The same of what is let through."""
        found = judged(self.chains.values(), basis)
        return found.seen, found.overruled

    def knowns(self, basis: Basis) -> Iterator[datetime]:
        """Every instant at which more became known of the key, within the position of a basis."""
        chains = (*self.chains.values(), *self.same.chains.values())
        said = (record for chain in chains for record in chain)
        for record in (*self.records, *said):
            if record.position <= basis.position:
                yield record.known_at
        for several in self.hidden.values():
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
            both = " and ".join(self.key)
            raise NotAllowed(f"{both} are both {view.key[0]} there; a pair takes two entities")
        return self._stated(view, basis, contesting)

    def _stated(self, view: View, basis: Basis, contesting: Contested) -> State:
        """The state that a view shows at a basis."""
        answer = view.at(basis.point, basis.dates)
        entities = {*self.key, *view.key, *(one for record in view.records for one in record.entities)}
        entities |= {view.ids[one] for one in entities if one in view.ids}
        return self.state.cls(
            who=view.key,
            basis=basis,
            names=self.naming.shown(entities, basis, view.ids),
            because=answer.because,
            unsettled=answer.unsettled,
            contested=contesting(answer.because),
            **answer.values,
        )


def dossier(log: Log, kept: Kept | None, state: StateType, key: tuple[str, ...], basis: Basis) -> Dossier:
    """The dossier of a key: the one kept, if it reaches far enough; else read anew, and kept."""
    found = ready(kept, state, key, basis)
    if found is not None:
        return found
    filtered, same = bool(basis.filter), samenesses(log, kept)
    read = Dossier.read(log, state, key, basis.position, filtered=filtered, same=same)
    if kept is not None:
        kept.keep((state, key, filtered), read)
    return read


def ready(kept: Kept | None, state: StateType, key: tuple[str, ...], basis: Basis) -> Dossier | None:
    """The dossier of a key, if one is kept that reaches far enough."""
    found = None if kept is None else kept.get((state, key, bool(basis.filter)))
    return found if found is not None and found.head >= basis.position else None


def samenesses(log: Log, kept: Kept | None) -> Samenesses:
    """All that the log holds of which entities are the same: what is kept of it, or read anew."""
    return log.samenesses() if kept is None else kept.until_changed("samenesses", log.samenesses)


def _feeding(log: Log, state: StateType, key: tuple[str, ...], same: Samenesses) -> list[int]:
    """The positions of all records that feed a key of a state, or any that it may be the same as."""
    if not same:
        return log.feeding(state, key)
    keys = {tuple(sorted(one)) for one in itertools.product(*(sorted(same.kin([one])) for one in key))}
    return sorted({position for one in keys for position in log.feeding(state, one)})


def _by_position(log: Log, positions: Sequence[int]) -> dict[int, list[Hidden]]:
    found: dict[int, list[Hidden]] = {}
    for one in log.hidden(positions) if positions else ():
        found.setdefault(one.position, []).append(one)
    return found


def _overruled(seen: Iterable[int], hidden: Mapping[int, Sequence[Hidden]], basis: Basis) -> dict[int, int]:
    """Of the positions in view at a basis, those whose records do not stand there, each with by what."""
    if not hidden:
        return {}
    known = basis.known_point
    return {
        position: one.by
        for position in seen
        for one in hidden.get(position, ())
        if one.covers(known, basis.position)
    }
