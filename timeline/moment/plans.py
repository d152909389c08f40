"""Plans: the dates that were announced for them, how these slipped, and what came of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any, ClassVar, Final, Literal

import attrs

from timeline.moment.history import Period
from timeline.moment.key import KeyLog, KeyView
from timeline.moment.replay import Entry, counted, opened, sortable, surely
from timeline.records import Record
from timeline.values import (
    Basis,
    InLines,
    Kind,
    Line,
    Several,
    Source,
    When,
    printable,
)
from timeline.vocabulary import Fold, Plain, StateType, label, plain_value

Outcome = Literal["open", "met", "ended"]
_NO_DATE: Final = "no date"


@attrs.frozen
class Days(Plain):
    """By how many days a date is later than another: at least and at most; None where there is no telling.

    Negative ones are earlier. It is a span where a date is imprecise.
    """

    least: int | None
    most: int | None

    @classmethod
    def between(cls, one: When, other: When) -> Days:
        """By how much the second date is later, counting days in UTC.

        >>> print(Days.between(When("2025-06"), When("2025-08-05")))
        36 to 65 days later
        """
        return cls(_days(one.latest, other.earliest), _days(one.earliest, other.latest))

    def __str__(self) -> str:
        least, most = self.least, self.most
        if least is None or most is None:
            if most is None and least is not None and least > 0:
                return f"at least {_counted(least)} later"
            if least is None and most is not None and most < 0:
                return f"at least {_counted(-most)} earlier"
            return "by how much is not known"
        if least == most:
            return (
                f"{_counted(abs(least))} {'later' if least > 0 else 'earlier'}" if least else "the same day"
            )
        if least >= 0:
            return f"{least} to {_counted(most)} later"
        if most <= 0:
            return f"{-most} to {_counted(-least)} earlier"
        return f"from {_counted(-least)} earlier to {_counted(most)} later"


@attrs.frozen(kw_only=True)
class Slip:
    """A planned date that became another: `before` to `after`, either None where no date was given.

    `by` is how much later than the date last given; None where none is, or none was. `record` announced it.
    """

    before: When | None
    after: When | None
    by: Days | None
    record: Record

    @property
    def announced(self) -> When | None:
        """When it was announced."""
        return self.record.occurred

    @property
    def known_at(self) -> datetime:
        """Since when the world could know."""
        return self.record.known_at

    @property
    def sources(self) -> Sequence[Source]:
        """On whose word."""
        return self.record.sources

    def as_dict(self) -> dict[str, Any]:
        """As plain JSON values; the record by position."""
        return {
            "before": plain_value(self.before),
            "after": plain_value(self.after),
            "by": plain_value(self.by),
            "announced": plain_value(self.announced),
            "known_at": self.known_at.isoformat(),
            "sources": [source.as_dict() for source in self.sources],
            "record": self.record.position,
        }


@attrs.frozen(kw_only=True)
class Belief(Plain):
    """The planned date that was believed in from one known instant until before another; None: none was."""

    known_from: datetime | None
    known_to: datetime | None
    planned: When | None


@attrs.frozen(kw_only=True, repr=False)
class Plan(InLines):
    """A plan at a basis: the dates announced for it, in the order of replay, and what came of it.

    `first` is the first date given, `last` the last one, and `planned` the one that holds, None where none
    does. `outcome` is "open", "met" (it was done), or "ended" otherwise; `ended_by` is the record that says
    so, and `actual` when it was done. `late` is by how much that is later than `first`. `overdue` is for how
    long the planned date has been past, without any end; `news` the last record of it. `unsettled` are
    records that may or may not have happened by then. `key` is that of the slot, where there are several.
    """

    state: StateType
    who: tuple[str, ...]
    field: str
    key: Any
    basis: Basis
    names: Mapping[str, str] = attrs.field(eq=False)
    first: When | None
    last: When | None
    planned: When | None
    slips: tuple[Slip, ...]
    outcome: Outcome
    ended_by: Record | None
    actual: When | None
    news: Record | None
    unsettled: tuple[Record, ...]
    believed: tuple[Belief, ...]

    @property
    def overdue(self) -> timedelta | None:
        """How long ago the planned date was past, if nothing has ended the plan; else None."""
        due = None if self.planned is None else self.planned.latest
        if self.outcome != "open" or due is None or due >= self.basis.point:
            return None
        return self.basis.point - due

    @property
    def late(self) -> Days | None:
        """By how much it was done later than first planned."""
        return None if self.first is None or self.actual is None else Days.between(self.first, self.actual)

    def as_dict(self) -> dict[str, Any]:
        """As plain JSON values; records by position, how long it is overdue in seconds."""
        return {
            "state": self.state.name,
            "who": list(self.who),
            "field": self.field,
            "key": plain_value(self.key),
            "basis": self.basis.as_dict(),
            "first": plain_value(self.first),
            "last": plain_value(self.last),
            "planned": plain_value(self.planned),
            "slips": [slip.as_dict() for slip in self.slips],
            "outcome": self.outcome,
            "ended_by": None if self.ended_by is None else self.ended_by.position,
            "actual": plain_value(self.actual),
            "late": plain_value(self.late),
            "overdue": plain_value(self.overdue),
            "news": None if self.news is None else self.news.position,
            "unsettled": [record.position for record in self.unsettled],
            "believed": [belief.as_dict() for belief in self.believed],
        }

    @property
    def title(self) -> str:
        """Of what it is the plan, and where the answer was taken from."""
        named = [self.names.get(one, one) for one in self.who]
        key = [] if self.key is None else list(self.key) if isinstance(self.key, tuple) else [self.key]
        what = " / ".join(self.names.get(part, part) for part in key) or label(self.field)
        return printable(f"{' – '.join(named)}: {what}, {self.basis}")

    def cells(self) -> Iterator[tuple[Any, ...]]:
        """A row for each date announced: the first one, and each slip, with when it became known."""
        first, actual = (None if when is None else when.text for when in (self.first, self.actual))
        turns: list[tuple[Any, ...]] = [(None, first, None, None)]
        for slip in self.slips:
            dates = (None if when is None else when.text for when in (slip.before, slip.after))
            turns.append((*dates, slip.known_at, slip.record.position))
        for turn in turns:
            yield self.field, plain_value(self.key), *turn, self.outcome, actual

    def lines(self) -> Iterator[Line]:
        """What it comes to, in words."""
        yield Line.of((self.title, "head"))
        yield from (Line.of(text, indent=2) for text in _lines(self))


class Plans(Several[Plan]):
    """Plans, by the key of their slots."""

    __slots__ = ()
    what: ClassVar[str] = "plans"
    columns: ClassVar[Mapping[str, Kind]] = {
        "field": "text",
        "key": "any",
        "before": "text",
        "after": "text",
        "known_at": "instant",
        "record": "number",
        "outcome": "text",
        "actual": "text",
    }

    def cells(self) -> Iterator[tuple[Any, ...]]:
        """A row for each date announced for a plan."""
        return (row for one in self for row in one.cells())

    def lines(self) -> Iterator[Line]:
        """What each comes to, in words."""
        return (line for one in self for line in one.lines())


def plans(
    key_log: KeyLog, basis: Basis, field: str, believed: Sequence[Period], names: Mapping[str, str]
) -> Iterator[Plan]:
    """The plans in a field of a key, one for each slot of which anything is in view at a basis.

    `believed` are the periods of the field along known time.
    """
    view = key_log.view(basis)
    fold = view.state.folds[field]
    slots = view.entries.get(field, {})
    for slot in sorted(slots, key=sortable):
        entries, key = slots[slot], fold.key(slot)
        yield Plan(
            state=view.state,
            who=view.key,
            field=field,
            key=key,
            basis=basis,
            names=names,
            news=_news(view if key is None else None, entries, basis),
            unsettled=tuple(one.record for one in entries if one.earliest <= basis.point < one.latest),
            believed=tuple(_believed(fold, key, believed)),
            **_followed(fold, counted(entries, basis.point, basis.dates)),
        )


def _followed(fold: Fold, entries: Iterable[Entry]) -> dict[str, Any]:
    """What became of a plan: the dates given, in order, and its end."""
    opener: Entry | None = None
    end: Entry | None = None
    planned: When | None = None
    given: list[When] = []
    slips: list[Slip] = []
    for entry in entries:
        opener = opened(opener, entry)
        if opener is not entry:
            if end is None and opener is None:
                end, planned = entry, None
            continue
        end = None
        after = _due(fold, entry.event)
        if given and _span(planned) != _span(after):
            by = None if after is None else Days.between(given[-1], after)
            slips.append(Slip(before=planned, after=after, by=by, record=entry.record))
        planned = after
        given += [] if after is None else [after]
    met = end is not None and type(end.event) in fold.met
    return {
        "first": given[0] if given else None,
        "last": given[-1] if given else None,
        "planned": planned,
        "slips": tuple(slips),
        "outcome": "open" if end is None else "met" if met else "ended",
        "ended_by": None if end is None else end.record,
        "actual": end.event.occurred if end is not None and met else None,
    }


def _due(fold: Fold, event: Any) -> When | None:
    """The date that an event plans for."""
    found: When | None = None if fold.due is None else getattr(event, fold.due)
    return found


def _span(when: When | None) -> tuple[datetime | None, datetime | None] | None:
    """What two dates have alike that are the same, however they are written."""
    return None if when is None else (when.earliest, when.latest)


def _news(view: KeyView | None, entries: Sequence[Entry], basis: Basis) -> Record | None:
    """The last record about a plan that counts: of a state that is about it alone, any; else of its slot."""
    records = [one.record for one in entries] if view is None else view.records
    return max((one for one in records if surely(one)[0] <= basis.point), default=None, key=surely)


def _believed(fold: Fold, key: Any, several: Sequence[Period]) -> Iterator[Belief]:
    """The planned date by what was known, as long as it is the same."""

    def planned(period: Period) -> When | None:
        value = period.value.get(key) if fold.keyed else period.value
        return value if value is None or isinstance(value, When) else _due(fold, value)

    for _, together in groupby(several, key=lambda period: _span(planned(period))):
        first, *others = together
        last = others[-1] if others else first
        yield Belief(known_from=first.begins, known_to=last.ends, planned=planned(first))


def _lines(plan: Plan) -> Iterator[str]:
    if plan.first is not None:
        yield f"first planned for {plan.first.words}"
    else:
        yield "no date was given" if plan.news else "nothing recorded"
    for slip in plan.slips:
        by = "" if slip.by is None else f", {slip.by}"
        before, after = _date(slip.before), _date(slip.after)
        yield f"slipped from {before} to {after}{by}; announced {_date(slip.announced)}{_word(slip.record)}"
    if plan.ended_by is not None:
        late = "" if plan.late is None else f", {plan.late} than first planned"
        when = plan.ended_by.occurred
        yield f"{'done' if plan.actual else 'given up'} {_date(when)}{late}{_word(plan.ended_by)}"
    elif plan.overdue is not None and plan.news is not None:
        yield f"overdue by {_counted(plan.overdue.days)}; {_last_news(plan.news)}"
    elif plan.planned is not None:
        yield f"planned for {plan.planned.words}"
    elif plan.slips and plan.news is not None:
        yield f"{_NO_DATE}; {_last_news(plan.news)}"
    if plan.unsettled:
        yield "? " + " ".join(record.label for record in plan.unsettled)


def _date(when: When | None) -> str:
    return _NO_DATE if when is None else when.words


def _last_news(record: Record) -> str:
    return f"last news {_date(record.occurred)}{_word(record)}"


def _word(record: Record) -> str:
    """By which sources, and where it stands."""
    sources = f" [{'; '.join(map(str, record.sources))}]" if record.sources else ""
    return f"{sources} {record.label}"


def _days(start: datetime | None, end: datetime | None) -> int | None:
    return None if start is None or end is None else (end.date() - start.date()).days


def _counted(days: int) -> str:
    return "1 day" if days == 1 else f"{days} days"
