"""Instances of DuckDB, each as all of ours are: the machine's time zone does not reach them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import duckdb

__all__ = ["connect"]

Config = Mapping[str, str | bool | int | float | list[str]]
_NOTHING: Final[Config] = {}


def connect(
    path: str = ":memory:", *, config: Config = _NOTHING, read_only: bool = False, locked: bool = False
) -> duckdb.DuckDBPyConnection:
    """A new instance, on a file or in memory, whose zone is UTC; if `locked`, its configuration stays so.

    Raises:
        duckdb.Error: if the file cannot be opened.
    """
    connection = duckdb.connect(path, read_only=read_only, config=dict(config))
    connection.execute("SET GLOBAL TimeZone = 'UTC'")
    if locked:
        connection.execute("SET lock_configuration = true")
    return connection
