"""Answers as tables: their columns, one definition for each kind, and rows as text, CSV, Markdown, HTML."""

from __future__ import annotations

import csv
import functools
import math
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import IO, TYPE_CHECKING, Any, Final, ParamSpec

import attrs

from timeline.values import as_html, html_table, iso, plain, printable

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from timeline.formats.loading import Loaded, LoadedTable
    from timeline.maintenance import Redaction, Report
    from timeline.moment import Shown
    from timeline.records import Commit, Record
    from timeline.values import Framed, Kind
    from timeline.vocabulary import EventType, StateType

_DAY: Final = timedelta(days=1)
_FORMULA: Final = re.compile(r"[\t\r\n\0]|\s*[-=+@＝＋－＠]")
"""What a formula begins with for one program or another, also in full width (OWASP, "CSV Injection")."""
_NUMBER: Final = re.compile(r"-?[0-9]+\.?[0-9]*")
_MARKUP: Final = re.compile(r"([\\`*_\[\]<>|~])")
Given = ParamSpec("Given")
Rows = Iterator[tuple[Any, ...]]


@attrs.frozen
class Table:
    """An answer as rows under columns, from which all formats of rows follow."""

    columns: Sequence[str]
    rows: Iterable[Sequence[Any]]

    @classmethod
    def of(cls, *several: Mapping[str, Any]) -> Table:
        """Mappings as rows; the columns are the keys of all, in the order met."""
        columns = list(dict.fromkeys(name for one in several for name in one))
        return cls(columns, [[one.get(name) for name in columns] for one in several])


# Cells, and tables of them in formats of text


def cell(value: Any) -> str:
    """One value of a table as text on one line; what is absent is empty."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Decimal) and value.is_finite():
        return plain(value)
    if isinstance(value, Mapping):
        return ", ".join(f"{cell(key)}: {cell(one)}" for key, one in value.items())
    if isinstance(value, list | tuple):
        return ", ".join(map(cell, value))
    return printable(str(value))


def read_columns(table: Table) -> Sequence[Sequence[str]]:
    """The columns of a table as people read them, each under its name; the instants of a column are alike."""
    rows = list(table.rows)
    return [
        [printable(name), *_read_alike([row[place] for row in rows])]
        for place, name in enumerate(table.columns)
    ]


def _read_alike(values: Sequence[Any]) -> Iterable[str]:
    """The values of a column: instants as days where all of them begin or end one, else all to the second."""
    instants = [one for one in values if isinstance(one, datetime)]
    if not instants or len(instants) < sum(one is not None for one in values):
        return map(read_cell, values)
    if all(one.time() in (time.min, time.max) for one in instants):
        return ("" if one is None else f"{one.date()}" for one in values)
    finer = any(one.microsecond and one.time() != time.max for one in instants)
    kept = "microseconds" if finer else "seconds"
    return ("" if one is None else one.isoformat(" ", kept) for one in values)


def read_cell(value: Any) -> str:
    """The same as people read it: the end of a day is that day, and whole days are without hours."""
    if isinstance(value, datetime) and value.time() == time.max:
        return f"{value.date()}"
    if isinstance(value, timedelta) and value % _DAY == timedelta(0):
        return f"{value // _DAY} day{'' if value == _DAY else 's'}"
    if isinstance(value, list | tuple):
        return ", ".join(map(read_cell, value))
    return cell(value)


def json_ready(value: Any) -> Any:
    """A value without what JSON has not: numbers that are none, and keys that are no texts."""
    if isinstance(value, Mapping):
        return {str(key): json_ready(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [json_ready(one) for one in value]
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, Decimal):
        return plain(value) if value.is_finite() else None
    return value


def csv_written(table: Table, file: IO[str]) -> None:
    """Write a table as CSV."""
    writer = csv.writer(file, lineterminator="\r\n")
    writer.writerow(map(_defused, table.columns))
    writer.writerows(map(_defused, row) for row in table.rows)


def _defused(value: Any) -> str:
    """A value as the text of a cell of CSV; a text that spreadsheets would run is led by an apostrophe.

    A plain number stays one, also below zero. Blanks before a formula do not hide it.

    >>> _defused("=1+1"), _defused(-1), _defused("-2.5"), _defused(" -1+1")
    ("'=1+1", '-1', '-2.5', "' -1+1")
    """
    text = cell(value)
    number = isinstance(value, int | float | Decimal) or _NUMBER.fullmatch(text)
    runs = _FORMULA.match(value if isinstance(value, str) else text)
    return f"'{text}" if runs and not number else text


def markdown_written(table: Table, file: IO[str]) -> None:
    """Write a table as Markdown."""
    file.write(_markdown(table.columns))
    file.write(f"|{' --- |' * len(table.columns)}\n")
    file.writelines(map(_markdown, table.rows))


def _markdown(row: Iterable[Any]) -> str:
    cells = (_MARKUP.sub(r"\\\1", cell(value)) for value in row)
    return f"| {' | '.join(cells)} |\n"


def html_link(words: str, url: str | None) -> str:
    """Words, as a link where the address is one of the web; what else an address may do is not let in."""
    if url is None or not url.lower().startswith(("https://", "http://")):
        return as_html(words)
    return f'<a href="{as_html(url)}" rel="noopener noreferrer">{as_html(words)}</a>'


def parquet_of(rows: Any) -> bytes:
    """A file of Parquet with what is handed over as Arrow, such as the rows of a query."""
    from timeline.log import connect

    with TemporaryDirectory() as folder, connect() as writer:
        path = Path(folder) / "rows.parquet"
        writer.from_arrow(rows).write_parquet(str(path))
        return path.read_bytes()


def tsv_written(table: Table, file: IO[str]) -> None:
    """Write a table with tabs between its columns, and none in them; a line for each row."""
    file.writelines("\t".join(map(cell, row)) + "\n" for row in (table.columns, *table.rows))


def html_written(table: Table, file: IO[str]) -> None:
    """Write a table as HTML, to stand in a page."""
    rows = ([as_html(cell(value)) for value in row] for row in table.rows)
    file.write(f"{html_table('', table.columns, rows)}\n")


# The columns of each kind of answer


def _under(*columns: str) -> Callable[[Callable[Given, Rows]], Callable[Given, Table]]:
    """Have what gives the rows of an answer give them as a table under columns."""

    def tabled(rows: Callable[Given, Rows]) -> Callable[Given, Table]:
        @functools.wraps(rows)
        def table(*given: Given.args, **named: Given.kwargs) -> Table:
            return Table(columns, list(rows(*given, **named)))

        return table

    return tabled


def of_answer(found: Framed, zone: ZoneInfo | None = None) -> Table:
    """The rows of an answer; instants in UTC or a zone."""
    frame = found.as_table()
    kinds = list(frame.columns.values())

    def told(value: Any, kind: Kind) -> Any:
        return iso(value, zone) if kind == "instant" else value

    return Table(tuple(frame.columns), [tuple(map(told, row, kinds)) for row in frame.rows])


def of_records(
    records: Iterable[Record], superseded: Mapping[int, Record], zone: ZoneInfo | None = None
) -> Table:
    """A row for each record, with what overrules it; since when known in UTC or a zone."""
    from timeline.records import Records

    table = of_answer(Records(records), zone)
    columns, place = list(table.columns), list(table.columns).index("actor")
    rows = []
    for row in table.rows:
        newer = superseded.get(row[0])
        rows.append((*row[:place], None if newer is None else newer.position, *row[place:]))
    return Table((*columns[:place], "superseded_by", *columns[place:]), rows)


@_under("what", "told")
def of_shown(found: Shown) -> Rows:
    """A row for each thing that there is to say of a record."""
    for what, several in found.parts():
        for parts in several:
            yield what, "".join(part if isinstance(part, str) else part[0] for part in parts)


def of_commits(*commits: tuple[str | None, Commit]) -> Table:
    """A row for each record that is new, or that the log had already; with the file, where it is from one."""
    filed = any(path is not None for path, _ in commits)
    rows = [
        (*((path,) if filed else ()), new, *row)
        for path, commit in commits
        for new, records in ((True, commit.records), (False, commit.unchanged))
        for row in of_records(records, {}).rows
    ]
    return Table((*(("file",) if filed else ()), "new", *of_records((), {}).columns), rows)


def of_loaded(loaded: Loaded) -> Table:
    """The records of all files; or, where anything is wrong, a row for each fault."""
    if not loaded.faults:
        return of_commits(*((one.path, one.commit) for one in loaded.files))
    return Table.of(*(one.as_dict() for one in loaded.faults))


def of_sample(loaded: LoadedTable) -> Table:
    """The first records of a table, each with its row."""
    records = of_records([record for _, record in loaded.imported.sample], {})
    rows = ((row, *told) for (row, _), told in zip(loaded.imported.sample, records.rows, strict=True))
    return Table(("row", *records.columns), list(rows))


def of_faults(loaded: LoadedTable) -> Table:
    """A row for each thing that is wrong with a table."""
    return Table(
        ("file", "row", "column", "problem"), [(loaded.table.path, *one) for one in loaded.imported.faults]
    )


@_under("what", "position", "problem", "derived")
def of_report(found: Report) -> Rows:
    """A row for each fault."""
    for one in found.faults:
        yield one.what, one.position, one.problem, one.derived


@_under("what", "place", "text", "account")
def of_redaction(found: Redaction) -> Rows:
    """A row for each record that is redacted, then one for each that may be about the same."""
    for record, account in zip(found.records, found.accounts, strict=True):
        yield "redacted", f"#{record}", None, account
    for one in found.mentions:
        yield "mention", one.place, one.text, None


@_under("is", "name", "says")
def of_types(says: Mapping[str, Mapping[str, str]]) -> Rows:
    """A row for each event type, state and rule, of what each says."""
    yield from ((kind[:-1], name, text) for kind, several in says.items() for name, text in several.items())


@_under("field", "kind", "needed", "choices")
def of_event_type(kind: EventType) -> Rows:
    """A row for each field of an event type."""
    yield "occurred", "when", True, []
    for one in kind.fields:
        yield one.name, one.kind.name, one.required, list(one.choices)


@_under("field", "is", "from")
def of_state_type(kind: StateType) -> Rows:
    """A row for each field of a state."""
    for name, fold in kind.folds.items():
        yield name, fold.kind, list(fold.types)
