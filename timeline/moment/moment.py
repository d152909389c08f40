"""A timeline seen at one (valid, known, position): what one asks questions of."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeVar, overload

import attrs

from timeline.admission import Types, checked_position, several_names, several_types
from timeline.log import Rows, Session, key_of, key_records, meant, naming, once, records_of
from timeline.moment.axes import history_of
from timeline.moment.contested import Contesting
from timeline.moment.history import Axis, History, check_axis
from timeline.moment.key import KeyLog, everybody
from timeline.moment.plans import Plans, plans
from timeline.moment.view import in_view, sought
from timeline.records import NewEntity, Record, Records, Reference, reference
from timeline.values import (
    Basis,
    CatalogueError,
    NotAllowed,
    Progress,
    Reading,
    Span,
    UnknownEntity,
    UnknownRecord,
    When,
    Whenever,
    checked,
    optional_text,
)
from timeline.vocabulary import ByField, Catalogue, PairState, State, StateType

if TYPE_CHECKING:
    from timeline.moment.diff import Diff, Side
    from timeline.moment.entities import Entities
    from timeline.moment.explain import Explanation
    from timeline.moment.planes import Plane
    from timeline.moment.showing import Shown
    from timeline.moment.sources import SingleSourced, Sources
    from timeline.moment.violations import Findings

S = TypeVar("S", bound=State)
P = TypeVar("P", bound=PairState)


@checked
@attrs.frozen(repr=False)
class Moment:
    """A timeline seen at one (valid, known, position); the same one always answers the same.

    `basis` says where: `basis.position` is the last record in view, later ones change nothing here.
    """

    basis: Basis
    _session: Session = attrs.field(eq=id)
    _expected: Sequence[NewEntity] = ()

    @property
    def catalogue(self) -> Catalogue:
        """The vocabulary in use."""
        return self._session.codec.catalogue

    def as_of(
        self,
        valid: Whenever | None = None,
        *,
        known: Whenever | None = None,
        dates: Reading | None = None,
    ) -> Moment:
        """The same timeline on the same position, at another date; what is not given stays as it is here.

        A moment as known "then" goes on to be that, as known by the end of the other date.

        Raises:
            BadWhen, NaiveDatetime: if a date cannot be read.
            UnboundedPoint: if a date has no end.
        """
        here = self.basis
        when = here.valid if valid is None else When.read(valid)
        knowing = ("then" if here.then else here.known) if known is None else known
        basis = Basis.at(
            when,
            knowing,
            dates or here.dates,
            here.position,
            here.filter,
            supposed=here.supposed,
            zone=here.zone,
        )
        return attrs.evolve(self, basis=basis)

    @overload
    def between(self, one: str, other: str) -> Any: ...
    @overload
    def between(self, one: str, other: str, state: type[P]) -> P: ...
    def between(self, one: str, other: str, state: type[PairState] | None = None) -> Any:
        """The state of a pair: of a class, or the usual pair state of the catalogue, else its only one.

        The two are given by id or by any name they ever had, in either order. With the class, a type checker
        knows what comes back.

        Raises:
            UnknownEntity: if a name fits nobody, with the nearest names.
            AmbiguousName: if a name fits two.
            CatalogueError: if the catalogue has no such pair state.
        """
        kind = self.catalogue.pair_state() if state is None else self.catalogue.state(state)
        return self._state(kind, (one, other))

    @overload
    def of(self, state: type[S], *who: str) -> S: ...
    @overload
    def of(self, state: str, *who: str) -> Any: ...
    def of(self, state: type[State] | str, *who: str) -> Any:
        """The state of one entity, or of two for a pair state, each given by id or any name it ever had.

        Raises:
            UnknownType: if the catalogue has no such state.
            UnknownEntity: if a name fits nobody, with the nearest names.
            AmbiguousName: if a name fits two.
            NotAllowed: if the state is of another number of entities.
        """
        return self._state(self.catalogue.state(state), who)

    @overload
    def all(self, state: type[S]) -> Iterator[S]: ...
    @overload
    def all(self, state: str) -> Iterator[Any]: ...
    def all(self, state: type[State] | str) -> Iterator[Any]:
        """The state of every entity or pair of which anything was said by then, in order of id.

        While the file is held, they are read as they are asked for, some thousands at a time, until it is
        let go.

        Raises:
            UnknownType: if the catalogue has no such state.
            NotAllowed: if it has a fold in Python only, which cannot be asked of all at once.
        """
        kind = self._compiled(state)
        return self._session.streams.begin(everybody(self._session, kind, self.basis, self._contesting))

    def table(self, state: type[State] | str) -> Rows:
        """The same states as one table, in the columns of the macro `<state>_as_of`, for other tools to take.

        Raises:
            UnknownType, NotAllowed: as `all`.
        """
        kind = self._compiled(state)
        with self._session.reading(states=True) as log:
            return log.table(kind, self.basis)

    def explain(self, state: type[State] | str, *who: str, field: str | None = None) -> Explanation:
        """Why the state of `who`, or one field of it, is what it is.

        Raises:
            CatalogueError: if the state has no such field.
            TimelineError: as `of`.
        """
        from timeline.moment.explain import explained

        kind = self.catalogue.state(state)
        with self._session.reading() as log:
            found = self._held(kind, who)
            answer = found.answer(self.basis, self._contested)
            return explained(answer, field, log, found.view(self.basis))

    def history(
        self,
        state: type[State] | str,
        *who: str,
        field: str | None = None,
        axis: Axis = "valid",
        during: Whenever | None = None,
        since: Whenever | None = None,
        until: Whenever | None = None,
    ) -> History:
        """How the state of `who`, or one field of it, runs: a period for as long as nothing of it changes.

        Along valid time, all of it: from when to when what was so, by what is known here, or, for a moment
        as known "then", at each instant by what was known at it. `during` keeps what lies in a date; `since`
        and `until` what lies from the first instant of one to the last of another. With `axis="known"`: how
        the answer for the date of this moment changed as more became known, as far as that is known here.

        Raises:
            NotAllowed: if a span of valid time, or a moment as known "then", goes along known time.
            CatalogueError: if the state has no such field.
            TimelineError: as `of`.
        """
        span = Span(during=during, since=since, until=until, zone=self.basis.zone)
        check_axis(axis, self.basis, span)
        kind = self.catalogue.state(state)
        if field is not None and field not in kind.folds:
            raise CatalogueError(f"{kind.name} has no field {field!r}; it has {', '.join(kind.folds)}")
        with self._session.reading() as log:
            found = self._held(kind, who)
            return history_of(found, log, self.basis, field=field, axis=axis, span=span)

    def diff(self, other: Moment, state: type[State] | str, *who: str) -> Diff:
        """What differs at another moment in the state of `who`, and why.

        The moments may be of what-ifs, too. Each record whose part in the state differs is a cause: the world
        changed, a term ran out, we learned, we corrected, or an entity is read as another.

        Raises:
            NotAllowed: if the moments read dates otherwise, or listen to other sources.
            TimelineError: as `of`.
        """
        from timeline.moment.diff import difference

        kind = self.catalogue.state(state)
        try:
            key = self._key(kind, who)
        except UnknownEntity:
            key = other._key(kind, who)
        return difference(self._side(kind, key), other._side(kind, key))

    def key(self, state: type[State] | str, who: str | Sequence[str]) -> tuple[str, ...]:
        """The ids of those meant, one or two, each given by id or any name it ever had; a pair in id order.

        Raises:
            UnknownType, UnknownEntity, AmbiguousName: as `of`.
            NotAllowed: if the state is of another number of entities, or both names mean the same.
        """
        return self._key(self.catalogue.state(state), (who,) if isinstance(who, str) else tuple(who))

    def side(self, state: type[State] | str, who: str | Sequence[str]) -> Side:
        """The state of those meant, as in `key`, and what the basis shows of it: one side of a comparison.

        Raises:
            TimelineError: as `key`.
        """
        return self._side(self.catalogue.state(state), self.key(state, who))

    def _side(self, kind: StateType, key: tuple[str, ...]) -> Side:
        from timeline.moment.diff import Side

        found = KeyLog(key_records(self._session, kind, key, self.basis))
        return Side(found.answer(self.basis, self._contested), found.view(self.basis))

    def planes(self, *, most: int = 200) -> tuple[tuple[Plane, ...], int]:
        """Every state of which anything was ever said, over both times; and how many more there are.

        They are what any date of this moment, as known at any other, would answer on the same basis: its own
        dates do not matter. Those with the most records come first, `most` of them.

        Raises:
            NotAllowed: if more than 2,000 records are in view.
            UnreadableRecord: if a record that stands anywhere, and may enter a state, cannot be read.
        """
        from timeline.moment.planes import planes

        self.catalogue.check_known("states over both times")
        basis = attrs.evolve(self.basis, known=None, known_point=None, then=False)

        def held(kind: StateType, key: tuple[str, ...]) -> KeyLog:
            return KeyLog(key_records(self._session, kind, key, basis))

        with once(self._session), self._session.reading(typed=True) as log:
            return planes(log, basis, held, most)

    def plans(self, state: type[State] | str, *who: str, field: str | None = None) -> Plans:
        """What was planned for when, how that slipped, and what came of it: one plan, or one for each key.

        The state declares which of its fields holds a plan; where several do, `field` says which is meant.
        Overdue is what the point lies after, and nothing has ended.

        Raises:
            CatalogueError: if the state has no such field, or it holds no plan.
            TimelineError: as `of`.
        """
        kind = self.catalogue.state(state)
        name = kind.plan(field)
        with self._session.reading() as log:
            found = self._held(kind, who)
            believed = history_of(found, log, self.basis, field=name, axis="known", span=Span())
            return Plans(plans(found, self.basis, name, believed.periods, believed.names))

    def check(
        self,
        *,
        rules: str | Iterable[str] | None = None,
        by_then: bool = False,
        most: int | None = 1_000,
        progress: Progress | None = None,
    ) -> Findings:
        """What does not add up: the violations of the rules of the vocabulary, or of those named.

        Looked at is what stands here and is not denied. All is told, unless `by_then` keeps the violations
        that have begun by the date of this moment: whose events have happened by then, surely or, with
        `dates="earliest"`, perhaps. Of each rule at most `most` violations are told in full, those that are
        certain first; all are counted. `progress` is called with the rule, and how many of all are done.

        Raises:
            UnknownType: if there is no such rule, with the nearest names.
            NotAllowed: if `most` is less than 0.
        """
        from timeline.moment.checking import Inspection, check, occurring

        self.catalogue.check_known("a check")
        wanted = [rules] if isinstance(rules, str) else self.catalogue.rules if rules is None else rules
        chosen = [self.catalogue.rule(name) for name in wanted]
        if most is not None and most < 0:
            raise NotAllowed(f"most={most!r}: it is a number, 0 or more, or None for all")
        by = self.basis.point if by_then else None
        with self._session.reading(typed=True) as log:
            types = occurring(log, self.catalogue.events, twice_at=self.basis)
            return check(Inspection(log, self.basis, by=by, types=types), chosen, most, progress)

    def records(
        self,
        *,
        types: Types = None,
        entities: str | Iterable[str] = (),
        after: int = 0,
        text: str | None = None,
        stands: bool = False,
        during: Whenever | None = None,
        since: Whenever | None = None,
        until: Whenever | None = None,
        by_then: bool = False,
        limit: int | None = None,
    ) -> Records:
        """The records in view, in order: of some types, touching all of some entities, after a position.

        In view is what was known, what the log held and what is let through here: of `tl.as_of()` all that
        there is. What corrects, retracts or attests such a record comes with it, and who is the same as an
        entity here counts as that one; `Timeline.follow` gives the same records.

        With `text`, only those in whose sentence, names, note or id it stands, case aside; with `stands`,
        only those that stand here. `during` keeps the events that surely happened within a date; `since` and
        `until` those between the first instant of one and the last of another, `by_then` those that had by
        the date of this moment; with `dates="earliest"` also those that may have. With `limit`, so many of
        them at most, the first; what comes behind is not read.

        Raises:
            UnknownType: if the catalogue lacks a type.
            NotAllowed: if `limit` is less than 0, `during` comes with `since` or `until`, or nothing lies
                between these.
            UnknownEntity, AmbiguousName: if a name fits nobody, or two.
        """
        span = Span(during=during, since=since, until=until, zone=self.basis.zone)
        names, texts = self._types(types), several_names(entities)
        start, within = checked_position(after), optional_text(text)
        if limit is not None and limit < 0:
            raise NotAllowed(f"limit={limit!r}: it is a number, 0 or more, or None for all")
        with self._session.reading() as log:
            found = sought(
                log,
                self.basis,
                types=names,
                entities=self._ids(texts),
                after=start,
                text=within,
                span=span,
                by_then=by_then,
                stands=stands,
                limit=limit,
            )
            return Records(found)

    def entities(self, text: str | None = None, *, by_then: bool = False) -> Entities:
        """Whom the records in view speak of, in order of id: all, or those with a text in an id or a name.

        Each with its names over time and whom it is read as; case and punctuation of the text do not matter.
        With `by_then`, the names are those that they had by the date of this moment; else all are told.
        """
        from timeline.moment.entities import Entities, entities_of

        self.catalogue.check_known("whom the log speaks of")
        wanted = optional_text(text)
        with self._session.reading() as log:
            return Entities(entities_of(log, self.basis, wanted, by_then=by_then))

    def single_sourced(
        self,
        state: type[State] | str | None = None,
        /,
        *who: str,
        entities: str | Iterable[str] = (),
        types: Types = None,
    ) -> SingleSourced:
        """What rests on the word of one source alone: records that stand and have happened, by source.

        Of some types, and touching all of some entities; or of a state, those fields of which all records
        rest on one and the same source. Two articles of one publisher are one source.

        Raises:
            UnknownType, UnknownEntity, AmbiguousName: if a name fits nothing, or two.
            NotAllowed: if the state is of another number of entities, or entities or types are given with it.
        """
        from timeline.moment.sources import fields_of_one, records_of_one

        self.catalogue.check_known("what sources things rest on")
        names = several_names(entities)
        if state is None:
            kinds, ids = self._types(types), self._ids(names)
            with self._session.reading() as log:
                return records_of_one(log, self.basis, kinds, ids)
        if names or types is not None:
            raise NotAllowed("a state is asked of whom it is, without entities= and types=")
        found = self._state(self.catalogue.state(state), who)
        with self._session.reading() as log:
            return fields_of_one(log, found)

    def superseded(self, records: Iterable[Record]) -> dict[int, Record]:
        """By position, what overrules those of some records that are in view here and do not stand."""
        with self._session.reading() as log:
            view = in_view(log, self.basis, records)
            gone = {one.position: view.overruled.get(one.position) for one in view.records}
            found = log.at({by for by in gone.values() if by is not None})
        return {position: found[by] for position, by in gone.items() if by is not None}

    def show(self, record: Reference) -> Shown:
        """One record in full: what it says field by field, whether it stands, its chain, and what it feeds.

        `record` is a Record, its id, or its position; it is shown also where it is not in view here.

        Raises:
            UnknownRecord: if the log holds none such.
        """
        from timeline.moment.showing import shown

        self.catalogue.check_known("what a record feeds")
        with once(self._session), self._session.reading() as log:
            found = log.get(reference(record))
            if found is None:
                raise UnknownRecord(record)

            def state_of(kind: StateType, key: tuple[str, ...]) -> State:
                return self._state(kind, key)

            return shown(log, self.basis, found, state_of, self.names)

    def names(self, entities: str | Iterable[str]) -> Mapping[str, str]:
        """By id, the names under which some entities are shown here: those that they had by this date."""
        several = set(several_names(entities))
        with self._session.reading() as log:
            same = log.samenesses()
            return naming(log, several, same).shown(several, self.basis, same.ids(self.basis))

    def sources(self) -> Sources:
        """Every source that the log cites, with how many records that stand rest on it; the most first."""
        from timeline.moment.sources import relied_on

        self.catalogue.check_known("what sources things rest on")
        with self._session.reading() as log:
            return relied_on(log, self.basis)

    def _types(self, types: Types) -> list[str]:
        """The names of some event types."""
        return [self.catalogue.type_name(one) for one in several_types(types)]

    def _compiled(self, state: type[State] | str) -> StateType:
        """A state that can be asked of all at once."""
        kind = self.catalogue.state(state)
        if kind not in self.catalogue.compiled:
            raise NotAllowed(f"{kind.name} has a fold in Python only; ask for one at a time, with `of`")
        return kind

    def _state(self, kind: StateType, who: tuple[str, ...]) -> State:
        with once(self._session):
            return self._held(kind, who).answer(self.basis, self._contested)

    def _held(self, kind: StateType, who: tuple[str, ...]) -> KeyLog:
        """All that the log holds of those meant."""
        return KeyLog(records_of(self._session, kind, who, self.basis, self._expected))

    def _contested(self, because: ByField) -> ByField:
        """By field, the records that contest those behind it."""
        return self._contesting(record for several in because.values() for record in several).of(because)

    def _contesting(self, records: Iterable[Record]) -> Contesting:
        """What some records violate together with others here."""
        session = self._session
        reading = functools.partial(session.reading, typed=True)
        return session.streams.await_use(Contesting(self.basis, records, reading))

    def _key(self, kind: StateType, who: tuple[str, ...]) -> tuple[str, ...]:
        return key_of(self._session, kind, who, self._expected)

    def _ids(self, texts: Sequence[str]) -> Sequence[str]:
        return meant(self._session, texts, self._expected)

    def __str__(self) -> str:
        return f"{self.basis}, {self.basis.records}"

    def __repr__(self) -> str:
        return f"<Moment {self}>"
