"""What is said, and what of it stands: pure values and functions."""

from .codec import (
    CONTENT as CONTENT,
    Codec as Codec,
    Given as Given,
    canonical as canonical,
    content_id as content_id,
    derived_id as derived_id,
    given_id as given_id,
    read_id as read_id,
    reference as reference,
    source_id as source_id,
    stored_source_id as stored_source_id,
)
from .digest import (
    COVERED as COVERED,
    GENESIS as GENESIS,
    CommitDigest as CommitDigest,
    record_digest as record_digest,
    record_digest_sql as record_digest_sql,
    record_texts as record_texts,
    streamed_digest as streamed_digest,
)
from .names import (
    Fit as Fit,
    NameRow as NameRow,
    Names as Names,
    Naming as Naming,
    asked_for as asked_for,
    fits_in as fits_in,
    named_by as named_by,
    near_in as near_in,
    with_ids as with_ids,
)
from .record import (
    WHOLE as WHOLE,
    Assertion as Assertion,
    Attestation as Attestation,
    BaseStatement as BaseStatement,
    Commit as Commit,
    Correction as Correction,
    Fallen as Fallen,
    Ignored as Ignored,
    Lookalike as Lookalike,
    NewEntity as NewEntity,
    Record as Record,
    RecordKind as RecordKind,
    Reference as Reference,
    Retraction as Retraction,
    Spellings as Spellings,
    Statement as Statement,
    within as within,
)
from .sameness import (
    NOBODY as NOBODY,
    Ids as Ids,
    Reread as Reread,
    Sameness as Sameness,
    Samenesses as Samenesses,
    Standing as Standing,
)
from .standing import (
    FOREVER as FOREVER,
    Evidence as Evidence,
    Hidden as Hidden,
    InView as InView,
    Link as Link,
    View as View,
    hidden as hidden,
    judged as judged,
    superseded as superseded,
)
from .words import (
    RECORD_COLUMNS as RECORD_COLUMNS,
    Records as Records,
    Row as Row,
    Told as Told,
    known_on as known_on,
    period_lines as period_lines,
    record_cells as record_cells,
    record_line as record_line,
    rows as rows,
)
