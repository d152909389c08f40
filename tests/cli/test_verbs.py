"""Every verb: its help has an example that runs, it is documented, and the main ones answer as they did.

`python -m tests.cli.test_verbs` writes the answers in `tests/golden` anew.
"""

from __future__ import annotations

import contextlib
import importlib
import io
import os
import pkgutil
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
import types
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final
from unittest.mock import patch

import attrs
import duckdb
import pytest

from tests.reference import command_of, verbs
from timeline import cli
from timeline.cli import app, run, screen
from timeline.cli.opening import Output

ROOT: Final = Path(__file__).parents[2]
GOLDEN: Final = Path(__file__).parents[1] / "golden"
EXAMPLE: Final = re.compile(r"^ *Example: (?P<command>.+(?:\n(?!\n).+)*)", re.MULTILINE)
VERBS: Final = verbs(app)
PLAIN: Final = {"NO_COLOR": "1", "COLUMNS": "200", "TERM": "dumb", "FORCE_COLOR": "", "TTY_COMPATIBLE": "0"}
POSITION: Final = ("--position", "70")
SAID: Final = ("--known", "2024")
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
    "show": ("show", "A14", *POSITION),
    "sources": ("sources", "--as-of", "2022", *POSITION),
    "check": ("check", "--rule", "contested"),
    "types": ("types", "ceo_appointment"),
    "single-sourced": ("single-sourced", "--as-of", "2022", *POSITION),
    "entities": ("entities", "micro"),
    "what-if": ("what-if", "microsoft", "openai", "--retract", "P2", "--as-of", "2022"),
    "plot timeline": ("plot", "timeline", "project", "Stargate data centre", "--as-of", "2025-05", *POSITION),
    "plot money": ("plot", "money", "relationship", "microsoft", "openai", "--as-of", "2024", *POSITION),
    "plot changes": (
        *["plot", "changes", "organisation", "openai", "--as-of", "2023-11-16", "--to-as-of", "2023-11-18"],
        *POSITION,
    ),
    "plot graph": ("plot", "graph", "--as-of", "2020", "--most", "4", *POSITION),
    "schema": ("schema",),
    "verify": ("verify",),
    "head": ("head",),
    "sql": ("sql", "SELECT type, count(*) AS records FROM log GROUP BY ALL ORDER BY ALL LIMIT 5"),
    "date": ("date", "03/04/2025", "--dateline", "2025-05-01"),
}
ONCE_MORE: Final = {
    "history in a zone": (*ASKED["history"], "--since", "2023-11-17", "--tz", "America/New_York"),
    "log in a zone": ("log", "--type", "ceo_appointment", "--tz", "Asia/Kolkata"),
    "log at a point": ("log", "--type", "funding_round", "--as-of", "2022", "--position", "47"),
    "entities at a point": ("entities", "--as-of", "2022", "--known", "then", "--position", "70"),
    "check at a point": ("check", "--as-of", "2025-05", "--dates", "earliest", "--without", "Axios"),
}
"""Verbs asked once more, in a time zone, or at a point of which the main answer has none."""
DONE: Final = {
    "init": ("init",),
    "load": ("load", "seeds"),
    "append": (
        *[
            "append",
            "ceo_appointment",
            "--occurred",
            "2022",
            "--company",
            "Acme",
            "--person",
            "Ann",
            "--id",
            "acme-1",
        ],
        *SAID,
    ),
    "correct": ("correct", "P2", "--until", "2027", "--note", "a test", *SAID),
    "retract": ("retract", "P2", "--note", "a test", *SAID),
    "attest": ("attest", "P2", "--source", "The Daily Acme", "--published", "2022-04-02"),
    "rebuild": ("rebuild",),
    "redact": ("redact", "P2", "--reason", "a test", "--actor", "Ann"),
    "backup": ("backup", "copy.duckdb"),
    "restore": ("restore", "ai-2026-01-31.duckdb", "--db", "restored.duckdb"),
    "push": ("push", "copy.duckdb"),
    "pull": ("pull", "other.duckdb", "--db", "pulled.duckdb"),
    "export": ("export", "ai.jsonl"),
    "import": ("import", "ai.jsonl", "--db", "imported.duckdb"),
}
"""What writes, in a folder of its own."""
BEGINNING: Final = {"schema": 3_000}
"""Of which answers only so many characters are kept, as the rest is more of the same."""
SILENT: Final = {"completion", "demo", "explore", "report", "shell"}
"""What gives no answer in a format: a script, a demonstration, pages, a page, a prompt."""
FORMATS: Final = ("table", "json", "jsonl", "csv", "tsv", "markdown", "html")


@pytest.fixture(scope="session")
def place(seeded: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder as after `make demo`."""
    return _folder(tmp_path_factory.mktemp("verbs"), seeded)


def _folder(folder: Path, seeded: str) -> Path:
    shutil.copytree(ROOT / "seeds", folder / "seeds")
    shutil.copy(seeded, folder / "ai.duckdb")
    return folder


def _help(verb: str) -> str:
    shown = io.StringIO()
    with contextlib.redirect_stdout(shown), patch.dict(os.environ, PLAIN):
        assert run([*verb.split(), "--help"]) == 0
    return shown.getvalue()


BEFORE: Final = {
    "pull": "timeline backup other.duckdb --db ai.duckdb",
    "verify": "timeline head > head.txt",
    "restore": "timeline backup ai-2026-01-31.duckdb",
    "import": "timeline export ai.jsonl",
}
"""What makes the files that examples speak of."""
STANDS_FOR: Final = {
    "--FIELD Acme": "--company Acme --person Ann",
    "STATE": "organisation",
    "TYPE": "funding_round",
    "FIELD": "ceo",
    "acme": "openai",
    "globex": "microsoft",
}
_PAIR: Final = {"STATE": "relationship"}
STANDS_FOR_IN: Final[dict[str, dict[str, str]]] = {
    "diff": _PAIR,
    "plot timeline": _PAIR,
    "plot money": _PAIR,
    "slips": {"STATE": "project", "Harbour works": "OpenAI open-weight model"},
    "append": {"TYPE": "ceo_appointment"},
    "what-if": {"A14": "P2"},
}
"""What the words that examples have for any state, type, field and entity stand for, and in some of them."""


@pytest.mark.parametrize("verb", [verb for verb in VERBS if verb != "explore"])
def test_the_example_in_the_help_of_a_verb_runs(verb: str, place: Path, tmp_path: Path) -> None:
    """In the folder that `make demo` leaves, with the event of the example of `append` in it.

    In a shell, where it takes one: for files that it reads or writes, and for what goes through pipes. What
    serves goes on until it is interrupted; a browser asks it in `tests/web`.
    """
    found = EXAMPLE.search(_help(verb))
    assert found is not None
    command = _meant(verb, " ".join(found["command"].split()))
    assert f"timeline {verb}" in command
    shutil.copytree(place, tmp_path, dirs_exist_ok=True)
    if verb in {"correct", "retract", "attest"}:
        event = "--occurred 2022 --company Acme --person Ann --id acme-1"
        assert run(["append", "ceo_appointment", *event.split(), "--db", str(tmp_path / "ai.duckdb")]) == 0
    if verb in BEFORE:
        _typed(BEFORE[verb], tmp_path)
    before = set(tmp_path.iterdir())
    assert _typed(command, tmp_path) or set(tmp_path.iterdir()) > before


def _meant(verb: str, command: str) -> str:
    """A command with names of the vocabulary and the seeds for what stands for any."""
    for word, meant in {**STANDS_FOR, **STANDS_FOR_IN.get(verb, {})}.items():
        command = re.sub(rf"(?<![\w-]){re.escape(word)}(?![\w-])", meant, command)
    return command


def _typed(command: str, folder: Path) -> str:
    """What a command line prints that is typed in a folder; it does what it should."""
    first, *words = shlex.split(command)
    if first == "timeline" and words[0] != "shell" and not set("|<>$&;").intersection(command):
        return _in(folder, words)
    done = _bash(command, folder)
    assert done.returncode == 0, done.stderr
    return done.stdout


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


def test_every_verb_has_answers_to_compare_with() -> None:
    """All that answer in a format are among those below."""
    assert {*ASKED, *DONE, *SILENT} == {*VERBS}


@pytest.mark.parametrize("name", [*ASKED, *ONCE_MORE, *DONE])
def test_a_verb_answers_as_it_did(name: str, place: Path, tmp_path: Path) -> None:
    """In each format; `python -m tests.cli.test_verbs` writes them anew, where they are to be others.

    A dry run of what writes answers too, and changes nothing.
    """
    folder = _place(name, place, tmp_path / "there")
    if name in DONE:
        before = _contents(folder)
        told = _in(folder, [*DONE[name], "--dry-run", "--format", "csv"])
        assert name == "rebuild" or told
        assert _contents(folder) == before
    for form, answer in _answers(name, folder).items():
        assert answer == _golden(name, form).read_bytes().decode(), form


def _contents(folder: Path) -> tuple[set[str], dict[str, tuple[int, int]]]:
    """What there is in a folder, and in each table of the timeline in it."""
    with duckdb.connect(str(folder / "ai.duckdb"), read_only=True) as client:
        tables = client.execute("SELECT schema_name, table_name FROM duckdb_tables()").fetchall()
        sums = {
            f"{schema}.{table}": client.execute(
                f'SELECT count(*), bit_xor(hash(one)) FROM "{schema}"."{table}" AS one'
            ).fetchall()[0]
            for schema, table in tables
        }
    return {path.name for path in folder.iterdir()}, sums


def _golden(name: str, form: str) -> Path:
    return GOLDEN / f"{name.replace(' ', '-')}.{form}.txt"


def _place(name: str, place: Path, folder: Path) -> Path:
    """The folder to ask in; what writes has one of its own."""
    if name not in DONE:
        return place
    shutil.copytree(place, folder)
    if name in BEFORE:
        assert _in(folder, shlex.split(BEFORE[name].removeprefix("timeline ")))
    return folder


def _answers(name: str, folder: Path) -> dict[str, str]:
    """What a verb answers in each format: it is asked once, and told in all of them.

    In a zone, which is that of the formats for people alone, it is asked in each.
    """
    words = (ASKED | ONCE_MORE | DONE)[name]
    if "--tz" in words:
        return {form: _steady(_in(folder, [*words, "--format", form])) for form in FORMATS}
    told: dict[str, str] = {}

    def answer(file: Output, *said: Any) -> None:
        for form in FORMATS:
            with contextlib.redirect_stdout(io.StringIO()) as shown:
                told_in(attrs.evolve(file, form=form), *said)
            told[form] = _steady(shown.getvalue())[: BEGINNING.get(name)]

    told_in = screen.answer
    with contextlib.ExitStack() as patched:
        for module in _telling():
            patched.enter_context(patch.object(module, "answer", answer))
        _in(folder, words)
    return told


def _telling() -> list[types.ModuleType]:
    """The modules that tell answers."""
    found = [
        importlib.import_module(f"timeline.cli.{one.name}")
        for one in pkgutil.iter_modules(cli.__path__)
        if one.name != "__main__"
    ]
    return [one for one in found if getattr(one, "answer", None) is screen.answer]


def _in(folder: Path, arguments: Sequence[str]) -> str:
    """What a command prints in a folder."""
    shown = io.StringIO()
    environment: dict[str, Any] = {"TIMELINE_DB": "ai.duckdb", **PLAIN}
    with (
        contextlib.chdir(folder),
        contextlib.redirect_stdout(shown),
        contextlib.redirect_stderr(io.StringIO()),
        patch.dict(os.environ, environment),
    ):
        assert run(list(arguments)) == 0
    return shown.getvalue()


def _steady(text: str) -> str:
    """An answer without what the clock at the time of writing, and salts, decide."""
    text = re.sub(r"\b[0-9a-f]{64}\b", "DIGEST", text)
    text = re.sub(r"(?<=recorded )[0-9T:-]{19}\b", "NOW", text)
    return re.sub(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:]+\.(?!999999)[0-9]{6}", "NOW", text)


if __name__ == "__main__":
    for stale in GOLDEN.glob("*.txt"):
        stale.unlink()
    with tempfile.TemporaryDirectory() as scratch:
        loaded = f"{scratch}/loaded.duckdb"
        assert run(["load", str(ROOT / "seeds"), "--db", loaded]) == 0
        made = _folder(Path(scratch) / "made", loaded)
        for one in {**ASKED, **ONCE_MORE, **DONE}:
            for way, answer in _answers(one, _place(one, made, Path(scratch) / one)).items():
                _golden(one, way).write_bytes(answer.encode())
