"""Pictures: their rows are what histories and diffs say, and what is drawn of them is safe and whole."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from events.agreements import ExclusivityDeal, ExclusivityEnd
from events.contacts import Meeting
from events.funding import FundingRound
from events.projects import ProjectAnnounced, ProjectPostponed
from tests.reuse import in_memory
from timeline import Source, Timeline, plot
from timeline.errors import CatalogueError, MissingExtra, NotAllowed
from timeline.moment import History
from timeline.plot.chart import LIGHT
from timeline.plot.graph_chart import placed
from timeline.plot.picture import Picture

HOSTILE = '<script>alert("1")</script> & ]]>'
PAIR = ("Ann", "Bo")


@pytest.fixture(scope="module")
def told() -> Timeline:
    """Two in love with exclusivity, a plan that slips, money, and a third with a name that bites."""
    tl = in_memory()
    paper = Source("A <b>paper</b>", url="https://example.org/a?b=1&c=2", published="2020-06")
    script = Source("Bad link", url="javascript:alert(1)", published="2021")
    tl.append(
        ExclusivityDeal("2020-03", grantor="Ann", grantee="Bo", scope="cloud"),
        Meeting("2021", people=[], organisations=["Ann", HOSTILE], occasion=f"{HOSTILE} \u202egone"),
        FundingRound("2020-05-01", company="Ann", investors=["Bo"], amount="5m USD"),
        source=paper,
    )
    tl.append(
        ExclusivityEnd("2022-02", grantor="Ann", grantee="Bo", scope="cloud"),
        FundingRound("2021-05-01", company="Ann", investors=["Bo"], amount=None),
        FundingRound("2021-07-01", company="Ann", investors=["Bo"], amount="7m USD"),
        ProjectAnnounced("2020-01-10", project="Ship", partners=["Ann"], planned="2020-06"),
        ProjectPostponed("2020-05-10", project="Ship", partners=["Ann"], planned="2021-01"),
        source=script,
        known="2022-06",
    )
    return tl


def pictures(tl: Timeline) -> list[Picture]:
    return [
        plot.timeline(tl.as_of("2021"), "relationship", *PAIR),
        plot.timeline(tl.as_of("2021"), "relationship", "Ann", HOSTILE),
        plot.timeline(tl.as_of("2021"), "project", "Ship"),
        plot.money(tl.as_of("2023"), "relationship", *PAIR),
        plot.changes(tl.as_of("2020-01"), tl.as_of("2023"), "relationship", *PAIR),
        plot.graph(tl.as_of("2023")),
    ]


def test_bars_are_the_periods_of_the_history(told: Timeline) -> None:
    """What holds, and how sure it is, is in the bars what it is in the history at each of its turns."""
    found: History = told.as_of().history("relationship", *PAIR, field="exclusivities")
    picture = plot.timeline(told.as_of(), "relationship", *PAIR)
    rows = [row for row in picture.table() if "exclusiv" in row["what"]]
    bars = [row for row in rows if row["to"]]
    assert [(row["from"], row["to"], "may" in row["told"]) for row in bars] == [
        (row.begins, row.ends, bool(row.doubts))
        for row, period in zip(found.rows, found.periods, strict=True)
        if period.value or period.unsettled["exclusivities"]
    ]
    assert bars[0]["told"].endswith("(may have begun)")
    assert bars[2]["told"].endswith("(may be otherwise)")


def test_an_imprecise_event_does_not_look_like_an_exact_one() -> None:
    """Its mark is hollow at the end of its span, which is drawn, too."""
    rounds = in_memory()
    for when in ("2020-05-01", "2021"):
        rounds.append(FundingRound(when, company="Ann", investors=["Bo"], amount=None))
    picture = plot.timeline(rounds.as_of("2022"), "relationship", *PAIR)
    (line,) = (one for one in picture.text().splitlines() if one.startswith("event: funding round"))
    assert re.fullmatch(r"event: funding round +◆ +░{10,}◇ +│", line)
    marks = {
        layer["mark"]["fill"]: [row["says"].split(" · ")[1] for row in layer["data"]["values"]]
        for layer in picture.spec()["layer"]
        if layer["mark"].get("shape") == "diamond"
    }
    assert marks == {LIGHT.ink: ["2020-05-01"], LIGHT.ground: ["2021"]}


def test_what_explains_a_drawing_is_not_said_of_a_table(told: Timeline) -> None:
    """Solid, dashed and hatched are no words for letters; in the drawing they are there."""
    for picture in pictures(told):
        assert not re.search("solid|dashed|hollow|faded|hatched", picture.text())
    drawn = plot.money(told.as_of("2023"), "relationship", *PAIR).spec()["title"]["subtitle"]
    assert drawn[1].startswith("solid: as known now")


def test_the_table_reads_from_the_first_to_the_last_and_makes_no_row_of_a_day() -> None:
    """What may have begun within an exact day has begun on it, and the same for what ends."""
    tl = in_memory()
    tl.append(
        ExclusivityDeal("2022-09-01", grantor="Ann", grantee="Bo", scope="cloud"),
        FundingRound("2020-05-01", company="Ann", investors=["Bo"], amount=None),
        ExclusivityEnd("2023-02-05", grantor="Ann", grantee="Bo", scope="cloud"),
    )
    rows = plot.timeline(tl.as_of(), "relationship", *PAIR).table()
    assert [(row["from"], row["to"]) for row in rows] == [
        ("2020-05-01", ""),
        ("2022-09-01", "end of 2023-02-05"),
        ("2022-09-01", ""),
        ("2023-02-05", ""),
    ]


def test_slips_are_those_of_the_plan(told: Timeline) -> None:
    """Each slip of a plan is an arrow from the date before to the date after."""
    (plan,) = told.as_of("2021").plans("project", "Ship")
    rows = plot.timeline(told.as_of("2021"), "project", "Ship").table()
    slips = [(row["from"], row["to"]) for row in rows if row["told"].startswith("slipped")]
    assert slips == [(str(slip.before), str(slip.after)) for slip in plan.slips] != []


def test_money_steps_are_those_of_both_histories(told: Timeline) -> None:
    """Known now and known then each follow their own history."""
    rows = plot.money(told.as_of("2023"), "relationship", *PAIR).table()
    for known, words in ((None, "as known now"), ("then", "as known then")):
        found = told.as_of(known=known).history("relationship", *PAIR, field="invested")
        sums = [str(period.value["bo"]) for period in found if period.value]
        assert [row["amount"] for row in rows if row["known"] == words] == sums


def test_changes_are_those_of_the_diff(told: Timeline) -> None:
    """Every field that differs has a row, and no other has."""
    moments = told.as_of("2020-01"), told.as_of("2023")
    differing = moments[0].diff(moments[1], "relationship", *PAIR).changes
    fields = {change.field.replace("_", " ") for change in differing}
    rows = plot.changes(*moments, "relationship", *PAIR).table()
    assert {row["what"].partition(":")[0] for row in rows} == fields
    assert plot.changes(moments[1], moments[1], "relationship", *PAIR).table() == []


def test_nodes_stay_put_as_the_date_moves(told: Timeline) -> None:
    """The places of the graph are the same at any date, its ties are those of the date."""
    dots = [
        [
            {(row["x"], row["y"]) for layer in picture.spec()["layer"] for row in _dots(layer)}
            for picture in (plot.graph(told.as_of(date)), plot.graph(told.as_of(date, known=date)))
        ]
        for date in ("2020-04", "2021", "2023")
    ]
    assert len({frozenset(one) for several in dots for one in several}) == 1
    assert len(plot.graph(told.as_of("2019")).table()) < len(plot.graph(told.as_of("2023")).table())


def _dots(layer: dict[str, object]) -> list[dict[str, float]]:
    rows = layer.get("data", {"values": []})["values"]  # type: ignore[index]
    return [row for row in rows if "size" in row]


def test_places_do_not_depend_on_order() -> None:
    """The layout has no chance in it, and takes ties in any order."""
    ties = {(f"n{one}", f"n{(one * 7 + 3) % 40}"): 1.0 + one for one in range(40)}
    nodes = {node for pair in ties for node in pair}
    turned = dict(reversed(ties.items()))
    assert placed(sorted(nodes), ties) == placed(sorted(nodes, reverse=True), turned)
    assert len(set(placed(nodes, ties).values())) == len(nodes)


def test_pictures_are_drawn_and_stand_alone(told: Timeline, tmp_path: Path) -> None:
    """Each is drawn light and dark, says when in its subtitle, and its page loads and runs nothing."""
    allowed = {
        "http://www.w3.org/2000/svg",
        "http://www.w3.org/1999/xlink",
        "https://example.org/a?b=1&amp;c=2",
    }
    for number, picture in enumerate(pictures(told)):
        assert any("records" in line and "end of" in line for line in picture.subtitle)
        assert picture.chart() is not None
        for dark in (False, True):
            image = ET.fromstring(picture.svg(dark=dark))  # noqa: S314
            assert image.tag == "{http://www.w3.org/2000/svg}svg"
            titles = [one.text or "" for one in image.iter("{http://www.w3.org/2000/svg}title")]
            assert titles
            assert not [one for one in titles if re.match(r"(?:x2?|y2?|from|at|size|text|ink): ", one)]
        page = picture.save(tmp_path / f"{number}.html").read_text(encoding="utf-8")
        assert "<meta charset" in page
        assert "<table" in page
        assert "<script" not in page
        assert 'href="javascript' not in page
        marked = re.sub(r"<title>[^<]*</title>|aria-label=\"[^\"]*\"", "", page)
        assert set(re.findall(r"https?://[^\"'\s<)]+", marked)) <= allowed
        assert picture.save(tmp_path / f"{number}.png").read_bytes().startswith(b"\x89PNG")
        assert all(line.isprintable() for line in picture.text().splitlines())
        assert "<script" not in picture._repr_mimebundle_()["text/html"]


def test_answers_in_notebooks_are_escaped(told: Timeline) -> None:
    """States, histories, diffs and explanations are shown as HTML in which names are text."""
    who = ("Ann", HOSTILE)
    moment = told.as_of("2023")
    for shown in (
        moment.of("relationship", *who),
        told.as_of().history("relationship", *who),
        told.as_of("2019").diff(moment, "relationship", *who),
        moment.explain("relationship", *who),
    ):
        page = shown._repr_html_()
        assert "<script" not in page
        assert "&lt;script&gt;" in page
        assert "\u202e" not in page


def test_what_cannot_be_drawn_is_refused(told: Timeline, tmp_path: Path) -> None:
    """Another suffix, a graph of single entities, and sums that are none."""
    with pytest.raises(NotAllowed, match=r"\.png, \.svg, \.html"):
        plot.graph(told.as_of()).save(tmp_path / "x.gif")
    with pytest.raises(NotAllowed, match="of pairs"):
        plot.graph(told.as_of(), "organisation")
    with pytest.raises(CatalogueError, match="adds up no money; fields that do: invested"):
        plot.money(told.as_of(), "relationship", *PAIR, field="rounds")


def test_what_is_not_installed_is_named(told: Timeline, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without what draws, the error names the extra, and a notebook shows the table."""
    picture = plot.money(told.as_of(), "relationship", *PAIR)
    monkeypatch.setitem(sys.modules, "vl_convert", None)
    monkeypatch.setitem(sys.modules, "altair", None)
    with pytest.raises(MissingExtra, match=r"timeline\[viz\]"):
        picture.svg()
    with pytest.raises(MissingExtra, match="Altair"):
        picture.chart()
    assert "<table" in picture._repr_mimebundle_()["text/html"]


SPANS = ("2020-06-01", "2020-06-01/2020-06-06", "2020-06", "2020-06/2020-11", "2020/2023", "2020/2060")


@pytest.mark.parametrize("span", SPANS)
def test_no_two_ticks_of_time_are_labelled_alike(told: Timeline, span: str) -> None:
    """Whatever stretch of time is shown, and labels do not lie over each other."""
    since, _, until = span.partition("/")
    picture = plot.timeline(told.as_of("2021"), "relationship", *PAIR, since=since, until=until or since)
    (labels,) = re.findall(r'class="[^"]*role-axis-label[^"]*"[^>]*>(.*?)</g>', picture.svg())[-1:]
    shown = re.findall(r'opacity="1">([^<]+)<', labels)
    assert 3 <= len(shown) == len(set(shown)) <= 12
