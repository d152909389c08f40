"""A report: one file with states, log, contradictions, sources and pictures, for any two dates."""

from __future__ import annotations

import os
import re
from base64 import b64encode
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import attrs

from timeline.moment import Overview
from timeline.values import FileFailed, MissingExtra, NotAllowed, as_json_text, named
from timeline.web.rendering import STATIC, templates

if TYPE_CHECKING:
    from timeline.moment import Moment, Plane
    from timeline.plot import Picture

_DRAWN: Final = 2
"""Of how many states timelines are tried."""
_PICTURES: Final = 110_000
"""Up to how many characters of pictures there are."""
_INK: Final = re.compile(r'(?<=")#[0-9a-fA-F]{6}(?=")')
_ASIDE: Final = re.compile(r' (?:aria-[\w-]+|role|class)="[^"]*"')
_TAG: Final = re.compile(r"<[^<>]*>")
_LONG: Final = re.compile(r"\d+\.\d{3,}")


def report(moment: Moment, path: str | os.PathLike[str], *, title: str = "Timeline") -> Path:
    """Write a report of all that a moment has in view to one HTML file, which asks nobody for anything.

    It opens as of the day of the moment, by what was known on that of the moment; and shows by itself what
    any other two days answer, on the same position, of the same sources, read in the same way.

    Raises:
        NotAllowed: if the file ends otherwise than .html, or more than 2,000 records are in view.
        MissingExtra: if what renders pages is not installed.
        FileFailed: if the file cannot be written.
    """
    target = Path(path)
    if target.suffix.lower() not in {".html", ".htm"}:
        raise NotAllowed(f"a report is saved as .html, not as {target.name!r}")
    try:
        content = templates().get_template("report.html").render(title=title, **_shown(moment))
    except ImportError:
        raise MissingExtra("What renders pages (Jinja)", "web") from None
    try:
        target.write_text(content, "utf-8")
    except OSError as problem:
        raise FileFailed(str(target), problem.strerror or str(problem)) from None
    return target


def _shown(moment: Moment) -> Mapping[str, Any]:
    """What the template takes."""
    found = Overview(moment)
    valid, known = map(str, found.pair)
    drawn, inks = _pictures(moment.as_of(valid, known=known), found.planes)
    style = "".join((STATIC / name).read_text("utf-8") for name in ("style.css", "report.css")) + inks
    script = (STATIC / "report.js").read_text("utf-8")
    return {
        "found": found,
        "pair": (valid, known),
        "zone": named(moment.basis.zone),
        "limits": attrs.evolve(moment.basis, known=None).limits,
        "basis": moment.basis,
        "labels": found.labels,
        "pictures": drawn,
        "style": style,
        "script": script,
        "hashes": {name: _hash(text) for name, text in (("style", style), ("script", script))},
        "data": as_json_text(found.data, ascii_only=True).replace("<", "\\u003c"),
    }


def _hash(text: str) -> str:
    return f"sha256-{b64encode(sha256(text.encode()).digest()).decode()}"


# Pictures


def _pictures(moment: Moment, planes: Sequence[Plane]) -> tuple[list[tuple[Picture, str]], str]:
    """The graph and the timelines of what was said most of, as SVG, as many as have room; and their inks."""
    inks: dict[tuple[str, ...], str] = {}
    found: list[tuple[Picture, str]] = []
    room = _PICTURES
    with suppress(MissingExtra):
        for picture in _drawable(moment, planes):
            drawn = _drawn(picture, inks)
            if len(drawn) <= room:
                room -= len(drawn)
                found.append((picture, drawn))
    sets = ["".join(f"{name}: {pair[dark]}; " for pair, name in inks.items()) for dark in (0, 1)]
    return found, ":root {{ {} }}\n@media (prefers-color-scheme: dark) {{ :root {{ {} }} }}\n".format(*sets)


def _drawable(moment: Moment, planes: Sequence[Plane]) -> Iterator[Picture]:
    from timeline import plot

    if any(kind.arity > 1 for kind in moment.catalogue.compiled):
        yield plot.graph(moment)
    for plane in planes[:_DRAWN]:
        yield plot.timeline(moment, plane.state.cls, *plane.who)


def _drawn(picture: Picture, inks: dict[tuple[str, ...], str]) -> str:
    """A picture as SVG, whose inks are variables of the page: those of light and dark, by their names."""
    light, dark = (picture.svg(dark=one) for one in (False, True))
    pairs = iter(zip(_INK.findall(light), _INK.findall(dark), strict=True))
    drawn = _INK.sub(lambda _: f"var({inks.setdefault(next(pairs), f'--ink{len(inks)}')})", light)
    return _TAG.sub(lambda tag: _LONG.sub(lambda one: f"{float(one[0]):.2f}", _ASIDE.sub("", tag[0])), drawn)
