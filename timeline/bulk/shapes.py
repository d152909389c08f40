"""What a field becomes in SQL: columns of the rows as read, and how they are stored, written and told."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import attrs

from timeline.statements import expanded

__all__ = [
    "Problem",
    "Value",
    "concatenated",
    "grouped",
    "is_name",
    "is_text",
    "json_text",
    "listing",
    "number_text",
    "shortest",
    "whole_number",
]


@attrs.frozen
class Problem:
    """What may be wrong with a column of the table: SQL that gives the reason, or NULL where it is sound."""

    column: str
    reason: str


@attrs.frozen(kw_only=True)
class Value:
    """One field in SQL.

    `selected` are columns of the rows as read, each from the table (`given`) and the look-ups in `joins`;
    all else is said in terms of them. `stored` are the typed columns, in the order of the typed table. `json`
    is its canonical JSON, `words` the words that a sentence has for it, `said` whether it says anything;
    none of these is ever NULL.
    """

    selected: Mapping[str, str]
    joins: tuple[str, ...] = ()
    problems: tuple[Problem, ...] = ()
    stored: tuple[str, ...]
    json: str
    words: str
    said: str


def json_text(text: str) -> str:
    """The canonical JSON of a text."""
    return f"to_json({text})::VARCHAR"


def listing(words: str) -> str:
    """A list of at least one text in words: "A, B and C"."""
    rest = f"array_to_string(list_slice({words}, 1, len({words}) - 1), ', ')"
    return f"CASE WHEN len({words}) = 1 THEN {words}[1] ELSE {rest} || ' and ' || {words}[len({words})] END"


def concatenated(parts: Iterable[str]) -> str:
    """Texts one behind the other; none of them may be NULL."""
    return f"concat({', '.join(parts) or chr(39) * 2})"


def is_text(text: str) -> str:
    """SQL that vouches that a text is clean as it stands: printable ASCII, not all of it blanks."""
    return f"regexp_full_match({text}, '[ -~]*[!-~][ -~]*')"


def is_name(text: str) -> str:
    """SQL that vouches that a name is clean as it stands."""
    bare = f"regexp_full_match({text}, '[!-~]([ -~]*[!-~])?')"
    return f"({bare} AND NOT system.main.contains({text}, '  ') AND strlen({text}) <= 300)"


def shortest(number: str) -> str:
    """A decimal text without zeros at its end."""
    broken = f"system.main.contains({number}, '.')"
    return f"CASE WHEN {broken} THEN rtrim(rtrim({number}, '0'), '.') ELSE {number} END"


def number_text(number: str) -> str:
    """A number, of the type `NUMBER`, as the shortest plain text."""
    return expanded("timeline_plain_number", number)


def whole_number(number: str) -> str:
    """A number, of the type `NUMBER`, as an integer where it is whole, else NULL."""
    return f"CASE WHEN {number} % 1 = 0 THEN {number}::HUGEINT END"


def grouped(digits: str) -> str:
    """Whole digits with a comma before each three."""
    return rf"reverse(rtrim(regexp_replace(reverse({digits}), '([0-9]{{3}})', '\1,', 'g'), ','))"
