"""What a log in PostgreSQL keeps beside the contract: rights, lost connections, crashes, and its words."""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from unittest.mock import patch

import psycopg
import pytest

from tests.asking import Asking
from tests.ledger import CATALOGUE, event
from tests.log.contract.server import Server, programs, running
from timeline import Timeline
from timeline.errors import DivergedLog, NotAllowed, NotATimeline, ReadOnlyTimeline, Unreachable
from timeline.log import Replica, SharedLog
from timeline.log.postgres import PostgresLog


def _note(text: str, about: str = "acme") -> Any:
    return event("noted", "2020", subject=about, topic="talk", text=text)


def _opened(address: str, **how: Any) -> Timeline:
    return Timeline.open(address, catalogue=CATALOGUE, replica=":memory:", **how)


def _upstream(tl: Timeline) -> SharedLog:
    session = tl._session
    assert isinstance(session, Replica)
    return session.upstream


@pytest.fixture
def address(server: Server, request: pytest.FixtureRequest) -> str:
    """The address of an empty log, for its owner."""
    made = server.new_database(f"log-{abs(hash(request.node.name)):x}-{time.monotonic_ns()}")
    PostgresLog.make(made).close()
    return made


def _user(server: Server, address: str, name: str, role: str) -> str:
    with psycopg.connect(address, autocommit=True) as owner:
        if not owner.execute("SELECT FROM pg_roles WHERE rolname = %s", [name]).fetchall():
            owner.execute(f"CREATE ROLE {name} LOGIN IN ROLE {role}".encode())
    return address.replace("owner@", f"{name}@")


def test_who_may_append_writes_in_no_other_way(server: Server, address: str) -> None:
    """Nor may anybody change what is there; who may only read appends nothing."""
    writer = _user(server, address, "ann", "timeline_append")
    reader = _user(server, address, "bo", "timeline_read")
    with _opened(writer) as tl:
        tl.append(_note("first"), source="Gazette")
    with _opened(reader) as tl, pytest.raises(ReadOnlyTimeline, match="timeline_append"):
        tl.append(_note("second"))
    changes = (
        "UPDATE timeline.log SET note = 'x'",
        "DELETE FROM timeline.commits",
        "TRUNCATE timeline.log CASCADE",
        "DELETE FROM timeline.sources",
    )
    for who in writer, reader, address:
        with psycopg.connect(who, autocommit=True) as connection:
            for change in changes:
                with pytest.raises(psycopg.errors.InsufficientPrivilege):
                    connection.execute(change.encode())
    others = (
        "INSERT INTO timeline.shapes VALUES ('event', 'x', 1, '{}')",
        "SELECT timeline.bring(1, '[]', '[]', '[]')",
        "ALTER TABLE timeline.log DISABLE TRIGGER stays",
        "DROP FUNCTION timeline.stays CASCADE",
    )
    with psycopg.connect(writer, autocommit=True) as connection:
        for change in others:
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute(change.encode())
    with _opened(reader) as tl:
        assert tl.verify().ok
        assert tl.head().position == 1


def test_who_may_not_read(server: Server, address: str) -> None:
    """Is told what would do."""
    with psycopg.connect(address, autocommit=True) as owner:
        if not owner.execute("SELECT FROM pg_roles WHERE rolname = 'cy'").fetchall():
            owner.execute("CREATE ROLE cy LOGIN")
    with pytest.raises(NotATimeline, match="timeline_read"):
        _opened(address.replace("owner@", "cy@"))


def test_a_database_without_a_log(server: Server) -> None:
    """It is told how one is made; and none is made where there is one, or something of that name."""
    made = server.new_database(f"empty-{time.monotonic_ns()}")
    with pytest.raises(NotATimeline, match="timeline init"):
        _opened(made)
    PostgresLog.make(made).close()
    with pytest.raises(NotAllowed, match="already"):
        PostgresLog.make(made)
    with psycopg.connect(made, autocommit=True) as owner:
        owner.execute("UPDATE timeline.meta SET layout = 99")
    with pytest.raises(NotATimeline, match="layout 99"):
        _opened(made)


@pytest.mark.parametrize("wrong", ["postgresql://ann:secret@127.0.0.1:1/x", "postgresql://%zz"])
def test_a_server_that_is_not_there(wrong: str) -> None:
    """Is told without a password."""
    with patch("timeline.log.postgres.server._PAUSE", 0), pytest.raises((Unreachable, NotAllowed)) as told:
        _opened(wrong)
    assert "secret" not in str(told.value)
    assert "secret" not in repr(told.value)


def test_hostile_texts_keep_their_digests(address: str) -> None:
    """The server works out the digests of whatever may be said."""
    odd = [
        'Zoë "quoted" \\ {a,b}',
        "a\u2028b 雪 😀",
        "it's",
        "~",
        "null",
        "1:2:~",
        "%s $1 :x",
        "{}",
        "x" * 300,
    ]
    with _opened(address) as tl:
        for text in odd:
            tl.append(_note(text, about=text), source={"title": text, "locator": text}, note=text, actor=text)
        tl.append(event("noted", "[2019..2020-03]", subject="a", topic="b"))
        tl.append(event("noted", "../2020", subject="a", topic="b"))
        tl.append(event("noted", "2020-02-03T04:05:06.120Z", subject="a", topic="b", number="1.50"))
        assert tl.verify().ok
        assert [record.event.text for record in tl.as_of().records()][: len(odd)] == odd  # type: ignore[union-attr]


class _Cut:
    """A connection that is lost right behind an append, before it is told what came of it."""

    def __init__(self, real: psycopg.Connection[Any]) -> None:
        self._real = real

    def __getattr__(self, name: str) -> Any:
        return getattr(self._real, name)

    def execute(self, query: bytes, parameters: Any = None) -> Any:
        found = self._real.execute(query, parameters)
        if b"timeline.append" in query:
            self._real.close()
            raise psycopg.OperationalError("the connection was lost")
        return found


def test_a_connection_lost_behind_a_commit(address: str) -> None:
    """The append is told where it is, and is there once."""
    real = psycopg.connect
    made: list[Any] = []

    def connect(*where: Any, **how: Any) -> Any:
        made.append(None)
        connection = real(*where, **how)
        return _Cut(connection) if len(made) == 1 else connection

    with _opened(address) as tl:
        log = _upstream(tl)
        log.close()
        with patch("psycopg.connect", connect), patch("timeline.log.postgres.server._PAUSE", 0):
            said = tl.append(_note("first"))
        assert list(said.positions) == [1]
        assert tl.head().position == 1
        assert tl.verify().ok


@pytest.fixture
def own() -> Iterator[Server]:
    """A server that a test may kill."""
    if programs() is None:
        pytest.skip("there is no PostgreSQL on this machine")
    with running() as one:
        yield one


def test_what_was_acknowledged_is_there_after_a_crash(own: Server) -> None:
    """Writers meanwhile are told that the server cannot be reached, or their append is there."""
    address = own.new_database("log")
    PostgresLog.make(address).close()
    told: list[tuple[int, str]] = []
    with _opened(address) as reader:

        def write(number: int) -> None:
            with _opened(address) as tl:
                for one in range(1_000):
                    try:
                        said = tl.append(_note(f"{number} {one}"), id=f"{number}/{one}")
                    except Unreachable:
                        return
                    told.append((said.head, said.digest))

        with patch("timeline.log.postgres.server._TRIES", 1):
            threads = [threading.Thread(target=write, args=(number,)) for number in range(2)]
            for thread in threads:
                thread.start()
            until = time.monotonic() + 60
            while len(told) < 6 and time.monotonic() < until:
                time.sleep(0.02)
            own.stop(signal.SIGQUIT)
            for thread in threads:
                thread.join()
        own.start()
        log = _upstream(reader)
        log.close()
        head = reader.head()
        there = {int(row[1]): row[5] for batch in log.batches(0) for row in batch.commits}
        assert len(told) >= 6
        assert all(there[position] == digest for position, digest in told)
        assert reader.verify(str(head)).ok


def test_the_verbs(server: Server, tmp_path: Path, ask: Asking, monkeypatch: pytest.MonkeyPatch) -> None:
    """A log is made, carried to a server and to another file, appended to, asked, and carried back."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    address = server.new_database(f"verbs-{time.monotonic_ns()}")
    one, other = str(tmp_path / "one.duckdb"), str(tmp_path / "other.duckdb")
    words = ("--company", "Acme", "--investors", "Bolt", "--amount", "5m USD")
    ask("append", "funding_round", "--occurred", "2020", *words, "--id", "A1", "--db", one)
    assert "new timeline" in ask("init", "--db", address)
    assert "already" in ask("init", "--db", address)
    assert "1 records in 1 commits" in ask("push", address, "--db", one)
    assert "nothing new" in ask("push", address, "--db", one)
    ask("correct", "A1", "--amount", "7m USD", "--db", address)
    assert "$7m" in ask("as-of", "2021", "acme", "bolt", "--db", address)
    assert "1 records in 1 commits" in ask("pull", address, "--db", one)
    ask("pull", address, "--db", other)
    heads = {ask("head", "--db", where) for where in (one, other, address)}
    assert len(heads) == 1
    assert (tmp_path / "cache" / "timeline").stat().st_mode & 0o077 == 0


def test_logs_that_went_different_ways_are_not_carried(address: str, tmp_path: Path) -> None:
    """It is told from where on; where the other only holds more, that it is to be carried first."""
    one = Timeline.open(tmp_path / "one.duckdb", catalogue=CATALOGUE)
    one.append(_note("first"))
    one.push(address)
    with _opened(address) as tl:
        tl.append(_note("theirs"))
        with pytest.raises(NotAllowed, match="holds more"):
            one.push(address)
        one.append(_note("mine"))
        with pytest.raises(DivergedLog, match="differ from #2 on"):
            one.push(address)
        with pytest.raises(DivergedLog, match="differ from #2 on"):
            one.pull(address)
        tl.append(_note("more"))
        with pytest.raises(DivergedLog, match="differ from #2 on"):
            one.pull(address)
    assert one.verify().ok
