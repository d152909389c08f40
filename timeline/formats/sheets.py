"""Parquet, and sheets of Excel and the like, read as tables."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time
from typing import Any, Final

from timeline.admission import Unread
from timeline.compile import literal
from timeline.formats.table_rows import Bytes, FileLayout, Rows, TableFile, columns_of, fault, table_of
from timeline.values import MissingExtra, nearest

_DIGITS: Final = 15
"""How many digits a number of a sheet has: no more are shown of it, nor kept exactly."""


def parquet(path: str) -> TableFile:
    """The table in a file of Parquet, with its types."""
    import duckdb

    from timeline.log import connect

    rows = f"SELECT * FROM read_parquet({literal(path)})"  # noqa: S608
    try:
        with connect() as reader:
            columns = tuple(reader.sql(rows).columns)
    except duckdb.Error as problem:
        raise fault(path, f"is no Parquet: {problem}") from None
    return TableFile(path=path, kind="Parquet", told="Parquet", notes=(), columns=columns, rows=rows)


def sheet(file: Bytes, layout: FileLayout) -> TableFile:
    """The table in a sheet: the first one, unless another is said."""
    path = file.path
    try:
        from python_calamine import CalamineError, CalamineWorkbook
    except ImportError:
        raise MissingExtra("the reader of Excel sheets", "excel") from None
    try:
        book = CalamineWorkbook.from_object(path if file.content is None else file.open())
        name = _sheet_named(path, layout.sheet, book.sheet_names)
        cells = book.get_sheet_by_name(name).to_python(skip_empty_area=False)
    except CalamineError as problem:
        raise fault(path, f"cannot be read as a sheet: {problem}") from None
    filled = [sum(cell != "" for cell in row) for row in cells]
    widest = max(filled, default=0)
    if not widest:
        raise fault(path, f"holds nothing in its sheet {name!r}")
    at = layout.header or next(place for place, count in enumerate(filled, 1) if 2 * count > widest)
    columns = columns_of(path, at, cells[at - 1] if at <= len(cells) else ())
    notes = [f"read from its sheet {name!r}; others are {', '.join(others)}"
             for others in [[one for one in book.sheet_names if one != name]] if others]  # fmt: skip
    if at > 1 and layout.header is None:
        notes.append(f"row {at} is taken to name the columns")

    def read() -> Rows:
        return ((line, [_cell(one) for one in row]) for line, row in enumerate(cells[at:], at + 1))

    return table_of(path, "a sheet", f"sheet {name!r}", notes, columns, read, Unread())


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
