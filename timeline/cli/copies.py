"""The verbs that copy and move a timeline: backup, restore, export, import."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import App, Parameter

from timeline.cli.formats import answer
from timeline.cli.opening import alone, written
from timeline.cli.options import FILE, DryRun, Output
from timeline.cli.piping import DASH, check_streamed
from timeline.cli.screen import answering, dry_told, err, progressing, stdout
from timeline.formats import Table

if TYPE_CHECKING:
    from timeline.formats import Page
    from timeline.maintenance import Report

__all__ = ["register"]

Place = Annotated[str, DASH]
Force = Annotated[bool, Parameter(negative=(), show_default=False)]


def register(app: App) -> None:
    """Add the verbs to a command line."""
    app.command(backup)
    app.command(restore)
    app.command(export)
    app.command(import_, name="import")


def backup(copy: Place, /, *, force: Force = False, dry_run: DryRun = False, file: Output = FILE) -> int:
    """Copy the timeline as it is now to a new file, and verify the copy.

    Example: timeline backup ai-2026-01-31.duckdb --db ai.duckdb

    Parameters
    ----------
    copy
        The file to make.
    force
        Let it take the place of a timeline that is there.
    dry_run
        Keep nothing; show what the copy would be.
    """
    return _copied(file.db, copy, file, force=force, dry_run=dry_run)


def restore(copy: Place, /, *, force: Force = False, dry_run: DryRun = False, file: Output = FILE) -> int:
    """Make the timeline what a copy of it holds, once that is verified.

    Example: timeline restore ai-2026-01-31.duckdb --db ai.duckdb --force

    Parameters
    ----------
    copy
        The copy, as `timeline backup` makes it; it stays as it is.
    force
        Let it take the place of the timeline that is there.
    dry_run
        Change nothing; show what it would be.
    """
    return _copied(copy, file.db, file, force=force, dry_run=dry_run)


def _copied(source: str, target: str, file: Output, *, force: bool, dry_run: bool) -> int:
    for path in source, target:
        check_streamed(path, "a copy", "`timeline export -` writes the log to standard output")
    report = alone(source).backup(target, force=force, dry_run=dry_run)
    with answering("nothing was copied" if dry_run else "the copy is made all the same"):
        _told(file, target, report)
    dry_told(dry_run)
    return 0


def _told(file: Output, path: str, report: Report) -> None:
    """Tell what a timeline holds that was copied and verified."""
    told = {"path": path, "head": report.head, "records": report.records}

    def shown(page: Page) -> None:
        page.line(f"{path}: {report.records:,} records in {report.commits:,} commits, verified")
        page.line(f"head {report.head}", whole=True)

    answer(file, lambda: told, lambda: Table.of(told), shown)


def export(path: Place, /, *, dry_run: DryRun = False, file: Output = FILE) -> int:
    """Write the log, with every salt and digest, to a file of JSON Lines or a folder of Parquet files.

    Example: timeline export ai.jsonl --db ai.duckdb

    Parameters
    ----------
    path
        Where to: a name that ends with `.jsonl`, or with `.parquet` for a folder; `-` is standard output, as
        JSON Lines.
    dry_run
        Keep nothing; show what would be written.
    """
    if path == "-":
        return _streamed(file, dry_run=dry_run)
    head = alone(file.db).export(path, dry_run=dry_run)
    with answering("nothing was exported" if dry_run else "it is exported all the same"):
        told = {"path": path, "head": head}
        answer(
            file,
            lambda: told,
            lambda: Table.of(told),
            lambda page: page.line(f"{path}: exported, head {head}", whole=True),
        )
    dry_told(dry_run)
    return 0


def _streamed(file: Output, *, dry_run: bool) -> int:
    """Write the log to standard output, and what is told of that as a message."""
    from timeline.values import NotAllowed

    if file.json or file.form is not None:
        raise NotAllowed("export - writes JSON Lines to standard output; leave out --json and --format")
    stdout().flush()
    head = alone(file.db).export("-", dry_run=dry_run)
    err().line(f"-: exported, head {head}", whole=True)
    dry_told(dry_run)
    return 0


def import_(path: Place, /, *, dry_run: DryRun = False, file: Output = FILE) -> int:
    """Read an export into a timeline that holds nothing yet, verify it, and derive the rest.

    Example: timeline import ai.jsonl --db moved.duckdb

    Parameters
    ----------
    path
        What `timeline export` made: a file of JSON Lines, or a folder of Parquet files; `-` is standard
        input, as JSON Lines.
    dry_run
        Take nothing in; show whether it can be, and what it holds.
    """
    place = ":memory:" if dry_run and not Path(file.db).exists() else file.db
    with progressing() as progress, written(place, dry_run=dry_run) as timeline:
        report = timeline.import_log(path, progress=progress, dry_run=dry_run)
    with answering("nothing was imported" if dry_run else "it is imported all the same"):
        _told(file, file.db, report)
    dry_told(dry_run)
    return 0
