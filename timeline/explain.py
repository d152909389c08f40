"""Why an answer is what it is: the records behind it, what those replaced, and who else says so."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

import attrs

from timeline.errors import CatalogueError
from timeline.log import Log
from timeline.record import Record
from timeline.state import State
from timeline.telling import told
from timeline.wording import heading, label, plain_value, printable, value_lines

__all__ = ["Explanation", "Reason", "Why", "explained"]


@attrs.frozen
class Reason:
    """A record that a value rests on.

    `replaced` are the records that it corrects, the latest first; `attestations` those that add a source.
    """

    record: Record
    replaced: tuple[Record, ...] = ()
    attestations: tuple[Record, ...] = ()

    def as_dict(self) -> dict[str, Any]:
        """As plain JSON values."""
        return {
            "record": self.record.as_dict(),
            "replaced": [record.as_dict() for record in self.replaced],
            "attestations": [record.as_dict() for record in self.attestations],
        }


@attrs.frozen(kw_only=True)
class Why:
    """One field: its value, the records it rests on, and those that may yet change it."""

    field: str
    value: Any
    because: tuple[Reason, ...]
    unsettled: tuple[Reason, ...]

    def as_dict(self) -> dict[str, Any]:
        """As plain JSON values."""
        return {
            "field": self.field,
            "value": plain_value(self.value),
            "because": [reason.as_dict() for reason in self.because],
            "unsettled": [reason.as_dict() for reason in self.unsettled],
        }


@attrs.frozen
class Explanation:
    """A state, and for each field asked about why it is so."""

    state: State
    fields: tuple[Why, ...]

    def as_dict(self) -> dict[str, Any]:
        """As plain JSON values."""
        return self.state.as_dict() | {"why": [why.as_dict() for why in self.fields]}

    def __str__(self) -> str:
        state = self.state
        lines = [heading([state.named(one) for one in state.who], str(state.basis))]
        for why in self.fields:
            lines += _why_lines(why, state)
        return "\n".join(lines)


def explained(state: State, field: str | None, log: Log) -> Explanation:
    """Why the fields of a state, or one of them, are what they are.

    Raises:
        CatalogueError: if the state has no such field.
    """
    folds = state.__timeline__.folds
    if field is not None and field not in folds:
        raise CatalogueError(f"{state.__timeline__.name} has no field {field!r}; it has {', '.join(folds)}")
    fields = [field] if field is not None else [name for name in folds if _said(state, name)]
    involved = {one for name in fields for one in (*state.because[name], *state.unsettled[name])}
    reasons = _reasons(involved, log, state)
    return Explanation(
        state,
        tuple(
            Why(
                field=name,
                value=getattr(state, name),
                because=tuple(reasons[record.position] for record in _by_date(state.because[name])),
                unsettled=tuple(reasons[record.position] for record in _by_date(state.unsettled[name])),
            )
            for name in fields
        ),
    )


def _by_date(records: Iterable[Record]) -> list[Record]:
    """Records in the order in which what they tell has surely happened."""
    return sorted(records, key=lambda record: (_latest(record), record.origin))


def _latest(record: Record) -> datetime:
    latest = None if record.occurred is None else record.occurred.latest
    return latest or datetime.max.replace(tzinfo=UTC)


def _said(state: State, field: str) -> bool:
    return bool(state.because[field] or state.unsettled[field])


def _reasons(records: Iterable[Record], log: Log, state: State) -> Mapping[int, Reason]:
    """By position, each record with what it replaced and its attestations in view."""
    records = list(records)
    basis = state.basis
    older: dict[int, Record] = {record.position: record for record in records}
    wanted = {record.target for record in records if record.target is not None}
    while wanted - older.keys():
        older |= log.at(wanted - older.keys())
        wanted = {record.target for record in older.values() if record.target is not None}
    attested = log.attestations([record.position for record in records])

    def in_view(record: Record) -> bool:
        known = basis.known_point is None or record.known_at <= basis.known_point
        return record.position <= basis.position and known

    found = {}
    for record in records:
        replaced = []
        target = record.target
        while target is not None:
            replaced.append(older[target])
            target = older[target].target
        seen = tuple(one for one in attested.get(record.position, ()) if in_view(one))
        found[record.position] = Reason(record, tuple(one for one in replaced if in_view(one)), seen)
    return found


def _why_lines(why: Why, state: State) -> list[str]:
    lines = ["", f"{label(why.field)}: " + "; ".join(map(printable, value_lines(why.value, state.named)))]
    lines += [line for reason in why.because for line in _reason_lines(reason, "because")]
    lines += [line for reason in why.unsettled for line in _reason_lines(reason, "unsettled by")]
    if not why.because and not why.unsettled:
        lines.append("  no record speaks of it")
    return lines


def _reason_lines(reason: Reason, word: str) -> list[str]:
    lines = [f"  {word} {told(reason.record)}"]
    newer = reason.record
    for record in reason.replaced:
        note = f": {newer.note}" if newer.note else ""
        lines.append(f"    corrects {told(record)}{printable(note)}")
        newer = record
    for record in reason.attestations:
        who = ", ".join(map(str, record.sources))
        lines += [printable(f"    also said by {who} {record.label}")]
    return lines
