"""A log to measure on: events of the real vocabulary, drawn by SQL, as one Parquet file a type."""

from __future__ import annotations

import heapq
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import attrs
import duckdb

import events
from timeline import Correction, Retraction
from timeline.declare import Event

__all__ = ["MIX", "Shape", "amendments", "make", "pairs", "typed"]

_FETCHED: Final = 10_000


@attrs.frozen
class Shape:
    """How large a log is; all but the number of events follows from it.

    Three entities of four are organisations. Each is tied to as many others as give ten events a pair, and
    the first of them have far more of these than the last: the number falls with the square root.
    """

    events: int

    @property
    def entities(self) -> int:
        """How many entities take part."""
        return max(40, self.events // 500)

    @property
    def organisations(self) -> int:
        """How many of them are organisations."""
        return self.entities * 3 // 4

    @property
    def people(self) -> int:
        """How many of them are people."""
        return self.entities - self.organisations

    @property
    def ties(self) -> int:
        """To how many others each organisation is tied."""
        return max(2, self.events // 10 // self.organisations)


@attrs.frozen
class Part:
    """One event type of the mix: what share of the log it is, in percent, and its columns as SQL."""

    cls: type[Event]
    share: int
    columns: str

    @property
    def name(self) -> str:
        """The name under which the vocabulary has it."""
        return self.cls.__timeline__.name


_AMOUNT: Final = """
    CASE WHEN draw(n, 'known') < 0.9 THEN
        one_of(500, n, 'amount') || '00000 ' || ['USD', 'USD', 'USD', 'EUR', 'GBP'][one_of(5, n, 'currency')]
    END AS amount"""
_SCOPE: Final = "['cloud', 'models', 'chips', 'data'][one_of(4, n, 'scope')] AS scope"
_SUBJECT: Final = "['fees', 'control', 'credit', 'staff'][one_of(4, n, 'subject')] AS subject"
_POST: Final = """
    organisation(c) AS organisation,
    ['treasurer', 'counsel', 'director'][1 + j % 3] AS office,
    person(3 * c + j % 3) AS person"""

MIX: Final = (
    Part(
        events.FundingRound,
        30,
        "organisation(c) AS company, "
        f"partners(c, j, least(one_of(3, n, 'x'), one_of(3, n, 'y'))) AS investors, {_AMOUNT}",
    ),
    Part(
        events.ExclusivityDeal,
        10,
        f"organisation(c) AS grantor, partner(c, j) AS grantee, {_SCOPE}, "
        "CASE WHEN draw(n, 'term') < 0.5 THEN day(n) + 100 + one_of(1400, n, 'until') END::VARCHAR AS until",
    ),
    Part(events.ExclusivityEnd, 5, f"organisation(c) AS grantor, partner(c, j) AS grantee, {_SCOPE}"),
    Part(
        events.Meeting,
        15,
        "CASE WHEN draw(n, 'people') < 0.1 THEN [person(c)] ELSE [] END::VARCHAR[] AS people, "
        "[organisation(c), partner(c, j)] AS organisations",
    ),
    Part(
        events.Remark,
        10,
        "organisation(c) AS made_by, [partner(c, j)] AS about, "
        "'said so for the ' || (1 + n % 50) || 'th time' AS words",
    ),
    Part(
        events.StakeReported,
        5,
        "partner(c, j) AS holder, organisation(c) AS company, "
        "(one_of(1000, n, 'share') / 10)::VARCHAR AS share",
    ),
    Part(events.DisputeOpened, 4, f"[organisation(c), partner(c, j)] AS parties, {_SUBJECT}"),
    Part(events.DisputeSettled, 3, f"[organisation(c), partner(c, j)] AS parties, {_SUBJECT}"),
    Part(events.CEOAppointment, 5, "organisation(c) AS company, person(c + j % 5) AS person"),
    Part(events.CEOOusting, 3, "organisation(c) AS company, person(c + j % 5) AS person"),
    Part(events.OfficeTaken, 6, _POST),
    Part(events.OfficeLeft, 4, _POST),
)


def _macros(shape: Shape) -> str:
    """What the columns are drawn with: for each event `n` numbers in [0, 1), each under a name of its own.

    `c` is the number of an organisation and `j` that of one of its ties. Dates lie in the twenty years from
    2005 and come in no order; 4 % are years, 4 % months, 2 % one of two days.
    """
    return f"""
CREATE MACRO draw(n, salt) AS (md5_number_lower(salt || n) >> 11) / 9007199254740992.0;
CREATE MACRO one_of(several, n, salt) AS 1 + floor(several * draw(n, salt))::INTEGER;
CREATE MACRO entity(kind, number) AS kind || '-' || lpad((number)::VARCHAR, 5, '0');
CREATE MACRO organisation(c) AS entity('organisation', (c) % {shape.organisations});
CREATE MACRO person(p) AS entity('person', (p) % {shape.people});
CREATE MACRO partner(c, j) AS
    organisation(c + one_of({shape.organisations - 1}, c * {shape.ties} + (j) % {shape.ties}, 'tie'));
CREATE MACRO partners(c, j, several) AS
    list_distinct([partner(c, j), partner(c, j + 1), partner(c, j + 2)][:several]);
CREATE MACRO day(n) AS DATE '2005-01-01' + floor(7300 * draw(n, 'day'))::INTEGER;
CREATE MACRO occurred(n) AS CASE
    WHEN draw(n, 'precision') < 0.04 THEN strftime(day(n), '%Y')
    WHEN draw(n, 'precision') < 0.08 THEN strftime(day(n), '%Y-%m')
    WHEN draw(n, 'precision') < 0.10 THEN '[' || day(n) || '..' || (day(n) + one_of(400, n, 'span')) || ']'
    ELSE day(n)::VARCHAR END;
CREATE TABLE drawn AS SELECT
    n,
    floor(100 * draw(n, 'type'))::INTEGER AS share,
    floor({shape.organisations} * draw(n, 'organisation') ** 2)::BIGINT AS c,
    floor({shape.ties} * draw(n, 'tied'))::BIGINT AS j
FROM range({shape.events}) AS numbered(n);
"""


def make(shape: Shape, folder: Path) -> None:
    """Draw a log of that shape into a folder; the same shape gives the same log.

    Besides the fields of the event, each file has `n`, the place in the log from 0, and `mark`.
    """
    with duckdb.connect() as connection:
        connection.execute(_macros(shape))
        start = 0
        for part in MIX:
            connection.execute(f"""
COPY (
    SELECT n, 'e' || n AS mark, occurred(n) AS occurred, {part.columns}
    FROM drawn WHERE share >= {start} AND share < {start + part.share}
) TO '{folder / part.name}.parquet'""")
            start += part.share


def typed(folder: Path, where: str = "true") -> Iterator[tuple[str, Event]]:
    """The events of a folder in order, those that a condition lets through, each with its mark."""
    with duckdb.connect() as connection:
        streams = [_rows(connection, folder, part, where) for part in MIX]
        for _, mark, cls, values in heapq.merge(*streams, key=lambda row: row[0]):
            yield mark, cls(values.pop("occurred"), **values)


def _rows(
    connection: duckdb.DuckDBPyConnection, folder: Path, part: Part, where: str
) -> Iterator[tuple[int, str, type[Event], dict[str, Any]]]:
    result = connection.cursor().execute(f"FROM '{folder / part.name}.parquet' WHERE {where} ORDER BY n")
    names = [column[0] for column in result.description or ()]
    while rows := result.fetchmany(_FETCHED):
        for row in rows:
            values = dict(zip(names, row, strict=True))
            yield values.pop("n"), values.pop("mark"), part.cls, values


def amendments(folder: Path) -> Iterator[Correction | Retraction]:
    """What is said of one event in a hundred: that it is wrong, by turns with another date or for nothing.

    Each is known from a March of the twenty years, before or after the world could know the event.
    """
    for number, (mark, event) in enumerate(typed(folder, "n % 100 = 7")):
        known = f"{2006 + number % 19}-03"
        if number % 2:
            yield Retraction(mark, known=known)
        else:
            yield Correction(mark, attrs.evolve(event, occurred=f"{2005 + number % 20}-07-15"), known=known)


def pairs(folder: Path, least: int, most: int, number: int) -> list[tuple[str, str]]:
    """Pairs of organisations tied by so many events, about evenly drawn from all such."""
    ties = {
        "funding_round": "company, unnest(investors)",
        "exclusivity_deal": "grantor, grantee",
        "exclusivity_end": "grantor, grantee",
        "meeting": "organisations[1], organisations[2]",
        "remark": "made_by, about[1]",
        "stake_reported": "company, holder",
        "dispute_opened": "parties[1], parties[2]",
        "dispute_settled": "parties[1], parties[2]",
    }
    sides = " UNION ALL ".join(f"SELECT {two} FROM '{folder / name}.parquet'" for name, two in ties.items())
    query = f"""
SELECT a, b FROM (SELECT least(x, y) AS a, greatest(x, y) AS b FROM ({sides}) AS tied(x, y)) GROUP BY a, b
HAVING count(*) BETWEEN {least} AND {most} ORDER BY md5(a || b) LIMIT {number}"""
    with duckdb.connect() as connection:
        return connection.execute(query).fetchall()
