"""What one needs to declare a vocabulary: event types, state types, and the folds between them."""

from timeline.entity import Entity
from timeline.event import Event, event_type
from timeline.fields import decimal, entities, money, optional_when, texts, when
from timeline.folds import count, first, fold, held, last, total
from timeline.funds import Funds
from timeline.money import Money
from timeline.state import EntityState, PairState, State, state_type
from timeline.when import When

__all__ = [
    "Entity",
    "EntityState",
    "Event",
    "Funds",
    "Money",
    "PairState",
    "State",
    "When",
    "count",
    "decimal",
    "entities",
    "event_type",
    "first",
    "fold",
    "held",
    "last",
    "money",
    "optional_when",
    "state_type",
    "texts",
    "total",
    "when",
]
