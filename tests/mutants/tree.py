"""A copy of the project in which one mutant at a time is put, and tests are run."""

from __future__ import annotations

import ast
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import attrs

from tests.mutants.mutant import LIST

__all__ = ["ROOT", "Tests", "Tree", "sources"]

ROOT: Final = Path(__file__).parents[2]
_FOLDERS: Final = ("timeline", "events", "seeds", "tests", "docs")
_FILES: Final = ("pyproject.toml", "README.md", "mkdocs.yml")
_PYTEST: Final = (sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider")
_SETTINGS: Final = {"HYPOTHESIS_PROFILE": "mutants", "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}


def sources() -> dict[Path, str]:
    """The text of each file of the engine, by its path under the root."""
    files = sorted(one for one in (ROOT / "timeline").rglob("*") if one.suffix in {".py", ".sql"})
    return {one.relative_to(ROOT): one.read_text(encoding="utf-8") for one in files}


@attrs.frozen
class Tests:
    """Where tests are: by the name of each, and by the name of each file without its ending."""

    by_name: dict[str, list[str]]
    by_file: dict[str, str]

    @classmethod
    def found(cls) -> Tests:
        """Those of the project, whatever folder they are in."""
        by_name: dict[str, list[str]] = {}
        by_file = {}
        for path in sorted((ROOT / "tests").rglob("test_*.py")):
            file = str(path.relative_to(ROOT))
            by_file[path.stem] = file
            for node in ast.parse(path.read_text(encoding="utf-8")).body:
                if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
                    by_name.setdefault(node.name, []).append(f"{file}::{node.name}")
        return cls(by_name, by_file)

    def file(self, name: str) -> str:
        """Where a file of tests is."""
        if name not in self.by_file:
            raise SystemExit(f"there is no {name}.py any more; name another in {LIST.name}")
        return self.by_file[name]

    def named(self, names: Iterable[str]) -> list[str]:
        """Where the tests of these names are, so far as there still are any; `name[case]` is one case."""
        several = [(name.partition("[")[0], name) for name in dict.fromkeys(names)]
        return [one + name.removeprefix(test) for test, name in several for one in self.by_name.get(test, ())]


@attrs.frozen
class Tree:
    """A copy of the project."""

    root: Path

    @classmethod
    def made(cls, folder: Path) -> Tree:
        """A copy, in a folder of its own in this one."""
        root = Path(tempfile.mkdtemp(dir=folder))
        for name in _FOLDERS:
            shutil.copytree(ROOT / name, root / name)
        for name in _FILES:
            shutil.copy2(ROOT / name, root / name)
        return cls(root)

    @contextmanager
    def mutated(self, path: Path, text: str) -> Iterator[None]:
        """While it lasts, a file has another text."""
        file = self.root / path
        before = file.read_bytes()
        file.write_text(text, encoding="utf-8")
        try:
            yield
        finally:
            file.write_bytes(before)

    def failing(self, tests: Sequence[str], within: float | None = None) -> str | None:
        """Which of some tests fails first, or what else is wrong; None if all pass, in so many seconds."""
        if not tests:
            return None
        try:
            done = subprocess.run(
                [*_PYTEST, *tests],
                cwd=self.root,
                env={**os.environ, **_SETTINGS},
                timeout=within,
                capture_output=True,
                text=True,
                check=False,
            )
        except subprocess.TimeoutExpired:
            return f"no end within {within} s"
        if done.returncode == 0:
            return None
        told = re.search(r"^(?:FAILED|ERROR(?:: not found:)?) ([^\s\[]+)", done.stdout, re.MULTILINE)
        return told[1] if told else f"pytest itself, with code {done.returncode}"
