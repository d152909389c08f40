"""Breaking the file and what it lies on: each fault is told in words, and loses no more than it must."""

from __future__ import annotations

import contextlib
import io
import multiprocessing
import os
import random
import resource
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import attrs

from tests.ledger import CATALOGUE, Noted
from tests.torture.child import write_and_wait
from timeline import Assertion, Timeline, TimelineError
from timeline.cli import run

__all__ = ["FAULTS", "Outcome", "Skipped", "flipped", "tried"]

_NOBODY: Final = 65_534
_FULL: Final = 3_000_000
"""After so many bytes the disk is full."""


class Skipped(Exception):
    """This machine does not let the fault be made."""


@attrs.frozen
class Outcome:
    """What a fault led to, in words, and the writes that were acknowledged before and found again after."""

    fault: str
    told: str
    acknowledged: int = 0
    found: int = 0

    def __str__(self) -> str:
        return f"{self.fault}: {self.told} ({self.found} of {self.acknowledged} writes found)"


def _written(folder: Path) -> tuple[Path, list[str]]:
    """A timeline and the heads that were acknowledged; its writer was killed, and the last are in the WAL."""
    path = folder / "broken.duckdb"
    with Timeline.open(path, catalogue=CATALOGUE) as tl:
        _append(tl, 3)
        heads = [str(tl.head())]
    context = multiprocessing.get_context("forkserver")
    ours, theirs = context.Pipe()
    process = context.Process(target=write_and_wait, args=(str(path), 3, theirs), daemon=True)
    process.start()
    heads += [ours.recv() for _ in range(3)]
    process.kill()
    process.join()
    assert _wal(path).exists()
    return path, heads


def _append(tl: Timeline, commits: int, size: int = 50) -> None:
    for number in range(commits):
        notes = [
            Noted("2020", subject="Acme", topic="mood", text=f"{number}-{one}-{random.random()}")
            for one in range(size)
        ]
        tl.append(*map(Assertion, notes))


def _found(path: Path, heads: list[str]) -> int:
    """How many of the heads the file holds, all of it being as it was written."""
    tl = Timeline.open(path, catalogue=CATALOGUE, read_only=True)
    report = tl.verify(heads[0])
    assert report.ok, str(report)
    there = {f"{last}:{digest}" for last, digest in tl.sql("SELECT last_position, digest FROM commits")}
    return len(there.intersection(heads))


def _refused(path: Path, use: Callable[[Path], object]) -> str:
    """What is said of a file that cannot be used, in Python and at the command line."""
    try:
        use(path)
    except TimelineError as problem:
        told = f"{type(problem).__name__}: {problem}"
    else:
        raise AssertionError("nothing was refused")
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()) as said:
        code = run(["log", "--db", str(path)])
    assert code != 0, "the command line takes it for sound"
    assert said.getvalue().startswith("error: "), said.getvalue()
    return told.replace(str(path.parent) + os.sep, "")


def _opened(path: Path) -> object:
    return Timeline.open(path, catalogue=CATALOGUE).head()


def _read(path: Path) -> object:
    return Timeline.open(path, catalogue=CATALOGUE, read_only=True).head()


# The disk


@contextmanager
def _small_disk(folder: Path) -> Iterator[Path]:
    """A file system of a few megabytes."""
    place = folder / "small"
    place.mkdir()
    made = (
        subprocess.run(
            ["mount", "-t", "tmpfs", "-o", f"size={_FULL}", "tmpfs", str(place)],  # noqa: S607
            capture_output=True,
            check=False,
        )
        if os.getuid() == 0 and shutil.which("mount")
        else None
    )
    if made is None or made.returncode:
        raise Skipped("a file system of its own cannot be mounted here")
    try:
        yield place
    finally:
        subprocess.run(["umount", str(place)], check=True)  # noqa: S607


def disk_full(folder: Path) -> Outcome:
    """The disk is full amid a commit: it is refused, and those before it are there, also in a copy."""
    with _small_disk(folder) as small:
        path = small / "full.duckdb"
        heads, told = _until_full(path)
        found = _found(path, heads)
        (copy := folder / "copied").mkdir()
        for one in small.iterdir():
            shutil.copy(one, copy)
    assert _found(copy / path.name, heads) == found
    Timeline.open(copy / path.name, catalogue=CATALOGUE).append(Noted("2021", subject="Acme", topic="mood"))
    return Outcome("the disk is full", told.replace(f"{small}{os.sep}", ""), len(heads), found)


def _until_full(path: Path) -> tuple[list[str], str]:
    """Append until it is refused; gives the heads that were acknowledged, and why it ended."""
    heads: list[str] = []
    try:
        with Timeline.open(path, catalogue=CATALOGUE) as tl:
            for _ in range(1_000):
                _append(tl, 1, 200)
                heads.append(str(tl.head()))
    except TimelineError as problem:
        return heads, f"{type(problem).__name__}: {problem}"
    raise AssertionError("it never was full")


def file_too_large(folder: Path) -> Outcome:
    """A process may write no larger files: a commit is refused, those before it are there."""
    path = folder / "large.duckdb"
    with multiprocessing.get_context("forkserver").Pool(1, _limited) as pool:
        heads, told = pool.apply(_until_full, (path,))
    told = told.replace(f"{folder}{os.sep}", "")
    return Outcome("a limit on the size of files", told, len(heads), _found(path, heads))


def _limited() -> None:
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (_FULL, _FULL))


# The file and its WAL


def cut_short(folder: Path) -> Outcome:
    """Half of the file is gone: it is refused, or what is read of it is found to be at fault."""
    path = folder / "cut.duckdb"
    with Timeline.open(path, catalogue=CATALOGUE) as tl:
        _append(tl, 20)
    os.truncate(path, path.stat().st_size // 2)
    return Outcome("the file is cut short", _refused(path, _read))


def wal_lost(folder: Path) -> Outcome:
    """The WAL is gone, with what was in it alone: what is left is whole, and a kept head tells the loss."""
    path, heads = _written(folder)
    _wal(path).unlink()
    found = _found(path, heads)
    report = Timeline.open(path, catalogue=CATALOGUE, read_only=True).verify(heads[-1])
    assert report.ok is (found == len(heads))
    told = "it opens; " + (report.faults[0].problem if report.faults else "nothing is lost")
    return Outcome("the WAL is lost", told, len(heads), found)


def wal_garbage(folder: Path) -> Outcome:
    """The WAL is nothing but noise: what was in it alone is gone, the rest is whole, a kept head tells."""
    path, heads = _written(folder)
    _wal(path).write_bytes(random.Random(2).randbytes(10_000))
    return Outcome("garbage in place of the WAL", *_left(path, heads))


def wal_flipped(folder: Path) -> Outcome:
    """A byte amid the WAL is flipped: it is refused, and without the WAL the rest is whole."""
    path, heads = _written(folder)
    content = bytearray(_wal(path).read_bytes())
    content[len(content) // 2] ^= 1
    _wal(path).write_bytes(content)
    return Outcome("a byte of the WAL is flipped", *_left(path, heads))


def wal_torn(folder: Path) -> Outcome:
    """The WAL ends amid a commit, as a power failure leaves it: all commits before that are there."""
    path, heads = _written(folder)
    with _wal(path).open("ab") as wal:
        wal.write(random.Random(3).randbytes(100))
    return Outcome("the WAL ends in garbage", *_left(path, heads))


def wal_stale(folder: Path) -> Outcome:
    """An older WAL lies beside the file: it is refused or left aside, and never mixed into it."""
    path, heads = _written(folder)
    old = _wal(path).read_bytes()
    with Timeline.open(path, catalogue=CATALOGUE) as tl:
        _append(tl, 3)
        heads.append(str(tl.head()))
    _wal(path).write_bytes(old)
    return Outcome("a stale WAL", *_left(path, heads))


def flipped(folder: Path, times: int = 20) -> Outcome:
    """Single bytes of the file are flipped: it is refused, is at fault, or they are of no account."""
    path = folder / "flipped.duckdb"
    with Timeline.open(path, catalogue=CATALOGUE) as tl:
        _append(tl, 20)
        head = str(tl.head())
    whole, chance, seen = path.read_bytes(), random.Random(4), 0
    for _ in range(times):
        place = chance.randrange(len(whole))
        path.write_bytes(
            whole[:place] + bytes([whole[place] ^ 1 << chance.randrange(8)]) + whole[place + 1 :]
        )
        try:
            report = Timeline.open(path, catalogue=CATALOGUE, read_only=True).verify(head)
        except TimelineError:
            seen += 1
        else:
            seen += not report.ok
            assert not report.ok or report.head == head
    return Outcome(
        f"{times} times a byte is flipped", f"{seen} times seen; else nothing was touched that is in use"
    )


def _left(path: Path, heads: list[str]) -> tuple[str, int, int]:
    """What becomes of a file with a WAL at fault; where it opens without some commits, a kept head tells."""
    try:
        _opened(path)
    except TimelineError:
        told = _refused(path, _opened)
        _wal(path).rename(path.with_suffix(".aside"))
    else:
        told = "it opens, and what is there is whole"
    found = _found(path, heads)
    assert found == len(heads) or not Timeline.open(path, catalogue=CATALOGUE).verify(heads[-1]).ok
    return told, len(heads), found


def _wal(path: Path) -> Path:
    return path.with_name(f"{path.name}.wal")


# What is no file of ours, or may not be touched


def empty(folder: Path) -> Outcome:
    """A file of no bytes: there is nothing to read in it."""
    path = folder / "empty.duckdb"
    path.touch()
    return Outcome("a file of no bytes", _refused(path, _read))


def a_folder(folder: Path) -> Outcome:
    """A folder of that name."""
    path = folder / "folder.duckdb"
    path.mkdir()
    return Outcome("a folder in place of the file", _refused(path, _opened))


def no_permission(folder: Path) -> Outcome:
    """A file that this user may not read."""
    path = folder / "closed.duckdb"
    Timeline.open(path, catalogue=CATALOGUE)
    path.chmod(0)
    return Outcome("no permission", _as_nobody(folder, path, _opened))


def read_only_folder(folder: Path) -> Outcome:
    """A folder in which this user may not make files: what is there is read, nothing is written."""
    path, heads = _written(folder)
    _found(path, heads)
    Timeline.open(path, catalogue=CATALOGUE).append(Noted("2021", subject="Acme", topic="mood"))
    path.chmod(0o444)
    folder.chmod(0o555)
    try:
        return Outcome("a folder that is read only", _as_nobody(folder, path, _said))
    finally:
        folder.chmod(0o755)


def _said(path: Path) -> object:
    assert Timeline.open(path, catalogue=CATALOGUE, read_only=True).head().position > 0
    return Timeline.open(path, catalogue=CATALOGUE).append(Noted("2021", subject="Acme", topic="mood"))


def _as_nobody(folder: Path, path: Path, use: Callable[[Path], object]) -> str:
    """What is said to a user without privileges."""
    for one in (folder, *folder.parents):
        if not one.stat().st_mode & 0o001:
            raise Skipped(f"others may not enter {one}")
    with multiprocessing.get_context("forkserver").Pool(1, _nobody) as pool:
        return pool.apply(_told, (path, use))


def _nobody() -> None:
    """Become a user without privileges, with all loaded that such a one may not read."""
    Timeline.open(":memory:", catalogue=CATALOGUE).append(Noted("2021", subject="Acme", topic="mood"))
    if os.getuid() == 0:
        os.setuid(_NOBODY)


def _told(path: Path, use: Callable[[Path], object]) -> str:
    try:
        use(path)
    except TimelineError as problem:
        return f"{type(problem).__name__}: {problem}".replace(str(path.parent) + os.sep, "")
    raise AssertionError("nothing was refused")


FAULTS: Final = (
    disk_full,
    file_too_large,
    cut_short,
    wal_lost,
    wal_garbage,
    wal_flipped,
    wal_torn,
    wal_stale,
    flipped,
    empty,
    a_folder,
    no_permission,
    read_only_folder,
)


def tried(folder: Path, fault: Callable[[Path], Outcome]) -> Outcome | Skipped:
    """What a fault leads to, in a folder of its own."""
    place = Path(tempfile.mkdtemp(dir=folder))
    place.chmod(0o755)
    try:
        return fault(place)
    except Skipped as skipped:
        return skipped
