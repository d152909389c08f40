"""The replay: what the events that enter a state come to, at a point or from instant to instant.

Each fold is here once, as what takes in events in the order in which they count: all up to a point at once,
or those of one instant after the other.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import groupby
from operator import attrgetter
from typing import Any, Final, NamedTuple

import attrs

from timeline.records import Record
from timeline.values import BEGINNING, END, TICK, Funds, Reading, exactly
from timeline.vocabulary import ByField, Event, Feeding, Fold, Slot, StateType, read_as, what_feeds

_AS_WRITTEN: Final[Mapping[str, str]] = {}


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
    def value(self) -> Any:
        """What its fold takes from the event."""
        return self.feeding.feed.value(self.event)

    @property
    def given(self) -> Any:
        """What its field holds by it."""
        return self.feeding.given(self.event)

    @property
    def runs_out(self) -> datetime | None:
        """The first instant at which what it opens has run out, if it sets a term."""
        return runs_out(self.feeding, self.event)

    def begins_with(self, other: Entry) -> bool:
        """Whether its date is the very same span, so that the order of both is certain."""
        return self.earliest == other.earliest and self.latest == other.latest


Entries = Mapping[str, Mapping[Slot, Sequence[Entry]]]
"""The events that enter a state, by field and slot."""


def entered(
    state: StateType, who: Sequence[str], records: Iterable[Record], ids: Mapping[str, str] = _AS_WRITTEN
) -> Entries:
    """By field and slot, the events that enter the state of `who`, with ids read as others."""
    key = tuple(sorted(who))
    found: dict[str, dict[Slot, list[Entry]]] = {}
    if len(set(key)) < len(key):
        return found
    for record in records:
        said = what_feeds(record.event, record.credence)
        if said is None:
            continue
        event = read_as(said, ids)
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


def surely(record: Record) -> tuple[datetime, int]:
    """From when on what a record tells has surely happened, and its place among others of that instant."""
    latest = None if record.occurred is None else record.occurred.latest
    return latest or END, record.origin


def runs_out(feeding: Feeding, event: Event) -> datetime | None:
    """The first instant at which what an event opens has run out, if it sets a term that ends."""
    until = feeding.term(event)
    return None if until is None or until.latest is None else until.latest + TICK


def sortable(slot: Slot) -> tuple[tuple[bool, str], ...]:
    """By what slots are ordered: as texts, what is not given last."""
    return tuple((part is None, str(part)) for part in slot)


def opened(opener: Entry | None, entry: Entry) -> Entry | None:
    """What is open after an event: the event if it starts something; nothing if it ends what was; or that.

    An end closes what is held if it names it, or names nothing.
    """
    if not entry.feeding.closes:
        return entry
    if opener is None or entry.feeding.feed.attribute is None:
        return None
    return None if entry.value is None or entry.value == opener.value else opener


_ORDERS: Final = {"latest": attrgetter("latest", "origin"), "earliest": attrgetter("earliest", "origin")}
_BOUNDS: Final = {"latest": attrgetter("latest"), "earliest": attrgetter("earliest")}


def counted(entries: Iterable[Entry], at: datetime, dates: Reading) -> list[Entry]:
    """The entries that count at a point, in the order of replay: by bound, then by origin."""
    if dates == "latest":
        found = [entry for entry in entries if entry.latest <= at]
    else:
        found = [entry for entry in entries if entry.earliest <= at]
    if len(found) > 1:
        found.sort(key=_ORDERS[dates])
    return found


# At a point


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


def replay(
    state: StateType, who: Sequence[str], records: Iterable[Record], at: datetime, dates: Reading
) -> Answer:
    """Fold the records that stand into the fields of a state of `who`.

    `at` is an aware UTC instant: the point asked about. Records that are denied, or that do not touch `who`,
    change nothing.
    """
    return folded(state, entered(state, who, records), at, dates)


def folded(state: StateType, entries: Entries, at: datetime, dates: Reading) -> Answer:
    """The same of events entered before."""
    values: dict[str, Any] = {}
    because: dict[str, tuple[Record, ...]] = {}
    unsettled: dict[str, tuple[Record, ...]] = {}
    for field, fold in state.folds.items():
        slots = entries.get(field)
        if not slots:
            values[field] = nothing(fold)
            continue
        told: dict[Any, Any] = {}
        reasons: list[list[Record]] = []
        doubts: list[list[Record]] = []
        for slot in sorted(slots, key=sortable) if len(slots) > 1 else slots:
            several = slots[slot]
            run = _FOLDS[fold.kind](fold, dates)
            run.take(counted(several, at, dates))
            value = run.value(at)
            if not fold.keyed or run.present(value):
                told[fold.key(slot)] = value
            reasons.append([entry.record for entry in run.because])
            straddling = [entry.record for entry in several if entry.latest > at >= entry.earliest]
            doubts.append([*straddling, *run.doubtful(at, value)])
        values[field] = told if fold.keyed else told[None]
        because[field], unsettled[field] = ordered(reasons), ordered(doubts)
    fields = tuple(state.folds)
    return Answer(values, ByField(fields, because), ByField(fields, unsettled))


def nothing(fold: Fold) -> Any:
    """The value of a field that nothing was said of."""
    return {} if fold.keyed else _FOLDS[fold.kind](fold, "latest").value(END)


def ordered(groups: Sequence[Sequence[Record]]) -> tuple[Record, ...]:
    """Records each once, by position."""
    if not any(groups):
        return ()
    if len(groups) == 1 and len(groups[0]) < 2:
        return tuple(groups[0])
    found = {record.position: record for group in groups for record in group}
    return tuple(found[position] for position in sorted(found))


# From instant to instant


@attrs.frozen(kw_only=True)
class Step:
    """What is so of a slot from an instant on; `present` says whether a mapping lists it.

    `changed` says whether that is another value than before, and `behind` are the records that set it last.
    `gained` and `lost` are the records that from then on leave it unsettled, or no longer do.
    """

    at: datetime
    present: bool
    value: Any
    changed: bool
    behind: tuple[Record, ...]
    gained: tuple[Record, ...]
    lost: tuple[Record, ...]


def steps(fold: Fold, entries: Sequence[Entry], dates: Reading) -> Iterator[Step]:
    """The steps of one slot in order: the beginning of time, then wherever events count or doubts change."""
    run = _FOLDS[fold.kind](fold, dates)
    counting = {
        at: list(several) for at, several in groupby(counted(entries, END - TICK, dates), key=_BOUNDS[dates])
    }
    begun: dict[datetime, list[Record]] = {}
    surely: dict[datetime, list[Record]] = {}
    for entry in entries:
        if entry.earliest < entry.latest:
            begun.setdefault(entry.earliest, []).append(entry.record)
            surely.setdefault(entry.latest, []).append(entry.record)
    now: tuple[bool, Any] = (False, None)
    doubts: dict[int, Record] = {}
    for at in _instants(entries):
        newly = counting.get(at, ())
        run.take(newly)
        value = run.value(at)
        present = run.present(value)
        told = (present, value if present else None) if fold.keyed else (True, value)
        doubtful = {record.position: record for record in run.doubtful(at, value)}
        gained = [*begun.get(at, ()), *(one for place, one in doubtful.items() if place not in doubts)]
        lost = [*surely.get(at, ()), *(one for place, one in doubts.items() if place not in doubtful)]
        changed = at > BEGINNING and told != now
        if changed or newly or gained or lost or at == BEGINNING:
            yield Step(
                at=at,
                present=present,
                value=value,
                changed=changed,
                behind=tuple(one.record for one in run.reasons),
                gained=tuple(gained),
                lost=tuple(lost),
            )
        now, doubts = told, doubtful


def _instants(entries: Iterable[Entry]) -> list[datetime]:
    """The beginning of time, and every instant at which a slot may change."""
    found: set[datetime | None] = {BEGINNING}
    for entry in entries:
        found |= {entry.earliest, entry.latest, entry.runs_out}
    return sorted(one for one in found if one is not None and one != END)


# The folds


class _Count:
    """The number of events; also what all folds have that take each event in.

    `because` are the events that the value rests on, and `reasons` those that changed it last.
    """

    def __init__(self, fold: Fold, dates: Reading) -> None:
        self.fold, self.dates = fold, dates
        self.counted: list[Entry] = []
        self.reasons: Sequence[Entry] = ()
        self.doubts: list[Record] = []

    @property
    def because(self) -> Sequence[Entry]:
        return self.counted

    def take(self, newly: Sequence[Entry]) -> None:
        """Take in the events that count from now on, in order."""
        self.counted += newly
        self.reasons = newly

    def value(self, _at: datetime) -> Any:
        """What the events come to by an instant at which no other counts yet."""
        return len(self.counted)

    def present(self, _value: Any) -> bool:
        """Whether a mapping lists the slot."""
        return bool(self.counted)

    def doubtful(self, _at: datetime, _value: Any) -> Iterable[Record]:
        """The records that might give another value if they came last, or first, as they may."""
        return self.doubts

    def _not_before(self, decisive: Entry) -> Iterator[Entry]:
        """The entries whose order to the decisive one is not certain."""
        for entry in reversed(self.counted):
            if entry.latest < decisive.earliest:
                if self.dates == "latest":
                    return
                continue
            if not entry.begins_with(decisive):
                yield entry


class _Total(_Count):
    """The sum of an attribute."""

    def __init__(self, fold: Fold, dates: Reading) -> None:
        super().__init__(fold, dates)
        self._sum: Any = Funds() if fold.sums_money else 0

    def take(self, newly: Sequence[Entry]) -> None:
        super().take(newly)
        if not newly:
            return
        if self.fold.sums_money:
            self._sum = self._sum.plus((entry.value, entry.jointly) for entry in newly)
            return
        with exactly():
            self._sum = sum((entry.value for entry in newly if entry.value is not None), self._sum)

    def value(self, _at: datetime) -> Any:
        return self._sum


class _First(_Count):
    """What the first event gives."""

    def take(self, newly: Sequence[Entry]) -> None:
        if newly and not self.counted:
            self.counted = [newly[0]]
            self.reasons, newly = self.counted, newly[1:]
        for entry in newly:
            decisive = self.counted[0]
            near = entry.earliest <= decisive.latest and not entry.begins_with(decisive)
            if near and entry.value != decisive.value:
                self.doubts.append(entry.record)

    def value(self, _at: datetime) -> Any:
        return self.counted[0].value if self.counted else None


class _Last(_Count):
    """What the last event gives."""

    @property
    def because(self) -> Sequence[Entry]:
        return self.counted[-1:]

    def take(self, newly: Sequence[Entry]) -> None:
        if newly:
            self.counted += newly
            self.reasons = newly[-1:]
            value = newly[-1].value
            self.doubts = [one.record for one in self._not_before(newly[-1]) if one.value != value]

    def value(self, _at: datetime) -> Any:
        return self.counted[-1].value if self.counted else None


class _Held(_Count):
    """What a start opened that no end closed and whose term has not run out."""

    def __init__(self, fold: Fold, dates: Reading) -> None:
        super().__init__(fold, dates)
        self._opener: Entry | None = None
        self._rivals: Sequence[Entry] = ()

    @property
    def because(self) -> Sequence[Entry]:
        return self.reasons

    def take(self, newly: Sequence[Entry]) -> None:
        self.counted += newly
        for entry in newly:
            after = opened(self._opener, entry)
            if after is not self._opener:
                self._opener, self.reasons = after, (entry,)
        if newly and self.reasons:
            self._rivals = list(self._not_before(self.reasons[0]))

    def value(self, at: datetime) -> Any:
        return _given(self._opener, at)

    def present(self, value: Any) -> bool:
        return value is not None

    def doubtful(self, at: datetime, value: Any) -> Iterable[Record]:
        return [one.record for one in self._rivals if _given(opened(self._opener, one), at) != value]


def _given(opener: Entry | None, at: datetime) -> Any:
    """What an opener gives at a point: nothing once its term has run out."""
    if opener is None:
        return None
    out = opener.runs_out
    return None if out is not None and out <= at else opener.given


class _Function(_Count):
    """What a function makes of one event after another."""

    def __init__(self, fold: Fold, dates: Reading) -> None:
        super().__init__(fold, dates)
        self._value = fold.initial

    def take(self, newly: Sequence[Entry]) -> None:
        super().take(newly)
        if newly:
            self._value = self._stepped(self._value, newly)
            rivals = self._not_before(newly[-1])
            self.doubts = [one.record for one in rivals if self._were_last(one) != self._value]

    def _were_last(self, rival: Entry) -> Any:
        return self._stepped(self.fold.initial, [*(one for one in self.counted if one is not rival), rival])

    def _stepped(self, value: Any, entries: Iterable[Entry]) -> Any:
        for entry in entries:
            value = self.fold.step(value, entry.event) if self.fold.step is not None else value
        return value

    def value(self, _at: datetime) -> Any:
        return self._value


_FOLDS: Final[Mapping[str, type[_Count]]] = {
    "count": _Count,
    "total": _Total,
    "first": _First,
    "last": _Last,
    "held": _Held,
    "fold": _Function,
}
