"""States over both times at once: what each field says from one day to another, by what was known when."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from functools import partial
from itertools import groupby
from typing import Final

import attrs

from timeline.log import Log
from timeline.moment.axes import datings
from timeline.moment.contested import Begun, Violated, contesting
from timeline.moment.key import KeyLog, KeyView
from timeline.moment.showing import fed_keys
from timeline.moment.view import in_view
from timeline.records import Evidence, Ids, Record
from timeline.values import BEGINNING, END, TICK, Basis, NotAllowed, When, day_in
from timeline.vocabulary import StateType, answer_lines, read_as, what_feeds

Key = tuple[StateType, tuple[str, ...]]
_FIRST: Final = BEGINNING.date()
_LAST_YEAR: Final = 9998
_RECORDS: Final = 2_000
_CELLS: Final = 60_000
"""Up to how many pairs of days a state is worked out at."""


@attrs.frozen
class Wording:
    """What a field says, line by line, and the positions of the records behind it."""

    lines: tuple[str, ...]
    because: tuple[int, ...] = ()
    unsettled: tuple[int, ...] = ()
    contested: tuple[int, ...] = ()


@attrs.frozen(kw_only=True)
class Patch:
    """What is said from one day to another of valid time, by what was known from one day to another.

    A day stands for its last instant, and both spans are half-open; None is unbounded.
    """

    valid_from: date | None
    valid_to: date | None
    known_from: date | None
    known_to: date | None
    said: Wording


@attrs.frozen(kw_only=True)
class Plane:
    """The state of a key over both times: its names, and by field what is said.

    The patches of a field cover the plane, and none lies on another. Where nothing was ever said of a field
    it is left out.
    """

    state: StateType
    who: tuple[str, ...]
    names: tuple[Patch, ...]
    fields: Mapping[str, tuple[Patch, ...]]


def keys_of(states: Collection[StateType], records: Iterable[Record], ids: Ids) -> Counter[Key]:
    """Whose states records enter, whether they stand or not, and how many: as written, and with ids read."""
    found: Counter[Key] = Counter()
    for record in records:
        event = what_feeds(record.event, record.credence)
        if event is not None:
            found.update({*fed_keys(states, event), *fed_keys(states, read_as(event, ids))})
    return found


def planes(
    log: Log, basis: Basis, held: Callable[[StateType, tuple[str, ...]], KeyLog], most: int
) -> tuple[tuple[Plane, ...], int]:
    """The states of all of whom anything was said, over both times, and how many more there are.

    Raises:
        NotAllowed: if too many records are in view to work that out.
        UnreadableRecord: if a record that stands anywhere, and may enter a state, cannot be read.
    """
    records = {
        one.position: one for one in in_view(log, basis, log.records(after=0, upto=basis.position)).records
    }
    if len(records) > _RECORDS:
        raise NotAllowed(
            f"{len(records):,} records are in view, and states over both times are told of {_RECORDS:,} at "
            "most: keep to a source (only=), or an earlier position"
        )
    states = log.codec.catalogue.states.values()
    counts = keys_of(states, records.values(), log.samenesses().ids(basis))
    ordered = sorted(counts, key=lambda key: (-counts[key], key[0].name, key[1]))
    contests = Contests(log, basis, records)
    found = [plane_of(held(*key), basis, contests) for key in ordered[:most]]
    told = tuple(one for one in found if one is not None)
    return told, len(ordered) - len(told)


class Contests:
    """Which violations of rules have begun by any day, by what was known by any other."""

    def __init__(self, log: Log, basis: Basis, records: Mapping[int, Record]) -> None:
        self._basis = basis
        self.knowns = sorted({day_in(one.known_at, basis.zone) for one in records.values()})
        self._begun = []
        for known in self.knowns:
            begun = Begun(log, _at(basis, known, known), records, [BEGINNING, END - TICK])
            turns = [BEGINNING, *(one for one in begun.limits if one.year <= _LAST_YEAR)]
            self._begun.append(([day_in(one, basis.zone) for one in turns], [begun.at(one) for one in turns]))

    def days(self, positions: frozenset[int]) -> tuple[set[date], set[date]]:
        """At which days of valid and of known time some records may be contested by others than before."""
        valid: set[date] = set()
        for days, told in self._begun:
            if any(not positions.isdisjoint(one) for one in told):
                valid.update(days)
        return valid, set(self.knowns) if valid else set()

    def at(self, valid: date, known: date) -> Violated:
        """By position of a record, all records of each violation that it is part of."""
        place = bisect_right(self.knowns, known)
        if not place:
            return {}
        days, told = self._begun[place - 1]
        return told[bisect_right(days, valid) - 1]


def plane_of(key_log: KeyLog, basis: Basis, contests: Contests) -> Plane | None:
    """A state over both times, within the position and the filter of a basis; None if it changes too often.

    Raises:
        UnreadableRecord: if a record that stands anywhere, and may enter the state, cannot be read.
    """
    valid, known = _days(key_log, basis, contests)
    if len(valid) * len(known) > _CELLS:
        return None
    rows = [_row(key_log, basis, contests, valid, one) for one in known]
    patches = partial(_patches, valid, known)
    fields = {
        name: tuple(patches([[cell[1][name] for cell in row] for row in rows]))
        for name in key_log.held.state.folds
    }
    return Plane(
        state=key_log.held.state,
        who=key_log.held.key,
        names=tuple(patches([[cell[0] for cell in row] for row in rows])),
        fields={
            name: several
            for name, several in fields.items()
            if any(one.said.because or one.said.unsettled for one in several)
        },
    )


def _days(key_log: KeyLog, basis: Basis, contests: Contests) -> tuple[list[date], list[date]]:
    """The days of both times on which anything of a state may change, behind the first of all days."""
    zone = basis.zone
    naming = key_log.held.naming.namings
    records = [*key_log.records, *naming.records]
    contested = contests.days(frozenset(one.position for one in key_log.records))
    instants = datings(key_log.held.state, records), {*key_log.knowns(basis), *_knowns(naming)}
    valid, known = (
        sorted({_FIRST, *others, *(day for one in several if (day := day_in(one, zone)).year <= _LAST_YEAR)})
        for several, others in zip(instants, contested, strict=True)
    )
    return valid, known


def _knowns(evidence: Evidence) -> Iterator[datetime]:
    """Every instant at which records may begin or cease to stand."""
    for record in evidence.records:
        yield record.known_at
    for several in evidence.hidden.values():
        for one in several:
            yield from filter(None, (one.known_from, one.known_to))


def _at(basis: Basis, valid: date, known: date) -> Basis:
    """A basis at the ends of two days."""
    return Basis.at(
        When(valid.isoformat()),
        When(known.isoformat()),
        basis.dates,
        basis.position,
        basis.filter,
        supposed=basis.supposed,
        zone=basis.zone,
    )


def _row(
    key_log: KeyLog, basis: Basis, contests: Contests, valid: Sequence[date], known: date
) -> list[tuple[Wording, Mapping[str, Wording]]]:
    """The names and the fields of a state at the ends of some days, by what was known at that of one."""
    there = _at(basis, _FIRST, known)
    view = key_log.view(there)
    entities = {*key_log.held.key, *view.key, *(one for record in view.records for one in record.entities)}
    found = []
    for day in valid:
        here = _at(basis, day, known)
        names = key_log.held.naming.shown(entities, here, view.ids)
        found.append(_cell(view, here, names, contests.at(day, known)))
    return found


def _cell(
    view: KeyView, basis: Basis, names: Mapping[str, str], violated: Violated
) -> tuple[Wording, Mapping[str, Wording]]:
    answer = view.at(basis.point, basis.dates)
    others = contesting(answer.because, violated) if violated else {}

    def named(entity: str) -> str:
        return names.get(entity, entity)

    def places(records: Iterable[Record]) -> tuple[int, ...]:
        return tuple(one.position for one in records)

    fields = {}
    for name, value in answer.values.items():
        because, unsettled = answer.because[name], answer.unsettled[name]
        lines = tuple(answer_lines(value, named, because, unsettled))
        fields[name] = Wording(lines, places(because), places(unsettled), places(others.get(name, ())))
    return Wording(tuple(map(named, view.key))), fields


def _patches(
    valid: Sequence[date], known: Sequence[date], rows: Sequence[Sequence[Wording]]
) -> Iterator[Patch]:
    """Where the same is said, as rectangles: runs of days of valid time, for as long as they are the same."""
    starts = [None if day == _FIRST else day for day in valid]
    open_runs: dict[tuple[int, int, Wording], date | None] = {}
    for place, row in enumerate((*rows, ())):
        at = None if place == 0 else known[place] if place < len(known) else None
        runs: dict[tuple[int, int, Wording], date | None] = {}
        first = 0
        for said, several in groupby(row):
            last = first + len(list(several))
            runs[first, last, said] = open_runs.pop((first, last, said), at)
            first = last
        for (begins, ends, said), since in open_runs.items():
            yield Patch(
                valid_from=starts[begins],
                valid_to=starts[ends] if ends < len(starts) else None,
                known_from=since,
                known_to=at,
                said=said,
            )
        open_runs = runs
