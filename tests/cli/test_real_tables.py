"""Tables as they lie about: each goes from the file to an answer in three commands, what is doubtful told.

They are made up, in the shapes of lists that people publish: with marks of byte order, other encodings,
columns without a name, dates of several kinds in one column, amounts in crores, and rows that say the same.
"""

from __future__ import annotations

import io
import shlex
import sys
from pathlib import Path
from typing import Any, Final

import attrs
import pytest

from tests.cli.test_cli import Shell
from tests.formats.test_table_files import sheet


@attrs.frozen(kw_only=True)
class Lying:
    """A table, the flags by which it is loaded, what a dry run tells, and a question with its answer.

    What is `piped` is given on standard input.
    """

    name: str
    text: str
    flags: str
    told: tuple[str, ...]
    asked: str
    answer: tuple[str, ...]
    encoding: str = "utf-8"
    piped: bool = False


FUNDING: Final = Lying(
    name="funding.csv",
    text="\ufeffSr No,Date dd/mm/yyyy,Startup Name,,Investors Name,Amount in USD\n"
    '1,09/01/2020,Lumen Kart,retail,"Tidal Fund, Oru Capital","1,30,00,000"\n'
    "2,22/01/15,Lumen Kart,retail,Oru Capital,Undisclosed\n"
    "3,Jan-17,Pedal & Co,bikes,Tidal Fund,$1.5M\n"
    '4,43831,Pedal & Co,bikes,,"2,50,000"\n'
    '5,43831,Pedal & Co,bikes,,"2,50,000"\n',
    flags="--type funding_round --known occurred --map 'company=Startup Name,occurred=Date dd/mm/yyyy,"
    "investors=Investors Name,amount=Amount in USD USD' --lists , --missing Undisclosed "
    "--dates day/month/year --dates excel --dates words",
    told=(
        "4 would be new · 0 known already · 1 said by an earlier row",
        "not read: Sr No, column 4",
        "date '22/01/15' is 2015-01-22: 15 taken for 2015",
        "date 'Jan-17' is 2017-01: January 2017; 17 taken for 2017",
        "date '43831' is 2020-01-01: a number of days as Excel has them, counted from 1900",
        "2020-01-09 Lumen Kart raises money from Tidal Fund and Oru Capital: $13m",
        "2015-01-22 Lumen Kart raises money from Oru Capital, known",
        "2017-01 Pedal & Co raises money from Tidal Fund: $1.5m",
    ),
    asked="2020 'Lumen Kart'",
    answer=("raised  $13m + 1 undisclosed",),
)
OFFICERS: Final = Lying(
    name="officers.csv",
    text="Société;Nom;Fonction;Nommé le;Démission le\n"
    "Crème & Fils SA;Zoë Müller;chair;03.01.2018;31.12.2020\n"
    "Crème & Fils SA;Jürgen Weiß;chair;01.01.2021;\n",
    encoding="cp1252",
    flags="--map 'office_taken.occurred=Nommé le,office_left.occurred=Démission le,organisation=Société,"
    "person=Nom,office=Fonction' --known occurred --dates day/month/year",
    told=(
        "3 would be new",
        "CSV in cp1252, 2 rows as office_taken and office_left",
        "2020-12-31 Zoë Müller is no longer chair at Crème & Fils SA",
        "read as cp1252, since it is not UTF-8; say its encoding if letters are wrong",
        "read with semicolons between the cells",
    ),
    asked="2021-06 'Crème & Fils SA'",
    answer=("Jürgen Weiß becomes chair at Crème & Fils SA",),
)
LAYOFFS: Final = Lying(
    name="layoffs.csv",
    text="Company,Location HQ,# Laid Off,Date,Source\n"
    "Quill Cloud,Lund Haven,120,1/4/2023,https://paper.example/a\n"
    "Quill Cloud,Lund Haven,,3/13/2023,https://paper.example/b\n"
    'Brass Bank,Port Tavish,"1,200",11/9/2022,https://paper.example/c\n',
    flags="--type figure_reported --map 'of=Company,number=# Laid Off,occurred=Date,url=Source' "
    "--set 'measure=staff laid off' --known occurred --dates month/day/year --numbers 1,234.5 "
    "--skip-if-blank '# Laid Off'",
    told=(
        "2 would be new · 0 known already · 1 left out, being blank",
        "2023-01-04 Quill Cloud: 120 staff laid off [https://paper.example/a]",
        "2022-11-09 Brass Bank: 1,200 staff laid off [https://paper.example/c]",
    ),
    asked="2023 'Quill Cloud'",
    answer=("Quill Cloud: 120 staff laid off",),
)
INCIDENTS: Final = Lying(
    name="incidents.tsv",
    text="incident_id\tdate\treported\tdeployer\ttitle\turl\n"
    "7\tover the weekend\t2024-05-21\tHarbour Robots\tCrane drops a crate\thttps://paper.example/7\n"
    "8\tlate last year\t2024-03-04\tHarbour Robots\tFerry leaves alone\thttps://paper.example/8\n"
    "9\t2017-04-04 10:30\t2017-04-05\tQuill Cloud\tSearch shows notes\thttps://paper.example/9\n",
    flags="--type proceeding_opened --map 'matter=title,against=deployer,occurred=date,known=reported,"
    "url=url,id=incident-{incident_id}' --set form=investigation --dates phrases --dateline reported",
    told=(
        "date 'over the weekend' (said 2024-05-21) is [2024-05-18..2024-05-19]: the last weekend begun by",
        "date 'late last year' (said 2024-03-04) is [2023-09..2023-12]: the last third of the calendar year",
        "incident-9 (#3) 2017-04-04T10:30 Search shows notes",
        "[https://paper.example/7], known 2024-05-21 UTC",
    ),
    asked="2024-05-20 'Harbour Robots' --known 2024-05-22",
    answer=("Crane drops a crate", "Ferry leaves alone"),
)
PORTFOLIO: Final = Lying(
    name="portfolio.xlsx",
    text="",
    flags="--map 'project_announced.occurred=Announced,project_completed.occurred=Actual end,project=Project,"
    "partners=Lead,planned=Planned end,budget={Budget (EUR m)}m EUR' --known occurred --dates excel "
    "--missing TBD",
    told=(
        "row 2 is taken to name the columns",
        "date '43101' is 2018-01-01: a number of days as Excel has them, counted from 1900",
        "3: #1 2018-01-01 North Quay becomes known as a plan of Harbour Board, for 2019-12-31, at €12.5m",
        "3: #2 2020-12-31 North Quay is completed",
        "4: #3 2019-01-01 Tide Gate becomes known as a plan of Harbour Board, for 2021-12-31, known",
    ),
    asked="2021 'North Quay' --state project",
    answer=("completed",),
)
SANCTIONS: Final = Lying(
    name="sanctions.csv",
    text="ent_num,SDN_Name,Program,Listed,Delisted,Remarks\n"
    "36,Brine Shipping,HARBOUR-1,03-MAR-2006,,\n"
    "37,Kelp Trading,HARBOUR-1,12 Jun 1995,circa 2002,\n"
    "38,Old Pier Bank,HARBOUR-2,1957 to 1960,,\n"
    "39,Reef Holdings,HARBOUR-2,04\u201107\u20112014,,\n",
    flags="--map 'proceeding_opened.occurred=Listed,proceeding_closed.occurred=Delisted,matter=Program,"
    "against=SDN_Name' --set form=other,brought_by='Harbour Office' --known occurred --dates words "
    "--month-first",
    told=(
        "date '03-MAR-2006' is 2006-03-03",
        "date '1957 to 1960' is [1957..1960]: from the year 1957, to the year 1960",
        "date 'circa 2002' is 2002~: about: the year 2002",
        "2014-04-07 HARBOUR-2 (other) is brought against Reef Holdings by Harbour Office",
    ),
    asked="2010 'Kelp Trading'",
    answer=("nothing recorded",),
)
WIKIDATA: Final = Lying(
    name="query.json",
    text='{"head": {"vars": ["org", "orgLabel", "ceoLabel", "start", "end"]},\n"results": {"bindings": [\n'
    '{"org": {"type": "uri", "value": "https://items.example/Q1"}, "orgLabel": {"value": "Quill Cloud"},\n'
    ' "ceoLabel": {"value": "Ida Quell"}, "start": {"value": "+1957-00-00T00:00:00Z"},\n'
    ' "end": {"value": "+1969-08-00T00:00:00Z"}},\n'
    '{"org": {"type": "uri", "value": "https://items.example/Q1"}, "orgLabel": {"value": "Quill Cloud"},\n'
    ' "ceoLabel": {"value": "Bo Lind"}, "start": {"value": "+1969-08-20T00:00:00Z"}}]}}\n',
    flags="--map 'ceo_appointment.occurred=start.value,ceo_resignation.occurred=end.value,"
    "company=orgLabel.value,person=ceoLabel.value,url=org.value' --known occurred",
    told=(
        "its rows are taken to be the list 'results.bindings'",
        "date '+1957-00-00T00:00:00Z' is 1957: 00 is what is not known",
        "date '+1969-08-20T00:00:00Z' is 1969-08-20: the day",
        "3: #2 1969-08 Ida Quell resigns as CEO of Quill Cloud",
        "6: #3 1969-08-20 Bo Lind becomes CEO of Quill Cloud",
    ),
    asked="1965 'Quill Cloud'",
    answer=("ceo", "Ida Quell"),
)
SLIDES: Final = Lying(
    name="slides.json",
    text='{"title": {"text": {"headline": "Tide Gate"}}, "events": [\n'
    '{"start_date": {"year": "2019", "month": "3", "day": ""}, "text": {"headline": "A gate is drawn"},\n'
    ' "media": {"url": "https://paper.example/t1"}},\n'
    '{"start_date": {"year": "2021", "month": "11", "day": "5"}, "text": {"headline": "It closes"}},\n'
    '{"start_date": {"year": "2023"}, "text": {"headline": "A second one"}}]}\n',
    flags="--type project_progressed --map 'occurred={start_date.year}-{start_date.month}-{start_date.day},"
    "detail=text.headline,url=media.url' --set 'project=Tide Gate' --known occurred --dates year/month/day",
    told=(
        "its rows are taken to be the list 'events'",
        "2: #1 2019-03 Tide Gate goes on: A gate is drawn [https://paper.example/t1]",
        "4: #2 2021-11-05 Tide Gate goes on: It closes",
        "5: #3 2023 Tide Gate goes on: A second one",
    ),
    asked="2022 'Tide Gate' --state project",
    answer=("under way",),
)
STAKES: Final = Lying(
    name="stakes.jsonl",
    text='{"holder": "Tidal Fund", "company": "Quill Cloud", "as_of": "20190630", "percent": 12.5}\n'
    '{"holder": "Tidal Fund", "company": "Quill Cloud", "as_of": 20200630, "percent": 8.25}\n'
    '{"holder": "Oru Capital", "company": "Quill Cloud", "as_of": "2020-06-30", "percent": null}\n',
    flags="--as jsonl --type stake_reported --map share=percent,occurred=as_of --dates yearmonthday "
    "--known occurred",
    told=(
        "JSON Lines in UTF-8, 3 rows as stake_reported",
        "2020-06-30 Tidal Fund holds 8.25 % of Quill Cloud",
        "2020-06-30 Oru Capital holds unknown % of Quill Cloud",
    ),
    asked="2020 'Quill Cloud'",
    answer=("Tidal Fund holds 8.25 %",),
    piped=True,
)
AWARDS: Final = Lying(
    name="awards.csv",
    text="Award|Year|Winner|Announced\n"
    "Golden Buoy|2021|Pedal & Co|around Christmas 2021\n"
    "Golden Buoy|2022|Lumen Kart|Q4 2022\n"
    "Golden Buoy|2023|Pedal & Co|12/11/2023\n",
    flags="--type announcement --map 'what={Award} {Year},about=Winner,occurred=Announced' "
    "--set 'made_by=Buoy Jury' --dates words --day-first --known occurred",
    told=(
        "read with bars between the cells",
        "date 'around Christmas 2021' is 2021-12-25~: about: Christmas of that year",
        "date 'Q4 2022' is 2022-36: quarter 4 of 2022",
        "2023-11-12 announced by Buoy Jury: Golden Buoy 2023 (about Pedal & Co)",
    ),
    asked="2022 'Buoy Jury' 'Pedal & Co'",
    answer=("Golden Buoy 2021",),
)
TABLES: Final = (
    *(FUNDING, OFFICERS, LAYOFFS, INCIDENTS, PORTFOLIO),
    *(SANCTIONS, WIKIDATA, SLIDES, STAKES, AWARDS),
)
PROJECTS: Final[list[list[Any]]] = [
    ["Projects of the harbour board", "", "", "", "", ""],
    ["Project", "Lead", "Announced", "Planned end", "Actual end", "Budget (EUR m)"],
    ["North Quay", "Harbour Board", 43101, 43830, 44196, 12.5],
    ["Tide Gate", "Harbour Board", 43466, 44561, "", "TBD"],
]


@pytest.fixture
def shell(capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Shell:
    monkeypatch.setenv("TIMELINE_DB", "t.duckdb")
    monkeypatch.setenv("COLUMNS", "250")
    monkeypatch.chdir(tmp_path)
    return Shell(capsys)


def laid(table: Lying) -> bytes:
    """Lay the table into the current folder, and give what it holds."""
    place = Path(table.name)
    if table is PORTFOLIO:
        sheet(place, Portfolio=PROJECTS)
    else:
        place.write_bytes(table.text.encode(table.encoding))
    return place.read_bytes()


@pytest.mark.parametrize("table", TABLES, ids=[one.name for one in TABLES])
def test_a_table_goes_from_the_file_to_an_answer_in_three_commands(
    shell: Shell, table: Lying, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Look, load, ask; loaded again it changes nothing."""
    held = laid(table)

    def load(*more: str) -> str:
        if table.piped:
            monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(held)))
        return shell("load", "-" if table.piped else table.name, *shlex.split(table.flags), *more)

    told = load("--dry-run") + shell.err
    assert [one for one in table.told if one not in told] == []
    assert not Path("t.duckdb").exists()
    load()
    answered = shell("as-of", *shlex.split(table.asked))
    assert [one for one in table.answer if one not in answered] == []
    assert " 0 new · " in load()


@pytest.mark.parametrize(
    ("table", "flags", "problems"),
    [
        (
            FUNDING,
            (*("--type", "funding_round", "--map", "company=Startup Name,occurred=Date dd/mm/yyyy"),
             *("--map", "amount=Amount in USD USD")),
            (
                "2: Date dd/mm/yyyy: '09/01/2020' is no date as they are written here; is it day/month/year",
                "3: Amount in USD: 'Undisclosed' looks as if nothing is known; if it says so, name it under",
                "5: Date dd/mm/yyyy: '43831' is no date as they are written here; is it excel or excel-1904?",
                "(so in 1 more: 6)",
                "to take them for not known: --missing Undisclosed",
            ),
        ),
        (
            INCIDENTS,
            (*("--type", "announcement", "--dates", "phrases"),
             *("--map", "what=title,about=deployer,occurred=date")),
            (
                "2: date: 'over the weekend' depends on the day on which it was said; say that with dateline",
                "3: date: 'late last year' depends on the day on which it was said",
            ),
        ),
        (
            AWARDS,
            (*("--type", "announcement", "--set", "made_by=Buoy Jury", "--dates", "phrases"),
             *("--map", "what=Award,about=Winner,occurred=Announced", "--dateline", "2023-12-01")),
            ("4: Announced: '12/11/2023' may be 2023-11-12 or 2023-12-11; say whether the day or the month",),
        ),
    ],
)  # fmt: skip
def test_what_is_doubtful_is_refused_with_how_to_say_it(
    shell: Shell, table: Lying, flags: tuple[str, ...], problems: tuple[str, ...]
) -> None:
    laid(table)
    shell("load", table.name, *flags, "--known", "occurred", code=65)
    assert [one for one in problems if one not in shell.err] == []


def test_a_table_within_json_is_told_of_where_it_is_taken_for_events(shell: Shell) -> None:
    laid(SLIDES)
    shell("load", SLIDES.name, code=65)
    assert shell.err.startswith("slides.json is read as a file of events; of a table in it, --as json reads")


def test_the_order_of_day_and_month_holds_of_columns_with_forms_of_their_own(
    shell: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And a recipe cannot be written beside standard input."""
    Path("t.csv").write_text("firm,on\nAcme,3/4/21\n", "utf-8")
    flags = ("--type", "funding_round", "--map", "company=firm,occurred=on", "--known", "2024")
    said = ("--dates", "on=phrases", "--dateline", "2024-01-01", "--month-first")
    assert "#1 2021-03-04 Acme" in shell("load", "t.csv", *flags, *said, "--dry-run")
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"firm,on\nAcme,2020\n")))
    shell("load", "-", "--as", "csv", *flags, "--write-recipe", code=2)
    assert "a table with a recipe beside it is a file, and `-` is none" in shell.err
    assert list(Path.cwd().glob("*.load.yaml")) == []


def test_the_page_walks_through_the_same_list() -> None:
    page = Path(__file__).parents[2] / "docs" / "how-to" / "from-lists.md"
    assert FUNDING.text.removeprefix("\ufeff") in page.read_text("utf-8")


def test_a_recipe_is_proposed_that_reads_most_of_a_real_table(shell: Shell) -> None:
    """Dates of several kinds, amounts in crores and numbers of days; what is open is a comment."""
    laid(FUNDING)
    text = shell("load", "funding.csv", code=2)
    assert "\n  amount: Amount in USD USD " in text
    assert "\ndates: [day/month/year, words]\n" in text
    assert "# dates: [day/month/year, words, excel]  # or excel-1904? 43831 may be either" in text
    assert '\nnumbers: "12,34,567.8"\nmissing: [Undisclosed]\n' in text
    laid(PORTFOLIO)
    text = shell("load", "portfolio.xlsx", code=2)
    assert "\n  occurred: Announced " in text
    assert "\n# dates: excel  " in text
