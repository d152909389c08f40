"""Opening the DuckDB file: one instance for each file and process, waiting for it, naming who holds it."""

from __future__ import annotations

import os
import re
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any, Final

import attrs
import duckdb

from timeline.log.drafts import Access, Folder, sweep, sweep_spilled
from timeline.log.duckdb.instances import STORAGE, Config, Headers, connect, refuse_stand_ins
from timeline.log.duckdb.sharing import Held, Instance, Kept, Shared
from timeline.values import (
    BEFORE,
    FileFailed,
    LockedFile,
    NotAllowed,
    NotATimeline,
    ReadOnlyTimeline,
    StandIn,
)

_CONFIG: Final = {
    **STORAGE,
    "enable_external_access": "false",
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
    "arrow_lossless_conversion": "true",
}
_HOLDER: Final = re.compile(
    r"lock is held in (?P<program>.+?) \(PID (?P<pid>\d+)\)(?: by user (?P<user>\S+))?"
)
_DAMAGED: Final = re.compile(r"\bWAL\b|read enough bytes|[Cc]orrupt|checksum", re.ASCII)
"""Said of a file that is one of DuckDB's, and of which a part is damaged or missing."""
_SCHEMAS: Final = frozenset({"said", "spans"})
"""The schemas of a timeline, which DuckDB cannot tell from files of these names."""
_KIND: Final = re.compile(r"^(?:\w+ Error: )+")


@attrs.frozen
class File:
    """A DuckDB file and how to get at it; `path` may be ":memory:".

    `lock_timeout` is in seconds: how long to wait for another process or thread that holds the file.
    """

    path: str
    key: str
    read_only: bool
    lock_timeout: float
    shared: Shared = attrs.field(eq=False, repr=False)

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
            return cls(text, text, False, lock_timeout, Shared())
        if not text or any(mark == "\0" or "\ud800" <= mark <= "\udfff" for mark in text):
            raise NotATimeline(repr(text), "a path is needed")
        place = Path(text).absolute()
        if place.stem.lower() in _SCHEMAS:
            raise NotATimeline(text, "DuckDB takes its name for that of a schema in it; call it otherwise")
        try:
            if place.is_dir():
                raise NotATimeline(text, "it is a folder")
            if not place.parent.is_dir():
                raise NotATimeline(text, f"there is no folder {place.parent}")
            if read_only and not place.exists():
                raise NotATimeline(text, "there is no such file")
        except OSError as problem:
            raise NotATimeline(text[:40] + "…", (problem.strerror or str(problem)).lower()) from None
        key = os.path.realpath(place)
        return cls(text, key, read_only, lock_timeout, Shared.of(key))

    @property
    def in_memory(self) -> bool:
        """Whether it is no file at all, so that nothing of it is left when it is closed."""
        return self.path == ":memory:"

    @property
    def exists(self) -> bool:
        """Whether there is anything to open yet."""
        return self.in_memory or Path(self.key).exists()

    def signs(self) -> tuple[Any, ...]:
        """What differs once something was written: here, of which the first is a count, or by others."""
        return self.shared.written, _stamp(self.key), _stamp(f"{self.key}.wal")

    @property
    def writable(self) -> bool:
        """Whether it may be written, as far as permissions tell."""
        if self.in_memory:
            return True
        place = Path(self.key)
        return not self.read_only and os.access(place if place.exists() else place.parent, os.W_OK)

    @contextmanager
    def writing(self, request: object | None = None) -> Iterator[bool]:
        """Be the one writer of this process; or not, where what is requested was done by another meanwhile.

        Raises:
            LockedFile: if other threads keep it from that longer than `lock_timeout`.
        """
        with self._patient(), self.shared.writing(self.lock_timeout, request) as mine:
            yield mine

    @contextmanager
    def _patient(self) -> Iterator[None]:
        """Wait no longer than `lock_timeout`; who holds the file is told as an error."""
        try:
            yield
        except Held as problem:
            raise LockedFile(self.path, problem.holder, self.lock_timeout) from None

    @property
    def kept(self) -> Kept | None:
        """What is kept of the file, if anybody in this process has it open."""
        instance = self.shared.instance
        return None if instance is None else instance.kept

    @contextmanager
    def connected(
        self, *, write: bool, appending: bool = False, hold: bool = False
    ) -> Iterator[duckdb.DuckDBPyConnection]:
        """A connection of its own to the file, shared with whoever in this process has it open.

        With `appending`, for one writer at a time, it is the same until the file is closed. With `hold` it is
        not for a call but for a block: meanwhile others need not wait for a turn.

        Raises:
            LockedFile: if others hold the file longer than `lock_timeout`.
            NotATimeline: if it is no DuckDB file.
            ReadOnlyTimeline: if it is to be written and cannot be.
        """
        if write and not self.writable:
            problem = "it was opened with read_only=True" if self.read_only else "permission denied"
            raise ReadOnlyTimeline(self.path, problem)
        user = threading.get_ident()
        with self._patient():
            instance = self.shared.acquire(self._open, write=write, hold=hold, timeout=self.lock_timeout)
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
            self.shared.release(instance, user, held=hold)

    @contextmanager
    def alone(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """A connection to the file, to be written, while nobody else in any process has it.

        Raises:
            LockedFile: if others hold the file longer than `lock_timeout`.
            NotAllowed: if this thread holds it itself.
            NotATimeline: if it is no DuckDB file.
            ReadOnlyTimeline: if it cannot be written.
        """
        if not self.writable:
            problem = "it was opened with read_only=True" if self.read_only else "permission denied"
            raise ReadOnlyTimeline(self.path, problem)
        with ExitStack() as held:
            with self._patient():
                instance = held.enter_context(self.shared.alone(self._open, self.lock_timeout))
            yield instance.connection

    def _open(self, write: bool) -> Instance | str:
        """A new instance, or who holds the file."""
        if not self.in_memory:
            sweep(Path(self.key))
        while True:
            there, before = self.exists, None if self.in_memory else Headers.read(self.key)
            logged = self._logged()
            found = self._connect(write)
            if isinstance(found, str):
                return found
            if before is None or before.still_hold(self.key):
                if not self.in_memory:
                    self._examine(found, None if logged else before, new=not there)
                return found
            found.close()

    def _examine(self, instance: Instance, headers: Headers | None, *, new: bool) -> None:
        """See that nothing in a file that was just opened stands in for what SQL means, unless that is known.

        Raises:
            StandIn: if something does.
            NotATimeline: if its catalogue cannot be read.
        """
        if not new and (headers is None or headers.digest != self.shared.sound):
            try:
                refuse_stand_ins(instance.connection, self.path)
            except duckdb.Error as problem:
                instance.close()
                raise _foreign(self.path, problem) from None
            except StandIn:
                instance.close()
                raise
            self.shared.sound = b"" if headers is None else headers.digest
        if not instance.read_only:
            instance.closing = self._settle

    def _settle(self, instance: Instance) -> None:
        """Have all that was written in the file itself, and remember that it is still sound."""
        if self._logged():
            with suppress(duckdb.Error):  # what is in the WAL is written all the same
                instance.connection.execute("CHECKPOINT")
        else:
            with suppress(OSError):
                self._wal.unlink(missing_ok=True)
        headers = None if self._logged() else Headers.read(self.key)
        self.shared.sound = b"" if headers is None else headers.digest
        instance.leave_note(self.shared.sound)

    @property
    def _wal(self) -> Path:
        """Where DuckDB writes what it has not moved into the file yet."""
        return Path(f"{self.key}.wal")

    def _logged(self) -> bool:
        """Whether there is anything in the WAL."""
        with suppress(OSError):
            return self._wal.stat().st_size > 0
        return False

    def make_wal(self) -> None:
        """Make the WAL that DuckDB will write to, if there is none: what it makes itself, others may read."""
        if not self.in_memory and not self._wal.exists() and (access := Access.of(self.key)) is not None:
            access.create(self._wal)

    def _connect(self, write: bool) -> Instance | str:
        """A new instance, or who holds the file; what it has no memory for is as private as the file."""
        path = ":memory:" if self.in_memory else self.key
        access, spill, found = Access.of(path), None, None
        config = dict(_CONFIG)
        if access is not None and access.is_private and not self.in_memory:
            with suppress(OSError):  # where nothing can be made, DuckDB cannot either
                spill = Folder.beside(Path(self.key), "tmp")
                config["temp_directory"] = str(spill.path)
        try:
            found = self._instance(path, config, write)
        finally:
            if spill is not None and not isinstance(found, Instance):
                spill.remove()
        if isinstance(found, Instance):
            found.spill = spill
        return found

    def _instance(self, path: str, config: Config, write: bool) -> Instance | str:
        try:
            connection = connect(path, config=config, read_only=not write and not self.in_memory, locked=True)
        except duckdb.ConnectionException:
            return f"this process (PID {os.getpid()}), through a DuckDB connection of its own"
        except duckdb.IOException as problem:
            holder = _holder(str(problem))
            if holder is None:
                raise _foreign(self.path, problem) from None
            return holder
        except duckdb.Error as problem:
            raise _foreign(self.path, problem) from None
        if write and not self.in_memory:  # and nobody else has it, so that these are of one that was killed
            sweep_spilled(Path(self.key))
        return Instance(connection, read_only=not write and not self.in_memory)


def _stamp(path: str) -> tuple[int, ...] | None:
    try:
        found = Path(path).stat()
    except OSError:
        return None
    return found.st_ino, found.st_size, found.st_mtime_ns


def _holder(problem: str) -> str | None:
    """Who holds a file, as DuckDB tells it; None if it is not about that."""
    held = _HOLDER.search(problem)
    if held is not None:
        return f"process {held['pid']} ({held['program']})"
    return "another process, which has let go by now" if "Could not set lock on file" in problem else None


_SUM: Final = re.compile(r"Overflow in .*(?:HUGEINT|DECIMAL)")
"""Said of a sum that its type cannot hold."""
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

_LAYOUT: Final = (duckdb.BinderException, duckdb.CatalogException)
"""What it raises where a table, a view or a column is not there, or is something else."""
_ROW: Final = re.compile(r"appender holds \d+ values")
"""Said where a table has other columns."""
_LOOK: Final = "so somebody else has changed it; `timeline verify` tells what can be mended"


@contextmanager
def failing(path: str) -> Iterator[None]:
    """Tell the failure of a file in our words.

    Raises:
        FileFailed: if DuckDB could not read or write it, or somebody has changed its tables.
        NotAllowed: if a sum is larger than numbers can be in SQL.
    """
    try:
        yield
    except duckdb.OutOfRangeException as problem:
        if _SUM.search(str(problem)) is None:
            raise
        raise NotAllowed(
            f"a sum has more than {BEFORE} digits before the point, and SQL adds up no more; "
            "ask for one at a time, with `of`"
        ) from None
    except duckdb.Error as problem:
        if isinstance(problem, _LAYOUT) or _ROW.search(str(problem)):
            raise FileFailed(
                path, f"it is not laid out as it should be, {_LOOK} ({_reason(problem)})"
            ) from problem
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
