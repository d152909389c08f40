"""What is declared, and checked when it is imported: types, fields, sentences, states, folds, rules."""

from .catalogue import Catalogue as Catalogue
from .event import (
    Event as Event,
    EventType as EventType,
    amended as amended,
    event_type as event_type,
    read_as as read_as,
    spoken_of as spoken_of,
)
from .feeding import Feeding as Feeding, Slot as Slot, Way as Way, what_feeds as what_feeds
from .fields import (
    KINDS as KINDS,
    Field as Field,
    Kind as Kind,
    decimal as decimal,
    entities as entities,
    flag as flag,
    kind_of as kind_of,
    money as money,
    read_field as read_field,
    texts as texts,
    when as when,
    written as written,
)
from .folds import (
    Feed as Feed,
    Fold as Fold,
    count as count,
    first as first,
    fold as fold,
    held as held,
    last as last,
    total as total,
)
from .packages import imported as imported, submodule as submodule
from .rules import (
    Agree as Agree,
    AtMostOne as AtMostOne,
    Denied as Denied,
    Ending as Ending,
    Lookalikes as Lookalikes,
    Named as Named,
    NothingAfter as NothingAfter,
    Opposed as Opposed,
    Ordered as Ordered,
    Rule as Rule,
    SumsUp as SumsUp,
    TermInOrder as TermInOrder,
    agree as agree,
    at_most_one as at_most_one,
    nothing_after as nothing_after,
    opposed as opposed,
    sums_up as sums_up,
    term_in_order as term_in_order,
)
from .sentences import sentence as sentence, worded as worded
from .shapes import Kept as Kept, kept as kept, older as older, stale as stale, unlike as unlike
from .state import (
    ByField as ByField,
    EntityState as EntityState,
    PairState as PairState,
    State as State,
    StateType as StateType,
    field_lines as field_lines,
    state_type as state_type,
)
from .words import (
    ENDED as ENDED,
    NOTHING as NOTHING,
    UNSETTLED as UNSETTLED,
    Plain as Plain,
    all_said as all_said,
    answer_lines as answer_lines,
    heading as heading,
    is_empty as is_empty,
    key_words as key_words,
    label as label,
    marks as marks,
    one_line as one_line,
    plain_value as plain_value,
    slots as slots,
    value_lines as value_lines,
)
