"""States over both times at once: at any two days what is asked singly, each pair of days told once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given, strategies as st

from events import CEOAppointment, FundingRound, Organisation
from tests.ledger import Clock
from tests.moment.test_contested import FILTERS, OWN, THEIRS, stories
from tests.oracle import READINGS
from tests.strategies import History
from timeline import Moment, Timeline
from timeline.errors import NotAllowed
from timeline.moment import Patch, Plane, Wording
from timeline.records import Statement
from timeline.vocabulary import NOTHING, State, field_lines

NOTHING_LEFT_OUT: dict[str, Any] = {}
FIRST, LAST = date(2019, 12, 1), date(2027, 1, 1)
DAYS = st.dates(FIRST, LAST) | st.sampled_from(
    [date(2020, 1, 1) + timedelta(days=number) for number in (-1, 0, 1, 30, 31, 59, 60, 365, 366)]
)


def at(patches: Sequence[Patch], valid: date, known: date) -> Wording:
    """The one patch that covers a pair of days."""
    (found,) = [
        one.said
        for one in patches
        if (one.valid_from is None or one.valid_from <= valid)
        and (one.valid_to is None or valid < one.valid_to)
        and (one.known_from is None or one.known_from <= known)
        and (one.known_to is None or known < one.known_to)
    ]
    return found


def single(state: State, field: str) -> Wording:
    """What a state that was asked for singly says of a field."""
    behind = (
        tuple(one.position for one in several[field])
        for several in (state.because, state.unsettled, state.contested)
    )
    return Wording(tuple(field_lines(state, field)), *behind)


def see_that_it_is_as_asked(
    moment: Moment, planes: Sequence[Plane], pairs: Sequence[tuple[date, date]]
) -> None:
    """Each state at each pair of days is as it is asked for there."""
    for valid, known in pairs:
        there = moment.as_of(valid.isoformat(), known=known.isoformat())
        for plane in planes:
            try:
                state = there.of(plane.state.cls, *plane.who)
            except NotAllowed:  # both are one there
                assert len(set(at(plane.names, valid, known).lines)) == 1
                continue
            assert at(plane.names, valid, known).lines == tuple(state.named(one) for one in state.who)
            for field in plane.state.folds:
                patches = plane.fields.get(field)
                said = Wording((NOTHING,)) if patches is None else at(patches, valid, known)
                assert said == single(state, field), (plane.who, field, valid, known)


@pytest.mark.parametrize("theirs", [False, True])
@given(data=st.data())
def test_any_two_days_say_what_they_are_asked_for(theirs: bool, data: st.DataObject) -> None:
    """Values in words, names, and what unsettles and contests; under filters, positions, zones, readings."""
    said: tuple[History, list[Statement]] = data.draw(stories(theirs=theirs))
    where: dict[str, Any] = {
        "dates": data.draw(st.sampled_from(READINGS)),
        "tz": data.draw(st.sampled_from([None, "America/New_York", "Pacific/Kiritimati"])),
        **data.draw(st.just(NOTHING_LEFT_OUT) | FILTERS),
    }
    pairs = data.draw(st.lists(st.tuples(DAYS, DAYS), min_size=4, max_size=8))
    catalogue = THEIRS if theirs else OWN
    with Timeline.open(":memory:", catalogue=catalogue, clock=Clock()) as tl:
        appointed: Any = catalogue.event("ceo_appointment").cls
        tl.append(appointed("2030", company="acme", person="bolt"), source=["herald", "post"])
        for name in ("ann", "bob"):
            tl.append(appointed("2030", company="crux", person=name))
        tl.append(*said[1])
        where["position"] = data.draw(st.integers(3, tl.head().position))
        moment = tl.as_of(data.draw(DAYS).isoformat(), **where)
        planes, left = moment.planes()
        assert left == 0
        see_that_it_is_as_asked(moment, planes, pairs)


def test_what_is_retracted_or_read_as_another_is_told_where_it_was(tmp_path: Any) -> None:
    """Also whom nothing speaks of any more; a what-if has what it supposes."""
    with Timeline.open(tmp_path / "t.duckdb", clock=Clock()) as tl:
        tl.append(CEOAppointment("2020", company="Acme", person="Ann"), known="2020", id="a")
        tl.retract("a", known="2021")
        planes, _ = tl.as_of().planes()
        (company,) = [one for one in planes if one.state.cls is Organisation]
        assert at(company.fields["ceo"], date(2022, 1, 1), date(2020, 12, 31)).lines == ("Ann",)
        assert at(company.fields["ceo"], date(2022, 1, 1), date(2021, 12, 31)).lines == (NOTHING,)
        with tl.what_if(FundingRound("2022", company="Bolt", investors=["Ann"], amount=None)) as world:
            assert "bolt" in {who for one in world.as_of().planes()[0] for who in one.who}


def test_so_many_are_told_and_no_more(seeded: str) -> None:
    """Those with the most records, and how many more there are."""
    with Timeline.open(seeded, read_only=True) as tl:
        several, left = tl.as_of().planes(most=2)
        everything, none = tl.as_of().planes()
        assert [one.who for one in several] == [one.who for one in everything[:2]]
        assert (len(several) + left, none) == (len(everything), 0)
        counts: Mapping[str, int] = {one.state.name: len(one.fields) for one in several}
        assert counts
