"""Records by field of a state: only those fields of which there is something to say."""

from __future__ import annotations

import pickle
from typing import Any

import pytest
from hypothesis import given, strategies as st

from tests import strategies
from tests.ledger import CATALOGUE, Ledger, Noted, opened
from tests.strategies import History, histories
from timeline import TimelineError
from timeline.errors import UnknownField

HISTORIES = histories(strategies.ANYTHING | strategies.DEALS | strategies.LEADERS)


def assert_only_what_is_said(fields: list[str], told: Any) -> None:
    """A mapping holds the fields of which there is something to say, and gives `()` for the others."""
    assert list(told) == [field for field in fields if told[field]] == [*told.keys()]
    assert bool(told) == (len(told) > 0) == any(told[field] for field in fields)
    for field in fields:
        assert isinstance(told[field], tuple)
        assert (field in told) == bool(told[field])
        assert told.get(field, ()) == told[field]
    others: tuple[Any, ...] = ("", "nobody", 7, None, [], ("ceo",))
    for wrong in others:
        assert wrong not in told
        with pytest.raises(KeyError):
            told[wrong]
    assert dict(told) == {field: told[field] for field in told}
    assert pickle.loads(pickle.dumps(told)) == told  # noqa: S301


@given(HISTORIES, st.data())
def test_it_holds_what_there_is_something_to_say_of(history: History, data: st.DataObject) -> None:
    """Of states asked one by one and all at once, and of the periods of histories."""
    with opened() as tl:
        tl.append(*history.statements)
        moment = tl.as_of(data.draw(strategies.moments(history))[0])
        for kind in CATALOGUE.compiled:
            fields = list(kind.folds)
            for state in moment.all(kind.cls):
                alone = moment.of(kind.cls, *state.who)
                for one in (state, alone, *tl.as_of().history(kind.cls, *state.who)):
                    assert_only_what_is_said(fields, one.because)
                    assert_only_what_is_said(fields, one.unsettled)


def test_a_slip_of_the_pen_is_told_with_the_nearest() -> None:
    """Whatever is no field of the state is an error of ours, and a KeyError."""
    with opened() as tl:
        tl.append(Noted("2020", subject="acme", topic="mood"))
        state = tl.as_of("2021").of(Ledger, "acme")
    assert not state.unsettled
    assert state.unsettled["notes"] == ()
    with pytest.raises(UnknownField, match="no field 'note'; did you mean notes") as caught:
        state.because["note"]
    assert isinstance(caught.value, TimelineError)
    assert isinstance(caught.value, KeyError)
