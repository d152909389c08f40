"""A picture: a chart with its title and point in time, drawn without a browser or the network; or a table."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

import attrs

from timeline.formats import html_link
from timeline.plot.chart import DARK, LIGHT, Row, Theme, spec_of
from timeline.values import (
    FileFailed,
    MissingExtra,
    NotAllowed,
    Source,
    as_html,
    checked,
    html_table,
    printable,
)

_SUFFIXES: Final = (".png", ".svg", ".html")
_IDS: Final = re.compile(r'(?P<lead>\bid="|url\(#|href="#)(?P<name>(?:gradient|clip)[\w-]*)')
_WIDE: Final = re.compile(r'<svg[^>]* width="([\d.]+)')
_SYMBOL: Final = re.compile(
    r"<(?P<tag>path|line|text|rect)"
    r'(?P<rest>(?:[^>"]|"[^"]*")*? aria-label="(?P<says>[^"]*)"(?:[^>"]|"[^"]*")*?)(?P<end>/>|>)'
)
_SCALE: Final = 2.0
_POLICY: Final = "default-src 'none'; style-src 'unsafe-inline'"
_STYLE: Final = """\
:root { color-scheme: light dark; }
body { margin: 2rem auto; padding: 0 1rem; max-width: 90rem; font: 15px/1.45 system-ui, sans-serif; }
body.light { color-scheme: light; background: #ffffff; color: #1f2328; }
body.dark { color-scheme: dark; background: #16181d; color: #e6e6e6; }
.picture, .table { overflow-x: auto; }
.picture svg { display: block; width: 100%; min-width: 46rem; height: auto; }
table { border-collapse: collapse; margin-top: 1rem; }
th, td { padding: .2rem .9rem .2rem 0; text-align: left; vertical-align: top; }
th, td { border-bottom: 1px solid #8885; }
.picture .dark { display: none; }
body.dark .picture .dark { display: block; }
body.dark .picture .light { display: none; }
@media (max-width: 40rem) { body { margin: 1rem auto; } }
@media (prefers-color-scheme: dark) {
  body.either { background: #16181d; color: #e6e6e6; }
  body.either .picture .dark { display: block; }
  body.either .picture .light { display: none; }
}
"""


@attrs.frozen
class TableRow:
    """A row of the table that says what the picture shows: its cells, and on whose word it is."""

    cells: tuple[str, ...]
    sources: tuple[Source, ...] = ()


@checked
@attrs.frozen(kw_only=True, eq=False, repr=False)
class Picture:
    """A chart of a timeline, to save, to show in a notebook, or to print.

    `title` says of whom, `subtitle` as of when, `notes` how to read what is drawn; `rows` are the same in
    words, under `columns`.
    """

    title: str
    subtitle: tuple[str, ...]
    notes: tuple[str, ...]
    columns: tuple[str, ...]
    rows: tuple[TableRow, ...]
    _draw: Callable[[Theme], Row]
    _print: Callable[[int], Sequence[str]]

    def spec(self, *, dark: bool = False) -> dict[str, Any]:
        """The chart as a specification of Vega-Lite."""
        theme = DARK if dark else LIGHT
        return spec_of(self.title, (*self.subtitle, *self.notes), theme, self._draw(theme))

    def chart(self, *, dark: bool = False) -> Any:
        """The chart as one of Altair, to change and to combine.

        Raises:
            MissingExtra: if Altair is not installed.
        """
        try:
            import altair as alt
        except ImportError:
            raise MissingExtra("Altair", "viz") from None
        return alt.Chart.from_dict(self.spec(dark=dark))

    def table(self) -> list[dict[str, str]]:
        """What the picture shows as rows, by the name of the column; sources in the last."""
        names = (*self.columns, "sources")
        return [
            dict(zip(names, (*row.cells, "; ".join(map(str, row.sources))), strict=True)) for row in self.rows
        ]

    def svg(self, *, dark: bool = False) -> str:
        """The chart as SVG: what each mark says is its tooltip, and its ids are its own on a page.

        Raises:
            MissingExtra: if vl-convert is not installed.
        """
        drawn = _drawer().vegalite_to_svg(self.spec(dark=dark), allowed_base_urls=[])
        mine = sha256(drawn.encode()).hexdigest()[:8]
        unique = _IDS.sub(rf"\g<lead>p{mine}-\g<name>", drawn)
        return _SYMBOL.sub(_titled, unique)

    def png(self, *, dark: bool = False) -> bytes:
        """The chart as PNG, two points a pixel.

        Raises:
            MissingExtra: if vl-convert is not installed.
        """
        spec = self.spec(dark=dark)
        drawn: bytes = _drawer().vegalite_to_png(spec, scale=_SCALE, allowed_base_urls=[])
        return drawn

    def html(self, *, dark: bool | None = None) -> str:
        """A page with the chart and the table, which needs nothing else, no script, and no network.

        Unless `dark` is given, it is light or dark as the reader's screen is.

        Raises:
            MissingExtra: if vl-convert is not installed.
        """
        themes = [False, True] if dark is None else [dark]
        drawn = "\n".join(_fitting(self.svg(dark=one), "dark" if one else "light") for one in themes)
        body = f'<div class="picture" role="img" aria-label="{as_html(self._told)}">\n{drawn}\n</div>\n'
        theme = "either" if dark is None else "dark" if dark else "light"
        return _html_page(self.title, f'{body}<div class="table">{self._table("")}</div>', theme)

    def save(self, path: str | os.PathLike[str], *, dark: bool | None = None) -> Path:
        """Write it to a file: PNG, SVG or HTML, as the suffix says.

        Raises:
            NotAllowed: if the suffix is another.
            MissingExtra: if vl-convert is not installed.
            FileFailed: if the file cannot be written.
        """
        target = Path(path)
        suffix = target.suffix.lower()
        if suffix not in _SUFFIXES:
            raise NotAllowed(f"a picture is saved as {', '.join(_SUFFIXES)}, not as {target.name!r}")
        if suffix == ".png":
            content = self.png(dark=bool(dark))
        else:
            content = (self.svg(dark=bool(dark)) if suffix == ".svg" else self.html(dark=dark)).encode()
        try:
            target.write_bytes(content)
        except OSError as problem:
            raise FileFailed(str(target), problem.strerror or str(problem)) from None
        return target

    def text(self, width: int = 100) -> str:
        """The picture as a text chart, so wide at most."""
        letters = self._print(max(width, 1))
        return "\n".join((printable(self.title), *map(printable, self.subtitle), "", *letters))

    def _table(self, title: str) -> str:
        columns = (*self.columns, "sources")
        return html_table(title, columns, map(self._cells, self.rows))

    @staticmethod
    def _cells(row: TableRow) -> Sequence[str]:
        cited = "; ".join(html_link(printable(str(one)), one.url) for one in row.sources)
        return [*map(as_html, map(printable, row.cells)), cited]

    @property
    def _told(self) -> str:
        return printable(". ".join((self.title, *self.subtitle)))

    def _repr_mimebundle_(self, **_: object) -> Mapping[str, str]:
        return dict(self._bundle())

    def _bundle(self) -> Iterator[tuple[str, str]]:
        yield "text/plain", self.text()
        try:
            drawn = self.svg()
        except MissingExtra as problem:
            yield "text/html", self._table(self._told) + f"<p><small>{as_html(str(problem))}</small></p>"
            return
        yield "image/svg+xml", drawn
        more = f"<details><summary>the same as a table</summary>{self._table('')}</details>"
        yield "text/html", f'<div style="overflow-x:auto">{drawn}{more}</div>'

    def __str__(self) -> str:
        return self.text()

    def __repr__(self) -> str:
        return f"<Picture {self.title!r}: {len(self.rows)} rows>"


def _html_page(title: str, body: str, theme: str) -> str:
    """A page that needs nothing else; `theme` is "light", "dark", or "either", as the reader's screen is."""
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">\n'
        f"<title>{as_html(title)}</title>\n<style>\n{_STYLE}</style>\n</head>\n"
        f'<body class="{theme}">\n{body}\n</body>\n</html>\n'
    )


def _fitting(drawn: str, theme: str) -> str:
    """A drawing that is no wider than it is, and narrower where there is less room."""
    width = _WIDE.search(drawn)
    return f'<div class="{theme}" style="max-width:{width[1] if width else 0}px">{drawn}</div>'


def _titled(found: re.Match[str]) -> str:
    """A mark with its description as a title, which is what screens show of it."""
    title = f"<title>{found['says'].replace('<', '&lt;').replace('>', '&gt;')}</title>"
    if found["end"] == ">":
        return f"{found[0]}{title}"
    return f"<{found['tag']}{found['rest']}>{title}</{found['tag']}>"


def _drawer() -> Any:
    try:
        import vl_convert
    except ImportError:
        raise MissingExtra("vl-convert", "viz") from None
    return vl_convert
