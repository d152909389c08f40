"""The pages of the explorer: each answers what Python answers, and lets nothing through."""

from __future__ import annotations

import io
import re
import shutil
import signal
import socket
import subprocess
import sys
from collections import Counter
from html.parser import HTMLParser
from pathlib import Path
from unittest.mock import patch
from urllib.parse import urlsplit

import polars as pl
import pytest
from starlette.testclient import TestClient

from events import CEOAppointment, FundingRound, Organisation, Relationship
from timeline import Source, Timeline
from timeline.log.duckdb.file import File
from timeline.moment import view
from timeline.values import LockedFile, NotAllowed
from timeline.web import application, pages, serve

HOST = "http://127.0.0.1:8765"
SCRIPT = "<script>alert(1)</script>"
PAGES = (
    "/",
    "/state/relationship/microsoft/openai",
    "/state/relationship/microsoft/openai?as_of=2022-06-01&known=then",
    "/state/organisation/openai?as_of=2023-11-18&to_as_of=2023-11-30",
    "/state/project/Stargate%20data%20centre",
    "/entity/openai",
    "/record/A14",
    "/record/17?known=2026",
    "/log",
    "/log?type=funding_round&stands=yes",
    "/log?entity=Sam+Altman&text=ceo",
    "/sources",
    "/source?name=Axios",
    "/check",
    "/search?q=altman",
    "/search",
    "/sql",
    "/sql?q=SELECT+position,+earliest,+entities+FROM+records+LIMIT+3",
    "/types",
    "/types/funding_round",
    "/types/relationship",
)


def asked(path: Path | str) -> TestClient:
    """What asks the explorer of a file."""
    return TestClient(application(str(path)), base_url=HOST, follow_redirects=False)


@pytest.fixture(scope="module")
def client(seeded: str) -> TestClient:
    return asked(seeded)


@pytest.fixture
def own(tmp_path: Path) -> Path:
    """A file of one's own, in which somebody is called like markup."""
    path = tmp_path / "own.duckdb"
    with Timeline.open(path) as tl:
        tl.append(
            FundingRound(
                "2020", company="<script>alert(1)</script>", investors=['"Ann" & <b>Co</b>'], amount="$5"
            ),
            source=Source('A <i>title</i> "x"', publisher="<Post>", url="javascript:alert(1)"),
            note="<img src=x onerror=alert(1)>",
            id="<a>",
        )
        tl.append(
            CEOAppointment("2021", company="Acme", person="Ann"),
            source=Source("T", url="https://example.org/?a=1&b=2"),
        )
    return path


class Links(HTMLParser):
    """What a page points at, and what stands in it beside text."""

    def __init__(self) -> None:
        super().__init__()
        self.links: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Take in a tag."""
        found = dict(attrs)
        self.tags.append((tag, found))
        for name in ("href", "src", "srcset", "action"):
            if found.get(name):
                self.links.append(str(found[name]))


def links(text: str) -> list[str]:
    """All that a page points at on this server."""
    reader = Links()
    reader.feed(text)
    return [one for one in reader.links if not one.startswith(("#", "http://", "https://"))]


@pytest.mark.parametrize("url", PAGES)
def test_every_page_is_a_page_and_json(client: TestClient, url: str) -> None:
    """At the same address: by what is accepted, or by what is asked for."""
    page = client.get(url, headers={"accept": "text/html"})
    assert (page.status_code, page.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert page.text.count("<h1>") == 1
    told = client.get(url, headers={"accept": "application/json"})
    assert told.headers["content-type"] == "application/json"
    same = client.get(f"{url}{'&' if '?' in url else '?'}format=json")
    volatile = re.compile(r'"(point|valid)": "[^"]*"')
    assert volatile.sub("", same.text) == volatile.sub("", told.text)


def test_all_that_is_pointed_at_is_there(client: TestClient) -> None:
    """From the first page on, some of each kind, whatever they point at; the point is kept in all of it."""
    waiting = ["/?as_of=2023-11-18&known=2025-06&without=GZERO+Media", "/state/organisation/openai"]
    seen, kinds = set[str](), Counter[str]()
    while waiting:
        url = waiting.pop(0)
        kind = urlsplit(url).path.split("/")[1]
        if url in seen or kind in {"picture", "static", "live"} or kinds[kind] > 5:
            continue
        seen.add(url)
        kinds[kind] += 1
        answer = client.get(url)
        assert answer.status_code in (200, 303), (url, answer.text)
        if answer.status_code == 303:
            waiting.append(answer.headers["location"])
        elif answer.headers["content-type"].startswith("text/html"):
            found = links(answer.text)
            assert all(one.startswith("/") for one in found), url
            waiting += found
    assert {"", "entity", "state", "record", "log", "source", "sources", "check", "types", "sql"} <= {*kinds}
    pointed = [url for url in seen if "known=2025-06" in url]
    assert len(pointed) > len(seen) / 2


def test_the_twins_say_what_python_says(client: TestClient, seeded: str) -> None:
    """Of a state, of what differs, of a record, of the log, of what does not add up."""
    with Timeline.open(seeded, read_only=True) as tl:
        moment = tl.as_of("2023-11-18", known="2025-06")
        at = "as_of=2023-11-18&known=2025-06&format=json"
        state = client.get(f"/state/organisation/openai?{at}&to_as_of=2023-11-30").json()
        assert state["values"] == moment.of(Organisation, "openai").as_dict()["values"]
        assert state["why"] == moment.explain(Organisation, "openai").as_dict()["why"]
        assert state["history"] == moment.history(Organisation, "openai").as_dict()
        other = tl.as_of("2023-11-30", known="2025-06")
        assert state["diff"] == moment.diff(other, Organisation, "openai").as_dict()
        pair = client.get(f"/state/relationship/openai/microsoft?{at}").json()
        assert pair["values"] == moment.of(Relationship, "microsoft", "openai").as_dict()["values"]
        assert client.get(f"/record/A14?{at}").json() == moment.show("A14").as_dict()
        assert client.get(f"/check?{at}").json() == moment.check(by_then=True, most=50).as_dict()
        sources = client.get(f"/sources?{at}").json()["sources"]
        assert [one["source"] for one in sources] == [one.source for one in moment.sources()]
        assert client.get("/sql?q=SELECT+42+AS+a&format=json").json() == {
            "columns": ["a"],
            "count": 1,
            "rows": [[42]],
        }


@pytest.mark.parametrize(
    "chosen", ["", "&type=funding_round", "&entity=OpenAI", "&stands=yes", "&text=openai&type=remark"]
)
def test_the_log_is_paged_through_whole(client: TestClient, seeded: str, chosen: str) -> None:
    """Each record once, in order, by whatever is asked for."""
    found: list[int] = []
    after: int | None = 0
    with patch.object(pages, "_EACH", 7), patch.object(view, "_WINDOW", 5):
        while after is not None:
            told = client.get(f"/log?after={after}{chosen}&format=json").json()
            assert len(told["records"]) <= 7
            found += [one["position"] for one in told["records"]]
            after = told["next"]
    with Timeline.open(seeded, read_only=True) as tl:
        asked = dict(one.split("=") for one in chosen.split("&") if one)
        expected = tl.as_of().records(
            types=asked.get("type"),
            entities=asked.get("entity", ()),
            text=asked.get("text"),
            stands="stands" in asked,
        )
        assert found == [one.position for one in expected]


def test_names_lead_to_states_and_entities(client: TestClient) -> None:
    """One to an entity, two to what ties them; the point goes with it."""
    assert client.get("/ask?a=Open+AI").headers["location"] == "/entity/openai"
    where = client.get("/ask?a=OpenAI&b=microsoft&as_of=2022").headers["location"]
    assert where == "/state/relationship/microsoft/openai?as_of=2022"
    assert client.get("/ask").headers["location"] == "/"
    assert client.get("/ask?a=Sam+Altman&state=person").headers["location"] == "/state/person/sam-altman"
    assert client.get("/ask?a=nobody").status_code == 404


@pytest.mark.parametrize(
    ("url", "status", "words"),
    [
        ("/entity/nobody", 404, "nobody"),
        ("/record/nope", 404, "no record"),
        ("/types/nope", 404, "nope"),
        ("/state/nope/openai", 404, "nope"),
        ("/state/relationship/openai", 400, "two entities"),
        ("/log?after=x", 400, "is no number"),
        ("/log?after=99999999999999999999", 400, "is no number"),
        ("/log?type=nope", 404, "nope"),
        ("/?as_of=32+wombats", 400, "is not a date"),
        ("/?position=1000", 400, "1000"),
        ("/?without=Nobody", 400, "Nobody"),
        ("/?credence=sure", 400, "sure"),
        ("/?dates=whenever", 400, "whenever"),
        ("/?tz=Mars", 400, "Mars"),
        ("/source", 400, "name="),
        ("/source?name=Nobody", 400, "Nobody"),
        ("/sql?q=DELETE+FROM+log", 400, "exactly one SELECT"),
        ("/sql?q=SELECT+1%3B+SELECT+2", 400, "exactly one SELECT"),
        ("/sql?q=FROM+%27/etc/passwd%27", 400, "refuses"),
        ("/picture/nothing", 400, "no picture"),
        ("/nothing", 404, "none of the explorer"),
        ("/static/../app.py", 404, ""),
        ("/static/%2e%2e/app.py", 404, ""),
    ],
)
def test_what_cannot_be_answered_is_told(client: TestClient, url: str, status: int, words: str) -> None:
    """As a page, and as JSON."""
    answer = client.get(url)
    assert (answer.status_code, words.lower() in answer.text.lower()) == (status, True)
    assert "Traceback" not in answer.text
    if words:
        told = client.get(url, headers={"accept": "application/json"})
        assert told.status_code == status
        assert words.lower() in told.json()["problem"].lower()


def test_whatever_is_said_is_text(own: Path) -> None:
    """Names, notes, ids and addresses that are markup, or would run, are neither on any page."""
    client = asked(own)
    urls = [
        "/",
        "/log",
        "/entity/script-alert-1-script",
        "/record/1",
        "/record/%3Ca%3E",
        "/sources",
        "/check",
    ]
    urls += [
        "/source?name=%3CPost%3E",
        "/search?q=%3Cscript%3E",
        "/sql?q=SELECT+*+FROM+records",
        "/search?q=%22%3E%3Cb%3E",
    ]
    with Timeline.open(own, read_only=True) as tl:
        ids = [one.id for one in tl.as_of().entities()]
    urls += [f"/entity/{one}" for one in ids] + [f"/state/organisation/{one}" for one in ids]
    for url in urls:
        answer = client.get(url)
        assert answer.status_code in (200, 404), url
        reader = Links()
        reader.feed(answer.text)
        assert {tag for tag, _ in reader.tags}.isdisjoint({"b", "i"}), url
        assert [found for tag, found in reader.tags if tag == "script"] == [
            {"src": "/static/explore.js", "defer": None}
        ]
        assert not [
            tag
            for tag, found in reader.tags
            if any(name.startswith("on") or name == "style" for name in found)
        ]
        assert not [one for one in reader.links if one.lower().startswith("javascript")]
    assert 'href="https://example.org/?a=1&amp;b=2"' in client.get("/record/2").text


def test_only_this_host_is_answered_and_only_to_read(client: TestClient) -> None:
    """Whoever asks under another name, from a page of another, or to write, gets nothing."""
    for host in ("evil.example", "127.0.0.1.evil.example:8765", "", "[::2]", "[", "localhost.evil"):
        assert client.get("/", headers={"host": host}).status_code == 421
    for host in ("localhost", "127.0.0.1:1", "[::1]:8765", "LOCALHOST:80"):
        assert client.get("/types", headers={"host": host}).status_code == 200
    assert client.get("/types", headers={"origin": "https://evil.example"}).status_code == 403
    assert client.get("/types", headers={"origin": "null"}).status_code == 403
    assert client.get("/types", headers={"origin": HOST}).status_code == 200
    for method in ("POST", "PUT", "DELETE", "PATCH"):
        assert client.request(method, "/log").status_code == 405
    headers = client.get("/").headers
    policy = headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"


def test_a_token_lets_in(seeded: str) -> None:
    """Once, and by a cookie from then on; it does not stay in the address."""
    client = TestClient(
        application(seeded, host="timeline.example", token="s3cret"),  # noqa: S106
        base_url="http://timeline.example",
        follow_redirects=False,
    )
    assert client.get("/").status_code == 403
    assert client.get("/?token=wrong").status_code == 403
    assert client.get("/?token=%C3%A9").status_code == 403
    first = client.get("/types?token=s3cret&as_of=2022")
    assert (first.status_code, first.headers["location"]) == (303, "/types?as_of=2022")
    assert "httponly" in first.headers["set-cookie"].lower()
    assert client.get("/types").status_code == 200
    assert client.get("/static/style.css").status_code == 200


def test_where_others_hold_the_file_the_last_answer_is_shown(seeded: str, tmp_path: Path) -> None:
    """With who holds it; where there was none, that alone."""
    path = tmp_path / "held.duckdb"
    shutil.copy(seeded, path)
    client = asked(path)
    assert client.get("/types").status_code == 200
    held = LockedFile(str(path), "process 42 (writer)", 2.0)
    with patch.object(File, "connected", side_effect=held):
        again = client.get("/types")
        assert again.status_code == 200
        assert "process 42 (writer) holds the file" in again.text
        assert "funding_round" in again.text
        told = client.get("/types", headers={"accept": "application/json"}).json()
        assert told["holder"] == "process 42 (writer)"
        assert client.get("/sources").status_code == 503
    assert "holds the file" not in client.get("/types").text


def test_others_can_write_between_pages(tmp_path: Path) -> None:
    """The file is let go after each answer, and the next one has what was said."""
    path = tmp_path / "t.duckdb"
    tl = Timeline.open(path)
    tl.append(CEOAppointment("2021", company="Acme", person="Ann"))
    client = asked(path)
    assert client.get("/state/organisation/acme?format=json").json()["values"]["ceo"] == "ann"
    tl.append(CEOAppointment("2022", company="Acme", person="Bob"))
    assert client.get("/state/organisation/acme?format=json").json()["values"]["ceo"] == "bob"
    assert client.get("/state/organisation/acme?position=1&format=json").json()["values"]["ceo"] == "ann"


def test_a_query_is_cut_and_stopped(client: TestClient) -> None:
    """After so many rows, and so many seconds; all rows are there as CSV."""
    query = "q=SELECT+unnest(range(2500))+AS+n"
    page = client.get(f"/sql?{query}").text
    assert "2,500 rows, of which 1,000 are shown" in page
    assert page.count("<td>") == 1_000
    csv = client.get(f"/sql?{query}&download=csv")
    assert csv.headers["content-disposition"] == 'attachment; filename="rows.csv"'
    assert len(csv.text.splitlines()) == 2_501
    parquet = client.get(f"/sql?{query}&download=parquet")
    assert parquet.headers["content-disposition"] == 'attachment; filename="rows.parquet"'
    assert pl.read_parquet(io.BytesIO(parquet.content))["n"].sum() == 2_499 * 1_250
    with patch.object(pages, "_SECONDS", 0.05):
        slow = client.get("/sql?q=SELECT+count(*)+FROM+range(100000)+a,+range(1000000)+b")
    assert slow.status_code == 408


def test_pictures_are_drawn_light_and_dark(client: TestClient) -> None:
    """As files of their own, which may style themselves and nothing else."""
    for url in "graph", "timeline/project/Stargate%20data%20centre", "money/organisation/openai":
        light, dark = (client.get(f"/picture/{url}?as_of=2026&dark={dark}") for dark in ("", "yes"))
        assert light.headers["content-type"] == "image/svg+xml", light.text
        assert light.text.startswith("<svg")
        assert light.text != dark.text
        assert light.headers["content-security-policy"] == "default-src 'none'; style-src 'unsafe-inline'"


def test_an_empty_timeline_has_pages(tmp_path: Path) -> None:
    """Which say that there is nothing."""
    path = tmp_path / "empty.duckdb"
    Timeline.open(path)
    client = asked(path)
    for url in ("/", "/log", "/sources", "/check", "/search?q=a", "/types"):
        assert client.get(url).status_code == 200
    assert "no records" in client.get("/log").text


def test_what_is_served_where_is_checked(seeded: str) -> None:
    """A port is a number, and who can be reached from elsewhere needs a token."""
    with pytest.raises(NotAllowed, match="needs token="):
        serve(seeded, host="0.0.0.0")  # noqa: S104
    for port in (-1, 65_536, True):
        with pytest.raises(NotAllowed, match="a number up to"):
            serve(seeded, port=port)


def test_a_port_that_is_taken_is_told(seeded: str) -> None:
    """In words, and at once."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(NotAllowed, match=f"port {port}: address already in use"):
            serve(seeded, port=port)


def test_an_id_is_found_whatever_is_in_it(tmp_path: Path) -> None:
    """Also one that names are not compared by; and who is called alike is told apart."""
    path = tmp_path / "t.duckdb"
    names = ["C#", "C++", "A-B C", "..", "%41", "a/b", "a?b", "Ö"]
    with Timeline.open(path) as tl:
        for name in names:
            tl.append(CEOAppointment("2021", company=name, person="Ann"))
        ids = [one.id for one in tl.as_of().entities()]
        assert [one.id for one in tl.as_of().entities("c-sharp")] == ["c-sharp"]
    client = asked(path)
    for link in links(client.get("/").text):
        if link.startswith("/entity/"):
            assert client.get(link).status_code == 200, link
    for name in names:
        where = client.get("/ask", params={"a": name}).headers["location"]
        assert client.get(where).status_code == 200
        assert where.removeprefix("/entity/") in ids


def test_numbers_that_json_has_not_are_null(client: TestClient) -> None:
    """And keys are texts."""
    query = "SELECT 'NaN'::DOUBLE, {'b': 'inf'::DOUBLE}, MAP {'d': MAP {1.5: 2}}, DATE '2020-01-01'"
    told = client.get("/sql", params={"q": query, "format": "json"}).json()
    assert told["rows"] == [[None, {"b": None}, {"d": {"1.5": 2}}, "2020-01-01"]]


def test_odd_addresses_are_answered(client: TestClient) -> None:
    """With a page that says what is wrong, or as if nothing was said."""
    assert client.get("/?position=" + "9" * 5_000).status_code == 400
    assert client.get("/?as_of=&known=&position=&without=&tz=").status_code == 200
    now = client.get("/state/organisation/openai?as_of=now&known=now&position=now&to_known=now&format=json")
    assert now.json()["values"] == client.get("/state/organisation/openai?format=json").json()["values"]
    assert client.get("/types", headers={"origin": "http://["}).status_code == 403
    assert client.get("/ask?a=OpenAI&format=json").headers["location"] == "/entity/openai?format=json"
    page = client.get("/state/organisation/50%25")
    assert page.status_code == 404
    assert 'action="/state/organisation/50%25"' in page.text


def test_who_serves_others_is_known_by_any_name(seeded: str) -> None:
    """With a token, since nobody else has that; a page of somewhere else has not."""
    client = TestClient(
        application(seeded, host="0.0.0.0", token="t0k"),  # noqa: S104, S106
        base_url="http://192.168.1.5:8765",
        follow_redirects=False,
    )
    assert client.get("/types").status_code == 403
    first = client.get("/record/a%3Fb%25?token=t0k&as_of=2022")
    assert first.headers["location"] == "/record/a%3Fb%25?as_of=2022"
    assert client.get("/types").status_code == 200
    assert client.get("/types", headers={"origin": "http://192.168.1.5:8765"}).status_code == 200
    assert client.get("/types", headers={"origin": "http://evil.example"}).status_code == 403
    with pytest.raises(NotAllowed, match="a token is made of"):
        serve(seeded, host="0.0.0.0", token="日本")  # noqa: S104, S106


def test_an_interrupt_ends_it_though_a_page_is_open(seeded: str) -> None:
    """What a page waits for is cut off."""
    command = [sys.executable, "-m", "timeline.cli", "explore", "--port", "0", "--db", seeded]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        found = re.search(r":(\d+)/", process.stderr.readline())
        assert found is not None
        with socket.create_connection(("127.0.0.1", int(found[1]))) as waiting:
            waiting.sendall(b"GET /live HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
            assert b"200" in waiting.recv(1_000)
            process.send_signal(signal.SIGINT)
            assert process.wait(timeout=20) in (0, 130)
        assert "Traceback" not in process.stderr.read()
