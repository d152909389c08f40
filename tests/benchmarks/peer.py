"""The peer: the same kind of events in an application of the package `eventsourcing`, kept in SQLite."""

from __future__ import annotations

from pathlib import Path
from uuid import UUID

from eventsourcing.application import Application
from eventsourcing.domain import Aggregate, event

__all__ = ["BATCH", "Peer", "Raising"]

BATCH = 100


class Raising(Aggregate):
    """What one company raises."""

    @event("Opened")
    def __init__(self, company: str) -> None:
        self.company = company
        self.rounds = 0
        self.raised = 0
        self.last: object = None

    @event("Funded")
    def fund(self, occurred: str, company: str, investors: list[str], amount: int, currency: str) -> None:
        """Take in a round."""
        self.last = (occurred, company, investors, currency)
        self.rounds += 1
        self.raised += amount


def raising(number: int) -> Raising:
    """An aggregate with a batch of events that are not saved yet."""
    company = f"organisation-{number:05}"
    one = Raising(company)
    for day in range(BATCH - 1):
        one.fund(f"2019-07-{1 + day % 28:02}", company, ["microsoft", "openai"], 1_000_000 * day, "USD")
    return one


class Peer:
    """An application on an SQLite file of its own."""

    def __init__(self, path: Path) -> None:
        environment = {"PERSISTENCE_MODULE": "eventsourcing.sqlite", "SQLITE_DBNAME": str(path)}
        self._application: Application[UUID] = Application(env=environment)

    def save(self, several: list[Raising]) -> None:
        """Save the events of each, a transaction each."""
        for one in several:
            self._application.save(one)

    def rebuild(self, ids: list[UUID]) -> None:
        """Read each again from its events."""
        for one in ids:
            self._application.repository.get(one)

    def close(self) -> None:
        """Let go of the file."""
        self._application.close()
