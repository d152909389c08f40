"""The timeline of a state as plain rows: bars for what lasts, marks for what happens, arrows for slips."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final, Literal

import attrs
from attrs import evolve

from timeline.moment import Entry, KeyView, Period, Plan, opened
from timeline.plot.chart import sources, span_words
from timeline.plot.picture import TableRow
from timeline.records import Record
from timeline.values import BEGINNING, END, Span, When, printable
from timeline.vocabulary import Fold, StateType, is_empty, key_words, label, one_line, sentence

Sureness = Literal["sure", "unsettled", "possible"]
Named = Callable[[str], str]
_WORDS: Final[Mapping[Sureness, str]] = {
    "sure": "",
    "unsettled": "may be otherwise",
    "possible": "may have begun",
}


@attrs.frozen(kw_only=True)
class Bar:
    """What lasts: the value of a field, or of one slot of it, from one instant until before another.

    `sure` says how settled that is: "possible" where it may have begun or not, "unsettled" where it holds
    and may be otherwise. None is unbounded.
    """

    field: str
    lane: str
    value: Any
    text: str
    begins: datetime | None
    ends: datetime | None
    sure: Sureness
    records: tuple[Record, ...]

    @property
    def doubt(self) -> str:
        """How settled it is, in words; empty where nothing is open."""
        return _WORDS[self.sure]


@attrs.frozen(kw_only=True)
class Mark:
    """Something that happens, at some instant from `earliest` to `latest`; None is unbounded."""

    group: str
    lane: str
    text: str
    earliest: datetime | None
    latest: datetime | None
    when: When
    record: Record

    @property
    def imprecise(self) -> bool:
        """Whether it may have happened on one day or on another."""
        return self.earliest is None or self.latest is None or self.earliest.date() != self.latest.date()


@attrs.frozen(kw_only=True)
class Due:
    """A planned date, and what it became: another date, no date at all, or the same to the end.

    `slipped` says that it became another; `after` is None where no date was given any more.
    """

    lane: str
    before: When | None
    after: When | None
    slipped: bool
    text: str
    record: Record | None


@attrs.frozen
class Lanes:
    """All rows of a timeline picture."""

    bars: tuple[Bar, ...]
    marks: tuple[Mark, ...]
    dues: tuple[Due, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """The lanes in order: those of bars as their fields are declared, then plans, then events."""
        several: tuple[Bar | Due | Mark, ...] = (*self.bars, *self.dues, *self.marks)
        return tuple(dict.fromkeys(one.lane for one in several))

    def fullest(self, most: int) -> Lanes:
        """The rows of the lanes with the most in them."""
        several: tuple[Bar | Mark | Due, ...] = (*self.bars, *self.marks, *self.dues)
        kept = {name for name, _ in Counter(one.lane for one in several).most_common(most)}
        return Lanes(
            tuple(one for one in self.bars if one.lane in kept),
            tuple(one for one in self.marks if one.lane in kept),
            tuple(one for one in self.dues if one.lane in kept),
        )

    def within(self, span: Span) -> Lanes:
        """What lies in a span at least in part."""

        def inside(begins: datetime | None, ends: datetime | None) -> bool:
            early = begins is not None and span.ends is not None and begins >= span.ends
            late = ends is not None and span.first is not None and ends < span.first
            return not (early or late)

        return Lanes(
            tuple(one for one in self.bars if inside(one.begins, one.ends)),
            tuple(one for one in self.marks if inside(one.earliest, one.latest)),
            self.dues,
        )

    @property
    def instants(self) -> list[datetime]:
        """All instants at which anything begins, ends or happens."""
        found = [instant for bar in self.bars for instant in (bar.begins, bar.ends)]
        found += [instant for mark in self.marks for instant in (mark.earliest, mark.latest)]
        found += [when.latest for due in self.dues for when in (due.before, due.after) if when is not None]
        return sorted(one for one in found if one is not None)


def bar_fields(state: StateType) -> list[str]:
    """The fields that tell of what lasts: what is held, and the last word where it is no event by itself.

    Of several that are opened by the same events, the first.
    """
    found: dict[Any, str] = {}
    for name, fold in state.folds.items():
        if fold.lasts:
            found.setdefault((fold.kind, fold.per, fold.sides, fold.types), name)
    return list(found.values())


def bars(periods: Sequence[Period], view: KeyView, fields: Sequence[str], named: Named) -> Iterator[Bar]:
    """The bars of some fields, in the order of these and of their beginning."""
    for field in fields:
        entries = _entries(view, field)
        slots: dict[Any, list[Bar]] = {}
        for period in periods:
            for key, new in _of_period(period, field, view.state.folds[field], entries):
                several = slots.setdefault(key, [])
                if several and _goes_on(several[-1], new):
                    several[-1] = evolve(several[-1], ends=new.ends)
                else:
                    several.append(new)
        for key, several in slots.items():
            lane = _lane(field, key, named)
            for bar in several:
                yield evolve(bar, lane=lane, text=printable(one_line(bar.value, named)))


def _goes_on(bar: Bar, new: Bar) -> bool:
    """Whether nothing but time lies between one and the next."""
    return (
        (bar.ends, bar.sure) == (new.begins, new.sure)
        and (bar.value is new.value or bar.value == new.value)
        and [one.position for one in bar.records] == [one.position for one in new.records]
    )


def _entries(view: KeyView, field: str) -> Mapping[int, Sequence[tuple[Any, Entry]]]:
    """By position of its record, every entry of a field with the key of its slot."""
    fold = view.state.folds[field]
    found: dict[int, list[tuple[Any, Entry]]] = {}
    for slot, several in view.entries.get(field, {}).items():
        for entry in several:
            found.setdefault(entry.record.position, []).append((fold.key(slot), entry))
    return found


def _of_period(
    period: Period, field: str, fold: Fold, entries: Mapping[int, Sequence[tuple[Any, Entry]]]
) -> Iterator[tuple[Any, Bar]]:
    """What a period has of a field, by key of the slot: what is held, and what may be; without its words."""
    value = period.values[field]
    held = value if fold.keyed else {} if is_empty(value) else {None: value}
    doubtful = {
        key: entry
        for record in period.unsettled[field]
        for key, entry in entries.get(record.position, ())
        if key in held or opened(None, entry)
    }
    behind: dict[Any, list[Record]] = {}
    for record in period.because[field]:
        for key in dict.fromkeys(key for key, _ in entries.get(record.position, ())):
            behind.setdefault(key, []).append(record)
    for key in dict.fromkeys((*held, *doubtful)):
        records = behind.get(key, [])
        if key in doubtful and doubtful[key].record not in records:
            records = [*records, doubtful[key].record]
        bar = Bar(
            field=field,
            lane="",
            value=held[key] if key in held else doubtful[key].given,
            text="",
            begins=period.begins,
            ends=period.ends,
            sure="sure" if key not in doubtful else "unsettled" if key in held else "possible",
            records=tuple(records),
        )
        yield key, bar


def _lane(field: str, key: Any, named: Named) -> str:
    return printable(label(field) if key is None else f"{label(field)}: {key_words(key, named)}")


def marks(view: KeyView, fields: Sequence[str], named: Named) -> Iterator[Mark]:
    """Every event in view: those behind bars in their lanes, the others in a lane for each type."""
    placed: dict[int, list[tuple[str, str]]] = {}
    for field in fields:
        for position, several in _entries(view, field).items():
            placed.setdefault(position, []).extend((field, _lane(field, key, named)) for key, _ in several)
    for record in sorted(view.records, key=_when):
        if record.event is None or record.occurred is None or record.type is None:
            continue
        own = f"event: {label(record.type)}"
        for group, lane in dict.fromkeys(placed.get(record.position, [("", own)])):
            yield Mark(
                group=group,
                lane=lane,
                text=printable(sentence(record.event, named)),
                earliest=record.occurred.earliest,
                latest=record.occurred.latest,
                when=record.occurred,
                record=record,
            )


def _when(record: Record) -> tuple[datetime, datetime, int]:
    occurred = record.occurred
    latest = None if occurred is None else occurred.latest
    earliest = None if occurred is None else occurred.earliest
    return (latest or END, earliest or BEGINNING, record.position)


def dues(plans: Iterable[Plan], named: Named) -> Iterator[Due]:
    """The planned dates of plans: each slip as an arrow, and the date that holds at last."""
    for plan in plans:
        lane = printable("planned date" + ("" if plan.key is None else f": {key_words(plan.key, named)}"))
        for slip in plan.slips:
            by = "" if slip.by is None else f", {slip.by}"
            text = printable(f"slipped from {slip.before or 'no date'} to {slip.after or 'no date'}{by}")
            ends = {"before": slip.before, "after": slip.after}
            yield Due(lane=lane, **ends, slipped=True, text=text, record=slip.record)
        last = plan.planned or (None if plan.slips else plan.last)
        if last is not None:
            text = f"planned for {last}" if plan.outcome == "open" else f"was planned for {last}"
            yield Due(lane=lane, before=last, after=last, slipped=False, text=text, record=None)


def rows_of(lanes: Lanes) -> list[TableRow]:
    """What is drawn, from the first to begin to the last."""
    found: list[tuple[datetime, TableRow]] = []
    for bar in _without_days(lanes.bars):
        text = f"{bar.text} ({bar.doubt})" if bar.doubt else bar.text
        begins, ends = span_words(bar.begins, bar.ends).split(" – ")
        found.append(
            (bar.begins or BEGINNING, TableRow((bar.lane, begins, ends, text), sources(bar.records)))
        )
    for due in lanes.dues:
        told = [] if due.record is None else [due.record]
        row = TableRow((due.lane, _words(due.before), _words(due.after), due.text), sources(told))
        when = due.before or due.after
        found.append(((when and when.earliest) or BEGINNING, row))
    for mark in lanes.marks:
        row = TableRow((mark.lane, mark.when.words, "", mark.text), sources([mark.record]))
        found.append((mark.earliest or BEGINNING, row))
    return [row for _, row in sorted(found, key=lambda one: one[0])]


def _words(when: When | None) -> str:
    return "" if when is None else when.words


def _without_days(bars: Iterable[Bar]) -> Sequence[Bar]:
    """Bars, each with the day beside it in which it may have begun or ended: a date is a day at least."""
    found: list[Bar] = []
    for bar in bars:
        last = found[-1] if found else None
        if last is not None and (last.lane, last.value, last.ends) == (bar.lane, bar.value, bar.begins):
            if _within_a_day(bar):
                found[-1] = evolve(last, ends=bar.ends)
                continue
            if _within_a_day(last):
                found[-1] = evolve(bar, begins=last.begins)
                continue
        found.append(bar)
    return found


def _within_a_day(bar: Bar) -> bool:
    """Whether it is no more than the doubt of an exact day."""
    if not bar.doubt or bar.begins is None or bar.ends is None:
        return False
    return bar.ends - bar.begins <= timedelta(days=1)
