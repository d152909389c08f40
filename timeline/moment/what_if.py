"""What if: a timeline with statements on top that are only supposed, and nowhere written."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Final, NoReturn

import attrs

from timeline.admission import Admission
from timeline.log import Head, Kept, Log, Overlay, Session, Supposed
from timeline.records import Record, Statement
from timeline.values import NotAllowed

_NOT_WRITTEN: Final = (
    "a what-if writes nothing; suppose more with its own `what_if`, or append to the timeline"
)
_NO_FILE: Final = (
    "a what-if is nowhere in the file: no SQL can be put to it, no rules are checked, its entities are "
    "not listed, and there is nothing to follow or to verify; ask it with `as_of`, `history` and `records`"
)


@attrs.frozen(kw_only=True)
class Supposing(Session):
    """A timeline file in use up to a position, with what is supposed on top; nothing can be written to it."""

    _under: Session
    _world: Supposed
    _own: Kept = attrs.field(factory=Kept, init=False)

    @property
    def supposed(self) -> Sequence[Record]:
        """The records that are supposed on top of what the file holds, in order."""
        return self._world.records

    def held(self) -> AbstractContextManager[object]:
        """Nothing is held: the file is that of another timeline."""
        return nullcontext()

    @contextmanager
    def reading(self) -> Iterator[Log]:
        """The log with what is supposed, in a transaction that cannot write."""
        with self._under.reading() as log:
            yield Overlay(log, self._world)

    def kept(self) -> Kept | None:
        """What is kept of this what-if while the file is held; never what is kept of the file."""
        return None if self._under.kept() is None else self._own

    def head(self) -> Head:
        """Where the log would end."""
        return self._world.head

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
        """Refuse what only a log in a file can be asked: SQL, rules, lists of entities, a check of digests.

        Raises:
            NotAllowed: always.
        """
        raise NotAllowed(_NO_FILE)


def suppose(session: Session, statements: Sequence[Statement], position: int, *, declared: bool) -> Supposing:
    """A timeline up to a position with statements on top, judged as if they were appended there.

    Raises:
        TimelineError: as `Timeline.append`, for the first statement that could not be appended.
    """
    with session.reading() as log:
        world = _upto(log, session, position)
        overlay = Overlay(log, world)
        if statements:
            admission = Admission(overlay, overlay.head(), session.present(), declared=declared)
            new = admission.unwritten(statements)
            records = [attrs.evolve(one, supposed=True) for one in new.records]
            chains = overlay.chains({one.origin for one in records})
            world = world.adding(records, new.entities, chains)
    return Supposing(
        session.file,
        session.codec,
        session._clock,
        sources=session._sources,
        streams=session.streams,
        under=session,
        world=world,
    )


def _upto(log: Log, session: Session, position: int) -> Supposed:
    """The log up to a position, with what is supposed there already."""
    if isinstance(session, Supposing) and position > session._world.base.position:
        return session._world.upto(position)
    head = log.head()
    if position != head.position:
        last = log.at([position]).get(position)
        head = Head() if last is None else Head(position, last.recorded_at, head.digest)
    return Supposed(base=head)
