"""A question as SQL, which any DuckDB client can put to the file."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Final

from timeline.compile.statements import quoted
from timeline.compile.states import as_of_macro
from timeline.values import Basis, When, printable, stored_instant
from timeline.vocabulary import State, StateType

_CALENDAR: Final = re.compile(r"\d{4}(-\d{2}){0,2}")
"""The dates that the macros of states take as text."""


def question(answer: State, *, pinned: bool) -> str:
    """The SQL that gives an answer again: the question, and behind it the macro that works it out.

    Both are statements to paste into a client; the macro becomes a temporary one, to change at will. With
    `pinned` the question names the position of the answer, so that what is said later does not change it.
    The state has to be a compiled one.
    """
    kind, basis = answer.__timeline__, answer.basis
    keys = [f"{quoted(key)} = {_text(who)}" for key, who in zip(kind.keys, answer.who, strict=True)]
    return f"""\
-- {kind.name} of {printable(" and ".join(answer.who))}, {basis}.
-- No row means that nothing was recorded by then.
FROM {_macro(kind)}({_listed(_arguments(basis, pinned=pinned))})
WHERE {" AND ".join(keys)};

-- How that is worked out. Change it and run it: it takes the place of the macro in the file,
-- for your connection alone, when you ask again as above.
{_own_macro(kind)}"""


def _macro(kind: StateType) -> str:
    return quoted(f"{kind.name}_as_of")


def _own_macro(kind: StateType) -> str:
    """The macro as a temporary one, which a client that only reads can make too."""
    return as_of_macro(kind).replace("CREATE OR REPLACE MACRO", "CREATE OR REPLACE TEMP MACRO", 1)


def _arguments(basis: Basis, *, pinned: bool) -> list[str]:
    """What the macro is asked; what is as it is unless said is left out."""
    arguments = [_point(basis.valid, basis.point)]
    if basis.known is not None and basis.known_point is not None:
        then = basis.known_point == basis.point
        arguments.append(f"known := {_text('then') if then else _point(basis.known, basis.known_point)}")
    if basis.dates != "latest":
        arguments.append(f"dates := {_text(basis.dates)}")
    if pinned:
        arguments.append(f'"position" := {basis.position}')
    return arguments


def _listed(arguments: list[str]) -> str:
    """Up to two in a row, more of them each on a line."""
    if len(arguments) <= 2:
        return ", ".join(arguments)
    return "\n    " + ",\n    ".join(arguments) + "\n"


def _point(when: When, point: datetime) -> str:
    """A date as it is written where the macro reads it, else its last instant."""
    if _CALENDAR.fullmatch(when.text):
        return _text(when.text)
    return f"TIMESTAMPTZ '{stored_instant(point)}+00'"


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"
