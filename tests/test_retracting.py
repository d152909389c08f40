"""Retracting: plain and whole, what rests on one source alone, and what a commit said."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from events import CEOAppointment, Organisation
from tests.vocabulary import Clock
from timeline import Assertion, Retraction, Timeline
from timeline.cli import run
from timeline.errors import BadText, IdConflict, WrongTarget
from timeline.loading import load_files, read_files
from timeline.reading import read_json, read_text

WHOLE = '{"whole":true}'


def led(person: str, company: str = "Acme") -> CEOAppointment:
    """Who leads a company since 2020."""
    return CEOAppointment("2020", company=company, person=person)


def corrected(path: str = ":memory:") -> Timeline:
    """Ann, corrected to Bob."""
    timeline = Timeline.open(path, clock=Clock())
    timeline.append(led("Ann"), id="a", known="2021", source="Herald")
    timeline.correct("a", led("Bob"), id="c", known="2022", source="Post")
    return timeline


@pytest.fixture
def tl() -> Iterator[Timeline]:
    """The same, held open."""
    with corrected() as timeline:
        yield timeline


def ceo(timeline: Timeline, **asked: Any) -> str | None:
    """Who leads Acme, by both executors."""
    moment = timeline.as_of(**asked)
    (found,) = [one.ceo for one in moment.all(Organisation)] or [None]
    assert moment.of(Organisation, "acme").ceo == found
    return found


# Whole


def _in_python(timeline: Timeline, folder: Path) -> None:
    timeline.retract("c", whole=True, id="w", known="2023")


def _as_a_statement(timeline: Timeline, folder: Path) -> None:
    timeline.append(Retraction("c", whole=True, id="w", known="2023"))


def _at_the_command_line(timeline: Timeline, folder: Path) -> None:
    assert run(["retract", "c", "--whole", "--id", "w", "--known", "2023", "--db", timeline.path]) == 0


def _in_yaml(timeline: Timeline, folder: Path) -> None:
    (folder / "w.yaml").write_text("events:\n- retracts: c\n  whole: true\n  id: w\n  known: 2023\n")
    assert not load_files(timeline, read_files([str(folder / "w.yaml")], timeline.catalogue)).faults


def _in_json(timeline: Timeline, folder: Path) -> None:
    said = b'{"retracts": "c", "whole": true, "id": "w", "known": "2023"}'
    assert not load_files(timeline, [read_json(said, timeline.catalogue, "-")]).faults


@pytest.mark.parametrize("whole", ["maybe", "[true]", "{a: b}"])
def test_a_file_says_whether_a_retraction_is_whole(whole: str, tl: Timeline) -> None:
    """Or is told that it does not."""
    (fault,) = read_text(f"events:\n- retracts: c\n  whole: {whole}\n", tl.catalogue, "w.yaml").faults
    assert "whole: " in str(fault)
    assert "true or false" in str(fault)


@pytest.mark.parametrize("say", [_in_python, _as_a_statement, _at_the_command_line, _in_yaml, _in_json])
def test_after_a_whole_retraction_nothing_comes_back(
    say: Callable[[Timeline, Path], None], tmp_path: Path
) -> None:
    """By whatever door, at any known; retracting it brings its target back, alone."""
    timeline = corrected(str(tmp_path / "t.duckdb"))
    say(timeline, tmp_path)
    whole = timeline.record("w")
    assert (whole.whole, whole.data, whole.type) == (True, WHOLE, None)
    assert whole.summary == "retracted whole: Bob becomes CEO of Acme"
    assert [ceo(timeline), ceo(timeline, known="2022"), ceo(timeline, known="2021")] == [None, "bob", "ann"]
    assert timeline.sql("SELECT person FROM ceo_appointment").rows == ()
    assert [one.position for one in timeline.records(stands=True)] == [3]
    say(timeline, tmp_path)
    assert timeline.head().position == 3
    timeline.retract("w")
    assert ceo(timeline) == "bob"
    assert timeline.verify().ok
    explained = str(timeline.as_of().explain(Organisation, "acme", field="ceo"))
    assert "was retracted whole by w (#3), which is withdrawn by #4" in explained


def test_what_is_supposed_may_be_whole(tl: Timeline) -> None:
    """In a what-if, in words too."""
    with tl.what_if(Retraction("c", whole=True)) as world:
        assert ceo(world) is None
    with tl.what_if(Retraction("c")) as world:
        assert ceo(world) == "ann"
    commit = tl.retract("c", whole=True)
    assert str(commit).endswith("retracts #2 whole, so that what that replaced does not come back")
    (cause,) = tl.diff(tl.as_of(position=2), tl.as_of(), Organisation, "acme").causes
    assert (cause.kind, cause.by, cause.gained) == ("we corrected", 3, False)


def test_of_an_assertion_whole_and_plain_are_the_same() -> None:
    """Kept as plain, also known before its target; the same again with either changes nothing."""
    with Timeline.open(":memory:", clock=Clock()) as tl:
        commit = tl.append(
            Assertion(led("Ann"), id="a", known="2021"), Retraction("a", whole=True, known="2020")
        )
        assert [one.data for one in commit][1] is None
        for whole in True, False:
            again = tl.append(Retraction("a", whole=whole, known="2020"))
            assert (len(again), [one.position for one in again.unchanged]) == (0, [2])
        tl.append(led("Bob"), id="b")
        tl.retract("b", whole=True, id="r")
        assert [one.position for one in tl.retract("b", id="r").unchanged] == [4]


def test_what_cannot_be_retracted_whole(tl: Timeline) -> None:
    """A retraction, an attestation, and a correction before it is known."""
    tl.attest("c", source="Gazette", id="also")
    tl.append(led("Eve", "Bolt"), id="e")
    tl.retract("e", id="r")
    for target in "also", "r":
        with pytest.raises(WrongTarget, match="retract it without whole"):
            tl.retract(target, whole=True)
    with pytest.raises(WrongTarget, match=r"c \(#2\) is known since 2022-12-31 23:59 UTC"):
        tl.retract("c", whole=True, known="2021")
    with pytest.raises(BadText, match="True nor False"):
        Retraction("c", whole="yes")
    assert tl.retract("c", whole=True, known="same", id="w").records[0].whole
    with pytest.raises(IdConflict, match="whole: yes → no"):
        tl.retract("c", id="w")


def test_a_redacted_retraction_stays_whole(tmp_path: Path) -> None:
    """What it decides about others holds as before."""
    timeline = corrected(str(tmp_path / "t.duckdb"))
    timeline.retract("c", whole=True, note="secret")
    timeline.redact("c", reason="asked", actor="ann")
    assert ceo(timeline) is None
    assert timeline.verify().ok
