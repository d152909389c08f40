"""What appending did, or would do: its records as the answer, whom it spoke of first as a message."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from timeline.cli.formats import answer
from timeline.cli.screen import answering, dry_told, err
from timeline.formats import Table, of_records

if TYPE_CHECKING:
    from timeline.cli.options import Output
    from timeline.formats import Loaded
    from timeline.records import Commit, Lookalike, Record

_MOST: Final = 20
_NAMES: Final = ("new_entities", "spellings", "placeholders")
_COMMIT: Final = (
    *("head", "digest", "records", "unchanged", "superseded", "fallen", "lookalikes"),
    *_NAMES,
)


def commit_told(commit: Commit, alike: Sequence[Lookalike], file: Output, *, dry_run: bool) -> None:
    """Tell what a commit did, or would."""
    new = commit.records and not dry_run
    with answering("it is written to the timeline all the same" if new else "nothing was new"):
        answer(
            file,
            lambda: _parts(commit.as_dict() | {"lookalikes": [one.as_dict() for one in alike]}, *_COMMIT),
            lambda: _records((None, commit)),
            lambda page: page.commit(commit),
        )
    dry_told(dry_run)
    if file.format != "json":
        err().doubts(alike)
        _names_told([commit])
        _sameness_told(commit.records)


def loaded_told(loaded: Loaded, file: Output) -> None:
    """Tell what loading files did, or would; in rows, the records of all of them or what is at fault."""
    new = any(one.commit.records for one in loaded.files) and not loaded.dry_run
    with answering("it is written to the timeline all the same" if new else "nothing was written"):
        answer(file, lambda: _loaded_as_dict(loaded), lambda: _rows(loaded), lambda page: page.loaded(loaded))
    err().doubts(loaded.hints)
    if file.format != "json":
        if file.format != "table":
            err().doubts(loaded.lookalikes)
        _names_told([one.commit for one in loaded.files])
        _sameness_told(one for each in loaded.files for one in each.commit.records)
        err().doubts([ignored for one in loaded.files for ignored in one.commit.ignored])


def _names_told(commits: Sequence[Commit]) -> None:
    """Tell whom commits speak of first, and how the names in them were read."""
    page = err()
    page.new_entities([one for commit in commits for one in commit.new_entities])
    page.names(
        [one for commit in commits for one in commit.spellings],
        [*dict.fromkeys(name for commit in commits for name in commit.placeholders)],
    )


def _sameness_told(records: Iterable[Record]) -> None:
    """Tell, of what says that two are one and is known from now on only, what does not follow from it."""
    from timeline.records import Sameness

    found = [Sameness.of(one) for one in records if one.known_at == one.recorded_at]
    lines = [
        f"as known before {one.record.known_at.date()}, {one.entity} and {one.same_as} are two; "
        "--known says since when it was known that they are one"
        for one in found
        if one is not None
    ]
    err().doubts(lines, _MOST, "")


def _rows(loaded: Loaded) -> Table:
    if not loaded.faults:
        return _records(*((one.path, one.commit) for one in loaded.files))
    return Table(
        ("file", "line", "field", "problem"),
        [(one.path, one.line, one.field, one.problem) for one in loaded.faults],
    )


def _records(*commits: tuple[str | None, Commit]) -> Table:
    """A row for each record that is new, or that the log had already; with the file, where it is from one."""
    columns: Sequence[str] = ()
    rows: list[Sequence[Any]] = []
    filed = any(path is not None for path, _ in commits)
    for path, commit in commits:
        for new, records in ((True, commit.records), (False, commit.unchanged)):
            table = of_records(records, {})
            columns = table.columns
            rows += [((path, new) if filed else (new,)) + tuple(row) for row in table.rows]
    return Table((*(("file",) if filed else ()), "new", *columns), rows)


def _loaded_as_dict(loaded: Loaded) -> dict[str, Any]:
    return {
        "dry_run": loaded.dry_run,
        "files": [
            {
                "path": one.path,
                "new": told["records"],
                "known": [record.position for record in one.commit.unchanged],
                **_parts(told, "fallen", *_NAMES),
            }
            for one in loaded.files
            for told in (one.commit.as_dict(),)
        ],
        "lookalikes": [one.as_dict() for one in loaded.lookalikes],
        "faults": [
            {"file": one.path, "line": one.line, "field": one.field, "problem": one.problem}
            for one in loaded.faults
        ],
    }


def _parts(told: Mapping[str, Any], *names: str) -> dict[str, Any]:
    return {name: told[name] for name in names}
