"""What differs between two moments: every record whose part differs is a cause once, and no other."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import pytest
from hypothesis import given, strategies as st

from events import CEOAppointment, ExclusivityDeal, FundingRound, Organisation, Relationship
from tests import oracle, strategies
from tests.ledger import opened
from tests.oracle import Reading, Said
from tests.reuse import in_memory
from tests.strategies import SUBJECT, History, histories
from timeline import Timeline
from timeline.errors import NotAllowed
from timeline.moment import Diff, Moment
from timeline.vocabulary import answer_lines

FIELDS: Final[Mapping[str, tuple[str, ...]]] = {
    "noted": (
        "notes",
        "notes_by",
        "number",
        "opening",
        "opening_by",
        "latest",
        "latest_by",
        "story",
    ),
    "lease_begun": ("deed", "tenant", "tenants", "room"),
    "lease_ended": ("deed", "tenant", "tenants", "room"),
    "emptied": ("deed", "tenant", "tenants"),
    "plan_made": ("planned",),
}
"""The fields of the state `ledger` that events of each type enter."""
FIELD_NAMES: Final = sorted({field for fields in FIELDS.values() for field in fields})
LIMITED: Final = ("tenant", "tenants")
"""Those of them whose openers may have a term."""

Asked = tuple[Any, Any, int, Reading]


def part(log: tuple[Said, ...], one: Said, asked: Asked, field: str) -> object:
    """What part a record has in a field, by the laws: none, or whether it counts, may, and still runs."""
    at, known, position, dates = asked
    if one not in oracle.standing(log, known, position) or one.credence == "denied" or one.occurred is None:
        return None
    counts = (one.occurred.end if dates == "latest" else one.occurred.start) <= at
    perhaps = one.occurred.start <= at < one.occurred.end
    until = one.data.get("until") if field in LIMITED else None
    return (counts, perhaps, until is None or until.end >= at) if counts or perhaps else None


def expected(log: tuple[Said, ...], first: Asked, second: Asked) -> dict[int, tuple[str, set[str]]]:
    """By position, the cause and the fields of each record whose part differs."""
    found = {}
    for one in log:
        parts = {
            field: (part(log, one, first, field), part(log, one, second, field))
            for field in FIELDS.get(one.type, ())
        }
        fields = {field for field, (before, after) in parts.items() if before != after}
        if fields:
            found[one.position] = (cause(log, one, first, second, [parts[field] for field in fields]), fields)
    return found


def cause(log: tuple[Said, ...], one: Said, first: Asked, second: Asked, parts: list[Any]) -> str:
    """Why the part of a record differs."""
    seen = [one in oracle.seen(log, known, position) for _, known, position, _ in (first, second)]
    if not all(seen):
        return "we corrected" if one.kind == "correction" else "we learned"
    if not all(one in oracle.standing(log, known, position) for _, known, position, _ in (first, second)):
        return "we corrected"
    ran_out = all(before and after and before[:2] == after[:2] for before, after in parts)
    return "ran out" if ran_out else "new event"


def told(diff: Diff) -> dict[int, tuple[str, set[str]]]:
    """The causes of a diff in the same form; each record once."""
    assert len({one.record.position for one in diff.causes}) == len(diff.causes)
    return {one.record.position: (one.kind, set(one.fields)) for one in diff.causes}


def at(timeline: Timeline, asked: Asked) -> Moment:
    """A moment."""
    valid, known, position, dates = asked
    return timeline.as_of(valid, known=known, position=position, dates=dates)


@given(histories(), st.data())
def test_every_record_whose_part_differs_is_a_cause_once_and_no_other(
    history: History, data: st.DataObject
) -> None:
    """With the cause that the law gives; the other way round it is the same, and a moment never differs."""
    log = history.log
    reading: Reading = data.draw(st.sampled_from(oracle.READINGS))
    points = data.draw(strategies.moments(history))
    asked = st.tuples(
        st.sampled_from(points),
        st.sampled_from(history.knowns),
        st.integers(0, len(log)),
        st.just(reading),
    )
    with opened() as tl:
        tl.append(*history.statements)
        for first, second in data.draw(st.lists(st.tuples(asked, asked), min_size=3, max_size=3)):
            one, other = at(tl, first), at(tl, second)
            diff = one.diff(other, "ledger", SUBJECT)
            assert told(diff) == expected(log, first, second)
            before, after = one.of("ledger", SUBJECT), other.of("ledger", SUBJECT)
            differing = {name for name in FIELD_NAMES if getattr(before, name) != getattr(after, name)}
            assert differing <= {change.field for change in diff.changes}
            for change in diff.changes:
                doubts = before.unsettled[change.field], after.unsettled[change.field]
                assert change.field in differing or doubts[0] != doubts[1]
            mirrored = other.diff(one, "ledger", SUBJECT)
            assert told(mirrored) == told(diff)
            assert [(c.field, c.after, c.before) for c in mirrored.changes] == [
                (c.field, c.before, c.after) for c in diff.changes
            ]
            assert [c.gained for c in mirrored.causes] == [
                None if c.gained is None else not c.gained for c in diff.causes
            ]
            assert not one.diff(one, "ledger", SUBJECT)


def test_a_point_at_which_nothing_said_counts_differs_from_none() -> None:
    """Of somebody whom nothing ties, nothing differs, whatever else was said."""
    with in_memory() as tl:
        tl.append(FundingRound("2020", company="Acme", investors=["Ann"], amount="$5"))
        tl.append(FundingRound("2021", company="Bolt", investors=["Cy"], amount="$5"))
        diff = tl.as_of("2019").diff(tl.as_of(), Relationship, "ann", "bolt")
        assert not diff
        assert str(diff).endswith("nothing differs")


def test_each_cause_is_told_in_words() -> None:
    """A new event, we learned, we corrected, and a term ran out."""
    with in_memory() as tl:
        tl.append(FundingRound("2020", company="Acme", investors=["Ann"], amount="$5"), known="2020", id="r")
        deal = ExclusivityDeal("2020-02", grantor="Acme", grantee="Ann", scope="cloud", until="2022")
        tl.append(deal, known="2020-03")
        tl.correct(
            "r",
            FundingRound("2020", company="Acme", investors=["Ann"], amount="$7"),
            known="2021-06",
            note="a slip",
        )
        world = tl.as_of("2019").diff(tl.as_of("2021"), Relationship, "acme", "ann")
        assert [one.kind for one in world.causes] == ["new event", "new event"]
        learned = tl.as_of("2020-12-31", known="2019").diff(
            tl.as_of("2020-12-31", known="2020-12-31"), Relationship, "acme", "ann"
        )
        assert [(one.kind, one.gained) for one in learned.causes] == [("we learned", True)] * 2
        corrected = tl.as_of("2021", known="2021-01").diff(
            tl.as_of("2021", known="2021-12"), Relationship, "acme", "ann"
        )
        assert [(one.kind, one.gained, one.by) for one in corrected.causes] == [
            ("we corrected", False, 3),
            ("we corrected", True, None),
        ]
        assert [change.field for change in corrected.changes] == ["invested"]
        text = str(corrected)
        assert "invested  Ann: $5 → $7" in text
        assert "superseded by #3 (rounds, invested)" in text
        assert ": a slip (rounds, invested)" in text
        ended = tl.as_of("2022").diff(tl.as_of("2023"), Relationship, "acme", "ann")
        assert [(one.kind, one.fields) for one in ended.causes] == [("ran out", ("exclusivities",))]
        assert "- Acme grants Ann exclusivity (cloud) until 2022" in str(ended)
        assert ended.as_dict()["causes"][0]["gained"] is None


def test_moments_that_read_otherwise_are_refused() -> None:
    """Other readings of dates, or other sources listened to."""
    with in_memory() as tl:
        tl.append(CEOAppointment("2020", company="Acme", person="Ann"), source="Herald")
        with pytest.raises(NotAllowed, match="read dates otherwise"):
            tl.as_of("2020", dates="earliest").diff(tl.as_of("2021"), Organisation, "acme")
        with pytest.raises(NotAllowed, match="listen to other sources"):
            tl.as_of("2020", without="Herald").diff(tl.as_of("2021"), Organisation, "acme")


@given(histories(strategies.LEASES | strategies.LEADERS, most=6), st.data())
def test_a_value_reads_the_same_by_every_verb(history: History, data: st.DataObject) -> None:
    """What ended or is unsettled is called so by a state, a diff, an explanation and a history."""
    points = data.draw(strategies.moments(history))
    with opened() as tl:
        tl.append(*history.statements)
        for kind, field in (("ledger", "tenant"), ("organisation", "ceo")):
            told = []
            for at in points:
                state = tl.as_of(at).of(kind, SUBJECT)
                (word,) = answer_lines(
                    getattr(state, field), state.named, state.because[field], state.unsettled[field]
                )
                told.append(word)
                assert f"\n{field}: {word}\n" in f"{tl.as_of(at).explain(kind, SUBJECT, field=field)}\n"
                assert word in " ".join(str(state).split()) or state.because[field] == ()
            diff = tl.as_of(points[0]).diff(tl.as_of(points[-1]), kind, SUBJECT)
            if any(change.field == field and change.before != change.after for change in diff.changes):
                assert f"{told[0]} → {told[-1]}" in str(diff)
