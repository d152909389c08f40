"""The verbs, in the groups and the order in which they are listed."""

from __future__ import annotations

import inspect
import re
from typing import Final

from cyclopts import App, Group

from timeline.cli import (
    asking,
    checking,
    completing,
    history,
    keeping,
    plotting,
    vocabulary,
    writing,
)
from timeline.cli.options import PLAIN, Output, SaidOptions
from timeline.cli.point import Point, Second, Within

_BROKEN: Final = re.compile(r"^(?P<indent> *)(?P<line>\S.*[^.?\s-])\n(?P=indent)(?=[^\s-])", re.MULTILINE)
"""A line, and the end of it, that goes on in the next line, which is indented alike."""

GROUPS: Final = {
    "Set up": ("demo", "init", "types", "schema", "completion"),
    "Write": ("append", "load", "correct", "retract", "attest", "date"),
    "Ask": (
        *("as-of", "explain", "history", "diff", "log", "entities", "slips", "check"),
        *("sources", "single-sourced", "what-if", "sql", "shell"),
    ),
    "Draw": ("plot",),
    "Maintain": ("verify", "head", "backup", "restore", "export", "import", "rebuild", "redact"),
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


def _arrange() -> None:
    """List the verbs in groups, each in its order, and let terminals break the lines of their help."""
    for module in (asking, checking, completing, history, keeping, plotting, vocabulary, writing):
        module.register(app)
    for place, (name, verbs) in enumerate(GROUPS.items()):
        group = Group(name, sort_key=place)
        for order, verb in enumerate(verbs):
            app[verb].group = group
            app[verb].sort_key = order
            _settle(app[verb])
    for options in (Output, Point, SaidOptions, Second, Within):
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
