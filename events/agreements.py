"""What organisations agree on, what rights they hold over each other, and how these end."""

from __future__ import annotations

from typing import Literal

from attrs import field, frozen

from timeline.declare import Entity, Event, Money, When, entities, event_type, money, optional_when, when

RightForm = Literal[
    "first refusal", "first offer", "block", "clause", "option", "conversion", "information", "other"
]
AgreementForm = Literal[
    "licence", "supply", "partnership", "joint venture", "fee", "loan", "settlement", "other"
]


@event_type("exclusivity_deal", says="{grantor} grants {grantee} exclusivity ({scope})[ until {until}]")
@frozen(kw_only=True)
class ExclusivityDeal(Event):
    """One party binds itself to deal with one other only, in some scope, perhaps for a term.

    The end names the same grantor and scope.
    """

    grantor: Entity
    grantee: Entity
    scope: str
    until: When | None = field(default=None, converter=optional_when)


@event_type("exclusivity_end", says="{grantee} no longer has exclusivity ({scope}) from {grantor}")
@frozen(kw_only=True)
class ExclusivityEnd(Event):
    """An exclusivity ends before its term, or one that had none.

    Not for one that runs out on the day its deal names: `until` says that.
    """

    grantor: Entity
    grantee: Entity
    scope: str


@event_type("right_granted", says="{grantor} grants {holder} a right ({form}): {subject}[, until {until}]")
@frozen(kw_only=True)
class RightGranted(Event):
    """A party gets a right over another: to be asked first, to block, to invoke a clause.

    It is held until it ends, whether it is used or not. What becomes of it names the same holder, grantor,
    form and subject. Not for exclusivity, which has events of its own.
    """

    holder: Entity
    grantor: Entity
    form: RightForm
    subject: str
    until: When | None = field(default=None, converter=optional_when)


@event_type("right_exercised", says="{holder} uses its right ({form}) over {grantor}: {subject}")
@frozen(kw_only=True)
class RightExercised(Event):
    """The holder of a right makes use of it.

    If that uses the right up, record a `right_ended` too. A threat to use it is a `remark`.
    """

    holder: Entity
    grantor: Entity
    form: RightForm
    subject: str


@event_type("right_waived", says="{holder} waives its right ({form}) over {grantor}: {subject}")
@frozen(kw_only=True)
class RightWaived(Event):
    """The holder of a right lets an occasion to use it pass.

    If the right is given up for good, record a `right_ended` too.
    """

    holder: Entity
    grantor: Entity
    form: RightForm
    subject: str


@event_type("right_ended", says="{holder} no longer has a right ({form}) over {grantor}: {subject}")
@frozen(kw_only=True)
class RightEnded(Event):
    """A right ends before its term, or one that had none, for whatever reason."""

    holder: Entity
    grantor: Entity
    form: RightForm
    subject: str


@event_type("deadline_set", says="{organisation} has until {due} for: {goal}[, or else: {consequence}]")
@frozen(kw_only=True)
class DeadlineSet(Event):
    """An organisation has to reach a goal by a date, or bear a consequence.

    `due` is what is asked for, not what will happen: passing it changes nothing by itself. `towards` are
    those to whom it is bound. A date that the organisation only hopes for belongs to a project.
    """

    organisation: Entity
    goal: str
    due: When = field(converter=when)
    towards: tuple[Entity, ...] = field(default=(), converter=entities)
    consequence: str | None = None


@event_type("deadline_met", says="{organisation} meets its deadline for: {goal}")
@frozen(kw_only=True)
class DeadlineMet(Event):
    """An organisation reaches the goal that a deadline was set for; it names the same goal and parties."""

    organisation: Entity
    goal: str
    towards: tuple[Entity, ...] = field(default=(), converter=entities)


@event_type(
    "agreement_signed",
    says="agreement of {parties} on {subject} ({form})[, from {provider}][, worth {amount}][, until {until}]",
)
@frozen(kw_only=True)
class AgreementSigned(Event):
    """Parties conclude a contract: a licence, a supply, a partnership, a joint venture, a fee, a loan.

    `subject` is what it is about, in the words under which its end is recorded too. `provider` is the party
    that licenses, supplies, lends or pays. Money for shares is a `funding_round`, sole dealing an
    `exclusivity_deal`, the purchase of a company an `acquisition_agreed`.
    """

    parties: tuple[Entity, ...] = field(converter=entities)
    form: AgreementForm
    subject: str
    provider: Entity | None = None
    amount: Money | None = field(default=None, converter=money)
    until: When | None = field(default=None, converter=optional_when)


@event_type("agreement_ended", says="agreement of {parties} on {subject} ends[: {reason}]")
@frozen(kw_only=True)
class AgreementEnded(Event):
    """A contract ends before its term, or one that had none; it names the same subject."""

    parties: tuple[Entity, ...] = field(converter=entities)
    subject: str
    reason: str | None = None
