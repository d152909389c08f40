"""What was true then, and what was known then: a bitemporal timeline of typed events in one DuckDB file."""

from timeline.bulk.imported import Imported
from timeline.engine import Timeline
from timeline.errors import TimelineError
from timeline.moment import Moment
from timeline.money import Money
from timeline.record import Assertion, Attestation, Commit, Correction, Record, Retraction
from timeline.source import Source
from timeline.when import When

__all__ = [
    "Assertion",
    "Attestation",
    "Commit",
    "Correction",
    "Imported",
    "Moment",
    "Money",
    "Record",
    "Retraction",
    "Source",
    "Timeline",
    "TimelineError",
    "When",
]
