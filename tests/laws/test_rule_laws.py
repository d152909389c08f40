"""The rules by hand: how sure a violation is, over all choices of days within the dates of its records."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any, Final

import attrs
import pytest
from attrs import field, frozen
from hypothesis import given, strategies as st

from tests.ledger import (
    CEOAppointment,
    CEOOusting,
    Clock,
    ExclusivityDeal,
    ExclusivityEnd,
    FundingRound,
    LeaseBegun,
    LeaseEnded,
    Organisation,
    Relationship,
)
from tests.reuse import in_memory
from timeline import Timeline, When
from timeline.declare import (
    Entity,
    Event,
    Money,
    at_most_one,
    decimal,
    entities,
    event_type,
    money,
    nothing_after,
    optional_when,
    sums_up,
)
from timeline.formats import load_files, read_json
from timeline.vocabulary import Catalogue

DAYS: Final = 5
Span = tuple[int, int]
spans = st.tuples(st.integers(1, DAYS), st.integers(1, DAYS)).map(lambda two: (min(two), max(two)))
holders = st.sampled_from(["Ann", "Bob", "Cy"])


@attrs.frozen
class Told:
    """An event of a history: who, over which days, whether it is an end, and the last day of its term."""

    span: Span
    holder: str
    closes: bool = False
    until: int | None = None


def written(span: Span) -> str:
    """Days of January 2020 as one writes them."""
    first, last = (f"2020-01-{day:02}" for day in span)
    return first if span[0] == span[1] else f"[{first}..{last}]"


def degree(holds: Callable[[Mapping[Span, int]], bool], several: Iterable[Span]) -> str | None:
    """Whether something holds for every choice of a day in each span, for some, or for none.

    Events of the very same span are taken to be of one day.
    """
    distinct = sorted(set(several))
    choices = itertools.product(*[range(first, last + 1) for first, last in distinct])
    found = {holds(dict(zip(distinct, choice, strict=True))) for choice in choices}
    return "certain" if found == {True} else "possible" if True in found else None


def strongest(degrees: Iterable[str | None]) -> str | None:
    """The strongest of several."""
    several = set(degrees)
    return "certain" if "certain" in several else "possible" if "possible" in several else None


def next_own(history: Sequence[Told], index: int) -> int | None:
    """What is next said of the same holder, in the order of replay."""
    order = sorted(range(len(history)), key=lambda one: (history[one].span[1], one))
    later = [one for one in order[order.index(index) + 1 :] if history[one].holder == history[index].holder]
    return later[0] if later else None


def meeting(history: Sequence[Told], one: int, other: int, *, stays: bool) -> str | None:
    """How surely two tenures meet: the earlier in the order of replay, and the later."""
    ends = [(start, next_own(history, start)) for start in (one, other)]
    terms = [history[start].until for start in (one, other)]

    def holds(day: Mapping[Span, int]) -> bool:
        last_start = max(day[history[start].span] for start in (one, other))
        over = [day[history[end].span] for _, end in ends if end is not None]
        return last_start < min([*over, *(term for term in terms if term is not None), DAYS + 1])

    found = degree(holds, [history[event].span for pair in ends for event in pair if event is not None])
    end = ends[0][1]
    named = end is not None and history[end].closes
    return "possible" if found == "certain" and not stays and not named else found


def chain(history: Sequence[Told], one: int, other: int) -> str | None:
    """How surely another one starts within a tenure that is ended by name, or begins with it."""
    if history[one].span == history[other].span:
        return "possible" if one < other else None
    end = next_own(history, one)
    if end is None or not history[end].closes:
        return None
    spans = [history[event].span for event in (one, other, end)]
    return degree(lambda day: day[spans[0]] < day[spans[1]] < day[spans[2]], spans)


histories = st.lists(
    st.builds(Told, spans, holders, st.booleans(), st.none() | st.integers(1, DAYS)), min_size=2, max_size=6
)


@event_type("claimed", says="{investors} are said to have put {amount} into {company}")
@frozen(kw_only=True)
class Claimed(Event):
    """Investors are said to have put money into a company altogether."""

    company: Entity
    investors: tuple[Entity, ...] = field(converter=entities)
    amount: Money | None = field(converter=money)


@event_type("pledged", says="{backer} pledges [{amount}][ {share}] to {company}[ for {scope}][ by {due}]")
@frozen(kw_only=True)
class Pledged(Event):
    """A backer promises money, or a share of it, to a company by a date."""

    company: Entity
    backer: Entity
    scope: str | None = None
    amount: Money | None = field(default=None, converter=money)
    share: Decimal | None = field(default=None, converter=decimal)
    due: When | None = field(default=None, converter=optional_when)


CATALOGUE: Final = Catalogue.of(
    Pledged,
    LeaseBegun,
    LeaseEnded,
    CEOAppointment,
    CEOOusting,
    Claimed,
    ExclusivityDeal,
    ExclusivityEnd,
    FundingRound,
    Organisation,
    Relationship,
    rules=(
        at_most_one(
            "tenant",
            "One tenant.",
            starts=LeaseBegun.holder,
            ends=LeaseEnded.holder,
            per=("subject", "room"),
            until="until",
        ),
        at_most_one(
            "perhaps",
            "One tenant, as far as known.",
            starts=LeaseBegun.holder,
            ends=LeaseEnded.holder,
            per=("subject", "room"),
            until="until",
            unended="unknown",
        ),
        at_most_one(
            "ceo",
            "One chief.",
            starts=CEOAppointment.person,
            ends=CEOOusting.person,
            per="company",
            unended="replaced",
        ),
        sums_up(
            "sum",
            "Sums up.",
            claim=Claimed.amount,
            parts=FundingRound.amount,
            of="company",
            by="investors",
        ),
        nothing_after("after", "Not after.", ends=CEOOusting, then=LeaseEnded.subject, per="company"),
    ),
    name="tests.laws.test_rule_laws",
)


@pytest.fixture(scope="module")
def small() -> Iterator[Timeline]:
    """A timeline for many histories, each of an organisation of its own."""
    with in_memory(CATALOGUE, clock=Clock()) as timeline:
        yield timeline


_numbers: Final = itertools.count()


def _found(tl: Timeline, rule: str, key: int, first: int) -> dict[int, str]:
    """By place in a history of the record that a rule tells at a place, how sure it is."""
    positions = [
        (one.records[key].position - first, one.certain) for one in tl.as_of().check(rules=rule, most=None)
    ]
    return {place: "certain" if sure else "possible" for place, sure in positions if place >= 0}


@given(history=histories)
def test_tenures_are_judged_as_by_hand(small: Timeline, history: list[Told]) -> None:
    """Whether two hold one thing at once, over all choices of days within the dates."""
    name = f"house {next(_numbers)}"
    first = small.as_of().basis.position + 1
    if not _distinct(history):
        return
    small.append(
        *(
            LeaseEnded(written(one.span), subject=name, room="1", holder=one.holder)
            if one.closes
            else LeaseBegun(
                written(one.span),
                subject=name,
                room="1",
                holder=one.holder,
                until=None if one.until is None else written((one.until, one.until)),
            )
            for one in history
        )
    )
    starts = [index for index, one in enumerate(history) if not one.closes and not _void(history, index)]
    order = sorted(starts, key=lambda index: (history[index].span[1], index))
    for rule, stays in (("tenant", True), ("perhaps", False)):
        wanted = {
            later: strongest(
                meeting(history, former, later, stays=stays)
                for former in order[: order.index(later)]
                if history[former].holder != history[later].holder
            )
            for later in order
        }
        assert _found(small, rule, 1, first) == {key: value for key, value in wanted.items() if value}


@given(history=histories)
def test_replacements_are_judged_as_by_hand(small: Timeline, history: list[Told]) -> None:
    """Whether somebody took over before the one before was removed, over all choices of days."""
    if not _distinct([attrs.evolve(one, until=None) for one in history]):
        return
    name = f"firm {next(_numbers)}"
    first = small.as_of().basis.position + 1
    kinds = {True: CEOOusting, False: CEOAppointment}
    small.append(*(kinds[one.closes](written(one.span), company=name, person=one.holder) for one in history))
    starts = [index for index, one in enumerate(history) if not one.closes and not _void(history, index)]
    wanted = {
        former: strongest(
            chain(history, former, other)
            for other in starts
            if history[other].holder != history[former].holder
        )
        for former in starts
    }
    assert _found(small, "ceo", 0, first) == {key: value for key, value in wanted.items() if value}


@given(ends=st.lists(spans, min_size=1, max_size=3, unique=True), late=spans)
def test_what_comes_after_an_end_is_judged_as_by_hand(small: Timeline, ends: list[Span], late: Span) -> None:
    """Whether an event comes after an end of the same thing, over all choices of days."""
    name = f"firm {next(_numbers)}"
    first = small.as_of().basis.position + 1
    small.append(
        LeaseEnded(written(late), subject=name, room="1"),
        *(CEOOusting(written(one), company=name, person="Ann") for one in ends),
    )
    wanted = strongest(_later(late, one) for one in ends)
    assert _found(small, "after", 1, first).get(0) == wanted


@given(span=spans, until=st.integers(1, DAYS))
def test_terms_are_judged_as_by_hand(small: Timeline, span: Span, until: int) -> None:
    """Whether a term ends before it begins, over all choices of days; it includes the day that it names."""
    name = f"firm {next(_numbers)}"
    first = small.as_of().basis.position + 1
    term = written((until, until))
    small.append(ExclusivityDeal(written(span), grantor=name, grantee="Ann", scope="all", until=term))
    wanted = degree(lambda day: until < day[span], [span])
    assert _found(small, "terms", 0, first).get(0) == wanted


def _later(late: Span, end: Span) -> str | None:
    """How surely one comes after the other."""
    return degree(lambda day: day[end] < day[late], [end, late])


def _distinct(history: Sequence[Told]) -> bool:
    """Whether no two events are the very same, which would be one record."""
    return len(
        {(one.span, one.holder, one.closes, None if one.closes else one.until) for one in history}
    ) == len(history)


def _void(history: Sequence[Told], index: int) -> bool:
    """Whether what is next said of the holder is of the very same span, so that nothing is held."""
    end = next_own(history, index)
    return end is not None and history[end].span == history[index].span


amounts = (
    st.tuples(st.sampled_from(["", "up to ", "over ", "about "]), st.sampled_from([0, 10, 20, 30]))
    | st.none()
)
_MOST: Final = 200


def _values(amount: tuple[str, int] | None) -> range:
    """What an amount may be, in units of which nine to eleven are about ten."""
    if amount is None:
        return range(_MOST)
    bound, value = amount
    lowest = {"": value, "up to ": 0, "over ": value, "about ": value * 9 // 10}[bound]
    highest = {"": value, "up to ": value, "over ": _MOST, "about ": value * 11 // 10}[bound]
    return range(lowest, highest + 1)


@given(claim=amounts.filter(bool), parts=st.lists(amounts, min_size=1, max_size=3))
def test_sums_are_judged_as_by_hand(
    small: Timeline, claim: tuple[str, int], parts: list[tuple[str, int] | None]
) -> None:
    """A claim surely does not add up if no choice of amounts makes it; face values that fit are enough."""
    name = f"firm {next(_numbers)}"
    text = [None if one is None else f"{one[0]}{one[1]} USD" for one in (claim, *parts)]
    said = small.append(
        Claimed("2022", company=name, investors=["Vest"], amount=text[0]),
        *(
            FundingRound(f"2020-01-{index + 1:02}", company=name, investors=["Vest"], amount=part)
            for index, part in enumerate(text[1:])
        ),
    )
    least, most = (sum(values[end] for values in map(_values, parts)) for end in (0, -1))
    allowed = _values(claim)
    open_end = claim[0] == "over "
    fits = least <= allowed[-1] + (_MOST * 5 if open_end else 0) and most >= allowed[0]
    face = sum(one[1] for one in parts if one is not None)
    right = allowed[0] <= face <= (_MOST * 5 if open_end else allowed[-1])
    wanted = "certain" if not fits else None if right else "possible"
    assert _found(small, "sum", 0, said.records[0].position).get(0) == wanted


PLEDGES: Final = st.fixed_dictionaries(
    {
        "occurred": spans.map(written),
        "company": st.sampled_from(["Acme", "Vest"]),
        "backer": st.sampled_from(["Acme", "Vest", "Seed"]),
        "scope": st.sampled_from([None, "cloud 1", "Cloud-1", "chips"]),
        "amount": amounts.map(lambda one: one and f"{one[0]}{one[1]} USD") | st.just("10 EUR"),
        "share": st.sampled_from([None, "2.5", "3"]),
        "due": st.none() | spans.map(written),
    }
)


def _days(text: str | None) -> Span | None:
    """The first and the last of the days that a date may be, by hand."""
    return None if text is None else (int(text.strip("[]").split("..")[0][-2:]), int(text.strip("[]")[-2:]))


def _may_be_one(one: Any, other: Any) -> bool:
    """Whether two ranges have anything in common; what is not given may be anything."""
    return one is None or other is None or (one[0] <= other[1] and other[0] <= one[1])


def _may_agree(one: str | None, other: str | None) -> bool:
    """Whether two amounts may be the same sum."""
    if one is None or other is None:
        return True
    (*bound, value, code), (*limit, number, currency) = one.split(), other.split()
    ranges = [
        _values((" ".join([*words, ""]) if words else "", int(given)))
        for words, given in ((bound, value), (limit, number))
    ]
    return code == currency and not set(ranges[0]).isdisjoint(ranges[1])


def _differing(one: Mapping[str, Any], other: Mapping[str, Any]) -> list[str] | None:
    """The figures in which two pledges that may be one differ; None if they are two."""
    scopes = [(told["scope"] or "").lower().replace("-", " ") for told in (one, other)]
    figures = {
        "amount": _may_agree(one["amount"], other["amount"]),
        "share": None in (one["share"], other["share"]) or one["share"] == other["share"],
        "due": _may_be_one(_days(one["due"]), _days(other["due"])),
    }
    apart = [name for name, agree in figures.items() if not agree]
    told_apart = (
        (one["company"], one["backer"]) != (other["company"], other["backer"])
        or not _may_be_one(_days(one["occurred"]), _days(other["occurred"]))
        or ("" not in scopes and scopes[0] != scopes[1])
        or ("due" in apart and len(apart) > 1)
    )
    return None if told_apart else apart


@given(first=PLEDGES, second=PLEDGES, alike=st.booleans())
def test_lookalikes_are_the_same_by_every_way_in(
    first: dict[str, Any], second: dict[str, Any], alike: bool
) -> None:
    """What is told of a commit, written or not, of a file, of a table, and by `check`: as by hand."""
    if alike:
        second |= {name: first[name] for name in ("company", "backer", "occurred", "scope")}
    if first == second:
        return
    wanted = _differing(first, second)
    one, other = Pledged(**first), Pledged(**second)
    given = {name: value for name, value in second.items() if value is not None}
    read = read_json(json.dumps({"type": "pledged", **given}).encode(), CATALOGUE, "-")
    row = ", ".join(f"'{value}' AS {name}" for name, value in given.items())
    with in_memory(CATALOGUE, clock=Clock()) as tl:
        tl.append(one)
        told = [
            load_files(tl, [read], dry_run=True).lookalikes,
            tl.lookalikes(tl.append(other, dry_run=True)),
            tl.lookalikes(tl.append(other)),
        ]
        checked = [one.message for one in tl.as_of().check(rules="lookalikes")]
    with in_memory(CATALOGUE, clock=Clock()) as tl:
        tl.append(one)
        imported = tl.append_table(Pledged, f"SELECT {row}", known="2021")
        told += [imported.lookalikes, tl.lookalikes(imported)]
    for several in told:
        assert [sorted(one.differing) for one in several] == ([] if wanted is None else [sorted(wanted)])
        assert [str(one) for one in several] == checked


def _replayed(history: Sequence[Told], *, named: bool) -> tuple[set[tuple[int, int]], set[int]]:
    """By hand: the starts that an end of the very same span ends, each with it, and ends that end nothing.

    Starts replace what is held; an end ends it if it names the holder or nobody. One that names whoever
    has begun, and was not said to have left since, ends something, though another has taken over.
    """
    opener: int | None = None
    here: set[str] = set()
    same, idle = set(), set()
    for index in sorted(range(len(history)), key=lambda one: (history[one].span[1], one)):
        one = history[index]
        if not one.closes:
            opener = index
            here.add(one.holder)
            continue
        if one.holder not in here or (opener is None and not named):
            idle.add(index)
        here.discard(one.holder)
        if opener is not None and history[opener].holder == one.holder:
            if history[opener].span == one.span:
                same.add((opener, index))
            opener = None
    return same, idle


@given(history=histories, named=st.booleans())
def test_ends_are_matched_with_starts_as_by_hand(small: Timeline, history: list[Told], named: bool) -> None:
    """An end after a start of its own slot with the very same span, and one that ended nothing, are told.

    In which order they happened, a list of starts and one of ends behind it do not say. What is told to have
    ended nothing has no part in the state, as Python replays it.
    """
    history = [attrs.evolve(one, until=None, holder=one.holder if named else "Ann") for one in history]
    if not _distinct(history):
        return
    name = f"firm {next(_numbers)}"
    first = small.as_of().basis.position + 1
    if named:
        kinds = {True: CEOOusting, False: CEOAppointment}
        small.append(
            *(kinds[one.closes](written(one.span), company=name, person=one.holder) for one in history)
        )
    else:
        deals = {True: ExclusivityEnd, False: ExclusivityDeal}
        small.append(
            *(
                deals[one.closes](written(one.span), grantor=name, grantee="Ann", scope="all")
                for one in history
            )
        )
    same, idle = _replayed(history, named=named)
    told = {
        rule: {
            tuple(record.position - first for record in one.records)
            for one in small.as_of().check(rules=rule, most=None)
            if one.records[0].position >= first
        }
        for rule in ("order", "ends")
    }
    together = {pair for pair in told["order"] if history[pair[0]].span == history[pair[1]].span}
    assert together == same
    assert told["ends"] == {(index,) for index in idle}
    assert not any(one.certain for one in small.as_of().check(rules=["order", "ends"], most=None))
    kind, who = (Organisation, [name]) if named else (Relationship, [name, "Ann"])
    behind = {
        record.position - first
        for period in small.as_of().history(kind, *who)
        for several in period.because.values()
        for record in several
    }
    assert behind.isdisjoint(idle)
