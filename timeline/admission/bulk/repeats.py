"""Rows that say what is said already: by an earlier row, or by a record of the log."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Any, Final
from uuid import UUID

import attrs
import msgspec

from timeline.admission.bulk.claims import Claims
from timeline.admission.bulk.columns import add
from timeline.admission.bulk.imported import RowFault, RowFaults
from timeline.admission.conflict import Again, conflict, event_differences
from timeline.compile import statement
from timeline.log import Log
from timeline.records import Fallen, Record, canonical, derived_id, source_id, with_ids
from timeline.values import AlreadySuperseded, IdConflict, TimelineError
from timeline.vocabulary import Event

_CHUNK: Final = 10_000
_EARLIEST: Final = f"""
    SELECT row, arg_min(position, (fallen, today AND fallen, position)) AS position FROM (
        SELECT row, position, today, superseded_by IS NOT NULL AS fallen FROM (
            SELECT *, FALSE AS today FROM ({{}})
            UNION ALL
            SELECT ids.row, known.position, TRUE
            FROM temp.ids AS ids JOIN main.ids_today AS known ON known.id = ids.ident
        ) LEFT JOIN ({statement("schema", "superseded")}) AS superseded USING (position)
    ) GROUP BY row
"""
"""Of records that have an id, or would have it today, the earliest that stands, else the one that has it."""


@attrs.frozen
class Repeats:
    """How many rows say what an earlier row says, and how many what the log says.

    They are in `temp.folded` and, with the position of the record, in `temp.known`.
    """

    folded: int
    known: int


def find_repeats(log: Log, claims: Claims, faults: RowFaults) -> Repeats:
    """Find the rows whose id is taken, and see that they say what is said under it."""
    run = log.connection.execute
    run(
        "CREATE TEMP TABLE ids AS SELECT row, ident FROM temp.claims "
        "WHERE row NOT IN (SELECT row FROM temp.faults)"
    )
    own = "SELECT ids.row, log.position FROM temp.ids AS ids JOIN main.log AS log ON log.id = ids.ident"
    today = claims.terms.id is None and run("SELECT 1 FROM main.ids_today LIMIT 1").fetchall()
    run(f"CREATE TEMP TABLE known AS {_EARLIEST.format(own) if today else own}")
    _settle_faulty(log, claims, faults)
    known = _count(log, "known")
    if known:
        _compare_known(log, claims, faults)
    run(
        """CREATE TEMP TABLE folded AS
        SELECT ids.row, one.first FROM temp.ids AS ids JOIN (
            SELECT ident, min(row) AS first FROM temp.ids GROUP BY ident HAVING count(*) > 1
        ) AS one USING (ident)
        WHERE ids.row <> one.first AND ids.row NOT IN (SELECT row FROM temp.known)"""
    )
    folded = _count(log, "folded")
    if folded:
        faults.add(_unlike(log, claims))
    run("DROP TABLE temp.ids")
    return Repeats(folded, known)


def fallen(log: Log, claims: Claims, most: int) -> tuple[Fallen, ...]:
    """Of what rows without ids of their own say again, what no longer stands, each with by what."""
    if claims.terms.id is not None:
        return ()
    rows = log.connection.execute(
        f"""SELECT DISTINCT known.position, gone.superseded_by FROM temp.known AS known
        JOIN ({statement("schema", "superseded").rstrip(";")}) AS gone USING (position)
        ORDER BY known.position LIMIT {most}"""
    ).fetchall()
    records = log.at({position for row in rows for position in row})
    return tuple(Fallen(records[position], records[by]) for position, by in rows)


def _count(log: Log, table: str) -> int:
    return int(log.connection.execute(f"SELECT count(*) FROM temp.{table}").fetchall()[0][0])


def _column(claims: Claims) -> str:
    return claims.terms.id or "occurred"


def _unlike(log: Log, claims: Claims) -> Iterator[RowFault]:
    """Rows with the id of an earlier row that say something else."""
    rows = log.connection.execute(
        """SELECT two.row, one.row, one.occurred, one.data, one.known_at, two.occurred, two.data, two.known_at
        FROM temp.folded AS folded
        JOIN temp.claims AS one ON one.row = folded.first
        JOIN temp.claims AS two ON two.row = folded.row
        WHERE (one.occurred, one.data, one.known_at) IS DISTINCT FROM (two.occurred, two.data, two.known_at)
        ORDER BY two.row"""
    ).fetchall()
    for row, first, occurred, data, known, other, others, otherwise in rows:
        differences = event_differences(
            _event(log, claims, occurred, data), _event(log, claims, other, others)
        )
        if known != otherwise:
            before, after = (f"{one.date()} {one:%H:%M} UTC" for one in (known, otherwise))
            differences.append(f"known: {before} → {after}")
        problem = f"row {first} already says something else under this id ({'; '.join(differences)})"
        yield row, _column(claims), f"{problem}; give each an id of its own"


def _event(log: Log, claims: Claims, occurred: str, data: str) -> Event:
    kind = claims.terms.kind
    return log.codec.stored(kind.name, kind.version, occurred, data)


# What the log says already


def _settle_faulty(log: Log, claims: Claims, faults: RowFaults) -> None:
    """Rows that name nobody, or two, may mean whom the record with their id meant when it was first said."""
    if claims.terms.id is None or not claims.parties:
        return
    fields = [one.field.name for one in claims.parties]
    rows = log.connection.execute(
        """SELECT read.row, log.position FROM temp.read AS read JOIN main.log AS log ON log.id = read.ident
        WHERE read.row IN (SELECT row FROM temp.faults)
            AND read.row NOT IN (SELECT row FROM temp.faults WHERE NOT list_contains(?, col))""",
        [fields],
    ).fetchall()
    for start in range(0, len(rows), _CHUNK):
        settled = []
        for row, position, problem in _said_again(log, claims, rows[start : start + _CHUNK]):
            if problem is None:
                settled.append((row, position))
            elif isinstance(problem, IdConflict):
                faults.forget([row])
                faults.add([(row, _column(claims), str(problem))])
        faults.forget(row for row, _ in settled)
        log.connection.execute(
            "INSERT INTO temp.known SELECT unnest(?::BIGINT[]), unnest(?::BIGINT[])",
            [[row for row, _ in settled], [position for _, position in settled]],
        )
        log.connection.execute(
            "INSERT INTO temp.ids SELECT row, ident FROM temp.read WHERE row IN (SELECT unnest(?::BIGINT[]))",
            [[row for row, _ in settled]],
        )


def _compare_known(log: Log, claims: Claims, faults: RowFaults) -> None:
    """See that rows whose id the log has say what its record says, and that this stands if they add to it."""
    terms = claims.terms
    unlike = log.connection.execute(
        """SELECT known.row, known.position FROM temp.known AS known
        JOIN main.log AS log USING (position) JOIN temp.claims AS claims USING (row)
        WHERE log.kind <> 'assertion' OR log.credence <> $credence
            OR (log.type, log.version, log.occurred, log.data)
                IS DISTINCT FROM ($type, $version, claims.occurred, claims.data)
            OR least(claims.known_latest, log.recorded_at) <> log.known_at
        ORDER BY known.row""",
        {"credence": terms.credence, "type": terms.kind.name, "version": terms.kind.version},
    ).fetchall()
    for start in range(0, len(unlike), _CHUNK):
        faults.add(
            (row, _column(claims), str(problem))
            for row, _, problem in _said_again(log, claims, unlike[start : start + _CHUNK])
            if problem is not None
        )


def _said_again(
    log: Log, claims: Claims, rows: Sequence[tuple[int, int]]
) -> Iterator[tuple[int, int, TimelineError | None]]:
    """For rows with the position of the record that has their id, what is at odds with it, if anything.

    Names mean whom the record meant by them.
    """
    records = log.at(position for _, position in rows)
    at_row = dict(rows)
    parties = "".join(f", {one.given} AS {one.prefix}_given" for one in claims.parties)
    given_texts = "".join(f", given.{one.prefix}_given" for one in claims.parties)
    told = log.connection.execute(
        f"""SELECT claims.row, claims.occurred, claims.known_latest, claims.data{given_texts}
        FROM temp.claims AS claims
        JOIN (SELECT given."#"{parties} FROM temp.given AS given) AS given ON given."#" = claims.row
        WHERE claims.row IN (SELECT unnest(?::BIGINT[])) ORDER BY claims.row""",
        [list(at_row)],
    ).fetchall()
    for row, occurred, known, data, *given in told:
        existing = records[at_row[row]]
        try:
            event = _meant(log, claims, existing, occurred, data, given)
        except TimelineError as problem:
            yield row, existing.position, problem
            continue
        differences = _differences(claims, existing, event, known)
        again = Again(event=event, known=_known_again(existing, known), credence=claims.terms.credence)
        yield row, existing.position, conflict(existing, differences, again) if differences else None


def _meant(
    log: Log, claims: Claims, existing: Record, occurred: str, data: str | None, given: Sequence[Any]
) -> Event:
    """The event of a row, its names read as the record with its id reads them."""
    kind = claims.terms.kind
    values = {"occurred": occurred} | (msgspec.json.decode(data) if data else {})
    values |= {one.field.name: value for one, value in zip(claims.parties, given, strict=True)}
    before = {name: entity for entity, name in existing.names.items()}
    event = log.codec.structure(kind, values)
    return with_ids(event, claims.found, before, declared=claims.terms.declared)[0]


def _differences(claims: Claims, existing: Record, event: Event, known: datetime | str) -> list[str]:
    """What a record says otherwise than a row, as texts."""
    terms = claims.terms
    if existing.kind != "assertion":
        return [f"it is a{'n' if existing.kind[0] in 'aeiou' else ''} {existing.kind}, not an assertion"]
    found = [] if existing.event is None else event_differences(existing.event, event)
    if existing.credence != terms.credence:
        found.append(f"credence: {existing.credence} → {terms.credence}")
    then = _known_again(existing, known)
    if then != existing.known_at:
        before, after = (f"{one.date()} {one:%H:%M} UTC" for one in (existing.known_at, then))
        found.append(f"known: {before} → {after}")
    return found


def _known_again(existing: Record, known: datetime | str) -> datetime:
    """When a record was known, had it been said as a row says; that is infinite in a text."""
    latest = known.replace(tzinfo=UTC) if isinstance(known, datetime) else existing.recorded_at
    return min(latest, existing.recorded_at)


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
            advice = "to say it again, give it an id of its own"
            problem = AlreadySuperseded(records[position].label, records[by].undoing, advice)
            yield row, claims.terms.id or "occurred", str(problem)
