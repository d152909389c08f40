"""What does not add up: which records, when, by which rule."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

import attrs

from timeline.records import Lookalike, Record, record_line
from timeline.values import (
    TICK,
    Frame,
    Framed,
    Funds,
    InLines,
    Kind,
    Line,
    Source,
    Tone,
    bound,
    checked,
    iso,
    named,
    printable,
)
from timeline.vocabulary import (
    Agree,
    AtMostOne,
    Denied,
    Ending,
    Lookalikes,
    NothingAfter,
    Opposed,
    Ordered,
    Rule,
    SumsUp,
    TermInOrder,
    worded,
)

_COLUMNS: Final[Mapping[str, Kind]] = {
    "rule": "text",
    "certain": "truth",
    "valid_from": "instant",
    "valid_to": "instant",
    "message": "text",
    "records": "numbers",
    "entities": "texts",
}
_NOTHING: Final = "nothing that does not add up"
_MINUTE: Final = re.compile(r"(T[0-9]{2}:[0-9]{2}):(?:00|59\.99999[89])$")
"""A time whose seconds say no more than that a minute begins, or that it ends, before a close or with it."""


@attrs.frozen(kw_only=True, repr=False)
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

    def __repr__(self) -> str:
        places = " ".join(record.place for record in self.records)
        return f"<Violation of {self.rule}, {'certain' if self.certain else 'possible'}: {places}>"

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
            "valid_from": iso(self.valid_from),
            "valid_to": iso(self.valid_to),
            "entities": list(self.entities),
            "records": [
                record.as_dict() | {"sources": [source.as_dict() for source in sources]}
                for record, sources in told
            ],
        }

    @property
    def sure(self) -> str:
        """Whether it is certain, in a word."""
        return "certain" if self.certain else "possible"

    @checked
    def lines(self, zone: ZoneInfo | None = None) -> Iterator[Line]:
        """When it holds and what it says, and its records, each with who says so; in UTC or a zone."""
        when = self.period if zone is None else f"{self.period_in(zone)} {named(zone)}"
        tone: Tone = "contest" if self.certain else "doubt"
        yield Line.of((self.sure, tone), f"  {when}  {self.message}", indent=2, hang=4)
        for record, sources in zip(self.records, self.sources, strict=True):
            yield Line.of(record_line(record, zone), indent=4, hang=6)
            if also := ", ".join(map(str, sources[len(record.sources) :])):
                yield Line.of(("also said by ", "aside"), also, indent=6, hang=8)

    def __str__(self) -> str:
        marks = ", ".join(record.label for record in self.records)
        return printable(f"{self.rule}, {self.sure}: {self.message} ({self.period}; {marks})")


@attrs.frozen
class Count:
    """How many violations of a rule there are."""

    certain: int
    possible: int


@attrs.frozen(repr=False)
class Findings(InLines, Framed):
    """What a check found: the violations, by rule in the order of the rules, those that are certain first.

    Of a rule with very many, the first are told; `counts` says how many of each rule there are, and `says`
    what each rule demands.
    """

    violations: tuple[Violation, ...]
    counts: Mapping[str, Count]
    says: Mapping[str, str]

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
        return Findings(tuple(one for one in self.violations if one.certain), counts, self.says)

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

    def as_table(self) -> Frame:
        """A row for each violation, with when it holds, the last bound exclusive."""
        rows = []
        for one in self.violations:
            records = [record.position for record in one.records]
            when = one.valid_from, one.valid_to
            rows.append((one.rule, one.certain, *when, one.message, records, list(one.entities)))
        return Frame(_COLUMNS, rows)

    @checked
    def lines(self, zone: ZoneInfo | None = None, bounds: str = "") -> Iterator[Line]:
        """The violations by rule, and how many there are; in UTC or a zone, with what `bounds` the check."""
        for rule, count in self.counts.items():
            several = [one for one in self.violations if one.rule == rule]
            if several:
                yield Line.of((rule, "head"), f": {self.says[rule]}")
                yield from (line for one in several for line in one.lines(zone))
                if left := count.certain + count.possible - len(several):
                    yield Line.of((f"… and {left:,} more", "aside"), indent=2)
                yield Line.of()
        some = self.certain or self.possible
        told = f"{self.certain:,} certain, {self.possible:,} possible" if some else _NOTHING
        yield Line.of(", ".join(filter(None, (told, bounds))))

    def __repr__(self) -> str:
        return f"<Findings: {self.certain} certain, {self.possible} possible>"


def _shown(instant: datetime | None, zone: ZoneInfo | None) -> str:
    """A day, or a minute where it begins or ends with one, else an instant."""
    if instant is None:
        return ""
    told = bound(instant, zone).removeprefix("end of ")
    return _MINUTE.sub(r"\1", told.removesuffix("T23:59:59.999998"))


@functools.singledispatch
def message(rule: Rule, records: Sequence[Record], _differing: Sequence[str] = (), /) -> str:
    """What does not add up about some records, on one line; `differing` are fields in which they differ."""
    told = _TOLD.get(type(rule))
    return rule.says.removesuffix(".") if told is None else told.format(*records)


_TOLD: Final[Mapping[type[Rule], str]] = {
    NothingAfter: "{1.label} comes after {0.label}: {0.summary}",
    Opposed: "{0.label} is contested by {1.label}",
    Denied: "{0.label} says what {1.label} denies",
    Ordered: "{1.label} is taken after {0.label}, and may have come before it",
    Ending: "{0.label} ends nothing: nothing was held that it could end",
}
"""What is told of two records, or of one, where no more than that is to be told."""


@message.register
def _(rule: AtMostOne, records: Sequence[Record], _differing: Sequence[str] = ()) -> str:
    one, other = (_named(record, _of(record, rule.starts.attribute)) for record in records[:2])
    what = ", ".join(_named(records[1], _of(records[1], name)) for name in rule.per)
    return f"{what}: {one} and {other} at once"


@message.register
def _(rule: TermInOrder, records: Sequence[Record], _differing: Sequence[str] = ()) -> str:
    (record,) = records
    terms = {feed.type.name: feed.attribute for feed in rule.terms}
    ends, begins = _of(record, terms[str(record.type)]), record.occurred
    return f"ends with {worded(ends)}, and begins {worded(begins)}"


@message.register
def _(rule: SumsUp, records: Sequence[Record], _differing: Sequence[str] = ()) -> str:
    claim, *parts = records
    funds = Funds.of((_of(part, rule.parts.attribute), len(_of(part, rule.by)) > 1) for part in parts)
    claimed = _of(claim, rule.claim.attribute)
    return f"claimed {claimed}, while the {len(parts)} recorded come to {funds}"


@message.register
def _(rule: Agree, records: Sequence[Record], _differing: Sequence[str] = ()) -> str:
    first = records[0]
    figures = []
    for record in records:
        bound = _of(record, rule.bound) if rule.bound else None
        given = next(value for name in rule.values if (value := _of(record, name)) is not None)
        figures.append(
            f"{bound} {given:,f}" if bound else f"{given:,f}" if hasattr(given, "quantize") else str(given)
        )
    what = ", ".join(_named(first, _of(first, name)) for name in rule.per)
    return f"{what}: {' or '.join(dict.fromkeys(figures))}"


@message.register
def _(_rule: Lookalikes, records: Sequence[Record], differing: Sequence[str] = ()) -> str:
    like, record = records
    return str(Lookalike(record, like, tuple(differing)))


def _of(record: Record, name: str | None) -> Any:
    return getattr(record.event, str(name))


def _named(record: Record, value: Any) -> str:
    """An entity as the record names it, or a text."""
    if isinstance(value, tuple):
        return " and ".join(_named(record, one) for one in value)
    return record.names.get(value, value)
