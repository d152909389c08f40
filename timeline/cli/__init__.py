"""The command line: the same verbs as in Python, answers on standard output, messages on standard error.

It ends with 0 where all went well, 1 where something failed or surely does not add up, 2 where it was called
wrongly, 65 where data was bad, and 75 where others hold the file.
"""

from __future__ import annotations

import inspect
import io
import os
import re
import sys
from collections.abc import Sequence
from typing import Any, Final

from cyclopts import App, CycloptsError, Group

from timeline.cli import (
    asking,
    checking,
    comparing,
    completing,
    copies,
    dating,
    entities,
    history,
    keeping,
    misuse,
    piping,
    plotting,
    prompting,
    redacting,
    schemas,
    supposing,
    trust,
    vocabulary,
    writing,
)
from timeline.cli.advice import told
from timeline.cli.screen import console, discard, err
from timeline.values import (
    AlreadySuperseded,
    AmbiguousName,
    BadMoney,
    BadText,
    BadWhen,
    CatalogueError,
    DoesNotAddUp,
    FaultyCopy,
    FaultyFile,
    FutureKnown,
    IdConflict,
    InvalidData,
    LockedFile,
    NotAllowed,
    SamenessConflict,
    TimelineError,
    UnboundedPoint,
    UnknownType,
    WrongBasis,
    WrongTarget,
    clipped,
)

__all__ = ["GROUPS", "app", "main", "run"]

_BAD_DATA = (
    AlreadySuperseded,
    AmbiguousName,
    BadMoney,
    BadText,
    BadWhen,
    DoesNotAddUp,
    FaultyCopy,
    FaultyFile,
    FutureKnown,
    IdConflict,
    InvalidData,
    SamenessConflict,
    WrongTarget,
)
_HOW: Any = {"exit_on_error": False, "print_error": False, "result_action": "return_value"}
_BROKEN: Final = re.compile(r"^(?P<indent> *)(?P<line>\S.*[^.?\s-])\n(?P=indent)(?=[^\s-])", re.MULTILINE)
"""A line, and the end of it, that goes on in the next line, which is indented alike."""
_PIPE_CLOSED = 141
_WRONG_CALL = (CatalogueError, NotAllowed, UnboundedPoint, UnknownType, WrongBasis)

GROUPS: Final = {
    "Set up": ("demo", "init", "types", "schema", "completion"),
    "Say": ("append", "load", "correct", "retract", "attest", "date"),
    "Ask": (
        *("as-of", "explain", "history", "diff", "log", "entities", "slips", "check"),
        *("sources", "single-sourced", "what-if", "sql", "shell"),
    ),
    "Draw": ("plot",),
    "Keep": ("verify", "head", "backup", "restore", "export", "import", "rebuild", "redact"),
}
"""The verbs as they are listed."""

app = App(
    name="timeline",
    help="What was true then, and what was known then: a timeline of events in one DuckDB file.\n\n"
    "Start with `timeline demo`: it makes a file, and shows what can be asked of it.",
    help_format="plaintext",
    version_flags=["--version"],
    group_commands=Group("Flags", sort_key=len(GROUPS)),
)
writing.register(app)
asking.register(app)
checking.register(app)
comparing.register(app)
completing.register(app)
dating.register(app)
prompting.register(app)
schemas.register(app)
history.register(app)
keeping.register(app)
copies.register(app)
redacting.register(app)
plotting.register(app)
entities.register(app)
supposing.register(app)
trust.register(app)
vocabulary.register(app)


def _arrange() -> None:
    """List the verbs in groups, each in its order, and let terminals break the lines of their help."""
    for place, (name, verbs) in enumerate(GROUPS.items()):
        group = Group(name, sort_key=place)
        for order, verb in enumerate(verbs):
            app[verb].group = group
            app[verb].sort_key = order
            _flow(app[verb])


def _flow(verb: App) -> None:
    """Join the lines of docstrings that break within a sentence."""
    does = verb.default_command
    if does is not None and does.__doc__:
        text, broken = inspect.cleandoc(does.__doc__), 1
        while broken:
            text, broken = _BROKEN.subn(r"\g<indent>\g<line> ", text)
        does.__doc__ = text
    for below in verb:
        if not below.startswith("-"):
            _flow(verb[below])


_arrange()


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line and exit."""
    _settle_streams()
    _unset_blanks()
    sys.exit(run(sys.argv[1:] if arguments is None else arguments))


def _settle_streams() -> None:
    """Keep files from taking the place of closed streams, and texts from failing in narrow encodings."""
    while (opened := os.open(os.devnull, os.O_RDWR)) <= 2:
        pass
    os.close(opened)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def _unset_blanks() -> None:
    """Take what the environment gives no value for as not given."""
    for name in [name for name in os.environ if name.startswith("TIMELINE_")]:
        if not os.environ[name].strip():
            del os.environ[name]


def run(arguments: Sequence[str]) -> int:
    """Run the command line; gives back the exit code."""
    piping.begin(arguments)
    try:
        found = app(list(arguments), **_HOW, console=console())
        if sys.stdout is not None:
            sys.stdout.flush()
    except CycloptsError as problem:
        _say(f"{misuse.told(problem, arguments)}\ntry `timeline {_verb(arguments)}--help`")
        return 2
    except TimelineError as problem:
        _say(_told(problem))
        return code(problem)
    except BrokenPipeError:
        discard(sys.stdout)
        return _PIPE_CLOSED
    except SystemExit as left:
        if not isinstance(left.__context__, BrokenPipeError):
            raise
        discard(sys.stdout)
        return _PIPE_CLOSED
    except OSError as problem:
        discard(sys.stdout)
        _say(_unwritten(problem))
        return 1
    except KeyboardInterrupt:
        return 130
    return found if isinstance(found, int) else 0


def _told(problem: TimelineError) -> str:
    """An error in words; of very many faults, the first."""
    if not isinstance(problem, FaultyFile):
        return told(problem)
    from timeline.formats import shortened

    return "\n".join((problem.head, *shortened(problem.faults)))


def _unwritten(problem: OSError) -> str:
    """What the system refused, and what was done before."""
    why = (problem.strerror or str(problem)).lower()
    what = "the answer cannot be written" if problem.filename is None else str(problem.filename)
    return "; ".join((f"{what}: {why}", *getattr(problem, "__notes__", ())))


def code(problem: TimelineError) -> int:
    """The exit code of an error."""
    if isinstance(problem, LockedFile):
        return 75
    if isinstance(problem, _BAD_DATA):
        return 65
    return 2 if isinstance(problem, _WRONG_CALL) else 1


def _verb(arguments: Sequence[str]) -> str:
    """The verb called, with the type or record that its flags depend on, or the verb below it."""
    words = [word for word in arguments[:2] if not word.startswith("-")]
    if not words or words[0] not in app:
        return ""
    further = words[0] in {"append", "correct"} or (len(words) > 1 and words[1] in app[words[0]])
    return " ".join(words if further else words[:1]) + " "


def _say(message: str) -> None:
    first, *rest = map(clipped, message.splitlines() or [""])
    page = err()
    page.line(("error: ", "red"), first, hang=2)
    for line in rest:
        page.line(line, hang=2)
