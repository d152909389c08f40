"""The tables that all else in a file follows from, and how they are written elsewhere."""

from __future__ import annotations

from typing import Any, Final

import attrs
import msgspec

from timeline.compile import Layout, quoted
from timeline.log import FORMAT, LOG, OLDEST, Log, shapes, unreleased, written_with
from timeline.maintenance.report import read_head
from timeline.values import FaultyCopy, NewerTimeline
from timeline.vocabulary import Kept

_ORDER: Final = {"log": "position", "commits": "first_position", "sources": "id"}
TABLES: Final = {
    "sources": Layout(
        "sources",
        {
            "id": "UUID",
            "title": "VARCHAR",
            "publisher": "VARCHAR",
            "url": "VARCHAR",
            "published": "VARCHAR",
        },
    ),
    "commits": Layout(
        "commits",
        {
            "first_position": "BIGINT",
            "last_position": "BIGINT",
            "recorded_at": "TIMESTAMP",
            "actor": "VARCHAR",
            "note": "VARCHAR",
            "digest": "VARCHAR",
        },
    ),
    "log": LOG,
}
"""Their layouts, by name."""

_ASIS: Final = frozenset({"BIGINT", "INTEGER", "VARCHAR", "VARCHAR[]"})


def selected(name: str) -> str:
    """The SELECT that gives the rows of a table in order, in types that JSON has too."""
    columns = ", ".join(
        quoted(column) if kind in _ASIS else f"{quoted(column)}::VARCHAR AS {quoted(column)}"
        for column, kind in TABLES[name].types.items()
    )
    return f"SELECT {columns} FROM {name} ORDER BY {_ORDER[name]}"


def heading(log: Log) -> dict[str, Any]:
    """What an export says of itself: its format, where the log ends, and how much there is."""
    records, commits = log.run("counts")[0]
    kept = (key for key in shapes(log.connection).items() if key[0][0] == "event")
    return {
        "format": FORMAT,
        "catalogue": written_with(log.connection),
        "shapes": [[*key[1:], shape] for key, shape in sorted(kept)],
        "head": str(log.head()),
        "records": records,
        "commits": commits,
    }


@attrs.frozen(kw_only=True)
class Heading:
    """What an export says of itself.

    Where the log ends, the vocabulary that it was written with, and the shapes of event types that it keeps.
    """

    head: str
    catalogue: str
    shapes: Kept


def read_heading(path: str, text: bytes) -> Heading:
    """What an export says of itself; `text` is that, in JSON.

    Raises:
        FaultyCopy: if it does not say it, or is in a format that no release wrote.
        NewerTimeline: if a newer version of this package wrote it.
    """
    try:
        said = msgspec.json.decode(text)["timeline"]
        format_, head = int(said["format"]), said["head"]
        read_head(head)
        shapes = {("event", str(name), int(at)): str(shape) for name, at, shape in said.get("shapes", ())}
        catalogue = str(said.get("catalogue"))
    except (
        *(msgspec.DecodeError, AttributeError, LookupError, TypeError, ValueError, OverflowError),
        RecursionError,
    ):
        raise FaultyCopy(path, ["it does not begin with what an export says of itself"]) from None
    if format_ < OLDEST:
        raise FaultyCopy(path, [unreleased(format_)])
    if format_ > FORMAT:
        raise NewerTimeline(path, f"an export in format {format_}", f"format {FORMAT}")
    return Heading(head=str(head), catalogue=catalogue, shapes=shapes)
