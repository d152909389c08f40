"""Backups: a copy of a timeline as it is now, also while others use it, and a timeline from such a copy."""

from __future__ import annotations

import os
from pathlib import Path

from timeline.log import File, Log, Session, schema
from timeline.maintenance.files import fresh, placed, pour_all, pour_log, swapped
from timeline.maintenance.report import Report
from timeline.maintenance.verifying import verify
from timeline.records import Codec
from timeline.values import FaultyCopy, NotAllowed


def backup(session: Session, target: str | os.PathLike[str], *, force: bool, dry_run: bool) -> Report:
    """Copy a timeline as it is now to a new file, and verify the copy; gives the report on it.

    With `force` the copy takes the place of the timeline that is there; with `dry_run` none is kept.

    Raises:
        NotAllowed: if there is a file already and no `force`.
        FaultyCopy: if the copy is not whole, as the timeline itself is not; none is left.
        FileFailed: if it cannot be written.
    """
    other = File.at(target, read_only=False, lock_timeout=session.file.lock_timeout)
    if other.in_memory:
        raise NotAllowed(f"{os.fspath(target)} is no file; name one")
    if other.key == session.file.key:
        raise NotAllowed(f"{os.fspath(target)} is the open file itself; name another")
    reports: list[Report] = []

    def write(draft: Path) -> None:
        with session.in_file() as log:
            reports.append(_copied(log, session.codec, draft, session.file.path))

    if force and other.exists:
        swapped(other, session.codec, lambda _, draft: write(draft), source=session.file.key, dry_run=dry_run)
    else:
        with placed(Path(other.key), session.file.key, dry_run=dry_run) as draft:
            write(draft)
    return reports[0]


def _copied(log: Log, codec: Codec, draft: Path, path: str) -> Report:
    """Copy what the log holds and all that is derived to a new file; derived anew where it does not fit."""
    with fresh(draft, codec) as copy:
        if codec.catalogue.known and schema.fits(log.connection, codec):
            pour_all(log, copy)
        else:
            pour_log(log, copy)
            schema.rebuild(copy.connection, codec, path)
        report = verify(copy, str(log.head()))
        if not report.faithful:
            raise FaultyCopy(path, [str(fault) for fault in report.faults])
    return report
