"""What goes through pipes: `-` is standard input, or standard output; what comes in is answered in words."""

from __future__ import annotations

import io
import json
import sys
from pathlib import Path

import pytest
from hypothesis import settings

from tests.asking import Asking
from tests.hostile import TEXTS
from tests.reuse import in_memory
from timeline.cli import run
from timeline.errors import FaultyCopy, FileFailed


def given(monkeypatch: pytest.MonkeyPatch, raw: bytes) -> None:
    """Have bytes on standard input."""
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(raw)))


def test_texts_are_read_from_standard_input(ask: Asking, monkeypatch: pytest.MonkeyPatch) -> None:
    """As if they were given as words; phrases for dates in lines, each as if it were."""
    head = ask("head")
    for text, asked in (
        ("SELECT count(*) FROM log", ("sql", "-", "--json")),
        (head, ("verify", "--since", "-")),
    ):
        given(monkeypatch, f"\ufeff{text}\n".encode())
        found = ask(*asked)
        assert found == ask(*(text.strip() if word == "-" else word for word in asked))
    given(monkeypatch, b"late 2023\n\n03/04/2025\n")
    each = [json.loads(ask("date", text, "--json")) for text in ("late 2023", "03/04/2025")]
    assert json.loads(ask("date", "-", "--json")) == each


RAW = [b"", b" \n", b"\0", b"SELECT\0 1", b"\xff\xfe", b"{}", b"[" * 100_000]


@pytest.mark.parametrize("asked", [("sql", "-"), ("date", "-"), ("verify", "--since", "-"), ("import", "-")])
def test_hostile_input_is_told(
    ask: Asking,
    asked: tuple[str, ...],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """In one message and with an exit code, and nothing is left behind.

    An import makes a file for each, and takes a third of the texts; `make laws` gives it all of them.
    """
    into = ("--db", str(tmp_path / "new.duckdb")) if asked[0] == "import" else ()
    texts = TEXTS[:: 3 if into and settings().max_examples < len(TEXTS) else 1]
    for raw in (*RAW, *(one.encode("utf-8", "surrogatepass") for one in texts)):
        given(monkeypatch, raw)
        code = run([*asked, *into])
        told = capsys.readouterr().err
        assert (code in {2, 65} and told.startswith("error: ")) or (code == 0 and asked[0] != "import"), raw
        assert code or raw.strip()
        assert list(tmp_path.iterdir()) == []


def test_a_closed_standard_input_is_told(
    ask: Asking, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stdin", None)
    ask("sql", "-", code=65)
    assert "standard input is closed" in ask.err
    ask("import", "-", "--db", str(tmp_path / "new.duckdb"), code=1)
    assert "standard input is closed" in ask.err


def test_a_log_goes_through_a_pipe(ask: Asking, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As it would through a file, to the same head; a dry run writes nothing on either side."""
    place = str(tmp_path / "new.duckdb")
    exported = ask("export", "-")
    assert ask.err.startswith("-: exported, head ")
    ask("export", str(tmp_path / "ai.jsonl"))
    assert (tmp_path / "ai.jsonl").read_text() == exported
    given(monkeypatch, exported.encode())
    ask("import", "-", "--db", place, "--dry-run")
    assert not Path(place).exists()
    given(monkeypatch, exported.encode())
    ask("import", "-", "--db", place)
    assert ask("head", "--db", place) == ask("head")
    assert ask("export", "-", "--dry-run") == ""
    ask("export", "-", "--json", code=2)
    monkeypatch.setattr(sys, "stdin", None)
    with pytest.raises(FileFailed, match="standard input is closed"):
        in_memory().import_log("-")
    given(monkeypatch, exported.encode() + b'{"log":' + b"[" * 100_000)
    with pytest.raises(FaultyCopy, match="no row of an export"):
        in_memory().import_log("-")
    given(monkeypatch, exported.encode()[:-9])
    with pytest.raises(FaultyCopy, match="- is not whole"):
        in_memory().import_log("-")


@pytest.mark.parametrize(
    ("asked", "instead"),
    [
        (("backup", "-"), "timeline export -"),
        (("restore", "-"), "timeline export -"),
        (("plot", "money", "organisation", "openai", "-o", "-"), "without -o"),
        (("as-of", "2023", "openai", "--db", "-"), "timeline import -"),
    ],
)
def test_what_is_no_stream_is_refused_with_what_is(ask: Asking, asked: tuple[str, ...], instead: str) -> None:
    ask(*asked, code=2)
    assert instead in ask.err


def test_behind_two_dashes_nothing_is_a_flag(
    ask: Asking, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert ask("sql", "--format", "csv", "--", "-- a comment\nSELECT 1 AS one").split() == ["one", "1"]
    ask("export", "--", "-odd.jsonl")
    ask("import", "--db", "new.duckdb", "--", "-odd.jsonl")
    ask("export", "-odd.jsonl", code=2)
    assert ask.err.startswith("error: Unknown option: -odd.jsonl")


@pytest.mark.parametrize("verb", ["sql", "date", "import", "export", "backup", "restore", "load"])
def test_what_looks_like_a_flag_is_none(ask: Asking, verb: str) -> None:
    ask(verb, "--formt", "csv", code=2)
    assert (
        ask.err == f"error: Unknown option: --formt. Did you mean --format?\ntry `timeline {verb} --help`\n"
    )
