"""The verbs about the file itself, at the command line."""

from __future__ import annotations

import json
from pathlib import Path

import duckdb
import pytest

from timeline import Timeline
from timeline.cli import run


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A timeline of one record."""
    path = tmp_path / "t.duckdb"
    said = ["--occurred", "2020", "--company", "Acme", "--person", "Ann"]
    assert run(["append", "ceo_appointment", *said, "--db", str(path)]) == 0
    return path


def test_a_sound_file_verifies(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Also since a head that was kept, and it ends with 0."""
    capsys.readouterr()
    assert run(["head", "--db", str(path)]) == 0
    head = capsys.readouterr().out.strip()
    assert head == str(Timeline.open(path).head())
    assert run(["head", "--json", "--db", str(path)]) == 0
    assert json.loads(capsys.readouterr().out)["head"] == head
    assert run(["verify", "--since", head, "--db", str(path)]) == 0
    assert capsys.readouterr().out.splitlines()[-1] == f"head {head}"
    assert run(["verify", "--json", "--db", str(path)]) == 0
    assert json.loads(capsys.readouterr().out)["ok"] is True


def test_a_fault_is_told_and_ends_with_1(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """With its place and what can be done; a rebuild mends what is derived."""
    with duckdb.connect(str(path)) as connection:
        connection.execute("DELETE FROM said.ceo_appointment")
    capsys.readouterr()
    assert run(["verify", "--db", str(path)]) == 1
    told = capsys.readouterr().out.splitlines()
    assert 'said."ceo_appointment" #1: its row is missing (derived, `timeline rebuild` makes it anew)' in told
    assert told[-1] == "the log itself is as it was written"
    assert run(["rebuild", "--db", str(path)]) == 0
    assert run(["verify", "--db", str(path)]) == 0


def test_a_fault_of_the_log_is_beyond_mending(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Which is said."""
    with duckdb.connect(str(path)) as connection:
        connection.execute("UPDATE log SET note = 'changed'")
    capsys.readouterr()
    assert run(["verify", "--db", str(path)]) == 1
    assert "log #1: " in (told := capsys.readouterr().out)
    assert "cannot be mended" in told


def test_a_wrong_head_is_a_wrong_call(path: Path) -> None:
    """It ends with 2, as other wrong calls do."""
    assert run(["verify", "--since", "1:abc", "--db", str(path)]) == 2


def test_nothing_is_rebuilt_where_there_is_no_file(tmp_path: Path) -> None:
    """And no file is made."""
    assert run(["rebuild", "--db", str(tmp_path / "no.duckdb")]) == 1
    assert not list(tmp_path.iterdir())
