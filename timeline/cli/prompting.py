"""The verb that opens a prompt for SQL: the user's DuckDB shell, or a small one of ours."""

from __future__ import annotations

import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

from cyclopts import App, Parameter

from timeline.cli.formats import answer
from timeline.cli.opening import alone
from timeline.cli.options import FILE, Output
from timeline.cli.screen import err
from timeline.formats import Table

if TYPE_CHECKING:
    from timeline.log import Rows

__all__ = ["register"]

_LEAVES: Final = frozenset({".quit", ".exit", "exit", "quit"})
_HELPS: Final = frozenset({".help", "help", "?"})
_GREETING: Final = "one SELECT at a time, with `;` at its end; `exit` or Ctrl-D leaves"
_UNFINISHED: Final = "the statement above is not finished: end it with `;`, or leave with Ctrl-D"


def register(app: App) -> None:
    """Add the verb to a command line."""
    app.command(shell)


def shell(
    *,
    ours: Annotated[bool, Parameter(negative=(), show_default=False)] = False,
    file: Output = FILE,
) -> int:
    """A prompt for SQL over the file, which cannot write: the `duckdb` on the path, or a small one of ours.

    Ours takes statements that end with a semicolon, from a terminal or from standard input, and gives the
    answers in the format asked for; it is taken where there is no `duckdb`, and where a format is asked for.
    While the shell of DuckDB is open, nobody else can write to the file; ours lets go of it each time.

    Example: echo 'SELECT count(*) FROM log;' | timeline shell --ours

    Parameters
    ----------
    ours
        Take the small one, also where there is a `duckdb`.
    """
    timeline = alone(file.db)
    client = None if ours or file.json or file.form is not None else shutil.which("duckdb")
    if client is not None:
        return _run(client, file.db)
    failed = False
    for query in _queries():
        failed |= not _asked(file, timeline.sql, query)
    return int(failed and not sys.stdin.isatty())


def _run(client: str, path: str) -> int:
    """Run DuckDB's own shell on the file; an interrupt is for it alone."""
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        asked = [client, "-readonly", "-cmd", "SET TimeZone = 'UTC'", str(Path(path).resolve())]
        return subprocess.run(asked, check=False).returncode  # noqa: S603
    finally:
        signal.signal(signal.SIGINT, before)


def _queries() -> Iterator[str]:
    """Statements as they come, each up to a semicolon that ends a line; the last of a file may lack it."""
    waiting: list[str] = []
    someone = sys.stdin is not None and sys.stdin.isatty()
    if someone:
        err().line(_GREETING)
    while (line := _line("timeline> " if not waiting else "     ...> ")) is not None:
        word = line.strip().lower()
        if not waiting and word in _LEAVES:
            return
        if someone and word in {*_LEAVES, *_HELPS}:
            err().line(_UNFINISHED if waiting else _GREETING)
            continue
        if line.strip():
            waiting.append(line)
        if line.rstrip().endswith(";"):
            yield "\n".join(waiting)
            waiting = []
    if waiting and not someone:
        yield "\n".join(waiting)


def _line(prompt: str) -> str | None:
    """A line of standard input, asked for with a prompt on a terminal; None at the end."""
    if sys.stdin is None:
        return None
    try:
        if sys.stdin.isatty():
            import readline  # noqa: F401  (gives `input` a history)

            return input(prompt)
        line = sys.stdin.readline()
    except EOFError:
        return None
    return line.rstrip("\n") if line else None


def _asked(file: Output, ask: Callable[[str], Rows], query: str) -> bool:
    """Answer one statement; what is wrong with it is told, and the next one is asked for."""
    from timeline.values import TimelineError

    try:
        rows = ask(query)
    except TimelineError as problem:
        err().line(("error: ", "red"), str(problem), hang=2)
        return False
    answer(file, rows.as_dicts, lambda: Table(rows.columns, rows))
    return True
