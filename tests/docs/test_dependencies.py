"""The page on dependencies says what their metadata says, and importing the package warns of nothing."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import Final

import pytest

from tests.dependencies import declared, licence

ROOT: Final = Path(__file__).parents[2]
PAGE: Final = ROOT / "docs" / "reference" / "dependencies.md"
DEPENDENCIES: Final = sorted({name for several in declared().values() for name in several})
COPYLEFT: Final = re.compile(r"\b(?:A|L)?GPL|General Public")


def rows() -> dict[str, list[str]]:
    """The rows of the tables of the page, by the name of the dependency."""
    lines = [line for line in PAGE.read_text(encoding="utf-8").splitlines() if line.startswith("| `")]
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    return {first.strip("`"): rest for first, *rest in cells}


def test_the_page_lists_every_dependency_and_no_other() -> None:
    """Those of the package itself, and those of its development."""
    assert sorted(rows()) == DEPENDENCIES


@pytest.mark.parametrize("name", DEPENDENCIES)
def test_the_page_says_which_licence_and_why(name: str) -> None:
    """The licence is the one that the metadata of the installed package names."""
    found, why, *_ = rows()[name]
    assert found == licence(name)
    assert len(why) > 10


def test_nothing_that_is_shipped_with_binds_its_users() -> None:
    """No dependency of the package itself has a copyleft licence."""
    assert not [name for name in declared()[""] if COPYLEFT.search(licence(name))]


def test_importing_warns_of_nothing() -> None:
    """Also in development mode, where Python warns of more."""
    command = [sys.executable, "-W", "error", "-X", "dev", "-c", "import timeline, events, timeline.cli"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


@pytest.mark.parametrize("package", ["timeline", "events"])
def test_types_are_shipped(package: str) -> None:
    """Each package says that its annotations are meant for others."""
    assert (ROOT / package / "py.typed").is_file()
