"""The demonstration: what it prints is true, and what it says to try next works as printed."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from events.demo import demo
from timeline import Timeline
from timeline.cli import run
from timeline.errors import NotATimeline
from timeline.formats import Page

ROOT = Path(__file__).parents[2]


@pytest.fixture
def printed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> list[str]:
    """The lines that the demonstration prints, in an empty folder."""
    monkeypatch.chdir(tmp_path)
    assert run(["demo"]) == 0
    return capsys.readouterr().out.splitlines()


def test_it_tells_what_was_known_then_beside_what_is_known_now(printed: list[str]) -> None:
    rows = [re.split(r"  +", line.strip()) for line in printed]
    (learned,) = [row[0] for row in rows if row[0].startswith("≠ learned")]
    late = re.fullmatch(r"≠ learned 2023-01-23: (#\d+) OpenAI raises money from Microsoft, 2021", learned)
    assert late
    assert ["rounds", "1", "2", f"≠ {late[1]}"] in rows
    assert ["invested", "$1bn", "$1bn + 1 undisclosed", f"≠ {late[1]}"] in rows
    assert any(row[:2] == ["disputes", "nothing recorded"] and row[3].startswith("? #") for row in rows)


def test_it_asks_who_led_openai_and_shows_the_corrected_figure(printed: list[str]) -> None:
    text = "\n".join(printed)
    assert re.search(r"as known 2023-11-16 +Sam Altman, since 2019-03 +#\d+", text)
    assert re.search(r"as known 2023-11-18 +Mira Murati \(interim\), since 2023-11-17 +#\d+", text)
    assert re.search(r"\$5000bn +A30 \((#\d+)\) .*\n +up to \$500bn +P11a \(#\d+\) .*, corrects \1", text)


def test_what_it_says_to_try_next_works(printed: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    commands = [shlex.split(line) for line in printed[printed.index("Next") + 1 :]]
    assert [words[1] for words in commands] == ["as-of", "explain", "sql", "load"]
    for words in commands:
        assert run(words[1:]) == 0, words
    shown = capsys.readouterr().out
    assert "2 would be new · 1 known already" in shown
    assert re.search(r"example-1 \(#\d+\) looks like P5 \(#\d+\): attest it instead\?", shown)


def test_a_file_of_its_own_is_made_anew_and_another_is_kept(
    printed: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    """That it was kept is said, and how to have a new one."""
    assert run(["demo"]) == 0
    with Timeline.open("ai.duckdb") as timeline:
        timeline.retract("P7b", note="mine")
    afresh = "  ai.duckdb holds more than the seeds; to start afresh, remove it"
    assert afresh not in (*printed, *capsys.readouterr().out.splitlines())
    assert run(["demo"]) == 0
    assert afresh in capsys.readouterr().out.splitlines()
    with Timeline.open("ai.duckdb", read_only=True) as timeline:
        assert [record.note for record in timeline.as_of().records()][-1] == "mine"


def test_what_is_no_timeline_is_left_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("ai.duckdb").write_text("my thesis")
    with pytest.raises(NotATimeline):
        demo(Page.on(sys.stdout))
    assert Path("ai.duckdb").read_text() == "my thesis"


@pytest.mark.parametrize("vocabulary", ["package", "module"])
def test_a_vocabulary_without_a_demonstration_says_so(
    vocabulary: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """And one with its own shows that, whether or not it is in the folder."""
    name = f"bare_{vocabulary}"
    declared = """
from attrs import frozen
from timeline.declare import Entity, Event, event_type
@event_type(f"{__name__}_met", says="{who} is met")
@frozen(kw_only=True)
class Met(Event):
    '''Somebody is met.'''

    who: Entity
"""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TIMELINE_CATALOGUE", name)
    if vocabulary == "module":
        Path(f"{name}.py").write_text(declared)
    else:
        Path(name).mkdir()
        Path(name, "__init__.py").write_text(declared)
    assert run(["demo"]) == 2
    assert f"the vocabulary '{name}' has no demonstration" in capsys.readouterr().err
    if vocabulary == "package":
        Path(name, "demo.py").write_text("def demo(page): page.line('how one meets')")
        assert run(["demo"]) == 0
        assert capsys.readouterr().out == "how one meets\n"


def test_its_commands_work_when_pasted_in_a_shell(tmp_path: Path) -> None:
    command = Path(sys.executable).parent / "timeline"
    assert command.exists(), "the command is not installed beside this Python"
    environment = {name: value for name, value in os.environ.items() if name != "TIMELINE_DB"}

    def shell(line: str) -> str:
        done = subprocess.run(
            ["/bin/sh", "-c", line],
            cwd=tmp_path,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, (line, done.stderr)
        return done.stdout

    lines = shell(f"{shlex.quote(str(command))} demo").splitlines()
    for line in lines[lines.index("Next") + 1 :]:
        assert shell(line)
