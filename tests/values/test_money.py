"""What amounts are read, how they are written, and how the rest is refused."""

from __future__ import annotations

import copy
import decimal
import pickle
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import pytest
from attrs.exceptions import FrozenInstanceError
from hypothesis import given, strategies as st

from timeline.errors import BadMoney
from timeline.values import Bound, Money, plain

# Texts, what they say, and how it is written.
GOOD: list[tuple[str, str, str, Bound, str]] = [
    ("10bn USD", "10000000000", "USD", "exactly", "$10bn"),
    ("$1bn", "1000000000", "USD", "exactly", "$1bn"),
    ("$1B", "1000000000", "USD", "exactly", "$1bn"),
    ("US$650 million", "650000000", "USD", "exactly", "$650m"),
    ("up to $500bn", "500000000000", "USD", "up to", "up to $500bn"),
    ("At  most USD 3 mn", "3000000", "USD", "up to", "up to $3m"),
    ("over 5k EUR", "5000", "EUR", "over", "over €5,000"),
    ("more than €3bn", "3000000000", "EUR", "over", "over €3bn"),
    ("at least 3 thousand SEK", "3000", "SEK", "over", "over 3,000 SEK"),
    ("about $2.5m", "2500000", "USD", "about", "about $2.5m"),
    ("ABOUT $2.5M", "2500000", "USD", "about", "about $2.5m"),
    ("around 7 JPY", "7", "JPY", "about", "about 7 JPY"),
    ("approximately £1.2bn", "1200000000", "GBP", "about", "about £1.2bn"),
    ("roughly £1.2bn", "1200000000", "GBP", "about", "about £1.2bn"),
    ("~£1.2bn", "1200000000", "GBP", "about", "about £1.2bn"),
    ("~ 10 CHF", "10", "CHF", "about", "about 10 CHF"),
    ("$5tn", "5000000000000", "USD", "exactly", "$5000bn"),
    ("5 trillion USD", "5000000000000", "USD", "exactly", "$5000bn"),
    ("2.5mSEK", "2500000", "SEK", "exactly", "2.5m SEK"),
    ("10 BND", "10", "BND", "exactly", "10 BND"),
    ("10bBND", "10000000000", "BND", "exactly", "10bn BND"),
    ("$12,345", "12345", "USD", "exactly", "$12,345"),
    ("$12345.50", "12345.5", "USD", "exactly", "$12,345.5"),
    ("$1,234,567,891", "1234567891", "USD", "exactly", "$1,234,567,891"),
    ("$1.234567891bn", "1234567891", "USD", "exactly", "$1,234,567,891"),
    ("$1,234bn", "1234000000000", "USD", "exactly", "$1234bn"),
    ("$1.1234567890123bn", "1123456789.0123", "USD", "exactly", "$1,123,456,789.0123"),
    ("$0.000001", "0.000001", "USD", "exactly", "$0.000001"),
    ("$0.00", "0", "USD", "exactly", "$0"),
    ("$10 USD", "10", "USD", "exactly", "$10"),
    (" EUR 10 ", "10", "EUR", "exactly", "€10"),
    ("100 DEM", "100", "DEM", "exactly", "100 DEM"),
    ("1m FRF", "1000000", "FRF", "exactly", "1m FRF"),
    ("1m HRK", "1000000", "HRK", "exactly", "1m HRK"),
    ("1m BGN", "1000000", "BGN", "exactly", "1m BGN"),
    (f"${'9' * 24}", "9" * 24, "USD", "exactly", f"${int('9' * 24):,}"),
]

# Texts and words of the message.
BAD: list[tuple[str, str]] = [
    ("", "nothing is written"),
    ("   ", "nothing is written"),
    ("10", "no currency"),
    ("10bn", "no currency"),
    ("up to", "cannot be read"),
    ("$", "cannot be read"),
    ("$.5", "before the point"),
    ("$2.", "behind the point"),
    ("5 dollars", "write its code"),
    ("five million", "in digits"),
    ("over$5", "'over $5m'"),
    ("up to about $5", "'about $5m'"),
    *(
        (f"{word} $5m", "'up to $5m'")
        for word in ("under", "nearly", "less than", "no more than", "<", "max.")
    ),
    *(
        (text, "'over $5m'")
        for text in ("$15m+", "15m+ USD", "$15+ million", ">1bn", "above $5m", "min. $5m")
    ),
    *((text, "'about $5m'") for text in ("c. $5m", "circa $5m", "≈$5m", "$5m?", "some $5m", "approx. $5m")),
    *((text, "a range") for text in ("$1-2m", "$1m–$2m", "$1m to $2m", "between $1m and $2m")),
    *((text, "no currency of ISO 4217") for text in ("5 BTC", "BTC 5", "5 USDT", "₿5", "5 XAU", "2 eth")),
    *((text, "k, m, bn or tn") for text in ("$10MM", "$10 mio", "10 Mrd EUR", "5 lakh INR", "$5t")),
    *((text, "'$1,000,000'") for text in ("€1.000.000", "€1.000.000,50", "1 000 000 SEK", "1'000'000 CHF")),
    ("5 m$", "symbol is not first"),
    ("C$5m", "write its code"),
    ("₹5m", "write its code"),
    ("USD $5m", "a code and a symbol"),
    ("$5m and €2m", "two amounts"),
    ("$5m/year", "a rate"),
    ("5%", "a share"),
    ("undisclosed", "leave it out"),
    ("-", "leave it out"),
    ("10 yen", "write its code"),
    ("NaN USD", "cannot be read"),
    ("Infinity USD", "cannot be read"),
    ("$5\n6", "cannot be read"),
    ("$٣", "cannot be read"),
    ("$5 $6", "symbol is not first"),
    ("500€", "symbol is not first"),
    ("¥5", "JPY or CNY"),
    ("10 RMB", "write CNY"),
    ("10 usd", "write USD"),
    ("10 UDS", "write USD or"),
    ("10 EUF", "write EUR"),
    ("10 QQQ", "ISO 4217"),
    ("$10 CAD", "two currencies, $ and CAD"),
    ("EUR 10 USD", "two currencies, EUR and USD"),
    ("-$5", "negative"),
    ("$-5", "negative"),
    ("−5 USD", "negative"),
    ("$1e5", "exponent"),
    ("1E+5 USD", "exponent"),
    ("1,23 USD", "groups of three"),
    ("1234,567 USD", "groups of three"),
    ("$0,500", "groups of three"),
    ("$1,5bn", "groups of three"),
    ("$1.12345678901", "10 decimals"),
    ("$0.00000000001", "10 decimals"),
    (f"$1{'0' * 28}", "28 digits"),
    ("$10000000000000000tn", "28 digits"),
]

values = st.decimals(0, Decimal(10**28 - 1), places=10) | st.integers(0, 10**28 - 1).map(Decimal)
rounded = st.builds(lambda n, power: Decimal(n) * 10**power, st.integers(0, 99_999), st.integers(0, 15))
currencies = st.sampled_from(["USD", "EUR", "GBP", "SEK", "JPY", "BND", "MKD", "TND", "KZT", "DEM"])
bounds: st.SearchStrategy[Bound] = st.sampled_from(["exactly", "up to", "over", "about"])
amounts = st.builds(Money, values | rounded, currencies, bounds)


@pytest.mark.parametrize(("text", "value", "currency", "bound", "written"), GOOD)
def test_an_amount_is_read_and_written_compactly(
    text: str, value: str, currency: str, bound: Bound, written: str
) -> None:
    money = Money(text)
    assert (str(money.value), money.currency, money.bound) == (value, currency, bound)
    assert str(money) == written
    assert Money.read(written) == money


@pytest.mark.parametrize(("text", "message"), BAD)
def test_a_text_that_is_no_amount_is_refused(text: str, message: str) -> None:
    with pytest.raises(BadMoney) as caught:
        Money(text)
    assert caught.value.value == text
    assert message in str(caught.value)


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (1.5, "give a text or a Decimal"),
        (True, "give a text or a Decimal"),
        (None, "give a text or a Decimal"),
        (-1, "negative"),
        ("-1", "negative"),
        (Decimal(-1), "negative"),
        (Decimal("NaN"), "finite"),
        (Decimal("sNaN"), "finite"),
        (Decimal("Infinity"), "finite"),
        ("NaN", "plain decimal"),
        ("1e3", "plain decimal"),
        ("1,000", "plain decimal"),
        ("", "plain decimal"),
        ("1\n", "plain decimal"),
        (10**28, "28 digits"),
        pytest.param(10**6000, "28 digits", id="huge"),
        (Decimal("1E+999999"), "28 digits"),
        (Decimal("1E-999999"), "10 decimals"),
        ("0.00000000001", "10 decimals"),
    ],
)
def test_a_number_that_is_no_exact_amount_is_refused(value: Any, message: str) -> None:
    with pytest.raises(BadMoney) as caught:
        Money(value, "USD")
    assert message in str(caught.value)
    with pytest.raises(BadMoney):
        Money.read({"value": value, "currency": "USD"})


@pytest.mark.parametrize("code", ["$", "usd", "XXX", "", None, 7, "US", "USD "])
def test_a_currency_is_a_code_of_iso_4217(code: Any) -> None:
    with pytest.raises(BadMoney):
        Money(5, code)
    with pytest.raises(BadMoney):
        Money.read({"value": 5, "currency": code})


@pytest.mark.parametrize("bound", ["at most", "", None, 7, []])
def test_a_bound_is_one_of_four(bound: Any) -> None:
    with pytest.raises(BadMoney, match="is no bound; give 'exactly', 'up to', 'over' or 'about'"):
        Money(5, "USD", bound)


def test_a_number_is_given_with_its_currency_and_bound() -> None:
    assert Money(Decimal("2.5"), "USD") == Money("$2.5")
    assert Money("2.50", "USD") == Money("$2.5")
    assert Money(10, "USD", bound="over") == Money("over $10")
    with pytest.raises(BadMoney, match="no currency"):
        Money(10)  # type: ignore[call-overload]
    with pytest.raises(BadMoney, match="write it like 'up to"):
        Money("$10", bound="over")  # type: ignore[call-overload]


@pytest.mark.parametrize(
    ("mapping", "text"),
    [
        ({"value": "2.50", "currency": "USD"}, "$2.5"),
        ({"value": 10, "currency": "EUR", "bound": "over"}, "over €10"),
        ({"currency": "DEM", "value": "1000000"}, "1m DEM"),
    ],
)
def test_a_mapping_is_read(mapping: Mapping[str, object], text: str) -> None:
    assert Money.read(mapping) == Money(text)


@pytest.mark.parametrize(
    ("mapping", "message"),
    [
        ({}, "lacks"),
        ({"value": "2.5"}, "lacks"),
        ({"currency": "USD"}, "lacks"),
        ({"value": "2.5", "currency": "USD", "unit": "bn", 7: 7}, "it has 'unit' and 7"),
        ({"value": "$2.5", "currency": "USD"}, "plain decimal"),
        ({"value": "2.5bn", "currency": "USD"}, "plain decimal"),
        ({"value": "2.5", "currency": None}, "None is no currency"),
        ({"value": "2.5", "currency": "USD", "bound": None}, "None is no bound"),
    ],
)
def test_a_mapping_that_is_no_amount_is_refused(mapping: Any, message: str) -> None:
    with pytest.raises(BadMoney) as caught:
        Money.read(mapping)
    assert message in str(caught.value)


@pytest.mark.parametrize("value", [10, 1.5, None, True, b"$1", ["$1"], Decimal(1)])
def test_what_is_neither_text_nor_mapping_is_refused(value: Any) -> None:
    with pytest.raises(BadMoney):
        Money.read(value)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("2.50", "2.5"),
        ("0.00", "0"),
        ("-0", "0"),
        ("0E-9", "0"),
        ("1E+3", "1000"),
        ("100", "100"),
        ("-2.50", "-2.5"),
        ("1E-7", "0.0000001"),
        ("12345678901234567890123456789012345.10", "12345678901234567890123456789012345.1"),
    ],
)
def test_a_plain_number_has_no_exponent_and_no_trailing_zeros(value: str, text: str) -> None:
    assert plain(Decimal(value)) == text


def test_an_amount_cannot_be_changed_and_survives_copying() -> None:
    money = Money("up to $500bn")
    with pytest.raises(FrozenInstanceError):
        money.value = Decimal(1)  # type: ignore[misc]
    assert copy.deepcopy(money) == money
    assert pickle.loads(pickle.dumps(money)) == money  # noqa: S301
    assert money.as_dict() == {"value": "500000000000", "currency": "USD", "bound": "up to"}
    assert repr(money) == "Money(value=Decimal('500000000000'), currency='USD', bound='up to')"


def test_the_precision_in_force_changes_nothing() -> None:
    with decimal.localcontext(decimal.Context(prec=3, traps=[decimal.Inexact, decimal.Rounded])):
        assert str(Money("$1.234567891bn")) == "$1,234,567,891"
        assert str(Money(Decimal("123456.50"), "USD")) == "$123,456.5"


@given(amounts)
def test_reading_what_is_written_gives_the_same_amount(money: Money) -> None:
    assert Money.read(str(money)) == money
    assert Money.read(money.as_dict()) == money
    assert Money.read(money) is money


@given(values | rounded, currencies)
def test_a_value_is_kept_exactly_without_trailing_zeros_or_exponent(value: Decimal, currency: str) -> None:
    kept = Money(value, currency).value
    assert kept == value
    assert format(kept, "f") == plain(value)
    assert hash(Money(value, currency)) == hash(Money(plain(value), currency))


@given(st.decimals(allow_nan=False, allow_infinity=False))
def test_a_plain_text_names_the_same_number(value: Decimal) -> None:
    text = plain(value)
    assert Decimal(text) == value
    assert plain(Decimal(text)) == text
    assert "E" not in text
    assert "." not in text or not text.endswith(("0", "."))


@given(rounded, st.sampled_from([("k", 3), ("m", 6), ("bn", 9), ("tn", 12)]))
def test_a_unit_multiplies(value: Decimal, unit: tuple[str, int]) -> None:
    word, power = unit
    assert Money(f"{plain(value / 10**power)}{word} USD").value == value


@given(st.text())
def test_arbitrary_text_is_read_or_refused(text: str) -> None:
    _read_or_refuse(text)


@given(st.text(alphabet="0123456789.,-+$€£¥ USDEURkmbntilo~e", max_size=20))
def test_text_of_the_signs_of_amounts_is_read_or_refused(text: str) -> None:
    _read_or_refuse(text)


@given(
    st.from_type(object)
    | st.dictionaries(st.sampled_from(["value", "currency", "bound"]), st.text() | st.integers())
)
def test_arbitrary_values_are_read_or_refused(value: Any) -> None:
    _read_or_refuse(value)


def _read_or_refuse(value: Any) -> None:
    try:
        money = Money.read(value)
    except BadMoney as refusal:
        message = str(refusal)
    else:
        message = str(money)
        assert Money.read(message) == money
    assert message
