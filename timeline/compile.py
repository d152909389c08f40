"""The SQL executor: a declared state as a table macro over the whole log."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from timeline.basis import Basis
from timeline.fields import Kind
from timeline.folds import Fold
from timeline.numbers import NUMBER
from timeline.parts import CLASSES, FUNDS, key_columns, names, state_part, view
from timeline.state import StateType
from timeline.statements import expanded, quoted
from timeline.zones import stored_instant

__all__ = ["as_of_macro", "asking", "now_view", "selection"]

_EVER: Final = "9998-12-31"
"""By when all is known that ever will be."""

_NO_FUNDS: Final = f"{{'wholly': MAP {{}}, 'jointly': MAP {{}}, 'undisclosed': 0, 'inexact': 0}}::{FUNDS}"
_CASTS: Final = {
    Kind.FLAG: "{}::BOOLEAN",
    Kind.DECIMAL: f"{{}}::{NUMBER}",
    Kind.ENTITIES: "from_json({}, '[\"VARCHAR\"]')",
    Kind.TEXTS: "from_json({}, '[\"VARCHAR\"]')",
    Kind.MONEY: (
        f"CASE WHEN {{0}} IS NOT NULL THEN {{{{'amount': ({{0}} ->> 'value')::{NUMBER}, "
        "'currency': {0} ->> 'currency', 'bound': {0} ->> 'bound'}} END"
    ),
}
_EVENT: Final = (
    "{'position': one.decisive, 'type': one.value ->> 'type', 'occurred': one.value ->> 'occurred', "
    "'data': one.value -> 'data'}"
)


def as_of_macro(state: StateType, *, same: bool = True) -> str:
    """The SQL that makes `<state>_as_of(valid, known := NULL, dates := 'latest', position := NULL)`.

    Without `same` it is right as long as the log says of no entity that it is another.
    """
    name = quoted(f"{state.name}_as_of")
    return f"""\
CREATE OR REPLACE MACRO {name}(
    valid, known := NULL, dates := 'latest', "position" := NULL
) AS TABLE
{selection(state, same=same)};
"""


def now_view(state: StateType) -> str:
    """The SQL that makes the view of a state as it is now."""
    name = quoted(state.name)
    return f"CREATE OR REPLACE VIEW {name} AS FROM {quoted(state.name + '_as_of')}(now());\n"


def selection(state: StateType, *, same: bool = False, asked: Sequence[str] | None = None) -> str:
    """The SELECT behind the macro.

    Each part is used once, so that DuckDB carries a condition on the key down to the table.
    `asked` are other parts to begin with: one named `ask`, and those that are read in place of tables. With
    them it is SQL of our own, which means no macro of a file.
    """
    classes = [name for name, kinds in CLASSES.items() if names(state, *kinds)]
    if asked is None:
        parts = view("states", state, classes, same=same)
    else:
        parts = ",\n".join((*asked, *(state_part("states", name, state) for name in ("entry", *classes))))
    outcome = "\n    UNION ALL\n".join(f"    FROM {name}" for name in classes)
    columns = ",\n".join(
        f"    {_column(field, fold)} AS {quoted(field)}" for field, fold in state.folds.items()
    )
    because, unsettled = (
        f"timeline_by_field({told})" if asked is None else expanded("timeline_by_field", told)
        for told in ("because", "unsettled")
    )
    return f"""\
WITH {parts},
outcome AS NOT MATERIALIZED (
{outcome}
),
{state_part("states", "answer", state)}
SELECT {key_columns(state)},
{columns},
    {because} AS because,
    {unsettled} AS unsettled
FROM answer"""  # noqa: S608


def asking(basis: Basis) -> dict[str, Any]:
    """The parameters of the part `ask`, for a question at a basis."""
    known = basis.known_point
    return {
        "point": stored_instant(basis.point),
        "knowing": _EVER if known is None else stored_instant(known),
        "upto": basis.position,
        "early": basis.dates == "earliest",
    }


def _column(field: str, fold: Fold) -> str:
    told = "sums" if fold.kind == "total" else "told"
    chosen = f"FOR one IN {told} IF one.field = '{field}'"
    if fold.keyed:
        return f"map_from_entries(coalesce([({_slot(fold)}, {_value(fold)}) {chosen}], []))"
    only = f"[{_value(fold)} {chosen}][1]"
    if fold.kind == "count":
        return f"coalesce({only}, 0)"
    if fold.kind == "total":
        return f"coalesce({only}, {_NO_FUNDS if fold.sums_money else 0})"
    return only


def _slot(fold: Fold) -> str:
    """The key of a mapping: the value of `per=`, or a struct of several; an absent one alone is ''."""
    if len(fold.per) == 1:
        return "coalesce(one.slot ->> '$[0]', '')"
    parts = ", ".join(f"'{name}': one.slot ->> '$[{index}]'" for index, name in enumerate(fold.per))
    return f"{{{parts}}}"


def _value(fold: Fold) -> str:
    """The value of one slot, typed."""
    if fold.kind == "count":
        return "one.number"
    if fold.kind == "total":
        return "one.funds" if fold.sums_money else "one.amount"
    kind = fold.value_kind
    return _EVENT if kind is None else _CASTS.get(kind, "{}").format("one.value")
