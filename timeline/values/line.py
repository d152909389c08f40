"""What an answer says, line by line, from which text, the terminal and HTML follow."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Literal, Self

import attrs

from timeline.values.text import as_html, printable, shortened

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

    def _repr_html_(self) -> str:
        title, *rest = map(str, self.lines())
        body = "\n".join(map(as_html, rest))
        block = '<pre style="white-space:pre-wrap;margin:0">'
        return f"<div><strong>{as_html(title)}</strong>{block}{body}</pre></div>"
