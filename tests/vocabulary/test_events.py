"""What single event types ask for, how they read, and what the states make of them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from events import (
    AcquisitionAbandoned,
    AcquisitionAgreed,
    AgreementEnded,
    AgreementSigned,
    Announcement,
    Assessment,
    CadenceChanged,
    CEOAppointment,
    CEOOusting,
    CEOResignation,
    ClaimedTotal,
    DeadlineMet,
    DeadlineSet,
    DisputeOpened,
    DisputeSettled,
    EntityNamed,
    EntityRenamed,
    ExclusivityDeal,
    ExclusivityEnd,
    FigureReported,
    FundingRound,
    InvestmentPlan,
    Meeting,
    OfficeLeft,
    OfficeTaken,
    Organisation,
    Person,
    PositionTaken,
    ProceedingClosed,
    ProceedingOpened,
    ProductLaunch,
    Project,
    ProjectAnnounced,
    ProjectCancelled,
    ProjectCompleted,
    ProjectPostponed,
    ProjectProgressed,
    ProjectResumed,
    ProjectStarted,
    Relationship,
    Remark,
    Restructured,
    RightEnded,
    RightExercised,
    RightGranted,
    RightWaived,
    StakeReported,
    TeamAcquisition,
)
from timeline.declare import Event, Funds, Money, State, When
from timeline.errors import BadMoney, BadText, InvalidData
from timeline.moment.replay import Answer, replay
from timeline.records import Record
from timeline.vocabulary import sentence

EPOCH = datetime(2030, 1, 1, tzinfo=UTC)


def said(events: Iterable[Event]) -> list[Record]:
    """Records of these events, said in this order."""
    return [
        Record(
            position=position,
            id=UUID(int=position),
            ref=None,
            kind="assertion",
            type=event.__timeline__.name,
            version=1,
            occurred=event.occurred,
            known_at=EPOCH,
            recorded_at=EPOCH,
            sources=(),
            credence="reported",
            actor=None,
            note=None,
            target=None,
            origin=position,
            data=None,
            names={},
            event=event,
            summary="",
        )
        for position, event in enumerate(events, start=1)
    ]


def answer(state: type[State], who: tuple[str, ...], at: str, *events: Event) -> Answer:
    point = When(at).latest
    assert point is not None
    return replay(state.__timeline__, who, said(events), point, "latest")


def of(state: type[State], who: str, at: str, *events: Event) -> dict[str, Any]:
    return dict(answer(state, (who,), at, *events).values)


def between(one: str, other: str, at: str, *events: Event) -> dict[str, Any]:
    return dict(answer(Relationship, (one, other), at, *events).values)


def test_a_round_may_have_several_investors_one_or_none_known() -> None:
    for investors in (["A", "B"], "A", []):
        assert FundingRound("2020", company="C", investors=investors, amount=None)


def test_a_negative_amount_is_refused() -> None:
    with pytest.raises(BadMoney, match="negative"):
        FundingRound("2020", company="C", investors=[], amount="-5 USD")


def test_an_amount_may_be_inexact() -> None:
    one = FundingRound("2020", company="C", investors=[], amount="up to $500bn")
    assert one.amount == Money(500_000_000_000, "USD", "up to")


def test_a_blank_company_is_refused_by_name() -> None:
    with pytest.raises(InvalidData, match=r"funding_round\.company: ' ' is blank"):
        FundingRound("2020", company=" ", investors=[], amount=None)


def test_only_what_is_known_is_told() -> None:
    assert sentence(FundingRound("2020", company="C", investors=[], amount=None), str) == "C raises money"


def test_joint_rounds_are_kept_apart_from_those_of_one() -> None:
    events = (
        FundingRound("2020", company="c", investors=["a"], amount="1m EUR"),
        FundingRound("2021", company="c", investors=["a", "b"], amount="about 5m EUR"),
        FundingRound("2022", company="c", investors=["a"], amount=None),
    )
    funds = Funds({"EUR": Decimal(1_000_000)}, {"EUR": Decimal(5_000_000)}, undisclosed=1, inexact=1)
    pair = between("a", "c", "2023", *events)
    assert (pair["rounds"], pair["invested"]["a"]) == (3, funds)
    assert of(Organisation, "a", "2023", *events)["put_in"] == funds
    assert of(Organisation, "c", "2023", *events)["raised"].wholly == {"EUR": Decimal(6_000_000)}


def test_a_claimed_total_is_never_added() -> None:
    claim = ClaimedTotal("2023", company="c", investors=["a"], amount="over 9m EUR")
    pair = between("a", "c", "2023", claim)
    assert (pair["rounds"], pair["invested"], pair["claimed"]) == (0, {}, {"a": claim})


def test_a_plan_restated_replaces_the_former_and_reaches_each_partner() -> None:
    first = InvestmentPlan("2024", plan="p", partners=["a", "b"], amount="5bn EUR")
    second = InvestmentPlan("2025", plan="p", partners=["a", "b"], amount="up to 6bn EUR")
    for who in "a", "b":
        assert of(Organisation, who, "2024", first, second)["plans"] == {"p": first}
        assert of(Organisation, who, "2025", first, second)["plans"] == {"p": second}
    assert of(Organisation, "a", "2025", first)["put_in"] == Funds()


def test_exclusivity_runs_out_by_its_term_that_day_included() -> None:
    deal = ExclusivityDeal("2025-05", grantor="a", grantee="b", scope="s", until="2025-07-11")
    assert between("a", "b", "2025-07-11", deal)["exclusivities"] == {("a", "s"): deal}
    assert between("a", "b", "2025-07-12", deal)["exclusivities"] == {}


def test_an_end_closes_the_same_scope_only() -> None:
    deals = [ExclusivityDeal("2020", grantor="a", grantee="b", scope=scope) for scope in ("s", "t")]
    end = ExclusivityEnd("2021", grantor="a", grantee="b", scope="s")
    assert list(between("a", "b", "2021", *deals, end)["exclusivities"]) == [("a", "t")]


def test_a_right_is_held_whether_it_is_used_or_not_until_it_ends() -> None:
    right: dict[str, Any] = {"holder": "b", "grantor": "a", "form": "first refusal", "subject": "cloud"}
    events = [
        RightGranted("2020", **right),
        RightWaived("2021", **right),
        RightExercised("2022", **right),
        RightEnded("2023", **right),
    ]
    key = ("b", "first refusal", "cloud")
    states = [between("a", "b", year, *events) for year in ("2020", "2021", "2022", "2023")]
    assert [state["right_status"][key] for state in states] == ["held", "waived", "exercised", "ended"]
    assert [key in state["rights"] for state in states] == [True, True, True, False]


def test_a_right_of_another_form_is_refused() -> None:
    with pytest.raises(
        InvalidData, match=r"right_granted\.form: 'veto' is not one of first refusal, .*block"
    ):
        RightGranted("2020", holder="b", grantor="a", form="veto", subject="s")  # type: ignore[arg-type]


def test_a_deadline_does_not_lapse_by_the_clock() -> None:
    deadline = DeadlineSet("2025-01", organisation="a", goal="g", due="2025-12-31", towards=["b"])
    met = DeadlineMet("2026-03", organisation="a", goal="g", towards=["b"])
    assert of(Organisation, "a", "2026-02", deadline, met)["deadlines"] == {"g": deadline}
    assert of(Organisation, "a", "2026-03", deadline, met)["deadlines"] == {}
    assert between("a", "b", "2026-02", deadline, met)["deadlines"] == {("a", "g"): deadline}
    assert between("a", "b", "2026-03", deadline, met)["deadlines"] == {}


def test_an_agreement_runs_until_its_term_or_its_end() -> None:
    signed = AgreementSigned("2020", parties=["a", "b"], form="licence", subject="s", until="2032")
    ended = AgreementEnded("2030", parties=["b", "a"], subject="s")
    assert between("a", "b", "2029", signed, ended)["agreements"] == {"s": signed}
    assert between("a", "b", "2031", signed, ended)["agreements"] == {}
    assert between("a", "b", "2032", signed)["agreements"] == {"s": signed}
    assert between("a", "b", "2033", signed)["agreements"] == {}


def test_interim_is_told_and_held() -> None:
    one = CEOAppointment("2023-11-17", company="c", person="p", interim=True)
    assert sentence(one, str) == "p becomes interim CEO of c"
    state = of(Organisation, "c", "2024", one)
    assert (state["ceo"], state["ceo_interim"], state["ceo_since"]) == ("p", True, When("2023-11-17"))


def test_a_successor_replaces_and_a_late_ousting_of_the_former_changes_nothing() -> None:
    events = (
        CEOAppointment("2020", company="c", person="p"),
        CEOAppointment("2021", company="c", person="q"),
        CEOOusting("2022", company="c", person="p"),
    )
    assert of(Organisation, "c", "2023", *events)["ceo"] == "q"


def test_after_a_resignation_there_is_none() -> None:
    gone = CEOResignation("2021", company="c", person="p")
    events = (CEOAppointment("2020", company="c", person="p"), gone)
    state = of(Organisation, "c", "2022", *events)
    assert (state["ceo"], state["ceo_interim"], state["ceo_since"]) == (None, None, None)
    assert of(Person, "p", "2022", *events)["ceo_last_said"] == {"c": gone}


def test_a_seat_reaches_the_organisation_the_person_and_who_appointed() -> None:
    seat: dict[str, Any] = {"organisation": "c", "office": "director", "person": "p", "appointed_by": "a"}
    taken = OfficeTaken("2020", seat="director", voting=True, **seat)
    left = OfficeLeft("2022", **seat)
    assert sentence(taken, str) == "p becomes voting director at c, appointed by a"
    assert of(Organisation, "c", "2021", taken, left)["offices"] == {("director", "p"): taken}
    assert of(Person, "p", "2021", taken, left)["offices"] == {("c", "director"): taken}
    for who in "a", "p":
        assert list(between(who, "c", "2021", taken, left)["offices"]) == [("c", "director", "p")]
        assert between(who, "c", "2022", taken, left)["offices"] == {}


def test_an_office_may_be_filled_by_someone_not_named() -> None:
    taken = OfficeTaken("2020", organisation="c", office="observer", voting=False, appointed_by="a")
    left = OfficeLeft("2021", organisation="c", office="observer", appointed_by="a")
    assert "voting" not in sentence(taken, str)
    assert between("a", "c", "2020", taken, left)["offices"] == {("c", "observer", None): taken}
    assert between("a", "c", "2021", taken, left)["offices"] == {}


@pytest.mark.parametrize("share", ["-1", "100.5"])
def test_a_share_is_a_percentage(share: str) -> None:
    with pytest.raises(InvalidData, match=r"stake_reported\.share: .* is no percentage from 0 to 100"):
        StakeReported("2025", holder="a", company="c", share=share)


def test_a_share_as_a_float_is_refused() -> None:
    with pytest.raises(BadText, match="write the number as text"):
        StakeReported("2025", holder="a", company="c", share=27.1)  # type: ignore[arg-type]


def test_the_last_stake_counts_on_both_sides() -> None:
    events = [
        StakeReported("2024", holder="a", company="c", share="49", bound="up to"),
        StakeReported("2025", holder="a", company="c", share="27", bound="about"),
    ]
    assert sentence(events[1], str) == "a holds about 27 % of c"
    assert of(Organisation, "c", "2025", *events)["owners"] == {"a": events[1]}
    assert of(Organisation, "a", "2025", *events)["stakes"] == {"c": events[1]}
    assert between("a", "c", "2025", *events)["stakes"] == {"a": events[1]}


def test_a_deal_has_the_status_last_told() -> None:
    events = (
        AcquisitionAgreed("2025-05", buyer="a", company="c", price="3bn USD"),
        AcquisitionAbandoned("2025-07", buyer="a", company="c"),
        TeamAcquisition("2025-08", buyer="b", company="c", people=["p"]),
    )
    assert between("a", "c", "2025-06", *events)["deals"] == {("a", "c"): "agreed"}
    assert between("a", "c", "2025-08", *events)["deals"] == {("a", "c"): "abandoned"}
    assert of(Organisation, "b", "2025-08", *events)["acquisitions"] == {"c": "team taken on"}


def test_an_organisation_has_a_status_for_each_kind_of_change() -> None:
    events = (
        Restructured("2019", organisation="c", change="legal form", result="capped-profit company"),
        Restructured("2024", organisation="c", change="merger", result="merged with b", others=["b"]),
        Restructured("2025", organisation="c", change="legal form", result="public-benefit corporation"),
    )
    status = {"legal form": "public-benefit corporation", "merger": "merged with b"}
    assert of(Organisation, "c", "2025", *events)["status"] == status
    assert between("b", "c", "2025", *events)["restructured"] == {("c", "merger"): "merged with b"}


STORY = (
    ProjectAnnounced("2025-03", project="m", partners=["a", "b"], rivals=["r"], planned="2025-06"),
    ProjectStarted("2025-04", project="m", partners=["a", "b"]),
    ProjectProgressed("2025-05", project="m", partners=["a", "b"], pace="slow"),
    ProjectPostponed("2025-06", project="m", partners=["a", "b"], planned="[2025-07..2025-09]"),
    ProjectPostponed("2025-07", project="m", partners=["a"]),
    ProjectResumed("2025-08", project="m", planned="2025-33"),
    ProjectCompleted("2025-09", project="m"),
)


@pytest.mark.parametrize(
    ("month", "status", "planned", "postponed"),
    [
        ("2025-03", "announced", "2025-06", 0),
        ("2025-05", "under way", "2025-06", 0),
        ("2025-06", "postponed", "[2025-07..2025-09]", 1),
        ("2025-07", "postponed", None, 2),
        ("2025-08", "resumed", "2025-33", 2),
        ("2025-09", "completed", None, 2),
    ],
)
def test_a_plan_slips_as_told_and_never_comes_true_by_the_clock(
    month: str, status: str, planned: str | None, postponed: int
) -> None:
    state = of(Project, "m", month, *STORY)
    expected = None if planned is None else When(planned)
    assert (state["status"], state["planned"], state["postponed"]) == (status, expected, postponed)


def test_whoever_was_named_stays_a_partner() -> None:
    state = of(Project, "m", "2025-09", *STORY)
    assert state["partners"] == {"a": "postponed", "b": "postponed"}
    assert state["rivals"] == {"r": "announced"}


def test_a_project_reaches_its_partners_and_those_at_whom_it_is_aimed() -> None:
    assert between("a", "b", "2025-06", *STORY)["projects"] == {"m": "postponed"}
    assert between("a", "r", "2025-06", *STORY)["rival_projects"] == {"m": "announced"}
    assert between("b", "r", "2025-06", *STORY)["projects"] == {}
    cancelled = ProjectCancelled("2025-05", project="n", partners="a")
    assert of(Organisation, "a", "2025-05", cancelled)["projects"] == {"n": "cancelled"}


def test_a_product_counts_from_its_first_launch() -> None:
    first = ProductLaunch("2022-11-30", product="p", makers=["a"])
    again = ProductLaunch("2023", product="p", makers=["a"], detail="as an app")
    assert of(Organisation, "a", "2024", again, first)["products"] == {"p": first}


@pytest.mark.parametrize("given", [{}, {"number": "1", "amount": "1 USD"}])
def test_a_figure_is_a_number_or_an_amount(given: dict[str, Any]) -> None:
    with pytest.raises(InvalidData, match="either a number or an amount"):
        FigureReported("2025", of="p", measure="users", **given)


def test_an_amount_says_itself_how_exact_it_is() -> None:
    with pytest.raises(InvalidData, match="say it in the amount: 'over …'"):
        FigureReported("2025", of="a", measure="revenue", amount="1bn USD", bound="over")


def test_a_figure_of_a_product_reaches_whose_it_is() -> None:
    users = FigureReported("2025", of="p", organisation="a", measure="users", number="5_000", bound="over")
    money = FigureReported("2025", of="a", measure="revenue", amount="over 1bn USD", period="2024")
    assert users.number == Decimal(5000)
    assert sentence(money, str) == "a: over $1bn revenue in 2024"
    figures = {("p", "users"): users, ("a", "revenue"): money}
    assert of(Organisation, "a", "2025", users, money)["figures"] == figures
    assert of(Organisation, "p", "2025", users, money)["figures"] == {("p", "users"): users}


def test_contact_reaches_every_pair_of_people_and_organisations() -> None:
    met = Meeting("2018", people=["p", "q"], organisations=["a", "b"], place="Sun Valley")
    often = CadenceChanged("2020", people=["p", "q"], organisations=["a", "b"], cadence="weekly")
    for pair in (("a", "b"), ("p", "q"), ("a", "q"), ("p", "a")):
        state = between(*pair, "2020", met, often)
        assert (state["last_contact"], state["cadence"]) == (met, "weekly")
    assert between("a", "c", "2020", met, often)["last_contact"] is None


def test_a_cadence_is_one_of_a_few() -> None:
    with pytest.raises(InvalidData, match="'now and then' is not one of daily, weekly"):
        CadenceChanged(
            "2020",
            people=["p"],
            organisations=["a"],
            cadence="now and then",  # type: ignore[arg-type]
        )


def test_words_and_judgements_reach_those_they_are_about() -> None:
    remark = Remark("2019", made_by="p", about=["a", "b"], words="none better", sentiment="positive")
    news = Announcement("2020", made_by=["a"], what="peace", about=["b"], absent=["q"])
    view = Assessment("2021", about=["a", "b"], aspect="outlook", judgement="uncertain", caused_by="A17")
    state = between("a", "b", "2021", remark, news, view)
    assert state["last_remark"] == remark
    assert state["last_announcement"] == news
    assert state["assessments"] == {"outlook": view}
    assert of(Organisation, "a", "2021", view)["assessments"] == {"outlook": view}
    assert sentence(news, str) == "announced by a: peace (about b), in the absence of q"


def test_a_dispute_told_twice_is_one_and_leaves_nothing_unsettled() -> None:
    events = (
        DisputeOpened("2025-05~", parties=["a", "b"], subject="s"),
        DisputeOpened("[..2025-05]", parties=["b", "a"], subject="s", detail="worse"),
    )
    found = answer(Relationship, ("a", "b"), "2025-06", *events)
    assert found.values["disputes"] == {"s": "open"}
    assert not found.unsettled["disputes"]


def test_a_settled_dispute_is_no_longer_open_and_positions_stay() -> None:
    stances = [
        PositionTaken("2024", parties=["a", "b"], subject="s", held_by=who, stance=stance)
        for who, stance in (("a", "yes"), ("b", "no"))
    ]
    opened = DisputeOpened("2023", parties=["a", "b"], subject="s")
    settled = DisputeSettled("2025", parties=["a", "b"], subject="s", outcome="a is right")
    state = between("a", "b", "2025", opened, *stances, settled)
    assert state["disputes"] == {}
    assert state["positions"] == {("s", "a"): stances[0], ("s", "b"): stances[1]}


def test_a_proceeding_reaches_both_sides_until_it_closes() -> None:
    opened = ProceedingOpened("2024", matter="m", form="lawsuit", brought_by="p", against=["a", "b"])
    closed = ProceedingClosed("2026", matter="m", brought_by="p", against=["a", "b"], outcome="withdrawn")
    for who in "p", "a", "b":
        assert of(Organisation, who, "2025", opened, closed)["proceedings"] == {"m": opened}
        assert of(Organisation, who, "2026", opened, closed)["proceedings"] == {}
    assert between("p", "b", "2025", opened, closed)["proceedings"] == {"m": opened}
    assert between("a", "b", "2025", opened, closed)["proceedings"] == {}


@pytest.mark.parametrize("naming", [EntityNamed, EntityRenamed])
def test_a_blank_name_is_refused(naming: type[EntityNamed | EntityRenamed]) -> None:
    with pytest.raises(InvalidData, match=r"\.name: ' ' is blank"):
        naming("2020", entity="a", name=" ")
