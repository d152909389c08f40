"""Files of tables, read: CSV and the like, JSON, Parquet and Excel sheets, as rows of texts."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from timeline.formats.json_rows import json_lines, json_list
from timeline.formats.reading import ReadFile, standard_input
from timeline.formats.separated import encoding_of, separated
from timeline.formats.sheets import parquet, sheet
from timeline.formats.table_rows import Bytes, FileLayout, TableFile, fault, reading_file
from timeline.values import NotAllowed, either

_KINDS: Final[Mapping[str, str]] = {
    ".csv": "CSV",
    ".tsv": "TSV",
    ".tab": "TSV",
    ".txt": "CSV",
    **dict.fromkeys((".jsonl", ".ndjson"), "JSON Lines"),
    ".json": "JSON",
    ".parquet": "Parquet",
    **dict.fromkeys((".xlsx", ".xlsm", ".xlsb", ".xls", ".ods"), "a sheet"),
}
"""What kind of table a file holds, by what its name ends with."""


def is_table(path: str) -> bool:
    """Whether a path is called like a file of a table, packed or not; one of JSON if it holds a list."""
    kind = kind_of(path)
    return kind is not None and (kind != "JSON" or _is_list(path))


def _is_list(path: str) -> bool:
    try:
        with Bytes(path).open() as stream:
            return stream.read(4_096).removeprefix(b"\xef\xbb\xbf").lstrip().startswith(b"[")
    except (OSError, ValueError, EOFError):
        return False


def kind_of(path: str) -> str | None:
    """What kind of table a file holds, by its name; None if it is called like none."""
    return _KINDS.get(Path(path.lower().removesuffix(".gz")).suffix)


def table_file(path: str, layout: FileLayout | None = None) -> TableFile:
    """The table in a file, once it is found to be one; its rows are read when they are asked for.

    `-` is standard input, of which the layout has to say the kind.

    Raises:
        FaultyFile: if it is not there, is of no kind that is read, holds nothing, or cannot be decoded.
        MissingExtra: if it is a sheet, and the reader of those is not installed.
        NotAllowed: if the layout says a kind or an encoding that there is not.
    """
    layout = layout or FileLayout()
    kind = _kind(path, layout.kind)
    file = Bytes(path, _standard_input() if path == "-" else None)
    if path != "-" and not Path(path).is_file():
        is_there = Path(path).exists()
        raise fault(path, "is a folder" if is_there else "cannot be read: no such file or directory")
    with reading_file(path):
        if kind == "Parquet":
            if path == "-":
                raise fault(path, "is standard input, and Parquet is read from a file; save it as one")
            return parquet(path)
        if kind == "a sheet":
            return sheet(file, layout)
        encoding, guessed = encoding_of(file, layout.encoding)
        if kind == "JSON Lines":
            return json_lines(file, encoding, guessed)
        if kind == "JSON":
            return json_list(file, encoding, guessed, layout.rows)
        return separated(file, kind, encoding, guessed, layout)


def _kind(path: str, said: str | None) -> str:
    """The kind of a file, as it is said, or by its name.

    Raises:
        NotAllowed: if it is said, and none.
        FaultyFile: if it is called like none.
    """
    if said is not None:
        kind = _KINDS.get(f".{said.lower().removeprefix('.')}")
        if kind is None:
            raise NotAllowed(f"no table is called {said!r}; they are {', '.join(end[1:] for end in _KINDS)}")
        return kind
    kind = kind_of(path)
    if kind is None and path == "-":
        raise fault(path, "is standard input, of which it is not said what it is; as in --as csv")
    if kind is None:
        raise fault(path, f"is no table that is read here; those end with {either([*_KINDS])}, CSV and JSON "
                    "also with .gz behind; any other is read as one with --as, as in --as csv")  # fmt: skip
    return kind


def _standard_input() -> bytes:
    """All of standard input.

    Raises:
        FaultyFile: if it is closed.
    """
    found = standard_input()
    if isinstance(found, ReadFile):
        raise fault("-", found.faults[0].problem)
    return found
