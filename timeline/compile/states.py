"""The SQL executor: a declared state as a table macro over the whole log."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime
from typing import Any, Final

from timeline.compile.spans import FUNDS, filled, numbered, part, settled, spanning
from timeline.compile.statements import literal, quoted
from timeline.compile.tables import LAID
from timeline.values import NUMBER, Basis, When, printable, stored_instant
from timeline.vocabulary import Fold, State, StateType

_EVER: Final = "9998-12-31"
"""By when all is known that ever will be."""

_NO_FUNDS: Final = f"{{'wholly': MAP {{}}, 'jointly': MAP {{}}, 'undisclosed': 0, 'inexact': 0}}::{FUNDS}"


def as_of_macro(state: StateType) -> str:
    """The SQL that makes `<state>_as_of(valid, known := NULL, dates := 'latest', position := NULL)`."""
    return _macro_of(state, "as_of", _VALID, selection(state))


def slots_macro(state: StateType) -> str:
    """The SQL that makes `<state>_slots_as_of`, of the same parameters: a row for each slot."""
    sql = f"""\
WITH {_parts(state, "asked")},
{part("slots", filled("states", "slots", state))}
SELECT {key_columns(state)}, {_field(state)} AS field, slot, value, because
FROM slots JOIN keyed USING (k)"""  # noqa: S608
    return _macro_of(state, "slots_as_of", _VALID, sql)


def now_view(state: StateType) -> str:
    """The SQL that makes the view of a state as it is now."""
    name = quoted(state.name)
    return f"CREATE OR REPLACE VIEW {name} AS FROM {quoted(state.name + '_as_of')}(now());\n"


_VALID: Final = "valid, known := NULL, dates := 'latest', \"position\" := NULL"
_EVER_VALID: Final = "known := NULL, dates := 'latest', \"position\" := NULL"
_PLAIN: Final = "known IS NULL AND \"position\" IS NULL AND dates = 'latest'"
"""Whether a macro is asked for what spans are made for: of constants, so that it is told while planning."""


def _macro_of(state: StateType, what: str, parameters: str, sql: str) -> str:
    name = quoted(f"{state.name}_{what}")
    return f"CREATE OR REPLACE MACRO {name}({parameters}) AS TABLE\n{sql};\n"


def _parts(state: StateType, ask: str, *, plain: str | None = _PLAIN, **read: str | None) -> str:
    """The spans of a state as parts of a query; with `plain=None` they are as they are asked for."""
    spanned = settled(state) if plain is None else spanning(state, plain=plain, **read)
    return ",\n".join([part("ask", filled("states", ask, state), kept=True), *spanned])


def selection(state: StateType, ask: str = "asked", **read: str | None) -> str:
    """The SELECT behind the macro; `ask` is the part that tells what is asked, `read` as in `spanning`.

    With `plain=None`, spans are read as they are: nothing is to be folded.

    Each field is an aggregate of its own, so that DuckDB works out none that is not asked for.
    """
    several = {f"one_{field}": _gathered(number, fold) for number, (field, fold) in numbered(state)}
    gathered = ",\n        ".join(f"{sql} AS {quoted(name)}" for name, sql in several.items())
    columns = ",\n".join(
        f"    {_column(quoted(f'one_{field}'), fold)} AS {quoted(field)}"
        for field, fold in state.folds.items()
    )
    because, unsettled = (_by_field(state, told) for told in ("because", "unsettled"))
    told = f"(f::BIGINT << {_BITS}) + place"
    return f"""\
WITH {_parts(state, ask, **read)},
{part("seen", filled("states", "seen", state))},
gathered AS NOT MATERIALIZED (
    SELECT k,
        {gathered},
        list({told}) FILTER (explains) AS because,
        list({told}) FILTER (wavers) AS unsettled
    FROM seen
    GROUP BY k
)
SELECT {key_columns(state)},
{columns},
    {because} AS because,
    {unsettled} AS unsettled
FROM gathered JOIN keyed USING (k)"""  # noqa: S608


_BITS: Final = 48
"""A record and the field that it explains are one number: these bits, and above them the rank of its name."""


def _by_field(state: StateType, told: str) -> str:
    """The records told of, by field."""
    names = ", ".join(literal(field) for field in sorted(state.folds))
    positions = f"[one & {2**_BITS - 1} FOR one IN told IF one >> {_BITS} = field]"
    fields = f"list_sort(list_distinct([one >> {_BITS} FOR one IN told]))"
    return (
        f"list_transform([list_sort(list_distinct(coalesce({told}, [])))], lambda told: "
        f"map_from_entries([(([{names}])[field], {positions}) FOR field IN {fields}]))[1]"
    )


def _field(state: StateType) -> str:
    """The name of the field of a row."""
    return f"([{', '.join(literal(field) for field in sorted(state.folds))}])[f]"


def _gathered(number: int, fold: Fold) -> str:
    """The aggregate that gathers what a field of a key is made of: of its one slot, or of each."""
    told = _told(fold)
    if fold.keyed:
        told = f"{{'slot': slot, 'told': {told}}}"
    which = f"FILTER (f = {number} AND {'shows' if fold.takes == 'value' else 'decides'})"
    return f"{'list' if fold.keyed else 'any_value'}({told}) {which}"


def _told(fold: Fold) -> str:
    """What the value of a slot is made of, from the columns of `seen`."""
    if fold.takes == "event":
        return "number"
    if fold.takes == "amount":
        return "funds" if fold.sums_money else "total"
    return "value" if fold.value_kind is not None else "{'value': value, 'position': place}"


def asking(basis: Basis) -> dict[str, Any]:
    """The parameters of the part `ask`, for a question at a basis."""
    known = basis.known_point
    return {
        "point": stored_instant(basis.point),
        "knowing": _EVER if known is None else stored_instant(known),
        "upto": basis.position,
        "early": basis.dates == "earliest",
    }


def _column(gathered: str, fold: Fold) -> str:
    """The value of a field, by what was gathered of it."""
    if fold.keyed:
        several = f"CASE WHEN len({gathered}) > 1 THEN list_sort({gathered}) ELSE {gathered} END"
        entries = f"[({_slot(fold, 'one.slot')}, {_value(fold, 'one.told')}) FOR one IN {several}]"
        return f"map_from_entries(coalesce({entries}, []))"
    if fold.takes == "event":
        return f"coalesce({gathered}, 0)"
    if fold.takes == "amount":
        return f"coalesce({_value(fold, gathered)}, {_NO_FUNDS if fold.sums_money else 0})"
    return f"CASE WHEN {gathered} IS NOT NULL THEN {_value(fold, gathered)} END"


def _slot(fold: Fold, slot: str) -> str:
    """The key of a mapping: the value of `per=`, or a struct of several; an absent one alone is ''."""
    if len(fold.per) == 1:
        return f"coalesce({slot} ->> '$[0]', '')"
    parts = ", ".join(f"'{name}': {slot} ->> '$[{index}]'" for index, name in enumerate(fold.per))
    return f"{{{parts}}}"


def _value(fold: Fold, told: str) -> str:
    """The value of one slot, typed, by what it is made of."""
    if fold.takes == "event" or fold.sums_money:
        return told
    if fold.takes == "amount":
        return f"coalesce({told}, 0)::{NUMBER}"
    kind = fold.value_kind
    if kind is not None:
        return LAID[kind].typed(told)
    return (
        f"{{'position': {told}.position, 'type': {told}.value ->> 'type', "
        f"'occurred': {told}.value ->> 'occurred', 'data': {told}.value -> 'data'}}"
    )


def periods_macro(state: StateType) -> str:
    """The SQL that makes `<state>_periods(known := NULL, dates := 'latest', position := NULL)`."""
    parts = ",\n".join(part(name, filled("states", name, state)) for name in ("step", "change", "period"))
    sql = f"""\
WITH {_parts(state, "asked of all time")},
{parts}
SELECT {key_columns(state)}, {_field(state)} AS field, slot, value,
    bound AS valid_from,
    next_bound AS valid_to,
    place AS opened_by,
    next_place AS closed_by
FROM period JOIN keyed USING (k)
WHERE present"""  # noqa: S608
    return _macro_of(state, "periods", _EVER_VALID, sql)


def periods_view(state: StateType) -> str:
    """The SQL that makes the view of the periods as they are now, all being known."""
    name = quoted(f"{state.name}_periods")
    return f"CREATE OR REPLACE VIEW {name} AS FROM {name}();\n"


def key_columns(state: StateType) -> str:
    """The columns that say whose state a row is, from those of `keyed`."""
    return ", ".join(f"{key} AS {quoted(name)}" for key, name in zip(("a", "b"), state.keys, strict=False))


def state_macros(state: StateType) -> Iterator[str]:
    """The SQL that makes what is asked for a state that runs in SQL."""
    yield as_of_macro(state) + now_view(state)
    yield slots_macro(state)
    yield periods_macro(state) + periods_view(state)


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
