"""Appending tables: as appending their rows one by one would, all of them or none."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path
from typing import Any, Final, Literal
from unittest.mock import patch

import attrs
import duckdb
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from attrs import field, frozen
from hypothesis import given, strategies as st

from events import StakeReported
from tests import ledger, strategies
from tests.ledger import Clock
from tests.reuse import in_memory
from timeline import Assertion, Timeline, TimelineError
from timeline.compile import contributed
from timeline.declare import (
    Entity,
    Event,
    Money,
    When,
    decimal,
    entities,
    event_type,
    money,
    optional_when,
    texts,
)
from timeline.errors import BadRows, FutureKnown, InvalidData, NotAllowed
from timeline.records import Codec, CommitDigest, record_digest, record_texts
from timeline.vocabulary import Catalogue


@event_type(
    "deal",
    says="[{kind} ]deal of {buyer}[ and {partners}] with {seller}[ for {amount}][ until {until}]: "
    "{subject}[, {share} %][ ({tags})][, {final}] on {occurred}; {amount}, {tags}, {final}, {partners}",
)
@frozen(kw_only=True)
class Deal(Event):
    """An event with a field of each kind."""

    buyer: Entity
    seller: Entity | None
    partners: tuple[Entity, ...] = field(converter=entities)
    subject: str
    kind: Literal["big", "small"] | None = None
    tags: tuple[str, ...] = field(default=(), converter=texts)
    amount: Money | None = field(default=None, converter=money)
    share: Decimal | None = field(default=None, converter=decimal)
    until: When | None = field(default=None, converter=optional_when)
    final: bool = False


CATALOGUE: Final = Catalogue.of(
    Deal,
    ledger.FundingRound,
    ledger.EntityNamed,
    ledger.Relationship,
    *(ledger.ExclusivityDeal, ledger.ExclusivityEnd),
    name="tests.bulk",
)
COLUMNS: Final = {
    "occurred": "VARCHAR",
    "buyer": "VARCHAR",
    "seller": "VARCHAR",
    "partners": "VARCHAR[]",
    "subject": "VARCHAR",
    "kind": "VARCHAR",
    "tags": "VARCHAR[]",
    "amount": "VARCHAR",
    "share": "VARCHAR",
    "until": "VARCHAR",
    "final": "BOOLEAN",
    "id": "VARCHAR",
    "known": "VARCHAR",
}
Row = Mapping[str, Any]


@contextmanager
def piecemeal() -> Iterator[None]:
    """Three rows of a table are written at a time, and two of a type are many, so that SQL derives."""
    with patch("timeline.admission.table._CHUNK", 3), patch("timeline.log.duckdb.writing._MANY", 2):
        yield


_NAMES: Final = [
    "Acme",
    "acme",
    "ACME ",
    "A.C.M.E.",
    "Bolt & Co",
    "bolt-co",
    "C",
    "C++",
    "Crux",
    "crux",
    "été",
    "e\u0301te\u0301",
]
NAMES: Final = st.sampled_from(
    [*_NAMES, "日本", 'the "Q"', "\U0001f600 x", "\ue000 y", "x\u00a0 y", "007", "it's"]
)
TEXTS: Final = st.sampled_from(
    ["cloud", " chips", "a\tb", 'q"\\', "line\nbreak", "ÅÅ", "A\u030a", "a\u2028b", "'"]
)
AMOUNTS: Final = st.sampled_from(
    [
        "$1bn",
        "1 EUR",
        "about 12,345.50 SEK",
        "up to 1.2345bn USD",
        "0.000001 GBP",
        "999999 USD",
        "1234567 JPY",
    ]
)
NUMBERS: Final = st.sampled_from(
    ["1", "2.50", "-1234567.125", "0.000001", "1e3", " 7 ", "-0", "1_000", "00012"]
)


def table(rows: Sequence[Row], **types: str) -> duckdb.DuckDBPyRelation:
    """Rows as a table of a DuckDB instance of its own."""
    kinds = {name: types.get(name) or COLUMNS[name] for name in rows[0]}
    connection = duckdb.connect()
    connection.execute(f"CREATE TABLE t ({', '.join(f'{name} {kind}' for name, kind in kinds.items())})")
    texts = ["VARCHAR[][]" if kind.endswith("[]") else "VARCHAR[]" for kind in kinds.values()]
    values = ", ".join(
        f"unnest(${index}::{text})::{kind}"
        for index, (text, kind) in enumerate(zip(texts, kinds.values(), strict=True), start=1)
    )
    connection.execute(f"INSERT INTO t SELECT {values}", [[row[name] for row in rows] for name in kinds])
    return connection.table("t")


def opened(**how: Any) -> Timeline:
    """An empty timeline in memory."""
    return in_memory(CATALOGUE, clock=Clock(), **how)


def contents(timeline: Timeline) -> dict[str, list[Any]]:
    """All that a file holds but what is drawn by lot and follows from that."""
    left_out = "EXCLUDE (salt, digest)"
    found = {
        "log": timeline.sql(f"SELECT * {left_out} FROM log ORDER BY position").rows,
        "commits": timeline.sql("SELECT * EXCLUDE (digest) FROM commits ORDER BY ALL").rows,
    }
    for name in ("entities", "entity_names", "sources", "hidden", "said.deal"):
        found[name] = timeline.sql(f"SELECT * FROM {name} ORDER BY ALL").rows
    fed = contributed(timeline.catalogue.states.values())
    found["feeds"] = timeline.sql(f"SELECT * FROM ({fed}) ORDER BY ALL").rows
    return {name: list(rows) for name, rows in found.items()}


def check_digests(timeline: Timeline) -> None:
    """See that every digest covers what it should."""
    records = {one.position: one for one in timeline.as_of().records()}
    stored = {row[0]: row[1:] for row in timeline.sql("SELECT position, salt, digest FROM log").rows}
    for position, record in records.items():
        salt, digest = stored[position]
        assert digest == record_digest(record_texts(record), salt)
        assert len(salt) == 32
    assert len({salt for salt, _ in stored.values()}) == len(stored)
    previous = "0" * 64
    for first, last, actor, note, digest in timeline.sql(
        "SELECT first_position, last_position, actor, note, digest FROM commits ORDER BY first_position"
    ):
        own = [stored[position][1] for position in range(first, last + 1)]
        whole = CommitDigest(previous)
        whole.add(own)
        assert digest == whole.closed(first, last, records[last].recorded_at, actor, note)
        previous = digest


def event(row: Row) -> Deal:
    """The event that a row tells."""
    return Deal(**{name: value for name, value in row.items() if name not in {"id", "known"}})


def statement(row: Row, known: str) -> Assertion:
    """What appending a row by itself would say."""
    made = event(row)
    when = made.occurred if known == "occurred" else row.get(known, known)
    return Assertion(made, known=when, id=row.get("id"))


def rows(*, ids: bool = False, known: bool = False) -> st.SearchStrategy[dict[str, Any]]:
    """Rows that can be appended, as far as each can tell by itself."""
    dates = strategies.dates().map(lambda one: one.text)
    columns: dict[str, st.SearchStrategy[Any]] = {
        "occurred": dates,
        "buyer": NAMES,
        "seller": st.none() | NAMES,
        "partners": st.lists(NAMES, max_size=4),
        "subject": TEXTS,
        "kind": st.sampled_from([None, "big", "small"]),
        "tags": st.lists(TEXTS, max_size=3),
        "amount": st.none() | AMOUNTS,
        "share": st.none() | NUMBERS,
        "until": st.none() | dates,
        "final": st.booleans(),
    }
    if ids:
        columns["id"] = st.sampled_from(["A1", " b 2", "é", "x" * 36, "6f3c1c0e-5d0b-5c8e-9a43-0c6d2e9f1a77"])
    if known:
        columns["known"] = st.sampled_from(
            ["2020", "2023-01-05", "[2021..2022]", "2023-01-05T10:00:00.5+01:00"]
        )
    return st.fixed_dictionaries(columns)


def faults(timeline: Timeline, given_rows: Sequence[Row], known: str, **how: Any) -> set[int]:
    """The numbers of the rows that cannot be appended one by one, told by an append of all."""
    bad, sound = set(), {}
    for number, row in enumerate(given_rows, start=1):
        try:
            sound[number] = attrs.evolve(statement(row, known), **how)
        except TimelineError:
            bad.add(number)
    (judged,) = timeline.append_all([list(sound.values())], dry_run=True)
    return bad | {list(sound)[index] for index in judged.faults}


def same(one: Timeline, other: Timeline, given_rows: Sequence[Row], known: str, **how: Any) -> None:
    """See that rows, appended one by one and as a table, leave the same file, or are refused alike."""
    before = contents(other)
    bad = faults(one, given_rows, known, **how)
    id_ = "id" if "id" in given_rows[0] else None
    if bad:
        with pytest.raises(BadRows) as caught, piecemeal():
            other.append_table(Deal, table(given_rows), known=known, id=id_, **how)
        assert {row for row, _, _ in caught.value.rows} == bad
        assert contents(other) == before
        return
    one.append(*(statement(row, known) for row in given_rows), **how)
    with piecemeal():
        imported = other.append_table(Deal, table(given_rows), known=known, id=id_, **how)
    assert contents(other) == contents(one)
    check_digests(other)
    assert len(imported) + imported.folded + imported.unchanged == len(given_rows)


# As one by one


@given(st.lists(rows(), min_size=1, max_size=12), st.sampled_from(["occurred", "2023-05"]))
def test_a_table_is_appended_as_its_rows_would_be(given_rows: list[Row], known: str) -> None:
    """The file is the same but for salts and digests; rows without an id that say the same are one claim."""
    with opened() as one, opened() as other:
        same(one, other, given_rows, known, source=["Herald", {"publisher": "Sun", "published": "2023"}])


@given(st.lists(rows(ids=True, known=True), min_size=1, max_size=8))
def test_ids_and_dates_known_are_columns(given_rows: list[Row]) -> None:
    """Marks and UUIDs become ids as in an append; an id used for two things is a fault."""
    with opened() as one, opened() as other:
        same(one, other, given_rows, "known", actor="ann", note="n'ote", credence="rumoured")


@given(
    st.lists(rows(), min_size=1, max_size=4),
    st.lists(rows(), max_size=3),
    st.sampled_from([None, "Herald", "Sun", ["Sun", "Herald"]]),
)
def test_a_second_table_meets_what_is_there(first: list[Row], more: list[Row], source: Any) -> None:
    """Rows that the log has are unchanged, or attested by a source that is new."""
    with opened() as one, opened() as other:
        for timeline in (one, other):
            naming = ledger.EntityNamed("2020", entity="acme", name="Crux")
            timeline.append(naming, known="2024", source="Herald")
        same(one, other, first, "2024", source="Herald")
        same(one, other, [*more, *first], "2024", source=source)


@given(st.lists(rows(ids=True), min_size=1, max_size=5), st.lists(rows(ids=True), min_size=1, max_size=5))
def test_an_id_of_the_log_is_looked_at_first(first: list[Row], second: list[Row]) -> None:
    """The same id with the same content changes nothing, with other content it is a fault."""
    with opened() as one, opened() as other:
        same(one, other, first, "occurred")
        same(one, other, [*second, *first], "occurred")


def own_columns() -> st.SearchStrategy[dict[str, Any]]:
    """What a row may say of its own record."""
    return st.fixed_dictionaries(
        {
            "source": st.sampled_from([None, "Herald", "Sun"]),
            "url": st.sampled_from([None, "https://example.org/1"]),
            "published": st.sampled_from([None, "2023", "2022-05-01"]),
            "locator": st.sampled_from([None, "p. 7"]),
            "credence": st.sampled_from([None, "rumoured", "denied", "confirmed"]),
            "note": st.sampled_from([None, "seen twice"]),
            "known": st.sampled_from([None, "2023-06", "2021"]),
        }
    ).filter(lambda row: row["source"] or row["url"] or not (row["published"] or row["locator"]))


@given(st.lists(st.tuples(rows(), own_columns()), min_size=1, max_size=6))
def test_a_row_may_say_of_its_record_what_the_call_says_of_all(
    given_rows: list[tuple[Row, Row]],
) -> None:
    """Source, credence, note and since when it is known; where it says nothing, the call does."""
    said = [{**row, **own, "id": f"r{number}"} for number, (row, own) in enumerate(given_rows)]
    names, titles = ("source", "url", "published", "locator"), {"source": "title"}
    statements = [
        Assertion(
            event({name: row[name] for name in COLUMNS if name in row}),
            id=row["id"],
            source={titles.get(name, name): row[name] for name in names if row[name]} or None,
            known=row["known"],
            credence=row["credence"],
            note=row["note"],
        )
        for row in said
    ]
    kinds = {name: "VARCHAR" for name in said[0] if name not in COLUMNS}
    with opened() as one, opened() as other:
        faults_told = one.append_all([statements], dry_run=True)[0].faults
        if faults_told:
            with pytest.raises(BadRows) as caught, piecemeal():
                other.append_table(Deal, table(said, **kinds), source="Post", known="2024")
            assert {row for row, _, _ in caught.value.rows} == {index + 1 for index in faults_told}
            return
        one.append(*statements, source="Post", known="2024")
        with piecemeal():
            other.append_table(Deal, table(said, **kinds), source="Post", known="2024")
        mine, theirs = contents(other), contents(one)
        for left_out in (mine, theirs):
            left_out["commits"] = []
        assert mine == theirs
        check_digests(other)


def test_rows_may_correct_and_retract() -> None:
    """By id, by position, and what an earlier row said; a row that retracts tells no event."""
    rows = f"""
        SELECT *, 'a' AS id, NULL AS corrects, NULL AS retracts, NULL AS whole FROM ({select()})
        UNION ALL SELECT *, 'b', 'a', NULL, NULL FROM ({select(occurred="'2021'")})
        UNION ALL SELECT *, 'c', '1', NULL, NULL FROM ({select(occurred="'2019'", buyer="'Bolt'")})
        UNION ALL SELECT NULL, NULL, NULL, NULL, NULL, 'd', NULL, 'b', 'yes'"""
    with opened() as timeline:
        timeline.append(Deal(**SOUND), id="first")
        imported = timeline.append_table(Deal, rows, known="2024")
        records = list(timeline.as_of().records())
    assert (imported.count, imported.last) == (4, 5)
    assert [(one.kind, one.target) for one in records[1:]] == [
        ("assertion", None),
        ("correction", 2),
        ("correction", 1),
        ("retraction", 3),
    ]
    assert records[-1].whole


TERMS: Final[Mapping[type[Event], Mapping[str, str]]] = {
    ledger.ExclusivityDeal: {"occurred": "start"},
    ledger.ExclusivityEnd: {"occurred": "stop"},
}
LEASE: Final = "SELECT '2020' AS start, NULL AS stop, 'x' AS grantor, 'y' AS grantee, 'z' AS scope"


@given(
    st.lists(
        st.fixed_dictionaries(
            {
                "start": st.sampled_from([None, "2020", "2021-05-03"]),
                "stop": st.sampled_from([None, "2021-05-03", "2022"]),
                "grantor": st.sampled_from(["Acme", "acme", "Bolt"]),
                "grantee": st.sampled_from(["Crux", "Bolt"]),
                "scope": st.sampled_from(["cloud", "chips"]),
            }
        ),
        min_size=1,
        max_size=6,
    ),
    st.booleans(),
)
def test_a_row_may_tell_several_events(given_rows: list[dict[str, Any]], marked: bool) -> None:
    """In the order of the rows, those that have a date; an id is that of both, each with its type."""
    statements = []
    for number, row in enumerate(given_rows):
        for cls, read in TERMS.items():
            when = row[read["occurred"]]
            if when is not None:
                told = {name: row[name] for name in ("grantor", "grantee", "scope")}
                mark = f"t{number}/{cls.__timeline__.name}" if marked else None
                statements.append(Assertion(cls(when, **told), id=mark, known=when))
    rows = [{**row, **({"id": f"t{number}"} if marked else {})} for number, row in enumerate(given_rows)]
    with opened() as one, opened() as other:
        commit = one.append(*statements)
        imported = other.append_table(
            TERMS,
            table(rows, **dict.fromkeys(rows[0], "VARCHAR")),
            known="occurred",
            id="id" if marked else None,
        )
        assert contents(other) == contents(one)
        check_digests(other)
        assert len(imported) == len(commit.records)


@pytest.mark.parametrize(
    ("told", "query", "error", "problem"),
    [
        (TERMS, "SELECT '2020' AS start, 'x' AS grantor, 'y' AS grantee, 'z' AS scope", NotAllowed, "'stop'"),
        (
            TERMS,
            f"{LEASE}, 1 AS price",
            InvalidData,
            "price: is no field of exclusivity_deal or exclusivity_end",
        ),
        (
            TERMS,
            "SELECT '2020/1' AS start, NULL AS stop, 'x' AS grantor, 'y' AS grantee, 'z' AS scope",
            BadRows,
            "row 1: start: '2020/1' is not a date",
        ),
        (
            TERMS,
            f"{LEASE}, 'a' AS corrects",
            NotAllowed,
            "goes with one type",
        ),
        ({}, "SELECT 1", NotAllowed, "these are none"),
    ],
)
def test_what_is_wrong_with_a_table_of_several_types_is_told(
    told: Any, query: str, error: type[Exception], problem: str
) -> None:
    """By the columns of the table, whatever fields they are read for."""
    with opened() as timeline, pytest.raises(error, match=re.escape(problem)):
        timeline.append_table(told, query, known="occurred")


@pytest.mark.parametrize(
    ("columns", "column", "reason"),
    [
        ({"retracts": "'a'", "occurred": "NULL", "buyer": "NULL", "partners": "NULL"}, "retracts", "subject"),
        ({"retracts": "'a'"}, "retracts", "leave occurred, buyer, subject blank"),
        ({"corrects": "'nobody'"}, "corrects", "nobody"),
        ({"corrects": "'x y'", "whole": "TRUE"}, "whole", "goes with retracts"),
        ({"credence": "'sure'"}, "credence", "is no credence"),
        ({"published": "'2031'", "source": "'Herald'"}, "published", "lies in the future"),
        ({"locator": "'p. 1'"}, "locator", "names no source"),
        ({"known": "'2031'"}, "known", "lies in the future"),
        ({"id": "'12'"}, "id", "is digits alone"),
    ],
)
def test_what_a_row_says_wrongly_of_its_record_is_told(
    columns: dict[str, str], column: str, reason: str
) -> None:
    with opened() as timeline, pytest.raises(BadRows) as caught:
        timeline.append_table(Deal, select(**columns), known="2024")
    assert [where for _, where, _ in caught.value.rows] == [column]
    assert reason in caught.value.rows[0][2]


# What a table may hold


SOUND: Final[dict[str, Any]] = {
    "occurred": "2020",
    "buyer": "Acme",
    "seller": None,
    "partners": [],
    "subject": "cloud",
}


def select(**columns: str) -> str:
    """One row of SQL expressions, sound but for those given."""
    told = {"occurred": "'2020'", "buyer": "'Acme'", "seller": "NULL", "partners": "[]", "subject": "'cloud'"}
    return "SELECT " + ", ".join(f"{sql} AS {name}" for name, sql in (told | columns).items() if sql)


def appended(rows: Any, known: str = "occurred", **how: Any) -> Any:
    """The event that a table of one row becomes."""
    with opened() as timeline:
        timeline.append_table(Deal, rows, known=known, **how)
        (record,) = timeline.as_of().records()
        check_digests(timeline)
        return record


@pytest.mark.parametrize(
    ("columns", "field_", "value"),
    [
        ({"occurred": "DATE '2020-02-29'"}, "occurred", When("2020-02-29")),
        (
            {"occurred": "TIMESTAMPTZ '2020-01-01 10:00:00.5+01'"},
            "occurred",
            When("2020-01-01T09:00:00.500000Z"),
        ),
        ({"occurred": "TIMESTAMPTZ '2020-01-01 10:00:00Z'"}, "occurred", When("2020-01-01T10:00:00Z")),
        ({"occurred": "TIMESTAMP_NS '2020-01-01 10:00:00'::TIMESTAMPTZ"}, "buyer", "acme"),
        (
            {"occurred": "'2020-01-01 10:00:00.000001000+01'::TIMESTAMPTZ_NS"},
            "occurred",
            When("2020-01-01T09:00:00.000001Z"),
        ),
        ({"until": "DATE '2021-01-31'"}, "until", When("2021-01-31")),
        ({"occurred": "TIMESTAMP '2021-01-31'"}, "occurred", When("2021-01-31")),
        ({"until": "TIMESTAMP_NS '2021-01-31'"}, "until", When("2021-01-31")),
        ({"amount": "1.75e6::DOUBLE", "amount_currency": "'USD'"}, "amount", Money("$1.75m")),
        ({"amount": "'nan'::DOUBLE", "amount_currency": "'USD'"}, "amount", None),
        ({"share": "0.5::FLOAT"}, "share", Decimal("0.5")),
        ({"share": "-0.125::DOUBLE"}, "share", Decimal("-0.125")),
        ({"amount": "12", "amount_currency": "'EUR'"}, "amount", Money("€12")),
        (
            {"amount": "2.50", "amount_currency": "'SEK'", "amount_bound": "'over'"},
            "amount",
            Money("over 2.5 SEK"),
        ),
        ({"amount": "'1234567.5'", "amount_currency": "'USD'"}, "amount", Money("$1234567.5")),
        ({"amount": "'0007'", "amount_currency": "'USD'"}, "amount", Money("$7")),
        ({"amount": "5::HUGEINT", "amount_currency": "'USD'"}, "amount", Money("$5")),
        ({"amount": "5::DECIMAL(38, 6)", "amount_currency": "'USD'"}, "amount", Money("$5")),
        ({"amount": "NULL", "amount_currency": "'USD'"}, "amount", None),
        ({"amount": "NULL::DOUBLE"}, "amount", None),
        ({"share": "-7"}, "share", Decimal(-7)),
        ({"share": "0.5::DECIMAL(9, 8)"}, "share", Decimal("0.5")),
        ({"share": "200::UTINYINT"}, "share", Decimal(200)),
        ({"kind": "'big'::ENUM ('big', 'small')"}, "kind", "big"),
        ({"partners": "'Bolt'"}, "partners", ("bolt",)),
        ({"partners": "NULL"}, "partners", ()),
        ({"tags": "'a'"}, "tags", ("a",)),
        ({"final": "TRUE"}, "final", True),
        ({"final": ""}, "final", False),
    ],
)
def test_columns_of_many_types_are_read(columns: dict[str, str], field_: str, value: object) -> None:
    """Dates, instants, numbers, enumerations and lists, or a text in place of a list."""
    record = appended(select(**columns))
    assert getattr(record.event, field_) == value
    assert record.summary == told(record.event)
    assert record.data == Codec(CATALOGUE).write(record.event)


def told(event: Deal) -> str:
    """The sentence of an event appended by itself."""
    with opened() as timeline:
        shown = {one: one.title() for one in ("acme", "bolt")}
        named = attrs.evolve(
            event,
            buyer=shown.get(event.buyer, event.buyer),
            partners=tuple(shown.get(one, one) for one in event.partners),
        )
        (record,) = timeline.append(named)
        return record.summary


@pytest.mark.parametrize(
    ("columns", "problem"),
    [
        ({"occurred": "2020"}, "occurred: is INTEGER; cast it to VARCHAR"),
        ({"amount": "1"}, "give its currency too, in a column amount_currency"),
        ({"amount": "'$1'", "amount_bound": "'over'"}, "amount_bound: goes with a column amount_currency"),
        ({"final": "1"}, "final: is INTEGER; cast it to BOOLEAN"),
        ({"buyer": "7"}, "buyer: is INTEGER; cast it to VARCHAR"),
        ({"price": "7"}, "price: is no field; they are occurred, buyer,"),
        ({"partners": "['a']", "partners_name": "'A'"}, "partners_name: is no field"),
        ({"buyer": "", "subject": ""}, "deal.buyer: is missing: give it a column; deal.subject: is missing"),
    ],
)
def test_a_column_that_cannot_be_read_is_refused_by_name(columns: dict[str, str], problem: str) -> None:
    """Unknown and missing columns, and those of a type that would lose something."""
    with opened() as timeline:
        with pytest.raises(InvalidData, match=re.escape(problem)):
            timeline.append_table(Deal, select(**columns), known="2021")
        assert timeline.as_of().basis.position == 0


EMPTY: Final = (
    *(
        "VARCHAR",
        "INTEGER",
        "UBIGINT",
        "HUGEINT",
        "DOUBLE",
        "DECIMAL(38, 20)",
        "BOOLEAN",
        "DATE",
        "TIMESTAMP",
    ),
    *("TIMESTAMP_NS", "TIMESTAMPTZ", "TIME", "INTERVAL", "BLOB", "UUID", "VARCHAR[]", "INTEGER[]", "JSON"),
    "STRUCT(a INTEGER)",
)


def test_a_column_in_which_nothing_is_may_be_of_any_type() -> None:
    """As where a file has a heading and no values under it; it says what leaving the column out says."""
    optional = ("kind", "tags", "amount", "share", "until", "seller")
    with opened() as timeline:
        timeline.append_table(Deal, select(**dict.fromkeys(optional, "''")), known="occurred")
        for kind in EMPTY:
            nothing = dict.fromkeys((*optional, "final"), f"NULL::{kind}")
            again = timeline.append_table(Deal, select(**nothing), known="occurred")
            assert (len(again), again.unchanged) == (0, 1), kind
    with opened() as timeline:
        assert len(timeline.append_table(Deal, select(**nothing), known="occurred")) == 1


def test_frames_with_columns_in_which_nothing_is_are_taken() -> None:
    """Arrow's null, what pandas has for columns of None, NaN and NaT, and those of Polars."""
    row = {"occurred": ["2021"], "buyer": ["Acme"], "seller": ["Bolt"], "partners": [[]], "subject": ["x"]}
    nothing = {name: pa.nulls(1) for name in ("kind", "tags", "amount", "share", "until")}
    frame = pd.DataFrame(row).assign(
        kind=None, tags=None, amount=float("nan"), share=float("nan"), until=pd.NaT
    )
    for rows in (
        pa.table({**{name: pa.array(value) for name, value in row.items()}, **nothing}),
        frame,
        pl.DataFrame({**row, **{name: [None] for name in nothing}}),
    ):
        with opened() as timeline:
            assert len(timeline.append_table(Deal, rows, known="occurred")) == 1


@pytest.mark.parametrize(("text", "said"), [("true", True), ("FALSE", False), ("Yes", True), ("no", False)])
def test_a_flag_may_be_a_text(text: str, said: bool) -> None:
    """As in files of events, in whatever case."""
    with opened() as timeline:
        timeline.append_table(Deal, select(final=repr(text)), known="occurred")
        (record,) = timeline.as_of().records()
        assert record.event is not None
        assert record.event.final is said  # type: ignore[attr-defined]
        assert timeline.verify().ok


@pytest.mark.parametrize(
    ("columns", "column", "reason"),
    [
        ({"occurred": "NULL::VARCHAR"}, "occurred", "is left blank"),
        ({"occurred": "DATE 'infinity'"}, "occurred", "'infinity' is not a date"),
        ({"occurred": "TIMESTAMPTZ 'infinity'"}, "occurred", "'infinity' is not a date"),
        ({"occurred": "DATE '9999-01-01'"}, "occurred", "there is no year 9999"),
        ({"occurred": "'infinity'::TIMESTAMPTZ_NS"}, "occurred", "'infinity' is not a date"),
        ({"occurred": "'2020-02-30'"}, "occurred", "there is no day 30"),
        ({"occurred": "'2031'"}, "occurred", "known '2031' lies in the future"),
        ({"until": "TIMESTAMP '2020-01-01 10:00'"}, "until", "has a time of day and no time zone"),
        ({"share": "0.1::DOUBLE"}, "share", "is a float, which is not exactly that number"),
        ({"share": "0.1::FLOAT"}, "share", "is a float, which is not exactly that number"),
        ({"share": "1e18::DOUBLE"}, "share", "is a float, which is not exactly that number"),
        ({"amount": "19.99::DOUBLE", "amount_currency": "'USD'"}, "amount", "'19.99' is a float"),
        ({"buyer": "NULL"}, "buyer", "is left blank"),
        ({"buyer": "''"}, "buyer", "is blank"),
        ({"partners": "['a', NULL]"}, "partners", "holds an empty place"),
        ({"partners": "['a', 'b', NULL]"}, "partners", "holds an empty place"),
        ({"partners": "['a', 'b', 'a\u200eb']"}, "partners", "invisible character"),
        ({"subject": "' '"}, "subject", "is blank"),
        ({"kind": "'huge'"}, "kind", "is not one of big, small"),
        ({"tags": "['a', NULL]"}, "tags", "is not a text"),
        ({"amount": "-1", "amount_currency": "'USD'"}, "amount", "it is negative"),
        ({"amount": "1", "amount_currency": "'usd'"}, "amount_currency", "'usd' is no currency; write USD"),
        ({"amount": "1", "amount_currency": "NULL"}, "amount_currency", "is left blank"),
        (
            {"amount": "1", "amount_currency": "'USD'", "amount_bound": "'under'"},
            "amount_bound",
            "is no bound",
        ),
        ({"amount": "'1e3'", "amount_currency": "'USD'"}, "amount", "not a plain decimal"),
        ({"amount": "'1bn'"}, "amount", "it has no currency"),
        ({"share": "'x'"}, "share", "is not a number"),
        ({"share": "0.000000000001::DECIMAL(18, 12)"}, "share", "more than 10 decimals"),
        ({"final": "NULL"}, "final", "is left blank"),
        ({"final": "'maybe'"}, "final", "'maybe' is neither true nor false"),
        ({"mark": "'12'"}, "mark", "is digits alone"),
        ({"mark": "'#a'"}, "mark", "begins with #"),
        ({"mark": "NULL"}, "mark", "is left blank"),
    ],
)
def test_a_bad_row_is_told_with_its_column_and_reason(
    columns: dict[str, str], column: str, reason: str
) -> None:
    """The second of three rows is bad, and nothing is written."""
    columns = ({"mark": "'b'"} | columns) if "mark" in columns else columns
    sound = {name: "NULL" for name in columns if name not in {"occurred", "buyer", "subject", "partners"}}
    sound |= {"mark": "'a'"} if "mark" in columns else {}
    sound |= {"final": "FALSE"} if "final" in columns else {}
    query = f"{select(**sound)} UNION ALL BY NAME {select(**columns)}"
    with opened() as timeline:
        id_ = "mark" if "mark" in columns else None
        with pytest.raises(BadRows) as caught:
            timeline.append_table(Deal, query, known="occurred", id=id_)
        assert [(row, where) for row, where, _ in caught.value.rows] == [(2, column)]
        assert reason in caught.value.rows[0][2]
        assert f"row 2: {column}: " in str(caught.value)
        assert timeline.as_of().basis.position == 0


def test_the_first_thousand_bad_rows_are_told_and_all_are_counted() -> None:
    """The message ends with how many more there are."""
    with opened() as timeline, pytest.raises(BadRows) as caught:
        timeline.append_table(Deal, f"{select(buyer=repr(' '))} FROM range(1500)", known="2021")
    assert (len(caught.value.rows), caught.value.count) == (1000, 1500)
    assert str(caught.value).startswith("1,500 bad rows, nothing was written\n")
    assert str(caught.value).endswith("… and 500 more rows")


# Ids with names beside them


def test_no_entity_is_near_itself() -> None:
    """Two ids that are given the same name are near each other, and no more."""
    rows = f"""{select(buyer="'/c/one'", buyer_name="'Acme Co'")}
        UNION ALL {select(buyer="'/c/two'", buyer_name="'Acme Co'")}"""
    with opened() as timeline:
        new = timeline.append_table(Deal, rows, known="occurred").new_entities
    assert {one.id: one.near for one in new if one.id in one.near} == {}
    assert any(one.near for one in new)


def test_an_id_beside_its_name_is_never_folded() -> None:
    """Ids are compared exactly; the name is kept and shown, and names the entity from then on."""
    rows = f"""{select(buyer="'/c/acme'", buyer_name="'Acme'")}
        UNION ALL {select(buyer="'/c/ACME'", buyer_name="'ACME'")}
        UNION ALL {select(buyer="'/c/bolt'", buyer_name="NULL")}"""
    with opened() as timeline:
        imported = timeline.append_table(Deal, rows, known="occurred")
        records = list(timeline.as_of().records())
        assert [one.entities for one in records] == [("/c/acme",), ("/c/ACME",), ("/c/bolt",)]
        assert [one.names for one in records] == [{"/c/acme": "Acme"}, {"/c/ACME": "ACME"}, {}]
        assert [(one.id, one.name) for one in imported.new_entities] == [
            ("/c/acme", "Acme"),
            ("/c/ACME", "ACME"),
            ("/c/bolt", "/c/bolt"),
        ]
        assert records[0].summary.startswith("deal of Acme ")
        before = contents(timeline)
        timeline.rebuild()
        assert contents(timeline) == before


def test_several_names_of_one_entity_are_told() -> None:
    """What was taken as one is reported, by id."""
    rows = f"{select(buyer=repr('Open AI'))} UNION ALL {select(buyer=repr('OpenAI'))}"
    with opened() as timeline:
        imported = timeline.append_table(Deal, rows, known="occurred")
    assert [str(one) for one in imported.spellings] == ["open-ai: Open AI, OpenAI"]
    assert (imported.spelling_count, imported.folded, len(imported)) == (1, 1, 1)


def test_what_looks_like_an_earlier_record_is_told() -> None:
    """The same type and entities at a date that overlaps, and no text that differs."""
    rows = f"""{select(occurred=repr("2020-05"), mark=repr("a"))}
        UNION ALL {select(occurred=repr("2021"), mark=repr("b"))}
        UNION ALL {select(subject=repr("chips"), mark=repr("c"))}"""
    with opened() as timeline:
        timeline.append(Deal(**{**SOUND, "subject": "Cloud"}))
        imported = timeline.append_table(Deal, rows, known="occurred", id="mark")
    assert [str(one) for one in imported.lookalikes] == ["a (#2) looks like #1: attest it instead?"]


def test_what_is_said_again_and_was_taken_back_is_told() -> None:
    """Without an id it is the record that no longer stands; under one of its own it is new."""
    with opened() as timeline:
        timeline.append_table(Deal, select(), known="occurred")
        timeline.retract(1)
        event = timeline.record(1).event
        told = "#1 was retracted by #2: to say it again, give it an id of its own, or retract #2"
        assert event is not None
        again = timeline.append(event)
        assert str(again) == told
        imported = timeline.append_table(Deal, select(), known="occurred")
        assert [str(one) for one in imported.fallen] == [told]
        assert str(imported) == "nothing new; 1 row was known already; 1 of what they say no longer stands"
        assert imported.as_dict()["fallen"] == again.as_dict()["fallen"] == [{"record": 1, "by": 2}]
        assert timeline.append_table(Deal, select(mark="'a'"), known="occurred", id="mark").count == 1
        assert timeline.append_table(Deal, select(mark="'a'"), known="occurred", id="mark").fallen == ()


# The call


@pytest.mark.parametrize(
    ("rows", "how", "problem"),
    [
        ("SELECT 1; SELECT 2", {}, "exactly one SELECT"),
        ("CREATE TABLE t (a INTEGER)", {}, "exactly one SELECT"),
        ("SELECT * FROM 'nowhere.csv'", {}, "DuckDB cannot read the rows"),
        ("SELECT error('no such day')", {}, "DuckDB cannot read the rows: Invalid Input Error"),
        (7, {}, "not int"),
        (select(), {"known": None}, "known= is needed"),
        (select(), {"known": "same"}, "known= is needed"),
        (select(), {"known": "then"}, "neither a column (occurred, buyer,"),
        (select(), {"id": "mark"}, "id='mark' is no column"),
        (select(mark="'a'", id="'b'"), {"id": "mark"}, "a column id would go unread"),
        (select(since="'2020'", known="'2021'"), {"known": "since"}, "a column known would go unread"),
    ],
)
def test_a_call_that_means_nothing_is_refused(rows: Any, how: dict[str, Any], problem: str) -> None:
    """Rows that are none, and columns that are not there."""
    with opened() as timeline, pytest.raises(NotAllowed, match=re.escape(problem)):
        timeline.append_table(Deal, rows, **{"known": "2021"} | how)


def test_events_that_name_entities_are_appended_singly() -> None:
    """For the rows of a commit are read by the names it gives."""
    with opened() as timeline, pytest.raises(NotAllowed, match="with append"):
        timeline.append_table(
            ledger.EntityNamed, "SELECT '2020' AS occurred, 'a' AS entity, 'A' AS name", known="2021"
        )


def test_a_known_date_or_publication_in_the_future_is_refused() -> None:
    """As in an append."""
    with opened() as timeline:
        for how in ({"known": "2031"}, {"known": "2021", "source": {"title": "A", "published": "2031"}}):
            with pytest.raises(FutureKnown):
                timeline.append_table(Deal, select(), **how)


def test_declared_entities_are_asked_for() -> None:
    """A timeline of declared entities takes no others."""
    with opened(entities="declared") as timeline, pytest.raises(BadRows, match="declared entities only"):
        timeline.append_table(Deal, select(), known="2021")


def test_an_empty_table_writes_nothing() -> None:
    """Neither records nor a commit."""
    with opened() as timeline:
        imported = timeline.append_table(Deal, f"{select()} LIMIT 0", known="2021")
        assert (len(imported), imported.first, imported.head) == (0, None, 0)
        assert str(imported) == "nothing new"
        assert not timeline.sql("FROM commits").rows


def test_a_column_of_polars_may_hold_nothing_at_all() -> None:
    """Its type is Null then, which DuckDB does not take from Polars."""
    said = {"occurred": ["2020"], "buyer": ["a"], "seller": ["b"], "partners": [[]], "subject": ["x"]}
    rows = pl.DataFrame(said | {"amount": [None]})
    with opened() as timeline:
        assert timeline.append_table(Deal, rows, known="2021").count == 1
        assert timeline.sql("SELECT amount FROM deal").rows == ((None,),)


def test_files_are_read_and_progress_is_told(tmp_path: Path) -> None:
    """CSV and Parquet, by a DuckDB of its own: the timeline's own cannot reach files."""
    path, stages = tmp_path / "deals.csv", list[str]()
    path.write_text("occurred,buyer,seller,partners,subject\n2020-05-01,Acme,,Bolt,cloud\n")
    with Timeline.open(tmp_path / "t.duckdb", catalogue=CATALOGUE, clock=Clock()) as timeline:
        imported = timeline.append_table(
            Deal, f"FROM '{path}'", known="occurred", progress=lambda *told: stages.append(told[0])
        )
        assert (imported.first, imported.last) == (1, 1)
    assert stages == ["reading", "checking", "writing", "states", "done"]
    assert imported.as_dict()["count"] == 1


def test_an_event_class_that_checks_itself_is_asked() -> None:
    """What a class checks beyond its fields is checked for every row."""
    query = """SELECT '2020' AS occurred, 'a' AS holder, 'b' AS company, share
    FROM (VALUES (7), (101)) t(share)"""
    with in_memory(clock=Clock()) as timeline:
        with pytest.raises(BadRows) as caught:
            timeline.append_table(StakeReported, query, known="2021")
        assert caught.value.rows == ((2, "share", "101 is no percentage from 0 to 100"),)
        timeline.append_table(StakeReported, f"{query} WHERE share < 100", known="2021")
        assert next(iter(timeline.as_of().records())).summary == "a holds 7 % of b"


@event_type("rain", says="it rains[: {detail}]")
@frozen(kw_only=True)
class Rain(Event):
    """An event in which nobody takes part."""

    detail: str | None = None


def test_events_without_entities_are_appended_and_compared() -> None:
    """An id of the log with other content is told with what differs, and nothing else is needed for that."""
    query = "SELECT '2020' AS occurred, 'much' AS detail, 'a' AS mark"
    catalogue = Catalogue.of(Rain)
    with Timeline.open(":memory:", catalogue=catalogue, clock=Clock()) as timeline:
        timeline.append_table(Rain, query, known="2021", id="mark")
        with pytest.raises(BadRows, match=r"mark: a \(#1\) already says something else \(detail: much → x\)"):
            timeline.append_table(Rain, query.replace("much", "x"), known="2021", id="mark")
        timeline.append_table(Rain, "SELECT '2020' AS occurred", known="2021")
        assert timeline.append(Rain("2020"), known="2021").records == ()
