"""Rows that say what the log says, on the word of a source that is new for it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final
from uuid import UUID

import msgspec

from timeline.bulk.claims import Claims
from timeline.bulk.faults import RowFault, RowFaults
from timeline.bulk.lookups import add
from timeline.codec import canonical, source_id
from timeline.errors import AlreadySuperseded
from timeline.identity import derived_id
from timeline.log import Log
from timeline.statements import statement

__all__ = ["attest", "source_texts"]

_CHUNK: Final = 10_000
_LAYOUT: Final = (("row", "BIGINT"), ("target", "BIGINT"), ("ident", "UUID"), ("sources", "VARCHAR"))


def source_texts(claims: Claims) -> list[str]:
    """The sources of the rows, each as a record keeps it, in JSON."""
    return [
        canonical({"source": str(source_id(one)), "locator": one.locator}) for one in claims.terms.sources
    ]


def attest(log: Log, claims: Claims, faults: RowFaults) -> int:
    """Make `temp.attested`: the rows whose source is new for the record they repeat; tells how many.

    A record that no longer stands cannot be attested, which is a fault of the row.
    """
    log.connection.execute(f"CREATE TEMP TABLE attested ({', '.join(map(' '.join, _LAYOUT))})")
    given = source_texts(claims)
    if not given:
        return 0
    log.connection.execute(
        """CREATE TEMP TABLE unsaid AS
        SELECT known.row, known.position,
            list_filter($given::VARCHAR[], lambda one: NOT list_contains(said.sources, one)) AS sources
        FROM (SELECT position, min(row) AS row FROM temp.known GROUP BY position) AS known
        JOIN (
            SELECT position,
                flatten(list(TRY(from_json(sources, '["JSON"]')))::JSON[][])::VARCHAR[] AS sources
            FROM (
                SELECT position, sources FROM main.log WHERE position IN (SELECT position FROM temp.known)
                UNION ALL
                SELECT target, sources FROM main.log
                WHERE kind = 'attestation' AND target IN (SELECT position FROM temp.known)
            ) GROUP BY position
        ) AS said USING (position)""",
        {"given": given},
    )
    rows = log.connection.execute(
        f"""SELECT row, position, log.id, unsaid.sources, superseded.superseded_by
        FROM temp.unsaid AS unsaid JOIN main.log AS log USING (position)
        LEFT JOIN ({statement("schema", "superseded")}) AS superseded USING (position)
        WHERE len(unsaid.sources) > 0 AND row NOT IN (SELECT row FROM temp.faults) ORDER BY row"""
    ).fetchall()
    faults.add(
        _fallen(log, claims, [(row, position, by) for row, position, _, _, by in rows if by is not None])
    )
    add(
        log.connection,
        "attested",
        _LAYOUT,
        [
            [str(row), str(position), str(_attestation_id(target, sources)), f"[{','.join(sources)}]"]
            for row, position, target, sources, by in rows
            if by is None
        ],
    )
    return sum(by is None for *_, by in rows)


def _attestation_id(target: UUID, sources: list[str]) -> UUID:
    """The id of the attestation that an append would make."""
    cited = [msgspec.json.decode(one) for one in sources]
    return derived_id(
        kind="attestation",
        target=target,
        type_=None,
        data=None,
        occurred=None,
        credence="reported",
        sources=[[one["source"], one["locator"]] for one in cited],
    )


def _fallen(log: Log, claims: Claims, rows: list[tuple[int, int, int]]) -> Iterator[RowFault]:
    for start in range(0, len(rows), _CHUNK):
        part = rows[start : start + _CHUNK]
        records = log.at({place for _, position, by in part for place in (position, by)})
        for row, position, by in part:
            newer = records[by]
            problem = AlreadySuperseded(
                records[position].label,
                f"{newer.kind} {newer.label}",
                "to say it again, give it an id of its own",
            )
            yield row, claims.terms.id or "occurred", str(problem)
