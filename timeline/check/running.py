"""Running rules over a log: what violates them, and the records behind it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final

import attrs

from timeline.check.queries import Asked, queries
from timeline.check.wording import message
from timeline.log import Log
from timeline.record import Record
from timeline.rules import Rule
from timeline.source import Source
from timeline.statements import statement
from timeline.violation import Count, Findings, Violation

__all__ = ["Found", "check", "found", "violations"]

_ALL_KNOWN: Final = datetime(9998, 12, 31)  # noqa: DTZ001  (naive UTC, as in the file)
_LAST_YEAR: Final = 9998
_BEGINNING: Final = datetime.min.replace(tzinfo=UTC)


@attrs.frozen
class Found:
    """A violation as the log gives it: its records by position, and when it holds."""

    certain: bool
    valid_from: datetime | None
    valid_to: datetime | None
    positions: tuple[int, ...]


def check(
    log: Log, rules: Iterable[Rule], *, known: datetime | None, position: int, most: int | None
) -> Findings:
    """What violates rules, seen where this much is known (None: all there is), up to a position.

    At most `most` violations of each rule are told.
    """
    told: list[tuple[Rule, Found]] = []
    counts = {}
    for rule in rules:
        several, counts[rule.name] = found(log, rule, known=known, position=position, most=most)
        told += ((rule, one) for one in several)
    return Findings(violations(log, told, known=known, position=position), counts)


def violations(
    log: Log, told: Iterable[tuple[Rule, Found]], *, known: datetime | None, position: int
) -> tuple[Violation, ...]:
    """What was found, with the records behind it and who says them."""
    told = list(told)
    records = log.at({position for _, one in told for position in one.positions})
    sources = _sources(log, records, known, position)
    return tuple(_violation(rule, one, records, sources) for rule, one in told)


def found(
    log: Log,
    rule: Rule,
    *,
    known: datetime | None = None,
    position: int,
    most: int | None = None,
    touched: Sequence[str] | None = None,
) -> tuple[list[Found], Count]:
    """What violates a rule, and how much there is in all; with `touched`, only what is of these entities."""
    asked = Asked(log.codec.catalogue, _denials(log), narrow=touched is not None)
    basis: dict[str, Any] = {
        "known": _ALL_KNOWN if known is None else known.replace(tzinfo=None),
        "upto": position,
    }
    if touched is not None:
        basis["touched"] = list(touched)
    several: list[Found] = []
    sure = number = 0
    for sql in queries(rule, asked):
        limit = 2**62 if most is None else most
        used = {name: value for name, value in (basis | {"most": limit}).items() if f"${name}" in sql}
        rows = log.connection.execute(sql, used).fetchall()
        several += (Found(row[0], _instant(row[1]), _instant(row[2]), tuple(row[3])) for row in rows)
        number, sure = number + (rows[0][4] if rows else 0), sure + (rows[0][5] if rows else 0)
    several.sort(key=_order)
    return several[:most], Count(sure, number - sure)


def _denials(log: Log) -> list[str]:
    rows = log.connection.execute(statement("rules", "denials")).fetchall()
    return sorted(name for (name,) in rows)


def _order(one: Found) -> tuple[bool, datetime, tuple[int, ...]]:
    return not one.certain, one.valid_from or _BEGINNING, one.positions


def _instant(value: datetime) -> datetime | None:
    """An instant of the file; None for one of the infinities."""
    instant = value.replace(tzinfo=UTC)
    return None if value.year > _LAST_YEAR or instant == _BEGINNING else instant


def _sources(
    log: Log, records: Mapping[int, Record], known: datetime | None, position: int
) -> Mapping[int, tuple[Source, ...]]:
    """By record, who says it: its own sources and those of the attestations in view."""
    attested = log.attestations(records)
    said = {}
    for place, record in records.items():
        seen = [
            one
            for one in attested.get(place, ())
            if one.position <= position and (known is None or one.known_at <= known)
        ]
        several = [*record.sources, *(source for one in seen for source in one.sources)]
        said[place] = tuple(dict.fromkeys(several))
    return said


def _violation(
    rule: Rule, one: Found, records: Mapping[int, Record], sources: Mapping[int, tuple[Source, ...]]
) -> Violation:
    involved = tuple(records[position] for position in one.positions)
    return Violation(
        rule=rule.name,
        certain=one.certain,
        message=message(rule, involved),
        valid_from=one.valid_from,
        valid_to=one.valid_to,
        records=involved,
        sources=tuple(sources[position] for position in one.positions),
    )
