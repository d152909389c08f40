"""Answers as tables for other tools, as one line, and as a page of a notebook."""

from __future__ import annotations

from typing import Any

import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from events import CEOAppointment, Organisation
from events.leadership import CEOResignation
from tests import script
from tests.reuse import in_memory
from timeline import Timeline
from timeline.values import Framed

LONGEST = 420
"""How long the one line of anything is at most."""


@pytest.fixture(scope="module")
def tl() -> Timeline:
    """What the script of a user says."""
    timeline = in_memory()
    script.fill(timeline)
    return timeline


def answers(tl: Timeline, date: str = "2024") -> dict[str, Any]:
    """An answer of every kind that there is."""
    moment = tl.as_of(date)
    return {
        "state": moment.of(Organisation, "Acme"),
        "pair": moment.between("Acme", "Bolt"),
        "history": moment.history(Organisation, "Acme"),
        "field": moment.history(Organisation, "Acme", field="ceo"),
        "known": moment.history(Organisation, "Acme", axis="known"),
        "diff": tl.as_of("2020").diff(moment, Organisation, "Acme"),
        "why": moment.explain(Organisation, "Acme"),
        "plans": moment.plans("project", "Ship"),
        "check": moment.check(),
        "records": moment.records(),
        "no records": moment.records(after=1_000),
        "entities": moment.entities(),
        "sources": moment.sources(),
        "single": moment.single_sourced(),
        "rows": tl.sql("SELECT position, known_at, summary, entities FROM records"),
        "table": moment.table(Organisation),
    }


def test_every_answer_is_a_table_of_the_same_names_and_values_in_each_tool(tl: Timeline) -> None:
    """Arrow, Polars and pandas have the same columns and rows."""
    for name, found in answers(tl).items():
        arrow, polars, pandas = found.arrow(), found.pl(), found.df()
        assert isinstance(arrow, pa.Table), name
        assert arrow.column_names == polars.columns == list(pandas.columns), name
        assert arrow.num_rows == polars.height == len(pandas), name
        if isinstance(found, Framed):
            assert arrow.to_pylist() == polars.to_dicts(), name


def test_kinds_are_kept_where_there_are_no_rows(tl: Timeline) -> None:
    """An answer without rows has the columns of one with them, instants as instants with their zone."""
    some, none = tl.as_of().records(), tl.as_of().records(after=1_000)
    assert some.pl().schema == none.pl().schema
    assert some.arrow().schema == none.arrow().schema
    assert list(some.df().dtypes) == list(none.df().dtypes)
    assert some.pl().schema["known_at"] == pl.Datetime("us", "UTC")
    assert str(some.df()["known_at"].dtype) == "datetime64[us, UTC]"
    assert str(some.df()["target"].dtype) == "Int64"


def test_pandas_takes_the_rows_of_sql(tl: Timeline) -> None:
    """By themselves, with the names of their columns."""
    rows = tl.sql("SELECT position, summary FROM records ORDER BY position")
    assert list(pd.DataFrame(rows).columns) == ["position", "summary"]
    assert pd.DataFrame(rows).equals(rows.df())


def test_everything_is_one_short_line_in_a_prompt(tl: Timeline) -> None:
    """Also what holds much: a history, a catalogue, and what is in them."""
    moment = tl.as_of()
    catalogue = moment.catalogue
    found = [
        *answers(tl).values(),
        moment,
        moment.basis,
        tl,
        catalogue,
        moment.show(1),
        tl.head(),
        tl.verify(),
    ]
    found += [*catalogue.events.values(), *catalogue.states.values(), *catalogue.rules.values()]
    found += [*moment.records(), *moment.entities(), *moment.sources(), *moment.plans("project", "Ship")]
    found += [*moment.history(Organisation, "Acme"), *moment.check()]
    for one in found:
        line = repr(one)
        assert len(line) <= LONGEST, line
        assert "\n" not in line


def test_every_answer_shows_itself_in_a_notebook(tl: Timeline) -> None:
    """As HTML, in which names are text."""
    for name, found in answers(tl).items():
        assert found._repr_html_().startswith("<div"), name


def test_answers_with_an_end_have_a_length_and_places(tl: Timeline) -> None:
    """They can be asked for one by its place, more than once."""
    moment = tl.as_of()
    for several in (moment.records(), moment.entities(), moment.sources(), moment.plans("project", "Ship")):
        assert len(several) == len(list(several)) == len(several.arrow()) or several.what == "plans"
        assert several[0] == next(iter(several))


def test_nothing_ended_and_unsettled_are_told_apart() -> None:
    """Each leaves a field without a value, for a reason of its own."""
    tl = in_memory()
    tl.append(
        CEOAppointment("2022-03", company="Acme", person="Ann"),
        CEOResignation("2023-05-01", company="Acme", person="Ann"),
    )
    dates = {"2021": "nothing recorded", "2022-03-10": "unsettled", "2022-05": "held", "2024": "ended"}
    for date, word in dates.items():
        state = tl.as_of(date).of(Organisation, "Acme")
        assert state.answered("ceo") == word
        assert (state.ceo is None) is (word != "held")
    with pytest.raises(KeyError, match="ceo"):
        state.answered("cio")


def test_a_script_of_a_user_runs() -> None:
    """The same that type checkers read."""
    assert script.main() == [
        "1",
        "USD 5000000",
        "nothing recorded",
        "Ann Lee",
        "#4",
        "None",
        "3",
        "#3",
        "0",
        "Acme",
        "True",
    ]
