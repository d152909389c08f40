"""The command line: its verbs as they are listed, running them, and the exit code of whatever comes of it.

It ends with 0 where all went well, 1 where something failed or surely does not add up, 2 where it was called
wrongly, 65 where data was bad, and 75 where others hold the file, or a server
cannot be reached.
"""

from __future__ import annotations

import inspect
import io
import os
import re
import sys
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from cyclopts import App, CycloptsError, Group

from timeline import errors
from timeline.cli.advice import misused, told
from timeline.cli.asking import as_of, diff, explain, history, slips, what_if
from timeline.cli.checking import check, entities, log, show, single_sourced, sources
from timeline.cli.completing import complete, completion
from timeline.cli.dating import DateOptions, date
from timeline.cli.exploring import explore, report
from timeline.cli.keeping import (
    backup,
    export,
    head,
    import_,
    pull,
    push,
    rebuild,
    redact,
    restore,
    verify,
)
from timeline.cli.loading import load
from timeline.cli.opening import PLAIN, Output, flag_of
from timeline.cli.plotting import plot
from timeline.cli.point import Point, Second, Within
from timeline.cli.screen import begin, console, discard, error_told
from timeline.cli.tables import TableOptions
from timeline.cli.typed import SaidOptions
from timeline.cli.vocabulary import demo, schema, shell, sql, types
from timeline.cli.writing import append, attest, correct, init, retract
from timeline.errors import TimelineError
from timeline.values import shortened

_BROKEN: Final = re.compile(r"^(?P<indent> *)(?P<line>\S.*[^.?\s-])\n(?P=indent)(?=[^\s-])", re.MULTILINE)
"""A line, and the end of it, that goes on in the next line, which is indented alike."""

_VERBS: Final[Mapping[str, Sequence[Callable[..., int] | App]]] = {
    "Set up": (demo, init, types, schema, completion),
    "Write": (append, load, correct, retract, attest, date),
    "Ask": (
        *(as_of, explain, history, diff, log, show, entities, slips, check),
        *(sources, single_sourced, what_if, sql, shell),
    ),
    "Look": (explore, report, plot),
    "Maintain": (verify, head, backup, restore, push, pull, export, import_, rebuild, redact),
}


def _name(verb: Callable[..., int] | App) -> str:
    return verb.name[0] if isinstance(verb, App) else flag_of(verb.__name__).removeprefix("--")


GROUPS: Final = {title: tuple(map(_name, verbs)) for title, verbs in _VERBS.items()}
"""The verbs as they are listed."""

EXIT_CODES: Final = {
    75: (errors.LockedFile, errors.Overtaken, errors.Unreachable),
    65: (
        errors.AlreadySuperseded,
        errors.AmbiguousName,
        errors.BadMoney,
        errors.BadRows,
        errors.BadText,
        errors.BadWhen,
        errors.DoesNotAddUp,
        errors.FaultyCopy,
        errors.FaultyFile,
        errors.FutureKnown,
        errors.IdConflict,
        errors.InvalidData,
        errors.SamenessConflict,
        errors.WrongTarget,
    ),
    2: (
        errors.CatalogueError,
        errors.NotAllowed,
        errors.UnboundedPoint,
        errors.UnknownType,
        errors.WrongBasis,
    ),
}
"""Which errors end with which code; all others end with 1."""
_HOW: Final[Any] = {"exit_on_error": False, "print_error": False, "result_action": "return_value"}
_PIPE_CLOSED: Final = 141

app = App(
    name="timeline",
    help="What was true then, and what was known then: a timeline of events in one DuckDB file.\n\n"
    "Start with `timeline demo`: it makes a file, and shows what can be asked of it.",
    help_format="plaintext",
    version_flags=["--version"],
    group_commands=Group("Flags", sort_key=len(GROUPS)),
)


def _arrange() -> None:
    """List the verbs in groups, each in its order, and let terminals break the lines of their help."""
    for place, (title, verbs) in enumerate(_VERBS.items()):
        group = Group(title, sort_key=place)
        for order, verb in enumerate(verbs):
            own: dict[str, Any] = {"help_flags": []} if verb in (append, correct) else {}
            app.command(verb, **own)
            listed = app[_name(verb)]
            listed.group, listed.sort_key = group, order
            _settle(listed)
    app.command(complete, show=False, help_flags=[], version_flags=[])
    for options in (DateOptions, Output, Point, SaidOptions, Second, TableOptions, Within):
        options.__doc__ = _flowing(options.__doc__)


def _settle(verb: App) -> None:
    """Give a verb, and those below it, what holds of all flags, and docstrings that flow."""
    verb.default_parameter = PLAIN
    if (does := verb.default_command) is not None:
        does.__doc__ = _flowing(does.__doc__)
    for below in verb:
        if not below.startswith("-"):
            _settle(verb[below])


def _flowing(doc: str | None) -> str:
    """A docstring with the lines joined that break within a sentence."""
    text, broken = inspect.cleandoc(doc or ""), 1
    while broken:
        text, broken = _BROKEN.subn(r"\g<indent>\g<line> ", text)
    return text


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
    if list(arguments[:1]) == ["help"]:
        arguments = [*arguments[1:], "--help"]
    begin(arguments)
    try:
        found = app(list(arguments), **_HOW, console=console())
        if sys.stdout is not None:
            sys.stdout.flush()
    except CycloptsError as problem:
        error_told(f"{misused(problem, arguments)}\ntry `timeline {_verb(arguments)}--help`")
        return 2
    except TimelineError as problem:
        error_told(_told(problem))
        return code(problem)
    except (BrokenPipeError, SystemExit) as left:
        if isinstance(left, SystemExit) and not isinstance(left.__context__, BrokenPipeError):
            raise
        discard(sys.stdout)
        return _PIPE_CLOSED
    except OSError as problem:
        discard(sys.stdout)
        error_told(_unwritten(problem))
        return 1
    except KeyboardInterrupt:
        return 130
    return found if isinstance(found, int) else 0


def _told(problem: TimelineError) -> str:
    """An error in words; of very many faults, the first."""
    if not isinstance(problem, errors.FaultyFile):
        return told(problem)
    return "\n".join((problem.head, *shortened(problem.faults)))


def _unwritten(problem: OSError) -> str:
    """What the system refused, and what was done before."""
    why = (problem.strerror or str(problem)).lower()
    what = "the answer cannot be written" if problem.filename is None else str(problem.filename)
    return "; ".join((f"{what}: {why}", *getattr(problem, "__notes__", ())))


def code(problem: TimelineError) -> int:
    """The exit code of an error."""
    return next((one for one, kinds in EXIT_CODES.items() if isinstance(problem, kinds)), 1)


def _verb(arguments: Sequence[str]) -> str:
    """The verb called, with the type or record that its flags depend on, or the verb below it."""
    words = [word for word in arguments[:2] if not word.startswith("-")]
    if not words or words[0] not in app:
        return ""
    further = words[0] in {"append", "correct"} or (len(words) > 1 and words[1] in app[words[0]])
    return " ".join(words if further else words[:1]) + " "
