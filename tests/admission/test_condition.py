"""Appends under a condition: made or refused by what the log holds at that very moment."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import attrs
import pytest
from hypothesis import given, strategies as st

from tests.ledger import (
    CEOAppointment,
    CEOOusting,
    FundingRound,
    LeaseBegun,
    Ledger,
    Noted,
    Organisation,
    SameEntity,
    event,
    opened,
)
from timeline import (
    Assertion,
    Commit,
    Condition,
    Correction,
    Moment,
    Record,
    Retraction,
    Timeline,
    TimelineError,
)
from timeline.errors import (
    AlreadySuperseded,
    AppendConflict,
    BadRows,
    BadText,
    IdConflict,
    NotAllowed,
    UnknownEntity,
    UnknownType,
    WrongBasis,
)
from timeline.records import Statement


def appoint(person: str, occurred: str = "2020", company: str = "Acme") -> CEOAppointment:
    """Someone takes office."""
    return CEOAppointment(occurred, company=company, person=person)


def positions(conflict: pytest.ExceptionInfo[AppendConflict]) -> list[int]:
    """The positions of the records in the way."""
    return [record.position for record in conflict.value.records]


# Conditions


def test_an_append_is_refused_where_a_record_of_the_type_touches_the_entities(tl: Timeline) -> None:
    """The error holds the records in the way, in order, and nothing is written."""
    tl.append(appoint("Ann"), id="a1")
    tl.append(Noted("2020", subject="acme", topic="mood"))
    tl.append(appoint("Bo", "2021"))
    with pytest.raises(AppendConflict) as conflict:
        tl.append(appoint("Cy"), unless=Condition(types=CEOAppointment, entities="ACME"))
    assert positions(conflict) == [1, 3]
    assert str(conflict.value).startswith("not appended: the log already says a1 (#1) 2020: Ann")
    assert tl.as_of().basis.position == 3


def test_an_append_is_made_where_nothing_of_the_kind_came_after_the_position(tl: Timeline) -> None:
    """Other types, other entities and what was there before are not in the way."""
    tl.append(appoint("Ann"))
    basis = tl.as_of().basis.position
    tl.append(appoint("Dee", company="Other"))
    tl.append(Noted("2020", subject="acme", topic="mood"))
    condition = Condition(types=["ceo_appointment", CEOOusting], entities=["acme"], after=basis)
    assert tl.append(appoint("Bo", "2021"), unless=condition).head == 4
    with pytest.raises(AppendConflict, match="after position 1 was said #4 2021"):
        tl.append(appoint("Cy", "2022"), unless=condition)


def test_all_entities_have_to_be_touched(tl: Timeline) -> None:
    """Of several entities, a record in the way touches each."""
    tl.append(appoint("Ann"), appoint("Bo", company="Other"))
    tl.append(appoint("Cy", "2021"), unless=Condition(entities=["Ann", "Other"]))
    with pytest.raises(AppendConflict):
        tl.append(appoint("Cy", "2022"), unless=Condition(entities=["Ann", "Acme"]))


@pytest.mark.parametrize("say", ["retract", "correct", "attest"])
def test_what_is_said_of_a_matching_record_is_in_the_way(tl: Timeline, say: str) -> None:
    """A retraction has neither type nor entities, and a correction may be about somebody else; both count."""
    tl.append(CEOOusting("2021", company="Acme", person="Ann"), id="out")
    basis = tl.as_of().basis.position
    match say:
        case "retract":
            tl.retract("out")
        case "correct":
            tl.correct("out", CEOOusting("2021", company="Other", person="Ann"))
        case _:
            tl.attest("out", source="Gazette")
    condition = Condition(types=CEOOusting, entities="acme", after=basis)
    with pytest.raises(AppendConflict) as conflict:
        tl.append(appoint("Bo"), unless=condition)
    assert positions(conflict) == [2]


def test_whoever_is_the_same_counts_as_the_one_meant(tl: Timeline) -> None:
    """What is said of another id of the entity is in the way, and so is what says that it is the same."""
    tl.append(appoint("Ann"), appoint("Bo", company="Acme Inc"))
    condition = Condition(types=CEOAppointment, entities="acme", after=2)
    tl.append(appoint("Cy", "2021", company="Acme Inc"), unless=condition)
    tl.append(SameEntity("2020", entity="acme-inc", as_="acme"), id="same")
    for entity in "acme", "acme-inc":
        with pytest.raises(AppendConflict) as conflict:
            tl.append(appoint("Di"), unless=attrs.evolve(condition, entities=entity))
        assert positions(conflict) == [3, 4]
    tl.retract("same")
    for entity, in_the_way in ("acme", [4, 5]), ("acme-inc", [3, 4, 5]):
        with pytest.raises(AppendConflict) as conflict:
            tl.append(appoint("Di"), unless=attrs.evolve(condition, entities=entity))
        assert positions(conflict) == in_the_way


def test_a_retry_of_an_append_that_succeeded_succeeds(tl: Timeline) -> None:
    """The id is looked at first: what is known already is unchanged, though it is now in its own way."""
    condition = Condition(types=CEOAppointment, entities="Acme")
    first = tl.append(appoint("Ann"), unless=condition)
    again = tl.append(appoint("Ann"), unless=condition)
    assert [record.position for record in again.unchanged] == [first.head]
    asked: list[Moment] = []
    tl.append(appoint("Ann"), unless=asked.append)
    assert asked == []


def test_an_append_of_something_new_beside_something_known_is_asked_about(tl: Timeline) -> None:
    """Only where nothing at all is new does an append pass unasked."""
    tl.append(appoint("Ann"))
    with pytest.raises(AppendConflict):
        tl.append(appoint("Ann"), appoint("Bo", "2021"), unless=Condition(entities="acme"))
    with pytest.raises(AppendConflict):
        tl.append(appoint("Ann"), source="A new source", unless=Condition(entities="acme"))


def test_a_conflict_is_told_before_what_follows_from_it(tl: Timeline) -> None:
    """A record corrected meanwhile no longer stands; with a condition that is a conflict."""
    tl.append(appoint("Ann"), id="a1")
    basis = tl.as_of().basis.position
    tl.correct("a1", appoint("Bo"))
    with pytest.raises(AlreadySuperseded):
        tl.retract("a1")
    with pytest.raises(AppendConflict):
        tl.retract("a1", unless=Condition(entities="acme", after=basis))


def test_an_id_used_for_something_else_is_told_before_a_conflict(tl: Timeline) -> None:
    """Asking again would not help there."""
    tl.append(appoint("Ann"), id="a1")
    with pytest.raises(IdConflict):
        tl.append(appoint("Bo"), id="a1", unless=Condition())


def test_conditions_go_with_all_that_writes(tl: Timeline) -> None:
    """`correct`, `retract` and `attest` take `unless`, and refuse."""
    tl.append(appoint("Ann"), id="a1")
    says: list[Callable[[], Commit]] = [
        lambda: tl.correct("a1", appoint("Bo"), unless=Condition()),
        lambda: tl.retract("a1", unless=Condition()),
        lambda: tl.attest("a1", source="Gazette", unless=Condition()),
    ]
    for say in says:
        with pytest.raises(AppendConflict):
            say()
    assert tl.retract("a1", unless=Condition(after=1)).head == 2


def test_tables_are_appended_under_conditions(tl: Timeline) -> None:
    """All rows or none; a table that is known already passes, and faults of rows come first."""
    rows = "SELECT '2020' AS occurred, 'Acme' AS company, 'Ann' AS person"
    condition = Condition(types=CEOAppointment, entities="Acme")
    tl.append_table(CEOAppointment, rows, known="occurred", unless=condition)
    assert tl.append_table(CEOAppointment, rows, known="occurred", unless=condition).unchanged == 1
    more = f"{rows} UNION ALL SELECT '2021', 'Bolt', 'Bo'"
    with pytest.raises(AppendConflict):
        tl.append_table(CEOAppointment, more, known="occurred", unless=condition)
    with pytest.raises(AppendConflict, match="'ann'"):
        tl.append_table(
            CEOAppointment, more, known="occurred", unless=lambda m: m.of(Organisation, "Acme").ceo
        )
    bolt = Condition(types=CEOAppointment, entities="Bolt")
    bad = f"{more} UNION ALL SELECT 'x', 'Bolt', 'Bo'"
    with pytest.raises(BadRows):
        tl.append_table(CEOAppointment, bad, known="occurred", unless=bolt)
    assert tl.append_table(CEOAppointment, more, known="occurred", unless=bolt).count == 1


def test_an_entity_that_the_append_makes_may_be_named(tl: Timeline) -> None:
    """Nothing was said of it yet; a name that neither the log nor the append knows is a mistake."""
    tl.append(appoint("Ann"), unless=Condition(entities="Acme"))
    with pytest.raises(UnknownEntity, match="Acmee"):
        tl.append(appoint("Bo"), unless=Condition(entities="Acmee"))


@pytest.mark.parametrize(
    ("unless", "error"),
    [
        (Condition(types="nonsense"), UnknownType),
        (Condition(after=7), WrongBasis),
        ("acme", NotAllowed),
        (3, NotAllowed),
        ([Condition(), None], NotAllowed),
    ],
)
def test_what_is_no_condition_is_refused(tl: Timeline, unless: Any, error: type[TimelineError]) -> None:
    """The error names what cannot be read, and nothing is written."""
    with pytest.raises(error):
        tl.append(appoint("Ann"), unless=unless)
    assert tl.as_of().basis.position == 0


@pytest.mark.parametrize("wrong", [{"after": -1}, {"after": True}, {"after": "2"}, {"entities": ""}])
def test_a_condition_is_checked_when_it_is_made(wrong: dict[str, Any]) -> None:
    """A position is a number from 0, and a name a text."""
    with pytest.raises((NotAllowed, BadText)):
        Condition(**wrong)


@st.composite
def logs(draw: st.DrawFn) -> list[Any]:
    """Statements about three subjects, of two types, which speak of each other; by index what they target."""
    said: list[Any] = []
    targets: list[int] = []
    for index in range(draw(st.integers(1, 8))):
        kind = draw(st.sampled_from(["say", "say", "correct", "retract"])) if targets else "say"
        subject = draw(st.sampled_from("abc"))
        lease = draw(st.booleans())
        target = None if kind == "say" else draw(st.sampled_from(targets))
        said.append((kind, subject, lease, target))
        if target is not None:
            targets.remove(target)
        targets.append(index)
    return said


Row = tuple[int, str | None, set[str], int | None]


def told(said: Sequence[Any], tl: Timeline) -> list[Row]:
    """Say these things, behind what is there; gives position, type, entities and target of each."""
    rows: list[Row] = []
    behind = tl.as_of().basis.position
    for index, (meant, subject, drawn, target) in enumerate(said):
        aimed = None if target is None else rows[target]
        kind = "retract" if aimed is not None and aimed[1] is None else meant
        lease = drawn if aimed is None else aimed[1] == "lease_begun"
        what = (
            LeaseBegun("2020", subject=subject, holder="H", room=str(index))
            if lease
            else Noted("2020", subject=subject, topic=str(index))
        )
        at = None if target is None else behind + target + 1
        if kind == "say":
            tl.append(what)
        elif kind == "correct":
            tl.correct(at or 0, what)
        else:
            tl.retract(at or 0)
        gone = kind == "retract"
        name = "lease_begun" if lease else "noted"
        entities: set[str] = set() if gone else {subject, "h"} if lease else {subject}
        rows.append((behind + index + 1, None if gone else name, entities, at))
    return rows


@given(
    logs(),
    st.sets(st.sampled_from(["noted", "lease_begun", "funding_round"])),
    st.sets(st.sampled_from("abch"), max_size=2),
    st.integers(0, 8),
)
def test_a_condition_holds_exactly_where_no_record_is_in_the_way(
    said: list[Any], types: set[str], entities: set[str], after: int
) -> None:
    """By brute force: a record matches itself, or goes back, step by step, to one of its chain that does."""
    with opened() as tl:
        tl.append(*(Noted("2019", subject=one, topic="there is one") for one in "abch"))
        rows: list[Row] = [(n, "noted", {one}, None) for n, one in enumerate("abch", start=1)]
        rows += told(said, tl)
        first: dict[int, int] = {}
        for position, _, _, at in rows:
            first[position] = position if at is None else first[at]
        matching = {
            position
            for position, name, touched, _ in rows
            if (not types or name in types) and entities <= touched
        }
        after = min(after, len(rows))
        expected = [
            position
            for position in range(after + 1, len(rows) + 1)
            if any(first[one] == first[position] for one in matching if one <= position)
        ]
        condition = Condition(types=types, entities=entities, after=after)
        found: list[Record] = []
        try:
            tl.append(FundingRound("2020", company="new", investors=[], amount=None), unless=condition)
        except AppendConflict as conflict:
            found = list(conflict.records)
        assert [record.position for record in found] == expected


# Functions of the moment of writing


def test_an_append_is_refused_where_somebody_holds_the_office_then(tl: Timeline) -> None:
    """The function may move to any date, and sees all that the log holds at that very moment."""
    tl.append(appoint("Ann", "2020"), CEOOusting("2022", company="Acme", person="Ann"))

    def say(person: str, occurred: str) -> None:
        tl.append(
            appoint(person, occurred),
            unless=lambda m: m.as_of(occurred).of(Organisation, "Acme").ceo,
        )

    with pytest.raises(AppendConflict, match="unless= gives 'ann'"):
        say("Bo", "2021")
    say("Bo", "2023")
    with pytest.raises(AppendConflict, match="unless= gives 'bo'"):
        say("Cy", "2024")


def test_a_function_may_ask_of_an_entity_that_the_append_makes(tl: Timeline) -> None:
    """It has the empty state; a name that nobody has is a mistake, and nothing of it is left behind."""
    tl.append(appoint("Ann"), unless=lambda m: m.of(Organisation, "Acme").ceo)
    with pytest.raises(UnknownEntity):
        tl.append(appoint("Bo", company="Bolt"), unless=lambda m: m.of(Organisation, "Blot").ceo)
    with pytest.raises(UnknownEntity):
        tl.as_of().of(Organisation, "Bolt")


@pytest.mark.parametrize("held", [True, False])
def test_a_function_may_use_all_of_a_moment(tmp_path: Path, held: bool) -> None:
    """Inside the transaction that writes, with the file held or not, every question has an answer."""
    tl = opened(path=str(tmp_path / "t.duckdb"), lock_timeout=2)
    tl.append(appoint("Ann"), FundingRound("2020", company="Acme", investors=["Bolt"], amount="$1"))
    asked: list[object] = []

    def ask(moment: Moment) -> None:
        asked.append(moment.between("Acme", "Bolt").rounds)
        asked.append(moment.of(Organisation, "Acme").ceo)
        asked.append([one.who for one in moment.all(Organisation)])
        asked.append(len(moment.table(Organisation)))
        asked.append(str(moment.explain(Organisation, "Acme")))
        asked.append(len(list(tl.as_of().records())))
        asked.append(tl.sql("SELECT count(*) FROM log").rows)

    if held:
        with tl:
            tl.append(appoint("Bo", "2021"), unless=ask)
    else:
        tl.append(appoint("Bo", "2021"), unless=ask)
    assert asked[:2] == [1, "ann"]
    assert asked[2:4] == [[("acme",)], 1]
    assert asked[5:] == [2, ((2,),)]
    assert len(list(opened(path=str(tmp_path / "t.duckdb")).as_of().records())) == 3


@pytest.mark.parametrize(
    ("ask", "wanted"),
    [
        (lambda m: m.of(Organisation, "acme"), [2]),
        (lambda m: m.of(Organisation, "acme").because, [2]),
        (lambda m: m.of(Organisation, "acme").because["ceo"], [2]),
        (lambda m: m.all(Organisation), [2]),
        (lambda m: m.of(Ledger, "acme").because["notes"][0], [1]),
        (lambda _: True, []),
        (lambda _: [None, 3], []),
    ],
)
def test_records_in_an_answer_are_in_the_error(tl: Timeline, ask: Any, wanted: list[int]) -> None:
    """Whether it gives records, a state, what a state rests on, or many of these."""
    tl.append(Noted("2020", subject="acme", topic="mood"), appoint("Ann"))
    with pytest.raises(AppendConflict) as conflict:
        tl.append(appoint("Bo", "2021"), unless=ask)
    assert positions(conflict) == wanted


@pytest.mark.parametrize(
    "ask",
    [
        lambda _: None,
        lambda _: 0,
        lambda _: (),
        lambda _: iter(()),
        lambda m: m.of(Organisation, "bolt"),
        lambda m: m.all(Organisation),
    ],
)
def test_an_answer_that_holds_nothing_is_not_in_the_way(tl: Timeline, ask: Any) -> None:
    """Nothing, an empty collection, or the state of somebody of whom nothing is recorded."""
    tl.append(Noted("2020", subject="Bolt", topic="mood"))
    assert tl.append(appoint("Ann"), unless=ask).head == 2


def test_several_conditions_must_all_hold(tl: Timeline) -> None:
    """Conditions and functions may be mixed; the first that does not hold is told."""
    tl.append(appoint("Ann"))
    fine = Condition(types=FundingRound)
    with pytest.raises(AppendConflict, match="#1"):
        tl.append(appoint("Bo"), unless=[fine, Condition(), lambda _: 1 / 0])
    tl.append(appoint("Bo"), unless=[fine, lambda _: None])


def test_what_a_function_raises_leaves_nothing_behind(tl: Timeline) -> None:
    """The append is rolled back, and the next one is as any other."""
    with pytest.raises(ZeroDivisionError):
        tl.append(appoint("Ann"), unless=lambda _: 1 / 0)
    assert tl.append(appoint("Ann")).head == 1


def test_a_function_that_writes_is_refused(tl: Timeline) -> None:
    """An append inside an append would take the same positions."""
    with pytest.raises(NotAllowed, match="this very call writes"):
        tl.append(appoint("Ann"), unless=lambda _: tl.append(appoint("Bo")))
    assert tl.as_of().basis.position == 0


def test_a_moment_moves_on_its_position(tl: Timeline) -> None:
    """What is not given stays: the date, what was known, the reading of dates, and always the position."""
    tl.append(appoint("Ann", "2020"), known="2020")
    moment = tl.as_of("2021", known="2022", dates="earliest")
    tl.append(appoint("Bo", "2021"), known="2021")
    assert moment.as_of().basis == moment.basis
    moved = moment.as_of("2019", known="then", dates="latest")
    assert moved.basis == tl.as_of("2019", known="then", position=1).basis
    assert moment.as_of("2023").of(Organisation, "acme").ceo == "ann"
    listening = tl.as_of("2023", credence="reported")
    assert listening.as_of("2021").basis == tl.as_of("2021", credence="reported").basis


def test_two_cursors_that_check_the_same_cannot_both_commit(tmp_path: Path) -> None:
    """Of many threads that claim an office if it is free, one gets it (DuckDB alone allows write skew)."""
    with opened(path=str(tmp_path / "t.duckdb"), lock_timeout=60) as tl, ThreadPoolExecutor(8) as pool:

        def claim(n: int) -> bool:
            free = Condition(types=CEOAppointment, entities="Acme")
            asked: Any = free if n % 2 else lambda m: m.of(Organisation, "Acme").ceo
            try:
                tl.append(appoint(f"Person {n}"), unless=asked)
            except AppendConflict:
                return False
            return True

        assert sum(pool.map(claim, range(16))) == 1
        assert tl.as_of().basis.position == 1


def test_statements_of_all_kinds_share_a_condition(tl: Timeline) -> None:
    """One condition is of the commit."""
    tl.append(appoint("Ann"), Noted("2020", subject="Acme", topic="mood"))
    said: list[Statement] = [Assertion(event("noted", "2021", subject="Acme", topic="mood")), Retraction(2)]
    with pytest.raises(AppendConflict):
        tl.append(*said, Correction(1, appoint("Bo")), unless=Condition(after=1))
    assert tl.append(*said, Correction(1, appoint("Bo")), unless=Condition(after=2)).head == 5
