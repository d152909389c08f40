"""The kinds of logs that the contract is put to."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

import pytest

from tests.ledger import CATALOGUE, Clock
from tests.log.contract.server import Server, programs, running
from timeline import Timeline
from timeline.log import FileLog, MemoryLog, SharedLog

Make = Callable[[], SharedLog]
_numbers: Final = itertools.count(1)


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    """A PostgreSQL server for all tests of this process."""
    if programs() is None:
        pytest.skip("there is no PostgreSQL on this machine")
    with running() as one:
        yield one


@pytest.fixture(params=["memory", "file", "postgres"])
def make(request: pytest.FixtureRequest, tmp_path: Path, clock: Clock) -> Iterator[Make]:
    """Makes empty logs of one kind; by the clock of the test, but for those of the server."""
    opened: list[SharedLog] = []
    if request.param == "postgres":
        server: Server = request.getfixturevalue("server")

    def new() -> SharedLog:
        match request.param:
            case "memory":
                log: SharedLog = MemoryLog(clock)
            case "file":
                path = tmp_path / f"log-{next(_numbers)}.duckdb"
                log = FileLog(Timeline.open(path, catalogue=CATALOGUE, clock=clock)._session)
            case _:
                from timeline.log.postgres import PostgresLog

                log = PostgresLog.make(server.new_database(f"log-{next(_numbers)}"))
        opened.append(log)
        return log

    yield new
    for one in opened:
        one.close()


@pytest.fixture
def shared(make: Make) -> SharedLog:
    """One of them."""
    return make()
