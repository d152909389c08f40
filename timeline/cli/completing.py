"""Completion for shells: verbs and flags as they are declared; types, ids and entities out of the log."""

from __future__ import annotations

import itertools
import os
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Annotated, Final, Literal

from cyclopts import App, Parameter

from timeline.cli.opening import DEFAULT, catalogue, flag_of
from timeline.cli.screen import stdout
from timeline.cli.typed import FLAGS
from timeline.values import TimelineError, folded, printable

if TYPE_CHECKING:
    from cyclopts import Argument

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
_VALUES: Final = {
    "STATE": "states",
    "WHO": "entities",
    "WORDS": "entities",
    "TEXT": "entities",
    "TYPE": "said",
    "NAME": "declared",
    "RECORD": "ids",
    "RECORDS": "ids",
    "--type": "types",
    "--unless-type": "types",
    "--entity": "entities",
    "--unless-entity": "entities",
    "--state": "states",
    "--field": "fields",
    "--rule": "rules",
    "--retract": "ids",
    "--without": "sources",
    "--only": "sources",
    "--resting-on": "sources",
    "--tz": "zones",
}
"""What the value of an argument is one of."""
_LOGGED: Final = {
    "entities": "SELECT entity, list(name) FROM entity_names GROUP BY entity ORDER BY entity",
    "ids": "SELECT ref, [] FROM records WHERE ref IS NOT NULL AND stands ORDER BY position",
    "sources": "SELECT DISTINCT coalesce(publisher, title, url) AS name, [] FROM sources ORDER BY name",
}
"""What the log has of a kind: each with the names by which it is meant."""


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


def complete(*words: _Words) -> int:
    """What a word that is begun may become, one a line."""
    from timeline.cli.verbs import app

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
    verb, rest = app, [*before]
    while rest and not rest[0].startswith("-") and rest[0] in verb:
        verb = verb[rest.pop(0)]
    if verb.default_command is None:
        yield from ((one,) for one in verb if not rest and not one.startswith("-") and verb[one].show)
        return
    arguments = verb.assemble_argument_collection(parse_docstring=False)
    if begun.startswith("-"):
        names = [name for one in arguments for name in one.names if name.startswith("--")]
        yield from ((name,) for name in (*names, "--help", *_of_events(before[0], rest)))
    elif (meant := _meant(arguments, rest)) is not None:
        yield from ((one,) for one in meant.get_choices() or ())
        yield from _of(_VALUES.get(meant.name, ""), before)


def _of_events(verb: str, words: Sequence[str]) -> Iterator[str]:
    """The flags of an event and of its record, where a verb takes them."""
    names = [*FLAGS] if verb in {"append", "correct"} else []
    if verb == "append" and words and (kind := catalogue().events.get(words[0].replace("-", "_"))):
        names += ["occurred", *(field.name for field in kind.fields)]
    return map(flag_of, names)


def _meant(arguments: Iterable[Argument], words: Sequence[str]) -> Argument | None:
    """The argument that the next word is a value of: of the flag before it, else the one in its place."""
    flags = {name: one for one in arguments for name in one.names if name.startswith("-")}
    places = [one for one in arguments if one.names[0][0] not in "-*"]
    flag, taken = "", 0
    for word in words:
        if flag:
            flag = ""
        elif not word.startswith("-"):
            taken += 1
        elif word not in flags or flags[word].token_count()[0]:
            flag = word
    if flag:
        return flags.get(flag)
    if taken < len(places):
        return places[taken]
    return places[-1] if places and places[-1].token_count()[1] else None


def _of(kind: str, before: Sequence[str]) -> Iterator[tuple[str, ...]]:
    """What there is of a kind, in the vocabulary or the log; of a file that cannot be read, nothing."""
    from timeline.engine import Timeline

    try:
        known = catalogue()
        if kind in _LOGGED:
            timeline = Timeline.open(_db(before), read_only=True, catalogue=known, lock_timeout=_PATIENCE)
            yield from ((one, *names) for one, names in timeline.sql(_LOGGED[kind]))
        elif kind == "zones":
            yield from _zones()
        elif kind:
            states = [known.states[word] for word in before if word in known.states]
            found: dict[str, Iterable[str]] = {
                "types": sorted(known.events),
                "said": sorted(name for name, event in known.events.items() if not event.retired),
                "states": sorted(known.states),
                "declared": (*sorted(known.events), *sorted(known.states)),
                "rules": sorted(known.rules),
                "fields": states[0].folds if states else (),
            }
            yield from ((name,) for name in found[kind])
    except TimelineError:
        return


def _db(before: Sequence[str]) -> str:
    given = [word for flag, word in itertools.pairwise(before) if flag == "--db"]
    return given[-1] if given else os.environ.get("TIMELINE_DB") or DEFAULT


def _zones() -> Iterator[tuple[str, ...]]:
    """The time zones that this machine knows, each also by its place alone."""
    from zoneinfo import available_timezones

    return ((name, name.rpartition("/")[2]) for name in sorted(available_timezones()))
