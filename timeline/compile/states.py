"""The SQL executor: a declared state as a table macro over the whole log."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any, Final

from timeline.compile.statements import expanded, quoted, statement
from timeline.compile.tables import LAID
from timeline.values import NUMBER, Basis, When, printable, stored_instant
from timeline.vocabulary import Catalogue, Fold, State, StateType

FUNDS: Final = (
    f"STRUCT(wholly MAP(VARCHAR, {NUMBER}), jointly MAP(VARCHAR, {NUMBER}), "
    "undisclosed BIGINT, inexact BIGINT)"
)
"""The SQL type of Funds."""


def state_part(file: str, name: str, state: StateType) -> str:
    """A named part out of `sql/<file>.sql`, for the fields of a state."""
    filled = {
        ":state": f"'{state.name}'",
        ":fields": worked_out(state, name),
        ":first_fields": names(state, "first") or "''",
        ":held_fields": names(state, "held") or "''",
        ":money_fields": _listed(field for field, fold in state.folds.items() if fold.sums_money) or "''",
        ":funds": FUNDS,
    }
    sql = statement(file, name)
    for slot, value in filled.items():
        sql = sql.replace(slot, value)
    return f"{name} AS NOT MATERIALIZED (\n    {sql.rstrip(';')}\n)"


def view(file: str, state: StateType, *, same: bool) -> str:
    """What is asked, what of the events is in view for it, and what the folds make of that.

    With `same`, ids are read as others where they are: a part called like the table of feeds takes its place.
    """
    feeds = [state_part("sameness", "feeds", state)] if same else []
    asked, *rest = (state_part(file, name, state) for name in ("ask", "entry", *parts_of(state)))
    return ",\n".join([asked, *feeds, *rest])


def names(state: StateType, *kinds: str) -> str:
    """The fields with a fold of these kinds, as an SQL list; empty if there are none."""
    return _listed(field for field, fold in state.folds.items() if fold.kind in kinds)


def parts_of(state: StateType) -> list[str]:
    """The parts in which the folds of a state are worked out, each once."""
    return list(dict.fromkeys(fold.part for fold in state.folds.values() if fold.part is not None))


def worked_out(state: StateType, part: str) -> str:
    """The fields that are worked out in a part, as an SQL list."""
    return _listed(field for field, fold in state.folds.items() if fold.part == part)


def key_columns(state: StateType) -> str:
    """The columns that say whose state a row is, from those of `feeds`."""
    return ", ".join(f"{key} AS {quoted(name)}" for key, name in zip(("a", "b"), state.keys, strict=False))


def _listed(fields: Iterable[str]) -> str:
    return ", ".join(f"'{field}'" for field in fields)


_EVER: Final = "9998-12-31"
"""By when all is known that ever will be."""

_NO_FUNDS: Final = f"{{'wholly': MAP {{}}, 'jointly': MAP {{}}, 'undisclosed': 0, 'inexact': 0}}::{FUNDS}"
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
    worked = parts_of(state)
    if asked is None:
        parts = view("states", state, same=same)
    else:
        parts = ",\n".join((*asked, *(state_part("states", name, state) for name in ("entry", *worked))))
    outcome = "\n    UNION ALL\n".join(f"    FROM {name}" for name in worked)
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
    told = "sums" if fold.takes == "amount" else "told"
    chosen = f"FOR one IN {told} IF one.field = '{field}'"
    if fold.keyed:
        return f"map_from_entries(coalesce([({_slot(fold)}, {_value(fold)}) {chosen}], []))"
    only = f"[{_value(fold)} {chosen}][1]"
    if fold.takes == "event":
        return f"coalesce({only}, 0)"
    if fold.takes == "amount":
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
    if fold.takes == "event":
        return "one.number"
    if fold.takes == "amount":
        return "one.funds" if fold.sums_money else "one.amount"
    kind = fold.value_kind
    return _EVENT if kind is None else LAID[kind].typed("one.value")


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
FROM {_macro(kind)}({_list(_arguments(basis, pinned=pinned))})
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


def _list(arguments: list[str]) -> str:
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
