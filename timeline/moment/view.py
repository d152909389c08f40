"""What a basis shows: the records in view, and which of them stand; in Python, and as parts of a query."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final, Self

import attrs

from timeline.compile import Layout, TypedTable, statement
from timeline.log import LeftOut, Log, evidence
from timeline.records import Record, View, judged
from timeline.values import Basis, Span, stored_instant

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

        The chains of which a filter leaves anything out, or of which anything is supposed, are judged as a
        whole.
        """
        filter_, base = basis.filter, log.base
        upto = basis.position if base is None else min(basis.position, base)
        left_out = LeftOut.by(filter_, log.all_sources() if filter_.without or filter_.only else ())
        origins = set(log.supposed_of)
        if filter_:
            origins |= {row[0] for row in log.connection.execute(*left_out.several(upto)).fetchall()}
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
        parts = [left_out.part, *(_part(name) for name in ("unseen", "gone"))]
        if base is not None:
            parts.insert(0, _part("hidden"))
            asked["base"] = base
        return cls(parts, asked)


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
) -> Sequence[Record]:
    """The records in view at a basis that a question asks for, or those that stand, in order of position."""
    same = log.samenesses()
    limited = basis.known is not None or bool(basis.filter) or basis.position < log.head().position
    found = log.records(
        after=after,
        upto=basis.position,
        types=types,
        entities=[same.circle(one, basis) for one in entities],
        text=text,
        stands=stands and not limited,
        span=span,
        possibly=basis.dates == "earliest",
    )
    if by_then:
        found = [one for one in found if basis.reaches(one)]
    if not limited:
        return found
    view = in_view(log, basis, found)
    return view.standing if stands else view.records


_LOG: Final = Layout(
    "main.log",
    {
        "position": "BIGINT",
        "ref": "VARCHAR",
        "kind": "VARCHAR",
        "type": "VARCHAR",
        "known_at": "TIMESTAMP",
        "credence": "VARCHAR",
        "origin": "BIGINT",
        "earliest": "TIMESTAMP",
        "latest": "TIMESTAMP",
    },
)
"""As much of the log as rules read."""


@attrs.frozen
class Above:
    """What rules read in place of the tables of the file, where anything is supposed: as SQL and parameters.

    `parts` are common table expressions; `tables` are the typed tables that are read otherwise, by type.
    """

    parts: Sequence[str]
    tables: Mapping[str, str]
    asked: Mapping[str, Any]

    @classmethod
    def of(cls, log: Log) -> Self:
        """The tables of a file up to the base of the log, with what is supposed on top."""
        if log.base is None:
            return cls((), {}, {})
        catalogue = log.codec.catalogue
        by_type: dict[str, list[Record]] = {name: [] for name in catalogue.events}
        for record in log.supposed:
            if record.event is not None:
                by_type[record.event.__timeline__.name].append(record)
        tables: dict[str, str] = {}
        asked: dict[str, Any] = {"base": log.base}
        for number, (name, records) in enumerate(by_type.items()):
            table, given = TypedTable.of(catalogue.event(name)), f"above_{number}_"
            tables[name] = f"(\n{_joined(table.layout, given)}\n    )"
            asked[given] = table.layout.columns(table.rows(records))
        asked["above"] = _LOG.columns([_row(record) for record in log.supposed])
        return cls([f"log AS NOT MATERIALIZED (\n{_joined(_LOG, 'above')}\n)"], tables, asked)


def _joined(layout: Layout, given: str) -> str:
    """The rows of a table up to the parameter `base`, and those in another parameter."""
    return (
        f"    SELECT COLUMNS({list(layout.types)}) FROM {layout.table} WHERE position <= $base::BIGINT\n"  # noqa: S608
        f"    UNION ALL BY NAME\n"
        f"    SELECT unnest(COLUMNS(*)) FROM (\n"
        f"        SELECT unnest(from_json(given, {layout.structure}))"
        f" FROM (VALUES (${given}::VARCHAR)) AS handed_over(given)\n"
        f"    )"
    )


def _row(record: Record) -> list[Any]:
    occurred = record.occurred
    return [
        record.position,
        record.ref,
        record.kind,
        record.type,
        stored_instant(record.known_at),
        record.credence,
        record.origin,
        None if occurred is None else stored_instant(occurred.earliest, "-infinity"),
        None if occurred is None else stored_instant(occurred.latest),
    ]
