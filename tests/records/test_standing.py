"""What stands, of one chain, at every (known, position): the pure functions against the definition."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

from hypothesis import given, settings, strategies as st
from hypothesis.strategies import DrawFn

from tests import oracle
from tests.oracle import Said, Word
from timeline import Source, When
from timeline.records import FOREVER, WHOLE, Link, Record, RecordKind, hidden, judged, superseded
from timeline.records.standing import column, decided
from timeline.values import CREDENCES, Basis, Filter

PURE = settings(max_examples=150)
NAMES = ["herald", "post", "gazette"]
START = datetime(2024, 1, 1, tzinfo=UTC)
KINDS: dict[str, RecordKind] = {
    "assertion": "assertion",
    "correction": "correction",
    "retraction": "retraction",
    "attestation": "attestation",
}


def at(number: int) -> datetime:
    """A day, by its number."""
    return START + timedelta(days=number)


@st.composite
def chains(draw: DrawFn) -> list[Said]:
    """One chain: an assertion, and corrections, retractions and attestations of what then stands."""
    words = st.lists(st.sampled_from(NAMES), max_size=2, unique=True).map(tuple)
    credence = st.sampled_from(CREDENCES)
    known = st.integers(0, 4).map(at)
    chain = [Said(1, "assertion", draw(known), credence=draw(credence), sources=draw(words))]
    for position in range(2, draw(st.integers(1, 9)) + 1):
        target = draw(st.sampled_from(oracle.standing(chain) or chain))
        kinds = ["retraction", "attestation"] if target.kind == "retraction" else sorted(KINDS)[1:]
        kind = draw(
            st.sampled_from([kind for kind in kinds if target.kind != "attestation"] or ["retraction"])
        )
        whole = kind == "retraction" and target.kind in ("assertion", "correction") and draw(st.booleans())
        said = Said(position, kind, draw(known), target.position, "", {}, None, draw(credence), draw(words))
        if whole and target.kind == "correction":
            said = replace(said, known_at=max(said.known_at, target.known_at))
        chain.append(replace(said, whole=whole))
    return chain


def links(chain: Sequence[Said]) -> list[Link]:
    """The chain as the engine has it."""
    return [Link(one.position, KINDS[one.kind], one.target, one.known_at, one.whole) for one in chain]


def records(chain: Sequence[Said]) -> list[Record]:
    """The same as records."""
    return [
        Record(
            position=one.position,
            id=UUID(int=one.position),
            ref=None,
            kind=KINDS[one.kind],
            type=None,
            version=None,
            occurred=None,
            known_at=one.known_at,
            recorded_at=at(9),
            sources=Source.read_all(one.sources),
            credence=one.credence,  # type: ignore[arg-type]
            actor=None,
            note=None,
            target=one.target,
            origin=1,
            data=WHOLE if one.whole else None,
            names={},
            event=None,
            summary="",
        )
        for one in chain
    ]


WORDS = st.builds(
    Word,
    without=st.sets(st.sampled_from(NAMES), max_size=2).map(tuple),
    only=st.just(()) | st.sets(st.sampled_from(NAMES), max_size=2).map(tuple),
    credence=st.just(()) | st.sets(st.sampled_from(CREDENCES)).map(tuple),
)


@PURE
@given(chains(), st.none() | st.integers(-1, 5), st.integers(0, 9), WORDS)
def test_in_view_and_standing_are_those_of_the_definition(
    chain: list[Said], known: int | None, position: int, word: Word
) -> None:
    """At any known and position, on anybody's word: what of the chain is seen, and what of it stands."""
    words = Filter(without=word.without, only=word.only, credence=word.credence)
    knowing = None if known is None else at(known)
    found = judged([records(chain)], Basis.at(When("2030"), knowing, "latest", position, words))
    asked: tuple[datetime, int, Word] = (oracle.END if knowing is None else knowing, position, word)
    assert found.seen == {one.position for one in oracle.seen(chain, *asked)}
    assert found.standing == {one.position for one in oracle.standing(chain, *asked)}


@PURE
@given(chains())
def test_superseded_are_those_seen_that_do_not_stand(chain: list[Said]) -> None:
    """At every known, what is superseded is exactly what is seen and does not stand by the definition."""
    for known in [at(number) for number in range(-1, 6)]:
        view = oracle.seen(chain, known, len(chain))
        wanted = {one.position for one in view} - {one.position for one in oracle.standing(chain, known)}
        assert set(superseded(links(chain), known)) == wanted


@PURE
@given(chains())
def test_decided_are_the_deciders_of_the_definition(chain: list[Said]) -> None:
    """Of each record, the decider is the highest correction or retraction of it that is not undone."""
    wanted = {one.position: oracle.decider(chain, one.position) for one in chain}
    got = {target: link.position for target, link in decided(links(chain)).items()}
    assert got == {target: one.position for target, one in wanted.items() if one is not None}


@PURE
@given(chains())
def test_hidden_covers_exactly_what_does_not_stand(chain: list[Said]) -> None:
    """The rectangles cover, once, all of the plane in which a record is seen and does not stand."""
    rows = list(hidden(links(chain)))
    for position in range(1, len(chain) + 1):
        for known in [at(number) for number in range(-1, 6)]:
            inside = [
                row.position
                for row in rows
                if row.known_from <= known
                and (row.known_to is None or known < row.known_to)
                and row.position_from <= position < row.position_to
            ]
            view = {one.position for one in oracle.seen(chain, known, position)}
            stand = {one.position for one in oracle.standing(chain, known, position)}
            assert sorted(inside) == sorted(view - stand)


@PURE
@given(chains())
def test_at_most_one_event_of_a_chain_stands_anywhere(chain: list[Said]) -> None:
    """Wherever one looks, no two events of one chain stand."""
    events = {one.position for one in chain if one.kind in {"assertion", "correction"}}
    for known in [at(number) for number in range(6)]:
        gone = set(superseded(links(chain), known))
        known_events = {one.position for one in chain if one.known_at <= known} & events
        assert len(known_events - gone) <= 1


def test_column_of_one_record_is_empty() -> None:
    """What nothing speaks of is hidden nowhere."""
    assert column([Link(1, "assertion", None, at(0))]) == set()


def test_hidden_of_a_simple_correction() -> None:
    """A correction hides its target from when it is known and said, for ever."""
    (row,) = hidden([Link(1, "assertion", None, at(0)), Link(2, "correction", 1, at(3))])
    assert (row.position, row.by) == (1, 2)
    assert (row.known_from, row.known_to) == (at(3), None)
    assert (row.position_from, row.position_to) == (2, FOREVER)


def test_a_correction_known_before_its_target_stands() -> None:
    """A correction may be known before what it corrects, and stands there alone."""
    chain = [Link(1, "assertion", None, at(3)), Link(2, "correction", 1, at(0))]
    assert superseded(chain, at(1)) == {}
    assert superseded(chain, at(3)) == {1: 2}


def test_a_correction_of_a_correction_not_yet_known_does_not_stand() -> None:
    """A correction that goes back to one that is not known yet has nothing to stand on."""
    chain = [
        Link(1, "assertion", None, at(0)),
        Link(2, "correction", 1, at(3)),
        Link(3, "correction", 2, at(1)),
    ]
    assert set(superseded(chain, at(1))) == {3}
    assert superseded(chain, at(3)) == {1: 2, 2: 3}


def test_retracting_a_retraction_brings_back_what_it_withdrew() -> None:
    """What a retraction undoes comes back when the retraction is undone itself."""
    chain = [
        Link(1, "assertion", None, at(0)),
        Link(2, "correction", 1, at(0)),
        Link(3, "retraction", 2, at(0)),
        Link(4, "retraction", 3, at(0)),
    ]
    assert superseded(chain[:3]) == {2: 3}
    assert superseded(chain) == {1: 2, 3: 4}


def test_after_a_whole_retraction_nothing_comes_back() -> None:
    """Until that is retracted itself: then its target stands again, alone."""
    chain = [
        Link(1, "assertion", None, at(0)),
        Link(2, "correction", 1, at(0)),
        Link(3, "retraction", 2, at(0), whole=True),
        Link(4, "retraction", 3, at(0)),
    ]
    assert superseded(chain[:3]) == {1: 2, 2: 3}
    assert superseded(chain) == {1: 2, 3: 4}
