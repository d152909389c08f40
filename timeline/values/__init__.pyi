"""Dates, spans of time, money, names, sources, zones, the basis of a question, and what can go wrong."""

from .arguments import Progress as Progress, checked as checked, shown as shown
from .basis import Basis as Basis, Reading as Reading
from .entity import (
    Entity as Entity,
    clean_name as clean_name,
    clean_text as clean_text,
    folded as folded,
    is_placeholder as is_placeholder,
    listed as listed,
    optional_text as optional_text,
    seems_a_list as seems_a_list,
    slug as slug,
)
from .errors import (
    AlreadySuperseded as AlreadySuperseded,
    AmbiguousName as AmbiguousName,
    AppendConflict as AppendConflict,
    BadMoney as BadMoney,
    BadRows as BadRows,
    BadText as BadText,
    BadWhen as BadWhen,
    CatalogueError as CatalogueError,
    DoesNotAddUp as DoesNotAddUp,
    FaultyCopy as FaultyCopy,
    FaultyFile as FaultyFile,
    FileFailed as FileFailed,
    FutureKnown as FutureKnown,
    IdConflict as IdConflict,
    InvalidData as InvalidData,
    LockedFile as LockedFile,
    MissingExtra as MissingExtra,
    NaiveDatetime as NaiveDatetime,
    NewerTimeline as NewerTimeline,
    NotAllowed as NotAllowed,
    NotATimeline as NotATimeline,
    NotDerived as NotDerived,
    OlderTimeline as OlderTimeline,
    OtherVocabulary as OtherVocabulary,
    ReadOnlyTimeline as ReadOnlyTimeline,
    SamenessConflict as SamenessConflict,
    StandIn as StandIn,
    TimelineError as TimelineError,
    UnboundedPoint as UnboundedPoint,
    UnknownEntity as UnknownEntity,
    UnknownField as UnknownField,
    UnknownRecord as UnknownRecord,
    UnknownType as UnknownType,
    UnreadableRecord as UnreadableRecord,
    WrongBasis as WrongBasis,
    WrongCursor as WrongCursor,
    WrongTarget as WrongTarget,
)
from .filter import EVERYBODY as EVERYBODY, Filter as Filter
from .line import (
    InLines as InLines,
    Line as Line,
    Part as Part,
    Tone as Tone,
    doubts as doubts,
    labelled as labelled,
)
from .money import (
    CURRENCIES as CURRENCIES,
    Bound as Bound,
    Funds as Funds,
    Money as Money,
)
from .nearest_names import nearest as nearest
from .numbers import (
    BEFORE as BEFORE,
    BEHIND as BEHIND,
    NUMBER as NUMBER,
    PLAIN as PLAIN,
    exactly as exactly,
    kept as kept,
    plain as plain,
)
from .source import CREDENCES as CREDENCES, Credence as Credence, Source as Source
from .span import Span as Span, Stretch as Stretch, moved as moved
from .text import (
    as_html as as_html,
    as_json_text as as_json_text,
    clipped as clipped,
    escaped as escaped,
    few as few,
    printable as printable,
    shortened as shortened,
)
from .when import (
    When as When,
    Whenever as Whenever,
    optional_when as optional_when,
)
from .zones import (
    TICK as TICK,
    bound as bound,
    close_in as close_in,
    close_of as close_of,
    day_in as day_in,
    iso as iso,
    last_in as last_in,
    named as named,
    now as now,
    stored_instant as stored_instant,
    zone as zone,
)
