"""Who leads an organisation, what it owns and plans, and how it stands."""

from __future__ import annotations

from collections.abc import Mapping

from events.agreements import DeadlineMet, DeadlineSet
from events.contacts import Aspect, Assessment
from events.figures import FigureReported
from events.funding import FundingRound, InvestmentPlan
from events.leadership import CEOAppointment, CEOOusting, CEOResignation, OfficeLeft, OfficeTaken
from events.ownership import (
    DEALS,
    AcquisitionClosed,
    Restructured,
    StakeReported,
)
from events.proceedings import ProceedingClosed, ProceedingOpened
from events.products import ProductLaunch
from events.projects import STATUS
from timeline.declare import Entity, EntityState, Funds, When, first, held, last, state_type, total


@state_type("organisation", usual=True)
class Organisation(EntityState):
    """Who leads an organisation, what it has raised, owns and plans, and how it stands.

    `raised` is what it took in, `put_in` what it put into others. `figures` are by what was measured and the
    measure. `status` is by the kind of change: its legal form, its listing and so on.
    """

    ceo: Entity | None = held(
        starts=CEOAppointment.person, ends=(CEOOusting.person, CEOResignation.person), of="company"
    )
    ceo_interim: bool | None = held(
        starts=CEOAppointment.person,
        ends=(CEOOusting.person, CEOResignation.person),
        of="company",
        gives=CEOAppointment.interim,
    )
    ceo_since: When | None = held(
        starts=CEOAppointment.person,
        ends=(CEOOusting.person, CEOResignation.person),
        of="company",
        gives=CEOAppointment.occurred,
    )
    offices: Mapping[tuple[str, Entity | None], OfficeTaken] = held(
        starts=OfficeTaken, ends=OfficeLeft, per=("office", "person"), of="organisation"
    )
    raised: Funds = total(FundingRound.amount, of="company")
    put_in: Funds = total(FundingRound.amount, of="investors")
    owners: Mapping[Entity, StakeReported] = last(StakeReported, per="holder", of="company")
    stakes: Mapping[Entity, StakeReported] = last(StakeReported, per="company", of="holder")
    acquired_by: Entity | None = last(AcquisitionClosed.buyer, of="company")
    acquisitions: Mapping[Entity, str] = last(
        DEALS,
        per="company",
        of="buyer",
    )
    plans: Mapping[Entity, InvestmentPlan] = last(InvestmentPlan, per="plan", of="partners")
    projects: Mapping[Entity, str] = last(STATUS, per="project", of="partners")
    products: Mapping[Entity, ProductLaunch] = first(ProductLaunch, per="product", of="makers")
    figures: Mapping[tuple[Entity, str], FigureReported] = last(
        FigureReported, per=("of", "measure"), of=("of", "organisation")
    )
    status: Mapping[str, str] = last(Restructured.result, per="change", of="organisation")
    deadlines: Mapping[str, DeadlineSet] = held(
        starts=DeadlineSet, ends=DeadlineMet, per="goal", of="organisation", due="due", met=DeadlineMet
    )
    proceedings: Mapping[str, ProceedingOpened] = held(
        starts=ProceedingOpened, ends=ProceedingClosed, per="matter", of=("brought_by", "against")
    )
    assessments: Mapping[Aspect, Assessment] = last(Assessment, per="aspect", of="about")
