"""The static SQL of the package: named statements, each with a sentence, in the `sql` folders of rooms."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator
from importlib import resources
from importlib.resources.abc import Traversable
from typing import Final

from timeline.values import NUMBER

_NAME: Final = re.compile(r"^-- name: (.+)\n(?:-- .*\n)+", re.MULTILINE)
_MADE: Final = re.compile(r'CREATE (?:OR REPLACE )?(?P<kind>TABLE|VIEW|MACRO) "?(?P<name>\w+)')
_SUPERSEDED: Final = ":superseded"
"""Stands in a statement for the rows of the view of that name: what is in a file is for others to read."""


def _files() -> Iterator[Traversable]:
    for room in ("compile", "log"):
        yield from resources.files("timeline").joinpath(room, "sql").iterdir()


@functools.cache
def _file(file: str) -> dict[str, str]:
    (found,) = (one for one in _files() if one.name == f"{file}.sql")
    text = found.read_text("utf-8")
    _, *pieces = _NAME.split(text)
    return {
        name: sql.strip().replace(":type_of_numbers", NUMBER)
        for name, sql in zip(pieces[::2], pieces[1::2], strict=True)
    }


@functools.cache
def statement(file: str, name: str) -> str:
    """The SQL text of that name; the type of columns of numbers is filled in.

    Raises:
        KeyError: if the file has no such statement.
    """
    return _file(file)[name].replace(_SUPERSEDED, f"({_file('schema')['superseded']})")


def made() -> Iterator[tuple[str, str]]:
    """Whatever the statements make, each as `TABLE`, `VIEW` or `MACRO` and its name."""
    for one in _files():
        for found in _MADE.finditer(one.read_text("utf-8")):
            yield found["kind"], found["name"]


def expanded(macro: str, argument: str) -> str:
    """What a macro that the statements make of one expression stands for, given SQL for its argument.

    Raises:
        KeyError: if there is none of one argument.
    """
    parameter, body = _body(macro)
    return "(" + re.sub(rf"\b{parameter}\b", lambda _: f"({argument})", body) + ")"


@functools.cache
def _body(macro: str) -> tuple[str, str]:
    found = re.search(
        rf"^CREATE OR REPLACE MACRO {macro}\((\w+)\) AS\s+(.+?);$",
        statement("points", "macros"),
        re.MULTILINE | re.DOTALL,
    )
    if found is None:
        raise KeyError(macro)
    return found[1], found[2]


def quoted(identifier: str) -> str:
    """An identifier as SQL has it.

    >>> quoted('a"b')
    '"a""b"'
    """
    return '"' + identifier.replace('"', '""') + '"'


def literal(text: str) -> str:
    """A text as SQL has it.

    >>> literal("it's")
    "'it''s'"
    """
    return "'" + text.replace("'", "''") + "'"
