"""Tables at the command line: loaded by flags or a recipe, judged first, proposed where no type is said."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Final

import pytest

from tests.cli.test_cli import Shell
from timeline import Timeline

ROUNDS: Final = """startup,date,amount_usd,stage
Acme,2020-05-01,1500000,seed
Acme,2021,,
Bolt & Co,2021-03-31,250000.50,seed
"""
FLAGS: Final = (
    "--type",
    "funding_round",
    "--map",
    "company=startup,occurred=date,amount=amount_usd USD",
    "--known",
    "occurred",
)


@pytest.fixture
def shell(capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Shell:
    monkeypatch.setenv("TIMELINE_DB", "t.duckdb")
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.chdir(tmp_path)
    Path("rounds.csv").write_text(ROUNDS, encoding="utf-8")
    return Shell(capsys)


def test_a_table_is_loaded_by_flags_once(shell: Shell) -> None:
    """A dry run shows the rows as events first, and makes no file."""
    out = shell("load", "rounds.csv", *FLAGS, "--source", "A list", "--dry-run")
    assert out.splitlines() == [
        "rounds.csv  3 would be new · 0 known already",
        "  CSV in UTF-8, 3 rows as funding_round",
        "  not read: stage",
        "  2: #1 2020-05-01 Acme raises money: $1.5m [A list], known 2020-05-01 UTC",
        "  3: #2 2021 Acme raises money [A list], known 2021-12-31 UTC",
        "  4: #3 2021-03-31 Bolt & Co raises money: $250,000.5 [A list], known 2021-03-31 UTC",
    ]
    assert shell.err == "2 new entities: Acme (acme), Bolt & Co (bolt-co)\n"
    assert not Path("t.duckdb").exists()
    assert shell("load", "rounds.csv", *FLAGS, "--source", "A list").startswith("rounds.csv  3 new · 0 known")
    again = shell("load", "rounds.csv", *FLAGS, "--source", "A list")
    assert again.startswith("rounds.csv  0 new · 3 known already")


def test_the_verb_and_python_say_the_same(shell: Shell) -> None:
    shell("load", "rounds.csv", *FLAGS)
    columns = {"company": "startup", "occurred": "date", "amount": "amount_usd USD"}
    with Timeline.open("t.duckdb") as tl, Timeline.open(":memory:") as other:
        kind = tl.catalogue.event("funding_round").cls
        other.append_table(kind, "rounds.csv", columns=columns, known="occurred")
        ours, theirs = tl.as_of().records(), other.as_of().records()
        assert [(one.id, one.data, one.known_at) for one in ours] == [
            (one.id, one.data, one.known_at) for one in theirs
        ]


def test_a_recipe_beside_the_table_is_used_and_flags_come_before_it(shell: Shell) -> None:
    assert shell("load", "rounds.csv", *FLAGS, "--write-recipe").startswith("rounds.load.yaml is written")
    assert Path("rounds.load.yaml").read_text("utf-8").splitlines() == [
        "type: funding_round",
        "columns:",
        "  company: startup",
        "  occurred: date",
        "  amount: amount_usd USD",
        "constants:",
        "  known: occurred",
    ]
    out = shell("load", "rounds.csv", "--known", "2024", "--set", "note=by hand", "--json")
    told = json.loads(out)
    assert (told["recipe"], told["count"], told["unread"]) == ("rounds.load.yaml", 3, ["stage"])
    assert [one["note"] for one in told["sample"]] == ["by hand"] * 3
    shell("load", "rounds.csv", *FLAGS, "--write-recipe", code=2)
    assert "rounds.load.yaml is there already" in shell.err
    shell("load", "rounds.load.yaml", code=2)
    assert "is the recipe of a table; load the table that lies beside it" in shell.err
    Path("events.yaml").write_text(
        "events:\n- funding_round: A\n  occurred: 2020\n  company: A\n  investors:\n  amount:\n"
    )
    assert shell("load", ".", "--db", "u.duckdb").startswith("events.yaml  1 new")


def test_without_a_type_a_recipe_is_proposed_and_nothing_loaded(shell: Shell) -> None:
    out = shell("load", "rounds.csv", code=2)
    assert "\ntype: funding_round\n" in out
    assert "of which event its rows tell is not said; give --type and --map" in shell.err
    assert not Path("rounds.load.yaml").exists()
    shell("load", "rounds.csv", "--write-recipe")
    assert Path("rounds.load.yaml").read_text("utf-8") == out
    shell("load", "rounds.csv", code=65)
    assert "funding_round.company: is missing; it takes a name or id" in shell.err
    shell("load", "rounds.csv", "--map", "company=startup", code=2)
    assert "since when were the rows known? Give --known occurred" in shell.err


def test_bad_rows_are_told_by_line_with_what_can_be_done(shell: Shell) -> None:
    Path("rounds.csv").write_text(
        "startup,date,amount_usd\nAcme,03/04/2020,5\nBolt,,1\nCrux,,2\nDyna,2020,x\nEel,2020\n",
        encoding="utf-8",
    )
    shell("load", "rounds.csv", *FLAGS, code=65)
    assert shell.err.splitlines() == [
        "error: 5 bad rows, nothing was written",
        "rounds.csv:2: date: '03/04/2020' is no date as they are written here; is it day/month/year or month/day/year? Say so with dates",  # noqa: E501
        "rounds.csv:3: date: is left blank, and a value is needed (so in 1 more: 4)",
        "rounds.csv:5: amount_usd: 'x USD' is not an amount: it cannot be read; write it like '$1bn' or '2.5m EUR'",  # noqa: E501
        "rounds.csv:6: has 2 cells, and 3 columns are named",
        "to leave out rows without it: --skip-if-blank date",
    ]
    rows = shell("load", "rounds.csv", *FLAGS, "--dry-run", "--format", "csv", code=65)
    assert rows.splitlines()[0] == "file,row,column,problem"
    assert len(rows.splitlines()) == 6
    told = ["--dates", "day/month/year", "--missing", "x", "--skip-if-blank", "date", "--dry-run"]
    out = shell("load", "rounds.csv", *FLAGS, *told, code=65)
    assert out.startswith(
        "rounds.csv  2 would be new · 0 known already · 2 left out, being blank · 1 at fault"
    )


@pytest.mark.parametrize(
    ("words", "code", "problem"),
    [
        (("--map", "compny=startup"), 65, "columns.compny: is no field; did you mean company?"),
        (("--map", "company=startp"), 65, "columns.company: 'startp' is no column; did you mean startup?"),
        (("--map", "company"), 2, "--map takes field=text, as in person=name, not 'company'"),
        (("--type", "funding_rond"), 2, "there is no event type 'funding_rond'; did you mean funding_round?"),
        (("--dates", "day-month"), 2, "dates: 'day-month' is no form; they are iso, day/month/year"),
        (("--encoding", "klingon"), 2, "no encoding is called 'klingon'"),
        (("--amend",), 2, "--amend is for files of events"),
        (("other.csv",), 2, "a table is loaded by itself"),
        (("--recipe", "no.yaml"), 65, "no.yaml: cannot be read"),
    ],
)
def test_calls_that_mean_nothing_are_refused(
    shell: Shell, words: tuple[str, ...], code: int, problem: str
) -> None:
    flags = FLAGS[2:] if "--type" in words else FLAGS
    more = [one for one in words if one.endswith(".csv")]
    shell("load", "rounds.csv", *more, *flags, *words[len(more) :], code=code)
    assert problem in shell.err
    assert not Path("t.duckdb").exists()


def test_flags_of_tables_are_refused_for_other_files(shell: Shell) -> None:
    Path("events.yaml").write_text("events: []\n")
    shell("load", "events.yaml", "--map", "a=b", code=2)
    assert "--map: for tables, and events.yaml is called like none" in shell.err


def test_a_table_given_to_import_is_answered_by_naming_load(shell: Shell) -> None:
    shell("import", "rounds.csv", code=65)
    assert "`timeline load` takes tables" in shell.err


def test_events_in_json_lines_are_no_table(shell: Shell) -> None:
    Path("events.jsonl").write_text('{"type": "funding_round", "occurred": "2020"}\n')
    shell("load", "events.jsonl", code=2)
    assert "timeline append - < events.jsonl" in shell.err


def test_what_was_guessed_is_said(shell: Shell) -> None:
    Path("rounds.csv").write_bytes("startup;date;amount_usd\nMüller;2020;5\n".encode("cp1252"))
    shell("load", "rounds.csv", *FLAGS)
    assert shell.err.splitlines()[:2] == [
        "read as cp1252, since it is not UTF-8; say its encoding if letters are wrong",
        "read with semicolons between the cells",
    ]
