"""Mutants are found wherever their code has gone, or said to be gone."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.mutants import tree
from tests.mutants.mutant import Mutant, Unplaced, subjects

HERE = Path("timeline/room/here.py")
THERE = Path("timeline/there.py")
CODE = "def f(a, b):\n    return a <= b\n"


def mutant(change: str) -> Mutant:
    return Mutant.of({"id": "one", "change": change, "tests": ["test_it"]})


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ("return a [-<=-]{+<+} b", "def f(a, b):\n    return a < b\n"),
        ("(a, b): return [-a <=-]{++} b", "def f(a, b):\n    return  b\n"),
        ("return [--]{+not +}a", "def f(a, b):\n    return not a <= b\n"),
    ],
)
def test_a_mutant_is_put_where_its_words_are(change: str, code: str) -> None:
    """In whatever file, and however they are broken into lines."""
    assert mutant(change).placed({THERE: "f(1, 2)\n", HERE: CODE}) == (HERE, code)


def test_a_mutant_whose_words_are_not_found_once_is_told() -> None:
    """It is gone, or may be meant in several places."""
    one = mutant("return a [-<=-]{+<+} b")
    with pytest.raises(Unplaced, match="gone"):
        one.placed({HERE: CODE.replace("<=", ">=")})
    with pytest.raises(Unplaced, match="in 2 places"):
        one.placed({HERE: CODE, THERE: CODE})


def test_every_mutant_of_the_list_has_an_id_of_its_own_and_a_test() -> None:
    """So that each can be spoken of, and is tried quickly."""
    mutants = [one for subject in subjects() for one in subject.mutants]
    assert len({one.id for one in mutants}) == len(mutants)
    assert all(one.tests for one in mutants)


def test_a_test_is_found_by_its_name_and_one_case_of_it_too() -> None:
    """What is no longer there is passed over, as other tests may notice the mutant."""
    tests = tree.Tests(by_name={"test_it": ["tests/test_there.py::test_it"]}, by_file={})
    assert tests.named(["test_it", "test_it[a case of it]", "test_gone", "test_gone[a case]"]) == [
        "tests/test_there.py::test_it",
        "tests/test_there.py::test_it[a case of it]",
    ]
