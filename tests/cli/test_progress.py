"""How far something is: told to a function in Python, and on a terminal as a bar once it takes long."""

from __future__ import annotations

import io
import os
import pty
import re
import sys
import time
from pathlib import Path
from subprocess import Popen
from typing import Any

import pytest
from rich.console import Console

from tests.cli.test_cli import Shell
from tests.reuse import in_memory
from timeline.cli.progress import _Bar
from timeline.formats import Recipe, load

ROUNDS = Recipe(type="funding_round", constants={"known": "occurred"})


def rows(count: int) -> list[dict[str, Any]]:
    return [{"occurred": "2020", "company": f"C{place}"} for place in range(count)]


def test_a_function_is_told_of_each_stage_and_how_far_it_is(tmp_path: Path) -> None:
    """Never more than all, and in order; of tables, files, rebuilding, verifying and checking alike."""
    heard: list[tuple[str, int, int | None]] = []

    def tell(stage: str, done: int, of: int | None) -> None:
        heard.append((stage, done, of))

    def stages() -> list[str]:
        assert all(of is None or 0 <= done <= of for _, done, of in heard)
        told = list(dict.fromkeys(stage for stage, *_ in heard))
        for stage in told:
            reached = [done for one, done, _ in heard if one == stage]
            assert reached == sorted(reached)
        heard.clear()
        return told

    path = tmp_path / "e.yaml"
    path.write_text("events:\n- {ceo_appointment: A, occurred: 2020, company: Acme, person: Ann}\n", "utf-8")
    with in_memory() as tl:
        tl.append_table(ROUNDS, rows(3), progress=tell)
        assert stages() == ["reading", "checking", "writing", "states", "done"]
        load(tl, [path], progress=tell)
        assert stages() == ["reading files", "judging entries", "done"]
        tl.rebuild(progress=tell)
        assert "deriving" in stages()
        tl.verify(progress=tell)
        assert stages() == ["verifying records", "verifying commits", "verifying what is derived"]
        tl.as_of().check(rules=["order", "terms"], progress=tell)
        assert stages() == ["checking order", "checking terms"]


def test_a_bar_tells_rows_and_rate(monkeypatch: pytest.MonkeyPatch) -> None:
    """The rate is that of the stage, once it has gone on for half a second."""
    now = 100.0
    monkeypatch.setattr(time, "monotonic", lambda: now)
    console = Console(file=io.StringIO(), width=100, force_terminal=True)
    bar = _Bar(console)
    assert bar.told == ""
    bar.tell("reading", 0, None)
    now += 10
    bar.tell("writing", 1_000, 50_000)
    assert bar.told == "1,000 of 50,000"
    now += 2
    bar.tell("writing", 21_000, 50_000)
    assert bar.told == "21,000 of 50,000 · 10,000/s"
    with console.capture() as shown:
        console.print(bar.drawn())
    plain = re.sub(r"\x1b\[[0-9;]*m", "", shown.get())
    assert re.fullmatch(r"writing [━╸╺ ]{30} 21,000 of 50,000 · 10,000/s\s*", plain)


SLOW = """
import sys, time
from timeline.cli.progress import progressing
with progressing() as progress:
    for done in range(int(sys.argv[1])):
        progress("writing", done * 1_000, 20_000)
        time.sleep(0.1)
print("answer")
"""


def shown(steps: int) -> tuple[str, str]:
    """What goes to standard output, a pipe, and to standard error, a terminal."""
    main, side = pty.openpty()
    environment = os.environ | {"TERM": "xterm", "COLUMNS": "100"}
    environment.pop("NO_COLOR", None)
    out = Path(f"out{steps}.txt")
    with out.open("wb") as stream:
        child = Popen([sys.executable, "-c", SLOW, str(steps)], stdout=stream, stderr=side, env=environment)
        os.close(side)
        told = b""
        while True:
            try:
                part = os.read(main, 65_536)
            except OSError:
                break
            if not part:
                break
            told += part
        assert child.wait() == 0
        os.close(main)
    return out.read_text("utf-8"), told.decode()


def test_a_bar_is_shown_on_a_terminal_once_something_takes_long(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And is gone in the end; what is quick shows none, and the answer is by itself."""
    monkeypatch.chdir(tmp_path)
    out, err = shown(20)
    assert out == "answer\n"
    assert "writing" in err
    assert re.search(r"[0-9,]+ of 20,000 · [0-9,]+/s", err)
    assert err.rstrip().endswith(("\x1b[2K", "\x1b[?25h"))
    assert shown(2) == ("answer\n", "")


def test_nothing_is_shown_in_a_pipe(shell: Shell) -> None:
    shell("verify")
    assert shell.err == ""


@pytest.fixture
def shell(capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Shell:
    monkeypatch.setenv("TIMELINE_DB", str(tmp_path / "t.duckdb"))
    found = Shell(capsys)
    found("init")
    return found
