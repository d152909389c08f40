"""What if: a timeline with statements on top that are only supposed, and nowhere written."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Any, Final, NoReturn
from weakref import WeakKeyDictionary

import attrs

from timeline.admission import Admission
from timeline.log import Footing, Head, Instance, Kept, Log, Session, Tail, World
from timeline.records import Record, Statement
from timeline.values import NotAllowed

_NOT_WRITTEN: Final = (
    "a what-if writes nothing; suppose more with its own `what_if`, or append to the timeline"
)
_NO_FILE: Final = (
    "a what-if is nowhere in the file: there is nothing to follow, to verify or to copy; ask it whatever a "
    "timeline is asked"
)


@attrs.frozen(kw_only=True)
class Supposing(Session):
    """A timeline file in use up to a position, with what is supposed on top; nothing can be written to it."""

    world: World
    _own: WeakKeyDictionary[Instance, Kept] = attrs.field(factory=WeakKeyDictionary, init=False)

    @property
    def supposed(self) -> Sequence[Record]:
        """The records that are supposed on top of what the file holds, in order."""
        return self.world.tail.records

    def held(self) -> AbstractContextManager[object]:
        """Nothing is held: the file is that of another timeline."""
        return nullcontext()

    @contextmanager
    def reading(
        self,
        *,
        typed: bool = False,
        states: bool = False,  # noqa: ARG002
        query: str | None = None,
    ) -> Iterator[Log]:
        """The log with what is supposed, in a transaction that cannot write."""
        laid: list[Footing] = []

        def enter(connection: Any) -> None:
            instance = self.file.shared.instance
            if instance is not None:
                laid[:] = [self.world.enter(connection, instance, self.codec, typed=typed, query=query)]

        while True:
            with self._transaction(write=False, enter=enter) as connection:
                [there] = laid
                if self.world.holds(connection, there):
                    self._check_fitting(connection)
                    yield Log(connection, self.codec, self._sources, layer=there.layer)
                    return

    def kept(self) -> Kept | None:
        """What is kept of this what-if while the file is open; never what is kept of the file."""
        instance = self.file.shared.instance
        if instance is None:
            return None
        if instance not in self._own:
            self._own.clear()
            self._own[instance] = Kept()
        return self._own[instance]

    def head(self) -> Head:
        """Where the log would end."""
        return self.world.tail.head

    def writing(self) -> NoReturn:
        """Refuse to write.

        Raises:
            NotAllowed: always.
        """
        raise NotAllowed(_NOT_WRITTEN)

    def appending_together(self, *_: object) -> NoReturn:
        """Refuse to append.

        Raises:
            NotAllowed: always.
        """
        raise NotAllowed(_NOT_WRITTEN)

    def in_file(self) -> NoReturn:
        """Refuse what only a file can be asked: what comes next, a check of digests, a copy.

        Raises:
            NotAllowed: always.
        """
        raise NotAllowed(_NO_FILE)


def suppose(session: Session, statements: Sequence[Statement], position: int, *, declared: bool) -> Supposing:
    """A timeline up to a position with statements on top, judged as if they were appended there.

    Raises:
        TimelineError: as `Timeline.append`, for the first statement that could not be appended.
    """
    below, tail = _upto(session, position)
    if statements:
        with below.reading() as log:
            if log.head().position != tail.head.position:  # somebody has appended meanwhile
                return suppose(session, statements, position, declared=declared)
            admission = Admission(log, tail.head, session.present(), declared=declared)
            new = admission.unwritten(statements)
        records = [attrs.evolve(one, supposed=True) for one in new.records]
        tail = tail.with_more(attrs.evolve(new, records=records))
    return _on(session, tail)


def _upto(session: Session, position: int) -> tuple[Session, Tail]:
    """What to ask of the log up to a position, with what is supposed there already; and that."""
    if isinstance(session, Supposing):
        tail = session.world.tail
        if position > tail.base.position:
            there = tail.upto(position)
            return session if there == tail else _on(session, there), there
    with session.reading() as log:
        head = log.head()
        if position == head.position and log.in_file:
            return session, Tail(head)
        last = log.at([position]).get(position)
    tail = Tail(Head() if last is None else Head(position, last.recorded_at, head.digest))
    return _on(session, tail), tail


def _on(session: Session, tail: Tail) -> Supposing:
    return Supposing(
        session.file,
        session.codec,
        session._clock,
        sources=session._sources,
        streams=session.streams,
        fitting=session._fitting,
        world=World(tail),
    )
