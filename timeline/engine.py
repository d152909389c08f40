"""The façade: a timeline in a file, to append to and to ask."""

from __future__ import annotations

import os
import threading
import weakref
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, suppress
from datetime import datetime
from types import ModuleType, TracebackType
from typing import TYPE_CHECKING, Any, Literal, Self, TypedDict, Unpack, overload
from uuid import UUID

import attrs

from timeline.admission import Guard, Types, Unless, checked_position, several_names, several_types
from timeline.log import File, Head, Log, Rows, Session, uncollected
from timeline.maintenance import Report
from timeline.moment import Axis, Findings, History, Listed, Moment, adding_up, census
from timeline.records import (
    Assertion,
    Attestation,
    Codec,
    Commit,
    Correction,
    Lookalike,
    Names,
    NewEntity,
    Record,
    Reference,
    Retraction,
    Statement,
    reference as as_reference,
)
from timeline.values import (
    Basis,
    CatalogueError,
    Credence,
    Filter,
    NotAllowed,
    Progress,
    Reading,
    Source,
    Span,
    UnboundedPoint,
    UnknownEntity,
    UnknownRecord,
    When,
    Whenever,
    WrongBasis,
    check_axis,
    check_reading,
    checked,
    last_in,
    optional_text,
    zone,
)
from timeline.vocabulary import Catalogue, Event, State

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from timeline.admission import Imported, Judged
    from timeline.log import Log
    from timeline.maintenance import Redaction
    from timeline.moment import Diff
    from timeline.values import Progress

__all__ = [
    "Appending",
    "Asking",
    "Cited",
    "Entities",
    "Envelope",
    "Handle",
    "Sources",
    "Timeline",
    "Undone",
    "Upkeep",
    "Whenever",
]

Sources = Source | str | Mapping[str, Any] | Iterable[Source | str | Mapping[str, Any]] | None
Cited = Source | str | Iterable[Source | str]
Entities = Literal["any", "declared"]


class Undone(Exception):
    """A transaction is to be rolled back though nothing failed."""


class Handle:
    """A timeline that is in use."""

    def __init__(self, session: Session, entities: Entities, *, strict: bool) -> None:
        self._session = session
        self._entities = entities
        self._strict = strict
        self._closing = threading.Event()

    @property
    def path(self) -> str:
        """The path of the file, as given."""
        return self._session.file.path

    @property
    def catalogue(self) -> Catalogue:
        """The vocabulary in use."""
        return self._session.codec.catalogue

    @property
    def supposed(self) -> tuple[Record, ...]:
        """The records that are only supposed, in order: those of a what-if, else none."""
        return tuple(self._session.supposed)

    def _type_name(self, one: str | type[Event]) -> str:
        if isinstance(one, str):
            return self.catalogue.event(one).name if self.catalogue.known else one
        self._check_declared(one)
        return one.__timeline__.name

    def _check_declared(self, cls: type[Event]) -> None:
        self.catalogue.check_known("an event")
        kind = getattr(cls, "__timeline__", None)
        if kind is None or self.catalogue.events.get(kind.name) is not kind:
            raise CatalogueError(f"{cls!r} is not in the catalogue {self.catalogue.name}")

    def _position(self, position: int | Whenever | None, zone: ZoneInfo | None = None) -> int:
        """The position meant: the head, a number, or the last one recorded by the end of a date."""
        if position is None or isinstance(position, int):
            head = self._session.head().position
            if position is None:
                return head
            if isinstance(position, bool) or not 0 <= position <= head:
                raise WrongBasis(position, head)
            return position
        when = When.read(position)
        close = last_in(when, zone)
        if close is None:
            raise UnboundedPoint("position", when.text)
        with self._session.reading() as log:
            return log.position_at(close)


@checked
class Asking(Handle):
    """A timeline as it is asked."""

    def as_of(
        self,
        valid: Whenever | None = None,
        *,
        known: Whenever | None = None,
        dates: Reading = "latest",
        position: int | Whenever | None = None,
        without: Cited = (),
        only: Cited = (),
        credence: Credence | Iterable[Credence] = (),
        tz: str | None = None,
    ) -> Moment:
        """The timeline as of the end of a date; by default now.

        `known` limits it to what the world could know by the end of a date, "then" meaning `valid`.
        `dates` says when an event of imprecise date counts: once it has surely happened ("latest"), or as
        soon as it may have ("earliest"). `position` asks on an earlier basis: only what this log held up to
        a position, or by the end of a date.

        `without` leaves out what rests on these sources alone, `only` keeps what rests on one of them, each
        named by title, publisher or url; `credence` keeps only records of these. What a correction that is
        left out had replaced comes back.

        `tz` is the time zone, such as "Europe/Paris", in which dates are read that do not say their own, and
        in which answers tell instants; UTC, unless given.

        Raises:
            BadWhen, NaiveDatetime: if a date cannot be read.
            NotAllowed: if there is no such time zone.
            UnboundedPoint: if a date has no end.
            WrongBasis: if the log has no such position.
            UnknownSource: if the log cites no source of that name.
        """
        when = When.read(self._session.present() if valid is None else valid)
        filter_ = Filter(without=without, only=only, credence=credence)
        if filter_.without or filter_.only:
            with self._session.reading() as log:
                filter_.check(log.all_sources())
        there = zone(tz)
        session, place = self._session, self._position(position, there)
        supposed = sum(one.position <= place for one in session.supposed)
        basis = Basis.at(when, known, dates, place, filter_, supposed=supposed, zone=there)
        return Moment(basis, self.catalogue, session.reading, session.kept, session.streams)

    def diff(self, first: Moment, second: Moment, state: type[State] | str, *who: str) -> Diff:
        """What differs between two moments in the state of `who`, and why.

        The moments may be of what-ifs, too. Each record whose part in the state differs is a cause: a
        new event, a term that ran out, what we learned or corrected, or an entity that is read as another.

        Raises:
            NotAllowed: if the moments read dates otherwise, or listen to other sources.
            TimelineError: as `Moment.of`.
        """
        from timeline.moment import difference

        kind = self.catalogue.state(state)
        try:
            key = first.key(state, who)
        except UnknownEntity:
            key = second.key(state, who)
        return difference(first._side(kind, key), second._side(kind, key))

    def history(
        self,
        state: type[State] | str,
        *who: str,
        field: str | None = None,
        axis: Axis = "valid",
        valid: Whenever | None = None,
        known: Whenever | None = None,
        dates: Reading = "latest",
        position: int | Whenever | None = None,
        during: Whenever | None = None,
        since: Whenever | None = None,
        until: Whenever | None = None,
        without: Cited = (),
        only: Cited = (),
        credence: Credence | Iterable[Credence] = (),
        tz: str | None = None,
    ) -> History:
        """How a state of `who`, or one field of it, runs: a period for as long as nothing of it changes.

        Along valid time: from when to when what was so, by what is known, by what was known at the end of
        a date, or, with `known="then"`, at each instant by what was known at it. With `axis="known"`: how
        the answer for the end of `valid`, by default now, changed as more became known. `during` keeps what
        lies in a date; `since` and `until` what lies from the first instant of one to the last of another.
        All other keywords are as in `as_of`.

        Raises:
            UnknownType: if the catalogue has no such state.
            CatalogueError: if the state has no such field.
            NotAllowed: if arguments do not go together.
            UnknownEntity, AmbiguousName: if a name fits nobody, or two.
            TimelineError: as `as_of`.
        """
        then = isinstance(known, str) and known == "then"
        span = Span(during=during, since=since, until=until, zone=zone(tz))
        check_axis(axis, valid, known, span)
        moment = self.as_of(
            valid,
            known=None if then else known,
            dates=dates,
            position=position,
            without=without,
            only=only,
            credence=credence,
            tz=tz,
        )
        return moment._history(state, who, field, axis, then, span)

    def check(
        self,
        *,
        rules: str | Iterable[str] | None = None,
        as_of: Whenever | None = None,
        known: Whenever | None = None,
        dates: Reading = "latest",
        position: int | Whenever | None = None,
        most: int | None = 1_000,
        without: Cited = (),
        only: Cited = (),
        credence: Credence | Iterable[Credence] = (),
        tz: str | None = None,
    ) -> Findings:
        """What does not add up: the violations of the rules of the vocabulary, or of those named.

        Looked at is what stands and is not denied, on the word of all or as the filters say; `known` and
        `position` limit it, all as in the method `as_of`. The date `as_of` keeps the violations that have
        begun by its close: whose events have happened by then, surely or, with `dates="earliest"`, perhaps;
        without it all are told. Of each rule at most `most` violations are told in full, those that are
        certain first; all are counted.

        Raises:
            UnknownType: if there is no such rule, with the nearest names.
            TimelineError: as the method `as_of`.
        """
        from timeline.moment import Inspection, check, occurring

        self.catalogue.check_known("a check")
        wanted = [rules] if isinstance(rules, str) else self.catalogue.rules if rules is None else rules
        chosen = [self.catalogue.rule(name) for name in wanted]
        if most is not None and (isinstance(most, bool) or not isinstance(most, int) or most < 0):
            raise NotAllowed(f"most={most!r}: it is a number, 0 or more, or None for all")
        with self._session.in_file() as log:
            basis = self.as_of(
                as_of,
                known=known,
                dates=dates,
                position=position,
                without=without,
                only=only,
                credence=credence,
                tz=tz,
            ).basis
            by = None if as_of is None else basis.point
            return check(
                Inspection(log, basis, by=by, types=occurring(log, self.catalogue.events)), chosen, most
            )

    def records(
        self,
        *,
        types: str | type[Event] | Iterable[str | type[Event]] | None = None,
        entities: str | Iterable[str] = (),
        after: int = 0,
        text: str | None = None,
        stands: bool = False,
        during: Whenever | None = None,
        since: Whenever | None = None,
        until: Whenever | None = None,
        as_of: Whenever | None = None,
        known: Whenever | None = None,
        dates: Reading = "latest",
        position: int | Whenever | None = None,
        without: Cited = (),
        only: Cited = (),
        credence: Credence | Iterable[Credence] = (),
        tz: str | None = None,
    ) -> Iterator[Record]:
        """The records of the log in order: of some types, touching all of some entities, after a position.

        What corrects, retracts or attests such a record comes with it, and who is the same as an entity at
        the point counts as that one; `follow` gives the same records.
        With `text`, only those in whose sentence, names, note or id it stands, case aside; with `stands`,
        only those that stand. `during` keeps the events that surely happened within a date; `since` and
        `until` those between the first instant of one and the last of another, the date `as_of` those that
        had by its close; with `dates="earliest"` also those that may have.

        `known`, `position` and the filters keep what was known, what the log held and what is let through, as
        in the method `as_of`; then `stands` means there. `tz` is the time zone that dates are read in.

        Raises:
            UnknownType: if the catalogue lacks a type.
            NotAllowed: if `during` comes with `since` or `until`, or nothing lies between them.
            UnknownEntity, AmbiguousName: if a name fits nobody, or two.
            TimelineError: as the method `as_of`.
        """
        from timeline.moment import Sight

        check_reading(dates)
        span = Span(during=during, since=since, until=until, zone=zone(tz))
        names = [self._type_name(one) for one in several_types(types)]
        texts, start = several_names(entities), checked_position(after)
        with self._session.reading() as log:
            basis = self.as_of(
                as_of,
                known=known,
                dates=dates,
                position=position,
                without=without,
                only=only,
                credence=credence,
                tz=tz,
            ).basis
            limited = known is not None or position is not None or bool(basis.filter)
            meant, same = Names(log, texts), log.samenesses()
            found = log.records(
                after=start,
                upto=basis.position,
                types=names,
                entities=[same.circle(meant.known(one), basis) for one in texts],
                text=optional_text(text),
                stands=stands and not limited,
                span=span,
                possibly=dates == "earliest",
            )
            if as_of is not None:
                found = [one for one in found if basis.reaches(one)]
            if not limited:
                return iter(found)
            sight = Sight.of(log, basis, found)
            return iter(sight.standing if stands else sight.records)

    def entities(
        self,
        text: str | None = None,
        *,
        as_of: Whenever | None = None,
        known: Whenever | None = None,
        dates: Reading = "latest",
        position: int | Whenever | None = None,
        without: Cited = (),
        only: Cited = (),
        credence: Credence | Iterable[Credence] = (),
        tz: str | None = None,
    ) -> tuple[Listed, ...]:
        """Whom the log speaks of, in order of id: all, or those with a text in their id or in any name.

        Each with its names over time and whom it is read as; case and punctuation of the text do not matter.
        `known`, `position` and the filters keep whom and what records then spoke of, as in the method
        `as_of`. The date `as_of` gives the names that they had by its close; without it all are told.

        Raises:
            TimelineError: as the method `as_of`.
        """
        self.catalogue.check_known("whom the log speaks of")
        wanted = optional_text(text)
        with self._session.in_file() as log:
            basis = self.as_of(
                as_of,
                known=known,
                dates=dates,
                position=position,
                without=without,
                only=only,
                credence=credence,
                tz=tz,
            ).basis
            return tuple(census(log, basis, wanted, by_then=as_of is not None))

    def follow(
        self,
        after: int = 0,
        *,
        types: Types = None,
        entities: str | Iterable[str] = (),
        cursor: str | os.PathLike[str] | None = None,
        poll: float = 0.1,
        timeout: float | None = None,
        stop: threading.Event | None = None,
    ) -> Generator[Record, None, None]:
        """The records after a position, then those that anybody appends: each once, in order, as they come.

        With types or entities, only the records that `records` gives of these, by who is the same when it
        looks. What this process writes comes at once; for what others write it looks every `poll` seconds,
        and leaves them the file meanwhile.

        `cursor` keeps how far this has come: a name, for a file beside the timeline, or a path. A record is
        saved as dealt with when the next one is asked for; who begins with the same cursor again goes on
        after that one, whatever `after` says.

        It ends when `stop` is set, when the timeline is closed, or when nothing came for `timeout` seconds;
        with `timeout=0` it gives what is there.

        Raises:
            UnknownType, UnknownEntity, AmbiguousName: as `records`.
            WrongBasis: if the log does not reach as far as `after`.
            WrongCursor: if the cursor cannot be used, or is one of another log.
            LockedFile: if others hold the file at the beginning, or still when `timeout` is over.
        """
        from timeline.moment import Cursor, follow

        closing = self._closing
        return follow(
            self._session,
            after=checked_position(after),
            types=[self._type_name(one) for one in several_types(types)],
            entities=several_names(entities),
            cursor=None if cursor is None else Cursor.of(cursor, self.path),
            poll=poll,
            timeout=timeout,
            ended=lambda: closing.is_set() or (stop is not None and stop.is_set()),
        )

    def record(self, reference: Reference) -> Record:
        """The record of that id or position.

        Raises:
            UnknownRecord: if the log holds none such.
        """
        with self._session.reading() as log:
            found = log.get(as_reference(reference))
        if found is None:
            raise UnknownRecord(reference)
        return found

    def sql(self, query: str, parameters: Any = None) -> Rows:
        """The result of one SELECT over the file; it cannot write or reach other files.

        It holds all its rows, and Polars, pandas, pyarrow and DuckDB take it as it is.

        Raises:
            NotAllowed: if it is not exactly one SELECT, or DuckDB refuses it, as where it names what would be
                of a state with a fold in Python only.
        """
        from timeline.log import run_select

        with self._session.in_file() as log:
            return run_select(log.connection, query, parameters, self.catalogue.uncompiled)

    def head(self) -> Head:
        """Where the log ends; as text `position:digest`, which `verify` takes."""
        return self._session.head()


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
        from timeline.admission import Imported

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
        from timeline.moment import lookalikes

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
        "occurred": that each row was known when it occurred. `id` is a column of ids (UUIDs, or your own);
        without it, rows that say the same are one claim. Where a column `<field>_name` gives the name of an
        entity, the field holds its exact id. Numbers of money have their currency in `<field>_currency`.
        `unless` is as in `append`, and asked once all rows are found right and some are new. `progress` is
        called with the stage, the rows done and all rows.

        Raises:
            AppendConflict: if what `unless` says is so, with the records in the way.
            BadRows: if any row cannot be appended: the number, column and reason of each.
            InvalidData: if columns are unknown, missing, or of a type that the field cannot be read from.
            NotAllowed: if the rows cannot be read, or events of this type have to be appended singly.
            FutureKnown: if `known` or a publication begins in the future.
            DoesNotAddUp: if the timeline was opened `strict`, and it does not add up.
            ReadOnlyTimeline, LockedFile: if the file cannot be written now.
        """
        from timeline.admission import import_table
        from timeline.moment import lookalikes

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

        `record` is a Record, id or position; the keywords are those of `append`.

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
        from timeline.admission import resting_on, said_by

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


@checked
class Upkeep(Handle):
    """A timeline as a file to look after."""

    def rebuild(self, *, progress: Progress | None = None) -> None:
        """Make all that is derived from the log anew: typed tables, names, what is hidden.

        It is one transaction: whoever asks meanwhile sees what was there before. `progress` is called with
        the stage, the records done and all records.

        Raises:
            ReadOnlyTimeline, LockedFile: if the file cannot be written now.
        """
        from timeline.log import schema

        self.catalogue.check_known("deriving anew")
        with self._session.writing() as log:
            schema.rebuild(log.connection, log.codec, self.path, progress or (lambda *_: None))

    def verify(self, since: str | None = None) -> Report:
        """What is not as it was written, or does not follow from what was; faults are told, never raised.

        Every record and commit is hashed again, and all that is derived is compared with what the log gives.
        Without a vocabulary only the log is looked at, and what follows from it alone.
        `since` is a head that was kept elsewhere, as `str(tl.head())` gives it: history before it has to be
        unchanged. The report is true where nothing is at fault.

        Raises:
            NotAllowed: if `since` is no head.
        """
        from timeline.maintenance import verify

        with self._session.in_file() as log:
            return verify(log, since)

    def backup(self, path: str | os.PathLike[str], *, force: bool = False, dry_run: bool = False) -> Report:
        """Copy the timeline as it is now to a new file, also while others use it.

        Gives the report on the copy, which is verified before it is put in its place.
        With `force` it takes the place of a timeline; with `dry_run` no copy is kept.

        Raises:
            NotAllowed: if there is a file already.
            FaultyCopy: if what is copied does not verify; no copy is left then.
            FileFailed: if the copy cannot be written.
            LockedFile: if others hold the file, or the one to be replaced.
        """
        from timeline.maintenance import backup

        return backup(self._session, path, force=force, dry_run=dry_run)

    def export(self, path: str | os.PathLike[str], *, dry_run: bool = False) -> str:
        """Write the log, every column, salt and digest of it, to be imported elsewhere; gives its head.

        A path that ends with `.jsonl` becomes a file of JSON Lines, one with `.parquet` a folder of Parquet;
        `-` is standard output, as JSON Lines. With `dry_run` nothing is kept.

        Raises:
            NotAllowed: if the path ends otherwise, or there is something already.
            FileFailed: if it cannot be written.
        """
        from timeline.maintenance import export

        return export(self._session, path, dry_run=dry_run)

    def import_log(
        self, path: str | os.PathLike[str], *, progress: Progress | None = None, dry_run: bool = False
    ) -> Report:
        """Read an export into this timeline, which holds nothing yet: the same log, with the same digests.

        The path `-` is standard input, as JSON Lines.

        What follows from it is derived by the vocabulary in use, and all is verified; gives the report.
        With `dry_run` it is taken back at the end.

        Raises:
            NotAllowed: if the timeline holds something, or there is no such export.
            FaultyCopy: if anything of the export is not as it was written; nothing of it is taken.
            NewerTimeline: if a newer version of this package, or of the vocabulary, wrote it.
            OtherVocabulary: if it holds events that the vocabulary does not have, or has otherwise.
        """
        from timeline.maintenance import import_log

        self.catalogue.check_known("an import")
        with suppress(Undone), self._session.writing() as log:
            report = import_log(log, path, self.path, progress or (lambda *_: None))
            if dry_run:
                raise Undone
        return report

    def redact(
        self,
        *records: Reference,
        reason: str,
        actor: str,
        progress: Progress | None = None,
        dry_run: bool = False,
    ) -> Redaction:
        """Take out of the file what records say, for good; that they were there, and in what place, is kept.

        The retractions and attestations of a record say the same again, and go with it. Who did it, when and
        why is a record of its own. The file is written anew meanwhile, so nobody may have it open.
        Gives back what else in the log mentions the same entities. Copies made before are another matter.
        With `dry_run` the file stays as it is.

        Raises:
            UnknownRecord: if the log holds no such record.
            WrongTarget: if it is redacted already, or says that another is.
            BadText: if the reason or the actor is blank.
            NotAllowed: in a `with` block of this timeline, or for one in memory.
            FaultyCopy: if the log does not verify; nothing is changed then.
            ReadOnlyTimeline, LockedFile: if the file cannot be written now, or others have it open.
        """
        from timeline.maintenance import redact

        told = progress or (lambda *_: None)
        return redact(self._session, records, reason=reason, actor=actor, progress=told, dry_run=dry_run)


def _now() -> datetime:
    import pendulum

    return pendulum.now("UTC")


@checked
class Timeline(Appending, Upkeep):
    """A timeline in one DuckDB file: append events to it, correct them, and ask what was so when.

    Made by `Timeline.open`. Each call opens and closes the file, so that other processes get in; in a `with`
    block it is held. May be used from several threads.
    """

    def __init__(self, session: Session, entities: Entities, keep: ExitStack, *, strict: bool) -> None:
        super().__init__(session, entities, strict=strict)
        self._keep = keep
        weakref.finalize(session, keep.close)

    @classmethod
    def open(
        cls,
        path: str | os.PathLike[str],
        *,
        read_only: bool = False,
        catalogue: Catalogue | ModuleType | str | Literal[False] | None = None,
        entities: Entities = "any",
        strict: bool = False,
        lock_timeout: float = 5.0,
        clock: Callable[[], datetime] = _now,
    ) -> Self:
        """A timeline in a file, made if it is not there; ":memory:" for one that leaves no file.

        `catalogue` is the vocabulary: a package, its name, or a Catalogue; by default the package `events`.
        With False the log is opened alone, whatever its vocabulary: `records`, `record`, `follow`, `sql`,
        `head`, `export`, `backup` and `redact` work, and `verify` as far as the log; records have no event.
        With `entities="declared"` an append that speaks of an entity never named is refused, and with
        `strict` one that surely violates a rule.
        `lock_timeout` says for how many seconds to wait for a file that others hold. `clock` gives the
        present as an aware datetime.

        Raises:
            NotATimeline: if the file is something else, or is to be read only and is not there.
            NewerTimeline: if a newer version of this package wrote it.
            OlderTimeline: if it is in an older format, and cannot be written.
            LockedFile: if others hold it for longer than `lock_timeout`, naming the process.
            CatalogueError: if the vocabulary cannot be found, or one is needed.
            OtherVocabulary: if it does not have what the log holds, or has it otherwise.
            NotDerived: if what is derived is to be made anew for it, and the file cannot be written.
        """
        if entities not in {"any", "declared"}:
            raise NotAllowed(f'entities={entities!r}: it is "any" or "declared"')
        codec = Codec(Catalogue.find(catalogue))
        session = Session(File.at(path, read_only=read_only, lock_timeout=lock_timeout), codec, clock)
        with ExitStack() as keep:
            if session.file.in_memory:
                keep.enter_context(session.held())
            session.prepare()
            return cls(session, entities, keep.pop_all(), strict=strict)

    def __enter__(self) -> Self:
        self._keep.enter_context(self._session.held())
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the file, and stop following it; one in memory is gone then."""
        closing, self._closing = self._closing, threading.Event()
        closing.set()
        self._session.file.shared.tell()
        self._keep.close()

    def __repr__(self) -> str:
        supposing = f", supposing {len(self.supposed)} records" if self.supposed else ""
        return f"<Timeline {self.path}, catalogue {self.catalogue.name}{supposing}>"

    def what_if(
        self,
        *events: Event | Statement,
        position: int | Whenever | None = None,
        **envelope: Unpack[Envelope],
    ) -> Timeline:
        """A timeline with events or statements on top that are only supposed; nothing is ever written.

        They are judged as `append` would judge them now, on top of the log as it is, or as it was at an
        earlier `position`; the keywords are those of `append`. What is appended to the log later changes
        nothing in it. It is asked like any timeline, but for SQL, and supposes more by its own `what_if`.

        Raises:
            WrongBasis, UnboundedPoint: if the log has no such position.
            TimelineError: as `append`, if something could not be appended.
        """
        from timeline.moment import suppose

        self.catalogue.check_known("a what-if")
        statements = self._statements(events, envelope)
        declared = self._entities == "declared"
        session = suppose(self._session, statements, self._position(position), declared=declared)
        return Timeline(session, self._entities, ExitStack(), strict=False)
