"""What rests on the word of one source alone, and how much on that of each."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import pytest
from hypothesis import given

from events import CEOAppointment, FundingRound, Organisation
from tests import oracle
from tests.oracle import Entry
from tests.records.test_filters import Asked, askings, opened
from tests.reuse import in_memory
from timeline import Source, Timeline
from timeline.errors import NotAllowed, UnknownEntity, UnknownType
from timeline.moment import SingleSourced


@pytest.fixture
def tl() -> Iterator[Timeline]:
    """A round of Post, twice, and The Post; one of the Herald and Post; what nobody vouches for; a denial."""
    with in_memory() as timeline:
        timeline.append(
            FundingRound("2020", company="Acme", investors=["Ann"], amount="$5"),
            source=[Source("One", publisher="Post"), Source("Two", publisher="The Post")],
            id="post",
        )
        timeline.attest("post", source=Source("Three", publisher="Post"))
        timeline.append(
            FundingRound("2021", company="Acme", investors=["Bob"], amount="$6"), source="Herald", id="both"
        )
        timeline.attest("both", source=Source(publisher="Post"), id="also")
        timeline.append(CEOAppointment("2021", company="Acme", person="Ann"), id="nobody")
        timeline.append(
            CEOAppointment("2022", company="Bolt", person="Cy"), source="Herald", credence="denied"
        )
        yield timeline


def told(found: SingleSourced) -> dict[str, list[str | None]]:
    """The marks of the records by source."""
    return {one.source: [record.ref for record in one.records] for one in found}


def test_what_rests_on_one_source_alone(tl: Timeline) -> None:
    """Not what a second attests, until that is withdrawn; not what was not yet said, known or done."""
    tl.correct(
        "post",
        FundingRound("2020", company="Acme", investors=["Ann"], amount="$7"),
        source=Source("One", publisher="Post"),
        id="again",
    )
    assert told(tl.as_of().single_sourced()) == {"Post": ["again"]}
    assert told(tl.as_of("2020").single_sourced()) == {"Post": ["again"]}
    assert told(tl.as_of("2019").single_sourced()) == {}
    tl.retract("also")
    assert told(tl.as_of().single_sourced()) == {"Herald": ["both"], "Post": ["again"]}
    found = told(tl.as_of(without="post").single_sourced())
    assert found == {"Herald": ["both"], "The Post": ["post"]}


@given(askings())
def test_what_stands_on_one_word_alone_is_as_defined(one: Asked) -> None:
    """By any filter, at any basis: of what has happened and is not denied, by source."""
    view = oracle.standing(one.history.log, *one.view)
    wanted: dict[str, list[int]] = {}
    every: Counter[str] = Counter()
    for said in view:
        if said.occurred is not None and said.credence != "denied" and one.point.counts(Entry(said, 0, None)):
            words = set(oracle.vouching(view, said)) - set(one.words["without"])
            every.update(words)
            if len(words) == 1:
                wanted.setdefault(words.pop(), []).append(said.position)
    with opened(one.history) as timeline:
        moment = one.moment(timeline)
        found = moment.single_sourced()
        assert {each.source: [record.position for record in each.records] for each in found} == wanted
        relied = {each.source: (each.records, each.alone) for each in moment.sources() if each.records}
        assert relied == {name: (number, len(wanted.get(name, ()))) for name, number in every.items()}


def test_two_publishers_are_two_words(tl: Timeline) -> None:
    """Of whatever name they are known, case and punctuation aside."""
    assert told(tl.as_of(without="The Post").single_sourced()) == {"Post": ["post"]}
    assert told(tl.as_of(without="herald").single_sourced()) == {"Post": ["both"]}


def test_only_what_is_asked_for(tl: Timeline) -> None:
    """Of some types, and of some entities."""
    moment = tl.as_of(without="Herald")
    assert told(moment.single_sourced(types=FundingRound, entities=["acme", "bob"])) == {"Post": ["both"]}
    assert told(moment.single_sourced(types="ceo_appointment")) == {}
    assert told(moment.single_sourced(entities="ann")) == {}
    with pytest.raises(UnknownEntity):
        moment.single_sourced(entities="nobody")
    with pytest.raises(UnknownType):
        moment.single_sourced(types="nothing")


def test_fields_that_rest_on_one_source(tl: Timeline) -> None:
    """All records of the field, and none of them on nobody's word."""
    tl.append(CEOAppointment("2021", company="Bolt", person="Dee"), source="Gazette", id="dee")
    moment = tl.as_of()
    assert len(moment.single_sourced(Organisation, "acme")) == 0
    (leaning,) = moment.single_sourced(Organisation, "bolt")
    assert (leaning.source, leaning.fields) == (
        "Gazette",
        ("ceo", "ceo_interim", "ceo_since"),
    )
    assert [record.ref for record in leaning.records] == ["dee"]
    with pytest.raises(NotAllowed, match="without entities="):
        moment.single_sourced(Organisation, "bolt", entities="acme")


def test_it_reads_as_text_and_as_plain_values(tl: Timeline) -> None:
    """By source, with the basis."""
    tl.retract("also")
    found = tl.as_of("2022").single_sourced()
    assert str(found) == (
        "on one source alone, end of 2022-12-31 UTC\n"
        "  Herald\n"
        "    both (#3) 2021: Acme raises money from Bob: $6"
    )
    assert [one["source"] for one in found.as_dict()["by_source"]] == ["Herald"]
    assert str(tl.as_of("2019").single_sourced()).endswith("\n  nothing")


def test_how_much_rests_on_each(tl: Timeline) -> None:
    """And on it alone; also of those on whom nothing rests."""
    tl.append(CEOAppointment("2022", company="Bolt", person="Cy"), source="Rumour", credence="denied")
    found = {one.source: (one.records, one.alone) for one in tl.as_of().sources()}
    assert found == {"Post": (2, 0), "The Post": (1, 0), "Herald": (1, 0), "Rumour": (0, 0)}


def test_what_was_attested_later_counts_all_the_same_before(tl: Timeline) -> None:
    """On an earlier basis, by what it cites itself."""
    found = {one.source: (one.records, one.alone) for one in tl.as_of(position=1).sources()}
    assert found == {"Post": (1, 0), "The Post": (1, 0), "Herald": (0, 0)}
    found = {one.source: (one.records, one.alone) for one in tl.as_of(position=3).sources()}
    assert found == {"Post": (1, 0), "The Post": (1, 0), "Herald": (1, 1)}
