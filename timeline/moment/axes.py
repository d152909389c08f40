"""How a state runs along an axis: over valid time, over known time, or over valid time as known then."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import Any

import attrs

from timeline.log import Log
from timeline.moment.history import Axis, History, Seen, Turn, periods
from timeline.moment.key import KeyLog, KeyView
from timeline.moment.replay import Entry, Step, nothing, ordered, runs_out, sortable, steps
from timeline.records import Record, judged
from timeline.values import BEGINNING, Basis, Reading, Span
from timeline.vocabulary import ByField, Fold, Slot, StateType


def history_of(
    key_log: KeyLog, log: Log, basis: Basis, *, field: str | None, axis: Axis, span: Span
) -> History:
    """The history of a key at a basis, of one field or of all.

    Over valid time the point of the basis does not matter; as known "then", each instant is told by what was
    known at it. Over known time it is that of the answer at that point, as far as it was known by the basis.
    """
    then = basis.then and axis == "valid"
    if then:
        basis = attrs.evolve(basis, known=None, known_point=None)
    fields = tuple(key_log.held.state.folds) if field is None else (field,)
    ids = key_log.held.same.ids(basis)
    entities = {*key_log.held.key, *(one for record in key_log.records for one in record.entities)}
    return History(
        state=key_log.held.state,
        who=tuple(sorted(ids.get(one, one) for one in key_log.held.key)),
        field=field,
        axis=axis,
        basis=basis,
        then=then,
        span=span,
        names=key_log.held.naming.shown(entities, basis, ids),
        periods=tuple(periods(_turns(key_log, log, basis, fields, axis, then), axis, field, span)),
    )


def _turns(
    key_log: KeyLog, log: Log, basis: Basis, fields: Sequence[str], axis: Axis, then: bool
) -> Iterator[Turn]:
    if axis == "valid" and not then:
        yield from _along_valid(key_log.view(basis), fields, basis.dates)
        return
    limit = basis.known_point
    instants = {one for one in key_log.knowns(basis) if limit is None or one <= limit}
    if then:
        instants |= datings(key_log.held.state, key_log.records)

    def look(at: datetime) -> Seen:
        view = key_log.view(attrs.evolve(basis, known_point=at))
        return view.at(at if then else basis.point, basis.dates).of(fields)

    causes = partial(_causes, _Learned.read(key_log, log, basis), then)
    yield from _sampled(instants, fields, look, causes)


# Over valid time


@attrs.frozen
class _Glimpse:
    """What the courses of some fields hold from an instant on, looked up when asked for."""

    courses: Mapping[str, _Course]
    at: datetime
    view: KeyView
    dates: Reading

    @property
    def values(self) -> Mapping[str, Any]:
        return {name: course.value(self.at) for name, course in self.courses.items()}

    @property
    def because(self) -> ByField:
        entries = {name: self.view.entries[name] for name in self.courses if name in self.view.entries}
        asked = attrs.evolve(self.view, entries=entries)
        return asked.at(self.at, self.dates).because.of(tuple(self.courses))

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
        return {self._fold.key(slot): one.value for slot, one in told.items() if one.present}

    def unsettled(self, at: datetime) -> tuple[Record, ...]:
        """The records that leave the field unsettled at an instant."""
        place = bisect_right(self._unsettled, at, key=_when)
        return self._unsettled[place - 1][1] if place else ()

    def turn(self, at: datetime, several: Sequence[Step]) -> tuple[Record, ...] | None:
        """What changed the field by the steps of its slots at an instant; None where it stays the same."""
        doubted = self._doubt(at, several)
        changed = [one for one in several if one.changed]
        return tuple(record for one in changed for record in one.behind) if changed else doubted or None

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


def _along_valid(view: KeyView, fields: Sequence[str], dates: Reading) -> Iterator[Turn]:
    """The turns of some fields over valid time in what a view shows; the first is the beginning of time."""
    courses: dict[str, _Course] = {}
    moves: dict[datetime, dict[str, list[Step]]] = {BEGINNING: {}}
    for name in fields:
        courses[name] = course = _Course(view.state.folds[name], view.entries.get(name, {}), dates)
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


def _tells(step: Step) -> bool:
    """Whether the value of a slot begins with a step."""
    return step.changed or step.at == BEGINNING


def _at(several: Sequence[Step], at: datetime) -> Step:
    return several[bisect_right(several, at, key=_instant) - 1]


def _instant(step: Step) -> datetime:
    return step.at


def _when(pair: tuple[datetime, Any]) -> datetime:
    return pair[0]


# Over known time, and as known then


def datings(state: StateType, records: Iterable[Record]) -> set[datetime]:
    """Every instant at which what the records tell may begin or end, by date or by term."""
    found: set[datetime | None] = set()
    for record in records:
        if record.event is not None:
            found |= {record.event.occurred.earliest, record.event.occurred.latest}
            for feeding in state.feeding(type(record.event)):
                found.add(runs_out(feeding, record.event))
    return {one for one in found if one is not None}


def _sampled(
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


@attrs.frozen
class _Learned:
    """By origin, all that was said that may change what stands; and the basis that it is looked at from.

    `state` is the state whose fields it may change, and `same` are the origins of what says who is the same.
    """

    state: StateType
    said: Mapping[int, Sequence[Record]]
    same: Collection[int]
    basis: Basis

    @classmethod
    def read(cls, key_log: KeyLog, log: Log, basis: Basis) -> _Learned:
        """What the log holds of the records of a key."""
        chains = key_log.held.evidence.chains or log.said_of(
            {record.origin for record in key_log.records}, key_log.records
        )
        return cls(
            key_log.held.state, {**chains, **key_log.held.same.chains}, key_log.held.same.chains.keys(), basis
        )

    def run_out(self, field: str, record: Record, at: datetime) -> bool:
        """Whether the term of what an event opens in a field runs out at an instant."""
        event = record.event
        feedings = () if event is None else self.state.feeding(type(event))
        return any(one.field == field and event and runs_out(one, event) == at for one in feedings)

    def feeding(self, fields: Sequence[str]) -> list[int]:
        """The origins of what enters some fields of the state, and of what says who is the same."""
        return [
            origin
            for origin, several in self.said.items()
            if origin in self.same
            or any(
                feeding.field in fields
                for one in several
                if one.event is not None
                for feeding in self.state.feeding(type(one.event))
            )
        ]

    def at(self, instant: datetime, origins: Iterable[int]) -> list[Record]:
        """What became known at an instant of some chains, and is in view then."""
        basis = attrs.evolve(self.basis, known_point=instant)
        return [
            one
            for origin in origins
            if any(one.known_at == instant for one in self.said.get(origin, ()))
            for one in self._in_view(self.said[origin], basis)
            if one.known_at == instant
        ]

    def _in_view(self, chain: Sequence[Record], basis: Basis) -> list[Record]:
        """What of a chain is in view; by a filter attestations too, since by these it lets through."""
        seen = judged([chain], basis).seen
        return [one for one in chain if one.position in seen and (basis.filter or one.kind != "attestation")]


def _causes(
    learned: _Learned, due: bool, at: datetime, before: Seen, now: Seen, changed: Sequence[str]
) -> tuple[Record, ...]:
    """The records that changed some fields at an instant: what became known then, and what is now `due`.

    As over valid time, a value changes by the records that it now rests on and did not before, or by one
    whose term has run out; where it stays the same, by those that unsettle it or no longer do.
    """
    told = learned.at(at, learned.feeding(changed))
    moved: dict[int, Record] = {}
    reasons: list[Record] = []
    for name in changed:
        rested, rests = ({one.position: one for one in seen.because[name]} for seen in (before, now))
        doubts, doubted = ({one.position: one for one in seen.unsettled[name]} for seen in (before, now))
        if before.values[name] != now.values[name]:
            dated, gone = _apart(rests, rested), _apart(rested, rests)
            reasons += [one for one in rests.values() if due and learned.run_out(name, one, at)]
        else:
            dated, gone = [*_apart(doubts, doubted), *_apart(doubted, doubts)], []
        reasons += [one for one in dated if due and (not told or _dated(one, at))]
        moved |= {one.position: one for one in (*dated, *gone)}
    reasons += learned.at(at, {one.origin for one in moved.values()}) if told else []
    reasons = reasons or told or list(moved.values())
    return ordered([tuple(reasons or [one for name in changed for one in now.because[name]]), ()])


def _apart(some: Mapping[int, Record], others: Mapping[int, Record]) -> list[Record]:
    """The records that are among some and not among others."""
    return [one for place, one in some.items() if place not in others]


def _dated(record: Record, at: datetime) -> bool:
    """Whether an event may have happened, or surely has, from an instant on."""
    when = record.occurred
    return when is not None and at in {when.earliest, when.latest}
