"""What is only supposed, in pages: all of it in the address; and what is written, where that is allowed."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from starlette.testclient import TestClient

import events
from events import CEOAppointment, Organisation
from tests.ledger import CATALOGUE
from tests.web.test_pages import HOST, Links, client, own
from timeline import Timeline
from timeline.cli.typed import samples
from timeline.formats import Input, entry_of, inputs_of, read_json
from timeline.records import Assertion
from timeline.values import as_json_text
from timeline.vocabulary import Catalogue, Event, EventType
from timeline.web import application

__all__ = ["client", "own"]
THEIRS = Catalogue.find(events)
KINDS = [*THEIRS.events.values(), *CATALOGUE.events.values()]
ANN = {"type": "ceo_appointment", "occurred": "2024-03", "company": "OpenAI", "person": "Ann Lee"}


def supposing(*entries: dict[str, Any]) -> str:
    """Entries as the parameters of an address."""
    return urlencode([("suppose", json.dumps(one)) for one in entries])


def filled(inputs: list[Input]) -> dict[str, str]:
    """What a form holds, as it is sent."""
    return {one.name: one.value.replace("\n", "\r\n") for one in inputs}


def told_by(kind: EventType, given: dict[str, str], catalogue: Catalogue) -> Event:
    """The event that a form comes to."""
    read = read_json(as_json_text(entry_of(kind, given)).encode(), catalogue, "form")
    assert read.faults == ()
    (said,) = read.said
    assert isinstance(said.statement, Assertion)
    return said.statement.event


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_every_type_has_a_form_that_comes_to_its_event(kind: EventType) -> None:
    """Filled in by hand; and as it stands for an event that there is."""
    catalogue = THEIRS if kind in THEIRS.events.values() else CATALOGUE
    typed = {name: "yes" if value is True else str(value) for name, value in samples(kind).items()}
    event = told_by(kind, typed, catalogue)
    assert {one.name for one in inputs_of(kind, None, {})} == {"occurred", *(one.name for one in kind.fields)}
    assert told_by(kind, filled(inputs_of(kind, event, {})), catalogue) == event


def test_every_event_of_the_seeds_stands_in_its_form_as_it_is(seeded: str) -> None:
    """So that a correction changes what is changed in the form, and nothing else."""
    with Timeline.open(seeded, read_only=True) as tl:
        for record in tl.as_of().records():
            if record.event is not None:
                kind = record.event.__timeline__
                assert told_by(kind, filled(inputs_of(kind, record.event, {})), tl.catalogue) == record.event


def test_a_page_shows_what_would_be(client: TestClient, seeded: str) -> None:
    """What a what-if in Python answers, at whatever point; every link keeps what is supposed."""
    at = f"as_of=2024-06&{supposing(ANN, {'retracts': 'P2', 'note': 'a test'})}"
    with Timeline.open(seeded, read_only=True) as tl:
        world = tl.what_if(CEOAppointment("2024-03", company="OpenAI", person="Ann Lee"))
        expected = world.as_of("2024-06").of(Organisation, "openai").as_dict()["values"]
    told = client.get(f"/state/organisation/openai?{at}&format=json").json()
    assert told["values"]["ceo"] == expected["ceo"] == "ann-lee"
    page = client.get(f"/state/organisation/openai?{at}").text
    assert "With 2 supposed" in page
    reader = Links()
    reader.feed(page)
    own_links = [one for one in reader.links if one.startswith(("/record", "/entity", "/state"))]
    assert own_links
    kept = [one for one in own_links if len(parse_qs(urlsplit(one).query).get("suppose", [])) == 2]
    assert len(kept) >= len(own_links) - 4  # forms, and what leads back
    for url in (
        "/",
        "/log?after=80",
        "/record/88",
        "/entity/ann-lee",
        "/check",
        "/sources",
        "/types",
        "/say",
    ):
        assert client.get(f"{url}{'&' if '?' in url else '?'}{at}").status_code == 200, url


def test_what_moves_is_told(client: TestClient) -> None:
    """By what is supposed, of whom it speaks first, and what does not add up by it; or without a source."""
    told = client.get(f"/moves?as_of=2024-06&{supposing(ANN)}&format=json").json()
    moved = {
        (one["state"], *one["who"], one["field"]): (one["before"], one["after"]) for one in told["moves"]
    }
    assert moved["organisation", "openai", "ceo"] == (["Sam Altman"], ["Ann Lee"])
    assert any("ann-lee" in key for key in moved)
    page = client.get(f"/moves?as_of=2024-06&{supposing(ANN)}").text
    assert "Spoken of for the first time" in page
    assert '<form class="write"' not in page
    again = client.get(f"/moves?{supposing(ANN, ANN | {'occurred': '2024-03-05'})}&format=json").json()
    assert "lookalikes" in {one["rule"] for one in again["violations"]["now"]}
    without = client.get("/moves?without=Axios&format=json").json()
    assert ("organisation", "offices") in {(one["state"], one["field"]) for one in without["moves"]}
    nothing = client.get("/moves").text
    assert "Nothing moves" in nothing


def test_a_form_leads_to_what_moves(client: TestClient) -> None:
    """With what was filled in as an entry in the address, behind what was supposed before."""
    form = client.get("/say?type=ceo_appointment").text
    assert '<input id="f-company" name="company" value="" aria-describedby="h-company" required' in form
    assert '<option value="OpenAI">' in form
    where = client.get("/say", params={**ANN, "ready": "yes", "as_of": "2025", "interim": ""}).headers[
        "location"
    ]
    asked = parse_qs(urlsplit(where).query)
    assert urlsplit(where).path == "/moves"
    assert (json.loads(asked["suppose"][0]), asked["as_of"]) == (ANN, ["2025"])
    correcting = client.get("/say?corrects=A14").text
    assert 'value="$1bn"' in correcting
    assert 'name="corrects" value="A14"' in correcting
    faulty = client.get("/say", params={**ANN, "occurred": "wombat", "person": "", "ready": "yes"})
    assert faulty.status_code == 200
    assert '<input id="f-occurred" name="occurred" value="wombat"' in faulty.text
    assert "occurred: &#39;wombat&#39; is not a date" in faulty.text
    assert "person: is left blank" in faulty.text
    assert "says why" in client.get("/say?retracts=A14&ready=yes").text
    assert client.get("/say?retracts=nope").status_code == 404
    assert client.get("/say?type=nope").status_code == 404
    assert client.get("/moves?suppose=nonsense").status_code == 400


def test_a_date_is_read_as_it_is_typed(client: TestClient) -> None:
    """In words, and with its bounds; or what is wrong with it."""
    told = client.get("/read?date=[2018..2022-11]&format=json").json()
    assert (told["earliest"][:10], told["latest"][:10]) == ("2018-01-01", "2022-11-30")
    assert "is not a date" in client.get("/read?date=wombat&format=json").json()["problem"]
    assert client.get("/read?date=").status_code == 200


# Writing


@pytest.fixture
def written(seeded: str, tmp_path: Path) -> Path:
    """A file of one's own."""
    return Path(shutil.copy(seeded, tmp_path / "ai.duckdb"))


def allowed(path: Path) -> TestClient:
    """What asks an explorer that may write."""
    return TestClient(application(str(path), allow_write=True), base_url=HOST, follow_redirects=False)


def form_of(page: str) -> dict[str, str]:
    """What the form that writes would send."""
    (form,) = re.findall(r'<form class="write".*?</form>', page, re.DOTALL)
    reader = Links()
    reader.feed(form)
    return {str(one["name"]): str(one.get("value") or "") for tag, one in reader.tags if tag == "input"}


def test_nothing_is_written_unless_it_is_allowed(client: TestClient, seeded: str) -> None:
    """There is no address to post to, and no form that would."""
    before = Path(seeded).read_bytes()
    for url in ("/write", "/say", "/moves", "/sql", "/", "/record/1"):
        assert (
            client.post(url, data={"suppose": json.dumps(ANN), "secret": "", "head": "87"}).status_code == 405
        )
    client.get(f"/moves?{supposing(ANN)}")
    assert client.get("/write").status_code == 404
    assert Path(seeded).read_bytes() == before


def test_what_was_looked_at_is_written_once(written: Path) -> None:
    """An event, a correction and a retraction with a reason, in one commit; a second time is refused."""
    client = allowed(written)
    said = (
        {**ANN, "source": {"title": "Post", "published": "2024-03-05"}, "id": "ann-1"},
        {"retracts": "P2", "note": "never happened"},
    )
    page = client.get(f"/moves?{supposing(*said)}").text
    form = form_of(page)
    several = [("suppose", json.dumps(one)) for one in said]
    rest = [(name, value) for name, value in form.items() if name != "suppose"]
    body = urlencode([*several, *rest, ("actor", "Bob")])
    kind = {"content-type": "application/x-www-form-urlencoded"}
    answer = client.post("/write", content=body, headers=kind)
    assert (answer.status_code, answer.headers["location"]) == (303, "/record/88")
    with Timeline.open(written, read_only=True) as tl:
        assert tl.head().position == 89
        assert (tl.record("ann-1").actor, tl.record(89).note) == ("Bob", "never happened")
        assert tl.as_of("2025").of(Organisation, "openai").ceo == "ann-lee"
        assert tl.verify()
    assert client.get("/record/88").status_code == 200
    again = client.post("/write", content=body, headers=kind)
    assert again.status_code in {303, 409}
    assert Timeline.open(written, read_only=True).head().position == 89


def test_a_form_of_elsewhere_or_of_before_writes_nothing(written: Path) -> None:
    """Whoever lacks the secret of this server, is another page, asks for another host, or has seen less."""
    client = allowed(written)
    form = form_of(client.get(f"/moves?{supposing(ANN)}").text)

    def post(headers: dict[str, str] | None = None, **instead: str) -> int:
        return client.post("/write", data=form | instead, headers=headers or {}).status_code

    assert post(secret="") == 403
    assert post(secret="x" * 32) == 403
    assert post({"origin": "https://evil.example"}) == 403
    assert post({"origin": "null"}) == 403
    assert post({"host": "evil.example"}) == 421
    assert post(suppose="") == 400
    assert post(suppose="{}") == 400
    assert post(head="x") == 400
    assert post(suppose=json.dumps(ANN | {"occurred": "wombat"})) == 400
    assert client.post("/say", data=form).status_code == 405
    assert client.post("/write", content=b"a=" + b"x" * 2_000_000).status_code == 413
    assert Timeline.open(written, read_only=True).head().position == 87
    Timeline.open(written).append(CEOAppointment("2022", company="Acme", person="Bob"))
    assert post() == 409
    assert post(head="88") == 303
    assert allowed(written).post("/write", data=form).status_code == 403


def test_what_is_supposed_is_text(own: Path) -> None:
    """Names that are markup, in a form and in what moves."""
    client = allowed(own)
    entry = {"type": "ceo_appointment", "occurred": "2024", "company": "<b>x</b>", "person": '"><i>'}
    entry["note"] = "<script>alert(1)</script>"
    for url in (
        f"/moves?{supposing(entry)}",
        f"/say?{urlencode({**entry, 'occurred': '<b>', 'ready': 'yes'})}",
        "/say?type=funding_round",
        "/say?corrects=1",
    ):
        answer = client.get(url)
        assert answer.status_code == 200, url
        reader = Links()
        reader.feed(answer.text)
        assert {tag for tag, _ in reader.tags}.isdisjoint({"b", "i"})
        assert len([tag for tag, _ in reader.tags if tag == "script"]) == 1
