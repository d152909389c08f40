"""One key of a state: all that the log holds of it, and what a basis shows of that."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime

import attrs

from timeline.log import Kept, Log
from timeline.moment.entry import Entries, entered
from timeline.moment.replay import Answer, folded
from timeline.moment.view import Naming, View, evidence, samenesses
from timeline.records import NOBODY, Evidence, Ids, Record, Samenesses
from timeline.values import Basis, NotAllowed, Reading, UnreadableRecord
from timeline.vocabulary import ByField, State, StateType

__all__ = ["Contested", "KeyLog", "KeyView", "key_log", "ready"]

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
    """The records of one key up to a head, and what tells which of them stand; answers any basis up to there.

    They are those of every key that this one may be the same as, by what `same` holds.
    """

    state: StateType
    key: tuple[str, ...]
    head: int
    evidence: Evidence
    naming: Naming
    same: Samenesses
    _entered: dict[frozenset[tuple[str, str]], _Entered] = attrs.field(factory=dict, init=False, eq=False)

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
    ) -> KeyLog:
        """What is held of a key by the log as it is, which ends at `head` or later.

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
            evidence=evidence(log, records, filtered=filtered),
            naming=Naming.read(log, entities, same),
            same=same.about(same.kin(entities)) if same else same,
        )

    @property
    def records(self) -> Sequence[Record]:
        """The records, standing or not, in order of position."""
        return self.evidence.records

    def view(self, basis: Basis) -> KeyView:
        """What a basis shows, at whatever point.

        Raises:
            UnreadableRecord: if a record that stands there, and may enter the state, cannot be read.
        """
        ids = self.same.ids(basis)
        way = frozenset(ids.items())
        found = self._entered.get(way)
        if found is None:
            found = self._entered[way] = _Entered.of(self.state, self.key, self.records, ids)
        view = View.at(basis, self.evidence)
        standing = view.standing
        for one in standing:
            if one.problem is not None and one.credence != "denied":
                raise UnreadableRecord(one.position, one.label, one.problem)
        return KeyView(
            state=self.state,
            key=found.key,
            held=self.records,
            view=view,
            entries=found.standing(frozenset(one.position for one in standing)),
            ids=ids,
            same=self.same.reasons(basis) if ids else {},
            entering=found.positions,
        )

    def knowns(self, basis: Basis) -> Iterator[datetime]:
        """Every instant at which more became known of the key, within the position of a basis."""
        chains = (*self.evidence.chains.values(), *self.same.chains.values())
        said = (record for chain in chains for record in chain)
        for record in (*self.records, *said):
            if record.position <= basis.position:
                yield record.known_at
        for several in self.evidence.hidden.values():
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

    def _stated(self, view: KeyView, basis: Basis, contesting: Contested) -> State:
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


def key_log(log: Log, kept: Kept | None, state: StateType, key: tuple[str, ...], basis: Basis) -> KeyLog:
    """What is held of a key: what is kept of that, if it reaches far enough; else read anew, and kept."""
    found = ready(kept, state, key, basis)
    if found is not None:
        return found
    filtered, same = bool(basis.filter), samenesses(log, kept)
    read = KeyLog.read(log, state, key, basis.position, filtered=filtered, same=same)
    if kept is not None:
        kept.keep((state, key, filtered), read)
    return read


def ready(kept: Kept | None, state: StateType, key: tuple[str, ...], basis: Basis) -> KeyLog | None:
    """The same, if it is kept and reaches far enough."""
    found: KeyLog | None = None if kept is None else kept.get((state, key, bool(basis.filter)))
    return found if found is not None and found.head >= basis.position else None


def _feeding(log: Log, state: StateType, key: tuple[str, ...], same: Samenesses) -> list[int]:
    """The positions of all records that feed a key of a state, or any that it may be the same as."""
    if not same:
        return log.feeding(state, key)
    keys = {tuple(sorted(one)) for one in itertools.product(*(sorted(same.kin([one])) for one in key))}
    return sorted({position for one in keys for position in log.feeding(state, one)})
