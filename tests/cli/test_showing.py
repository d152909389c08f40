"""One record in full, and the log: how much of it, which way round, and through a pager."""

from __future__ import annotations

import os
import pty
import sys
from pathlib import Path
from subprocess import Popen

import pytest

from tests.cli.test_cli import Shell, seeds, shell

__all__ = ["seeds", "shell"]

ROUND = ("append", "funding_round", "--occurred", "2020", "--company", "Acme", "--investors", "Ann")


def said_of(told: str) -> dict[str, str]:
    """What is told of a record, by the word before it; of several lines the first."""
    found: dict[str, str] = {}
    for line in told.splitlines()[1:]:
        word, _, text = line[2:].partition("  ")
        if word.strip() and not line.startswith("   "):
            found[word.strip()] = text.strip()
    return found


def test_a_record_is_shown_with_all_it_says(shell: Shell) -> None:
    """Its fields, dates with their bounds, on whose word, and what rests on it."""
    shell(*ROUND, "--amount", "$5", "--id", "a", "--source", "Post", "--known", "2021", "--note", "round A")
    told = shell("show", "a")
    assert told.splitlines()[0] == "a (#1) Acme raises money from Ann: $5"
    found = said_of(told)
    assert found["record"] == "assertion of funding_round, version 1, at #1"
    assert found["stands"] == "yes"
    assert found["occurred"] == "2020  from 2020-01-01 to end of 2020-12-31"
    assert found["company"] == "Acme (acme)"
    assert found["known"].startswith("end of 2021-12-31, recorded ")
    assert found["note"] == "round A"
    assert found["source"] == "Post"
    assert found["feeds"] == "organisation Acme: raised"
    assert "relationship Acme – Ann: rounds, invested" in told
    assert "feeds" not in said_of(shell("show", "1", "--as-of", "2019"))


def test_a_record_is_shown_with_what_was_said_of_it(shell: Shell) -> None:
    """What corrects it, retracts that, and says it too; as of what was known and held."""
    shell(*ROUND, "--amount", "$5", "--id", "a", "--source", "Post", "--known", "2021")
    shell("correct", "a", "--amount", "$7", "--id", "b", "--note", "misread", "--known", "2022")
    shell("attest", "b", "--source", "Herald", "--known", "2023")
    first, second = shell.json("show", "a"), shell.json("show", "b")
    assert (first["stands"], first["superseded_by"], first["feeds"]) == (False, 2, [])
    assert [one["position"] for one in first["chain"]] == [2, 3]
    assert (second["stands"], second["target"]) == (True, 1)
    assert {one["state"] for one in second["feeds"]} == {"organisation", "relationship"}
    assert (
        said_of(shell("show", "a"))["stands"]
        == "no, corrected by b (#2), known end of 2022-12-31".replace("end of ", "") + ": misread"
    )
    assert shell.json("show", "a", "--known", "2021")["stands"]
    early = shell("show", "b", "--known", "2021")
    assert said_of(early)["stands"].startswith("not in view here, ")
    assert "also said" not in early
    assert shell("show", "a", "--format", "csv").splitlines()[0] == "what,told"
    assert "unknown" not in shell("show", "a")
    assert "no record 'c'" in shell.fails("show", "c", code=1)


def test_the_log_says_what_was_done_to_a_record(shell: Shell) -> None:
    """Not only that something was."""
    shell(*ROUND, "--amount", "$5", "--id", "a")
    shell("retract", "a", "--id", "b")
    assert "retracted by b (#2)" in shell("log").splitlines()[0]


def test_the_log_can_be_cut_and_turned_round(seeds: Shell) -> None:
    """The first so many, or the last; in all formats alike."""
    everything = [one["position"] for one in seeds.json("log")]
    assert [one["position"] for one in seeds.json("log", "--limit", "3")] == everything[:3]
    assert [one["position"] for one in seeds.json("log", "--limit", "3", "--reverse")] == everything[:-4:-1]
    assert [one["position"] for one in seeds.json("log", "--reverse")] == everything[::-1]
    assert seeds.json("log", "--limit", "0") == []
    assert seeds.json("log", "--limit", "100000") == seeds.json("log")
    assert "0 or more" in seeds.fails("log", "--limit", "-1", code=2)
    assert "--limit" in seeds.fails("log", "--follow", "--limit", "1", code=2)


@pytest.mark.parametrize(
    ("pager", "lines", "through"),
    [
        ("sed s/^/@/", "5", True),
        ("sed s/^/@/", "500", False),
        ("", "5", False),
        ("no-such-pager", "5", False),
    ],
)
def test_a_long_log_goes_through_the_pager(seeded: str, pager: str, lines: str, through: bool) -> None:
    """On a terminal, if it fills the screen; if the pager is there at all."""
    told = on_terminal("log", "--limit", "20", db=seeded, PAGER=pager, LINES=lines, COLUMNS="80")
    assert "A1a (#1)" in told
    assert (told.splitlines()[0][0] == "@") == through


def test_who_leaves_the_pager_early_has_seen_enough(seeded: str) -> None:
    """Nothing is complained of."""
    told = on_terminal("log", db=seeded, PAGER="head -1", LINES="5", COLUMNS="80")
    assert told.count("\n") == 1
    assert "Error" not in told
    assert "error" not in told


def on_terminal(*words: str, db: str, **environment: str) -> str:
    """What a call shows on a terminal."""
    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "timeline.cli", *words, "--db", str(Path(db).resolve())]
    with Popen(
        command, stdin=theirs, stdout=theirs, stderr=theirs, env=os.environ | {"TERM": "xterm"} | environment
    ) as process:
        os.close(theirs)
        told = b""
        try:
            while more := os.read(ours, 65_536):
                told += more
        except OSError:  # the other end is closed
            pass
        os.close(ours)
    assert process.returncode in (0, 141)
    return told.decode().replace("\r\n", "\n")


@pytest.mark.parametrize(
    ("word", "verb"),
    [
        *[
            ("add", "append"),
            ("undo", "retract, with --commit"),
            ("search", "log --text"),
            ("blame", "explain"),
        ],
        *[("list", "log"), ("query", "sql"), ("delete", "nothing is deleted"), ("who", "entities")],
    ],
)
def test_other_words_for_verbs_are_answered(shell: Shell, word: str, verb: str) -> None:
    """With the verb that does it."""
    assert verb in shell.fails(word, code=2)


def test_help_is_what_help_asks_for(shell: Shell) -> None:
    """Of all, and of a verb."""
    assert "Usage: timeline COMMAND" in shell("help")
    assert "Usage: timeline show" in shell("help", "show")


def test_a_table_is_loaded_not_imported(shell: Shell) -> None:
    """Who says import is told so, whatever the file holds."""
    shell(*ROUND, "--amount", "$5")
    Path("x.csv").write_text("a,b\n1,2\n", "utf-8")
    assert "try `timeline load x.csv`" in shell.fails("import", "x.csv", code=65)


def test_a_wide_table_leaves_out_columns_in_the_middle(seeded: str) -> None:
    """On a terminal, none is made narrower than words are; a pipe and other formats have all."""
    asked = ("sql", "SELECT * FROM records ORDER BY position LIMIT 2")
    wide = on_terminal(*asked, db=seeded, LINES="50", COLUMNS="1000", NO_COLOR="1").splitlines()
    for width in (20, 40, 80, 160):
        lines = on_terminal(*asked, db=seeded, LINES="50", COLUMNS=str(width), NO_COLOR="1").splitlines()
        assert max(map(len, lines)) <= width
        head = lines[0].split()
        assert "…" in head
        left_out = head.index("…")
        assert [*head[:left_out], *head[left_out + 1 :]] == [
            *wide[0].split()[:left_out],
            *wide[0].split()[len(wide[0].split()) - (len(head) - left_out - 1) :],
        ]
        assert f"22 columns, of which {len(head) - 1} have room" in " ".join(" ".join(lines).split())
    assert "…" not in wide[0]
    assert "superseded_by" in wide[0]


def test_instants_of_a_column_are_alike(seeds: Shell) -> None:
    """As days where all begin or end one; else to the second, or as fine as the finest."""
    days = seeds("sql", "SELECT earliest, latest FROM records WHERE position IN (2, 3)").split()
    assert days == ["earliest", "latest", *["2025-05-01", "2025-05-31"] * 2]
    query = "SELECT unnest([TIMESTAMP '2020-01-01', TIMESTAMP '2020-01-01 12:00:01', NULL]) AS instant"
    assert seeds("sql", query).splitlines() == ["instant", "2020-01-01 00:00:00", "2020-01-01 12:00:01", ""]
    fine = "SELECT unnest([TIMESTAMP '2020-01-01', TIMESTAMP '2020-01-01 12:00:01.5']) AS instant"
    assert seeds("sql", fine).splitlines()[1:] == ["2020-01-01 00:00:00.000000", "2020-01-01 12:00:01.500000"]
