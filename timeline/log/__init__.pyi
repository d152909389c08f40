"""The log, and what is derived from it."""

from .contract import (
    Moved as Moved,
    Placement as Placement,
    Proposed as Proposed,
    Segment as Segment,
    SharedLog as SharedLog,
)
from .drafts import Access as Access, drafting as drafting
from .duckdb import schema as schema
from .duckdb.feeds import FEEDS as FEEDS, LeftOut as LeftOut, Query as Query, feed_rows as feed_rows
from .duckdb.file import File as File, failing as failing
from .duckdb.filed import FileLog as FileLog
from .duckdb.ids import (
    IDS_TODAY as IDS_TODAY,
    TABLES as TABLES,
    anew as anew,
    ids_today as ids_today,
)
from .duckdb.instances import STORAGE as STORAGE, connect as connect, uncollected as uncollected
from .duckdb.log import Log as Log
from .duckdb.query import Rows as Rows, run_select as run_select
from .duckdb.receiving import verified as verified
from .duckdb.replica import Replica as Replica
from .duckdb.schema import (
    FORMAT as FORMAT,
    OLDEST as OLDEST,
    SHAPES as SHAPES,
    keep_shapes as keep_shapes,
    shapes as shapes,
    unreleased as unreleased,
    written_with as written_with,
)
from .duckdb.session import Session as Session, Undone as Undone
from .duckdb.sharing import Instance as Instance, Kept as Kept
from .duckdb.stored import STORED as STORED, selected as selected
from .duckdb.world import Footing as Footing, Tail as Tail, World as World
from .duckdb.writing import (
    COMMITS as COMMITS,
    LOG as LOG,
    Check as Check,
    CommitWriter as CommitWriter,
    Unwritten as Unwritten,
    Writer as Writer,
    hidden_row as hidden_row,
    write_commits as write_commits,
)
from .head import Head as Head
from .keys import (
    KeyRecords as KeyRecords,
    evidence as evidence,
    key_of as key_of,
    key_records as key_records,
    meant as meant,
    naming as naming,
    once as once,
    records_of as records_of,
    samenesses as samenesses,
)
from .memory import MemoryLog as MemoryLog
from .opening import (
    Where as Where,
    is_address as is_address,
    log_at as log_at,
    log_of as log_of,
    make_at as make_at,
    session_of as session_of,
)
