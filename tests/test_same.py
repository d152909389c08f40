"""That the comparison of two engines tells what differs, and that both are asked the same each time."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.same.compare import Comparison, Difference, Listed, differences
from tests.same.contents import TYPES
from tests.same.histories import histories
from tests.same.units import units
from tests.same.worker import told
from timeline import Timeline


def line(values: Any, words: str = "three rounds") -> str:
    """An answer as a worker writes it."""
    asked = {"unit": "histories 0 to 39", "question": {"ask": "of", "state": "relationship"}}
    return json.dumps({**asked, "answer": {"values": values, "words": [words]}})


def compared(old: str, new: str, *, values_only: bool = False, **listed: Any) -> Comparison:
    """A comparison of one answer."""
    found = Comparison(Listed(**listed), values_only=values_only, shown=1)
    found.add_all([old], [new])
    return found


def test_one_value_that_differs_is_told_with_its_place() -> None:
    """In nested lists and mappings, also where one is longer."""
    found = compared(line({"rounds": [1, {"of": 2}]}), line({"rounds": [1, {"of": 3}, 4]}))
    assert (found.compared, found.equal, found.differing) == (1, 0, 1)
    assert "values.rounds.1.of\n      old 2\n      new 3" in found.first[0]
    assert "values.rounds.2" in found.first[0]


def test_what_is_equal_does_not_differ() -> None:
    """Nor does the order of keys; but a truth value is no number, and what is missing is not empty."""
    assert compared(line({"a": 1, "b": [2]}), line({"b": [2], "a": 1})).equal == 1
    assert list(differences({"a": 1}, {"a": True})) == [Difference("a", 1, True)]
    assert [one.path for one in differences({"a": None}, {})] == ["a"]


def test_words_alone_can_be_left_out() -> None:
    """Of the answer, and of the records in it; what differs in values is told even so."""
    old, new = line({"summary": "it ends", "n": 1}), line({"summary": "it ended", "n": 1}, "3 rounds")
    assert compared(old, new).differing == 1
    assert compared(old, new, values_only=True).equal == 1
    assert compared(old, line({"summary": "it ends", "n": 2}), values_only=True).differing == 1


def test_what_is_listed_is_counted_apart() -> None:
    """By place and values, as narrow as it is written, and in no other question."""
    old, new = line({"rounds": 1}), line({"rounds": 2})
    entry = {"path": "values.rounds", "old": "1", "reason": "counted twice"}
    assert compared(old, new, differences=[entry]).as_listed == 1
    for other in ({"old": "3"}, {"new": "1"}, {"path": "values.r"}, {"ask": "check"}):
        assert compared(old, new, differences=[entry | other]).differing == 1
    assert compared(old, line({"rounds": 2, "more": 1}), differences=[entry]).differing == 1


def test_words_that_became_others_are_listed_once() -> None:
    """Wherever they stand in words, and nowhere else."""
    entry = {"was": r"\bmark (\w+)", "now": r"id \1", "reason": "the word of the field"}
    assert (
        compared(line({}, "no mark A1, mark B"), line({}, "no id A1, id B"), rewordings=[entry]).as_listed
        == 1
    )
    assert compared(line({}, "no mark A1"), line({}, "no ids A1"), rewordings=[entry]).differing == 1
    assert compared(line({"a": "mark A1"}), line({"a": "id A1"}), rewordings=[entry]).differing == 1


def test_answers_to_other_questions_are_not_compared() -> None:
    """They would tell nothing."""
    other = line({}).replace("relationship", "organisation")
    with pytest.raises(SystemExit, match="not asked the same"):
        compared(line({}), other)


def test_the_list_gives_a_reason_for_each() -> None:
    """As the file stands."""
    assert Listed.read().reworded("as it was") != ""


def test_both_are_asked_the_same() -> None:
    """The histories and questions are the same each time, and all types of both vocabularies come up."""
    first, second = ([*units(40)] for _ in range(2))
    assert first == second
    assert len(first[-1].questions) > 500
    said = {
        (unit.vocabulary, one.get("type"))
        for unit in histories(160, 1)
        for each in unit.commits
        for one in each["say"]
    }
    assert said >= {(vocabulary, type_) for vocabulary, types in TYPES.items() for type_ in types}


def test_an_answer_is_values_and_words_and_a_refusal_its_kind() -> None:
    """So that either is told, whichever of the two engines gives it."""
    with Timeline.open(":memory:") as timeline:
        assert told(lambda: list(timeline.as_of().records())) == {"values": [], "words": []}
        refused = told(lambda: timeline.record("A1"))
    assert refused["refused"] == "UnknownRecord"
    assert "A1" in refused["words"]
