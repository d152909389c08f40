"""Declarations as SQL text; it knows no connection."""

from .deriving import contributions as contributions, derivation as derivation
from .rules import Asked as Asked, bounds as bounds, queries as queries
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
    state_part as state_part,
)
from .tables import (
    LAID as LAID,
    Layout as Layout,
    TypedTable as TypedTable,
    is_date as is_date,
)
