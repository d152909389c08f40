"""Text and tables as HTML, everything escaped; for notebooks, and for pages that stand alone."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from timeline.values import as_html

_SHORT: Final = 20
_POLICY: Final = "default-src 'none'; style-src 'unsafe-inline'"
_STYLE: Final = """\
:root { color-scheme: light dark; }
body { margin: 2rem auto; padding: 0 1rem; max-width: 90rem; font: 15px/1.45 system-ui, sans-serif; }
body.light { color-scheme: light; background: #ffffff; color: #1f2328; }
body.dark { color-scheme: dark; background: #16181d; color: #e6e6e6; }
.picture { overflow-x: auto; }
.picture svg { display: block; max-width: none; }
table { border-collapse: collapse; margin-top: 1rem; }
th, td { padding: .2rem .9rem .2rem 0; text-align: left; vertical-align: top; }
th, td { border-bottom: 1px solid #8885; }
.picture .dark { display: none; }
body.dark .picture .dark { display: block; }
body.dark .picture .light { display: none; }
@media (prefers-color-scheme: dark) {
  body.either { background: #16181d; color: #e6e6e6; }
  body.either .picture .dark { display: block; }
  body.either .picture .light { display: none; }
}
"""


def html_link(words: str, url: str | None) -> str:
    """Words, as a link where the address is one of the web; what else an address may do is not let in."""
    if url is None or not url.lower().startswith(("https://", "http://")):
        return as_html(words)
    return f'<a href="{as_html(url)}" rel="noopener noreferrer">{as_html(words)}</a>'


def html_table(title: str, columns: Sequence[str], rows: Iterable[Sequence[str]], foot: str = "") -> str:
    """A table under its title; the cells are HTML already, the title, columns and foot are text."""
    head = "".join(f'<th scope="col">{as_html(name)}</th>' for name in columns)
    body = "\n".join("<tr>" + "".join(map(_cell, row)) + "</tr>" for row in rows)
    caption = f'<caption style="text-align:left;font-weight:bold">{as_html(title)}</caption>' if title else ""
    end = f"<div><small>{as_html(foot)}</small></div>" if foot else ""
    return f"<table>{caption}<thead><tr>{head}</tr></thead>\n<tbody>\n{body}\n</tbody></table>{end}"


def _cell(cell: str) -> str:
    """A cell of a table; what is short, such as a date, is kept on one line."""
    return f'<td style="white-space:nowrap">{cell}</td>' if len(cell) <= _SHORT else f"<td>{cell}</td>"


def html_page(title: str, body: str, theme: str) -> str:
    """A page that needs nothing else; `theme` is "light", "dark", or "either", as the reader's screen is."""
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">\n'
        f"<title>{as_html(title)}</title>\n<style>\n{_STYLE}</style>\n</head>\n"
        f'<body class="{theme}">\n{body}\n</body>\n</html>\n'
    )
