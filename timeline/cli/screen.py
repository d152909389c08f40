"""Where what the verbs say goes: answers to standard output, messages to standard error."""

from __future__ import annotations

import errno
import io
import math
import os
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from decimal import Decimal
from typing import IO, TYPE_CHECKING, Any

from timeline.values import as_json_text

if TYPE_CHECKING:
    from rich.console import Console

    from timeline.formats import Page

__all__ = [
    "answering",
    "as_json",
    "console",
    "discard",
    "dry_told",
    "err",
    "out",
    "progressing",
    "stdout",
    "waiting",
]


def out() -> Page:
    """The page that answers go to."""
    from timeline.formats import Page

    return Page.on(stdout())


def err() -> Page:
    """The page that messages go to."""
    from timeline.formats import Page

    return Page.on(io.StringIO() if sys.stderr is None else _Messages(sys.stderr))


def console() -> Console | None:
    """What help is written to: without escapes where no colours are wanted, else as usual."""
    if not os.environ.get("NO_COLOR"):
        return None
    from rich.console import Console

    return Console(color_system=None)


def stdout() -> IO[str]:
    """The stream that answers go to.

    Raises:
        OSError: if it is closed.
    """
    if sys.stdout is None:
        raise OSError(errno.EBADF, "standard output is closed")
    return sys.stdout


class _Messages:
    """Standard error; what it does not take is lost, since there is nowhere to say so."""

    def __init__(self, stream: IO[str]) -> None:
        self._stream = stream

    def write(self, text: str) -> int:
        try:
            return self._stream.write(text)
        except (OSError, ValueError):
            discard(self._stream)
            return len(text)

    def flush(self) -> None:
        try:
            self._stream.flush()
        except (OSError, ValueError):
            discard(self._stream)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


def discard(stream: IO[str] | None) -> None:
    """Let what a stream still holds go nowhere, so that nothing fails again when the process ends."""
    if stream is None:
        return
    with suppress(OSError, ValueError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, stream.fileno())
        os.close(nowhere)


@contextmanager
def answering(done: str) -> Iterator[None]:
    """Give an answer; an error in that says what was done all the same."""
    try:
        yield
        stdout().flush()
    except OSError as problem:
        problem.add_note(done)
        raise


def dry_told(dry_run: bool) -> None:
    """Say, as a message, that nothing was written, where that is so."""
    if dry_run:
        err().line("a dry run: nothing was written")


def as_json(value: Any, *, indent: int | None = 2) -> None:
    """Write a value to standard output as JSON; what it has no number for is null."""
    stream = stdout()
    ascii_only = not (getattr(stream, "encoding", None) or "utf-8").lower().startswith("utf")
    text = as_json_text(_plain(value), indent=indent, ascii_only=ascii_only)
    stream.write(f"{text}\n")


def _plain(value: Any) -> Any:
    """A value without what JSON has not: numbers that are none, and keys that are no texts."""
    from timeline.values import plain

    if isinstance(value, Mapping):
        return {str(key): _plain(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, Decimal):
        return plain(value) if value.is_finite() else None
    return value


@contextmanager
def waiting() -> Iterator[Callable[[str], None]]:
    """A line on a terminal that says how far things are; nothing elsewhere."""
    console = err().console
    if not console.is_terminal or console.color_system is None:
        yield lambda _: None
        return
    from rich.text import Text

    with console.status(Text("opening")) as status:
        yield lambda text: status.update(Text(text))


@contextmanager
def progressing() -> Iterator[Callable[[str, int, int | None], None]]:
    """The same, of so many records of all of them."""
    with waiting() as tell:
        yield lambda stage, done, of: tell(f"{stage} {done:,}{'' if of is None else f' of {of:,}'}")
