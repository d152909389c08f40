"""What a call says: the keywords that it takes, and its events as statements."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final, TypedDict
from uuid import UUID

import attrs

from timeline.admission.unless import Unless
from timeline.records import Assertion, Attestation, Correction, Record, Retraction, Statement
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
