"""Writes the pages of the reference that follow from the code: `python -m tests.reference`."""

from __future__ import annotations

import inspect
import re
import sys
import tempfile
import textwrap
import types
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any, Final

import attrs

import timeline
from timeline import Timeline, declare, plot
from timeline.values import errors
from timeline.vocabulary import KINDS, Catalogue, EventType, Feed, Field, Fold, Kind, Rule, StateType

__all__ = [
    "PAGES",
    "cli_page",
    "command_of",
    "errors_page",
    "macros_page",
    "python_page",
    "verbs",
    "vocabulary_page",
]

FOLDER: Final = Path(__file__).parents[1] / "docs" / "reference"
_NOTE: Final = "<!-- Written by `make docs` from the code; change it there. -->"
_TOLD: Final = ("because", "unsettled")
_ON_RECORDS: Final = {"retract", "attest"}
_HOLDS: Final = {kind: kind.noun for kind in KINDS} | {Kind.WHEN: "a [date](dates.md)"}


def _doc(thing: object) -> str:
    """A docstring as paragraphs, a sentence a line kept as it is written."""
    return inspect.cleandoc(thing.__doc__ or "")


def _table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> Iterator[str]:
    columns = list(head)
    yield f"| {' | '.join(columns)} |"
    yield f"|{'---|' * len(columns)}"
    for row in rows:
        yield f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in row)} |"
    yield ""


def _text(lines: Iterable[str]) -> str:
    return "\n".join(lines).rstrip("\n") + "\n"


# The vocabulary


def vocabulary_page() -> str:
    """The event types and states of the package `events`, by subject, and its rules."""
    return _text(_vocabulary(Catalogue.find("events")))


def _vocabulary(catalogue: Catalogue) -> Iterator[str]:
    yield from (_NOTE, "", "# The vocabulary", "")
    yield (
        f"The package `events` has {len(catalogue.events)} event types, {len(catalogue.states)} states "
        f"and {len(catalogue.rules)} rules."
    )
    yield "Every event has `occurred`, the date on which it happened, before the fields listed here."
    yield "A field that is needed may still be empty where it says so: `None` in Python, a blank in a file."
    yield ""
    yield from ("## Event types", "")
    by_module: dict[str, list[EventType]] = {}
    for kind in catalogue.events.values():
        by_module.setdefault(kind.cls.__module__, []).append(kind)
    for module, kinds in sorted(by_module.items()):
        yield f"### {_doc(sys.modules[module]).splitlines()[0]}"
        yield ""
        yield f"Declared in `{module}`."
        yield ""
        for kind in sorted(kinds, key=lambda kind: _line(kind.cls)):
            yield from _event(kind)
    yield from ("## States", "")
    yield "How each field follows from events; the folds are in the [glossary](../glossary.md#folds)."
    yield "The last column names the fields of the event that say whose state it is."
    yield ""
    for state in sorted(catalogue.states.values(), key=lambda state: state.name):
        yield from _state(state)
    yield from ("## Rules", "")
    yield "What must hold between events."
    yield "[Find contradictions](../how-to/find-contradictions.md) tells how they are checked."
    yield "The last four are those of every vocabulary."
    yield ""
    yield from _table(("rule", "says", "about"), map(_rule_row, catalogue.rules.values()))


def _rule_row(rule: Rule) -> tuple[str, str, str]:
    return f"`{rule.name}`", rule.says, _names(rule.types) or "all events"


def _line(cls: type) -> int:
    return inspect.getsourcelines(cls)[1]


def _event(kind: EventType) -> Iterator[str]:
    yield from (f"#### `{kind.name}`", "", f"`{kind.cls.__name__}`, version {kind.version}.", "")
    yield from (_doc(kind.cls), "")
    yield from _table(("field", "holds", "given"), map(_field_row, kind.fields))


def _field_row(field: Field) -> tuple[str, str, str]:
    choices = ", ".join(f"`{choice}`" for choice in field.choices)
    needed = "needed" if field.required else "if known"
    empty = ", may be empty" if field.required and field.nullable else ""
    return f"`{field.name}`", f"one of {choices}" if choices else _HOLDS[field.kind], needed + empty


def _state(state: StateType) -> Iterator[str]:
    of = "one entity" if state.arity == 1 else "two entities, in either order"
    yield from (f"### `{state.name}`", "", f"`{state.cls.__name__}`, of {of}.", "", _doc(state.cls), "")
    rows = (
        (f"`{name}`", _fold_words(fold), _names(fold.per), " – ".join(map(_names, fold.sides)))
        for name, fold in state.folds.items()
    )
    yield from _table(("field", "is", "for each", "of"), rows)


def _fold_words(fold: Fold) -> str:
    words = f"{fold.kind} of {_feeds(fold.feeds)}"
    if fold.gives is not None:
        words += f", of which `{fold.gives}`"
    if fold.ends:
        words += f", until {_feeds(fold.ends)}"
    return words + (f", or until its `{fold.until}`" if fold.until is not None else "")


def _feeds(feeds: Iterable[Feed]) -> str:
    return ", ".join(dict.fromkeys(map(_feed, feeds)))


def _feed(feed: Feed) -> str:
    if feed.constant is not None:
        return f'`{feed.type.name}` ("{feed.constant}")'
    return f"`{feed.type.name}`" if feed.attribute is None else f"`{feed.type.name}.{feed.attribute}`"


def _names(fields: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in fields)


# Errors


def errors_page() -> str:
    """The errors of the package, each with the builtin that it also is."""
    return _text(_errors())


def _errors() -> Iterator[str]:
    yield from (_NOTE, "", "# Errors", "")
    yield "All are in `timeline.errors` and derive from `TimelineError`, which `timeline` exports too."
    yield "Each is a builtin error besides, so that `except LookupError` works as one expects."
    yield "Where an error is raised, nothing has been written."
    yield ""
    classes = [getattr(errors, name) for name in errors.__all__ if name != "TimelineError"]
    rows = ((f"`{cls.__name__}`", f"`{_builtin(cls)}`", " ".join(_doc(cls).split())) for cls in classes)
    yield from _table(("error", "is a", "means"), rows)


def _builtin(cls: type[BaseException]) -> str:
    return next(one.__name__ for one in cls.__mro__ if one.__module__ == "builtins")


# Python


def python_page() -> str:
    """The public names of `timeline`, `timeline.declare` and `timeline.plot`."""
    return _text(_python())


def _python() -> Iterator[str]:
    yield from (_NOTE, "", "# Python", "")
    yield "What `timeline`, `timeline.declare` and `timeline.plot` export."
    yield "The error classes are on [a page of their own](errors.md)."
    yield ""
    for module in (timeline, declare, plot):
        yield from (f"## `{module.__name__}`", "", _doc(module), "")
        for name in module.__all__:
            if module is declare and name in timeline.__all__:
                yield from (f"### `declare.{name}`", "", f"The same as `timeline.{name}`.", "")
            else:
                yield from _public(name, getattr(module, name))


def _public(name: str, thing: Any) -> Iterator[str]:
    if not isinstance(thing, type):
        call = _call(name, thing) if callable(thing) and isinstance(thing, types.FunctionType) else name
        yield from (f"### `{call}`", "", _about(name, thing), "")
        return
    yield from (f"### `{name}`", "", _about(name, thing), "")
    if attrs.has(thing) and (fields := [field for field in attrs.fields(thing) if field.name[0] != "_"]):
        yield from (f"Attributes: {', '.join(f'`{field.name}`' for field in fields)}.", "")
    for member, value in members(thing):
        if described := _member(member, value):
            yield from (f"#### `{name}.{described[0]}`", "", described[1], "")


def members(thing: type) -> Iterator[tuple[str, object]]:
    """The public attributes of a class, also those it has from classes that are not exported."""
    exported = {getattr(module, name) for module in (timeline, declare, plot) for name in module.__all__}
    seen = set[str]()
    for cls in thing.__mro__:
        if cls is not thing and (cls in exported or not cls.__module__.startswith("timeline.")):
            continue
        for name, value in vars(cls).items():
            if not name.startswith("_") and name not in seen:
                seen.add(name)
                yield name, value


def _about(name: str, thing: object) -> str:
    """The docstring, doctests and all; of an alias, which has none of its own, the sentence under it."""
    if name == "Entity":
        return "The id of an entity; in an event not yet appended, any name or id of it."
    return _without_examples(_doc(thing))


def _without_examples(doc: str) -> str:
    """A docstring up to its examples, the errors it names as a list."""
    text, _, raises = doc.split("\n>>> ", maxsplit=1)[0].rstrip().partition("Raises:\n")
    if not raises:
        return text.rstrip()
    errors_ = re.split(r"\n(?=\S)", textwrap.dedent(raises).strip())
    items = (" ".join(one.split()).partition(": ") for one in errors_)
    return (
        text
        + "Raises:\n\n"
        + "\n".join(f"- `{names.replace(', ', '`, `')}`: {why}" for names, _, why in items)
    )


def _member(name: str, value: object) -> tuple[str, str] | None:
    """How a method or property is called, and what it says; None for what is neither."""
    if isinstance(value, property):
        return name, _without_examples(_doc(value))
    if isinstance(value, classmethod):
        return _call(name, value.__func__, skip=1), _without_examples(_doc(value.__func__))
    if isinstance(value, types.FunctionType):
        return _call(name, value, skip=1), _without_examples(_doc(value))
    return None


def _call(name: str, function: Callable[..., Any], *, skip: int = 0) -> str:
    """A call as one writes it: names and defaults, without annotations."""
    parts, starred = [], False
    for one in list(inspect.signature(function).parameters.values())[skip:]:
        if one.kind is one.KEYWORD_ONLY and not starred:
            parts.append("*")
            starred = True
        starred = starred or one.kind is one.VAR_POSITIONAL
        marks = "*" if one.kind is one.VAR_POSITIONAL else "**" if one.kind is one.VAR_KEYWORD else ""
        parts.append(f"{marks}{one.name}{_default(one)}")
    return f"{name}({', '.join(parts)})"


def _default(one: inspect.Parameter) -> str:
    if one.default is one.empty:
        return ""
    return "=…" if callable(one.default) else f"={one.default!r}"


# The command line


def cli_page() -> str:
    """The verbs of the command line, each with its flags."""
    return _text(_cli())


def _cli() -> Iterator[str]:
    from timeline.cli import app

    yield from (_NOTE, "", "# Command line", "")
    yield "The verbs of `timeline`, with their flags."
    yield "[The guide](../how-to/command-line.md) shows them at work."
    yield "`append` and `correct` also take the fields of the event type as flags."
    yield ""
    for verb in verbs(app):
        yield from _verb(app, verb)
    yield from ("## Flags of a record", "", "Of `append`, `correct`, `retract` and `attest`.", "")
    yield from _table(("flag", "means"), _record_flags())


def verbs(app: Any) -> list[str]:
    """The verbs of a command line that are listed, those below others after these: `plot money`."""
    named = sorted(one for one in app if not one.startswith("-") and app[one].show)
    return [
        name
        for verb in named
        for name in ([verb] if app[verb].default_command else [f"{verb} {one}" for one in verbs(app[verb])])
    ]


def command_of(app: Any, verb: str) -> Any:
    """The command of a verb, which may be one below another."""
    for word in verb.split():
        app = app[word]
    return app


def _verb(app: Any, verb: str) -> Iterator[str]:
    yield from (f"## `{verb}`", "")
    command = command_of(app, verb)
    doc = inspect.cleandoc(command.default_command.__doc__ or "").split("\nParameters\n---")[0].strip()
    text, _, example = doc.partition("Example: ")
    yield from (text.strip(), "", "```text", example.strip(), "```", "")
    rows = [
        (", ".join(f"`{name.rstrip('_')}`" for name in argument.names), _flag_help(argument))
        for argument in command.assemble_argument_collection(parse_docstring=True)
        if argument.names[0] not in {"*", "TOKENS"} and (verb not in _ON_RECORDS or _own(argument))
    ]
    if rows:
        yield from _table(("argument", "means"), rows)


def _own(argument: Any) -> bool:
    """Whether it is the verb's own, and not one of the flags of a record."""
    return ", ".join(f"`{name}`" for name in argument.names) not in dict(_record_flags())


def _first(argument: Any) -> bool:
    """Whether it is given by its place, or says which file."""
    return not argument.names[0].startswith("--") or argument.names[0] in {"--db", "--json"}


def _flag_help(argument: Any) -> str:
    text = " ".join((argument.parameter.help or "").split())
    if choices := argument.get_choices():
        text += f" One of {', '.join(f'`{choice}`' for choice in choices)}."
    if variables := argument.parameter.env_var:
        text += f" From the environment: {', '.join(f'`{name}`' for name in variables)}."
    return text.strip()


def _record_flags() -> Iterator[tuple[str, str]]:
    from timeline.cli import app

    for argument in app["attest"].assemble_argument_collection(parse_docstring=True):
        if argument.names[0] != "*" and not _first(argument):
            yield ", ".join(f"`{name}`" for name in argument.names), _flag_help(argument)


# Macros


def macros_page() -> str:
    """The page as it is written by hand, and then the columns that each state has in this vocabulary."""
    by_hand = (FOLDER / "macros.md").read_text(encoding="utf-8").partition(_NOTE)[0]
    return by_hand + _text(_columns(Catalogue.find("events")))


def _columns(catalogue: Catalogue) -> Iterator[str]:
    yield from (_NOTE, "", "## The columns of each state", "")
    yield "Of the vocabulary `events`; a vocabulary of your own has macros and views of its own states."
    yield ""
    with (
        tempfile.TemporaryDirectory() as folder,
        Timeline.open(Path(folder) / "empty", catalogue="events") as tl,
    ):
        for state in catalogue.compiled:
            yield from (f"### `{state.name}_as_of`", "")
            yield from _table(("column", "type"), _described(tl, f"FROM {state.name}_as_of('2000')"))


def _described(tl: Timeline, query: str) -> list[tuple[str, str]]:
    """The columns of a query and their types; of the two that tell of each field by name, only that."""
    columns = tl.sql(f"SELECT column_name, column_type FROM (DESCRIBE {query})")
    return [
        (f"`{name}`", "by field, a list of positions" if name in _TOLD else f"`{type_}`")
        for name, type_ in columns
    ]


PAGES: Final[dict[str, Callable[[], str]]] = {
    "vocabulary.md": vocabulary_page,
    "cli.md": cli_page,
    "errors.md": errors_page,
    "macros.md": macros_page,
    "python.md": python_page,
}


if __name__ == "__main__":
    for file, page in PAGES.items():
        (FOLDER / file).write_text(page(), encoding="utf-8")
