"""In SQL, names mean whom they mean in Python, and records stand where the laws say."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import duckdb
import pytest
from hypothesis import example, given, strategies as st

from tests import oracle, strategies
from tests.ledger import Clock, EntityNamed, Noted, Organisation, opened
from tests.oracle import READINGS, Point
from tests.strategies import History, histories
from timeline import Assertion, Retraction, Timeline
from timeline.errors import AmbiguousName, BadText, NotAllowed, TimelineError, UnknownEntity
from timeline.values import folded

ANY: Final = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=8)
TELLING: Final = st.text(
    "aAiIİıßẞſﬁﬀǅΣσςάᾳΆéÉＡ１⅓²℃ÅÅ각ᄀㄱ가कमािابتآلا百度𝐀𐐀🦆👩️+#&-_.,'’()[] \t"
    "\u00a0\u00ad\u0301\u0308\u0345\u037a\u094d\u200c\u200d\u2003",
    max_size=8,
)


@pytest.fixture(scope="module")
def empty() -> Iterator[Timeline]:
    """A timeline in which nothing is said."""
    with opened() as tl:
        yield tl


@given(ANY | TELLING)
@example("C++")
@example("...")
@example("𞤀𞤢")
def test_names_fold_in_sql_as_in_python(empty: Timeline, text: str) -> None:
    """Whatever the script; no name holds a NUL."""
    assert empty.sql("SELECT timeline_folded($1)", [text]).rows == ((folded(text),),)


def test_every_character_folds_in_sql_as_in_python(empty: Timeline) -> None:
    """All that have case, are made of others, or are no letters; alone and between letters."""
    marks = [chr(code) for code in range(1, 0x20000) if not 0xD800 <= code < 0xE000]
    marks = [
        mark
        for mark in marks
        if unicodedata.category(mark) not in {"Lo", "Cn", "Co"}
        or unicodedata.normalize("NFKC", mark).casefold() != mark
    ]
    query = (
        "SELECT mark, timeline_folded(mark), timeline_folded('ab' || mark || 'c') "
        "FROM (SELECT unnest($1) AS mark)"
    )
    found = {mark: (alone, within) for mark, alone, within in empty.sql(query, [marks])}
    assert len(found) == len(marks) > 10_000
    assert {mark for mark in marks if found[mark] != (folded(mark), folded(f"ab{mark}c"))} == set()


def _in_python(tl: Timeline, text: str) -> str:
    """The id that a question to Python means, or the kind of refusal."""
    try:
        return str(tl.as_of("2021").of(Organisation, text).who[0])
    except UnknownEntity:
        return "nobody"
    except AmbiguousName as problem:
        return " and ".join(problem.entities)
    except BadText:
        return "refused"


def _in_sql(tl: Timeline, text: str) -> str:
    """The same from the macro."""
    try:
        return str(tl.sql("SELECT entity($1)", [text]).rows[0][0])
    except NotAllowed as problem:
        told = str(problem)
        if "invisible character" in told:
            return "refused"
        return told.partition(" fits ")[2].partition("; say")[0] or "nobody"


NAMES: Final = st.sampled_from(
    ["Acme", "ACME", "Ac me", "acme-2", "Bolt", "bolt.", "C", "C++", "C#", "Ｃ", "कम"]
)


@given(
    st.lists(st.tuples(st.sampled_from(["acme", "bolt", "c"]), NAMES, st.booleans()), max_size=6), st.data()
)
def test_a_name_means_in_sql_whom_it_means_in_python(
    given_names: list[tuple[str, str, bool]], data: st.DataObject
) -> None:
    """By id before any name, by names that were ever given and not withdrawn; what fits two is refused."""
    with opened() as tl:
        for number, (entity, name, withdrawn) in enumerate(given_names):
            try:
                tl.append(Assertion(EntityNamed("2020", entity=entity, name=name), id=f"n{number}"))
            except TimelineError:
                continue
            if withdrawn:
                tl.append(Retraction(f"n{number}"))
        asked = data.draw(
            st.lists(NAMES | TELLING.filter(str.strip) | st.sampled_from([" acme\t", "A\u200dcme"]))
        )
        for text in [*asked, *(name for _, name, _ in given_names), "acme", "Bolt", "zzz"]:
            assert _in_sql(tl, text) == _in_python(tl, text)


def test_who_is_not_known_is_told_the_nearest_names(tl: Timeline) -> None:
    """With their ids; nobody where there is none."""
    tl.append(Noted("2020", subject="Open AI", topic="x"), Noted("2020", subject="Bolt", topic="x"))
    with pytest.raises(NotAllowed, match=r"no entity 'Opn AI'; the nearest names are Open AI \(open-ai\)$"):
        tl.sql("SELECT entity('Opn AI')")
    with pytest.raises(NotAllowed, match="no entity 'zzz'; the log names nobody like it"):
        tl.sql("SELECT entity('zzz')")
    assert tl.sql("SELECT entity(NULL)").rows == ((None,),)


def test_what_fits_two_is_refused_naming_both(tl: Timeline) -> None:
    """An id still says which."""
    tl.append(EntityNamed("2020", entity="a1", name="Acme"), EntityNamed("2020", entity="a2", name="ACME"))
    with pytest.raises(NotAllowed, match="'acme' fits a1 and a2; say which by its id"):
        tl.sql("SELECT entity('acme')")
    assert tl.sql("SELECT entity('a2')").rows == (("a2",),)


def test_a_whole_column_of_names_can_be_resolved(tl: Timeline) -> None:
    """Row by row."""
    tl.append(Noted("2020", subject="Acme", topic="x"), Noted("2020", subject="Bolt", topic="x"))
    rows = tl.sql(
        "SELECT name, entity(name) FROM (VALUES ('ACME'), ('bolt'), ('Bolt.')) t(name) ORDER BY ALL"
    ).rows
    assert rows == (("ACME", "acme"), ("Bolt.", "bolt"), ("bolt", "bolt"))


def test_a_name_in_a_condition_is_looked_up_once(tmp_path: Path) -> None:
    """However many rows it is compared with: only its own characters are ever taken apart."""
    path = tmp_path / "t.duckdb"
    with opened(path=str(path)) as tl:
        tl.append(*(Noted("2020", subject=f"Subject {number}", topic="x") for number in range(30)))
    query = "SELECT count(*) FROM range(100000) t(i) WHERE i::VARCHAR = entity('Subject 7')"
    with duckdb.connect(str(path), read_only=True) as connection:
        ((_, told),) = connection.execute(f"EXPLAIN (ANALYZE, FORMAT json) {query}").fetchall()
    counts = [rows for kind, rows in _operators(json.loads(told)["operator"]) if kind == "UNNEST"]
    assert set(counts) == {len("Subject 7"), len("subject 7")}


def _operators(several: list[dict[str, Any]]) -> Iterator[tuple[str, int]]:
    """Each operator of a plan, with how many rows it gave."""
    for one in several:
        yield one["type"], one["intermediate_rows"]
        yield from _operators(one.get("children", []))


# Records


@given(histories(), st.data())
def test_records_as_of_are_the_events_that_stand_and_count(history: History, data: st.DataObject) -> None:
    """At any (valid, known, position), in both readings of dates."""
    with opened() as tl:
        tl.append(*history.statements)
        for at in data.draw(strategies.moments(history)):
            known = data.draw(st.sampled_from([None, *history.knowns]))
            position = data.draw(st.integers(0, len(history.log)))
            dates = data.draw(st.sampled_from(READINGS))
            query = (
                "SELECT position FROM records_as_of($1::TIMESTAMPTZ, known := $2::TIMESTAMPTZ, "
                "dates := $3, position := $4::BIGINT)"
            )
            asked = [at.isoformat(), known and known.isoformat(), dates, position]
            stand = oracle.standing(history.log, known or oracle.END, position)
            wanted = [one.position for one in stand if _counts(one, Point(at, dates))]
            assert [place for (place,) in tl.sql(query, asked)] == wanted


def _counts(one: oracle.Said, point: Point) -> bool:
    return one.occurred is not None and point.counts(oracle.Entry(one, one.position, None))


def test_records_as_of_have_the_columns_of_records(tl: Timeline) -> None:
    """But for what says whether they stand at the head: here all do, at the point."""
    columns = tl.sql("FROM records").columns
    assert tl.sql("FROM records_as_of('2020')").columns == columns[: columns.index("stands")]


def test_records_as_of_read_their_arguments_as_states_do(clock: Clock, tl: Timeline) -> None:
    """Dates by their close, `then`, a position by number or date, and refusals."""
    tl.append(Noted("2020-06", subject="Acme", topic="x"), known="2021-01-01")
    clock.wait(10)
    tl.correct(1, Noted("2020-07", subject="Acme", topic="x"), known="2022-01-01")

    def asked(arguments: str) -> list[int]:
        return [place for (place,) in tl.sql(f"SELECT position FROM records_as_of({arguments})")]

    assert asked("'2020-07'") == asked("DATE '2020-07-31'") == [2]
    assert asked("'2020-07', known := '2021'") == [1]
    assert asked("'2021', known := 'then'") == [1]
    assert asked("'2020', known := 'then'") == []
    assert asked("'2020-07-01', dates := 'earliest'") == [2]
    assert asked("'2020', position := 1") == asked("'2020', position := '2026-01-05'") == [1]
    for wrong in (
        "NULL",
        "TIMESTAMP '2020-01-01 00:00:00'",
        "'2020', dates := 'both'",
        "'2020', position := 'x'",
    ):
        with pytest.raises(NotAllowed):
            asked(wrong)


def test_a_series_of_points_can_be_asked_at_once(tl: Timeline) -> None:
    """The point may come from another table."""
    tl.append(*(Noted(f"2020-0{month}-03", subject="Acme", topic="x") for month in (1, 2, 3)))
    query = (
        "SELECT day, count(*) FROM (SELECT unnest([DATE '2020-01-31', DATE '2020-03-31']) AS day), "
        "records_as_of(day) GROUP BY day ORDER BY day"
    )
    assert [number for _, number in tl.sql(query)] == [1, 3]


@pytest.mark.parametrize("name", ["ref", "point", "knowing", "upto", "early", "note", "recorded_at"])
def test_a_column_of_any_name_may_be_an_argument(clock: Clock, tl: Timeline, name: str) -> None:
    """Also where a table that the macro looks into, or a step of it, has a column of that name."""
    for day in (1, 2):
        tl.append(Noted("2020-06", subject="Acme", topic=str(day)), known="2021")
        clock.wait(1)

    def counts(values: str, arguments: str) -> list[int]:
        asked = f"(SELECT * FROM (VALUES {values}) AS given(turn, {name}))"
        query = f"SELECT turn, count(position) FROM {asked} AS given LEFT JOIN LATERAL"
        query += f" (SELECT position FROM records_as_of({arguments})) ON true GROUP BY turn ORDER BY turn"
        return [number for _, number in tl.sql(query)]

    first, last = (one for (one,) in tl.sql("SELECT recorded_at::DATE::VARCHAR FROM commits ORDER BY ALL"))
    assert first < last
    assert counts("(1, '2020-05'), (2, '2020-06')", name) == [0, 2]
    assert counts("(1, '2020'), (2, '2021')", f"'2022', known := {name}") == [0, 2]
    assert counts("(1, 'latest'), (2, 'earliest')", f"'2020-06-10', dates := {name}") == [0, 2]
    assert counts(f"(1, DATE '{first}'), (2, DATE '{last}')", f"'2022', position := {name}") == [1, 2]
