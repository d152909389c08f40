"""How the fields of a state run through time: the turns at which an answer becomes another, and by what."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol

import attrs

from timeline.moment.dossier import View
from timeline.moment.replay import BEGINNING, Entry, nothing, ordered, sortable
from timeline.moment.running import Step, steps
from timeline.records import Record
from timeline.values import Reading
from timeline.vocabulary import ByField, Fold, Slot

__all__ = ["Seen", "Turn", "sampled", "turns"]


class Seen(Protocol):
    """The fields of a state at one point: values, the records behind them, and those that unsettle them."""

    @property
    def values(self) -> Mapping[str, Any]:
        """By field, the values."""
        ...

    @property
    def because(self) -> ByField:
        """By field, the records behind it."""
        ...

    @property
    def unsettled(self) -> ByField:
        """By field, the records that may yet change it."""
        ...


@attrs.frozen(kw_only=True)
class Turn:
    """An instant from which on an answer is another: which fields changed, and by which records."""

    at: datetime
    changed: tuple[str, ...]
    reasons: tuple[Record, ...]
    seen: Seen


@attrs.frozen
class _Glimpse:
    """What the courses of some fields hold from an instant on, looked up when asked for."""

    courses: Mapping[str, _Course]
    at: datetime
    view: View
    dates: Reading

    @property
    def values(self) -> Mapping[str, Any]:
        return {name: course.value(self.at) for name, course in self.courses.items()}

    @property
    def because(self) -> ByField:
        return self.view.at(self.at, self.dates).because.of(tuple(self.courses))

    @property
    def unsettled(self) -> ByField:
        found = {name: course.unsettled(self.at) for name, course in self.courses.items()}
        return ByField(tuple(found), found)


class _Course:
    """One field through all time: from when to when each slot held what, and what unsettled the field."""

    def __init__(self, fold: Fold, slots: Mapping[Slot, Sequence[Entry]], dates: Reading) -> None:
        self._fold = fold
        self.steps = {slot: list(steps(fold, slots[slot], dates)) for slot in sorted(slots, key=sortable)}
        self._told = {slot: [one for one in several if _tells(one)] for slot, several in self.steps.items()}
        self._doubts: dict[int, int] = {}
        self._doubtful: dict[int, Record] = {}
        self._unsettled: list[tuple[datetime, tuple[Record, ...]]] = []

    def value(self, at: datetime) -> Any:
        """The value of the field at an instant."""
        told = {slot: _at(several, at) for slot, several in self._told.items()}
        if not self._fold.keyed:
            return told[()].value if told else nothing(self._fold)
        single = len(self._fold.per) == 1
        return {slot[0] if single else slot: one.value for slot, one in told.items() if one.present}

    def unsettled(self, at: datetime) -> tuple[Record, ...]:
        """The records that leave the field unsettled at an instant."""
        place = bisect_right(self._unsettled, at, key=_when)
        return self._unsettled[place - 1][1] if place else ()

    def turn(self, at: datetime, several: Sequence[Step]) -> tuple[Record, ...] | None:
        """What changed the field by the steps of its slots at an instant; None where it stays the same."""
        doubted = self._doubt(at, several)
        told = [record for one in several for record in one.reasons]
        changed = any(one.changed for one in several)
        return tuple(told) if changed else doubted or None

    def _doubt(self, at: datetime, several: Sequence[Step]) -> tuple[Record, ...]:
        """Note what unsettles the field from an instant on; gives back the records that differ."""
        moved: dict[int, tuple[Record, int]] = {}
        for one in several:
            for record in one.gained:
                moved[record.position] = record, moved.get(record.position, (record, 0))[1] + 1
            for record in one.lost:
                moved[record.position] = record, moved.get(record.position, (record, 0))[1] - 1
        flipped = []
        for place, (record, by) in moved.items():
            before = self._doubts.get(place, 0)
            self._doubts[place] = before + by
            if (before > 0) != (before + by > 0):
                flipped.append(record)
        for record in flipped:
            if record.position in self._doubtful:
                del self._doubtful[record.position]
            else:
                self._doubtful[record.position] = record
        if flipped:
            self._unsettled.append((at, ordered([tuple(self._doubtful.values())])))
        return tuple(flipped)


def turns(view: View, fields: Sequence[str], dates: Reading) -> Iterator[Turn]:
    """The turns of some fields over valid time in what a view shows; the first is the beginning of time."""
    courses: dict[str, _Course] = {}
    moves: dict[datetime, dict[str, list[Step]]] = {BEGINNING: {}}
    for name in fields:
        courses[name] = course = _Course(view.state.folds[name], _entries(view, name), dates)
        for several in course.steps.values():
            for step in several:
                moves.setdefault(step.at, {}).setdefault(name, []).append(step)
    for at in sorted(moves):
        found = {name: courses[name].turn(at, several) for name, several in moves[at].items()}
        changed = {name: reasons for name, reasons in found.items() if reasons is not None}
        first = at == BEGINNING
        if changed or first:
            yield Turn(
                at=at,
                changed=() if first else tuple(changed),
                reasons=() if first else ordered([*changed.values(), ()]),
                seen=_Glimpse(courses, at, view, dates),
            )


def _entries(view: View, field: str) -> dict[Slot, Sequence[Entry]]:
    """The entries of a field that are in view, by slot; slots without any are left out."""
    found = {
        slot: [entry for entry in several if entry.record.position not in view.unseen]
        for slot, several in view.entries.get(field, {}).items()
    }
    return {slot: several for slot, several in found.items() if several}


def _tells(step: Step) -> bool:
    """Whether the value of a slot begins with a step."""
    return step.changed or step.at == BEGINNING


def _at(several: Sequence[Step], at: datetime) -> Step:
    return several[bisect_right(several, at, key=_instant) - 1]


def _instant(step: Step) -> datetime:
    return step.at


def _when(pair: tuple[datetime, Any]) -> datetime:
    return pair[0]


def sampled(
    instants: Iterable[datetime],
    fields: Sequence[str],
    look: Callable[[datetime], Seen],
    reasons: Callable[[datetime, Seen, Seen, Sequence[str]], tuple[Record, ...]],
) -> Iterator[Turn]:
    """The turns of what a look shows, which changes at some instants only; the first: the beginning of time.

    `reasons` tells, for an instant, what was seen before and is from then on, and the fields that changed,
    which records changed them.
    """
    before: Seen | None = None
    for at in sorted({BEGINNING, *instants}):
        seen = look(at)
        if before is None:
            yield Turn(at=at, changed=(), reasons=(), seen=seen)
        elif changed := tuple(name for name in fields if _differ(before, seen, name)):
            yield Turn(at=at, changed=changed, reasons=reasons(at, before, seen, changed), seen=seen)
        before = seen


def _differ(one: Seen, other: Seen, field: str) -> bool:
    before, after = ([record.position for record in seen.unsettled[field]] for seen in (one, other))
    return before != after or bool(one.values[field] != other.values[field])
