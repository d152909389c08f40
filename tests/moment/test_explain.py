"""Why an answer is what it is: what it rests on, what was withdrawn, who says so too, and who denies it."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from events import CEOAppointment, CEOOusting, Organisation, SameEntity
from tests.reuse import in_memory
from timeline import Timeline
from timeline.errors import CatalogueError
from timeline.moment.explain import Why


def of_ceo(tl: Timeline, **asked: object) -> Why:
    """Why Acme's chief executive is who it is."""
    return tl.as_of(**asked).explain(Organisation, "acme", field="ceo").fields[0]  # type: ignore[arg-type]


@pytest.fixture
def said() -> Timeline:
    """An appointment, corrected, the correction withdrawn, attested, and denied."""
    tl = in_memory()
    first = CEOAppointment("2020", company="Acme", person="Ann")
    tl.append(first, source="Herald", id="x", known="2020-12-31")
    tl.correct("x", CEOAppointment("2021", company="Acme", person="Ann"), id="c", known="2021-02-01")
    tl.retract("c", note="was right", id="r", known="2021-03-01")
    tl.attest("x", source="Post", id="also", known="2021-04-01")
    tl.append(first, source="Acme", credence="denied", id="d", known="2021-05-01")
    return tl


def test_what_was_said_against_it_and_withdrawn_is_told(said: Timeline) -> None:
    """With what overruled it; only what is in view."""
    (reason,) = of_ceo(said).because
    assert [(one.record.ref, one.by.ref) for one in reason.withdrawn] == [("c", "r")]
    assert [one.ref for one in reason.attestations] == ["also"]
    (corrected,) = of_ceo(said, known="2021-02-15").because
    assert (corrected.record.ref, [one.ref for one in corrected.replaced]) == ("c", ["x"])
    assert not corrected.withdrawn
    text = str(said.as_of().explain(Organisation, "acme", field="ceo"))
    assert "was corrected by c (#2), which is retracted by r (#3): was right" in text
    assert "also said by Post also (#4)" in text


def test_an_attestation_that_was_withdrawn_adds_nothing(said: Timeline) -> None:
    """Neither a source nor newer evidence."""
    assert of_ceo(said).newest == datetime(2021, 4, 1, 23, 59, 59, 999_999, UTC)
    said.retract("also")
    (reason,) = of_ceo(said).because
    assert not reason.attestations
    assert reason.newest == datetime(2020, 12, 31, 23, 59, 59, 999_999, UTC)


def test_who_denies_it_is_told_as_long_as_that_stands(said: Timeline) -> None:
    """Also where nothing else is said; but not before it was known, or what was never in question by then."""
    assert [one.ref for one in of_ceo(said).denials] == ["d"]
    assert not of_ceo(said, known="2021-04-15").denials
    assert not of_ceo(said, valid="2019").denials
    ousting = CEOOusting("2020-06", company="Bolt", person="Bob")
    said.append(ousting, credence="denied", source="Bolt", id="no")
    found = said.as_of().explain(Organisation, "bolt")
    assert {why.field for why in found.fields} == {"ceo", "ceo_interim", "ceo_since"}
    assert "denied by no (#6)" in str(found)
    said.retract("no")
    assert not said.as_of().explain(Organisation, "bolt").fields


def test_a_filter_leaves_out_reasons_too(said: Timeline) -> None:
    """An attestation of a source that is left out is none."""
    (reason,) = of_ceo(said, without="Post").because
    assert not reason.attestations
    (reason,) = of_ceo(said, without="Herald").because
    assert [one.ref for one in reason.attestations] == ["also"]


def test_a_field_that_is_none_is_refused(said: Timeline) -> None:
    """Naming those that there are."""
    with pytest.raises(CatalogueError, match="has no field 'chief'"):
        said.as_of().explain(Organisation, "acme", field="chief")


def test_who_is_read_as_another_is_told() -> None:
    """With the record that says so, and by field who denies it under the other id."""
    tl = in_memory()
    tl.append(CEOAppointment("2020", company="Old Acme", person="Ann"))
    tl.append(CEOOusting("2021", company="Old Acme", person="Ann"), credence="denied", id="no")
    tl.append(SameEntity("2022", entity="old-acme", as_="Acme"), id="same")
    why = tl.as_of().explain(Organisation, "Acme", field="ceo")
    assert why.fields[0].value == "ann"
    assert {entity: [one.ref for one in records] for entity, records in why.same.items()} == {
        "old-acme": ["same"]
    }
    assert "old-acme is read as another: same (#3)" in str(why)
    assert [one.ref for one in why.fields[0].denials] == ["no"]


def test_an_entity_read_as_another_is_a_cause() -> None:
    """Of what differs before and after that was said, for every record of the other."""
    tl = in_memory()
    tl.append(CEOAppointment("2020", company="Old Acme", person="Ann"), id="one")
    tl.append(SameEntity("2022", entity="old-acme", as_="Acme"))
    diff = tl.as_of(position=1).diff(tl.as_of(), Organisation, "Acme")
    assert [(cause.record.ref, cause.kind, cause.gained) for cause in diff.causes] == [
        ("one", "identity", True)
    ]
    assert "read as another:" in str(diff)
