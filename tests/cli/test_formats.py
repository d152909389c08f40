"""Answers in every format: the same rows as JSON lines, CSV, TSV, Markdown and HTML; none runs anything."""

from __future__ import annotations

import contextlib
import csv
import io
import json
from pathlib import Path

import pytest
from hypothesis import given, strategies as st

from timeline.cli import run
from timeline.cli.opening import Output
from timeline.cli.screen import answer
from timeline.formats import Table
from timeline.values import printable

SEEDS = Path(__file__).parents[2] / "seeds"
ASKED = [
    ("as-of", "2022-06-01", "microsoft", "openai"),
    ("explain", "organisation", "openai", "--field", "ceo", "--as-of", "2023-11-18"),
    (
        "diff",
        "relationship",
        "microsoft",
        "openai",
        "--as-of",
        "2021",
        "--known",
        "2023-01",
        "--to-known",
        "now",
    ),
    ("history", "organisation", "openai", "--field", "ceo"),
    ("history", "organisation", "openai", "--axis", "known"),
    ("slips", "project", "Stargate data centre"),
    ("log", "--type", "funding_round"),
    ("show", "A14"),
    ("entities", "nonprofit"),
    ("sources",),
    ("single-sourced", "organisation", "openai", "--as-of", "2023-11-18"),
    ("what-if", "2023-12-01", "Sam Altman", "--state", "person", "--retract", "P7d"),
    ("check",),
    ("types",),
    ("types", "funding_round"),
    ("types", "person"),
    ("sql", "SELECT position, type, NULL AS nothing, ['a', 'b'] AS several FROM log"),
    ("head",),
]


@pytest.fixture
def shown(seeded: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> io.StringIO:
    monkeypatch.setenv("TIMELINE_DB", seeded)
    capsys.readouterr()
    return io.StringIO()


@pytest.mark.parametrize("asked", ASKED, ids=" ".join)
def test_every_format_of_rows_gives_the_same_rows(
    asked: tuple[str, ...], shown: io.StringIO, capsys: pytest.CaptureFixture[str]
) -> None:
    """The columns in the same order, and as many rows; JSON lines have values, the others texts."""
    told = {}
    for form in ("jsonl", "csv", "markdown", "tsv", "html"):
        assert run([*asked, "--format", form]) == 0
        told[form] = capsys.readouterr().out
    lines = [json.loads(line) for line in told["jsonl"].splitlines()]
    assert lines
    columns, *rows = csv.reader(io.StringIO(told["csv"], newline=""), strict=True)
    assert all(list(line) == columns for line in lines)
    assert len(rows) == len(lines)
    assert all(len(row) == len(columns) for row in rows)
    head, rule, *body = told["markdown"].splitlines()
    assert head.count(" | ") == len(columns) - 1
    assert rule == f"|{' --- |' * len(columns)}"
    assert len(body) == len(lines)
    first, *below = told["tsv"].splitlines()
    assert first.split("\t") == columns
    assert [line.count("\t") for line in below] == [len(columns) - 1] * len(lines)
    assert told["html"].count("<tr>") == len(lines) + 1
    assert told["html"].count("<td") == len(lines) * len(columns)


@pytest.mark.parametrize("asked", ASKED, ids=" ".join)
def test_format_json_is_json(
    asked: tuple[str, ...], shown: io.StringIO, capsys: pytest.CaptureFixture[str]
) -> None:
    """`--json` is short for it; what tells the present may differ."""
    told = []
    for form in (["--json"], ["--format", "json"]):
        assert run([*asked, *form]) == 0
        told.append(json.loads(capsys.readouterr().out))
    assert told[0]
    assert len(told[0]) == len(told[1])


def test_two_formats_are_refused(shown: io.StringIO) -> None:
    assert run(["log", "--json", "--format", "csv"]) == 2
    assert run(["log", "--format", "xml"]) == 2
    assert run(["log", "--follow", "--format", "csv"]) == 2


def test_markdown_and_csv_run_nothing(shown: io.StringIO, capsys: pytest.CaptureFixture[str]) -> None:
    query = "SELECT '=1+1' AS \"-a\", '<b>|x' AS b, -1 AS c, 'a,\"b\"' AS d"
    assert run(["sql", query, "--format", "csv"]) == 0
    assert capsys.readouterr().out == '\'-a,b,c,d\r\n\'=1+1,<b>|x,-1,"a,""b"""\r\n'
    assert run(["sql", query, "--format", "markdown"]) == 0
    assert capsys.readouterr().out.splitlines()[2] == '| =1+1 | \\<b\\>\\|x | -1 | a,"b" |'


RUN = ["=cmd|' /C calc'!A0", "+1+1", "-1+1", "-", "--1", "-1e5", "-.5", "@SUM(A1)", "  =1", "＝1"]
HARMLESS = ["", "Acme", "a=b", "2020-01-01", "1.5", "-5", "-2.50", "'=1", "[2020..]"]


def _written(*texts: str) -> list[str]:
    """The cells that the texts are written as, read back from CSV."""
    with contextlib.redirect_stdout(io.StringIO()) as page:
        answer(Output(form="csv"), lambda: None, lambda: Table(["text"], [[text] for text in texts]))
    _, *rows = csv.reader(io.StringIO(page.getvalue(), newline=""), strict=True)
    return [cell for row in rows for cell in row or [""]]


def test_what_begins_like_a_formula_is_written_as_a_text() -> None:
    """Also behind blanks, and in full width; tabs, ends of lines and what looks like a blank are blanks."""
    assert _written(*RUN) == [f"'{text}" for text in RUN]
    assert _written("\t=1", "\r=1", "\n=1", "\u00a0=1") == ["' =1"] * 4


def test_other_texts_are_written_as_they_are() -> None:
    """Numbers below zero stay numbers."""
    assert _written(*HARMLESS) == HARMLESS


@given(st.text())
def test_no_text_is_a_formula_for_a_spreadsheet(text: str) -> None:
    """Whatever the text, its cell begins with a harmless character or is a number; the text is all there."""
    (written,) = _written(text)
    assert written in {printable(text), f"'{printable(text)}"}
    assert not written.startswith(("\t", "\r", "\n"))
    if written.lstrip().startswith(tuple("=+-@＝＋－＠")):
        assert float(written) <= 0
