"""What does not add up: which records, when, by which rule."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

import attrs

from timeline.arguments import checked
from timeline.escaping import printable
from timeline.record import Record
from timeline.source import Source
from timeline.zones import TICK, bound

__all__ = ["Count", "Findings", "Violation"]

_MINUTE: Final = re.compile(r"(T[0-9]{2}:[0-9]{2}):(?:00|59\.99999[89])$")
"""A time whose seconds say no more than that a minute begins, or that it ends, before a close or with it."""


@attrs.frozen(kw_only=True)
class Violation:
    """Records that do not add up by a rule.

    It is `certain` if it holds wherever in their spans the dates of the records lie, else possible.
    `valid_from` and `valid_to`, aware UTC instants and half-open, are when it holds, surely or perhaps; where
    it is about single events, the time in which they lie. None is unbounded. `sources` gives, for each
    record in the same order, those that say it, attestations included.
    """

    rule: str
    certain: bool
    message: str
    valid_from: datetime | None
    valid_to: datetime | None
    records: tuple[Record, ...]
    sources: tuple[tuple[Source, ...], ...]

    @property
    def entities(self) -> tuple[str, ...]:
        """The ids of all that its records speak of."""
        return tuple(dict.fromkeys(entity for record in self.records for entity in record.entities))

    @property
    def period(self) -> str:
        """The period by its first and last day, or instant where it begins or ends within one, in UTC."""
        return self.period_in(None)

    @checked
    def period_in(self, zone: ZoneInfo | None) -> str:
        """The same by the clocks of a zone."""
        last = None if self.valid_to is None else self.valid_to - TICK
        return f"{_shown(self.valid_from, zone)}..{_shown(last, zone)}"

    def as_dict(self) -> dict[str, Any]:
        """As plain JSON values."""
        told = zip(self.records, self.sources, strict=True)
        return {
            "rule": self.rule,
            "certain": self.certain,
            "message": self.message,
            "valid_from": None if self.valid_from is None else self.valid_from.isoformat(),
            "valid_to": None if self.valid_to is None else self.valid_to.isoformat(),
            "entities": list(self.entities),
            "records": [
                record.as_dict() | {"sources": [source.as_dict() for source in sources]}
                for record, sources in told
            ],
        }

    def __str__(self) -> str:
        sure = "certain" if self.certain else "possible"
        marks = ", ".join(record.label for record in self.records)
        return printable(f"{self.rule}, {sure}: {self.message} ({self.period}; {marks})")


@attrs.frozen
class Count:
    """How many violations of a rule there are."""

    certain: int
    possible: int


@attrs.frozen(repr=False)
class Findings:
    """What a check found: the violations, by rule in the order of the rules, those that are certain first.

    Of a rule with very many, the first are told; `counts` says how many of each rule there are.
    """

    violations: tuple[Violation, ...]
    counts: Mapping[str, Count]

    @property
    def certain(self) -> int:
        """How many violations are certain, told or not."""
        return sum(count.certain for count in self.counts.values())

    @property
    def possible(self) -> int:
        """How many violations are only possible, told or not."""
        return sum(count.possible for count in self.counts.values())

    def only_certain(self) -> Findings:
        """The violations that are certain, and how many of these there are."""
        counts = {rule: Count(count.certain, 0) for rule, count in self.counts.items()}
        return Findings(tuple(one for one in self.violations if one.certain), counts)

    def as_dict(self) -> dict[str, Any]:
        """As plain JSON values."""
        return {
            "counts": {rule: attrs.asdict(count) for rule, count in self.counts.items()},
            "violations": [violation.as_dict() for violation in self.violations],
        }

    def __iter__(self) -> Iterator[Violation]:
        return iter(self.violations)

    def __len__(self) -> int:
        return len(self.violations)

    def __getitem__(self, index: int) -> Violation:
        return self.violations[index]

    def __str__(self) -> str:
        return "\n".join(map(str, self.violations)) or "nothing that does not add up"

    def __repr__(self) -> str:
        return f"<Findings: {self.certain} certain, {self.possible} possible>"


def _shown(instant: datetime | None, zone: ZoneInfo | None) -> str:
    """A day, or a minute where it begins or ends with one, else an instant."""
    if instant is None:
        return ""
    told = bound(instant, zone).removeprefix("close of ")
    return _MINUTE.sub(r"\1", told.removesuffix("T23:59:59.999998"))
