"""The façade: a timeline in a file, to append to and to ask."""

from __future__ import annotations

import functools
import os
import threading
import weakref
from collections.abc import Callable, Generator, Iterable, Mapping, Sequence
from contextlib import ExitStack, suppress
from datetime import datetime
from types import ModuleType, TracebackType
from typing import TYPE_CHECKING, Any, Literal, Self, Unpack, overload

import attrs

from timeline.admission import (
    Appending,
    Envelope,
    Saying,
    Sources,
    Types,
    Unless,
    checked_position,
    correction,
    several_names,
    several_types,
    statements,
)
from timeline.log import Head, Log, Rows, Session, Undone, Where, session_of
from timeline.maintenance import Report
from timeline.moment import Moment, adding_up, compared, lookalikes
from timeline.records import (
    Attestation,
    Codec,
    Commit,
    Correction,
    Lookalike,
    NewEntity,
    Record,
    Reference,
    Retraction,
    Statement,
    reference as as_reference,
)
from timeline.values import (
    Basis,
    Credence,
    Filter,
    NotAllowed,
    Progress,
    Reading,
    Source,
    UnknownRecord,
    When,
    Whenever,
    checked,
    now,
    zone,
)
from timeline.vocabulary import Catalogue, Event

if TYPE_CHECKING:
    from timeline.admission import Imported, Judged
    from timeline.formats import Recipe
    from timeline.maintenance import Carried, Redaction

Cited = Source | str | Iterable[Source | str]
Entities = Literal["any", "declared"]


def _silent(stage: str, done: int, of: int | None) -> None:
    """Report no progress."""


@checked
class Timeline:
    """A timeline in one DuckDB file: append events to it, correct them, and ask what was so when.

    Made by `Timeline.open`. Each call opens and closes the file, so that other processes get in; in a `with`
    block it is held. May be used from several threads.
    """

    def __init__(self, session: Session, entities: Entities, keep: ExitStack, *, strict: bool) -> None:
        self._session = session
        self._entities = entities
        self._strict = strict
        self._keep = keep
        self._closing = threading.Event()
        weakref.finalize(session, keep.close)

    @classmethod
    def open(
        cls,
        path: Where,
        *,
        replica: str | os.PathLike[str] | None = None,
        read_only: bool = False,
        catalogue: Catalogue | ModuleType | str | Literal[False] | None = None,
        entities: Entities = "any",
        strict: bool = False,
        lock_timeout: float = 5.0,
        clock: Callable[[], datetime] = now,
    ) -> Self:
        """A timeline in a file, made if it is not there; ":memory:" for one that leaves no file.

        Instead of a path, the address of a log that many machines share (`postgresql://…`), or such a log:
        it is followed by a file of its own, the `replica`, in the user's cache unless a path is given. Every
        question takes in first what has come since.

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
            DivergedLog: if a shared log does not go on from where its replica ends.
            MissingExtra: if what is needed for an address is not installed.
        """
        if entities not in {"any", "declared"}:
            raise NotAllowed(f'entities={entities!r}: it is "any" or "declared"')
        codec = Codec(Catalogue.find(catalogue))
        session = session_of(
            path, codec, clock, read_only=read_only, lock_timeout=lock_timeout, replica=replica
        )
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

    @property
    def path(self) -> str:
        """The path of the file, as given; of a log that is shared its address, without a password."""
        return self._session.address

    @property
    def file(self) -> str:
        """The path of the DuckDB file that answers: that of the timeline, or of its replica."""
        return self._session.file.path

    @property
    def catalogue(self) -> Catalogue:
        """The vocabulary in use."""
        return self._session.codec.catalogue

    @property
    def supposed(self) -> tuple[Record, ...]:
        """The records that are only supposed, in order: those of a what-if, else none."""
        return tuple(self._session.supposed)

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
        filter_, there = Filter(without=without, only=only, credence=credence), zone(tz)
        when = When.read(self._session.present() if valid is None else valid)
        if filter_.without or filter_.only:
            with self._session.reading() as log:
                filter_.check(log.all_sources())
        place, supposed = self._session.place(position, there)
        basis = Basis.at(when, known, dates, place, filter_, supposed=supposed, zone=there)
        return Moment(basis, self._session)

    def what_if(
        self,
        *events: Event | Statement,
        position: int | Whenever | None = None,
        **envelope: Unpack[Envelope],
    ) -> Timeline:
        """A timeline with events or statements on top that are only supposed; nothing is ever written.

        They are judged as `append` would judge them now, on top of the log as it is, or as it was at an
        earlier `position`; the keywords are those of `append`. What is appended to the log later changes
        nothing in it. It is asked like any timeline, by SQL too, and supposes more by its own `what_if`.
        What is supposed is seen at every position from that one on.

        Raises:
            WrongBasis, UnboundedPoint: if the log has no such position.
            TimelineError: as `append`, if something could not be appended.
        """
        from timeline.moment import suppose

        self.catalogue.check_known("a what-if")
        said = statements(self.catalogue, events, envelope)
        declared = self._entities == "declared"
        session = suppose(self._session, said, self._session.position(position), declared=declared)
        return Timeline(session, self._entities, ExitStack(), strict=False)

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

        With types or entities, only the records that `Moment.records` gives of these, by who is the same when
        it looks. What this process writes comes at once; for what others write it looks every `poll` seconds,
        and leaves them the file meanwhile.

        `cursor` keeps how far this has come: a name, for a file beside the timeline, or a path. A record is
        saved as dealt with when the next one is asked for; who begins with the same cursor again goes on
        after that one, whatever `after` says.

        It ends when `stop` is set, when the timeline is closed, or when nothing came for `timeout` seconds;
        with `timeout=0` it gives what is there.

        Raises:
            UnknownType, UnknownEntity, AmbiguousName: as `Moment.records`.
            WrongBasis: if the log does not reach as far as `after`.
            WrongCursor: if the cursor cannot be used, or is one of another log.
            LockedFile: if others hold the file at the beginning, or still when `timeout` is over.
        """
        from timeline.moment import Cursor, follow

        closing = self._closing
        return follow(
            self._session,
            after=checked_position(after),
            types=[self.catalogue.type_name(one) for one in several_types(types)],
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

    def sql(self, query: str, parameters: Any = None, *, timeout: float | None = 60.0) -> Rows:
        """The result of one SELECT over the file; it cannot write or reach other files.

        It holds all its rows, and Polars, pandas, pyarrow and DuckDB take it as it is. After `timeout`
        seconds it is stopped; None is no limit.

        Raises:
            QueryTimeout: if it took longer.
            NotAllowed: if it is not exactly one SELECT, or DuckDB refuses it, as where it names what would be
                of a state with a fold in Python only.
        """
        from timeline.log import run_select

        with self._session.reading(query=query if isinstance(query, str) else "") as log:
            return run_select(log.connection, query, parameters, self.catalogue.uncompiled, timeout=timeout)

    def head(self) -> Head:
        """Where the log ends; as text `position:digest`, which `verify` takes."""
        return self._session.head()

    def append(self, *events: Event | Statement, **said: Unpack[Saying]) -> Commit:
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
        return self._appending.commit(events, said)

    @functools.cached_property
    def _appending(self) -> Appending:
        def moment(coming: Sequence[NewEntity]) -> Moment:
            return attrs.evolve(self.as_of(), expected=tuple(coming))

        return Appending(
            session=self._session,
            declared=self._entities == "declared",
            strict=self._strict,
            moment=moment,
            strictly=adding_up,
            compared=compared,
            alike=lookalikes,
        )

    @overload
    def correct(self, record: Reference, event: Event, /, **said: Unpack[Saying]) -> Commit: ...
    @overload
    def correct(self, record: Reference, /, **said: Any) -> Commit: ...
    def correct(self, record: Reference, event: Event | None = None, /, **said: Any) -> Commit:
        """Say that a record was wrong and what is right: a whole new event of the same type, or what changes.

        `record` is a Record, id or position. Without an event, the keywords that are fields of its type
        say what changes, and the rest is as in the record; all others are those of `append`.

        Raises:
            UnknownRecord: if the log holds no such record.
            UnknownField: if its type has no such field, with the nearest names.
            AlreadySuperseded: if it no longer stands, naming by what.
            WrongTarget: if the event is of another type, or the record says no event.
            NotAllowed: if nothing is changed, or fields are given beside an event.
            TimelineError: as `append`.
        """
        call = {name: said.pop(name) for name in Saying.__optional_keys__ if name in said}
        if event is None:
            return self.append(correction(self.record(record), said, call), **call)
        if said:
            raise NotAllowed(f"an event says all: give it, or the fields that change ({', '.join(said)})")
        return self.append(Correction(record, event), **call)

    @overload
    def retract(self, record: Reference, *, whole: bool = False, **said: Unpack[Saying]) -> Commit: ...
    @overload
    def retract(self, *, resting_on: Cited, whole: bool = False, **said: Unpack[Saying]) -> Commit: ...
    @overload
    def retract(self, *, commit: int, whole: bool = False, **said: Unpack[Saying]) -> Commit: ...
    def retract(
        self,
        record: Any = attrs.NOTHING,
        *,
        resting_on: Cited | None = None,
        commit: int | None = None,
        whole: bool = False,
        **said: Unpack[Saying],
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
            return self.append(Retraction(record, whole=whole), **said)
        from timeline.admission import resting_on as rests_on, said_by

        if said.get("id") is not None:
            raise NotAllowed("id= names one record; what is retracted together gets ids of its own")
        (model,) = statements(self.catalogue, [Retraction(0, whole=whole)], said)
        left: list[Record] = []

        def choose(log: Log) -> Sequence[Statement]:
            if commit is not None:
                found = said_by(log, commit, whole=whole)
            else:
                found = rests_on(log, resting_on, whole=whole, sources=model.source or ())
            left[:] = found.superseded
            return statements(self.catalogue, found.statements, said)

        return attrs.evolve(self._appending.commit(choose, said), superseded=tuple(left))

    def attest(self, record: Reference, **said: Unpack[Saying]) -> Commit:
        """Say that another source, which has to be given, says what a record says.

        Raises:
            UnknownRecord, AlreadySuperseded: as `correct`.
            TimelineError: as `append`.
        """
        return self.append(Attestation(record), **said)

    def lookalikes(self, *commits: Commit | Imported) -> tuple[Lookalike, ...]:
        """What in commits looks like what was there or like each other; at most a thousand such records.

        Two records may tell the same event if they are of one type, speak of the same entities in the same
        fields, may have happened at the same time, and nothing else tells them apart but figures: amounts and
        numbers, or one date. Where a figure differs, the sources disagree; else an attestation would say it.
        The rule `lookalikes` of `check` tells the same of the whole log.

        Raises:
            NotAllowed: in a what-if.
        """
        from timeline.moment import lookalikes_of

        self.catalogue.check_known("what looks alike")
        return lookalikes_of(self._session, commits)

    def append_table(
        self,
        event_type: type[Event] | Mapping[type[Event], Mapping[str, str]] | Recipe,
        rows: Any,
        *,
        columns: Mapping[str, str] | None = None,
        source: Sources = None,
        known: Whenever | None = None,
        id: str | None = None,  # noqa: A002
        credence: Credence | None = None,
        actor: str | None = None,
        note: str | None = None,
        unless: Unless | None = None,
        dry_run: bool = False,
        progress: Progress | None = None,
    ) -> Imported:
        """Append a table of events as one commit: all of its rows, or none.

        Each row tells an event of one type, or one of each of several types that it has a date for: those in
        a mapping, each by field with the column that it is read from, if that is called otherwise. They are
        appended in the order of the rows; an id names the event of a type as `id/type`.

        `rows` is a file (CSV, TSV, JSON Lines, Parquet, a sheet of Excel), a list of mappings, the text of
        one SELECT over files, an Arrow stream (Arrow, Polars, a result of `sql`), or a pandas DataFrame; its
        columns are named as the fields of the event, or `columns` says by field from what it is read: a
        column, a column and a currency (`raised USD`), or a text with columns in braces (`{raised}m USD`).
        Columns that nothing is read from are then left aside. A `Recipe` says that and more in place of the
        type.

        `known` is a column, a date, or "occurred": that each row was known when it occurred. `id` is a column
        of ids (UUIDs, or your own); without it, rows that say the same are one claim. Where a column
        `<field>_name` gives the name of an entity, the field holds its exact id. Numbers of money have their
        currency in `<field>_currency`.
        Columns `source`, `publisher`, `url`, `published`, `locator`, `credence`, `note`, `known` and `id` say
        that of their row; where one is blank, what the call says holds. A row with `corrects` says what is
        right where that record was wrong, one with `retracts` (and `whole`) tells no event.
        `unless` is as in `append`, and asked once all rows are found right and some are new. With `dry_run`
        nothing is written, and faults are told instead of raised. `progress` is called with the stage, the
        rows done and all rows.

        Raises:
            AppendConflict: if what `unless` says is so, with the records in the way.
            BadRows: if any row cannot be appended: the number, of a file the line, column and reason of each.
            FaultyFile: if a file cannot be read, or is no table.
            InvalidData: if columns are unknown, missing, or of a type that the field cannot be read from.
            NotAllowed: if the rows cannot be read, or events of this type have to be appended singly.
            FutureKnown: if `known` or a publication begins in the future.
            DoesNotAddUp: if the timeline was opened `strict`, and it does not add up.
            ReadOnlyTimeline, LockedFile: if the file cannot be written now.
        """
        from timeline.formats import reading_of

        said = {"source": source, "known": known, "credence": credence, "actor": actor, "note": note}
        told, rows, terms = reading_of(self.catalogue, event_type, rows, columns, said, id)
        return self._appending.table(
            told, rows, unless=unless, dry_run=dry_run, progress=progress or _silent, **terms
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
        return self._appending.batches(batches, amend=amend, dry_run=dry_run)

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
            schema.rebuild(log.connection, log.codec, self.path, progress or _silent)

    def verify(self, since: str | None = None, *, progress: Progress | None = None) -> Report:
        """What is not as it was written, or does not follow from what was; faults are told, never raised.

        Every record and commit is hashed again, and all that is derived is compared with what the log gives.
        Without a vocabulary only the log is looked at, and what follows from it alone.
        `since` is a head that was kept elsewhere, as `str(tl.head())` gives it: history before it has to be
        unchanged. The report is true where nothing is at fault. `progress` is called with the stage, how far
        it is, and how far it goes.

        Raises:
            NotAllowed: if `since` is no head.
        """
        from timeline.maintenance import verify

        with self._session.in_file() as log:
            return verify(log, since, progress or _silent)

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
        With `dry_run` it is rolled back at the end.

        Raises:
            NotAllowed: if the timeline holds something, or there is no such export.
            FaultyCopy: if anything of the export is not as it was written; nothing of it is taken.
            NewerTimeline: if a newer version of this package, or of the vocabulary, wrote it.
            OtherVocabulary: if it holds events that the vocabulary does not have, or has otherwise.
        """
        from timeline.maintenance import import_log

        self.catalogue.check_known("an import")
        with suppress(Undone), self._session.writing() as log:
            report = import_log(log, path, self.path, progress or _silent)
            if dry_run:
                raise Undone
        return report

    def push(self, where: Where, *, progress: Progress | None = None, dry_run: bool = False) -> Carried:
        """Carry what this log holds beyond another there: both are the same log then, with the same digests.

        `where` is the address of a log that is shared, or a file, which is made if it is not there. What is
        there already stays, so that it may be done again at any time. `progress` is called with the stage and
        the records done. With `dry_run` it is seen that it follows, and nothing is written.

        Raises:
            DivergedLog: if the one is not the beginning of the other, saying from where on.
            NotAllowed: if it holds more than this one, or is this very log.
            ReadOnlyTimeline, LockedFile, Unreachable: if it cannot be written now.
        """
        return self._carried(where, progress, dry_run=dry_run, inward=False)

    def pull(self, where: Where, *, progress: Progress | None = None, dry_run: bool = False) -> Carried:
        """Carry here what another log holds beyond this one; as `push`, the other way.

        Raises:
            DivergedLog: if the one is not the beginning of the other, saying from where on.
            NotAllowed: if this one holds more, or is that very log.
            ReadOnlyTimeline, LockedFile, Unreachable: if it cannot be read, or this not be written now.
        """
        return self._carried(where, progress, dry_run=dry_run, inward=True)

    def _carried(self, where: Where, progress: Progress | None, *, dry_run: bool, inward: bool) -> Carried:
        from timeline.log import log_at, log_of
        from timeline.maintenance import carried

        self.catalogue.check_known("carrying a log")
        file = self._session.file
        codec, clock = self._session.codec, self._session.present
        other = log_at(where, codec, clock, file.lock_timeout, write=not (inward or dry_run))
        here = log_of(self._session)
        pair = (other, here) if inward else (here, other)
        return carried(*pair, progress or _silent, dry_run=dry_run)

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

        self._session.check_own()
        told = progress or _silent
        return redact(self._session, records, reason=reason, actor=actor, progress=told, dry_run=dry_run)
