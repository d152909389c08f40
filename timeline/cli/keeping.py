"""The verbs about the log itself: seen to be whole, copied, carried, moved, derived from anew, redacted."""

from __future__ import annotations

import getpass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import attrs

from timeline.cli.opening import FILE, Output, alone, check_there, opened, written
from timeline.cli.progress import progressing
from timeline.cli.screen import (
    DASH,
    answer,
    answering,
    check_streamed,
    dry_told,
    err,
    stdout,
    text_of,
)
from timeline.formats import of_redaction, of_report
from timeline.values import FaultyCopy, NotAllowed

if TYPE_CHECKING:
    from timeline.formats import Page
    from timeline.maintenance import Carried, Redaction, Report

Place = Annotated[str, DASH]

_MOST: Final = 20
"""How much of what else mentions somebody is told one by one."""


def verify(*, since: Annotated[str | None, DASH] = None, file: Output = FILE) -> int:
    """See that nothing was changed: every digest, the order of the log, and all that is derived from it.

    It ends with 1 if anything is at fault, and tells where, and what can be done about it.

    Example: timeline verify --since "$(cat head.txt)" --db ai.duckdb

    Parameters
    ----------
    since
        A head kept elsewhere, as `timeline head` prints it: history before it has to be unchanged; `-` is
        standard input.
    """
    kept = None if since is None else text_of(since, "head")
    with progressing() as progress:
        report = alone(file.db).verify(kept, progress=progress)
    answer(file, report.as_dict, lambda: of_report(report), lambda page: _shown(page, str(report)))
    return 0 if report.ok else 1


def head(*, file: Output = FILE) -> int:
    """Where the log ends, as one word to keep elsewhere: its last position, and the digest of all before.

    Example: timeline head --db ai.duckdb > head.txt
    """
    found = alone(file.db).head()
    answer(file, found.as_dict, None, lambda page: _shown(page, str(found)))
    return 0


def _shown(page: Page, text: str) -> None:
    for line in text.splitlines():
        page.line(line, whole=True)


def rebuild(*, dry_run: bool = False, file: Output = FILE) -> int:
    """Make all that is derived from the log anew: typed tables, states, names, what does not stand.

    Example: timeline rebuild --db ai.duckdb

    Parameters
    ----------
    dry_run
        Write nothing; show what differs from what the log gives, and so would change.
    """
    check_there(file.db)
    if dry_run:
        with progressing() as progress:
            faults = [one for one in opened(file.db).verify(progress=progress).faults if one.derived]
        told = [str(one) for one in faults] or ["all that is derived is as it would be made anew"]
        found = [one.as_dict() for one in faults]
        answer(file, lambda: found, None, lambda page: _shown(page, "\n".join(told)))
        return 0
    timeline = opened(file.db, write=True)
    with progressing() as progress:
        timeline.rebuild(progress=progress)
    with answering("it is made anew all the same"):
        made = {"path": timeline.path, "head": str(timeline.head())}
        line = f"{timeline.path}: all that is derived is made anew"
        answer(file, lambda: made, None, lambda page: page.line(line))
    return 0


def backup(copy: Place, /, *, force: bool = False, dry_run: bool = False, file: Output = FILE) -> int:
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


def restore(copy: Place, /, *, force: bool = False, dry_run: bool = False, file: Output = FILE) -> int:
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
    with answering("the copy is made all the same", "nothing was copied", dry_run=dry_run):
        _copy_told(file, target, report)
    return 0


def _copy_told(file: Output, path: str, report: Report) -> None:
    """Tell what a timeline holds that was copied and verified."""
    told = {"path": path, "head": report.head, "records": report.records}

    def shown(page: Page) -> None:
        page.line(f"{path}: {report.records:,} records in {report.commits:,} commits, verified")
        page.line(f"head {report.head}", whole=True)

    answer(file, lambda: told, None, shown)


def push(target: Place, /, *, dry_run: bool = False, file: Output = FILE) -> int:
    """Carry what the log holds beyond another there, with the same digests; again at any time.

    Example: timeline push copy.duckdb --db ai.duckdb

    Parameters
    ----------
    target
        The address of a log in PostgreSQL, or a file.
    dry_run
        Carry nothing; show what would be.
    """
    from timeline.log import MemoryLog, is_address

    new = dry_run and not is_address(target) and not Path(target).exists()
    with opened(file.db) as timeline, progressing() as told:
        done = timeline.push(MemoryLog() if new else target, progress=told, dry_run=dry_run)
    return _carried(file, attrs.evolve(done, target=target) if new else done, dry_run=dry_run)


def pull(source: Place, /, *, dry_run: bool = False, file: Output = FILE) -> int:
    """Carry here what another log holds beyond this one, with the same digests; again at any time.

    Example: timeline pull other.duckdb --db ai.duckdb

    Parameters
    ----------
    source
        The address of a log in PostgreSQL, or a file.
    dry_run
        Carry nothing; show what would be.
    """
    with written(file.db, dry_run=dry_run) as timeline, progressing() as told:
        done = timeline.pull(source, progress=told, dry_run=dry_run)
    return _carried(file, attrs.evolve(done, target=file.db), dry_run=dry_run)


def _carried(file: Output, done: Carried, *, dry_run: bool) -> int:
    with answering("it is carried all the same", "nothing was carried", dry_run=dry_run):
        answer(file, done.as_dict, None, lambda page: page.line(str(done), whole=True))
    return 0


def export(path: Place, /, *, dry_run: bool = False, file: Output = FILE) -> int:
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
    with answering("it is exported all the same", "nothing was exported", dry_run=dry_run):
        told = {"path": path, "head": head}
        line = f"{path}: exported, head {head}"
        answer(file, lambda: told, None, lambda page: page.line(line, whole=True))
    return 0


def _streamed(file: Output, *, dry_run: bool) -> int:
    """Write the log to standard output, and what is told of that as a message."""
    if file.json or file.form is not None:
        raise NotAllowed("export - writes JSON Lines to standard output; leave out --json and --format")
    stdout().flush()
    head = alone(file.db).export("-", dry_run=dry_run)
    err().line(f"-: exported, head {head}", whole=True)
    if dry_run:
        dry_told()
    return 0


def import_(path: Place, /, *, dry_run: bool = False, file: Output = FILE) -> int:
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
    from timeline.formats import is_table

    if is_table(path) and not path.endswith((".jsonl", ".parquet")):
        raise FaultyCopy(
            path, [f"it is a table, and no export; `timeline load` takes tables: try `timeline load {path}`"]
        )
    with progressing() as progress, written(file.db, dry_run=dry_run) as timeline:
        report = timeline.import_log(path, progress=progress, dry_run=dry_run)
    with answering("it is imported all the same", "nothing was imported", dry_run=dry_run):
        _copy_told(file, file.db, report)
    return 0


def redact(
    *records: str, reason: str, actor: str | None = None, dry_run: bool = False, file: Output = FILE
) -> int:
    """Take out of the file what records say, for good; their place and their digests are kept.

    It tells what else mentions the same entities. Backups and exports made before still hold everything.

    Example: timeline redact A14 --reason 'erasure asked for on 2026-01-31' --db ai.duckdb

    Parameters
    ----------
    records
        Their ids or positions.
    reason
        Why; it stays in the log.
    actor
        Who does it; by default the user of this computer. It stays in the log.
    dry_run
        Change nothing; show what would be redacted, and what else mentions the same.
    """
    with progressing() as progress:
        found = alone(file.db, write=True).redact(
            *records, reason=reason, actor=actor or getpass.getuser(), progress=progress, dry_run=dry_run
        )
    with answering("it is redacted all the same", "nothing was redacted", dry_run=dry_run):
        answer(file, found.as_dict, lambda: of_redaction(found), lambda page: _redacted(page, found))
    return 0


def _redacted(page: Page, found: Redaction) -> None:
    for record, account in zip(found.records, found.accounts, strict=True):
        page.line(f"#{record} is redacted, by #{account}")
    if found.mentions:
        page.line("still there, and it may be about the same:")
        for one in found.mentions[:_MOST]:
            page.line(f"  {one}", hang=4)
        if len(found.mentions) > _MOST:
            page.line(f"  and {len(found.mentions) - _MOST:,} more; --json lists all of them")
    page.line("backups, exports and other copies made before still hold everything")
    page.line(f"head {found.head}", whole=True)
