"""The seeds: every claim is there, and what must come out of them does."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from events import Organisation, Relationship
from timeline import Money, Timeline
from timeline.formats.loading import load

SEEDS = Path(__file__).parent.parent / "seeds"
ARTICLE = [f"A{n}" for n in range(1, 34)]
PUBLIC = ["P0a", "P0b", *(f"P{n}" for n in range(1, 17))]


@pytest.fixture(scope="module")
def tl(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Timeline]:
    """The seeds in a file of their own, with a present that does not move."""
    path = tmp_path_factory.mktemp("seeds") / "ai.duckdb"
    with Timeline.open(path, clock=lambda: datetime(2026, 11, 22, 12, tzinfo=UTC)) as timeline:
        load(timeline, [SEEDS])
        yield timeline


@pytest.fixture(scope="module")
def article(tl: Timeline) -> int:
    """The position at which the article's commit ends."""
    return int(tl.sql("SELECT min(last_position) FROM commits").rows[0][0])


def ceo(tl: Timeline, valid: str, known: str | None) -> tuple[str | None, bool | None]:
    """OpenAI's CEO, by name, and whether in the interim."""
    organisation = tl.as_of(valid, known=known).of(Organisation, "OpenAI")
    return organisation.ceo and organisation.named(organisation.ceo), organisation.ceo_interim


@pytest.mark.parametrize("claim", [*ARTICLE, *PUBLIC])
def test_every_claim_has_a_record(tl: Timeline, claim: str) -> None:
    """Each claim is marked with its own number, followed by a letter where it makes several events."""
    marks = {record.ref for record in tl.as_of().records() if record.ref}
    own = claim if claim[-1].isalpha() else f"{claim}[a-z]?"
    assert [mark for mark in marks if re.fullmatch(own, mark)]


def test_each_file_is_one_commit_the_article_first(tl: Timeline, article: int) -> None:
    """Files come in order of name, and all of the article is about what the article says."""
    assert len(tl.sql("FROM commits")) == len(list(SEEDS.glob("*.yaml")))
    first = [record for record in tl.as_of().records() if record.position <= article and record.ref]
    assert {record.ref[0] for record in first if record.ref} == {"A"}


def test_every_record_cites_a_source(tl: Timeline, article: int) -> None:
    """A record of the article cites a paragraph of it."""
    for record in tl.as_of().records():
        if record.kind == "retraction":
            continue
        assert record.sources, record
        if record.position <= article and record.ref:
            assert record.sources[0].locator is not None, record
            assert re.fullmatch(r"¶\d+", record.sources[0].locator)


def test_loading_again_changes_nothing(tl: Timeline) -> None:
    """Everything is known already."""
    before = tl.as_of().basis.position
    again = load(tl, [SEEDS])
    assert [len(file.commit.records) for file in again.files] == [0, 0]
    assert tl.as_of().basis.position == before


@pytest.mark.parametrize(
    ("valid", "known", "expected"),
    [
        ("2023-11-18", "then", ("Mira Murati", True)),
        ("2023-11-18", "2023-11-16", ("Sam Altman", False)),
        ("2023-11-21", "then", ("Emmett Shear", True)),
        ("2023-11-30", "then", ("Sam Altman", False)),
    ],
)
def test_who_led_openai(tl: Timeline, valid: str, known: str, expected: tuple[str, bool]) -> None:
    """The answer depends on the date asked about and on what was known."""
    assert ceo(tl, valid, known) == expected


def test_a_round_that_was_learned_of_late(tl: Timeline) -> None:
    """In 2022 one round was known; since 2023 another is, of undisclosed amount."""
    then = tl.as_of("2022-01-01", known="then").of(Relationship, "Microsoft", "OpenAI")
    assert (then.rounds, dict(then.invested["microsoft"].wholly)) == (1, {"USD": Decimal(10**9)})
    assert then.invested["microsoft"].undisclosed == 0
    later = tl.as_of("2022-01-01", known="2023-02-01").of(Relationship, "Microsoft", "OpenAI")
    assert (later.rounds, dict(later.invested["microsoft"].wholly)) == (2, {"USD": Decimal(10**9)})
    assert later.invested["microsoft"].undisclosed == 1


def test_cloud_exclusivity_gives_way_to_a_right_of_first_refusal(tl: Timeline) -> None:
    """As known in 2024 it is in force in 2025; as known in 2025 it has ended, with a right in its place."""
    before = tl.as_of("2025-06-01", known="2024-06-01").of(Relationship, "Microsoft", "OpenAI")
    assert ("openai", "cloud") in before.exclusivities
    assert not any(right.form == "first refusal" for right in before.rights.values())
    after = tl.as_of("2025-06-01", known="2025-06-01").of(Relationship, "Microsoft", "OpenAI")
    assert ("openai", "cloud") not in after.exclusivities
    assert any(right.form == "first refusal" for right in after.rights.values())


def test_a_figure_wrong_by_ten_is_corrected_and_its_past_kept(tl: Timeline, article: int) -> None:
    """At the position of the article the plan is of $5000bn; at the head, of up to $500bn; both are told."""
    plan = tl.as_of("2025-06-01", position=article).of(Organisation, "OpenAI").plans["stargate-plan"]
    assert plan.amount == Money("$5000bn")
    plan = tl.as_of("2025-06-01").of(Organisation, "OpenAI").plans["stargate-plan"]
    assert plan.amount == Money("up to $500bn")
    why = tl.as_of("2025-06-01").explain(Organisation, "OpenAI", field="plans").fields[0]
    reason = next(
        reason for reason in why.because if reason.record.ref and reason.record.ref.startswith("P11")
    )
    assert [record.ref for record in reason.replaced] == ["A30"]
    assert reason.record.note


def test_the_article_alone_leaves_the_first_deal_unsettled(tl: Timeline, article: int) -> None:
    """It may or may not have happened by 2020; the public record settles it."""
    alone = tl.as_of("2020", position=article).of(Relationship, "Microsoft", "OpenAI")
    assert (alone.rounds, alone.invested, alone.exclusivities) == (0, {}, {})
    assert all(alone.unsettled[field] for field in ("rounds", "invested", "exclusivities"))
    head = tl.as_of("2020").of(Relationship, "Microsoft", "OpenAI")
    assert head.rounds == 1
    assert not any(head.unsettled[field] for field in ("rounds", "invested", "exclusivities"))


def test_what_was_announced_and_never_came_about(tl: Timeline) -> None:
    """For two days it was thought that Altman works at Microsoft; the announcement stays."""
    then = tl.as_of("2023-11-21", known="then").of(Relationship, "Microsoft", "Sam Altman")
    assert then.offices
    now = tl.as_of("2023-11-21").of(Relationship, "Microsoft", "Sam Altman")
    assert not now.offices
    assert now.last_announcement is not None


def test_plans_slip_and_do_not_come_true_by_themselves(tl: Timeline) -> None:
    """The open-weight model was planned for June 2025, put off twice, and then released."""
    model = next(
        record.event.project  # type: ignore[union-attr]
        for record in tl.as_of().records(types=["project_postponed"])
        if record.ref and record.ref.startswith("P14")
    )
    seen = [
        (state.status, state.planned and state.planned.text)
        for day in ("2025-06-09", "2025-06-20", "2025-07-20", "2025-08-06")
        for state in [tl.as_of(day, known="then").of("project", model)]
    ]
    assert [status for status, _ in seen] == ["announced", "postponed", "postponed", "completed"]
    assert seen[0][1] == "2025-06"
    assert seen[2][1] is None
