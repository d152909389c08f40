"""What was true then, and what was known then: a bitemporal timeline of typed events in one DuckDB file."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from timeline.admission import Condition, Imported
    from timeline.engine import Timeline
    from timeline.moment import Findings, Moment, Violation
    from timeline.records import Assertion, Attestation, Commit, Correction, Record, Retraction
    from timeline.values import Money, Source, TimelineError, When

__all__ = [
    "Assertion",
    "Attestation",
    "Commit",
    "Condition",
    "Correction",
    "Findings",
    "Imported",
    "Moment",
    "Money",
    "Record",
    "Retraction",
    "Source",
    "Timeline",
    "TimelineError",
    "Violation",
    "When",
]

_HOMES: Final = {
    "values": ("Money", "Source", "TimelineError", "When"),
    "records": ("Assertion", "Attestation", "Commit", "Correction", "Record", "Retraction"),
    "admission": ("Condition", "Imported"),
    "moment": ("Findings", "Moment", "Violation"),
    "engine": ("Timeline",),
}
"""The rooms that have the names; each is imported once one of them is asked for."""


if not TYPE_CHECKING:  # else a misspelt name would be of type Any

    def __getattr__(name: str) -> Any:
        if name not in __all__:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        (room,) = (room for room, names in _HOMES.items() if name in names)
        home = import_module(f"{__name__}.{room}")
        value = globals()[name] = getattr(home, name)
        return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
