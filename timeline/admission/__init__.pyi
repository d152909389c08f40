"""What becomes of statements, one or a million."""

from .admission import Admission as Admission, Judged as Judged
from .committing import (
    Appending as Appending,
    Envelope as Envelope,
    Saying as Saying,
    Sources as Sources,
    correction as correction,
    named_columns as named_columns,
    statements as statements,
)
from .importing import Imported as Imported
from .retracting import resting_on as resting_on, said_by as said_by
from .staging import (
    FLOATS as FLOATS,
    ReadFrom as ReadFrom,
    RowFault as RowFault,
    Streamed as Streamed,
    Texts as Texts,
    Unread as Unread,
    exact as exact,
)
from .table import Telling as Telling, Tellings as Tellings, Told as Told
from .unless import (
    Condition as Condition,
    Types as Types,
    Unless as Unless,
    checked_position as checked_position,
    several_names as several_names,
    several_types as several_types,
)
