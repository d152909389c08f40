"""Plans: what was announced for when, how that slipped, when it is overdue, and what came of it."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, strategies as st

from events import (
    DeadlineMet,
    DeadlineSet,
    Organisation,
    Project,
    ProjectAnnounced,
    ProjectCancelled,
    ProjectCompleted,
    ProjectPostponed,
    ProjectProgressed,
    ProjectResumed,
    Relationship,
)
from tests import strategies
from tests.ledger import Clock
from tests.oracle import READINGS, Reading
from tests.reuse import in_memory
from timeline import Timeline, When
from timeline.cli import run
from timeline.declare import held
from timeline.errors import CatalogueError
from timeline.moment import Plan
from timeline.moment.plans import Days

STARTS = (ProjectAnnounced, ProjectPostponed, ProjectResumed)
ENDS = (ProjectCompleted, ProjectCancelled)


def plan_of(tl: Timeline, valid: Any = None, **asked: Any) -> Plan:
    """The plan of the project."""
    (plan,) = tl.as_of(valid, **asked).plans(Project, "bridge")
    return plan


def alike(one: When | None, other: When | None) -> bool:
    """Whether both are no date, or the same span."""
    return one is other if one is None or other is None else one.same_span(other)


@st.composite
def _said(draw: st.DrawFn) -> Any:
    occurred = draw(strategies.days() | strategies.plain_dates()).text
    if draw(st.integers(0, 3)) == 0:
        return draw(st.sampled_from(ENDS))(occurred, project="Bridge")
    planned = draw(st.none() | strategies.plain_dates())
    return draw(st.sampled_from(STARTS))(
        occurred, project="Bridge", planned=None if planned is None else planned.text
    )


@given(st.lists(_said(), min_size=1, max_size=6), st.data(), st.sampled_from(READINGS))
def test_a_plan_agrees_with_the_state_and_its_slips_lead_from_date_to_date(
    several: list[Any], data: st.DataObject, dates: Reading
) -> None:
    """At any valid and known; what was believed when is what the state is by what was known then."""
    with in_memory(clock=Clock()) as tl:
        knowns = [data.draw(strategies.days(2018, 2024)).end for _ in several]
        for number, (one, known) in enumerate(zip(several, knowns, strict=True)):
            tl.append(one, known=known, id=f"s{number}")
        limit = data.draw(st.sampled_from([None, *knowns]))
        moment = tl.as_of(data.draw(strategies.days(2018, 2023)).end, known=limit, dates=dates)
        found = moment.plans(Project, "bridge")
        state = moment.of(Project, "bridge")
        assert bool(found) == any(moment.basis.sees(record) for record in tl.as_of().records())
        for plan in found:
            assert plan.planned == state.planned
            assert not any(alike(one.before, one.after) for one in plan.slips)
            pairs = itertools.pairwise(plan.slips)
            assert all(alike(one.after, other.before) for one, other in pairs if other.before)
            assert plan.outcome == "open" or (plan.overdue is None and plan.planned is None)
            if plan.outcome == "open" and plan.slips:
                assert alike(plan.slips[-1].after, plan.planned)
            for belief in plan.believed:
                if belief.known_from is not None:
                    then = tl.as_of(moment.basis.point, known=belief.known_from, dates=dates)
                    assert alike(then.of(Project, "bridge").planned, belief.planned)


@pytest.fixture
def tl() -> Iterator[Timeline]:
    """A bridge that was put off twice and opened late."""
    with in_memory(clock=Clock()) as timeline:
        timeline.append(
            ProjectAnnounced("2020-01-10", project="Bridge", planned="2020-06"), known="2020-01-10", id="a"
        )
        timeline.append(
            ProjectPostponed("2020-05-20", project="Bridge", planned="2020-33"), known="2020-05-20", id="x"
        )
        timeline.correct(
            "x",
            ProjectPostponed("2020-05-20", project="Bridge", planned="2020-35"),
            known="2020-06-01",
            id="b",
        )
        timeline.append(ProjectProgressed("2020-11-02", project="Bridge"), known="2020-11-02", id="p")
        timeline.append(ProjectPostponed("2020-12-01", project="Bridge"), known="2021-01-05", id="c")
        timeline.append(
            ProjectResumed("2021-03-01", project="Bridge", planned="2021-04-30"),
            source={"publisher": "Herald", "published": "2021-03-02"},
            id="d",
        )
        timeline.append(ProjectCompleted("2021-05-04", project="Bridge"), known="2021-05-04", id="e")
        yield timeline


def test_every_slip_from_to_by_how_much_announced_when_and_by_whom(tl: Timeline) -> None:
    """A correction is no slip; a date taken back is one without a length, and the next counts from before."""
    plan = plan_of(tl)
    assert [
        (str(one.before), str(one.after), one.by and str(one.by), one.record.ref) for one in plan.slips
    ] == [
        ("2020-06", "2020-35", "1 to 121 days later", "b"),
        ("2020-35", "None", None, "c"),
        ("None", "2021-04-30", "212 to 303 days later", "d"),
    ]
    last = plan.slips[-1]
    assert (str(last.announced), str(last.known_at.date())) == ("2021-03-01", "2021-03-02")
    assert [one.publisher for one in last.sources] == ["Herald"]


def test_planned_against_actual(tl: Timeline) -> None:
    """First and last date given, when it was done, and by how much that was late."""
    plan = plan_of(tl)
    assert (str(plan.first), str(plan.last), str(plan.actual)) == ("2020-06", "2021-04-30", "2021-05-04")
    assert (plan.outcome, plan.planned, plan.overdue) == ("met", None, None)
    assert plan.late == Days(308, 337)
    tl.retract("e")
    tl.append(ProjectCancelled("2021-05-04", project="Bridge"), id="f")
    plan = plan_of(tl)
    assert (plan.outcome, plan.actual, plan.late) == ("ended", None, None)
    assert plan.ended_by is not None
    assert plan.ended_by.ref == "f"


def test_overdue_with_no_news(tl: Timeline) -> None:
    """From the day after the last that was planned, until it is put off or ends; with the last news."""
    assert plan_of(tl, "2020-09-30").overdue is None
    plan = plan_of(tl, "2020-11-30")
    assert plan.overdue == timedelta(days=61)
    assert plan.news is not None
    assert plan.news.ref == "p"
    assert str(plan).splitlines()[-1] == "  overdue by 61 days; last news 2020-11-02 p (#4)"
    assert plan_of(tl, "2020-12-31", known="then").overdue == timedelta(days=92)
    assert plan_of(tl, "2020-12-31").overdue is None


def test_what_was_believed_when(tl: Timeline) -> None:
    """By what was known, with what was wrong for as long as it was believed."""
    told = [(str(one.known_from)[:10], str(one.planned)) for one in plan_of(tl).believed]
    assert told == [
        ("None", "None"),
        ("2020-01-10", "2020-06"),
        ("2020-05-20", "2020-33"),
        ("2020-06-01", "2020-35"),
        ("2021-01-05", "None"),
        ("2021-03-02", "2021-04-30"),
        ("2021-05-04", "None"),
    ]
    assert str(plan_of(tl, known="2020-05-25").believed[-1].planned) == "2020-33"


def test_deadlines_are_plans_too() -> None:
    """One for each goal, also between two; a date moved is a slip."""
    with in_memory(clock=Clock()) as tl:
        for occurred, date in ("2020", "2021-06-30"), ("2021-05", "2021-12-31"):
            tl.append(DeadlineSet(occurred, organisation="Acme", goal="list", due=date, towards=["Ann"]))
        tl.append(DeadlineSet("2020", organisation="Acme", goal="merge", due="2022"))
        tl.append(DeadlineMet("2021-11-30", organisation="Acme", goal="list", towards=["Ann"]))
        found: dict[str, Plan] = {plan.key: plan for plan in tl.as_of("2023").plans(Organisation, "acme")}
        met, due = found["list"], found["merge"]
        assert (met.key, met.outcome, str(met.late)) == ("list", "met", "153 days later")
        assert [str(one.by) for one in met.slips] == ["184 days later"]
        assert (due.key, due.outcome, due.overdue) == ("merge", "open", timedelta(days=365))
        (pair,) = tl.as_of("2021-06").plans(Relationship, "ann", "acme")
        assert (pair.key, str(pair.planned)) == (("acme", "list"), "2021-12-31")
        assert pair.title == "Acme – Ann: Acme / list, end of 2021-06-30 UTC"


@pytest.mark.parametrize(
    ("one", "other", "told"),
    [
        ("2020-01-01", "2020-01-01", "the same day"),
        ("2020-01-01", "2020-01-02", "1 day later"),
        ("2020-03-01", "2020-02-28", "2 days earlier"),
        ("2020-01", "2020-01", "from 30 days earlier to 30 days later"),
        ("2020-02", "2020-01", "1 to 59 days earlier"),
        ("2020-01-01", "2020-02/..", "at least 31 days later"),
        ("2020-02-01", "[..2020-01-01]", "at least 31 days earlier"),
        ("2020-02-01", "[..2020-03-01]", "by how much is not known"),
    ],
)
def test_by_how_much_one_date_is_later_than_another(one: str, other: str, told: str) -> None:
    """As a span of days where either is imprecise."""
    assert str(Days.between(When(one), When(other))) == told


def test_a_state_says_which_field_holds_a_plan(tl: Timeline) -> None:
    """Another one is refused, and so is a declaration that names what does not fit."""
    with pytest.raises(CatalogueError, match=r"project\.status holds no plan; those that do: planned"):
        tl.as_of().plans(Project, "bridge", field="status")
    with pytest.raises(CatalogueError, match="say which plan of person; those that do: none"):
        tl.as_of().plans("person", "bridge")
    with pytest.raises(CatalogueError, match="among the ends"):
        held(starts=ProjectAnnounced, ends=ProjectCompleted, of="project", met=ProjectCancelled).bound(1)
    with pytest.raises(CatalogueError, match="is no date"):
        held(starts=ProjectAnnounced, of="project", due="budget").bound(1)


def test_at_the_command_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """In words and in JSON."""
    path = str(tmp_path / "t.duckdb")
    tl = Timeline.open(path)
    tl.append(ProjectAnnounced("2020", project="Bridge", planned="2020-06-30"), known="2020")
    tl.append(ProjectCancelled("2021-02", project="Bridge"), known="2021-03")
    asked = ["slips", "project", "bridge", "--db", path]
    assert run([*asked, "--as-of", "2021-01-01"]) == 0
    assert capsys.readouterr().out.splitlines() == [
        "Bridge: planned, end of 2021-01-01 UTC",
        "  first planned for 2020-06-30",
        "  overdue by 185 days; last news 2020 #1",
    ]
    assert run([*asked, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)[0]["outcome"] == "ended"
    tl.append(ProjectProgressed("2021", project="Bridge", partners=["Ann"]))
    assert run(["slips", "organisation", "ann", "--db", path]) == 0
    assert capsys.readouterr().err == "nothing is planned\n"
