"""A new kind of field, and a new fold, touch the files that the page for maintainers names, and no other.

Both are added to a copy of the engine, as edits in `tests/data/additions/` say. There a vocabulary that uses
what is new passes the catalogue's tests, and checks of its own.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any, Final

import pytest
import yaml

from tests.ledger import FundingRound
from timeline.compile import LAID, statement
from timeline.moment.replay import nothing
from timeline.vocabulary import KINDS, Feed, Fold, is_empty
from timeline.vocabulary.folds import SORTS

ROOT: Final = Path(__file__).parents[2]
PAGE: Final = ROOT / "docs" / "explanation" / "architecture.md"
ADDITIONS: Final = sorted((ROOT / "tests" / "data" / "additions").glob("*.yaml"))
_OF_THE_DEMONSTRATION: Final = "test_the_package_offers_each_type_under_its_class"

every_addition: Final = pytest.mark.parametrize("path", ADDITIONS, ids=lambda path: path.stem)


def read(path: Path) -> dict[str, Any]:
    addition: dict[str, Any] = yaml.safe_load(path.read_text("utf-8"))
    return addition


def files(addition: dict[str, Any]) -> list[str]:
    """The files that are touched, each once."""
    return list(dict.fromkeys(edit["file"] for edit in addition["edits"]))


def edited(text: str, edit: dict[str, str], where: str) -> str:
    """A text with lines put behind or before one of it.

    Raises:
        AssertionError: if that line is not there, or not alone.
    """
    anchor = edit["after"] if "after" in edit else edit["before"]
    lines = text.split("\n")
    found = [number for number, line in enumerate(lines) if line == anchor]
    assert len(found) == 1, (
        f"{edit['file']} has the line {anchor!r} {len(found)} times, and once is needed: "
        f"bring {where} up to date with the code"
    )
    at = found[0] + ("after" in edit)
    return "\n".join([*lines[:at], *edit["add"].rstrip("\n").split("\n"), *lines[at:]])


def apply(addition: dict[str, Any], house: Path, where: str) -> None:
    for edit in addition["edits"]:
        file = house / edit.get("as", edit["file"])
        if "as" in edit:
            assert not file.exists(), f"{edit['as']} is there already; {where} is to add another"
            file.write_text(edit["add"], "utf-8")
        else:
            file.write_text(edited(file.read_text("utf-8"), edit, where), "utf-8")


def test_every_kind_of_field_lies_in_tables() -> None:
    assert set(LAID) == set(KINDS)


@pytest.mark.parametrize("kind", SORTS)
def test_every_fold_is_folded_and_worked_out(kind: str) -> None:
    """In Python with nothing said yet; in SQL as of a point, and through time."""
    fold = Fold(kind=kind, feeds=(Feed(FundingRound, "amount"),))
    assert is_empty(nothing(fold))
    if fold.part is not None:
        assert statement("spans", fold.part)


@every_addition
def test_it_touches_the_files_that_the_page_names(path: Path) -> None:
    """At most six."""
    addition = read(path)
    row = re.search(rf"^\| {addition['row']} \| (.*) \|$", PAGE.read_text("utf-8"), re.MULTILINE)
    assert row, f"the page has no row for {addition['row']}"
    assert re.findall(r"`((?:[\w<>]+/)*[\w<>]+\.\w+)`", row[1]) == files(addition)
    assert len(files(addition)) <= 6


@every_addition
def test_what_is_added_works_everywhere(path: Path, tmp_path: Path) -> None:
    addition = read(path)
    shutil.copytree(ROOT / "timeline", tmp_path / "timeline", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copytree(ROOT / "events", tmp_path / "events", ignore=shutil.ignore_patterns("__pycache__"))
    apply(addition, tmp_path / "timeline", f"tests/data/additions/{path.name}")
    (tmp_path / "added").mkdir()
    (tmp_path / "added" / "__init__.py").write_text(addition["vocabulary"], "utf-8")
    (tmp_path / "test_added.py").write_text(addition["checks"], "utf-8")
    shutil.copy(ROOT / "tests" / "vocabulary" / "test_catalogue.py", tmp_path)
    told = subprocess.run(
        [
            *(sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:randomly"),
            *("-W", "error", "-k", f"not {_OF_THE_DEMONSTRATION}", "--rootdir", "."),
            *("test_catalogue.py", "test_added.py"),
        ],
        cwd=tmp_path,
        env=os.environ | {"TIMELINE_CATALOGUE": "added", "PYTHONPATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert told.returncode == 0, told.stdout[-6000:] + told.stderr[-2000:]


@every_addition
def test_it_is_told_what_no_longer_applies(path: Path) -> None:
    edit = next(edit for edit in read(path)["edits"] if "as" not in edit)
    with pytest.raises(AssertionError, match="up to date with the code"):
        edited("nothing of it", edit, "additions.yaml")
