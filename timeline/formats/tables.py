"""Which columns the answers have as tables, one definition for each kind of answer."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import attrs

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from timeline.maintenance import Report
    from timeline.moment import (
        Diff,
        Explanation,
        Findings,
        History,
        Listed,
        Plan,
        Reason,
        Relied,
        SingleSourced,
    )
    from timeline.records import Record
    from timeline.vocabulary import Catalogue, EventType, State, StateType


@attrs.frozen
class Table:
    """An answer as rows under columns, from which all formats of rows follow."""

    columns: Sequence[str]
    rows: Iterable[Sequence[Any]]

    @classmethod
    def of(cls, *several: Mapping[str, Any]) -> Table:
        """Mappings as rows; the columns are the keys of all, in the order met."""
        columns = list(dict.fromkeys(name for one in several for name in one))
        return cls(columns, [[one.get(name) for name in columns] for one in several])


def _slots(value: Any) -> Iterator[tuple[Any, Any]]:
    """A value by the keys of its slots; one without has one slot, without a key."""
    from timeline.vocabulary import is_empty, plain_value

    if not isinstance(value, Mapping):
        yield None, None if is_empty(value) else plain_value(value)
        return
    if not value:
        yield None, None
    yield from plain_value(value).items()


def _said(value: Any, named: Any) -> str | None:
    from timeline.vocabulary import is_empty, value_lines

    return None if is_empty(value) else "; ".join(value_lines(value, named))


def _places(records: Iterable[Record]) -> list[int]:
    return [record.position for record in records]


def of_state(state: State) -> Table:
    """A row for each slot of a field; records by position."""
    return Table(
        ("field", "key", "value", "records", "unsettled", "contested"),
        [
            (
                field,
                key,
                one,
                *(_places(told[field]) for told in (state.because, state.unsettled, state.contested)),
            )
            for field, value in state.values().items()
            for key, one in _slots(value)
        ],
    )


def of_explanation(why: Explanation, zone: ZoneInfo | None) -> Table:
    """A row for each record behind a field, with its part in it; since when known in UTC or a zone."""
    columns = ("field", "value", "part", "position", "ref", "occurred", "known_at", "credence", "summary")
    return Table(
        (*columns, "sources"),
        [
            (one.field, _said(one.value, why.state.named), part, *_record(record, zone))
            for one in why.fields
            for part, record in [
                *(each for reason in one.because for each in _parts("because", reason)),
                *(each for reason in one.unsettled for each in _parts("unsettled", reason)),
                *(each for reason in one.contested for each in _parts("contested by", reason)),
                *(("denied by", record) for record in one.denials),
            ]
        ],
    )


def _parts(word: str, reason: Reason) -> Iterator[tuple[str, Record]]:
    yield word, reason.record
    yield from (("replaced", one) for one in reason.replaced)
    yield from (("attested by", one) for one in reason.attestations)
    yield from (("retracted", one.record) for one in reason.withdrawn)


def _record(one: Record, zone: ZoneInfo | None) -> tuple[Any, ...]:
    from timeline.values import iso

    occurred = None if one.occurred is None else one.occurred.text
    sources = "; ".join(map(str, one.sources))
    return one.position, one.ref, occurred, iso(one.known_at, zone), one.credence, one.summary, sources


def of_records(
    records: Iterable[Record], superseded: Mapping[int, int], zone: ZoneInfo | None = None
) -> Table:
    """A row for each record; since when known in UTC or a zone."""
    columns = ("position", "ref", "occurred", "known_at", "credence", "summary", "sources")
    return Table(
        (*columns, "id", "kind", "type", "target", "superseded_by", "actor", "note"),
        [
            (
                *_record(one, zone),
                str(one.id),
                one.kind,
                one.type,
                one.target,
                superseded.get(one.position),
                one.actor,
                one.note,
            )
            for one in records
        ],
    )


def of_history(found: History, zone: ZoneInfo | None) -> Table:
    """A row for each field and period in which it changed, with its bounds, the last one exclusive."""
    from timeline.values import iso

    axis = found.axis
    fields = tuple(found.state.folds) if found.field is None else (found.field,)
    return Table(
        ("field", "value", f"{axis}_from", f"{axis}_to", "opened_by", "closed_by", "unsettled"),
        [
            (
                field,
                _said(period.values[field], found.named),
                iso(period.begins, zone),
                iso(period.ends, zone),
                told["opened_by"],
                told["closed_by"],
                told["unsettled"].get(field, []),
            )
            for period in found.periods
            for told in (period.as_dict(),)
            for field in fields
            if found.field is not None or field in period.changed
        ],
    )


def of_plans(found: Iterable[Plan], zone: ZoneInfo | None) -> Table:
    """A row for each date announced for a plan: the first one, and each slip, with when it became known."""
    from timeline.values import iso

    columns = ("field", "key", "before", "after", "known_at", "record", "outcome", "actual")
    return Table(
        columns,
        [
            (told["field"], told["key"], before, after, known, record, told["outcome"], told["actual"])
            for plan in found
            for told in (plan.as_dict(),)
            for before, after, known, record in [
                (None, told["first"], None, None),
                *(
                    (said["before"], said["after"], iso(one.known_at, zone), one.record.position)
                    for one, said in zip(plan.slips, told["slips"], strict=True)
                ),
            ]
        ],
    )


def of_diff(found: Diff) -> Table:
    """A row for each field that differs, then one for each record that is a cause."""
    return Table(
        ("what", "fields", "before", "after", "position", "summary", "superseded_by"),
        [
            (
                "changed",
                one.field,
                _said(one.before, found.before.named),
                _said(one.after, found.after.named),
                None,
                None,
                None,
            )
            for one in found.changes
        ]
        + [
            (one.kind, list(one.fields), None, None, one.record.position, one.record.summary, one.by)
            for one in found.causes
        ],
    )


def of_check(found: Findings, zone: ZoneInfo | None) -> Table:
    """A row for each violation; when it holds in UTC or a zone, the last bound exclusive."""
    from timeline.values import iso

    return Table(
        ("rule", "certain", "valid_from", "valid_to", "message", "records", "entities"),
        [
            (
                told["rule"],
                told["certain"],
                iso(one.valid_from, zone),
                iso(one.valid_to, zone),
                told["message"],
                _places(one.records),
                told["entities"],
            )
            for one in found.violations
            for told in (one.as_dict(),)
        ],
    )


def of_report(found: Report) -> Table:
    """A row for each fault."""
    return Table(
        ("what", "position", "problem", "derived"),
        [(one.what, one.position, one.problem, one.derived) for one in found.faults],
    )


def of_entities(found: Iterable[Listed]) -> Table:
    """A row for each entity."""
    return Table(
        ("id", "name", "names", "records", "first", "last", "read_as"),
        [
            (
                one.id,
                one.name,
                [name.name for name in one.names],
                one.records,
                one.first,
                one.last,
                one.read_as,
            )
            for one in found
        ],
    )


def of_sources(found: Iterable[Relied]) -> Table:
    """A row for each source."""
    return Table(("source", "records", "alone"), [(one.source, one.records, one.alone) for one in found])


def of_single_sourced(found: SingleSourced, zone: ZoneInfo | None) -> Table:
    """A row for each record, under the source that it rests on; since when known in UTC or a zone."""
    columns = ("source", "fields", "position", "ref", "occurred", "known_at", "credence", "summary")
    return Table(
        columns,
        [
            (leaning.source, list(leaning.fields), *_record(record, zone)[:-1])
            for leaning in found.by_source
            for record in leaning.records
        ],
    )


def of_types(catalogue: Catalogue) -> Table:
    """A row for each event type, state and rule."""
    return Table(
        ("is", "name", "says"),
        [
            *(("event", name, kind.summary) for name, kind in sorted(catalogue.events.items())),
            *(("state", name, kind.summary) for name, kind in sorted(catalogue.states.items())),
            *(("rule", name, rule.says) for name, rule in catalogue.rules.items()),
        ],
    )


def of_event_type(kind: EventType) -> Table:
    """A row for each field of an event type."""
    return Table(
        ("field", "kind", "needed", "choices"),
        [
            ("occurred", "when", True, []),
            *((one.name, one.kind.name, one.required, list(one.choices)) for one in kind.fields),
        ],
    )


def of_state_type(kind: StateType) -> Table:
    """A row for each field of a state."""
    return Table(
        ("field", "is", "from"), [(name, fold.kind, list(fold.types)) for name, fold in kind.folds.items()]
    )
