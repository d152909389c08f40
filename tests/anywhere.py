"""What a timeline answers at every door, printed as JSON: `python -m tests.anywhere FOLDER`.

It runs in a process of its own, since DuckDB and the C library look at the machine's zone and locale once.
`DECIMALS` in the environment gives the arguments of the decimal context that the caller is in.
"""

from __future__ import annotations

import decimal
import io
import json
import os
import sys
from collections.abc import Iterator
from contextlib import redirect_stdout
from pathlib import Path
from typing import Any

import pandas as pd
import polars as pl

from tests.ledger import FundingRound, Ledger, Noted, Relationship, opened
from timeline import Money, Timeline
from timeline.cli import run
from timeline.formats.loading import load
from timeline.plot.pictures import money, timeline as drawn

FILE = """
source: {publisher: Gazeta Łódzka, published: 2024-01-16}
events:
- noted:
  subject: Łódź
  topic: size
  number: 123456789.0123456789
  occurred: 2024-01-15
- funding_round:
  company: Ångström
  investors: Łódź
  amount: 1234567890123456789012345678.0000000001 USD
  occurred: 2024-01-15T23:30:00+05:30
- funding_round:
  company: Ångström
  investors: [Łódź, Vest]
  amount: $9,876,543,210.987654321
  occurred: 2024-01
"""
INSTANTS = (
    "(VALUES (TIMESTAMPTZ '2024-01-15 20:00:00'), ('2024-01-15 20:00:00+05:30'::TIMESTAMPTZ)) AS t(noon)"
)
COLUMNS = "'Zed' AS company, ['Yew'] AS investors, 12345678901 AS amount, 'USD' AS amount_currency"


def say(tl: Timeline, folder: Path) -> None:
    """The same at every door: a file, tables, frames, values of Python."""
    (folder / "said.yaml").write_text(FILE, "utf-8")
    (folder / "said.csv").write_text(
        "company,investors,amount,noon\nŁódź,Ñ,$1,2024-01-15 20:00:00+00\n", "utf-8"
    )
    load(tl, [folder / "said.yaml"])
    table: dict[str, Any] = {"known": "occurred"}
    tl.append_table(FundingRound, f"SELECT {COLUMNS}, noon AS occurred FROM {INSTANTS}", **table)
    tl.append_table(FundingRound, f"SELECT {COLUMNS}, noon::DATE AS occurred FROM {INSTANTS}", **table)
    read = f"FROM read_csv('{folder / 'said.csv'}')"
    tl.append_table(FundingRound, f"SELECT * EXCLUDE (noon), noon::TIMESTAMPTZ AS occurred {read}", **table)
    at = pd.Timestamp("2024-01-15 23:30:00.123456", tz="America/New_York")
    frame = {"subject": ["Łódź"], "topic": ["depth"], "number": ["-98765432109876543210.1"], "occurred": [at]}
    tl.append_table(Noted, pd.DataFrame(frame), **table)
    tl.append_table(Noted, pl.DataFrame(frame | {"occurred": [at.to_pydatetime()]}), **table)
    tl.append(
        Noted(at.to_pydatetime(), subject="Zed", topic="depth", number=decimal.Decimal("0.0000000001")),
        FundingRound("2024-02", company="Zed", investors="Yew", amount=Money(99999999999999999, "EUR")),
    )


def answers(tl: Timeline, path: str) -> Iterator[Any]:
    """What there is to be asked."""
    for record in tl.as_of().records():
        yield record.as_dict()
    moment = tl.as_of("2025")
    for told in (moment.of(Ledger, "Łódź"), moment.of(Ledger, "Zed"), *moment.all(Relationship)):
        yield told.as_dict()
        yield str(told)
    yield [period.as_dict() for period in tl.as_of().history(Relationship, "Łódź", "Ångström")]
    point = "TIMESTAMPTZ '2024-01-15 19:00:00'"
    yield tl.sql(f"FROM relationship_as_of({point}) ORDER BY ALL").as_dicts()
    yield tl.sql("FROM relationship_as_of('2024-01-15 19:00:00+05:30'::TIMESTAMPTZ) ORDER BY ALL").as_dicts()
    yield tl.sql("FROM relationship_periods() ORDER BY ALL").as_dicts()
    yield tl.sql("SELECT noon, noon::DATE, noon::VARCHAR FROM " + INSTANTS).rows
    yield [str(one) for one in tl.as_of().check()]
    yield tl.verify().ok
    for picture in (
        drawn(tl.as_of("2025"), Relationship, "Łódź", "Ångström"),
        money(tl.as_of("2025"), Relationship, "Łódź", "Ångström"),
    ):
        yield picture.svg()
    tl.close()
    for verb in (
        ("sql", "SELECT noon, noon::DATE, noon::VARCHAR AS told FROM " + INSTANTS),
        ("log", "--format", "json"),
    ):
        with redirect_stdout(io.StringIO()) as out:
            yield run([*verb, "--db", path])
        yield out.getvalue()


if __name__ == "__main__":
    decimal.setcontext(decimal.Context(**json.loads(os.environ["DECIMALS"])))
    folder = Path(sys.argv[1])
    path = str(folder / "t.duckdb")
    os.environ["TIMELINE_CATALOGUE"] = "tests.ledger"
    with opened(path=path) as tl:
        say(tl, folder)
    found = [str(one) for one in answers(opened(path=path), path)]
    print(json.dumps(found))
