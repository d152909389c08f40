"""Conditions and following at the command line."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from timeline import Timeline
from timeline.cli import run

ROOT = Path(__file__).parents[2]
APPOINT = ("append", "ceo_appointment", "--occurred", "2022", "--company", "Acme")


@pytest.fixture
def db(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """The path of a timeline that is not there yet, as the default one."""
    path = str(tmp_path / "t.duckdb")
    monkeypatch.setenv("TIMELINE_DB", path)
    return path


def test_an_append_is_refused_by_its_condition(db: str, capsys: pytest.CaptureFixture[str]) -> None:
    """With the code 1 and the record in the way; the very same append, again, succeeds."""
    free = ("--unless-type", "ceo-appointment", "--unless-entity", "Acme")
    assert run([*APPOINT, "--person", "Ann", *free]) == 0
    assert run([*APPOINT, "--person", "Ann", *free]) == 0
    assert run([*APPOINT, "--person", "Bo", *free]) == 1
    assert "error: not appended: the log already says #1 2022: Ann" in " ".join(
        capsys.readouterr().err.split()
    )
    assert run([*APPOINT, "--person", "Bo", *free, "--unless-after", "1"]) == 0


def test_corrections_and_the_like_take_conditions(db: str) -> None:
    """The flags are those of every verb that says something, and alone correct nothing."""
    assert run([*APPOINT, "--person", "Ann", "--id", "a1"]) == 0
    assert run(["correct", "a1", "--unless-after", "1"]) == 2
    assert run(["correct", "a1", "--occurred", "2023", "--unless-after", "0"]) == 1
    assert run(["correct", "a1", "--occurred", "2023", "--unless-after", "1", "--id", "a2"]) == 0
    assert run(["attest", "a2", "--source", "Gazette", "--unless-after", "1"]) == 1
    assert run(["retract", "a2", "--unless-type", "funding_round"]) == 0


def test_a_log_is_followed_until_it_is_interrupted(db: str) -> None:
    """Each record comes on a line of its own at once, and the next time it goes on from there."""
    Timeline.open(db)
    assert run([*APPOINT, "--person", "Ann"]) == 0

    def follow() -> subprocess.Popen[str]:
        command = [sys.executable, "-m", "timeline.cli", "log", "--follow", "--json", "--cursor", "news"]
        return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)

    def shown(running: subprocess.Popen[str]) -> int:
        assert running.stdout is not None
        return int(json.loads(running.stdout.readline())["position"])

    running = follow()
    assert shown(running) == 1
    assert run([*APPOINT, "--person", "Bo"]) == 0
    assert shown(running) == 2
    running.send_signal(signal.SIGINT)
    running.communicate(timeout=60)
    assert running.returncode == 130
    again = follow()
    assert shown(again) == 2
    again.send_signal(signal.SIGINT)
    again.communicate(timeout=60)


@pytest.mark.parametrize("flags", [("--cursor", "x"), ("--follow", "--stands"), ("--follow", "--text", "x")])
def test_flags_that_do_not_go_with_following_are_refused(db: str, flags: tuple[str, ...]) -> None:
    """What stands may change later, so that it cannot be told of a record as it comes."""
    Timeline.open(db)
    assert run(["log", *flags]) == 2
