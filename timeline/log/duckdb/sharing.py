"""One file as the threads of this process share it: open once, one writer, in turns with other processes."""

from __future__ import annotations

import os
import random
import threading
import time
from collections import Counter
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from typing import Any, Final, TypeVar
from weakref import WeakValueDictionary

import attrs
import duckdb

from timeline.log.drafts import Folder
from timeline.log.duckdb.turns import GATE, Gate, Place, Writers
from timeline.values import NotAllowed

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

    def clear(self) -> None:
        """Keep nothing of it."""
        with self._lock:
            self._values.clear()

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


_FIRST: Final = 0.005
_LONGEST: Final = 0.1
"""The pauses between two tries at a file that others hold, in seconds, grow from the one to the other."""
_TURN: Final = 0.3
"""Once a file is open for so long, threads that come new wait until it was closed, so that others get in."""
_SLICE: Final = 0.05
_READING: Final = "this process (PID {}), which is reading it"


class Held(Exception):
    """Others hold the file; says who."""

    def __init__(self, holder: str) -> None:
        self.holder = holder
        super().__init__(holder)


@attrs.define(eq=False)
class Instance:
    """An open DuckDB instance, the threads that use it, and for how many of them it is held beyond a call.

    `closing` is called just before it is closed. `spill` is where it puts what it has no memory for, if not
    where DuckDB puts it, and `turn` that of this process, which ends when it is closed.
    """

    connection: duckdb.DuckDBPyConnection
    read_only: bool
    kept: Kept = attrs.field(factory=Kept)
    since: float = attrs.field(factory=time.monotonic)
    users: Counter[int] = attrs.field(factory=Counter)
    holders: int = 0
    closing: Callable[[Instance], None] | None = None
    spill: Folder | None = None
    turn: Place | None = None
    _appending: duckdb.DuckDBPyConnection | None = attrs.field(default=None, init=False)

    def appending(self) -> duckdb.DuckDBPyConnection:
        """The one connection that appends go through: what is prepared on it is there for the next."""
        if self._appending is None:
            self._appending = self.connection.cursor()
        return self._appending

    def leave_note(self, sound: bytes) -> None:
        """Tell the next process which headers were those of a sound file."""
        if self.turn is not None and sound:
            self.turn.note(sound)

    def forget(self) -> None:
        """Drop what is kept, and the connection of appends: what they are based on was not written."""
        self.kept.clear()
        if self._appending is not None:
            self._appending.close()
            self._appending = None

    def close(self) -> None:
        """Let go of the file, and let the next process in."""
        try:
            if self._appending is not None:
                self._appending.close()
            if self.closing is not None:
                self.closing(self)
            self.connection.close()
            if self.spill is not None:
                self.spill.remove()
        finally:
            if self.turn is not None:
                self.turn.end()


Opens = Callable[[bool], Instance | str]
"""Opens a file, to be written or not; gives back the instance, or who holds the file."""

_shared: Final[WeakValueDictionary[str, Shared]] = WeakValueDictionary()
_registry: Final = threading.Lock()


class Shared:
    """What the threads of this process share of one file; `gate` is where processes queue for it."""

    def __init__(self, gate: Gate | None = None) -> None:
        self._gate = gate
        self.instance: Instance | None = None
        self.sound = b""
        """The digest of the headers that the file had when nothing in it stood in for anything else."""
        self.written = 0
        self._changed = threading.Condition()
        self._news = threading.Condition()
        self.writers = Writers()
        self._writers_waiting = 0
        self._opening = False
        self._in_the_way = f"another thread of this process (PID {os.getpid()}), which is opening it"

    @classmethod
    def of(cls, key: str) -> Shared:
        """That of the file with this key; there is one, for as long as anybody has it."""
        with _registry:
            return _shared.setdefault(key, cls(Gate(f"{key}{GATE}")))

    # Writing

    @contextmanager
    def writing(self, timeout: float, request: object | None = None) -> Iterator[bool]:
        """Be the one writer of this process; or not, where what is requested was done by another meanwhile.

        Raises:
            Held: if other threads keep it from that longer than `timeout`, in seconds.
            NotAllowed: if this thread writes already.
        """
        if self.writers.writer == threading.get_ident():
            raise NotAllowed("this very call writes to the timeline; ask now, and write after it")
        mine = self.writers.enter(timeout, request)
        if mine is None:
            raise Held(f"another thread of this process (PID {os.getpid()}), which is writing")
        if not mine:
            yield False
            return
        problem: BaseException | None = None
        try:
            yield True
        except BaseException as met:
            problem = met
            raise
        finally:
            instance = self.instance
            if instance is not None:
                instance.kept.changes += 1
            self.writers.leave(problem)
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
        with self._changed:
            self._writers_waiting += write
            try:
                while True:
                    waited = time.monotonic() - began
                    instance = self.instance
                    if instance is not None and self._may_join(instance, write, waited, timeout):
                        break
                    if instance is None and not self._opening:
                        instance = self._open(opens, write=write, deadline=began + timeout)
                        break
                    if waited >= timeout:
                        raise Held(self._in_the_way if instance is None else _READING.format(os.getpid()))
                    self._changed.wait(min(timeout - waited, _SLICE))
                instance.users[threading.get_ident()] += 1
                instance.holders += hold
                return instance
            finally:
                self._writers_waiting -= write

    def _may_join(self, instance: Instance, write: bool, waited: float, timeout: float) -> bool:
        """Whether this thread may use what is open: not if others should get in first, unless that lasts."""
        if write and instance.read_only:
            return False
        if instance.holders or instance.users[threading.get_ident()]:
            return True
        wanted = instance.read_only and self._writers_waiting > 0
        if not wanted and time.monotonic() - instance.since < _TURN:
            return True
        if instance.turn is not None and instance.turn.is_wanted:
            return waited >= max(_TURN, timeout / 2)
        if waited < min(_TURN, timeout):
            return False
        instance.since = time.monotonic()
        return True

    def _open(self, opens: Opens, *, write: bool, deadline: float) -> Instance:
        """Open the file, for all threads; others can look at what is shared meanwhile."""
        self._opening = True
        self._changed.release()
        try:
            found = self._opened(opens, write=write, deadline=deadline)
        finally:
            self._changed.acquire()
            self._opening = False
            self._changed.notify_all()
        found.since = time.monotonic()
        self.instance = found
        return found

    def _opened(self, opens: Opens, *, write: bool, deadline: float) -> Instance:
        """Open the file once it is this process's turn, which lasts until it is closed."""
        write = write or self._writers_waiting > 0
        turn = None if self._gate is None else self._gate.turn(deadline, alone=write)
        try:
            self.sound = (turn and turn.noted()) or self.sound
            found = self._tried(opens, write=write, deadline=deadline)
        except BaseException:
            if turn is not None:
                turn.end()
            raise
        found.turn = turn
        found.leave_note(self.sound)
        return found

    def _tried(self, opens: Opens, *, write: bool, deadline: float) -> Instance:
        """Try to open the file until the deadline: others may have it that do not queue."""
        pause = _FIRST
        while True:
            found = opens(write)
            if isinstance(found, Instance):
                return found
            self._in_the_way = found
            left = deadline - time.monotonic()
            if left <= 0:
                raise Held(found)
            time.sleep(min(left, random.uniform(pause / 2, pause)))  # noqa: S311
            pause = min(pause * 1.5, _LONGEST)

    @contextmanager
    def alone(self, opens: Opens, timeout: float) -> Iterator[Instance]:
        """An instance that no other thread can join, nor any other process.

        Raises:
            Held: if others have the file longer than `timeout`, in seconds.
            NotAllowed: if this thread has it itself.
        """
        deadline = time.monotonic() + timeout
        self._wait_for_nobody(deadline)
        try:
            with self.writing(max(0.0, deadline - time.monotonic())):
                instance = self._opened(opens, write=True, deadline=deadline)
                try:
                    yield instance
                finally:
                    instance.close()
        finally:
            with self._changed:
                self._opening = False
                self._changed.notify_all()

    def _wait_for_nobody(self, deadline: float) -> None:
        """Wait until no thread has the file, and let none open it from then on."""
        with self._changed:
            while self.instance is not None or self._opening:
                left = deadline - time.monotonic()
                if self.instance is not None and threading.get_ident() in self.instance.users:
                    raise NotAllowed("the file has to be closed for this: leave the `with` block first")
                if left <= 0:
                    raise Held(self._in_the_way if self.instance is None else _READING.format(os.getpid()))
                self._changed.wait(min(left, _SLICE))
            self._opening = True

    def release(self, instance: Instance, user: int, *, held: bool) -> None:
        """Let go of the instance for a thread; it is closed once nobody uses it."""
        with self._changed:
            instance.users[user] -= 1
            if not instance.users[user]:
                del instance.users[user]
            instance.holders -= held
            if instance.users:
                return
            self.instance = None
            try:
                instance.close()
            finally:
                self._changed.notify_all()
