"""A file that follows a log which many machines share: asked as any other, and appended to through that."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from typing import Any, Final

import attrs

from timeline.log.contract import Moved, Placement, Proposed, SharedLog
from timeline.log.duckdb.log import Log
from timeline.log.duckdb.receiving import receive
from timeline.log.duckdb.session import Session
from timeline.log.duckdb.writing import Unwritten
from timeline.log.head import Head
from timeline.values import (
    DivergedLog,
    FaultyCopy,
    NotAllowed,
    OtherVocabulary,
    Overtaken,
    ReadOnlyTimeline,
)
from timeline.vocabulary import kept, unlike

_SHARED: Final = "a log that is shared is not written anew from here; do that where it lies"


class _Proposed(Exception):
    """What was written is proposed, and taken back."""


class _Answers(threading.local):
    """Where the commits of a thread's last append are, by the first position that they were judged at."""

    def __init__(self) -> None:
        self.placed: dict[int, Placement] = {}


@attrs.frozen(kw_only=True)
class Replica(Session):
    """A shared log in use, through a file in which all of it is that came so far, with what follows from it.

    Before every question what is new in the log is taken in. What is appended is judged on the file, by
    writing it there and taking that back; the log gives it its place, and it comes like what others append.
    """

    places_elsewhere = True
    upstream: SharedLog
    read_only: bool = False
    _answers: _Answers = attrs.field(factory=_Answers, init=False)
    _shapes: set[tuple[str, str, int]] = attrs.field(factory=set, init=False)
    _here: Session = attrs.field(init=False)
    """The file by itself, as it is."""

    @_here.default
    def _by_itself(self) -> Session:
        return Session(
            self.file,
            self.codec,
            self._clock,
            sources=self._sources,
            streams=self.streams,
            behind=self._behind,
            fitting=self._fitting,
        )

    @property
    def address(self) -> str:
        """Where the log is that is followed."""
        return self.upstream.address

    def prepare(self) -> None:
        """Make sure that the file is a timeline that fits the vocabulary, and takes in what the log holds.

        Raises:
            OtherVocabulary: if the vocabulary does not have what the log holds, or has it otherwise.
            TimelineError: as for any file, and as `follow`.
        """
        self._here.prepare()
        self._agree()
        self.follow()

    def _agree(self) -> None:
        """See that the types that the log holds are those of the vocabulary.

        Raises:
            OtherVocabulary: if it lacks one, or has one otherwise.
        """
        shapes, catalogue = self.upstream.shapes(), self.codec.catalogue
        used = [(name, version, 1) for sort, name, version in shapes if sort == "event"]
        differences = unlike(catalogue, used, shapes) if catalogue.known else []
        if differences:
            raise OtherVocabulary(self.address, catalogue.name, catalogue.place, "its writers", differences)
        self._shapes.update(shapes)

    def held(self) -> AbstractContextManager[object]:
        """Hold the file; the log is let go with it."""
        return self._holding_both()

    @contextmanager
    def _holding_both(self) -> Iterator[None]:
        try:
            with self._here.held():
                yield
        finally:
            self.upstream.close()

    def follow(self) -> Head:
        """Take in what the log holds beyond the file; gives where both end.

        Raises:
            DivergedLog: if it does not follow what the file has of it.
            OtherVocabulary: if the vocabulary does not have what came, or has it otherwise.
        """
        while True:
            there, here = self.upstream.head(), self._here.head()
            if there == here or self._writes():
                return here
            if there.position <= here.position:
                raise DivergedLog(self.address, self.file.path, here.position)
            for batch in self.upstream.batches(here.position):
                with self._here.appending() as log:
                    if log.head() != here:  # another process has taken it in meanwhile
                        break
                    try:
                        here = receive(log, batch, self.address)
                    except FaultyCopy as problem:
                        raise DivergedLog(
                            self.address, self.file.path, here.position, problem.faults
                        ) from None

    def _writes(self) -> bool:
        """Whether this very thread is writing, and asks meanwhile."""
        return self.file.shared.writers.writer == threading.get_ident()

    @contextmanager
    def reading(
        self, *, typed: bool = False, states: bool = False, query: str | None = None
    ) -> Iterator[Log]:
        """The log as it is now, in a transaction that cannot write."""
        self.follow()
        with self._here.reading(typed=typed, states=states, query=query) as log:
            yield log

    def head(self) -> Head:
        """Where the log ends now."""
        return self.follow()

    @contextmanager
    def appending_together(
        self, request: object | None, wanted: Callable[[Any], bool] | None = None
    ) -> Iterator[Log | None]:
        """The file as it is, to be written and taken back; what was written then finds its place in the log.

        Raises:
            Overtaken: if others have appended meanwhile what it rests on; it is to be judged again.
            ReadOnlyTimeline: if it was opened to be read only.
        """
        del request, wanted
        with self._proposing(self._here.appending()) as log:
            yield log

    @contextmanager
    def importing(self) -> Iterator[Log]:
        """The same for a whole table."""
        with self._proposing(self._here.importing()) as log:
            yield log

    @contextmanager
    def _proposing(self, writing: Any) -> Iterator[Log]:
        if self.read_only:
            raise ReadOnlyTimeline(self.address, "it was opened with read_only=True")
        self.follow()
        self._answers.placed = {}
        with suppress(_Proposed), writing as log:
            log.proposed = []
            yield log
            if log.proposed:
                self._propose(log, log.proposed)
                raise _Proposed
        if self._answers.placed:
            self.follow()

    def _propose(self, log: Log, commits: list[Unwritten]) -> None:
        catalogue = self.codec.catalogue
        bearing = frozenset(
            catalogue.stored(kind.name for kind in catalogue.events.values() if kind.naming or kind.sameness)
        )
        self._keep_shapes(commits)
        proposals = [
            Proposed(
                expected=one.records[0].position - 1,
                records=one.records,
                actor=one.actor,
                note=one.note,
                new=frozenset(entity.id for entity in one.entities),
                bearing=bearing,
                whole=log.whole,
            )
            for one in commits
        ]
        answer = self.upstream.append(*proposals)
        if isinstance(answer, Moved):
            raise Overtaken(self.address)
        self._answers.placed = {one.expected + 1: found for one, found in zip(proposals, answer, strict=True)}

    def _keep_shapes(self, commits: list[Unwritten]) -> None:
        """Have the log keep the shapes of the types that are told, and see that others tell them alike."""
        types = {("event", one.type, one.version) for commit in commits for one in commit.records}
        new = {key: shape for key, shape in kept(self.codec.catalogue).items() if key in types - self._shapes}
        if new:
            self.upstream.keep_shapes(new)
            self._agree()

    def placed(self, first: int) -> Placement | None:
        """Where the commit of this thread's last append is that was judged at a position."""
        return self._answers.placed.get(first)

    def check_own(self) -> None:
        """Refuse to change the log, which is not in the file.

        Raises:
            NotAllowed: always.
        """
        raise NotAllowed(_SHARED)

    @contextmanager
    def writing(self) -> Iterator[Log]:
        """The file, to derive from it anew; what its log is, others say.

        Raises:
            NotAllowed: if it was to be changed.
        """
        with self._here.writing() as log:
            head = log.head()
            yield log
            if Log(log.connection, self.codec, {}).head() != head:
                raise NotAllowed(_SHARED)

    def signs(self) -> tuple[Any, ...]:
        """What differs once something was appended, by whomever."""
        return (*self._here.signs(), self.upstream.head())
