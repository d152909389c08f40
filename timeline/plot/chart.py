"""What all charts share: their inks, on light and on dark, and how their layers are written in Vega-Lite."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

import attrs

_SCHEMA: Final = "https://vega.github.io/schema/vega-lite/v6.json"
_FONT: Final = "system-ui, 'Helvetica Neue', Arial, 'DejaVu Sans', sans-serif"
_HUES: Final = ("#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#D55E00")
"""Of Okabe and Ito (Color Universal Design, 2008), which those who are colour-blind can tell apart.

Black and yellow are left out: a ground hides them.
"""
_MIDDLE: Final = 100

Row = dict[str, Any]


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
