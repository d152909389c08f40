"""Texts with something between their cells, read as tables: CSV and the like, in whatever encoding."""

from __future__ import annotations

import codecs
import csv
import io
from collections import Counter
from collections.abc import Mapping
from typing import IO, Final

from timeline.admission import Unread
from timeline.formats.table_rows import Bytes, FileLayout, Rows, TableFile, columns_of, fault, note, table_of
from timeline.values import NotAllowed

_DELIMITERS: Final = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars"}
_MARKS: Final = {codecs.BOM_UTF8: "utf-8-sig", codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}
ENCODINGS: Final[Mapping[str, str]] = {
    "utf-8-sig": "UTF-8", "utf-8": "UTF-8", "utf-16": "UTF-16", "latin-1": "Latin-1",
}  # fmt: skip
"""How people call encodings, by what Python calls them."""
_NOT_IN_CP1252: Final = b"\x81\x8d\x8f\x90\x9d"
_CHUNK: Final = 1 << 20


def lines_of(file: Bytes, encoding: str) -> IO[str]:
    """The text of a file, with the ends of its lines as they are."""
    return io.TextIOWrapper(file.open(), encoding, newline="")


def encoding_of(file: Bytes, said: str | None) -> tuple[str, str]:
    """The encoding of a file, and a note where it was guessed.

    Raises:
        NotAllowed: if it is said, and there is none of that name.
        FaultyFile: if the file is no text.
    """
    with file.open() as stream:
        first = stream.read(_CHUNK)
        if not first:
            raise fault(file.path, "is empty")
        if first.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0", b"PAR1")):
            raise fault(file.path, "is no text: name it as what it is, as in .xlsx or .parquet")
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
    told = ENCODINGS.get(found, found)
    return found, f"read as {told}, since it is not UTF-8; say its encoding if letters are wrong"


def separated(file: Bytes, kind: str, encoding: str, guessed: str, layout: FileLayout) -> TableFile:
    """The table in a text, which was found to be in an encoding, with a note where that was guessed."""
    notes = [guessed] if guessed else []
    delimiter = layout.delimiter
    if delimiter is None:
        delimiter = "\t" if kind == "TSV" else _sniffed(file, encoding)
        if delimiter != "," and kind == "CSV":
            notes.append(f"read with {_DELIMITERS[delimiter]} between the cells")
    if len(delimiter) != 1:
        raise NotAllowed(f"delimiter={delimiter!r}: it is one character, such as ;")
    unread = Unread()
    rows = _csv_rows(file, encoding, delimiter, Unread())
    at = layout.header or 1
    line, head = next(
        ((line, cells) for line, cells in rows if line >= at and any(map(str.strip, cells))), (0, [])
    )
    columns = columns_of(file.path, line, head)

    def read() -> Rows:
        return (
            (place, cells) for place, cells in _csv_rows(file, encoding, delimiter, unread) if place > line
        )

    named = ENCODINGS.get(encoding, encoding)
    return table_of(file.path, kind, f"{kind} in {named}", notes, columns, read, unread)


def _sniffed(file: Bytes, encoding: str) -> str:
    """What stands between the cells of the first line that holds anything."""
    with lines_of(file, encoding) as stream:
        line = next((line for line in stream if line.strip()), "")
    bare = "".join(line.split('"')[::2])
    counts = Counter(mark for mark in bare if mark in _DELIMITERS)
    return counts.most_common(1)[0][0] if counts else ","


def _csv_rows(file: Bytes, encoding: str, delimiter: str, unread: Unread) -> Rows:
    """The rows of a file of separated texts, each with the line that it begins in."""
    with lines_of(file, encoding) as stream:
        reader = csv.reader(stream, delimiter=delimiter, strict=True)
        line = 1
        while True:
            try:
                cells = next(reader)
            except StopIteration:
                return
            except csv.Error as problem:
                note(unread, line, f"cannot be read: {_why(problem)}")
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
