"""The house: its rooms are those that the page for maintainers names, and each thing in them has one name."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

from tests import figures

PAGE: Final = Path(__file__).parents[1] / "docs" / "explanation" / "architecture.md"


def rooms_of_the_page() -> list[str]:
    """The rooms in the table of the page, in order."""
    _, _, rest = PAGE.read_text("utf-8").partition("| room |")
    table, _, _ = rest.partition("\n\n")
    return re.findall(r"^\| `(\w+)` \|", table, re.MULTILINE)


def test_the_page_has_the_rooms_that_there_are() -> None:
    folders = {one.name for one in figures.HOUSE.iterdir() if (one / "__init__.py").exists()}
    assert set(rooms_of_the_page()) == folders
    assert [one for one in figures.ROOMS if one in folders] == rooms_of_the_page()


def test_every_file_that_the_page_names_is_there() -> None:
    named = set(re.findall(r"`((?:\w+/)+[\w.]+\.(?:py|sql))`", PAGE.read_text("utf-8")))
    roots = (figures.HOUSE, figures.HOUSE.parent)
    assert [one for one in sorted(named) if not any((root / one).exists() for root in roots)] == []


def test_no_room_imports_one_below_it() -> None:
    """Also within functions, and for type checkers."""
    assert figures.upward() == ()


def test_no_two_classes_have_one_name() -> None:
    assert {name: several for name, several in figures.classes().items() if len(several) > 1} == {}


def test_a_module_is_not_named_like_what_its_room_offers() -> None:
    """Else what is imported from the face of the room is the module, for all that reads imports."""
    for room in rooms_of_the_page():
        stub = figures.HOUSE / room / "__init__.pyi"
        offered = set(re.findall(r"\bas (\w+)", stub.read_text("utf-8"))) if stub.exists() else set()
        assert not offered & {one.stem for one in (figures.HOUSE / room).glob("*.py")}, room
