"""SQL over the file: one SELECT, which can neither write nor reach other files."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from typing import Any, Final

import duckdb

from timeline.errors import NotAllowed
from timeline.rows import Rows, taken

__all__ = ["run_select"]

_BEHIND: Final = "failed: "
_MISSING: Final = re.compile(r"with name (?P<state>\w+?)(?:_as_of|_periods)? does not exist")


def run_select(
    connection: duckdb.DuckDBPyConnection,
    query: str,
    parameters: Any = None,
    uncompiled: Collection[str] = (),
) -> Rows:
    """The result of one SELECT, in the caller's read-only transaction.

    `uncompiled` are the names of states that have no table or macro.

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
        absent = _absent(problem, uncompiled)
        raise NotAllowed(absent or f"DuckDB refuses the query: {_reason(problem)}") from None


def _selects(statement: duckdb.Statement) -> bool:
    """Whether it is a SELECT; for some kinds of statements DuckDB's client has no name."""
    try:
        return statement.type == duckdb.StatementType.SELECT
    except ValueError:
        return False


def _absent(problem: duckdb.Error, uncompiled: Collection[str]) -> str | None:
    """Why there is no such table or macro, if it would be that of a state which SQL cannot give."""
    missing = _MISSING.search(str(problem))
    state = "" if missing is None else missing["state"].lower()
    if state not in uncompiled:
        return None
    return f"{state} has a fold in Python only and does not run in SQL; ask for one at a time, with `of`"


def _reason(problem: duckdb.Error) -> str:
    """What DuckDB says, without that the fault came up while rows were handed over."""
    text = str(problem)
    return text.partition(_BEHIND)[2] if "'incoming' failed: " in text.partition("\n")[0] else text
