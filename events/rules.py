"""What must hold between events of this vocabulary: a rule a line, each with one sentence."""

from __future__ import annotations

from typing import Final

from events.agreements import (
    DeadlineSet,
    ExclusivityDeal,
    ExclusivityEnd,
    RightEnded,
    RightExercised,
    RightGranted,
    RightWaived,
)
from events.disputes import PositionTaken
from events.figures import FigureReported
from events.funding import ClaimedTotal, FundingRound
from events.leadership import CEOAppointment, CEOOusting, CEOResignation, OfficeLeft, OfficeTaken
from events.ownership import AcquisitionAbandoned, AcquisitionAgreed, AcquisitionClosed, Restructured
from events.projects import (
    ProjectAnnounced,
    ProjectCancelled,
    ProjectCompleted,
    ProjectPostponed,
    ProjectProgressed,
    ProjectResumed,
    ProjectStarted,
)
from timeline.declare import Rule, agree, at_most_one, nothing_after, opposed, sums_up, term_in_order

SINGLE: Final = (
    "chair",
    "chairman",
    "chairwoman",
    "chair of the board",
    "chief financial officer",
    "CFO",
    "chief operating officer",
    "COO",
    "chief technology officer",
    "CTO",
    "general counsel",
    "president",
    "treasurer",
)
"""The offices that one person holds at a time; of others an organisation may have several."""

RULES: Final[tuple[Rule, ...]] = (
    at_most_one(
        "one_ceo",
        "An organisation has at most one chief executive at a time.",
        starts=CEOAppointment.person,
        ends=(CEOOusting.person, CEOResignation.person),
        per="company",
        unended="replaced",
    ),
    at_most_one(
        "one_holder",
        "An office that one person fills has at most one holder at a time.",
        starts=OfficeTaken.person,
        ends=OfficeLeft.person,
        per=("organisation", "office"),
        unended="unknown",
        only={"office": SINGLE},
    ),
    at_most_one(
        "exclusive",
        "Within an exclusive scope there is no other grantee while it is in force.",
        starts=ExclusivityDeal.grantee,
        ends=ExclusivityEnd.grantee,
        per=("grantor", "scope"),
        until="until",
    ),
    nothing_after(
        "completed",
        "A project that is completed is not postponed, carried on or cancelled, unless it begins anew.",
        ends=ProjectCompleted,
        then=(ProjectPostponed, ProjectProgressed, ProjectResumed, ProjectCancelled),
        but=(ProjectAnnounced, ProjectStarted),
        per="project",
    ),
    nothing_after(
        "cancelled",
        "A project that is cancelled is not postponed, carried on or completed, unless it is taken up again.",
        ends=ProjectCancelled,
        then=(ProjectPostponed, ProjectProgressed, ProjectCompleted),
        but=(ProjectAnnounced, ProjectStarted, ProjectResumed),
        per="project",
    ),
    nothing_after(
        "right_over",
        "A right that has ended is neither used nor waived, unless it is granted again.",
        ends=RightEnded,
        then=(RightExercised, RightWaived),
        but=RightGranted,
        per=("holder", "grantor", "form", "subject"),
    ),
    nothing_after(
        "purchase_closed",
        "A purchase that is closed does not fall through, unless it is agreed again.",
        ends=AcquisitionClosed,
        then=AcquisitionAbandoned,
        but=AcquisitionAgreed,
        per=("buyer", "company"),
    ),
    nothing_after(
        "dissolved",
        "An organisation that is dissolved raises no money and appoints no chief executive.",
        ends=Restructured.organisation,
        only={"change": ("dissolution",)},
        then=(FundingRound.company, CEOAppointment.company),
    ),
    term_in_order("due", "No deadline is due before it is set.", DeadlineSet.due),
    sums_up(
        "claimed_total",
        "What investors are said to have put in altogether is what their rounds come to.",
        claim=ClaimedTotal.amount,
        parts=FundingRound.amount,
        of="company",
        by="investors",
    ),
    agree(
        "figures",
        "There is one figure for one measure and period.",
        FigureReported,
        per=("of", "measure"),
        period="period",
        values=("number", "amount"),
        bound="bound",
    ),
    opposed("contested", "No record is contested by a position taken.", PositionTaken.contests),
)
"""The rules of this vocabulary; those of every vocabulary come behind them."""
