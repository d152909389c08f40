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

from timeline.values import as_html, iso, plain, printable

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from timeline.formats.loading import Loaded, LoadedTable
    from timeline.maintenance import Redaction, Report
    from timeline.moment import (
        Diff,
        Explanation,
        Findings,
        History,
        Listed,
        Plan,
        Relied,
        Shown,
        SingleSourced,
        Why,
    )
    from timeline.records import Commit, Record
    from timeline.vocabulary import EventType, State, StateType

_DAY: Final = timedelta(days=1)
_FORMULA: Final = re.compile(r"[\t\r\n\0]|\s*[-=+@＝＋－＠]")
"""What a formula begins with for one program or another, also in full width (OWASP, "CSV Injection")."""
_NUMBER: Final = re.compile(r"-?[0-9]+\.?[0-9]*")
_MARKUP: Final = re.compile(r"([\\`*_\[\]<>|~])")
_SHORT: Final = 20
_RECORD: Final = ("position", "ref", "occurred", "known_at", "credence", "summary", "sources")
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


def html_table(title: str, columns: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table under its title; the cells are HTML already, the title and columns are text."""
    head = "".join(f'<th scope="col">{as_html(name)}</th>' for name in columns)
    body = "\n".join("<tr>" + "".join(map(_html_cell, row)) + "</tr>" for row in rows)
    caption = f'<caption style="text-align:left;font-weight:bold">{as_html(title)}</caption>' if title else ""
    return f"<table>{caption}<thead><tr>{head}</tr></thead>\n<tbody>\n{body}\n</tbody></table>"


def _html_cell(text: str) -> str:
    """A cell of a table; what is short, such as a date, is kept on one line."""
    return f'<td style="white-space:nowrap">{text}</td>' if len(text) <= _SHORT else f"<td>{text}</td>"


# The columns of each kind of answer


def _under(*columns: str) -> Callable[[Callable[Given, Rows]], Callable[Given, Table]]:
    """Have what gives the rows of an answer give them as a table under columns."""

    def tabled(rows: Callable[Given, Rows]) -> Callable[Given, Table]:
        @functools.wraps(rows)
        def table(*given: Given.args, **named: Given.kwargs) -> Table:
            return Table(columns, list(rows(*given, **named)))

        return table

    return tabled


@_under("field", "key", "value", "records", "unsettled", "contested")
def of_state(state: State) -> Rows:
    """A row for each slot of a field; records by position."""
    for field, value in state.values().items():
        told = (state.because, state.unsettled, state.contested)
        behind = [_places(records[field]) for records in told]
        for key, one in _slots(value):
            yield field, key, one, *behind


def _slots(value: Any) -> Iterator[tuple[Any, Any]]:
    """A value by the keys of its slots; one without has one slot, without a key."""
    from timeline.vocabulary import is_empty, plain_value

    if not isinstance(value, Mapping):
        yield None, None if is_empty(value) else plain_value(value)
    else:
        yield from plain_value(value).items() if value else ((None, None),)


def _said(value: Any, named: Any) -> str | None:
    from timeline.vocabulary import is_empty, value_lines

    return None if is_empty(value) else "; ".join(value_lines(value, named))


def _places(records: Iterable[Record]) -> list[int]:
    return [record.position for record in records]


def _record(one: Record, zone: ZoneInfo | None) -> tuple[Any, ...]:
    """What every table says of a record; since when known in UTC or a zone."""
    occurred = None if one.occurred is None else one.occurred.text
    sources = "; ".join(map(str, one.sources))
    return one.position, one.ref, occurred, iso(one.known_at, zone), one.credence, one.summary, sources


@_under("field", "value", "part", *_RECORD)
def of_explanation(why: Explanation, zone: ZoneInfo | None) -> Rows:
    """A row for each record behind a field, with its part in it; since when known in UTC or a zone."""
    for one in why.fields:
        for part, record in _parts(one):
            yield one.field, _said(one.value, why.state.named), part, *_record(record, zone)


def _parts(why: Why) -> Iterator[tuple[str, Record]]:
    """The records that have a part in a field, each with that part."""
    told = (("because", why.because), ("unsettled", why.unsettled), ("contested by", why.contested))
    for word, reason in ((word, reason) for word, reasons in told for reason in reasons):
        yield word, reason.record
        yield from (("replaced", one) for one in reason.replaced)
        yield from (("attested by", one) for one in reason.attestations)
        yield from (("retracted", one.record) for one in reason.withdrawn)
    yield from (("denied by", record) for record in why.denials)


@_under(*_RECORD, "id", "kind", "type", "target", "superseded_by", "actor", "note")
def of_records(
    records: Iterable[Record], superseded: Mapping[int, Record], zone: ZoneInfo | None = None
) -> Rows:
    """A row for each record; since when known in UTC or a zone."""
    for one in records:
        newer = superseded.get(one.position)
        by = None if newer is None else newer.position
        yield *_record(one, zone), str(one.id), one.kind, one.type, one.target, by, one.actor, one.note


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


def of_history(found: History, zone: ZoneInfo | None) -> Table:
    """A row for each field and period in which it changed, with its bounds, the last one exclusive."""
    axis, rows = found.axis, []
    fields = found.state.folds if found.field is None else (found.field,)
    for period in found.periods:
        told, bounds = period.as_dict(), (iso(period.begins, zone), iso(period.ends, zone))
        for field in (one for one in fields if found.field is not None or one in period.changed):
            unsettled = told["unsettled"].get(field, [])
            said = _said(period.values[field], found.named)
            rows.append((field, said, *bounds, told["opened_by"], told["closed_by"], unsettled))
    ends = (f"{axis}_from", f"{axis}_to")
    return Table(("field", "value", *ends, "opened_by", "closed_by", "unsettled"), rows)


@_under("field", "key", "before", "after", "known_at", "record", "outcome", "actual")
def of_plans(found: Iterable[Plan], zone: ZoneInfo | None) -> Rows:
    """A row for each date announced for a plan: the first one, and each slip, with when it became known."""
    for plan in found:
        told = plan.as_dict()
        turns: list[tuple[Any, ...]] = [(None, told["first"], None, None)]
        for one, said in zip(plan.slips, told["slips"], strict=True):
            turns.append((said["before"], said["after"], iso(one.known_at, zone), one.record.position))
        for turn in turns:
            yield told["field"], told["key"], *turn, told["outcome"], told["actual"]


@_under("what", "fields", "before", "after", "position", "summary", "superseded_by")
def of_diff(found: Diff) -> Rows:
    """A row for each field that differs, then one for each record that is a cause."""
    for change in found.changes:
        before, after = _said(change.before, found.before.named), _said(change.after, found.after.named)
        yield "changed", change.field, before, after, None, None, None
    for one in found.causes:
        yield one.kind, list(one.fields), None, None, one.record.position, one.record.summary, one.by


@_under("rule", "certain", "valid_from", "valid_to", "message", "records", "entities")
def of_check(found: Findings, zone: ZoneInfo | None) -> Rows:
    """A row for each violation; when it holds in UTC or a zone, the last bound exclusive."""
    for one in found.violations:
        when = (iso(one.valid_from, zone), iso(one.valid_to, zone))
        yield one.rule, one.certain, *when, one.message, _places(one.records), list(one.entities)


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


@_under("id", "name", "names", "records", "first", "last", "read_as")
def of_entities(found: Iterable[Listed]) -> Rows:
    """A row for each entity."""
    for one in found:
        names = [name.name for name in one.names]
        yield one.id, one.name, names, one.records, one.first, one.last, one.read_as


@_under("source", "records", "alone")
def of_sources(found: Iterable[Relied]) -> Rows:
    """A row for each source."""
    for one in found:
        yield one.source, one.records, one.alone


@_under("source", "fields", *_RECORD[:-1])
def of_single_sourced(found: SingleSourced, zone: ZoneInfo | None) -> Rows:
    """A row for each record, under the source that it rests on; since when known in UTC or a zone."""
    for leaning in found.by_source:
        for record in leaning.records:
            yield leaning.source, list(leaning.fields), *_record(record, zone)[:-1]


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
