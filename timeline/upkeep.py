"""Keeping a timeline: deriving anew, verifying, copying, moving, redacting."""

from __future__ import annotations

import os
from contextlib import suppress
from typing import TYPE_CHECKING

from timeline.arguments import checked
from timeline.handle import Handle, Undone
from timeline.integrity.report import Report
from timeline.record import Reference

if TYPE_CHECKING:
    from timeline.arguments import Progress
    from timeline.keeping.redacting import Redaction

__all__ = ["Upkeep"]


@checked
class Upkeep(Handle):
    """A timeline as a file to look after."""

    def rebuild(self, *, progress: Progress | None = None) -> None:
        """Make all that is derived from the log anew: typed tables, names, what is hidden.

        It is one transaction: whoever asks meanwhile sees what was there before. `progress` is called with
        the stage, the records done and all records.

        Raises:
            ReadOnlyTimeline, LockedFile: if the file cannot be written now.
        """
        from timeline import schema

        self.catalogue.check_known("deriving anew")
        with self._session.writing() as log:
            schema.rebuild(log.connection, log.codec, self.path, progress or (lambda *_: None))

    def verify(self, since: str | None = None) -> Report:
        """What is not as it was written, or does not follow from what was; faults are told, never raised.

        Every record and commit is hashed again, and all that is derived is compared with what the log gives.
        Without a vocabulary only the log is looked at, and what follows from it alone.
        `since` is a head that was kept elsewhere, as `str(tl.head())` gives it: history before it has to be
        unchanged. The report is true where nothing is at fault.

        Raises:
            NotAllowed: if `since` is no head.
        """
        from timeline.integrity.verifying import verify

        with self._session.in_file() as log:
            return verify(log, since)

    def backup(self, path: str | os.PathLike[str], *, force: bool = False, dry_run: bool = False) -> Report:
        """Copy the timeline as it is now to a new file, also while others use it.

        Gives the report on the copy, which is verified before it is put in its place.
        With `force` it takes the place of a timeline; with `dry_run` no copy is kept.

        Raises:
            NotAllowed: if there is a file already.
            FaultyCopy: if what is copied does not verify; no copy is left then.
            FileFailed: if the copy cannot be written.
            LockedFile: if others hold the file, or the one to be replaced.
        """
        from timeline.keeping.backup import backup

        return backup(self._session, path, force=force, dry_run=dry_run)

    def export(self, path: str | os.PathLike[str], *, dry_run: bool = False) -> str:
        """Write the log, every column, salt and digest of it, to be imported elsewhere; gives its head.

        A path that ends with `.jsonl` becomes a file of JSON Lines, one with `.parquet` a folder of Parquet;
        `-` is standard output, as JSON Lines. With `dry_run` nothing is kept.

        Raises:
            NotAllowed: if the path ends otherwise, or there is something already.
            FileFailed: if it cannot be written.
        """
        from timeline.keeping.exporting import export

        return export(self._session, path, dry_run=dry_run)

    def import_log(
        self, path: str | os.PathLike[str], *, progress: Progress | None = None, dry_run: bool = False
    ) -> Report:
        """Read an export into this timeline, which holds nothing yet: the same log, with the same digests.

        The path `-` is standard input, as JSON Lines.

        What follows from it is derived by the vocabulary in use, and all is verified; gives the report.
        With `dry_run` it is taken back at the end.

        Raises:
            NotAllowed: if the timeline holds something, or there is no such export.
            FaultyCopy: if anything of the export is not as it was written; nothing of it is taken.
            NewerTimeline: if a newer version of this package, or of the vocabulary, wrote it.
            OtherVocabulary: if it holds events that the vocabulary does not have, or has otherwise.
        """
        from timeline.keeping.importing import import_log

        self.catalogue.check_known("an import")
        with suppress(Undone), self._session.writing() as log:
            report = import_log(log, path, self.path, progress or (lambda *_: None))
            if dry_run:
                raise Undone
        return report

    def redact(
        self,
        *records: Reference,
        reason: str,
        actor: str,
        progress: Progress | None = None,
        dry_run: bool = False,
    ) -> Redaction:
        """Take out of the file what records say, for good; that they were there, and in what place, is kept.

        The retractions and attestations of a record say the same again, and go with it. Who did it, when and
        why is a record of its own. The file is written anew meanwhile, so nobody may have it open.
        Gives back what else in the log mentions the same entities. Copies made before are another matter.
        With `dry_run` the file stays as it is.

        Raises:
            UnknownRecord: if the log holds no such record.
            WrongTarget: if it is redacted already, or says that another is.
            BadText: if the reason or the actor is blank.
            NotAllowed: in a `with` block of this timeline, or for one in memory.
            FaultyCopy: if the log does not verify; nothing is changed then.
            ReadOnlyTimeline, LockedFile: if the file cannot be written now, or others have it open.
        """
        from timeline.keeping.redacting import redact

        told = progress or (lambda *_: None)
        return redact(self._session, records, reason=reason, actor=actor, progress=told, dry_run=dry_run)
