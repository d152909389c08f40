"""What appending did, or would do: its records as the answer, whom it spoke of first as a message."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from typing import TYPE_CHECKING, Final

from timeline.cli.screen import answer, answering, dry_told, err
from timeline.formats import of_commits, of_loaded
from timeline.values import Line, doubts, few, zone

if TYPE_CHECKING:
    from timeline.cli.options import Output
    from timeline.formats import Loaded
    from timeline.records import Commit, Lookalike, NewEntity, Record

_MOST: Final = 20
_TOLD: Final = (
    *("head", "digest", "records", "unchanged", "superseded", "fallen"),
    *("lookalikes", "new_entities", "spellings", "placeholders"),
)
"""What JSON tells of a commit, in this order."""


def commit_told(commit: Commit, alike: Sequence[Lookalike], file: Output, *, dry_run: bool) -> None:
    """Tell what a commit did, or would."""
    from timeline.records import record_line

    new = commit.records and not dry_run
    told = commit.as_dict() | {"lookalikes": [one.as_dict() for one in alike]}
    lines = commit.lines(partial(record_line, zone=zone("UTC")))
    with answering("it is written to the timeline all the same" if new else "nothing was new"):
        answer(
            file,
            lambda: {name: told[name] for name in _TOLD},
            lambda: of_commits((None, commit)),
            lambda page: page.lines(lines),
        )
    dry_told(dry_run)
    if file.format != "json":
        err().lines(doubts(alike))
        _news_told([commit])


def loaded_told(loaded: Loaded, file: Output) -> None:
    """Tell what loading files did, or would; in rows, the records of all of them or what is at fault."""
    commits = [one.commit for one in loaded.files]
    new = any(one.records for one in commits) and not loaded.dry_run
    with answering("it is written to the timeline all the same" if new else "nothing was written"):
        answer(file, loaded.as_dict, lambda: of_loaded(loaded), lambda page: page.lines(loaded.lines()))
    err().lines(doubts(loaded.hints))
    if file.format != "json":
        if file.format != "table":
            err().lines(doubts(loaded.lookalikes))
        _news_told(commits)
        err().lines(doubts([ignored for one in commits for ignored in one.ignored]))


def _news_told(commits: Sequence[Commit]) -> None:
    """Tell whom commits speak of first, how names in them were read, and of what is now one as of when."""
    page = err()
    page.lines(_entities([one for commit in commits for one in commit.new_entities]))
    spellings = [one for commit in commits for one in commit.spellings]
    page.lines(doubts([f"taken as one, spelt otherwise: {one}" for one in spellings], _MOST))
    names = dict.fromkeys(name for commit in commits for name in commit.placeholders)
    page.lines(doubts([f"{name!r} looks like no name, and was taken for one" for name in names], _MOST))
    page.lines(_sameness([one for commit in commits for one in commit.records]))


def _entities(entities: Sequence[NewEntity]) -> Iterator[Line]:
    """Entities spoken of for the first time; first those near to one before them, as a warning."""
    place = {one.id: index for index, one in enumerate(entities)}
    others = []
    doubtful = []
    for index, one in enumerate(entities):
        near = [each for each in one.near if place.get(each, -1) < index]
        if near:
            doubtful.append(f"new entity {_called(one)}: is it {' or '.join(near)}?")
        else:
            others.append(_called(one))
    yield from doubts(doubtful, _MOST)
    if others:
        noun = "entity" if len(others) == 1 else "entities"
        yield Line.of((f"{len(others)} new {noun}: {few(others, ', ')}", "aside"), hang=2)
    lists = [(_called(one), few(one.lists, " and ")) for one in entities if one.lists]
    listing = [f"new entity {one} looks like a list: did you mean {each}?" for one, each in lists]
    yield from doubts(listing, _MOST)


def _called(one: NewEntity) -> str:
    return one.name if one.name == one.id else f"{one.name} ({one.id})"


def _sameness(records: Iterable[Record]) -> Iterator[Line]:
    """Of what says that two are one and is known from now on only, what does not follow from it."""
    from timeline.records import Sameness

    found = [Sameness.of(one) for one in records if one.known_at == one.recorded_at]
    lines = [
        f"as known before {one.record.known_at.date()}, {one.entity} and {one.same_as} are two; "
        "--known says since when it was known that they are one"
        for one in found
        if one is not None
    ]
    return doubts(lines, _MOST, "")
