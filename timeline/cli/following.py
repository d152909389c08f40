"""Records on the screen as they are appended, until interrupted."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from contextlib import closing

from timeline.cli.options import File, as_json, opened, out

__all__ = ["following"]


def following(
    types: Sequence[str], entities: Sequence[str], after: int, cursor: str | None, file: File
) -> int:
    """Show records as they come; in JSON one a line, each written out before the next is waited for."""
    timeline = opened(file.db, write=False)
    with closing(timeline.follow(after, types=types, entities=entities, cursor=cursor)) as records:
        for record in records:
            if file.json:
                as_json(record.as_dict(), indent=None)
            else:
                out().records([record], {})
            sys.stdout.flush()
    return 0
