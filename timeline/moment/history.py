"""How an answer runs: the periods of a state over valid time, or of one answer as more became known."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Literal, Protocol

import attrs

from timeline.records import Record, Row, Told, period_lines, rows
from timeline.values import (
    BEGINNING,
    Basis,
    Frame,
    Framed,
    InLines,
    Kind,
    Line,
    NaiveDatetime,
    NotAllowed,
    Span,
    UnboundedPoint,
    When,
    Whenever,
    bound,
    checked,
    clipped,
    close_in,
    close_of,
    iso,
    named,
    printable,
)
from timeline.vocabulary import ByField, Plain, StateType, all_said, plain_value, value_lines

Axis = Literal["valid", "known"]


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


@attrs.frozen(kw_only=True, repr=False)
class Period:
    """What was so from one instant of valid time until before another; None is unbounded.

    `changed` are the fields that differ from the period before. `opened_by` and `closed_by` are the records
    that made it so and that ended it: where a term ran out, the record that set it. Where a span cuts the
    period short, they may lie outside.
    """

    begins: datetime | None
    ends: datetime | None
    changed: tuple[str, ...]
    opened_by: tuple[Record, ...]
    closed_by: tuple[Record, ...]
    field: str | None
    _seen: Seen = attrs.field(eq=False, repr=False)

    @property
    def valid_from(self) -> datetime | None:
        """Its first instant, an aware one in UTC."""
        return self.begins

    @property
    def valid_to(self) -> datetime | None:
        """The first instant after it."""
        return self.ends

    @property
    def values(self) -> Mapping[str, Any]:
        """The value of each field asked about."""
        return self._seen.values

    @property
    def value(self) -> Any:
        """The value of the field, or by field all values where none was named."""
        return self.values if self.field is None else self.values[self.field]

    @property
    def unsettled(self) -> ByField:
        """By field, the records that may yet change it."""
        return self._seen.unsettled

    @property
    def because(self) -> ByField:
        """By field, the records that its value rests on when the period begins."""
        return self._seen.because

    @property
    def lasted(self) -> timedelta | None:
        """How long it lasted; None where it is unbounded."""
        return None if self.begins is None or self.ends is None else self.ends - self.begins

    @checked
    def holds(self, instant: datetime) -> bool:
        """Whether an instant, an aware one, lies in it."""
        if instant.tzinfo is None:
            raise NaiveDatetime(instant)
        after = self.begins is None or self.begins <= instant
        return after and (self.ends is None or instant < self.ends)

    def as_dict(self) -> dict[str, Any]:
        """As plain JSON values; records by position."""
        return {
            f"{self._axis}_from": iso(self.begins),
            f"{self._axis}_to": iso(self.ends),
            "changed": list(self.changed),
            "values": {name: plain_value(value) for name, value in self.values.items()},
            "unsettled": {name: _positions(several) for name, several in self.unsettled.items()},
            "opened_by": _positions(self.opened_by),
            "closed_by": _positions(self.closed_by),
        }

    def __repr__(self) -> str:
        changed = f": {', '.join(self.changed)}" if self.changed else ""
        return f"<{type(self).__name__} {bound(self.begins)} – {bound(self.ends)}{changed}>"

    @property
    def _axis(self) -> Axis:
        return "valid"


class KnownPeriod(Period):
    """What was the answer from one instant of known time until before another."""

    __slots__ = ()

    @property
    def known_from(self) -> datetime | None:
        """The first instant at which it was the answer, an aware one in UTC."""
        return self.begins

    @property
    def known_to(self) -> datetime | None:
        """The first instant at which it was no longer."""
        return self.ends

    @property
    def _axis(self) -> Axis:
        return "known"


@attrs.frozen(kw_only=True)
class Holding(Plain):
    """How long a field, or the slot of a mapping under `key`, held a value within a history.

    `lasted` is None where that is unbounded; `unsettled` is how much of it may have been otherwise. As JSON,
    these are seconds.
    """

    field: str
    key: Any
    value: Any
    lasted: timedelta | None
    unsettled: timedelta | None

    def line(self, named: Callable[[str], str]) -> Line:
        """What was held and how long, entities by name."""
        value = self.value if self.key is None else {self.key: self.value}
        what = "no value" if self.value is None else "; ".join(value_lines(value, named))
        doubt = f", of which {_lasting(self.unsettled)} uncertain" if self.unsettled else ""
        return Line.of(f"{what}: {_lasting(self.lasted or timedelta())}{doubt}", indent=2, hang=6)


def _lasting(time: timedelta) -> str:
    """A stretch of time in days, hours and minutes, to the nearest minute.

    >>> _lasting(timedelta(days=2, hours=3, seconds=20))
    '2 days 3 hours'
    """
    minutes = round(time / timedelta(minutes=1))
    parts = (minutes // 1440, "day"), (minutes // 60 % 24, "hour"), (minutes % 60, "minute")
    words = [f"{number} {unit}{'' if number == 1 else 's'}" for number, unit in parts if number]
    return " ".join(words) or "less than a minute"


@attrs.frozen(kw_only=True, repr=False)
class History(InLines, Framed):
    """The periods of a state, or of one field of it, in order, each as long as nothing changes.

    Along valid time (`axis="valid"`) they are by what `basis` says was known, which is "then" where `then`
    is true: at each instant what was known by it. Along known time they are of the answer at one point, that
    of `basis`, by what was known when. The first begins at the beginning of time, unless `span` cuts it.
    """

    state: StateType
    who: tuple[str, ...]
    field: str | None
    axis: Axis
    basis: Basis
    then: bool
    span: Span
    names: Mapping[str, str] = attrs.field(eq=False)
    periods: tuple[Period, ...]

    def __iter__(self) -> Iterator[Period]:
        return iter(self.periods)

    def __len__(self) -> int:
        return len(self.periods)

    def __getitem__(self, index: int) -> Period:
        return self.periods[index]

    def __repr__(self) -> str:
        return f"<History {clipped(self.title, 120)}: {len(self.periods)} periods>"

    def as_table(self) -> Frame:
        """A row for each field and period in which it changed, with its bounds, the last one exclusive."""
        rows: list[tuple[Any, ...]] = []
        fields = tuple(self.state.folds) if self.field is None else (self.field,)
        for period in self.periods:
            behind = _positions(period.opened_by), _positions(period.closed_by)
            for field in (one for one in fields if self.field is not None or one in period.changed):
                told = all_said(period.values[field], self.named)
                unsettled = _positions(period.unsettled[field])
                rows.append((field, told, period.begins, period.ends, *behind, unsettled))
        ends: dict[str, Kind] = {f"{self.axis}_from": "instant", f"{self.axis}_to": "instant"}
        behind_: dict[str, Kind] = {"opened_by": "numbers", "closed_by": "numbers", "unsettled": "numbers"}
        return Frame({"field": "text", "value": "text", **ends, **behind_}, rows)

    @checked
    def named(self, entity: str) -> str:
        """The name to show an entity under."""
        return self.names.get(entity, entity)

    def at(self, when: Whenever) -> Period | None:
        """The period that holds at the end of a date; None if a span leaves it out.

        Raises:
            BadWhen, NaiveDatetime: if it is no date.
            UnboundedPoint: if it has no end.
        """
        date = close_in(When.read(when), self.basis.zone)
        if date.latest is None:
            raise UnboundedPoint(self.axis, date.text)
        return next((period for period in self.periods if period.holds(date.latest)), None)

    def held(self) -> tuple[Holding, ...]:
        """How long each value was held, all periods added up, in the order in which they came."""
        found: dict[tuple[str, Any], list[Holding]] = {}
        for period in self.periods:
            for name, value in period.values.items():
                keyed = self.state.folds[name].keyed
                doubt = period.lasted if period.unsettled[name] else timedelta()
                for key, one in value.items() if keyed else ((None, value),):
                    _add(
                        found.setdefault((name, key), []),
                        Holding(field=name, key=key, value=one, lasted=period.lasted, unsettled=doubt),
                    )
        return tuple(one for several in found.values() for one in several)

    def as_dict(self) -> dict[str, Any]:
        """As plain JSON values; within a span, with how long each value was held."""
        basis = self.basis.as_dict()
        held = {"held": [one.as_dict() for one in self.held()]} if self.span else {}
        if self.axis == "valid":
            basis = {name: basis[name] for name in basis if name not in {"valid", "point"}}
        return {
            "state": self.state.name,
            "who": list(self.who),
            "field": self.field,
            "axis": self.axis,
            "basis": basis | ({"known": "then"} if self.then else {}) | self.span.as_dict(),
            "periods": [period.as_dict() for period in self.periods],
            **held,
        }

    @property
    def rows(self) -> tuple[Row, ...]:
        """Its periods in words."""
        fields = tuple(self.state.folds) if self.field is None else (self.field,)
        told = (Told(one.begins, one.ends, one.values, one.unsettled, one.opened_by) for one in self.periods)
        return tuple(rows(told, fields, self.named, self.basis.zone))

    @property
    def title(self) -> str:
        """Of whom and what it tells, and by what."""
        who = " – ".join(self.named(one) for one in self.who)
        what = [f"{who}: {(self.field or self.state.name).replace('_', ' ')}"]
        if self.axis == "known":
            what.append(f"at {close_of(self.basis.valid, self.basis.zone)}, by what was known")
        elif self.then:
            what.append("as known then")
        limits, zone = self.basis.limits, named(self.basis.zone)
        text = ", ".join([*what, *filter(None, (str(self.span), limits))])
        return printable(text if self.axis == "known" or f" {zone}" in limits else f"{text} ({zone})")

    def lines(self) -> Iterator[Line]:
        """Its periods, each with its bounds, what was so, and the records that made it so.

        Of one field, between two dates, also how long each value was held.
        """
        yield from period_lines(self.title, self.rows)
        if self.field is not None and self.span.first is not None and self.span.last is not None:
            yield Line.of()
            yield Line.of(("held", "head"))
            yield from (one.line(self.named) for one in self.held())


def _add(several: list[Holding], new: Holding) -> None:
    """Add a holding to the one of the same value, if there is one."""
    for place, one in enumerate(several):
        if one.value == new.value:
            several[place] = attrs.evolve(
                one, lasted=_sum(one.lasted, new.lasted), unsettled=_sum(one.unsettled, new.unsettled)
            )
            return
    several.append(new)


def _sum(one: timedelta | None, other: timedelta | None) -> timedelta | None:
    return None if one is None or other is None else one + other


def check_axis(axis: str, basis: Basis, span: Span) -> None:
    """See that a history can run along an axis.

    Raises:
        NotAllowed: if it is none, or along known time as known "then", or within a span of valid time.
    """
    if axis not in {"valid", "known"}:
        raise NotAllowed(f'axis={axis!r}: it is "valid" or "known"')
    if axis == "known" and (basis.then or span):
        what = 'known="then"' if basis.then else "a span of valid time"
        raise NotAllowed(f'{what} does not go with axis="known", which is asked at one date')


def periods(turns: Iterable[Turn], axis: Axis, field: str | None, span: Span) -> Iterator[Period]:
    """The periods between turns, cut to a span."""
    cls = KnownPeriod if axis == "known" else Period
    first, last = span.first, span.ends
    several = list(turns)
    for turn, following in zip(several, [*several[1:], None], strict=True):
        begins = _later(None if turn.at == BEGINNING else turn.at, first)
        ends = _earlier(None if following is None else following.at, last)
        if begins is None or ends is None or begins < ends:
            yield cls(
                begins=begins,
                ends=ends,
                changed=turn.changed,
                opened_by=turn.reasons,
                closed_by=() if following is None else following.reasons,
                field=field,
                seen=turn.seen,
            )


def _later(one: datetime | None, other: datetime | None) -> datetime | None:
    return max(filter(None, (one, other)), default=None)


def _earlier(one: datetime | None, other: datetime | None) -> datetime | None:
    return min(filter(None, (one, other)), default=None)


def _positions(records: Sequence[Record]) -> list[int]:
    return [record.position for record in records]
