"""Running rules over a log: what violates them, refusing what surely does, and what may be told twice."""

from __future__ import annotations

import functools
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any, Final

import attrs

from timeline.admission import Imported
from timeline.compile import Asked, TypedTable, bounds, queries
from timeline.log import Log, Session
from timeline.moment.view import ViewInSql, attesting, rows_of
from timeline.moment.violations import Count, Findings, Violation, message
from timeline.records import Commit, Ids, Lookalike, Record
from timeline.values import BEGINNING, Basis, DoesNotAddUp, NotAllowed, Progress, Source, When, stored_instant
from timeline.vocabulary import Lookalikes, Rule

_ALL: Final = 2**62
_ANY: Final = When("2000")
"""The date of a basis, which does not matter to rules: they hold at every date."""
_FEW: Final = 1_000
"""Of up to so many entities, only what speaks of them is looked at."""
_LAST_YEAR: Final = 9998
_MOST: Final = 1_000
"""How many lookalikes are told."""


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

    @functools.cached_property
    def _view(self) -> ViewInSql:
        return ViewInSql.of(self.log, self.basis)

    @functools.cached_property
    def _ids(self) -> Ids:
        return self.log.samenesses().ids(self.basis)

    @functools.cached_property
    def _asked(self) -> Asked:
        rows = self.log.run("denials", file="rules")
        names = self.log.codec.catalogue.names
        denials = {names[name].name for (name,) in rows if name in names}
        return Asked(
            self.log.codec.catalogue,
            denials=sorted(denials if self.types is None else denials.intersection(self.types)),
            types=self.log.codec.catalogue.events if self.types is None else self.types,
            narrow=self.touched is not None,
            about=self.about is not None,
            same=bool(self._ids),
            gone=self._view.parts,
        )

    @functools.cached_property
    def _parameters(self) -> Mapping[str, Any]:
        return {
            "point": stored_instant(self.by),
            "early": self.basis.dates == "earliest",
            **self._view.asked,
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
            rows = rows_of(self.log, sql, given)
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
            found.update(instant for (instant,) in rows_of(self.log, sql, self._parameters))
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


def check(
    view: Inspection, rules: Sequence[Rule], most: int | None, progress: Progress | None = None
) -> Findings:
    """What violates rules; of each rule at most `most` violations are told."""
    told: list[tuple[Rule, Found]] = []
    counts, says = {}, {}
    for done, rule in enumerate(rules):
        if progress is not None:
            progress(f"checking {rule.name}", done, len(rules))
        several, counts[rule.name] = view.found(rule, most)
        says[rule.name] = rule.says
        told += ((rule, one) for one in several)
    return Findings(view.violations(told), counts, says)


def occurring(log: Log, types: Iterable[str], *, twice_at: Basis | None = None) -> set[str]:
    """Those event types of some of which the log holds anything; or two records that are known at a basis."""
    catalogue, wanted = log.codec.catalogue, sorted(types)
    known = None if twice_at is None else twice_at.known_point
    limit = "" if known is None else f" WHERE known_at <= '{stored_instant(known)}'::TIMESTAMP"
    found: set[str] = set()
    if wanted:
        tables = (TypedTable.of(catalogue.event(name)).layout.table for name in wanted)
        more = "" if twice_at is None else " OFFSET 1"
        there = (f"EXISTS (FROM {table}{limit}{more})" for table in tables)
        (row,) = log.connection.execute(f"SELECT {', '.join(there)}").fetchall()
        found = {name for name, there in zip(wanted, row, strict=True) if there}
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


# Refusing what surely violates a rule, before it is committed


@contextmanager
def adding_up(log: Log) -> Iterator[None]:
    """Have what is written meanwhile add up; within the transaction that writes it.

    Raises:
        DoesNotAddUp: if a rule is surely violated that was not before; the caller rolls back.
    """
    before = _head(log)
    yield
    touched, rules = _touched(log, before)
    now, then = (
        Inspection(log, Basis.at(_ANY, None, "latest", position), touched)
        for position in (_head(log), before)
    )
    told = [(rule, one) for rule in rules for one in _new(rule, now, then)]
    if told:
        raise DoesNotAddUp(now.violations(told))


def _head(log: Log) -> int:
    """The last position, read anew: `log.head()` may be what was kept of it."""
    rows = log.run("head")
    return int(rows[0][0]) if rows else 0


def _touched(log: Log, before: int) -> tuple[list[str] | None, list[Rule]]:
    """The entities that what is new may be about, None for very many, and the rules that it may violate."""
    catalogue = log.codec.catalogue
    rows = log.run("touched", before, file="rules")
    types = {catalogue.names[name].name for name, _ in rows if name in catalogue.names}
    known = any(catalogue.events[name].sameness is not None for name in types)
    rules = [
        rule
        for rule in catalogue.rules.values()
        if rule.refuses and (known or not types.isdisjoint(rule.types))
    ]
    if not rules:
        return [], []
    entities = sorted(log.samenesses().kin(entity for _, several in rows for entity in several))
    return (entities if len(entities) <= _FEW else None), rules


def _new(rule: Rule, now: Inspection, then: Inspection) -> Iterator[Found]:
    """What surely violates a rule now, and did not then."""
    several = _certain(rule, now)
    before = _cores(now.log, rule, _certain(rule, then)) if several else []
    for one, core in zip(several, _cores(now.log, rule, several), strict=True):
        if not any(core <= known for known in before):
            yield one


def _certain(rule: Rule, view: Inspection) -> list[Found]:
    several, _ = view.found(rule)
    return [one for one in several if one.certain]


def _cores(log: Log, rule: Rule, several: Iterable[Found]) -> list[frozenset[int]]:
    """What makes each violation the one that it is: the origins of its records, or of the first of them."""
    cores = [one.positions[: rule.core] for one in several]
    wanted = sorted({position for core in cores for position in core})
    origins = dict(log.run("origins", wanted, file="rules"))
    return [frozenset(origins[position] for position in core) for core in cores]


# What in a commit looks like what was there


def lookalikes(log: Log, first: int, last: int, types: Collection[str]) -> tuple[Lookalike, ...]:
    """The first thousand records between two positions that look like an earlier one, as the log was then.

    It is what the rule `lookalikes` tells of them; `types` are those of the records.
    """
    if not types:
        return ()
    view = Inspection(log, Basis.at(_ANY, None, "latest", last), since=first - 1, types=types)
    (rule,) = (one for one in log.codec.catalogue.rules.values() if isinstance(one, Lookalikes))
    found = sorted(view.found(rule)[0], key=lambda one: one.positions[1])[:_MOST]
    records = log.at({position for one in found for position in one.positions})
    return tuple(
        Lookalike(records[one.positions[1]], records[one.positions[0]], one.differing) for one in found
    )


def compared(log: Log, commits: Sequence[Commit]) -> list[Commit]:
    """Commits, with what in each of them looks like what was there."""
    several = [one for one in commits if one.records]
    if not several:
        return [attrs.evolve(one, lookalikes=()) for one in commits]
    first, last = min(one.positions[0] for one in several), max(one.positions[-1] for one in several)
    found = lookalikes(log, first, last, {name for one in several for name in one.types})
    return [
        attrs.evolve(one, lookalikes=tuple(like for like in found if like.record.position in one.positions))
        for one in commits
    ]


def lookalikes_of(session: Session, commits: Iterable[Commit | Imported]) -> tuple[Lookalike, ...]:
    """What in commits looks like what was there or like each other; in each at most a thousand records.

    Raises:
        NotAllowed: if something is no commit; in a what-if.
    """
    found: list[Lookalike] = []
    unknown: list[Commit] = []
    for one in commits:
        if not isinstance(one, Commit | Imported):
            raise NotAllowed(f"commits are asked of, as append gives them, not {type(one).__name__}")
        told = one.lookalikes if isinstance(one, Imported) else one._lookalikes
        if told is not None:
            found += told
        elif isinstance(one, Commit):
            unknown.append(one)
    if any(one.records for one in unknown):
        with session.in_file() as log:
            found += (like for one in compared(log, unknown) for like in one._lookalikes or ())
    return tuple(found)
