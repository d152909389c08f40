"""Folders beside a file, for what is made before it takes its place and for what memory does not hold.

Only their owner can look into them. Each is locked for as long as somebody works in it, so that those which a
killed process left are known, and removed.
"""

from __future__ import annotations

import os
import re
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final, Literal

import attrs

_GROUP: Final = 0o070
_READS: Final = 0o444
_OWNER: Final = 0o700
_OTHERS_READ: Final = 0o044


@attrs.frozen
class Access:
    """The owner, the group and the mode of a file; other systems than POSIX have none of these."""

    mode: int
    owner: int
    group: int

    @classmethod
    def of(cls, path: str | os.PathLike[str]) -> Access | None:
        """That of the file at a path; None if there is none, or the system knows of no such thing."""
        if os.name != "posix":
            return None
        try:
            found = Path(path).stat()
        except OSError:
            return None
        return cls(found.st_mode & 0o777, found.st_uid, found.st_gid)

    @property
    def is_private(self) -> bool:
        """Whether there is anybody who may not read the file."""
        return self.mode & _OTHERS_READ != _OTHERS_READ

    def create(self, path: str | os.PathLike[str]) -> None:
        """Make an empty file that is as open as this, unless there is something at the path already."""
        with suppress(OSError):
            handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, self.mode & 0o600)
            try:
                os.fchmod(handle, self._given(handle, self.mode))
            finally:
                os.close(handle)

    def limit(self, path: str | os.PathLike[str]) -> None:
        """Take from a file, or a folder and all in it, whatever would make it more open than this."""
        place = Path(path)
        for one in (place, *(place.rglob("*") if place.is_dir() else ())):
            folder = one.is_dir()
            allowed = self.mode | ((self.mode & _READS) >> 2 | _OWNER if folder else 0)
            wanted = one.stat().st_mode & 0o777 & allowed
            one.chmod(self._given(one, wanted))

    def _given(self, place: int | Path, mode: int) -> int:
        """Give a file to the owner and the group of this, where that may be done; the mode it is to have.

        What may be done by a group is done by no other group.
        """
        with suppress(OSError):
            os.chown(place, self.owner, self.group)
        found = os.fstat(place) if isinstance(place, int) else place.stat()
        return mode if found.st_gid == self.group else mode & ~_GROUP


Use = Literal["new", "tmp"]
_NAME: Final = re.compile(r"\.[0-9a-f]{8}\.(?:new(?:\.wal|\.tmp)?|tmp)")
"""Stands behind the name of the file; where there was no such folder, a new file had its WAL beside it."""


@attrs.frozen
class Folder:
    """Such a folder, and what says that it is in use: a lock, where the system has them."""

    path: Path
    _lock: int | None

    @classmethod
    def beside(cls, file: Path, use: Use) -> Folder:
        """A new one beside a file, for what is to take a place ("new") or what memory does not hold ("tmp").

        Raises:
            OSError: if none can be made there.
        """
        while True:
            path = file.with_name(f"{file.name}.{secrets.token_hex(4)}.{use}")
            with suppress(FileExistsError):
                path.mkdir(mode=0o700)
                lock = _locked(path, wait=True)
                if path.exists():  # else it was taken for one that nobody works in, before it was locked
                    return cls(path, lock)
                _let_go(lock)

    def remove(self) -> None:
        """Remove it, and all that is in it."""
        shutil.rmtree(self.path, ignore_errors=True)
        _let_go(self._lock)


@contextmanager
def drafting(target: Path) -> Iterator[Path]:
    """A path for a file or a folder that is to become the target, in a folder that is gone at the end.

    Raises:
        OSError: if there can be none.
    """
    sweep(target)
    folder = Folder.beside(target, "new")
    try:
        yield folder.path / target.name
    finally:
        folder.remove()


def sweep(file: Path) -> None:
    """Remove what killed processes have left beside a file."""
    with suppress(OSError), os.scandir(file.parent) as there:
        for one in there:
            if one.name.startswith(file.name) and _NAME.fullmatch(one.name, len(file.name)):
                _remove_unless_used(Path(one.path))


def sweep_spilled(file: Path) -> None:
    """Remove what DuckDB has left in a folder of its own beside a file where it was killed, and the folder.

    Nobody may have the file open. What is called otherwise is somebody else's, and stays.
    """
    folder = file.with_name(f"{file.name}.tmp")
    with suppress(OSError):
        if folder.is_symlink():
            return
        for one in folder.glob("duckdb_temp_*"):
            one.unlink()
        folder.rmdir()


def _remove_unless_used(path: Path) -> None:
    lock = _locked(path, wait=False)
    if lock is None:
        return
    try:
        if path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
        else:
            with suppress(OSError):
                path.unlink()
    finally:
        _let_go(lock)


def _locked(path: Path, *, wait: bool) -> int | None:
    """A lock on a file or folder that nobody else has; None if there is none to be had."""
    try:
        import fcntl
    except ImportError:  # Windows
        return None
    with suppress(OSError):
        handle = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX if wait else fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(handle)
        else:
            return handle
    return None


def _let_go(lock: int | None) -> None:
    if lock is not None:
        os.close(lock)
