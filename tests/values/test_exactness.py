"""What is finer or larger than can be kept is refused at every door, in words, and never cut."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from decimal import Decimal, localcontext
from typing import Any

import pandas as pd
import polars as pl
import pytest
from hypothesis import example, given, strategies as st

from tests.ledger import CATALOGUE, FundingRound, Noted, Relationship, opened
from timeline import Money, Source, Timeline, When
from timeline.errors import BadRows, BadWhen, NotAllowed, TimelineError
from timeline.formats import ReadFile, read_json
from timeline.formats.reading import read_text
from timeline.values import BEFORE, BEHIND, plain
from timeline.vocabulary import Catalogue, decimal

# Numbers


def _fits(number: Decimal) -> bool:
    if not number:
        return True
    if not -BEHIND <= number.adjusted() < BEFORE:
        return False
    return len(plain(number).partition(".")[2]) <= BEHIND


def _from_table(column: str) -> Callable[[str], Decimal | None]:
    def read(text: str) -> Decimal | None:
        with opened() as tl:
            rows = "SELECT 'Acme' AS subject, 'size' AS topic, '2020' AS occurred"
            tl.append_table(Noted, f"{rows}, {column.format(text)} AS number", known="occurred")
            assert tl.verify().ok
            (record,) = tl.as_of().records()
            assert isinstance(record.event, Noted)
            return record.event.number

    return read


def _from_file(read: Callable[[str, Catalogue, str], ReadFile], written: str) -> Callable[[str], Any]:
    def number(text: str) -> Any:
        found = read(written.replace("NUMBER", text), CATALOGUE, "file")
        if found.faults:
            raise TimelineError(*found.faults)
        (one,) = found.said
        assert isinstance(one.event, Noted)
        return one.event.number

    return number


YAML = "events:\n- noted:\n  subject: Acme\n  topic: size\n  occurred: 2020\n  number: NUMBER\n"
JSON = '{"type": "noted", "subject": "Acme", "topic": "size", "number": NUMBER, "occurred": "2020"}'
DOORS: dict[str, Callable[[str], Decimal | None]] = {
    "text": decimal,
    "number": lambda text: decimal(Decimal(text)),
    "event": lambda text: Noted("2020", subject="Acme", topic="size", number=text).number,
    "file of YAML": _from_file(read_text, YAML),
    "file of JSON": _from_file(lambda text, *more: read_json(text.encode(), *more), JSON),
    "column of texts": _from_table("'{}'"),
}
EXPONENTS = st.integers(-40, 40) | st.sampled_from([999_999, -999_999, 999_999_999_999, -999_999_999_999])
NUMBERS = st.builds(
    lambda digits, exponent: f"{digits}e{exponent}", st.integers(-(10**40), 10**40), EXPONENTS
) | st.decimals(allow_nan=False, allow_infinity=False, places=BEHIND).map(str)


@pytest.mark.parametrize("door", DOORS)
@given(NUMBERS, st.integers(1, 40))
@example("3.14e23", 14)
@example("1e999999999999", 28)
@example("9" * BEFORE + "." + "9" * BEHIND, 5)
def test_a_number_is_kept_exactly_or_refused(door: str, text: str, precision: int) -> None:
    """By its digits alone, whatever the decimal context of the caller, and at once."""
    fits = _fits(Decimal(text))
    began = time.process_time()
    with localcontext() as context:
        context.prec, context.Emax, context.Emin = precision, 9, -9
        context.traps = dict.fromkeys(context.traps, True)
        try:
            read = DOORS[door](text)
        except TimelineError as problem:
            told = str(problem)
            assert not fits
            assert f"{BEFORE} digits" in told or f"{BEHIND} decimals" in told
        else:
            assert read is not None
            assert fits
            assert plain(read) == plain(Decimal(text))
    assert time.process_time() - began < 2


@pytest.mark.parametrize(
    "value",
    ["NaN", "sNaN", "-Infinity", 10**1_000_000, -(10**10_000), (0, (1,), 0), 1.5],
    ids=lambda one: type(one).__name__,
)
def test_what_is_no_number_that_can_be_kept_is_refused_as_number_and_amount(value: Any) -> None:
    """Also where Python itself writes it as no text."""
    for read in (
        decimal,
        lambda one: Money(one, "USD"),
        lambda one: Noted("2020", subject="A", topic="b", number=one),
    ):
        with pytest.raises(TimelineError) as told:
            read(value)
        assert str(told.value)


@pytest.mark.parametrize(
    ("column", "fits"),
    [
        ("170141183460469231731687303715884105727::HUGEINT", False),
        ("340282366920938463463374607431768211455::UHUGEINT", False),
        ("12345678901234567890123456789::BIGNUM", False),
        ("1234567890123456789012345678::UHUGEINT", True),
        ("repeat('9', 38)::DECIMAL(38, 0)", False),
        ("-9999999999999999999999999999.9999999999::DECIMAL(38, 10)", True),
        ("0.99999999999::DECIMAL(38, 11)", False),
    ],
)
def test_numbers_of_large_types_are_kept_exactly_or_refused(column: str, fits: bool) -> None:
    """None becomes another on its way."""
    if fits:
        assert _from_table(column)("") == Decimal(column.partition("::")[0])
        return
    with pytest.raises(BadRows, match="no more can be kept"):
        _from_table(column)("")


# Instants


@given(st.integers(0, 10**9 - 1), st.integers(0, 4))
def test_no_fraction_of_a_microsecond_is_cut_off(nanoseconds: int, zeros: int) -> None:
    """Digits behind the sixth are read where they are zero, and else refused by their place."""
    text = f"2024-01-01T00:00:00.{nanoseconds:09}{'0' * zeros}Z"
    if nanoseconds % 1_000 == 0:
        assert When(text).earliest == datetime(2024, 1, 1, microsecond=nanoseconds // 1_000, tzinfo=UTC)
        return
    with pytest.raises(BadWhen, match="finer than a microsecond") as told:
        When(text)
    assert int(text[told.value.position]) == int(f"{nanoseconds % 1_000:03}".lstrip("0")[0])


FINER = pd.Timestamp("2024-01-01 00:00:00.123456789", tz="Asia/Kolkata")
COARSER = pd.Timestamp("2024-01-01 00:00:00.123456", tz="Asia/Kolkata")


def _frames(at: pd.Timestamp) -> Iterator[Any]:
    rows = {"subject": ["Acme", "Acme"], "topic": ["a", "b"]}
    other = COARSER.tz_convert("UTC")
    for occurred in (
        pd.Series([other, at.tz_convert("UTC")]).dt.tz_convert("America/New_York").dt.as_unit("ns"),
        pd.Series([other, at], dtype=object),
        pd.Series(pd.Categorical([other, at.tz_convert("UTC")])),
    ):
        yield pd.DataFrame({**rows, "occurred": occurred})
    instants = pl.Series([other.value, at.value]).cast(pl.Datetime("ns", "Pacific/Chatham"))
    yield pl.DataFrame({**rows, "occurred": instants})
    yield pl.DataFrame({**rows, "occurred": instants}).to_arrow()
    texts = ", ".join(f"'{one.isoformat()}'::TIMESTAMPTZ_NS" for one in (other, at))
    yield f"SELECT 'Acme' AS subject, unnest(['a', 'b']) AS topic, unnest([{texts}]) AS occurred"


def test_columns_with_nanoseconds_are_read_alike_or_refused_by_row() -> None:
    """Of pandas, Polars, Arrow and SQL; a rest of zero is no rest."""
    ids = set()
    for finer, coarser in zip(_frames(FINER), _frames(COARSER), strict=True):
        with opened() as tl:
            with pytest.raises(BadRows, match="finer than a microsecond") as told:
                tl.append_table(Noted, finer, known="occurred")
            assert [(row, column) for row, column, _ in told.value.rows] == [(2, "occurred")]
            tl.append_table(Noted, coarser, known="occurred")
            ids.add(tuple(record.id for record in tl.as_of().records()))
    assert len(ids) == 1


@pytest.mark.parametrize(
    "say",
    [
        lambda tl: tl.append(Noted(FINER, subject="A", topic="b")),
        lambda tl: tl.append(Noted("2020", subject="A", topic="b"), known=FINER),
        lambda tl: tl.append(Noted("2020", subject="A", topic="b"), source=Source("A", published=FINER)),
        lambda tl: tl.as_of(FINER),
        lambda tl: tl.as_of(known=FINER),
        lambda tl: tl.as_of(position=FINER),
    ],
)
def test_instants_of_pandas_are_not_cut_either(tl: Timeline, say: Callable[[Timeline], object]) -> None:
    """Wherever a date is asked for."""
    with pytest.raises(BadWhen, match="finer than a microsecond"):
        say(tl)


# Sums


def test_a_sum_that_sql_cannot_hold_is_exact_or_refused(tl: Timeline) -> None:
    """One at a time it is told to the last digit; of all at once SQL says that it adds up no more."""
    amount = Money("9" * BEFORE + "." + "9" * BEHIND, "USD")
    tl.append(*(FundingRound(f"202{n}", company="Acme", investors="Vest", amount=amount) for n in range(3)))
    told = tl.as_of("2024").of(Relationship, "Acme", "Vest").invested["vest"]
    assert plain(told.wholly["USD"]) == "29999999999999999999999999999.9999999997"
    moment = tl.as_of("2024")
    for ask in (
        lambda: list(moment.all(Relationship)),
        lambda: moment.table(Relationship),
        lambda: tl.sql("FROM relationship"),
        lambda: tl.sql("FROM relationship_periods()"),
        lambda: tl.sql("SELECT sum(amount) FROM funding_round"),
    ):
        with pytest.raises(NotAllowed, match=r"28 digits|Overflow"):
            ask()
    assert tl.verify().ok
