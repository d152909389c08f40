"""Pictures: their rows are what histories and diffs say, and what is drawn of them is safe and whole."""

from __future__ import annotations

import math
import re
import sys
from datetime import UTC, datetime, timedelta
from itertools import combinations, pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given, strategies as st
from hypothesis.strategies import SearchStrategy

from events.agreements import ExclusivityDeal, ExclusivityEnd
from events.contacts import Meeting
from events.funding import FundingRound
from events.names import EntityRenamed
from events.projects import ProjectAnnounced, ProjectCancelled, ProjectPostponed
from tests.oracle import Dated
from tests.reuse import in_memory
from tests.strategies import dates
from timeline import Source, Timeline, When, plot
from timeline.errors import CatalogueError, MissingExtra, NotAllowed
from timeline.moment import History
from timeline.plot.bars import drawn_at
from timeline.plot.chart import LIGHT, Axis, ticks, ticks_in_letters
from timeline.plot.graph_layout import labelled, placed
from timeline.plot.picture import Picture
from timeline.values import END

if TYPE_CHECKING:
    from playwright.sync_api import Browser

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
    """Its mark is hollow within its span, which is drawn, too; and each says what happened."""
    rounds = in_memory()
    for when in ("2020-05-01", "2021"):
        rounds.append(FundingRound(when, company="Ann", investors=["Bo"], amount=None))
    picture = plot.timeline(rounds.as_of("2022"), "relationship", *PAIR)
    (line,) = (one for one in picture.text().splitlines() if one.startswith("event: funding round"))
    assert re.fullmatch(r"event: funding round +◆ Ann raises .*?░{5,}◇ Ann raises .*│?", line)
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
        assert [row["amount"] for row in rows if row["known"] == words] == list(dict.fromkeys(sums))


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


def marks_in(picture: Picture, *, shape: str | None = None) -> list[dict[str, Any]]:
    """The rows of all point marks, of one shape or of any."""
    return [
        row
        for layer in picture.spec()["layer"]
        if layer.get("mark", {}).get("type") == "point" and shape in {None, layer["mark"].get("shape")}
        for row in layer["data"]["values"]
    ]


@given(dates())
def test_a_date_is_drawn_within_itself(date: Dated) -> None:
    """So "2028" is never on the tick of 2029; one without an end on the day of the other."""
    when = When(date.text)
    at = drawn_at(when)
    if when.earliest is None or when.latest is None:
        only = when.earliest or when.latest
        assert (at and at.date()) == (only and only.date())
    else:
        assert at is not None
        assert when.earliest <= at <= when.latest


def test_a_plan_for_a_year_is_drawn_in_that_year() -> None:
    """Its sign lies between the ticks, and all the year is faded behind it."""
    tl = in_memory()
    tl.append(ProjectAnnounced("2020-01-10", project="Ship", partners=["Ann"], planned="2028"))
    picture = plot.timeline(tl.as_of("2021"), "project", "Ship")
    (planned,) = (row for row in marks_in(picture) if row.get("shape") == "square")
    assert planned["from"].startswith("2028-07")
    drawn = [row for layer in picture.spec()["layer"] for row in layer["data"]["values"]]
    assert any(row.get("from", "").startswith("2028-01-01") for row in drawn)


def test_what_is_put_off_without_a_date_is_not_given_up() -> None:
    """Each has a sign of its own, and the legend has those that there are."""
    tl = in_memory()
    tl.append(ProjectAnnounced("2020-01-10", project="Ship", partners=["Ann"], planned="2020-06"))
    tl.append(ProjectPostponed("2020-05-10", project="Ship", partners=["Ann"]))
    off = plot.timeline(tl.as_of("2021"), "project", "Ship")
    assert "put off, no date given" in off.notes[0]
    assert "given up" not in off.notes[0] + off.text() + str(off.table())
    assert "⊖" in off.text()
    tl.append(ProjectCancelled("2020-09-01", project="Ship", partners=["Ann"]))
    over = plot.timeline(tl.as_of("2021"), "project", "Ship")
    assert "× given up" in over.notes[0]
    assert [row["told"] for row in over.table() if row["what"] == "planned date"] == [
        "2020-06 put off, no date given",
        "given up 2020-09-01",
    ]


def test_bars_are_dashed_beyond_the_date_asked_about(told: Timeline) -> None:
    """What is drawn solid ends there, what is dashed begins there; letters have a sign of their own."""
    picture = plot.timeline(told.as_of("2021-03"), "relationship", *PAIR)
    bars = [layer for layer in picture.spec()["layer"] if layer["mark"]["type"] == "bar"]
    for layer in bars:
        if "strokeDash" in layer["mark"]:
            assert all(row["from"] >= "2021-04" for row in layer["data"]["values"])
        elif layer["mark"].get("fillOpacity"):
            assert all(row["to"] <= "2021-04-01T00:00:00.000Z" for row in layer["data"]["values"])
    assert any("strokeDash" in layer["mark"] for layer in bars)
    assert "╌ after the date" in picture.text()
    late = plot.timeline(told.as_of("2021-03"), "relationship", *PAIR, until="2021-01")
    assert "╌" not in late.text()


def test_rows_of_events_say_what_happened(told: Timeline) -> None:
    """In the drawing as in letters."""
    picture = plot.timeline(told.as_of("2021"), "relationship", "Ann", HOSTILE)
    texts = [
        row["text"]
        for layer in picture.spec()["layer"]
        if layer["mark"]["type"] == "text"
        for row in layer["data"]["values"]
        if "text" in row
    ]
    assert any(text.startswith("contact of ") for text in texts)
    assert "◇ contact of " in picture.text(120)


@pytest.mark.parametrize("width", [40, 60, 100, 200])
def test_letters_have_dates_and_names_whatever_the_width(width: int) -> None:
    """Over any span two dates stand over the lanes; names that begin alike are told apart by their ends."""
    tl = in_memory()
    for index in range(3):
        grant = f"a scope with a long name, number {index}"
        tl.append(ExclusivityDeal("2020-03", grantor="Ann Widget Works", grantee="Bo", scope=grant))
    for until in ("2020-03-02", "2020-09", "2024", "2900", "9000"):
        pair = "Ann Widget Works", "Bo"
        picture = plot.timeline(tl.as_of(), "relationship", *pair, since="2020", until=until)
        axis, *lanes = picture.text(width).splitlines()[4:8]
        assert len(re.findall(r"\d{4}", axis)) >= 2
        assert [re.findall(r"er (\d)  ", lane) for lane in lanes] == [["0"], ["1"], ["2"]]
        assert all(len(line) <= max(width, 50) for line in picture.text(width).splitlines()[3:])


def axes() -> SearchStrategy[Axis]:
    instants = st.datetimes(datetime(1, 1, 1), datetime(9998, 12, 31), timezones=st.just(UTC))  # noqa: DTZ001
    lengths = st.integers(0, 40).map(lambda power: timedelta(seconds=2**power // 50 + 1))
    return st.builds(
        lambda first, length: Axis(first, min(first + min(length, END - first), END)), instants, lengths
    ).filter(lambda axis: axis.first < axis.last)


@given(axes(), st.integers(20, 200))
def test_ticks_are_unlike_within_the_axis_and_apart(axis: Axis, room: int) -> None:
    """Whatever the span; and letters have two dates at least."""
    found = ticks(axis, room)
    assert len(set(found.values())) == len(found)
    assert all(axis.first <= at <= axis.last for at in found)
    places = [(axis.part(at) * room, label) for at, label in found.items()]
    assert all(place + len(label) <= following for (place, label), (following, _) in pairwise(places))
    if room >= 24:
        assert len(re.findall(r"\d{4}", ticks_in_letters(axis, room))) >= 2


def test_names_are_those_of_the_date() -> None:
    """Of entities that are tied then, and of those that are not."""
    tl = in_memory()
    tl.append(
        FundingRound("2020", company="Ann", investors=["Bo"], amount="1m USD"),
        FundingRound("2024", company="Cy", investors=["Di"], amount="1m USD"),
        EntityRenamed("2030", entity="bo", name="Bobo"),
        EntityRenamed("2030", entity="di", name="Dido"),
    )
    for date, names in (("2022", {"Ann", "Bo", "Cy", "Di"}), ("2031", {"Ann", "Bobo", "Cy", "Dido"})):
        drawn = plot.graph(tl.as_of(date)).spec()["layer"][-1]["layer"][0]["data"]["values"]
        assert {row["text"] for row in drawn} == names
        assert names >= {row["one"] for row in plot.graph(tl.as_of(date)).table()}
    assert "Bobo" not in plot.timeline(tl.as_of("2022"), "relationship", "ann", "bo").text(150)


def test_ties_show_their_direction_and_what_is_open() -> None:
    """An arrow goes from the one named first to the other; what has no direction has no arrow."""
    tl = in_memory()
    tl.append(
        FundingRound("2020-05-01", company="Ann", investors=["Bo"], amount="1m USD"),
        FundingRound("2020", company="Cy", investors=["Di"], amount="1m USD"),
        Meeting("2020-05-01", people=[], organisations=["Ed", "Flo"], occasion="lunch"),
    )
    picture = plot.graph(tl.as_of("2020-06"))
    assert picture.notes == ("arrow: from whom to whom · dashed: may be so",)
    heads = marks_in(picture, shape="triangle-up")
    dots = {row["says"].partition(" (")[0]: row for row in marks_in(picture) if "size" in row}
    assert len(heads) == 2
    for name, other in (("Ann", "Bo"), ("Cy", "Di")):
        near = min(heads, key=lambda row: math.dist((row["x"], row["y"]), (dots[name]["x"], dots[name]["y"])))
        away = math.atan2(dots[name]["x"] - dots[other]["x"], dots[other]["y"] - dots[name]["y"])
        assert near["angle"] == pytest.approx(math.degrees(away))


PLACES = st.tuples(st.floats(60, 840), st.floats(20, 560))


@given(st.lists(PLACES, min_size=1, max_size=12, unique=True), st.data())
def test_names_lie_over_no_dot_and_no_other_name(
    places: list[tuple[float, float]], data: st.DataObject
) -> None:
    """And over no line, if there is but one."""
    dots = {f"n{index}": (place, 6.0) for index, place in enumerate(places)}
    texts = {name: data.draw(st.sampled_from(["Bo", "Ann Widget Works", "A" * 26])) for name in dots}
    found = labelled(texts, dots, [], (900, 600))
    boxes = {name: box(middle, texts[name]) for name, middle in found.items()}
    for (one, first), (other, second) in combinations(boxes.items(), 2):
        assert not meet(first, second), (one, other)
    for name, first in boxes.items():
        assert not any(meet(first, around(dots[other][0], 6)) for other in dots if other != name)


@given(PLACES, PLACES)
def test_a_name_keeps_off_the_line_of_its_dot(one: tuple[float, float], other: tuple[float, float]) -> None:
    """Wherever that goes."""
    if math.dist(one, other) < 60:
        return
    found = labelled({"a": "Ann Widget"}, {"a": (one, 6.0)}, [(one, other)], (900, 600))
    a, b, c, d = box(found["a"], "Ann Widget")
    for part in range(101):
        x, y = (start + (end - start) * part / 100 for start, end in zip(one, other, strict=True))
        assert not (a < x < c and b < y < d)


def box(middle: tuple[float, float], text: str) -> tuple[float, float, float, float]:
    half = len(text) * 3.1
    return middle[0] - half, middle[1] - 6.5, middle[0] + half, middle[1] + 6.5


def around(place: tuple[float, float], size: float) -> tuple[float, float, float, float]:
    return place[0] - size, place[1] - size, place[0] + size, place[1] + size


def meet(one: tuple[float, ...], other: tuple[float, ...]) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


def test_the_last_sum_is_written_and_told_from_then(told: Timeline) -> None:
    """Where both are alike it is said once, and so."""

    def ends(date: str) -> list[str]:
        layers = plot.money(told.as_of(date), "relationship", *PAIR).spec()["vconcat"][0]["layer"]
        return [row["text"] for row in layers[-1]["data"]["values"] if "text" in row]

    assert ends("2023") == ["$12m + 1 undisclosed, now and then alike"]
    assert ends("2021-12") == ["$5m, known then", "$12m + 1 undisclosed, known now"]


def test_what_changed_names_the_records(told: Timeline) -> None:
    """Each row says by which records it differs."""
    for row in plot.changes(told.as_of("2020-01"), told.as_of("2023"), "relationship", *PAIR).table():
        assert re.search(r"#\d", row["why"])


def test_now_is_told_to_the_second_and_records_by_their_places(told: Timeline) -> None:
    """No fraction of a second and no word of positions is in what a picture says of itself."""
    here, there = told.as_of(), told.as_of("2019")
    for picture in (
        plot.timeline(here, "relationship", *PAIR),
        plot.money(here, "relationship", *PAIR),
        plot.changes(there, here, "relationship", *PAIR),
        plot.graph(here),
    ):
        lines = " ".join((picture.title, *picture.subtitle, *picture.notes))
        assert not re.search(r"\d\.\d|position", lines)
        assert "records 1–8" in lines


@pytest.mark.parametrize("width", [320, 390, 1400])
def test_a_page_is_no_wider_than_the_screen(
    told: Timeline, tmp_path: Path, browser: Browser, width: int
) -> None:
    """A phone's, too: what has no room moves within its own frame."""
    page = browser.new_page(viewport={"width": width, "height": 800})
    for number, picture in enumerate(pictures(told)):
        page.goto(picture.save(tmp_path / f"{number}.html").as_uri())
        assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.close()


SPANS = ("2020-06-01", "2020-06-01/2020-06-06", "2020-06", "2020-06/2020-11", "2020/2023", "2020/2060")


@pytest.mark.parametrize("span", SPANS)
def test_no_two_ticks_of_time_are_labelled_alike(told: Timeline, span: str) -> None:
    """Whatever stretch of time is shown, and labels do not lie over each other."""
    since, _, until = span.partition("/")
    picture = plot.timeline(told.as_of("2021"), "relationship", *PAIR, since=since, until=until or since)
    (labels,) = re.findall(r'class="[^"]*role-axis-label[^"]*"[^>]*>(.*?)</g>', picture.svg())[-1:]
    shown = re.findall(r'opacity="1">([^<]+)<', labels)
    assert 3 <= len(shown) == len(set(shown)) <= 12
