"""Following a log: every record once, in order, from wherever it comes, until told to stop."""

from __future__ import annotations

import asyncio
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Collection, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import given, strategies as st

from tests import oracle, strategies
from tests.ledger import LeaseBegun, Noted, opened
from tests.oracle import Said
from tests.strategies import History, histories
from timeline import Record, Timeline
from timeline.errors import (
    LockedFile,
    NotAllowed,
    TimelineError,
    UnknownEntity,
    UnknownType,
    WrongBasis,
    WrongCursor,
)
from timeline.moment import Cursor, ReadTo

ROOT = Path(__file__).parents[2]
PATIENCE = 30.0
"""For how many seconds a test waits for what has to come."""


def note(number: object, subject: str = "Acme") -> Noted:
    """Something to append."""
    return Noted("2020", subject=subject, topic=str(number))


def positions(records: Iterable[Record]) -> list[int]:
    """All positions, to the end."""
    return [record.position for record in records]


@pytest.fixture
def path(tmp_path: Path) -> str:
    """Where a timeline is to be."""
    return str(tmp_path / "t.duckdb")


def program(path: str, body: str) -> list[str]:
    """A program that has the timeline as `tl` and can append notes."""
    head = (
        "import sys, time, os\n"
        "from tests.ledger import Noted, opened\n"
        f"tl = opened(path={path!r}, lock_timeout=30)\n"
        "def say(n): tl.append(Noted('2020', subject='Acme', topic=str(n)), id=f'n{n}')\n"
    )
    return [sys.executable, "-c", head + body]


def started(path: str, body: str) -> subprocess.Popen[str]:
    """Such a program, running."""
    return subprocess.Popen(
        program(path, body), cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


def ends(running: subprocess.Popen[str]) -> str:
    """What it printed, once it has ended well."""
    told, problems = running.communicate(timeout=PATIENCE)
    assert running.returncode == 0, problems
    return told


# What comes


def test_what_is_there_comes_first_and_then_what_is_appended(tl: Timeline) -> None:
    """In order, each once, whichever thread appends it, and at once."""
    for n in range(3):
        tl.append(note(n))
    found: list[Record] = []
    caught_up, all_there = threading.Event(), threading.Event()

    def read() -> None:
        for record in tl.follow():
            found.append(record)
            if len(found) == 3:
                caught_up.set()
            if len(found) == 23:
                all_there.set()

    with ThreadPoolExecutor(5) as pool:
        reading = pool.submit(read)
        assert caught_up.wait(PATIENCE)
        list(pool.map(lambda n: tl.append(note(n)), range(3, 23)))
        assert all_there.wait(PATIENCE)
        tl.close()
        reading.result(PATIENCE)
    assert [record.position for record in found] == list(range(1, 24))


def test_several_followers_each_see_everything(tl: Timeline) -> None:
    """They do not take records from each other."""
    with ThreadPoolExecutor(4) as pool:
        followers = [pool.submit(lambda: positions(tl.follow(timeout=2))) for _ in range(3)]
        for n in range(10):
            tl.append(note(n), note(f"{n} too"))
        assert [one.result(PATIENCE) for one in followers] == [list(range(1, 21))] * 3


def test_what_another_process_appends_comes_too(path: str) -> None:
    """It gets in between looks, and nothing of it is skipped or doubled."""
    tl = opened(path=path, lock_timeout=30)
    tl.append(note("first"))
    running = started(path, "for n in range(12): say(n)")
    follower = tl.follow(timeout=PATIENCE)
    found = [next(follower) for _ in range(13)]
    follower.close()
    ends(running)
    assert [record.position for record in found] == list(range(1, 14))
    assert [record.ref for record in found[1:]] == [f"n{n}" for n in range(12)]


def test_a_file_that_another_process_holds_is_waited_for(path: str) -> None:
    """However long it writes, following goes on after that."""
    tl = opened(path=path, lock_timeout=0.05)
    follower = tl.follow(timeout=PATIENCE)
    holding = "with tl:\n    print('held', flush=True); time.sleep(1); say(1); time.sleep(0.5); say(2)"
    running = started(path, holding)
    assert running.stdout is not None
    assert running.stdout.readline() == "held\n"
    with pytest.raises(LockedFile):
        tl.as_of()
    assert [next(follower).ref, next(follower).ref] == ["n1", "n2"]
    ends(running)


def test_commits_are_read_in_parts_without_loss(tl: Timeline, monkeypatch: pytest.MonkeyPatch) -> None:
    """More records than are read at a time come as one run, filtered or not."""
    monkeypatch.setattr("timeline.moment.following._CHUNK", 3)
    tl.append(*(note(n, "Acme" if n % 2 else "Bolt") for n in range(20)))
    assert positions(tl.follow(timeout=0)) == list(range(1, 21))
    assert positions(tl.follow(entities="Acme", timeout=0)) == list(range(2, 21, 2))
    assert positions(tl.follow(after=15, entities="Acme", timeout=0)) == [16, 18, 20]


def test_what_is_said_of_a_record_comes_with_it(tl: Timeline) -> None:
    """Who follows a type learns of corrections and retractions of it, which alone have no type or another."""
    tl.append(note(1), LeaseBegun("2020", subject="Acme", holder="Ann", room="1"))
    tl.correct(1, note(1, "Bolt"))
    tl.retract(2)
    tl.retract(3)
    tl.append(note(2, "Bolt"))
    assert positions(tl.follow(types=Noted, timeout=0)) == [1, 3, 5, 6]
    assert positions(tl.follow(types="lease_begun", entities=["ann"], timeout=0)) == [2, 4]
    assert positions(tl.follow(entities="acme", timeout=0)) == [1, 2, 3, 4, 5]


SAYINGS = st.lists(st.tuples(st.sampled_from("abc"), st.booleans(), st.integers(0, 6)), max_size=8)


@given(SAYINGS, st.sets(st.sampled_from("abc"), max_size=1), st.booleans())
def test_whoever_follows_from_the_first_sees_what_a_latecomer_sees(
    sayings: list[tuple[str, bool, int]], entities: set[str], typed: bool
) -> None:
    """Whether a record comes depends on what was said before it, never on what is said after."""
    with opened() as tl:
        tl.append(*(note("there", one) for one in "abc"))
        live: list[int] = []

        def catch_up() -> None:
            found = tl.follow(tl_position(live), types=Noted if typed else None, entities=entities, timeout=0)
            live.extend(positions(found))

        def tl_position(seen: list[int]) -> int:
            return seen[-1] if seen else 0

        catch_up()
        standing = [1, 2, 3]
        for subject, corrects, which in sayings:
            event = (
                note("more", subject)
                if which % 2
                else LeaseBegun("2020", subject=subject, holder="a", room=str(which))
            )
            if corrects and standing:
                target = tl.record(standing.pop(which % len(standing)))
                if type(target.event) is type(event):
                    standing.append(tl.correct(target, event).head)
                else:
                    tl.retract(target)
            else:
                standing.append(tl.append(event).head)
            catch_up()
        late = positions(tl.follow(types=Noted if typed else None, entities=entities, timeout=0))
        assert live == late


WHO = ["acme", "bolt", "crux", "ann"]
WIDE = strategies.wide(WHO)


def concerning(log: Sequence[Said], types: Collection[str], entities: Collection[str]) -> list[int]:
    """By hand: what is of a type and speaks of all of some entities, and what was said of it afterwards."""
    ids = oracle.read_as(log)
    found: list[int] = []
    origins = set()
    for one in log:
        values = one.data.values() if one.data else ()
        told = {part for value in values for part in (value if isinstance(value, tuple) else (value,))}
        spoken = {ids.get(part, part) for part in told if isinstance(part, str)}
        if (not types or one.type in types) and {ids.get(who, who) for who in entities} <= spoken:
            origins.add(oracle.origin(log, one))
        if oracle.origin(log, one) in origins:
            found.append(one.position)
    return found


@given(
    histories(WIDE, least=3, most=10),
    st.lists(st.sampled_from(WHO), unique=True, max_size=2),
    st.lists(
        st.sampled_from(["noted", "lease_begun", "funding_round", "same_entity"]), unique=True, max_size=2
    ),
    st.data(),
)
def test_all_ways_to_ask_of_whom_and_what_give_the_same_records(
    history: History, entities: list[str], types: list[str], data: st.DataObject
) -> None:
    """To list, to follow, SQL, and what is only supposed: what takes a record back belongs to it."""
    cut = data.draw(st.integers(0, len(history.log)))
    with opened() as tl:
        tl.append(*(LeaseBegun("2000", subject=who, holder=who, room="0") for who in WHO))
        before = len(WHO)
        world = None
        for number, said in enumerate(history.statements):
            if number == cut:
                world = tl.what_if(*history.statements[number:])
            tl.append(said)
        attested = [one for one in oracle.standing(history.log) if one.kind != "retraction"][:1]
        for one in attested:
            tl.attest(f"s{one.position}", source="Acme Gazette")
        found = list(tl.as_of().records(types=types, entities=entities, after=before))
        wanted = concerning(history.log, types, entities)
        added = [len(history.log) + 1 for one in attested if one.position in wanted]
        assert [one.position - before for one in found] == wanted + added
        assert positions(tl.follow(before, types=types, entities=entities, timeout=0)) == positions(
            iter(found)
        )
        if world is not None:
            supposed = world.as_of().records(types=types, entities=entities, after=before)
            assert [one.position - before for one in supposed] == wanted
        listed = tl.sql(
            "SELECT position FROM records WHERE position > ? AND list_has_all(entities, ?) ORDER BY position",
            [before, entities],
        )
        assert [place for (place,) in listed] == positions(
            tl.as_of().records(entities=entities, after=before)
        )


# Cursors


def digest_of(tl: Timeline, position: int) -> str:
    """The digest of a record."""
    digest: str = tl.sql("SELECT digest FROM log WHERE position = ?", [position]).rows[0][0]
    return digest


def test_a_cursor_goes_on_after_what_was_dealt_with(path: str) -> None:
    """A record is dealt with when the next one is asked for; the one in hand comes again."""
    tl = opened(path=path)
    tl.append(*(note(n) for n in range(5)))
    follower = tl.follow(cursor="news", timeout=0)
    assert [next(follower).position for _ in range(3)] == [1, 2, 3]
    follower.close()
    assert Cursor(f"{path}.news.cursor").read() == ReadTo(2, digest_of(tl, 2))
    assert positions(tl.follow(cursor="news", timeout=0)) == [3, 4, 5]
    assert positions(tl.follow(after=1, cursor="news", timeout=0)) == []
    tl.append(note(5))
    assert positions(tl.follow(cursor="news", timeout=0)) == [6]
    assert [one.name for one in Path(path).parent.glob("*cursor*")] == ["t.duckdb.news.cursor"]


def test_a_first_cursor_begins_where_it_is_told(path: str) -> None:
    """Where nothing is saved yet, `after` counts."""
    tl = opened(path=path)
    tl.append(*(note(n) for n in range(5)))
    assert positions(tl.follow(after=3, cursor="news", timeout=0)) == [4, 5]


def test_a_cursor_may_be_anywhere(tmp_path: Path, tl: Timeline) -> None:
    """As a path it may serve a timeline in memory too."""
    tl.append(note(1), note(2))
    assert positions(tl.follow(cursor=tmp_path / "mine", timeout=0)) == [1, 2]
    assert positions(tl.follow(cursor=str(tmp_path / "mine"), timeout=0)) == []
    with pytest.raises(NotAllowed, match="in memory"):
        tl.follow(cursor="news")


def test_a_process_that_dies_in_the_middle_loses_nothing(path: str) -> None:
    """Killed while it deals with a record, it deals with that one again; with no other twice."""
    tl = opened(path=path)
    tl.append(*(note(n) for n in range(12)))
    body = (
        "for record in tl.follow(cursor='news', timeout=0):\n"
        "    print(record.position, flush=True)\n"
        "    if record.position % 5 == 0 and not os.path.exists(f'{tl.path}.{record.position}'):\n"
        "        open(f'{tl.path}.{record.position}', 'w').close(); os.kill(os.getpid(), 9)\n"
    )
    dealt: list[int] = []
    for _ in range(3):
        told = subprocess.run(program(path, body), cwd=ROOT, capture_output=True, text=True, check=False)
        dealt += map(int, told.stdout.split())
    assert dealt == [1, 2, 3, 4, 5, 5, 6, 7, 8, 9, 10, 10, 11, 12]


def test_a_cursor_of_another_log_is_refused(path: str) -> None:
    """Made anew, a log has other records at the same positions; nothing is skipped in silence."""
    tl = opened(path=path)
    tl.append(note(1), note(2))
    assert positions(tl.follow(cursor="news", timeout=0)) == [1, 2]
    Path(path).unlink()
    tl = opened(path=path)
    tl.append(note(3), note(4), note(5))
    with pytest.raises(WrongCursor, match=r"record #2 of another log"):
        tl.follow(cursor="news")


def test_what_is_no_cursor_is_refused_and_left_alone(path: str) -> None:
    """A file that is something else is named, as is a place that cannot be written."""
    tl = opened(path=path)
    tl.append(note(1))
    other = Path(path).with_name("other")
    other.write_text("hello")
    with pytest.raises(WrongCursor, match="is no cursor"):
        tl.follow(cursor=other)
    assert other.read_text() == "hello"
    with pytest.raises(WrongCursor, match="is a directory"):
        tl.follow(cursor=other.parent)
    follower = tl.follow(cursor=other.parent / "no" / "cursor", timeout=0)
    assert next(follower).position == 1
    with pytest.raises(WrongCursor, match="no such file or directory"):
        next(follower)


# The end


@pytest.mark.parametrize("how", ["stop", "close"])
def test_following_ends_when_it_is_told_to(path: str, how: str) -> None:
    """By an event, or with the timeline, soon and without an error."""
    tl, stop = opened(path=path), threading.Event()
    tl.append(note(1))
    with ThreadPoolExecutor(1) as pool, tl:
        following = pool.submit(lambda: positions(tl.follow(stop=stop)))
        time.sleep(0.2)
        assert not following.done()
        began = time.monotonic()
        stop.set() if how == "stop" else tl.close()
        assert following.result(PATIENCE) == [1]
        assert time.monotonic() - began < 2


def test_following_ends_between_two_records(tl: Timeline) -> None:
    """What has not been handed out by then stays for the next time."""
    tl.append(note(1), note(2))
    stop = threading.Event()
    follower = tl.follow(stop=stop)
    assert next(follower).position == 1
    stop.set()
    assert list(follower) == []


def test_a_follower_that_is_closed_holds_nothing(path: str) -> None:
    """Another process can write at once, also while it waits."""
    tl = opened(path=path)
    tl.append(note(0))
    follower = tl.follow()
    next(follower)
    ends(started(path, "say(1)"))
    assert next(follower).ref == "n1"
    follower.close()
    ends(started(path, "say(2)"))


def test_following_ends_when_nothing_came_for_long_enough(tl: Timeline) -> None:
    """The time is counted from the last record; what came before its end is not missed."""
    tl.append(note(1))
    began = time.monotonic()
    assert positions(tl.follow(timeout=0.3)) == [1]
    assert 0.3 <= time.monotonic() - began < 3


def test_a_time_that_is_over_while_others_hold_the_file_is_an_error(path: str) -> None:
    """Whether something came cannot be known then."""
    tl = opened(path=path, lock_timeout=0.1)
    follower = tl.follow(timeout=0.3)
    running = subprocess.Popen(
        program(path, "with tl: print('held', flush=True); sys.stdin.readline()"),
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert running.stdout is not None
    assert running.stdout.readline() == "held\n"
    with pytest.raises(LockedFile, match=f"process {running.pid}"):
        next(follower)
    running.communicate("\n", timeout=PATIENCE)


def test_an_interrupt_ends_following(path: str) -> None:
    """As any loop: by KeyboardInterrupt, with the file let go."""
    tl = opened(path=path, lock_timeout=10)
    tl.append(note(1))
    body = (
        "try:\n    for record in tl.follow(cursor='news'): print(record.position, flush=True)\n"
        "except KeyboardInterrupt: print('interrupted')"
    )
    running = started(path, body)
    assert running.stdout is not None
    assert running.stdout.readline() == "1\n"
    time.sleep(0.3)
    running.send_signal(signal.SIGINT)
    assert ends(running) == "interrupted\n"
    assert tl.append(note(2)).head == 2
    assert Cursor(f"{path}.news.cursor").read() == ReadTo(1, digest_of(tl, 1))


@pytest.mark.parametrize(
    ("ask", "error"),
    [
        (lambda tl: tl.follow(after=-1), NotAllowed),
        (lambda tl: tl.follow(after=9), WrongBasis),
        (lambda tl: tl.follow(types="nonsense"), UnknownType),
        (lambda tl: tl.follow(entities="Nobody"), UnknownEntity),
        (lambda tl: tl.follow(poll=0), NotAllowed),
        (lambda tl: tl.follow(timeout=-1), NotAllowed),
        (lambda tl: tl.follow(cursor=" "), NotAllowed),
    ],
)
def test_a_mistake_is_told_at_once(
    tl: Timeline, ask: Callable[[Timeline], object], error: type[TimelineError]
) -> None:
    """Not only when the first record is asked for."""
    with pytest.raises(error):
        ask(tl)


def test_following_goes_with_asyncio(path: str) -> None:
    """Each record is waited for in a thread; appends and questions go there too."""
    tl = opened(path=path, lock_timeout=30)

    async def run() -> tuple[list[int], list[int]]:
        follower = tl.follow()
        appends = [asyncio.to_thread(tl.append, note(n)) for n in range(6)]
        commits = await asyncio.gather(*appends)
        found = [(await asyncio.to_thread(next, follower)).position for _ in range(6)]
        moments = await asyncio.gather(*(asyncio.to_thread(tl.as_of) for _ in range(4)))
        assert {moment.basis.position for moment in moments} == {6}
        return found, sorted(commit.head for commit in commits)

    assert asyncio.run(run()) == ([1, 2, 3, 4, 5, 6], [1, 2, 3, 4, 5, 6])
