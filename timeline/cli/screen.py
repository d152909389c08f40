"""Where what the verbs say goes, and what comes in by pipes: standard output, error and input."""

from __future__ import annotations

import errno
import io
import os
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from typing import IO, TYPE_CHECKING, Any, Final

from cyclopts import Parameter

from timeline.formats import Table, csv_written, html_written, json_ready, markdown_written, tsv_written
from timeline.values import BadText, Line, NotAllowed, as_json_text, clipped, zone

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from rich.console import Console

    from timeline.cli.opening import Output
    from timeline.formats import Page
    from timeline.log import Rows


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
    return _pager.get() or sys.stdout


_pager: ContextVar[IO[str] | None] = ContextVar("pager", default=None)
"""What answers go to in place of standard output: a program that shows a screen of them at a time."""


class _Paged:
    """The input of a pager, which is to be written to as the terminal that it shows."""

    def __init__(self, stream: IO[str]) -> None:
        self._stream = stream

    def isatty(self) -> bool:
        return True

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


@contextmanager
def paged(file: Output, lines: int) -> Iterator[None]:
    """Give an answer through `$PAGER` where a person is to see it and it has so many lines as fill a screen.

    Without `$PAGER` that is `less`, if there is one; where it is empty, there is none. Who leaves the pager
    has seen enough.
    """
    import shlex
    import shutil
    import subprocess

    command = shlex.split(os.environ.get("PAGER", "less"))
    terminal = sys.stdout is not None and sys.stdout.isatty() and os.environ.get("TERM") != "dumb"
    if not (
        file.for_people
        and terminal
        and lines >= shutil.get_terminal_size().lines
        and command
        and shutil.which(command[0])
    ):
        yield
        return
    settings = {"LESS": "FRX", "LV": "-c"} | os.environ
    shown = subprocess.Popen(command, stdin=subprocess.PIPE, text=True, encoding="utf-8", env=settings)  # noqa: S603
    pipe = shown.stdin
    assert pipe is not None  # noqa: S101
    token = _pager.set(_Paged(pipe))  # type: ignore[arg-type]
    try:
        with suppress(BrokenPipeError):
            yield
    finally:
        _pager.reset(token)
        with suppress(BrokenPipeError):
            pipe.close()
        shown.wait()


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


def error_told(message: str) -> None:
    """Tell what is wrong, as a message, a line for each thing."""
    first, *rest = map(clipped, message.splitlines() or [""])
    page = err()
    page.line(("error: ", "red"), first, hang=2)
    for line in rest:
        page.line(line, hang=2)


@contextmanager
def answering(done: str, undone: str = "", *, dry_run: bool = False) -> Iterator[None]:
    """Give an answer; an error in that says what was `done` all the same, or of a dry run what was not.

    After the answer of a dry run a message says that nothing was written.
    """
    try:
        yield
        stdout().flush()
    except OSError as problem:
        problem.add_note(undone if dry_run else done)
        raise
    if dry_run:
        dry_told()


def dry_told() -> None:
    """Say, as a message, that nothing was written."""
    err().line("a dry run: nothing was written")


def as_json(value: Any, *, indent: int | None = 2) -> None:
    """Write a value to standard output as JSON; what it has no number for is null."""
    stream = stdout()
    ascii_only = not (getattr(stream, "encoding", None) or "utf-8").lower().startswith("utf")
    text = as_json_text(json_ready(value), indent=indent, ascii_only=ascii_only)
    stream.write(f"{text}\n")


def answer(
    file: Output,
    value: Callable[[], Any],
    table: Callable[[], Table] | None = None,
    page: Callable[[Page], Any] | Iterable[Line] | None = None,
) -> None:
    """Write an answer to standard output in the format asked for.

    `value` gives it for JSON, `table` for formats of rows, if those are not of the parts of `value`; `page`
    writes it for people, or is its lines, if it is not for them as a table.
    """
    if file.format == "json":
        as_json(value())
    elif file.for_people and page is not None:
        if callable(page):
            page(out())
        else:
            out().lines(page)
    else:
        _rows_written(file.format, _rows(value()) if table is None else table())


def _rows(value: Any) -> Table:
    return Table.of(*(value if isinstance(value, list) else (value,)))


_WRITTEN: Final = {
    "csv": csv_written,
    "tsv": tsv_written,
    "markdown": markdown_written,
    "html": html_written,
}
"""What writes a table, by format."""


def _rows_written(form: str, table: Table) -> None:
    if form in _WRITTEN:
        _WRITTEN[form](table, stdout())
    elif form == "jsonl":
        for row in table.rows:
            as_json(dict(zip(table.columns, row, strict=True)), indent=None)
    else:
        out().table(table)


def rows_told(file: Output, rows: Rows) -> None:
    """Write the rows of a query to standard output in the format asked for."""
    answer(file, rows.as_dicts, lambda: Table(rows.columns, rows))


def read_in(file: Output, tz: str | None) -> ZoneInfo | None:
    """The zone that people are told instants in; in the formats that programs read they are in UTC.

    Raises:
        NotAllowed: if there is no such zone.
    """
    there = zone(tz)
    return there if file.format in {"table", "markdown", "html"} else None


_no_flags: ContextVar[Sequence[str]] = ContextVar("no_flags", default=())
"""The words of a call behind `--`, which are no flags whatever they look like."""


def begin(words: Sequence[str]) -> None:
    """Take in the words of a call before it is made."""
    _no_flags.set(words[words.index("--") :] if "--" in words else ())


class UnknownFlag(ValueError):
    """A word that looks like a flag where none of that name is taken."""

    def __init__(self, word: str) -> None:
        self.word = word
        super().__init__(word)


def _no_flag(_type: Any, value: Any) -> None:
    """See that no word looks like a flag, `-` and what is behind `--` aside."""
    for word in (value,) if isinstance(value, str) else value or ():
        if word.startswith("-") and word not in {"-", *_no_flags.get()}:
            raise UnknownFlag(word)


DASH: Final = Parameter(allow_leading_hyphen=True, validator=_no_flag)
"""A word, or several, that may be `-`."""


def text_of(word: str, what: str) -> str:
    """A text as it is given, or all of standard input if that is `-`.

    Raises:
        BadText: if standard input is closed, is no text or holds nothing; `what` says what is lacking.
    """
    from timeline.formats import ReadFile, standard_input

    if word != "-":
        return word
    raw = standard_input()
    if isinstance(raw, ReadFile):
        raise BadText(word, raw.faults[0].problem)
    try:
        text = raw.decode("utf-8-sig").strip()
    except UnicodeDecodeError:
        raise BadText(word, "is standard input, and that is not UTF-8") from None
    if not text or "\0" in text:
        lacking = "has a NUL in it" if text else f"holds no {what}"
        raise BadText(word, f"is standard input, and that {lacking}")
    return text


def check_streamed(path: str, what: str, instead: str) -> None:
    """Refuse `-` where a file is needed, with what to do instead.

    Raises:
        NotAllowed: if it is that.
    """
    if path == "-":
        raise NotAllowed(f"{what} is a file, and `-` is none; {instead}")
