"""Questions at a basis: view, replay, history, why, what differs, what does not add up, what if."""

from .alike import compared as compared, lookalikes as lookalikes, lookalikes_of as lookalikes_of
from .checking import adding_up as adding_up
from .diff import Cause as Cause, Change as Change, Diff as Diff, Side as Side, difference as difference
from .entities import Listed as Listed
from .entry import BEGINNING as BEGINNING, END as END, Entry as Entry
from .explain import Explanation as Explanation, Why as Why
from .following import Cursor as Cursor, ReadTo as ReadTo, follow as follow
from .history import History as History, Period as Period
from .key import KeyView as KeyView
from .moment import Moment as Moment
from .plans import Plan as Plan
from .point import moment_at as moment_at
from .sources import Relied as Relied, SingleSourced as SingleSourced
from .view import View as View
from .violations import Findings as Findings, Violation as Violation
from .what_if import suppose as suppose
