"""The point that a question is asked at, as the moment that shows it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from timeline.log import Session
from timeline.moment.moment import Moment
from timeline.values import Basis, Filter, Reading, When, Whenever

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo


def moment_at(
    session: Session,
    valid: Whenever | None,
    known: Whenever | None,
    dates: Reading,
    position: int | Whenever | None,
    filter_: Filter,
    zone: ZoneInfo | None,
) -> Moment:
    """What a timeline in use shows at a point; `Timeline.as_of` tells what each argument means.

    Raises:
        TimelineError: as `Timeline.as_of`.
    """
    when = When.read(session.present() if valid is None else valid)
    if filter_.without or filter_.only:
        with session.reading() as log:
            filter_.check(log.all_sources())
    place, supposed = session.place(position, zone)
    return Moment(Basis.at(when, known, dates, place, filter_, supposed=supposed, zone=zone), session)
