"""What is kept of a file while it is open."""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable
from typing import Any, Final, TypeVar

import attrs

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
