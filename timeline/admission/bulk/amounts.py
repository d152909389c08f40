"""Amounts of money in a table: texts such as `1bn USD`, or numbers beside a column for their currency."""

from __future__ import annotations

from typing import Final, get_args

from timeline.admission.bulk.columns import BLANK, Columns
from timeline.admission.bulk.shapes import Problem, Value, grouped, number_text, whole_number
from timeline.compile import literal
from timeline.values import NUMBER, PLAIN, BadMoney, BadText, Bound, Money, plain
from timeline.vocabulary import Field

_SIGNS: Final = {"USD": "$", "EUR": "€", "GBP": "£"}
_CODES: Final = ", ".join(f"'{code}'" for code in _SIGNS)


def beside(field: Field) -> tuple[str, str]:
    """The columns that may stand beside an amount: for its currency, and how exactly it is known."""
    return f"{field.name}_currency", f"{field.name}_bound"


def amounts(columns: Columns, prefix: str, field: Field) -> Value:
    """A field of money from its column, and those beside it.

    Raises:
        InvalidData: if numbers have no column for their currency, or are inexact.
    """
    currency, bound = beside(field)
    if columns.has(currency):
        return _numbers(columns, prefix, field)
    if columns.has(bound):
        raise columns.refuse(bound, f"goes with a column {currency}; or write amounts like 'up to $1bn'")
    if columns.number(field.name).exact:
        raise columns.refuse(field.name, f"is a number; give its currency too, in a column {currency}")
    value = columns.text(field.name)
    money = f"{prefix}_money"
    kinds = (("number", NUMBER), ("currency", "VARCHAR"), ("bound", "VARCHAR"))
    joins = columns.looked_up(money, value, "FALSE", _read_text, *kinds)
    parts = [f"{money}.number", f"{money}.currency", f"{money}.bound"] if joins else None
    problems = (Problem(field.name, f"{money}.problem"),) if joins else ()
    return _value(prefix, field, value, parts, joins, problems)


def _read_text(text: str) -> list[str]:
    money = Money.read(text)
    return [plain(money.value), money.currency, money.bound]


def _read_currency(code: str) -> list[str]:
    try:
        return [Money(0, code).currency]
    except BadMoney as problem:
        raise BadText(code, f"is no currency; {problem.hint}") from None


def _read_bound(bound: str) -> list[str]:
    if bound not in get_args(Bound):
        raise BadText(bound, f"is no bound; give {', '.join(get_args(Bound))}")
    return [bound]


def _numbers(columns: Columns, prefix: str, field: Field) -> Value:
    """Numbers, with their currency and perhaps a bound in columns beside them."""
    currency, bound = beside(field)
    numbers = columns.number(field.name)
    value, exact = numbers.value, numbers.exact
    money, code, limit = f"{prefix}_money", f"{prefix}_code", f"{prefix}_limit"
    sound = f"{value} >= 0" if exact else f"regexp_full_match({value}, '{PLAIN}')"
    text = numbers.text if exact else value
    joins = columns.looked_up(
        money,
        text,
        sound,
        lambda one: [plain(Money(one, "USD").value)],
        ("number", NUMBER),
    )
    known = {"text": numbers.text, "whole": numbers.whole} if exact and not joins else {}
    number = value if exact else f"CASE WHEN {sound} THEN {value} END::{NUMBER}"
    if joins:
        number = f"CASE WHEN {money}.value IS NULL THEN {number} ELSE {money}.number END"
    problems = [Problem(field.name, f"{money}.problem")] if joins else []
    codes = columns.text(currency)
    is_code = f"{codes} IN ({_CODES})"
    coded = columns.looked_up(code, codes, is_code, _read_currency, ("code", "VARCHAR"))
    problems.append(
        Problem(
            currency,
            f"CASE WHEN {value} IS NOT NULL AND {codes} IS NULL THEN {literal(BLANK)} "
            + (f"WHEN {value} IS NOT NULL THEN {code}.problem END" if coded else "END"),
        )
    )
    limits = "NULL::VARCHAR"
    limited: tuple[str, ...] = ()
    if columns.has(bound):
        limits = columns.text(bound)
        sound = f"{limits} IN ('exactly', 'up to', 'over', 'about')"
        limited = columns.looked_up(limit, limits, sound, _read_bound, ("b", "VARCHAR"))
        if limited:
            problems.append(Problem(bound, f"CASE WHEN {value} IS NOT NULL THEN {limit}.problem END"))
    parts = [number, codes, f"coalesce({limits}, 'exactly')"]
    return _value(prefix, field, value, parts, (*joins, *coded, *limited), tuple(problems), **known)


def _value(
    prefix: str,
    field: Field,
    value: str,
    parts: list[str] | None,
    joins: tuple[str, ...],
    problems: tuple[Problem, ...],
    *,
    text: str | None = None,
    whole: str | None = None,
) -> Value:
    """A field of money in SQL; `text` and `whole` are those of its number, if it is exact."""
    names = (prefix, f"{prefix}_currency", f"{prefix}_bound")
    if parts is None:
        selected = dict(zip(names, (f"NULL::{NUMBER}", "NULL::VARCHAR", "NULL::VARCHAR"), strict=True))
    else:
        selected = {
            name: f"CASE WHEN {value} IS NOT NULL THEN {part} END"
            for name, part in zip(names, parts, strict=True)
        }
    if not field.nullable:
        problems += (Problem(field.name, f"CASE WHEN {value} IS NULL THEN {literal(BLANK)} END"),)
    selected[f"{prefix}_text"] = text or number_text(f"({selected[prefix]})")
    selected[f"{prefix}_whole"] = whole or whole_number(f"({selected[prefix]})")
    written = (
        f"""concat('{{"bound":"', {prefix}_bound, '","currency":"', {prefix}_currency, """
        f"""'","value":"', {prefix}_text, '"}}')"""
    )
    return Value(
        selected=selected,
        joins=joins,
        problems=problems,
        stored=names,
        json=f"CASE WHEN {prefix} IS NULL THEN 'null' ELSE {written} END",
        words=f"CASE WHEN {prefix} IS NULL THEN 'unknown' ELSE {_words(prefix)} END",
        said=f"{prefix} IS NOT NULL",
    )


def _words(prefix: str) -> str:
    """An amount as people write it: in billions or millions where three decimals suffice, else in full."""
    whole, text = f"{prefix}_whole", f"{prefix}_text"
    digits = f"split_part({text}, '.', 1)"
    plain_words = f"{grouped(digits)} || substr({text}, length({digits}) + 1)"
    amount = (
        f"CASE WHEN {whole} >= 1000000000 AND {whole} % 1000000 = 0 "
        f"THEN {_thousandths(f'{whole} // 1000000')} || 'bn' "
        f"WHEN {whole} >= 1000000 AND {whole} % 1000 = 0 THEN {_thousandths(f'{whole} // 1000')} || 'm' "
        f"ELSE {plain_words} END"
    )
    signs = " ".join(f"WHEN '{code}' THEN '{sign}'" for code, sign in _SIGNS.items())
    code = f"CASE WHEN {prefix}_currency IN ({_CODES}) THEN '' ELSE ' ' || {prefix}_currency END"
    bound = f"CASE {prefix}_bound WHEN 'exactly' THEN '' ELSE {prefix}_bound || ' ' END"
    return f"{bound} || CASE {prefix}_currency {signs} ELSE '' END || {amount} || {code}"


def _thousandths(number: str) -> str:
    """A whole number of thousandths as a decimal text, without zeros at its end."""
    rest = f"({number}) % 1000"
    fraction = f"rtrim('.' || lpad(({rest})::VARCHAR, 3, '0'), '0')"
    return f"(({number}) // 1000)::VARCHAR || CASE WHEN {rest} = 0 THEN '' ELSE {fraction} END"
