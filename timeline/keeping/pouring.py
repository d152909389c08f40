"""Moving rows from one DuckDB instance to another, in their order, without a file between them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import attrs
import duckdb

from timeline.log import Log
from timeline.macros import state_macros
from timeline.schema import keep_shapes, shapes, written_with
from timeline.statements import quoted

__all__ = ["pour", "pour_all", "pour_log"]


_WHOLE: Final = {"log": "FROM log ORDER BY position", "commits": "FROM commits ORDER BY first_position"}


@attrs.frozen
class _Begun:
    """What a query gives, as an Arrow stream that is begun once; DuckDB asks for it several times."""

    capsule: object

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        return self.capsule


def pour(source: duckdb.DuckDBPyConnection, query: str, target: duckdb.DuckDBPyConnection, into: str) -> None:
    """Run a statement, `into`, that reads the rows of a query on another connection as `poured`."""
    target.register("poured", _Begun(source.sql(query).__arrow_c_stream__()))
    try:
        target.execute(into)
    finally:
        target.unregister("poured")


def pour_all(source: Log, target: Log) -> None:
    """Fill the tables of a timeline that is laid out and empty from another of the same layout."""
    tables = target.connection.execute(
        "SELECT schema_name, table_name FROM duckdb_tables() "
        "WHERE database_name = current_database() AND NOT internal AND NOT temporary"
    ).fetchall()
    for schema, name in tables:
        table = f"{quoted(schema)}.{quoted(name)}"
        target.connection.execute(f"DELETE FROM {table}")
        pour(source.connection, f"FROM {table}", target.connection, f"INSERT INTO {table} FROM poured")
    if target.samenesses():
        for sql in state_macros(target.codec.catalogue, same=True):
            target.connection.execute(sql)


def pour_log(source: Log, target: Log, selects: Mapping[str, str] = _WHOLE) -> None:
    """Fill a timeline that is laid out and empty with what all else follows from; `selects` give the rows.

    The sources that these do not cite are left behind.
    """
    target.run("redescribe", written_with(source.connection), "", file="schema")
    keep_shapes(target.connection, shapes(source.connection))
    for name, query in selects.items():
        pour(source.connection, query, target.connection, f"INSERT INTO {name} FROM poured")
    cited = [f"'{one}'" for (one,) in target.run("cited", file="redaction")]
    query = f"FROM sources WHERE id IN ({', '.join(cited) or 'NULL'})"
    pour(source.connection, query, target.connection, "INSERT INTO sources FROM poured")
