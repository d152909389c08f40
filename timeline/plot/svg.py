"""Charts drawn: SVG and PNG from Vega-Lite, without a browser and without the network."""

from __future__ import annotations

import re
from collections.abc import Mapping
from hashlib import sha256
from typing import Any, Final

from timeline.values import MissingExtra

_IDS: Final = re.compile(r'(?P<lead>\bid="|url\(#|href="#)(?P<name>(?:gradient|clip)[\w-]*)')
_SYMBOL: Final = re.compile(
    r"<(?P<tag>path|line|text|rect)"
    r'(?P<rest>(?:[^>"]|"[^"]*")*? aria-label="(?P<says>[^"]*)"(?:[^>"]|"[^"]*")*?)(?P<end>/>|>)'
)
_SCALE: Final = 2.0


def svg(spec: Mapping[str, Any]) -> str:
    """A chart as SVG: what each mark is said to be is its tooltip, and its ids are its own on a page.

    Raises:
        MissingExtra: if what draws is not installed.
    """
    drawn = _drawer().vegalite_to_svg(dict(spec), allowed_base_urls=[])
    mine = sha256(drawn.encode()).hexdigest()[:8]
    unique = _IDS.sub(rf"\g<lead>p{mine}-\g<name>", drawn)
    return _SYMBOL.sub(_told, unique)


def _told(found: re.Match[str]) -> str:
    """A mark with its description as a title, which is what screens show of it."""
    title = f"<title>{found['says'].replace('<', '&lt;').replace('>', '&gt;')}</title>"
    if found["end"] == ">":
        return f"{found[0]}{title}"
    return f"<{found['tag']}{found['rest']}>{title}</{found['tag']}>"


def png(spec: Mapping[str, Any]) -> bytes:
    """A chart as PNG, two points a pixel.

    Raises:
        MissingExtra: if what draws is not installed.
    """
    drawn: bytes = _drawer().vegalite_to_png(dict(spec), scale=_SCALE, allowed_base_urls=[])
    return drawn


def chart(spec: Mapping[str, Any]) -> Any:
    """A chart as one of Altair, to change and to combine; its schema is checked.

    Raises:
        MissingExtra: if Altair is not installed.
    """
    try:
        import altair as alt
    except ImportError:
        raise MissingExtra("Altair", "viz") from None
    return alt.Chart.from_dict(dict(spec))


def _drawer() -> Any:
    try:
        import vl_convert
    except ImportError:
        raise MissingExtra("vl-convert", "viz") from None
    return vl_convert
