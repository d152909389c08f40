"""Statements made ready to be judged: names and references in them resolved, ids settled."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Final
from uuid import UUID

import attrs

from timeline.admission.pending import Pending
from timeline.records import (
    WHOLE,
    Assertion,
    Attestation,
    Codec,
    Correction,
    Given,
    Names,
    RecordKind,
    Retraction,
    Statement,
    derived_id,
    given_id,
    named_by,
    reference,
    source_id,
    with_ids,
)
from timeline.values import AmbiguousName, Source, TimelineError
from timeline.vocabulary import Event, sentence, spoken_of

_KINDS: Final[dict[type, RecordKind]] = {
    Assertion: "assertion",
    Correction: "correction",
    Retraction: "retraction",
    Attestation: "attestation",
}


@attrs.frozen
class Resolved:
    """The event of a statement with ids in place of names, the names as given by id, and its sentence."""

    event: Event | None = None
    names: dict[str, str] = attrs.field(factory=dict)
    summary: str = ""


@attrs.frozen(kw_only=True)
class Candidate:
    """A statement with all names and references in it resolved."""

    statement: Statement
    kind: RecordKind
    told: Resolved
    data: str | None
    target: UUID | None
    id: UUID
    ref: str | None
    sources: tuple[Source, ...]
    credence: str

    @property
    def whole(self) -> bool:
        """Whether it is a retraction after which what its target replaced does not come back."""
        return self.kind == "retraction" and self.data == WHOLE


def meet(names: Names, events: Sequence[Event]) -> None:
    """Look up whom the names in events may mean; those that name somebody are read first."""
    namings = [named for named in map(named_by, events) if named is not None]
    names.meet([*(text for event in events for text in spoken_of(event)), *(name for _, name in namings)])
    for entity, name in namings:
        with suppress(AmbiguousName):
            names.give(names.found_or_new(entity, declared=False), name)


_NOTHING: Final[Mapping[str, str]] = {}


class Preparation:
    """Makes statements ready to be judged."""

    def __init__(self, codec: Codec, pending: Pending, *, declared: bool) -> None:
        self._codec = codec
        self._pending = pending
        self._declared = declared
        self._asserted: set[UUID] = set()

    def candidates(
        self,
        statements: Sequence[Statement],
        names: Names,
        faults: dict[int, TimelineError],
        called: Mapping[int, Mapping[str, str]],
    ) -> dict[int, Candidate]:
        """By index, the statements that can be made ready; why others cannot goes into `faults`.

        Of some, `called` has by field the name of the entity whose exact id that holds.
        """
        given: dict[int, Given | None] = {}
        for index, statement in enumerate(statements):
            try:
                given[index] = given_id(statement)
            except TimelineError as problem:
                faults[index] = problem
        self._pending.look_up(one[0] for one in given.values() if one is not None)
        told: dict[int, Resolved] = {}
        for index, one in given.items():
            try:
                told[index] = self._told(statements[index], one, names, called.get(index, _NOTHING))
            except TimelineError as problem:
                faults[index] = problem
        self._look_up([statements[index] for index in told])
        candidates: dict[int, Candidate] = {}
        for index, what in told.items():
            try:
                candidates[index] = self.candidate(statements[index], what, given[index])
            except TimelineError as problem:
                faults[index] = problem
        self._pending.look_up(candidate.id for candidate in candidates.values())
        self._pending.look_up_chains()
        return candidates

    def _told(
        self, statement: Statement, own: Given | None, names: Names, called: Mapping[str, str]
    ) -> Resolved:
        if not isinstance(statement, Assertion | Correction):
            return Resolved()
        said = None if own is None else self._pending.with_id(own[0])
        before = {} if said is None else {name: entity for entity, name in said.names.items()}
        event, given = with_ids(statement.event, names, before, called, declared=self._declared)
        return Resolved(event, given, sentence(event, lambda one: given.get(one) or names.shown(one)))

    def _look_up(self, statements: Sequence[Statement]) -> None:
        """Fetch what the statements refer to."""
        targets = [reference(one.target) for one in statements if not isinstance(one, Assertion)]
        places = {one for one in targets if isinstance(one, int)}
        self._pending.look_up({one for one in targets if isinstance(one, UUID)}, places)

    def candidate(self, one: Statement, told: Resolved, given: Given | None = None) -> Candidate:
        """A statement made ready, its event with ids in place of names, under the id that it is given.

        Raises:
            UnknownRecord: if it speaks of a position that the log does not have.
        """
        kind, event = _KINDS[type(one)], told.event
        target = None if isinstance(one, Assertion) else self._pending.id_of(one.target)
        data = self._data(one, event, target)
        credence = one.credence or "reported"
        sources = one.source or ()
        if given is not None:
            ident, ref = given
        else:
            ref = None
            ident = derived_id(
                kind=kind,
                target=target,
                type_=None if event is None else event.__timeline__.name,
                data=data,
                occurred=None if event is None else event.occurred.text,
                credence=credence,
                **({"sources": _cites(sources)} if kind == "attestation" else {}),
            )
        if kind == "assertion":
            self._asserted.add(ident)
        return Candidate(
            statement=one,
            kind=kind,
            told=told,
            data=data,
            target=target,
            id=ident,
            ref=ref,
            sources=sources,
            credence=credence,
        )

    def _data(self, one: Statement, event: Event | None, target: UUID | None) -> str | None:
        """What a record holds beside its envelope: its event, or that it is whole.

        Of an assertion a whole retraction is the same as a plain one, and kept as that.
        """
        if event is not None:
            return self._codec.write(event)
        if not isinstance(one, Retraction) or not one.whole or target is None:
            return None
        about = self._pending.with_id(target)
        asserted = target in self._asserted if about is None else about.kind == "assertion"
        return None if asserted else WHOLE


def _cites(sources: Sequence[Source]) -> list[list[str | None]]:
    return [[str(source_id(source)), source.locator] for source in sources]
