"""What all that can be done with a timeline needs: its file in use, and its vocabulary."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, Literal

from timeline.catalogue import Catalogue
from timeline.errors import CatalogueError, UnboundedPoint, WrongBasis
from timeline.event import Event
from timeline.record import Record
from timeline.session import Session
from timeline.source import Source
from timeline.when import When, Whenever
from timeline.zones import last_in

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

__all__ = ["Cited", "Entities", "Handle", "Sources", "Undone", "Whenever"]

Sources = Source | str | Mapping[str, Any] | Iterable[Source | str | Mapping[str, Any]] | None
Cited = Source | str | Iterable[Source | str]
Entities = Literal["any", "declared"]


class Undone(Exception):
    """A transaction is to be rolled back though nothing failed."""


class Handle:
    """A timeline that is in use."""

    def __init__(self, session: Session, entities: Entities, *, strict: bool) -> None:
        self._session = session
        self._entities = entities
        self._strict = strict
        self._closing = threading.Event()

    @property
    def path(self) -> str:
        """The path of the file, as given."""
        return self._session.file.path

    @property
    def catalogue(self) -> Catalogue:
        """The vocabulary in use."""
        return self._session.codec.catalogue

    @property
    def supposed(self) -> tuple[Record, ...]:
        """The records that are only supposed, in order: those of a what-if, else none."""
        return tuple(self._session.supposed)

    def _type_name(self, one: str | type[Event]) -> str:
        if isinstance(one, str):
            return self.catalogue.event(one).name if self.catalogue.known else one
        self._check_declared(one)
        return one.__timeline__.name

    def _check_declared(self, cls: type[Event]) -> None:
        self.catalogue.check_known("an event")
        kind = getattr(cls, "__timeline__", None)
        if kind is None or self.catalogue.events.get(kind.name) is not kind:
            raise CatalogueError(f"{cls!r} is not in the catalogue {self.catalogue.name}")

    def _position(self, position: int | Whenever | None, zone: ZoneInfo | None = None) -> int:
        """The position meant: the head, a number, or the last one recorded by the close of a date."""
        if position is None or isinstance(position, int):
            head = self._session.head().position
            if position is None:
                return head
            if isinstance(position, bool) or not 0 <= position <= head:
                raise WrongBasis(position, head)
            return position
        when = When.read(position)
        close = last_in(when, zone)
        if close is None:
            raise UnboundedPoint("position", when.text)
        with self._session.reading() as log:
            return log.position_at(close)
