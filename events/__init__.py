"""The vocabulary of deals between organisations, and the states they add up to."""

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
from events.contacts import Announcement, Assessment, CadenceChanged, Meeting, Remark
from events.disputes import DisputeOpened, DisputeSettled, PositionTaken
from events.figures import FigureReported
from events.funding import ClaimedTotal, FundingRound, InvestmentPlan
from events.leadership import CEOAppointment, CEOOusting, CEOResignation, OfficeLeft, OfficeTaken
from events.names import EntityNamed, EntityRenamed, SameEntity
from events.organisation import Organisation
from events.ownership import (
    AcquisitionAbandoned,
    AcquisitionAgreed,
    AcquisitionClosed,
    Restructured,
    StakeReported,
    TeamAcquisition,
)
from events.person import Person
from events.proceedings import ProceedingClosed, ProceedingOpened
from events.products import ProductLaunch
from events.projects import (
    Project,
    ProjectAnnounced,
    ProjectCancelled,
    ProjectCompleted,
    ProjectPostponed,
    ProjectProgressed,
    ProjectResumed,
    ProjectStarted,
)
from events.relationship import Relationship

__all__ = [
    "AcquisitionAbandoned",
    "AcquisitionAgreed",
    "AcquisitionClosed",
    "AgreementEnded",
    "AgreementSigned",
    "Announcement",
    "Assessment",
    "CEOAppointment",
    "CEOOusting",
    "CEOResignation",
    "CadenceChanged",
    "ClaimedTotal",
    "DeadlineMet",
    "DeadlineSet",
    "DisputeOpened",
    "DisputeSettled",
    "EntityNamed",
    "EntityRenamed",
    "ExclusivityDeal",
    "ExclusivityEnd",
    "FigureReported",
    "FundingRound",
    "InvestmentPlan",
    "Meeting",
    "OfficeLeft",
    "OfficeTaken",
    "Organisation",
    "Person",
    "PositionTaken",
    "ProceedingClosed",
    "ProceedingOpened",
    "ProductLaunch",
    "Project",
    "ProjectAnnounced",
    "ProjectCancelled",
    "ProjectCompleted",
    "ProjectPostponed",
    "ProjectProgressed",
    "ProjectResumed",
    "ProjectStarted",
    "Relationship",
    "Remark",
    "Restructured",
    "RightEnded",
    "RightExercised",
    "RightGranted",
    "RightWaived",
    "SameEntity",
    "StakeReported",
    "TeamAcquisition",
]
