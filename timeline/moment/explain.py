"""Why an answer is what it is: the records behind it, what those replaced, and who else says so."""

from __future__ import annotations

import itertools
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

import attrs

from timeline.log import Log
from timeline.moment.key import KeyView
from timeline.moment.replay import entered, surely
from timeline.moment.view import in_view
from timeline.records import (
    RECORD_COLUMNS,
    Ids,
    InView,
    Record,
    judged,
    known_on,
    record_cells,
    record_line as told,
)
from timeline.values import BEGINNING, Basis, CatalogueError, Frame, Framed, InLines, Kind, Line
from timeline.vocabulary import NOTHING, Plain, State, all_said, field_lines, heading, label, plain_value

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo


@attrs.frozen
class Withdrawn(Plain):
    """A correction or retraction that no longer stands, and what overruled it."""

    record: Record
    by: Record


@attrs.frozen
class Reason(Plain):
    """A record that a value rests on.

    `replaced` are the records that it corrects, the latest first; `attestations` those that add a source;
    `withdrawn` what was said against it and no longer stands.
    """

    record: Record
    replaced: tuple[Record, ...] = ()
    attestations: tuple[Record, ...] = ()
    withdrawn: tuple[Withdrawn, ...] = ()

    @property
    def newest(self) -> datetime:
        """When the newest evidence for it became known, in UTC."""
        return max(one.known_at for one in (self.record, *self.attestations))


@attrs.frozen(kw_only=True)
class Why:
    """One field: its value, the records it rests on, those that may yet change it, and who says otherwise.

    `contested` are the records that stand and by a rule of the vocabulary do not go with those behind it;
    `denials` are records of credence `denied` that would have a part in it by then if they were not.
    """

    field: str
    value: Any
    because: tuple[Reason, ...]
    unsettled: tuple[Reason, ...]
    contested: tuple[Reason, ...]
    denials: tuple[Record, ...]

    @property
    def newest(self) -> datetime | None:
        """When the newest evidence for the value became known, in UTC; None where nothing speaks of it."""
        return max((reason.newest for reason in self.because), default=None)

    def parts(self) -> Iterator[tuple[str, Record]]:
        """The records that have a part in the field, each with that part."""
        told = (("because", self.because), ("unsettled", self.unsettled), ("contested by", self.contested))
        for word, reason in ((word, reason) for word, reasons in told for reason in reasons):
            yield word, reason.record
            yield from (("replaced", one) for one in reason.replaced)
            yield from (("attested by", one) for one in reason.attestations)
            yield from (("retracted", one.record) for one in reason.withdrawn)
        yield from (("denied by", record) for record in self.denials)

    def lines(self, zone: ZoneInfo | None = None) -> Iterator[Line]:
        """The reasons as lines, since when known in UTC or a zone."""
        return _why_lines(self, zone)

    def as_dict(self) -> dict[str, Any]:
        """As plain JSON values."""
        return {
            "field": self.field,
            "value": plain_value(self.value),
            **{
                part: plain_value(getattr(self, part))
                for part in ("newest", "because", "unsettled", "contested", "denials")
            },
        }


_COLUMNS: Final[Mapping[str, Kind]] = {"field": "text", "value": "text", "part": "text", **RECORD_COLUMNS}


@attrs.frozen(repr=False)
class Explanation(InLines, Framed):
    """A state, and for each field asked about why it is so.

    `same` has, by id of each entity involved that is read as another, the records that say so.
    """

    state: State
    fields: tuple[Why, ...]
    same: Mapping[str, tuple[Record, ...]]

    def as_dict(self) -> dict[str, Any]:
        """As plain JSON values."""
        same = {entity: [record.position for record in records] for entity, records in self.same.items()}
        return self.state.as_dict() | {"why": [why.as_dict() for why in self.fields], "same": same}

    def as_table(self) -> Frame:
        """A row for each record behind a field, with its part in it."""
        rows = []
        for one in self.fields:
            said = all_said(one.value, self.state.named)
            rows += [(one.field, said, part, *record_cells(record)) for part, record in one.parts()]
        return Frame(_COLUMNS, rows)

    def lines(self) -> Iterator[Line]:
        """Each field with its reasons, and who is read as whom."""
        state, zone = self.state, self.state.basis.zone
        yield heading([state.named(one) for one in state.who], str(state.basis))
        for why in self.fields:
            yield Line.of()
            yield Line.of((label(why.field), "label"), ": ", "; ".join(field_lines(state, why.field)))
            yield from why.lines(zone)
        if not self.fields:
            yield Line.of(NOTHING, indent=2)
        for entity, records in self.same.items():
            known = "; ".join(told(one, zone) for one in records)
            yield Line.of((f"{entity} is read as another:", "aside"), f" {known}")


def explained(state: State, field: str | None, log: Log, view: KeyView) -> Explanation:
    """Why the fields of a state, or one of them, are what they are; `view` is what its basis shows.

    Raises:
        CatalogueError: if the state has no such field.
    """
    folds = state.__timeline__.folds
    if field is not None and field not in folds:
        raise CatalogueError(f"{state.__timeline__.name} has no field {field!r}; it has {', '.join(folds)}")
    denials = _denials(log, state, view.ids)
    fields = [field] if field is not None else [name for name in folds if _said(state, name, denials)]
    parts = {"because": state.because, "unsettled": state.unsettled, "contested": state.contested}
    involved = {one for name in fields for several in parts.values() for one in several[name]}
    reasons = _reasons(involved, view.held, log, state.basis)
    entities = {one for record in involved for one in record.entities}
    return Explanation(
        state,
        tuple(
            Why(
                field=name,
                value=getattr(state, name),
                denials=tuple(denials.get(name, ())),
                **{
                    part: tuple(reasons[record.position] for record in sorted(several[name], key=surely))
                    for part, several in parts.items()
                },
            )
            for name in fields
        ),
        {entity: records for entity, records in view.same.items() if entity in entities},
    )


def _said(state: State, field: str, denials: Mapping[str, object]) -> bool:
    return bool(state.because[field] or state.unsettled[field] or field in denials)


def _reasons(
    records: Collection[Record], held: Sequence[Record], log: Log, basis: Basis
) -> Mapping[int, Reason]:
    """By position, each record with what it replaced, who attests it, and what was retracted.

    `held` are all records of the key.
    """
    chains = log.said_of({record.origin for record in records}, held)
    found = judged(chains.values(), basis)
    views = {
        origin: {record.position: record for record in chain if record.position in found.seen}
        for origin, chain in chains.items()
    }
    return {record.position: _reason(record, views[record.origin], found) for record in records}


def _reason(record: Record, chain: Mapping[int, Record], found: InView) -> Reason:
    """What of a chain is in view about one of its records; `found` says which of it does not stand."""
    replaced = []
    older = chain.get(record.target or 0)
    while older is not None:
        replaced.append(older)
        older = chain.get(older.target or 0)
    about = [one for one in chain.values() if one.target == record.position]
    return Reason(
        record,
        tuple(replaced),
        tuple(one for one in about if one.kind == "attestation" and one.position not in found.overruled),
        tuple(
            Withdrawn(one, chain[found.overruled[one.position]])
            for one in about
            if one.kind != "attestation" and one.position in found.overruled
        ),
    )


def _denials(log: Log, state: State, ids: Ids) -> Mapping[str, Sequence[Record]]:
    """By field, the denials in view that stand, of what would have a part in it by then."""
    basis = state.basis
    keys = itertools.product(*([one, *(name for name in ids if ids[name] == one)] for one in state.who))
    told = (one for key in keys for one in log.denied(state.__timeline__.event_types, key))
    denied = {one.position: one for one in told if _begun(one, basis)}
    standing = in_view(log, basis, denied.values()).standing if denied else ()
    believed = [attrs.evolve(one, credence="reported") for one in standing]
    entries = entered(state.__timeline__, state.who, believed, ids)
    return {
        field: [denied[at] for at in sorted({one.record.position for slot in slots.values() for one in slot})]
        for field, slots in entries.items()
    }


def _begun(record: Record, basis: Basis) -> bool:
    """Whether what a record tells may have happened by the point."""
    occurred = record.occurred
    return occurred is not None and (occurred.earliest or BEGINNING) <= basis.point


def _why_lines(why: Why, zone: ZoneInfo | None) -> Iterator[Line]:
    parts = {"because": why.because, "unsettled by": why.unsettled, "contested by": why.contested}
    for word, reasons in parts.items():
        for reason in reasons:
            yield from _reason_lines(reason, word, zone)
    for record in why.denials:
        yield _line(2, "denied by", told(record, zone))
    if why.newest is not None:
        yield _line(2, "newest evidence known", known_on(why.newest, zone))
    if not (why.because or why.unsettled or why.denials):
        yield _line(2, "no record speaks of it")


def _line(indent: int, word: str, rest: str = "") -> Line:
    """A reason: the word that leads, and what it is."""
    return Line.of((word, "aside"), f" {rest}", indent=indent)


def _reason_lines(reason: Reason, word: str, zone: ZoneInfo | None) -> Iterator[Line]:
    yield _line(2, word, told(reason.record, zone))
    newer = reason.record
    for record in reason.replaced:
        yield _line(4, "corrects", told(record, zone) + _noted(newer))
        newer = record
    for record in reason.attestations:
        yield _line(4, "also said by", f"{', '.join(map(str, record.sources))} {record.label}")
    for one in reason.withdrawn:
        word = _SAID_AGAINST[one.record.kind] if not one.record.whole else "was retracted whole by"
        by = "retracted" if one.by.kind == "retraction" else "overruled"
        yield _line(4, word, f"{one.record.label}, which is {by} by {one.by.label}{_noted(one.by)}")


_SAID_AGAINST: Final = {"correction": "was corrected by", "retraction": "was retracted by"}


def _noted(record: Record) -> str:
    return f": {record.note}" if record.note else ""
