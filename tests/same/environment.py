"""The engine of before, in an environment of its own: its tree, and a Python that finds no other engine."""

from __future__ import annotations

import subprocess
import sys
import sysconfig
import tarfile
import venv
from io import BytesIO
from pathlib import Path
from typing import Final

from attrs import frozen

__all__ = ["COMMIT", "ROOT", "Engine", "at_hand", "before"]

COMMIT: Final = "3d8872cc"
"""The commit whose engine is the measure."""
ROOT: Final = Path(__file__).parents[2]
_SHIPPED: Final = ("timeline", "events", "pyproject.toml", "README.md", "LICENSE")


@frozen
class Engine:
    """An engine: the folder it is in, the Python that finds it, and the module that knows how to ask it."""

    folder: Path
    python: Path
    adapter: str


def at_hand() -> Engine:
    """The engine of this checkout."""
    return Engine(ROOT, Path(sys.executable), "tests.same.answer")


def before(cache: Path) -> Engine:
    """The engine of before, made in a folder unless it is there.

    It shares what both depend on with the engine at hand, so that no other version of it makes a difference.
    """
    tree, home = cache / "tree", cache / "venv"
    if not (tree / "timeline").exists():
        tree.mkdir(parents=True, exist_ok=True)
        with tarfile.open(fileobj=BytesIO(_archive())) as archive:
            archive.extractall(tree, filter="data")
    venv.create(home, with_pip=False, symlinks=True)
    found = sysconfig.get_path("purelib", vars={"base": str(home), "platbase": str(home)})
    dependencies = dict.fromkeys(sysconfig.get_path(name) for name in ("purelib", "platlib"))
    Path(found, "engine.pth").write_text("\n".join([str(tree), *dependencies, str(ROOT)]), encoding="utf-8")
    return Engine(tree, home / "bin" / "python", "tests.same.answer_old")


def _archive() -> bytes:
    try:
        done = subprocess.run(
            ["git", "archive", COMMIT, *_SHIPPED],  # noqa: S607
            cwd=ROOT,
            capture_output=True,
            check=True,
        )
    except (OSError, subprocess.CalledProcessError) as problem:
        told = getattr(problem, "stderr", None) or str(problem).encode()
        raise SystemExit(f"the engine of {COMMIT} is not to be had: {told.decode().strip()}") from None
    return done.stdout
