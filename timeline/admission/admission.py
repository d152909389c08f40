"""What becomes of each statement: a new record, nothing, an attestation, or an error."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

import attrs

from timeline.admission.candidate import Candidate, Pending, Preparation, Resolved, meet
from timeline.admission.conflict import Again, conflict, event_differences
from timeline.log import Check, Head, Log, Unwritten, write_commits
from timeline.records import (
    Assertion,
    Attestation,
    Commit,
    Correction,
    Fallen,
    Ignored,
    Names,
    Record,
    Statement,
)
from timeline.values import (
    AlreadySuperseded,
    FutureKnown,
    IdConflict,
    NotAllowed,
    Source,
    TimelineError,
    UnknownRecord,
    When,
    WrongTarget,
)


@attrs.frozen
class Judged:
    """What became of some statements: the commit, and by index why others could not be admitted."""

    commit: Commit
    faults: Mapping[int, TimelineError]


class Admission:
    """Judges the statements of one append, in order, against the log and each other.

    Where it writes, it must run under the writer lock, in the transaction that writes: what it decides holds
    only there. `head` is where the log ends, and `now` the present by the clock.
    `pending` and `names` are what is known already, where it is judged behind others.
    With `amend`, an id used again for other content of the same type corrects the record; where that was done
    before, `amend=False` finds it unchanged. None, the default, takes either for a conflict.
    """

    def __init__(
        self,
        log: Log,
        head: Head,
        now: datetime,
        *,
        declared: bool,
        amend: bool | None = None,
        pending: Pending | None = None,
        names: Names | None = None,
    ) -> None:
        self._log = log
        self._amend = amend
        self.head = head
        self.now = max(now.astimezone(UTC), head.recorded_at or now)
        self._pending = Pending(log) if pending is None else pending
        self._prepare = Preparation(log.codec, self._pending, declared=declared)
        self._names = Names(log, ()) if names is None else names
        self._unchanged: dict[int, Record] = {}
        self._ignored: list[Ignored] = []
        self._fallen: dict[int, Fallen] = {}
        self.new_from: list[int] = []
        """The index of the statement that each new record comes from."""
        self.repeated: list[int] = []
        """The position of the record that says it, for each statement that says nothing new."""

    @property
    def new(self) -> Sequence[Record]:
        """The records that are new."""
        return self._pending.new

    @property
    def fallen(self) -> Mapping[int, Fallen]:
        """By position, what was said again without an id and no longer stands."""
        return self._fallen

    def admit(
        self,
        statements: Sequence[Statement],
        *,
        actor: str | None,
        note: str | None,
        check: Check | None = None,
    ) -> Commit:
        """Judge the statements and write what is new as one commit.

        `check` may refuse that. Ids are looked at first, so that what the log holds already passes; then it
        is asked; then whatever else is wrong is told.

        Raises:
            TimelineError: for the first statement that cannot be admitted; the caller rolls back.
        """
        new = self.unwritten(statements, actor=actor, note=note, check=check)
        return self.commit(self._write(new))

    def judged(self, statements: Sequence[Statement], *, actor: str | None, note: str | None) -> Judged:
        """Judge the statements, write what is new as one commit, and tell why others cannot be admitted.

        Where any cannot, the caller rolls back.
        """
        faults = self.judge(statements, self._names, {})
        return Judged(self.commit(self._write(self._unwritten(actor, note))), faults)

    def unwritten(
        self,
        statements: Sequence[Statement],
        *,
        actor: str | None = None,
        note: str | None = None,
        check: Check | None = None,
    ) -> Unwritten:
        """As `admit`, without writing it: what is new, as the commit that it would be."""
        faults = self.judge(statements, self._names, {})
        for problem in faults.values():
            if isinstance(problem, IdConflict):
                raise problem
        if check is not None and (self._pending.new or faults):
            check(self._log, self._names.new)
        for problem in faults.values():
            raise problem
        return self._unwritten(actor, note)

    def _unwritten(self, actor: str | None, note: str | None) -> Unwritten:
        used = self._spoken_of()
        self._names.new = [new for new in self._names.new if new.id in used]
        return Unwritten(records=self._pending.new, entities=self._names.new, actor=actor, note=note)

    def _write(self, new: Unwritten) -> Head:
        return write_commits(self._log, [new], self.head)[0] if new.records else self.head

    def judge(
        self, statements: Sequence[Statement], names: Names, called: Mapping[int, Mapping[str, str]]
    ) -> dict[int, TimelineError]:
        """By index, why some statements cannot be admitted; what is new of the others is in `new`.

        `names` learns whom the names in them mean, and `called` is as in `Preparation.candidates`.
        """
        faults: dict[int, TimelineError] = {}
        meet(names, [one.event for one in statements if isinstance(one, Assertion | Correction)])
        candidates = self._prepare.candidates(statements, names, faults, called)
        for index, one in candidates.items():
            before = len(self._pending.new)
            try:
                self._judge(one)
            except TimelineError as problem:
                faults[index] = problem
            self.new_from += [index] * (len(self._pending.new) - before)
        return dict(sorted(faults.items()))

    def _spoken_of(self) -> set[str]:
        """The entities that new records speak of."""
        return {entity for record in self._pending.new for entity in record.entities}

    def commit(self, head: Head) -> Commit:
        """What became of the statements, now that the log, with what is new, ends there."""
        names, used = self._names, self._spoken_of()
        return Commit(
            records=tuple(self._pending.new),
            unchanged=tuple(self._unchanged.values()),
            ignored=tuple(self._ignored),
            fallen=tuple(self._fallen.values()),
            new_entities=names.with_near_misses(),
            spellings=tuple(one for one in names.spellings() if one.entity in used),
            placeholders=tuple(name for name, entity in names.placeholders().items() if entity in used),
            head=head.position,
            recorded_at=self.now,
            digest=head.digest,
        )

    # Judging

    def _judge(self, one: Candidate) -> None:
        target = self._settled_target(one)
        known_at = self._known_at(one, target)
        said = self._pending.saying if one.statement.id is None else self._pending.with_id
        existing = said(one.id)
        if existing is not None:
            self._again(one, existing, target)
            return
        if one.kind == "attestation" and target is not None:
            if not one.sources:
                raise NotAllowed(f"an attestation of {target.label} needs a source that says the same")
            if one.statement.id is None and not self._pending.unsaid(target, one.sources):
                self._unchanged[target.position] = target
                return
        if target is not None:
            _check_target(one, target)
            _check_whole(one, target, known_at)
            self._check_stands(target, _instead(one.kind, self._last_word(target)))
        self._add(one, target, known_at)

    def _settled_target(self, one: Candidate) -> Record | None:
        """The record that a statement speaks of, now that those before it in this append are there."""
        if isinstance(one.statement, Assertion):
            return None
        target = None if one.target is None else self._pending.with_id(one.target)
        if target is None:
            raise UnknownRecord(one.statement.target)
        return target

    def _known_at(self, one: Candidate, target: Record | None) -> datetime:
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

    def _again(self, one: Candidate, existing: Record, target: Record | None) -> None:
        """The id is taken: the same thing said again, one more source for it, or a conflict."""
        differences = self._differences(one, existing, target)
        if differences and self._amended(one, existing, target):
            return
        if differences:
            again = Again(
                event=one.told.event,
                known=None if one.statement.known is None else _known_again(one, existing, target),
                credence=one.credence,
                stands=self._pending.superseder(existing) is None,
            )
            raise conflict(existing, differences, again)
        for field in ("note", "actor"):
            stored, given = getattr(existing, field), getattr(one.statement, field)
            if given is not None and given != stored:
                self._ignored.append(Ignored(existing, field, stored, given))
        new = () if one.kind == "attestation" else self._pending.unsaid(existing, one.sources)
        if not new:
            self.repeated.append(existing.position)
            self._unchanged[existing.position] = existing
            newer = None if one.statement.id is not None else self._pending.superseder(existing)
            if newer is not None:
                self._fallen[existing.position] = Fallen(existing, newer)
            return
        self._check_stands(existing, "to say it again, give it an id of its own")
        known = one.statement.known
        attestation = Attestation(existing, source=new, known=known, actor=one.statement.actor)
        self._judge(self._prepare.candidate(attestation, Resolved()))

    def _amended(self, one: Candidate, existing: Record, target: Record | None) -> bool:
        """Whether corrections without a mark have brought the record to what is said, or now do so."""
        aimed = None if target is None else target.position
        if (
            self._amend is None
            or one.told.event is None
            or type(one.told.event) is not type(existing.event)
            or aimed != existing.target
        ):
            return False
        newest = self._newest(existing)
        said = newest.event == one.told.event and newest.credence == one.credence
        if newest is not existing and said and _known_again(one, newest, target) == newest.known_at:
            self._unchanged[newest.position] = newest
            return True
        if not self._amend:
            return False
        given = one.statement
        amendment = Correction(
            newest,
            one.told.event,
            source=one.sources,
            known=given.known,
            credence=given.credence,
            actor=given.actor,
            note=given.note,
        )
        self._judge(self._prepare.candidate(amendment, one.told))
        return True

    def _newest(self, record: Record) -> Record:
        """The last of the corrections without a mark that took the record's place, or the record itself."""
        newer = self._pending.superseder(record)
        if newer is None or newer.kind != "correction" or newer.ref is not None:
            return record
        return self._newest(newer)

    def _differences(self, one: Candidate, existing: Record, target: Record | None) -> list[str]:
        """What the record with this id says otherwise, as texts."""
        if one.kind != existing.kind:
            return [f"it is {_a(existing.kind)}, not {_a(one.kind)}"]
        found = []
        aimed = None if target is None else target.position
        if aimed != existing.target:
            found.append(f"it speaks of #{existing.target}, not #{aimed}")
        if one.told.event is not None and existing.event is not None:
            found += event_differences(existing.event, one.told.event)
        if one.whole != existing.whole:
            found.append(f"whole: {_yes(existing.whole)} → {_yes(one.whole)}")
        if one.kind == "attestation" and set(one.sources) - set(existing.sources):
            found.append(f"source: {_told(existing.sources)} → {_told(one.sources)}")
        if one.credence != existing.credence:
            found.append(f"credence: {existing.credence} → {one.credence}")
        known = _known_again(one, existing, target)
        if known != existing.known_at:
            found.append(f"known: {_minute(existing.known_at)} → {_minute(known)}")
        return found

    def _last_word(self, record: Record) -> Record | None:
        """What superseded a record; if that is a correction, the last that took its place."""
        newer = self._pending.superseder(record)
        if newer is not None and newer.kind == "correction":
            later = self._last_word(newer)
            return later if later is not None and later.kind == "correction" else newer
        return newer

    def _check_stands(self, record: Record, advice: str) -> None:
        newer = self._pending.superseder(record)
        if newer is not None:
            raise AlreadySuperseded(record.label, newer.undoing, advice)

    def _add(self, one: Candidate, target: Record | None, known_at: datetime) -> None:
        position = self.head.position + len(self._pending.new) + 1
        origin = position if target is None else target.origin
        kind = None if one.told.event is None else one.told.event.__timeline__
        if kind is not None:
            kind.check_said()
        record = Record(
            position=position,
            id=one.id,
            ref=one.ref,
            kind=one.kind,
            type=None if kind is None else kind.name,
            version=None if kind is None else kind.version,
            occurred=None if one.told.event is None else one.told.event.occurred,
            known_at=known_at,
            recorded_at=self.now,
            sources=one.sources,
            credence=one.credence,  # type: ignore[arg-type]
            actor=one.statement.actor,
            note=one.statement.note,
            target=None if target is None else target.position,
            origin=origin,
            data=one.data,
            names=one.told.names,
            event=one.told.event,
            summary=_summary(one, target),
        )
        self._pending.add(record)


def _told(sources: Sequence[Source]) -> str:
    return ", ".join(map(str, sources))


def _known_again(one: Candidate, existing: Record, target: Record | None) -> datetime:
    """When a record was known, had it been said with what is given now; as it is, if nothing is given."""
    given = one.statement.known
    if given == "same" and target is not None:
        return target.known_at
    if isinstance(given, When):
        return min(given.latest or existing.recorded_at, existing.recorded_at)
    return existing.known_at


def _a(kind: str) -> str:
    return f"an {kind}" if kind[0] in "aeiou" else f"a {kind}"


def _yes(value: bool) -> str:
    return "yes" if value else "no"


def _summary(one: Candidate, target: Record | None) -> str:
    if one.told.event is not None:
        return one.told.summary
    verb = "retracted whole" if one.whole else "retracted" if one.kind == "retraction" else "also said"
    return f"{verb}: {target.summary}" if target is not None else verb


def _instead(kind: str, newer: Record | None) -> str:
    """What would do, where something is said of a record that a newer one may have superseded."""
    if newer is None or newer.kind == "redaction":
        return "that stays"
    if newer.kind == "correction":
        verb = {"correction": "correct", "retraction": "retract"}.get(kind, "attest")
        return f"{verb} {newer.place} instead"
    return "nothing is left to retract" if kind == "retraction" else f"retract {newer.place} first"


def _check_target(one: Candidate, target: Record) -> None:
    if target.kind == "redaction":
        raise WrongTarget(f"{target.label} says that #{target.target} is redacted, which stays")
    if one.kind == "correction" and target.event is None and target.problem is None:
        raise WrongTarget(
            f"{target.label} is {_a(target.kind)}, which cannot be corrected; retract it instead"
        )
    if one.kind == "attestation" and target.kind == "attestation":
        raise WrongTarget(f"{target.label} is an attestation itself; attest #{target.target} instead")
    if (
        one.kind == "correction"
        and one.told.event is not None
        and one.told.event.__timeline__.name != target.type
    ):
        raise WrongTarget(
            f"{target.label} is {_a(str(target.type))}; a correction is a whole new {target.type}, "
            f"not {_a(one.told.event.__timeline__.name)}: retract it and append the other"
        )


def _check_whole(one: Candidate, target: Record, known_at: datetime) -> None:
    """See that a whole retraction is of a correction, known when that is or later."""
    if not one.whole:
        return
    if target.kind != "correction":
        raise WrongTarget(
            f"{target.label} is {_a(target.kind)}, which replaced nothing that could stay away; "
            "retract it without whole"
        )
    if known_at < target.known_at:
        raise WrongTarget(
            f"{target.label} is known since {_minute(target.known_at)}, and cannot be retracted whole as of "
            f"{_minute(known_at)}, before that; say known='same'"
        )


def _minute(instant: datetime) -> str:
    return f"{instant.date()} {instant:%H:%M} UTC"
