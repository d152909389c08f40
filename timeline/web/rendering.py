"""Templates in which whatever is put is escaped, unless it is markup of ours."""

from __future__ import annotations

import functools
from pathlib import Path
from typing import Any, Final

from timeline.formats import html_link
from timeline.vocabulary import label

STATIC: Final = Path(__file__).parent / "static"
"""Where styles and scripts lie."""


@functools.cache
def templates() -> Any:
    """The templates of pages and reports."""
    from jinja2 import Environment, PackageLoader, StrictUndefined

    found = Environment(
        loader=PackageLoader("timeline.web"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    found.filters |= {"label": label, "link": _link, "pointers": _pointers}
    return found


def _pointers(text: str) -> list[tuple[str, str]]:
    """The words of a text, each with the position that it points at, if it does.

    >>> _pointers("? #43")
    [('?', ''), ('#43', '43')]
    """
    return [(word, word[1:] if word[0] == "#" and word[1:].isdecimal() else "") for word in text.split()]


def _link(words: object, url: str | None) -> Any:
    from markupsafe import Markup

    return Markup(html_link(str(words), url))  # noqa: S704  (it escapes both)
