"""Whether two queries give the same rows: by sums of hashes, row by row only where these differ."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

from timeline.log import Log
from timeline.statements import statement

__all__ = ["PART", "Totals", "added", "differing", "hashed", "run", "totals"]

PART: Final = 1_000_000
"""How many positions are looked at together."""

Totals = dict[int, tuple[int, int]]
"""By part, how many rows there are, and the sum of their hashes."""

_KEY: Final = secrets.token_hex(16)
"""Goes into every hash, so that nobody can make rows of equal hashes."""


def run(log: Log, name: str, *parameters: Any) -> list[Any]:
    """The rows that a named statement about integrity gives."""
    return log.connection.execute(statement("integrity", name), list(parameters)).fetchall()


def hashed(values: Iterable[str]) -> str:
    """SQL for the hash of a row with these values."""
    return f"hash({', '.join([repr(_KEY), *values])})"


def totals(log: Log, rows: str, parameters: Iterable[Any] = ()) -> Totals:
    """The totals of a query by part; its columns are `position` and `hash`."""
    found = log.connection.execute(
        f"SELECT position // {PART}, count(*), sum(hash) FROM ({rows}) GROUP BY ALL",
        list(parameters),
    ).fetchall()
    return {part: (count, whole) for part, count, whole in found}


def added(one: Totals, other: Totals) -> Totals:
    """The totals of two queries together."""
    whole = dict(one)
    for part, (count, hashes) in other.items():
        before = whole.get(part, (0, 0))
        whole[part] = (before[0] + count, before[1] + hashes)
    return whole


def differing(
    log: Log, key: str, expected: str, found: str, parameters: Sequence[Any] | Mapping[str, Any] = ()
) -> Iterator[tuple[Any, str]]:
    """The keys of rows that differ in two queries, each with whether it is missing, too many or changed."""
    sums = f"{key} AS key, count(*) AS rows, sum(hash) AS hashes"
    rows = log.connection.execute(
        f"""SELECT coalesce(expected.key, found.key) AS key,
            CASE WHEN found.key IS NULL THEN 'missing' WHEN expected.key IS NULL THEN 'extra' ELSE 'other' END
        FROM (SELECT {sums} FROM ({expected}) GROUP BY ALL) AS expected
        FULL JOIN (SELECT {sums} FROM ({found}) GROUP BY ALL) AS found ON expected.key = found.key
        WHERE (expected.rows, expected.hashes) IS DISTINCT FROM (found.rows, found.hashes)
        ORDER BY key""",
        parameters,
    )
    yield from rows.fetchall()
