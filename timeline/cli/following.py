"""Records on the screen as they are appended, until interrupted."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from contextlib import closing
from typing import TYPE_CHECKING

from timeline.cli.opening import alone
from timeline.cli.options import Output
from timeline.cli.screen import as_json, out
from timeline.values import NotAllowed

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

__all__ = ["following"]


def following(
    types: Sequence[str],
    entities: Sequence[str],
    after: int,
    cursor: str | None,
    zone: ZoneInfo | None,
    file: Output,
) -> int:
    """Show records as they come; in JSON one a line, each written out before the next is waited for."""
    if file.format not in {"table", "json", "jsonl"}:
        raise NotAllowed(f"--follow has no end, and gives lines or jsonl, not {file.format}")
    timeline = alone(file.db)
    with closing(timeline.follow(after, types=types, entities=entities, cursor=cursor)) as records:
        for record in records:
            if file.format == "table":
                out().records([record], {}, zone)
            else:
                as_json(record.as_dict(), indent=None)
            sys.stdout.flush()
    return 0
