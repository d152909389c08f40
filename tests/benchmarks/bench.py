"""What the rows share: a folder, logs of several sizes in it, how often to measure."""

from __future__ import annotations

import itertools
import shutil
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, Final, TypeVar

import attrs
import duckdb

from tests.benchmarks.data import MIX, Shape, amendments, make, typed
from tests.benchmarks.measure import seconds
from timeline import Assertion, Timeline

__all__ = ["COMMIT", "SOURCE", "Bench", "append", "chunks", "load", "streamed"]

SOURCE: Final = "Benchmark"
COMMIT: Final = 1000

T = TypeVar("T")


@attrs.frozen
class Bench:
    """Where the data and the logs of a run lie, how large the largest is, and how often to measure.

    Each side of a row is measured in `rounds`; where a row is about one question or one commit, each round
    takes the median of `asks` of them.
    """

    folder: Path
    events: int
    rounds: int
    asks: int

    def data(self, events: int) -> Path:
        """The folder of the events of a log of that size."""
        folder = self.folder / f"data-{events}"
        if not folder.exists():
            new = self.folder / "new"
            shutil.rmtree(new, ignore_errors=True)
            new.mkdir()
            make(Shape(events), new)
            new.rename(folder)
        return folder

    def log(self, events: int, *, amended: bool = True) -> Path:
        """A log of that size, 1 % of it corrected or retracted if `amended`."""
        path = self.folder / f"log-{events}{'-amended' if amended else ''}.duckdb"
        if path.exists():
            return path
        new = self.new("new")
        if amended:
            shutil.copy(self.log(events, amended=False), new)
            with Timeline.open(new) as tl:
                for some in chunks(amendments(self.data(events))):
                    tl.append(*some, source=SOURCE)
        else:
            data = self.data(events)
            with Timeline.open(new) as tl:
                taken = seconds(lambda: load(tl, data))
            path.with_suffix(".seconds").write_text(str(taken))
        return new.rename(path)

    def loading(self, events: int) -> float:
        """How many seconds it took to load the log of that size, nothing of it amended."""
        return float(self.log(events, amended=False).with_suffix(".seconds").read_text())

    def new(self, name: str) -> Path:
        """The path of a file that is not there yet."""
        path = self.folder / f"{name}.duckdb"
        for one in (path, path.with_name(f"{path.name}.wal")):
            one.unlink(missing_ok=True)
        return path


def load(tl: Timeline, folder: Path) -> None:
    """Say all events of a folder to a timeline."""
    if not hasattr(tl, "append_table"):
        statements = (Assertion(event, id=mark, known=event.occurred) for mark, event in typed(folder))
        append(tl, statements)
        return
    for part in MIX:
        rows = f"SELECT * EXCLUDE (n) FROM '{folder / part.name}.parquet'"
        tl.append_table(part.cls, rows, source=SOURCE, known="occurred", id="mark")


def append(tl: Timeline, statements: Iterable[Assertion]) -> None:
    """Append statements in commits of a thousand."""
    for some in chunks(statements):
        tl.append(*some, source=SOURCE)


def chunks(things: Iterable[T], size: int = COMMIT) -> Iterator[list[T]]:
    """Things in lists of a size, the last one shorter."""
    left = iter(things)
    while some := list(itertools.islice(left, size)):
        yield some


@attrs.frozen
class _Streamed:
    """A relation that another DuckDB instance can scan."""

    relation: Any

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        return self.relation.__arrow_c_stream__()


def streamed(connection: duckdb.DuckDBPyConnection, query: str) -> _Streamed:
    """The result of a query as an Arrow stream that can be read once, by a connection of another instance."""
    return _Streamed(connection.cursor().sql(query))
