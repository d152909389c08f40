"""Threads and processes take turns at a file: nobody is kept out for good, and nobody waits for nothing."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest
from hypothesis import given, settings, strategies as st

from tests.ledger import Noted, opened
from timeline import Timeline
from timeline.errors import LockedFile
from timeline.log.duckdb.file import _holder
from timeline.log.duckdb.turns import Gate, Place

ROOT = Path(__file__).parents[2]
PATIENCE = 60.0


def note(number: object) -> Noted:
    """Something to append."""
    return Noted("2020", subject="Acme", topic=str(number))


@pytest.fixture
def tl(tmp_path: Path) -> Timeline:
    """A timeline in a file, which nobody holds."""
    return opened(path=str(tmp_path / "t.duckdb"), lock_timeout=PATIENCE)


def run(body: str) -> subprocess.CompletedProcess[str]:
    """Another process that runs this to its end."""
    imports = "import sys; from tests.ledger import Noted, opened\n"
    return subprocess.run(
        [sys.executable, "-c", imports + body], cwd=ROOT, capture_output=True, text=True, check=False
    )


@contextmanager
def busy(work: Callable[[], object], threads: int) -> Iterator[None]:
    """Meanwhile, threads that do this all the time."""
    over = threading.Event()

    def loop() -> None:
        while not over.is_set():
            work()

    with ThreadPoolExecutor(threads) as pool:
        looping = [pool.submit(loop) for _ in range(threads)]
        try:
            yield
        finally:
            over.set()
        for one in looping:
            one.result()


@pytest.mark.parametrize("work", ["read", "write"])
def test_threads_that_are_always_at_it_let_other_processes_in(tl: Timeline, work: str) -> None:
    """Their calls overlap, so that the file is never let go of; another process gets in all the same."""
    tl.append(note(0))
    numbers = iter(range(1, 10**6))
    doing = (
        (lambda: tl.append(note(next(numbers)))) if work == "write" else (lambda: list(tl.as_of().records()))
    )
    with busy(doing, 3):
        other = run(
            f"tl = opened(path={tl.path!r}, lock_timeout={PATIENCE})\n"
            "for n in range(3): tl.append(Noted('2020', subject='Acme', topic='theirs'), id=f'theirs-{n}')"
        )
    assert other.returncode == 0, other.stderr
    assert {f"theirs-{n}" for n in range(3)} <= {record.ref for record in tl.as_of().records()}


def test_threads_that_read_all_the_time_let_a_writer_in(tl: Timeline) -> None:
    """The file is open to be read, and is never closed by itself; a thread that would write gets its turn."""
    tl.append(note(0))
    with busy(lambda: list(tl.as_of().records()), 3):
        for n in range(3):
            tl.append(note(n + 1))
    assert tl.as_of().basis.position == 4


def test_a_long_call_keeps_no_other_thread_waiting(tl: Timeline) -> None:
    """While one thread is busy with the file, nobody else could have it anyhow, so that others may join."""
    begun, done = threading.Event(), threading.Event()

    def dawdle(_: object) -> None:
        begun.set()
        assert done.wait(PATIENCE)

    with ThreadPoolExecutor(1) as pool:
        writing = pool.submit(tl.append, note(1), unless=dawdle)
        assert begun.wait(PATIENCE)
        time.sleep(0.5)
        assert [list(tl.as_of().records()) for _ in range(2)] == [[], []]
        done.set()
        assert writing.result().head == 1


def test_calls_within_calls_of_a_thread_do_not_wait(tl: Timeline) -> None:
    """However long the turn lasts already, a question inside an append is answered."""

    def ask(_: object) -> bool:
        time.sleep(0.5)
        return len(list(tl.as_of().records())) > 0

    assert tl.append(note(1), unless=ask).head == 1


def test_who_does_not_want_to_wait_does_not(tl: Timeline) -> None:
    """With no patience at all, a free file is had at once, and one that is held is an error at once."""
    hasty = opened(path=tl.path, lock_timeout=0)
    assert hasty.append(note(1)).head == 1
    with tl:
        assert hasty.append(note(2)).head == 2
        began = time.monotonic()
        other = run(f"opened(path={tl.path!r}, lock_timeout=0)")
        assert time.monotonic() - began < PATIENCE / 2
    assert "LockedFile" in other.stderr
    assert f"process {os.getpid()} (" in other.stderr
    assert "python" in other.stderr


def test_a_thread_that_waits_in_vain_is_told_of_the_other(tl: Timeline) -> None:
    """The error names this process, since it is in its own way."""
    hasty = opened(path=tl.path, lock_timeout=0.1)
    begun, done = threading.Event(), threading.Event()

    def dawdle(_: object) -> None:
        begun.set()
        assert done.wait(PATIENCE)

    with ThreadPoolExecutor(1) as pool:
        writing = pool.submit(tl.append, note(1), unless=dawdle)
        assert begun.wait(PATIENCE)
        with pytest.raises(LockedFile, match=rf"another thread of this process \(PID {os.getpid()}\)"):
            hasty.append(note(2))
        done.set()
        writing.result()


def test_a_holder_that_is_gone_by_now_is_one_all_the_same() -> None:
    """Where DuckDB cannot tell who held the file, it is still a held file, not one that is no timeline."""
    said = 'IO Error: Could not set lock on file "/x": Conflicting lock is held in  (PID 0). See also https'
    assert _holder(said) == "another process, which has let go by now"
    assert _holder("IO Error: No space left on device") is None


@given(data=st.data())
@settings(max_examples=15)
def test_turns_come_in_the_order_in_which_they_were_asked_for(data: st.DataObject) -> None:
    """Of those that want a file alone each has it alone; the others have it together, but pass nobody."""
    wishes = data.draw(st.lists(st.booleans(), min_size=1, max_size=8))
    with tempfile.TemporaryDirectory() as folder:
        path = str(Path(folder) / "gate")
        came: list[int] = []
        inside: set[int] = set()
        holder = awaited(path, _soon(), alone=True)
        assert holder is not None
        lock = threading.Lock()

        def enter(number: int) -> None:
            turn = awaited(path, _soon(), alone=wishes[number])
            assert turn is not None
            with lock:
                came.append(number)
                assert not inside or not any(wishes[one] for one in (number, *inside))
                inside.add(number)
            time.sleep(0.002)
            with lock:
                inside.remove(number)
            turn.end()

        with ThreadPoolExecutor(len(wishes)) as pool:
            entering = []
            for number in range(len(wishes)):
                entering.append(pool.submit(enter, number))
                _await_number(path, 2 + number)
            holder.end()
            for one in entering:
                one.result()
        before = [sum(wishes[: number + 1]) for number in came]
        assert before == sorted(before)
        assert list(Path(folder).iterdir()) == []


def awaited(path: str, deadline: float, *, alone: bool) -> Place | None:
    """A turn at a gate, as a process of its own has it."""
    return Gate(path).turn(deadline, alone=alone)


def _soon() -> float:
    return time.monotonic() + PATIENCE


def _await_number(path: str, number: int) -> None:
    """Wait until so many numbers were drawn at a gate."""
    while int.from_bytes(Path(path).read_bytes()[:8], "little") < number:
        time.sleep(0.001)


def test_who_gives_up_or_is_killed_holds_up_nobody(tmp_path: Path) -> None:
    """Also where it waits in the middle of the queue; and nothing is left of it."""
    path = str(tmp_path / "gate")
    first = awaited(path, _soon(), alone=True)
    assert first is not None
    waiting = "Gate(sys.argv[1]).turn(time.monotonic() + 60, alone=True)"
    code = f"import sys, time; from timeline.log.duckdb.turns import Gate; {waiting}"
    killed = subprocess.Popen([sys.executable, "-c", code, path], cwd=ROOT)
    _await_number(path, 2)
    hasty = Gate(path)
    for _ in range(3):
        assert hasty.turn(time.monotonic() + 0.02, alone=True) is None
    assert awaited(path, time.monotonic() - 1, alone=False) is None
    with ThreadPoolExecutor(1) as pool:
        last = pool.submit(awaited, path, _soon(), alone=True)
        _await_number(path, 5)
        killed.kill()
        killed.wait()
        assert not last.done()
        first.end()
        turn = last.result()
    assert turn is not None
    turn.end()
    assert list(tmp_path.iterdir()) == []


def test_a_place_in_the_queue_is_kept_for_who_asks_again(tmp_path: Path) -> None:
    """So that who is in a hurry comes first all the same, and waits in one thread, however often it asks."""
    gate, path = Gate(str(tmp_path / "gate")), str(tmp_path / "gate")
    first = awaited(path, _soon(), alone=True)
    assert first is not None
    before = threading.active_count()
    for _ in range(5):
        assert gate.turn(time.monotonic() + 0.01, alone=True) is None
    assert threading.active_count() == before + 1
    with ThreadPoolExecutor(2) as pool:
        later = pool.submit(awaited, path, _soon(), alone=True)
        _await_number(path, 3)
        again = pool.submit(gate.turn, _soon(), alone=True)
        time.sleep(0.01)
        first.end()
        turn = again.result()
        assert turn is not None
        assert not later.done()
        turn.end()
        last = later.result()
    assert last is not None
    last.end()
    assert list(tmp_path.iterdir()) == []


def test_a_gate_that_a_killed_process_left_is_used_and_removed(tmp_path: Path) -> None:
    """Whatever is in it."""
    path = tmp_path / "gate"
    for content in b"", b"x", b"\xff" * 8, bytes(100):
        path.write_bytes(content)
        turn = awaited(str(path), _soon(), alone=True)
        assert turn is not None
        turn.end()
        assert not path.exists()


def test_a_note_is_taken_only_from_who_was_there_just_before(tmp_path: Path) -> None:
    """Not from a gate that was left or brought along, nor from one that others may write to."""
    path, note = tmp_path / "gate", bytes(range(32))
    for shared in False, True:
        path.write_bytes(b"\1" + bytes(7) + note)
        path.chmod(0o666 if shared else 0o600)
        first = awaited(str(path), _soon(), alone=True)
        assert first is not None
        assert first.noted() == b""
        with ThreadPoolExecutor(1) as pool:
            second = pool.submit(awaited, str(path), _soon(), alone=True)
            _await_number(str(path), 3)
            assert first.is_wanted
            first.note(note)
            first.end()
            turn = second.result()
        assert turn is not None
        assert turn.noted() == (b"" if shared else note)
        turn.end()
        assert not path.exists()


def test_there_is_no_gate_where_none_can_be_made(tmp_path: Path) -> None:
    """One goes on without."""
    assert awaited(str(tmp_path / "none" / "gate"), _soon(), alone=True) is None


def test_appends_and_questions_go_with_asyncio(tl: Timeline) -> None:
    """Each in a thread of its own, all at once, inside a block and outside."""

    async def work() -> list[int]:
        commits = await asyncio.gather(*(asyncio.to_thread(tl.append, note(n)) for n in range(6)))
        moments = await asyncio.gather(*(asyncio.to_thread(tl.as_of) for _ in range(6)))
        assert {moment.basis.position for moment in moments} == {6}
        return sorted(commit.head for commit in commits)

    assert asyncio.run(work()) == [1, 2, 3, 4, 5, 6]
