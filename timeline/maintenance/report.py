"""What a verification finds: faults as values, each with its place, and the report that holds them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any, Final

import attrs

from timeline.values import NotAllowed
from timeline.vocabulary import Plain

_MOST: Final = 1_000
_HEAD: Final = re.compile(r"(?P<position>[0-9]{1,18}):(?P<digest>[0-9a-f]{64})")


def read_head(text: str) -> tuple[int, str]:
    """The position and the digest of a head as it is printed: `position:digest`.

    Raises:
        NotAllowed: if it is nothing of the kind.
    """
    found = _HEAD.fullmatch(text.strip()) if isinstance(text, str) else None
    if found is None:
        raise NotAllowed(f"since={text!r} is no head; it is `position:digest`, as `timeline head` prints it")
    return int(found["position"]), found["digest"]


@attrs.frozen
class Fault(Plain):
    """One thing that is not as it was written, or does not follow from what was.

    `what` is the table of the file, or `file`. `position` is that of the record; of a commit, that of its
    first record; None where no single record is at fault. What is `derived` can be made anew from the log;
    of an `unreadable` record what is stored cannot be read, whether or not it is as it was written.
    """

    what: str
    position: int | None
    problem: str
    derived: bool = False
    unreadable: bool = False

    @property
    def remedy(self) -> str:
        """What can be done about it."""
        if self.derived:
            return "derived, `timeline rebuild` makes it anew"
        if self.unreadable:
            return "no other record is touched by that: correct, retract or redact it"
        return "part of the log, cannot be mended: go back to a copy that verifies"

    def __str__(self) -> str:
        place = "" if self.position is None else f" #{self.position}"
        return f"{self.what}{place}: {self.problem} ({self.remedy})"


class Faults:
    """Collects faults: keeps the first thousand, and counts the rest."""

    def __init__(self) -> None:
        self.kept: list[Fault] = []
        self.more = 0

    def add(self, faults: Iterable[Fault]) -> None:
        """Take what is found; what several checks find unreadable is told once."""
        for one in faults:
            if one.unreadable and one in self.kept:
                continue
            if len(self.kept) < _MOST:
                self.kept.append(one)
            else:
                self.more += 1


@attrs.frozen(kw_only=True)
class Report(Plain):
    """What a verification found: how much it looked at, where the log ends, and every fault.

    `redacted` counts the records that say nothing any more.
    `head` is `position:digest`, to be kept elsewhere; `since` the head before which history was to be
    unchanged, if one was given. Of many faults `faults` has the first thousand, those of the log before those
    of what is derived, and `more` counts the others. It is true where it is `ok`. `alone` says that only the
    log was looked at, and not what is derived from it by a vocabulary.
    """

    records: int
    commits: int
    redacted: int
    head: str
    since: str | None
    alone: bool
    faults: tuple[Fault, ...]
    more: int

    @property
    def ok(self) -> bool:
        """Whether nothing is at fault."""
        return not self.faults

    def __bool__(self) -> bool:
        return self.ok

    @property
    def intact(self) -> bool:
        """Whether the log itself is as it was written, whatever became of what is derived from it."""
        return all(fault.derived or fault.unreadable for fault in self.faults)

    @property
    def faithful(self) -> bool:
        """Whether all is as it was written, and follows from that, though records may be unreadable."""
        return not self.more and all(fault.unreadable for fault in self.faults)

    def as_dict(self) -> dict[str, Any]:
        """As plain JSON values."""
        return {"ok": self.ok, "intact": self.intact, **super().as_dict()}

    def __str__(self) -> str:
        redacted = f", {self.redacted:,} redacted" if self.redacted else ""
        alone = ", the log alone" if self.alone else ""
        looked = f"{self.records:,} records in {self.commits:,} commits{redacted}{alone}"
        if self.ok:
            before = "" if self.since is None else ", and history before the head given is unchanged"
            return f"all is as it was written: {looked}{before}\nhead {self.head}"
        number = len(self.faults) + self.more
        told = [f"{number:,} fault{'s' if number > 1 else ''} in {looked}", *map(str, self.faults)]
        if self.more:
            told.append(f"and {self.more:,} more")
        if self.intact:
            told.append("the log itself is as it was written")
        return "\n".join(told)
