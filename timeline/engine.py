"""The façade: a timeline in a file, to append to and to ask."""

from __future__ import annotations

import os
import threading
import weakref
from collections.abc import Callable
from contextlib import ExitStack
from datetime import datetime
from types import ModuleType, TracebackType
from typing import Literal, Self, Unpack

from timeline.appending import Appending, Envelope
from timeline.arguments import checked
from timeline.catalogue import Catalogue
from timeline.codec import Codec
from timeline.errors import NotAllowed
from timeline.event import Event
from timeline.file import File
from timeline.handle import Entities, Whenever
from timeline.record import Statement
from timeline.session import Session
from timeline.upkeep import Upkeep

__all__ = ["Timeline"]


def _now() -> datetime:
    import pendulum

    return pendulum.now("UTC")


@checked
class Timeline(Appending, Upkeep):
    """A timeline in one DuckDB file: append events to it, correct them, and ask what was so when.

    Made by `Timeline.open`. Each call opens and closes the file, so that other processes get in; in a `with`
    block it is held. May be used from several threads.
    """

    def __init__(self, session: Session, entities: Entities, keep: ExitStack, *, strict: bool) -> None:
        super().__init__(session, entities, strict=strict)
        self._keep = keep
        weakref.finalize(session, keep.close)

    @classmethod
    def open(
        cls,
        path: str | os.PathLike[str],
        *,
        read_only: bool = False,
        catalogue: Catalogue | ModuleType | str | Literal[False] | None = None,
        entities: Entities = "any",
        strict: bool = False,
        lock_timeout: float = 5.0,
        clock: Callable[[], datetime] = _now,
    ) -> Self:
        """A timeline in a file, made if it is not there; ":memory:" for one that leaves no file.

        `catalogue` is the vocabulary: a package, its name, or a Catalogue; by default the package `events`.
        With False the log is opened alone, whatever its vocabulary: `records`, `record`, `follow`, `sql`,
        `head`, `export`, `backup` and `redact` work, and `verify` as far as the log; records have no event.
        With `entities="declared"` an append that speaks of an entity never named is refused, and with
        `strict` one that surely violates a rule.
        `lock_timeout` says for how many seconds to wait for a file that others hold. `clock` gives the
        present as an aware datetime.

        Raises:
            NotATimeline: if the file is something else, or is to be read only and is not there.
            NewerTimeline: if a newer version of this package wrote it.
            OlderTimeline: if it is in an older format, and cannot be written.
            LockedFile: if others hold it for longer than `lock_timeout`, naming the process.
            CatalogueError: if the vocabulary cannot be found, or one is needed.
            OtherVocabulary: if it does not have what the log holds, or has it otherwise.
            NotDerived: if what is derived is to be made anew for it, and the file cannot be written.
        """
        if entities not in {"any", "declared"}:
            raise NotAllowed(f'entities={entities!r}: it is "any" or "declared"')
        codec = Codec(Catalogue.find(catalogue))
        session = Session(File.at(path, read_only=read_only, lock_timeout=lock_timeout), codec, clock)
        with ExitStack() as keep:
            if session.file.in_memory:
                keep.enter_context(session.held())
            session.prepare()
            return cls(session, entities, keep.pop_all(), strict=strict)

    def __enter__(self) -> Self:
        self._keep.enter_context(self._session.held())
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the file, and stop following it; one in memory is gone then."""
        closing, self._closing = self._closing, threading.Event()
        closing.set()
        self._session.file.shared.tell()
        self._keep.close()

    def __repr__(self) -> str:
        supposing = f", supposing {len(self.supposed)} records" if self.supposed else ""
        return f"<Timeline {self.path}, catalogue {self.catalogue.name}{supposing}>"

    def what_if(
        self,
        *events: Event | Statement,
        position: int | Whenever | None = None,
        **envelope: Unpack[Envelope],
    ) -> Timeline:
        """A timeline with events or statements on top that are only supposed; nothing is ever written.

        They are judged as `append` would judge them now, on top of the log as it is, or as it was at an
        earlier `position`; the keywords are those of `append`. What is appended to the log later changes
        nothing in it. It is asked like any timeline, but for SQL, and supposes more by its own `what_if`.

        Raises:
            WrongBasis, UnboundedPoint: if the log has no such position.
            TimelineError: as `append`, if something could not be appended.
        """
        from timeline.supposing import suppose

        self.catalogue.check_known("a what-if")
        statements = self._statements(events, envelope)
        declared = self._entities == "declared"
        session = suppose(self._session, statements, self._position(position), declared=declared)
        return Timeline(session, self._entities, ExitStack(), strict=False)
