"""A table in a file: its columns, and its rows, which are read anew each time that they are asked for."""

from __future__ import annotations

import gzip
import io
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import IO, Any, Final, cast

import attrs

from timeline.admission import Streamed, Unread
from timeline.formats.nodes import EntryFault, at_fault
from timeline.values import FaultyFile, refusal

_AT_ONCE: Final = 10_000
_MOST_FAULTS: Final = 100_000
_PACKED: Final = b"\x1f\x8b"

Rows = Iterator[tuple[int, list[Any]]]


@attrs.frozen
class Bytes:
    """What a file holds; of standard input, which can be read once, the `content` that it held."""

    path: str
    content: bytes | None = None

    def open(self) -> IO[bytes]:
        """What it holds, unpacked where it is packed by gzip."""
        if self.content is not None:
            held = io.BytesIO(self.content)
            return cast("IO[bytes]", gzip.open(held)) if self.content.startswith(_PACKED) else held
        if self.path.lower().endswith(".gz"):
            return cast("IO[bytes]", gzip.open(self.path))
        return Path(self.path).open("rb")


@attrs.frozen(kw_only=True)
class TableFile:
    """A file of a table: of which kind, how it is read, and which columns it has.

    `told` says in words how it is read; `notes` what of that was guessed. `rows` is what `append_table`
    takes.
    """

    path: str
    kind: str
    told: str
    notes: tuple[str, ...]
    columns: tuple[str, ...]
    rows: Streamed | str

    def head(self, most: int) -> list[dict[str, str]]:
        """The first rows, by column what is filled in, as texts."""
        if isinstance(self.rows, str):
            return _first_of_parquet(self.rows, most)
        found: list[dict[str, str]] = []
        for batch in self.rows.batches:
            for _, *values in batch:
                cells = zip(self.columns, values, strict=True)
                found.append({name: _told(value) for name, value in cells if value not in (None, "", [])})
                if len(found) == most:
                    return found
        return found


def _first_of_parquet(rows: str, most: int) -> list[dict[str, str]]:
    from timeline.log import connect

    with connect() as reader:
        found = reader.sql(f"SELECT COLUMNS(*)::VARCHAR FROM ({rows}) LIMIT {most}")  # noqa: S608
        names = reader.sql(rows).columns
        told = [zip(names, row, strict=True) for row in found.fetchall()]
    return [{name: value for name, value in row if value} for row in told]


def _told(value: Any) -> str:
    return "; ".join(map(str, value)) if isinstance(value, list) else str(value)


@attrs.frozen(kw_only=True)
class FileLayout:
    """How a file of a table is laid out, as far as that is said: what is None is found out.

    `kind` is what its name would end with, as in `csv`; `header` is the line, or row of a sheet, that names
    the columns; `rows` is where in JSON the list of objects is, as in `results.bindings`.
    """

    kind: str | None = None
    encoding: str | None = None
    delimiter: str | None = None
    sheet: str | None = None
    header: int | None = None
    rows: str | None = None


@contextmanager
def reading_file(path: str) -> Iterator[None]:
    """What the system refuses, and what cannot be decoded, as a fault of a file."""
    try:
        yield
    except UnicodeDecodeError as problem:
        raise fault(path, f"is not {problem.encoding.upper()}; say its encoding, such as cp1252") from None
    except (EOFError, gzip.BadGzipFile, zlib.error):
        raise fault(path, "is not whole, or not packed by gzip") from None
    except OSError as problem:
        raise fault(path, f"cannot be read: {refusal(problem)}") from None


def fault(path: str, problem: str, line: int = 0) -> FaultyFile:
    """The error for a file in which one thing is wrong."""
    return at_fault([EntryFault(path, line, None, problem)])


def table_of(
    path: str,
    kind: str,
    told: str,
    notes: Sequence[str],
    columns: tuple[str, ...],
    read: Callable[[], Rows],
    unread: Unread,
    lists: frozenset[str] = frozenset(),
) -> TableFile:
    """A table of these columns, its rows read by a function each time; what cannot be read is noted."""
    batches = _Batches(path, columns, read, unread)
    rows = Streamed(columns=columns, batches=batches, lists=lists, path=path, unread=unread)
    return TableFile(path=path, kind=kind, told=told, notes=tuple(notes), columns=columns, rows=rows)


def note(unread: Unread, line: int, problem: str) -> None:
    """Note of a row that it could not be read, and why."""
    if len(unread.faults) < _MOST_FAULTS:
        unread.faults.append((line, "", problem))


def columns_of(path: str, line: int, head: Sequence[Any]) -> tuple[str, ...]:
    """The names of the columns; those without a name by their place.

    Raises:
        FaultyFile: if there are none, or two have one name.
    """
    names = [" ".join(str(one if one is not None else "").split()) for one in head]
    while names and not names[-1]:
        names.pop()
    if not names:
        raise fault(path, "holds no row that names its columns", line)
    names = [name or f"column {place}" for place, name in enumerate(names, 1)]
    seen: dict[str, int] = {}
    for place, name in enumerate(names, 1):
        first = seen.setdefault(name.casefold(), place)
        if first != place:
            raise fault(path, f"columns {first} and {place} are both called {name!r}; rename one", line)
    return tuple(names)


@attrs.frozen
class _Batches:
    """The rows of a file some at a time, read anew each time they are asked for; those ragged are noted."""

    path: str
    columns: tuple[str, ...]
    read: Callable[[], Rows]
    unread: Unread

    def __iter__(self) -> Iterator[list[tuple[Any, ...]]]:
        self.unread.faults.clear()
        self.unread.blank = 0
        rows = self._fitting()
        with reading_file(self.path):
            while batch := list(islice(rows, _AT_ONCE)):
                yield batch

    def _fitting(self) -> Iterator[tuple[Any, ...]]:
        width = len(self.columns)
        for line, cells in self.read():
            while len(cells) > width and cells[-1] in ("", None):
                cells.pop()
            if all(cell in ("", None) for cell in cells):
                self.unread.blank += len(cells) > 1
                continue
            if len(cells) != width:
                few = "" if len(cells) > 1 else "; is it separated otherwise?"
                note(self.unread, line, f"has {len(cells)} cells, and {width} columns are named{few}")
                continue
            yield (line, *(None if cell == "" else cell for cell in cells))
