"""What is supposed on top of the tables that rules read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final, Self

import attrs

from timeline.compile import Layout, TypedTable
from timeline.log import Log
from timeline.records import Record
from timeline.values import stored_instant

_LOG: Final = Layout(
    "main.log",
    {
        "position": "BIGINT",
        "ref": "VARCHAR",
        "kind": "VARCHAR",
        "type": "VARCHAR",
        "known_at": "TIMESTAMP",
        "credence": "VARCHAR",
        "origin": "BIGINT",
        "earliest": "TIMESTAMP",
        "latest": "TIMESTAMP",
    },
)
"""As much of the log as rules read."""


@attrs.frozen
class Above:
    """What rules read in place of the tables of the file, where anything is supposed: as SQL and parameters.

    `parts` are common table expressions; `tables` are the typed tables that are read otherwise, by type.
    """

    parts: Sequence[str]
    tables: Mapping[str, str]
    asked: Mapping[str, Any]

    @classmethod
    def of(cls, log: Log) -> Self:
        """The tables of a file up to the base of the log, with what is supposed on top."""
        if log.base is None:
            return cls((), {}, {})
        catalogue = log.codec.catalogue
        by_type: dict[str, list[Record]] = {name: [] for name in catalogue.events}
        for record in log.supposed:
            if record.event is not None:
                by_type[record.event.__timeline__.name].append(record)
        tables: dict[str, str] = {}
        asked: dict[str, Any] = {"base": log.base}
        for number, (name, records) in enumerate(by_type.items()):
            table, given = TypedTable.of(catalogue.event(name)), f"above_{number}_"
            tables[name] = f"(\n{_joined(table.layout, given)}\n    )"
            asked[given] = table.layout.columns(table.rows(records))
        asked["above"] = _LOG.columns([_row(record) for record in log.supposed])
        return cls([f"log AS NOT MATERIALIZED (\n{_joined(_LOG, 'above')}\n)"], tables, asked)


def _joined(layout: Layout, given: str) -> str:
    """The rows of a table up to the parameter `base`, and those in another parameter."""
    return (
        f"    SELECT COLUMNS({list(layout.types)}) FROM {layout.table} WHERE position <= $base::BIGINT\n"  # noqa: S608
        f"    UNION ALL BY NAME\n"
        f"    SELECT unnest(COLUMNS(*)) FROM (\n"
        f"        SELECT unnest(from_json(given, {layout.structure}))"
        f" FROM (VALUES (${given}::VARCHAR)) AS handed_over(given)\n"
        f"    )"
    )


def _row(record: Record) -> list[Any]:
    occurred = record.occurred
    return [
        record.position,
        record.ref,
        record.kind,
        record.type,
        stored_instant(record.known_at),
        record.credence,
        record.origin,
        None if occurred is None else stored_instant(occurred.earliest, "-infinity"),
        None if occurred is None else stored_instant(occurred.latest),
    ]
