"""SQL over the file: one SELECT, which can neither write nor reach other files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import duckdb

from timeline.errors import NotAllowed
from timeline.rows import Rows, taken

__all__ = ["run_select"]

_BEHIND: Final = "failed: "


def run_select(connection: duckdb.DuckDBPyConnection, query: str, parameters: Any = None) -> Rows:
    """The result of one SELECT, in the caller's read-only transaction.

    Raises:
        NotAllowed: if it is not exactly one SELECT, or DuckDB refuses it.
    """
    if not isinstance(query, str) or any("\ud800" <= mark <= "\udfff" for mark in query):
        raise NotAllowed(f"sql takes the text of one SELECT, not {query!r}")
    if isinstance(parameters, str | bytes) or not isinstance(parameters, Sequence | Mapping | None):
        raise NotAllowed(f"sql takes its parameters as a list or a mapping, not {parameters!r}")
    try:
        statements = connection.extract_statements(query)
        if len(statements) != 1 or not _selects(statements[0]):
            raise NotAllowed("sql takes exactly one SELECT; to write, use append, correct or retract")
        return taken(connection.sql(statements[0], params=parameters))
    except duckdb.Error as problem:
        raise NotAllowed(f"DuckDB refuses the query: {_reason(problem)}") from None


def _selects(statement: duckdb.Statement) -> bool:
    """Whether it is a SELECT; for some kinds of statements DuckDB's client has no name."""
    try:
        return statement.type == duckdb.StatementType.SELECT
    except ValueError:
        return False


def _reason(problem: duckdb.Error) -> str:
    """What DuckDB says, without that the fault came up while rows were handed over."""
    text = str(problem)
    return text.partition(_BEHIND)[2] if "'incoming' failed: " in text.partition("\n")[0] else text
