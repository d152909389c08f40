"""All that the log holds of one key of a state: what answers about it need, at any valid and known."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import attrs

from timeline.basis import Basis
from timeline.file import Kept
from timeline.log import Log
from timeline.names import shown_names
from timeline.record import Record
from timeline.replay import Entries, entered, folded
from timeline.standing import Hidden
from timeline.state import State, StateType

__all__ = ["Dossier", "Naming", "dossier", "ready"]


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
class Dossier:
    """The records of one key up to a head, and what is hidden of them; answers any basis up to there."""

    state: StateType
    key: tuple[str, ...]
    head: int
    records: Sequence[Record]
    entries: Entries
    hidden: Mapping[int, Sequence[Hidden]]
    naming: Naming

    @classmethod
    def read(cls, log: Log, state: StateType, key: tuple[str, ...], head: int) -> Dossier:
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
            hidden=_by_position(log, positions),
            naming=Naming.read(log, entities),
        )

    def answer(self, basis: Basis) -> State:
        """The state at a basis."""
        unseen = _unseen(self.records, self.hidden, basis)
        seen = [record for record in self.records if record.position not in unseen]
        answer = folded(self.state, self.entries, basis.point, basis.dates, unseen)
        entities = {*self.key, *(one for record in seen for one in record.entities)}
        return self.state.cls(
            who=self.key,
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
    read = Dossier.read(log, state, key, basis.position)
    if kept is not None:
        kept.keep((state, key), read)
    return read


def ready(kept: Kept | None, state: StateType, key: tuple[str, ...], basis: Basis) -> Dossier | None:
    """The dossier of a key, if one is kept that reaches far enough."""
    found = None if kept is None else kept.get((state, key))
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
        if record.position > basis.position
        or (known is not None and record.known_at > known)
        or any(one.covers(known, basis.position) for one in hidden.get(record.position, ()))
    )
