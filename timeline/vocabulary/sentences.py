"""The sentence that tells an event, with its optional parts."""

from __future__ import annotations

import functools
import operator
import re
from collections.abc import Callable, Sequence, Set as AbstractSet
from itertools import starmap
from typing import TYPE_CHECKING, Any, Final

import attrs

from timeline.values import (
    CatalogueError,
)
from timeline.vocabulary.fields import kind_of

if TYPE_CHECKING:
    from timeline.vocabulary.event import Event, EventType

Words = Callable[[Any, Callable[[str], str]], str]
"""Puts the value of a field into words, ids through a function that gives their names."""
Planned = tuple[bool, str, tuple[tuple[str, Words, str], ...]]
"""A part of a sentence: whether it is optional, a text, and fields, each with its words and what follows."""
_PART: Final = re.compile(r"\[(?P<optional>[^\[\]]*)\]|(?P<plain>[^\[\]]+)")
_HOLE: Final = re.compile(r"\{(\w+)\}")


def worded(value: object, named: Callable[[str], str] = str) -> str:
    """A value in words: several as "A, B and C", nothing as "unknown", numbers in groups of three digits.

    Texts go through `named`, which makes names of ids.

    >>> worded(("a", "b", "c"))
    'a, b and c'
    """
    if isinstance(value, str):
        return named(value)
    if value is None or value == ():
        return "unknown"
    if isinstance(value, tuple):
        *rest, last = (named(one) for one in value)
        return f"{', '.join(rest)} and {last}" if rest else last
    kind = kind_of(value)
    return str(value) if kind is None else kind.words(value)


@attrs.frozen
class _Part:
    """A part of a template: texts, behind each of which but the last a field is told."""

    texts: tuple[str, ...]
    fields: tuple[str, ...]
    optional: bool

    @classmethod
    def parse(cls, text: str, optional: bool) -> _Part:
        *pieces, end = _HOLE.split(text)
        return cls((*pieces[::2], end), tuple(pieces[1::2]), optional)


@attrs.frozen
class Sentence:
    """A template whose bracketed parts are left out where a field in them is empty or false."""

    parts: Sequence[tuple[str, bool]]
    _parsed: tuple[_Part, ...] = attrs.field(init=False, eq=False, repr=False)

    @_parsed.default
    def _parse(self) -> tuple[_Part, ...]:
        return tuple(_Part.parse(text, optional) for text, optional in self.parts)

    @classmethod
    def parse(cls, text: str, fields: AbstractSet[str]) -> Sentence:
        """Read a template such as `"{reader} borrows {book}[ until {due}]"`.

        Raises:
            CatalogueError: if it names a field that is not among `fields`, or a bracket stays open.
        """
        for name in _HOLE.findall(text):
            if name not in fields:
                raise CatalogueError(f"the sentence {text!r} names {name!r}, which is no field")
        parts = [
            (match["plain"] or match["optional"], match["plain"] is None) for match in _PART.finditer(text)
        ]
        if sum(len(part) + 2 * optional for part, optional in parts) != len(text):
            raise CatalogueError(f"the sentence {text!r} has a bracket that does not match")
        return cls(tuple(parts))

    def plan(self, words: Callable[[str], Words]) -> tuple[Planned, ...]:
        """Its parts, each field with how `words` has it told."""
        return tuple(
            (part.optional, part.texts[0], tuple(zip(part.fields, map(words, part.fields), part.texts[1:])))  # noqa: B905
            for part in self._parsed
        )


Tells = Callable[["Event", Callable[[str], str]], str]
"""Tells a part of a sentence of an event; nothing where that is left out."""
_KEPT: Final = 4_096
"""Of so many values of a field it is kept how they are told."""


def sentence(event: Event, named: Callable[[str], str]) -> str:
    """The sentence that tells an event, entities by name."""
    return "".join([tells(event, named) for tells in _parts(event.__timeline__)])


@functools.lru_cache(maxsize=1_024)
def _parts(kind: EventType) -> tuple[Tells, ...]:
    return tuple(
        starmap(_part, kind.says.plan(lambda name: _entities if name in kind.entities else _words(name)))
    )


def _part(optional: bool, text: str, fields: Sequence[tuple[str, Words, str]]) -> Tells:
    """What tells one part; made once, since an append tells every event."""
    told = [(operator.attrgetter(name), words, behind) for name, words, behind in fields]
    if not told:
        return lambda _event, _named: text

    def tells(event: Event, named: Callable[[str], str]) -> str:
        whole = text
        for get, words, behind in told:
            value = get(event)
            if optional and (value is None or value is False or value == ()):
                return ""
            whole += words(value, named) + behind
        return whole

    return tells


def _entities(value: Any, named: Callable[[str], str]) -> str:
    return worded(value, named) if value else "somebody"


def _words(name: str) -> Words:
    label = name.replace("_", " ")

    @functools.lru_cache(maxsize=_KEPT)
    def told(value: Any) -> str:
        return label if value is True else worded(value)

    return lambda value, _: told(value)
