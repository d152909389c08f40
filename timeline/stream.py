"""Values that are read from the file as they are asked for, while it is held."""

from __future__ import annotations

import inspect
from collections.abc import Generator, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from typing import Any, Protocol, TypeVar
from weakref import WeakSet

from timeline.errors import NotAllowed, TimelineError

__all__ = ["Streams"]

T = TypeVar("T")
P = TypeVar("P", bound="Lookups")


class Lookups(Protocol):
    """What is looked up in the file when it is first used."""

    def settle(self, others: Iterable[Any] = ()) -> None:
        """Look it up, and with it those others that can be looked up together with it."""
        ...


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
        self._pending: WeakSet[Lookups] = WeakSet()
        self._holders = 0

    @contextmanager
    def held(self, held: AbstractContextManager[object]) -> Iterator[None]:
        """Hold the file; when nobody holds it any more, what is pending is looked up and all streams end."""
        with held:
            self._holders += 1
            try:
                yield
            finally:
                self._holders -= 1
                if not self._holders:
                    self._settle()
                    for stream in list(self._open):
                        stream.end()

    def _settle(self) -> None:
        """Look up what is still of use to anybody; where that fails, it is tried again when it is used."""
        pending = list(self._pending)
        self._pending.clear()
        while pending:
            one = pending.pop()
            with suppress(TimelineError):
                one.settle(pending)

    def await_use(self, pending: P) -> P:
        """What is looked up when first used, or when the file is let go; at once where nobody holds that."""
        if self._holders:
            self._pending.add(pending)
        else:
            pending.settle()
        return pending

    def begin(self, values: Generator[T]) -> Iterator[T]:
        """A stream of values; where nobody holds the file, all of them, read at once."""
        if not self._holders:
            return iter(list(values))
        stream = _Stream(values)
        self._open.add(stream)
        return stream
