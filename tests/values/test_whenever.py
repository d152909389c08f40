"""Wherever a date is read, a `date` is one: when it is run, and to type checkers."""

from __future__ import annotations

import inspect
import types
import typing
from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Any

import attrs
import pytest

import timeline
from tests.ledger import CATALOGUE, LeaseBegun, Noted, Organisation, opened
from timeline import Assertion, Correction, Retraction, Source, Timeline, When, declare, plot
from timeline.values import Span, Whenever

DAY, INSTANT = date(2020, 2, 3), datetime(2020, 2, 3, 4, tzinfo=UTC)
PUBLIC = [getattr(module, name) for module in (timeline, declare) for name in module.__all__]
EVENTS = [kind.cls for kind in CATALOGUE.events.values()]


def _callables() -> Iterator[tuple[str, Any]]:
    """Everything public that takes arguments, with what converts those of attrs classes."""
    for name in plot.__all__:
        yield name, getattr(plot, name)
    for thing in [*PUBLIC, *EVENTS]:
        if not isinstance(thing, type):
            if callable(thing):
                yield thing.__name__, thing
            continue
        for name, member in inspect.getmembers(thing):
            if not name.startswith("_") and inspect.isroutine(member):
                yield f"{thing.__name__}.{name}", member
        for field in attrs.fields(thing) if attrs.has(thing) else ():
            if field.init and field.converter is not None:
                yield f"{thing.__name__}({field.name}=)", field.converter


def _alternatives(annotation: Any) -> set[Any]:
    if typing.get_origin(annotation) in {types.UnionType, typing.Union}:
        return {one for each in typing.get_args(annotation) for one in _alternatives(each)}
    return {annotation}


def test_annotations_take_a_date_wherever_they_take_a_text_for_one() -> None:
    """What takes a `When` or a text for one takes all that is read as one."""
    read, seen = _alternatives(Whenever), 0
    for name, one in _callables():
        try:
            hints = typing.get_type_hints(one)
        except (TypeError, NameError):
            continue
        hints.pop("return", None)
        envelope = hints.pop("envelope", None) or hints.pop("point", None)
        for taken in typing.get_args(envelope):
            hints |= typing.get_type_hints(taken)
        for parameter, annotation in hints.items():
            taken = _alternatives(annotation)
            if {When, str} <= taken:
                assert read <= taken, f"{name}: {parameter}"
                seen += 1
    assert seen > 30


@pytest.mark.parametrize("given", [DAY, INSTANT, "2020-02-03", When("2020-02-03")])
def test_a_date_is_read_everywhere(given: Whenever) -> None:
    """This file is checked by mypy as well, so that what is called here is what may be called."""
    first = Noted(given, subject="Acme", topic="mood")
    lease = LeaseBegun(given, subject="Acme", holder="Ann", room="east", until=given)
    with opened() as tl:
        tl.append(first, lease, source=Source("Gazette", published=given), known=given)
        tl.append(
            Assertion(Noted(given, subject="Bolt", topic="mood"), known=given), Retraction(1, known=given)
        )
        tl.append(Correction(2, lease, known=given, note="again"))
        moment = tl.as_of(given, known=given, position=None)
        moment.as_of(given)
        tl.as_of(given, position=DAY)
        moment.of(Organisation, "acme")
        tl.as_of().history(Organisation, "acme", during=given)
        tl.as_of().history(Organisation, "acme", since=given, until=given)
        tl.as_of().history(Organisation, "acme").at(given)
        list(tl.as_of(known=given).records(during=given))
        list(tl.as_of(given).records(since=given, until=given, by_then=True))
        tl.as_of(given, known=given).check(by_then=True)
        tl.as_of(given, known=given).entities(by_then=True)
        _drawn(tl, given)
    assert Span(during=given).first is not None
    assert When.read(given).text.startswith("2020-02-03")


def _drawn(tl: Timeline, given: Whenever) -> None:
    plot.timeline(tl.as_of(given), Organisation, "acme")
    plot.timeline(tl.as_of(), Organisation, "acme", since=given, until=given)
