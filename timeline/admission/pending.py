"""The records that an append has to do with: those of the log that it speaks of, and those it adds."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from uuid import UUID

from timeline.log import Log
from timeline.records import Link, Record, Reference, Standing, reference, superseded
from timeline.values import Source, UnknownRecord


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
