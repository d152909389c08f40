"""The pictures of a timeline: what runs, what was paid, what changed, and who is tied to whom."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Final

import attrs

from timeline.moment import Moment, difference
from timeline.plot.bars import Lanes, bar_fields, bars, dues, marks, rows_of
from timeline.plot.changes_chart import changes_chart, shifts
from timeline.plot.chart import Axis, point_words, short, sources, span_words, where
from timeline.plot.graph_chart import Network, graph_chart, network
from timeline.plot.money_chart import KNOWN, Sum, money_chart, money_field, steps
from timeline.plot.picture import Picture, TableRow
from timeline.plot.text_chart import columns, lanes_in_letters
from timeline.plot.timeline_chart import timeline_chart
from timeline.values import Basis, NotAllowed, Span, When, Whenever, checked, named
from timeline.vocabulary import NOTHING, State

if TYPE_CHECKING:
    from timeline.moment import Side
    from timeline.vocabulary import StateType

_MOST: Final = 60
"""How many lanes are drawn; the table has all."""
_ENTITIES: Final = 300
_FEW_DAYS: Final = timedelta(days=30)
"""In a picture of so much time or less, it shows that an exact day leaves the hour open."""
_SURENESS: Final = {"possible": "faded: may have begun", "unsettled": "hatched: may be otherwise"}
_PLANNING: Final = {
    "planned": "□ planned date",
    "slipped": "○▸ slipped",
    "put off": "⊖ put off, no date given",
    "given up": "× given up",
    "done": "✓ done",
}
_EVER: Final = When("9998")


@checked
def timeline(
    moment: Moment,
    state: type[State] | str,
    *who: str,
    during: Whenever | None = None,
    since: Whenever | None = None,
    until: Whenever | None = None,
    most: int = _MOST,
) -> Picture:
    """What was so of an entity or a pair, and when: bars for what lasts, marks for events, arrows for slips.

    A line stands at the point of the moment. `during`, `since` and `until` are as in `Moment.history`. Of
    more than `most` lanes, those with the most in them are drawn, and the table has all.

    Raises:
        TimelineError: as `Moment.history`.
    """
    span = Span(during=during, since=since, until=until, zone=moment.basis.zone)
    kind = moment.catalogue.state(state)
    found = _as_known(moment).side(kind.cls, who)
    lanes = _lanes(moment, kind, found).within(span)
    axis = Axis.around(lanes.instants, moment.basis.point, span)
    if axis.last - axis.first > _FEW_DAYS:
        lanes = lanes.in_days()
    drawn = lanes.fullest(most)
    subtitle = [f"as of {where(moment.basis.in_utc())}", *([_only(span)] if span else [])]
    subtitle += _left(len(lanes.names) - len(drawn.names), "lanes")
    here = moment.basis.point
    return Picture(
        title=_title(found.state.named, found.state.who, kind.name),
        subtitle=tuple(subtitle),
        notes=tuple(filter(None, [" · ".join(_legend(drawn, axis, moment.basis.point))])),
        columns=("what", "from", "to", "told"),
        rows=tuple(rows_of(lanes)),
        draw=lambda theme: timeline_chart(drawn, axis, here, theme),
        print=lambda width: lanes_in_letters(drawn, axis, here, width),
    )


def _legend(lanes: Lanes, axis: Axis, point: datetime) -> Iterator[str]:
    """How to read the signs that there are in a timeline."""
    if lanes.bars and point < axis.last:
        yield "dashed: after the date asked about"
    for sure, words in _SURENESS.items():
        if any(bar.sure == sure for bar in lanes.bars):
            yield words
    for imprecise, words in ((False, "◆ event"), (True, "◇ event, date imprecise")):
        if any(mark.imprecise is imprecise for mark in lanes.marks):
            yield words
    for kind, words in _PLANNING.items():
        if any(due.kind == kind for due in lanes.dues):
            yield words


def _title(named: Callable[[str], str], who: Iterable[str], what: str) -> str:
    """Of whom a picture is, and what it shows of that."""
    return short(f"{' – '.join(map(named, who))}: {what.replace('_', ' ')}", 110)


def _left(count: int, what: str) -> list[str]:
    """That more is in the table than is drawn, where that is so."""
    return [f"{count} more {what} are in the table only"] if count > 0 else []


def _only(span: Span) -> str:
    """To what a picture is restricted; where the dates are not of UTC, with the zone."""
    return f"{span} only" if span.zone is None else f"{span} only, in {named(span.zone)}"


@checked
def money(
    moment: Moment, state: type[State] | str, *who: str, field: str | None = None, most: int = 6
) -> Picture:
    """Money over time up to a date, stepped: by what is known now, and at each date by what was known then.

    `field` is one that adds up money, the first unless given. Of more than `most` keys, those with the
    largest sums are drawn, and the table has all.

    Raises:
        CatalogueError: if the field adds up no money.
        TimelineError: as `Moment.history`.
    """
    kind = moment.catalogue.state(state)
    name = money_field(kind, field)
    now = _as_known(moment).history(kind.cls, *who, field=name)
    then = moment.as_of(known="then").history(kind.cls, *who, field=name)
    here = moment.basis.point
    both = (*steps(now, name, "now"), *steps(then, name, "then"))
    found = [one for one in both if one.begins is None or one.begins <= here]
    once = {(one.known, one.key, one.begins): one for one in found}
    keys = _largest(found, most)
    drawn = [one for one in found if one.key in keys]
    turns = [one.begins for one in drawn if one.begins is not None]
    axis = Axis.around([*turns, here], here, Span())
    left = len({one.key for one in found} - keys)
    smaller = [f"{left} smaller sums are in the table only"] if left else []
    rows = tuple(
        TableRow(
            (
                one.key,
                *span_words(one.begins, one.ends).split(" – "),
                f"{one.funds}{' (may be otherwise)' if one.unsettled else ''}",
                KNOWN[one.known],
            ),
            sources(one.records),
        )
        for one in once.values()
    )
    heads = ("what", "from", "to", "amount", "known")
    return Picture(
        title=_title(now.named, now.who, name),
        subtitle=(f"as of {where(moment.basis.in_utc())}",),
        notes=(" · ".join(_reading(drawn)), *smaller),
        columns=heads,
        rows=rows,
        draw=lambda theme: money_chart(drawn, axis, here, theme),
        print=lambda width: columns(heads, [row.cells for row in rows], width),
    )


def _reading(found: Iterable[Sum]) -> Iterator[str]:
    """How to read the lines that there are in a picture of money."""
    yield "solid: as known now · dashed: at each date as known then"
    if any(one.unsettled for one in found):
        yield "pale: may be otherwise"
    if any(one.funds.undisclosed for one in found):
        yield "○ undisclosed"


def _largest(found: Sequence[Sum], most: int) -> set[str]:
    """The keys with the largest sums."""
    largest: dict[str, Decimal] = {}
    for one in found:
        largest[one.key] = max(largest.get(one.key, Decimal(0)), one.amount)
    return set(sorted(largest, key=lambda key: (-largest[key], key))[:most])


@checked
def changes(before: Moment, after: Moment, state: type[State] | str, *who: str, most: int = _MOST) -> Picture:
    """What changed between two moments: each field or slot before and after, and why.

    Of more than `most`, the first are drawn, and the table has all.

    Raises:
        TimelineError: as `Moment.diff`.
    """
    kind = after.catalogue.state(state)
    first, second = (one.side(state, who) for one in (before, after))
    found = difference(first, second)
    several = tuple(shifts(found, first, second))
    ends = point_words(before.basis), point_words(after.basis)
    heads = ("what", "before", "after", "why")
    rows = tuple(
        TableRow((one.lane, one.before, one.after, one.why), sources(cause.record for cause in one.causes))
        for one in several
    )
    return Picture(
        title=_title(second.state.named, second.state.who, f"what changed in {kind.name}"),
        subtitle=(f"from {where(before.basis)}", f"to {where(after.basis)}"),
        notes=tuple(_left(len(several) - most, "changes")),
        columns=heads,
        rows=rows,
        draw=lambda theme: changes_chart(ends, several[:most], theme),
        print=lambda width: (
            columns(heads, [row.cells for row in rows], width) if rows else ["nothing differs"]
        ),
    )


@checked
def graph(moment: Moment, state: type[State] | str | None = None, *, most: int = _ENTITIES) -> Picture:
    """Who is tied to whom as of a date; the places are those of all time, the same whatever the date.

    `state` is one of pairs, by default that of `Moment.between`. Of more than `most` entities, those with
    the most ties over all time are drawn, and the table has all ties.

    Raises:
        NotAllowed: if the state is not of pairs, or cannot be asked of all at once.
    """
    kind, found = _tied(moment, state, most)
    names = found.names
    heads = ("one", "other", "what")
    rows = tuple(
        TableRow((names[tie.one], names[tie.other], "; ".join(tie.lines)), sources(tie.records))
        for tie in found.all
    )
    return Picture(
        title=_title(str, ["who is tied to whom"], kind.name),
        subtitle=(f"as of {where(moment.basis)}",),
        notes=tuple(filter(None, [" · ".join(_looks(found)), *_left(found.left, "entities")])),
        columns=heads,
        rows=rows,
        draw=lambda theme: graph_chart(found, theme),
        print=lambda width: columns(heads, [row.cells for row in rows], width) if rows else [NOTHING],
    )


def _looks(found: Network) -> Iterator[str]:
    """How to read the ties and dots that there are in a graph."""
    if any(tie.heads for tie in found.ties):
        yield "arrow: from whom to whom"
    for sure, words in (("unsettled", "pale: may be otherwise"), ("possible", "dashed: may be so")):
        if any(tie.sure == sure for tie in found.ties):
            yield words
    if any(not node.ties for node in found.nodes):
        yield "hollow: tied at another date"


@checked
def ties(moment: Moment, state: type[State] | str | None = None, *, most: int = _ENTITIES) -> Network:
    """The same as entities with their places, in a square of side 1, and what ties them.

    Raises:
        NotAllowed: as `graph`.
    """
    return _tied(moment, state, most)[1]


def _tied(moment: Moment, state: type[State] | str | None, most: int) -> tuple[StateType, Network]:
    """The state of pairs that is meant, and the graph of it."""
    kind = moment.catalogue.pair_state() if state is None else moment.catalogue.state(state)
    if kind.arity != 2:
        raise NotAllowed(f"a graph is of pairs, and {kind.name} is the state of one entity")
    basis = Basis.at(_EVER, None, "latest", moment.basis.position, supposed=moment.basis.supposed)
    always = attrs.evolve(moment, basis=basis)
    return kind, network(kind, always.all(kind.cls), moment.all(kind.cls), most, moment.names)


def _as_known(moment: Moment) -> Moment:
    """A moment that, if it is as known "then", stays by what was known at its date also at others."""
    return moment.as_of(known=moment.basis.known) if moment.basis.then else moment


def _lanes(moment: Moment, kind: StateType, found: Side) -> Lanes:
    view, named = found.view, found.state.named
    fields = bar_fields(kind)
    plans = [
        plan
        for field, fold in kind.folds.items()
        if fold.due is not None
        for plan in moment.plans(kind.cls, *found.state.who, field=field)
    ]
    return Lanes(
        tuple(bars(view, fields, moment.basis.dates, named)),
        tuple(marks(view, fields, named)),
        tuple(dues(plans, named)),
    )
