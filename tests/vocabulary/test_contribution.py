"""Whose state an event enters: told of all keys at once, or of one."""

from __future__ import annotations

import itertools
from collections.abc import Iterable

from hypothesis import given, strategies as st

from tests import ledger, made_up, strategies
from tests.strategies import History
from timeline import Assertion, Correction
from timeline.records import Statement
from timeline.vocabulary import Catalogue


def assert_agreement(catalogue: Catalogue, statements: Iterable[Statement]) -> None:
    """Of every key, an event enters the slots that `places` says, as jointly, and of no other key any."""
    events = [one.event for one in statements if isinstance(one, Assertion | Correction)]
    for event, state in itertools.product(events, catalogue.states.values()):
        for feeding in state.feeding(type(event)):
            places = feeding.places(event)
            known = {entity for place in places for entity in place.key} | {"nobody"}
            for key in itertools.combinations(sorted(known), state.arity):
                slots = list(feeding.slots(event, key))
                assert len(dict(slots)) == len(slots)
                assert dict(slots) == {place.slot: place.jointly for place in places if place.key == key}


@given(strategies.histories(strategies.ANYTHING | strategies.DEALS | strategies.LEADERS))
def test_one_key_has_the_slots_that_all_keys_have(history: History) -> None:
    assert_agreement(ledger.CATALOGUE, history.statements)


@given(made_up.vocabularies(), st.data())
def test_one_key_has_the_slots_that_all_keys_have_in_every_vocabulary(
    made: made_up.Vocabulary, data: st.DataObject
) -> None:
    catalogue = made.catalogue()
    assert_agreement(catalogue, made_up.statements(data.draw(made.histories()), catalogue))
