"""New files: written beside their place, forced to disk, and put there whole or not at all."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from importlib.metadata import version
from pathlib import Path
from typing import Final

from timeline import schema
from timeline.access import Access
from timeline.codec import Codec
from timeline.drafts import drafting
from timeline.errors import FileFailed, NotAllowed, TimelineError
from timeline.file import File, failing
from timeline.instances import connect
from timeline.log import Log

__all__ = ["fresh", "placed", "swapped"]

_CONFIG: Final[dict[str, str | bool | int | float | list[str]]] = {"storage_compatibility_version": "v1.5.0"}


@contextmanager
def placed(target: Path, source: str, *, dry_run: bool = False) -> Iterator[Path]:
    """A path beside a target to write a file or a folder to, which at the end becomes the target.

    It is never more open than its source, a file. With `dry_run` it is gone at the end.

    Raises:
        NotAllowed: if there is something at the target.
        FileFailed: if it cannot be written.
    """
    taken = f"there is something at {target} already; name another place"
    if os.path.lexists(target):
        raise NotAllowed(taken)
    try:
        with drafting(target) as draft:
            yield draft
            if dry_run:
                return
            _settle(draft, Access.of(source))
            if draft.is_dir():
                draft.rename(target)
            else:
                os.link(draft, target)  # unlike a renaming, it never takes the place of a file
            _sync(target.parent)
    except FileExistsError:
        raise NotAllowed(taken) from None
    except OSError as problem:
        if isinstance(problem, FileFailed):
            raise
        raise FileFailed(str(target), (problem.strerror or str(problem)).lower()) from None


def _settle(path: Path, access: Access | None) -> None:
    """Make a new file, or a folder and its files, no more open than may be, and force it to disk."""
    if access is not None:
        access.limit(path)
    for one in (*(path.iterdir() if path.is_dir() else ()), path):
        _sync(one)


def _sync(path: Path) -> None:
    """Force a file or a folder to disk."""
    with suppress(PermissionError):  # Windows opens no folders
        handle = os.open(path, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


@contextmanager
def fresh(path: Path, codec: Codec) -> Iterator[Log]:
    """The log of a new timeline file, empty and laid out, in a transaction that is done at the end.

    Raises:
        FileFailed: if it cannot be written.
    """
    with failing(str(path)), connect(str(path), config=_CONFIG) as connection:
        connection.execute("BEGIN TRANSACTION")
        schema.create(connection, codec, f"timeline {version('timeline')}")
        yield Log(connection, codec, {})
        connection.execute("COMMIT")
        connection.execute("CHECKPOINT")


def swapped(
    file: File,
    codec: Codec,
    write: Callable[[Log, Path], None],
    *,
    source: str | None = None,
    dry_run: bool = False,
) -> None:
    """Have a new file written in the place of an old one, which nobody else has open meanwhile.

    `write` is given the log of the old file, in a transaction that reads, and a path for the new one.
    That is no more open than the old one, nor than the `source` that it is a copy of.
    With `dry_run` it is gone at the end, and the old file stays.

    Raises:
        LockedFile: if others hold the old file longer than its `lock_timeout`.
        TimelineError: whatever `write` raises; the old file is as it was then.
    """
    place = Path(file.key)
    with file.alone() as connection, _told(file.path), drafting(place) as draft, failing(file.path):
        connection.execute("CHECKPOINT")
        connection.execute("BEGIN TRANSACTION READ ONLY")
        write(Log(connection, codec, {}), draft)
        connection.execute("COMMIT")
        if dry_run:
            return
        wal = Path(f"{place}.wal")
        if wal.exists() and wal.stat().st_size:
            raise FileFailed(file.path, "its WAL is still there after a checkpoint")
        shutil.copymode(place, draft)
        if source is not None and (access := Access.of(source)) is not None:
            access.limit(draft)
        _settle(draft, Access.of(place))
        draft.replace(place)
        _sync(place.parent)


@contextmanager
def _told(path: str) -> Iterator[None]:
    """Tell what the system refuses as an error of ours."""
    try:
        yield
    except OSError as problem:
        if isinstance(problem, TimelineError):
            raise
        raise FileFailed(path, (problem.strerror or str(problem)).lower()) from None
