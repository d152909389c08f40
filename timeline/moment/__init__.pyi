"""Questions at a basis: view, replay, history, why, what differs, what does not add up, what if."""

from .checking import (
    adding_up as adding_up,
    compared as compared,
    lookalikes as lookalikes,
    lookalikes_of as lookalikes_of,
)
from .diff import Cause as Cause, Change as Change, Diff as Diff, Side as Side, difference as difference
from .entities import Entities as Entities, Listed as Listed
from .explain import Explanation as Explanation, Why as Why
from .following import Cursor as Cursor, ReadTo as ReadTo, follow as follow, to_disk as to_disk
from .history import History as History, Period as Period
from .key import KeyView as KeyView
from .moment import Moment as Moment
from .moving import Move as Move, moves as moves, turned as turned
from .overview import Overview as Overview
from .planes import Patch as Patch, Plane as Plane, Wording as Wording
from .plans import Plan as Plan, Plans as Plans
from .replay import Entry as Entry, opened as opened, steps as steps
from .showing import Fed as Fed, Shown as Shown
from .sources import Relied as Relied, SingleSourced as SingleSourced, Sources as Sources
from .view import in_view as in_view
from .violations import Findings as Findings, Violation as Violation
from .what_if import suppose as suppose
