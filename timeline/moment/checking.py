"""Running rules over a log: what violates them, and the records behind it."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Collection, Hashable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from typing import Any, Final

import attrs

from timeline.compile import Asked, TypedTable, bounds, queries, statement
from timeline.log import Log
from timeline.moment.above import Above
from timeline.moment.entry import BEGINNING
from timeline.moment.view import ViewInSql, attesting
from timeline.moment.violations import Count, Findings, Violation, message
from timeline.records import Ids, Record
from timeline.values import Basis, Source, stored_instant
from timeline.vocabulary import ByField, Rule

__all__ = ["Contesting", "Found", "Inspection", "check", "contested", "occurring"]

Wanted = tuple[Basis, Mapping[int, Record]]
Violated = Mapping[int, Sequence[Mapping[int, Record]]]
_ALL: Final = 2**62
_LAST_YEAR: Final = 9998


@attrs.frozen
class Found:
    """A violation as the log gives it: its records by position, and when it holds.

    `differing` names the fields in which two that may tell one event differ.
    """

    certain: bool
    valid_from: datetime | None
    valid_to: datetime | None
    positions: tuple[int, ...]
    differing: tuple[str, ...] = ()


@attrs.frozen
class Inspection:
    """A log as rules look at it: from a basis, or only at some entities or records in it.

    Lookalikes are told of records after `since`; they and denials of `types`, if any are given.
    Of the dates of the basis, `by` alone matters: the instant by which a violation has to have begun, if any.
    With `about`, violations are told that records at these positions may have a part in, and perhaps others.
    """

    log: Log
    basis: Basis
    touched: Sequence[str] | None = None
    by: datetime | None = None
    about: Sequence[int] | None = None
    since: int = 0
    types: Collection[str] | None = None
    _view: ViewInSql = attrs.field(init=False)
    _ids: Ids = attrs.field(init=False)
    _above: Above = attrs.field(init=False)
    _asked: Asked = attrs.field(init=False)
    _parameters: Mapping[str, Any] = attrs.field(init=False)

    @_view.default
    def _in_view(self) -> ViewInSql:
        return ViewInSql.of(self.log, self.basis)

    @_ids.default
    def _read_as(self) -> Ids:
        return self.log.samenesses().ids(self.basis)

    @_above.default
    def _supposed(self) -> Above:
        return Above.of(self.log)

    @_asked.default
    def _ask(self) -> Asked:
        rows = self.log.connection.execute(statement("rules", "denials")).fetchall()
        names = self.log.codec.catalogue.names
        denials = {names[name].name for (name,) in rows if name in names}
        denials |= {
            one.event.__timeline__.name
            for one in self.log.supposed
            if one.credence == "denied" and one.event is not None
        }
        return Asked(
            self.log.codec.catalogue,
            denials=sorted(denials if self.types is None else denials.intersection(self.types)),
            types=self.log.codec.catalogue.events if self.types is None else self.types,
            narrow=self.touched is not None,
            about=self.about is not None,
            same=bool(self._ids),
            gone=[*self._above.parts, *self._view.parts],
            tables=self._above.tables,
        )

    @_parameters.default
    def _as_parameters(self) -> Mapping[str, Any]:
        return {
            "point": stored_instant(self.by),
            "early": self.basis.dates == "earliest",
            **self._view.asked,
            **self._above.asked,
            "about": self.about,
            "touched": self.touched,
            "since": self.since,
            "ids": list(self._ids),
            "read_as": list(self._ids.values()),
        }

    def found(self, rule: Rule, most: int | None = None) -> tuple[list[Found], Count]:
        """What violates a rule, at most so much of it, and how much there is in all."""
        given = {**self._parameters, "most": _ALL if most is None else most}
        several: list[Found] = []
        sure = number = 0
        for sql in queries(rule, self._asked):
            used = {name: value for name, value in given.items() if f"${name}" in sql}
            rows = self.log.connection.execute(sql, used).fetchall()
            several += (
                Found(row[0], _instant(row[1]), _instant(row[2]), tuple(row[3]), *map(tuple, row[4:-2]))
                for row in rows
            )
            number, sure = number + (rows[0][-2] if rows else 0), sure + (rows[0][-1] if rows else 0)
        several.sort(key=_order)
        return several[:most], Count(sure, number - sure)

    def bounds(self, rules: Iterable[Rule]) -> list[datetime]:
        """The instants, naive and in UTC, between which the same violations of rules have begun."""
        found: set[datetime] = set()
        for sql in (sql for rule in rules for sql in bounds(rule, self._asked)):
            used = {name: value for name, value in self._parameters.items() if f"${name}" in sql}
            found.update(instant for (instant,) in self.log.connection.execute(sql, used).fetchall())
        return sorted(found)

    def violations(self, told: Iterable[tuple[Rule, Found]]) -> tuple[Violation, ...]:
        """What was found, with the records behind it and who says them."""
        told = list(told)
        records = self.log.at({position for _, one in told for position in one.positions})
        sources = self._sources(records)
        return tuple(_violation(rule, one, records, sources) for rule, one in told)

    def _sources(self, records: Mapping[int, Record]) -> Mapping[int, tuple[Source, ...]]:
        """By record, who says it: its own sources and those of the attestations that stand."""
        attested = attesting(self.log, self.basis, records.values())
        said = {place: (record, *attested.get(place, ())) for place, record in records.items()}
        return {
            place: tuple(dict.fromkeys(source for one in several for source in one.sources))
            for place, several in said.items()
        }


def check(view: Inspection, rules: Iterable[Rule], most: int | None) -> Findings:
    """What violates rules; of each rule at most `most` violations are told."""
    told: list[tuple[Rule, Found]] = []
    counts = {}
    for rule in rules:
        several, counts[rule.name] = view.found(rule, most)
        told += ((rule, one) for one in several)
    return Findings(view.violations(told), counts)


def contested(log: Log, wanted: Sequence[Wanted]) -> list[Violated]:
    """For some records at a basis each, all records of the violations that they are part of.

    They are those that a check at the basis tells which have begun by its point. What is the same at several
    of the bases is looked up once.
    """
    found: list[Violated] = [{} for _ in wanted]
    for alike in _alike(log, [basis for basis, _ in wanted]):
        records = {at: one for number in alike for at, one in wanted[number][1].items()}
        rules = _rules(log, records)
        if not rules:
            continue
        points = {number: wanted[number][0].point for number in alike}
        types = {one.event.__timeline__.name for one in records.values() if one.event is not None}
        basis, first = wanted[alike[0]][0], min(points.values())
        view = Inspection(log, basis, by=first, about=sorted(records), types=types)
        limits = view.bounds(rules) if len(set(points.values())) > 1 else ()
        told: dict[int, Violated] = {}
        for number, point in points.items():
            stretch = bisect_right(limits, point.replace(tzinfo=None))
            if stretch not in told:
                told[stretch] = _violated(attrs.evolve(view, by=point), rules)
            found[number] = told[stretch]
    return found


def _alike(log: Log, bases: Sequence[Basis]) -> Iterable[list[int]]:
    """The numbers of those bases from which the same is seen, whatever their points."""
    knowns = sorted({one.known_point.replace(tzinfo=None) for one in bases if one.known_point is not None})
    since: Mapping[datetime, Any] = {}
    if len(knowns) > 1:
        since = dict(log.connection.execute(statement("rules", "knowing"), [knowns]).fetchall())
    supposed = sorted(one.known_at for one in log.supposed)
    found: dict[Hashable, list[int]] = {}
    for number, basis in enumerate(bases):
        known = basis.known_point
        seen = (
            None if known is None else (since.get(known.replace(tzinfo=None)), bisect_right(supposed, known))
        )
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


def occurring(log: Log, types: Iterable[str]) -> set[str]:
    """Those event types of some of which the log holds anything."""
    catalogue, wanted = log.codec.catalogue, sorted(types)
    found = {one.event.__timeline__.name for one in log.supposed if one.event is not None}
    if wanted:
        tables = (TypedTable.of(catalogue.event(name)).layout.table for name in wanted)
        sql = f"SELECT {', '.join(f'EXISTS (FROM {table})' for table in tables)}"
        (row,) = log.connection.execute(sql).fetchall()
        found |= {name for name, there in zip(wanted, row, strict=True) if there}
    return found


def _order(one: Found) -> tuple[bool, datetime, tuple[int, ...]]:
    return not one.certain, one.valid_from or BEGINNING, one.positions


def _instant(value: datetime) -> datetime | None:
    """An instant of the file; None for one of the infinities."""
    instant = value.replace(tzinfo=UTC)
    return None if value.year > _LAST_YEAR or instant == BEGINNING else instant


def _violation(
    rule: Rule, one: Found, records: Mapping[int, Record], sources: Mapping[int, tuple[Source, ...]]
) -> Violation:
    involved = tuple(records[position] for position in one.positions)
    return Violation(
        rule=rule.name,
        certain=one.certain,
        message=message(rule, involved, one.differing),
        valid_from=one.valid_from,
        valid_to=one.valid_to,
        records=involved,
        sources=tuple(sources[position] for position in one.positions),
    )


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
        violated = self._found or {}
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
