"""Everything that can go wrong, each with a message that names the thing and what would work.

Every class derives from `TimelineError` and from the builtin that a caller would expect.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar, Final

from timeline.values.text import clipped, either, few, printable

__all__ = [
    "AlreadySuperseded",
    "AmbiguousName",
    "AppendConflict",
    "BadMoney",
    "BadRows",
    "BadText",
    "BadWhen",
    "CatalogueError",
    "DivergedLog",
    "DoesNotAddUp",
    "FaultyCopy",
    "FaultyFile",
    "FileFailed",
    "FutureKnown",
    "IdConflict",
    "InvalidData",
    "LockedFile",
    "MissingExtra",
    "NaiveDatetime",
    "NewerTimeline",
    "NotATimeline",
    "NotAWhen",
    "NotAllowed",
    "NotDerived",
    "OlderTimeline",
    "OtherVocabulary",
    "Overtaken",
    "QueryTimeout",
    "ReadOnlyTimeline",
    "SamenessConflict",
    "StandIn",
    "TimelineError",
    "UnboundedPoint",
    "UnknownEntity",
    "UnknownField",
    "UnknownRecord",
    "UnknownSource",
    "UnknownType",
    "Unreachable",
    "UnreadableRecord",
    "WrongBasis",
    "WrongCursor",
    "WrongTarget",
]

_FEW: Final = 3
_LONG: Final = 120
_MOST: Final = 10
_WAYS_OUT: Final = (
    "name the vocabulary meant, with catalogue= or TIMELINE_CATALOGUE; or give a changed type a new version "
    'with an upcast, a renamed one formerly="its former name", and declare one that is only still read with '
    "retired=True; catalogue=False opens the log alone"
)


def _some(several: Sequence[object]) -> str:
    """The first of several, and how many more there are."""
    more = f"; and {len(several) - _FEW} more" if len(several) > _FEW else ""
    return f"{'; '.join(map(str, several[:_FEW]))}{more}"


def _shown(value: object) -> str:
    """A value as it is told in a message: cut where it is long."""
    try:
        text = repr(value)
    except ValueError:  # Python writes no integer of thousands of digits
        text = hex(value) if isinstance(value, int) else f"a {type(value).__name__}"
    return text if len(text) <= _LONG else f"{text[:_LONG]}…"


class TimelineError(Exception):
    """The base of all errors of this package; no line of one is longer than 480 characters."""

    def __init_subclass__(cls) -> None:
        if cls.__module__ == __name__:
            cls.__module__ = "timeline.errors"  # where they are public, and what a traceback says

    def _words(self) -> str:
        """What went wrong, with what was given as it was given."""
        return super().__str__()

    def __str__(self) -> str:
        return "\n".join(clipped(printable(line)) for line in self._words().split("\n"))


class BadWhen(TimelineError, ValueError):
    """A text is no date that can be read; `position` is the index of the fault in `text`."""

    def __init__(self, text: str, position: int, problem: str, hint: str) -> None:
        self.text, self.position, self.problem, self.hint = text, position, problem, hint
        super().__init__(text, position, problem, hint)

    def _words(self) -> str:
        return (
            f"{_shown(self.text)} is not a date: {self.problem} at character {self.position + 1}; {self.hint}"
        )


class NotAWhen(BadWhen):
    """A value is of a type that names no date; `text` is how it is written in Python."""

    def _words(self) -> str:
        return f"{self.text} is not a date: {self.problem}; {self.hint}"


class NaiveDatetime(TimelineError, ValueError):
    """A `datetime` object has no time zone, so it names no instant."""

    def __init__(self, value: object) -> None:
        self.value = value
        super().__init__(value)

    def _words(self) -> str:
        return f"{_shown(self.value)} has no time zone; give it one, such as tzinfo=datetime.UTC"


class UnboundedPoint(TimelineError, ValueError):
    """A point in time was asked for that has no last instant."""

    def __init__(self, axis: str, text: str) -> None:
        self.axis, self.text = axis, text
        super().__init__(axis, text)

    def _words(self) -> str:
        return f"{self.axis} needs a date that ends, and {self.text!r} does not; leave it out to mean now"


class BadMoney(TimelineError, ValueError):
    """A value is no amount of money."""

    def __init__(self, value: object, problem: str, hint: str = "write it like '$1bn' or '2.5m EUR'") -> None:
        self.value, self.problem, self.hint = value, problem, hint
        super().__init__(value, problem, hint)

    def _words(self) -> str:
        return f"{_shown(self.value)} is not an amount: {self.problem}; {self.hint}"


class BadText(TimelineError, ValueError):
    """A value is not what its field takes."""

    def __init__(self, value: object, problem: str) -> None:
        self.value, self.problem = value, problem
        super().__init__(value, problem)

    def _words(self) -> str:
        return f"{_shown(self.value)} {self.problem}"


class BadRows(TimelineError, ValueError):
    """Rows of a table are at fault; `rows` holds (number, column, reason), `count` how many rows there are.

    Rows are numbered from 1 in the order of the table; those of a file, its `path`, by the line that they
    begin in. `rows` tells the first thousand.
    """

    def __init__(self, rows: Sequence[tuple[int, str, str]], count: int, path: str | None = None) -> None:
        self.rows, self.count, self.path = tuple(rows), count, path
        super().__init__(self.rows, count, path)

    def _words(self) -> str:
        told = len({row for row, _, _ in self.rows})
        head = f"{self.count:,} bad row{'s' if self.count != 1 else ''}, nothing was written"
        place = "row " if self.path is None else f"{self.path}:"
        lines = [f"{place}{row}: {': '.join(filter(None, fault))}" for row, *fault in self.rows]
        more = [f"… and {self.count - told:,} more rows"] if self.count > told else []
        return "\n".join([head, *lines, *more])


class CatalogueError(TimelineError, TypeError):
    """A vocabulary is declared wrongly, is not there, or is not the one that is needed."""


class OtherVocabulary(CatalogueError):
    """A file holds what a vocabulary does not have, or has otherwise; `differences` tells it type by type."""

    def __init__(
        self, path: str, name: str, place: str, written_with: str, differences: Sequence[str]
    ) -> None:
        self.path, self.name, self.place, self.written_with = path, name, place, written_with
        self.differences = tuple(differences)
        super().__init__(path, name, place, written_with, self.differences)

    def _words(self) -> str:
        named = f"the vocabulary {self.name} ({self.place})"
        more = len(self.differences) - _MOST
        rest = [f"… and {more} more"] if more > 0 else []
        head = f"{self.path} does not fit {named}; it was last written with {self.written_with}"
        return "\n".join((head, *self.differences[:_MOST], *rest, _WAYS_OUT))


class NotDerived(CatalogueError):
    """What is derived was made for another version of the vocabulary; `differences` tells which parts."""

    def __init__(self, path: str, name: str, place: str, differences: Sequence[str]) -> None:
        self.path, self.name, self.place, self.differences = path, name, place, tuple(differences)
        super().__init__(path, name, place, self.differences)

    def _words(self) -> str:
        what = f"what is derived in {self.path} is not as the vocabulary {self.name} ({self.place}) has it"
        told = _some(self.differences)
        return f"{what}: {told}; open it once to be written, as `timeline rebuild` does, to derive it anew"


class InvalidData(TimelineError, ValueError):
    """Data does not fit its event type; `problems` holds (path, what is wrong) in reading order."""

    def __init__(self, problems: Sequence[tuple[str, str]]) -> None:
        self.problems = tuple(problems)
        super().__init__(self.problems)

    def _words(self) -> str:
        return few([f"{path}: {problem}" for path, problem in self.problems], "; ")


class UnknownType(TimelineError, LookupError):
    """No event or state type of that name is in the catalogue."""

    def __init__(self, what: str, name: str, near: Sequence[str]) -> None:
        self.what, self.name, self.near = what, name, tuple(near)
        super().__init__(what, name, self.near)

    def _words(self) -> str:
        hint = f"did you mean {either(self.near)}?" if self.near else "`timeline types` lists them"
        return f"there is no {self.what} type {_shown(self.name)}; {hint}"


class UnknownEntity(TimelineError, LookupError):
    """Nobody of that name has ever been spoken of."""

    def __init__(self, name: str, near: Sequence[str], *, declared: bool = False) -> None:
        self.name, self.near, self.declared = name, tuple(near), declared
        super().__init__(name, self.near)

    def _words(self) -> str:
        if self.near:
            hint = f"the nearest names are {few(self.near, ', ')}"
        else:
            hint = "the log names nobody like it"
        if self.declared:
            hint += "; this timeline takes declared entities only: append an event that names it first"
        return f"no entity {_shown(self.name)}; {hint}"


class UnknownField(TimelineError, KeyError):
    """A state or an event has no such field; `near` are the fields meant perhaps."""

    def __init__(self, name: object, near: Sequence[str]) -> None:
        self.name, self.near = name, tuple(near)
        super().__init__(name, self.near)

    def _words(self) -> str:
        return f"there is no field {_shown(self.name)}; did you mean {either(self.near)}?"


class AmbiguousName(TimelineError, LookupError):
    """A name fits more than one entity."""

    def __init__(self, name: str, entities: Sequence[str]) -> None:
        self.name, self.entities = name, tuple(entities)
        super().__init__(name, self.entities)

    def _words(self) -> str:
        return f"{_shown(self.name)} fits {few(self.entities, ' and ')}; say which by its id"


class UnknownRecord(TimelineError, LookupError):
    """The log holds no such record."""

    def __init__(self, reference: object) -> None:
        self.reference = reference
        super().__init__(reference)

    def _words(self) -> str:
        return f"no record {_shown(self.reference)} in this log; give its id or its position"


class UnknownSource(TimelineError, LookupError):
    """The log cites no such source."""

    def __init__(self, name: str, near: Sequence[str]) -> None:
        self.name, self.near = name, tuple(near)
        super().__init__(name, self.near)

    def _words(self) -> str:
        hint = f"did you mean {either(self.near)}?" if self.near else "`timeline sources` lists them"
        return f"the log cites no source {_shown(self.name)}; {hint}"


class AlreadySuperseded(TimelineError, ValueError):
    """The record no longer stands, so it cannot be corrected, retracted or attested."""

    def __init__(self, record: str, by: str, advice: str) -> None:
        self.record, self.by, self.advice = record, by, advice
        super().__init__(record, by, advice)

    def _words(self) -> str:
        return f"{self.record} no longer stands: {self.by}; {self.advice}"


class WrongTarget(TimelineError, ValueError):
    """A correction, retraction or attestation does not fit what it is about."""


class IdConflict(TimelineError, ValueError):
    """An id is used again for other content; `remedy` is what would say it, most often a correction.

    `reference` is the record's mark or position, and `how` says which remedy that is: to `correct` the
    record, to `retract` it and say it again, or to say it `anew` with an id of its own. `position` is that of
    the record, or 0.
    """

    def __init__(
        self,
        record: str,
        differences: Sequence[str],
        remedy: str,
        how: str = "anew",
        reference: object = None,
        position: int = 0,
    ) -> None:
        self.record, self.differences, self.remedy = record, tuple(differences), remedy
        self.how, self.reference, self.position = how, reference, position
        super().__init__(record, self.differences, remedy, how, reference, position)

    def _words(self) -> str:
        return f"{self.record} already says something else ({few(self.differences, '; ')}); {self.remedy}"


class SamenessConflict(TimelineError, ValueError):
    """An entity cannot be another one, for what stands already; `others` tells that."""

    def __init__(self, entity: str, same_as: str, others: Sequence[str]) -> None:
        self.entity, self.same_as, self.others = entity, same_as, tuple(others)
        super().__init__(entity, same_as, self.others)

    def _words(self) -> str:
        if not self.others:
            return f"{self.entity} is the same as itself without saying so; give two ids"
        told = " and ".join(self.others)
        problem = f"{self.entity} cannot be the same as {self.same_as}: {told}"
        return f"{problem}; first correct or retract {'that' if len(self.others) == 1 else 'one of these'}"


class AppendConflict(TimelineError, RuntimeError):
    """What an append was not to be made for is so: `records` in the way, of very many the first hundred."""

    def __init__(self, found: str, records: Sequence[Any]) -> None:
        self.found, self.records = found, tuple(records)
        super().__init__(found, self.records)

    def _words(self) -> str:
        return " ".join(filter(None, (f"not appended: {self.found}", _some(self.records))))


class FutureKnown(TimelineError, ValueError):
    """Something is said to be known, or published, only in the future."""

    def __init__(self, what: str, text: str, now: str) -> None:
        self.what, self.text, self.now = what, text, now
        super().__init__(what, text, now)

    def _words(self) -> str:
        return f"{self.what} {self.text!r} lies in the future: it is {self.now} UTC now"


class UnreadableRecord(TimelineError, ValueError):
    """What is stored of a record cannot be read, so that what it would have to do with cannot be told."""

    def __init__(self, position: int, label: str, problem: str) -> None:
        self.position, self.label, self.problem = position, label, problem
        super().__init__(position, label, problem)

    def _words(self) -> str:
        return f"{self.label} cannot be read: {self.problem}; correct, retract or redact it"


class WrongBasis(TimelineError, ValueError):
    """A position was asked for that the log does not have."""

    def __init__(self, position: object, head: int) -> None:
        self.position, self.head = position, head
        super().__init__(position, head)

    def _words(self) -> str:
        return f"no position {self.position!r}: this log runs from 0 (empty) to {self.head}"


class NotAllowed(TimelineError, ValueError):
    """A call asks for what it must not do."""


class DoesNotAddUp(TimelineError, ValueError):
    """What was to be said surely violates a rule, and was refused; `violations` tells which, with records."""

    def __init__(self, violations: Sequence[object]) -> None:
        self.violations = tuple(violations)
        super().__init__(self.violations)

    def _words(self) -> str:
        number = len(self.violations)
        head = f"{number} violation{'s' if number != 1 else ''} of rules, nothing was written"
        more = [f"… and {number - _MOST} more"] if number > _MOST else []
        return "\n".join((head, *map(str, self.violations[:_MOST]), *more))


class _OfFile(TimelineError):
    """Something is the matter with a file; `problem` says what, after what is always so."""

    _is: ClassVar[str]

    def __init__(self, path: str, problem: str) -> None:
        self.path, self.problem = path, problem
        super().__init__(path, problem)

    def _words(self) -> str:
        return f"{self.path} {self._is}: {self.problem}"


class NotATimeline(_OfFile, ValueError):
    """The file is not a timeline."""

    _is = "is not a timeline"


class NewerTimeline(TimelineError, ValueError):
    """The file was written by a newer version of this package."""

    def __init__(self, path: str, found: str, supported: str) -> None:
        self.path, self.found, self.supported = path, found, supported
        super().__init__(path, found, supported)

    def _words(self) -> str:
        reads = f"{self.supported}, the newest that this version reads"
        return f"{self.path} is {self.found}, newer than {reads}; upgrade timeline"


class StandIn(TimelineError, ValueError):
    """Something in the file stands in for a function, a type or a table that is meant by its name.

    `kind` is what it is (a macro, a type, a view, a table, a trigger, a schema), `name` how SQL calls it, and
    `meant` what is meant by that name.
    """

    def __init__(self, path: str, kind: str, name: str, meant: str) -> None:
        self.path, self.kind, self.name, self.meant = path, kind, name, meant
        super().__init__(path, kind, name, meant)

    def _words(self) -> str:
        drop = f"DROP {self.kind.upper()} {self.name}"
        return (
            f"{self.path} holds the {self.kind} {self.name}, which stands in for {self.meant}; "
            f"see who put it there, and drop it with a DuckDB client: {drop}"
        )


class ReadOnlyTimeline(_OfFile, PermissionError):
    """The timeline is open for reading only."""

    _is = "cannot be written"


class WrongCursor(_OfFile, ValueError):
    """A file that should say how far a log was read does not, or cannot be used."""

    _is = "cannot be used"

    def _words(self) -> str:
        return f"the cursor {super()._words()}; name another, or remove it to begin anew"


class OlderTimeline(ReadOnlyTimeline):
    """The timeline is in an older format, and open for reading only, so that it cannot be brought up."""

    def __init__(self, path: str, found: int, supported: int) -> None:
        self.found, self.supported = found, supported
        super().__init__(path, f"it is in format {found}")
        self.args = (path, found, supported)

    def _words(self) -> str:
        remedy = "open it once to be written, as `timeline rebuild` does, to bring it up to date"
        return f"{self.path} is in format {self.found}, older than format {self.supported}; {remedy}"


class LockedFile(TimelineError, TimeoutError):
    """Another process or thread holds the file."""

    def __init__(self, path: str, holder: str, waited: float) -> None:
        self.path, self.holder, self.waited = path, holder, waited
        super().__init__(path, holder, waited)

    def _words(self) -> str:
        waited = f"waited {self.waited:g} s"
        return f"{self.path} is held by {self.holder} ({waited}); try again, or raise lock_timeout"


class Overtaken(TimelineError, TimeoutError):
    """Others kept appending to a shared log what the append rests on, each time before it found its place."""

    def __init__(self, address: str) -> None:
        self.address = address
        super().__init__(address)

    def _words(self) -> str:
        return f"others keep appending to {self.address} what this rests on; nothing was written: try again"


class Unreachable(_OfFile, ConnectionError):
    """A server cannot be reached, or was lost and did not come back."""

    _is = "cannot be reached"


class DivergedLog(TimelineError, RuntimeError):
    """A log is not what another file or log has of it: one of them was restored, or written elsewhere.

    `position` is up to where that one goes, and `faults` lists what does not follow, if that much is known.
    """

    def __init__(self, address: str, other: str, position: int, faults: Sequence[str] = ()) -> None:
        self.address, self.other, self.position, self.faults = address, other, position, tuple(faults)
        super().__init__(address, other, position, self.faults)

    def _words(self) -> str:
        told = f": {_some(self.faults)}" if self.faults else ", and ends no later"
        return (
            f"{self.address} does not go on from #{self.position}, where {self.other} ends{told}; nothing of "
            "it was taken. Find out which of the two is right before you remove the other"
        )


class QueryTimeout(TimelineError, TimeoutError):
    """A query in SQL took longer than its limit, and was stopped."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        super().__init__(seconds)

    def _words(self) -> str:
        return f"the query was stopped at its limit of {self.seconds:g} s; ask for less, or raise timeout"


class FileFailed(_OfFile, OSError):
    """The file could not be read or written: the disk is full, or what is in it is damaged."""

    _is = "cannot be read or written"


class FaultyCopy(TimelineError, ValueError):
    """What is to be copied or moved is not whole; `faults` lists what is at fault. Nothing was kept of it."""

    def __init__(self, path: str, faults: Sequence[str]) -> None:
        self.path, self.faults = path, tuple(faults)
        super().__init__(path, self.faults)

    def _words(self) -> str:
        return f"{self.path} is not whole, and is not taken: {_some(self.faults)}"


class FaultyFile(TimelineError, ValueError):
    """Files of events hold faults; `faults` lists each with file, line and field."""

    def __init__(self, faults: Sequence[str], count: int | None = None) -> None:
        self.faults, self.count = tuple(faults), len(faults) if count is None else count
        super().__init__(self.faults, self.count)

    @property
    def head(self) -> str:
        """How many faults there are, in one line."""
        return f"{self.count:,} fault{'s' if self.count != 1 else ''}, nothing was written"

    def _words(self) -> str:
        return "\n".join((self.head, *self.faults))


class MissingExtra(TimelineError, ImportError):
    """Something optional is needed, and not installed."""

    def __init__(self, what: str, extra: str | None) -> None:
        self.what, self.extra = what, extra
        super().__init__(what, extra)

    def _words(self) -> str:
        package = self.what if self.extra is None else f"'timeline[{self.extra}]'"
        return f"{self.what} is not installed; `pip install {package}` adds it"
