"""What contests the records behind answers: what they violate rules together with."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from typing import Any

import attrs

from timeline.log import Log
from timeline.moment.checking import Inspection, occurring
from timeline.records import Record
from timeline.values import Basis
from timeline.vocabulary import ByField, Rule

Wanted = tuple[Basis, Mapping[int, Record]]
Violated = Mapping[int, Sequence[Mapping[int, Record]]]
"""By position of a record, all records of each violation that it is part of, by position."""


class Contesting:
    """What the records behind some answers violate together with others, at the basis of the answers.

    It is looked up once, when first asked for: rules take far longer than answers.
    """

    def __init__(
        self,
        basis: Basis,
        records: Iterable[Record],
        reading: Callable[[], AbstractContextManager[Log]],
    ) -> None:
        self._basis = basis
        self._records = {record.position: record for record in records}
        self._reading = reading
        self._found: Violated | None = None

    def of(self, because: ByField) -> ByField:
        """By field, the records that contest those behind it."""
        return ByField(because.fields, lambda: self._of(because)) if because else because

    def settle(self, others: Iterable[Contesting] = ()) -> None:
        """Look it up, and with it what others of the same log wait for."""
        wanted = [one for one in (self, *others) if one._found is None and one._reading == self._reading]
        if wanted:
            with self._reading() as log:
                found = contested(log, [(one._basis, one._records) for one in wanted])
            for one, violated in zip(wanted, found, strict=True):
                one._found = violated

    def _of(self, because: ByField) -> dict[str, list[Record]]:
        self.settle()
        return contesting(because, self._found or {})


def contesting(because: ByField, violated: Violated) -> dict[str, list[Record]]:
    """By field, the records that violate something together with those behind it, and are not among these."""
    found: dict[str, list[Record]] = {}
    for field, several in because.items():
        mine = {record.position for record in several}
        others = {
            at: one
            for position in mine
            for together in violated.get(position, ())
            for at, one in together.items()
            if at not in mine
        }
        if others:
            found[field] = [others[at] for at in sorted(others)]
    return found


def contested(log: Log, wanted: Sequence[Wanted]) -> list[Violated]:
    """For some records at a basis each, all records of the violations that they are part of.

    They are those that a check at the basis tells which have begun by its point. What is the same at several
    of the bases is looked up once.
    """
    found: list[Violated] = [{} for _ in wanted]
    for alike in _alike(log, [basis for basis, _ in wanted]):
        records = {at: one for number in alike for at, one in wanted[number][1].items()}
        points = {number: wanted[number][0].point for number in alike}
        begun = Begun(log, wanted[alike[0]][0], records, sorted(set(points.values())))
        for number, point in points.items():
            found[number] = begun.at(point)
    return found


class Begun:
    """Which violations that some records are part of have begun by some points, all seen from one basis.

    Between two of its `limits`, instants of UTC, these are the same. A rule that nothing violates by the last
    point is violated by none of the others.
    """

    def __init__(
        self, log: Log, basis: Basis, records: Mapping[int, Record], points: Sequence[datetime]
    ) -> None:
        types = {one.event.__timeline__.name for one in records.values() if one.event is not None}
        self._view = Inspection(log, basis, by=points[-1], about=sorted(records), types=types)
        self._rules = _rules(log, records)
        self.limits: list[datetime] = []
        if len(points) > 1:
            self._rules = [rule for rule in self._rules if self._view.found(rule, 1)[0]]
            self.limits = [one.replace(tzinfo=UTC) for one in self._view.bounds(self._rules)]
        self._told: dict[int, Violated] = {}

    def at(self, point: datetime) -> Violated:
        """Those that have begun by one of the points, by the positions of the records."""
        stretch = bisect_right(self.limits, point)
        if stretch not in self._told:
            view = attrs.evolve(self._view, by=point)
            self._told[stretch] = _violated(view, self._rules) if self._rules else {}
        return self._told[stretch]


def _alike(log: Log, bases: Sequence[Basis]) -> Iterable[list[int]]:
    """The numbers of those bases from which the same is seen, whatever their points."""
    knowns = sorted({one.known_point.replace(tzinfo=None) for one in bases if one.known_point is not None})
    since: Mapping[datetime, Any] = {}
    if len(knowns) > 1:
        since = dict(log.run("knowing", knowns, file="rules"))
    found: dict[Hashable, list[int]] = {}
    for number, basis in enumerate(bases):
        known = basis.known_point
        seen = None if known is None else since.get(known.replace(tzinfo=None))
        key = (basis.position, basis.dates, basis.filter, known is None, seen)
        found.setdefault(key, []).append(number)
    return found.values()


def _rules(log: Log, records: Mapping[int, Record]) -> list[Rule]:
    """The rules by which some records may be contested in a log."""
    rules = [
        rule
        for rule in log.codec.catalogue.rules.values()
        if rule.contests and any(rule.concerns(_type_of(one), one.ref) for one in records.values())
    ]
    there = occurring(log, {name for rule in rules for several in rule.needs for name in several})
    return [rule for rule in rules if all(not there.isdisjoint(several) for several in rule.needs)]


def _type_of(record: Record) -> str | None:
    return None if record.event is None else record.event.__timeline__.name


def _violated(view: Inspection, rules: Iterable[Rule]) -> Violated:
    """By position of the records that a view is about, all records of each violation of which one is part."""
    about = frozenset(view.about or ())
    told = [
        one.positions
        for rule in rules
        for one in view.found(rule)[0]
        if len(one.positions) > 1 and not about.isdisjoint(one.positions)
    ]
    involved = view.log.at({position for positions in told for position in positions})
    found: dict[int, list[Mapping[int, Record]]] = {}
    for positions in told:
        together = {position: involved[position] for position in positions}
        for position in positions:
            found.setdefault(position, []).append(together)
    return found
