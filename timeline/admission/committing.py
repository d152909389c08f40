"""Appending: what is said becomes commits, judged and written in one transaction, under the writer lock."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext, suppress
from typing import Any, Final, TypedDict
from uuid import UUID

import attrs

from timeline.admission.admission import Admission, Judged
from timeline.admission.importing import Alike, Imported, import_table
from timeline.admission.table import Telling, Tellings, Told
from timeline.admission.unless import Guard, Unless
from timeline.log import Log, Session, Undone
from timeline.records import (
    Assertion,
    Attestation,
    Commit,
    Correction,
    NewEntity,
    Record,
    Retraction,
    Statement,
)
from timeline.values import Credence, NotAllowed, Source, Whenever, WrongTarget
from timeline.vocabulary import Catalogue, Event, amended

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
    envelope = {name: call[name] for name in _ENVELOPE if call.get(name) is not None}
    if "id" in envelope and len(several) > 1:
        raise NotAllowed("id= names one record; with several events, wrap each: Assertion(event, id=…)")
    if "source" in envelope and several:
        envelope["source"] = Source.read_all(envelope["source"])
    return [_statement(catalogue, one, envelope) for one in several]


def _statement(catalogue: Catalogue, one: Event | Statement, envelope: Mapping[str, Any]) -> Statement:
    if isinstance(one, Event):
        catalogue.declared(type(one))
        return Assertion(one, **envelope)
    if not isinstance(one, Assertion | Correction | Retraction | Attestation):
        raise NotAllowed(f"{one!r} is neither an event nor a statement about a record")
    if isinstance(one, Assertion | Correction):
        if not isinstance(one.event, Event):
            raise NotAllowed(f"{one.event!r} is not an event")
        catalogue.declared(type(one.event))
    missing = {name: value for name, value in envelope.items() if getattr(one, name) is None}
    return attrs.evolve(one, **missing) if missing else one


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
        given = None if callable(said) else statements(catalogue, said, call)
        check = self._guard(call.get("unless"))
        with suppress(Undone), self.session.appending() as log:
            chosen = said(log) if callable(said) else given or ()
            with self._strictly(log, call.get("strict")):
                admission = Admission(log, log.began, log.present, declared=self.declared)
                commit = admission.admit(chosen, actor=call.get("actor"), note=call.get("note"), check=check)
            if call.get("dry_run"):
                (commit,) = self.compared(log, [commit])
                raise Undone
        return commit

    def batches(
        self, batches: Iterable[Sequence[Statement]], *, amend: bool, dry_run: bool
    ) -> tuple[Judged, ...]:
        """Append several batches, each as one commit, all of them or none; tells what became of each."""
        catalogue = self.session.codec.catalogue
        catalogue.check_known("appending")
        given = [statements(catalogue, batch, {}) for batch in batches]
        judged: list[Judged] = []
        with suppress(Undone), self.session.appending() as log:
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
        return tuple(judged)

    def table(
        self, told: Told, rows: Any, *, unless: Unless | None, dry_run: bool = False, **terms: Any
    ) -> Imported:
        """Append a table of events of one or more types as one commit, with the keywords of `import_table`.

        With `dry_run` it is rolled back at the end.
        """
        check = self._guard(unless)
        with suppress(Undone), self.session.writing() as log:
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
        return imported

    def _strictly(self, log: Log, strict: bool | None = None) -> AbstractContextManager[None]:
        return self.strictly(log) if (self.strict if strict is None else strict) else nullcontext()

    def _guard(self, unless: Unless | None) -> Guard | None:
        return Guard.of(unless, moment=self.moment, type_name=self.session.codec.catalogue.type_name)
