"""Python's search for garbage in cycles, put off while many objects are made."""

from __future__ import annotations

import gc
import threading
from types import TracebackType
from typing import Final

__all__ = ["uncollected"]


class _Uncollected:
    """A context in which Python looks for no cycles; may be entered by several threads, and twice by one."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._users = 0
        self._was_on = False

    def __enter__(self) -> None:
        with self._lock:
            if not self._users:
                self._was_on = gc.isenabled()
                gc.disable()
            self._users += 1

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with self._lock:
            self._users -= 1
            if not self._users and self._was_on:
                gc.enable()


uncollected: Final = _Uncollected()
"""A context in which Python looks for no cycles, as long as anybody is in it.

An append makes some hundred objects for each event, hardly any of them in a cycle; Python would look through
them, and through all that the caller holds, many times a commit.
"""
