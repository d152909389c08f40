"""A plain DuckDB client of the oldest version that reads the file gives what the package gives."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Final

import duckdb
import pytest

from timeline import Timeline
from timeline.formats.loading import load

ROOT: Final = Path(__file__).parents[2]
CLIENT: Final = Path(sys.executable).parent / "duckdb"
_BLOCK: Final = re.compile(r"^```sql\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_PAGE: Final = (ROOT / "docs" / "how-to" / "query-with-sql.md").read_text(encoding="utf-8")
QUERIES: Final = [
    one.query.strip().removesuffix(";")
    for block in _BLOCK.findall(_PAGE)
    for one in duckdb.extract_statements(block)
]
ANALYST: Final = {
    "where the picture then was wrong": """
        SELECT a, b, t.rounds AS rounds_then, n.rounds AS rounds_now
        FROM relationship_as_of('2022-01-01', known := 'then') t
        FULL JOIN relationship_as_of('2022-01-01') n USING (a, b)
        WHERE t.rounds IS DISTINCT FROM n.rounds
    """,
    "a month-end series": """
        SELECT day, r.*
        FROM (
            SELECT last_day(d) AS day
            FROM range(DATE '2022-01-01', DATE '2024-01-01', INTERVAL 1 month) t(d)
        ), relationship_as_of(day) r
        WHERE a = 'microsoft' AND b = 'openai'
    """,
    "tenures": """
        SELECT value AS ceo, valid_from, valid_to FROM organisation_periods
        WHERE organisation = entity('OpenAI') AND field = 'ceo' ORDER BY valid_from
    """,
    "all periods": "FROM relationship_periods",
    "all periods on another basis": """
        FROM organisation_periods(known := '2024', dates := 'earliest', "position" := 60)
    """,
    "late news": """
        SELECT type, occurred, known_at - latest AS lag, summary
        FROM records WHERE stands AND isfinite(latest) ORDER BY lag DESC LIMIT 20
    """,
    "on whose word": """
        SELECT publisher, credence, count(*)
        FROM records WHERE stands AND list_contains(entities, entity('OpenAI')) GROUP BY ALL
    """,
}


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file with the seeds in it."""
    found = tmp_path_factory.mktemp("clients") / "ai.duckdb"
    load(Timeline.open(found), [ROOT / "seeds"])
    return found


def _client(path: Path, query: str) -> subprocess.CompletedProcess[str]:
    """What the executable of the client says to a query, as JSON."""
    return subprocess.run(
        [CLIENT, "-init", os.devnull, "-readonly", "-json", path, "-c", query],
        capture_output=True,
        encoding="utf-8",
        check=False,
        env={**os.environ, "HOME": str(path.parent)},
        timeout=60,
    )


def test_the_client_is_of_an_older_version(path: Path) -> None:
    """It is not the DuckDB that the package itself runs on."""
    (told,) = json.loads(_client(path, "SELECT version() AS version").stdout)
    assert told["version"].startswith("v1.5.")
    assert not duckdb.__version__.startswith("1.5.")


@pytest.mark.parametrize(
    "query",
    [*ANALYST.values(), *QUERIES],
    ids=[*ANALYST, *(f"page {number}" for number in range(1, len(QUERIES) + 1))],
)
def test_both_give_the_same_rows(path: Path, query: str) -> None:
    """Every query of the page, and the first ones of an analyst; values compared as they are shown."""
    shown = f"SELECT COLUMNS(*)::VARCHAR FROM (\n{query}\n) AS asked"
    wanted = Timeline.open(path, read_only=True).sql(shown)
    found = _client(path, shown)
    assert found.stderr == ""
    rows = [tuple(row.values()) for row in json.loads(found.stdout)]
    assert sorted(rows, key=repr) == sorted(wanted.rows, key=repr)
    assert rows


@pytest.mark.parametrize(
    ("query", "problem"),
    [
        ("SELECT entity('Opn AI')", "no entity 'Opn AI'; the nearest names are OpenAI (openai)"),
        ("FROM records_as_of(TIMESTAMP '2020-01-01 00:00:00')", "a plain TIMESTAMP is no point"),
        ("FROM records_as_of('2020', dates := 'both')", "dates is latest or earliest"),
        ("FROM relationship_periods(known := 'then')", "'then' is no point"),
    ],
)
def test_both_refuse_alike(path: Path, query: str, problem: str) -> None:
    """The client gets the same words."""
    assert problem in _client(path, query).stderr


def test_characters_fold_alike(path: Path) -> None:
    """The client's own tables of Unicode do not matter: each letter and mark that folding changes."""
    query = (
        "SELECT md5(string_agg(timeline_folded(mark || 'x' || mark), '' ORDER BY mark)) AS all_of_them "
        "FROM foldings"
    )
    (told,) = json.loads(_client(path, query).stdout)
    assert [(told["all_of_them"],)] == list(Timeline.open(path, read_only=True).sql(query))
