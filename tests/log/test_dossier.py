"""What is kept of an open file changes no answer, whoever writes meanwhile."""

from __future__ import annotations

from pathlib import Path

import pytest

from events import CEOAppointment, CEOOusting, EntityNamed, FundingRound, Organisation, Relationship
from tests.reuse import in_memory
from timeline import Timeline
from timeline.errors import AmbiguousName
from timeline.log import Kept


def test_what_is_written_by_another_is_in_the_next_answer(tmp_path: Path) -> None:
    """By another timeline on the same file: appended, corrected, and withdrawn."""
    path = tmp_path / "t.duckdb"
    with Timeline.open(path) as reader, Timeline.open(path) as writer:
        writer.append(FundingRound("2020", company="Acme", investors=["Ann"], amount="$5"), id="r")
        first = reader.as_of()
        assert first.between("acme", "ann").invested["ann"].wholly == {"USD": 5}
        writer.correct("r", FundingRound("2020", company="Acme", investors=["Ann"], amount="$7"), id="c")
        assert reader.as_of().between("acme", "ann").invested["ann"].wholly == {"USD": 7}
        writer.retract("c")
        assert reader.as_of().between("acme", "ann").invested["ann"].wholly == {"USD": 5}
        assert first.between("acme", "ann").invested["ann"].wholly == {"USD": 5}
        assert reader.as_of(position=2).between("acme", "ann").invested["ann"].wholly == {"USD": 7}


def test_one_reading_answers_for_every_date_known_and_position(tmp_path: Path) -> None:
    """What was asked before, at another date, changes nothing."""
    path = tmp_path / "t.duckdb"
    with Timeline.open(path) as tl:
        tl.append(CEOAppointment("2019", company="Acme", person="Ann"), known="2019")
        tl.append(CEOOusting("2020-05", company="Acme", person="Ann"), known="2021")
        kept = {}
        for valid in "2018", "2019", "2020", None:
            for known in "2019", "2020", None:
                for position in 0, 1, 2:
                    moment = tl.as_of(valid, known=known, position=position)
                    kept[valid, known, position] = moment.of(Organisation, "acme")
    for (valid, known, position), state in kept.items():
        fresh = Timeline.open(path).as_of(valid, known=known, position=position).of(Organisation, "acme")
        assert (state.values(), state.because) == (fresh.values(), fresh.because)
    assert {state.ceo for state in kept.values()} == {None, "ann"}


def test_whom_a_name_means_is_asked_anew_after_a_change() -> None:
    """A name that meant one fits two as soon as another has it."""
    tl = in_memory()
    tl.append(FundingRound("2020", company="Acme", investors=["Ann"], amount=None))
    assert tl.as_of().between("ACME", "ann").rounds == 1
    tl.append(EntityNamed("2021", entity="Bolt", name="A.C.M.E."))
    with pytest.raises(AmbiguousName):
        tl.as_of().between("ACME", "ann")


def test_a_relationship_is_asked_of_the_file_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """When only the date moves, nothing is read."""
    with Timeline.open(tmp_path / "t.duckdb") as tl:
        tl.append(FundingRound("2020", company="Acme", investors=["Ann"], amount="$5"))
        assert tl.as_of("2019").between("acme", "ann").rounds == 0

        def refused(*_: object, **__: object) -> None:
            pytest.fail("the file was read again")

        monkeypatch.setattr("timeline.log.duckdb.session.Session.reading", refused)
        assert tl.as_of("2021").of(Relationship, "acme", "ann").rounds == 1


def test_what_was_kept_first_goes_first(monkeypatch: pytest.MonkeyPatch) -> None:
    """No more than so many things are kept."""
    monkeypatch.setattr("timeline.log.duckdb.sharing._MOST", 3)
    kept = Kept()
    for number in range(5):
        kept.keep(number, str(number))
    assert [kept.get(number) for number in range(5)] == [None, None, "2", "3", "4"]
