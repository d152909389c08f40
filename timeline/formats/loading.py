"""Files of events, loaded into a timeline: all of them or, where anything is wrong, none."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, Final, Protocol

import attrs

from timeline.admission import Imported, Judged
from timeline.formats.date_reading import DateReading
from timeline.formats.entries import Said
from timeline.formats.nodes import EntryFault, at_fault
from timeline.formats.reading import ReadFile, faulty, read_file
from timeline.formats.recipes import RECIPE_ENDING, Recipe
from timeline.formats.table_rows import TableFile
from timeline.records import Commit, Lookalike, Statement, record_line
from timeline.values import (
    AlreadySuperseded,
    AmbiguousName,
    FutureKnown,
    IdConflict,
    InLines,
    Line,
    Progress,
    ReadDate,
    TimelineError,
    UnknownEntity,
    UnknownRecord,
    WrongTarget,
    doubts,
    either,
    few,
    zone,
)
from timeline.vocabulary import Catalogue, Event, Field

_SUFFIXES: Final = frozenset({".yaml", ".yml"})
Misfit = tuple[Said, TimelineError]


class Taker(Protocol):
    """What files are loaded into, as far as that goes: a timeline."""

    @property
    def catalogue(self) -> Catalogue:
        """Its vocabulary."""

    def append_all(
        self, batches: Iterable[Sequence[Statement]], *, amend: bool, dry_run: bool
    ) -> tuple[Judged, ...]:
        """Append batches, each as one commit, all of them or none; and tell what became of each."""

    def lookalikes(self, *commits: Commit) -> tuple[Lookalike, ...]:
        """What in commits looks like what was there."""


@attrs.frozen
class LoadedFile:
    """What became of one file: its entries, and the commit that they made or would make."""

    path: str
    said: tuple[Said, ...]
    commit: Commit

    def as_dict(self) -> dict[str, Any]:
        """As plain JSON values."""
        told = self.commit.as_dict()
        known = [record.position for record in self.commit.unchanged]
        rest = {name: told[name] for name in ("fallen", "new_entities", "spellings", "placeholders")}
        return {"path": self.path, "new": told["records"], "known": known, **rest}

    def lines(self, *, dry_run: bool) -> Iterator[Line]:
        """How much of it is new, or would be; of a dry run, also each entry."""
        commit, verb = self.commit, "would be " if dry_run else ""
        fallen = {one.record.position for one in commit.fallen}
        counts = [f"{len(commit.records)} {verb}new", f"{len(commit.unchanged) - len(fallen)} known already"]
        counts += [f"{len(fallen)} no longer standing"] if fallen else []
        yield Line.of((self.path, "head"), f"  {' · '.join(counts)}")
        for record in commit.records if dry_run else ():
            head = f"corrects #{record.target} with" if record.kind == "correction" else "new"
            yield Line.of((head, "label"), f" {record_line(record, zone('UTC'))}", indent=2, hang=6)
        for record in commit.unchanged if dry_run else ():
            if record.position not in fallen:
                yield Line.of((f"known {record.label}: {record.summary}", "aside"), indent=2, hang=6)
        yield from doubts(commit.fallen)


@attrs.frozen(kw_only=True)
class Loaded(InLines):
    """What became of all files; `faults` and `lookalikes` are told of a dry run only.

    `hints` are of what was read and may be meant otherwise; `dates` tells how dates were read that say less
    than the date they were taken for.
    """

    files: tuple[LoadedFile, ...]
    dry_run: bool
    faults: tuple[EntryFault, ...] = ()
    lookalikes: tuple[Lookalike, ...] = ()
    hints: tuple[EntryFault, ...] = ()
    dates: tuple[ReadDate, ...] = ()

    def as_dict(self) -> dict[str, Any]:
        """As plain JSON values; records known already by position."""
        return {
            "dry_run": self.dry_run,
            "files": [one.as_dict() for one in self.files],
            "dates": [one.as_dict() for one in self.dates],
            "lookalikes": [one.as_dict() for one in self.lookalikes],
            "faults": [one.as_dict() for one in self.faults],
        }

    def lines(self) -> Iterator[Line]:
        """What became of each file; of a dry run, of each entry, since when known in UTC."""
        for file in self.files:
            yield from file.lines(dry_run=self.dry_run)
        if not self.files:
            yield Line.of(("nothing was read", "aside"))
        yield from _dates_told(self.dates, dry_run=self.dry_run)
        yield from doubts(self.lookalikes)
        yield from doubts(self.faults, tone="contest")


@attrs.frozen(kw_only=True)
class LoadedTable(InLines):
    """What became of a table: how it was read, and the commit that it made or would make.

    `beside` is the file of its recipe, if there is one; `unread` are the columns that nothing is read from.
    """

    table: TableFile
    recipe: Recipe
    beside: str | None
    unread: Sequence[str]
    imported: Imported
    dry_run: bool

    def as_dict(self) -> dict[str, Any]:
        """As plain JSON values."""
        told = {"path": self.table.path, "read_as": self.table.told, "notes": list(self.table.notes)}
        rest = {"types": list(self.recipe.types), "recipe": self.beside, "unread": list(self.unread)}
        return {"dry_run": self.dry_run, **told, **rest, **self.imported.as_dict()}

    def lines(self) -> Iterator[Line]:
        """How much of it is new, or would be, and how it was read; of a dry run, also the first records."""
        imported, verb = self.imported, "would be " if self.dry_run else ""
        counts = [f"{imported.count:,} {verb}new", f"{imported.unchanged:,} known already"]
        more = (
            (imported.folded, "said by an earlier row"),
            (imported.left_out, "left out, being blank"),
            (imported.faulty, "at fault"),
        )
        counts += [f"{count:,} {what}" for count, what in more if count]
        yield Line.of((self.table.path, "head"), f"  {' · '.join(counts)}")
        by = f", by {self.beside}" if self.beside else ""
        rows = "1 row" if imported.rows == 1 else f"{imported.rows:,} rows"
        told = f"{self.table.told}, {rows} as {either(self.recipe.types, 'and')}{by}"
        yield Line.of((told, "aside"), indent=2)
        if self.unread:
            yield Line.of((f"not read: {few(self.unread, ', ')}", "aside"), indent=2)
        yield from _dates_told(imported.dates, dry_run=self.dry_run)
        if self.dry_run:
            for row, record in imported.sample:
                yield Line.of((f"{row}:", "label"), f" {record_line(record, zone('UTC'))}", indent=2, hang=6)
            if (rest := imported.count - len(imported.sample)) > 0:
                yield Line.of((f"… and {rest:,} more", "aside"), indent=2)
        yield from doubts(imported.fallen, _MOST)
        yield from doubts(imported.lookalikes, _MOST)


_MOST: Final = 20


def _dates_told(dates: Sequence[ReadDate], *, dry_run: bool) -> Iterator[Line]:
    """How dates were read that say less than the date they were taken for; but for a dry run, how many."""
    count = f"{len(dates):,} {'text' if len(dates) == 1 else 'texts'} read as dates"
    if dates and not dry_run:
        yield Line.of((f"{count} by what they may mean: --dry-run shows how", "aside"), indent=2)
    for one in dates[:_MOST] if dry_run else ():
        yield Line.of(("date ", "label"), str(one), indent=2, hang=6)
    if dry_run and len(dates) > _MOST:
        yield Line.of((f"… of {count}; --json lists more", "aside"), indent=2)


def load(
    timeline: Taker,
    paths: Iterable[str | os.PathLike[str]],
    *,
    amend: bool = False,
    dry_run: bool = False,
    dates: DateReading | None = None,
    progress: Progress = lambda *_: None,
) -> Loaded:
    """Load files of events, each as one commit; of a folder its `*.yaml` and `*.yml`, in order of name.

    What the timeline holds already changes nothing. With `amend`, an entry changed under the same id
    corrects its record. With `dry_run` nothing is written, and faults are told instead of raised. `dates`
    says how dates are written; its dateline is a day, or `published`: that of the source of each entry.

    Raises:
        FaultyFile: if anything is wrong in any file, with all that is; then nothing was written.
        BadText: if the dateline is neither a day nor `published`.
        ReadOnlyTimeline, LockedFile: if the timeline cannot be written now.
    """
    files = read_files(paths, timeline.catalogue, progress, dates)
    return load_files(timeline, files, amend=amend, dry_run=dry_run, progress=progress)


def read_files(
    paths: Iterable[str | os.PathLike[str]],
    catalogue: Catalogue,
    progress: Progress = lambda *_: None,
    dates: DateReading | None = None,
) -> list[ReadFile]:
    """The files meant, each read once: those given, and of a folder its YAML in order of file name."""
    files, several = [], [*_files(paths)]
    for done, path in enumerate(several):
        progress("reading files", done, len(several))
        files.append(read_file(path, catalogue, dates) if isinstance(path, str) else path)
    return files


def read_statements(paths: Iterable[str | os.PathLike[str]], catalogue: Catalogue) -> list[Statement]:
    """What files of events say, in order, without saying it to a timeline.

    Raises:
        FaultyFile: if anything in them cannot be read, with all that cannot.
    """
    files = read_files(paths, catalogue)
    faults = [fault for file in files for fault in file.faults]
    if faults:
        raise at_fault(faults)
    return [one.statement for file in files for one in file.said]


def load_files(
    timeline: Taker,
    files: Sequence[ReadFile],
    *,
    amend: bool = False,
    dry_run: bool = False,
    progress: Progress = lambda *_: None,
) -> Loaded:
    """Load files that were read, each as one commit; as `load`.

    Raises:
        FaultyFile, ReadOnlyTimeline, LockedFile: as `load`.
    """
    taken = list(_taken_twice(files))
    faults = [*(fault for file in files for fault in file.faults), *(fault for _, fault in taken)]
    count = sum(len(file.said) for file in files)
    progress("judging entries", 0, count)
    batches = [[one.statement for one in file.said] for file in files]
    judged = timeline.append_all(batches, amend=amend, dry_run=dry_run or bool(faults))
    progress("done", count, count)
    told_of = {id(said) for said, _ in taken}
    misfits = [
        (said, problem)
        for file, one in zip(files, judged, strict=True)
        for said, problem in ((file.said[index], problem) for index, problem in one.faults.items())
        if not (isinstance(problem, IdConflict) and id(said) in told_of)
    ]
    roots = _roots(misfits, {mark for file in files for mark in file.refused})
    if faults and not all(file.whole for file in files):
        roots = [(said, problem) for said, problem in roots if not isinstance(problem, UnknownRecord)]
    if not faults and not roots:
        roots = misfits
    faults += [_misfit(said, problem) for said, problem in roots]
    faults = _ordered(faults, [file.path for file in files])
    if faults and not dry_run:
        raise at_fault(faults)
    return Loaded(
        files=tuple(
            LoadedFile(file.path, file.said, one.commit) for file, one in zip(files, judged, strict=True)
        ),
        dry_run=dry_run,
        faults=tuple(faults),
        lookalikes=timeline.lookalikes(*(one.commit for one in judged)) if dry_run else (),
        hints=tuple(hint for file in files for hint in file.hints),
        dates=tuple(dict.fromkeys(one for file in files for one in file.dates)),
    )


def _files(paths: Iterable[str | os.PathLike[str]]) -> Iterator[str | ReadFile]:
    """The files meant, each once; what is not there as a file with a fault."""
    seen: set[str] = set()
    for path in paths:
        place = Path(path)
        if place.is_dir():
            inside = sorted(one for one in place.iterdir() if one.suffix in _SUFFIXES and one.is_file())
            inside = [one for one in inside if not one.name.endswith(RECIPE_ENDING)]
            if not inside:
                yield faulty(str(path), "holds no *.yaml or *.yml")
        else:
            inside = [place]
        for one in inside:
            if (text := str(one)) not in seen:
                seen.add(text)
                yield text


def _roots(misfits: Sequence[Misfit], refused: Iterable[str]) -> list[Misfit]:
    """The misfits that do not merely follow from another, by speaking of an entry that is at fault itself.

    Entries that speak of themselves, or of each other in a circle, follow from nothing else.
    """
    awaited = {id(said): problem.reference for said, problem in misfits if isinstance(problem, UnknownRecord)}
    faulty = {*refused, *(said.mark for said, _ in misfits if said.mark)}
    behind = {*refused, *(said.mark for said, _ in misfits if awaited.get(id(said)) not in faulty)}
    following: set[int] = set()
    while found := {
        id(said): said.mark
        for said, _ in misfits
        if id(said) in awaited and awaited[id(said)] in behind and id(said) not in following
    }:
        following |= found.keys()
        behind |= set(found.values())
    return [one for one in misfits if id(one[0]) not in following]


def _taken_twice(files: Sequence[ReadFile]) -> Iterator[tuple[Said, EntryFault]]:
    """The entries whose mark an earlier one has that says something else."""
    seen: dict[str, Said] = {}
    for one in (one for file in files for one in file.said if one.mark):
        first = seen.setdefault(one.mark or "", one)
        if (one.event, one.target) != (first.event, first.target):
            problem = f"the id {one.mark} is taken by {first.path}:{first.line}, which says something else"
            yield one, EntryFault(one.path, one.line, None, f"{problem}; give each an id of its own")


def _misfit(one: Said, problem: TimelineError) -> EntryFault:
    """Why an entry could not be admitted, at the field that is to blame."""
    return EntryFault(one.path, *_blamed(one, problem), str(problem))


def _blamed(one: Said, problem: TimelineError) -> tuple[int, str | None]:
    names: tuple[str, ...] = ()
    if isinstance(problem, FutureKnown):
        names = ("known",) if problem.what == "known" else ("source",)
    elif isinstance(problem, UnknownRecord | AlreadySuperseded | WrongTarget):
        names = ("corrects", "retracts", "attests")
    elif isinstance(problem, IdConflict):
        names = () if one.event is None else (one.event.__timeline__.name,)
    elif isinstance(problem, AmbiguousName | UnknownEntity) and one.event is not None:
        fields = one.event.__timeline__.fields
        names = tuple(field.name for field in fields if problem.name in _spoken_of(one.event, field))
    field = next((name for name in names if name in one.lines), None)
    return one.lines.get(field or "", one.line), field


def _spoken_of(event: Event, field: Field) -> tuple[str, ...]:
    value = getattr(event, field.name) if field.names_entities else None
    return value if isinstance(value, tuple) else (value,)


def _ordered(faults: Iterable[EntryFault], paths: Sequence[str]) -> list[EntryFault]:
    """By file in the order read, and line; each once."""
    place = {path: index for index, path in enumerate(dict.fromkeys(paths))}
    return sorted(dict.fromkeys(faults), key=lambda fault: (place.get(fault.path, 0), fault.line))
