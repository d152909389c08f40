"""Text made fit to be shown, so that nothing in it steers a terminal, lines of it, and texts near to one."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from html import escape
from typing import Any, Final, Literal, Self

import attrs

LONGEST: Final = 480
"""How many characters a line of a message may have: what was given may be in it, however long that is."""

_ROOM: Final = 400
_LISTED: Final = 300
_TITLE: Final = 120
_SHORT: Final = 20


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


def either(several: Iterable[object], between: str = "or") -> str:
    """Several on one line.

    >>> either(["a", "b", "c"])
    'a, b or c'
    """
    *rest, last = map(str, several)
    return f"{', '.join(rest)} {between} {last}" if rest else last


def refusal(problem: OSError) -> str:
    """What the system says of something that it refuses."""
    return (problem.strerror or str(problem)).lower()


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


def html_table(title: str, columns: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table under its title; the cells are HTML already, the title and columns are text."""
    head = "".join(f'<th scope="col">{as_html(name)}</th>' for name in columns)
    body = "\n".join("<tr>" + "".join(map(_html_cell, row)) + "</tr>" for row in rows)
    caption = f'<caption style="text-align:left;font-weight:bold">{as_html(title)}</caption>' if title else ""
    return f"<table>{caption}<thead><tr>{head}</tr></thead>\n<tbody>\n{body}\n</tbody></table>"


def _html_cell(text: str) -> str:
    """A cell of a table; what is short, such as a date, is kept on one line."""
    return f'<td style="white-space:nowrap">{text}</td>' if len(text) <= _SHORT else f"<td>{text}</td>"


Tone = Literal["", "head", "label", "aside", "doubt", "contest"]
"""How a part of a line is meant, where a screen can show that."""
Part = str | tuple[str, Tone]


@attrs.frozen
class Line:
    """One line of an answer: its parts, how far in it begins, and how far in what has to be wrapped goes on.

    >>> print(Line.of(("chair", "label"), "  Ann Lee", indent=2))
      chair  Ann Lee
    """

    parts: tuple[tuple[str, Tone], ...]
    indent: int
    hang: int

    @classmethod
    def of(cls, *parts: Part, indent: int = 0, hang: int | None = None) -> Self:
        """A line of parts, fit to be shown; by default it goes on two columns further in."""
        told = (part if isinstance(part, tuple) else (part, "") for part in parts)
        shown = tuple((printable(text), tone) for text, tone in told if text)
        return cls(shown, indent, indent + 2 if hang is None else hang)

    def __str__(self) -> str:
        return (" " * self.indent + "".join(text for text, _ in self.parts)).rstrip()


def labelled(rows: Iterable[tuple[str, Sequence[Sequence[Part]]]], indent: int = 2) -> Iterator[Line]:
    """Labels below one another, each with what is said of it: a line, or several."""
    rows = list(rows)
    width = max((len(label) for label, _ in rows), default=0)
    for label, several in rows:
        for index, parts in enumerate(several):
            head: Part = ((label if index == 0 else "").ljust(width), "label")
            yield Line.of(head, "  ", *parts, indent=indent, hang=indent + width + 2)


def doubts(several: Sequence[object], most: int = 100, tone: Tone = "doubt") -> Iterator[Line]:
    """What may be meant otherwise, or came to nothing, a line each: of very many, the first."""
    for text in shortened([str(one) for one in several], most):
        yield Line.of((text, tone), hang=4)


class InLines:
    """What tells itself in lines: the first is its heading."""

    __slots__ = ()

    def lines(self) -> Iterable[Line]:
        """What it says, line by line."""
        raise NotImplementedError

    def __str__(self) -> str:
        return "\n".join(map(str, self.lines()))

    def __repr__(self) -> str:
        first = next(iter(self.lines()), "")
        return f"<{type(self).__name__} {clipped(str(first), _TITLE)}>"

    def _repr_html_(self) -> str:
        title, *rest = map(str, self.lines())
        body = "\n".join(map(as_html, rest))
        block = '<pre style="white-space:pre-wrap;margin:0">'
        return f"<div><strong>{as_html(title)}</strong>{block}{body}</pre></div>"
