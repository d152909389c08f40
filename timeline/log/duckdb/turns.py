"""Whose turn it is at a file: of the processes that want it, and of the threads of one that write to it."""

from __future__ import annotations

import os
import struct
import sys
import threading
import time
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, Final, Literal

import attrs

from timeline.log.drafts import Access

GATE: Final = ".gate"
"""Ends the name of the gate of a file."""

_COUNTER: Final = 1 << 62
"""The byte of a gate that is locked by whoever draws a number, or sees whether anybody is left."""
_NUMBER: Final = struct.Struct("<q")
_FLOCK: Final = struct.Struct("hhqqi4x")
"""How Linux is told of a lock: its kind, from where its start counts, start, length, and no process."""
_NOTE: Final = 32
"""How many bytes a note has."""
_OTHERS_WRITE: Final = 0o022
_BRIEFLY: Final = 1.0
"""For how many seconds at most to wait for whoever has the counter, who has it for a moment only."""
_MOMENT: Final = 0.0005


class Gate:
    """Where processes queue for a file: another at `path`, there only while somebody has a turn or waits.

    No more may open it than the file. It makes waiting fair, and guards nothing.
    """

    def __init__(self, path: str) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._coming: dict[bool, _Coming] = {}

    def turn(self, deadline: float, *, alone: bool) -> Place | None:
        """The turn of this process, once it has come; those that are not `alone` have it together.

        None where there can be no gate, or the deadline by the monotonic clock passes. Then the place in the
        queue is kept for who asks again, and is given up when it comes to the front and nobody does.
        """
        with self._lock:
            coming = self._coming.get(alone)
            if coming is None:
                turn = self._drawn(deadline, alone=alone)
                if turn is None or turn.has_come():
                    return turn
                if time.monotonic() >= deadline:
                    turn.end()
                    return None
                coming = self._coming[alone] = _Coming(turn)
                threading.Thread(target=self._wait, args=[coming], daemon=True).start()
            coming.is_wanted = True
        try:
            coming.came.wait(max(0.0, deadline - time.monotonic()))
        except BaseException:
            if self._came_by_now(coming):
                coming.turn.end()
            raise
        return coming.turn if self._came_by_now(coming) else None

    def _came_by_now(self, coming: _Coming) -> bool:
        """Whether a turn has come for who waits no longer."""
        with self._lock:
            coming.is_wanted = False
            return coming.came.is_set()

    def _wait(self, coming: _Coming) -> None:
        """Wait for a turn, in a thread of its own, since waiting for a lock cannot be broken off."""
        with suppress(OSError):  # the system knows no such lock after all; then it is had at once
            coming.turn.wait()
        with self._lock:
            del self._coming[coming.turn.alone]
            if coming.is_wanted:
                coming.came.set()
                return
        coming.turn.end()

    def _drawn(self, deadline: float, *, alone: bool) -> Place | None:
        """A new place at the end of the queue; None where there can be no gate."""
        while True:
            try:
                turn = Place(self._path, _opened(self._path), alone=alone)
            except (OSError, ImportError):  # there is no `fcntl` on Windows
                return None
            try:
                turn.draw(deadline)
            except FileNotFoundError:
                turn.end()
            except OSError:
                turn.end()
                return None
            else:
                return turn


@attrs.define(eq=False)
class Place:
    """A place in the queue at a gate, with the gate as an open file.

    Who comes draws a number, locks the byte of that number in the gate, and has its turn once it could lock
    all bytes before that. What a process has locked that is killed, the system lets go.

    Behind the last number there may be a note for who comes next. It counts only for those who came while
    others were there already, and only where nobody else can have written it.
    """

    _path: str
    _handle: int
    alone: bool = attrs.field(kw_only=True)
    _number: int = attrs.field(default=0, init=False)
    _followed: bool = attrs.field(default=False, init=False)

    def draw(self, deadline: float) -> None:
        """Take a place at the end of the queue.

        Raises:
            FileNotFoundError: if whoever was the last has removed the gate just now.
            OSError: if the system does not know such locks, or somebody keeps the counter.
        """
        self._take_counter(deadline)
        if not self._is_at_its_place():
            raise FileNotFoundError
        self._number = 1 + self._last()
        self._followed = self._is_private() and not self._is_free()
        if not self._followed:
            os.ftruncate(self._handle, 0)
        os.pwrite(self._handle, _NUMBER.pack(self._number), 0)
        _lock(self._handle, self._number, 1, alone=self.alone)
        _unlock(self._handle, _COUNTER, 1)

    def has_come(self) -> bool:
        """Whether it is this one's turn now."""
        try:
            _lock(self._handle, 0, self._number, alone=self.alone)
        except OSError:
            return False
        _unlock(self._handle, 0, self._number)
        return True

    def wait(self) -> None:
        """Wait until it is."""
        _lock(self._handle, 0, self._number, alone=self.alone, wait=True)
        _unlock(self._handle, 0, self._number)

    def end(self) -> None:
        """Let the next one in; where there is none, the gate is gone."""
        with suppress(OSError):
            _unlock(self._handle, 0, _COUNTER + 1)
            self._take_counter(time.monotonic() + _BRIEFLY)
            if self._is_free() and self._is_at_its_place():
                Path(self._path).unlink()
            _unlock(self._handle, 0, _COUNTER + 1)
        os.close(self._handle)

    @property
    def is_wanted(self) -> bool:
        """Whether others came since."""
        return self._last() > self._number

    def note(self, text: bytes) -> None:
        """Leave a note to who comes next."""
        os.pwrite(self._handle, text, _NUMBER.size)

    def noted(self) -> bytes:
        """What the one before has left; empty if that may be from anybody else."""
        return os.pread(self._handle, _NOTE, _NUMBER.size) if self._followed else b""

    def _take_counter(self, deadline: float) -> None:
        """Have the counter, which others have for a moment only."""
        latest = min(deadline, time.monotonic() + _BRIEFLY)
        while True:
            try:
                return _lock(self._handle, _COUNTER, 1, alone=True)
            except BlockingIOError:
                if time.monotonic() >= latest:
                    raise
                time.sleep(_MOMENT)

    def _last(self) -> int:
        """The number that was drawn last; what cannot be one is of nobody who is still there."""
        stored = os.pread(self._handle, _NUMBER.size, 0)
        number = int(_NUMBER.unpack(stored)[0]) if len(stored) == _NUMBER.size else 0
        return number if 0 <= number < _COUNTER - 1 else 0

    def _is_free(self) -> bool:
        """Whether nobody else has a turn or waits for one; whoever asks has the counter."""
        try:
            _lock(self._handle, 0, _COUNTER, alone=True)
        except BlockingIOError:
            return False
        _unlock(self._handle, 0, _COUNTER)
        return True

    def _is_private(self) -> bool:
        """Whether nobody but the user of this process may write to the gate."""
        found = os.fstat(self._handle)
        return found.st_uid == os.geteuid() and not found.st_mode & _OTHERS_WRITE

    def _is_at_its_place(self) -> bool:
        """Whether the gate that was opened is still the one that others find."""
        try:
            return os.path.samestat(Path(self._path).stat(), os.fstat(self._handle))
        except OSError:
            return False


@attrs.define(eq=False)
class _Coming:
    """A turn that is waited for, and whether anybody still wants it."""

    turn: Place
    came: threading.Event = attrs.field(factory=threading.Event, init=False)
    is_wanted: bool = attrs.field(default=False, init=False)


def _opened(path: str) -> int:
    """The gate as an open file, made if there is none."""
    import fcntl  # noqa: F401

    access = Access.of(path.removesuffix(GATE))
    if access is not None:
        access.create(path)
    return os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o666)


def _lock(handle: int, start: int, length: int, *, alone: bool, wait: bool = False) -> None:
    """Lock some bytes of a gate, for this process alone or with others that are not alone.

    Raises:
        BlockingIOError: if that cannot be now, unless it is to `wait`.
    """
    import fcntl

    if sys.platform != "linux":
        kind = fcntl.LOCK_EX if alone else fcntl.LOCK_SH
        fcntl.lockf(handle, kind if wait else kind | fcntl.LOCK_NB, length, start)
        return
    kind = fcntl.F_WRLCK if alone else fcntl.F_RDLCK
    command = fcntl.F_OFD_SETLKW if wait else fcntl.F_OFD_SETLK
    try:
        fcntl.fcntl(handle, command, _FLOCK.pack(kind, os.SEEK_SET, start, length, 0))
    except PermissionError as problem:
        raise BlockingIOError(*problem.args) from None


def _unlock(handle: int, start: int, length: int) -> None:
    import fcntl

    if sys.platform != "linux":
        fcntl.lockf(handle, fcntl.LOCK_UN, length, start)
        return
    fcntl.fcntl(handle, fcntl.F_OFD_SETLK, _FLOCK.pack(fcntl.F_UNLCK, os.SEEK_SET, start, length, 0))


Stage = Literal["judging", "ending", "done"]
"""How far a writer is: nothing is settled yet, its transaction is about to end, that is done."""


@attrs.define(eq=False)
class _Waiting:
    """A thread that waits to write: what another may do in its place, and how the wait ended."""

    thread: int
    request: object | None
    called: threading.Event = attrs.field(factory=threading.Event)
    problem: Exception | None = None


class Writers:
    """The threads of this process that write to a file, one at a time, in the order in which they came.

    Who writes may take what those want that come right behind it, and do it in its own transaction. Once that
    is done they need not write themselves; where it fails at its end they fail with it; where it ends before,
    they get their turn after all, each alone.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._queue: deque[_Waiting] = deque()
        self._taken: list[_Waiting] = []
        self.writer: int | None = None
        self.stage: Stage = "judging"

    def enter(self, timeout: float, request: object | None = None) -> bool | None:
        """Wait for one's turn: whether it came, or what is requested was done by another before.

        None if neither comes within so many seconds.

        Raises:
            Exception: what kept another from doing it.
        """
        mine = _Waiting(threading.get_ident(), request)
        with self._lock:
            if self.writer is None:
                self._begin(mine.thread)
                return True
            self._queue.append(mine)
        try:
            if not mine.called.wait(timeout) and self._gave_up(mine):
                return None
        except BaseException:
            self._withdraw(mine)
            raise
        if mine.problem is not None:
            raise mine.problem
        return self.writer == mine.thread

    def take(self, wanted: Callable[[Any], bool]) -> list[Any]:
        """What those want that come next, as far as it is `wanted`; the one who writes now will do it."""
        with self._lock:
            found = []
            while self._queue and self._queue[0].request is not None and wanted(self._queue[0].request):
                found.append(self._queue.popleft())
            self._taken += found
        return [one.request for one in found]

    def leave(self, problem: BaseException | None) -> None:
        """Let the next one in; `problem` is why the one who writes now ends, if it fails."""
        with self._lock:
            taken, self._taken = self._taken, []
            failed = problem if self.stage == "ending" and isinstance(problem, Exception) else None
            if self.stage == "done" or failed is not None:
                for one in taken:
                    one.problem = failed if self.stage == "ending" else None
                    one.called.set()
            else:
                for one in reversed(taken):
                    one.request = None
                    self._queue.appendleft(one)
            self.writer = None
            if self._queue:
                following = self._queue.popleft()
                self._begin(following.thread)
                following.called.set()

    def _begin(self, thread: int) -> None:
        self.writer, self.stage = thread, "judging"

    def _gave_up(self, mine: _Waiting) -> bool:
        """Wait no longer, unless one's turn has come, or another does what is wanted; then until done."""
        with self._lock:
            if mine in self._queue:
                self._queue.remove(mine)
                return True
        mine.called.wait()
        return False

    def _withdraw(self, mine: _Waiting) -> None:
        """Want nothing any more."""
        with self._lock:
            if mine in self._queue:
                self._queue.remove(mine)
                return
        if self.writer == mine.thread:
            self.leave(None)
