"""One file as the threads of this process share it: open once, one writer, in turns with other processes."""

from __future__ import annotations

import os
import random
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final
from weakref import WeakValueDictionary

import attrs
import duckdb

from timeline.errors import NotAllowed
from timeline.kept import Kept

__all__ = ["Held", "Instance", "Shared"]

_FIRST: Final = 0.005
_LONGEST: Final = 0.1
"""The pauses between two tries at a file that others hold, in seconds, grow from the one to the other."""
_TURN: Final = 0.3
"""After this long, a process that has the file open all the time lets go of it, so that others get in."""
_REST: Final = 0.04
"""For how long it then leaves the file alone."""


class Held(Exception):
    """Others hold the file; says who."""

    def __init__(self, holder: str) -> None:
        self.holder = holder
        super().__init__(holder)


@attrs.define(eq=False)
class Instance:
    """An open DuckDB instance, the threads that use it, and for how many of them it is held beyond a call."""

    connection: duckdb.DuckDBPyConnection
    read_only: bool
    kept: Kept = attrs.field(factory=Kept)
    users: Counter[int] = attrs.field(factory=Counter)
    holders: int = 0
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


Opens = Callable[[bool], Instance | str]
"""Opens a file, to be written or not; gives back the instance, or who holds the file."""

_shared: Final[WeakValueDictionary[str, Shared]] = WeakValueDictionary()
_registry: Final = threading.Lock()


class Shared:
    """What the threads of this process share of one file."""

    def __init__(self) -> None:
        self.instance: Instance | None = None
        self.written = 0
        self._changed = threading.Condition()
        self._news = threading.Condition()
        self._lock = threading.Lock()
        self._writer: int | None = None
        self._writers_waiting = 0
        self._busy_since = self._free_since = self._rests_until = 0.0

    @classmethod
    def of(cls, key: str) -> Shared:
        """That of the file with this key; there is one, for as long as anybody has it."""
        with _registry:
            return _shared.setdefault(key, cls())

    # Writing

    @contextmanager
    def writing(self, timeout: float) -> Iterator[None]:
        """Hold the lock that only one writer in this process can have.

        Raises:
            Held: if another thread keeps it longer than `timeout`, in seconds.
            NotAllowed: if this thread has it already.
        """
        me = threading.get_ident()
        if self._writer == me:
            raise NotAllowed("this very call writes to the timeline; ask now, and write after it")
        if not self._lock.acquire(timeout=timeout):
            raise Held(f"another thread of this process (PID {os.getpid()}), which is writing")
        self._writer = me
        try:
            yield
        finally:
            instance = self.instance
            if instance is not None:
                instance.kept.changes += 1
            self._writer = None
            self._lock.release()
            self.tell()

    def tell(self) -> None:
        """Wake whoever waits for news of the file."""
        with self._news:
            self.written += 1
            self._news.notify_all()

    def await_news(self, written: int, timeout: float) -> None:
        """Wait until something is written in this process beyond a count of it, at most so many seconds."""
        with self._news:
            if self.written == written:
                self._news.wait(timeout)

    # Opening

    def acquire(self, opens: Opens, *, write: bool, hold: bool, timeout: float) -> Instance:
        """The open instance, with this thread among its users; with `hold` until it is released by any.

        Raises:
            Held: if others have the file longer than `timeout`, in seconds.
        """
        began = time.monotonic()
        pause = _FIRST
        with self._changed:
            self._writers_waiting += write
            try:
                while True:
                    waited = time.monotonic() - began
                    found = self._found(opens, write=write, waited=waited, timeout=timeout)
                    if isinstance(found, Instance):
                        found.users[threading.get_ident()] += 1
                        found.holders += hold
                        return found
                    resting = self._rests_until - time.monotonic()
                    if resting <= 0 and waited >= timeout:
                        raise Held(found)
                    jittered = random.uniform(pause / 2, pause)  # noqa: S311
                    self._changed.wait(resting if resting > 0 else min(timeout - waited, jittered))
                    pause = min(pause * 1.5, _LONGEST)
            finally:
                self._writers_waiting -= write

    def _found(self, opens: Opens, *, write: bool, waited: float, timeout: float) -> Instance | str:
        """The instance, if this thread may have it now, or who is in the way."""
        this = f"this process (PID {os.getpid()})"
        instance = self.instance
        if instance is None:
            now = time.monotonic()
            if now < self._rests_until:
                return f"{this}, whose turn is over"
            found = opens(write or self._writers_waiting > 0)
            if isinstance(found, Instance):
                self.instance = found
                if now - self._free_since >= _REST / 2:
                    self._busy_since = now
            return found
        if write and instance.read_only:
            return f"{this}, which is reading it"
        mine = instance.holders or instance.users[threading.get_ident()]
        if not mine and self._is_over(instance):
            if waited < min(_TURN, timeout):
                return f"{this}, whose turn is over"
            self._busy_since = time.monotonic()
        return instance

    def _is_over(self, instance: Instance) -> bool:
        """Whether those who use the file should finish, so that others get in."""
        wanted = instance.read_only and self._writers_waiting > 0
        return wanted or time.monotonic() - self._busy_since > _TURN

    def release(self, instance: Instance, user: int, *, held: bool) -> None:
        """Let go of the instance for a thread; it is closed once nobody uses it."""
        with self._changed:
            instance.users[user] -= 1
            if not instance.users[user]:
                del instance.users[user]
            instance.holders -= held
            if instance.users:
                return
            instance.close()
            self.instance = None
            now = self._free_since = time.monotonic()
            if now - self._busy_since > _TURN:
                self._rests_until = now + random.uniform(_REST / 2, _REST * 1.5)  # noqa: S311
            self._changed.notify_all()
