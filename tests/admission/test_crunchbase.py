"""Real tables: the funding rounds and acquisitions of a CrunchBase snapshot, where they are at hand."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import duckdb
import pytest

from events import AcquisitionClosed, FundingRound
from timeline import Timeline
from timeline.errors import BadRows
from timeline.vocabulary import Catalogue

DATA: Final = Path(__file__).parents[3] / "shared" / "data" / "crunchbase-2013"
ROUNDS: Final = DATA / "rounds.csv.gz"
ACQUISITIONS: Final = DATA / "acquisitions.csv.gz"

pytestmark = pytest.mark.skipif(not ROUNDS.exists(), reason=f"the CrunchBase snapshot is not at {DATA}")

BOUGHT: Final = f"""
SELECT acquired_at::DATE AS occurred, acquirer_permalink AS buyer, acquirer_name AS buyer_name,
    company_permalink AS company, company_name,
    price_amount::DECIMAL(38, 6) AS price, price_currency_code AS price_currency
FROM read_csv('{ACQUISITIONS}', all_varchar = true, header = true)
"""
WHOLE: Final = "acquired_at IS NOT NULL AND company_permalink IS NOT NULL AND acquirer_permalink IS NOT NULL"


@pytest.fixture
def tl() -> Iterator[Timeline]:
    """A timeline of rounds and acquisitions, without states."""
    catalogue = Catalogue.of(FundingRound, AcquisitionClosed)
    clock = datetime(2026, 1, 1, tzinfo=UTC)
    with Timeline.open(":memory:", catalogue=catalogue, clock=lambda: clock) as made:
        yield made


def test_rounds_add_up_as_in_the_file(tl: Timeline) -> None:
    """Each company has the total, count, first and last date that plain SQL gives."""
    imported = tl.append_table(
        FundingRound,
        f"""SELECT funded_at AS occurred, company_permalink AS company, company_name, [] AS investors,
            raised_amount_usd AS amount, 'USD' AS amount_currency, 'round-' || row_number() OVER () AS id
        FROM '{ROUNDS}'""",
        known="occurred",
        source="CrunchBase",
        id="id",
    )
    ours = tl.sql(
        """SELECT company, sum(amount), count(*), min(earliest)::DATE, max(earliest)::DATE
        FROM funding_round GROUP BY company ORDER BY company"""
    )
    plain = duckdb.execute(
        f"""SELECT company_permalink, sum(raised_amount_usd)::DECIMAL(38, 6), count(*),
            min(funded_at), max(funded_at)
        FROM '{ROUNDS}' GROUP BY ALL ORDER BY 1"""
    ).fetchall()
    assert list(ours) == plain
    assert (len(imported), imported.folded) == (31_679, 0)
    assert imported.new_entity_count == 17_622
    assert tl.record("round-1").summary == "#waywire raises money: $1.75m"


def test_rounds_without_ids_are_folded_where_they_are_the_same(tl: Timeline) -> None:
    """What agrees in all columns is one claim, and the number of those is told."""
    rows = f"""SELECT funded_at AS occurred, company_permalink AS company, company_name, [] AS investors,
        raised_amount_usd AS amount, 'USD' AS amount_currency FROM '{ROUNDS}'"""
    imported = tl.append_table(FundingRound, rows, known="occurred")
    assert len(imported) + imported.folded == 31_679
    assert imported.folded == 79
    again = tl.append_table(FundingRound, rows, known="occurred")
    assert (len(again), again.unchanged) == (0, 31_679)


def test_whole_acquisitions_come_in_and_the_others_are_told(tl: Timeline) -> None:
    """4,651 rows have a date, a company and an acquirer; the others are refused one by one."""
    with pytest.raises(BadRows) as caught:
        tl.append_table(AcquisitionClosed, BOUGHT, known="occurred")
    assert caught.value.count == 6_185 - 4_651
    assert len(caught.value.rows) == 1_000
    assert {column for _, column, _ in caught.value.rows} <= {"occurred", "buyer", "company"}
    imported = tl.append_table(AcquisitionClosed, f"{BOUGHT} WHERE {WHOLE}", known="occurred")
    assert len(imported) + imported.folded == 4_651
    priced = tl.sql("SELECT count(*) FROM acquisition_closed WHERE price IS NOT NULL").rows
    expected = duckdb.execute(
        f"SELECT count(*) FROM (SELECT DISTINCT * FROM ({BOUGHT} WHERE {WHOLE})) WHERE price IS NOT NULL"
    ).fetchall()
    assert list(priced) == expected
