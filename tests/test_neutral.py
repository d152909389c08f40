"""The engine speaks of no vocabulary: no name of one, and of nobody whom its seeds are about."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

import pytest

from timeline import Timeline
from timeline.vocabulary import Catalogue

ENGINE: Final = Path(__file__).parents[1] / "timeline"
TEXTS: Final = {
    path.relative_to(ENGINE).as_posix(): path.read_text(encoding="utf-8")
    for ending in ("py", "sql")
    for path in sorted(ENGINE.rglob(f"*.{ending}"))
}
_WORDS: Final = """
    about absent against amount bound buyer change claimed contests detail due entity figures form
    holder investors matter meta name number of others outcome people period person place plan
    planned plans positions product project raised reason remark result rivals scope seat share status
    term until what words
"""
WORDS: Final = frozenset(_WORDS.split())
"""Names that are words of English, or of Python, SQL and HTML, for other things too."""


@pytest.fixture(scope="module")
def named(seeded: str) -> set[str]:
    """The names of types, states and their fields, and of all whom the seeds are about."""
    catalogue = Catalogue.find("events")
    names = {*catalogue.events, *catalogue.states}
    names |= {one.cls.__name__ for kinds in (catalogue.events, catalogue.states) for one in kinds.values()}
    names |= {field.name for event in catalogue.events.values() for field in event.fields}
    names |= {field for state in catalogue.states.values() for field in state.folds}
    with Timeline.open(seeded, read_only=True) as tl:
        seeds = tl.sql("SELECT id FROM entities UNION SELECT name FROM entity_names")
        return names | {text for (text,) in seeds}


def _whole(names: set[str] | frozenset[str]) -> re.Pattern[str]:
    either = "|".join(map(re.escape, sorted(names, key=len, reverse=True)))
    return re.compile(rf"(?<!\w)(?:{either})(?!\w)")


def test_nothing_of_a_vocabulary_is_named_in_the_engine(named: set[str]) -> None:
    """Neither in code, nor in help, hints, samples and docstrings."""
    search = _whole(named - WORDS)
    found = {path: sorted({*search.findall(text)}) for path, text in TEXTS.items()}
    assert {path: names for path, names in found.items() if names} == {}


def test_each_word_that_is_let_through_is_such_a_name_and_occurs(named: set[str]) -> None:
    """So that nothing is let through in vain."""
    assert WORDS - named == set()
    assert WORDS - {*_whole(WORDS).findall("\n".join(TEXTS.values()))} == set()
