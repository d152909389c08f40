"""Saying something to a timeline: appending, correcting, retracting, attesting, importing tables."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any, TypedDict, Unpack, overload
from uuid import UUID

import attrs

from timeline.arguments import Progress, checked
from timeline.asking import Asking
from timeline.check.strictness import adding_up
from timeline.errors import NotAllowed
from timeline.event import Event
from timeline.garbage import uncollected
from timeline.guard import Guard, Unless
from timeline.handle import Cited, Sources, Undone, Whenever
from timeline.log import Log
from timeline.record import (
    Assertion,
    Attestation,
    Commit,
    Correction,
    Lookalike,
    NewEntity,
    Record,
    Reference,
    Retraction,
    Statement,
)
from timeline.source import Credence, Source

if TYPE_CHECKING:
    from timeline.admission import Judged
    from timeline.bulk.imported import Imported
    from timeline.log import Log
    from timeline.moment import Moment

__all__ = ["Appending", "Envelope"]


class Envelope(TypedDict, total=False):
    """The keywords of `append` that `correct`, `retract` and `attest` take too."""

    source: Sources
    known: Whenever | None
    credence: Credence | None
    actor: str | None
    note: str | None
    id: UUID | str | None


class Guarded(Envelope, total=False):
    """The same, and what keeps the call from being made."""

    strict: bool | None
    unless: Unless | None
    dry_run: bool


class Sweeping(TypedDict, total=False):
    """The same for what is retracted together, of which no id names one."""

    source: Sources
    known: Whenever | None
    credence: Credence | None
    actor: str | None
    note: str | None
    strict: bool | None
    unless: Unless | None
    dry_run: bool


@checked
class Appending(Asking):
    """A timeline as it is appended to."""

    def append(
        self,
        *events: Event | Statement,
        source: Sources = None,
        known: Whenever | None = None,
        credence: Credence | None = None,
        actor: str | None = None,
        note: str | None = None,
        id: UUID | str | None = None,  # noqa: A002  (the field's name in every record)
        strict: bool | None = None,
        unless: Unless | None = None,
        dry_run: bool = False,
    ) -> Commit:
        """Append events, or statements with envelopes of their own, as one commit.

        `source` is where it comes from: a text, a Source, a mapping, or several. `known` says since when the
        world could know; else the earliest publication of the sources counts, else now. What a statement
        says itself comes first. What the log holds already, under the same id, changes nothing. `strict`
        says whether to refuse what surely violates a rule and did not before; unless given, as opened.

        `unless` is what the append must not be made for: a Condition, a function that is given the Moment of
        writing and gives something back then, or several of these. It is asked under the writer lock, after
        the ids: where all is known already the append succeeds again. With `dry_run` nothing is written, and
        the commit is the one that would be.

        Raises:
            AppendConflict: if what `unless` says is so, with the records in the way.
            UnknownType: for an event that the catalogue lacks.
            IdConflict: if an id is used again for other content.
            FutureKnown: if `known` or a publication begins in the future.
            AmbiguousName: if a name fits two entities.
            UnknownEntity: if entities have to be declared and one is not.
            AlreadySuperseded, UnknownRecord, WrongTarget: as `correct`, for statements about records.
            DoesNotAddUp: if it has to add up, and does not.
            ReadOnlyTimeline, LockedFile: if the file cannot be written now.
        """
        call: Envelope = {
            "source": source,
            "known": known,
            "credence": credence,
            "actor": actor,
            "note": note,
            "id": id,
        }
        with uncollected:
            statements = self._statements(events, call)
            return self._commit(
                lambda _: statements, actor=actor, note=note, strict=strict, unless=unless, dry_run=dry_run
            )

    def _commit(
        self,
        choose: Callable[[Log], Sequence[Statement]],
        *,
        actor: str | None,
        note: str | None,
        strict: bool | None,
        unless: Unless | None,
        dry_run: bool,
    ) -> Commit:
        """Append as one commit the statements that are chosen by what the log holds under the writer lock."""
        from timeline.admission import Admission

        self.catalogue.check_known("appending")
        checked = self._strict if strict is None else strict
        check = self._guard(unless)
        with suppress(Undone), self._session.appending() as log:
            statements = choose(log)
            with adding_up(log, strict=checked):
                admission = Admission(log, self._session.present(), declared=self._entities == "declared")
                commit = admission.admit(statements, actor=actor, note=note, check=check)
            if dry_run:
                commit = self._compared(log, [commit])[0]
                raise Undone
        return commit

    def lookalikes(self, *commits: Commit | Imported) -> tuple[Lookalike, ...]:
        """What in commits looks like what was there or like each other; at most a thousand such records.

        Two records may tell the same event if they are of one type, speak of the same entities in the same
        fields, may have happened at the same time, and nothing else tells them apart but figures: amounts and
        numbers, or one date. Where a figure differs, the sources disagree; else an attestation would say it.
        The rule `lookalikes` of `check` tells the same of the whole log.

        Raises:
            NotAllowed: in a what-if.
        """
        from timeline.bulk.imported import Imported

        self.catalogue.check_known("what looks alike")
        found: list[Lookalike] = []
        unknown: list[Commit] = []
        for one in commits:
            if not isinstance(one, Commit | Imported):
                raise NotAllowed(f"commits are asked of, as append gives them, not {type(one).__name__}")
            if isinstance(one, Imported):
                found += one.lookalikes
            elif one._lookalikes is not None:
                found += one._lookalikes
            else:
                unknown.append(one)
        if any(one.records for one in unknown):
            with self._session.in_file() as log:
                for compared in self._compared(log, unknown):
                    found += compared._lookalikes or ()
        return tuple(found)

    def _compared(self, log: Log, commits: Sequence[Commit]) -> list[Commit]:
        """Commits, with what in each of them looks like what was there."""
        from timeline.check.lookalikes import lookalikes

        several = [one for one in commits if one.records]
        if not several:
            return [attrs.evolve(one, lookalikes=()) for one in commits]
        first, last = min(one.positions[0] for one in several), max(one.positions[-1] for one in several)
        found = lookalikes(log, first, last, {name for one in several for name in one.types})
        return [
            attrs.evolve(
                one, lookalikes=tuple(like for like in found if like.record.position in one.positions)
            )
            for one in commits
        ]

    def append_table(
        self,
        event_type: type[Event],
        rows: Any,
        *,
        source: Sources = None,
        known: Whenever,
        id: str | None = None,  # noqa: A002
        credence: Credence | None = None,
        actor: str | None = None,
        note: str | None = None,
        unless: Unless | None = None,
        progress: Progress | None = None,
    ) -> Imported:
        """Append a table of events of one type as one commit: all of its rows, or none.

        `rows` is the text of one SELECT over files, an Arrow stream (Arrow, Polars, a result of `sql`), or a
        pandas DataFrame; its columns are named as the fields of the event. `known` is a column, a date, or
        "occurred": that each row was known when it occurred. `id` is a column of marks or UUIDs; without it,
        rows that say the same are one claim. Where a column `<field>_name` gives the name of an entity, the
        field holds its exact id. Numbers of money have their currency in `<field>_currency`. `unless` is as
        in `append`, and asked once all rows are found right and some are new. `progress` is called with the
        stage, the rows done and all rows.

        Raises:
            AppendConflict: if what `unless` says is so, with the records in the way.
            BadRows: if any row cannot be appended: the number, column and reason of each.
            InvalidData: if columns are unknown, missing, or of a type that the field cannot be read from.
            NotAllowed: if the rows cannot be read, or events of this type have to be appended singly.
            FutureKnown: if `known` or a publication begins in the future.
            DoesNotAddUp: if the timeline was opened `strict`, and it does not add up.
            ReadOnlyTimeline, LockedFile: if the file cannot be written now.
        """
        from timeline.bulk.importing import import_table
        from timeline.check.lookalikes import lookalikes

        self._check_declared(event_type)
        check = self._guard(unless)
        with self._session.writing() as log, adding_up(log, strict=self._strict):
            return import_table(
                log,
                event_type.__timeline__,
                rows,
                progress or (lambda *_: None),
                present=self._session.present(),
                alike=lookalikes,
                check=check,
                source=source,
                known=known,
                id=id,
                credence=credence,
                actor=actor,
                note=note,
                declared=self._entities == "declared",
            )

    def append_all(
        self, batches: Iterable[Sequence[Statement]], *, amend: bool = False, dry_run: bool = False
    ) -> tuple[Judged, ...]:
        """Append several batches, each as one commit, all of them or none; tells what became of each.

        Where any statement cannot be admitted, nothing is written, and all that is at fault is told. With
        `amend`, an id used again for other content corrects its record. With `dry_run` nothing is written.

        Raises:
            DoesNotAddUp: if the timeline was opened `strict`, and it does not add up.
            ReadOnlyTimeline, LockedFile: if the file cannot be written now.
        """
        from timeline.admission import Admission

        self.catalogue.check_known("appending")
        admitted = [[self._statement(one, {}) for one in batch] for batch in batches]
        judged: list[Judged] = []
        with uncollected, suppress(Undone), self._session.appending() as log:
            now, declared = self._session.present(), self._entities == "declared"
            with adding_up(log, strict=self._strict):
                for batch in admitted:
                    admission = Admission(log, now, declared=declared, amend=amend)
                    judged.append(admission.judged(batch, actor=None, note=None))
                if any(one.faults for one in judged):
                    raise Undone
            if dry_run:
                told = self._compared(log, [one.commit for one in judged])
                judged = [attrs.evolve(one, commit=two) for one, two in zip(judged, told, strict=True)]
                raise Undone
        return tuple(judged)

    def correct(self, record: Reference, event: Event, **envelope: Unpack[Guarded]) -> Commit:
        """Say that a record was wrong and what is right: a whole new event of the same type.

        `record` is a Record, id, mark or position; the keywords are those of `append`.

        Raises:
            UnknownRecord: if the log holds no such record.
            AlreadySuperseded: if it no longer stands, naming by what.
            WrongTarget: if the event is of another type, or the record says no event.
            TimelineError: as `append`.
        """
        return self.append(Correction(record, event), **envelope)

    @overload
    def retract(self, record: Reference, *, whole: bool = False, **envelope: Unpack[Guarded]) -> Commit: ...
    @overload
    def retract(self, *, resting_on: Cited, whole: bool = False, **envelope: Unpack[Sweeping]) -> Commit: ...
    @overload
    def retract(self, *, commit: int, whole: bool = False, **envelope: Unpack[Sweeping]) -> Commit: ...
    def retract(
        self,
        record: Any = attrs.NOTHING,
        *,
        resting_on: Cited | None = None,
        commit: int | None = None,
        whole: bool = False,
        **envelope: Any,
    ) -> Commit:
        """Say that a record should not have been said at all; what a correction replaced comes back.

        With `whole` that does not come back. Of an assertion, whole and plain are the same.

        Instead of a record: `resting_on` retracts, in one commit, whatever rests on the word of a source
        alone, named as in `as_of(without=…)`, and what comes back by that if it does too, so that afterwards
        nothing that stands rests on it alone. `source` is whose word the retractions are; if that source's,
        what it retracted itself stays retracted. `commit` undoes a commit, named by the position of any of
        its records: what it said and still stands is retracted, also its retractions; what others have
        superseded since is left, and is the `superseded` of the Commit given back. With `dry_run` nothing is
        written, and the Commit lists what would be.

        Raises:
            NotAllowed: if not one of a record, `resting_on` and `commit` is given, or an id for several.
            UnknownRecord: if the log holds no such record, or no commit there.
            UnknownSource: if the log cites no source of that name.
            AlreadySuperseded: as `correct`; of a commit, if nothing of it stands.
            WrongTarget: if what is retracted whole is a retraction or attestation, or known only later.
            TimelineError: as `append`.
        """
        if [record is not attrs.NOTHING, resting_on is not None, commit is not None].count(True) != 1:
            raise NotAllowed(
                "retract a record, or what rests on a source (resting_on=), or what a commit said (commit=): "
                "one of these"
            )
        if record is not attrs.NOTHING:
            return self.append(Retraction(record, whole=whole), **envelope)
        return self._retract_together(resting_on, commit, whole=whole, **envelope)

    def _retract_together(
        self,
        cited: Cited | None,
        position: int | None,
        *,
        whole: bool,
        source: Sources = None,
        known: Whenever | None = None,
        credence: Credence | None = None,
        actor: str | None = None,
        note: str | None = None,
        id: UUID | str | None = None,  # noqa: A002
        strict: bool | None = None,
        unless: Unless | None = None,
        dry_run: bool = False,
    ) -> Commit:
        """Retract what rests on a source alone, or else what a commit said."""
        from timeline.retracting import resting_on, said_by

        if id is not None:
            raise NotAllowed("id= names one record; what is retracted together gets ids of its own")
        given = {"source": source, "known": known, "credence": credence, "actor": actor, "note": note}
        call = {name: value for name, value in given.items() if value is not None}
        model = self._statement(Retraction(0, whole=whole), call)
        left: list[Record] = []

        def choose(log: Log) -> Sequence[Statement]:
            if position is None:
                found = resting_on(log, cited, whole=whole, sources=model.source or ())
            else:
                found = said_by(log, position, whole=whole)
            left[:] = found.superseded
            return [self._statement(one, call) for one in found.statements]

        with uncollected:
            done = self._commit(
                choose,
                actor=actor,
                note=note,
                strict=strict,
                unless=unless,
                dry_run=dry_run,
            )
        return attrs.evolve(done, superseded=tuple(left))

    def attest(self, record: Reference, **envelope: Unpack[Guarded]) -> Commit:
        """Say that another source, which has to be given, says what a record says.

        Raises:
            UnknownRecord, AlreadySuperseded: as `correct`.
            TimelineError: as `append`.
        """
        return self.append(Attestation(record), **envelope)

    def _statements(self, events: Sequence[Event | Statement], call: Envelope) -> list[Statement]:
        """Events and statements, each with what the call says where it says nothing itself."""
        if call.get("id") is not None and len(events) > 1:
            raise NotAllowed("id= names one record; with several events, wrap each: Assertion(event, id=…)")
        envelope = {name: value for name, value in call.items() if value is not None}
        if "source" in envelope and events:
            envelope["source"] = Source.read_all(call["source"])
        return [self._statement(one, envelope) for one in events]

    def _statement(self, one: Event | Statement, envelope: Mapping[str, Any]) -> Statement:
        """A statement with what the call says, nothing of it None, where it says nothing itself."""
        if isinstance(one, Event):
            self._check_declared(type(one))
            return Assertion(one, **envelope)
        if not isinstance(one, Assertion | Correction | Retraction | Attestation):
            raise NotAllowed(f"{one!r} is neither an event nor a statement about a record")
        if isinstance(one, Assertion | Correction):
            if not isinstance(one.event, Event):
                raise NotAllowed(f"{one.event!r} is not an event")
            self._check_declared(type(one.event))
        missing = {name: value for name, value in envelope.items() if getattr(one, name) is None}
        return attrs.evolve(one, **missing) if missing else one

    def _guard(self, unless: Unless | None) -> Guard | None:
        def moment(coming: Sequence[NewEntity]) -> Moment:
            return attrs.evolve(self.as_of(), expected=tuple(coming))

        return Guard.of(unless, moment=moment, type_name=self._type_name)
