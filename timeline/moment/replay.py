"""The Python executor: one state of one entity or pair, folded from the records that stand."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from operator import attrgetter
from typing import Any, Final, NamedTuple

import attrs

from timeline.records import Record
from timeline.values import Funds, Reading, exactly
from timeline.vocabulary import ByField, Event, Feeding, Fold, Slot, StateType, read_as

__all__ = [
    "BEGINNING",
    "END",
    "Answer",
    "Entries",
    "Entry",
    "closes",
    "entered",
    "folded",
    "nothing",
    "open_value",
    "ordered",
    "replay",
    "sortable",
    "spans_differ",
    "stepped",
]

BEGINNING: Final = datetime.min.replace(tzinfo=UTC)
END: Final = datetime.max.replace(tzinfo=UTC)
_AS_WRITTEN: Final[Mapping[str, str]] = {}


@attrs.frozen
class Answer:
    """The values of a state's fields, the records each rests on, and those that leave it unsettled."""

    values: Mapping[str, Any]
    because: ByField
    unsettled: ByField

    def of(self, fields: Sequence[str]) -> Answer:
        """The same of some fields only."""
        values = {name: self.values[name] for name in fields}
        return Answer(values, self.because.of(fields), self.unsettled.of(fields))


class Entry(NamedTuple):
    """One event as it enters one slot of one fold; unbounded dates are the ends of time.

    A tuple, since it is made and sorted more often than anything else here.
    """

    record: Record
    event: Event
    feeding: Feeding
    jointly: bool
    origin: int
    earliest: datetime
    latest: datetime

    @property
    def closes(self) -> bool:
        """Whether it closes what another opened."""
        return self.feeding.closes

    @property
    def value(self) -> Any:
        """What its fold takes from the event."""
        return self.feeding.feed.value(self.event)


_ORDERS: Final = {"latest": attrgetter("latest", "origin"), "earliest": attrgetter("earliest", "origin")}

Entries = Mapping[str, Mapping[Slot, list[Entry]]]
"""The events that enter a state, by field and slot."""


class _Outcome(NamedTuple):
    """What the entries of one slot come to; `present` says whether a mapping lists the slot."""

    value: Any
    present: bool
    because: tuple[Record, ...] = ()
    unsettled: tuple[Record, ...] = ()


@attrs.frozen
class _Point:
    """The point asked about, and the bound by which events count and are ordered."""

    at: datetime
    dates: Reading

    def counted(self, entries: Iterable[Entry]) -> list[Entry]:
        """The entries that count, in the order of replay: by bound, then by origin."""
        at = self.at
        if self.dates == "latest":
            inside = [entry for entry in entries if entry.latest <= at]
        else:
            inside = [entry for entry in entries if entry.earliest <= at]
        if len(inside) > 1:
            inside.sort(key=_ORDERS[self.dates])
        return inside

    def straddling(self, entries: Iterable[Entry]) -> Iterator[Record]:
        """The records that may or may not have happened by the point."""
        at = self.at
        return (entry.record for entry in entries if entry.latest > at >= entry.earliest)


def replay(
    state: StateType, who: Sequence[str], records: Iterable[Record], at: datetime, dates: Reading
) -> Answer:
    """Fold the records that stand into the fields of a state of `who`.

    `at` is an aware UTC instant: the point asked about. Records that are denied, or that do not touch `who`,
    change nothing.
    """
    return folded(state, entered(state, who, records), at, dates)


def folded(
    state: StateType, entries: Entries, at: datetime, dates: Reading, without: Container[int] = ()
) -> Answer:
    """The same of events entered before; those of records at positions in `without` are left out."""
    point = _Point(at, dates)
    values: dict[str, Any] = {}
    because: dict[str, tuple[Record, ...]] = {}
    unsettled: dict[str, tuple[Record, ...]] = {}
    for field, fold in state.folds.items():
        slots = entries.get(field)
        if not slots:
            values[field] = nothing(fold)
            continue
        outcomes = {}
        for slot in sorted(slots, key=sortable) if len(slots) > 1 else slots:
            seen = slots[slot]
            if without:
                seen = [entry for entry in seen if entry.record.position not in without]
            outcomes[slot] = _FOLDS[fold.kind](fold, seen, point)
        if fold.keyed:
            single = len(fold.per) == 1
            values[field] = {
                slot[0] if single else slot: outcome.value
                for slot, outcome in outcomes.items()
                if outcome.present
            }
        else:
            values[field] = outcomes[()].value
        because[field] = ordered([outcome.because for outcome in outcomes.values()])
        unsettled[field] = ordered([outcome.unsettled for outcome in outcomes.values()])
    fields = tuple(state.folds)
    return Answer(values, ByField(fields, because), ByField(fields, unsettled))


def entered(
    state: StateType, who: Sequence[str], records: Iterable[Record], ids: Mapping[str, str] = _AS_WRITTEN
) -> Entries:
    """By field and slot, the events that enter the state of `who`, with ids read as others."""
    key = tuple(sorted(who))
    found: dict[str, dict[Slot, list[Entry]]] = {}
    if len(set(key)) < len(key):
        return found
    for record in records:
        if record.event is None or record.credence == "denied":
            continue
        event = read_as(record.event, ids)
        earliest, latest = event.occurred.earliest or BEGINNING, event.occurred.latest or END
        for feeding in state.feeding(type(event)):
            for slot, jointly in feeding.slots(event, key):
                entry = Entry(record, event, feeding, jointly, record.origin, earliest, latest)
                slots = found.setdefault(feeding.field, {})
                if slot in slots:
                    slots[slot].append(entry)
                else:
                    slots[slot] = [entry]
    return found


def nothing(fold: Fold) -> Any:
    """The value of a field that nothing was said of."""
    return {} if fold.keyed else _FOLDS[fold.kind](fold, [], _EVER).value


def sortable(slot: Slot) -> tuple[tuple[bool, str], ...]:
    """By what slots are ordered: as texts, what is not given last."""
    return tuple((part is None, str(part)) for part in slot)


def ordered(groups: Sequence[Sequence[Record]]) -> tuple[Record, ...]:
    """Records each once, by position."""
    if not any(groups):
        return ()
    if len(groups) == 1 and len(groups[0]) < 2:
        return tuple(groups[0])
    found = {record.position: record for group in groups for record in group}
    return tuple(found[position] for position in sorted(found))


def _count(_fold: Fold, entries: list[Entry], point: _Point) -> _Outcome:
    counted = point.counted(entries)
    return _outcome(len(counted), bool(counted), counted, point.straddling(entries))


def _total(fold: Fold, entries: list[Entry], point: _Point) -> _Outcome:
    counted = point.counted(entries)
    value: Any
    if fold.sums_money:
        value = Funds.of((entry.value, entry.jointly) for entry in counted)
    else:
        with exactly():
            value = sum((entry.value for entry in counted if entry.value is not None), 0)
    return _outcome(value, bool(counted), counted, point.straddling(entries))


def _first(_fold: Fold, entries: list[Entry], point: _Point) -> _Outcome:
    counted = point.counted(entries)
    if not counted:
        return _outcome(None, False, (), point.straddling(entries))
    decisive, *others = counted
    rivals = [entry for entry in others if entry.earliest <= decisive.latest]
    return _decided(decisive, rivals, entries, point)


def _last(_fold: Fold, entries: list[Entry], point: _Point) -> _Outcome:
    counted = point.counted(entries)
    if not counted:
        return _outcome(None, False, (), point.straddling(entries))
    *others, decisive = counted
    rivals = [entry for entry in others if entry.latest >= decisive.earliest]
    return _decided(decisive, rivals, entries, point)


def _decided(decisive: Entry, rivals: list[Entry], entries: list[Entry], point: _Point) -> _Outcome:
    doubtful = [
        rival.record for rival in rivals if spans_differ(rival, decisive) and rival.value != decisive.value
    ]
    return _outcome(decisive.value, True, (decisive,), (*point.straddling(entries), *doubtful))


def _held(fold: Fold, entries: list[Entry], point: _Point) -> _Outcome:
    opener: Entry | None = None
    decisive: Entry | None = None
    counted = point.counted(entries)
    for entry in counted:
        if not entry.closes:
            opener = decisive = entry
        elif opener is not None and closes(entry, opener):
            opener, decisive = None, entry
    value = open_value(fold, opener, point.at)
    doubtful = []
    if decisive is not None:
        for rival in counted:
            if not spans_differ(rival, decisive) or rival.latest < decisive.earliest:
                continue
            after = rival if not rival.closes else None if opener and closes(rival, opener) else opener
            if open_value(fold, after, point.at) != value:
                doubtful.append(rival.record)
    reason = () if decisive is None else (decisive,)
    return _outcome(value, value is not None, reason, (*point.straddling(entries), *doubtful))


def closes(end: Entry, opener: Entry) -> bool:
    """Whether an end closes what is held: it names it, or names nothing."""
    named = end.value if end.feeding.feed.attribute is not None else None
    return named is None or named == opener.value


def open_value(fold: Fold, opener: Entry | None, at: datetime) -> Any:
    """What an opener gives at a point: nothing once its term has run out."""
    if opener is None:
        return None
    until = None if fold.until is None else getattr(opener.event, fold.until)
    if until is not None and (until.latest or END) < at:
        return None
    return opener.value if fold.gives is None else getattr(opener.event, fold.gives)


def _fold(fold: Fold, entries: list[Entry], point: _Point) -> _Outcome:
    counted = point.counted(entries)
    value = stepped(fold, counted)
    doubtful = [
        rival.record
        for rival in counted[:-1]
        if rival.latest >= counted[-1].earliest and spans_differ(rival, counted[-1])
        if stepped(fold, [*(entry for entry in counted if entry is not rival), rival]) != value
    ]
    return _outcome(value, bool(counted), counted, (*point.straddling(entries), *doubtful))


def stepped(fold: Fold, entries: Iterable[Entry]) -> Any:
    """What the function of a fold makes of events in order."""
    value = fold.initial
    for entry in entries:
        value = fold.step(value, entry.event) if fold.step is not None else value
    return value


def spans_differ(one: Entry, other: Entry) -> bool:
    """Whether the dates of two events are not the very same span, so that their order may be another."""
    return (one.earliest, one.latest) != (other.earliest, other.latest)


def _outcome(value: Any, present: bool, because: Iterable[Entry], unsettled: Iterable[Record]) -> _Outcome:
    return _Outcome(value, present, tuple(entry.record for entry in because), tuple(unsettled))


_FOLDS: Final[dict[str, Callable[[Fold, list[Entry], _Point], _Outcome]]] = {
    "count": _count,
    "total": _total,
    "first": _first,
    "last": _last,
    "held": _held,
    "fold": _fold,
}
_EVER: Final = _Point(END, "latest")
