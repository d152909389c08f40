"""Events as canonical text, and what does not fit, told by path."""

from __future__ import annotations

import unicodedata
from typing import Any

import attrs
import pytest
import rfc8785
from hypothesis import given, strategies as st

from events import FundingRound
from timeline.errors import InvalidData
from timeline.records import Codec, canonical, content_id, source_id
from timeline.records.codec import mark_id
from timeline.values import Source
from timeline.vocabulary import Catalogue

CODEC = Codec(Catalogue.find())
TEXTS = st.text(st.characters(codec="utf-8"), max_size=8)
VALUES: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=8,
)


def _normal(value: Any) -> Any:
    if isinstance(value, str):
        return unicodedata.normalize("NFC", value)
    if isinstance(value, dict):
        return {_normal(key): _normal(one) for key, one in value.items()}
    return [_normal(one) for one in value] if isinstance(value, list) else value


@given(VALUES)
def test_canonical_text_is_that_of_rfc_8785(value: Any) -> None:
    """It agrees with another implementation of the standard, text in NFC."""
    assert canonical(value).encode() == rfc8785.dumps(_normal(value))


def test_defaults_are_written_out() -> None:
    """So that a default that changes later does not change what was said."""
    event = FundingRound("2020", company="Acme", investors=["Ann"], amount="about 2.50m EUR")
    assert CODEC.write(event) == (
        '{"amount":{"bound":"about","currency":"EUR","value":"2500000"},"company":"Acme","investors":["Ann"]}'
    )


@pytest.mark.parametrize(
    ("data", "problems"),
    [
        ({"investors": [], "amount": None}, {"funding_round.company": "is missing"}),
        (
            {"company": " ", "investors": [], "amount": "-1 USD"},
            {"funding_round.company": "blank", "funding_round.amount": "negative"},
        ),
        ({"company": "A", "investors": [], "amount": None, "sum": "1"}, {"funding_round.sum": "is no field"}),
        ({"company": None, "investors": [], "amount": None}, {"funding_round.company": "a value is needed"}),
        (
            {"company": "A", "investors": {"a": 1}, "amount": None},
            {"funding_round.investors": "list of texts"},
        ),
        ({"company": "A", "investors": [], "amount": {"value": 1.5}}, {"funding_round.amount": "amount"}),
    ],
)
def test_every_field_that_does_not_fit_is_named(data: dict[str, Any], problems: dict[str, str]) -> None:
    """All problems come at once, each with its path."""
    with pytest.raises(InvalidData) as caught:
        CODEC.read("funding_round", "2020", data)
    found = dict(caught.value.problems)
    assert found.keys() == problems.keys()
    assert all(part in found[path] for path, part in problems.items())


def test_ids_are_the_same_everywhere() -> None:
    """Ids follow from marks and contents alone; these are written in files and may never change."""
    assert str(mark_id("A14")) == "6d9ebf4b-92e4-5a03-8366-4ed02b98081e"
    one = content_id(kind="assertion", data={"b": None, "a": "x"})
    assert one == content_id(data={"a": "x", "b": None}, kind="assertion")
    fortune = Source("T", publisher="Fortune", published="2019-07-22")
    assert source_id(fortune) == source_id(attrs.evolve(fortune, locator="p. 3"))
