"""All that the log holds of one key of a state: what answers about it need, at any valid and known."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

import attrs

from timeline.basis import Basis, Reading
from timeline.file import Kept
from timeline.filters import sifted
from timeline.log import Log
from timeline.names import shown_names
from timeline.record import Record
from timeline.replay import Answer, Entries, entered, folded
from timeline.standing import Hidden
from timeline.state import State, StateType

__all__ = ["Dossier", "Naming", "View", "dossier", "ready"]


@attrs.frozen
class Naming:
    """How some entities are called: the name first given to each, and the records that name them."""

    first: Mapping[str, str]
    records: Sequence[Record]
    hidden: Mapping[int, Sequence[Hidden]]

    @classmethod
    def read(cls, log: Log, entities: Iterable[str]) -> Naming:
        """What the log holds of the names of some entities."""
        found = log.names_of(entities)
        positions = sorted({position for _, named in found.values() for position in named})
        records = log.at(positions) if positions else {}
        first = {entity: name for entity, (name, _) in found.items()}
        return cls(first, [records[one] for one in positions], _by_position(log, positions))

    def shown(self, entities: Iterable[str], basis: Basis) -> dict[str, str]:
        """By entity, the name to show it under at a basis."""
        unseen = _unseen(self.records, self.hidden, basis)
        seen = [record for record in self.records if record.position not in unseen]
        return shown_names(entities, seen, self.first, basis)


@attrs.frozen
class View:
    """What a basis shows of a key: the events that enter its state, but for those at `unseen` positions.

    `records` are those in view that stand, in order of position.
    """

    state: StateType
    key: tuple[str, ...]
    records: Sequence[Record]
    entries: Entries
    unseen: frozenset[int]

    def answer(self, basis: Basis) -> Answer:
        """The fields at the point of a basis."""
        return self.at(basis.point, basis.dates)

    def at(self, point: datetime, dates: Reading) -> Answer:
        """The fields at a point, an aware UTC instant."""
        return folded(self.state, self.entries, point, dates, self.unseen)


@attrs.frozen
class Dossier:
    """The records of one key up to a head, and what is hidden of them; answers any basis up to there.

    `chains` holds, by origin, all that was said of each record, where answers are to be filtered.
    """

    state: StateType
    key: tuple[str, ...]
    head: int
    records: Sequence[Record]
    entries: Entries
    hidden: Mapping[int, Sequence[Hidden]]
    chains: Mapping[int, Sequence[Record]]
    naming: Naming

    @classmethod
    def read(
        cls, log: Log, state: StateType, key: tuple[str, ...], head: int, *, filtered: bool = False
    ) -> Dossier:
        """The dossier of a key by the log as it is, which ends at `head` or later."""
        positions = log.feeding(state, key)
        found = log.at(positions) if positions else {}
        records = [found[position] for position in positions]
        entities = {*key, *(one for record in records for one in record.entities)}
        return cls(
            state=state,
            key=key,
            head=head,
            records=records,
            entries=entered(state, key, records),
            hidden={} if filtered else _by_position(log, positions),
            chains=log.said_of({record.origin for record in records}) if filtered else {},
            naming=Naming.read(log, entities),
        )

    def view(self, basis: Basis) -> View:
        """What a basis shows, at whatever point."""
        unseen = self._left_out(basis) if basis.filter else _unseen(self.records, self.hidden, basis)
        seen = [record for record in self.records if record.position not in unseen]
        return View(self.state, self.key, seen, self.entries, unseen)

    def answer(self, basis: Basis) -> State:
        """The state at a basis."""
        view = self.view(basis)
        return self.stated(view, view.answer(basis), basis)

    def stated(self, view: View, answer: Answer, basis: Basis) -> State:
        """The fields of a state as the state itself."""
        entities = {*view.key, *(one for record in view.records for one in record.entities)}
        return self.state.cls(
            who=view.key,
            basis=basis,
            names=self.naming.shown(entities, basis),
            because=answer.because,
            unsettled=answer.unsettled,
            **answer.values,
        )

    def _left_out(self, basis: Basis) -> frozenset[int]:
        """The positions of those records that are not in view, are filtered out, or do not stand then."""
        standing = {
            position
            for chain in self.chains.values()
            for position in sifted([one for one in chain if basis.sees(one)], basis.filter)
        }
        return frozenset(one.position for one in self.records if one.position not in standing)


def dossier(log: Log, kept: Kept | None, state: StateType, key: tuple[str, ...], basis: Basis) -> Dossier:
    """The dossier of a key: the one kept, if it reaches far enough; else read anew, and kept."""
    found = ready(kept, state, key, basis)
    if found is not None:
        return found
    filtered = bool(basis.filter)
    read = Dossier.read(log, state, key, basis.position, filtered=filtered)
    if kept is not None:
        kept.keep((state, key, filtered), read)
    return read


def ready(kept: Kept | None, state: StateType, key: tuple[str, ...], basis: Basis) -> Dossier | None:
    """The dossier of a key, if one is kept that reaches far enough."""
    found = None if kept is None else kept.get((state, key, bool(basis.filter)))
    return found if found is not None and found.head >= basis.position else None


def _by_position(log: Log, positions: Sequence[int]) -> dict[int, list[Hidden]]:
    found: dict[int, list[Hidden]] = {}
    for one in log.hidden(positions) if positions else ():
        found.setdefault(one.position, []).append(one)
    return found


def _unseen(
    records: Iterable[Record], hidden: Mapping[int, Sequence[Hidden]], basis: Basis
) -> frozenset[int]:
    """The positions of those records that are not in view at a basis, or do not stand there."""
    known = basis.known_point
    return frozenset(
        record.position
        for record in records
        if not basis.sees(record)
        or any(one.covers(known, basis.position) for one in hidden.get(record.position, ()))
    )
