"""New files: written beside their place, forced to disk, and put there whole or not at all."""

from __future__ import annotations

import os
import secrets
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from importlib.metadata import version
from pathlib import Path
from typing import Final

from timeline import schema
from timeline.codec import Codec
from timeline.errors import FileFailed, NotAllowed
from timeline.file import File, failing
from timeline.instances import connect
from timeline.log import Log

__all__ = ["fresh", "placed", "swapped"]

_CONFIG: Final[dict[str, str | bool | int | float | list[str]]] = {"storage_compatibility_version": "v1.5.0"}


@contextmanager
def placed(target: Path, *, dry_run: bool = False) -> Iterator[Path]:
    """A path beside a target to write a file or a folder to, which at the end becomes the target.

    With `dry_run` it is gone at the end.

    Raises:
        NotAllowed: if there is something at the target.
        FileFailed: if it cannot be written.
    """
    taken = f"there is something at {target} already; name another place"
    if os.path.lexists(target):
        raise NotAllowed(taken)
    with _draft(target) as draft:
        try:
            yield draft
            if dry_run:
                return
            _settle(draft)
            if draft.is_dir():
                draft.rename(target)
            else:
                os.link(draft, target)  # unlike a renaming, it never takes the place of a file
            _settle(target.parent)
        except FileExistsError:
            raise NotAllowed(taken) from None
        except OSError as problem:
            if isinstance(problem, FileFailed):
                raise
            raise FileFailed(str(target), (problem.strerror or str(problem)).lower()) from None


@contextmanager
def _draft(target: Path) -> Iterator[Path]:
    """A path beside a target, at which nothing is left at the end."""
    draft = target.with_name(f"{target.name}.{secrets.token_hex(4)}.new")
    try:
        yield draft
    finally:
        for left in draft, Path(f"{draft}.wal"), Path(f"{draft}.tmp"):
            with suppress(OSError):
                shutil.rmtree(left) if left.is_dir() else left.unlink(missing_ok=True)


def _settle(path: Path) -> None:
    """Force a file, or a folder that was just written and its files, to disk."""
    inside = path.iterdir() if path.suffix == ".new" and path.is_dir() else ()
    for one in (*inside, path):
        with suppress(PermissionError):  # Windows opens no folders
            handle = os.open(one, os.O_RDONLY)
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


def swapped(file: File, codec: Codec, write: Callable[[Log, Path], None], *, dry_run: bool = False) -> None:
    """Have a new file written in the place of an old one, which nobody else has open meanwhile.

    `write` is given the log of the old file, in a transaction that reads, and a path for the new one.
    With `dry_run` that is gone at the end, and the old file stays.

    Raises:
        LockedFile: if others hold the old file longer than its `lock_timeout`.
        TimelineError: whatever `write` raises; the old file is as it was then.
    """
    place = Path(file.key)
    with file.alone() as connection, _draft(place) as draft, failing(file.path):
        connection.execute("CHECKPOINT")
        connection.execute("BEGIN TRANSACTION READ ONLY")
        write(Log(connection, codec, {}), draft)
        connection.execute("COMMIT")
        if dry_run:
            return
        if os.path.lexists(f"{place}.wal"):
            raise FileFailed(file.path, "its WAL is still there after a checkpoint")
        try:
            shutil.copymode(place, draft)
            _settle(draft)
            draft.replace(place)
            _settle(place.parent)
        except OSError as problem:
            raise FileFailed(file.path, (problem.strerror or str(problem)).lower()) from None
