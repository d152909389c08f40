"""Whether DuckDB opened a file as it is, or as it was just before it got the lock.

DuckDB reads the headers of a file first, and locks it then. What another process wrote and closed between the
two it does not see, and writes over. So the headers are read here too, before it opens the file and after:
every checkpoint changes them, and where they are the same, DuckDB has read the same.
"""

from __future__ import annotations

import os
from contextlib import closing, suppress
from io import FileIO
from pathlib import Path
from typing import Final

import attrs

_SIZE: Final = 3 * 4096
"""The main header, and two of the database, of which the newer one counts."""
_DESCRIPTORS: Final = Path("/dev/fd")


@attrs.frozen
class Headers:
    """Which file there was at a path, and the bytes at its beginning."""

    device: int
    number: int
    content: bytes

    @classmethod
    def read(cls, path: str) -> Headers | None:
        """Those of the file at a path; None if it has none yet, or where the system cannot be asked so."""
        there = _stat(path)
        if there is None or not there.st_size or not _DESCRIPTORS.exists():
            return None
        content = _content(there)
        if content is None:
            with suppress(OSError), closing(FileIO(path)) as file:
                content = os.pread(file.fileno(), _SIZE, 0)
        return None if content is None else cls(there.st_dev, there.st_ino, content)

    def still_hold(self, path: str) -> bool:
        """Whether the same file has the same headers, now that this process has opened it."""
        there = _stat(path)
        if there is None or (there.st_dev, there.st_ino) != (self.device, self.number):
            return False
        return _content(there) in {self.content, None}


def _stat(path: str) -> os.stat_result | None:
    try:
        return Path(path).stat()
    except OSError:
        return None


def _content(there: os.stat_result) -> bytes | None:
    """The headers, through a descriptor that this process has of the file; None if it has none.

    One opened and closed for this would give away all locks that the process has on the file (POSIX).
    """
    for one in _DESCRIPTORS.iterdir():
        with suppress(OSError, ValueError):
            if os.path.samestat(os.fstat(int(one.name)), there):
                return os.pread(int(one.name), _SIZE, 0)
    return None
