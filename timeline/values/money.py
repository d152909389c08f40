"""Amounts of money as they are reported, and exact numbers: which can be kept, how they are written."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import AbstractContextManager
from decimal import (
    MAX_EMAX,
    MIN_EMIN,
    ROUND_HALF_EVEN,
    Context,
    Decimal,
    DivisionByZero,
    Inexact,
    InvalidOperation,
    Overflow,
    localcontext,
)
from typing import Any, Final, Literal, cast, final, get_args, overload

import attrs

from timeline.values.amount_mistakes import amount_mistake, currency_mistake
from timeline.values.errors import BadMoney

BEFORE: Final = 28
"""How many digits a number may have before the point."""

BEHIND: Final = 10
"""How many digits it may have behind the point."""

NUMBER: Final = f"DECIMAL({BEFORE + BEHIND}, {BEHIND})"
"""The SQL type of columns of numbers."""

PLAIN: Final = rf"[0-9]{{1,{BEFORE}}}(\.[0-9]{{1,{BEHIND}}})?"
"""What texts are numbers that can be kept as they stand, none of them negative; a regular expression."""

_LARGE: Final = f"has more than {BEFORE} digits before the point, and no more can be kept"
_BITS: Final = 4 * BEFORE
"""No integer of more bits has so few digits; to write a long one as digits takes long."""
_EXACT: Final = Context(
    prec=100,
    rounding=ROUND_HALF_EVEN,
    Emin=MIN_EMIN,
    Emax=MAX_EMAX,
    capitals=1,
    clamp=0,
    flags=[],
    traps=[DivisionByZero, Inexact, InvalidOperation, Overflow],
)


def exactly() -> AbstractContextManager[Context]:
    """A context in which decimals are read and added without rounding, whatever context the caller has."""
    return localcontext(_EXACT)


def kept(value: Decimal | int | str) -> Decimal | str:
    """The number that a text or a number says, with no zeros at its end, or why it cannot be kept."""
    if isinstance(value, int) and value.bit_length() > _BITS:
        return _LARGE
    with exactly():
        try:
            number = Decimal(value)
        except (InvalidOperation, TypeError, ValueError):
            return "is not a number"
    if not number.is_finite():
        return "is not a finite number"
    if number and number.adjusted() >= BEFORE:
        return _LARGE
    if number and (number.adjusted() < -BEHIND or len(plain(number).partition(".")[2]) > BEHIND):
        return f"has more than {BEHIND} decimals, and no more can be kept"
    return Decimal(plain(number))


def plain(value: Decimal) -> str:
    """Give the shortest plain text of a finite number, without an exponent.

    >>> plain(Decimal("2.50")), plain(Decimal("1E+3")), plain(Decimal("-0.00"))
    ('2.5', '1000', '0')
    """
    if not value:
        return "0"
    text = format(value, "f")
    return text.rstrip("0").removesuffix(".") if "." in text else text


Bound = Literal["exactly", "up to", "over", "about"]

# The codes of ISO 4217, without precious metals and test codes.
_ACTIVE: Final = """
    AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BHD BIF BMD BND BOB BOV BRL BSD BTN BWP BYN BZD CAD CDF
    CHE CHF CHW CLF CLP CNY COP COU CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP
    GMD GNF GTQ GYD HKD HNL HTG HUF IDR ILS INR IQD IRR ISK JMD JOD JPY KES KGS KHR KMF KPW KRW KWD KYD KZT
    LAK LBP LKR LRD LSL LYD MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MXV MYR MZN NAD NGN NIO NOK NPR
    NZD OMR PAB PEN PGK PHP PKR PLN PYG QAR RON RSD RUB RWF SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN
    SVC SYP SZL THB TJS TMT TND TOP TRY TTD TWD TZS UAH UGX USD USN UYI UYU UYW UZS VED VES VND VUV WST XAD
    XAF XCD XCG XDR XOF XPF XSU XUA YER ZAR ZMW ZWG
"""
# Codes withdrawn since about 1990: a timeline speaks of the past.
_WITHDRAWN: Final = """
    ADP AFA ANG AOK AON AOR ARA ATS AYM AZM BAD BEF BGL BGN BRC BRE BRN BRR BYB BYR CSD CSK CUC CYP DDM DEM
    ECS EEK ESP FIM FRF GEK GHC GRD GWP HRD HRK IEP ITL LTL LTT LUF LVL LVR MGF MLF MRO MTL MXP MZM NIC NLG
    PEI PLZ PTE ROL RUR SDD SDP SIT SKK SLL SRG STD SUR TJR TMM TPE TRL UAK UGS UYP VEB VEF XEU YDD YUD YUM
    YUN ZAL ZMK ZRN ZRZ ZWC ZWD ZWL ZWN ZWR
"""
CURRENCIES: Final = dict.fromkeys((_ACTIVE + _WITHDRAWN).split())
"""The codes of all currencies that amounts may be in."""

_SYMBOLS: Final = {"$": "USD", "US$": "USD", "€": "EUR", "£": "GBP"}
_SIGNS: Final = {"USD": "$", "EUR": "€", "GBP": "£"}
_MEANT: Final = {
    **_SYMBOLS,
    "¥": "JPY or CNY",
    "RMB": "CNY",
    "NIS": "ILS",
    "CNH": "CNY",
    "STG": "GBP",
}
_BOUNDS: Final[Mapping[str, Bound]] = {
    "up to": "up to",
    "at most": "up to",
    "over": "over",
    "more than": "over",
    "at least": "over",
    "about": "about",
    "around": "about",
    "approximately": "about",
    "roughly": "about",
    "~": "about",
}
_POWERS: Final[Mapping[str, int]] = {
    **dict.fromkeys(("k", "thousand"), 3),
    **dict.fromkeys(("m", "mn", "million"), 6),
    **dict.fromkeys(("b", "bn", "billion"), 9),
    **dict.fromkeys(("tn", "trillion"), 12),
    "": 0,
}
_WORDS: Final = "|".join(word.replace(" ", " +") for word in _BOUNDS if word != "~")
_UNITS: Final = "|".join(sorted(_POWERS, key=len, reverse=True))
_CODE: Final = "[A-Za-z]{3}"
_TEXT: Final = re.compile(
    rf"(?:((?i:{_WORDS})) +|(~) *)?"
    rf"(US\$|[$€£¥]|{_CODE})? *"
    r"([0-9]+|[1-9][0-9]{0,2}(?:,[0-9]{3})+)(\.[0-9]+)? *"
    rf"((?i:{_UNITS})) *({_CODE})?"
)
_DECIMAL: Final = re.compile(r"[0-9]+(?:\.[0-9]+)?")
_NEGATIVE: Final = re.compile(r"[^0-9]*[-−–][^0-9]*[0-9]")


@final
@attrs.frozen(init=False)
class Money:
    """An amount: `value` in units of `currency`, a code of ISO 4217, and the `bound` on what it says.

    It is made of a text, or of a number and a currency. The value is 0 or more, with at most 28 digits
    before the point and 10 behind it, and has no trailing zeros and no exponent. `str` gives the shortest
    text that reads as equal. Raises `BadMoney`, which tells what would work.

    >>> Money("up to $500bn")
    Money(value=Decimal('500000000000'), currency='USD', bound='up to')
    >>> print(Money(Decimal("2500000.00"), "SEK"))
    2.5m SEK
    """

    value: Decimal
    currency: str
    bound: Bound = "exactly"

    @overload
    def __init__(self, value: str) -> None: ...
    @overload
    def __init__(self, value: Decimal | int | str, currency: str, bound: Bound = "exactly") -> None: ...
    def __init__(
        self, value: Decimal | int | str, currency: str | None = None, bound: Bound = "exactly"
    ) -> None:
        read: Decimal | int | str
        if currency is None:
            if not (isinstance(bound, str) and bound == "exactly"):
                raise BadMoney(value, "it has a bound and no currency", "write it like 'up to $1bn'")
            given: object = value
            read, currency, bound = _parts(value)
        else:
            read, given = _number(value), value
        self.__attrs_init__(_within_limits(read, given), _currency(currency, given), _bound(bound, given))

    def __str__(self) -> str:
        words = worded_amount(self.value, self.currency)
        return words if self.bound == "exactly" else f"{self.bound} {words}"

    @classmethod
    def read(cls, value: Money | str | Mapping[str, object]) -> Money:
        """Give the `Money` of a text, or of a mapping of value, currency and, if need be, bound.

        The value of a mapping is an int or a decimal text. Raises `BadMoney` for all else.

        >>> print(Money.read({"value": "12345.50", "currency": "EUR", "bound": "about"}))
        about €12,345.5
        """
        if isinstance(value, Money):
            return value
        if not isinstance(value, Mapping):
            return cls(value)
        if unknown := sorted(repr(key) for key in value if key not in {"value", "currency", "bound"}):
            raise BadMoney(dict(value), f"it has {' and '.join(unknown)}", "give value, currency and bound")
        if "value" not in value or "currency" not in value:
            raise BadMoney(dict(value), "it lacks a value or a currency", "give both")
        bound = _bound(value.get("bound", "exactly"), dict(value))
        return cls(cast("str", value["value"]), _currency(value["currency"], dict(value)), bound)

    def as_dict(self) -> dict[str, str]:
        """Give value, currency and bound as texts, which `read` takes back."""
        return {"value": plain(self.value), "currency": self.currency, "bound": self.bound}


def _parts(text: object) -> tuple[Decimal, str, Bound]:
    """Read value, currency and bound from a text."""
    if not isinstance(text, str):
        if isinstance(text, Decimal | int) and not isinstance(text, bool):
            raise BadMoney(text, "it has no currency", "write it like Money(10, 'USD')")
        raise BadMoney(
            text, f"it is of type {type(text).__name__}", "give a text, or a Decimal and a currency"
        )
    if (found := _TEXT.fullmatch(text.strip())) is None:
        raise _unreadable(text)
    word, tilde, before, whole, fraction, unit, after = found.groups()
    if after and after not in CURRENCIES and (known := amount_mistake(text)) is not None:
        raise BadMoney(text, *known)
    if before and after and _SYMBOLS.get(before, before) != after:
        raise BadMoney(text, f"it has two currencies, {before} and {after}", "leave one out")
    if not (written := before or after):
        raise BadMoney(text, "it has no currency")
    number = _shifted(Decimal(whole.replace(",", "") + (fraction or "")), _POWERS[unit.lower()])
    bound = _BOUNDS[" ".join((word or tilde).lower().split())] if word or tilde else "exactly"
    return number, _SYMBOLS.get(written, written), bound


def _unreadable(text: str) -> BadMoney:
    """Give the error for a text that is no amount."""
    if not text.strip():
        return BadMoney(text, "nothing is written")
    if _NEGATIVE.match(text):
        return BadMoney(text, "it is negative", "say by the type of the event which way the money went")
    if re.search(r"[0-9][eE][+-]?[0-9]", text):
        return BadMoney(text, "it has an exponent")
    if (known := amount_mistake(text)) is not None:
        return BadMoney(text, *known)
    if re.search(r"[0-9],", text):
        return BadMoney(text, "commas part groups of three digits", "write it like '$12,345' or '1.5m EUR'")
    return BadMoney(text, "it cannot be read")


def _number(value: object) -> Decimal | int | str:
    """Take an exact number, or a plain decimal text."""
    if isinstance(value, bool | float) or not isinstance(value, Decimal | int | str):
        raise BadMoney(value, f"it is of type {type(value).__name__}", "give a text or a Decimal")
    if isinstance(value, str) and _DECIMAL.fullmatch(value) is None:
        negative = _NEGATIVE.match(value) is not None
        problem = "it is negative" if negative else "it is not a plain decimal number"
        raise BadMoney(value, problem, "write it like '2.5'")
    return value


def _within_limits(number: Decimal | int | str, given: object) -> Decimal:
    """Give the number without trailing zeros and exponent."""
    value = kept(number)
    if isinstance(value, str):
        raise BadMoney(given, f"it {value}")
    if value < 0:
        raise BadMoney(given, "it is negative", "say by the type of the event which way the money went")
    return value


def _decimals(number: Decimal) -> int:
    """Give how many decimals the number needs."""
    return len(plain(number).partition(".")[2])


def _currency(code: object, given: object) -> str:
    if isinstance(code, str) and code in CURRENCIES:
        return str(code)
    if not isinstance(code, str):
        raise BadMoney(given, f"{code!r} is no currency", "give a code of ISO 4217, such as 'USD'")
    upper = code.upper()
    if (known := currency_mistake(upper)) is not None:
        raise BadMoney(given, *known)
    meant = _MEANT.get(upper) or " or ".join(_nearest(upper))
    hint = f"write {meant}" if meant else "give a code of ISO 4217, such as 'USD'"
    raise BadMoney(given, f"{code!r} is no currency", hint)


def _nearest(code: str) -> list[str]:
    """Give the code itself, or up to three that share its letters, or two of them in place."""
    if code in CURRENCIES:
        return [code]
    swapped = [other for other in CURRENCIES if sorted(other) == sorted(code)]
    alike = [other for other in CURRENCIES if sum(map(str.__eq__, other, code)) == 2 and len(code) == 3]
    return list(dict.fromkeys(swapped + alike))[:3]


def _bound(bound: object, given: object) -> Bound:
    if isinstance(bound, str) and bound in get_args(Bound):
        return cast("Bound", str(bound))
    raise BadMoney(given, f"{bound!r} is no bound", "give 'exactly', 'up to', 'over' or 'about'")


def _shifted(number: Decimal, power: int) -> Decimal:
    """Give the number times a power of ten, exactly whatever the precision in force."""
    sign, digits, exponent = number.as_tuple()
    return Decimal((sign, digits, cast("int", exponent) + power))


def _compact(value: Decimal) -> str:
    """Write a value in billions or millions if three decimals suffice, else in full."""
    for unit, power in (("bn", 9), ("m", 6)):
        scaled = _shifted(value, -power)
        if value.adjusted() >= power and _decimals(scaled) <= 3:
            return f"{plain(scaled)}{unit}"
    whole, point, fraction = plain(value).partition(".")
    return f"{int(whole):,}{point}{fraction}"


@functools.lru_cache(maxsize=65_536)
def worded_amount(value: Decimal, currency: str) -> str:
    """An amount of any size as it is written: $1bn, 2.5m SEK.

    >>> worded_amount(Decimal("650000000"), "USD")
    '$650m'
    """
    amount, sign = _compact(value), _SIGNS.get(currency)
    return f"{sign}{amount}" if sign else f"{amount} {currency}"


def _amounts(given: Any) -> Iterator[tuple[Money | None, bool]]:
    """Amounts, each with whether it was given jointly.

    Raises:
        BadMoney: if anything is none such.
    """
    hint = "give amounts, or None, each with whether it was given jointly"
    if not isinstance(given, Iterable):
        raise BadMoney(given, f"it is of type {type(given).__name__}", hint)
    for one in given:
        if not (isinstance(one, tuple) and len(one) == 2 and isinstance(one[0], Money | None)):
            raise BadMoney(one, "it is no amount with whether it was given jointly", hint)
        yield one[0], bool(one[1])


@attrs.frozen
class Funds:
    """Amounts added up per currency, and what could not be added.

    `wholly` is what was given by one alone, `jointly` what several gave together (each share unknown).
    `undisclosed` counts the events without an amount, `inexact` the amounts that were "up to", "over" or
    "about"; those are in the sums at their stated value.
    """

    wholly: Mapping[str, Decimal] = attrs.field(factory=dict)
    jointly: Mapping[str, Decimal] = attrs.field(factory=dict)
    undisclosed: int = 0
    inexact: int = 0

    @classmethod
    def of(cls, amounts: Iterable[tuple[Money | None, bool]]) -> Funds:
        """The sum of amounts, each with whether it was given jointly; None is an amount not disclosed."""
        return cls().plus(amounts)

    def plus(self, amounts: Iterable[tuple[Money | None, bool]]) -> Funds:
        """The sum of these and of more amounts, given as to `of`."""
        wholly, jointly = dict(self.wholly), dict(self.jointly)
        undisclosed, inexact = self.undisclosed, self.inexact
        with exactly():
            for amount, joint in _amounts(amounts):
                if amount is None:
                    undisclosed += 1
                    continue
                into = jointly if joint else wholly
                into[amount.currency] = into.get(amount.currency, Decimal(0)) + amount.value
                inexact += amount.bound != "exactly"
        return Funds(wholly, jointly, undisclosed, inexact)

    def as_dict(self) -> dict[str, Any]:
        """As plain JSON values, amounts as decimal texts by currency."""
        return {
            "wholly": {currency: plain(value) for currency, value in sorted(self.wholly.items())},
            "jointly": {currency: plain(value) for currency, value in sorted(self.jointly.items())},
            "undisclosed": self.undisclosed,
            "inexact": self.inexact,
        }

    def __str__(self) -> str:
        parts = [
            f"{worded_amount(value, currency)}{how}"
            for how, amounts in (("", self.wholly), (" jointly", self.jointly))
            for currency, value in sorted(amounts.items())
        ]
        if self.undisclosed:
            parts.append(f"{self.undisclosed} undisclosed")
        text = " + ".join(parts) or "nothing"
        return f"{text} ({self.inexact} inexact)" if self.inexact else text
