"""A log with a tail that is never committed: a database of its own, in memory, that reads on in the file."""

from __future__ import annotations

import itertools
import re
import threading
import weakref
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Final

import attrs
import duckdb

from timeline.compile import SPAN_TABLES, TypedTable, contributed, quoted, span_table, statement
from timeline.log.duckdb import schema
from timeline.log.duckdb.ids import resolve
from timeline.log.duckdb.log import Layer, Log
from timeline.log.duckdb.writing import Unwritten, write_commits
from timeline.log.head import Head
from timeline.records import Codec, Record
from timeline.vocabulary import Catalogue

if TYPE_CHECKING:
    from timeline.log.duckdb.sharing import Instance

_TABLES: Final = (
    *("log", "commits", "sources", "entities", "entity_names", "hidden", "ids_today"),
    *("sameness", "rereads", "refeeds", "feeds"),
)
"""What is written on top; each has a view of that name, which reads on in the file."""
_AS_THEY_ARE: Final = ("shapes", "foldings", "letters")
_numbers: Final = itertools.count(1)


@attrs.frozen
class Tail:
    """Commits on top of a log up to a base that are only supposed."""

    base: Head
    commits: tuple[Unwritten, ...] = ()

    @property
    def records(self) -> Sequence[Record]:
        """The records of all of them, in order."""
        return tuple(record for one in self.commits for record in one.records)

    @property
    def head(self) -> Head:
        """Where the log would end; its digest is that of the log, since nothing is written."""
        records = self.records
        if not records:
            return self.base
        return Head(records[-1].position, records[-1].recorded_at, self.base.digest)

    def with_more(self, commit: Unwritten) -> Tail:
        """The same with one more on top."""
        return attrs.evolve(self, commits=(*self.commits, commit)) if commit.records else self

    def upto(self, position: int) -> Tail:
        """The same without what is supposed behind a position."""
        return attrs.evolve(self, commits=tuple(filter(None, (_upto(one, position) for one in self.commits))))


def _upto(commit: Unwritten, position: int) -> Unwritten | None:
    records = [one for one in commit.records if one.position <= position]
    spoken = {entity for one in records for entity in one.entities}
    entities = [one for one in commit.entities if one.id in spoken]
    return attrs.evolve(commit, records=records, entities=entities) if records else None


@attrs.frozen(eq=False)
class Footing:
    """Where a world is laid out: in which instance, as which databases, over which file with which spans.

    `made` is what there is of it beside the log. Its databases are given back once nobody has it any more.
    """

    instance: weakref.ref[Instance]
    layer: Layer
    file: str
    spanned: int
    made: set[str] = attrs.field(factory=set)


class World:
    """A tail as a file has it with the tail on top, made in the instance of the file when it is asked for.

    Two databases in memory: what is written goes into the one, and the other has a view for each table, over
    that of the file and that of the one. So all SQL that is put to a file can be put to it. May be used from
    several threads: what holds of a connection that was put into it is with what `enter` gives.
    """

    def __init__(self, tail: Tail) -> None:
        self.tail = tail
        self._lock = threading.Lock()
        self._laid: Footing | None = None

    def enter(
        self,
        connection: duckdb.DuckDBPyConnection,
        instance: Instance,
        codec: Codec,
        *,
        typed: bool = False,
        query: str | None = None,
    ) -> Footing:
        """Put a connection into it, with typed tables, or whatever a query may name, if these are asked for.

        The connection must be in no transaction.
        """
        with self._lock:
            laid = self._laid
            if laid is None or laid.instance() is not instance:
                laid = self._laid = self._make(connection, instance, codec)
            connection.execute(f"USE {laid.layer.read}")
            for what, sql in self._wanted(laid, codec.catalogue, typed=typed, query=query):
                if what not in laid.made:
                    _together(connection, [sql])
                    laid.made.add(what)
            return laid

    def _wanted(
        self, laid: Footing, catalogue: Catalogue, *, typed: bool, query: str | None
    ) -> Iterator[tuple[str, str]]:
        """What is to be there beside the log, each with the SQL that makes it."""
        if typed or query is not None:
            several = (TypedTable.of(kind) for kind in catalogue.events.values())
            yield "typed", ";".join(self._typed(laid, one) for one in several)
        if query is not None:
            yield "cited", f"CREATE OR REPLACE VIEW sources AS {self._filled(laid, 'cited sources')}"
            for name, sql in schema.asked_in(catalogue, query):
                yield f"asked {name}", sql

    def holds(self, connection: duckdb.DuckDBPyConnection, laid: Footing) -> bool:
        """Whether what was made of spans still holds, in a transaction: the file has none behind the base."""
        if laid.spanned == self._spanned(connection, laid.file):
            return True
        with self._lock:
            if self._laid is laid:
                self._laid = None
        return False

    def _spanned(self, connection: duckdb.DuckDBPyConnection, file: str) -> int:
        """Up to where the spans of the file count: of spans that reach behind the base, none do."""
        [(base,)] = connection.execute(f"SELECT base FROM {file}.main.meta").fetchall()  # noqa: S608
        return int(base) if base <= self.tail.base.position else 0

    def _make(self, connection: duckdb.DuckDBPyConnection, instance: Instance, codec: Codec) -> Footing:
        there = connection.execute("SELECT database_name FROM duckdb_databases()").fetchall()
        names = {name.lower() for (name,) in there}
        called = next(
            one for one in (f"what if {number}" for number in _numbers) if not names & {one, f"{one} says"}
        )
        layer = Layer(quoted(called), quoted(f"{called} says"), self.tail.base.position, self.tail.head)
        [(file,)] = connection.execute("SELECT current_database()").fetchall()
        spanned = self._spanned(connection, quoted(file))
        laid = Footing(weakref.ref(instance), layer, quoted(file), spanned)
        weakref.finalize(laid, _drop, weakref.ref(instance), layer).atexit = False
        for database in layer.read, layer.write:
            connection.execute(f"ATTACH ':memory:' AS {database} (READ_WRITE)")
        connection.execute(f"USE {layer.write}")
        types = {one.event.__timeline__.name for one in self.tail.records if one.event is not None}
        said = [f"said.{quoted(name)}" for name in sorted(types)]
        _together(
            connection,
            [
                *(f"CREATE TABLE {one} AS FROM {laid.file}.main.{one} LIMIT 0" for one in _TABLES),
                "CREATE SCHEMA said",
                *(f"CREATE TABLE {one} AS FROM {laid.file}.{one} LIMIT 0" for one in said),
            ],
        )
        connection.execute(f"USE {layer.read}")
        _together(connection, self._views(laid, codec))
        self._fill(connection, laid, codec)
        return laid

    def _views(self, laid: Footing, codec: Codec) -> Iterator[str]:
        states = codec.catalogue.states.values()
        behind = laid.spanned == 0
        fed = contributed(states, laid.file) if behind else f"FROM {laid.file}.main.feeds"
        yield "CREATE SCHEMA said"
        yield "CREATE SCHEMA spans"
        for name in (*_TABLES, "meta"):
            yield f"CREATE VIEW {name} AS {self._filled(laid, name, fed=fed, spanned=str(laid.spanned))}"
        for name in _AS_THEY_ARE:
            yield f"CREATE VIEW {name} AS FROM {laid.file}.main.{name}"
        for state in states:
            for what in SPAN_TABLES:
                table = span_table(state, what)
                none = " WHERE false" if behind else ""
                yield f"CREATE VIEW {table} AS FROM {laid.file}.{table}{none}"

    def _typed(self, laid: Footing, table: TypedTable) -> str:
        """The SQL of a view in the place of a typed table, with what is on top if there is any."""
        name, base = table.layout.table, self.tail.base.position
        on_top = any(one.event is not None and one.type == table.type.name for one in self.tail.records)
        more = f" UNION ALL FROM {laid.layer.write}.{name}" if on_top else ""
        return f"CREATE VIEW {name} AS FROM {laid.file}.{name} AS told WHERE told.position <= {base}{more}"

    def _fill(self, connection: duckdb.DuckDBPyConnection, laid: Footing, codec: Codec) -> None:
        """Write what is on top, and whom entities were read as at the base, if that has changed since."""
        connection.execute("BEGIN TRANSACTION")
        try:
            log = Log(connection, codec, {}, layer=laid.layer)
            asked = self._filled(laid, "later samenesses") if codec.catalogue.sameness else "SELECT false"
            if connection.execute(asked).fetchall() == [(True,)]:
                resolve(log, log.samenesses())
            after = self.tail.base
            for one in self.tail.commits:
                [after] = write_commits(log, [one], after)
        except BaseException:
            with suppress(duckdb.Error):
                connection.execute("ROLLBACK")
            raise
        connection.execute("COMMIT")

    def _filled(self, laid: Footing, name: str, **more: str) -> str:
        sql = statement("world", name).rstrip(";")
        slots = {"there": f"{laid.file}.main", "here": f"{laid.layer.write}.main", **more}
        slots["base"] = str(self.tail.base.position)
        return re.sub(r"(?<!:):([a-z]+)\b", lambda found: slots[found[1]], sql)


def _together(connection: duckdb.DuckDBPyConnection, statements: Iterable[str]) -> None:
    """Run statements in a transaction of their own."""
    connection.execute("; ".join(["BEGIN TRANSACTION", *statements, "COMMIT"]))


def _drop(instance: weakref.ref[Instance], layer: Layer) -> None:
    """Give back the memory of a world that nobody has any more, while the file is open."""
    there = instance()
    if there is not None:
        with suppress(duckdb.Error), there.connection.cursor() as cursor:
            for database in layer.read, layer.write:
                cursor.execute(f"DETACH DATABASE IF EXISTS {database}")
