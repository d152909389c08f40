"""The periods of a declared state, as a table macro over the whole log."""

from __future__ import annotations

from collections.abc import Iterator

from timeline.compile.statements import quoted
from timeline.compile.states import as_of_macro, key_columns, now_view, parts_of, state_part, view
from timeline.vocabulary import Catalogue, StateType


def periods_macro(state: StateType, *, same: bool = True) -> str:
    """The SQL that makes `<state>_periods(known := NULL, dates := 'latest', position := NULL)`.

    Without `same` it is right as long as the log says of no entity that it is another.
    """
    name = quoted(f"{state.name}_periods")
    parameters = "known := NULL, dates := 'latest', \"position\" := NULL"
    return f"CREATE OR REPLACE MACRO {name}({parameters}) AS TABLE\n{_selection(state, same=same)};\n"


def periods_view(state: StateType) -> str:
    """The SQL that makes the view of the periods as they are now, all being known."""
    name = quoted(f"{state.name}_periods")
    return f"CREATE OR REPLACE VIEW {name} AS FROM {name}();\n"


def _selection(state: StateType, *, same: bool) -> str:
    """The SELECT behind the macro: steps of every slot, then what they change, then from change to change.

    Each part is used once, so that DuckDB carries a condition on the key down to the table.
    """
    union = "\n    UNION ALL BY NAME\n".join(f"    FROM {name}" for name in parts_of(state))
    before = view("spans", state, same=same)
    after = ",\n".join(state_part("spans", name, state) for name in ("settled", "change", "span"))
    return f"""\
WITH {before},
step AS NOT MATERIALIZED (
{union}
),
{after}
SELECT {key_columns(state)}, field, slot, value,
    bound AS valid_from,
    next_bound AS valid_to,
    place AS opened_by,
    next_place AS closed_by
FROM span
WHERE present"""  # noqa: S608


def state_macros(catalogue: Catalogue, *, same: bool) -> Iterator[str]:
    """The SQL that makes what is asked for a state, for each of those that run in SQL.

    With `same`, ids are read as others where they are; without, it is quicker planned, and right as long as
    the log says of no entity that it is another.
    """
    for state in catalogue.compiled:
        yield as_of_macro(state, same=same) + now_view(state)
        yield periods_macro(state, same=same) + periods_view(state)
