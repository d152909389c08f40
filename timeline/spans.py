"""The periods of a declared state, as a table macro over the whole log."""

from __future__ import annotations

from typing import Final

from timeline.state import StateType
from timeline.statements import statement
from timeline.tables import quoted

__all__ = ["periods_macro", "periods_view"]

_CLASSES: Final = {"counts": ("count",), "totals": ("total",), "decided": ("first", "last", "held")}
"""The steps that are worked out each in their own way, and the folds they are for."""


def periods_macro(state: StateType) -> str:
    """The SQL that makes `<state>_periods(known := NULL, dates := 'latest', position := NULL)`."""
    name = quoted(f"{state.name}_periods")
    parameters = "known := NULL, dates := 'latest', \"position\" := NULL"
    return f"CREATE OR REPLACE MACRO {name}({parameters}) AS TABLE\n{_selection(state)};\n"


def periods_view(state: StateType) -> str:
    """The SQL that makes the view of the periods as they are now, all being known."""
    name = quoted(f"{state.name}_periods")
    return f"CREATE OR REPLACE VIEW {name} AS FROM {name}();\n"


def _selection(state: StateType) -> str:
    """The SELECT behind the macro: steps of every slot, then what they change, then from change to change.

    Each part is used once, so that DuckDB carries a condition on the key down to the table.
    """
    steps = [name for name, kinds in _CLASSES.items() if _fields(state, *kinds)]
    union = "\n    UNION ALL BY NAME\n".join(f"    FROM {name}" for name in steps)
    parts = [_part(name, state) for name in ("ask", "entry", *steps)]
    parts.append(f"step AS NOT MATERIALIZED (\n{union}\n)")
    parts += [_part(name, state) for name in ("settled", "change", "span")]
    parted = ",\n".join(parts)
    keys = ", ".join(
        f"{internal} AS {quoted(name)}" for internal, name in zip(("a", "b"), state.keys, strict=False)
    )
    return f"""\
WITH {parted}
SELECT {keys}, field, slot, value,
    bound AS valid_from,
    next_bound AS valid_to,
    place AS opened_by,
    next_place AS closed_by
FROM span
WHERE present"""  # noqa: S608


def _part(name: str, state: StateType) -> str:
    """One part of the SELECT, for the fields of a state."""
    sql = statement("spans", name)
    for kind in ("first", "held"):
        sql = sql.replace(f":{kind}_fields", _fields(state, kind) or "''")
    sql = sql.replace(":money_fields", _money(state) or "''").replace(":state", f"'{state.name}'")
    sql = sql.replace(":fields", _fields(state, *_CLASSES.get(name, ())))
    return f"{name} AS NOT MATERIALIZED (\n{sql.rstrip(';')}\n)"


def _fields(state: StateType, *kinds: str) -> str:
    """The fields with a fold of these kinds, as an SQL list."""
    return ", ".join(f"'{field}'" for field, fold in state.folds.items() if fold.kind in kinds)


def _money(state: StateType) -> str:
    """The fields that add up money, as an SQL list."""
    return ", ".join(f"'{field}'" for field, fold in state.folds.items() if fold.sums_money)
