"""Answers in the format asked for: a page or a table on a terminal, JSON, JSON lines, CSV, Markdown."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Iterable
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from timeline.cli.options import Output
from timeline.cli.screen import as_json, out, stdout
from timeline.formats import Table

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from timeline.formats import Page
    from timeline.log import Rows

_FORMULA: Final = re.compile(r"[\t\r\n\0]|\s*[-=+@＝＋－＠]")
"""What a formula begins with for one program or another, also in full width (OWASP, "CSV Injection")."""
_NUMBER: Final = re.compile(r"-?[0-9]+\.?[0-9]*")
_MARKUP: Final = re.compile(r"([\\`*_\[\]<>|~])")


def answer(
    file: Output,
    value: Callable[[], Any],
    table: Callable[[], Table] | None = None,
    page: Callable[[Page], Any] | None = None,
) -> None:
    """Write an answer to standard output in the format asked for.

    `value` gives it for JSON, `table` for formats of rows, if those are not of the parts of `value`; `page`
    writes it for people, if not as a table.
    """
    if file.format == "json":
        as_json(value())
    elif file.for_people and page is not None:
        page(out())
    else:
        _WRITE[file.format](_rows(value()) if table is None else table())


def _rows(value: Any) -> Table:
    return Table.of(*(value if isinstance(value, list) else (value,)))


def rows_told(file: Output, rows: Rows) -> None:
    """Write the rows of a query to standard output in the format asked for."""
    answer(file, rows.as_dicts, lambda: Table(rows.columns, rows))


def read_in(file: Output, tz: str | None) -> ZoneInfo | None:
    """The zone that people are told instants in; in the formats that programs read they are in UTC.

    Raises:
        NotAllowed: if there is no such zone.
    """
    from timeline.values import zone

    there = zone(tz)
    return there if file.format in {"table", "markdown"} else None


def _table(table: Table) -> None:
    out().table(table.columns, table.rows)


def _lines(table: Table) -> None:
    for row in table.rows:
        as_json(dict(zip(table.columns, row, strict=True)), indent=None)


def _csv(table: Table) -> None:
    writer = csv.writer(stdout(), lineterminator="\r\n")
    writer.writerow(map(defused, table.columns))
    writer.writerows(map(defused, row) for row in table.rows)


def defused(value: Any) -> str:
    """A value as the text of a cell of CSV; a text that spreadsheets would run is led by an apostrophe.

    A plain number stays one, also below zero. Blanks before a formula do not hide it.

    >>> defused("=1+1"), defused(-1), defused("-2.5"), defused(" -1+1")
    ("'=1+1", '-1', '-2.5', "' -1+1")
    """
    from timeline.formats import cell

    text = cell(value)
    number = isinstance(value, int | float | Decimal) or _NUMBER.fullmatch(text)
    runs = _FORMULA.match(value if isinstance(value, str) else text)
    return f"'{text}" if runs and not number else text


def _markdown(table: Table) -> None:
    write = stdout().write
    write(_row(table.columns))
    write(f"|{' --- |' * len(table.columns)}\n")
    for row in table.rows:
        write(_row(row))


def _row(values: Iterable[Any]) -> str:
    from timeline.formats import cell

    cells = (_MARKUP.sub(r"\\\1", cell(value)) for value in values)
    return f"| {' | '.join(cells)} |\n"


_WRITE: Final[dict[str, Callable[[Table], None]]] = {
    "table": _table,
    "jsonl": _lines,
    "csv": _csv,
    "markdown": _markdown,
}
