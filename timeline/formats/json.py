"""Events as JSON: one object, a list of them, or one after the other, with their lines; and JSON Schema."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, Final

from timeline.formats.entries import ENVELOPE, may_be_blank, takes
from timeline.formats.yaml import Key, Node
from timeline.values import CREDENCES
from timeline.vocabulary import EventType, Field

_TEXT: Final = {"type": "string"}
_SOURCE: Final = {
    "type": "object",
    "properties": dict.fromkeys(("title", "publisher", "published", "url", "locator"), _TEXT),
    "additionalProperties": False,
}


class BadJson(ValueError):
    """A text is not JSON that is read here; `line` and `problem` say where and why."""

    def __init__(self, line: int, problem: str) -> None:
        self.line, self.problem = line, problem
        super().__init__(line, problem)


class _Twice(ValueError):
    """A key is there twice."""


def entries(text: str) -> tuple[Node, ...]:
    """The entries of a JSON text, as a YAML file would have them: the type with the mark first.

    Raises:
        BadJson: if it is not JSON, or has a key twice.
    """
    return tuple(_entry(value, line) for value, line in _objects(text))


def _objects(text: str) -> Iterator[tuple[Any, int]]:
    decoder = json.JSONDecoder(
        object_pairs_hook=_pairs, parse_float=str, parse_int=str, parse_constant=_not_a_number
    )
    place = _skipped(text, 0)
    while place < len(text):
        line = text.count("\n", 0, place) + 1
        try:
            value, end = decoder.raw_decode(text, place)
        except json.JSONDecodeError as problem:
            what = f"not JSON: {problem.msg.lower()}, column {problem.colno}"
            raise BadJson(problem.lineno, what) from None
        except ValueError as problem:
            raise BadJson(line, str(problem)) from None
        except RecursionError:
            raise BadJson(line, "lists and objects are nested too deep") from None
        for one in value if isinstance(value, list) else [value]:
            yield one, line
        place = _skipped(text, end)


def _skipped(text: str, place: int) -> int:
    while place < len(text) and text[place] in " \t\r\n":
        place += 1
    return place


def _pairs(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in pairs:
        if key in found:
            raise _Twice(f"{key!r} is there twice in one object")
        found[key] = value
    return found


def _not_a_number(text: str) -> Any:
    raise _Twice(f"{text} is no JSON")


def _entry(value: Any, line: int) -> Node:
    if not isinstance(value, dict):
        return _node(value, line)
    rest = dict(value)
    if "type" in rest:
        head = {str(rest.pop("type")): rest.pop("id", None)}
        rest = head | rest
    elif "retracts" in rest or "attests" in rest:
        name = "retracts" if "retracts" in rest else "attests"
        rest = {name: rest.pop(name)} | rest
    return _node(rest, line)


def _node(value: Any, line: int) -> Node:
    if isinstance(value, dict):
        return Node(line, tuple(Key(key, line, _node(one, line)) for key, one in value.items()), "mapping")
    if isinstance(value, list):
        return Node(line, tuple(_node(one, line) for one in value), "list")
    if isinstance(value, bool):
        return Node(line, "true" if value else "false")
    return Node(line, value)


def json_schema(kind: EventType) -> dict[str, Any]:
    """The JSON Schema (2020-12) of an event of a type, as `append -` and files take it."""
    envelope: dict[str, Any] = dict.fromkeys((*ENVELOPE, "id", "corrects"), _TEXT)
    envelope["credence"] = {"enum": list(CREDENCES)}
    one = {"anyOf": [_TEXT, _SOURCE]}
    envelope["source"] = {"anyOf": [*one["anyOf"], {"type": "array", "items": one}]}
    needed = [field.name for field in kind.fields if field.required and not may_be_blank(field)]
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": kind.name,
        "description": " ".join(kind.doc.split()),
        "type": "object",
        "properties": {
            "type": {"const": kind.name},
            "occurred": {"type": "string", "description": "when it happened, in EDTF"},
            **{field.name: _field(field) for field in kind.fields},
            **envelope,
        },
        "required": ["type", "occurred", *needed],
        "additionalProperties": False,
    }


def _field(field: Field) -> dict[str, Any]:
    blank = not field.required or may_be_blank(field)
    if field.choices:
        return {"enum": [*field.choices, *([None] if blank else [])]}
    kinds = [*field.kind.json, *(["null"] if blank else [])]
    told: dict[str, Any] = {"type": kinds if len(kinds) > 1 else kinds[0], "description": takes(field)}
    return told | ({"items": _TEXT} if field.kind.several else {})
