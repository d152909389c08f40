"""The layout of a timeline file: made, recognised, and fitted to a catalogue."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import Final
from unicodedata import unidata_version

import duckdb

from timeline.bulk.imported import Progress
from timeline.catalogue import Catalogue
from timeline.codec import Codec
from timeline.errors import CatalogueError, NewerTimeline, NotATimeline, StandIn
from timeline.foldings import foldings
from timeline.log import Log
from timeline.macros import state_macros
from timeline.statements import statement
from timeline.tables import Table, quoted

__all__ = ["FORMAT", "create", "fits", "format_of", "migrate", "rebuild", "recognise", "types_in_use"]

FORMAT: Final = 4
"""The version of the file's layout that this package writes, and the newest it reads."""

_CHUNK: Final = 10_000


def create(connection: duckdb.DuckDBPyConnection, codec: Codec, written_by: str) -> None:
    """Lay out an empty timeline, with a typed table for each event type."""
    catalogue = codec.catalogue
    connection.execute(statement("schema", "create"))
    described = [FORMAT, written_by, catalogue.name, _stamp(catalogue)]
    connection.execute(statement("schema", "describe"), described)
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
    yield statement("sameness", "tables")
    yield statement("schema", "views")
    for macros in "points", "periods", "lookups":
        yield statement(macros, "macros")
    for kind in catalogue.events.values():
        yield Table(kind).create()
    yield from state_macros(catalogue, same=False)


def _stamp(catalogue: Catalogue) -> str:
    """A digest of all that what is derived depends on: the catalogue, the layout, and Unicode."""
    parts = [catalogue.fingerprint, unidata_version, *_layout(catalogue)]
    parts += state_macros(catalogue, same=True)
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()


def recognise(connection: duckdb.DuckDBPyConnection, path: str) -> bool:
    """Whether the file holds a timeline; False if it holds nothing at all.

    Raises:
        NotATimeline: if it is some other database.
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
    if format_ > FORMAT:
        raise NewerTimeline(path, f"in format {format_} (written by {written_by})", f"format {FORMAT}")
    return True


def format_of(connection: duckdb.DuckDBPyConnection) -> int:
    """The format that a timeline is in."""
    return int(connection.execute(statement("schema", "description")).fetchall()[0][0])


def migrate(connection: duckdb.DuckDBPyConnection) -> None:
    """Bring a timeline of an older format to this one, a step for each; in the caller's transaction.

    What is derived is to be made anew afterwards.
    """
    for number in range(format_of(connection) + 1, FORMAT + 1):
        connection.execute(statement("migrations", str(number)))


def fits(connection: duckdb.DuckDBPyConnection, codec: Codec) -> bool:
    """Whether what is derived is as this package and this catalogue have it."""
    fingerprint = connection.execute(statement("schema", "description")).fetchall()[0][3]
    return bool(fingerprint == _stamp(codec.catalogue))


def types_in_use(connection: duckdb.DuckDBPyConnection) -> list[tuple[str, int, int]]:
    """The event types of which the log holds any, each with its oldest and its newest version there."""
    return connection.execute(statement("schema", "types in use")).fetchall()


def rebuild(
    connection: duckdb.DuckDBPyConnection, codec: Codec, path: str, progress: Progress = lambda *_: None
) -> None:
    """Make all that is derived from the log anew, for this catalogue; in the caller's transaction.

    `progress` is called with the stage, and how many records of how many are done.

    Raises:
        CatalogueError: if the log holds events of types that the catalogue lacks.
        NewerTimeline: if it holds events of newer versions than the catalogue knows.
        StandIn: if somebody has put a table where a view is to be.
    """
    catalogue = codec.catalogue
    used = types_in_use(connection)
    missing = sorted({name for name, _, _ in used} - catalogue.events.keys())
    if missing:
        raise CatalogueError(
            f"the log holds events of types that {catalogue.name} lacks: {', '.join(missing)}"
        )
    for name, _, version in used:
        if version > catalogue.events[name].version:
            known = f"version {catalogue.events[name].version} of it"
            raise NewerTimeline(path, f"a timeline with {name} at version {version}", known)
    _check_room(connection, catalogue, path)
    for (name,) in connection.execute(statement("schema", "typed tables")).fetchall():
        connection.execute(f"DROP VIEW IF EXISTS main.{quoted(name)}; DROP TABLE said.{quoted(name)};")
    for (name,) in connection.execute(statement("schema", "compiled states")).fetchall():
        for view, macro in (name, f"{name}_as_of"), (f"{name}_periods", f"{name}_periods"):
            connection.execute(f"DROP VIEW IF EXISTS main.{quoted(view)};")
            connection.execute(f"DROP MACRO TABLE IF EXISTS main.{quoted(macro)};")
    _lay_out(connection, catalogue)
    connection.execute(statement("log", "clear derived"))
    from timeline.writing import Writer

    log = Log(connection, codec, {})
    writer = Writer(log)
    head = log.head().position
    older = {name for name, version, _ in used if version < catalogue.events[name].version}
    log.find_entities()
    log.run("entities anew")
    writer.name_by_ids(log.run("called by ids"))
    for start in range(0, head, _CHUNK):
        progress("deriving", start, head)
        records = log.records(after=start, upto=min(start + _CHUNK, head))
        writer.derive(records)
        writer.feed_each(record for record in records if record.type in older)
    progress("states", 0, head)
    for name, _, _ in used:
        if name not in older:
            writer.feed(1, head, name)
    writer.reread(1, head)
    connection.execute(statement("schema", "redescribe"), [catalogue.name, _stamp(catalogue)])
    progress("done", head, head)


def _check_room(connection: duckdb.DuckDBPyConnection, catalogue: Catalogue, path: str) -> None:
    """See that no table is where a view of a type or a state is to be: not ours to drop."""
    views = {*catalogue.events, *catalogue.states, *(f"{name}_periods" for name in catalogue.states)}
    for (name,) in connection.execute(statement("schema", "tables")).fetchall():
        if name.lower() in views:
            raise StandIn(path, "table", f"main.{quoted(name)}", "a view of a timeline")
