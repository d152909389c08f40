"""Rows about all relationships: column by column, in the long form, through time, and at other bases."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping
from typing import Any, Final

from tests.benchmarks import by_hand
from tests.benchmarks.asking import POINT, YEAR, drawn, laid_out_by_hand, materialised, opened
from tests.benchmarks.bench import Bench
from tests.benchmarks.measure import alternately, explained, median_time
from tests.benchmarks.result import Measured, Quantity, Result

__all__ = ["ROWS", "one_by_slots"]

_ALL: Final = f"FROM relationship_as_of('{YEAR}')"
_SLOTS: Final = f"FROM relationship_slots_as_of('{YEAR}')"
_NOW: Final = "a, b, rounds, invested, stakes, exclusivities, disputes, offices, last_contact, last_remark"

_COLUMNS: Final[Mapping[str, tuple[str, str, float, float]]] = {
    "count": ("one column of counts", f"SELECT a, b, rounds {_ALL}", 9, 15),
    "text": ("one column of texts", f"SELECT a, b, disputes {_ALL}", 9, 15),
    "event": ("one column of events", f"SELECT a, b, exclusivities {_ALL}", 9, 15),
    "unsettled": ("what is unsettled", f"SELECT a, b, unsettled {_ALL}", 9, 15),
    "because": ("the reasons", f"SELECT a, b, because {_ALL}", 9, 15),
    "slots": ("in the long form", _SLOTS, 9, 15),
    "funds": ("one column of funds", f"SELECT a, b, invested {_ALL}", 12, 20),
    "now": ("eight columns of the view of now", f"SELECT {_NOW} FROM relationship", 15, 30),
    "periods": ("all periods", "FROM relationship_periods", 60, 90),
}
"""What is asked beside counting the rows of each relationship: in words, in SQL, the goal, the least."""

_BASES: Final[Mapping[str, tuple[str, Callable[[int], str]]]] = {
    "known-then": ("as known three years before", lambda _: "known := '2013'"),
    "earliest": ("by the earliest bound", lambda _: "dates := 'earliest'"),
    "position": ("as of 99 % of the log", lambda head: f'"position" := {head * 99 // 100}'),
}
"""At what basis all columns are asked for beside the plain one: in words, and by the head of the log."""


def _column(row: str) -> Callable[[Bench], Measured]:
    what, query, goal, least = _COLUMNS[row]

    def measured(bench: Bench) -> Measured:
        with opened(bench.log(bench.events)) as log, laid_out_by_hand(bench) as hand:
            mine, other = alternately(
                bench.rounds, lambda: materialised(log, query), lambda: materialised(hand, by_hand.floor())
            )
            told = explained(log, query)
        against = "`count(*)` by pair over the same rows, integer keys"
        return Measured(_result(row, what, against, mine, other, goal, least), lambda: told)

    return measured


def _basis(row: str) -> Callable[[Bench], Measured]:
    what, argument = _BASES[row]

    def measured(bench: Bench) -> Measured:
        with opened(bench.log(bench.events)) as log:
            ((head,),) = log.execute("SELECT max(last_position) FROM commits").fetchall()
            query = f"FROM relationship_as_of('{YEAR}', {argument(head)})"
            mine, other = alternately(
                bench.rounds, lambda: materialised(log, query), lambda: materialised(log, _ALL)
            )
            told = explained(log, query)
        result = _result(row, f"every column, {what}", "the same at the plain basis", mine, other, 1.6, 2.5)
        return Measured(result, lambda: told)

    return measured


def _result(
    row: str, what: str, against: str, mine: float, other: float, goal: float, least: float
) -> Result:
    return Result(
        row=row,
        what=f"as-of, all relationships, {what}" if row != "periods" else f"all relationships, {what}",
        against=against,
        ours=str(Quantity(mine, "s")),
        theirs=str(Quantity(other, "s")),
        ratio=mine / other,
        target=f"≤ {goal:g} (least {least:g})",
        met=mine / other <= goal,
    )


ROWS: Final[Mapping[str, Callable[[Bench], Measured]]] = {
    **{row: _column(row) for row in _COLUMNS},
    **{row: _basis(row) for row in _BASES},
}
"""The rows, by name."""


def one_by_slots(bench: Bench) -> Measured:
    """One relationship in the long form, and all columns of one by hand-written SQL."""
    left = itertools.cycle(drawn(bench))
    with opened(bench.log(bench.events)) as log, laid_out_by_hand(bench) as hand:

        def ours(who: tuple[str, str]) -> list[tuple[Any, ...]]:
            return log.execute(f"{_SLOTS} WHERE a = $1 AND b = $2", who).fetchall()

        mine, other = alternately(
            bench.rounds,
            lambda: median_time(ours, itertools.islice(left, bench.asks)),
            lambda: median_time(
                lambda who: hand.execute(by_hand.one_pair(*who, POINT)).fetchall(),
                itertools.islice(left, bench.asks),
            ),
        )
        told = explained(log, "{} WHERE a = '{}' AND b = '{}'".format(_SLOTS, *drawn(bench)[0]))
    result = Result(
        row="one-slots",
        what="as-of, one relationship never asked before, `relationship_slots_as_of`, p50",
        against="hand-written SQL for the same answer",
        ours=str(Quantity(mine, "s")),
        theirs=str(Quantity(other, "s")),
        ratio=mine / other,
        target="≤ 8 ms (least 15 ms)",
        met=mine <= 0.008,
        note=f"Pairs of 5 to 50 events in a log of {bench.events:,}, each asked once.",
    )
    return Measured(result, lambda: told)
