"""What was true then, and what was known then: a bitemporal timeline of typed events in one DuckDB file."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from timeline.bulk.imported import Imported
    from timeline.condition import Condition
    from timeline.engine import Timeline
    from timeline.errors import TimelineError
    from timeline.moment import Moment
    from timeline.money import Money
    from timeline.record import Assertion, Attestation, Commit, Correction, Record, Retraction
    from timeline.source import Source
    from timeline.violation import Findings, Violation
    from timeline.when import When

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
    "Condition": "condition",
    "Findings": "violation",
    "Imported": "bulk.imported",
    "Timeline": "engine",
    "TimelineError": "errors",
    "Moment": "moment",
    "Money": "money",
    "Source": "source",
    "Violation": "violation",
    "When": "when",
}
"""The modules that have the names, where it is not `record`; each is imported once it is asked for."""


if not TYPE_CHECKING:  # else a misspelt name would be of type Any

    def __getattr__(name: str) -> Any:
        if name not in __all__:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        home = import_module(f"{__name__}.{_HOMES.get(name, 'record')}")
        value = globals()[name] = getattr(home, name)
        return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
