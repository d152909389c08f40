"""What to try where something was refused, and wrong calls in words: what is missing, what nothing takes."""

from __future__ import annotations

import difflib
import shlex
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

import attrs
from cyclopts import CycloptsError, MissingArgumentError, UnknownCommandError, UnusedCliTokensError

from timeline.cli.screen import UnknownFlag
from timeline.values import BadText, BadWhen, TimelineError, proposals

if TYPE_CHECKING:
    from cyclopts import Argument

    from timeline.formats import EntryFault, ReadFile

_LONGEST: Final = 60
"""How long a phrase for a date can be."""
_QUOTED: Final = "a text of several words goes in quotes"


_INSTEAD: Final = {
    **dict.fromkeys(("add", "insert", "new", "record", "say"), "append, or load for a file"),
    **dict.fromkeys(("blame", "why"), "explain, or show for one record"),
    **dict.fromkeys(("cat", "get", "view"), "show for one record, or as-of for a state"),
    **dict.fromkeys(("delete", "remove", "rm"), "retract: nothing is deleted, it no longer stands"),
    **dict.fromkeys(("edit", "fix", "update"), "correct"),
    **dict.fromkeys(("events", "list", "ls", "records"), "log"),
    **dict.fromkeys(("find", "grep", "search"), "log --text TEXT, or entities TEXT for names"),
    **dict.fromkeys(("man", "usage"), "--help"),
    **dict.fromkeys(("graph", "chart", "draw"), "plot"),
    **dict.fromkeys(("query", "select"), "sql"),
    **dict.fromkeys(("revert", "rollback", "undo"), "retract, with --commit for all that a commit said"),
    **dict.fromkeys(("state", "status"), "as-of"),
    **dict.fromkeys(("who", "names"), "entities"),
}
"""What does what other tools have other words for, by word."""


def told(problem: TimelineError) -> str:
    """An error in words, with what to try where it is about a date that can be proposed."""
    return f"{problem}{_for_date(problem.text)}" if type(problem) is BadWhen else str(problem)


def advised(file: ReadFile) -> ReadFile:
    """A file that was read, its faults with what to try."""
    return attrs.evolve(file, faults=tuple(map(_advised, file.faults)))


def _advised(fault: EntryFault) -> EntryFault:
    if fault.undated is None:
        return fault
    return attrs.evolve(fault, problem=f"{fault.problem}{_for_date(fault.undated)}")


def _for_date(text: str) -> str:
    """The command that proposes dates for a phrase; nothing for what is no phrase."""
    if len(text) > _LONGEST:
        return ""
    today = datetime.now(UTC).date()
    try:
        now, before = (proposals(text, day) for day in (today, today - timedelta(days=400)))
    except BadText:
        return ""
    command = f"; try `timeline date {shlex.quote(text)}`"
    return command if now == before else f"{command}, with --dateline and the day on which it was said"


def misused(problem: CycloptsError, words: Sequence[str]) -> str:
    """What is wrong with a call of those words, a line for each thing."""
    arguments = _arguments(problem)
    if isinstance(problem, UnusedCliTokensError) and problem.unused_tokens:
        return _unused(problem.unused_tokens, words, arguments)
    if isinstance(problem.__cause__, UnknownFlag):
        return _unknown(problem.__cause__.word, [name for one in arguments for name in one.names])
    if isinstance(problem, UnknownCommandError) and words and words[0] in _INSTEAD:
        return f"there is no verb {words[0]!r}; it is timeline {_INSTEAD[words[0]]}"
    if type(problem) is not MissingArgumentError or problem.argument is None:
        return str(problem)
    name = problem.argument.name
    if problem.keyword is not None:
        return f"{problem.keyword} has no value{_takes(name, arguments)}"
    return "\n".join(_missing(name, words, arguments))


def _unknown(word: str, flags: Sequence[str]) -> str:
    """That there is no such flag, and which one is near to it."""
    near = difflib.get_close_matches(word, flags, n=1)
    hint = f" Did you mean {near[0]}?" if near else ""
    return f"Unknown option: {word}.{hint}"


def _arguments(problem: CycloptsError) -> Sequence[Argument]:
    """The arguments of the verb that was called, with what their docstrings say."""
    verb = problem.app
    if verb is None or verb.default_command is None:
        return ()
    return verb.assemble_argument_collection(parse_docstring=True)


def _missing(first: str, words: Sequence[str], arguments: Sequence[Argument]) -> Iterator[str]:
    """What has to be given and was not: the first one found, and every other flag."""
    given = {word.partition("=")[0] for word in words if word.startswith("-")}
    lacking = [
        one.name
        for one in arguments
        if one.required and one.name.startswith("--") and given.isdisjoint(one.names)
    ]
    known = {name for one in arguments for name in one.names}
    for name in dict.fromkeys((first, *lacking)):
        near = difflib.get_close_matches(name, given - known, n=1) if name.startswith("--") else []
        hint = f"; did you mean it by {near[0]}?" if near else ""
        yield f"{name} is missing{_takes(name, arguments)}{hint}"


def _takes(name: str, arguments: Sequence[Argument]) -> str:
    """What an argument is, as its help says it."""
    helps = (one.parameter.help for one in arguments if name in one.names or one.name == name)
    text = " ".join((next(helps, None) or "").split()).removesuffix(".")
    return f": {text[0].lower()}{text[1:]}" if text else ""


def _unused(unused: Sequence[str], words: Sequence[str], arguments: Sequence[Argument]) -> str:
    """Words that nothing takes, and how the flag before them would take them."""
    said = f"unexpected argument{'s' if len(unused) > 1 else ''} {' and '.join(map(repr, unused))}"
    before = list(words)[: list(words).index(unused[0])] if unused[0] in words else []
    if len(before) < 2 or not before[-2].startswith("--"):
        return f"{said}; {_QUOTED}"
    flag, value = before[-2:]
    one = next((one for one in arguments if flag in one.names), None)
    if one is not None and one.token_count()[1]:
        repeated = " ".join(f"{flag} {shlex.quote(word)}" for word in (value, *unused))
        return f"{said}; {flag} may be repeated: {repeated}"
    return f"{said}; {_QUOTED}: {flag} {shlex.quote(' '.join((value, *unused)))}"
