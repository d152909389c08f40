"""Records of a table that may tell what the log told before."""

from __future__ import annotations

from timeline.bulk.imported import FEW, Likeness
from timeline.event import EventType
from timeline.fields import Kind
from timeline.log import Log
from timeline.statements import statement
from timeline.tables import quoted

__all__ = ["lookalikes"]


def lookalikes(log: Log, kind: EventType, first: int) -> tuple[Likeness, ...]:
    """The first thousand records from a position on that look like one before it which stands.

    Two look alike if they are of one type, speak of the same entities, may have happened at the same time,
    and no text that both give differs by more than case and punctuation.
    """
    table = f"said.{quoted(kind.name)}"
    before = log.connection.execute(f"SELECT 1 FROM {table} WHERE position < ? LIMIT 1", [first]).fetchall()
    if not before:
        return ()
    texts = "".join(
        f" AND NOT coalesce({_bare('new', field.name)} <> {_bare('old', field.name)}, FALSE)"
        for field in kind.fields
        if field.kind is Kind.TEXT
    )
    rows = log.connection.execute(
        f"""WITH told AS (
            SELECT said.*, list_sort(log.entities) AS all_entities
            FROM {table} AS said JOIN main.log AS log USING (position)
        )
        SELECT new.position, min(old.position) FROM told AS new JOIN told AS old USING (all_entities)
        WHERE new.position >= $first AND old.position < $first
            AND old.earliest <= new.latest AND new.earliest <= old.latest{texts}
            AND old.position NOT IN (SELECT position FROM ({statement("schema", "superseded")}))
        GROUP BY new.position ORDER BY new.position LIMIT {FEW}""",
        {"first": first},
    ).fetchall()
    return tuple(Likeness(*row) for row in rows)


def _bare(side: str, field: str) -> str:
    """A text without case, punctuation and spacing."""
    return rf"lower(regexp_replace({side}.{quoted(field)}, '[^\pL\pN\pM]', '', 'g'))"
