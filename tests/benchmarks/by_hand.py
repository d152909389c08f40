"""What the engine is held against: SQL written by hand for the mix of the benchmark, over its own layout.

It knows which event types there are, and that no field but those named here can hold anything.
"""

from __future__ import annotations

import re
from pathlib import Path
from string import Template
from typing import Final

import duckdb

__all__ = ["FIELDS", "ID_CHECK", "all_pairs", "floor", "lay_out", "one_pair"]

ID_CHECK: Final = "SELECT position FROM log WHERE id = ?"
"""How a bare transaction sees whether an id is taken."""

FIELDS: Final = (
    "rounds",
    "invested",
    "exclusivities",
    "stakes",
    "disputes",
    "offices",
    "last_contact",
    "last_remark",
    "because",
    "unsettled",
)
"""The columns of the answer, behind `a` and `b`."""

_EVER: Final = "9998-12-31"
_HEAD: Final = 2**62
_TEXT: Final = Path(__file__).with_name("by_hand.sql").read_text()
_SQL: Final[dict[str, str]] = {
    name: body.strip().rstrip(";")
    for name, body in re.findall(r"(?ms)^-- name: (\w+)$(.*?)(?=^-- name|\Z)", _TEXT)
}


def lay_out(log: Path, path: Path) -> None:
    """Make the layout, in a file of its own, from the typed tables of a log."""
    with duckdb.connect(str(path)) as connection:
        connection.execute(f"ATTACH '{log}' AS source (READ_ONLY)")
        connection.execute(_SQL["layout"])


def all_pairs(point: str, known: str = _EVER, position: int = _HEAD) -> str:
    """The state of every pair as of an instant, as one SELECT."""
    return _answer("TRUE", point, known, position)


def one_pair(a: str, b: str, point: str, known: str = _EVER, position: int = _HEAD) -> str:
    """The state of one pair, given by ids in their order."""
    one, other = (f"(SELECT code FROM entity WHERE id = '{entity}')" for entity in (a, b))
    which = f"tie.pair = (SELECT pair FROM pair WHERE a = {one} AND b = {other})"
    return _answer(which, point, known, position)


def floor() -> str:
    """The least that any answer for all pairs has to do: count the rows of each."""
    return _SQL["floor"]


def _answer(which: str, point: str, known: str, position: int) -> str:
    return Template(_SQL["answer"]).substitute(
        which=which, point=f"TIMESTAMP '{point}'", known=f"TIMESTAMP '{known}'", position=position
    )
