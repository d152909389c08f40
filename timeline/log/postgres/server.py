"""The log of a timeline in PostgreSQL: proposals get their places there, under the server's lock."""

from __future__ import annotations

import threading
import time
import weakref
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import UTC
from importlib import resources
from importlib.metadata import version
from typing import Any, Final, TypeVar

import msgspec
import psycopg
from psycopg.conninfo import conninfo_to_dict

from timeline.compile import Layout
from timeline.log.contract import Moved, Placement, Proposed, Segment, together
from timeline.log.duckdb.receiving import verified
from timeline.log.duckdb.stored import STORED, cited
from timeline.log.duckdb.writing import log_columns, source_row
from timeline.log.head import Head
from timeline.records import COVERED, source_id
from timeline.values import FileFailed, NotAllowed, NotATimeline, ReadOnlyTimeline, Unreachable
from timeline.vocabulary import Kept

T = TypeVar("T")

LAYOUT: Final = 1
"""The version of the layout that this package makes, and the only one that it reads."""

_TRIES: Final = 4
"""So often a call is made where the connection is lost; what it made is found by its name."""
_PAUSE: Final = 0.2
_POLL: Final = 1.0
"""How long it is waited for a notice before the server is asked, in seconds: notices may get lost."""
_HEAD: Final = (
    "SELECT last_position, recorded_at, digest FROM timeline.commits ORDER BY first_position DESC LIMIT 1"
)
_LOST: Final = (psycopg.OperationalError, psycopg.InterfaceError)
_OURS: Final = (
    psycopg.errors.DuplicateSchema,
    psycopg.errors.InsufficientPrivilege,
    psycopg.errors.InvalidSchemaName,
    psycopg.errors.UndefinedTable,
)
"""What has a meaning of its own where it is met."""


class PostgresLog:
    """Such a log; it keeps the contract of shared logs. May be used from several threads."""

    def __init__(self, address: str) -> None:
        self._conninfo = address
        self._lock = threading.RLock()
        self._open: list[psycopg.Connection[Any]] = []
        weakref.finalize(self, _close, self._open)
        self.address = _told(address)
        """Where it is, without a password."""
        self.name = self._named()
        """What tells it from every other log."""

    @classmethod
    def make(cls, address: str) -> PostgresLog:
        """Make the log of a timeline, empty, in a database that has none, with its roles.

        Raises:
            NotAllowed: if it has one.
            ReadOnlyTimeline: if the user may not make schemas and roles there.
            Unreachable: if the server cannot be reached.
        """
        schema = resources.files("timeline.log.postgres").joinpath("schema.sql").read_text("utf-8")
        made = schema.replace(":covered", " || ".join(_covered()))
        with _telling(address), psycopg.connect(address) as connection:
            try:
                connection.execute(made.encode())
            except psycopg.errors.DuplicateSchema:
                raise NotAllowed(
                    f"{_told(address)} holds a timeline already, or a schema of that name"
                ) from None
            except psycopg.errors.InsufficientPrivilege:
                needed = "this user may not make a schema, or roles, there"
                raise ReadOnlyTimeline(_told(address), needed) from None
            connection.execute(
                "INSERT INTO timeline.meta (layout, written_by) VALUES (%s, %s)",
                [LAYOUT, f"timeline {version('timeline')}"],
            )
        return cls(address)

    @classmethod
    def at(cls, address: str) -> PostgresLog:
        """The log of the timeline in a database.

        Raises:
            NotATimeline: if the database has none, or one in another layout, or this user may not read it.
            Unreachable: if the server cannot be reached.
        """
        return cls(address)

    def _named(self) -> str:
        try:
            [(layout, name)] = self._asked("SELECT layout, name::TEXT FROM timeline.meta")
        except (psycopg.errors.UndefinedTable, psycopg.errors.InvalidSchemaName, ValueError):
            raise NotATimeline(self.address, "it has none yet: `timeline init` makes one") from None
        except psycopg.errors.InsufficientPrivilege:
            raise NotATimeline(
                self.address,
                "this user may not read it; `GRANT timeline_read`, or `timeline_append`, would do",
            ) from None
        if layout != LAYOUT:
            raise NotATimeline(self.address, f"it is in layout {layout}, and this version reads {LAYOUT}")
        return str(name)

    def head(self) -> Head:
        """Where it ends now; what can be seen there is durable."""
        rows = self._asked(_HEAD)
        return Head(rows[0][0], rows[0][1].replace(tzinfo=UTC), rows[0][2]) if rows else Head()

    def append(self, *proposals: Proposed) -> list[Placement] | Moved:
        """Give proposals their places, all of them or none, and tell them once they are durable."""
        asked = [_asked(one) for one in together(proposals)]

        def call(connection: psycopg.Connection[Any]) -> list[Placement] | Moved:
            placed: list[Placement] = []
            with suppress(psycopg.Rollback), connection.transaction() as whole:
                for one in asked:
                    outcome, first, last, recorded, digest = _one(connection.execute(_APPEND, one))
                    if outcome == "moved":
                        moved = Moved(last)
                        break
                    head = Head(last, recorded.replace(tzinfo=UTC), digest)
                    placed.append(Placement(first, head, again=outcome == "again"))
                else:
                    return placed
                raise psycopg.Rollback(whole)
            return moved

        try:
            return self._tried(call)
        except psycopg.errors.InsufficientPrivilege:
            needed = "this user may not append to it; `GRANT timeline_append` would do"
            raise ReadOnlyTimeline(self.address, needed) from None

    def batches(self, after: int, *, size: int = 10_000) -> Iterator[Segment]:
        """The commits behind a position, in order; about so many records at a time."""
        while commits := self._asked(_COMMITS, [after, after + size]):
            last = int(commits[-1][1])
            rows = self._asked(_RECORDS, [after, last])
            yield Segment(self._asked(_SOURCES, [sorted(cited(rows))]), commits, rows)
            after = last

    def wait(self, after: int, timeout: float) -> bool:
        """Wait until it reaches beyond a position, at most so many seconds; whether it does."""
        until = time.monotonic() + timeout
        with _telling(self._conninfo), psycopg.connect(self._conninfo, autocommit=True) as connection:
            connection.execute("LISTEN timeline")
            while self.head().position <= after:
                left = until - time.monotonic()
                if left <= 0:
                    return False
                for _ in connection.notifies(timeout=min(left, _POLL), stop_after=1):
                    pass
        return True

    def bring(self, batch: Segment) -> Head:
        """Take in commits of another log as they are, with their digests; where it ends then.

        Raises:
            FaultyCopy: if they do not follow what it holds.
            ReadOnlyTimeline: if the user is not its owner.
        """
        before = self.head()
        head = verified(before, batch, self.address)
        tables = [
            _objects(STORED[name], rows)
            for name, rows in (("log", batch.log), ("commits", batch.commits), ("sources", batch.sources))
        ]
        try:
            self._asked("SELECT timeline.bring(%s, %s, %s, %s)", [before.position, *tables])
        except psycopg.errors.InsufficientPrivilege:
            raise ReadOnlyTimeline(self.address, "only its owner brings a log into it") from None
        return head

    def shapes(self) -> Kept:
        """The shapes of event types that it keeps."""
        rows = self._asked("SELECT sort, name, version, shape FROM timeline.shapes")
        return {(sort, name, version): shape for sort, name, version, shape in rows}

    def keep_shapes(self, shapes: Kept) -> None:
        """Have it keep these too, where it lacks them."""
        names = ("sort", "name", "version", "shape")
        told = [dict(zip(names, (*key, shape), strict=True)) for key, shape in shapes.items()]
        try:
            self._asked("SELECT timeline.keep_shapes(%s)", [msgspec.json.encode(told).decode()])
        except psycopg.errors.InsufficientPrivilege:
            needed = "this user may not append to it; `GRANT timeline_append` would do"
            raise ReadOnlyTimeline(self.address, needed) from None

    def close(self) -> None:
        """Let go of the connection; the next call makes another."""
        with self._lock:
            _close(self._open)

    def _asked(self, query: str, parameters: list[Any] | None = None) -> list[Any]:
        """The rows that a query gives; none of one that gives none."""

        def call(connection: psycopg.Connection[Any]) -> list[Any]:
            return connection.execute(query.encode(), parameters).fetchall()

        return self._tried(call)

    def _tried(self, call: Callable[[psycopg.Connection[Any]], T]) -> T:
        """What a call gives, made again on a new connection where the old one was lost.

        Raises:
            Unreachable: if there is none to be had.
        """
        with self._lock, _telling(self._conninfo):
            for left in reversed(range(_TRIES)):
                try:
                    if not self._open:
                        self._open.append(psycopg.connect(self._conninfo, autocommit=True))
                    return call(self._open[0])
                except _LOST:
                    self.close()
                    if not left:
                        raise
                    time.sleep(_PAUSE)
        raise AssertionError  # of the last try, what went wrong is raised


def _close(connections: list[psycopg.Connection[Any]]) -> None:
    """Close what is open; a list, so that it can be done when nobody has the log any more."""
    while connections:
        connections.pop().close()


class _telling:  # noqa: N801
    """Tells in our words that a server cannot be reached, or fails."""

    def __init__(self, address: str) -> None:
        self._address = address

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: object, problem: BaseException | None, trace: object) -> None:
        told = str(problem).strip().partition("\n")[0]
        if isinstance(problem, _LOST):
            raise Unreachable(_told(self._address), told) from None
        if isinstance(problem, psycopg.Error) and not isinstance(problem, _OURS):
            raise FileFailed(_told(self._address), told) from problem


def _told(address: str) -> str:
    """An address as people may see it: without its password, and what might hold one."""
    try:
        said = conninfo_to_dict(address)
    except psycopg.Error as problem:
        raise NotAllowed(f"this is no address of a PostgreSQL server: {problem}") from None
    user = f"{said['user']}@" if said.get("user") else ""
    port = f":{said['port']}" if said.get("port") else ""
    return f"postgresql://{user}{said.get('host', '')}{port}/{said.get('dbname', '')}"


_APPEND: Final = (
    b"SELECT outcome, first, last, recorded, digest "
    b"FROM timeline.append(%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)"
)


def _asked(proposal: Proposed) -> list[Any]:
    """The arguments of the function that appends."""
    rows = []
    for record in proposal.records:
        row = log_columns(record)
        if record.known_at == record.recorded_at:
            row["known_at"] = None
        rows.append(row)
    sources = {source_id(one): one for record in proposal.records for one in record.sources}
    return [
        proposal.expected,
        msgspec.json.encode(rows).decode(),
        _objects(STORED["sources"], [source_row(*one) for one in sources.items()]),
        sorted(proposal.new),
        sorted(proposal.chains),
        sorted(proposal.bearing),
        proposal.names,
        proposal.whole,
        proposal.call,
        proposal.actor,
        proposal.note,
    ]


def _objects(layout: Layout, rows: Any) -> str:
    """Rows as a JSON list of objects."""
    return msgspec.json.encode([dict(zip(layout.types, row, strict=True)) for row in rows]).decode()


def _one(cursor: psycopg.Cursor[Any]) -> Any:
    [row] = cursor.fetchall()
    return row


def _selected(name: str, which: str) -> str:
    """The SELECT that gives rows of a table in order, each value as the file has it in JSON."""
    asis = {"BIGINT", "INTEGER", "VARCHAR[]"}
    columns = ", ".join(one if kind in asis else f"{one}::TEXT" for one, kind in STORED[name].types.items())
    return f"SELECT {columns} FROM timeline.{name} WHERE {which} ORDER BY 1"  # noqa: S608


_COMMITS: Final = _selected("commits", "first_position > %s AND first_position <= %s")
_RECORDS: Final = _selected("log", "position > %s AND position <= %s")
_SOURCES: Final = _selected("sources", "id = ANY (%s::UUID[])")
_COLUMNS: Final = {
    "position": "place::TEXT",
    "known_at": "known::TEXT",
    "recorded_at": "recorded::TEXT",
    "sources": "placed.sources",
    "names": "placed.names",
    "entities": "to_json(entities)::TEXT",
}
"""What is called otherwise, or written otherwise, where the server works out a digest."""


def _covered() -> Iterator[str]:
    """The texts that the digest of a record covers, each led by its length, as the server's SQL."""
    for name in COVERED:
        text = _COLUMNS.get(name, f"{name}::TEXT")
        yield f"coalesce(octet_length({text}) || ':' || {text}, '~')"
