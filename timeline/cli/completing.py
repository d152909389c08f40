"""Completion for shells: verbs and flags, and the types, ids and entities of the log."""

from __future__ import annotations

import itertools
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Annotated, Any, Final, Literal

from cyclopts import App, Parameter

from timeline.cli.opening import catalogue_name
from timeline.cli.options import FLAGS
from timeline.cli.screen import stdout

if TYPE_CHECKING:
    from timeline.engine import Timeline

__all__ = ["register"]

_PATIENCE: Final = 0.2
"""For how many seconds to wait for the file; then nothing of it is proposed."""
_MOST: Final = 200
_BASH: Final = r"""# Completion of timeline in bash: eval "$(timeline completion bash)"
_timeline() {
  local IFS=$'\n'
  COMPREPLY=($(timeline complete -- "${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null |
    while read -r one; do printf '%q\n' "$one"; done))
}
complete -o default -F _timeline timeline
"""
_ZSH: Final = r"""#compdef timeline
# Completion of timeline in zsh: eval "$(timeline completion zsh)"
(( $+functions[compdef] )) || { autoload -Uz compinit && compinit }
_timeline() {
  local -a found
  found=("${(@f)$(timeline complete -- "${(@)words[2,CURRENT]}" 2>/dev/null)}")
  if [[ -n "${found[1]}" ]]; then compadd -U -- "${found[@]}"; else _files; fi
}
compdef _timeline timeline
"""
_Words = Annotated[str, Parameter(allow_leading_hyphen=True)]
_STATED: Final = frozenset(
    {"history", "explain", "diff", "slips", "single-sourced", "timeline", "money", "changes"}
)
"""The verbs that take a state and then entities; the last three are those of `plot`."""
_DATED: Final = frozenset({"as-of", "what-if"})
_MARKED: Final = frozenset({"correct", "retract", "attest"})


def register(app: App) -> None:
    """Add the verbs to a command line; that which proposes is not listed."""

    def complete(*words: _Words) -> int:
        """What a word that is begun may become, one a line."""
        return _complete(app, words)

    app.command(completion)
    app.command(complete, show=False, help_flags=[], version_flags=[])


def completion(shell: Literal["bash", "zsh"], /) -> int:
    """The script that teaches a shell to complete verbs, flags, types, ids and entities.

    Example: timeline completion bash

    Parameters
    ----------
    shell
        For which shell; say `eval "$(timeline completion bash)"`, or the same with zsh, once `timeline` is on
        the path.
    """
    stdout().write(_BASH if shell == "bash" else _ZSH)
    return 0


def _complete(app: App, words: Sequence[str]) -> int:
    from timeline.values import folded, printable

    *before, begun = words or ("",)
    found = _proposed(app, before, begun)
    wanted = folded(begun)
    fits = [
        one
        for one, *names in found
        if one.startswith(begun) or (wanted and any(folded(name).startswith(wanted) for name in names))
    ]
    for one in list(dict.fromkeys(fits))[:_MOST]:
        stdout().write(f"{printable(one)}\n")
    return 0


def _proposed(app: App, before: Sequence[str], begun: str) -> Iterator[tuple[str, ...]]:
    """What may come next: each a word, and names by which it is meant."""
    if not before:
        yield from ((verb,) for verb in app if not verb.startswith("-") and app[verb].show)
        return
    verb = before[0]
    if verb not in app:
        return
    if begun.startswith("-"):
        yield from ((flag,) for flag in _flags(app, before))
    elif (choices := _choices(app, before)) is not None:
        yield from ((one,) for one in choices)
    elif (kind := _VALUES.get(before[-1])) is not None:
        yield from _of(kind, before)
    elif not before[-1].startswith("--") or len(before) == 1:
        if verb != "plot":
            yield from _positional(verb, before)
        else:
            yield from _below(app[verb]) if len(before) == 1 else _positional(before[1], before[1:])


def _arguments(app: App, before: Sequence[str]) -> Any:
    """The arguments of the verb that was written, or of the verb below it."""
    verb = app[before[0]]
    if len(before) > 1 and before[1] in verb and not before[1].startswith("-"):
        verb = verb[before[1]]
    return () if verb.default_command is None else verb.assemble_argument_collection(parse_docstring=False)


def _flags(app: App, before: Sequence[str]) -> Iterator[str]:
    verb = before[0]
    for argument in _arguments(app, before):
        yield from (name for name in argument.names if name.startswith("--"))
    yield "--help"
    if verb in {"append", "correct"}:
        yield from (f"--{name.replace('_', '-')}" for name in FLAGS)
    if verb == "append" and len(before) > 1:
        from timeline.vocabulary import Catalogue

        kind = Catalogue.find(catalogue_name()).events.get(before[1].replace("-", "_"))
        yield from (f"--{one.name.strip('_').replace('_', '-')}" for one in (kind.fields if kind else ()))
        yield "--occurred"


def _choices(app: App, before: Sequence[str]) -> Iterable[str] | None:
    flag = before[-1]
    for argument in _arguments(app, before) if flag.startswith("--") else ():
        if flag in argument.names:
            choices: Iterable[str] | None = argument.get_choices()
            return choices
    return None


def _below(verb: App) -> Iterator[tuple[str, ...]]:
    return ((name,) for name in verb if not name.startswith("-"))


def _positional(verb: str, before: Sequence[str]) -> Iterator[tuple[str, ...]]:
    first = len(before) == 1
    if verb in {"append", "schema"}:
        yield from _of("said", before) if first else ()
    elif verb == "types":
        yield from (*_of("types", before), *_of("states", before)) if first else ()
    elif verb in _MARKED:
        yield from _of("marks", before) if first else ()
    elif verb in _STATED:
        yield from _of("states" if first else "entities", before)
    elif verb == "graph":
        yield from _of("states", before) if first else ()
    elif verb in _DATED or verb == "entities":
        yield from _of("entities", before)


def _of(kind: str, before: Sequence[str]) -> Iterator[tuple[str, ...]]:
    """Names of a kind, out of the vocabulary or the log; of a file that cannot be read, none."""
    from timeline.engine import Timeline
    from timeline.values import TimelineError
    from timeline.vocabulary import Catalogue

    try:
        catalogue = Catalogue.find(catalogue_name())
        if kind in {"types", "said", "states", "rules"}:
            said = [name for name, event in catalogue.events.items() if not event.retired]
            named = {"types": catalogue.events, "said": said, "states": catalogue.states}
            yield from ((name,) for name in sorted(named.get(kind, catalogue.rules)))
        elif kind == "fields":
            found = [catalogue.states[word] for word in before if word in catalogue.states]
            yield from ((field,) for state in found[:1] for field in state.folds)
        elif kind == "zones":
            yield from _zones()
        else:
            path = _db(before)
            timeline = Timeline.open(path, read_only=True, catalogue=catalogue, lock_timeout=_PATIENCE)
            yield from _LOGGED[kind](timeline)
    except TimelineError:
        return


def _db(before: Sequence[str]) -> str:
    given = [word for flag, word in itertools.pairwise(before) if flag == "--db"]
    return given[-1] if given else os.environ.get("TIMELINE_DB") or "timeline.duckdb"


def _zones() -> Iterator[tuple[str, ...]]:
    """The time zones that this machine knows, each also by its place alone."""
    from zoneinfo import available_timezones

    return ((name, name, name.rpartition("/")[2]) for name in sorted(available_timezones()))


def _entities(timeline: Timeline) -> Iterator[tuple[str, ...]]:
    rows = timeline.sql("SELECT entity, list(name) FROM entity_names GROUP BY entity ORDER BY entity")
    return ((entity, *names) for entity, names in rows)


def _marks(timeline: Timeline) -> Iterator[tuple[str, ...]]:
    rows = timeline.sql("SELECT ref FROM records WHERE ref IS NOT NULL AND stands ORDER BY position")
    return ((ref,) for (ref,) in rows)


def _sources(timeline: Timeline) -> Iterator[tuple[str, ...]]:
    rows = timeline.sql("SELECT DISTINCT coalesce(publisher, title, url) AS name FROM sources ORDER BY name")
    return ((name,) for (name,) in rows)


_LOGGED: Final[dict[str, Callable[[Timeline], Iterator[tuple[str, ...]]]]] = {
    "entities": _entities,
    "marks": _marks,
    "sources": _sources,
}
_VALUES: Final = {
    "--type": "types",
    "--unless-type": "types",
    "--entity": "entities",
    "--unless-entity": "entities",
    "--state": "states",
    "--field": "fields",
    "--rule": "rules",
    "--retract": "marks",
    "--without": "sources",
    "--only": "sources",
    "--resting-on": "sources",
    "--tz": "zones",
}
