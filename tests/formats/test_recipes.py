"""Recipes: tables told as events by them are what appending those events one by one would be."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

import pandas as pd
import pytest
from hypothesis import given, strategies as st

from events import FigureReported, FundingRound, OfficeLeft, OfficeTaken
from tests.reuse import in_memory
from timeline import Assertion, Source, Timeline, When
from timeline.declare import Money
from timeline.errors import BadRows, FaultyFile, InvalidData, NotAllowed
from timeline.formats import Recipe, proposed_recipe, table_file
from timeline.vocabulary import Catalogue

NOW: Final = datetime(2026, 6, 1, 12, tzinfo=UTC)
ROUNDS: Final = Recipe(
    type="funding_round",
    columns={
        "occurred": "date",
        "company": "startup",
        "investors": "by",
        "amount": "raised USD",
        "id": "round-{no}",
        "note": "remark",
    },
    constants={"known": "occurred", "source": "A list", "publisher": "Acme Gazette"},
    dates=("day/month/year",),
    numbers="1.234,5",
    missing=("n/a",),
    lists=";",
)

Write = Callable[..., str]


@pytest.fixture
def tl() -> Iterator[Timeline]:
    with in_memory(clock=lambda: NOW) as timeline:
        yield timeline


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Write a file, and give its path."""

    def written(text: str, name: str = "table.csv") -> str:
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        return str(path)

    return written


def told(timeline: Timeline) -> list[Any]:
    """What all records say."""
    return [
        (one.ref, one.event, one.known_at, one.sources, one.credence, one.note)
        for one in timeline.as_of().records()
    ]


ROW: Final = st.fixed_dictionaries(
    {
        "date": st.dates(date(1990, 1, 1), date(2025, 1, 1)),
        "startup": st.sampled_from(["Acme", "acme", "Bolt & Co", "Crux; Co", 'the "Q"', "Müller"]),
        "by": st.lists(st.sampled_from(["Ann Lee", "Cy, Day", "Fund One"]), max_size=3, unique=True),
        "raised": st.none() | st.decimals(0, 10**9, places=1, allow_nan=False),
        "remark": st.none() | st.sampled_from(["late", "a, b", "it's"]),
    }
)


@given(st.lists(ROW, max_size=6))
def test_a_table_is_what_appending_its_events_one_by_one_would_be(
    tmp_path_factory: pytest.TempPathFactory, given_rows: list[dict[str, Any]]
) -> None:
    """Dates, numbers, lists and what is missing as the recipe says; columns that it does not name aside."""
    path = tmp_path_factory.mktemp("table") / "table.csv"
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(["no", "date", "startup", "by", "raised", "remark", "other"])
        for number, row in enumerate(given_rows):
            day, raised = row["date"], row["raised"]
            writer.writerow(
                [
                    *(number, f"{day.day}.{day.month}.{day.year}", row["startup"], " ; ".join(row["by"])),
                    "N/A" if raised is None else _european(raised),
                    *(row["remark"], "x"),
                ]
            )
    source = Source("A list", publisher="Acme Gazette")
    said = [
        Assertion(
            FundingRound(
                row["date"].isoformat(),
                company=row["startup"],
                investors=row["by"],
                amount=None if row["raised"] is None else Money(row["raised"], "USD"),
            ),
            id=f"round-{number}",
            known=row["date"].isoformat(),
            source=source,
            note=row["remark"],
        )
        for number, row in enumerate(given_rows)
    ]
    with in_memory(clock=lambda: NOW) as ours, in_memory(clock=lambda: NOW) as theirs:
        imported = ours.append_table(ROUNDS, path)
        for one in said:
            theirs.append(one)
        assert told(ours) == told(theirs)
        assert len(imported) == len(said)
        again = ours.append_table(ROUNDS, path, dry_run=True)
        assert (len(again), again.unchanged) == (0, len(said))


def _european(number: Decimal) -> str:
    return f"{number:,}".translate(str.maketrans(",.", ".,"))


def test_python_takes_files_mappings_and_frames(tl: Timeline, tmp_path: Path) -> None:
    """The same rows are known already, whatever they come in; floats and days as frames have them."""
    days = [datetime(2020, 1, 31), datetime(2021, 2, 1)]  # noqa: DTZ001  (a day, as frames have it)
    mappings = [
        {"on": days[0], "firm": "Acme", "raised": 1.5e6},
        {"on": days[1], "firm": "Bolt", "raised": 2.25},
    ]
    frame = pd.DataFrame(mappings)
    path, lines = tmp_path / "rounds.csv", tmp_path / "rounds.jsonl"
    frame.to_csv(path, index=False)
    lines.write_text("\n".join(json.dumps(one | {"on": f"{one['on']:%Y-%m-%d}"}) for one in mappings))
    columns = {"occurred": "on", "company": "firm", "amount": "raised USD"}
    found = [
        tl.append_table(FundingRound, rows, columns=columns, known="2024")
        for rows in (mappings, frame, path, str(lines))
    ]
    assert [(len(one), one.unchanged) for one in found] == [(2, 0), (0, 2), (0, 2), (0, 2)]


def test_mappings_hold_what_a_column_can(tl: Timeline) -> None:
    rows = [
        {"occurred": date(2020, 1, 1), "company": "Acme", "investors": ["Ann"], "amount": Money("$5m")},
        {"occurred": When("2021~"), "company": "Acme", "investors": (), "amount": None},
        {"occurred": datetime(2022, 1, 1, 10, tzinfo=UTC), "company": "Acme", "amount": float("nan")},
    ]
    tl.append_table(FundingRound, rows, known="2024")
    events: list[Any] = [one.event for one in tl.as_of().records()]
    assert [one.occurred.text for one in events] == ["2020-01-01", "2021~", "2022-01-01T10:00:00+00:00"]
    assert [one.investors for one in events] == [("ann",), (), ()]
    with pytest.raises(BadRows, match=r"row 1: amount: 0\.1 is a float"):
        tl.append_table(FundingRound, [{"amount": 0.1}], known="2024")
    with pytest.raises(BadRows, match="row 1: occurred: is of type object"):
        tl.append_table(FundingRound, [{"occurred": object()}], known="2024")
    with pytest.raises(NotAllowed, match="row 2 is of type int"):
        tl.append_table(FundingRound, [{"occurred": "2020"}, 5], known="2024")


def test_a_start_and_an_end_are_two_events(tl: Timeline, write: Write) -> None:
    """Each with its own columns beside those of both; constants for the types that have the field."""
    path = write("who,where,from,to,left as\nAnn,Acme,2019,2021,retired\nBo,Acme,2021,,\n")
    recipe = Recipe(
        events={"office_taken": {"occurred": "from"}, "office_left": {"occurred": "to", "note": "left as"}},
        columns={"person": "who", "organisation": "where"},
        constants={"office": "treasurer", "known": "2024"},
    )
    tl.append_table(recipe, path)
    found = [one for one in tl.as_of().records() if one.event is not None]
    assert [(type(one.event), one.note) for one in found] == [
        (OfficeTaken, None),
        (OfficeLeft, "retired"),
        (OfficeTaken, None),
    ]


def test_ids_have_names_beside_them_and_amounts_their_currencies(tl: Timeline, write: Write) -> None:
    path = write(
        "on,id,name,sum,cur\n2020,/c/acme,Acme,5,EUR\n2021,/c/acme,ACME,,EUR\n2022,/c/a-cme,Acme,7,\n"
    )
    columns = {
        "occurred": "on",
        "company": "id",
        "company_name": "name",
        "amount": "sum",
        "amount_currency": "cur",
    }
    with pytest.raises(BadRows, match=r"table\.csv:4: sum: '7' is not an amount: it has no currency"):
        tl.append_table(FundingRound, path, columns=columns, known="2024")
    tl.append_table(Recipe(type="funding_round", columns=columns, skip_if_blank=("cur",)), path, known="2024")
    events: list[Any] = [one.event for one in tl.as_of().records()]
    assert [one.company for one in events] == ["/c/acme", "/c/acme"]
    assert [one.amount for one in events] == [Money("€5"), None]


def test_rows_say_of_their_source_what_the_recipe_does_not(tl: Timeline, write: Write) -> None:
    path = write("on,company,link,page\n2020,Acme,https://example.org/a,p. 3\n2021,Acme,,\n")
    recipe = Recipe(
        type="funding_round",
        columns={"occurred": "on", "url": "link", "locator": "page"},
        constants={"source": "A register", "published": "2023", "known": "2024", "credence": "confirmed"},
    )
    tl.append_table(recipe, path)
    first, second = tl.as_of().records()
    assert first.source == Source("A register", published="2023", url="https://example.org/a", locator="p. 3")
    assert (second.source, second.credence) == (Source("A register", published="2023"), "confirmed")


def test_rows_that_lack_something_may_be_left_out_and_are_counted(tl: Timeline, write: Write) -> None:
    path = write("occurred,company\n2020,Acme\n,Bolt\n,\n2021,\n")
    recipe = Recipe(type="funding_round", constants={"known": "2024"}, skip_if_blank=("occurred", "company"))
    imported = tl.append_table(recipe, path)
    assert (len(imported), imported.rows, imported.left_out) == (1, 1, 3)


def test_a_dry_run_tells_all_and_writes_nothing(tl: Timeline, write: Write) -> None:
    lines = "".join(f"20{n:02},Acme\n" for n in range(12))
    path = write(f"occurred,company\n{lines}soon,Acme\n2020,\n1\n")
    recipe = Recipe(type="funding_round", constants={"known": "2024"})
    imported = tl.append_table(recipe, path, dry_run=True)
    assert [row for row, _ in imported.sample] == list(range(2, 12))
    assert (imported.count, imported.faulty, imported.new_entity_count) == (12, 3, 1)
    assert [(row, column) for row, column, _ in imported.faults] == [
        (14, "occurred"),
        (15, "company"),
        (16, ""),
    ]
    assert tl.as_of().basis.position == 0
    with pytest.raises(BadRows) as caught:
        tl.append_table(recipe, path)
    assert caught.value.rows == imported.faults
    assert f"{path}:16: has 1 cells" in str(caught.value)


@pytest.mark.parametrize(
    ("columns", "problem"),
    [
        ({"occured": "on"}, "columns.occured: is no field; did you mean occurred?"),
        ({"company": "frim"}, "columns.company: 'frim' is no column; did you mean firm?"),
        ({"amount": "{rased}m USD"}, "columns.amount: 'rased' is no column; did you mean raised?"),
        ({"amount": "rased USD"}, "columns.amount: 'rased' is no column; did you mean raised?"),
        ({"company": "firm"}, "funding_round.occurred: is missing; it takes a date"),
        ({"zzz": "on"}, "columns.zzz: is no field; they are occurred, company, investors, amount"),
    ],
)
def test_what_does_not_fit_the_columns_is_told_with_what_is_near(
    tl: Timeline, write: Write, columns: dict[str, str], problem: str
) -> None:
    with pytest.raises(InvalidData) as caught:
        tl.append_table(FundingRound, write("on,firm,raised\n2020,Acme,5\n"), columns=columns, known="2024")
    assert problem in str(caught.value)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("type: x\ncolums:\n  a: b\n", "2: colums: is no part of a recipe; they are type, events"),
        ("type: x\ncolums:\n  a: b\n", "did you mean columns?"),
        ("- a\n", "1: is no recipe: write `type:`"),
        ("type: [a, b]\n", "1: type: is one text"),
        ("type: x\n\ndates: day/month\n", "3: dates: 'day/month' is no form; they are iso, day/month/year"),
        ("type: x\ndates: {a: [excel, exel]}\n", "2: dates: 'exel' is no form; they are iso,"),
        ("type: x\nyears_from: 9999\n", "2: years_from: 9999 is no year in which a hundred begin"),
        ("type: x\nnumbers: 1.5,0\n", "2: numbers: '1.5,0' is no form"),
        ("columns: {a: b, a: c}\n", "1: 'a' is there twice"),
        ("columns:\n  a: [b]\n", "2: columns.a: is one text"),
    ],
)
def test_a_recipe_is_refused_by_line(write: Write, text: str, problem: str) -> None:
    with pytest.raises(FaultyFile) as caught:
        Recipe.read(write(text, "t.load.yaml"))
    assert f"t.load.yaml:{problem}" in str(caught.value) or problem in str(caught.value)


def test_a_recipe_is_written_as_it_is_read(write: Write) -> None:
    several = Recipe(
        events={"office_taken": {"occurred": "from: date"}, "office_left": {"occurred": "to"}},
        constants={"investors": ("a", "#b")},
        missing=("-", "null", "~", "n/a"),
        header=3,
    )
    for recipe in (ROUNDS, several):
        assert Recipe.read(write(recipe.as_yaml(), "t.load.yaml")) == recipe


def test_dates_have_forms_by_column_and_phrases_their_dateline(tl: Timeline, write: Write) -> None:
    """Each text is told once, with the day that it was seen from."""
    path = write(
        "firm,on,until,said\nAcme,last month,43831,12.03.2024\nBolt,last month,,01.06.2024\n"
        "Crux,[2018..2020],43831.5,\nDart,Jan-17,,n/a\n"
    )
    recipe = Recipe.read(
        write(
            "type: exclusivity_deal\ncolumns: {grantor: firm, occurred: on}\nmissing: [n/a]\n"
            "constants: {grantee: Yew, scope: cloud, known: 2025}\ndateline: said\nyears_from: 1900\n"
            "dates:\n  on: phrases\n  until: [excel]\n  said: day/month/year\n",
            "t.load.yaml",
        )
    )
    assert Recipe.read(write(recipe.as_yaml(), "again.load.yaml")) == recipe
    told = tl.append_table(recipe, path).dates
    assert [(one.text, str(one.dateline), str(one.when)) for one in told] == [
        ("last month", "2024-03-12", "2024-02"),
        ("last month", "2024-06-01", "2024-05"),
        ("Jan-17", "None", "1917-01"),
        ("43831", "None", "2020-01-01"),
        ("43831.5", "None", "2020-01-01T12:00:00"),
    ]
    dates = [(str(one.occurred), str(one.event.until)) for one in tl.as_of().records() if one.event]  # type: ignore[attr-defined]
    assert dates == [
        ("2024-02", "2020-01-01"),
        ("2024-05", "None"),
        ("[2018..2020]", "2020-01-01T12:00:00"),
        ("1917-01", "None"),
    ]


@pytest.mark.parametrize(
    ("said", "problem"),
    [
        ({"dateline": "2024-05-01"}, "dateline: is what phrases are seen from: say dates: phrases too"),
        (
            {"dateline": "sayd", "dates": "phrases"},
            "dateline: 'sayd' is no column; did you mean said?; or a day",
        ),
        ({"dates": {"frim": "excel"}}, "dates: 'frim' is no column that is read; did you mean 'firm'?"),
    ],
)
def test_what_is_said_of_dates_and_fits_no_column_is_told(
    tl: Timeline, write: Write, said: dict[str, Any], problem: str
) -> None:
    recipe = Recipe(type="funding_round", columns={"company": "firm", "occurred": "on"}, **said)
    with pytest.raises(InvalidData) as caught:
        tl.append_table(recipe, write("firm,on,said\nAcme,2020,2021\n"), known="2024")
    assert problem in str(caught.value)


def test_a_recipe_tells_either_one_type_or_several(tl: Timeline) -> None:
    for recipe in (Recipe(), Recipe(type="a", events={"b": {}})):
        with pytest.raises(NotAllowed, match="either type, or events"):
            tl.append_table(recipe, [{"a": "b"}])
    with pytest.raises(NotAllowed, match="columns= goes with one type"):
        tl.append_table(ROUNDS, [{"a": "b"}], columns={"a": "b"})
    with pytest.raises(NotAllowed, match="leave out id="):
        tl.append_table(ROUNDS, [{"a": "b"}], id="a")


# Proposing


def proposed(path: str, **said: Any) -> str:
    return proposed_recipe(table_file(path), Catalogue.find("events"), Recipe(**said))


def test_a_recipe_is_proposed_by_names_and_values(tl: Timeline, write: Write) -> None:
    """What is proposed for a plain table can be loaded once it is said since when it was known."""
    path = write(
        "company_permalink,company_name,raised_amount_usd,funding_round_type,funded_at,funded_year\n"
        "/c/acme,Acme,1000000,seed,13.01.2020,2020\n/c/bolt,Bolt,N/A,seed,02.03.2020,2020\n",
        "rounds.csv",
    )
    text = proposed(path)
    assert "\ntype: funding_round\n" in text
    assert "\n  occurred: funded_at " in text
    assert "\n  company: company_permalink " in text
    assert "\n  company_name: company_name " in text
    assert "\n  amount: raised_amount_usd USD " in text
    assert "\ndates: day/month/year\n" in text
    assert "\nmissing: [N/A]\n" in text
    assert "\n#   funding_round_type (seed)\n" in text
    recipe = Recipe.read(write(text, "rounds.load.yaml"))
    tl.append_table(recipe, path, known="2024")
    assert [one.event.company for one in tl.as_of().records() if one.event] == ["/c/acme", "/c/bolt"]  # type: ignore[attr-defined]


def test_the_unit_and_currency_that_a_column_says_are_proposed(write: Write) -> None:
    text = proposed(write("company,date,Amount (EUR m)\nAcme,2020-01-01,12.5\n", "rounds.csv"))
    assert '\n  amount: "{Amount (EUR m)}m EUR"  ' in text
    assert "# 12.5; taken to be in millions\n" in text


def test_a_day_that_may_be_a_month_is_left_to_the_reader(write: Write) -> None:
    text = proposed(write("company,date\nAcme,03/04/2020\nBolt,05/06/2021\n"))
    assert "\n# dates: day/month/year " in text
    assert "# or month/day/year? 03/04/2020 may be either, and so may all others\n" in text


def test_a_start_and_an_end_are_proposed_as_two_events(write: Write) -> None:
    path = write("organisation,person,office,from,to\nAcme,Ann,chair,2019-01-01,2020-01-01\n")
    text = proposed(path, type="office_taken")
    assert "\n  office_taken:\n    occurred: from\n  office_left:\n    occurred: to\n" in text
    recipe = Recipe.read(write(text, "t.load.yaml"))
    assert set(recipe.columns) == {"organisation", "person", "office"}


def test_where_nothing_speaks_for_a_type_all_columns_are_listed(write: Write) -> None:
    text = proposed(write("a,b\n1,x y\n"))
    assert "\ntype: " in text
    assert "# of which event do rows tell?" in text
    assert "\n  # FIELD: b " in text


def test_figures_need_their_form_to_be_said(tl: Timeline, write: Write) -> None:
    path = write('on,who,count\n2020,Acme,"1,200"\n')
    recipe = Recipe(
        type="figure_reported",
        columns={"occurred": "on", "of": "who", "number": "count"},
        constants={"measure": "staff", "known": "2024"},
    )
    with pytest.raises(BadRows, match=r"'1,200' is no number as they are written here; is it 1,234\.5,"):
        tl.append_table(recipe, path)
    tl.append_table(Recipe(**{**_fields(recipe), "numbers": "1,234.5"}), path)
    (record,) = tl.as_of().records()
    assert isinstance(record.event, FigureReported)
    assert record.event.number == Decimal(1200)


def _fields(recipe: Recipe) -> dict[str, Any]:
    return {name: getattr(recipe, name) for name in ("type", "columns", "constants")}
