"""Hostile files at full length: lines of a hundred million characters, nested a hundred million deep."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path
from typing import Final

from tests.hostile import files

__all__ = ["tried"]

MANY: Final = 100_000_000
_BOUNDED: Final = """
import resource, sys
resource.setrlimit(resource.RLIMIT_AS, (int(sys.argv[1]) << 30, int(sys.argv[1]) << 30))
from timeline.cli import run
sys.exit(run(["load", sys.argv[2], "--dry-run", "--db", sys.argv[3]]))
"""


def tried(folder: Path, many: int = MANY, gigabytes: int = 4, seconds: float = 300) -> str:
    """What came of loading each file, each in a process of its own; in one line.

    Raises:
        AssertionError: if one is not told as bad data within these bounds of memory and time.
    """
    slowest, count = 0.0, 0
    for name, content in files(many).items():
        path = folder / f"{name}.yaml"
        path.write_bytes(content)
        began = time.monotonic()
        command = [sys.executable, "-c", _BOUNDED, str(gigabytes), str(path), str(folder / "hostile.duckdb")]
        done = subprocess.run(command, capture_output=True, text=True, timeout=seconds, check=False)
        path.unlink()
        slowest, count = max(slowest, time.monotonic() - began), count + 1
        if done.returncode != 65 or "Traceback" in done.stderr:
            raise AssertionError(f"{name}: ends with {done.returncode}\n{done.stderr[-2000:]}")
    return f"{count} hostile files told within {gigabytes} GB, each in {slowest:.0f} s at most"
