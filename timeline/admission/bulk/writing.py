"""Writing what the rows of a table claim: one commit, straight from SQL into the tables of the file."""

from __future__ import annotations

import secrets
from typing import Final

import attrs

from timeline.admission.bulk.claims import Claims
from timeline.admission.bulk.repeats import source_texts
from timeline.compile import literal, quoted
from timeline.log import Head, Log, Writer
from timeline.records import COVERED, NewEntity, record_digest_sql, streamed_digest
from timeline.values import stored_instant


@attrs.frozen
class Place:
    """Where the rows go: behind a head, `count` records in all, some of which attest; there may be gaps."""

    head: Head
    count: int
    attested: int
    gaps: bool

    @property
    def first(self) -> int:
        """The position of the first record."""
        return self.head.position + 1

    @property
    def last(self) -> int:
        """The position of the last record."""
        return self.head.position + self.count

    def settle(self, log: Log, rows: int) -> None:
        """Make `temp.placed`, the positions of rows, where some rows are left out."""
        if self.gaps:
            log.connection.execute(
                f"""CREATE TEMP TABLE placed AS
                SELECT row, {self.head.position} + row_number() OVER (ORDER BY row) AS position
                FROM (
                    SELECT unnest(range(1, {rows + 1})) AS row
                    EXCEPT (SELECT row FROM temp.folded UNION ALL SELECT row FROM temp.known)
                    UNION ALL SELECT row FROM temp.attested
                )"""
            )

    @property
    def rows(self) -> str:
        """SQL for the claims with their positions, attestations left out."""
        if not self.gaps:
            return f"(SELECT {self.head.position} + row AS position, * FROM temp.claims)"
        return (
            "(SELECT placed.position, claims.* FROM temp.claims AS claims "
            "JOIN temp.placed AS placed USING (row) "
            "WHERE row NOT IN (SELECT row FROM temp.attested))"
        )


def write_log(log: Log, claims: Claims, place: Place) -> Head:
    """Add the records and their commit to the log; gives the new head."""
    terms, key = claims.terms, secrets.token_hex(16)
    kind, version = f"{literal(terms.kind.name)}", str(terms.kind.version)
    columns = {
        "ref": "ref",
        "kind": "'assertion'",
        "type": kind,
        "version": version,
        "occurred": "occurred",
        "target": "NULL",
        "sources": literal(f"[{','.join(source_texts(claims))}]"),
        "names": "names",
        "data": "data",
        "origin": "position",
        "earliest": "occurred_earliest",
        "latest": "occurred_latest",
        "entities": "entities",
        "summary": "summary",
    }
    log.connection.execute(_records(claims, columns, place.rows), {"key": key})
    if place.attested:
        columns |= dict.fromkeys(("ref", "type", "version", "occurred", "data", "earliest", "latest"), "NULL")
        columns |= {"kind": "'attestation'", "target": "target", "sources": "sources", "names": "'{}'"}
        columns |= {"origin": "origin", "entities": "[]", "summary": "summary"}
        log.connection.execute(_records(claims, columns, _ATTESTED), {"key": key})
    digest = streamed_digest(
        place.head.digest,
        log.digests(place.first, place.last),
        place.first,
        place.last,
        terms.now,
        terms.actor,
        terms.note,
    )
    stamp = stored_instant(terms.now)
    log.run("add commit", place.first, place.last, stamp, terms.actor, terms.note, digest)
    return Head(place.last, terms.now, digest)


_ATTESTED: Final = """(
    SELECT placed.position, attested.target, attested.ident, attested.sources, claims.known_at,
        log.origin, 'also said: ' || log.summary AS summary
    FROM temp.attested AS attested
    JOIN temp.placed AS placed USING (row)
    JOIN temp.claims AS claims USING (row)
    JOIN main.log AS log ON log.position = attested.target
)"""


def _records(claims: Claims, columns: dict[str, str], rows: str) -> str:
    """The SQL that adds records; the digest of each covers its columns as texts, and its salt."""
    terms = claims.terms
    credence = "reported" if columns["kind"] == "'attestation'" else terms.credence
    note = None if columns["kind"] == "'attestation'" else terms.note
    recorded = stored_instant(terms.now)
    texts = {
        **COVERED,
        "id": "ident::VARCHAR",
        **{name: columns[name] for name in ("ref", "occurred", "sources", "names", "data", "summary")},
        "kind": columns["kind"],
        "type": columns["type"],
        "version": columns["version"] if columns["version"] == "NULL" else literal(columns["version"]),
        "recorded_at": literal(recorded),
        "credence": literal(credence),
        "actor": _given(terms.actor),
        "note": _given(note),
        "target": columns["target"] if columns["target"] == "NULL" else "target::VARCHAR",
        "entities": f"to_json({columns['entities']})::VARCHAR",
    }
    return f"""INSERT INTO main.log
SELECT position, ident, {columns["ref"]}, {columns["kind"]}, {columns["type"]}, {columns["version"]},
    {columns["occurred"]}, known_at, TIMESTAMP {literal(recorded)}, {literal(credence)},
    {_given(terms.actor)}, {_given(note)}, {columns["target"]}, {columns["sources"]}, {columns["names"]},
    {columns["data"]}, salt,
    {record_digest_sql(texts)}, {columns["origin"]}, {columns["earliest"]}, {columns["latest"]},
    {columns["entities"]}, {columns["summary"]}
FROM (SELECT *, substr(sha256($key || position::VARCHAR), 1, 32) AS salt FROM {rows})"""


def _given(text: str | None) -> str:
    return "NULL" if text is None else literal(text)


def write_typed(log: Log, claims: Claims, place: Place) -> None:
    """Add the rows of the typed table."""
    terms = claims.terms
    recorded = f"TIMESTAMP {literal(stored_instant(terms.now))}"
    stored = "".join(f", {column}" for column in claims.stored)
    log.connection.execute(
        f"""INSERT INTO said.{quoted(terms.kind.name)}
        SELECT position, ident, ref, 'assertion', occurred, occurred_earliest, occurred_latest, known_at,
            {recorded}, {literal(terms.credence)}{stored}
        FROM {place.rows}"""
    )


def write_derived(log: Log, claims: Claims, place: Place) -> None:
    """Add the sources, the new entities, and the names that were given."""
    Writer(log).add_sources(claims.terms.sources)
    log.connection.execute(
        """CREATE TEMP TABLE named AS
        SELECT entry.key AS entity, entry.value AS name, min(position) AS position
        FROM (
            SELECT position, unnest(map_entries(from_json(names, '"MAP(VARCHAR, VARCHAR)"'))) AS entry
            FROM main.log WHERE position >= ? AND position <= ? AND names <> '{}'
        ) GROUP BY ALL""",
        [place.first, place.last],
    )
    _write_entities(log, claims.found.new, place)
    log.connection.execute(
        """INSERT INTO entity_names
        SELECT named.entity, named.name, who.folded, named.position, FALSE FROM temp.named AS named
        JOIN (
            SELECT DISTINCT entity, name, folded FROM temp.who WHERE name IS NOT NULL
        ) AS who USING (entity, name)
        WHERE NOT EXISTS (
            FROM entity_names AS old
            WHERE old.entity = named.entity AND old.name = named.name AND NOT old.naming
        )"""
    )


def _write_entities(log: Log, new: list[NewEntity], place: Place) -> None:
    """Add the new entities, each with the first record that speaks of it; drop those that none does."""
    if not new:
        return
    rows = log.connection.execute(
        """SELECT entity, any_value(called.name), min(position)
        FROM (
            SELECT position, unnest(entities) AS entity FROM main.log
            WHERE position >= ? AND position <= ?
        )
        LEFT JOIN (
            SELECT entity, arg_min(name, position) AS name FROM temp.named GROUP BY entity
        ) AS called USING (entity)
        WHERE entity IN (SELECT unnest(?::VARCHAR[])) GROUP BY entity ORDER BY min(position), entity""",
        [place.first, place.last, [one.id for one in new]],
    ).fetchall()
    mentioned = {entity for entity, *_ in rows}
    new[:] = [one for one in new if one.id in mentioned]
    if rows:
        added = [(entity, name or entity, str(position)) for entity, name, position in rows]
        log.run("add entities", *map(list, zip(*added, strict=True)))
    Writer(log).name_by_ids((entity, position) for entity, name, position in rows if name is None)
