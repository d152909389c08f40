"""Records as they are appended: each once, in order, by whomever."""

from __future__ import annotations

import math
import os
import time
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Final
from uuid import UUID

import attrs
import msgspec

from timeline.log import Access, Log, Session, drafting
from timeline.records import Names, Record
from timeline.values import LockedFile, NotAllowed, NotATimeline, WrongBasis, WrongCursor, refusal

_ENDING: Final = ".cursor"


class ReadTo(msgspec.Struct, frozen=True, omit_defaults=True):
    """A record, by its position and its digest, which tells nothing of what it says: a salt is in it.

    Cursors of before have its id instead, which follows from what it says.
    """

    position: int
    digest: str | None = None
    id: UUID | None = None


@attrs.frozen
class Cursor:
    """A file that holds the last record that was dealt with; it is always whole, the old one or the new."""

    path: str

    @classmethod
    def of(cls, cursor: str | os.PathLike[str], timeline: str) -> Cursor:
        """The cursor of that name beside the file of a timeline, `<file>.<name>.cursor`, or at that path.

        Raises:
            NotAllowed: if it is blank, or a name where the timeline is in memory.
        """
        text = os.fspath(cursor)
        if not text.strip() or "\0" in text:
            raise NotAllowed(f"cursor={text!r}: it is a name, or a path")
        if isinstance(cursor, os.PathLike) or os.sep in text or (os.altsep and os.altsep in text):
            return cls(text)
        if timeline == ":memory:":
            raise NotAllowed(f"cursor={text!r}: a timeline in memory has no file to be beside; give a path")
        return cls(f"{os.path.realpath(timeline)}.{text}{_ENDING}")

    @classmethod
    def beside(cls, timeline: str) -> list[Cursor]:
        """The cursors that lie beside the file of a timeline."""
        place = Path(os.path.realpath(timeline))
        with suppress(OSError):
            names = sorted(one.name for one in place.parent.iterdir() if one.is_file())
            return [
                cls(str(place.with_name(name)))
                for name in names
                if name.startswith(f"{place.name}.") and name.endswith(_ENDING)
            ]
        return []

    def read(self) -> ReadTo | None:
        """The record that was saved last; None if there is none yet.

        Raises:
            WrongCursor: if the file cannot be read, or is no cursor.
        """
        with self._told():
            if not Path(self.path).exists():
                return None
            content = Path(self.path).read_bytes()
        with suppress(msgspec.MsgspecError, RecursionError):
            place = msgspec.json.decode(content, type=ReadTo)
            if place.digest is not None or place.id is not None:
                return place
        raise WrongCursor(self.path, "it is no cursor")

    def save(self, place: ReadTo) -> None:
        """Save a record as dealt with; on disk when this comes back.

        Raises:
            WrongCursor: if the file cannot be written.
        """
        real = Path(os.path.realpath(self.path))
        with self._told():
            with drafting(real) as draft:
                handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
                with os.fdopen(handle, "wb") as file:
                    file.write(msgspec.json.encode(place) + b"\n")
                    file.flush()
                    os.fsync(file.fileno())
                if (access := Access.of(self.path)) is not None:
                    access.limit(draft)
                draft.replace(self.path)
            to_disk(real.parent)

    @contextmanager
    def _told(self) -> Iterator[None]:
        """Tell what the system refuses as an error of ours."""
        try:
            yield
        except OSError as problem:
            raise WrongCursor(self.path, refusal(problem)) from None


def to_disk(path: Path) -> None:
    """Force a file, or the names in a folder, to disk."""
    with suppress(PermissionError):  # Windows opens no folders
        handle = os.open(path, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


_Found = tuple[Record, str | None]

_CHUNK: Final = 1_000
"""How many records are read at a time."""
_FIRST: Final = 0.01
"""The shortest pause between two looks at whether a file has changed, in seconds."""
_TRUST: Final = 5.0
"""For how many seconds a file that looks unchanged is taken to be."""
_HASTE: Final = 0.2
"""For how many seconds to wait at a time for a file that others hold."""


def follow(
    session: Session,
    *,
    after: int,
    types: Sequence[str],
    entities: Sequence[str],
    cursor: Cursor | None,
    poll: float,
    timeout: float | None,
    ended: Callable[[], bool],
) -> Generator[Record, None, None]:
    """The records after a position or, if it has been saved, after the cursor, and then those that come.

    Of types and entities as in a Condition. `ended` tells when to stop.

    Raises:
        UnknownEntity, AmbiguousName: if a name fits nobody, or two.
        WrongBasis: if the log has no such position.
        WrongCursor: if the cursor is no cursor, or one of another log.
        NotAllowed: if a pause is no number of seconds.
    """
    if not poll > 0 or (timeout is not None and not timeout >= 0):
        raise NotAllowed(f"poll={poll!r}, timeout={timeout!r}: these are numbers of seconds")
    saved = None if cursor is None else cursor.read()
    with session.in_file() as log:
        names = Names(log, entities)
        following = _Following(
            session=session,
            hasty=_hasty(session),
            types=types,
            entities=[names.known(one) for one in entities],
            cursor=cursor,
            poll=poll,
            timeout=timeout,
            ended=ended,
        )
        if cursor is not None and saved is not None:
            here = ReadTo(saved.position, log.digests_at([saved.position]).get(saved.position))
            if here != saved and not _said_before(log, saved):
                raise WrongCursor(cursor.path, f"it is at record #{saved.position} of another log")
            if here != saved:
                cursor.save(here)
            after = saved.position
        following.check(log, after)
    return following.records(after)


def _said_before(log: Log, saved: ReadTo) -> bool:
    """Whether a cursor of before, which has an id, is of this log; of a redacted record none can tell."""
    if saved.id is None:
        return False
    if log.ids_at([saved.position]).get(saved.position) == saved.id:
        return True
    return bool(log.run("already", [saved.position], file="redaction"))


def _hasty(session: Session) -> Session:
    """The same, but not waiting long for the file."""
    patience = min(session.file.lock_timeout, _HASTE)
    return attrs.evolve(session, file=attrs.evolve(session.file, lock_timeout=patience))


@attrs.frozen(kw_only=True)
class _Following:
    """What is followed, and how patiently."""

    session: Session
    hasty: Session
    types: Sequence[str]
    entities: Sequence[str]
    cursor: Cursor | None
    poll: float
    timeout: float | None
    ended: Callable[[], bool]

    def records(self, place: int) -> Generator[Record, None, None]:
        """The records after a place, waiting for more, until the end."""
        fresh = time.monotonic()
        while not self.ended():
            late = self._left(fresh) <= 0
            signs = self.session.signs()
            found, upto, more = self._look(place, patient=late)
            for record, digest in found:
                yield record
                if self.cursor is not None:
                    self.cursor.save(ReadTo(record.position, digest))
                if self.ended():
                    return
            if found:
                fresh = time.monotonic()
            elif late and not more:
                return
            if not more:
                trusted = self.poll if upto is None else _TRUST
                self._wait(signs, min(trusted, self._left(fresh)))
            place = place if upto is None else upto

    def check(self, log: Log, place: int) -> int:
        """The head of the log, once it is seen to reach as far as a place.

        Raises:
            WrongBasis: if it does not.
        """
        head = log.head().position
        if place > head:
            raise WrongBasis(place, head)
        return head

    def _left(self, fresh: float) -> float:
        """For how many seconds to go on, if nothing has come since then."""
        return math.inf if self.timeout is None else fresh + self.timeout - time.monotonic()

    def _look(self, place: int, *, patient: bool) -> tuple[Sequence[_Found], int | None, bool]:
        """Records after a place, up to where (None if others have the file), and whether there are more.

        Each comes with its digest, where that is to be saved.
        """
        try:
            with (self.session if patient else self.hasty).reading() as log:
                head = self.check(log, place)
                found, upto = self._read(log, place, head)
                saved = self.cursor is not None
                digests = log.digests_at([one.position for one in found]) if saved else {}
                return [(one, digests.get(one.position)) for one in found], upto, upto < head
        except LockedFile:
            if patient:
                raise
        except NotATimeline:
            if not self.ended():
                raise
        return (), None, False

    def _read(self, log: Log, place: int, head: int) -> tuple[list[Record], int]:
        if not self.types and not self.entities:
            upto = min(place + _CHUNK, head)
            return log.records(after=place, upto=upto), upto
        positions = log.concerning(
            after=place,
            upto=head,
            types=self.types,
            entities=[log.circle(one) for one in self.entities],
            most=_CHUNK,
        )
        records = log.at(positions)
        upto = positions[-1] if len(positions) == _CHUNK else head
        return [records[position] for position in positions], upto

    def _wait(self, signs: Any, seconds: float) -> None:
        """Wait until the file has changed or the end has come, at most so many seconds."""
        until = time.monotonic() + seconds
        pause = min(_FIRST, self.poll)
        while not self.ended() and self.session.signs() == signs and (left := until - time.monotonic()) > 0:
            self.session.file.shared.await_news(signs[0], min(pause, left))
            pause = min(pause * 1.5, self.poll)
