"""What contests an answer: at any basis, the records that `check` tells beside those it rests on."""

from __future__ import annotations

import itertools
import pickle
import shutil
from collections.abc import Iterator, Mapping
from contextlib import suppress
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

import pytest
from hypothesis import given, strategies as st

import events
from events import CEOAppointment, CEOOusting, FigureReported, Organisation, PositionTaken
from tests import ledger, strategies
from tests.ledger import Clock
from tests.oracle import READINGS
from tests.strategies import Content, History, histories, statement
from timeline import Assertion, Correction, Moment, Retraction, Timeline
from timeline.cli import run
from timeline.declare import Rule, at_most_one, nothing_after, opposed, term_in_order
from timeline.errors import NotAllowed
from timeline.records import Record, Statement
from timeline.vocabulary import Catalogue, State

RULES: Final[tuple[Rule, ...]] = (
    at_most_one(
        "tenant",
        "One tenant.",
        starts=ledger.LeaseBegun.holder,
        ends=ledger.LeaseEnded.holder,
        per="room",
        until="until",
    ),
    at_most_one(
        "chief",
        "One chief, as far as known.",
        starts=ledger.CEOAppointment.person,
        ends=ledger.CEOOusting.person,
        per="company",
        unended="unknown",
    ),
    nothing_after(
        "quiet",
        "No lease after a note on the mood.",
        ends=ledger.Noted,
        then=ledger.LeaseBegun,
        but=ledger.Emptied,
        per="subject",
        only={"topic": ["mood"]},
    ),
    term_in_order("in_order", "A lease ends after it begins.", ledger.LeaseBegun.until),
    opposed("opposed", "No record is opposed by a note that names it.", ledger.Noted.text),
)
OWN: Final = Catalogue.of(
    *(kind.cls for kind in ledger.CATALOGUE.events.values()),
    *(kind.cls for kind in ledger.CATALOGUE.states.values()),
    rules=RULES,
    name="tests.moment.test_contested",
)
THEIRS: Final = Catalogue.find(events)
_WHO: Final = ["acme", "ann", "bolt", "bob"]
_PEOPLE: Final = st.sampled_from(["ann", "bob"])
_MARKS: Final = st.sampled_from([f"s{number}" for number in range(2, 9)])
_AMOUNTS: Final = st.none() | st.tuples(st.sampled_from([Decimal(1), Decimal(3)]), st.just("USD"))


def _of(kind: str, **fields: Any) -> st.SearchStrategy[Content]:
    given = {
        name: one if isinstance(one, st.SearchStrategy) else st.just(one) for name, one in fields.items()
    }
    return st.tuples(st.just(kind), st.fixed_dictionaries(given))


_DEAL: Final[Mapping[str, Any]] = {"grantor": "acme", "grantee": _PEOPLE, "scope": "cloud"}
_PAID: Final[Mapping[str, Any]] = {
    "company": "acme",
    "investors": st.sampled_from([("bolt",), ("ann", "bolt")]),
}
_LEASE: Final = _of("lease_begun", subject="acme", room="east", holder=_PEOPLE)
OWN_THEMES: Final = (
    (_LEASE, _of("lease_begun", subject=_PEOPLE, room="east", holder="bolt"), strategies.LEASES),
    (strategies.LEADERS,),
    (_LEASE, _of("noted", subject="acme", topic="mood", text=_MARKS)),
    (_of("lease_begun", subject=st.sampled_from(["acme", "bolt"]), room="east", holder=_PEOPLE),),
)
THEIR_THEMES: Final = (
    (
        _of("ceo_appointment", company=st.sampled_from(["acme", "bolt"]), person=_PEOPLE),
        _of("ceo_ousting", company="acme", person=_PEOPLE),
        _of("restructured", organisation="acme", change="dissolution", result="gone"),
    ),
    (
        _of("office_taken", organisation="acme", office="chair", person=_PEOPLE),
        _of("office_left", organisation="acme", office="chair", person=_PEOPLE),
    ),
    (_of("exclusivity_deal", **_DEAL), _of("exclusivity_deal", **_DEAL), _of("exclusivity_end", **_DEAL)),
    (_of("funding_round", amount=_AMOUNTS, **_PAID), _of("claimed_total", amount=_AMOUNTS, **_PAID)),
    (
        _of("figure_reported", of="acme", measure="users", number=st.sampled_from([Decimal(1), Decimal(2)])),
        _of(
            "position_taken",
            parties=("acme", "bolt"),
            subject="x",
            held_by="bolt",
            stance="no",
            contests=_MARKS,
        ),
    ),
)
_DAYS: Final = st.sampled_from(
    [
        strategies.day(2020, 1, 1),
        strategies.day(2020, 1, 2),
        strategies.day(2020, 2, 1),
        strategies.months("2020-01", 2020, 1, 1),
        strategies.months("2020", 2020, 1, 12),
    ]
)
FILTERS: Final[st.SearchStrategy[dict[str, Any]]] = st.builds(
    dict,
    without=st.sampled_from(["herald", "post", ()]),
    credence=st.sampled_from([(), (), "reported"]),
)


@st.composite
def stories(draw: st.DrawFn, *, theirs: bool) -> tuple[History, list[Statement]]:
    """A history of one theme in a vocabulary, each statement on the word of one paper or another."""
    catalogue, themes = (THEIRS, THEIR_THEMES) if theirs else (OWN, OWN_THEMES)
    content = st.one_of(*draw(st.sampled_from(themes)))
    content |= strategies.samenesses(["ann", "bob"]) if draw(st.integers(0, 3)) == 3 else content
    history = draw(
        histories(content, when=_DAYS, least=6, revised=draw(st.booleans()), sources=["herald", "post"])
    )
    return history, [statement(one, catalogue) for one in history.log[1:]]


def told(tl: Timeline, asked: Mapping[str, Any]) -> list[tuple[Record, ...]]:
    """The records of each violation that `check` tells at a basis and by its point.

    Two rules are aside, and one of which every violation is of one record.
    """
    rules = [name for name in tl.catalogue.rules if name not in {"order", "lookalikes", "ends"}]
    found = tl.as_of(**asked).check(rules=rules, by_then="valid" in asked, most=None)
    return [one.records for one in found]


def wanted(state: State, violations: list[tuple[Record, ...]]) -> dict[str, list[int]]:
    """By field, the positions of what contests it."""
    found: dict[str, list[int]] = {}
    for field, because in state.because.items():
        mine = {one.position for one in because}
        together = [{one.position for one in records} for records in violations]
        others = {at for positions in together if positions & mine for at in positions - mine}
        if others:
            found[field] = sorted(others)
    return found


def positions(state: State) -> dict[str, list[int]]:
    """By field, the positions of what contests it, as the state says."""
    return {field: [one.position for one in several] for field, several in state.contested.items()}


def everything(moment: Moment) -> Iterator[State]:
    """Every state of some, asked one by one."""
    for each in moment.catalogue.states.values():
        for who in itertools.combinations(_WHO[: 1 + each.arity], each.arity):
            with suppress(NotAllowed):  # both are one there
                yield moment.of(each.cls, *who)


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Path]:
    """Files with empty timelines of both vocabularies, by name."""
    folder = tmp_path_factory.mktemp("empty")
    for catalogue in (OWN, THEIRS):
        Timeline.open(folder / catalogue.name, catalogue=catalogue, clock=Clock()).close()
    return {catalogue.name: folder / catalogue.name for catalogue in (OWN, THEIRS)}


def see_that_it_is_as_checked(
    said: tuple[History, list[Statement]], empty: Path, catalogue: Catalogue, data: st.DataObject
) -> None:
    """In a log and in a what-if that comes to the same; asked for at once, or afterwards.

    Once at a basis limited in every way, and of one firm by what is known, by position and by a filter alone.
    """
    history, statements = said
    cut = data.draw(st.integers(0, len(statements)))
    appointed: Any = catalogue.event("ceo_appointment").cls
    named = [
        Assertion(appointed("2030", company="acme", person="bolt"), source=["herald", "post"]),
        *(Assertion(appointed("2030", company="crux", person=one)) for one in _WHO[1:]),
    ]
    with TemporaryDirectory() as folder:
        path = shutil.copy(empty, Path(folder) / "t.duckdb")
        with Timeline.open(path, catalogue=catalogue, clock=Clock()) as tl:
            start = tl.append(*named).records[-1].position
            tl.append(*statements)
            position = data.draw(st.integers(start + cut, start + len(statements)))
            limits: dict[str, dict[str, Any]] = {
                "valid": {"valid": data.draw(st.sampled_from(["2020-11", "2020-01", "2020-01-01"]))},
                "known": {"known": data.draw(st.sampled_from(history.knowns[1:]))},
                "position": {"position": data.draw(st.just(position) | st.integers(start, position))},
                "filter": data.draw(FILTERS),
            }
            asked: dict[str, Any] = {"dates": data.draw(st.sampled_from(READINGS))}
            found = []
            for limit in (limits["known"], limits["position"], limits["filter"]):
                where = {"valid": "2024", **asked, **limit}
                violations = told(tl, where)
                for each in (one for one in tl.catalogue.states.values() if one.arity == 1):
                    state = tl.as_of(**where).of(each.cls, "acme")
                    found.append((state, wanted(state, violations)))
            known = data.draw(st.sampled_from([None, "then", *history.knowns[-2:]]))
            where = {**asked, **limits["valid"], "known": known, "position": position}
            where |= data.draw(st.sampled_from([{}, limits["filter"]]))
            violations = told(tl, where)
            world = tl.what_if(*statements[cut:], position=start + cut)
            kind, at_once = data.draw(st.sampled_from(tl.catalogue.compiled)), data.draw(st.booleans())
            for moment in (tl.as_of(**where), world.as_of(**where)):
                several = itertools.chain(everything(moment), moment.all(kind.cls))
                found += [(one, wanted(one, violations)) for one in several]
            if at_once:
                for state, expected in found[::4]:
                    assert positions(state) == expected
    for state, expected in found:
        assert positions(state) == expected


@given(said=stories(theirs=False), data=st.data())
def test_what_contests_is_what_check_tells(
    empty: Mapping[str, Path], said: tuple[History, list[Statement]], data: st.DataObject
) -> None:
    """Under rules of every kind, also such as know no entity, and those of every vocabulary."""
    see_that_it_is_as_checked(said, empty[OWN.name], OWN, data)


@given(said=stories(theirs=True), data=st.data())
def test_what_contests_is_what_check_tells_of_the_seeds_vocabulary(
    empty: Mapping[str, Path], said: tuple[History, list[Statement]], data: st.DataObject
) -> None:
    """Under the rules of `events`."""
    see_that_it_is_as_checked(said, empty[THEIRS.name], THEIRS, data)


# How it is told


@pytest.fixture(scope="module")
def firm(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A file in which two lead one firm, figures differ, and a position opposes what a record says."""
    path = str(tmp_path_factory.mktemp("contested") / "firm.duckdb")
    with Timeline.open(path, clock=Clock()) as tl:
        tl.append(
            Assertion(CEOAppointment("2015", company="Acme", person="Ann Lee"), id="ann", source="Gazette"),
            Assertion(CEOAppointment("2020-03", company="Acme", person="Bob Ray"), id="bob", source="Herald"),
            Assertion(CEOOusting("2021", company="Acme", person="Ann Lee"), id="out", source="Herald"),
            Assertion(FigureReported("2020-12-31", of="Acme", measure="staff", number=50), id="f1"),
            Assertion(FigureReported("2020-12-31", of="Acme", measure="staff", number=70), id="f2"),
            Assertion(
                PositionTaken(
                    "2022",
                    parties=["Acme", "Bolt"],
                    subject="Bob",
                    held_by="Bolt",
                    stance="no",
                    contests="bob",
                ),
                id="no",
            ),
        )
    return path


def test_a_contested_field_is_marked_in_python(firm: str) -> None:
    """In words, in HTML, as plain values and in what explains it; the sign is told."""
    tl = Timeline.open(firm, clock=Clock())
    state, why = tl.as_of().of(Organisation, "Acme"), tl.as_of().explain(Organisation, "Acme")
    assert positions(state) == {
        "ceo": [1, 3, 6],
        "ceo_interim": [1, 3, 6],
        "ceo_since": [1, 3, 6],
        "figures": [4],
    }
    for told in (str(state), state._repr_html_()):
        assert "#2  ! #1 #3 #6" in told
        assert "! contested: these records stand too, and say otherwise" in told
    assert state.as_dict()["contested"]["figures"] == [4]
    for told in (str(why), why._repr_html_()):
        assert "contested by" in told
    (figures,) = [one.as_dict() for one in why.fields if one.field == "figures"]
    assert [one["record"]["position"] for one in figures["contested"]] == [4]
    untouched = tl.as_of("2019").of(Organisation, "Acme")
    assert not untouched.contested
    assert "!" not in str(untouched)


@pytest.mark.parametrize("form", ["table", "json", "jsonl", "csv", "markdown"])
def test_a_contested_field_is_marked_at_the_command_line(
    firm: str, form: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """In every format, of both verbs."""
    assert run(["as-of", "2025", "Acme", "--db", firm, "--format", form]) == 0
    shown = capsys.readouterr().out
    assert "contested" in shown
    assert {"table": "! #1 #3 #6", "csv": ',"1, 3, 6"', "markdown": "| 1, 3, 6 |"}.get(form, "[") in shown
    assert run(["explain", "organisation", "Acme", "--db", firm, "--format", form]) == 0
    assert "contested" in capsys.readouterr().out


def test_it_is_known_also_once_the_timeline_is_closed(tmp_path: Path) -> None:
    """Whatever it was asked of is gone by then: a file, memory, a what-if; and it can be pickled."""
    kept: list[Any] = []
    for place in (":memory:", str(tmp_path / "gone.duckdb")):
        with Timeline.open(place, clock=Clock()) as tl:
            tl.append(FigureReported("2020-12-31", of="Acme", measure="staff", number=50))
            moment = tl.as_of()
            alone = moment.of(Organisation, "Acme")
            other = Assertion(FigureReported("2020-12-31", of="Acme", measure="staff", number=70))
            with tl.what_if(other) as world:
                kept.append(world.as_of().of(Organisation, "Acme"))
                kept.append(world.as_of().explain(Organisation, "Acme").state)
                kept += world.as_of().all(Organisation)
            tl.append(other)
            kept.append(tl.as_of().of(Organisation, "Acme"))
            kept.append(moment.diff(tl.as_of(), Organisation, "Acme").after)
    (tmp_path / "gone.duckdb").unlink()
    for state in kept:
        again = pickle.loads(pickle.dumps(state))  # noqa: S301
        assert positions(state) == positions(again) == {"figures": [1]}
    assert not alone.contested


def test_what_is_left_out_contests_nothing(firm: str) -> None:
    """By source, by credence, by what was known and by position, nor what is retracted."""
    with Timeline.open(firm, clock=Clock()) as tl:

        def ceo(**asked: Any) -> list[int]:
            return positions(tl.as_of(**asked).of(Organisation, "Acme")).get("ceo", [])

        assert ceo() == [1, 3, 6]
        assert ceo(without="Gazette") == [6]
        assert ceo(position=2) == []
        assert ceo(position=5) == [1, 3]
        with tl.what_if(Retraction("no"), Retraction("out")) as world:
            assert not world.as_of().of(Organisation, "Acme").contested["ceo"]
        with tl.what_if(Correction("out", CEOOusting("2019", company="Acme", person="Ann Lee"))) as world:
            assert positions(world.as_of().of(Organisation, "Acme"))["ceo"] == [6]
