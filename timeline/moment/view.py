"""What a basis shows: the records in view, and which of them stand; in Python, and as parts of a query."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final, Self

import attrs

from timeline.compile import statement
from timeline.log import LeftOut, Log, evidence
from timeline.records import Record, View, judged
from timeline.values import Basis, Span

_EVER: Final = datetime(9998, 12, 31)  # noqa: DTZ001  (naive UTC, as in the file)


def in_view(log: Log, basis: Basis, records: Iterable[Record]) -> View:
    """What a basis shows of some records of a log."""
    within = [one for one in records if basis.sees(one)]
    return evidence(log, within, filtered=bool(basis.filter)).view(basis)


def attesting(log: Log, basis: Basis, records: Iterable[Record]) -> Mapping[int, Sequence[Record]]:
    """By position of each of some records, the attestations of it that stand at a basis."""
    attested = log.attestations([one.position for one in records])
    found: dict[int, list[Record]] = {}
    for one in in_view(log, basis, [one for several in attested.values() for one in several]).standing:
        found.setdefault(one.target or 0, []).append(one)
    return found


@attrs.frozen
class ViewInSql:
    """What a basis leaves out of the log of a file, as parts of a query under it, and their parameters.

    `left_out` has what a filter does not let through by itself; `unseen` all that it does not let through;
    `gone` that and what does not stand there.
    """

    parts: Sequence[str]
    asked: Mapping[str, Any]

    @classmethod
    def of(cls, log: Log, basis: Basis) -> Self:
        """What a basis leaves out.

        The chains of which a filter leaves anything out are judged as a whole.
        """
        filter_ = basis.filter
        left_out = LeftOut.by(filter_, log.all_sources() if filter_.without or filter_.only else ())
        rows = log.connection.execute(*left_out.several()).fetchall() if filter_ else ()
        origins = [origin for (origin,) in rows]
        chains = log.said_of(origins).values() if origins else ()
        found = judged(chains, basis)
        apart = [one.position for chain in chains for one in chain]
        known = basis.known_point
        asked = {
            **left_out.asked,
            "apart": apart,
            "dropped": [position for position in apart if position not in found.seen],
            "fallen": list(found.overruled),
            "known": _EVER if known is None else known.replace(tzinfo=None),
            "upto": basis.position,
        }
        return cls([left_out.part, *(_part(name) for name in ("unseen", "gone"))], asked)


def rows_of(log: Log, sql: str, given: Mapping[str, Any]) -> list[Any]:
    """The rows that a query gives, which takes some of the parameters given."""
    taken = {name: value for name, value in given.items() if f"${name}" in sql}
    return log.connection.execute(sql, taken).fetchall()


def _part(name: str) -> str:
    return f"{name} AS MATERIALIZED (\n    {statement('sight', name).rstrip(';')}\n)"


def sought(
    log: Log,
    basis: Basis,
    *,
    types: Sequence[str],
    entities: Sequence[str],
    after: int,
    text: str | None,
    span: Span,
    by_then: bool,
    stands: bool,
    limit: int | None = None,
) -> Sequence[Record]:
    """The records in view at a basis that a question asks for, or those that stand, in order of position.

    With a limit, the first of them: what is looked through grows until it holds enough.
    """
    same = log.samenesses()
    circles = [same.circle(one, basis) for one in entities]
    limited = basis.known is not None or bool(basis.filter) or basis.position < log.head().position
    window = basis.position if limit is None else _WINDOW
    while True:
        upto = min(basis.position, after + window)
        found = log.records(
            after=after,
            upto=upto,
            types=types,
            entities=circles,
            text=text,
            stands=stands and not limited,
            span=span,
            possibly=basis.dates == "earliest",
        )
        if by_then:
            found = [one for one in found if basis.reaches(one)]
        view = in_view(log, basis, found) if limited else None
        told = found if view is None else view.standing if stands else view.records
        if limit is None or len(told) >= limit or upto == basis.position:
            return told[:limit]
        window *= 10


_WINDOW: Final = 1_000
"""How many records are looked through at first for so many as are wanted."""
