"""JSON read as tables: an object in each line, or a list of objects; what is within one goes by its keys."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final

from timeline.admission import Unread
from timeline.formats.separated import ENCODINGS, lines_of
from timeline.formats.table_rows import Bytes, Rows, TableFile, columns_of, fault, note, table_of
from timeline.values import nearest

_AS_WRITTEN: Final[Mapping[str, Any]] = {"parse_float": str, "parse_int": str}
_NO_OBJECT: Final = 'is no object, as in {"name": "Acme"}'
_BETWEEN: Final = re.compile(r"[\s,]*")
Objects = Iterator[tuple[int, dict[str, Any]]]


def json_lines(file: Bytes, encoding: str, guessed: str) -> TableFile:
    """The table in a text with an object in each line; `guessed` is a note where its encoding was."""

    def read(unread: Unread) -> Objects:
        with lines_of(file, encoding) as stream:
            for line, text in enumerate(stream, 1):
                if not text.strip():
                    continue
                try:
                    found = json.loads(text, **_AS_WRITTEN)
                except (ValueError, RecursionError) as problem:
                    note(unread, line, _why(problem))
                    continue
                if isinstance(found, dict):
                    yield line, dict(_flat(found, ""))
                else:
                    note(unread, line, _NO_OBJECT)

    notes = [guessed] if guessed else []
    return _table(file, f"JSON Lines in {ENCODINGS.get(encoding, encoding)}", notes, read)


def json_list(file: Bytes, encoding: str, guessed: str, where: str | None) -> TableFile:
    """The table in a text of JSON: the list of objects that it is, or that it holds in one place.

    Raises:
        FaultyFile: if it is no JSON, or it is unsure which list is meant; with the places of all.
    """
    with lines_of(file, encoding) as stream:
        text = stream.read()
    try:
        whole = json.loads(text, **_AS_WRITTEN)
    except (ValueError, RecursionError) as problem:
        raise fault(file.path, _why(problem), getattr(problem, "lineno", 0)) from None
    lists = dict(_lists(whole, ""))
    there = ", ".join(filter(None, lists))
    if where is None and len(lists) != 1:
        several = f"holds several lists of objects: {there}; say which with rows"
        raise fault(file.path, several if lists else "holds no list of objects")
    place = next(iter(lists)) if where is None else where
    if place not in lists:
        near = nearest(place, lists, 1)
        hint = f"did you mean {near[0]}?" if near else f"there are {there}"
        raise fault(file.path, f"holds no list of objects {place!r}; {hint}")
    rows, lines = lists[place], _lines(text, place, len(lists[place]))

    def read(unread: Unread) -> Objects:
        for line, one in zip(lines, rows, strict=True):
            if isinstance(one, dict):
                yield line, dict(_flat(one, ""))
            else:
                note(unread, line, _NO_OBJECT)

    notes = [guessed] if guessed else []
    notes += [f"its rows are taken to be the list {place!r}"] if place and where is None else []
    return _table(file, f"JSON in {ENCODINGS.get(encoding, encoding)}", notes, read)


def _table(file: Bytes, told: str, notes: Sequence[str], objects: Callable[[Unread], Objects]) -> TableFile:
    unread = Unread()
    names: dict[str, None] = {}
    lists: set[str] = set()
    for _, one in objects(Unread()):
        names.update(dict.fromkeys(one))
        lists.update(name for name, value in one.items() if isinstance(value, list))
    if not names:
        raise fault(file.path, 'holds no object: each row is one, as in {"name": "Acme"}')
    columns = tuple(names)

    def read() -> Rows:
        for line, one in objects(unread):
            cells = [(name, one.get(name)) for name in columns]
            yield line, [[cell] if name in lists and isinstance(cell, str) else cell for name, cell in cells]

    columns = columns_of(file.path, 1, columns)
    kind = told.partition(" in ")[0]
    return table_of(file.path, kind, told, notes, columns, read, unread, frozenset(lists))


def _why(problem: Exception) -> str:
    said = getattr(problem, "msg", "it is nested too deep").lower()
    return f"is no JSON: {said}, column {getattr(problem, 'colno', 1)}"


def _lists(value: Any, before: str) -> Iterator[tuple[str, list[Any]]]:
    """The lists of objects in a value that are not within another, each with the keys that lead to it."""
    if isinstance(value, list) and any(isinstance(one, dict) for one in value):
        yield before.removesuffix("."), value
    elif isinstance(value, dict):
        for key, one in value.items():
            yield from _lists(one, f"{before}{key}.")


def _lines(text: str, place: str, count: int) -> list[int]:
    """In which line each of the values of a list begins that is there by these keys."""
    start = -1
    for key in place.split(".") if place else ():
        named = re.compile(re.escape(json.dumps(key, ensure_ascii=False)) + r"\s*:\s*")
        found = named.search(text, start + 1)
        start = found.end() if found is not None else start
    decoder, begin = json.JSONDecoder(), text.find("[", max(start, 0)) + 1
    lines: list[int] = []
    line, told = 1, 0
    while len(lines) < count:
        begin = _BETWEEN.match(text, begin).end()  # type: ignore[union-attr]
        line, told = line + text.count("\n", told, begin), begin
        lines.append(line)
        try:
            _, begin = decoder.raw_decode(text, begin)
        except ValueError:
            return [*range(1, count + 1)]
    return lines


def _flat(value: Mapping[str, Any], before: str) -> Iterator[tuple[str, Any]]:
    """What an object holds; of objects within it, each key behind theirs and a dot."""
    for key, one in value.items():
        if isinstance(one, dict):
            yield from _flat(one, f"{before}{key}.")
        elif isinstance(one, list):
            yield before + key, [None if each is None else _json_text(each) for each in one]
        else:
            yield before + key, None if one is None else _json_text(one)


def _json_text(value: Any) -> str:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text.encode("utf-8", "replace").decode()
