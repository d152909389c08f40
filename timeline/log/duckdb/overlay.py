"""What is supposed on top of a log, and the log up to a position read with it, as if it were written."""

from __future__ import annotations

import functools
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import attrs

from timeline.compile import statement
from timeline.log.duckdb.feeds import Query
from timeline.log.duckdb.log import Head, Log
from timeline.log.duckdb.writing import name_rows
from timeline.records import (
    FOREVER,
    Fit,
    Hidden,
    Link,
    NameRow,
    NewEntity,
    Record,
    Sameness,
    Samenesses,
    fits_in,
    hidden,
    near_in,
    superseded,
)
from timeline.values import BEGINNING, END, Basis, Source, Span, folded
from timeline.vocabulary import StateType, what_feeds


@attrs.frozen(kw_only=True, slots=False)
class Supposed:
    """Records that are only supposed, in order, on top of a log up to a base.

    `entities` are those first spoken of in them; `chains` holds, by origin, all that was said, there or here,
    of each record that they are about, as far as standing goes.
    """

    base: Head
    records: tuple[Record, ...] = ()
    entities: tuple[NewEntity, ...] = ()
    chains: Mapping[int, Sequence[Link]] = attrs.field(factory=dict)

    @property
    def head(self) -> Head:
        """Where the log would end; its digest is that of the log, since nothing is written."""
        if not self.records:
            return self.base
        last = self.records[-1]
        return Head(last.position, last.recorded_at, self.base.digest)

    def upto(self, position: int) -> Supposed:
        """The same without what is supposed behind a position."""
        records = tuple(one for one in self.records if one.position <= position)
        spoken = {entity for one in records for entity in one.entities}
        chains = {
            origin: [link for link in chain if link.position <= position]
            for origin, chain in self.chains.items()
        }
        touched = {one.origin for one in records}
        return attrs.evolve(
            self,
            records=records,
            entities=tuple(one for one in self.entities if one.id in spoken),
            chains={origin: chain for origin, chain in chains.items() if origin in touched},
        )

    def adding(
        self,
        records: Sequence[Record],
        entities: Sequence[NewEntity],
        chains: Mapping[int, Sequence[Link]],
    ) -> Supposed:
        """The same with more records on top; `chains` are those that the new ones belong to, without them."""
        joined = {origin: list(chain) for origin, chain in chains.items()}
        for one in records:
            joined.setdefault(one.origin, []).append(Link.of(one))
        return attrs.evolve(
            self,
            records=(*self.records, *records),
            entities=(*self.entities, *entities),
            chains={**self.chains, **joined},
        )

    @functools.cached_property
    def by_position(self) -> Mapping[int, Record]:
        """The records by position."""
        return {one.position: one for one in self.records}

    @functools.cached_property
    def positions(self) -> Mapping[UUID, int]:
        """The positions of the records by id."""
        return {one.id: one.position for one in self.records}

    @functools.cached_property
    def first_names(self) -> Mapping[str, str]:
        """The names that entities are first called by here."""
        return {one.id: one.name for one in self.entities}

    @functools.cached_property
    def standing(self) -> Mapping[int, bool]:
        """By position of the records in the chains, whether each stands at the head."""
        found: dict[int, bool] = {}
        for chain in self.chains.values():
            fallen = superseded(chain)
            found |= {link.position: link.position not in fallen for link in chain}
        return found

    @functools.cached_property
    def hidden(self) -> Mapping[int, Sequence[Hidden]]:
        """By position of the records in the chains, where each does not stand."""
        found: dict[int, list[Hidden]] = {
            link.position: [] for chain in self.chains.values() for link in chain
        }
        for chain in self.chains.values():
            for one in hidden(chain):
                found[one.position].append(one)
        return found

    @functools.cached_property
    def names(self) -> Sequence[NameRow]:
        """What names stand for here, but for those of naming events that do not stand."""
        return [row for row in self.all_names if not row[4] or self.standing[row[3]]]

    @functools.cached_property
    def all_names(self) -> Sequence[NameRow]:
        """What names stand for here."""
        mentioned = {entity: one.position for one in reversed(self.records) for entity in one.entities}
        ids = [
            (one.id, one.id, folded(one.id), mentioned[one.id], False)
            for one in self.entities
            if one.id == one.name
        ]
        given = [
            (entity, name, fold, int(position), naming == "true")
            for entity, name, fold, position, naming in name_rows(self.records)
        ]
        return [*ids, *given]


class Overlay(Log):
    """A log up to a position, to be read with what is supposed on top of it as if that were written."""

    def __init__(self, log: Log, supposed: Supposed) -> None:
        super().__init__(log.connection, log.codec, log._sources)
        self._supposed = supposed
        self._base = supposed.base.position

    @property
    def base(self) -> int:
        """The position on top of which all that is supposed is."""
        return self._base

    @property
    def supposed(self) -> Sequence[Record]:
        """The records that are only supposed, in order."""
        return self._supposed.records

    @property
    def supposed_of(self) -> Collection[int]:
        """The first records of which anything is supposed, themselves included."""
        return self._supposed.chains.keys()

    def head(self) -> Head:
        """Where the log would end."""
        return self._supposed.head

    def position_at(self, instant: datetime) -> int:
        """The last position recorded by an instant; 0 if there is none."""
        by_then = [one.position for one in self._supposed.records if one.recorded_at <= instant]
        return by_then[-1] if by_then else min(super().position_at(instant), self._base)

    def with_ids(self, ids: Iterable[UUID]) -> dict[UUID, list[int]]:
        """Of those ids that are known, the positions of whose they are, as in the log."""
        found: dict[UUID, list[int]] = {}
        here, wanted = self._supposed.positions, set(ids)
        for one, several in self._with_ids_there(wanted - here.keys()).items():
            if within := [position for position in several if position <= self._base]:
                found[one] = within
        return found | {one: [here[one]] for one in wanted if one in here}

    def _with_ids_there(self, ids: set[UUID]) -> dict[UUID, list[int]]:
        return super().with_ids(ids)

    def ids_at(self, positions: Iterable[int]) -> dict[int, UUID]:
        """The ids of the records at these positions."""
        wanted = set(positions)
        here = {one: self._supposed.by_position[one].id for one in wanted & self._supposed.by_position.keys()}
        return super().ids_at(one for one in wanted - here.keys() if one <= self._base) | here

    def at(self, positions: Iterable[int]) -> dict[int, Record]:
        """The records at these positions."""
        wanted = set(positions)
        here = {one: self._supposed.by_position[one] for one in wanted & self._supposed.by_position.keys()}
        there = [one for one in wanted if one <= self._base]
        return (super().at(there) if there else {}) | here

    def records(
        self,
        *,
        after: int,
        upto: int,
        types: Sequence[str] = (),
        entities: Sequence[Sequence[str]] = (),
        text: str | None = None,
        stands: bool = False,
        span: Span | None = None,
        possibly: bool = False,
    ) -> list[Record]:
        """Records in order of position: what `concerning` finds of types and entities, speaking of a text.

        With a span, those of events that surely lie in it, or possibly.
        """
        found = super().records(
            after=after,
            upto=min(upto, self._base),
            types=types,
            entities=entities,
            text=text,
            span=span,
            possibly=possibly,
        )
        places = self._concerned(types, entities)
        found += [
            one
            for one in self._supposed.records
            if after < one.position <= upto
            and one.position in places
            and (text is None or _speaks(one, text))
            and (not span or _lies(one, span, possibly=possibly))
        ]
        if not stands:
            return found
        fallen = self.superseded([one.position for one in found])
        return [one for one in found if one.position not in fallen]

    def concerning(
        self,
        *,
        after: int,
        upto: int,
        types: Sequence[str],
        entities: Sequence[Sequence[str]],
        sameness: bool = False,
        most: int = FOREVER,
    ) -> list[int]:
        """The first positions of records that are of one of the types and touch all of the entities."""
        there = super().concerning(
            after=after,
            upto=min(upto, self._base),
            types=types,
            entities=entities,
            sameness=sameness,
            most=most,
        )
        here = self._concerned(types, entities, sameness=sameness)
        return [*there, *sorted(one for one in here if after < one <= upto)][:most]

    def _concerned(
        self, types: Sequence[str], entities: Sequence[Sequence[str]], *, sameness: bool = False
    ) -> set[int]:
        """The positions of what is supposed that `concerning` would find of types and entities."""
        origins = {one.origin for one in self._supposed.records}
        anybody = {one for ids in entities for one in ids}
        found, met = set(), set()
        for chain in self.said_of(origins).values():
            for one in chain:
                touches = all(set(ids).intersection(one.entities) for ids in entities)
                said = Sameness.of(one) if sameness else None
                if (touches and (not types or one.type in types)) or (
                    said is not None and not anybody.isdisjoint((said.entity, said.same_as))
                ):
                    met.add(one.origin)
                if one.origin in met:
                    found.add(one.position)
        return found

    def feeding(self, state: StateType, key: Sequence[str]) -> list[int]:
        """The positions of all records that feed one key of a state, whether they stand or not, in order."""
        there = [one for one in super().feeding(state, key) if one <= self._base]
        return there + [one.position for one in self._supposed.records if _feeds(one, state, tuple(key))]

    def questions(self, state: StateType, basis: Basis) -> Iterator[Query]:
        """The SQL that asks a compiled state of all keys at a basis, and its parameters: all at once."""
        yield self.question(state, basis)

    def question(self, state: StateType, basis: Basis) -> Query:
        """The SQL that asks a compiled state of all keys at a basis, in order of key, and its parameters."""
        supposed = self._supposed
        return self.shadowed(state, basis, self._base, supposed.chains, supposed.records)

    def names_of(self, entities: Iterable[str]) -> dict[str, tuple[str, list[int]]]:
        """The name that each entity was first given, and the positions of the naming events that name it."""
        wanted = set(entities)
        rows = self._asked("names of", list(wanted), self._base)
        found = {entity: (name, list(positions or ())) for entity, name, positions in rows}
        first = self._supposed.first_names
        found |= {entity: (first[entity], []) for entity in wanted & first.keys()}
        for entity, _, _, position, naming in self._supposed.all_names:
            if naming and entity in found and position not in found[entity][1]:
                found[entity][1].append(position)
        return found

    def superseded(self, positions: Iterable[int]) -> dict[int, int]:
        """Those positions that do not stand at the head, each with what superseded it."""
        head = self.head().position
        return {one.position: one.by for one in self.hidden(positions) if one.covers(None, head)}

    def chains(self, origins: Iterable[int]) -> dict[int, list[Link]]:
        """By origin, all records of a correction chain as far as their standing goes."""
        wanted = set(origins)
        here = {one: list(chain) for one, chain in self._supposed.chains.items() if one in wanted}
        there = {one for one in wanted - here.keys() if one <= self._base}
        found = super().chains(there) if there else {}
        return here | {
            origin: [link for link in chain if link.position <= self._base] for origin, chain in found.items()
        }

    def said_of(self, origins: Iterable[int], held: Iterable[Record] = ()) -> dict[int, list[Record]]:
        """By origin, the first record of a chain of corrections and all that was said of it, in order."""
        wanted = set(origins)
        there = super().said_of((one for one in wanted if one <= self._base), held)
        found = {
            origin: [one for one in several if one.position <= self._base]
            for origin, several in there.items()
        }
        for one in self._supposed.records:
            if one.origin in wanted:
                found.setdefault(one.origin, []).append(one)
        return found

    def denying(self, types: Sequence[str], entities: Sequence[str]) -> list[int]:
        """The positions of the records that `denied` gives, in order."""
        here = [
            one.position
            for one in self._supposed.records
            if one.credence == "denied" and one.type in types and set(entities) <= set(one.entities)
        ]
        return [one for one in super().denying(types, entities) if one <= self._base] + here

    def all_sources(self) -> list[Source]:
        """Every source that is cited."""
        here = [
            attrs.evolve(one, locator=None) for record in self._supposed.records for one in record.sources
        ]
        return list(dict.fromkeys([*super().all_sources(), *here]))

    def attestations(self, positions: Iterable[int]) -> dict[int, list[Record]]:
        """By position of the record attested, its attestations in order."""
        wanted = set(positions)
        pairs = [pair for pair in self.run("attestations", list(wanted)) if pair[0] <= self._base]
        pairs += [
            (one.position, one.target)
            for one in self._supposed.records
            if one.kind == "attestation" and one.target in wanted
        ]
        records = self.at(position for position, _ in pairs)
        found: dict[int, list[Record]] = {}
        for position, target in pairs:
            found.setdefault(target, []).append(records[position])
        return found

    def fits(self, ids: Iterable[str], folds: Iterable[str]) -> list[Fit]:
        """The entities with one of these ids, or a name that folds to one of those."""
        wanted, folds = list(ids), set(folds)
        if not wanted and not folds:
            return []
        named = set(wanted)
        rows = self._names_there(named, folds)
        rows += [row for row in self._supposed.names if row[2] in folds or (row[4] and row[0] in named)]
        rows += [(one.id, one.name, one.id, 0, False) for one in self._supposed.entities if one.id in named]
        return fits_in(rows, folds)

    def _names_there(self, ids: set[str], folds: set[str]) -> list[NameRow]:
        return self._asked("fit names", list(ids), list(folds), self._base, *self._judged)

    def samenesses(self) -> Samenesses:
        """All that was said of which entities are the same, whether it stands or not."""
        positions = [place for (place,) in self.run("said", file="sameness") if place <= self._base]
        positions += [one.position for one in self._supposed.records if Sameness.of(one) is not None]
        return self.samenesses_at(positions)

    def same(self, entities: Iterable[str]) -> dict[str, str]:
        """By id, whom those of some entities that are the same as another are read as now."""
        wanted, same = set(entities), self.samenesses()
        now = same.now()
        said = ((one.entity, now.get(one.record.position)) for one in same.said if one.entity in wanted)
        return {entity: other for entity, other in said if other is not None}

    def circle(self, entity: str) -> list[str]:
        """All ids that are read as the same as one now, and itself."""
        same = self.samenesses()
        everybody = self.same(same.kin([entity]))
        one = everybody.get(entity, entity)
        return sorted({one, *(other for other, read_as in everybody.items() if read_as == one)})

    def speaking_of(self, entities: Iterable[str], types: Iterable[str], first: int, last: int) -> list[int]:
        """The positions, between two, of events of some types that speak of any of some entities."""
        wanted, kinds = set(entities), set(types)
        here = [
            one.position
            for one in self._supposed.records
            if first <= one.position <= last
            and one.credence != "denied"
            and one.type in kinds
            and wanted.intersection(one.entities)
        ]
        return super().speaking_of(wanted, kinds, first, min(last, self._base)) + here

    def near(
        self, names: Mapping[str, str], likeness: float, unlike: str
    ) -> dict[str, list[tuple[str, str]]]:
        """For each name, at most three entities with a name near to it, nearest first, each with it."""
        folds = {folded(name): name for name in names}
        besides = [names[one] for one in folds.values()]
        here = [[row[part] for row in self._supposed.names] for part in range(3)]
        asked = (list(folds), besides, likeness, self._base, *self._judged, *here, unlike)
        rows = self._asked("near names", *asked)
        return near_in(rows, folds)

    def hidden(self, positions: Iterable[int]) -> list[Hidden]:
        """Where in the (known, position) plane these records do not stand."""
        wanted, here = set(positions), self._supposed.hidden
        there = [one for one in wanted - here.keys() if one <= self._base]
        found = [one for position in wanted & here.keys() for one in here[position]]
        for one in super().hidden(there) if there else ():
            if one.position_from <= self._base:
                ended = one.position_to <= self._base
                found.append(one if ended else attrs.evolve(one, position_to=FOREVER))
        return found

    @property
    def _judged(self) -> tuple[list[int], list[int]]:
        """The positions of which is known here whether they stand, and of those that do."""
        standing = self._supposed.standing
        return list(standing), [position for position, stands in standing.items() if stands]

    def _asked(self, name: str, *parameters: object) -> list[Any]:
        return self.connection.execute(statement("overlay", name), list(parameters)).fetchall()


class Coming(Overlay):
    """A log with commits on top of it that are about to be written, one after the other."""

    def __init__(self, log: Log) -> None:
        super().__init__(log, Supposed(base=log.began))
        self._rows: list[NameRow] = []
        self._names_met: tuple[set[str], set[str]] = (set(), set())
        self._places: dict[UUID, list[int]] = {}
        self._ids_met: set[UUID] = set()
        self._same: Samenesses | None = None

    def look_up(self, ids: set[UUID], names: set[str], folds: set[str]) -> None:
        """Ask the log at one go what it will be asked: of ids of records, of ids and names of entities."""
        if ids:
            self._places |= super()._with_ids_there(ids)
            self._ids_met |= ids
        if names or folds:
            self._rows = super()._names_there(names, folds)
            self._names_met = names, folds

    def have(self, records: Sequence[Record], entities: Sequence[NewEntity]) -> None:
        """Have a commit on top."""
        chains = self.chains({one.origin for one in records if one.kind != "assertion"})
        self._supposed = self._supposed.adding(records, entities, chains)
        if any(one.kind != "assertion" or Sameness.of(one) is not None for one in records):
            self._names_met, self._same = (set(), set()), None

    def _with_ids_there(self, ids: set[UUID]) -> dict[UUID, list[int]]:
        if ids <= self._ids_met:
            return {one: self._places[one] for one in ids if one in self._places}
        return super()._with_ids_there(ids)

    def _names_there(self, ids: set[str], folds: set[str]) -> list[NameRow]:
        names_met, folds_met = self._names_met
        if not (ids <= names_met and folds <= folds_met):
            return super()._names_there(ids, folds)
        return [
            row
            for row in self._rows
            if (row[2] in folds or (row[4] and row[0] in ids) if row[3] else row[0] in ids)
        ]

    def samenesses(self) -> Samenesses:
        """All that was said of which entities are the same, whether it stands or not."""
        if self._same is None:
            self._same = super().samenesses()
        return self._same


def _feeds(record: Record, state: StateType, key: tuple[str, ...]) -> bool:
    """Whether a record feeds one key of a state."""
    event = what_feeds(record.event, record.credence)
    if event is None:
        return False
    feedings = state.feeding(type(event))
    return any(place.key == key for feeding in feedings for place in feeding.places(event))


def _lies(record: Record, span: Span, *, possibly: bool) -> bool:
    """Whether an event surely lies in a span of time, or possibly."""
    if record.occurred is None:
        return False
    first, last = span.first or BEGINNING, span.last or END
    earliest, latest = record.occurred.earliest or BEGINNING, record.occurred.latest or END
    if possibly:
        return latest >= first and earliest <= last
    return earliest >= first and latest <= last


def _speaks(record: Record, text: str) -> bool:
    """Whether a text stands in the sentence, the note, the id or the names of a record, case aside."""
    told = (record.summary, record.note, record.ref, *record.names.values(), *record.names)
    return text.lower() in "\n".join(filter(None, told)).lower()
