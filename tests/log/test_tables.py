"""How rows get into tables."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import duckdb
from hypothesis import given, strategies as st

from timeline.compile import Layout
from timeline.log.duckdb.instances import Inserts
from timeline.values import NUMBER

LAYOUT = Layout(
    '"a ""table"""',
    {
        "position": "BIGINT",
        "id": "UUID",
        "said": "VARCHAR",
        "at_": "TIMESTAMP",
        "amount": NUMBER,
        "flag": "BOOLEAN",
        "entities": "VARCHAR[]",
    },
)
STORABLE = st.text(st.characters(codec="utf-8", exclude_characters="\0"))
ROWS = st.lists(
    st.tuples(
        st.integers(-(2**63), 2**63 - 1),
        st.uuids(),
        STORABLE | st.none() | st.sampled_from(["null", '{"a": [1]}', '"', "\\", "NaN"]),
        st.sampled_from(["infinity", "-infinity", "0001-01-01 00:00:00", "9998-12-31 23:59:59.999999"])
        | st.none(),
        st.sampled_from(["0", "-0.000001", "999999999999999999999999.123456"]) | st.none(),
        st.booleans() | st.none(),
        st.lists(STORABLE, max_size=3),
    ),
    min_size=1,
)


def _stored(parts: Iterable[Sequence[Sequence[Any]]], *, appended: bool) -> list[Any]:
    """What a table holds once rows were added part by part: by the appender alone, or as the engine does."""
    with duckdb.connect() as connection:
        columns = ", ".join(f"{name} {kind}" for name, kind in LAYOUT.types.items())
        connection.execute(f"CREATE TABLE {LAYOUT.table} ({columns})")
        inserts = Inserts(connection)
        for rows in parts:
            if appended:
                with connection.appender(LAYOUT.table) as appender:
                    appender.append_rows(rows)
            else:
                inserts.add(LAYOUT, rows)
        return connection.execute(f"SELECT * REPLACE (at_::VARCHAR AS at_) FROM {LAYOUT.table}").fetchall()


@given(ROWS, st.integers(1, 150))
def test_rows_are_stored_as_the_appender_stores_them(rows: list[tuple[Any, ...]], times: int) -> None:
    """Rows are stored in order, each value as it was, few or many, the first time and prepared."""
    parts = [rows * times, rows, rows * times, [], rows]
    stored = _stored(parts, appended=False)
    assert [(row[:3], row[6]) for row in stored] == [(row[:3], row[6]) for part in parts for row in part]
    assert stored == _stored(parts, appended=True)


def test_each_layout_has_a_statement_of_its_own() -> None:
    """Two layouts of one table, as two vocabularies may have them, do not get in each other's way."""
    with duckdb.connect() as connection:
        connection.execute("CREATE TABLE pairs (a VARCHAR, b VARCHAR)")
        inserts = Inserts(connection)
        one, other = (
            Layout("pairs", {"a": "VARCHAR", "b": "VARCHAR"}),
            Layout("pairs BY NAME", {"b": "VARCHAR"}),
        )
        for _ in range(3):
            inserts.add(one, [("a", "b")] * 101)
            inserts.add(other, [("only b",)] * 101)
        found = connection.execute("SELECT a, b, count(*) FROM pairs GROUP BY ALL ORDER BY a").fetchall()
    assert found == [("a", "b", 303), (None, "only b", 303)]
