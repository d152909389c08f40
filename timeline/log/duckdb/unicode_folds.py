"""What single characters are folded to, for those who fold names without Python."""

from __future__ import annotations

import functools
import unicodedata
from typing import Final

import attrs

SEPARATOR: Final = "\x1f"
"""Stands between the characters of a text that lists some; it is none of them itself."""

_PLANES: Final = (range(0xD800), range(0xE000, 0x40000), range(0xE0000, 0xE1000))
"""Where Unicode has characters, private ones aside."""


@attrs.frozen(kw_only=True)
class Foldings:
    """How this version of Unicode folds, character by character, as texts that list characters.

    Of each character that folding changes, `marks` has itself, `plain` its compatibility decomposition and
    `caseless` itself without case. `first` and `last` bound the runs of letters, digits and marks.
    """

    marks: str
    plain: str
    caseless: str
    first: str
    last: str


@functools.cache
def foldings() -> Foldings:
    """The foldings of the version of Unicode that this Python has, some 5,000 characters and 800 runs."""
    changed: list[tuple[str, str, str]] = []
    runs: list[tuple[str, str]] = []
    for code in (code for plane in _PLANES for code in plane):
        mark = chr(code)
        category = unicodedata.category(mark)
        if category == "Cn":
            continue
        if category[0] in "LNM":
            joins = runs and ord(runs[-1][1]) == code - 1
            runs.append((runs.pop()[0] if joins else mark, mark))
        caseless, composed = mark.casefold(), unicodedata.decomposition(mark)
        plain = unicodedata.normalize("NFKD", mark) if composed else mark
        if caseless != mark or (composed and plain != unicodedata.normalize("NFD", mark)):
            changed.append((mark, plain, caseless))
    marks, plains, caselesses = (SEPARATOR.join(column) for column in zip(*changed, strict=True))
    first, last = (SEPARATOR.join(column) for column in zip(*runs, strict=True))
    return Foldings(marks=marks, plain=plains, caseless=caselesses, first=first, last=last)
