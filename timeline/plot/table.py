"""The rows of a timeline as the table beneath its picture."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from attrs import evolve

from timeline.plot.bars import Bar, Lanes
from timeline.plot.picture import TableRow
from timeline.plot.telling import sources, span_words
from timeline.replay import BEGINNING

__all__ = ["rows_of"]


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
        row = TableRow((due.lane, str(due.before or ""), str(due.after or ""), due.text), sources(told))
        when = due.before or due.after
        found.append(((when and when.earliest) or BEGINNING, row))
    for mark in lanes.marks:
        row = TableRow((mark.lane, str(mark.when), "", mark.text), sources([mark.record]))
        found.append((mark.earliest or BEGINNING, row))
    return [row for _, row in sorted(found, key=lambda one: one[0])]


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
