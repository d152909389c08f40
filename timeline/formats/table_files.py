"""Files of tables, read: CSV and the like, JSON Lines, Parquet and Excel sheets, as rows of texts."""

from __future__ import annotations

import codecs
import csv
import gzip
import io
import json
import zlib
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date, datetime, time
from itertools import islice
from pathlib import Path
from typing import IO, Any, Final, cast

import attrs

from timeline.admission import Streamed, Unread
from timeline.compile import literal
from timeline.formats.nodes import EntryFault, at_fault
from timeline.values import FaultyFile, MissingExtra, NotAllowed, either, nearest, refusal

_TEXTS: Final = {".csv": "CSV", ".tsv": "TSV", ".tab": "TSV", ".txt": "CSV"}
_LINES: Final = (".jsonl", ".ndjson")
_EXCEL: Final = (".xlsx", ".xlsm", ".xlsb", ".xls", ".ods")
_KINDS: Final[Mapping[str, str]] = {
    **_TEXTS,
    **dict.fromkeys(_LINES, "JSON Lines"),
    ".parquet": "Parquet",
    **dict.fromkeys(_EXCEL, "a sheet"),
}
_DELIMITERS: Final = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars"}
_MARKS: Final = {codecs.BOM_UTF8: "utf-8-sig", codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}
_NAMES: Final = {"utf-8-sig": "UTF-8", "utf-8": "UTF-8", "utf-16": "UTF-16", "latin-1": "Latin-1"}
_NOT_IN_CP1252: Final = b"\x81\x8d\x8f\x90\x9d"
_CHUNK: Final = 1 << 20
_AT_ONCE: Final = 10_000
_MOST_FAULTS: Final = 100_000
_DIGITS: Final = 15
"""How many digits a number of a sheet has: no more are shown of it, nor kept exactly."""

Rows = Iterator[tuple[int, list[Any]]]


def is_table(path: str) -> bool:
    """Whether a path is called like a file of a table, packed or not."""
    return kind_of(path) is not None


def kind_of(path: str) -> str | None:
    """What kind of table a file holds, by its name; None if it is called like none."""
    return _KINDS.get(_suffix(path))


def _suffix(path: str) -> str:
    return Path(path.lower().removesuffix(".gz")).suffix


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


def _told(value: Any) -> str:
    return "; ".join(map(str, value)) if isinstance(value, list) else str(value)


@attrs.frozen(kw_only=True)
class FileLayout:
    """How a file of a table is laid out, as far as that is said: what is None is found out.

    `header` is the line, or row of a sheet, that names the columns.
    """

    encoding: str | None = None
    delimiter: str | None = None
    sheet: str | None = None
    header: int | None = None


def table_file(path: str, layout: FileLayout | None = None) -> TableFile:
    """The table in a file, once it is found to be one; its rows are read when they are asked for.

    Raises:
        FaultyFile: if it is not there, is of no kind that is read, holds nothing, or cannot be decoded.
        MissingExtra: if it is a sheet, and the reader of those is not installed.
    """
    layout = layout or FileLayout()
    kind = kind_of(path)
    if kind is None:
        raise fault(path, f"is no table that is read here; those end with {either([*_KINDS])}, CSV and JSON "
                    "Lines also with .gz behind")  # fmt: skip
    if not Path(path).is_file():
        is_there = Path(path).exists()
        raise fault(path, "is a folder" if is_there else "cannot be read: no such file or directory")
    with _reading(path):
        if kind == "Parquet":
            return _parquet(path)
        if kind == "a sheet":
            return _sheet(path, layout)
        encoding, note = _encoding(path, layout.encoding)
        if kind == "JSON Lines":
            return _json_lines(path, encoding, note)
        return _separated(path, kind, encoding, note, layout)


@contextmanager
def _reading(path: str) -> Iterator[None]:
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


# Texts


def _bytes(path: str) -> IO[bytes]:
    if path.lower().endswith(".gz"):
        return cast("IO[bytes]", gzip.open(path))
    return Path(path).open("rb")


def _lines_of(path: str, encoding: str) -> IO[str]:
    return io.TextIOWrapper(_bytes(path), encoding, newline="")


def _encoding(path: str, said: str | None) -> tuple[str, str]:
    """The encoding of a file, and a note where it was guessed.

    Raises:
        NotAllowed: if it is said, and there is none of that name.
        FaultyFile: if the file is no text.
    """
    with _bytes(path) as stream:
        first = stream.read(_CHUNK)
        if not first:
            raise fault(path, "is empty")
        if first.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0", b"PAR1")):
            raise fault(path, "is no text: name it as what it is, as in .xlsx or .parquet")
        if said is not None:
            try:
                named = codecs.lookup(said).name
            except LookupError:
                raise NotAllowed(
                    f"no encoding is called {said!r}; give utf-8, utf-16, cp1252, latin-1 …"
                ) from None
            return ("utf-8-sig" if named == "utf-8" else named), ""
        for mark, encoding in _MARKS.items():
            if first.startswith(mark):
                return encoding, ""
        if b"\0" in first[:4096]:
            low = first[1:4096:2].count(0) >= first[:4096:2].count(0)
            return (
                "utf-16-le" if low else "utf-16-be"
            ), "read as UTF-16: it has no mark, but every other byte is 0"
        return _by_bytes(first, stream)


def _by_bytes(first: bytes, stream: IO[bytes]) -> tuple[str, str]:
    """UTF-8 where all of a stream is that, else an encoding of one byte a letter."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    utf_8, cp1252, chunk = True, True, first
    while chunk:
        cp1252 = cp1252 and not any(one in chunk for one in _NOT_IN_CP1252)
        try:
            _ = utf_8 and decoder.decode(chunk)
        except UnicodeDecodeError:
            utf_8 = False
        chunk = stream.read(_CHUNK)
    try:
        decoder.decode(b"", final=utf_8)
    except UnicodeDecodeError:
        utf_8 = False
    if utf_8:
        return "utf-8", ""
    found = "cp1252" if cp1252 else "latin-1"
    return (
        found,
        f"read as {_NAMES.get(found, found)}, since it is not UTF-8; say its encoding if letters are wrong",
    )


def _separated(path: str, kind: str, encoding: str, note: str, layout: FileLayout) -> TableFile:
    notes = [note] if note else []
    delimiter = layout.delimiter
    if delimiter is None:
        delimiter = "\t" if kind == "TSV" else _sniffed(path, encoding)
        if delimiter != "," and kind == "CSV":
            notes.append(f"read with {_DELIMITERS[delimiter]} between the cells")
    if len(delimiter) != 1:
        raise NotAllowed(f"delimiter={delimiter!r}: it is one character, such as ;")
    unread = Unread()
    rows = _csv_rows(path, encoding, delimiter, Unread())
    at = layout.header or 1
    line, head = next(
        ((line, cells) for line, cells in rows if line >= at and any(map(str.strip, cells))), (0, [])
    )
    columns = _columns(path, line, head)

    def read() -> Rows:
        return (
            (place, cells) for place, cells in _csv_rows(path, encoding, delimiter, unread) if place > line
        )

    named = _NAMES.get(encoding, encoding)
    return _table(path, kind, f"{kind} in {named}", notes, columns, read, unread)


def _table(
    path: str,
    kind: str,
    told: str,
    notes: Sequence[str],
    columns: tuple[str, ...],
    read: Callable[[], Rows],
    unread: Unread,
    lists: frozenset[str] = frozenset(),
) -> TableFile:
    batches = _Batches(path, columns, read, unread)
    rows = Streamed(columns=columns, batches=batches, lists=lists, path=path, unread=unread)
    return TableFile(path=path, kind=kind, told=told, notes=tuple(notes), columns=columns, rows=rows)


def _sniffed(path: str, encoding: str) -> str:
    """What stands between the cells of the first line that holds anything."""
    with _lines_of(path, encoding) as stream:
        line = next((line for line in stream if line.strip()), "")
    bare = "".join(line.split('"')[::2])
    counts = Counter(mark for mark in bare if mark in _DELIMITERS)
    return counts.most_common(1)[0][0] if counts else ","


def _csv_rows(path: str, encoding: str, delimiter: str, unread: Unread) -> Rows:
    """The rows of a file of separated texts, each with the line that it begins in."""
    with _lines_of(path, encoding) as stream:
        reader = csv.reader(stream, delimiter=delimiter, strict=True)
        line = 1
        while True:
            try:
                cells = next(reader)
            except StopIteration:
                return
            except csv.Error as problem:
                _note(unread, line, f"cannot be read: {_why(problem)}")
            else:
                yield line, list(cells)
            line = reader.line_num + 1


def _why(problem: csv.Error) -> str:
    said = str(problem)
    if "end of data" in said or "limit" in said:
        return "a quote that opens here is never closed"
    if "expected after" in said:
        return 'a quote within a cell goes twice, as in "the ""Q"" fund"'
    return said


def _note(unread: Unread, line: int, problem: str) -> None:
    if len(unread.faults) < _MOST_FAULTS:
        unread.faults.append((line, "", problem))


def _columns(path: str, line: int, head: Sequence[Any]) -> tuple[str, ...]:
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
        with _reading(self.path):
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
                _note(self.unread, line, f"has {len(cells)} cells, and {width} columns are named{few}")
                continue
            yield (line, *(None if cell == "" else cell for cell in cells))


# JSON Lines


def _json_lines(path: str, encoding: str, note: str) -> TableFile:
    unread = Unread()
    names: dict[str, None] = {}
    lists: set[str] = set()
    for _, one in _objects(path, encoding, Unread()):
        names.update(dict.fromkeys(one))
        lists.update(name for name, value in one.items() if isinstance(value, list))
    if not names:
        raise fault(path, 'holds no object: there is one in each line, as in {"name": "Acme"}')
    columns = tuple(names)

    def read() -> Rows:
        for line, one in _objects(path, encoding, unread):
            cells = [one.get(name) for name in columns]
            yield (
                line,
                [
                    [cell] if name in lists and isinstance(cell, str) else cell
                    for name, cell in zip(columns, cells, strict=True)
                ],
            )

    told, notes = f"JSON Lines in {_NAMES.get(encoding, encoding)}", [note] if note else []
    columns = _columns(path, 1, columns)
    return _table(path, "JSON Lines", told, notes, columns, read, unread, frozenset(lists))


def _objects(path: str, encoding: str, unread: Unread) -> Iterator[tuple[int, dict[str, Any]]]:
    """The objects of a file of JSON Lines, their values as texts, nothing, or lists of texts."""
    with _lines_of(path, encoding) as stream:
        for line, text in enumerate(stream, 1):
            if not text.strip():
                continue
            try:
                found = json.loads(text, parse_float=str, parse_int=str)
            except (ValueError, RecursionError) as problem:
                said = getattr(problem, "msg", "it is nested too deep").lower()
                _note(unread, line, f"is no JSON: {said}, column {getattr(problem, 'colno', 1)}")
                continue
            if isinstance(found, dict):
                yield line, dict(_flat(found, ""))
            else:
                _note(unread, line, 'is no object, as in {"name": "Acme"}')


def _flat(value: Mapping[str, Any], before: str) -> Iterator[tuple[str, Any]]:
    """What an object holds; of objects within it, each key behind theirs and a dot."""
    for key, one in value.items():
        if isinstance(one, dict):
            yield from _flat(one, f"{before}{key}.")
        elif isinstance(one, list):
            yield before + key, [None if each is None else _json_text(each) for each in one]
        else:
            yield before + key, None if one is None else _json_text(one)


def _json_text(value: Any) -> str:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text.encode("utf-8", "replace").decode()


# Parquet and sheets


def _parquet(path: str) -> TableFile:
    import duckdb

    from timeline.log import connect

    rows = f"SELECT * FROM read_parquet({literal(path)})"  # noqa: S608
    try:
        with connect() as reader:
            columns = tuple(reader.sql(rows).columns)
    except duckdb.Error as problem:
        raise fault(path, f"is no Parquet: {problem}") from None
    return TableFile(path=path, kind="Parquet", told="Parquet", notes=(), columns=columns, rows=rows)


def _first_of_parquet(rows: str, most: int) -> list[dict[str, str]]:
    from timeline.log import connect

    with connect() as reader:
        found = reader.sql(f"SELECT COLUMNS(*)::VARCHAR FROM ({rows}) LIMIT {most}")  # noqa: S608
        names = reader.sql(rows).columns
        told = [zip(names, row, strict=True) for row in found.fetchall()]
    return [{name: value for name, value in row if value} for row in told]


def _sheet(path: str, layout: FileLayout) -> TableFile:
    try:
        from python_calamine import CalamineError, CalamineWorkbook
    except ImportError:
        raise MissingExtra("the reader of Excel sheets", "excel") from None
    try:
        book = CalamineWorkbook.from_path(path)
        name = _sheet_named(path, layout.sheet, book.sheet_names)
        cells = book.get_sheet_by_name(name).to_python(skip_empty_area=False)
    except CalamineError as problem:
        raise fault(path, f"cannot be read as a sheet: {problem}") from None
    filled = [sum(cell != "" for cell in row) for row in cells]
    widest = max(filled, default=0)
    if not widest:
        raise fault(path, f"holds nothing in its sheet {name!r}")
    at = layout.header or next(place for place, count in enumerate(filled, 1) if 2 * count > widest)
    columns = _columns(path, at, cells[at - 1] if at <= len(cells) else ())
    notes = [f"read from its sheet {name!r}; others are {', '.join(others)}"
             for others in [[one for one in book.sheet_names if one != name]] if others]  # fmt: skip
    if at > 1 and layout.header is None:
        notes.append(f"row {at} is taken to name the columns")

    def read() -> Rows:
        return ((line, [_cell(one) for one in row]) for line, row in enumerate(cells[at:], at + 1))

    return _table(path, "a sheet", f"sheet {name!r}", notes, columns, read, Unread())


def _sheet_named(path: str, name: str | None, names: Sequence[str]) -> str:
    if name is None:
        return names[0]
    if name not in names:
        near = nearest(name, names, 1)
        hint = f"; did you mean {near[0]!r}?" if near else ""
        raise fault(path, f"has no sheet {name!r}; there are {', '.join(names)}{hint}")
    return name


def _cell(value: Any) -> str:
    """What a cell of a sheet says; a date and time at midnight is the day."""
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time() else value.isoformat()
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() else format(value, f".{_DIGITS}g")
    return value.isoformat() if isinstance(value, date | time) else str(value)
