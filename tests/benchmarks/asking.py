"""Rows about asking: one pair, another date, all pairs, corrections, and folding in Python."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import duckdb

from events import Relationship
from tests.benchmarks import by_hand
from tests.benchmarks.bench import Bench
from tests.benchmarks.data import pairs
from tests.benchmarks.measure import alternately, explained, median_time, profiled, seconds
from tests.benchmarks.peer import BATCH, Peer, raising
from tests.benchmarks.result import Measured, Quantity, Result
from timeline import Timeline
from timeline.moment.replay import replay

__all__ = [
    "POINT",
    "YEAR",
    "all_pairs",
    "both_answers",
    "corrected",
    "drawn",
    "floor",
    "laid_out_by_hand",
    "materialised",
    "moved",
    "one_pair",
    "one_pair_by_macro",
    "opened",
    "replayed",
]

YEAR: Final = "2016"
POINT: Final = "2016-12-31 23:59:59.999999"
_MOVED: Final = tuple(f"{year}-{month:02}" for year in range(2012, 2022) for month in (2, 5, 8, 11))
_ALL: Final = f"FROM relationship_as_of('{YEAR}')"


def both_answers(bench: Bench, point: str) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Every relationship at the end of a day by the macro and by hand, as columns that both have."""
    with opened(bench.log(bench.events)) as log, laid_out_by_hand(bench) as hand:
        columns = ", ".join(("a", "b", *by_hand.FIELDS))
        queries = (
            (log, f"FROM relationship_as_of('{point}')"),
            (hand, f"FROM ({by_hand.all_pairs(f'{point} 23:59:59.999999')})"),
        )
        found = []
        for connection, query in queries:
            rows = connection.execute(f"SELECT {columns} {query} ORDER BY a, b").fetchall()
            found.append([dict(zip(columns.split(", "), map(_comparable, row), strict=True)) for row in rows])
        return found[0], found[1]


def _comparable(value: Any) -> Any:
    """A mapping whose keys are structs as its entries in a certain order; anything else as it is."""
    if isinstance(value, dict) and value.keys() == {"key", "value"}:
        return sorted(zip(value["key"], value["value"], strict=True), key=str)
    return value


@contextmanager
def laid_out_by_hand(bench: Bench) -> Iterator[duckdb.DuckDBPyConnection]:
    """The layout made by hand of the amended log, open."""
    path = bench.folder / f"by-hand-{bench.events}.duckdb"
    if not path.exists():
        new = bench.new("new")
        by_hand.lay_out(bench.log(bench.events), new)
        new.rename(path)
    with opened(path) as connection:
        yield connection


@contextmanager
def opened(path: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """A file as any DuckDB client opens it to read."""
    with duckdb.connect(str(path), read_only=True, config={"storage_compatibility_version": "v1.5.0"}) as it:
        yield it


def drawn(bench: Bench) -> list[tuple[str, str]]:
    """Pairs to ask about, each once: as many events as most have."""
    return pairs(bench.data(bench.events), 5, 50, 2 * bench.asks * bench.rounds)


def _hundred(bench: Bench) -> tuple[str, str]:
    """A pair tied by about a hundred events, or by as many as there are in a small log."""
    folder = bench.data(bench.events)
    return next(iter(pairs(folder, 95, 105, 1) or pairs(folder, 5, 50, 1)))


def materialised(connection: duckdb.DuckDBPyConnection, query: str) -> float:
    """How long it takes to answer a query into a temporary table."""
    return seconds(lambda: connection.execute(f"CREATE OR REPLACE TEMP TABLE answer AS {query}"))


def _macro(a: str, b: str, day: str = YEAR) -> str:
    return f"FROM relationship_as_of('{day}') WHERE a = '{a}' AND b = '{b}'"


def one_pair(bench: Bench) -> Measured:
    """One relationship through Python that was never asked for, and by hand-written SQL."""
    left = itertools.cycle(drawn(bench))
    with Timeline.open(bench.log(bench.events), read_only=True) as tl, laid_out_by_hand(bench) as hand:
        moment = tl.as_of(YEAR)

        def ours() -> float:
            return median_time(lambda who: moment.between(*who), itertools.islice(left, bench.asks))

        def theirs() -> float:
            return _by_hand(hand, itertools.islice(left, bench.asks))

        mine, other = alternately(bench.rounds, ours, theirs)
        some = pairs(bench.data(bench.events), 51, 100, bench.asks)
        told = profiled(lambda: [moment.between(*who) for who in some])
    return Measured(_one("one", "`m.between`", bench, mine, other), lambda: told)


def _by_hand(hand: duckdb.DuckDBPyConnection, several: Iterable[tuple[str, str]]) -> float:
    return median_time(lambda who: hand.execute(by_hand.one_pair(*who, POINT)).fetchall(), several)


def one_pair_by_macro(bench: Bench) -> Measured:
    """One relationship through the macro, and by hand-written SQL."""
    left = itertools.cycle(drawn(bench))
    with opened(bench.log(bench.events)) as log, laid_out_by_hand(bench) as hand:

        def ours() -> float:
            return median_time(
                lambda who: log.execute(_macro(*who)).fetchall(), itertools.islice(left, bench.asks)
            )

        def theirs() -> float:
            return _by_hand(hand, itertools.islice(left, bench.asks))

        mine, other = alternately(bench.rounds, ours, theirs)
        told = explained(log, _macro(*drawn(bench)[0]))
    return Measured(_one("one-macro", "`relationship_as_of`", bench, mine, other), lambda: told)


def _one(row: str, how: str, bench: Bench, ours: float, other: float) -> Result:
    return Result(
        row=row,
        what=f"as-of, one relationship never asked before, {how}, p50",
        against="hand-written SQL for the same answer",
        ours=str(Quantity(ours, "s")),
        theirs=str(Quantity(other, "s")),
        ratio=ours / other,
        target="≤ 1.3, and ≤ 15 ms",
        met=ours / other <= 1.3 and ours <= 0.015,
        note=f"Pairs of 5 to 50 events in a log of {bench.events:,}, each asked once.",
    )


def moved(bench: Bench) -> Measured:
    """A relationship of a hundred events asked again at other dates, and the same through SQL."""
    a, b = _hundred(bench)
    with Timeline.open(bench.log(bench.events), read_only=True) as tl:
        tl.as_of(YEAR).between(a, b)

        def again() -> float:
            return median_time(lambda day: tl.as_of(day).between(a, b), _MOVED[: bench.asks])

        def by_sql() -> float:
            return median_time(lambda day: tl.sql(_macro(a, b, day)), _MOVED[: bench.asks : 8])

        mine, other = alternately(bench.rounds, again, by_sql)
        told = profiled(again)
    result = Result(
        row="moved",
        what="as-of, one relationship when only the date moved, p50",
        against="the same through SQL",
        ours=str(Quantity(mine, "s")),
        theirs=str(Quantity(other, "s")),
        ratio=mine / other,
        target="≤ 1 ms for 100 events",
        met=mine <= 0.001,
    )
    return Measured(result, lambda: told)


def all_pairs(bench: Bench) -> Measured:
    """Every relationship through the macro, and by hand-written SQL over a layout made for it."""
    with opened(bench.log(bench.events)) as log, laid_out_by_hand(bench) as hand:
        mine, other = alternately(
            bench.rounds,
            lambda: materialised(log, _ALL),
            lambda: materialised(hand, by_hand.all_pairs(POINT)),
        )
        told = explained(log, _ALL)
    result = Result(
        row="all",
        what=f"as-of, all relationships, in a log of {bench.events:,}",
        against="hand-written SQL for the same answer, over a layout made for it",
        ours=str(Quantity(mine, "s")),
        theirs=str(Quantity(other, "s")),
        ratio=mine / other,
        target="≤ 1.2",
        met=mine / other <= 1.2,
        note="All columns, into a temporary table.",
    )
    return Measured(result, lambda: told)


def floor(bench: Bench) -> Measured:
    """Every relationship through the macro, and no more than counting the rows of each."""
    with opened(bench.log(bench.events)) as log, laid_out_by_hand(bench) as hand:
        mine, other = alternately(
            bench.rounds, lambda: materialised(log, _ALL), lambda: materialised(hand, by_hand.floor())
        )
    result = Result(
        row="floor",
        what=f"as-of, all relationships, in a log of {bench.events:,}",
        against="`count(*)` by pair over the same rows, integer keys",
        ours=str(Quantity(mine, "s")),
        theirs=str(Quantity(other, "s")),
        ratio=mine / other,
        target="≤ 9 (aim 3)",
        met=mine / other <= 9,
    )
    return Measured(result)


def corrected(bench: Bench) -> Measured:
    """Every relationship in a log of which 1 % is corrected or retracted, and in one where nothing is."""
    whole = bench.log(bench.events, amended=False)
    with opened(bench.log(bench.events)) as amended, opened(whole) as plain:
        mine, other = alternately(
            bench.rounds, lambda: materialised(amended, _ALL), lambda: materialised(plain, _ALL)
        )
    result = Result(
        row="corrected",
        what="as-of, all relationships, 1 % of the log corrected or retracted",
        against="the same log with nothing corrected",
        ours=str(Quantity(mine, "s")),
        theirs=str(Quantity(other, "s")),
        ratio=mine / other,
        target="≤ 1.2",
        met=mine / other <= 1.2,
    )
    return Measured(result)


def replayed(bench: Bench) -> Measured:
    """A relationship folded from the records of a hundred events, and an aggregate rebuilt from as many."""
    who = _hundred(bench)
    with Timeline.open(bench.log(bench.events), read_only=True) as tl:
        records = list(tl.as_of().records(entities=who))
        kind, point = Relationship.__timeline__, tl.as_of(YEAR).basis.point
    number = len(records)
    path = bench.folder / "peer.sqlite"
    path.unlink(missing_ok=True)
    several = [raising(one) for one in range(bench.asks)]
    ids = [one.id for one in several]
    peer = Peer(path)
    try:
        peer.save(several)

        def ours() -> float:
            return seconds(lambda: [replay(kind, who, records, point, "latest") for _ in range(bench.asks)])

        mine, other = alternately(bench.rounds, ours, lambda: seconds(lambda: peer.rebuild(ids)))
    finally:
        peer.close()
    here, there = number * bench.asks / mine, BATCH * bench.asks / other
    result = Result(
        row="replay",
        what="replay in Python",
        against=f"`eventsourcing` rebuilding an aggregate of {BATCH} events",
        ours=str(Quantity(here, "events/s")),
        theirs=str(Quantity(there, "events/s")),
        ratio=here / there,
        target="≥ 6 (aim 100,000 events/s)",
        met=here / there >= 6,
        note=f"{number} records in hand, folded into all fields of a relationship.",
    )
    return Measured(result, lambda: profiled(ours))
