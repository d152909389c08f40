"""Which log is meant: the one of a file, or one that many machines share."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final

from timeline.log.contract import SharedLog
from timeline.log.duckdb.file import File
from timeline.log.duckdb.filed import FileLog
from timeline.log.duckdb.replica import Replica
from timeline.log.duckdb.session import Session
from timeline.log.memory import MemoryLog
from timeline.records import Codec
from timeline.values import MissingExtra, NotAllowed, slug

if TYPE_CHECKING:
    from timeline.log.postgres import PostgresLog

Where = str | os.PathLike[str] | SharedLog
"""A path, the address of a log that is shared (`postgresql://…`), or such a log itself."""

_SCHEMES: Final = ("postgresql://", "postgres://")


def is_address(place: object) -> bool:
    """Whether a place is the address of a log that is shared."""
    return isinstance(place, str) and place.startswith(_SCHEMES)


def session_of(
    where: Where,
    codec: Codec,
    clock: Callable[[], datetime],
    *,
    read_only: bool,
    lock_timeout: float,
    replica: str | os.PathLike[str] | None,
) -> Session:
    """The log meant, in use; of one that is shared, through a replica, which is in a cache unless it is said.

    Raises:
        MissingExtra: if what is needed for an address is not installed.
        Unreachable: if a shared log cannot be reached.
    """
    log = _at_address(where) if isinstance(where, str) and is_address(where) else where
    if isinstance(log, str | os.PathLike):
        return Session(File.at(log, read_only=read_only, lock_timeout=lock_timeout), codec, clock)
    place = replica or (":memory:" if isinstance(log, MemoryLog) else _cached(log, codec))
    file = File.at(place, read_only=False, lock_timeout=lock_timeout)
    return Replica(file, codec, clock, upstream=log, read_only=read_only)


def log_at(
    where: Where, codec: Codec, clock: Callable[[], datetime], lock_timeout: float, *, write: bool
) -> SharedLog:
    """The log meant, to carry commits to, if it is to be written, or from; to be written, a file is made.

    Raises:
        TimelineError: as where a timeline is opened there.
    """
    if isinstance(where, str) and is_address(where):
        return _at_address(where)
    if not isinstance(where, str | os.PathLike):
        return where
    session = Session(File.at(where, read_only=not write, lock_timeout=lock_timeout), codec, clock)
    session.prepare()
    return FileLog(session)


def log_of(session: Session) -> SharedLog:
    """The log that a session is of: that which its file follows, or the one in its file."""
    return session.upstream if isinstance(session, Replica) else FileLog(session)


def make_at(address: str) -> SharedLog | None:
    """A new log at an address; None if there is one already.

    Raises:
        MissingExtra, ReadOnlyTimeline, Unreachable: if none can be made there.
    """
    log = _kind_of(address)
    try:
        return log.make(address)
    except NotAllowed:
        log.at(address)
        return None


def _at_address(address: str) -> SharedLog:
    return _kind_of(address).at(address)


def _kind_of(_address: str) -> type[PostgresLog]:
    try:
        from timeline.log.postgres import PostgresLog
    except ImportError:
        raise MissingExtra("a log in PostgreSQL", "postgres") from None
    return PostgresLog


def _cached(log: SharedLog, codec: Codec) -> Path:
    """Where a replica lies unless it is said: in the user's cache, by the names of log and vocabulary."""
    place = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache", "timeline")
    place.mkdir(mode=0o700, parents=True, exist_ok=True)
    return place / f"{log.name}.{slug(codec.catalogue.name)}.duckdb"
