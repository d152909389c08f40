"""What all charts share: the time that they show, with its ticks; their inks; and how layers are written."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final, Literal

import attrs

from timeline.records import Record
from timeline.values import Basis, Source, Span, bound, printable

_SCHEMA: Final = "https://vega.github.io/schema/vega-lite/v6.json"
_FONT: Final = "system-ui, 'Helvetica Neue', Arial, 'DejaVu Sans', sans-serif"
_HUES: Final = ("#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#D55E00")
"""Of Okabe and Ito (Color Universal Design, 2008), which those who are colour-blind can tell apart.

Black and yellow are left out: a ground hides them.
"""
_MIDDLE: Final = 100
PER_SIGN: Final = 6.3
"""How wide a letter is, about."""

_FIRST: Final = datetime(1, 1, 1, tzinfo=UTC)
_LAST: Final = datetime(9998, 12, 31, tzinfo=UTC)
_ALONE: Final = timedelta(days=30)
_MOST_TICKS: Final = 10
_APART: Final = 3
"""How many signs there are at least between the labels of two ticks."""
_MONTHS: Final = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
LEAST: Final = 8
"""Of a text that is cut, so many signs are left at least."""
_FRACTION: Final = re.compile(r"(?<=:\d\d)\.\d+")

Row = dict[str, Any]


@attrs.frozen
class Axis:
    """From which instant to which a picture shows time; what is unbounded is cut there."""

    first: datetime
    last: datetime

    @classmethod
    def around(cls, instants: Sequence[datetime], point: datetime, span: Span) -> Axis:
        """What holds all instants, and the point asked about unless it is far from all, within a span."""
        known = sorted(instants) or [point]
        first, last = known[0], known[-1]
        room = max(last - first, _ALONE)
        if first - point <= room and point - last <= room:
            first, last = min(first, point), max(last, point)
        edge = max(last - first, _ALONE) / 33
        first, last = max(_FIRST + edge, first) - edge, min(_LAST - edge, last) + edge
        first, last = span.first or first, span.ends or last
        return cls(first, last if last > first else first + _ALONE)

    def cut(self, begins: datetime | None, ends: datetime | None) -> tuple[datetime, datetime] | None:
        """The part of a stretch of time that is shown; None where none is."""
        start = self.first if begins is None else max(begins, self.first)
        stop = self.last if ends is None else min(ends, self.last)
        return (start, stop) if start <= stop and start <= self.last and stop >= self.first else None

    def part(self, instant: datetime) -> float:
        """How far along an instant lies: 0 at the first, 1 at the last."""
        return (instant - self.first) / (self.last - self.first)

    def at(self, part: float) -> datetime:
        """The instant that lies so far along."""
        return self.first + (self.last - self.first) * min(max(part, 0.0), 1.0)


@attrs.frozen
class _Grid:
    """Instants that lie evenly: every so many years, months, or stretches of time of a length."""

    unit: Literal["year", "month", "day", "minute", "second"]
    step: int

    @property
    def length(self) -> timedelta:
        """About how far they are apart."""
        days = {"year": 365, "month": 30, "day": 1}.get(self.unit)
        return self.step * (timedelta(**{f"{self.unit}s": 1}) if days is None else timedelta(days=days))

    def between(self, first: datetime, last: datetime) -> Iterator[datetime]:
        """Those from one instant to another."""
        if self.unit in {"year", "month"}:
            months = self.step * (12 if self.unit == "year" else 1)
            for month in range((first.year * 12 // months) * months, last.year * 12 + 12, months):
                if 12 <= month < 9999 * 12:
                    at = datetime(month // 12, month % 12 + 1, 1, tzinfo=UTC)
                    if first <= at <= last:
                        yield at
            return
        at = _FIRST + (first - _FIRST) // self.length * self.length
        while at <= last:
            if at >= first:
                yield at
            at += self.length

    def label(self, at: datetime) -> str:
        """One of them in words, the year always told."""
        if self.unit == "year":
            return f"{at.year:04}"
        if self.unit == "month":
            return f"{_MONTHS[at.month - 1]} {at.year:04}"
        fine: dict[str, str] = {"minute": f" {at:%H:%M}", "second": f" {at.time()}"}
        return f"{at.date()}{fine.get(self.unit, '')}"


_GRIDS: Final = (
    *(_Grid("second", step) for step in (1, 5, 15, 30)),
    *(_Grid("minute", step) for step in (1, 5, 15, 30, 60, 180, 360, 720)),
    *(_Grid("day", step) for step in (1, 2, 7, 14)),
    *(_Grid("month", step) for step in (1, 3, 6)),
    *(_Grid("year", step) for step in (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000)),
)


def ticks(axis: Axis, room: int) -> dict[datetime, str]:
    """What is written along an axis of so many signs, and where: no two are alike, none lies over another."""
    span = axis.last - axis.first
    for grid in _GRIDS:
        most = min(room // (len(grid.label(axis.last)) + _APART), _MOST_TICKS)
        if span / grid.length <= most:
            return {at: grid.label(at) for at in grid.between(axis.first, axis.last)}
    return {}


def time_ticks(axis: Axis, field: str, width: int, **look: Any) -> Row:
    """A field as time along an axis so wide, with its ticks."""
    found = ticks(axis, int(width / PER_SIGN))
    epoch = datetime(1970, 1, 1, tzinfo=UTC)
    labels = {(at - epoch) // timedelta(milliseconds=1): label for at, label in found.items()}
    told = " : ".join(f"+datum.value == {at} ? '{label}'" for at, label in labels.items())
    written = {"title": None, "values": list(labels), "labelExpr": f"{told} : ''" if told else "''"}
    scale = {"type": "utc", "domain": [iso(axis.first), iso(axis.last)], "nice": False}
    return {"field": field, "type": "temporal", "scale": scale, "axis": written | look}


def ticks_in_letters(axis: Axis, room: int) -> str:
    """The ticks written where they lie on a line of so many signs; without two, from when to when it runs."""
    found = {int(axis.part(at) * room): label for at, label in ticks(axis, room).items()}
    told = {place: label for place, label in found.items() if place + len(label) <= room}
    if len(told) < 2:
        first, last = f"{axis.first.date()}", f"{axis.last.date()}"
        return f"{first}{last:>{room - len(first)}}"
    line = ""
    for place, label in told.items():
        line = f"{line:{place}}{label}"
    return line


def point_words(basis: Basis) -> str:
    """The point of a picture, and what limits it, in words; no finer than a second."""
    return _FRACTION.sub("", printable(f"{basis}"))


def where(basis: Basis) -> str:
    """Where a picture is taken from, as its subtitle says it."""
    return f"{point_words(basis)}, {basis.records}"


def beside(places: Sequence[int], texts: Sequence[str], room: int) -> Iterator[tuple[int, str]]:
    """Texts to write after signs on a line of so many, and where: as far as each has room before the next.

    >>> list(beside([2, 20], ["a round of $5m", "a round of $7m"], 40))
    [(4, 'a round of $5m'), (22, 'a round of $7m')]
    """
    for place, following, text in zip(places, [*places[1:], room + 1], texts, strict=True):
        most = following - place - 3
        if most >= min(len(text), LEAST):
            yield place + 2, short(text, most)


def short(text: str, most: int) -> str:
    """Text of so many signs at most, with … where it is cut.

    >>> short("change into another", 10)
    'change in…'
    """
    clean = printable(text)
    return clean if len(clean) <= most else f"{clean[: max(most - 1, 0)].rstrip()}…"


def iso(instant: datetime) -> str:
    """An instant as charts read it, in UTC."""
    return instant.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def sources(records: Iterable[Record]) -> tuple[Source, ...]:
    """On whose word records stand, each once."""
    return tuple(dict.fromkeys(source for record in records for source in record.sources))


def span_words(begins: datetime | None, ends: datetime | None) -> str:
    """From when to when, in words."""
    return f"{bound(begins)} – {bound(ends)}"


def tooltip(text: str, when: str, records: Sequence[Record]) -> str:
    """What is shown of something when it is pointed at: what, when, which records, on whose word."""
    said = "; ".join(
        f"{one.publisher or one.title or ''} {one.url or ''}".strip() for one in sources(records)
    )
    behind = " ".join(record.label for record in records)
    return printable(" · ".join(filter(None, (text, when, behind, said and f"sources: {said}"))))


@attrs.frozen(kw_only=True)
class Theme:
    """The inks of a picture: what is drawn on, with, and in which hues things are told apart."""

    name: str
    ground: str
    ink: str
    faint: str
    line: str
    point: str
    hues: tuple[str, ...]


LIGHT: Final = Theme(
    name="light",
    ground="#ffffff",
    ink="#1f2328",
    faint="#57606a",
    line="#d8dee4",
    point="#D55E00",
    hues=_HUES,
)
DARK: Final = Theme(
    name="dark",
    ground="#16181d",
    ink="#e6e6e6",
    faint="#a0a6ad",
    line="#33383f",
    point="#F0E442",
    hues=("#3D9BD6", *_HUES[1:]),
)


def coloured(names: Iterable[str], theme: Theme) -> Mapping[str, str]:
    """A hue for each of several names, in order; they come round again where there are many."""
    several = dict.fromkeys(names)
    return {name: theme.hues[place % len(theme.hues)] for place, name in enumerate(several)}


def rgb(hue: str) -> tuple[int, int, int]:
    """How red, green and blue a hue is, each up to 255."""
    red, green, blue = (int(hue[place : place + 2], 16) for place in (1, 3, 5))
    return red, green, blue


def on_top(hue: str) -> str:
    """The ink that is read best on a hue."""
    red, green, blue = rgb(hue)
    return "#000000" if 0.299 * red + 0.587 * green + 0.114 * blue > _MIDDLE else "#ffffff"


def as_given(field: str) -> Row:
    """A field that holds colours, shapes or sizes themselves."""
    return {"field": field, "type": "nominal", "scale": None}


def haloed(theme: Theme) -> Row:
    """The look of the ground under text, so that it is read over lines."""
    return {"stroke": theme.ground, "strokeWidth": 3, "strokeJoin": "round"}


def along(field: str, first: float, last: float, *, down: bool = False) -> Row:
    """A field as a place between two ends, without an axis; from the top down, or from the left or bottom."""
    turned = {"reverse": True} if down else {}
    scale = {"domain": [first, last], "nice": False, "zero": False, **turned}
    return {"field": field, "type": "quantitative", "scale": scale, "axis": None}


def lane(lanes: int) -> Row:
    """The place of a row in its lane, of so many below one another."""
    return along("y", -0.5, max(lanes, 1) - 0.5, down=True)


def layer(mark: Row, rows: Sequence[Row], **encoding: Any) -> Row:
    """A layer of marks, or nothing where there are no rows; what rows say is told where one points at them.

    Marks that nothing is said of stay dumb: Vega would tell their data, dates in the zone of the machine.
    """
    if not rows:
        return {}
    says = "says" in rows[0]
    told = {"description": {"field": "says"}} if says else {}
    silent = {} if says else {"aria": False}
    return {"data": {"values": list(rows)}, "mark": mark | silent, "encoding": encoding | told}


def layered(width: int, height: int, layers: Iterable[Row]) -> Row:
    """Layers over one another, but for those in which there is nothing."""
    return {"width": width, "height": height, "layer": [one for one in layers if one]}


def spec_of(title: str, subtitle: Sequence[str], theme: Theme, chart: Row) -> Row:
    """A chart in Vega-Lite, titled, in the inks of a theme."""
    return {
        "$schema": _SCHEMA,
        "title": {"text": title, "subtitle": list(subtitle)},
        "padding": 16,
        "config": _config(theme),
        **chart,
    }


def _config(theme: Theme) -> Row:
    """What is the same in all pictures."""
    return {
        "background": theme.ground,
        "font": _FONT,
        "view": {"stroke": None},
        "title": {
            "anchor": "start",
            "frame": "bounds",
            "color": theme.ink,
            "subtitleColor": theme.faint,
            "fontSize": 16,
            "subtitleFontSize": 12,
            "offset": 14,
            "subtitlePadding": 6,
        },
        "axis": {
            "labelColor": theme.faint,
            "titleColor": theme.faint,
            "gridColor": theme.line,
            "domainColor": theme.line,
            "tickColor": theme.line,
            "labelFontSize": 11,
            "titleFontSize": 11,
            "titleFontWeight": "normal",
        },
        "legend": {"labelColor": theme.ink, "titleColor": theme.faint, "labelFontSize": 11},
        "header": {"labelColor": theme.ink, "titleColor": theme.faint},
        "text": {"color": theme.ink},
    }
