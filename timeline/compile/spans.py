"""What states are read from: what each event contributes to a slot, with the span in which it decides it."""

from __future__ import annotations

import functools
import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from timeline.compile.statements import quoted, statement
from timeline.values import NUMBER
from timeline.vocabulary import Fold, StateType

FUNDS: Final = (
    f"STRUCT(wholly MAP(VARCHAR, {NUMBER}), jointly MAP(VARCHAR, {NUMBER}), "
    "undisclosed BIGINT, inexact BIGINT)"
)
"""The SQL type of Funds."""

SCHEMA: Final = "spans"
"""The schema of the tables of spans."""

FED: Final = {
    "k": "UBIGINT",
    "f": "USMALLINT",
    "s": "UBIGINT",
    "slot": "VARCHAR",
    "place": "BIGINT",
    "origin": "BIGINT",
    "earliest": "TIMESTAMP",
    "latest": "TIMESTAMP",
    "known_at": "TIMESTAMP",
    "closes": "BOOLEAN",
    "jointly": "BOOLEAN",
    "inexact": "BOOLEAN",
    "amount": NUMBER,
    "currency": "VARCHAR",
    "until_latest": "TIMESTAMP",
    "names": "VARCHAR",
    "value": "VARCHAR",
}
"""What was fed, by column: key, field and slot as numbers, then as `feeds` has it.

The position of the record is called its place, since macros have a parameter of that name.
"""

SPANNED: Final = {
    "number": "BIGINT",
    "total": NUMBER,
    "funds": FUNDS,
    "upto": "TIMESTAMP",
    "idle": "BOOLEAN",
}
"""What follows from all that enters the slot: what has entered it so far, and up to when it decides it."""

SPAN_TABLES: Final = {
    "": FED | SPANNED | {"stands": "BOOLEAN"},
    " keys": {"k": "UBIGINT", "a": "VARCHAR", "b": "VARCHAR"},
    " doubts": {
        "k": "UBIGINT",
        "f": "USMALLINT",
        "s": "UBIGINT",
        "place": "BIGINT",
        "since": "TIMESTAMP",
        "until": "TIMESTAMP",
    },
}
"""The columns of the tables of a state, by what stands behind its name in theirs."""

NONE: Final = "0"
"""As a list of the numbers of fields: none."""


def span_table(state: StateType, what: str = "") -> str:
    """The name of a table of a state, quoted."""
    return f"{SCHEMA}.{quoted(state.name + what)}"


def span_tables(state: StateType) -> str:
    """The SQL that makes the tables of a state, empty."""
    made = []
    for what, columns in SPAN_TABLES.items():
        packed = {"value": " USING COMPRESSION zstd"}
        told = ", ".join(f"{name} {kind}{packed.get(name, '')}" for name, kind in columns.items())
        made.append(f"CREATE OR REPLACE TABLE {span_table(state, what)} ({told});\n")
    return "".join(made)


def numbered(state: StateType) -> Iterator[tuple[int, tuple[str, Fold]]]:
    """The fields of a state by their numbers: in order of name, in whatever order they are declared."""
    return enumerate(sorted(state.folds.items()), 1)


def codes(state: StateType, *kinds: str, money: bool | None = None) -> str:
    """The numbers of the fields with a fold of these kinds, as an SQL list."""
    found = [
        str(number)
        for number, (_, fold) in numbered(state)
        if fold.kind in kinds and money in (None, fold.sums_money)
    ]
    return ", ".join(found) or NONE


def filled(file: str, name: str, state: StateType, **given: str) -> str:
    """A named part out of `sql/<file>.sql` for a state; `given` are the slots that differ from use to use."""
    return _filled(statement(file, name), {**_slots(state), **given})


_SLOT: Final = re.compile(r"(?<!:)(::)?:([a-z_]+)")
"""What a part leaves open, also as a type that something is cast to."""


def _filled(sql: str, slots: Mapping[str, str]) -> str:
    return _SLOT.sub(lambda found: (found[1] or "") + slots[found[2]], sql.rstrip(";"))


@functools.lru_cache(maxsize=256)
def _slots(state: StateType) -> Mapping[str, str]:
    """What a state fills the slots of all parts with."""
    slots = {
        "state": f"'{state.name}'",
        "spans": span_table(state),
        "keys": span_table(state, " keys"),
        "doubts": span_table(state, " doubts"),
        "every_field": ", ".join(f"'{field}'" for field in sorted(state.folds)),
        "first_fields": codes(state, "first"),
        "held_fields": codes(state, "held"),
        "decided_fields": codes(state, "first", "last", "held"),
        "count_fields": codes(state, "count"),
        "number_fields": codes(state, "total", money=False),
        "money_fields": codes(state, "total", money=True),
        "summed_fields": codes(state, "count", "total"),
        "as_fed": ", ".join(FED),
        "as_spanned": ", ".join(FED | SPANNED),
        "names": _named(state),
        "funds": FUNDS,
    }
    return {**slots, "text": _filled(statement("states", "text"), slots)}


def part(name: str, sql: str, *, kept: bool = False) -> str:
    """A part of a query under its name; if `kept`, it is worked out once for all that read it."""
    return f"{name} AS {'' if kept else 'NOT '}MATERIALIZED (\n    {sql}\n)"


def folding(state: StateType) -> Iterator[str]:
    """The parts that fold `entry`: the rows with their spans.

    A record that cannot be read is of field 0. What is folded in Python only has spans that nobody reads.
    """
    parts: dict[str, list[int]] = {"decided": [0]}
    for number, (_, fold) in numbered(state):
        parts.setdefault(fold.part or "decided", []).append(number)
    money = codes(state, "total", money=True) != NONE
    summed = {name: filled("spans", name, state) for name in _SUMMED} if money else _NOTHING_SUMMED
    yield part("ranked", filled("spans", "ranked", state, **summed), kept=money or len(parts) > 1)
    if money:
        yield part("paid", filled("spans", "paid", state))
    folded = [
        filled("spans", name, state, **summed, fields=", ".join(map(str, numbers)))
        for name, numbers in parts.items()
    ]
    yield part("folded", "\n    UNION ALL\n".join(folded), kept=True)


_SUMMED: Final = ("totals", "purse", "purses")
"""The parts that add up money."""

_NOTHING_SUMMED: Final = {
    "totals": "sum(amount) OVER replay AS total",
    "purse": f"NULL::{FUNDS}",
    "purses": "",
}
"""What stands in their place where there is no money."""


def doubting(state: StateType, folded: str) -> Iterator[str]:
    """The parts that find, among rows with spans, what may have come in another order."""
    yield part("hazy", filled("spans", "hazy", state, folded=folded), kept=True)
    yield part("doubtful", filled("spans", "doubtful", state))


def spanning(
    state: StateType, *, plain: str, gone: str | None = None, fed: str | None = None
) -> Iterator[str]:
    """The parts that give all that is in view with its spans, at what the part `ask` asks.

    `plain` is SQL that tells, best while it is planned, whether all known is asked, at the head and with
    dates at their latest: then only what came after the spans were made is folded. `gone` and `fed` give
    otherwise what is not in view, by its `place`, and what is read on top of the spans, as `feeds` has it.
    """
    yield part("gone", gone or filled("spans", "gone", state), kept=True)
    yield part("fed", fed or filled("spans", "fed", state))
    yield part("tail", filled("spans", "coded", state, fed="fed"), kept=True)
    yield part("changed", filled("spans", "changed", state))
    yield part("touched", filled("spans", "touched", state, plain=plain), kept=True)
    yield part("entry", filled("spans", "entry", state))
    yield from folding(state)
    yield from doubting(state, "folded")
    for name in ("spanned", "doubted", "keyed"):
        yield part(name, filled("spans", name, state))


def settled(state: StateType) -> Iterator[str]:
    """The same where nothing came after the spans were made, and what is asked is what they were made for."""
    columns = f"{', '.join(FED | SPANNED)}, latest AS bound"
    yield part("spanned", f"SELECT {columns} FROM {span_table(state)} WHERE stands")  # noqa: S608
    yield part("doubted", f"FROM {span_table(state, ' doubts')}")
    yield part("keyed", f"FROM {span_table(state, ' keys')}")


def contribution(state: StateType, *, same: bool) -> str:
    """The SELECT that gives what was fed to a state, as numbers; with `same`, by parts that read ids anew."""
    columns = ", ".join(FED)

    def coded(fed: str) -> str:
        return f"SELECT {columns} FROM ({filled('spans', 'coded', state, fed=fed)})"  # noqa: S608

    written = f"SELECT {columns} FROM {span_table(state)} UNION ALL {coded('feeds')}"  # noqa: S608
    if not same:
        return written
    return f"SELECT * FROM ({written}) WHERE place NOT IN (FROM rereading) UNION ALL {coded('refed')}"  # noqa: S608


def contributed(states: Iterable[StateType], database: str = "") -> str:
    """The SELECT that gives what was fed to states, with spans or without, in the columns of `feeds`.

    It reads in a database of that name, quoted; if none is given, in the one in use.
    """
    inside = f"{database}." if database else ""
    fed = f"FROM {inside}main.feeds"
    return "\nUNION ALL BY NAME\n".join([fed, *(_with_spans(state, inside) for state in states)])


def _with_spans(state: StateType, inside: str = "") -> str:
    """What was fed to a state and has its spans, in the columns of `feeds`."""
    as_fed = ", ".join(name for name in FED if name not in ("k", "f", "s", "place"))
    return (
        f"SELECT '{state.name}' AS state, ([{_named(state)}])[f + 1] AS field, a, b, place AS position, "  # noqa: S608
        f"{as_fed} FROM {inside}{span_table(state)} JOIN {inside}{span_table(state, ' keys')} USING (k)"
    )


def spans_anew(state: StateType) -> str:
    """The SELECT that gives the rows of the table of spans as they follow from what was fed."""
    fed = part("again", filled("spans", "coded", state, fed=f"({_with_spans(state)})"), kept=True)
    return f"WITH {fed},\n{_anew(state, 'gone then')}"


def doubts_anew(state: StateType) -> str:
    """The SELECT that gives the rows of the table of doubts as they follow from that of spans."""
    return _doubts(state, span_table(state))


def strange_keys(state: StateType) -> str:
    """The SELECT that counts the keys of a state that are not as they should be."""
    return filled("spans", "strange keys", state)


def key_number(a: str, b: str) -> int:
    """The number that stands for a key in tables of spans; `b` is empty for the state of one entity."""
    return int.from_bytes(hashlib.md5(f"{a}\x1f{b}".encode(), usedforsecurity=False).digest()[8:], "little")


def catching_up(state: StateType) -> Iterator[str]:
    """The SQL that gives spans to what was fed to a state since, and anew to all that is in the same slots.

    What finds them; what makes them; what counts numbers that stand for two keys or slots; what clears up.
    """
    coded = filled("spans", "coded", state, fed="main.feeds")
    yield filled("spans", "find", state, coded=coded, changed=filled("spans", "changed", state))
    anew = f"WITH {_anew(state, 'gone now')}"
    made = f"{span_table(state)} SEMI JOIN temp.touched USING (s)"
    yield filled("spans", "make", state, anew=anew, doubtful=_doubts(state, made))
    yield filled("spans", "alike", state)
    yield statement("spans", "forget")


def _anew(state: StateType, gone: str) -> str:
    """The rest of a query that gives the spans of all that is in `again`, by what is gone."""
    standing = "place NOT IN (SELECT gone.place FROM gone)"
    entry = f"SELECT {', '.join(FED)}, latest AS bound FROM again WHERE {standing}"  # noqa: S608
    parts = [part("gone", filled("spans", gone, state), kept=True), part("entry", entry), *folding(state)]
    return ",\n".join(parts) + "\n" + filled("spans", "anew", state)


def _doubts(state: StateType, spans: str) -> str:
    """The SELECT that finds, among rows of spans, what may have come in another order."""
    stood = part("stood", f"SELECT *, latest AS bound FROM {spans} WHERE stands", kept=True)  # noqa: S608
    return f"WITH {', '.join([stood, *doubting(state, 'stood')])} FROM doubtful"


def _named(state: StateType) -> str:
    """The names of fields by their numbers, from 0 on: a record that cannot be read is of none."""
    return ", ".join(f"'{field}'" for field in ("", *sorted(state.folds)))
