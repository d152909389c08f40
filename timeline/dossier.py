"""All that the log holds of one key of a state: what answers about it need, at any valid and known."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from uuid import UUID

import attrs

from timeline.basis import Basis, Reading
from timeline.file import Kept
from timeline.filters import sifted
from timeline.log import Log
from timeline.names import shown_names
from timeline.record import Record
from timeline.replay import Answer, Entries, entered, folded
from timeline.roles import Place, Role, places, roles
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
        seen = [record for record in self.records if basis.sees(record)]
        overruled = _overruled((record.position for record in seen), self.hidden, basis)
        named = [record for record in seen if record.position not in overruled]
        return shown_names(entities, named, self.first, basis)


@attrs.frozen
class View:
    """What a basis shows of a key: the events that enter its state, but for those at `unseen` positions.

    `held` are all records of the key, shown or not, in order of position. `overruled` has those in view that
    do not stand, each with what superseded it.
    """

    state: StateType
    key: tuple[str, ...]
    held: Sequence[Record]
    entries: Entries
    unseen: frozenset[int]
    overruled: Mapping[int, int]
    _positions: Mapping[UUID, int] = attrs.field(init=False)

    @_positions.default
    def _by_id(self) -> dict[UUID, int]:
        return {record.id: record.position for record in self.held}

    @property
    def records(self) -> list[Record]:
        """The records in view that stand, in order of position."""
        return [record for record in self.held if record.position not in self.unseen]

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

    def places(self, ident: UUID) -> frozenset[Place]:
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
        seen, overruled = self._sifted(basis) if basis.filter else self._seen(basis)
        unseen = frozenset(
            one.position for one in self.records if one.position not in seen or one.position in overruled
        )
        return View(self.state, self.key, self.records, self.entries, unseen, overruled)

    def _seen(self, basis: Basis) -> tuple[Collection[int], Mapping[int, int]]:
        """The positions in view, and of those that do not stand, each with by what."""
        seen = [one.position for one in self.records if basis.sees(one)]
        return frozenset(seen), _overruled(seen, self.hidden, basis)

    def _sifted(self, basis: Basis) -> tuple[Collection[int], Mapping[int, int]]:
        """The same of what is let through."""
        found = [
            sifted([one for one in chain if basis.sees(one)], basis.filter) for chain in self.chains.values()
        ]
        seen = frozenset(position for one in found for position in one.through)
        return seen, {position: by for one in found for position, by in one.overruled.items()}

    def knowns(self, basis: Basis) -> Iterator[datetime]:
        """Every instant at which more became known of the key, within the position of a basis."""
        said = (record for chain in self.chains.values() for record in chain)
        for record in (*self.records, *said):
            if record.position <= basis.position:
                yield record.known_at
        for several in self.hidden.values():
            for one in several:
                yield one.known_from
                if one.known_to is not None:
                    yield one.known_to

    def answer(self, basis: Basis) -> State:
        """The state at a basis."""
        return self.stated(self.view(basis), basis)

    def stated(self, view: View, basis: Basis) -> State:
        """The state that a view shows at a basis."""
        answer = view.at(basis.point, basis.dates)
        entities = {*view.key, *(one for record in view.records for one in record.entities)}
        return self.state.cls(
            who=view.key,
            basis=basis,
            names=self.naming.shown(entities, basis),
            because=answer.because,
            unsettled=answer.unsettled,
            **answer.values,
        )


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
