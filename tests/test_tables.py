"""How rows get into tables."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import duckdb
from hypothesis import given
from hypothesis import strategies as st

from timeline.tables import Layout

LAYOUT = Layout(
    '"a ""table"""',
    {
        "position": "BIGINT",
        "id": "UUID",
        "said": "VARCHAR",
        "at_": "TIMESTAMP",
        "amount": "DECIMAL(38, 6)",
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


def _stored(rows: Sequence[Sequence[Any]], *, appended: bool) -> list[Any]:
    with duckdb.connect() as connection:
        columns = ", ".join(f"{name} {kind}" for name, kind in LAYOUT.types.items())
        connection.execute(f"CREATE TABLE {LAYOUT.table} ({columns})")
        if appended:
            with connection.appender(LAYOUT.table) as appender:
                appender.append_rows(rows)
        else:
            connection.execute(LAYOUT.insert, [LAYOUT.columns(rows)])
        return connection.execute(f"SELECT * REPLACE (at_::VARCHAR AS at_) FROM {LAYOUT.table}").fetchall()


@given(ROWS)
def test_a_statement_stores_what_the_appender_stores(rows: list[tuple[Any, ...]]) -> None:
    """Rows handed over as JSON are stored in order, each value as it was, as the appender does."""
    stored = _stored(rows, appended=False)
    assert [(row[:3], row[6]) for row in stored] == [(row[:3], row[6]) for row in rows]
    assert stored == _stored(rows, appended=True)
