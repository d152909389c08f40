"""Appending: what is said becomes commits, judged and written in one transaction, under the writer lock."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from datetime import datetime
from typing import Any, Final, TypedDict, TypeVar
from uuid import UUID

import attrs

from timeline.admission.admission import Admission, Judged
from timeline.admission.candidate import Pending, names_in
from timeline.admission.importing import Alike, Imported, import_table
from timeline.admission.table import Telling, Tellings, Told
from timeline.admission.unless import Guard, Unless
from timeline.log import Head, Log, Session, Undone, Unwritten, write_commits
from timeline.records import (
    Assertion,
    Attestation,
    BaseStatement,
    Commit,
    Correction,
    Names,
    NewEntity,
    Record,
    Retraction,
    Statement,
    given_id,
    within,
)
from timeline.values import (
    Credence,
    NotAllowed,
    Overtaken,
    Source,
    TimelineError,
    Whenever,
    WrongTarget,
)
from timeline.vocabulary import Catalogue, Event, amended

T = TypeVar("T")
Sources = Source | str | Mapping[str, Any] | Iterable[Source | str | Mapping[str, Any]] | None


class Envelope(TypedDict, total=False):
    """What a call says of each of its records that does not say it itself."""

    source: Sources
    known: Whenever | None
    credence: Credence | None
    actor: str | None
    note: str | None
    id: UUID | str | None


class Saying(Envelope, total=False):
    """The same, and what keeps the call from being made."""

    strict: bool | None
    unless: Unless | None
    dry_run: bool


_STATEMENTS: Final = (Assertion, Correction, Retraction, Attestation)
_ENVELOPE: Final = tuple(sorted(Envelope.__optional_keys__))
_CHANGING: Final = ("source", "known", "credence", "note")
"""What a correction may say beside its event, so that it changes something."""


def statements(
    catalogue: Catalogue, said: Iterable[Event | Statement], call: Mapping[str, Any]
) -> list[Statement]:
    """Events and statements, each with what the call says where it says nothing itself.

    Raises:
        NotAllowed: if something is neither, or one id is given for several.
        CatalogueError: if the catalogue lacks an event.
    """
    several = tuple(said)
    given = {name: call[name] for name in _ENVELOPE if call.get(name) is not None}
    if "id" in given and len(several) > 1:
        raise NotAllowed("id= names one record; with several events, wrap each: Assertion(event, id=…)")
    envelope = BaseStatement(**given) if several else BaseStatement()
    return [within(_statement(catalogue, one), envelope) for one in several]


def _statement(catalogue: Catalogue, one: Event | Statement) -> Statement:
    if isinstance(one, Event):
        catalogue.declared(type(one))
        return Assertion(one)
    if not isinstance(one, _STATEMENTS):
        raise NotAllowed(f"{one!r} is neither an event nor a statement about a record")
    if isinstance(one, Assertion | Correction):
        if not isinstance(one.event, Event):
            raise NotAllowed(f"{one.event!r} is not an event")
        catalogue.declared(type(one.event))
    return one


def correction(record: Record, changes: Mapping[str, Any], call: Mapping[str, Any]) -> Correction:
    """The correction that changes some fields of a record's event, and takes the rest from it.

    Raises:
        WrongTarget: if the record says no event.
        UnknownField: if its type has no such field, with the nearest names.
        NotAllowed: if nothing is changed, nor anything else said.
        InvalidData: if a value cannot be read.
    """
    if record.event is None:
        kind = f"{'an' if record.kind[0] in 'aeiou' else 'a'} {record.kind}"
        raise WrongTarget(f"{record.label} is {kind}, which cannot be corrected; retract it instead")
    event = amended(record.event, changes)
    if event == record.event and all(call.get(name) is None for name in _CHANGING):
        raise NotAllowed(f"this corrects nothing in {record.label}: say what is right")
    return Correction(record, event)


Choose = Callable[[Log], Sequence[Statement]]
"""Gives what is to be said by what the log holds."""


def named_columns(catalogue: Catalogue, told: type[Event] | Mapping[type[Event], Mapping[str, str]]) -> Told:
    """A table as events of one type, whose fields are called like its columns, or of several.

    Raises:
        NotAllowed: if it is told as events of no type.
        CatalogueError: if the catalogue lacks one.
    """
    if not isinstance(told, Mapping):
        kind = catalogue.declared(told)
        return lambda _: Tellings(types={kind: None})
    if not told:
        raise NotAllowed("a table is told as events of a type, or of several, and these are none")
    types = {catalogue.declared(cls): Telling(read=read) for cls, read in told.items()}
    return lambda _: Tellings(types=types)


_ATTEMPTS: Final = 1_000
"""So often at most an append is judged that others overtake."""
_SMALL: Final = 100
"""An append of so many statements at most is written together with others."""


@attrs.define(kw_only=True, eq=False)
class Request:
    """What one call is to append, what keeps it from that, and what came of it.

    `joins` says that another thread may write it together with what that appends itself.
    """

    said: Sequence[Statement]
    call: Saying
    check: Guard | None
    declared: bool
    catalogue: Catalogue
    present: Callable[[], datetime]
    joins: bool
    made: Commit | None = None
    fault: TimelineError | None = None

    def goes_with(self, other: Request) -> bool:
        """Whether it may be written together with another."""
        return self.joins and self.catalogue is other.catalogue

    def result(self) -> Commit:
        """The commit that was made.

        Raises:
            TimelineError: if it was refused.
        """
        if self.made is None:
            raise self.fault or RuntimeError("an append was neither made nor refused")
        return self.made


class Apart(Exception):
    """Something went wrong with appends that were to be written together; each is to be tried by itself."""


def write_together(log: Log, requests: Sequence[Request]) -> None:
    """Judge appends one after the other, each on top of those before it, and write them as so many commits.

    What is refused leaves nothing behind.
    """
    for plain, several in itertools.groupby(requests, key=_is_plain):
        if plain:
            _write_plain(log, tuple(several))
            continue
        for one in several:
            admission = Admission(log, log.head(), one.present(), declared=one.declared)
            with _refusing(one):
                one.made = admission.admit(one.said, check=one.check, **_told(one))


def _is_plain(request: Request) -> bool:
    """Whether no more than ids and names has to be known of what is written right before it.

    Nothing that it says changes whom a name means, or ends that.
    """
    said = (one.event.__timeline__ for one in request.said if isinstance(one, Assertion | Correction))
    return (
        request.check is None
        and not request.declared  # where a name is unknown, those near to it are looked for in the log
        and not any(isinstance(one, Retraction) for one in request.said)
        and not any(kind.naming is not None or kind.sameness is not None for kind in said)
    )


@contextmanager
def _refusing(request: Request) -> Iterator[None]:
    try:
        yield
    except TimelineError as fault:
        request.fault = fault


def _told(request: Request) -> _Told:
    return {"actor": request.call.get("actor"), "note": request.call.get("note")}


class _Told(TypedDict):
    actor: str | None
    note: str | None


def _write_plain(log: Log, requests: Sequence[Request]) -> None:
    """Judge plain appends before any of them is written."""
    pending, names = Pending(log), Names(log, ())
    head = before = log.head()
    if len(requests) > 1:
        ids, texts = _asked(requests)
        pending.look_up(ids)
        names.meet(texts)
    judged: list[tuple[Request, Admission, Unwritten]] = []
    for one in requests:
        own = pending.behind()
        admission = Admission(
            log, head, one.present(), declared=one.declared, pending=own, names=names.behind()
        )
        with _refusing(one):
            new = admission.unwritten(one.said, **_told(one))
            judged.append((one, admission, new))
            if new.records:
                last = new.records[-1]
                head = Head(last.position, last.recorded_at, before.digest)
                pending = own
                names.hear(new.entities, (record.names for record in new.records))
    heads = iter(write_commits(log, [new for *_, new in judged if new.records], before))
    later = {entity.id for *_, new in judged for entity in new.entities}
    for one, admission, new in judged:
        before = next(heads) if new.records else before
        later.difference_update(entity.id for entity in new.entities)
        one.made = _as_then(admission.commit(before), later)


def _as_then(commit: Commit, later: Set[str]) -> Commit:
    """A commit as it was told before entities were there that others have made since."""
    near = [
        attrs.evolve(one, near=tuple(other for other in one.near if other not in later))
        for one in commit.new_entities
    ]
    return attrs.evolve(commit, new_entities=tuple(near)) if later else commit


def _asked(requests: Sequence[Request]) -> tuple[set[UUID], list[str]]:
    """What the log will be asked of several appends: ids of records, and texts that name somebody."""
    said = [one for request in requests for one in request.said]
    ids: set[UUID] = set()
    for one in said:
        with suppress(TimelineError):
            given = given_id(one)
            ids |= set() if given is None else {given[0]}
    return ids, names_in([one.event for one in said if isinstance(one, Assertion | Correction)])


@attrs.frozen(kw_only=True)
class Appending:
    """Appends to a timeline that is in use.

    What lies below is handed in: `moment` gives the timeline as of now for who asks before something is
    written, with the entities that are new; `strictly` has what is written meanwhile add up, `compared` tells
    commits with what they look like, and `alike` what in new records looks like what was there. `declared`
    and `strict` say how the timeline was opened.
    """

    session: Session
    declared: bool
    strict: bool
    moment: Callable[[Sequence[NewEntity]], object]
    strictly: Callable[[Log], AbstractContextManager[None]]
    compared: Callable[[Log, Sequence[Commit]], Sequence[Commit]]
    alike: Alike

    def commit(self, said: Iterable[Event | Statement] | Choose, call: Saying) -> Commit:
        """Append as one commit what is said, or chosen under the writer lock; `call` is what the call says.

        Raises:
            TimelineError: if anything cannot be appended; then nothing is.
        """
        catalogue = self.session.codec.catalogue
        catalogue.check_known("appending")
        choose = said if callable(said) else None
        own = self._request(() if callable(said) else statements(catalogue, said, call), choose, call)

        def attempt() -> Commit:
            try:
                self._append(own, choose)
            except Apart:
                own.joins, own.fault = False, None
                self._append(own, choose)
            return self._as_placed(own.result())

        return self._placed(attempt)

    def _placed(self, attempt: Callable[[], T]) -> T:
        """What an attempt comes to, made anew where others have appended meanwhile what it rests on.

        Raises:
            Overtaken: if they did so each time.
        """
        for _ in range(_ATTEMPTS):
            with suppress(Overtaken):
                return attempt()
        raise Overtaken(self.session.address)

    def _as_placed(self, commit: Commit) -> Commit:
        """A commit as it is in its place, where that is another than it was judged at."""
        if not (self.session.places_elsewhere and commit.records):
            return commit
        found = self.session.placed(commit.records[0].position)
        if found is None:
            return commit
        positions = range(found.first, found.first + len(commit.records))
        with self.session.reading() as log:
            records = log.at(positions)
        return attrs.evolve(
            commit,
            records=tuple(records[position] for position in positions),
            **found.ended,
        )

    def _request(self, said: Sequence[Statement], choose: Choose | None, call: Saying) -> Request:
        check = self._guard(call.get("unless"))
        alone = choose is not None or self._is_strict(call.get("strict")) or call.get("dry_run")
        return Request(
            said=said,
            call=call,
            check=check,
            declared=self.declared,
            catalogue=self.session.codec.catalogue,
            present=self.session.present,
            joins=not alone and len(said) <= _SMALL and (check is None or check.asks_the_log),
        )

    def _append(self, own: Request, choose: Choose | None) -> None:
        """Write an append, together with those that wait and go with it; or have another thread write it."""
        request, wanted = (own, lambda one: one.goes_with(own)) if own.joins else (None, None)
        with suppress(Undone), self.session.appending_together(request, wanted) as log:
            if log is None:
                return
            if log.others:
                try:
                    write_together(log, [own, *log.others])
                except Exception as problem:
                    raise Apart from problem
            else:
                self._write(log, own, own.said if choose is None else choose(log))

    def _write(self, log: Log, own: Request, said: Sequence[Statement]) -> None:
        call = own.call
        strict = self._is_strict(call.get("strict"))
        log.whole = own.check is not None or said is not own.said or strict
        log.unread = not (strict or call.get("dry_run"))
        with self._strictly(log, call.get("strict")):
            admission = Admission(log, log.began, log.present, declared=self.declared)
            commit = admission.admit(said, actor=call.get("actor"), note=call.get("note"), check=own.check)
        own.made = commit
        if call.get("dry_run"):
            (own.made,) = self.compared(log, [commit])
            raise Undone

    def batches(
        self, batches: Iterable[Sequence[Statement]], *, amend: bool, dry_run: bool
    ) -> tuple[Judged, ...]:
        """Append several batches, each as one commit, all of them or none; tells what became of each."""
        catalogue = self.session.codec.catalogue
        catalogue.check_known("appending")
        given = [statements(catalogue, batch, {}) for batch in batches]
        judged = self._placed(lambda: self._batches(given, amend=amend, dry_run=dry_run))
        return tuple(attrs.evolve(one, commit=self._as_placed(one.commit)) for one in judged)

    def _batches(
        self, given: Sequence[Sequence[Statement]], *, amend: bool, dry_run: bool
    ) -> Sequence[Judged]:
        judged: list[Judged] = []
        with suppress(Undone), self.session.appending() as log:
            log.whole = self.strict
            with self._strictly(log):
                for batch in given:
                    admission = Admission(log, log.head(), log.present, declared=self.declared, amend=amend)
                    judged.append(admission.judged(batch, actor=None, note=None))
                if any(one.faults for one in judged):
                    raise Undone
            if dry_run:
                told = self.compared(log, [one.commit for one in judged])
                judged = [attrs.evolve(one, commit=two) for one, two in zip(judged, told, strict=True)]
                raise Undone
        return judged

    def table(
        self, told: Told, rows: Any, *, unless: Unless | None, dry_run: bool = False, **terms: Any
    ) -> Imported:
        """Append a table of events of one or more types as one commit, with the keywords of `import_table`.

        With `dry_run` it is rolled back at the end.
        """
        check = self._guard(unless)
        with suppress(Undone), self.session.importing() as log:
            log.whole = check is not None or self.strict
            with self._strictly(log):
                imported = import_table(
                    log,
                    told,
                    rows,
                    present=self.session.present(),
                    alike=self.alike,
                    check=check,
                    dry_run=dry_run,
                    declared=self.declared,
                    **terms,
                )
            if dry_run:
                raise Undone
        found = None if imported.first is None else self.session.placed(imported.first)
        if found is None:
            return imported
        return attrs.evolve(imported, first=found.first, last=found.head.position, **found.ended)

    def _strictly(self, log: Log, strict: bool | None = None) -> AbstractContextManager[None]:
        return self.strictly(log) if self._is_strict(strict) else nullcontext()

    def _is_strict(self, strict: bool | None) -> bool:
        return self.strict if strict is None else strict

    def _guard(self, unless: Unless | None) -> Guard | None:
        return Guard.of(unless, moment=self.moment, type_name=self.session.codec.catalogue.type_name)
