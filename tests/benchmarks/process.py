"""What is run as a process of its own, to see how much memory it takes."""

from __future__ import annotations

import sys
from pathlib import Path

from events import Relationship
from tests.benchmarks.bench import append, load
from tests.benchmarks.data import typed
from timeline import Assertion, Timeline

__all__ = ["run"]


def run(what: str, path: str, folder: str) -> None:
    """Do one of three things: load typed events, import whole tables, ask for every relationship."""
    with Timeline.open(path) as tl:
        if what == "load":
            append(
                tl, (Assertion(event, id=mark, known=event.occurred) for mark, event in typed(Path(folder)))
            )
        elif what == "import":
            load(tl, Path(folder))
        else:
            for _ in tl.as_of("2016").all(Relationship):
                pass


if __name__ == "__main__":
    run(*sys.argv[1:4])
