"""Money over time as a chart: stepped lines, known now against known then."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Final, Literal

import attrs

from timeline.moment import History, Period
from timeline.plot.chart import (
    Axis,
    Row,
    Theme,
    as_given,
    coloured,
    iso,
    layer,
    layered,
    short,
    span_words,
    time_ticks,
    tooltip,
)
from timeline.records import Record
from timeline.values import CatalogueError, Funds, bound, exactly, printable
from timeline.vocabulary import StateType, key_words, label

Knowledge = Literal["now", "then"]


@attrs.frozen(kw_only=True)
class Sum:
    """A sum in one currency from one instant until before another, wholly and jointly given taken together.

    `known` says by what was known: by all that the basis shows, or at each instant by what was known at it.
    `key` is that of the slot in words, or of the field; `currency` is empty where no amount was disclosed.
    """

    known: Knowledge
    key: str
    currency: str
    begins: datetime | None
    ends: datetime | None
    amount: Decimal
    funds: Funds
    unsettled: bool
    records: tuple[Record, ...]


def money_field(state: StateType, field: str | None) -> str:
    """The field that adds up money: the one named, else the first.

    Raises:
        CatalogueError: if there is no such field, or it adds up no money.
    """
    several = [name for name, fold in state.folds.items() if fold.sums_money]
    if field is None and several:
        return several[0]
    if field is None or field not in several:
        asked = f"{state.name}.{field} adds up no money" if field else f"{state.name} adds up no money"
        raise CatalogueError(f"{asked}; fields that do: {', '.join(several) or 'none'}")
    return field


def steps(found: History, field: str, known: Knowledge) -> Iterator[Sum]:
    """The steps of a history, of each key and currency, from the first sum on.

    A step is as long as the sum is the same, and as sure; of an exact day, the hour is no doubt.
    """
    last: dict[tuple[str, str], Sum] = {}
    begun: dict[str, set[str]] = {}
    for period in found:
        brief = period.lasted is not None and period.lasted <= _DAY
        for key, funds in _sums(period, found, field).items():
            amounts = _amounts(funds)
            before = begun.setdefault(key, set())
            before.update(amounts)
            for currency in sorted(before) or [""]:
                new = Sum(
                    known=known,
                    key=key,
                    currency=currency,
                    begins=period.begins,
                    ends=period.ends,
                    amount=amounts.get(currency, Decimal(0)),
                    funds=funds,
                    unsettled=bool(period.unsettled[field]) and not brief,
                    records=period.because[field],
                )
                same = last.get((key, currency))
                if same is not None and _alike(same, new):
                    last[key, currency] = attrs.evolve(same, ends=new.ends, records=new.records)
                    continue
                if same is not None:
                    yield same
                last[key, currency] = new
    yield from last.values()


def _alike(one: Sum, new: Sum) -> bool:
    return (one.ends, one.funds, one.unsettled) == (new.begins, new.funds, new.unsettled)


def _sums(period: Period, found: History, field: str) -> Mapping[str, Funds]:
    value = period.values[field]
    if isinstance(value, Funds):
        return {} if value == Funds() else {label(field): value}
    return {key_words(key, found.named): funds for key, funds in value.items()}


def _amounts(funds: Funds) -> Mapping[str, Decimal]:
    with exactly():
        return {
            currency: funds.wholly.get(currency, Decimal(0)) + funds.jointly.get(currency, Decimal(0))
            for currency in {**funds.wholly, **funds.jointly}
        }


_WIDTH: Final = 760
_HEIGHT: Final = 260
_MANY: Final = 40
KNOWN: Final = {"now": "as known now", "then": "as known then"}
_TICKS: Final = (
    "abs(datum.value) < 1000 ? format(datum.value, ',') "
    ": replace(replace(replace(format(datum.value, '~s'), 'G', 'bn'), 'M', 'm'), 'T', 'tn')"
)
_ROOM: Final = 1.08
"""How much higher the axis is than the largest sum."""
_LEGEND: Final[Row] = {
    "title": None,
    "labelLimit": 260,
    "symbolType": "stroke",
    "symbolSize": 400,
    "orient": "bottom",
}
_NOTE: Final = 96
"""How far apart notes are at least."""
_LINE: Final = 13
_PALE: Final = 0.4
_DAY: Final = timedelta(days=1)


def money_chart(steps: Sequence[Sum], axis: Axis, point: datetime, theme: Theme) -> Row:
    """The chart: a panel for each currency, in the inks of a theme."""
    currencies = sorted({step.currency for step in steps if step.currency})
    hues = coloured([step.key for step in steps], theme)
    panels = [
        _panel(
            currency, [step for step in steps if step.currency in {currency, ""}], axis, point, theme, hues
        )
        for currency in currencies
    ]
    return {"vconcat": panels or [_nothing(theme, "no amount is recorded" if steps else "nothing recorded")]}


def _nothing(theme: Theme, words: str) -> Row:
    mark = {"type": "text", "fontSize": 13, "color": theme.faint}
    text = layer(mark, [{"text": words}], text={"field": "text"}, x={"value": _WIDTH / 2})
    return {"width": _WIDTH, "height": 60, **text}


def _panel(
    currency: str, steps: Sequence[Sum], axis: Axis, point: datetime, theme: Theme, hues: Mapping[str, str]
) -> Row:
    ticks = {"title": currency, "labelExpr": _TICKS, "tickCount": 6, "titleAngle": 0, "titleY": -8}
    x = time_ticks(axis, "at", _WIDTH, grid=False)
    domain = _domain(steps)
    y = {"field": "amount", "type": "quantitative", "scale": {"domain": domain, "nice": False}, "axis": ticks}
    names = [short(key, 40) for key in hues]
    color = {
        "field": "key",
        "type": "nominal",
        "scale": {"domain": names, "range": list(hues.values())},
        "legend": _LEGEND,
    }
    dash = {
        "field": "known",
        "type": "nominal",
        "scale": {"domain": list(KNOWN.values()), "range": [[1, 0], [5, 4]]},
        "legend": _LEGEND | {"symbolStrokeColor": theme.ink},
    }
    turns = [
        one | {"ink": theme.ground if one["hollow"] else hues[one["whole"]]} for one in _turns(steps, axis)
    ]
    stroke = {"type": "rule", "stroke": theme.point, "strokeDash": [5, 3], "strokeWidth": 1.5, "clip": True}
    dot = {"type": "point", "size": 60 if len(turns) < _MANY else 22, "strokeWidth": 2, "opacity": 1}
    note = {"type": "text", "align": "left", "dx": 7, "dy": 13, "fontSize": 10, "color": theme.faint}
    layers = [
        layer(stroke, [{"at": iso(point), "says": f"as of {bound(point)} (UTC)"}], x=x),
        layer(
            {"type": "line", "interpolate": "step-after"},
            list(_lines(steps, axis, point)),
            x=x,
            y=y,
            color=color,
            strokeDash=dash,
            strokeWidth=as_given("wide"),
            strokeOpacity=as_given("shade"),
            detail=[{"field": "series", "type": "nominal"}],
        ),
        layer(dot, turns, x=x, y=y, color=color, fill=as_given("ink")),
        layer(note, list(_apart(turns, axis)), x=x, y=y, text={"field": "note"}),
        layer(
            {"type": "text", "align": "left", "dx": 8, "fontSize": 11},
            _ends(steps, axis, point, domain, hues),
            x=x,
            y=y,
            text={"field": "text"},
            color=as_given("ink"),
        ),
    ]
    return layered(_WIDTH, _HEIGHT, layers)


def _domain(steps: Sequence[Sum]) -> list[float]:
    """From where to where the axis of amounts runs; 0 is always on it."""
    amounts = [0.0, *(float(step.amount) for step in steps)]
    least, most = min(amounts) * _ROOM, max(amounts) * _ROOM
    return [least, most if most > least else least + 1]


def _ends(
    steps: Sequence[Sum], axis: Axis, point: datetime, domain: Sequence[float], hues: Mapping[str, str]
) -> list[Row]:
    """The sums at the point, right of it, none over another: as known now, and then where that differs."""
    last: dict[str, dict[Knowledge, Sum]] = {}
    for step in steps:
        held = (step.begins is None or step.begins <= point) and (step.ends is None or point < step.ends)
        if held and step.currency:
            last.setdefault(step.key, {})[step.known] = step
    rows: list[Row] = []
    for key, both in last.items():
        told = {known: _amount_words(step) for known, step in both.items()}
        alike = len(set(told.values())) == 1 and len(told) == len(KNOWN)
        for known, step in list(both.items())[: 1 if alike else None]:
            which = "now and then alike" if alike else "known now" if known == "now" else "known then"
            row = {"at": iso(min(point, axis.last)), "amount": float(step.amount), "ink": hues[key]}
            rows.append(row | {"text": f"{told[known]}, {which}"})
    height = (domain[1] - domain[0]) * _LINE / _HEIGHT
    rows.sort(key=lambda row: row["amount"])
    for below, above in pairwise(rows):
        above["amount"] = max(above["amount"], below["amount"] + height)
    return rows


def _amount_words(step: Sum) -> str:
    """A sum in its currency, and how many amounts are not in it."""
    wholly, jointly = (
        {one: value for one, value in part.items() if one == step.currency}
        for part in (step.funds.wholly, step.funds.jointly)
    )
    return str(Funds(wholly, jointly, step.funds.undisclosed, step.funds.inexact))


def _apart(turns: Sequence[Row], axis: Axis) -> Iterator[Row]:
    """The turns with a note, as many as have room."""
    free = 0.0
    for one in sorted((one for one in turns if one["note"]), key=lambda one: str(one["at"])):
        place = axis.part(datetime.fromisoformat(one["at"])) * _WIDTH
        if free <= place <= _WIDTH - _NOTE:
            yield one
            free = place + _NOTE


def _lines(steps: Sequence[Sum], axis: Axis, point: datetime) -> Iterator[Row]:
    """The ends of each step; where it is as sure as the one before, the line goes on, else another begins."""
    before: dict[tuple[str, str], Sum] = {}
    parts: Counter[tuple[str, str]] = Counter()
    for step in steps:
        ends = point if step.ends is None else min(step.ends, point)
        shown = axis.cut(step.begins, ends)
        if shown is None or not step.currency:
            continue
        series = step.known, step.key
        last = before.get(series)
        if last is not None and last.unsettled != step.unsettled:
            parts[series] += 1
            yield _place(attrs.evolve(step, amount=last.amount), shown[0], parts[series])
        before[series] = step
        for at in shown:
            yield _place(step, at, parts[series])


def _turns(steps: Sequence[Sum], axis: Axis) -> Iterator[Row]:
    """Where each step begins; hollow where an amount was not disclosed."""
    last: dict[tuple[str, str], Sum] = {}
    for step in steps:
        before = last.get((step.known, step.key))
        last[step.known, step.key] = step
        shown = axis.cut(step.begins, step.begins)
        same = before is not None and (before.amount, before.funds) == (step.amount, step.funds)
        if shown is None or step.begins is None or same or not step.currency:
            continue
        more = step.funds.undisclosed - (0 if before is None else before.funds.undisclosed)
        told = printable(f"{step.key}: {step.funds}, {KNOWN[step.known]}")
        yield _place(step, step.begins) | {
            "hollow": more > 0,
            "whole": step.key,
            "note": f"+{more} undisclosed" if more > 0 and step.known == "now" else "",
            "says": tooltip(told, span_words(step.begins, step.ends), step.records),
        }


def _place(step: Sum, at: datetime, part: int = 0) -> Row:
    shade = 0.45 if step.known == "now" else 1
    return {
        "at": iso(at),
        "amount": float(step.amount),
        "key": short(step.key, 40),
        "known": KNOWN[step.known],
        "wide": 5 if step.known == "now" else 2,
        "shade": shade * (_PALE if step.unsettled else 1),
        "series": f"{step.known} {part} {step.key}",
    }
