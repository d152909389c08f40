"""A timeline file in use: transactions on it, the log in them, and the present."""

from __future__ import annotations

import inspect
import threading
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, suppress
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, ClassVar, Final, Protocol, TypeVar
from uuid import UUID
from weakref import WeakSet

import attrs
import duckdb

from timeline.log.duckdb import schema
from timeline.log.duckdb.file import File, failing
from timeline.log.duckdb.instances import uncollected
from timeline.log.duckdb.log import Log
from timeline.log.duckdb.sharing import Kept
from timeline.log.head import Head
from timeline.records import Codec, Record
from timeline.values import (
    NaiveDatetime,
    NotAllowed,
    NotATimeline,
    NotDerived,
    OlderTimeline,
    ReadOnlyTimeline,
    Source,
    TimelineError,
    UnboundedPoint,
    When,
    Whenever,
    WrongBasis,
    last_in,
)

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from timeline.log.contract import Placement

T = TypeVar("T")
P = TypeVar("P", bound="Lookups")


class Undone(Exception):
    """A transaction is to be rolled back though nothing failed."""


class Lookups(Protocol):
    """What is looked up in the file when it is first used."""

    def settle(self, others: Iterable[Any] = ()) -> None:
        """Look it up, and with it those others that can be looked up together with it."""
        ...


class _Stream(Iterator[T]):
    """Values read one after the other, until the file is let go."""

    def __init__(self, values: Generator[T]) -> None:
        self._values = values
        self._ended = False

    def __next__(self) -> T:
        if self._ended:
            raise NotAllowed("the timeline was closed meanwhile; read all of them while it is open")
        return next(self._values)

    def end(self) -> None:
        """Let go of the file; what has not been read by now cannot be read any more."""
        self._ended = inspect.getgeneratorstate(self._values) != inspect.GEN_CLOSED
        with suppress(ValueError):  # another thread is reading just now, and meets the end next
            self._values.close()


class Streams:
    """The streams of a timeline that may still be read, while anybody holds its file."""

    def __init__(self) -> None:
        self._open: WeakSet[_Stream[Any]] = WeakSet()
        self._pending: WeakSet[Lookups] = WeakSet()
        self._holders = 0

    @contextmanager
    def held(self, held: AbstractContextManager[object]) -> Iterator[None]:
        """Hold the file; when nobody holds it any more, what is pending is looked up and all streams end."""
        with held:
            self._holders += 1
            try:
                yield
            finally:
                self._holders -= 1
                if not self._holders:
                    self._settle()
                    for stream in list(self._open):
                        stream.end()

    @property
    def holders(self) -> int:
        """How many hold the file."""
        return self._holders

    def _settle(self) -> None:
        """Look up what is still of use to anybody; where that fails, it is tried again when it is used."""
        pending = list(self._pending)
        self._pending.clear()
        while pending:
            one = pending.pop()
            with suppress(TimelineError):
                one.settle(pending)

    def await_use(self, pending: P) -> P:
        """What is looked up when first used, or when the file is let go; at once where nobody holds that."""
        if self._holders:
            self._pending.add(pending)
        else:
            pending.settle()
        return pending

    def begin(self, values: Generator[T]) -> Iterator[T]:
        """A stream of values; where nobody holds the file, all of them, read at once."""
        if not self._holders:
            return iter(list(values))
        stream = _Stream(values)
        self._open.add(stream)
        return stream


_FINGERPRINT: Final = "fingerprint"
"""Under which what is derived is kept to fit what."""


@attrs.frozen
class Session:
    """A timeline file in use; may be used from several threads."""

    file: File
    codec: Codec
    _clock: Callable[[], datetime]
    _sources: dict[UUID, Source] = attrs.field(factory=dict, kw_only=True)
    streams: Streams = attrs.field(factory=Streams, kw_only=True)
    _behind: threading.Event = attrs.field(factory=threading.Event, kw_only=True)
    """Whether spans are still to be made of what was appended while the file was held."""
    _fitting: set[str] = attrs.field(factory=set, kw_only=True)
    """The fingerprints of what is derived with which the vocabulary in use was found to fit."""
    places_elsewhere: ClassVar[bool] = False
    """Whether what is appended may be placed elsewhere than it was judged at."""

    @property
    def supposed(self) -> Sequence[Record]:
        """The records that are supposed on top of what the file holds: none."""
        return ()

    @property
    def address(self) -> str:
        """Where the log is, as people name it: the path of the file, as given."""
        return self.file.path

    def check_own(self) -> None:
        """See that the log is that of the file alone, so that it can be changed there."""

    def signs(self) -> tuple[Any, ...]:
        """What differs once something was appended; of that the first counts what this process wrote."""
        return self.file.signs()

    def placed(self, first: int) -> Placement | None:  # noqa: ARG002
        """Where the commit is now that was judged at a position, if it was placed elsewhere since."""
        return None

    def held(self) -> AbstractContextManager[object]:
        """Hold the file, so that calls need not open it each; to be written, where it may be.

        What was put off while it was held is done when it is let go.
        """
        return self._holding()

    @contextmanager
    def _holding(self) -> Iterator[None]:
        with self.streams.held(self.file.connected(write=self.file.writable, hold=True)):
            yield
            if self._behind.is_set() and self.streams.holders == 1 and not self.file.in_memory:
                self._catch_up()

    def _catch_up(self) -> None:
        """Give spans to what was appended; where that fails, the next append has it done."""
        from timeline.log.duckdb.writing import Writer

        self._behind.clear()
        with suppress(TimelineError, duckdb.Error), self.appending() as log:
            log.held = False
            Writer(log).keep_up(log.head().position)

    @contextmanager
    def reading(
        self,
        *,
        typed: bool = False,  # noqa: ARG002
        states: bool = False,
        query: str | None = None,
    ) -> Iterator[Log]:
        """The log as it is now, in a transaction that cannot write.

        `typed` says that typed tables are read, `states` that states of everybody are, and `query` by which
        SQL whatever that names. What was put off while the file is held is done before states are read.
        """
        if (states or query is not None) and self._behind.is_set():
            self._catch_up()
        with self._transaction(write=False) as connection:
            self._check_fitting(connection)
            yield Log(connection, self.codec, self._sources)

    def in_file(self) -> AbstractContextManager[Log]:
        """The log, for what is asked of files: their digests, what comes next, copies of them."""
        return self.reading()

    def kept(self) -> Kept | None:
        """What is kept of the file while it is held."""
        return self.file.kept

    def head(self) -> Head:
        """Where the log ends now."""

        def read() -> Head:
            with self.reading() as log:
                return log.head()

        kept = self.file.kept
        return read() if kept is None else kept.until_changed("head", read)

    def place(self, given: int | Whenever | None, zone: ZoneInfo | None = None) -> tuple[int, int]:
        """The position meant, and how many records up to there are only supposed.

        Raises:
            WrongBasis, UnboundedPoint: as `position`.
        """
        place = self.position(given, zone)
        return place, sum(one.position <= place for one in self.supposed)

    def position(self, given: int | Whenever | None, zone: ZoneInfo | None = None) -> int:
        """The position meant: the head, a number, or the last one recorded by the close of a date.

        Raises:
            WrongBasis: if the log does not reach so far.
            UnboundedPoint: if a date has no end.
        """
        if given is None or isinstance(given, int):
            head = self.head().position
            if given is None:
                return head
            if isinstance(given, bool) or not 0 <= given <= head:
                raise WrongBasis(given, head)
            return given
        when = When.read(given)
        close = last_in(when, zone)
        if close is None:
            raise UnboundedPoint("position", when.text)
        with self.reading() as log:
            return log.position_at(close)

    @contextmanager
    def writing(self) -> Iterator[Log]:
        """The log under the writer lock; what is done is done at the end, or not at all if anything fails.

        Raises:
            NotATimeline: if the file is gone; none is made.
        """
        self._check_there()
        with self._changing() as log:
            self._check_fitting(log.connection)
            yield log

    def importing(self) -> AbstractContextManager[Log]:
        """As `writing`, for a whole table of events."""
        return self.writing()

    @contextmanager
    def appending(self) -> Iterator[Log]:
        """As `writing`, with what the appends before it have left at hand, for as long as the file is open.

        Raises:
            NotATimeline: if the file is gone; none is made.
        """
        with self.appending_together(None) as log:
            if log is not None:
                yield log

    @contextmanager
    def appending_together(
        self, request: object | None, wanted: Callable[[Any], bool] | None = None
    ) -> Iterator[Log | None]:
        """The same; None where another thread wrote before, took what is requested, and did it.

        What others request that come right behind, as far as it is `wanted`, is in `others` of the log: it is
        to be done with this one's own.

        Raises:
            NotATimeline: if the file is gone; none is made.
        """
        self._check_there()
        with uncollected, self.file.connected(write=True), self.file.writing(request) as mine:
            if not mine:
                yield None
                return
            with self._transaction(write=True, appending=True) as connection:
                self._check_fitting(connection)
                log = Log(connection, self.codec, self._sources, self.file.kept)
                log.began, log.present, log.held = log.head(), self.present(), self.streams.holders > 0
                if wanted is not None:
                    log.others = self.file.shared.writers.take(wanted)
                yield log
            log.settle()
            if log.behind:
                self._behind.set()

    def _check_there(self) -> None:
        self._check_held()
        if not self.file.exists and self.file.kept is None:
            raise NotATimeline(self.file.path, "there is no such file any more")

    def _check_held(self) -> None:
        if self.file.in_memory and self.file.kept is None:
            raise NotATimeline(self.file.path, "it was closed, and nothing is left of it")

    @contextmanager
    def _changing(self) -> Iterator[Log]:
        writing = self._transaction(write=True)
        with self.file.connected(write=True), self.file.writing(), writing as connection:
            yield Log(connection, self.codec, self._sources)
        if (kept := self.file.kept) is not None:
            kept.keep(_FINGERPRINT, None)

    def _check_fitting(self, connection: duckdb.DuckDBPyConnection) -> None:
        """See that nobody has derived anew for another vocabulary since this one was found to fit.

        Raises:
            NotDerived: if somebody has.
        """
        kept = self.file.kept
        found = None if kept is None else kept.get(_FINGERPRINT)
        if found is None:
            found = schema.fingerprint(connection)
            if kept is not None:
                kept.keep(_FINGERPRINT, found)
        if self._fitting and found not in self._fitting:
            catalogue, told = self.codec.catalogue, "it was derived for another one since it was opened"
            raise NotDerived(self.file.path, catalogue.name, catalogue.place, [told])

    @contextmanager
    def _transaction(
        self, *, write: bool, appending: bool = False, enter: Callable[[Any], object] | None = None
    ) -> Iterator[duckdb.DuckDBPyConnection]:
        self._check_held()
        with (
            failing(self.file.path),
            self.file.connected(write=write, appending=appending) as connection,
        ):
            if enter is not None:
                enter(connection)
            if write:
                self.file.make_wal()
            connection.execute("BEGIN TRANSACTION" if write else "BEGIN TRANSACTION READ ONLY")
            try:
                yield connection
            except BaseException:
                with suppress(duckdb.Error):  # after a failure there may be no transaction any more
                    connection.execute("ROLLBACK")
                raise
            if write:
                self._commit(connection)
            else:
                connection.execute("COMMIT")

    def _commit(self, connection: duckdb.DuckDBPyConnection) -> None:
        """Write what a transaction holds; where that fails, nothing is kept of it in memory."""
        shared = self.file.shared
        shared.writers.stage = "ending"
        try:
            connection.execute("COMMIT")
        except BaseException:
            if shared.instance is not None:
                shared.instance.forget()
            raise
        shared.writers.stage = "done"

    def present(self) -> datetime:
        """The present by the clock, in UTC.

        Raises:
            NaiveDatetime: if the clock gives no time zone.
        """
        now = self._clock()
        if now.tzinfo is None:
            raise NaiveDatetime(now)
        instant = now.astimezone(UTC)
        return datetime.combine(instant.date(), instant.time(), UTC)

    def prepare(self) -> None:
        """Make sure that the file is a timeline that fits the vocabulary.

        Raises:
            NotATimeline, NewerTimeline: if it is something else, or newer.
            OtherVocabulary: if the vocabulary does not have what the log holds, or has it otherwise.
            NotDerived: if what is derived is to be made anew, and it cannot be written.
            OlderTimeline: if it is of an older format, and cannot be written.
            ReadOnlyTimeline: if it holds nothing yet, and cannot be written.
        """
        if not (self.file.exists and self._fits()):
            self._make()

    def _make(self) -> None:
        """Lay out a new timeline, or bring one up to date."""
        if not self.file.exists:
            self.codec.catalogue.check_known("a new timeline")
        if not self.file.writable:
            raise ReadOnlyTimeline(self.file.path, "it holds no timeline yet, and cannot be written")
        with self._changing() as log:
            if schema.recognise(log.connection, self.file.path):
                schema.migrate(log.connection, self.file.path)
                schema.rebuild(log.connection, self.codec, self.file.path)
            else:
                from importlib.metadata import version

                self.codec.catalogue.check_known("a new timeline")
                schema.create(log.connection, self.codec, f"timeline {version('timeline')}")
            self._found_fitting(log.connection)

    def _found_fitting(self, connection: duckdb.DuckDBPyConnection) -> None:
        """Remember that what is derived now fits the vocabulary."""
        if self.codec.catalogue.known:
            self._fitting.add(schema.fingerprint(connection))

    def _fits(self) -> bool:
        """Whether it can be used as it is; False if it has to be laid out, or derived anew.

        Raises:
            OtherVocabulary, NotDerived, OlderTimeline: as `prepare`.
        """
        catalogue = self.codec.catalogue
        with self._transaction(write=False) as connection:
            if not schema.recognise(connection, self.file.path):
                return False
            older = schema.format_of(connection)
            if older == schema.FORMAT:
                if catalogue.known and not schema.fits(connection, self.codec):
                    schema.check_vocabulary(connection, catalogue, self.file.path)
                    if self.file.writable:
                        return False
                    schema.check_derived(connection, catalogue, self.file.path)
                self._found_fitting(connection)
                return True
        if self.file.writable:
            return False
        raise OlderTimeline(self.file.path, older, schema.FORMAT)
