"""Where processes queue for a file: who waits for it comes before whoever has just had it."""

from __future__ import annotations

import os
import random
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from timeline.access import Access

__all__ = ["GATE", "passed"]

GATE: Final = ".gate"
"""Ends the name of the gate of a file."""

_PAUSE: Final = 0.005
"""How long to wait, at most and in seconds, before trying the gate again."""


@contextmanager
def passed(path: str | None, deadline: float) -> Iterator[None]:
    """Be the one process that is about to open a file, from then on until that is done.

    Nobody else opens it meanwhile, so that those who have it come to an end. The gate is a file at `path`
    that is there only while somebody is in it, and that no more may open than the file. Where none can be
    made, or the deadline by the monotonic clock passes, it stands open: it makes waiting fair, it guards
    nothing.
    """
    handle = None if path is None else _entered(path, deadline)
    try:
        yield
    finally:
        if path is not None and handle is not None:
            _left(path, handle)


def _entered(path: str, deadline: float) -> int | None:
    """The gate as an open file that this process alone has locked; None if there is none."""
    try:
        import fcntl
    except ImportError:  # Windows
        return None
    access = Access.of(path.removesuffix(GATE))
    mode = 0o666 if access is None else access.mode | 0o600
    while True:
        try:
            handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, mode)
        except OSError:
            return None
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if _is_at(path, handle):
                return handle
        except BlockingIOError:
            pass
        except OSError:
            os.close(handle)
            return None
        os.close(handle)
        if time.monotonic() >= deadline:
            return None
        time.sleep(random.uniform(_PAUSE / 2, _PAUSE))  # noqa: S311


def _is_at(path: str, handle: int) -> bool:
    """Whether the file at the path is still the one that was opened."""
    try:
        return os.path.samestat(Path(path).stat(), os.fstat(handle))
    except OSError:
        return False


def _left(path: str, handle: int) -> None:
    with suppress(OSError):
        Path(path).unlink()
    os.close(handle)
