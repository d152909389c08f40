"""The timeline of a state as plain rows: bars for what lasts, marks for what happens, arrows for slips."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final, Literal

import attrs
from attrs import evolve

from timeline.moment import Entry, KeyView, Plan, opened, steps
from timeline.plot.chart import sources, span_words
from timeline.plot.picture import TableRow
from timeline.records import Record
from timeline.values import BEGINNING, END, Reading, Span, When, printable
from timeline.vocabulary import Fold, Slot, StateType, is_empty, key_words, label, one_line, sentence

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
    when: When
    record: Record

    @property
    def at(self) -> datetime | None:
        """Where it is drawn."""
        return drawn_at(self.when)

    @property
    def imprecise(self) -> bool:
        """Whether it may have happened on one day or on another."""
        return is_imprecise(self.when)


DueKind = Literal["planned", "slipped", "put off", "given up", "done"]


@attrs.frozen(kw_only=True)
class Due:
    """A planned date, and what became of it: it was to the end, it slipped `to` another, or it was put off.

    Put off is what was given no other date. What is given up or done is so at `when`, whenever it was
    planned. None is where no date was given before.
    """

    lane: str
    kind: DueKind
    when: When | None
    to: When | None
    text: str
    record: Record | None

    @property
    def dates(self) -> tuple[When, ...]:
        """The dates that it speaks of."""
        return tuple(when for when in (self.when, self.to) if when is not None)


def drawn_at(when: When) -> datetime | None:
    """Where a date is drawn: in its middle, so within it; without one end, on the day of the other.

    >>> print(drawn_at(When("2028")))
    2028-07-02 00:00:00+00:00
    """
    first, last = when.earliest, when.latest
    if first is None or last is None:
        only = first or last
        return None if only is None else only.replace(hour=12, minute=0, second=0, microsecond=0)
    return first + (last - first) / 2


def is_imprecise(when: When) -> bool:
    """Whether a date is more than one day."""
    first, last = when.earliest, when.latest
    return first is None or last is None or first.date() != last.date()


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

    def _where(self, keep: Callable[[Bar | Mark | Due], bool]) -> Lanes:
        return Lanes(
            tuple(one for one in self.bars if keep(one)),
            tuple(one for one in self.marks if keep(one)),
            tuple(one for one in self.dues if keep(one)),
        )

    def fullest(self, most: int) -> Lanes:
        """The rows of the lanes with the most in them."""
        several: tuple[Bar | Mark | Due, ...] = (*self.bars, *self.marks, *self.dues)
        kept = {name for name, _ in Counter(one.lane for one in several).most_common(most)}
        return self._where(lambda one: one.lane in kept)

    def within(self, span: Span) -> Lanes:
        """What lies in a span at least in part."""

        def inside(one: Bar | Mark | Due) -> bool:
            for begins, ends in _stretches(one):
                early = begins is not None and span.ends is not None and begins >= span.ends
                late = ends is not None and span.first is not None and ends < span.first
                if not (early or late):
                    return True
            return False

        return self._where(inside)

    def in_days(self) -> Lanes:
        """The same, with each bar begun and ended by days, where only the hour of an exact day is open."""
        return attrs.evolve(self, bars=tuple(_without_days(self.bars)))

    @property
    def instants(self) -> list[datetime]:
        """All instants at which anything begins, ends or happens."""
        several: tuple[Bar | Mark | Due, ...] = (*self.bars, *self.marks, *self.dues)
        stretches = (stretch for one in several for stretch in _stretches(one))
        return sorted(instant for stretch in stretches for instant in stretch if instant is not None)


def _stretches(one: Bar | Mark | Due) -> Iterator[tuple[datetime | None, datetime | None]]:
    """Through which stretches of time something runs, or may lie."""
    if isinstance(one, Bar):
        yield one.begins, one.ends
        return
    for when in (one.when,) if isinstance(one, Mark) else one.dates:
        yield when.earliest, when.latest


def bar_fields(state: StateType) -> list[str]:
    """The fields that tell of what lasts: what is held, and the last word where it is no event by itself.

    Of several that are opened by the same events, the first.
    """
    found: dict[Any, str] = {}
    for name, fold in state.folds.items():
        if fold.lasts:
            found.setdefault((fold.kind, fold.per, fold.sides, fold.types), name)
    return list(found.values())


def bars(view: KeyView, fields: Sequence[str], dates: Reading, named: Named) -> Iterator[Bar]:
    """The bars of some fields, in the order of these and of their beginning."""
    for field in fields:
        fold = view.state.folds[field]
        lanes = [
            list(_of_slot(field, fold, slot, entries, dates, named))
            for slot, entries in view.entries.get(field, {}).items()
        ]
        begun = [(several[0].begins or BEGINNING, several[0].lane, several) for several in lanes if several]
        for *_, several in sorted(begun, key=lambda one: one[:2]):
            yield from several


def _of_slot(
    field: str, fold: Fold, slot: Slot, entries: Sequence[Entry], dates: Reading, named: Named
) -> Iterator[Bar]:
    """The bars of one slot: one for as long as its value is the same, and as sure."""
    lane = _lane(field, fold.key(slot), named)
    entered = {entry.record.position: entry for entry in entries}
    doubts: Counter[int] = Counter()
    last: Bar | None = None
    several = list(steps(fold, entries, dates))
    for step, following in zip(several, [*several[1:], None], strict=True):
        doubts.update(record.position for record in step.gained)
        doubts.subtract(record.position for record in step.lost)
        held = step.present if fold.keyed else not is_empty(step.value)
        open_ = [entered[place] for place, count in doubts.items() if count > 0]
        doubtful = [entry for entry in open_ if held or opened(None, entry)]
        if not held and not doubtful:
            continue
        value = step.value if held else doubtful[-1].given
        behind = {record.position: record for record in step.behind} if held else {}
        behind |= {entry.record.position: entry.record for entry in doubtful}
        new = Bar(
            field=field,
            lane=lane,
            value=value,
            text=printable(one_line(value, named)),
            begins=None if step.at == BEGINNING else step.at,
            ends=None if following is None else following.at,
            sure="sure" if not doubtful else "unsettled" if held else "possible",
            records=tuple(behind.values()),
        )
        if last is not None and _goes_on(last, new):
            together = {record.position: record for record in (*last.records, *new.records)}
            last = evolve(last, ends=new.ends, records=tuple(together.values()))
            continue
        if last is not None:
            yield last
        last = new
    if last is not None:
        yield last


def _goes_on(bar: Bar, new: Bar) -> bool:
    """Whether nothing but time lies between one and the next."""
    return (bar.ends, bar.sure) == (new.begins, new.sure) and (
        bar.value is new.value or bool(bar.value == new.value)
    )


def _lane(field: str, key: Any, named: Named) -> str:
    return printable(label(field) if key is None else f"{label(field)}: {key_words(key, named)}")


def marks(view: KeyView, fields: Sequence[str], named: Named) -> Iterator[Mark]:
    """Every event in view: those behind bars in their lanes, the others in a lane for each type."""
    placed: dict[int, list[tuple[str, str]]] = {}
    for field in fields:
        fold = view.state.folds[field]
        for slot, several in view.entries.get(field, {}).items():
            lane = _lane(field, fold.key(slot), named)
            for entry in several:
                placed.setdefault(entry.record.position, []).append((field, lane))
    for record in sorted(view.records, key=_when):
        if record.event is None or record.occurred is None or record.type is None:
            continue
        own = f"event: {label(record.type)}"
        for group, lane in dict.fromkeys(placed.get(record.position, [("", own)])):
            yield Mark(
                group=group,
                lane=lane,
                text=printable(sentence(record.event, named)),
                when=record.occurred,
                record=record,
            )


def _when(record: Record) -> tuple[datetime, datetime, int]:
    occurred = record.occurred
    latest = None if occurred is None else occurred.latest
    earliest = None if occurred is None else occurred.earliest
    return (latest or END, earliest or BEGINNING, record.position)


def dues(plans: Iterable[Plan], named: Named) -> Iterator[Due]:
    """The planned dates of plans: each slip, the date that holds at last, and what came of it."""
    for plan in plans:
        lane = printable("planned date" + ("" if plan.key is None else f": {key_words(plan.key, named)}"))

        def due(
            kind: DueKind, text: str, when: When | None, to: When | None = None, by: Record | None = None
        ) -> Due:
            return Due(lane=lane, kind=kind, when=when, to=to, text=printable(text), record=by)  # noqa: B023

        for slip in plan.slips:
            if slip.after is None:
                yield due("put off", f"{slip.before} put off, no date given", slip.before, by=slip.record)
                continue
            later = "" if slip.by is None else f", {slip.by}"
            text = f"slipped from {slip.before or 'no date'} to {slip.after}{later}"
            yield due("slipped", text, slip.before, slip.after, slip.record)
        last = plan.planned or (None if plan.slips else plan.last)
        if last is not None:
            yield due("planned", f"{'' if plan.outcome == 'open' else 'was '}planned for {last}", last)
        if plan.ended_by is not None and plan.ended_by.occurred is not None:
            kind: DueKind = "done" if plan.outcome == "met" else "given up"
            when = plan.ended_by.occurred
            yield due(kind, f"{kind} {when.words}", when, by=plan.ended_by)


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
        row = TableRow((due.lane, _words(due.when), _words(due.to), due.text), sources(told))
        when = due.when or due.to
        found.append(((when and when.earliest) or BEGINNING, row))
    for mark in lanes.marks:
        row = TableRow((mark.lane, mark.when.words, "", mark.text), sources([mark.record]))
        found.append((mark.when.earliest or BEGINNING, row))
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
