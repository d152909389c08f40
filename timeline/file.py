"""Opening the DuckDB file: one instance for each file and process, waiting for it, naming who holds it."""

from __future__ import annotations

import os
import re
import threading
import time
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, TypeVar

import attrs
import duckdb

from timeline.errors import FileFailed, LockedFile, NotATimeline, ReadOnlyTimeline

__all__ = ["File", "Kept", "failing"]

_CONFIG: Final = {
    "enable_external_access": "false",
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
    "arrow_lossless_conversion": "true",
    "storage_compatibility_version": "v1.5.0",
}
_HOLDER: Final = re.compile(
    r"lock is held in (?P<program>.+?) \(PID (?P<pid>\d+)\)(?: by user (?P<user>\S+))?"
)
_DAMAGED: Final = re.compile(r"\bWAL\b|read enough bytes|[Cc]orrupt|checksum", re.ASCII)
"""Said of a file that is one of DuckDB's, and of which a part is damaged or missing."""
_KIND: Final = re.compile(r"^(?:\w+ Error: )+")
_PAUSE: Final = 0.02
_MOST: Final = 1_000

T = TypeVar("T")


@attrs.define
class Kept:
    """What was read of a file and is kept while it is open, for all who use it in this process.

    `changes` counts what was written meanwhile. Of a thousand things the one kept first goes first.
    """

    changes: int = 0
    _values: dict[Hashable, Any] = attrs.field(factory=dict, init=False)
    _lock: threading.Lock = attrs.field(factory=threading.Lock, init=False)

    def get(self, key: Hashable) -> Any:
        """What is kept under a key, or None."""
        return self._values.get(key)

    def keep(self, key: Hashable, value: Any) -> None:
        """Keep a value under a key."""
        with self._lock:
            while len(self._values) >= _MOST:
                del self._values[next(iter(self._values))]
            self._values[key] = value

    def until_changed(self, key: Hashable, read: Callable[[], T]) -> T:
        """What holds until something is written; read anew after that."""
        changes = self.changes
        found: tuple[int, T] | None = self.get(key)
        if found is None or found[0] != changes:
            found = (changes, read())
            self.keep(key, found)
        return found[1]

    def keep_written(self, key: Hashable, value: Any) -> None:
        """Keep what holds until something else is written; only a writer may say so, before it is done."""
        self.keep(key, (self.changes + 1, value))


@attrs.define
class _Instance:
    """An open DuckDB instance and how many users it has in this process."""

    connection: duckdb.DuckDBPyConnection
    read_only: bool
    users: int = 0
    kept: Kept = attrs.field(factory=Kept)
    _appending: duckdb.DuckDBPyConnection | None = attrs.field(default=None, init=False)

    def appending(self) -> duckdb.DuckDBPyConnection:
        """The one connection that appends go through: what is prepared on it is there for the next."""
        if self._appending is None:
            self._appending = self.connection.cursor()
        return self._appending

    def close(self) -> None:
        """Let go of the file."""
        if self._appending is not None:
            self._appending.close()
        self.connection.close()


_instances: Final[dict[str, _Instance]] = {}
_guard: Final = threading.Condition()
_writers: Final[dict[str, threading.RLock]] = {}


@attrs.frozen
class File:
    """A DuckDB file and how to get at it; `path` may be ":memory:".

    `lock_timeout` is in seconds: how long to wait for another process or thread that holds the file.
    """

    path: str
    key: str
    read_only: bool
    lock_timeout: float

    @classmethod
    def at(cls, path: str | os.PathLike[str], *, read_only: bool, lock_timeout: float) -> File:
        """The file of that path; each ":memory:" is one of its own.

        Raises:
            NotATimeline: if its folder does not exist, or it is a folder, or is to be read and is not there.
        """
        if not isinstance(path, str | os.PathLike):
            raise NotATimeline(repr(path), "a path is needed")
        text = os.fspath(path)
        if text == ":memory:":
            return cls(text, f":memory:{id(object())}{time.monotonic_ns()}", False, lock_timeout)
        if not text or "\0" in text:
            raise NotATimeline(repr(text), "a path is needed")
        place = Path(text).absolute()
        try:
            if place.is_dir():
                raise NotATimeline(text, "it is a folder")
            if not place.parent.is_dir():
                raise NotATimeline(text, f"there is no folder {place.parent}")
            if read_only and not place.exists():
                raise NotATimeline(text, "there is no such file")
        except OSError as problem:
            raise NotATimeline(text[:40] + "…", (problem.strerror or str(problem)).lower()) from None
        return cls(text, os.path.realpath(place), read_only, lock_timeout)

    @property
    def in_memory(self) -> bool:
        """Whether it is no file at all, so that nothing of it is left when it is closed."""
        return self.path == ":memory:"

    @property
    def exists(self) -> bool:
        """Whether there is anything to open yet."""
        return self.in_memory or Path(self.key).exists()

    @property
    def writable(self) -> bool:
        """Whether it may be written, as far as permissions tell."""
        if self.in_memory:
            return True
        place = Path(self.key)
        return not self.read_only and os.access(place if place.exists() else place.parent, os.W_OK)

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Hold the lock that only one writer in this process can have.

        Raises:
            LockedFile: if another thread keeps it longer than `lock_timeout`.
        """
        with _guard:
            lock = _writers.setdefault(self.key, threading.RLock())
        if not lock.acquire(timeout=self.lock_timeout):
            raise LockedFile(self.path, "another thread of this process, which is writing", self.lock_timeout)
        try:
            yield
        finally:
            kept = self.kept
            if kept is not None:
                kept.changes += 1
            lock.release()

    @property
    def kept(self) -> Kept | None:
        """What is kept of the file, if anybody in this process has it open."""
        with _guard:
            instance = _instances.get(self.key)
        return None if instance is None else instance.kept

    @contextmanager
    def connected(self, *, write: bool, appending: bool = False) -> Iterator[duckdb.DuckDBPyConnection]:
        """A connection of its own to the file, shared with whoever in this process has it open.

        With `appending`, for one writer at a time, it is the same until the file is closed.

        Raises:
            LockedFile: if others hold the file longer than `lock_timeout`.
            NotATimeline: if it is no DuckDB file.
            ReadOnlyTimeline: if it is to be written and cannot be.
        """
        if write and not self.writable:
            problem = "it was opened with read_only=True" if self.read_only else "permission denied"
            raise ReadOnlyTimeline(self.path, problem)
        instance = self._acquire(write=write)
        try:
            if appending:
                yield instance.appending()
                return
            cursor = instance.connection.cursor()
            try:
                yield cursor
            finally:
                cursor.close()
        finally:
            self._release(instance)

    def _acquire(self, *, write: bool) -> _Instance:
        deadline = time.monotonic() + self.lock_timeout
        pause = _PAUSE
        while True:
            with _guard:
                instance = _instances.get(self.key)
                if instance is not None and not (write and instance.read_only):
                    instance.users += 1
                    return instance
                holder = f"this process (PID {os.getpid()}), which is reading it"
                if instance is None:
                    opened = self._open(write=write)
                    if isinstance(opened, _Instance):
                        _instances[self.key] = opened
                        return opened
                    holder = opened
                left = deadline - time.monotonic()
                if left <= 0:
                    raise LockedFile(self.path, holder, self.lock_timeout)
                _guard.wait(min(left, pause))
            pause = min(pause * 1.5, 0.5)

    def _open(self, *, write: bool) -> _Instance | str:
        """A new instance with one user, or who holds the file."""
        path = ":memory:" if self.in_memory else self.key
        try:
            connection = duckdb.connect(
                path, read_only=not write and not self.in_memory, config=dict(_CONFIG)
            )
        except duckdb.ConnectionException:
            return f"this process (PID {os.getpid()}), through a DuckDB connection of its own"
        except duckdb.IOException as problem:
            held = _HOLDER.search(str(problem))
            if held is None:
                raise _foreign(self.path, problem) from None
            return f"process {held['pid']} ({held['program']})"
        except duckdb.Error as problem:
            raise _foreign(self.path, problem) from None
        connection.execute("SET lock_configuration = true")
        return _Instance(connection, read_only=not write and not self.in_memory, users=1)

    def _release(self, instance: _Instance) -> None:
        with _guard:
            instance.users -= 1
            if instance.users == 0:
                instance.close()
                _instances.pop(self.key, None)
                _guard.notify_all()


_FAILURES: Final = (
    duckdb.IOException,
    duckdb.FatalException,
    duckdb.InternalException,
    duckdb.OutOfMemoryException,
    duckdb.SerializationException,
    duckdb.TransactionException,
)
"""What DuckDB raises where a file, a disk or the memory fails, whatever it was asked to do.

A damaged block gives a bare `duckdb.Error`.
"""


@contextmanager
def failing(path: str) -> Iterator[None]:
    """Tell the failure of a file in our words.

    Raises:
        FileFailed: if DuckDB could not read or write it.
    """
    try:
        yield
    except duckdb.Error as problem:
        if type(problem) is not duckdb.Error and not isinstance(problem, _FAILURES):
            raise
        raise FileFailed(path, _reason(problem)) from None


def _reason(problem: duckdb.Error) -> str:
    """What DuckDB says, without the kinds of its errors before it."""
    return _KIND.sub("", str(problem).partition("\n")[0])


def _foreign(path: str, problem: duckdb.Error) -> Exception:
    text = str(problem).splitlines()[0]
    if "Permission denied" in text or "permission" in text.lower():
        return ReadOnlyTimeline(path, "permission denied")
    if "newer version of DuckDB" in text or "database file with version number" in text:
        return NotATimeline(path, "this version of DuckDB cannot read its format")
    if _DAMAGED.search(text):
        return FileFailed(path, _reason(problem))
    return NotATimeline(path, _reason(problem))
