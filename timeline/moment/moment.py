"""A timeline seen at one (valid, known, position): what one asks questions of."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any, Final, TypeVar, overload

import attrs

from timeline.log import Kept, Log, Rows, Streams
from timeline.moment.answers import positions_in, states
from timeline.moment.checking import Contesting
from timeline.moment.chronicle import chronicle
from timeline.moment.dossier import Naming, dossier, ready, samenesses
from timeline.moment.history import Axis, History
from timeline.moment.plans import Plan, plans
from timeline.records import Names, NewEntity, Record, Samenesses
from timeline.values import (
    Basis,
    CatalogueError,
    NotAllowed,
    Reading,
    Span,
    When,
    Whenever,
    checked,
    clean_name,
)
from timeline.vocabulary import ByField, Catalogue, Event, State, StateType

if TYPE_CHECKING:
    from timeline.moment.diff import Side
    from timeline.moment.explain import Explanation
    from timeline.moment.trust import Relied, SingleSourced

__all__ = ["Moment"]

S = TypeVar("S", bound=State)


_CHUNK: Final = 5_000
"""How many states are read at a time where all are asked for."""


@checked
@attrs.frozen(repr=False)
class Moment:
    """A timeline seen at one (valid, known, position); the same one always answers the same.

    `basis` says where: `basis.position` is the last record in view, later ones change nothing here.
    """

    basis: Basis
    catalogue: Catalogue
    _reading: Callable[[], AbstractContextManager[Log]]
    _kept: Callable[[], Kept | None]
    _streams: Streams
    _expected: Sequence[NewEntity] = ()

    def as_of(
        self,
        valid: Whenever | None = None,
        *,
        known: Whenever | None = None,
        dates: Reading | None = None,
    ) -> Moment:
        """The same timeline on the same position, at another date; what is not given stays as it is here.

        Raises:
            BadWhen, NaiveDatetime: if a date cannot be read.
            UnboundedPoint: if a date has no end.
        """
        here = self.basis
        when = here.valid if valid is None else When.read(valid)
        knowing = here.known if known is None else known
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

    def between(self, one: str, other: str) -> Any:
        """The state of a pair: the usual pair state of the catalogue, else its only one.

        The two are given by id or by any name they ever had, in either order.

        Raises:
            UnknownEntity: if a name fits nobody, with the nearest names.
            AmbiguousName: if a name fits two.
            CatalogueError: if the catalogue has no such pair state.
        """
        return self._state(self.catalogue.pair_state(), (one, other))

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
        return self._streams.begin(self._read(kind))

    def _read(self, kind: StateType) -> Generator[State]:
        with self._reading() as asked, self._reading() as log:
            same = samenesses(log, self._kept())
            for rows in asked.compiled(kind, self.basis, _CHUNK):
                yield from self._built(kind, rows, log, same)

    def _built(
        self, kind: StateType, rows: Sequence[Mapping[str, Any]], log: Log, same: Samenesses
    ) -> Iterator[State]:
        """Rows as states, with all that these show."""
        ids = same.ids(self.basis)
        records = log.at(positions_in(rows))
        entities = {one for record in records.values() for one in record.entities}
        entities |= {row[key] for row in rows for key in kind.keys}
        entities |= {ids[one] for one in entities if one in ids}
        shown = Naming.read(log, entities, same).shown(entities, self.basis, ids)
        behind = {position for row in rows for several in row["because"].values() for position in several}
        contesting = self._contesting(records[position] for position in behind)
        return states(kind, rows, self.basis, records, shown, ids, contesting.of)

    def table(self, state: type[State] | str) -> Rows:
        """The same states as one table, in the columns of the macro `<state>_as_of`, for other tools to take.

        Raises:
            UnknownType, NotAllowed: as `all`.
        """
        kind = self._compiled(state)
        with self._reading() as log:
            return log.table(kind, self.basis)

    def explain(self, state: type[State] | str, *who: str, field: str | None = None) -> Explanation:
        """Why the state of `who`, or one field of it, is what it is.

        Raises:
            CatalogueError: if the state has no such field.
            TimelineError: as `of`.
        """
        from timeline.moment.explain import explained

        kind = self.catalogue.state(state)
        key = self._key(kind, who)
        with self._reading() as log:
            found = dossier(log, self._kept(), kind, key, self.basis)
            answer = found.answer(self.basis, self._contested)
            return explained(answer, field, log, found.view(self.basis))

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

        with self._reading() as log:
            found = dossier(log, self._kept(), kind, key, self.basis)
        return Side(found.answer(self.basis, self._contested), found.view(self.basis))

    def _history(
        self,
        state: type[State] | str,
        who: tuple[str, ...],
        field: str | None,
        axis: Axis,
        then: bool,
        span: Span,
    ) -> History:
        """How the state of `who` runs along an axis; `Timeline.history` tells what each argument means."""
        if self._kept() is None:
            with self._reading():  # so that the file is opened once
                return self._history(state, who, field, axis, then, span)
        kind = self.catalogue.state(state)
        if field is not None and field not in kind.folds:
            raise CatalogueError(f"{kind.name} has no field {field!r}; it has {', '.join(kind.folds)}")
        key = self._key(kind, who)
        with self._reading() as log:
            found = dossier(log, self._kept(), kind, key, self.basis)
            return chronicle(found, log, self.basis, field=field, axis=axis, then=then, span=span)

    def plans(self, state: type[State] | str, *who: str, field: str | None = None) -> tuple[Plan, ...]:
        """What was planned for when, how that slipped, and what came of it: one plan, or one for each key.

        The state declares which of its fields holds a plan; where several do, `field` says which is meant.
        Overdue is what the point lies after, and nothing has ended.

        Raises:
            CatalogueError: if the state has no such field, or it holds no plan.
            TimelineError: as `of`.
        """
        if self._kept() is None:
            with self._reading():  # so that the file is opened once
                return self.plans(state, *who, field=field)
        kind = self.catalogue.state(state)
        name, basis = kind.plan(field), self.basis
        key = self._key(kind, who)
        with self._reading() as log:
            found = dossier(log, self._kept(), kind, key, basis)
            known = chronicle(found, log, basis, field=name, axis="known", then=False, span=Span())
            until = basis.known_point
            believed = [one for one in known if until is None or one.begins is None or one.begins <= until]
            return tuple(plans(found, basis, name, believed, known.names))

    def single_sourced(
        self,
        state: type[State] | str | None = None,
        /,
        *who: str,
        entities: str | Iterable[str] = (),
        types: str | type[Event] | Iterable[str | type[Event]] | None = None,
    ) -> SingleSourced:
        """What rests on the word of one source alone: records that stand and have happened, by source.

        Of some types, and touching all of some entities; or of a state, those fields of which all records
        rest on one and the same source. Two articles of one publisher are one source.

        Raises:
            UnknownType, UnknownEntity, AmbiguousName: if a name fits nothing, or two.
            NotAllowed: if the state is of another number of entities, or entities or types are given with it.
        """
        from timeline.moment.trust import fields_of_one, records_of_one

        self.catalogue.check_known("on whose word things rest")
        wanted = [types] if isinstance(types, str | type) else types
        names = [entities] if isinstance(entities, str) else list(entities)
        if state is None:
            kinds = None if wanted is None else [self._event_type(one) for one in wanted]
            ids = self._ids([clean_name(one) for one in names])
            with self._reading() as log:
                return records_of_one(log, self.basis, kinds, ids)
        if names or wanted is not None:
            raise NotAllowed("a state is asked of whom it is, without entities= and types=")
        found = self._state(self.catalogue.state(state), who)
        with self._reading() as log:
            return fields_of_one(log, found)

    def superseded(self, records: Iterable[Record]) -> dict[int, int]:
        """Of some records, those in view that do not stand here: by position, that of what overrules it."""
        from timeline.moment.view import Sight

        with self._reading() as log:
            sight = Sight.of(log, self.basis, records)
        return {
            one.position: sight.overruled[one.position]
            for one in sight.records
            if one.position in sight.overruled
        }

    def sources(self) -> tuple[Relied, ...]:
        """Every source that the log cites, with how many records that stand rest on it; the most first."""
        from timeline.moment.trust import relied_on

        self.catalogue.check_known("on whose word things rest")
        with self._reading() as log:
            return relied_on(log, self.basis)

    def _event_type(self, one: str | type[Event]) -> str:
        return self.catalogue.event(one if isinstance(one, str) else one.__timeline__.name).name

    def _compiled(self, state: type[State] | str) -> StateType:
        """A state that can be asked of all at once."""
        kind = self.catalogue.state(state)
        if kind not in self.catalogue.compiled:
            raise NotAllowed(f"{kind.name} has a fold in Python only; ask for one at a time, with `of`")
        return kind

    def _state(self, kind: StateType, who: tuple[str, ...]) -> State:
        if self._kept() is None:
            with self._reading():  # so that the file is opened once
                return self._state(kind, who)
        key = self._key(kind, who)
        found = ready(self._kept(), kind, key, self.basis)
        if found is None:
            with self._reading() as log:
                found = dossier(log, self._kept(), kind, key, self.basis)
        return found.answer(self.basis, self._contested)

    def _contested(self, because: ByField) -> ByField:
        """By field, the records that contest those behind it."""
        return self._contesting(record for several in because.values() for record in several).of(because)

    def _contesting(self, records: Iterable[Record]) -> Contesting:
        """What some records violate together with others here."""
        return self._streams.await_use(Contesting(self.basis, records, self._reading))

    def _key(self, kind: StateType, who: tuple[str, ...]) -> tuple[str, ...]:
        """The ids meant, a pair in id order."""
        if len(who) != kind.arity:
            wanted = "one entity" if kind.arity == 1 else "two entities"
            raise NotAllowed(f"{kind.name} is the state of {wanted}; {len(who)} given")
        texts = [clean_name(one) for one in who]
        key = tuple(sorted(self._ids(texts)))
        if len(set(key)) < len(key):
            raise NotAllowed(f"{' and '.join(map(repr, who))} are both {key[0]}; a pair takes two entities")
        return key

    def _ids(self, texts: Sequence[str]) -> Sequence[str]:
        """The ids of the entities meant."""

        def read() -> Sequence[str]:
            with self._reading() as log:
                names = Names(log, texts)
                names.expect(self._expected)
                return [names.known(text) for text in texts]

        kept = None if self._expected else self._kept()
        return read() if kept is None else kept.until_changed(("ids", *texts), read)

    def __str__(self) -> str:
        return f"{self.basis}, {self.basis.records}"

    def __repr__(self) -> str:
        return f"<Moment {self}>"
