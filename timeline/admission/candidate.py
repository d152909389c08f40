"""Statements made ready to be judged: names and references in them resolved, ids settled."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from typing import Final
from uuid import UUID

import attrs

from timeline.log import Log
from timeline.records import (
    WHOLE,
    Assertion,
    Attestation,
    Codec,
    Correction,
    Given,
    Link,
    Names,
    Record,
    RecordKind,
    Reference,
    Retraction,
    Standing,
    Statement,
    derived_id,
    given_id,
    named_by,
    reference,
    source_id,
    superseded,
    with_ids,
)
from timeline.values import AmbiguousName, Source, TimelineError, UnknownRecord
from timeline.vocabulary import Event, sentence, spoken_of


class Pending:
    """Records of the log, as far as they were looked up, and behind them the new ones."""

    def __init__(self, log: Log) -> None:
        self._log = log
        self._by_id: dict[UUID, Record] = {}
        self._by_id_today: dict[UUID, list[int]] = {}
        self._by_position: dict[int, Record] = {}
        self._asked: set[UUID] = set()
        self._chains: dict[int, list[Link]] = {}
        self._attested: dict[int, list[Record]] = {}
        self._identities: Standing | None = None
        self._may_be_same = bool(log.codec.catalogue.sameness)
        self.new: list[Record] = []

    def behind(self) -> Pending:
        """What comes behind: all that is here is there for it, and nothing that comes to it is here."""
        new = Pending(self._log)
        new._by_id, new._by_position = dict(self._by_id), dict(self._by_position)
        new._by_id_today, new._asked = dict(self._by_id_today), set(self._asked)
        new._chains = {origin: list(chain) for origin, chain in self._chains.items()}
        new._attested = {position: list(several) for position, several in self._attested.items()}
        return new

    def look_up(self, ids: Iterable[UUID], positions: Iterable[int] = ()) -> None:
        """Fetch the records with these ids and positions, where the log has them."""
        unasked = set(ids) - self._asked - self._by_id.keys()
        self._asked |= unasked
        found = self._log.with_ids(unasked) if unasked else {}
        wanted = {one for several in found.values() for one in several} | set(positions)
        unread = wanted - self._by_position.keys()
        for record in self._log.at(unread).values() if unread else ():
            self._keep(record)
        for ident, several in found.items():
            if others := [one for one in several if self._by_position[one].id != ident]:
                self._by_id_today[ident] = others

    def look_up_chains(self) -> None:
        """Fetch at one go what was said of the records looked up so far, where they are several."""
        origins = {record.origin for record in self._by_position.values()} - self._chains.keys()
        if len(origins) > 1:
            self._chains |= {origin: [] for origin in origins} | self._log.chains(origins)
        attested = self._by_position.keys() - self._attested.keys()
        if len(attested) > 1:
            self._attested |= {position: [] for position in attested} | self._log.attestations(attested)

    def _keep(self, record: Record) -> None:
        self._by_id[record.id] = self._by_position[record.position] = record

    def with_id(self, ident: UUID) -> Record | None:
        """The record with this id, else one of an older version that would have it today, or None."""
        return self._by_id.get(ident) or self.saying(ident)

    def saying(self, ident: UUID) -> Record | None:
        """The record that says what has this id today, or None: of several, the earliest that stands."""
        own = self._by_id.get(ident)
        if ident not in self._by_id_today:
            return own
        several = [self._by_position[one] for one in self._by_id_today[ident]]
        several = sorted([*several, *filter(None, [own])], key=lambda one: one.position)
        standing = (one for one in several if self.superseder(one) is None)
        return next(standing, own or several[0])

    def at(self, position: int) -> Record:
        """The record at a position that exists."""
        if position not in self._by_position:
            self.look_up((), [position])
        return self._by_position[position]

    def id_of(self, value: Reference) -> UUID:
        """The id of the record meant, which may not have been added yet.

        Raises:
            UnknownRecord: if a position is meant that was not found.
        """
        wanted = reference(value)
        if isinstance(wanted, UUID):
            meant = self.with_id(wanted)
            return wanted if meant is None else meant.id
        if wanted not in self._by_position:
            raise UnknownRecord(value)
        return self._by_position[wanted].id

    def add(self, record: Record) -> None:
        """Take a new record, at the next position.

        Raises:
            SamenessConflict: if with it an entity would be the same as two, or as itself.
        """
        link = Link.of(record)
        if record.kind != "attestation" and self._says_who_is_who(record):
            if self._identities is None:
                self._identities = Standing(self._log.samenesses())
            chain = [] if record.target is None else self._chain(record.origin)
            self._identities.admit(record, [*chain, link])
        if record.target is None:
            self._chains[record.origin] = [link]
        else:
            self._chain(record.origin).append(link)
        if record.kind == "attestation" and record.target is not None:
            self._attestations(record.target).append(record)
        self.new.append(record)
        self._keep(record)

    def _says_who_is_who(self, record: Record) -> bool:
        """Whether a record says which entities are the same, or is about one that does."""
        if not self._may_be_same:
            return False
        while record.event is None and record.target is not None:
            record = self.at(record.target)
        return record.event is not None and record.event.__timeline__.sameness is not None

    def _chain(self, origin: int) -> list[Link]:
        if origin not in self._chains:
            self._chains[origin] = self._log.chains([origin]).get(origin, [])
        return self._chains[origin]

    def _attestations(self, position: int) -> list[Record]:
        if position not in self._attested:
            self._attested[position] = self._log.attestations([position]).get(position, [])
        return self._attested[position]

    def superseder(self, record: Record) -> Record | None:
        """What superseded a record, or None if it stands."""
        by = superseded(self._chain(record.origin)).get(record.position)
        return None if by is None else self.at(by)

    def unsaid(self, record: Record, sources: Sequence[Source]) -> tuple[Source, ...]:
        """Those sources that neither the record nor an attestation of it names."""
        if not sources:
            return ()
        said = {source for one in (record, *self._attestations(record.position)) for source in one.sources}
        return tuple(source for source in sources if source not in said)


_KINDS: Final[dict[type, RecordKind]] = {
    Assertion: "assertion",
    Correction: "correction",
    Retraction: "retraction",
    Attestation: "attestation",
}


@attrs.frozen
class Resolved:
    """The event of a statement with ids in place of names, the names as given by id, and its sentence."""

    event: Event | None = None
    names: dict[str, str] = attrs.field(factory=dict)
    summary: str = ""


@attrs.frozen(kw_only=True)
class Candidate:
    """A statement with all names and references in it resolved."""

    statement: Statement
    kind: RecordKind
    told: Resolved
    data: str | None
    target: UUID | None
    id: UUID
    ref: str | None
    sources: tuple[Source, ...]
    credence: str

    @property
    def whole(self) -> bool:
        """Whether it is a retraction after which what its target replaced does not come back."""
        return self.kind == "retraction" and self.data == WHOLE


def meet(names: Names, events: Sequence[Event]) -> None:
    """Look up whom the names in events may mean; those that name somebody are read first."""
    names.meet(names_in(events))
    for entity, name in filter(None, map(named_by, events)):
        with suppress(AmbiguousName):
            names.give(names.found_or_new(entity, declared=False), name)


def names_in(events: Sequence[Event]) -> list[str]:
    """The texts in events that name somebody."""
    namings = filter(None, map(named_by, events))
    return [*(text for event in events for text in spoken_of(event)), *(name for _, name in namings)]


_NOTHING: Final[Mapping[str, str]] = {}


class Preparation:
    """Makes statements ready to be judged."""

    def __init__(self, codec: Codec, pending: Pending, *, declared: bool) -> None:
        self._codec = codec
        self._pending = pending
        self._declared = declared
        self._asserted: set[UUID] = set()

    def candidates(
        self,
        statements: Sequence[Statement],
        names: Names,
        faults: dict[int, TimelineError],
        called: Mapping[int, Mapping[str, str]],
    ) -> dict[int, Candidate]:
        """By index, the statements that can be made ready; why others cannot goes into `faults`.

        Of some, `called` has by field the name of the entity whose exact id that holds.
        """
        given: dict[int, Given | None] = {}
        for index, statement in enumerate(statements):
            try:
                given[index] = given_id(statement)
            except TimelineError as problem:
                faults[index] = problem
        self._pending.look_up(one[0] for one in given.values() if one is not None)
        told: dict[int, Resolved] = {}
        for index, one in given.items():
            try:
                told[index] = self._told(statements[index], one, names, called.get(index, _NOTHING))
            except TimelineError as problem:
                faults[index] = problem
        self._look_up([statements[index] for index in told])
        candidates: dict[int, Candidate] = {}
        for index, what in told.items():
            try:
                candidates[index] = self.candidate(statements[index], what, given[index])
            except TimelineError as problem:
                faults[index] = problem
        self._pending.look_up(candidate.id for candidate in candidates.values())
        self._pending.look_up_chains()
        return candidates

    def _told(
        self, statement: Statement, own: Given | None, names: Names, called: Mapping[str, str]
    ) -> Resolved:
        if not isinstance(statement, Assertion | Correction):
            return Resolved()
        said = None if own is None else self._pending.with_id(own[0])
        before = {} if said is None else {name: entity for entity, name in said.names.items()}
        event, given = with_ids(statement.event, names, before, called, declared=self._declared)
        return Resolved(event, given, sentence(event, lambda one: given.get(one) or names.shown(one)))

    def _look_up(self, statements: Sequence[Statement]) -> None:
        """Fetch what the statements refer to."""
        targets = [reference(one.target) for one in statements if not isinstance(one, Assertion)]
        places = {one for one in targets if isinstance(one, int)}
        self._pending.look_up({one for one in targets if isinstance(one, UUID)}, places)

    def candidate(self, one: Statement, told: Resolved, given: Given | None = None) -> Candidate:
        """A statement made ready, its event with ids in place of names, under the id that it is given.

        Raises:
            UnknownRecord: if it speaks of a position that the log does not have.
        """
        kind, event = _KINDS[type(one)], told.event
        target = None if isinstance(one, Assertion) else self._pending.id_of(one.target)
        data = self._data(one, event, target)
        credence = one.credence or "reported"
        sources = one.source or ()
        if given is not None:
            ident, ref = given
        else:
            ref = None
            ident = derived_id(
                kind=kind,
                target=target,
                type_=None if event is None else event.__timeline__.name,
                data=data,
                occurred=None if event is None else event.occurred.text,
                credence=credence,
                **({"sources": _cites(sources)} if kind == "attestation" else {}),
            )
        if kind == "assertion":
            self._asserted.add(ident)
        return Candidate(
            statement=one,
            kind=kind,
            told=told,
            data=data,
            target=target,
            id=ident,
            ref=ref,
            sources=sources,
            credence=credence,
        )

    def _data(self, one: Statement, event: Event | None, target: UUID | None) -> str | None:
        """What a record holds beside its envelope: its event, or that it is whole.

        Of an assertion a whole retraction is the same as a plain one, and kept as that.
        """
        if event is not None:
            return self._codec.write(event)
        if not isinstance(one, Retraction) or not one.whole or target is None:
            return None
        about = self._pending.with_id(target)
        asserted = target in self._asserted if about is None else about.kind == "assertion"
        return None if asserted else WHOLE


def _cites(sources: Sequence[Source]) -> list[list[str | None]]:
    return [[str(source_id(source)), source.locator] for source in sources]
