"""How far somebody has read a log, kept in a small file."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final
from uuid import UUID

import attrs
import msgspec

from timeline.access import Access
from timeline.drafts import drafting
from timeline.errors import NotAllowed, WrongCursor

__all__ = ["Cursor", "ReadTo"]

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
            _settle(str(real.parent))

    @contextmanager
    def _told(self) -> Iterator[None]:
        """Tell what the system refuses as an error of ours."""
        try:
            yield
        except OSError as problem:
            raise WrongCursor(self.path, (problem.strerror or str(problem)).lower()) from None


def _settle(folder: str) -> None:
    """Have the names in a folder on disk, where the system can."""
    if os.name != "posix":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
