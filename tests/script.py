"""A script as a user writes one, to see that type checkers know what comes back; a test runs it."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from events import CEOAppointment, FundingRound, Organisation, Project, Relationship
from events.projects import ProjectAnnounced, ProjectPostponed
from timeline import Commit, Findings, Money, Record, Source, Timeline, When


def fill(timeline: Timeline) -> Commit:
    """Say a few things."""
    paper = Source("The round", publisher="Acme Gazette", published="2023-01-10")
    timeline.append(
        CEOAppointment("2022", company="Acme", person="Ann Lee"),
        ProjectAnnounced("2022-05", project="Ship", partners=["Acme"], planned="2023-06"),
        source=paper,
    )
    timeline.append(
        ProjectPostponed("2023-02", project="Ship", partners=["Acme"]), source=paper, known="2023-03"
    )
    return timeline.append(
        FundingRound("2023-01-09", company="Acme", investors=["Bolt"], amount=Money("5m USD")),
        source=paper,
        id="acme-1",
    )


def totals(timeline: Timeline, date: str) -> dict[str, Decimal]:
    """By currency, what Bolt put into Acme alone."""
    pair = timeline.as_of(date).between("Acme", "Bolt", Relationship)
    invested = pair.invested.get(pair.who[1])
    return {} if invested is None else dict(invested.wholly)


def chief(timeline: Timeline, date: str) -> str:
    """Who leads Acme, or why nobody is told."""
    state = timeline.as_of(date).of(Organisation, "Acme")
    return state.answered("ceo") if state.ceo is None else state.named(state.ceo)


def told(timeline: Timeline) -> list[str]:
    """What all of it comes to."""
    moment = timeline.as_of("2024")
    first: Record = moment.records(types=FundingRound)[0]
    planned: When | None = moment.of(Project, "Ship").planned
    turns: list[datetime | None] = [one.begins for one in moment.history(Organisation, "Acme", field="ceo")]
    slips = [slip.record.place for plan in moment.plans(Project, "Ship") for slip in plan.slips]
    found: Findings = moment.check()
    names = {one.id: one.name for one in moment.entities()}
    rows = moment.history(Organisation, "Acme").pl().height + timeline.sql("SELECT 1 AS one").df().shape[0]
    return [
        first.place,
        str(planned),
        str(len(turns)),
        *slips,
        str(found.certain),
        names["acme"],
        str(rows > 1),
    ]


def main() -> list[str]:
    """All of it, in memory."""
    with Timeline.open(":memory:") as timeline:
        commit = fill(timeline)
        sums = [f"{currency} {amount}" for currency, amount in totals(timeline, "2023").items()]
        return [str(len(commit)), *sums, chief(timeline, "2021"), chief(timeline, "2023"), *told(timeline)]
