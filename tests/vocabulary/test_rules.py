"""What does not add up: every rule with what violates it surely, perhaps, and not at all."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

import pytest

import events
from tests.ledger import Clock
from tests.reuse import in_memory
from timeline import Assertion, Timeline
from timeline.declare import Event, agree, at_most_one, nothing_after, opposed, sums_up, term_in_order
from timeline.errors import CatalogueError, DoesNotAddUp, NotAllowed, UnknownType, WrongBasis
from timeline.formats.loading import load
from timeline.vocabulary import Catalogue

SEEDS: Final = Path(__file__).parents[2] / "seeds"
ABOUT: Final = {"company": "Acme"}


@pytest.fixture
def tl() -> Iterator[Timeline]:
    """An empty timeline of the vocabulary of deals."""
    with in_memory(clock=Clock()) as timeline:
        yield timeline


def told(tl: Timeline, rule: str, **basis: Any) -> list[tuple[bool, list[str]]]:
    """What violates a rule: whether surely, and the marks of the records."""
    return [
        (one.certain, [str(record.ref) for record in one.records])
        for one in tl.as_of(**basis).check(rules=rule)
    ]


def say(tl: Timeline, **marked: Event) -> None:
    """Say events, each under its mark."""
    tl.append(*(Assertion(event, id=mark) for mark, event in marked.items()))


def appointed(occurred: str, person: str) -> Event:
    return events.CEOAppointment(occurred, company="Acme", person=person)


def ousted(occurred: str, person: str) -> Event:
    return events.CEOOusting(occurred, company="Acme", person=person)


def office(occurred: str, person: str, office: str = "CFO") -> Event:
    return events.OfficeTaken(occurred, organisation="Acme", person=person, office=office)


def left(occurred: str, person: str, office: str = "CFO") -> Event:
    return events.OfficeLeft(occurred, organisation="Acme", person=person, office=office)


def deal(occurred: str, grantee: str, until: str | None = None, scope: str = "cloud") -> Event:
    return events.ExclusivityDeal(occurred, grantor="Acme", grantee=grantee, scope=scope, until=until)


def deal_ended(occurred: str, grantee: str) -> Event:
    return events.ExclusivityEnd(occurred, grantor="Acme", grantee=grantee, scope="cloud")


def project(kind: type[Event], occurred: str) -> Event:
    return kind(occurred, project="Hyperloop")  # type: ignore[call-arg]


def right(kind: type[Event], occurred: str) -> Event:
    return kind(occurred, holder="Acme", grantor="Bolt", form="option", subject="shares")  # type: ignore[call-arg]


def funded(occurred: str, amount: str | None, *investors: str) -> Event:
    return events.FundingRound(occurred, **ABOUT, investors=investors or ("Vest",), amount=amount)


def claimed(occurred: str, amount: str, *investors: str) -> Event:
    return events.ClaimedTotal(occurred, **ABOUT, investors=investors or ("Vest",), amount=amount)


def figure(occurred: str, number: str, **more: Any) -> Event:
    return events.FigureReported(occurred, of="Acme", measure="users", number=number, **more)


Case = tuple[str, dict[str, Event], list[tuple[bool, list[str]]]]
CASES: Final[Mapping[str, Case]] = {
    "an appointment replaces": (
        "one_ceo",
        {"a": appointed("2015", "Ann"), "b": appointed("2020", "Bob")},
        [],
    ),
    "ousted after another was appointed": (
        "one_ceo",
        {"a": appointed("2015", "Ann"), "b": appointed("2020-03", "Bob"), "c": ousted("2021", "Ann")},
        [(True, ["a", "b", "c"])],
    ),
    "ousted perhaps after another was appointed": (
        "one_ceo",
        {"a": appointed("2015", "Ann"), "b": appointed("2020-03", "Bob"), "c": ousted("2020", "Ann")},
        [(False, ["a", "b", "c"])],
    ),
    "two appointed on the same day": (
        "one_ceo",
        {"a": appointed("2020-03-01", "Ann"), "b": appointed("2020-03-01", "Bob")},
        [(False, ["a", "b"])],
    ),
    "succeeded on the same day": (
        "one_ceo",
        {
            "a": appointed("2015", "Ann"),
            "b": appointed("2020-03-01", "Bob"),
            "c": ousted("2020-03-01", "Ann"),
        },
        [],
    ),
    "succeeded on the same day, at other hours": (
        "one_ceo",
        {
            "a": appointed("2015", "Ann"),
            "b": appointed("2020-03-01T09:00", "Bob"),
            "c": ousted("2020-03-01T17:00", "Ann"),
        },
        [],
    ),
    "succeeded in the same month": (
        "one_ceo",
        {"a": appointed("2015", "Ann"), "b": appointed("2020-03", "Bob"), "c": ousted("2020-03", "Ann")},
        [],
    ),
    "appointed again before being ousted": (
        "one_ceo",
        {
            "a": appointed("2015", "Ann"),
            "b": appointed("2017", "Bob"),
            "c": appointed("2018", "Ann"),
            "d": ousted("2020", "Ann"),
        },
        [],
    ),
    "two in one office, the first known to have left later": (
        "one_holder",
        {"a": office("2015", "Ann"), "b": office("2017", "Bob"), "c": left("2019", "Ann")},
        [(True, ["a", "b", "c"])],
    ),
    "two in one office, the first perhaps gone": (
        "one_holder",
        {"a": office("2015", "Ann"), "b": office("2017", "Bob")},
        [(False, ["a", "b"])],
    ),
    "an office however it is written": (
        "one_holder",
        {"a": office("2015", "Ann", "cfo"), "b": office("2017", "Bob", "CFO")},
        [(False, ["a", "b"])],
    ),
    "one office after the other": (
        "one_holder",
        {"a": office("2015", "Ann"), "b": left("2017-05-01", "Ann"), "c": office("2017-05-01", "Bob")},
        [],
    ),
    "an office that several fill": (
        "one_holder",
        {"a": office("2015", "Ann", "vice president"), "b": office("2017", "Bob", "vice president")},
        [],
    ),
    "another grantee while exclusive": (
        "exclusive",
        {"a": deal("2015", "Bolt"), "b": deal("2018", "Crux")},
        [(True, ["a", "b"])],
    ),
    "another grantee within the term": (
        "exclusive",
        {"a": deal("2015", "Bolt", "2019"), "b": deal("2018", "Crux")},
        [(True, ["a", "b"])],
    ),
    "another grantee perhaps within the term": (
        "exclusive",
        {"a": deal("2015", "Bolt", "2018-06"), "b": deal("2018", "Crux")},
        [(False, ["a", "b"])],
    ),
    "another grantee on the day of the end": (
        "exclusive",
        {"a": deal("2015", "Bolt"), "b": deal_ended("2018-06-01", "Bolt"), "c": deal("2018-06-01", "Crux")},
        [],
    ),
    "another grantee after the term": (
        "exclusive",
        {"a": deal("2015", "Bolt", "2017"), "b": deal("2018", "Crux")},
        [],
    ),
    "another scope": (
        "exclusive",
        {"a": deal("2015", "Bolt"), "b": deal("2018", "Crux", scope="chips")},
        [],
    ),
    "postponed after completion": (
        "completed",
        {"a": project(events.ProjectCompleted, "2020-05"), "b": project(events.ProjectPostponed, "2020-06")},
        [(True, ["a", "b"])],
    ),
    "postponed perhaps after completion": (
        "completed",
        {"a": project(events.ProjectCompleted, "2020-05"), "b": project(events.ProjectPostponed, "2020")},
        [(False, ["a", "b"])],
    ),
    "postponed, then completed": (
        "completed",
        {"a": project(events.ProjectPostponed, "2020-05"), "b": project(events.ProjectCompleted, "2020-06")},
        [],
    ),
    "begun anew after completion": (
        "completed",
        {
            "a": project(events.ProjectCompleted, "2020"),
            "b": project(events.ProjectStarted, "2021"),
            "c": project(events.ProjectPostponed, "2022"),
        },
        [],
    ),
    "completed after cancellation": (
        "cancelled",
        {"a": project(events.ProjectCancelled, "2020"), "b": project(events.ProjectCompleted, "2021")},
        [(True, ["a", "b"])],
    ),
    "completed perhaps after cancellation": (
        "cancelled",
        {"a": project(events.ProjectCancelled, "2020"), "b": project(events.ProjectCompleted, "2020-07")},
        [(False, ["a", "b"])],
    ),
    "taken up again after cancellation": (
        "cancelled",
        {
            "a": project(events.ProjectCancelled, "2020"),
            "b": project(events.ProjectResumed, "2021"),
            "c": project(events.ProjectCompleted, "2022"),
        },
        [],
    ),
    "a right used after it ended": (
        "right_over",
        {"a": right(events.RightEnded, "2020"), "b": right(events.RightExercised, "2021")},
        [(True, ["a", "b"])],
    ),
    "a right used perhaps after it ended": (
        "right_over",
        {"a": right(events.RightEnded, "2020"), "b": right(events.RightExercised, "2020-03")},
        [(False, ["a", "b"])],
    ),
    "a right used before it ended": (
        "right_over",
        {"a": right(events.RightExercised, "2019"), "b": right(events.RightEnded, "2020")},
        [],
    ),
    "a purchase that falls through after it was closed": (
        "purchase_closed",
        {
            "a": events.AcquisitionClosed("2020", buyer="Bolt", **ABOUT),
            "b": events.AcquisitionAbandoned("2021", buyer="Bolt", **ABOUT),
        },
        [(True, ["a", "b"])],
    ),
    "a purchase that perhaps falls through after it was closed": (
        "purchase_closed",
        {
            "a": events.AcquisitionClosed("2020-05", buyer="Bolt", **ABOUT),
            "b": events.AcquisitionAbandoned("2020", buyer="Bolt", **ABOUT),
        },
        [(False, ["a", "b"])],
    ),
    "a purchase that fell through before it was closed": (
        "purchase_closed",
        {
            "a": events.AcquisitionAbandoned("2020", buyer="Bolt", **ABOUT),
            "b": events.AcquisitionClosed("2021", buyer="Bolt", **ABOUT),
        },
        [],
    ),
    "money for the dissolved": (
        "dissolved",
        {
            "a": events.Restructured("2020", organisation="Acme", change="dissolution", result="gone"),
            "b": funded("2021", "1m USD"),
        },
        [(True, ["a", "b"])],
    ),
    "money perhaps for the dissolved": (
        "dissolved",
        {
            "a": events.Restructured("2020", organisation="Acme", change="dissolution", result="gone"),
            "b": funded("2020-05", "1m USD"),
        },
        [(False, ["a", "b"])],
    ),
    "money for the listed": (
        "dissolved",
        {
            "a": events.Restructured("2020", organisation="Acme", change="listing", result="listed"),
            "b": funded("2021", "1m USD"),
        },
        [],
    ),
    "a term that ends before it starts": (
        "terms",
        {"a": deal("2020", "Bolt", "2019")},
        [(True, ["a"])],
    ),
    "a term that perhaps ends before it starts": (
        "terms",
        {"a": deal("2020", "Bolt", "2020-06")},
        [(False, ["a"])],
    ),
    "a term of a day": ("terms", {"a": deal("2020-06-01", "Bolt", "2020-06-01")}, []),
    "due before it is set": (
        "due",
        {"a": events.DeadlineSet("2020", organisation="Acme", goal="profit", due="2019")},
        [(True, ["a"])],
    ),
    "perhaps due before it is set": (
        "due",
        {"a": events.DeadlineSet("2020", organisation="Acme", goal="profit", due="2020-02")},
        [(False, ["a"])],
    ),
    "due after it is set": (
        "due",
        {"a": events.DeadlineSet("2020", organisation="Acme", goal="profit", due="2021")},
        [],
    ),
    "less than claimed": (
        "claimed_total",
        {"a": claimed("2022", "10m USD"), "b": funded("2020", "4m USD"), "c": funded("2021", "5m USD")},
        [(True, ["a", "b", "c"])],
    ),
    "more than claimed": (
        "claimed_total",
        {"a": claimed("2022", "up to 8m USD"), "b": funded("2020", "4m USD"), "c": funded("2021", "5m USD")},
        [(True, ["a", "b", "c"])],
    ),
    "as claimed, if what is not disclosed makes up for it": (
        "claimed_total",
        {"a": claimed("2022", "10m USD"), "b": funded("2020", "4m USD"), "c": funded("2021", None)},
        [(False, ["a", "b", "c"])],
    ),
    "as claimed, if the inexact makes up for it": (
        "claimed_total",
        {"a": claimed("2022", "10m USD"), "b": funded("2020", "over 4m USD")},
        [(False, ["a", "b"])],
    ),
    "as claimed, if another currency makes up for it": (
        "claimed_total",
        {"a": claimed("2022", "10m USD"), "b": funded("2020", "4m USD"), "c": funded("2021", "5m EUR")},
        [(False, ["a", "b", "c"])],
    ),
    "over what is claimed": (
        "claimed_total",
        {"a": claimed("2022", "over 8m USD"), "b": funded("2020", "4m USD"), "c": funded("2021", "5m USD")},
        [],
    ),
    "about what is claimed": (
        "claimed_total",
        {"a": claimed("2022", "about 10m USD"), "b": funded("2020", "4m USD"), "c": funded("2021", "5m USD")},
        [],
    ),
    "as claimed by then": (
        "claimed_total",
        {"a": claimed("2020-12-31", "4m USD"), "b": funded("2020", "4m USD"), "c": funded("2021", "5m USD")},
        [],
    ),
    "claimed of one of several": (
        "claimed_total",
        {"a": claimed("2022", "2m USD", "Vest"), "b": funded("2020", "4m USD", "Vest", "Seed")},
        [],
    ),
    "claimed, and nothing to compare": ("claimed_total", {"a": claimed("2022", "2m USD")}, []),
    "two figures for one period": (
        "figures",
        {"a": figure("2021", "500", period="2020"), "b": figure("2022", "300", period="2020")},
        [(True, ["a", "b"])],
    ),
    "two figures for one day": (
        "figures",
        {"a": figure("2021-05-01", "500"), "b": figure("2021-05-01", "300")},
        [(True, ["a", "b"])],
    ),
    "two figures in one month": (
        "figures",
        {"a": figure("2021-05", "500"), "b": figure("2021-05", "300")},
        [(False, ["a", "b"])],
    ),
    "a figure within its bound": (
        "figures",
        {"a": figure("2021-05-01", "500", bound="over"), "b": figure("2021-05-01", "520")},
        [],
    ),
    "a figure without its bound": (
        "figures",
        {"a": figure("2021-05-01", "500", bound="over"), "b": figure("2021-05-01", "480")},
        [(True, ["a", "b"])],
    ),
    "a figure about another": (
        "figures",
        {"a": figure("2021-05-01", "500", bound="about"), "b": figure("2021-05-01", "480")},
        [],
    ),
    "a figure about one below nothing": (
        "figures",
        {"a": figure("2021-05-01", "-500", bound="about"), "b": figure("2021-05-01", "-480")},
        [],
    ),
    "a figure below nothing within a bound": (
        "figures",
        {"a": figure("2021-05-01", "5", bound="up to"), "b": figure("2021-05-01", "-3")},
        [],
    ),
    "figures as large as can be kept": (
        "figures",
        {"a": figure("2021-05-01", "9" * 28), "b": figure("2021-05-01", "9" * 27, bound="about")},
        [(True, ["a", "b"])],
    ),
    "rounds that together are larger than what can be kept": (
        "claimed_total",
        {
            "a": funded("2020", f"{'9' * 28} USD"),
            "b": funded("2021", f"{'9' * 28} USD"),
            "c": claimed("2022", f"{'9' * 28} USD"),
        },
        [(True, ["c", "a", "b"])],
    ),
    "figures of other periods": (
        "figures",
        {"a": figure("2021", "500", period="2020"), "b": figure("2021", "300", period="2019")},
        [],
    ),
    "contested": (
        "contested",
        {
            "a": funded("2020", "1m USD"),
            "b": events.PositionTaken(
                "2021", parties=["Acme"], subject="money", held_by="Vest", stance="no", contests="a"
            ),
        },
        [(False, ["a", "b"])],
    ),
    "contested, but there is none such": (
        "contested",
        {
            "a": funded("2020", "1m USD"),
            "b": events.PositionTaken(
                "2021", parties=["Acme"], subject="money", held_by="Vest", stance="no", contests="z"
            ),
        },
        [],
    ),
    "told twice": (
        "lookalikes",
        {"a": funded("2020", "1m USD"), "b": funded("2020-05-01", "2m USD")},
        [(False, ["a", "b"])],
    ),
    "told of other times": ("lookalikes", {"a": funded("2020", "1m USD"), "b": funded("2021", "1m USD")}, []),
    "told of others": (
        "lookalikes",
        {"a": funded("2020", "1m USD", "Vest"), "b": funded("2020", "1m USD", "Seed")},
        [],
    ),
    "told in other words": (
        "lookalikes",
        {"a": deal("2020", "Bolt", scope="cloud"), "b": deal("2020", "Bolt", scope="chips")},
        [],
    ),
    "told in words written otherwise": (
        "lookalikes",
        {"a": deal("2020", "Bolt", scope="Cloud 1"), "b": deal("2020", "Bolt", scope="cloud-1")},
        [(False, ["a", "b"])],
    ),
    "figures of two periods told at once": (
        "lookalikes",
        {"a": figure("2021", "500", period="2020"), "b": figure("2021", "500", period="2019")},
        [],
    ),
    "an order that is not certain": (
        "order",
        {"a": appointed("2020-05", "Ann"), "b": appointed("2020", "Bob")},
        [(False, ["a", "b"])],
    ),
    "an order that does not matter": (
        "order",
        {"a": appointed("2020-05", "Ann"), "b": appointed("2021", "Bob")},
        [],
    ),
    "an order that makes no difference": (
        "order",
        {"a": project(events.ProjectProgressed, "2020-05"), "b": project(events.ProjectProgressed, "2020")},
        [],
    ),
    "two of the very same span": (
        "order",
        {"a": appointed("2020", "Ann"), "b": appointed("2020", "Bob")},
        [],
    ),
    "an end after a start of the very same day": (
        "order",
        {"a": appointed("2020", "Ann"), "b": appointed("2021-05", "Ann"), "c": ousted("2021-05", "Ann")},
        [(False, ["b", "c"])],
    ),
    "a start after an end of the very same day": (
        "order",
        {"a": appointed("2020", "Ann"), "b": ousted("2021-05", "Ann"), "c": appointed("2021-05", "Ann")},
        [],
    ),
    "an end of nothing": (
        "ends",
        {"a": ousted("2020", "Ann"), "b": appointed("2021", "Ann")},
        [(False, ["a"])],
    ),
    "an end of what another has": (
        "ends",
        {"a": appointed("2020", "Ann"), "b": ousted("2021", "Bob")},
        [(False, ["b"])],
    ),
    "an end of what another has taken over": (
        "ends",
        {"a": appointed("2020", "Ann"), "b": appointed("2021", "Bob"), "c": ousted("2022", "Ann")},
        [],
    ),
    "an end of what nobody had planned": (
        "ends",
        {"a": project(events.ProjectStarted, "2020"), "b": project(events.ProjectCompleted, "2021")},
        [],
    ),
    "an end of what is held": ("ends", {"a": appointed("2020", "Ann"), "b": ousted("2021", "Ann")}, []),
}


@pytest.mark.parametrize("case", CASES)
def test_what_a_rule_finds(tl: Timeline, case: str) -> None:
    """A rule tells what surely violates it, what does perhaps, and nothing of what is innocent."""
    rule, said, wanted = CASES[case]
    say(tl, **said)
    assert told(tl, rule) == wanted


def test_every_rule_has_all_kinds_of_cases() -> None:
    """No rule goes untried: each is kept, and violated in all the degrees that it has."""
    catalogue = Catalogue.find("events")
    for name, rule in catalogue.rules.items():
        found = [wanted for kind, _, wanted in CASES.values() if kind == name]
        if name == "denied":
            continue
        assert [] in found, name
        degrees = {sure for wanted in found for sure, _ in wanted}
        assert degrees == ({True, False} if rule.refuses else {False}), name


@pytest.mark.parametrize(
    ("occurred", "amount", "sure"),
    [("2020", "1m USD", True), ("2020-05", "1m USD", False), ("2020", "2m USD", False)],
)
def test_a_denial_is_told_beside_what_it_denies(tl: Timeline, occurred: str, amount: str, sure: bool) -> None:
    """It feeds no state; what another record says all the same is a contradiction, with both sources."""
    tl.append(funded("2020", "1m USD"), source="The Herald", id="a")
    tl.append(funded(occurred, amount), source="The Company", credence="denied", id="b")
    assert told(tl, "denied") == [(sure, ["a", "b"])]
    (found,) = tl.as_of().check(rules="denied")
    assert [[str(source) for source in several] for several in found.sources] == [
        ["The Herald"],
        ["The Company"],
    ]
    assert told(tl, "lookalikes") == []
    assert tl.as_of("2021").of("organisation", "acme").raised.wholly == {"USD": Decimal(1_000_000)}


def test_a_denial_of_something_else_is_none(tl: Timeline) -> None:
    say(tl, a=funded("2020", "1m USD"))
    tl.append(funded("2021", "1m USD"), credence="denied", id="b")
    assert told(tl, "denied") == []


# What a violation tells


def test_a_violation_tells_when_and_by_whom(tl: Timeline) -> None:
    """Its period is when it surely holds, half-open, and attestations count among the sources."""
    tl.append(appointed("2015", "Ann"), source="One", id="a")
    tl.append(appointed("2020-03", "Bob"), source="Two", id="b")
    tl.append(ousted("2021", "Ann"), source="Three", id="c")
    tl.attest("b", source="Four")
    (one,) = tl.as_of().check(rules="one_ceo")
    assert (one.valid_from, one.valid_to) == (
        datetime(2020, 3, 31, 23, 59, 59, 999999, UTC),
        datetime(2021, 1, 1, tzinfo=UTC),
    )
    assert one.entities == ("acme", "ann", "bob")
    assert one.message == "Acme: Ann and Bob at once"
    assert [[str(source) for source in several] for several in one.sources] == [
        ["One"],
        ["Two", "Four"],
        ["Three"],
    ]
    assert one.as_dict()["records"][1]["sources"][1]["title"] == "Four"
    assert str(one).startswith("one_ceo, certain: Acme: Ann and Bob at once (2020-03-31..2020-12-31; a (#1)")


def test_an_unbounded_period_is_none(tl: Timeline) -> None:
    say(tl, a=deal("2015-01-01", "Bolt"), b=deal("[..2018]", "Crux"))
    (one,) = tl.as_of().check(rules="exclusive")
    assert (one.certain, one.valid_to) == (True, None)


def test_violations_come_in_a_stable_order(tl: Timeline) -> None:
    """By rule as declared, the certain first, then by time."""
    say(tl, a=deal("2020", "Bolt", "2020-06"), b=deal("2022", "Bolt", "2019"), c=deal("2021", "Bolt", "2018"))
    say(tl, d=deal("2019", "Crux", "2030"))
    found = tl.as_of().check()
    assert [(one.rule, one.certain) for one in found] == [
        ("exclusive", False),
        ("terms", True),
        ("terms", True),
        ("terms", False),
    ]
    assert [str(one.records[0].ref) for one in found][1:] == ["c", "b", "a"]
    assert list(tl.as_of().check()) == list(found)
    assert [one.rule for one in tl.as_of().check(rules=["terms", "exclusive"])][:1] == ["terms"]


def test_of_very_many_the_first_are_told_and_all_are_counted(tl: Timeline) -> None:
    tl.append(*(deal(f"{year}", "Bolt", "1999") for year in range(2001, 2011)))
    found = tl.as_of().check(rules="terms", most=3)
    assert len(found) == 3
    assert found.certain == found.counts["terms"].certain == 10
    assert len(tl.as_of().check(rules="terms", most=None)) == 10
    assert found[0].records[0].occurred is not None
    assert found.as_dict()["counts"] == {"terms": {"certain": 10, "possible": 0}}
    assert repr(found) == "<Findings: 10 certain, 0 possible>"


def test_nothing_is_wrong_with_an_empty_log(tl: Timeline) -> None:
    found = tl.as_of().check()
    assert (list(found), found.certain, found.possible) == ([], 0, 0)
    assert str(found) == "nothing that does not add up"


# Where it is looked from


def test_corrections_and_retractions_remove_violations(tl: Timeline) -> None:
    """What does not stand violates nothing, and what comes back does again."""
    say(tl, a=appointed("2015", "Ann"), b=appointed("2020-03", "Bob"), c=ousted("2021", "Ann"))
    tl.correct("c", ousted("2020-02", "Ann"), id="d")
    assert told(tl, "one_ceo") == []
    tl.retract("d", id="e")
    assert told(tl, "one_ceo") == [(True, ["a", "b", "c"])]
    tl.retract("b")
    assert told(tl, "one_ceo") == []


def test_it_is_looked_from_what_was_known_and_held(tl: Timeline) -> None:
    """`known` and `position` move the basis, as they do for a state."""
    tl.append(appointed("2015", "Ann"), known="2015", id="a")
    tl.append(appointed("2020-03", "Bob"), known="2020", id="b")
    tl.append(ousted("2021", "Ann"), known="2022", id="c")
    tl.correct("c", ousted("2020-02", "Ann"), known="2024", id="d")
    assert [bool(told(tl, "one_ceo", known=year)) for year in ("2021", "2023", "2024")] == [
        False,
        True,
        False,
    ]
    assert [bool(told(tl, "one_ceo", position=place)) for place in range(5)] == [
        False,
        False,
        False,
        True,
        False,
    ]


def test_a_correction_keeps_its_place_in_the_order_of_replay(tl: Timeline) -> None:
    """An office left and taken again on one day is held, also where the leaving was corrected later."""
    say(
        tl,
        a=office("2015", "Ann"),
        b=left("2016", "Ann"),
        c=office("2017-01-01", "Ann"),
        d=office("2018", "Bob"),
    )
    tl.correct("b", left("2017-01-01", "Ann"), id="e")
    assert told(tl, "one_holder") == [(False, ["c", "d"])]


def test_entities_that_are_the_same_are_read_as_one(tl: Timeline) -> None:
    """Where the record of that is in view, in keys, holders, sums, likenesses and orders."""
    say(tl, a=deal("2015", "Bolt"), b=deal("2018", "Bolt Inc"), c=claimed("2022", "5m USD", "Vest"))
    say(tl, d=funded("2020", "5m USD", "Vest LP"), e=funded("2020", "5m USD", "Vest"))
    say(tl, f=appointed("2020-05", "Ann"))
    tl.append(events.CEOAppointment("2020", company="Acme Corp", person="Bob"), id="g")
    before = tl.as_of().basis.position
    rules = ("exclusive", "claimed_total", "lookalikes", "order")
    assert [len(tl.as_of().check(rules=rule)) for rule in rules] == [1, 0, 0, 0]
    tl.append(
        *(
            events.SameEntity("2020", entity=one, as_=two)
            for one, two in (("Bolt Inc", "Bolt"), ("Vest LP", "Vest"))
        )
    )
    tl.append(events.SameEntity("2020", entity="Acme Corp", as_="Acme"))
    assert [len(tl.as_of().check(rules=rule)) for rule in rules] == [0, 1, 1, 1]
    assert [len(tl.as_of(position=before).check(rules=rule)) for rule in rules] == [1, 0, 0, 0]


def test_strict_looks_at_what_it_means_that_two_are_the_same(tl: Timeline) -> None:
    say(
        tl,
        a=deal("2015", "Bolt"),
        b=events.ExclusivityDeal("2018", grantor="Acme Corp", grantee="Crux", scope="cloud"),
    )
    with pytest.raises(DoesNotAddUp):
        tl.append(events.SameEntity("2020", entity="Acme Corp", as_="Acme"), strict=True)
    assert len(tl.append(events.SameEntity("2020", entity="Crux", as_="Dent"), strict=True)) == 1


def test_what_cannot_be_asked_is_refused(tl: Timeline) -> None:
    with pytest.raises(UnknownType, match="one_ceo"):
        tl.as_of().check(rules="one_seo")
    with pytest.raises(WrongBasis):
        tl.as_of(position=1).check()
    with pytest.raises(NotAllowed, match="most"):
        tl.as_of().check(most=-1)


# Strict


def test_strict_refuses_what_surely_violates_a_rule(tl: Timeline) -> None:
    """Nothing is written, and the error carries the violations."""
    say(tl, a=appointed("2015", "Ann"), b=appointed("2020-03", "Bob"))
    head = tl.as_of().basis.position
    with pytest.raises(DoesNotAddUp, match="one_ceo, certain: Acme: Ann and Bob at once") as caught:
        tl.append(ousted("2021", "Ann"), strict=True, source="The Herald")
    (violation,) = caught.value.violations
    assert [str(source) for source in violation.sources[2]] == ["The Herald"]  # type: ignore[attr-defined]
    assert tl.as_of().basis.position == head
    assert list(tl.sql("SELECT count(*) FROM said.ceo_ousting")) == [(0,)]
    tl.append(ousted("2021", "Ann"))
    assert tl.as_of().check().certain == 1


def test_strict_lets_pass_what_is_only_possible(tl: Timeline) -> None:
    say(tl, a=office("2015", "Ann"))
    assert len(tl.append(office("2017", "Bob"), strict=True)) == 1


def test_strict_lets_pass_what_was_violated_before(tl: Timeline) -> None:
    """What makes it no worse is let in: a note, an end, a part of a sum."""
    say(
        tl,
        a=deal("2015", "Bolt"),
        b=deal("2018", "Crux"),
        c=claimed("2022", "10m USD"),
        d=funded("2020", "4m USD"),
    )
    assert tl.as_of().check().certain == 2
    assert len(tl.correct("b", deal("2018-05", "Crux"), strict=True)) == 1
    assert len(tl.append(deal_ended("2020", "Bolt"), strict=True)) == 1
    assert len(tl.append(funded("2021", "3m USD"), strict=True)) == 1
    assert len(tl.append(funded("2021", "3m USD", "Other"), strict=True)) == 1
    assert tl.as_of().check().certain == 2
    with pytest.raises(DoesNotAddUp):
        tl.append(deal("2019", "Dent"), strict=True)


def test_strict_looks_at_what_a_retraction_brings_back(tl: Timeline) -> None:
    say(tl, a=deal("2015", "Bolt"), b=deal_ended("2016", "Bolt"), c=deal("2018", "Crux"))
    with pytest.raises(DoesNotAddUp):
        tl.retract("b", strict=True)
    assert len(tl.retract("c", strict=True)) == 1


def test_a_strict_timeline_is_strict_unless_told() -> None:
    with in_memory(strict=True, clock=Clock()) as tl:
        with pytest.raises(DoesNotAddUp):
            tl.append(deal("2020", "Bolt", "2019"))
        with pytest.raises(DoesNotAddUp):
            tl.append_all([[Assertion(deal("2020", "Bolt", "2019"))]])
        with pytest.raises(DoesNotAddUp):
            tl.append_table(events.ExclusivityDeal, _rows(), known="occurred")
        assert tl.as_of().basis.position == 0
        assert len(tl.append(deal("2020", "Bolt", "2019"), strict=False)) == 1
        assert len(tl.append(deal("2021", "Bolt", "2022"))) == 1


def _rows() -> str:
    return (
        "SELECT '2020' AS occurred, 'Acme' AS grantor, 'Bolt' AS grantee, 'cloud' AS scope, '2019' AS until"
    )


# The vocabulary


def test_the_seeds_add_up() -> None:
    """All that is told of them: what is contested, and two orders that are not certain. A2 is confirmed."""
    clock = Clock(datetime(2027, 1, 1, tzinfo=UTC))
    with in_memory(clock=clock) as tl:
        load(tl, [SEEDS])
        found = tl.as_of().check()
        assert [(one.rule, one.certain, [record.ref for record in one.records]) for one in found] == [
            ("contested", False, ["A22", "P9c"]),
            ("order", False, ["P11d", "A22"]),
            ("order", False, ["A8", "A12"]),
        ]
        article = tl.as_of(position=40).check()
        assert article.certain == 0
        tl.correct(
            "A2",
            events.ClaimedTotal("2025-05~", company="OpenAI", investors=["Microsoft"], amount="13bn USD"),
        )
        (claim,) = tl.as_of().check(rules="claimed_total")
        assert not claim.certain
        assert claim.message == "claimed $13bn, while the 3 recorded come to $11bn + 1 undisclosed"
        assert [record.ref for record in claim.records[1:]] == ["P1a", "P3", "P5"]


def test_every_rule_says_what_it_demands() -> None:
    """A visible list, each with a name and one sentence; those of every vocabulary come last."""
    catalogue = Catalogue.find("events")
    assert list(catalogue.rules)[-5:] == ["terms", "denied", "lookalikes", "order", "ends"]
    assert all(rule.says.endswith(".") and name == rule.name for name, rule in catalogue.rules.items())


def _declared(make: Callable[[], object]) -> str:
    with pytest.raises(CatalogueError) as caught:
        make()
    return str(caught.value)


def test_a_rule_that_names_what_is_not_there_cannot_be_declared() -> None:
    """Misnamed fields fail where the rule is declared."""
    appoint, deals = events.CEOAppointment, events.ExclusivityDeal
    assert "no field 'firm'" in _declared(
        lambda: at_most_one("x", "X.", starts=appoint.person, ends=(), per="firm")
    )
    assert "does not hold a date" in _declared(
        lambda: at_most_one("x", "X.", starts=deals.grantee, ends=(), per="grantor", until="scope")
    )
    assert "name an attribute" in _declared(
        lambda: at_most_one("x", "X.", starts=appoint, ends=(), per="company")
    )
    assert "say with per=" in _declared(lambda: nothing_after("x", "X.", ends=appoint, then=appoint))
    assert "does not hold a date" in _declared(lambda: term_in_order("x", "X.", appoint.person))
    assert "does not hold text" in _declared(lambda: opposed("x", "X.", appoint.person))
    assert "does not hold money" in _declared(
        lambda: sums_up("x", "X.", claim=appoint.person, parts=appoint.person, of="company", by="person")
    )
    assert "an amount or a number" in _declared(
        lambda: agree("x", "X.", events.FigureReported, per="of", period="period", values=("measure",))
    )


def test_a_rule_needs_a_name_of_its_own_and_its_events() -> None:
    rule = term_in_order("due", "X.", events.DeadlineSet.due)
    assert "declared twice" in _declared(
        lambda: Catalogue.of(
            events.DeadlineSet, rules=(rule, term_in_order("due", "Y.", events.DeadlineSet.due))
        )
    )
    assert "declared twice" in _declared(
        lambda: Catalogue.of(
            events.DeadlineSet, rules=(term_in_order("order", "Y.", events.DeadlineSet.due),)
        )
    )
    assert "which the catalogue lacks" in _declared(lambda: Catalogue.of(events.Meeting, rules=(rule,)))
