"""The parts that the SQL of states is made of, each for the fields of one state."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from timeline.numbers import NUMBER
from timeline.state import StateType
from timeline.statements import quoted, statement

__all__ = ["CLASSES", "FUNDS", "key_columns", "names", "state_part", "view"]

CLASSES: Final = {"counts": ("count",), "totals": ("total",), "decided": ("first", "last", "held")}
"""What is worked out each in its own way, and the folds that it is for."""
FUNDS: Final = (
    f"STRUCT(wholly MAP(VARCHAR, {NUMBER}), jointly MAP(VARCHAR, {NUMBER}), "
    "undisclosed BIGINT, inexact BIGINT)"
)
"""The SQL type of Funds."""


def state_part(file: str, name: str, state: StateType) -> str:
    """A named part out of `sql/<file>.sql`, for the fields of a state."""
    filled = {
        ":state": f"'{state.name}'",
        ":fields": names(state, *CLASSES.get(name, ())),
        ":first_fields": names(state, "first") or "''",
        ":held_fields": names(state, "held") or "''",
        ":money_fields": _listed(field for field, fold in state.folds.items() if fold.sums_money) or "''",
        ":funds": FUNDS,
    }
    sql = statement(file, name)
    for slot, value in filled.items():
        sql = sql.replace(slot, value)
    return f"{name} AS NOT MATERIALIZED (\n    {sql.rstrip(';')}\n)"


def view(file: str, state: StateType, classes: Iterable[str], *, same: bool) -> str:
    """What is asked, what of the events is in view for it, and what the classes of folds make of that.

    With `same`, ids are read as others where they are: a part called like the table of feeds takes its place.
    """
    feeds = [state_part("sameness", "feeds", state)] if same else []
    asked, *rest = (state_part(file, name, state) for name in ("ask", "entry", *classes))
    return ",\n".join([asked, *feeds, *rest])


def names(state: StateType, *kinds: str) -> str:
    """The fields with a fold of these kinds, as an SQL list; empty if there are none."""
    return _listed(field for field, fold in state.folds.items() if fold.kind in kinds)


def key_columns(state: StateType) -> str:
    """The columns that say whose state a row is, from those of `feeds`."""
    return ", ".join(f"{key} AS {quoted(name)}" for key, name in zip(("a", "b"), state.keys, strict=False))


def _listed(fields: Iterable[str]) -> str:
    return ", ".join(f"'{field}'" for field in fields)
