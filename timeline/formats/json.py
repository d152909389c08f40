"""Events as JSON text: one object, a list of them, or one after the other, with their lines."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from timeline.formats.yaml import Key, Node


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
