"""The folds run through time: what the events of one slot come to from each instant at which that may change.

It is what `replay` gives at every point, found in one pass over the events.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from operator import attrgetter
from typing import Any, Final, Protocol

import attrs

from timeline.moment.replay import BEGINNING, END, Entry, closes, open_value, spans_differ, stepped
from timeline.records import Record
from timeline.values import TICK, Funds, Reading, exactly
from timeline.vocabulary import Fold

__all__ = ["Step", "steps", "term"]


@attrs.frozen(kw_only=True)
class Step:
    """What is so of a slot from an instant on; `present` says whether a mapping lists it.

    `changed` says whether that is another value than before, and `reasons` by which records. `gained` and
    `lost` are the records that from then on leave it unsettled, or no longer do.
    """

    at: datetime
    present: bool
    value: Any
    changed: bool
    reasons: tuple[Record, ...]
    gained: tuple[Record, ...]
    lost: tuple[Record, ...]


def steps(fold: Fold, entries: Sequence[Entry], dates: Reading) -> Iterator[Step]:
    """The steps of one slot in order; the first is at the beginning of time, each other changes something."""
    run = _RUNS[fold.kind](fold, dates)
    due = _Due(entries, dates)
    now: tuple[bool, Any] = (False, None)
    doubts: dict[int, Record] = {}
    for at in _instants(fold, entries):
        run.take(due.counted(at))
        present, value = run.value(at)
        told = (present, value if present else None) if fold.keyed else (True, value)
        straddling = due.straddling(at)
        doubtful = {record.position: record for record in run.doubtful(at, value)}
        lost = [*straddling[1], *(one for place, one in doubts.items() if place not in doubtful)]
        gained = [*straddling[0], *(one for place, one in doubtful.items() if place not in doubts)]
        changed = at > BEGINNING and told != now
        if changed or gained or lost or at == BEGINNING:
            yield Step(
                at=at,
                present=present,
                value=value,
                changed=changed,
                reasons=tuple(one.record for one in run.reasons) if changed else (),
                gained=tuple(gained),
                lost=tuple(lost),
            )
        now, doubts = told, doubtful


def term(fold: Fold, entry: Entry) -> datetime | None:
    """The first instant at which what an event opened has run out, if it has a term."""
    until = None if fold.until is None or entry.closes else getattr(entry.event, fold.until)
    return None if until is None or until.latest is None else until.latest + TICK


def _instants(fold: Fold, entries: Iterable[Entry]) -> list[datetime]:
    """The beginning of time, and every instant at which the slot may change."""
    found = {BEGINNING}
    for entry in entries:
        found |= {entry.earliest, entry.latest}
        if (out := term(fold, entry)) is not None:
            found.add(out)
    found.discard(END)
    return sorted(found)


class _Due:
    """The entries of a slot in the order in which they count, and begin and cease to be uncertain."""

    def __init__(self, entries: Iterable[Entry], dates: Reading) -> None:
        bound = attrgetter(dates)
        self._bound = bound
        counting = [entry for entry in entries if bound(entry) < END]
        counting.sort(key=lambda entry: (bound(entry), entry.record.origin))
        self._counting, self._next = counting, 0
        self._starts: dict[datetime, list[Record]] = {}
        self._ends: dict[datetime, list[Record]] = {}
        for entry in entries:
            if entry.earliest < entry.latest:
                self._starts.setdefault(entry.earliest, []).append(entry.record)
                self._ends.setdefault(entry.latest, []).append(entry.record)

    def counted(self, at: datetime) -> list[Entry]:
        """Those that count from an instant on and did not before; instants are asked about in order."""
        first = self._next
        while self._next < len(self._counting) and self._bound(self._counting[self._next]) <= at:
            self._next += 1
        return self._counting[first : self._next]

    def straddling(self, at: datetime) -> tuple[Sequence[Record], Sequence[Record]]:
        """The records that may have happened from an instant on, and those that surely have."""
        return self._starts.get(at, ()), self._ends.get(at, ())


class _Run(Protocol):
    """A fold that takes events in as they count; `reasons` are those that its value changed by last."""

    reasons: Sequence[Entry]

    def __init__(self, fold: Fold, dates: Reading) -> None: ...

    def take(self, newly: Sequence[Entry]) -> None: ...

    def value(self, at: datetime) -> tuple[bool, Any]: ...

    def doubtful(self, at: datetime, value: Any) -> Iterable[Record]: ...


class _Counting:
    """The number of events; also what all folds have that take each event in."""

    def __init__(self, fold: Fold, dates: Reading) -> None:
        self.fold, self.dates = fold, dates
        self.counted: list[Entry] = []
        self.reasons: Sequence[Entry] = ()

    def take(self, newly: Sequence[Entry]) -> None:
        self.counted += newly
        self.reasons = newly

    def value(self, _at: datetime) -> tuple[bool, Any]:
        return bool(self.counted), len(self.counted)

    def doubtful(self, _at: datetime, _value: Any) -> Iterable[Record]:
        return ()

    def _not_before(self, decisive: Entry) -> Iterator[Entry]:
        """The entries whose order to the decisive one is not certain."""
        for entry in reversed(self.counted):
            if entry.latest < decisive.earliest:
                if self.dates == "latest":
                    return
                continue
            if spans_differ(entry, decisive):
                yield entry


class _Summing(_Counting):
    """The sum of an attribute."""

    def __init__(self, fold: Fold, dates: Reading) -> None:
        super().__init__(fold, dates)
        self._sum: Any = Funds() if fold.sums_money else 0

    def take(self, newly: Sequence[Entry]) -> None:
        super().take(newly)
        if self.fold.sums_money:
            self._sum = (
                self._sum.plus((entry.value, entry.jointly) for entry in newly) if newly else self._sum
            )
            return
        with exactly():
            self._sum = sum((entry.value for entry in newly if entry.value is not None), self._sum)

    def value(self, _at: datetime) -> tuple[bool, Any]:
        return bool(self.counted), self._sum


class _First(_Counting):
    """What the first event gives."""

    def __init__(self, fold: Fold, dates: Reading) -> None:
        super().__init__(fold, dates)
        self._doubts: list[Record] = []

    def take(self, newly: Sequence[Entry]) -> None:
        if newly and not self.counted:
            self.counted = [newly[0]]
            self.reasons, newly = self.counted, newly[1:]
        for entry in newly:
            decisive = self.counted[0]
            near = entry.earliest <= decisive.latest and spans_differ(entry, decisive)
            if near and entry.value != decisive.value:
                self._doubts.append(entry.record)

    def value(self, _at: datetime) -> tuple[bool, Any]:
        return bool(self.counted), self.counted[0].value if self.counted else None

    def doubtful(self, _at: datetime, _value: Any) -> Iterable[Record]:
        return self._doubts


class _Last(_Counting):
    """What the last event gives."""

    def __init__(self, fold: Fold, dates: Reading) -> None:
        super().__init__(fold, dates)
        self._doubts: list[Record] = []

    def take(self, newly: Sequence[Entry]) -> None:
        if newly:
            self.counted += newly
            self.reasons = newly[-1:]
            value = newly[-1].value
            rivals = self._not_before(newly[-1])
            self._doubts = [entry.record for entry in rivals if entry.value != value]

    def value(self, _at: datetime) -> tuple[bool, Any]:
        return bool(self.counted), self.counted[-1].value if self.counted else None

    def doubtful(self, _at: datetime, _value: Any) -> Iterable[Record]:
        return self._doubts


class _Holding(_Counting):
    """What a start opened that no end closed and whose term has not run out."""

    def __init__(self, fold: Fold, dates: Reading) -> None:
        super().__init__(fold, dates)
        self._opener: Entry | None = None
        self._rivals: list[Entry] = []

    def take(self, newly: Sequence[Entry]) -> None:
        self.counted += newly
        decisive = self.reasons
        for entry in newly:
            if not entry.closes:
                self._opener, decisive = entry, (entry,)
            elif self._opener is not None and closes(entry, self._opener):
                self._opener, decisive = None, (entry,)
        self.reasons = decisive
        if newly and decisive:
            self._rivals = list(self._not_before(decisive[0]))

    def value(self, at: datetime) -> tuple[bool, Any]:
        value = open_value(self.fold, self._opener, at)
        return value is not None, value

    def doubtful(self, at: datetime, value: Any) -> Iterable[Record]:
        for rival in self._rivals:
            opener = self._opener
            after = rival if not rival.closes else None if opener and closes(rival, opener) else opener
            if open_value(self.fold, after, at) != value:
                yield rival.record


class _Folding(_Counting):
    """What a function makes of one event after another."""

    def __init__(self, fold: Fold, dates: Reading) -> None:
        super().__init__(fold, dates)
        self._value = fold.initial
        self._doubts: list[Record] = []

    def take(self, newly: Sequence[Entry]) -> None:
        super().take(newly)
        for entry in newly:
            self._value = self.fold.step(self._value, entry.event) if self.fold.step else self._value
        if newly:
            rivals = self._not_before(newly[-1])
            self._doubts = [entry.record for entry in rivals if self._were_last(entry) != self._value]

    def _were_last(self, rival: Entry) -> Any:
        return stepped(self.fold, [*(entry for entry in self.counted if entry is not rival), rival])

    def value(self, _at: datetime) -> tuple[bool, Any]:
        return bool(self.counted), self._value

    def doubtful(self, _at: datetime, _value: Any) -> Iterable[Record]:
        return self._doubts


_RUNS: Final[dict[str, type[_Run]]] = {
    "count": _Counting,
    "total": _Summing,
    "first": _First,
    "last": _Last,
    "held": _Holding,
    "fold": _Folding,
}
