"""Which ids stand for one entity, by what was said of that and stands at each known and position."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Final, Self

import attrs

from timeline.records.record import Record
from timeline.records.standing import FOREVER, Evidence, Hidden, Link, superseded, swept
from timeline.values import Basis, SamenessConflict

Ids = Mapping[str, str]
"""By id, the id that it is read as, where that is another."""

_ALL: Final = FOREVER - 1
"""A position that no log reaches."""


@attrs.frozen
class Sameness:
    """That an entity is another one, as a record says, and where that does not stand though it is seen."""

    record: Record
    entity: str
    same_as: str
    hidden: tuple[Hidden, ...] = ()

    @classmethod
    def of(cls, record: Record, hidden: Iterable[Hidden] = ()) -> Self | None:
        """What a record says; None if it says nothing of the kind, or denies it."""
        event = record.event
        fields = None if event is None else event.__timeline__.sameness
        if fields is None or record.credence == "denied":
            return None
        entity, same_as = (getattr(event, field) for field in fields)
        return cls(record, entity, same_as, tuple(hidden))

    def stands(self, known: datetime | None, position: int) -> bool:
        """Whether it stands where this much is known (None: all there is), up to a position."""
        record = self.record
        seen = record.position <= position and (known is None or record.known_at <= known)
        return seen and not any(one.covers(known, position) for one in self.hidden)


@attrs.frozen
class Reread:
    """A rectangle of the (known, position) plane in which ids are read as others, each pair in order of id.

    Both sides are half-open; `known_to` None and `position_to` FOREVER are unbounded.
    """

    ids: tuple[tuple[str, str], ...]
    known_from: datetime
    known_to: datetime | None
    position_from: int
    position_to: int


@attrs.frozen
class _Resolved:
    """For each id that is another, what says so; and the positions of what contradicts that."""

    by: Mapping[str, Sameness]
    contradicting: frozenset[int]

    @classmethod
    def of(cls, said: Iterable[Sameness]) -> Self:
        """What records say together, in the order of their origins.

        One that would make an id two others, or lead it back to itself, is passed over, so that every id is
        read as one, whatever stands.
        """
        by: dict[str, Sameness] = {}
        contradicting = set()
        resolved = cls(by, frozenset())
        for one in sorted(said, key=lambda one: one.record.origin):
            if resolved.contradicts(one):
                contradicting.add(one.record.position)
            else:
                by.setdefault(one.entity, one)
        return cls(by, frozenset(contradicting))

    def contradicts(self, one: Sameness) -> bool:
        """Whether a record cannot hold beside these."""
        before = self.by.get(one.entity, one)
        return before.same_as != one.same_as or self.end(one.same_as) == one.entity

    def path(self, entity: str) -> list[Sameness]:
        """What leads from an id to the one that it is read as."""
        found = []
        while entity in self.by:
            found.append(self.by[entity])
            entity = self.by[entity].same_as
        return found

    def end(self, entity: str) -> str:
        """The id that one is read as: itself, if nothing else was said."""
        path = self.path(entity)
        return path[-1].same_as if path else entity

    @property
    def ids(self) -> dict[str, str]:
        """By id, the one that it is read as."""
        return {entity: self.end(entity) for entity in self.by}


@attrs.frozen
class Samenesses:
    """What was said of entities being the same, whether it stands or not.

    `chains` holds, by origin, all that was said of each record.
    """

    said: tuple[Sameness, ...]
    chains: Mapping[int, Sequence[Record]]

    @classmethod
    def of(cls, chains: Mapping[int, Sequence[Record]], hidden: Iterable[Hidden]) -> Self:
        """What the records of these chains say; `hidden` is where they do not stand."""
        where: dict[int, list[Hidden]] = {}
        for one in hidden:
            where.setdefault(one.position, []).append(one)
        records = (record for chain in chains.values() for record in chain)
        said = (Sameness.of(record, where.get(record.position, ())) for record in records)
        return cls(tuple(one for one in said if one is not None), chains)

    def __bool__(self) -> bool:
        return bool(self.said)

    # Whom it is about

    def about(self, entities: Iterable[str]) -> Samenesses:
        """That which may decide whom some entities are read as."""
        reached = self._reached(entities, forth=True, back=False)
        said = tuple(one for one in self.said if one.entity in reached)
        origins = {one.record.origin for one in said}
        return Samenesses(said, {origin: self.chains[origin] for origin in origins})

    def kin(self, entities: Iterable[str]) -> set[str]:
        """All whom some entities may be the same as, themselves among them."""
        return self._reached(entities, forth=True, back=True)

    def leading_to(self, entities: Iterable[str]) -> set[str]:
        """All who may be read as what some entities are read as, themselves among them."""
        return self._reached(entities, forth=False, back=True)

    @property
    def renamed(self) -> set[str]:
        """All who may be read as another."""
        return {one.entity for one in self.said}

    def _reached(self, entities: Iterable[str], *, forth: bool, back: bool) -> set[str]:
        beside: dict[str, list[str]] = {}
        for one in self.said:
            if forth:
                beside.setdefault(one.entity, []).append(one.same_as)
            if back:
                beside.setdefault(one.same_as, []).append(one.entity)
        found = set(entities)
        left = list(found)
        while left:
            for other in beside.get(left.pop(), ()):
                if other not in found:
                    found.add(other)
                    left.append(other)
        return found

    # What holds where

    def ids(self, basis: Basis) -> Ids:
        """Whom ids are read as at a basis."""
        return self._at(basis).ids if self.said else {}

    def circle(self, entity: str, basis: Basis) -> list[str]:
        """All ids that are read as the same as one at a basis, and itself."""
        ids = self.ids(basis)
        one = ids.get(entity, entity)
        return sorted({one, *(other for other, read_as in ids.items() if read_as == one)})

    def reasons(self, basis: Basis) -> Mapping[str, tuple[Record, ...]]:
        """By id that is read as another at a basis, the records that lead it there."""
        resolved = self._at(basis)
        return {entity: tuple(one.record for one in resolved.path(entity)) for entity in resolved.by}

    def now(self) -> Mapping[int, str]:
        """By position of what stands, all being known, whom its entity is read as."""
        resolved = _Resolved.of(one for one in self.said if one.stands(None, _ALL))
        return {
            one.record.position: resolved.end(one.entity)
            for one in self.said
            if one.stands(None, _ALL) and one.record.position not in resolved.contradicting
        }

    def _at(self, basis: Basis) -> _Resolved:
        hidden = {one.record.position: one.hidden for one in self.said}
        standing = Evidence([one.record for one in self.said], hidden, self.chains).at(basis).standing
        return _Resolved.of(one for one in self.said if one.record.position in standing)

    def rectangles(self, entities: Iterable[str]) -> Iterator[Reread]:
        """Where on the axes of known and position any of some entities is read as another."""
        wanted = set(entities)
        said = self.about(wanted).said
        knowns = sorted({known for one in said for known in _knowns(one)})
        places = sorted({place for one in said for place in _places(one)})
        columns = ((place, list(_column(said, knowns, place, wanted))) for place in places)
        for row, since, until in swept(columns, {}, FOREVER):
            yield Reread(*row, since, until)


NOBODY: Final = Samenesses((), {})
"""No entity is another."""

_Row = tuple[tuple[tuple[str, str], ...], datetime, datetime | None]


def _knowns(one: Sameness) -> Iterator[datetime]:
    """Where on the axis of known it may begin or cease to stand."""
    yield one.record.known_at
    for hidden in one.hidden:
        yield from (known for known in (hidden.known_from, hidden.known_to) if known is not None)


def _places(one: Sameness) -> Iterator[int]:
    """Where on the axis of position it may begin or cease to stand."""
    yield one.record.position
    for hidden in one.hidden:
        yield from (place for place in (hidden.position_from, hidden.position_to) if place != FOREVER)


def _column(
    said: Sequence[Sameness], knowns: Sequence[datetime], position: int, wanted: set[str]
) -> Iterator[_Row]:
    """Between which instants of known which of the wanted are read as others, for a log up to a position."""

    def read_as(known: datetime) -> list[tuple[tuple[str, str], ...]]:
        ids = _Resolved.of(one for one in said if one.stands(known, position)).ids
        here = tuple(sorted((one, other) for one, other in ids.items() if one in wanted))
        return [here] if here else []

    return swept(((known, read_as(known)) for known in knowns), {}, None)


class Standing:
    """Which entities stand as the same while an append goes on, all being known."""

    def __init__(self, known: Samenesses) -> None:
        self._said: dict[int, list[Sameness]] = {}
        for one in known.said:
            self._said.setdefault(one.record.origin, []).append(one)
        self._standing = {one.record.origin: one for one in known.said if one.stands(None, _ALL)}

    def admit(self, record: Record, chain: Sequence[Link]) -> None:
        """Take a new record that says who is who, or is about one that does; `chain` ends with it.

        Raises:
            SamenessConflict: if with it an entity would be the same as itself, as two others, or as one that
                is the same as it.
        """
        new = Sameness.of(record)
        said = [*self._said.get(record.origin, ()), *(() if new is None else (new,))]
        fallen = superseded(chain)
        others = {origin: one for origin, one in self._standing.items() if origin != record.origin}
        newest = next((one for one in said if one.record.position not in fallen), None)
        if newest is not None and newest is not self._standing.get(record.origin):
            _check(newest, _Resolved.of(others.values()))
        self._said[record.origin] = said
        self._standing = others if newest is None else others | {record.origin: newest}


def _check(one: Sameness, resolved: _Resolved) -> None:
    if not resolved.contradicts(one):
        return
    others = resolved.path(one.same_as) if one.entity not in resolved.by else [resolved.by[one.entity]]
    told = [f"{other.entity} is the same as {other.same_as} by {other.record.label}" for other in others]
    raise SamenessConflict(one.entity, one.same_as, () if one.entity == one.same_as else told)
