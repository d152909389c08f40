"""Text made fit to be shown: nothing in it steers a terminal, turns text round or passes unseen."""

from __future__ import annotations

import json
from collections.abc import Sequence
from html import escape
from typing import Any, Final

LONGEST: Final = 480
"""How many characters a line of a message may have: what was given may be in it, however long that is."""

_ROOM: Final = 400
_LISTED: Final = 300


def printable(text: str) -> str:
    """Text without control characters, so that what the log holds cannot steer a terminal."""
    if text.isprintable():
        return text
    return "".join(mark if mark.isprintable() else " " if mark.isspace() else "�" for mark in text)


def escaped(text: str) -> str:
    r"""JSON text that means the same, with what a screen must not be given written as escapes.

    >>> escaped('"\x9b1m and \U000e0041"')
    '"\\u009b1m and \\udb40\\udc41"'
    """
    return "\n".join(line if line.isprintable() else _escaped(line) for line in text.split("\n"))


def _escaped(line: str) -> str:
    return "".join(mark if mark.isprintable() else json.dumps(mark)[1:-1] for mark in line)


def as_json_text(value: Any, *, indent: int | None = None, ascii_only: bool = False) -> str:
    """A plain value as JSON text fit to be shown.

    Raises:
        ValueError: if it holds a number that JSON has not.
    """
    return escaped(json.dumps(value, ensure_ascii=ascii_only, indent=indent, default=str, allow_nan=False))


def clipped(line: str, longest: int = LONGEST) -> str:
    """A line; of one that is too long, its beginning and its end.

    >>> clipped("abcdefghij", 7)
    'ab … ij'
    """
    half = (longest - 3) // 2
    return line if len(line) <= longest else f"{line[:half]} … {line[-half:]}"


def few(parts: Sequence[str], between: str) -> str:
    """The first of many parts on one line, as many as have room, and how many more there are.

    >>> few(["a", "b"], "; ")
    'a; b'
    """
    told: list[str] = []
    for part in (clipped(one, _LISTED) for one in parts):
        if told and sum(map(len, told)) + len(part) > _ROOM:
            return f"{between.join(told)}{between}… and {len(parts) - len(told)} more"
        told.append(part)
    return between.join(told)


def shortened(lines: Sequence[str], most: int = 100) -> list[str]:
    """The first of many lines, each clipped, and how many more there are."""
    told, rest = [clipped(line) for line in lines[:most]], len(lines) - most
    return [*told, f"… and {rest} more"] if rest > 0 else told


def as_html(text: str) -> str:
    """Text with every sign that HTML reads as markup escaped, and nothing in it that passes unseen."""
    return escape(printable(text), quote=True)
