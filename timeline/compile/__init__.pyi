"""Declarations as SQL text; it knows no connection."""

from .deriving import contributions as contributions, derivation as derivation
from .rules import Asked as Asked, bounds as bounds, queries as queries
from .spans import (
    FUNDS as FUNDS,
    SPAN_TABLES as SPAN_TABLES,
    catching_up as catching_up,
    contributed as contributed,
    doubts_anew as doubts_anew,
    filled as filled,
    key_number as key_number,
    part as part,
    span_table as span_table,
    span_tables as span_tables,
    spans_anew as spans_anew,
    strange_keys as strange_keys,
)
from .statements import (
    expanded as expanded,
    literal as literal,
    made as made,
    quoted as quoted,
    statement as statement,
)
from .states import (
    asking as asking,
    question as question,
    selection as selection,
    state_macros as state_macros,
)
from .tables import (
    LAID as LAID,
    Layout as Layout,
    TypedTable as TypedTable,
    is_date as is_date,
)
