"""Every verb: its help has an example that runs, it is documented, and the main ones answer as they did.

`python -m tests.test_verbs` writes the answers in `tests/golden` anew.
"""

from __future__ import annotations

import contextlib
import io
import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any, Final
from unittest.mock import patch

import pytest

from tests.reference import command_of, verbs
from timeline.cli import app, run

ROOT: Final = Path(__file__).parents[1]
GOLDEN: Final = Path(__file__).parent / "golden"
EXAMPLE: Final = re.compile(r"^ *Example: (?P<command>.+(?:\n(?!\n).+)*)", re.MULTILINE)
VERBS: Final = verbs(app)
PLAIN: Final = {"NO_COLOR": "1", "COLUMNS": "200", "TERM": "dumb", "FORCE_COLOR": "", "TTY_COMPATIBLE": "0"}
POSITION: Final = ("--position", "70")
ASKED: Final = {
    "as-of": ("as-of", "2023-11-18", "microsoft", "openai", "--known", "then", *POSITION),
    "explain": ("explain", "organisation", "openai", "--field", "ceo", "--as-of", "2023-11-18", *POSITION),
    "diff": (
        "diff",
        "organisation",
        "openai",
        "--as-of",
        "2023-11-16",
        "--to-as-of",
        "2023-11-18",
        *POSITION,
    ),
    "history": ("history", "organisation", "openai", "--field", "ceo", "--until", "2024", *POSITION),
    "slips": ("slips", "project", "Stargate data centre", "--as-of", "2025-05-01", *POSITION),
    "log": ("log", "--type", "funding_round"),
    "sources": ("sources", "--as-of", "2022", *POSITION),
    "check": ("check", "--rule", "contested"),
    "types": ("types", "ceo_appointment"),
    "sql": ("sql", "SELECT type, count(*) AS records FROM log GROUP BY ALL ORDER BY ALL LIMIT 5"),
    "date": ("date", "03/04/2025", "--dateline", "2025-05-01"),
}
FORMATS: Final = ("table", "json", "jsonl", "csv", "markdown")


@pytest.fixture(scope="session")
def seeded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder as after `make demo`, with the event that examples correct."""
    return _folder(tmp_path_factory.mktemp("verbs"))


def _folder(folder: Path) -> Path:
    shutil.copytree(ROOT / "seeds", folder / "seeds")
    path = str(folder / "ai.duckdb")
    assert run(["load", str(ROOT / "seeds"), "--db", path]) == 0
    return folder


def _help(verb: str) -> str:
    shown = io.StringIO()
    with contextlib.redirect_stdout(shown), patch.dict(os.environ, PLAIN):
        assert run([*verb.split(), "--help"]) == 0
    return shown.getvalue()


BEFORE: Final = {
    "verify": "timeline head > head.txt",
    "restore": "timeline backup ai-2026-01-31.duckdb",
    "import": "timeline export ai.jsonl",
}
"""What makes the files that examples speak of."""


@pytest.mark.parametrize("verb", VERBS)
def test_the_example_in_the_help_of_a_verb_runs(verb: str, seeded: Path, tmp_path: Path) -> None:
    """In a shell, in the folder that `make demo` leaves, with the event of the example of `append` in it."""
    found = EXAMPLE.search(_help(verb))
    assert found is not None
    command = " ".join(found["command"].split())
    assert f"timeline {verb}" in command
    shutil.copytree(seeded, tmp_path, dirs_exist_ok=True)
    if verb in {"correct", "retract", "attest"}:
        event = "--occurred 2022 --company Acme --person Ann --id acme-1"
        assert run(["append", "ceo_appointment", *event.split(), "--db", str(tmp_path / "ai.duckdb")]) == 0
    if verb in BEFORE:
        assert _bash(BEFORE[verb], tmp_path).returncode == 0
    before = set(tmp_path.iterdir())
    done = _bash(command, tmp_path)
    assert done.returncode == 0, done.stderr
    assert done.stdout or set(tmp_path.iterdir()) > before


def _bash(command: str, folder: Path) -> subprocess.CompletedProcess[str]:
    define = f'timeline() {{ {shlex.quote(sys.executable)} -m timeline.cli "$@"; }}\n'
    return subprocess.run(
        ["bash", "-c", define + command],  # noqa: S607
        cwd=folder, capture_output=True, encoding="utf-8", check=False, timeout=120,
        env={**os.environ, **PLAIN, "PYTHONPATH": str(ROOT), "TIMELINE_DB": "ai.duckdb"},
    )  # fmt: skip


def test_every_verb_is_in_the_reference_and_the_main_ones_in_the_guide() -> None:
    """With all of its flags."""
    reference = (ROOT / "docs/reference/cli.md").read_text(encoding="utf-8")
    for verb in VERBS:
        assert f"## `{verb}`" in reference
        flags = [name for one in command_of(app, verb).assemble_argument_collection() for name in one.names]
        assert not [name for name in flags if name.startswith("--") and f"`{name}`" not in reference]
    guide = (ROOT / "docs/how-to/command-line.md").read_text(encoding="utf-8")
    assert not [verb for verb in VERBS if f"timeline {verb}" not in guide]


@pytest.mark.parametrize("name", ASKED)
@pytest.mark.parametrize("form", FORMATS)
def test_the_main_verbs_answer_as_they_did(name: str, form: str, seeded: Path) -> None:
    """`python -m tests.test_verbs` writes the answers anew, where they are to be others."""
    expected = (GOLDEN / f"{name}.{form}.txt").read_bytes().decode()
    assert _answer(name, form, seeded) == expected


def _answer(name: str, form: str, folder: Path) -> str:
    shown = io.StringIO()
    point: dict[str, Any] = {"TIMELINE_DB": str(folder / "ai.duckdb"), **PLAIN}
    with (
        contextlib.redirect_stdout(shown),
        contextlib.redirect_stderr(io.StringIO()),
        patch.dict(os.environ, point),
    ):
        assert run([*ASKED[name], "--format", form]) == 0
    return _steady(shown.getvalue())


def _steady(text: str) -> str:
    """An answer without what the clock at the time of loading decides."""
    return re.sub(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:]+\.(?!999999)[0-9]{6}", "NOW", text)


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as place:
        made = _folder(Path(place))
        for one in ASKED:
            for way in FORMATS:
                (GOLDEN / f"{one}.{way}.txt").write_bytes(_answer(one, way, made).encode())
