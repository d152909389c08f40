"""What becomes of each statement: a new record, nothing, an attestation, or an error."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from typing import Final
from uuid import UUID

import attrs
import msgspec

from timeline.codec import Codec, content_id, mark_id, source_id
from timeline.conflict import event_differences, remedy
from timeline.entity import clean_name
from timeline.errors import (
    AlreadySuperseded,
    AmbiguousName,
    BadText,
    FutureKnown,
    IdConflict,
    NotAllowed,
    TimelineError,
    UnknownRecord,
    WrongTarget,
)
from timeline.event import Event, spoken_of
from timeline.log import Head, Log
from timeline.names import Names, named_by, with_ids
from timeline.record import (
    Assertion,
    Attestation,
    Commit,
    Correction,
    Ignored,
    Record,
    RecordKind,
    Reference,
    Retraction,
    Statement,
)
from timeline.source import Source
from timeline.standing import Link, superseded
from timeline.when import When
from timeline.wording import sentence
from timeline.writing import Writer

__all__ = ["Admission", "Judged", "read_id", "reference"]

_KINDS: Final[dict[type, RecordKind]] = {
    Assertion: "assertion",
    Correction: "correction",
    Retraction: "retraction",
    Attestation: "attestation",
}


def read_id(value: UUID | str) -> tuple[UUID, str | None]:
    """The id that a caller gives a record, and the mark it was given as, if it is no UUID.

    Raises:
        BadText: if it is blank, or digits alone (those mean positions).
    """
    if isinstance(value, UUID):
        return value, None
    mark = clean_name(value)
    if mark.removeprefix("#").isdecimal():
        raise BadText(value, "is digits alone, which mean a position; give the mark a letter")
    if mark.startswith("#"):
        raise BadText(value, "begins with #, which points at a position; leave it out")
    try:
        return UUID(mark) if len(mark) == 36 else mark_id(mark), mark if len(mark) != 36 else None
    except ValueError:
        return mark_id(mark), mark


def reference(value: Reference) -> UUID | int:
    """What a reference to a record comes to: an id or a position.

    Raises:
        UnknownRecord: if it is neither a record, an id, a mark nor a position.
    """
    if isinstance(value, Record):
        return value.id
    if isinstance(value, UUID):
        return value
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    if isinstance(value, str) and value.strip():
        digits = value.strip().removeprefix("#")
        return int(digits) if digits.isdecimal() and digits.isascii() else read_id(value)[0]
    raise UnknownRecord(value)


def _check_references(statement: Statement) -> None:
    """See that its id and target can be read."""
    if statement.id is not None:
        read_id(statement.id)
    if not isinstance(statement, Assertion):
        reference(statement.target)


@contextmanager
def _noted(faults: dict[int, TimelineError], index: int) -> Iterator[None]:
    """Keep what goes wrong for later, by the index of the statement."""
    try:
        yield
    except TimelineError as problem:
        faults[index] = problem


@attrs.frozen(kw_only=True)
class _Candidate:
    """A statement with all names and references in it resolved."""

    statement: Statement
    kind: RecordKind
    event: Event | None
    names: dict[str, str]
    data: str | None
    target: Record | None
    id: UUID
    ref: str | None
    sources: tuple[Source, ...]
    credence: str


@attrs.frozen
class Judged:
    """What became of some statements: the commit, and by index why others could not be admitted."""

    commit: Commit
    faults: Mapping[int, TimelineError]


class Admission:
    """Judges the statements of one append, in order, against the log and each other.

    Must run under the writer lock, in the transaction that writes: what it decides holds only there.
    With `amend`, an id used again for other content of the same type corrects the record.
    """

    def __init__(self, log: Log, codec: Codec, now: datetime, *, declared: bool, amend: bool = False) -> None:
        self._log = log
        self._codec = codec
        self._declared = declared
        self._amend = amend
        self.head: Head = log.head()
        self.now = max(now.astimezone(UTC), self.head.recorded_at or now)
        self._records: list[Record] = []
        self._by_id: dict[UUID, Record] = {}
        self._chains: dict[int, list[Link]] = {}
        self._attested: dict[int, list[Record]] = {}
        self._unchanged: dict[int, Record] = {}
        self._ignored: list[Ignored] = []

    def admit(self, statements: Sequence[Statement], *, actor: str | None, note: str | None) -> Commit:
        """Judge the statements and write what is new as one commit.

        Raises:
            TimelineError: for the first statement that cannot be admitted; the caller rolls back.
        """
        judged = self.judged(statements, actor=actor, note=note)
        for problem in judged.faults.values():
            raise problem
        return judged.commit

    def judged(self, statements: Sequence[Statement], *, actor: str | None, note: str | None) -> Judged:
        """Judge the statements, write what is new as one commit, and tell why others cannot be admitted.

        Where any cannot, the caller rolls back.
        """
        faults: dict[int, TimelineError] = {}
        names = self._resolve_names(statements)
        resolved: dict[int, tuple[Event | None, dict[str, str]]] = {}
        for index, statement in enumerate(statements):
            with _noted(faults, index):
                _check_references(statement)
                resolved[index] = self._with_ids(statement, names)
        self._look_up([statements[index] for index in resolved])
        candidates: dict[int, _Candidate] = {}
        for index, event in resolved.items():
            with _noted(faults, index):
                candidates[index] = self._candidate(statements[index], *event)
        self._by_id |= self._held({one.id for one in candidates.values()} - self._by_id.keys())
        for index, one in candidates.items():
            with _noted(faults, index):
                self._judge(one)
        return Judged(self._written(names, actor, note), dict(sorted(faults.items())))

    def _written(self, names: Names, actor: str | None, note: str | None) -> Commit:
        head = self.head
        if self._records:
            salts = [secrets.token_hex(16) for _ in self._records]
            used = {entity for record in self._records for entity in record.entities}
            names.new = [new for new in names.new if new.id in used]
            head = Writer(self._log).write(
                self._records, names.new, salts=salts, actor=actor, note=note, after=head
            )
        else:
            names.new = []
        return Commit(
            records=tuple(self._records),
            unchanged=tuple(self._unchanged.values()),
            ignored=tuple(self._ignored),
            new_entities=names.with_near_misses(),
            head=head.position,
            recorded_at=self.now,
            digest=head.digest,
        )

    # Names and references

    def _resolve_names(self, statements: Sequence[Statement]) -> Names:
        """Whom the names in the statements mean; those that name somebody are read first."""
        events = [one.event for one in statements if isinstance(one, Assertion | Correction)]
        namings = [event for event in events if named_by(event) is not None]
        texts = [text for event in events for text in spoken_of(event)]
        names = Names(self._log, [*texts, *(named[1] for named in map(named_by, namings) if named)])
        for event in namings:
            entity, name = named_by(event) or ("", "")
            with suppress(AmbiguousName):
                names.give(names.found_or_new(entity, declared=False), name)
        return names

    def _with_ids(self, statement: Statement, names: Names) -> tuple[Event | None, dict[str, str]]:
        if not isinstance(statement, Assertion | Correction):
            return None, {}
        return with_ids(statement.event, names, declared=self._declared)

    def _look_up(self, statements: Sequence[Statement]) -> None:
        """Fetch what the statements refer to, and the chains it belongs to."""
        given = [one.id for one in statements if one.id is not None]
        targets = [reference(one.target) for one in statements if not isinstance(one, Assertion)]
        ids = {read_id(one)[0] for one in given} | {one for one in targets if isinstance(one, UUID)}
        self._by_id |= self._held(ids)
        places = [one for one in targets if isinstance(one, int) and 1 <= one <= self.head.position]
        self._by_id |= {record.id: record for record in self._log.at(places).values()}

    def _held(self, ids: Iterable[UUID]) -> dict[UUID, Record]:
        """The records of the log with these ids; their chains are loaded too."""
        positions = self._log.by_id(ids).values()
        records = self._log.at(positions)
        return {record.id: record for record in records.values()}

    def _target(self, value: Reference) -> tuple[UUID, Record | None]:
        """The id of a target, and its record if the log holds it; None if it is said in this very append."""
        wanted = reference(value)
        if isinstance(wanted, int):
            for record in self._by_id.values():
                if record.position == wanted:
                    return record.id, record
            raise UnknownRecord(value)
        return wanted, self._by_id.get(wanted)

    def _candidate(self, one: Statement, event: Event | None, names: dict[str, str]) -> _Candidate:
        kind = _KINDS[type(one)]
        target_id, target = (None, None) if isinstance(one, Assertion) else self._target(one.target)
        data = None if event is None else self._codec.write(event)
        credence = one.credence or "reported"
        sources = one.source or ()
        if one.id is not None:
            ident, ref = read_id(one.id)
        else:
            ref = None
            ident = content_id(
                kind=kind,
                target=None if target_id is None else str(target_id),
                type=None if event is None else event.__timeline__.name,
                data=None if data is None else msgspec.json.decode(data),
                occurred=None if event is None else event.occurred.text,
                credence=credence,
                **({"sources": _cites(sources)} if kind == "attestation" else {}),
            )
        return _Candidate(
            statement=one,
            kind=kind,
            event=event,
            names=names,
            data=data,
            target=target,
            id=ident,
            ref=ref,
            sources=sources,
            credence=credence,
        )

    # Judging

    def _judge(self, one: _Candidate) -> None:
        target = self._settled_target(one)
        known_at = self._known_at(one, target)
        existing = self._by_id.get(one.id)
        if existing is not None:
            self._again(one, existing, target)
            return
        if one.kind == "attestation" and target is not None:
            if not one.sources:
                raise NotAllowed(f"an attestation of {target.label} needs a source that says the same")
            if one.statement.id is None and not self._new_sources(target, one.sources):
                self._unchanged[target.position] = target
                return
        if target is not None:
            _check_target(one, target)
            self._check_stands(target)
        self._add(one, target, known_at)

    def _settled_target(self, one: _Candidate) -> Record | None:
        if isinstance(one.statement, Assertion):
            return None
        ident = self._target(one.statement.target)[0]
        target = one.target or self._by_id.get(ident)
        if target is None:
            raise UnknownRecord(one.statement.target)
        return target

    def _known_at(self, one: _Candidate, target: Record | None) -> datetime:
        """When the world could know: as given, else as published, else now; never later than now."""
        given = one.statement.known
        for source in one.sources:
            self._check_not_future("publication", source.published)
        if given == "same":
            if target is None:
                raise NotAllowed(
                    'known="same" means as the target of a correction or retraction; this has none'
                )
            return target.known_at
        if isinstance(given, When):
            self._check_not_future("known", given)
            return min(given.latest or self.now, self.now)
        published = [source.published.latest or self.now for source in one.sources if source.published]
        return min([*published, self.now])

    def _check_not_future(self, what: str, when: When | None) -> None:
        if when is not None and when.earliest is not None and when.earliest > self.now:
            raise FutureKnown(what, when.text, f"{self.now:%Y-%m-%d %H:%M}")

    def _again(self, one: _Candidate, existing: Record, target: Record | None) -> None:
        """The id is taken: the same thing said again, one more source for it, or a conflict."""
        differences = self._differences(one, existing, target)
        if differences and self._amended(one, existing, target):
            return
        if differences:
            raise IdConflict(existing.label, differences, remedy(one.event, existing))
        for field in ("note", "actor"):
            stored, given = getattr(existing, field), getattr(one.statement, field)
            if given is not None and given != stored:
                self._ignored.append(Ignored(existing, field, stored, given))
        new = () if one.kind == "attestation" else self._new_sources(existing, one.sources)
        if not new:
            self._unchanged[existing.position] = existing
            return
        self._check_stands(existing, "to say it again, give it an id of its own")
        known = one.statement.known
        attestation = Attestation(existing, source=new, known=known, actor=one.statement.actor)
        self._judge(self._candidate(attestation, None, {}))

    def _amended(self, one: _Candidate, existing: Record, target: Record | None) -> bool:
        """Whether corrections without a mark have brought the record to what is said, or now do so."""
        aimed = None if target is None else target.position
        if one.event is None or type(one.event) is not type(existing.event) or aimed != existing.target:
            return False
        newest = self._newest(existing)
        said = newest.event == one.event and newest.credence == one.credence
        if (
            newest is not existing
            and said
            and _known_again(one.statement.known, newest, target) == newest.known_at
        ):
            self._unchanged[newest.position] = newest
            return True
        if not self._amend:
            return False
        given = one.statement
        amendment = Correction(
            newest,
            one.event,
            source=one.sources,
            known=given.known,
            credence=given.credence,
            actor=given.actor,
            note=given.note,
        )
        self._judge(self._candidate(amendment, one.event, one.names))
        return True

    def _newest(self, record: Record) -> Record:
        """The last of the corrections without a mark that took the record's place, or the record itself."""
        by = superseded(self._chain(record.origin)).get(record.position)
        newer = None if by is None else self._at(by)
        if newer is None or newer.kind != "correction" or newer.ref is not None:
            return record
        return self._newest(newer)

    def _at(self, position: int) -> Record:
        pending = {one.position: one for one in self._records}
        return pending.get(position) or self._log.at([position])[position]

    def _differences(self, one: _Candidate, existing: Record, target: Record | None) -> list[str]:
        """What the record with this id says otherwise, as texts."""
        if one.kind != existing.kind:
            return [f"it is {_a(existing.kind)}, not {_a(one.kind)}"]
        found = []
        aimed = None if target is None else target.position
        if aimed != existing.target:
            found.append(f"it speaks of #{existing.target}, not #{aimed}")
        if one.event is not None and existing.event is not None:
            found += event_differences(existing.event, one.event)
        if one.credence != existing.credence:
            found.append(f"credence: {existing.credence} → {one.credence}")
        known = _known_again(one.statement.known, existing, target)
        if known != existing.known_at:
            found.append(f"known: {existing.known_at:%Y-%m-%d %H:%M} UTC → {known:%Y-%m-%d %H:%M} UTC")
        return found

    def _new_sources(self, record: Record, sources: Sequence[Source]) -> tuple[Source, ...]:
        """Those sources that neither the record nor an attestation of it names."""
        if not sources:
            return ()
        if record.position not in self._attested:
            self._attested[record.position] = self._log.attestations([record.position]).get(
                record.position, []
            )
        known = set(record.sources)
        for attestation in self._attested[record.position]:
            known |= set(attestation.sources)
        return tuple(source for source in sources if source not in known)

    def _chain(self, origin: int) -> list[Link]:
        if origin not in self._chains:
            self._chains[origin] = self._log.chains([origin]).get(origin, [])
        return self._chains[origin]

    def _check_stands(self, record: Record, advice: str = "say it of that one") -> None:
        by = superseded(self._chain(record.origin)).get(record.position)
        if by is not None:
            newer = self._at(by)
            raise AlreadySuperseded(record.label, f"{newer.kind} {newer.label}", advice)

    def _add(self, one: _Candidate, target: Record | None, known_at: datetime) -> None:
        position = self.head.position + len(self._records) + 1
        origin = position if target is None else target.origin
        kind = None if one.event is None else one.event.__timeline__
        record = Record(
            position=position,
            id=one.id,
            ref=one.ref,
            kind=one.kind,
            type=None if kind is None else kind.name,
            version=None if kind is None else kind.version,
            occurred=None if one.event is None else one.event.occurred,
            known_at=known_at,
            recorded_at=self.now,
            sources=one.sources,
            credence=one.credence,  # type: ignore[arg-type]
            actor=one.statement.actor,
            note=one.statement.note,
            target=None if target is None else target.position,
            origin=origin,
            data=one.data,
            names=one.names,
            event=one.event,
            summary=_summary(one, target),
        )
        self._records.append(record)
        self._by_id[record.id] = record
        if target is not None:
            self._chain(origin).append(Link(position, record.kind, record.target, known_at))
            if record.kind == "attestation":
                self._attested.setdefault(target.position, []).append(record)
        else:
            self._chains[origin] = [Link(position, record.kind, None, known_at)]


def _known_again(given: object, existing: Record, target: Record | None) -> datetime:
    """When a record was known, had it been said with what is given now; as it is, if nothing is given."""
    if given == "same" and target is not None:
        return target.known_at
    if isinstance(given, When):
        return min(given.latest or existing.recorded_at, existing.recorded_at)
    return existing.known_at


def _cites(sources: Sequence[Source]) -> list[list[str | None]]:
    return [[str(source_id(source)), source.locator] for source in sources]


def _a(kind: str) -> str:
    return f"an {kind}" if kind[0] in "aeiou" else f"a {kind}"


def _summary(one: _Candidate, target: Record | None) -> str:
    if one.event is not None:
        return sentence(one.event, lambda entity: one.names.get(entity, entity))
    verb = "withdrawn" if one.kind == "retraction" else "also said"
    return f"{verb}: {target.summary}" if target is not None else verb


def _check_target(one: _Candidate, target: Record) -> None:
    if one.kind == "correction" and target.event is None:
        raise WrongTarget(
            f"{target.label} is {_a(target.kind)}, which cannot be corrected; retract it instead"
        )
    if one.kind == "attestation" and target.kind == "attestation":
        raise WrongTarget(f"{target.label} is an attestation itself; attest #{target.target} instead")
    if one.kind == "correction" and one.event is not None and one.event.__timeline__.name != target.type:
        raise WrongTarget(
            f"{target.label} is a {target.type}; a correction is a whole new {target.type}, "
            f"not a {one.event.__timeline__.name}: retract it and append the other"
        )
