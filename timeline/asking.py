"""Asking a timeline: what was so, how it ran, what differs, what does not add up, and what was said."""

from __future__ import annotations

import os
import threading
from collections.abc import Generator, Iterable, Iterator
from typing import TYPE_CHECKING, Any

from timeline.arguments import checked
from timeline.basis import Basis, Reading, check_reading
from timeline.between import Span, check_axis
from timeline.census import Listed, census
from timeline.condition import Types, checked_position, several_names, several_types
from timeline.entity import optional_text
from timeline.errors import NotAllowed, UnknownEntity, UnknownRecord
from timeline.event import Event
from timeline.filters import Filter
from timeline.handle import Cited, Handle, Whenever
from timeline.history import Axis, History
from timeline.log import Head
from timeline.moment import Moment
from timeline.names import Names
from timeline.record import Record, Reference
from timeline.reference import reference as as_reference
from timeline.rows import Rows
from timeline.source import Credence
from timeline.state import State
from timeline.violation import Findings
from timeline.when import When
from timeline.zones import zone

if TYPE_CHECKING:
    from timeline.diff import Diff

__all__ = ["Asking"]


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
        """The timeline as of the close of a date; by default now.

        `known` limits it to what the world could know by the close of a date, "then" meaning `valid`.
        `dates` says when an event of imprecise date counts: once it has surely happened ("latest"), or as
        soon as it may have ("earliest"). `position` asks on an earlier basis: only what this log held up to
        a position, or by the close of a date.

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

        The moments may be of what-ifs, too. Each record whose part in the state differs is a cause: the world
        changed, a term ran out, we learned, we corrected, or an entity is read as another.

        Raises:
            NotAllowed: if the moments read dates otherwise, or listen to other sources.
            TimelineError: as `Moment.of`.
        """
        from timeline.diff import difference

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

        Along valid time: from when to when what was so, by what is known, by what was known at the close of
        a date, or, with `known="then"`, at each instant by what was known at it. With `axis="known"`: how
        the answer for the close of `valid`, by default now, changed as more became known. `during` keeps what
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
        from timeline.check.running import Inspection, check, occurring

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
        With `text`, only those in whose sentence, names, note or mark it stands, case aside; with `stands`,
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
        from timeline.sight import Sight

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
        from timeline.cursor import Cursor
        from timeline.following import follow

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
        """The record of that id, mark or position.

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
        from timeline.query import run_select

        with self._session.in_file() as log:
            return run_select(log.connection, query, parameters, self.catalogue.uncompiled)

    def head(self) -> Head:
        """Where the log ends; as text `position:digest`, which `verify` takes."""
        return self._session.head()
