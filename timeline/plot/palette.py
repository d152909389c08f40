"""Colours that those who are colour-blind can tell apart, on light and on dark."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

import attrs

_FONT: Final = "system-ui, 'Helvetica Neue', Arial, 'DejaVu Sans', sans-serif"
_HUES: Final = ("#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#D55E00")
"""Of Okabe and Ito (Color Universal Design, 2008), but for black and yellow, which a ground hides."""

_MIDDLE: Final = 100


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


def on_top(hue: str) -> str:
    """The ink that is read best on a hue."""
    red, green, blue = (int(hue[place : place + 2], 16) for place in (1, 3, 5))
    return "#000000" if 0.299 * red + 0.587 * green + 0.114 * blue > _MIDDLE else "#ffffff"


def config(theme: Theme) -> dict[str, Any]:
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
