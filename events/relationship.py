"""What ties two entities together."""

from __future__ import annotations

from collections.abc import Mapping

from events.agreements import (
    AgreementEnded,
    AgreementSigned,
    DeadlineMet,
    DeadlineSet,
    ExclusivityDeal,
    ExclusivityEnd,
    RightEnded,
    RightExercised,
    RightGranted,
    RightWaived,
)
from events.contacts import Announcement, Aspect, Assessment, Cadence, CadenceChanged, Meeting, Remark
from events.disputes import DisputeOpened, DisputeSettled, PositionTaken
from events.funding import ClaimedTotal, FundingRound, InvestmentPlan
from events.leadership import OfficeLeft, OfficeTaken
from events.ownership import (
    DEALS,
    Restructured,
    StakeReported,
)
from events.proceedings import ProceedingClosed, ProceedingOpened
from events.projects import STATUS
from timeline.declare import Entity, Funds, PairState, count, held, last, state_type, total


@state_type("relationship", usual=True)
class Relationship(PairState):
    """What ties two entities together: money, exclusivity, rights, deals, projects, disputes, contact.

    Rights are by holder, form and subject: `rights` are those in force, `right_status` what was last said of
    each, used or not. `deals` are purchases, by buyer and company. `projects` are joint ones,
    `rival_projects` those of one aimed at the other. `disputes` are those still open, by subject. `offices`
    are those that one fills at the other.
    """

    rounds: int = count(FundingRound, of=("investors", "company"))
    invested: Mapping[Entity, Funds] = total(
        FundingRound.amount, per="investors", of=("investors", "company")
    )
    claimed: Mapping[Entity, ClaimedTotal] = last(ClaimedTotal, per="investors", of=("investors", "company"))
    stakes: Mapping[Entity, StakeReported] = last(StakeReported, per="holder", of=("holder", "company"))
    exclusivities: Mapping[tuple[Entity, str], ExclusivityDeal] = held(
        starts=ExclusivityDeal,
        ends=ExclusivityEnd,
        per=("grantor", "scope"),
        until="until",
        of=("grantor", "grantee"),
    )
    rights: Mapping[tuple[Entity, str, str], RightGranted] = held(
        starts=RightGranted,
        ends=RightEnded,
        per=("holder", "form", "subject"),
        until="until",
        of=("holder", "grantor"),
    )
    right_status: Mapping[tuple[Entity, str, str], str] = last(
        {RightGranted: "held", RightExercised: "exercised", RightWaived: "waived", RightEnded: "ended"},
        per=("holder", "form", "subject"),
        of=("holder", "grantor"),
    )
    deadlines: Mapping[tuple[Entity, str], DeadlineSet] = held(
        starts=DeadlineSet,
        ends=DeadlineMet,
        per=("organisation", "goal"),
        of=("organisation", "towards"),
        due="due",
        met=DeadlineMet,
    )
    agreements: Mapping[str, AgreementSigned] = held(
        starts=AgreementSigned,
        ends=AgreementEnded,
        per="subject",
        until="until",
        of=("parties", "parties"),
    )
    deals: Mapping[tuple[Entity, Entity], str] = last(
        DEALS,
        per=("buyer", "company"),
        of=("buyer", "company"),
    )
    restructured: Mapping[tuple[Entity, str], str] = last(
        Restructured.result, per=("organisation", "change"), of=("organisation", "others")
    )
    plans: Mapping[Entity, InvestmentPlan] = last(InvestmentPlan, per="plan", of=("partners", "partners"))
    projects: Mapping[Entity, str] = last(STATUS, per="project", of=("partners", "partners"))
    rival_projects: Mapping[Entity, str] = last(STATUS, per="project", of=("partners", "rivals"))
    disputes: Mapping[str, str] = held(
        starts={DisputeOpened: "open"}, ends=DisputeSettled, per="subject", of=("parties", "parties")
    )
    positions: Mapping[tuple[str, Entity], PositionTaken] = last(
        PositionTaken, per=("subject", "held_by"), of=("parties", "parties")
    )
    proceedings: Mapping[str, ProceedingOpened] = held(
        starts=ProceedingOpened, ends=ProceedingClosed, per="matter", of=("brought_by", "against")
    )
    offices: Mapping[tuple[Entity, str, Entity | None], OfficeTaken] = held(
        starts=OfficeTaken,
        ends=OfficeLeft,
        per=("organisation", "office", "person"),
        of=("organisation", ("person", "appointed_by")),
    )
    cadence: Cadence | None = last(
        CadenceChanged.cadence, of=(("people", "organisations"), ("people", "organisations"))
    )
    last_contact: Meeting | None = last(
        Meeting, of=(("people", "organisations"), ("people", "organisations"))
    )
    last_announcement: Announcement | None = last(
        Announcement, of=(("made_by", "about"), ("made_by", "about"))
    )
    last_remark: Remark | None = last(Remark, of=(("made_by", "about"), ("made_by", "about")))
    assessments: Mapping[Aspect, Assessment] = last(Assessment, per="aspect", of=("about", "about"))
