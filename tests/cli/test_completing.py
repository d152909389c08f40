"""Completion, the prompt for SQL, and the tables of the file."""

from __future__ import annotations

import io
import json
import os
import pty
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from timeline.cli import run

ROOT = Path(__file__).parents[2]


@pytest.fixture(autouse=True)
def _file(seeded: str, remembered: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TIMELINE_DB", seeded)


PROPOSED = [
    (["hi"], {"history"}),
    (["history", ""], {"organisation", "relationship"}),
    (["history", "organisation", "sam"], {"sam-altman"}),
    (["as-of", "2023", "Micro"], {"microsoft"}),
    (["as-of", "2023", "--as"], {"--as-of"}),
    (["log", "--format", ""], {"table", "jsonl"}),
    (["log", "--type", "ceo_a"], {"ceo_appointment"}),
    (["explain", "organisation", "openai", "--field", "c"], {"ceo"}),
    (["append", "ceo_a"], {"ceo_appointment"}),
    (["append", "ceo_appointment", "--per"], {"--person"}),
    (["correct", "P7"], {"P7b"}),
    (["as-of", "now", "--without", "Los"], {"Los Angeles Times"}),
    (["history", "organisation", "--axis", ""], {"valid", "known"}),
    (["plot", "tim"], {"timeline"}),
    (["plot", "timeline", "rel"], {"relationship"}),
    (["plot", "money", "relationship", "Micro"], {"microsoft"}),
    (["plot", "changes", "organisation", "openai", "--to"], {"--to-as-of"}),
    (["plot", "graph", ""], {"relationship"}),
    (["as-of", "2023", "openai", "--tz", "Europe/Pa"], {"Europe/Paris"}),
    (["log", "--tz", "kolk"], {"Asia/Kolkata"}),
]


@pytest.mark.parametrize(("words", "expected"), PROPOSED, ids=[" ".join(words) for words, _ in PROPOSED])
def test_a_word_that_is_begun_is_completed(
    words: list[str], expected: set[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["complete", "--", *words]) == 0
    found = capsys.readouterr().out.splitlines()
    assert expected <= set(found)


@pytest.mark.parametrize("words", [["nope", ""], ["log", "--db", ""], ["history", "organisation", "zzz"], []])
def test_nothing_is_proposed_where_nothing_fits(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """Nor where the file is not there; completion never fails."""
    assert run(["complete", "--", *words]) == 0
    assert run(["complete", "--", "as-of", "now", "--db", "missing.duckdb", "open"]) == 0
    assert (capsys.readouterr().out == "") == bool(words)


def test_bash_completes(seeded: str) -> None:
    """The script proposes what the verb does, with blanks escaped."""
    script = (
        f'timeline() {{ "{sys.executable}" -m timeline.cli "$@"; }}\neval "$(timeline completion bash)"\n'
        "COMP_WORDS=(timeline as-of now --without Los); COMP_CWORD=4; _timeline\n"
        "printf '%s\\n' \"${COMPREPLY[@]}\""
    )
    done = subprocess.run(
        ["bash", "-c", script],  # noqa: S607
        capture_output=True, encoding="utf-8", check=True, env={**os.environ, "PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    assert done.stdout == "Los\\ Angeles\\ Times\n"


@pytest.mark.skipif(shutil.which("zsh") is None, reason="there is no zsh")
def test_zsh_completes(tmp_path: Path) -> None:
    """Also where nothing was set up for completion before."""
    script = (
        f'timeline() {{ "{sys.executable}" -m timeline.cli "$@" }}\neval "$(timeline completion zsh)"\n'
        'print ${_comps[timeline]}; compadd() { print -r -- "$@" }\n'
        "words=(timeline as-of now --without Los); CURRENT=5; _timeline"
    )
    done = subprocess.run(
        ["zsh", "-i", "-c", script],  # noqa: S607
        stdin=subprocess.DEVNULL, capture_output=True, encoding="utf-8", check=True,
        env={**os.environ, "PYTHONPATH": str(ROOT), "ZDOTDIR": str(tmp_path), "TERM": "dumb"},
    )  # fmt: skip
    assert (done.stdout, done.stderr) == ("_timeline\n-U -- Los Angeles Times\n", "")


def test_the_prompt_answers_statements_and_goes_on_after_a_fault(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO("DELETE FROM log;\nSELECT 1\n AS a;\n\nSELECT 2 AS b"))
    assert run(["shell", "--ours"]) == 1
    out, err = capsys.readouterr()
    assert out == "a\n1\nb\n2\n"
    assert "exactly one SELECT" in err
    monkeypatch.setattr(sys, "stdin", io.StringIO("SELECT 1 AS a;\nquit\nSELECT 2;\n"))
    assert run(["shell", "--format", "jsonl"]) == 0
    assert capsys.readouterr().out == '{"a": 1}\n'


def test_a_person_is_told_how_to_end_a_statement_and_how_to_leave(seeded: str) -> None:
    """At the start, where they ask, and where they would leave in the middle of a statement."""
    ours, theirs = pty.openpty()
    done = subprocess.Popen(
        [sys.executable, "-m", "timeline.cli", "shell", "--ours"],
        cwd=ROOT, stdin=theirs, stdout=subprocess.PIPE, stderr=subprocess.PIPE, encoding="utf-8",
    )  # fmt: skip
    os.write(ours, b"help\nSELECT 1 AS a\nexit\n;\nexit\n")
    out, err = done.communicate(timeout=60)
    os.close(ours)
    os.close(theirs)
    assert done.returncode == 0
    assert "a\n1\n" in out
    assert [line for line in err.splitlines() if "leave" in line] == [
        "one SELECT at a time, with `;` at its end; `exit` or Ctrl-D leaves",
        "one SELECT at a time, with `;` at its end; `exit` or Ctrl-D leaves",
        "the statement above is not finished: end it with `;`, or leave with Ctrl-D",
    ]


def test_the_shell_of_duckdb_is_read_only(tmp_path: Path, seeded: str) -> None:
    """Whatever is called `duckdb` on the path is run on the file, and told not to write."""
    client = tmp_path / "duckdb"
    client.write_text('#!/bin/sh\necho "$@"\nexit 3\n')
    client.chmod(0o755)
    done = subprocess.run(
        [sys.executable, "-m", "timeline.cli", "shell"],
        cwd=ROOT, capture_output=True, encoding="utf-8", check=False,
        env={**os.environ, "PATH": f"{tmp_path}:/usr/bin:/bin"},
    )  # fmt: skip
    assert (done.stdout, done.returncode) == (
        f"-readonly -cmd SET TimeZone = 'UTC' {Path(seeded).resolve()}\n",
        3,
    )


def test_the_tables_of_the_file_are_told(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["schema", "--format", "jsonl"]) == 0
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert {"schema": "main", "table": "log", "column": "position", "type": "BIGINT"} in lines
    assert run(["schema", "ceo_ousting", "--format", "csv"]) == 2
    assert run(["schema", "nope"]) == 2
