"""The layout of a timeline file: made, recognised, fitted to a catalogue; and how Unicode folds names."""

from __future__ import annotations

import functools
import hashlib
import unicodedata
from collections.abc import Iterator
from typing import Final
from unicodedata import unidata_version

import attrs
import duckdb

from timeline.compile import Layout, TypedTable, quoted, span_tables, state_macros, statement
from timeline.log.duckdb.ids import IDS_TODAY, ids_today
from timeline.log.duckdb.log import Log
from timeline.records import Codec
from timeline.values import NewerTimeline, NotATimeline, NotDerived, OtherVocabulary, Progress, StandIn
from timeline.vocabulary import Catalogue, Kept, kept, older, stale, unlike

SEPARATOR: Final = "\x1f"
"""Stands between the characters of a text that lists some; it is none of them itself."""

_PLANES: Final = (range(0xD800), range(0xE000, 0x40000), range(0xE0000, 0xE1000))
"""Where Unicode has characters, private ones aside."""


@attrs.frozen(kw_only=True)
class Foldings:
    """How this version of Unicode folds, character by character, as texts that list characters.

    Of each character that folding changes, `marks` has itself, `plain` its compatibility decomposition and
    `caseless` itself without case. `first` and `last` bound the runs of letters, digits and marks.
    """

    marks: str
    plain: str
    caseless: str
    first: str
    last: str


@functools.cache
def foldings() -> Foldings:
    """The foldings of the version of Unicode that this Python has, some 5,000 characters and 800 runs."""
    changed: list[tuple[str, str, str]] = []
    runs: list[tuple[str, str]] = []
    for code in (code for plane in _PLANES for code in plane):
        mark = chr(code)
        category = unicodedata.category(mark)
        if category == "Cn":
            continue
        if category[0] in "LNM":
            joins = runs and ord(runs[-1][1]) == code - 1
            runs.append((runs.pop()[0] if joins else mark, mark))
        caseless, composed = mark.casefold(), unicodedata.decomposition(mark)
        plain = unicodedata.normalize("NFKD", mark) if composed else mark
        if caseless != mark or (composed and plain != unicodedata.normalize("NFD", mark)):
            changed.append((mark, plain, caseless))
    marks, plains, caselesses = (SEPARATOR.join(column) for column in zip(*changed, strict=True))
    first, last = (SEPARATOR.join(column) for column in zip(*runs, strict=True))
    return Foldings(marks=marks, plain=plains, caseless=caselesses, first=first, last=last)


FORMAT: Final = 6
"""The version of the file's layout that this package writes, and the newest it reads."""

OLDEST: Final = 3
"""The oldest that it reads; no release wrote the ones before."""

SHAPES: Final = Layout(
    "shapes", {"sort": "VARCHAR", "name": "VARCHAR", "version": "INTEGER", "shape": "VARCHAR"}
)
"""The table: of each event type and version, and of each state, at version 1, its shape in JSON."""

_CHUNK: Final = 10_000


def create(connection: duckdb.DuckDBPyConnection, codec: Codec, written_by: str) -> None:
    """Lay out an empty timeline, with a typed table for each event type."""
    catalogue = codec.catalogue
    connection.execute(statement("schema", "create"))
    described = [FORMAT, written_by, catalogue.name, _stamp(catalogue)]
    connection.execute(statement("schema", "describe"), described)
    keep_shapes(connection, kept(catalogue))
    _lay_out(connection, catalogue)


def _lay_out(connection: duckdb.DuckDBPyConnection, catalogue: Catalogue) -> None:
    """Make the macros, the typed tables of events and the compiled states, empty."""
    folds = foldings()
    connection.execute(statement("lookups", "foldings"), [folds.marks, folds.plain, folds.caseless])
    connection.execute(statement("lookups", "letters"), [folds.first, folds.last])
    for sql in _layout(catalogue):
        connection.execute(sql)


def _layout(catalogue: Catalogue) -> Iterator[str]:
    """The SQL that makes what is derived, but for how names are folded."""
    yield statement("schema", "feeds")
    yield statement("schema", "no spans")
    for state in catalogue.states.values():
        yield span_tables(state)
    yield statement("schema", "ids today")
    yield statement("sameness", "tables")
    yield from _public()
    for kind in catalogue.events.values():
        yield TypedTable(kind).create()
    for state in catalogue.compiled:
        yield from state_macros(state)


def _public() -> Iterator[str]:
    """The SQL that makes what people ask beside events and states."""
    yield statement("schema", "views")
    for macros in "points", "periods", "lookups":
        yield statement(macros, "macros")


def asked_in(catalogue: Catalogue, query: str) -> Iterator[tuple[str, str]]:
    """The SQL that makes what a query may ask; first by what, which is once for all but states."""
    yield "", ";".join([*_public(), *(TypedTable(kind).view() for kind in catalogue.events.values())])
    text = query.lower()
    for state in catalogue.compiled:
        if state.name.lower() in text or "query" in text:  # by which DuckDB takes names as values
            yield state.name, ";".join(state_macros(state))


def _stamp(catalogue: Catalogue) -> str:
    """A digest of all that what is derived depends on: the catalogue, the layout, and Unicode.

    Empty without a vocabulary, as nothing that depends on one is derived then.
    """
    if not catalogue.known:
        return ""
    parts = [catalogue.fingerprint, unidata_version, *_layout(catalogue)]
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()


def recognise(connection: duckdb.DuckDBPyConnection, path: str) -> bool:
    """Whether the file holds a timeline; False if it holds nothing at all.

    Raises:
        NotATimeline: if it is some other database, or in a format that no release wrote.
        NewerTimeline: if its layout is newer than this package knows.
    """
    tables = {name for (name,) in connection.execute(statement("schema", "tables")).fetchall()}
    if not tables:
        return False
    if not {"meta", "log", "commits"} <= tables:
        raise NotATimeline(path, f"it is a database with other tables ({', '.join(sorted(tables)[:3])})")
    try:
        format_, written_by, _, _ = connection.execute(statement("schema", "description")).fetchall()[0]
    except (duckdb.Error, IndexError):
        raise NotATimeline(path, "it does not say in which format it is") from None
    if not isinstance(format_, int) or format_ < 1:
        raise NotATimeline(path, "it does not say in which format it is")
    if format_ < OLDEST:
        raise NotATimeline(path, unreleased(format_))
    if format_ > FORMAT:
        raise NewerTimeline(path, f"in format {format_} (written by {written_by})", f"format {FORMAT}")
    return True


def unreleased(number: int) -> str:
    """What is the matter with a format that is older than those read, in words."""
    return f"it is in format {number}, which no release wrote; formats {OLDEST} to {FORMAT} are read"


def format_of(connection: duckdb.DuckDBPyConnection) -> int:
    """The format that a timeline is in."""
    return int(connection.execute(statement("schema", "description")).fetchall()[0][0])


def migrate(connection: duckdb.DuckDBPyConnection, path: str) -> None:
    """Bring a timeline of an older format to this one, a step for each; in the caller's transaction.

    What is derived is to be made anew afterwards.

    Raises:
        StandIn: if somebody has made a schema that is called like ours.
    """
    if format_of(connection) < 6 and connection.execute(statement("schema", "spans there")).fetchall():
        raise StandIn(path, "schema", "spans", "what states are read from")
    for number in range(format_of(connection) + 1, FORMAT + 1):
        connection.execute(statement("migrations", str(number)))


def fits(connection: duckdb.DuckDBPyConnection, codec: Codec) -> bool:
    """Whether what is derived is as this package and this catalogue have it."""
    return fingerprint(connection) == _stamp(codec.catalogue)


def fingerprint(connection: duckdb.DuckDBPyConnection) -> str:
    """A digest of the vocabulary and the layout for which what is derived was made; empty if nothing is."""
    return str(connection.execute(statement("schema", "description")).fetchall()[0][3])


def types_in_use(connection: duckdb.DuckDBPyConnection) -> list[tuple[str, int, int]]:
    """The event types and versions of which the log holds records that say something, and how many."""
    return connection.execute(statement("schema", "types in use")).fetchall()


def shapes(connection: duckdb.DuckDBPyConnection) -> dict[tuple[str, str, int], str]:
    """The shapes that the file keeps of event types and states, by sort, name and version."""
    rows = connection.execute(statement("schema", "shapes")).fetchall()
    return {(sort, name, version): shape for sort, name, version, shape in rows}


def keep_shapes(connection: duckdb.DuckDBPyConnection, several: Kept) -> None:
    """Have the file keep these shapes, and no others."""
    connection.execute(statement("schema", "forget shapes"))
    rows = [[*key, shape] for key, shape in sorted(several.items())]
    connection.execute(SHAPES.insert, [SHAPES.columns(rows)])


def written_with(connection: duckdb.DuckDBPyConnection) -> str:
    """The name of the vocabulary that the file was last written with."""
    return str(connection.execute(statement("schema", "description")).fetchall()[0][2])


def check_vocabulary(
    connection: duckdb.DuckDBPyConnection, catalogue: Catalogue, path: str, written: str | None = None
) -> None:
    """See that a vocabulary has all that the log holds, as it was when that was said.

    `written` is the name of the vocabulary that it was written with, unless the file says it.

    Raises:
        OtherVocabulary: if it lacks a type or a version, or gives the same version another shape.
    """
    differences = unlike(catalogue, types_in_use(connection), shapes(connection))
    if differences:
        name = written or written_with(connection)
        raise OtherVocabulary(path, catalogue.name, catalogue.place, name, differences)


def check_derived(connection: duckdb.DuckDBPyConnection, catalogue: Catalogue, path: str) -> None:
    """See that what is derived means what the vocabulary says now.

    Raises:
        NotDerived: if a state or an event type is otherwise, or is new.
    """
    nothing = [] if fingerprint(connection) else ["nothing is derived yet"]
    differences = nothing or stale(catalogue, shapes(connection))
    if differences:
        raise NotDerived(path, catalogue.name, catalogue.place, differences)


def rebuild(
    connection: duckdb.DuckDBPyConnection, codec: Codec, path: str, progress: Progress = lambda *_: None
) -> None:
    """Make all that is derived from the log anew, for this catalogue; in the caller's transaction.

    Without a vocabulary that is what follows from the log alone, and the rest is gone until there is one.
    `progress` is called with the stage, and how many records of how many are done.

    Raises:
        OtherVocabulary: if the log holds events that the catalogue does not have, or has otherwise.
        StandIn: if somebody has put a table where a view is to be.
    """
    catalogue = codec.catalogue
    if catalogue.known and not fits(connection, codec):
        check_vocabulary(connection, catalogue, path)
    used = types_in_use(connection)
    held = {(name, version) for name, version, _ in used}
    before = {key: one for key, one in shapes(connection).items() if key[0] == "event" and key[1:] in held}
    keep_shapes(connection, before | dict(kept(catalogue)))
    _check_room(connection, catalogue, path)
    for (name,) in connection.execute(statement("schema", "typed tables")).fetchall():
        connection.execute(f"DROP VIEW IF EXISTS main.{quoted(name)}; DROP TABLE said.{quoted(name)};")
    for (name,) in connection.execute(statement("schema", "compiled states")).fetchall():
        for view in name, f"{name}_periods":
            connection.execute(f"DROP VIEW IF EXISTS main.{quoted(view)};")
        for macro in f"{name}_as_of", f"{name}_slots_as_of", f"{name}_periods":
            connection.execute(f"DROP MACRO TABLE IF EXISTS main.{quoted(macro)};")
    _lay_out(connection, catalogue)
    connection.execute(statement("log", "clear derived"))
    from timeline.log.duckdb.writing import Writer

    log = Log(connection, codec, {})
    writer = Writer(log)
    head = log.head().position
    outdated = older(catalogue, used)
    log.find_entities()
    log.run("entities anew")
    writer.name_by_ids(log.run("called by ids"))
    for start in range(0, head, _CHUNK):
        progress("deriving", start, head)
        records = log.records(after=start, upto=min(start + _CHUNK, head))
        writer.derive(records)
        old = [record for record in records if record.type in outdated]
        writer.feed_each([*old, *(record for record in records if record.problem)])
        log.add(IDS_TODAY, list(ids_today(log, old)))
    progress("states", 0, head)
    for name in sorted({name for name, _, _ in used} - outdated):
        if name in catalogue.events:
            writer.feed(1, head, name)
    writer.reread(1, head)
    writer.catch_up(head)
    name = catalogue.name if catalogue.known else written_with(connection)
    connection.execute(statement("schema", "redescribe"), [name, _stamp(catalogue)])
    progress("done", head, head)


def _check_room(connection: duckdb.DuckDBPyConnection, catalogue: Catalogue, path: str) -> None:
    """See that no table is where a view of a type or a state is to be: not ours to drop."""
    views = {*catalogue.events, *catalogue.states, *(f"{name}_periods" for name in catalogue.states)}
    for (name,) in connection.execute(statement("schema", "tables")).fetchall():
        if name.lower() in views:
            raise StandIn(path, "table", f"main.{quoted(name)}", "a view of a timeline")
