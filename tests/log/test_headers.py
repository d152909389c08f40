"""What another process wrote just before this one got the lock is seen, though DuckDB alone would miss it."""

from __future__ import annotations

import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.ledger import Noted, opened
from timeline.log.duckdb.instances import Headers

ROOT = Path(__file__).parents[2]
STRACE = shutil.which("strace")
TRACED = (
    STRACE is not None
    and subprocess.run([STRACE, "-o", "/dev/null", "true"], check=False, capture_output=True).returncode == 0
)


@pytest.mark.skipif(not TRACED, reason="needs strace")
def test_an_append_made_while_another_process_opens_the_file_is_kept(tmp_path: Path) -> None:
    """A process that has read the headers and not locked the file yet misses nothing that comes between."""
    path = str(tmp_path / "t.duckdb")
    body = (
        "from tests.ledger import Noted, opened\n"
        f"tl = opened(path={path!r}, lock_timeout=30)\n"
        "print('ready', flush=True); input()\n"
        "tl.append(Noted('2020', subject='acme', topic='mood'), id='theirs')\n"
    )
    slowly = ["-e", "trace=fcntl", "-e", "inject=fcntl:delay_enter=2000000", "-P", path]
    tl = opened(path=path, lock_timeout=30)
    tl.append(Noted("2019", subject="acme", topic="mood"), id="first")
    other = subprocess.Popen(
        [str(STRACE), "-f", "-o", "/dev/null", *slowly, sys.executable, "-c", body],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert other.stdin is not None
    assert other.stdout is not None
    assert other.stdout.readline() == "ready\n"
    with tl:
        tl.append(Noted("2021", subject="acme", topic="mood"), id="ours")
        other.stdin.write("\n")
        other.stdin.flush()
        time.sleep(1)
    other.communicate(timeout=60)
    assert other.returncode == 0
    assert [record.ref for record in tl.as_of().records()] == ["first", "ours", "theirs"]


def test_headers_change_with_what_is_written(tmp_path: Path) -> None:
    """They hold as long as nobody has written, and not for another file at the same path."""
    path = tmp_path / "t.duckdb"
    assert Headers.read(str(path)) is None
    tl = opened(path=str(path))
    before = Headers.read(str(path))
    assert before is not None
    with tl:
        assert before.still_hold(str(path))
        tl.append(Noted("2020", subject="acme", topic="mood"))
    with opened(path=str(path), read_only=True):
        assert not before.still_hold(str(path))
        now = Headers.read(str(path))
        assert now is not None
        assert now.still_hold(str(path))
    shutil.copy(path, tmp_path / "copy")
    (tmp_path / "copy").replace(path)
    with opened(path=str(path), read_only=True):
        assert not now.still_hold(str(path))


def test_reading_the_headers_of_an_open_file_leaves_its_lock_alone(tmp_path: Path) -> None:
    """A descriptor opened and closed for it would let other processes in."""
    path = str(tmp_path / "t.duckdb")
    body = f"from tests.ledger import opened\nopened(path={path!r}, lock_timeout=0.1)\n"
    with opened(path=path):
        assert Headers.read(path) is not None
        tried = subprocess.run(
            [sys.executable, "-c", body], cwd=ROOT, capture_output=True, text=True, check=False
        )
    assert "LockedFile" in tried.stderr
