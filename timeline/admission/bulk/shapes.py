"""What a field becomes in SQL: columns of the rows as read, and how they are stored, written and told."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any, Final

import attrs

from timeline.compile import columns_of, expanded, literal
from timeline.records import canonical
from timeline.values import NotAllowed
from timeline.vocabulary import EventType, Field, Sentence, read_field, worded, written


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


def default(kind: EventType, field: Field) -> Value:
    """The default of a field, in SQL.

    Raises:
        NotAllowed: if it depends on the event, or names entities.
    """
    value = _given(kind, field)
    if field.names_entities and value not in (None, ()):
        raise NotAllowed(f"{kind.name}.{field.name} has entities as its default: give it a column")
    said = value is not None and value is not False and value != ()
    words = "somebody" if field.names_entities else worded(value)
    if value is True:
        words = field.name.replace("_", " ")
    return Value(
        selected={},
        stored=tuple(_literal(column.value(value), column.type) for column in columns_of(field)),
        json=literal(canonical(written(field.kind, value))),
        words=literal(words),
        said=str(said).upper(),
    )


def _given(kind: EventType, field: Field) -> Any:
    attribute = attrs.fields_dict(kind.cls)[field.name]
    value: Any = attribute.default
    if isinstance(value, attrs.Factory):  # type: ignore[arg-type]
        if value.takes_self:
            raise NotAllowed(f"{kind.name}.{field.name} takes its default from the event: give it a column")
        value = value.factory()
    return None if value is None else read_field(field, value)


def _literal(value: str | bool | list[str] | None, kind: str) -> str:
    if value is None:
        return f"NULL::{kind}"
    text = f"[{', '.join(map(literal, value))}]" if isinstance(value, list) else literal(str(value))
    return f"{text}::{kind}"


_HOLE: Final = re.compile(r"\{(\w+)\}")


def told(sentence: Sentence, values: Mapping[str, Value]) -> str:
    """SQL for the sentence, by field the value it is told with."""
    return concatenated(_part(part, values, optional=optional) for part, optional in sentence.parts)


def _part(part: str, values: Mapping[str, Value], *, optional: bool) -> str:
    pieces = _HOLE.split(part)
    texts = [
        f"({values[piece].words})" if index % 2 else literal(piece)
        for index, piece in enumerate(pieces)
        if piece
    ]
    said = [f"({values[name].said})" for name in pieces[1::2]]
    if not optional or not said:
        return concatenated(texts)
    return f"CASE WHEN {' AND '.join(said)} THEN {concatenated(texts)} ELSE '' END"
