"""What one needs to declare a vocabulary: event types, state types, the folds between them, and rules."""

from timeline.entity import Entity
from timeline.errors import InvalidData
from timeline.event import Event, event_type
from timeline.fields import decimal, entities, money, texts, when
from timeline.folds import count, first, fold, held, last, total
from timeline.funds import Funds
from timeline.money import Money
from timeline.rules import (
    Rule,
    agree,
    at_most_one,
    nothing_after,
    opposed,
    sums_up,
    term_in_order,
)
from timeline.state import EntityState, PairState, State, state_type
from timeline.when import When, optional_when

__all__ = [
    "Entity",
    "EntityState",
    "Event",
    "Funds",
    "InvalidData",
    "Money",
    "PairState",
    "Rule",
    "State",
    "When",
    "agree",
    "at_most_one",
    "count",
    "decimal",
    "entities",
    "event_type",
    "first",
    "fold",
    "held",
    "last",
    "money",
    "nothing_after",
    "opposed",
    "optional_when",
    "state_type",
    "sums_up",
    "term_in_order",
    "texts",
    "total",
    "when",
]
