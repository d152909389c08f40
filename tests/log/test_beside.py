"""What lies beside a timeline: no more open than it is, nothing of a killed process, and no secrets."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

from tests.ledger import Clock, event, opened
from timeline import Timeline
from timeline.errors import WrongCursor
from timeline.log.drafts import Folder, sweep
from timeline.moment import Cursor

STEPS: Final = """
import os, signal, sys
from tests.ledger import opened
verb, path, folder, first, every = *sys.argv[1:4], *map(int, sys.argv[4:])

def run():
    tl = opened(path=path)
    if verb == "redact":
        tl.redact(1, reason="r", actor="a")
    elif verb == "backup":
        tl.backup(path + ".copy")
    elif verb == "restore":
        tl.backup(path + ".other", force=True)
    else:
        tl.export(path + ".parquet")

def killed_at(step):
    def count(event, args):
        nonlocal step
        if event in ("open", "shutil.rmtree", "duckdb") or event.startswith("os."):
            if any(isinstance(one, str | os.PathLike) and os.fspath(one).startswith(folder) for one in args):
                step -= 1
                if step == 0:
                    os.kill(os.getpid(), signal.SIGKILL)
    sys.addaudithook(count)
    run()

step = first
while True:
    child = os.fork()
    if not child:
        killed_at(step)
        os._exit(0)
    if os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) != -signal.SIGKILL:
        print("done", step, flush=True)
        break
    print("killed", step, flush=True)
    sys.stdin.readline()
    step += every
"""
"""Runs a verb again and again, killed one step later each time, until it comes to its end."""


@pytest.fixture
def umask() -> Iterator[None]:
    """Whatever is made may be read and written by everybody, unless it is said otherwise."""
    before = os.umask(0)
    yield
    os.umask(before)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A timeline of three records."""
    path = tmp_path / "t.duckdb"
    with opened(Clock(), str(path)) as tl:
        for year in "2019", "2020", "2021":
            tl.append(event("noted", year, subject="Acme", topic="mood", text=year))
    return path


def _names(path: Path) -> set[str]:
    return {one.name for one in path.parent.iterdir()}


@pytest.mark.parametrize(
    ("verb", "first", "every"), [("redact", 3, 4), ("backup", 5, 6), ("restore", 6, 7), ("export", 4, 6)]
)
def test_what_a_killed_verb_leaves_the_next_removes(path: Path, verb: str, first: int, every: int) -> None:
    """Wherever it was killed; what is in place is whole, the old or the new."""
    other = path.with_name("t.duckdb.other")
    if verb == "restore":
        shutil.copy(path, other)
    before = _names(path)
    arguments = [verb, str(path), str(path.parent), str(first), str(every)]
    killed = 0
    with subprocess.Popen(
        [sys.executable, "-c", STEPS, *arguments], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        left = set()
        for line in process.stdout:
            if line.startswith("done"):
                break
            killed += 1
            left |= {name for name in _names(path) if ".new" in name}
            for one in (path, other) if verb == "restore" else (path,):
                tl = opened(path=str(one), read_only=killed % 2 == 0)
                assert tl.head().position >= 3
                if verb == "redact" and tl.head().position > 3:
                    assert tl.record(1).event is None
            if verb in {"backup", "export"}:
                sweep(path.with_name(f"t.duckdb.{'copy' if verb == 'backup' else 'parquet'}"))
            assert not {name for name in _names(path) - before if ".new" in name}
            process.stdin.write("\n")
            process.stdin.flush()
    assert killed >= 2
    assert left
    assert opened(path=str(path)).verify().ok


def test_what_somebody_works_on_is_left_alone(path: Path) -> None:
    """By sweeps of the same process and of another."""
    seen: list[set[str]] = []

    def look(*_: object) -> None:
        sweep(path)
        imports = "from pathlib import Path\nfrom timeline.log.drafts import sweep\n"
        command = f"{imports}sweep(Path({str(path)!r}))"
        if not seen:
            subprocess.run([sys.executable, "-c", command], check=True)
        seen.append({name for name in _names(path) if name.endswith(".new")})

    opened(path=str(path)).redact(1, reason="r", actor="a", progress=look)
    assert {len(names) for names in seen} == {1}
    assert _names(path) == {"t.duckdb"}


def test_what_is_called_otherwise_is_left_alone(path: Path) -> None:
    """Also what leads elsewhere."""
    kept = {"t.duckdb.new", "t.duckdb.1.new", "other.duckdb.00000000.new", "t.duckdb.0000000g.new"}
    for name in kept:
        path.with_name(name).write_text("mine", "utf-8")
    elsewhere = path.with_name("elsewhere")
    elsewhere.mkdir()
    (elsewhere / "mine").write_text("mine", "utf-8")
    path.with_name("t.duckdb.00000000.new").symlink_to(elsewhere)
    path.with_name("t.duckdb.00000001.new").write_text("left by a version before", "utf-8")
    opened(path=str(path)).head()
    assert _names(path) == {*kept, "t.duckdb", "elsewhere", "t.duckdb.00000000.new"}
    assert (elsewhere / "mine").exists()


@pytest.mark.parametrize("mode", [0o600, 0o640, 0o400, 0o644])
def test_nothing_beside_a_timeline_is_more_open_than_it(path: Path, umask: None, mode: int) -> None:
    """The WAL from its first byte on, copies, exports, cursors, and what is put aside while it is open."""
    path.chmod(mode)
    told: list[str] = []

    def look(*_: object) -> None:
        for one in path.parent.rglob("*"):
            found = one.stat().st_mode & 0o777
            apart = any(up.name.endswith((".new", ".tmp")) for up in (one, *one.parents))
            allowed = mode | (0o700 | (mode & 0o444) >> 2 if one.is_dir() else 0o600)
            if not apart and found & ~allowed:
                told.append(f"{one.name} {found:o}")
            if one.name.endswith((".new", ".tmp")) and found & 0o077:
                told.append(f"{one.name} {found:o}")

    writable = bool(mode & 0o200) or os.geteuid() == 0
    with opened(path=str(path), read_only=not writable) as tl:
        if writable:
            for year in range(3):
                tl.append(event("noted", "2022", subject="Acme", topic="mood", text=f"{year}"))
                look()
                tl.sql("SELECT 1")
            tl.rebuild()
        list(tl.follow(cursor="news", timeout=0))
        aside = tl.sql("SELECT current_setting('temp_directory')").rows[0][0]
        assert (Path(aside).is_dir() and not Path(aside).stat().st_mode & 0o077) == (mode & 0o044 != 0o044)
        look()
    tl = opened(path=str(path), read_only=not writable)
    tl.backup(path.with_name("copy.duckdb"))
    tl.export(path.with_name("e.jsonl"))
    tl.export(path.with_name("e.parquet"))
    path.with_name("open.duckdb").write_bytes(path.read_bytes())
    tl.backup(path.with_name("open.duckdb"), force=True)
    look()
    if writable:
        tl.redact(1, reason="r", actor="a", progress=look)
    look()
    assert told == []
    assert path.stat().st_mode & 0o777 == mode
    assert not [name for name in _names(path) if name.endswith((".tmp", ".new", ".wal", ".gate"))]


def test_a_wal_that_nothing_was_written_to_is_no_trouble(path: Path) -> None:
    """It is gone when the file is closed, and harmless where a killed process leaves it."""
    with opened(path=str(path)) as tl:
        tl.append(event("noted", "2019", subject="Acme", topic="mood", text="2019"))
    assert _names(path) == {"t.duckdb"}
    path.with_name("t.duckdb.wal").touch()
    assert opened(path=str(path), read_only=True).head().position == 3
    assert opened(path=str(path)).verify().ok
    opened(path=str(path)).append(event("noted", "2024", subject="Acme", topic="mood"))
    assert _names(path) == {"t.duckdb"}


def test_what_did_not_fit_in_memory_is_swept_up(path: Path) -> None:
    """Where it was left by a process that was killed: by the next that may write."""
    aside = path.with_name("t.duckdb.tmp")
    aside.mkdir()
    (aside / "duckdb_temp_storage_DEFAULT-0.tmp").write_text("secret", "utf-8")
    used, left = (Folder.beside(path, "tmp") for _ in range(2))
    assert left._lock is not None
    os.close(left._lock)
    opened(path=str(path)).append(event("noted", "2024", subject="Acme", topic="mood"))
    assert _names(path) == {"t.duckdb", used.path.name}
    used.remove()


@pytest.mark.parametrize("kind", ["folder", "link"])
def test_a_folder_of_somebody_else_stays_with_all_that_is_in_it(
    path: Path, tmp_path: Path, kind: str
) -> None:
    """Though it is called as one of DuckDB; and nothing is removed through a link."""
    mine, aside = tmp_path / "mine", path.with_name("t.duckdb.tmp")
    mine.mkdir()
    if kind == "link":
        aside.symlink_to(mine)
    kept = (mine if kind == "link" else aside) / ("duckdb_temp_mine" if kind == "link" else "notes.txt")
    kept.parent.mkdir(exist_ok=True)
    kept.write_text("mine", "utf-8")
    opened(path=str(path)).append(event("noted", "2024", subject="Acme", topic="mood"))
    assert kept.read_text("utf-8") == "mine"


def _old_cursor(tl: Timeline, path: Path, position: int) -> Path:
    place = Path(f"{path}.news.cursor")
    place.write_text(json.dumps({"position": position, "id": str(tl.record(position).id)}), "utf-8")
    return place


def test_a_cursor_tells_nothing_of_what_a_record_says(path: Path) -> None:
    """It goes on after a redaction, also where one of before had the id of the record."""
    tl = opened(path=str(path))
    gone = tl.record(2)
    place = _old_cursor(tl, path, 1)
    assert [one.position for one in tl.follow(cursor="news", timeout=0)] == [2, 3]
    assert json.loads(place.read_bytes()) == {
        "position": 3,
        "digest": tl.sql("SELECT digest FROM log WHERE position = 3").rows[0][0],
    }
    _old_cursor(tl, path, 2)
    far = path.with_name("far")
    shutil.copy(place, far)
    tl.redact(2, reason="r", actor="a")
    assert str(gone.id).encode() not in place.read_bytes()
    for cursor in "news", far:
        assert [one.position for one in tl.follow(cursor=cursor, timeout=0)] == [3, 4]
        assert str(gone.id).encode() not in far.read_bytes() or cursor == "news"


def test_what_only_is_called_like_a_cursor_holds_up_no_redaction(path: Path) -> None:
    """A pipe, which nobody writes to."""
    os.mkfifo(f"{path}.news.cursor")
    tl = opened(path=str(path))
    assert tl.redact(1, reason="asked for", actor="me").records == (1,)


def test_a_cursor_of_before_is_rewritten_when_it_is_read(path: Path, tmp_path: Path) -> None:
    """Though nothing new has come; one of another log is refused, and left as it is."""
    tl = opened(path=str(path))
    place = _old_cursor(tl, path, 3)
    assert list(tl.follow(cursor="news", timeout=0)) == []
    found = Cursor(str(place)).read()
    assert found is not None
    assert (found.position, found.id) == (3, None)
    other = opened(path=str(tmp_path / "other.duckdb"))
    for year in "2001", "2002", "2003":
        other.append(event("noted", year, subject="Acme", topic="mood"))
    for content in place.read_bytes(), json.dumps({"position": 3, "id": str(tl.record(3).id)}).encode():
        place.write_bytes(content)
        with pytest.raises(WrongCursor, match="another log"):
            other.follow(cursor=place)
        assert place.read_bytes() == content
    for content in b"{}", b'{"position": 3}', b"[" * 100_000, b'{"position": "x", "digest": "y"}':
        place.write_bytes(content)
        with pytest.raises(WrongCursor, match="no cursor"):
            tl.follow(cursor="news")


def test_what_is_left_of_a_cursor_the_next_save_removes(tmp_path: Path) -> None:
    """Also where whoever follows is killed while it is saved."""
    path = tmp_path / "x.duckdb"
    with opened(path=str(path)) as tl:
        tl.append(*(event("noted", year, subject="Acme", topic="t") for year in ("2020", "2021")))
    code = (
        "import os, sys; from tests.ledger import opened\n"
        "os.fsync = lambda _: os.kill(os.getpid(), 9)\n"
        "list(opened(path=sys.argv[1]).follow(cursor='c', timeout=0))"
    )
    assert subprocess.run([sys.executable, "-c", code, str(path)], check=False).returncode == -9
    beside = {"x.duckdb", "x.duckdb.gate"}
    assert any(one.name not in beside for one in tmp_path.iterdir())
    list(opened(path=str(path)).follow(cursor="c", timeout=0))
    assert {one.name for one in tmp_path.iterdir()} - beside == {"x.duckdb.c.cursor"}
