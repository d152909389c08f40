"""What is run as a process of its own: to see how much memory it takes, or how it shares a file."""

from __future__ import annotations

import json
import sys
import time
from itertools import pairwise
from pathlib import Path

from events import EntityNamed, Relationship
from tests.benchmarks.bench import append, load
from tests.benchmarks.data import typed
from timeline import Assertion, Timeline

__all__ = ["append_alone", "run"]


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


def append_alone(path: str, number: str, mark: str) -> None:
    """Append so many events, one by one, each call opening the file; tell how long each took, and when."""
    tl = Timeline.open(path, lock_timeout=60)
    events = [EntityNamed("2020", entity="acme", name=f"Acme {mark} {one}") for one in range(int(number))]
    tl.head()
    print("ready", flush=True)
    sys.stdin.readline()
    began = time.perf_counter()
    ends = [began]
    for event in events:
        tl.append(event)
        ends.append(time.perf_counter())
    waits = [end - start for start, end in pairwise(ends)]
    print(json.dumps({"began": began, "ended": ends[-1], "waits": waits}))


if __name__ == "__main__":
    if sys.argv[1] == "append":
        append_alone(*sys.argv[2:5])
    else:
        run(*sys.argv[1:4])
