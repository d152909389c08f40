"""Whatever is given to what is public, it works or is told as an error of ours."""

from __future__ import annotations

import inspect
import re
import threading
import typing
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

import attrs
import pandas as pd
import polars as pl
import pytest

from tests.ledger import (
    NOW,
    CEOAppointment,
    Clock,
    ExclusivityDeal,
    FundingRound,
    Noted,
    Organisation,
    opened,
)
from timeline import (
    Assertion,
    Attestation,
    Condition,
    Correction,
    Imported,
    Money,
    Retraction,
    Source,
    Timeline,
    TimelineError,
    Violation,
    When,
    declare,
    plot,
)
from timeline.declare import Entity, EntityState, Event, Funds
from timeline.values import Span
from timeline.vocabulary import Catalogue

ODD: Final[Mapping[str, Callable[[], Any]]] = {
    "None": lambda: None,
    "0": lambda: 0,
    "-1": lambda: -1,
    "10**30": lambda: 10**30,
    "1.5": lambda: 1.5,
    "nan": lambda: float("nan"),
    "True": lambda: True,
    "bytes": lambda: b"x",
    "empty": lambda: "",
    "surrogate": lambda: "\ud800",
    "nul": lambda: "a\0b",
    "long": lambda: "x" * 100_000,
    "list": list,
    "nested": lambda: [[None]],
    "mapping": lambda: {"\ud800": object()},
    "set": lambda: {1},
    "object": object,
    "class": lambda: int,
    "function": lambda: len,
    "generator": lambda: (one for one in (object(),)),
    "NaT": lambda: pd.NaT,
    "NA": lambda: pd.NA,
    "naive": lambda: datetime(2020, 1, 1),  # noqa: DTZ001
    "date": lambda: date(2020, 1, 1),
    "decimal": lambda: Decimal("NaN"),
    "lazy": lambda: pl.LazyFrame({"a": [1]}),
    "frame": lambda: pd.DataFrame({"a": [1]}),
}
"""What is given for each argument, made anew each time."""

ENDED: Final = threading.Event()
ENDED.set()
OWN: Final = {"class", "function"}
"""Of these, what is called: what goes wrong in it is for whoever gave it."""
LONG: Final = 480
"""How long a line of an error may be."""
CALLED: Final = {"progress", "stop", "unless", "clock", "step", "told", "upcasts", "initial"}

SAMPLES: Final[Mapping[str, Any]] = {
    "state": Organisation,
    "one": "Acme",
    "other": "Bolt",
    "who": ["Acme"],
    "record": 1,
    "records": [],
    "commits": [],
    "reference": 1,
    "event": Noted("2020", subject="Acme", topic="t"),
    "events": [Noted("2020", subject="Acme", topic="t")],
    "event_type": Noted,
    "rows": "SELECT '2020' AS occurred, 'Acme' AS subject, 't' AS topic",
    "batches": [],
    "known": "2020",
    "query": "SELECT 1",
    "path": "elsewhere.jsonl",
    "reason": "r",
    "actor": "a",
    "target": 1,
    "value": "2020",
    "when": "2020",
    "zone": None,
    "entity": "acme",
    "amounts": [],
    "title": "Gazette",
    "text": "2020",
}
ASIDE: Final[Mapping[str, Mapping[str, Any]]] = {
    "append_table": {"known": "2020"},
    "append": {"dry_run": True},
    "append_all": {"dry_run": True},
    "correct": {"dry_run": True, "note": "n"},
    "retract": {"dry_run": True},
    "attest": {"dry_run": True, "source": "Post"},
    "backup": {"dry_run": True},
    "export": {"dry_run": True},
    "import_log": {"dry_run": True},
    "redact": {"dry_run": True},
    "follow": {"timeout": 0, "stop": ENDED},
}
"""What is given besides, so that nothing is written or waited for."""


@attrs.frozen(kw_only=True)
class Talked(Event):
    """Somebody talks of something; not yet registered."""

    whom: Entity
    topic: str


class Talk(EntityState):
    """What is talked of; not yet registered."""


FIELD: Final = {"of": "subject"}
FOLDED: Final = {"ends": (), "per": "company", "name": "r", "says": "So it is."}
DECLARED: Final[Mapping[str, Mapping[str, Any]]] = {
    "declare.agree": {**FOLDED, "figure": ExclusivityDeal, "per": "grantor", "period": "until", "values": ()},
    "declare.at_most_one": {**FOLDED, "starts": CEOAppointment.person},
    "declare.count": {**FIELD, "events": [Noted]},
    "declare.event_type": {"name": "talked", "says": "{topic}"},
    "declare.event_type()": {"cls": Talked},
    "declare.first": {**FIELD, "value": Noted.topic},
    "declare.fold": {**FIELD, "over": Noted, "step": lambda value, _: value, "initial": 0},
    "declare.held": {**FIELD, "starts": Noted.topic},
    "declare.last": {**FIELD, "value": Noted.topic},
    "declare.nothing_after": {**FOLDED, "ends": CEOAppointment.company, "then": FundingRound.company},
    "declare.opposed": {**FOLDED, "marks": Noted.topic},
    "declare.state_type": {"name": "talk"},
    "declare.state_type()": {"cls": Talk},
    "declare.sums_up": {
        **FOLDED,
        "claim": FundingRound.amount,
        "parts": FundingRound.amount,
        "of": "company",
        "by": "investors",
    },
    "declare.term_in_order": {**FOLDED, "terms": [ExclusivityDeal.until]},
    "declare.total": {"of": "company", "attribute": FundingRound.amount},
    "Timeline.correct": {"event": CEOAppointment("2019", company="Acme", person="Zoe")},
    "Noted": {"occurred": "2020", "subject": "Acme", "topic": "t"},
    "Picture.save": {"path": "picture.svg"},
    "Period.holds": {"instant": NOW},
}
"""What is given to these, where it is not what others of the name take."""


DATES: Final = ["2020", date(2020, 1, 1), datetime(2020, 1, 1, tzinfo=UTC), When("2020")]
FILTERS: Final = ["Gazette", Source("Gazette"), ["Gazette", Source("Gazette")]]
TAKEN: Final[Mapping[str, Sequence[Any]]] = {
    **dict.fromkeys(("during", "known", "published", "since", "until", "valid", "occurred", "when"), DATES),
    **dict.fromkeys(("only", "without"), FILTERS),
    "source": ["Gazette", Source("Gazette"), {"title": "Gazette"}, ["Gazette", Source("Post")]],
    "state": [Organisation, "organisation"],
    "types": ["noted", Noted, ["noted", Noted], {"noted"}, None],
    "entities": ["Acme", ["Acme"], ("Acme",), {"acme"}, iter(["Acme"])],
    "record": [1, "1"],
    "target": [1, "mark"],
    "tz": ["Europe/Paris", None],
    "path": ["there.jsonl", Path("here.jsonl")],
}
"""What pages name more than one form of, by the name of the argument."""
NAMED: Final[Mapping[str, Mapping[str, Any]]] = {
    "Moment.single_sourced": {},
    "Source": {"title": "Gazette"},
    "Timeline.retract": {"record": 1, "dry_run": True},
    "Timeline.what_if": {},
}
"""Where these alone are given besides, by name."""
ELSEWHERE: Final = {
    ("Timeline.append_table", "known"),
    ("Moment.between", "state"),
    ("Timeline.verify", "since"),
    ("Timeline.open", "entities"),
    ("Timeline.open", "path"),
    ("Timeline.import_log", "path"),
    ("Moment.plans", "state"),
    ("plot.graph", "state"),
    ("plot.ties", "state"),
    ("Picture.save", "path"),
    ("TermInOrder.concerns", "record"),
}
"""What means another thing there, or goes with more than is given here."""


def _timeline() -> Timeline:
    tl = opened(Clock())
    tl.append(
        CEOAppointment("2019", company="Acme", person="Ann"),
        FundingRound("2020", company="Acme", investors=["Bolt"], amount="$1m"),
        Noted("2021", subject="Acme", topic="mood", text="up"),
        source=Source("Gazette", published="2020"),
    )
    return tl


def _imported() -> Imported:
    """What `append_table` gives."""
    with opened(Clock()) as tl:
        return tl.append_table(Noted, SAMPLES["rows"], known="2020")


def _found() -> Violation:
    """Two who lead one company."""
    rule = declare.at_most_one("one", "One.", starts=CEOAppointment.person, ends=(), per="company")
    catalogue = Catalogue.of(CEOAppointment, rules=[rule])
    with Timeline.open(":memory:", catalogue=catalogue, clock=Clock()) as tl:
        tl.append(*(CEOAppointment("2020-01-01", company="Acme", person=one) for one in ("Ann", "Bob")))
        return tl.as_of().check().violations[0]


def _parameters(function: Callable[..., Any]) -> Iterator[tuple[str, inspect.Parameter]]:
    for name, one in inspect.signature(function).parameters.items():
        if one.kind is one.VAR_KEYWORD:
            known = inspect.unwrap(getattr(function, "__func__", function)).__globals__
            (taken,) = typing.get_args(eval(str(one.annotation), known)) or (None,)  # noqa: S307
            for key in typing.get_type_hints(taken) if taken else ():
                yield key, inspect.Parameter(key, one.KEYWORD_ONLY, default=None)
        else:
            yield name, one


def _calls(tl: Timeline) -> Iterator[tuple[str, Callable[..., Any]]]:
    """Everything public that can be called, methods of one of each kind."""
    moment = tl.as_of()
    rows = tl.sql("SELECT 1 AS a")
    several = [
        tl,
        moment,
        rows,
        moment.of(Organisation, "acme"),
        moment.between("acme", "bolt"),
        moment.history(Organisation, "acme"),
        tl.record(1),
    ]
    several += [moment.explain(Organisation, "acme"), moment.check(), When("2020"), Source("Gazette")]
    several += [tl.append(Noted("2020", subject="Acme", topic="n"), dry_run=True), Money("$1"), Funds()]
    several += [_imported(), _found(), next(iter(tl.catalogue.rules.values()))]
    several += [
        tl.as_of("2018").diff(moment, Organisation, "acme"),
        moment.history(Organisation, "acme").periods[0],
    ]
    several += [plot.timeline(moment, Organisation, "acme")]
    for one in several:
        for name in dir(one):
            member = getattr(type(one), name, None)
            if not name.startswith("_") and inspect.isroutine(member) and name != "close":
                yield f"{type(one).__name__}.{name}", getattr(one, name)
    for value in (
        Assertion,
        Correction,
        Retraction,
        Attestation,
        Condition,
        Source,
        When,
        Money,
        Noted,
        Span,
        Funds,
    ):
        yield value.__name__, value
    yield "Funds.of", Funds.of
    for name in declare.__all__:
        if inspect.isfunction(getattr(declare, name)):
            yield f"declare.{name}", getattr(declare, name)
    yield "declare.event_type()", declare.event_type("talked", says="{topic}")
    yield "declare.state_type()", declare.state_type("talk")
    for name in plot.__all__:
        if name != "Picture":
            yield f"plot.{name}", getattr(plot, name)


def _samples(name: str, samples: Mapping[str, Any]) -> Mapping[str, Any]:
    """What is given to a function where nothing odd is."""
    other = {"other": samples["moment"]} if name == "Moment.diff" else {}
    return {**samples, **other, **DECLARED.get(name, {})}


def _given(
    name: str,
    parameters: list[tuple[str, inspect.Parameter]],
    which: str,
    odd: Any,
    samples: Mapping[str, Any],
) -> tuple[list[Any], dict[str, Any]]:
    """The arguments of a call: those that are needed, and something odd for one of all."""
    args: list[Any] = []
    named = dict(ASIDE.get(name.rpartition(".")[2], {}))
    stop = [key for key, _ in parameters].index(which)
    for index, (key, one) in enumerate(parameters):
        value = odd if key == which else samples.get(key)
        if one.kind is one.VAR_POSITIONAL:
            args += [odd] if key == which else value or []
        elif one.kind is one.KEYWORD_ONLY:
            if key == which or one.default is one.empty:
                named[key] = value
        elif key == which or one.default is one.empty:
            args.append(value)
        elif index < stop and parameters[stop][1].kind is not one.KEYWORD_ONLY:
            args.append(one.default)
    return args, named


def test_every_argument_that_is_not_taken_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Each argument of everything public in turn, given everything odd: it works, or is an error of ours."""
    monkeypatch.chdir(tmp_path)
    faults, calls = [], 0
    with _timeline() as tl, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        moment = tl.as_of()
        samples = {**SAMPLES, "moment": moment, "before": moment, "after": moment}
        for name, function in (*_calls(tl), ("Timeline.open", Timeline.open)):
            parameters = list(_parameters(function))
            for which, _ in parameters:
                for called, odd in ODD.items():
                    if called in OWN and which in CALLED:
                        continue
                    args, named = _given(name, parameters, which, odd(), _samples(name, samples))
                    calls += 1
                    what = f"{name}({which}={called})"
                    try:
                        found = function(*args, **named)
                        if isinstance(found, Iterator):
                            list(found)
                    except TimelineError as problem:
                        faults += [
                            f"{what}: a long line" for line in str(problem).splitlines() if len(line) > LONG
                        ]
                    except Exception as problem:  # noqa: BLE001
                        faults.append(f"{what}: {type(problem).__name__}: {str(problem)[:80]}")
    assert faults == []
    assert calls > 5_000


def test_every_form_that_is_named_is_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Dates, sources, states, types and entities, in each form, wherever they are asked for."""
    monkeypatch.chdir(tmp_path)
    faults, calls = [], 0
    with _timeline() as tl:
        moment = tl.as_of()
        samples = {**SAMPLES, "moment": moment, "before": moment, "after": moment}
        for name, function in _calls(tl):
            if name.startswith("declare.") or name == "plot.money":
                continue
            parameters = list(_parameters(function))
            for which, _ in parameters:
                for given in () if (name, which) in ELSEWHERE else TAKEN.get(which, ()):
                    if name in NAMED and which != "state":
                        args: list[Any] = []
                        named = {**NAMED[name], which: given}
                    else:
                        args, named = _given(name, parameters, which, given, _samples(name, samples))
                    calls += 1
                    try:
                        found = function(*args, **named)
                        if isinstance(found, Iterator):
                            list(found)
                    except Exception as problem:  # noqa: BLE001
                        faults.append(f"{name}({which}={given!r}): {problem}")
    assert faults == []
    assert calls > 200


def test_whatever_the_reference_names_is_called() -> None:
    """So that nothing public is left out of what is held here."""
    page = (Path(__file__).parents[2] / "docs/reference/python.md").read_text("utf-8")
    with _timeline() as tl:
        called = {
            f"{base.__name__}.{name.rpartition('.')[2]}"
            for name, function in _calls(tl)
            for base in type(getattr(function, "__self__", None)).__mro__
        } | {name for name, _ in _calls(tl)}
    called |= {name.rpartition(".")[2] for name in called} - {"close"}
    named = re.findall(r"^#{3,4} `([\w.]+)\(", page, re.MULTILINE)
    assert len(named) > 80
    assert {name for name in named if name not in called} == {"Timeline.close"}


def _declared(value: Any, annotation: Any = str) -> None:
    """A state with one field."""
    names = {"__doc__": "What is so.", "__annotations__": {"told": annotation}, "told": value}
    declare.state_type("talk")(type("Talk", (EntityState,), names))


@pytest.mark.parametrize(
    ("declaring", "words"),
    [
        (lambda: _declared(declare.count(of="subject")), "count takes an event type at least"),
        (lambda: _declared(declare.first((), of="subject")), "first takes an event type at least"),
        (lambda: _declared(declare.last(Noted.text, of="subject"), "Nowhere"), "annotation that cannot be"),
        (lambda: declare.first({Noted: 3}, of="subject"), "a mapping gives a text for each event type"),
        (lambda: declare.count(Event, of="subject"), "Event is no event type"),
        (lambda: declare.event_type("t", says="", naming=typing.cast("Any", ("a",)))(Talked), "a tuple of 2"),
        (lambda: declare.state_type("t")(Organisation), "a state already"),
        (lambda: _led(unended="vanishes"), "one of stays, replaced, unknown"),
        (lambda: _led(only={"company": "Acme"}), "a mapping of a text to several of a text"),
        (lambda: _led(only={"company": [3]}), "a mapping of a text to several of a text"),
        (lambda: _led(starts=()), "name one attribute"),
    ],
)
def test_what_cannot_be_declared_is_told_where_it_is(declaring: Callable[[], Any], words: str) -> None:
    """Also what is of the right type and means nothing."""
    with pytest.raises(TimelineError, match=words):
        declaring()


def _led(**odd: Any) -> declare.Rule:
    """A rule with something odd."""
    return declare.at_most_one(
        "r", "R.", **{"starts": CEOAppointment.person, "ends": (), "per": "company", **odd}
    )
