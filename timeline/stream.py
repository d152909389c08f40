"""Values that are read from the file as they are asked for, while it is held."""

from __future__ import annotations

import inspect
from collections.abc import Generator, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from typing import Any, TypeVar
from weakref import WeakSet

from timeline.errors import NotAllowed

__all__ = ["Streams"]

T = TypeVar("T")


class _Stream(Iterator[T]):
    """Values read one after the other, until the file is let go."""

    def __init__(self, values: Generator[T]) -> None:
        self._values = values
        self._ended = False

    def __next__(self) -> T:
        if self._ended:
            raise NotAllowed("the timeline was closed meanwhile; read all of them while it is open")
        return next(self._values)

    def end(self) -> None:
        """Let go of the file; what has not been read by now cannot be read any more."""
        self._ended = inspect.getgeneratorstate(self._values) != inspect.GEN_CLOSED
        with suppress(ValueError):  # another thread is reading just now, and meets the end next
            self._values.close()


class Streams:
    """The streams of a timeline that may still be read, while anybody holds its file."""

    def __init__(self) -> None:
        self._open: WeakSet[_Stream[Any]] = WeakSet()
        self._holders = 0

    @contextmanager
    def held(self, held: AbstractContextManager[object]) -> Iterator[None]:
        """Hold the file; when nobody holds it any more, all streams end."""
        with held:
            self._holders += 1
            try:
                yield
            finally:
                self._holders -= 1
                if not self._holders:
                    for stream in list(self._open):
                        stream.end()

    def begin(self, values: Generator[T]) -> Iterator[T]:
        """A stream of values; where nobody holds the file, all of them, read at once."""
        if not self._holders:
            return iter(list(values))
        stream = _Stream(values)
        self._open.add(stream)
        return stream
