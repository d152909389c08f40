"""On whose word: what is left out is left out before standing, so that what it replaced comes back."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from events import CEOAppointment, FundingRound, Organisation
from timeline import Source, Timeline
from timeline.errors import BadText, UnknownSource


@pytest.fixture
def tl() -> Iterator[Timeline]:
    """A figure of the Herald, corrected by the Post, and an appointment that a third and a fourth tell."""
    with Timeline.open(":memory:") as timeline:
        timeline.append(
            FundingRound("2020", company="Acme", investors=["Ann"], amount="$5"),
            source=Source("A story", publisher="The Herald"),
            id="r",
        )
        timeline.correct(
            "r",
            FundingRound("2020", company="Acme", investors=["Ann"], amount="$7"),
            source=Source(publisher="Post", url="post.example"),
            id="c",
        )
        timeline.append(CEOAppointment("2021", company="Acme", person="Ann"), source="Gazette", id="ceo")
        timeline.attest("ceo", source="Courier", id="also")
        yield timeline


def put_in(timeline: Timeline, **asked: object) -> object:
    """What Ann put into Acme, in dollars."""
    state = timeline.as_of(**asked).between("acme", "ann")  # type: ignore[arg-type]
    return state.invested["ann"].wholly.get("USD") if state.invested else None


def test_what_a_left_out_correction_replaced_comes_back(tl: Timeline) -> None:
    """By publisher, title, url or Source, whatever case and punctuation."""
    assert put_in(tl) == 7
    for name in "post", "POST", "post.example", Source(publisher="Post", url="post.example", locator="p. 2"):
        assert put_in(tl, without=name) == 5
    assert put_in(tl, without="a STORY!") == 7
    assert put_in(tl, without=["post", "the herald"]) is None
    assert put_in(tl, only="the herald") == 5
    assert put_in(tl, only="post") == 7


def test_a_record_rests_on_its_attestations_too(tl: Timeline) -> None:
    """Until the attestation is withdrawn, or where it is not in view."""

    def ceo(**asked: object) -> object:
        return tl.as_of(**asked).of(Organisation, "acme").ceo  # type: ignore[arg-type]

    assert ceo(without="gazette") == ceo(only="courier") == "ann"
    assert ceo(without=["gazette", "courier"]) is None
    assert ceo(without="gazette", position=3) is None
    tl.retract("also")
    assert ceo(without="gazette") is None
    assert ceo(without="gazette", position=4) == "ann"


def test_credence_sifts_before_standing(tl: Timeline) -> None:
    """A rumoured correction does not replace what is confirmed, for those who want that only."""
    said = FundingRound("2022", company="Bolt", investors=["Ann"], amount="$1")
    tl.append(said, credence="confirmed", id="b")
    tl.correct("b", FundingRound("2022", company="Bolt", investors=["Ann"], amount="$2"), credence="rumoured")

    def funds(*credence: str) -> object:
        return tl.as_of(credence=credence).of(Organisation, "bolt").raised.wholly  # type: ignore[arg-type]

    assert funds() == {"USD": 2}
    assert funds("confirmed") == {"USD": 1}
    assert funds("rumoured") == {"USD": 2}
    assert funds("reported") == {}
    assert funds("reported", "confirmed") == {"USD": 1}


def test_the_answer_says_on_whose_word(tl: Timeline) -> None:
    """In its basis, in words and as plain values."""
    moment = tl.as_of("2022", without="Post", credence="reported")
    assert str(moment.basis) == "close of 2022 (2022-12-31, UTC), without Post, reported only"
    assert moment.basis.as_dict()["without"] == ["Post"]
    assert "only" not in moment.basis.as_dict()


def test_a_slip_of_the_pen_is_no_answer(tl: Timeline) -> None:
    """A source that the log does not cite is refused, with those of nearly that name."""
    with pytest.raises(UnknownSource, match="did you mean Gazette"):
        tl.as_of(without="Gazete")
    with pytest.raises(UnknownSource, match="no source 'Nobody'"):
        tl.as_of(only=["Post", "Nobody"])
    with pytest.raises(BadText, match="is no credence"):
        tl.as_of(credence="sure")  # type: ignore[arg-type]
