"""Retracting: plain and whole, what rests on one source alone, and what a commit said."""

from __future__ import annotations

import itertools
import json
import re
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, strategies as st

from events import CEOAppointment, Organisation
from tests import oracle, strategies
from tests.compile.test_compile import CATALOGUE
from tests.ledger import Clock
from tests.oracle import Said
from tests.records.test_filters import EVERYBODY, opened
from tests.reuse import in_memory
from tests.strategies import History, histories
from timeline import Assertion, Attestation, Commit, Condition, Correction, Retraction, Source, Timeline
from timeline.cli import run
from timeline.errors import (
    AlreadySuperseded,
    AppendConflict,
    BadText,
    IdConflict,
    NotAllowed,
    TimelineError,
    UnknownRecord,
    UnknownSource,
    WrongTarget,
)
from timeline.formats import load_files, read_files, read_json
from timeline.formats.reading import read_text
from timeline.records import Record

WHOLE = '{"whole":true}'


def led(person: str, company: str = "Acme") -> CEOAppointment:
    """Who leads a company since 2020."""
    return CEOAppointment("2020", company=company, person=person)


def corrected(path: str | None = None) -> Timeline:
    """Ann, corrected to Bob."""
    timeline = in_memory(clock=Clock()) if path is None else Timeline.open(path, clock=Clock())
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
    found = {one.who[0]: one.ceo for one in moment.all(Organisation)}.get("acme")
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
    assert re.search("whole: .* neither true nor false", str(fault))


@pytest.mark.parametrize("say", [_in_python, _as_a_statement, _at_the_command_line, _in_yaml, _in_json])
def test_after_a_whole_retraction_nothing_comes_back(
    say: Callable[[Timeline, Path], None], tmp_path: Path
) -> None:
    """By whatever door, at any known; retracting it brings its target back, alone."""
    with corrected(str(tmp_path / "t.duckdb")) as timeline:
        say(timeline, tmp_path)
        whole = timeline.record("w")
        assert (whole.whole, whole.data, whole.type) == (True, WHOLE, None)
        assert whole.summary == "retracted whole: Bob becomes CEO of Acme"
        assert [ceo(timeline), ceo(timeline, known="2022"), ceo(timeline, known="2021")] == [
            None,
            "bob",
            "ann",
        ]
        assert timeline.sql("SELECT person FROM ceo_appointment").rows == ()
        assert [one.position for one in timeline.as_of().records(stands=True)] == [3]
        say(timeline, tmp_path)
        assert timeline.head().position == 3
        timeline.retract("w")
        assert ceo(timeline) == "bob"
        assert timeline.verify().ok
        explained = str(timeline.as_of().explain(Organisation, "acme", field="ceo"))
        assert "was retracted whole by w (#3), which is retracted by #4" in explained


def test_what_is_supposed_may_be_whole(tl: Timeline) -> None:
    """In a what-if, in words too."""
    with tl.what_if(Retraction("c", whole=True)) as world:
        assert ceo(world) is None
    with tl.what_if(Retraction("c")) as world:
        assert ceo(world) == "ann"
    commit = tl.retract("c", whole=True)
    assert str(commit).endswith("retracts #2 whole, so that what that replaced does not come back")
    (cause,) = tl.as_of(position=2).diff(tl.as_of(), Organisation, "acme").causes
    assert (cause.kind, cause.by, cause.gained) == ("we corrected", 3, False)


def test_what_is_supposed_at_the_command_line_may_be_whole(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """All that is supposed retracted; without anything retracted there is nothing to be whole."""
    timeline = corrected(str(tmp_path / "t.duckdb"))
    asked = ["what-if", "2024", "Acme", "--retract", "c", "--json", "--db", timeline.path]
    for whole, wanted in ([], "ann"), (["--whole"], None):
        assert run([*asked, *whole]) == 0
        assert json.loads(capsys.readouterr().out)["state"]["values"]["ceo"] == wanted
    (tmp_path / "w.yaml").write_text("events:\n- retracts: c\n")
    alone = ["what-if", "2024", "Acme", "--whole", "--load", str(tmp_path / "w.yaml"), "--db", timeline.path]
    assert run(alone) == 2
    assert "--whole is said of what --retract names" in capsys.readouterr().err


def test_of_an_assertion_whole_and_plain_are_the_same() -> None:
    """Kept as plain, also known before its target; the same again with either changes nothing."""
    with in_memory(clock=Clock()) as tl:
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


# What rests on one source alone


SAID = histories(strategies.NOTES | strategies.LEADERS, least=4, most=12, sources=EVERYBODY)


def said_after(history: History, commit: Commit) -> list[Said]:
    """The log of a history with what a commit retracted."""
    return [
        *history.log,
        *(
            Said(one.position, one.kind, one.known_at, one.target, sources=names(one), whole=one.whole)
            for one in commit
        ),
    ]


def names(record: Record) -> tuple[str, ...]:
    """The titles of the sources of a record."""
    return tuple(str(source.title) for source in record.sources)


def alone(log: Sequence[Said], one: Said, name: str) -> bool:
    """Whether a record that stands rests on the word of a source alone."""
    return set(oracle.vouching(oracle.standing(log), one)) == {name}


@given(SAID, st.sampled_from(EVERYBODY), st.sampled_from([None, "editor", "post"]), st.booleans())
def test_what_rests_on_a_source_alone_is_retracted_and_nothing_else(
    history: History, name: str, word: str | None, whole: bool
) -> None:
    """Each rests on it alone where its turn comes; afterwards nothing does, and nothing is left to do."""
    with opened(history) as timeline:
        listed = timeline.retract(resting_on=name, source=word, whole=whole, dry_run=True)
        assert timeline.head().position == len(history.log)
        commit = timeline.retract(resting_on=name, source=word, whole=whole)
        assert [one.target for one in commit] == [one.target for one in listed]
        log = said_after(history, commit)
        for one in commit:
            assert one.target is not None
            before, target = log[: one.position - 1], log[one.target - 1]
            assert target in oracle.standing(before)
            assert alone(before, target, name)
            assert one.whole == (whole and target.kind == "correction")
        standing = oracle.standing(log)
        assert [one.position for one in timeline.as_of().records(stands=True)] == [
            one.position for one in standing
        ]
        for each in standing:
            assert not alone(log, each, name) or (word == name and each.kind == "retraction")
        assert name not in [one.source for one in timeline.as_of("2030").single_sourced()]
        assert {one.source: one.alone for one in timeline.as_of("2030").sources()}[name] == 0
        assert len(timeline.retract(resting_on=name, source=word, whole=whole)) == 0


def test_what_a_source_alone_had_replaced_comes_back(tl: Timeline) -> None:
    """Told as a source is told in filters; in one commit, on the word of whoever says so."""
    tl.append(led("Eve", "Bolt"), source=Source("One", publisher="Post"), id="e")
    tl.attest("e", source="Herald")
    for named in "post", "POST", Source("Post"):
        assert [one.target for one in tl.retract(resting_on=named, dry_run=True)] == [2]
    commit = tl.retract(resting_on="Post", source="Editor", note="made up")
    assert ([one.target for one in commit], commit.records[0].note) == ([2], "made up")
    assert [str(one) for one in commit.records[0].sources] == ["Editor"]
    assert ceo(tl) == "ann"
    assert tl.as_of().of(Organisation, "bolt").ceo == "eve"


def test_what_was_retracted_before_is_retracted_again() -> None:
    """Although a retraction of the same was retracted itself."""
    with corrected() as tl:
        first = tl.retract("c", source="Gazette")
        tl.retract(first.records[0].position, source="Gazette")
        assert ceo(tl) == "bob"
        tl.retract(resting_on="Post")
        assert ceo(tl) == "ann"


# What a commit said


@given(SAID, st.sets(st.integers(1, 11)), st.booleans(), st.data())
def test_a_commit_is_undone(history: History, cuts: set[int], whole: bool, data: st.DataObject) -> None:
    """All that it said and stands, by any of its positions; the last one leaves all as it was before."""
    log = history.log
    ends = sorted({cut for cut in cuts if cut < len(log)} | {len(log)})
    spans = list(itertools.pairwise([0, *ends]))
    with in_memory(CATALOGUE, clock=Clock()) as timeline:
        for start, end in spans:
            timeline.append(*history.statements[start:end])
        start, end = data.draw(st.sampled_from(spans) | st.just(spans[-1]))
        position = data.draw(st.integers(start + 1, end))
        standing = {one.position for one in oracle.standing(log)}
        if not standing & set(range(start + 1, end + 1)):
            with pytest.raises(AlreadySuperseded, match=f"the commit of #{start + 1}"):
                timeline.retract(commit=position, whole=whole)
            return
        commit = timeline.retract(commit=position, whole=whole)
        after = said_after(history, commit)
        done = {one.target for one in commit}
        for one in commit:
            assert one.target in {each.position for each in oracle.standing(after[: one.position - 1])}
            assert one.target is not None
            assert start < one.target <= end
        now = {one.position for one in oracle.standing(after)}
        assert {one.position for one in timeline.as_of().records(stands=True)} == now
        assert not now & set(range(start + 1, end + 1))
        assert not {one.position for one in commit.superseded} & (standing | done)
        if end == len(log) and not whole:
            assert now & set(range(start + 1)) == {one.position for one in oracle.standing(log[:start])}


def test_what_others_superseded_since_is_left(tl: Timeline) -> None:
    """And told."""
    tl.append(Assertion(led("Eve", "Bolt"), id="e"), Assertion(led("Fay", "Crux"), id="f"))
    tl.correct("e", led("Gus", "Bolt"), id="g")
    commit = tl.retract(commit=4)
    assert [one.target for one in commit] == [4]
    assert [one.ref for one in commit.superseded] == ["e"]
    assert str(commit).endswith("e (#3) no longer stood, and is left as it is")
    with pytest.raises(AlreadySuperseded, match=r"the commit of #3 to #4 no longer stands: .*corrected by g"):
        tl.retract(commit=3)
    with pytest.raises(UnknownRecord):
        tl.retract(commit=99)
    several: Any = [True, "3", -1, 2**200]
    for wrong in several:
        with pytest.raises((NotAllowed, UnknownRecord)):
            tl.retract(commit=wrong)


def test_a_commit_that_took_back_and_put_right_is_undone(tl: Timeline) -> None:
    """A retraction, a correction and an attestation in it, and what they were about comes back."""
    tl.append(
        Retraction("c", id="r"),
        Correction("a", led("Eve"), id="e"),
        Attestation("e", source="Gazette"),
        Assertion(led("Fay", "Bolt"), id="f"),
        Correction("f", led("Gus", "Bolt"), id="g"),
    )
    assert ceo(tl) == "eve"
    tl.retract(commit=5)
    assert ceo(tl) == "bob"
    assert [one.ref for one in tl.as_of().records(stands=True) if one.event] == ["c"]


# At every door


def test_one_thing_at_a_time_is_retracted(tl: Timeline, tmp_path: Path) -> None:
    """A record, or what rests on a source, or what a commit said; and that without an id."""
    several: Any = [{}, {"resting_on": "Post", "commit": 1}, {"record": "a", "commit": 1}]
    for wrong in several:
        with pytest.raises(NotAllowed, match="one of these"):
            tl.retract(**wrong)
    several = [{"resting_on": "Post"}, {"commit": 2}]
    for wrong in several:
        with pytest.raises(NotAllowed, match="id= names one record"):
            tl.retract(**wrong, id="x")
        with pytest.raises(AppendConflict):
            tl.retract(**wrong, unless=Condition(types="ceo_appointment"))
        faults: Any = [{"whole": "x"}, {"credence": "sure"}, {"known": "when"}]
        for amiss in faults:
            with pytest.raises(TimelineError):
                tl.retract(**wrong, **amiss)
        with pytest.raises(TypeError):
            tl.retract(**wrong, nothing=1)  # type: ignore[call-overload]
    with pytest.raises(UnknownSource, match="did you mean Post"):
        tl.retract(resting_on="Postt")
    with pytest.raises(NotAllowed, match="names no source"):
        tl.retract(resting_on=())
    assert tl.head().position == 2


def test_at_the_command_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What would be retracted is listed first."""
    path = str(tmp_path / "t.duckdb")
    corrected(path).close()
    for wrong in [], ["a", "--commit", "1"], ["--resting-on", "Post", "--commit", "1"]:
        assert run(["retract", *wrong, "--db", path]) == 2
    assert run(["retract", "--resting-on", "post", "--dry-run", "--db", path]) == 0
    assert "retracted: Bob becomes CEO of Acme" in capsys.readouterr().out
    assert run(["retract", "--resting-on", "Post", "--source", "Editor", "--db", path]) == 0
    assert run(["retract", "--commit", "1", "--db", path]) == 0
    assert run(["retract", "--commit", "1", "--db", path]) == 65
    assert "nothing of it is left to retract" in capsys.readouterr().err
    with Timeline.open(path) as timeline:
        assert ceo(timeline) is None
        assert timeline.head().position == 4
