"""Who may read and write the files beside a timeline: nobody who may not do so with the timeline."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path
from typing import Final

import attrs

_GROUP: Final = 0o070
_READS: Final = 0o444
_OWNER: Final = 0o700
_OTHERS_READ: Final = 0o044


@attrs.frozen
class Access:
    """The owner, the group and the mode of a file; other systems than POSIX have none of these."""

    mode: int
    owner: int
    group: int

    @classmethod
    def of(cls, path: str | os.PathLike[str]) -> Access | None:
        """That of the file at a path; None if there is none, or the system knows of no such thing."""
        if os.name != "posix":
            return None
        try:
            found = Path(path).stat()
        except OSError:
            return None
        return cls(found.st_mode & 0o777, found.st_uid, found.st_gid)

    @property
    def is_private(self) -> bool:
        """Whether there is anybody who may not read the file."""
        return self.mode & _OTHERS_READ != _OTHERS_READ

    def create(self, path: str | os.PathLike[str]) -> None:
        """Make an empty file that is as open as this, unless there is something at the path already."""
        with suppress(OSError):
            handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, self.mode & 0o600)
            try:
                os.fchmod(handle, self._given(handle, self.mode))
            finally:
                os.close(handle)

    def limit(self, path: str | os.PathLike[str]) -> None:
        """Take from a file, or a folder and all in it, whatever would make it more open than this."""
        place = Path(path)
        for one in (place, *(place.rglob("*") if place.is_dir() else ())):
            folder = one.is_dir()
            allowed = self.mode | ((self.mode & _READS) >> 2 | _OWNER if folder else 0)
            wanted = one.stat().st_mode & 0o777 & allowed
            one.chmod(self._given(one, wanted))

    def _given(self, place: int | Path, mode: int) -> int:
        """Give a file to the owner and the group of this, where that may be done; the mode it is to have.

        What may be done by a group is done by no other group.
        """
        with suppress(OSError):
            os.chown(place, self.owner, self.group)
        found = os.fstat(place) if isinstance(place, int) else place.stat()
        return mode if found.st_gid == self.group else mode & ~_GROUP
