"""Files of tables: what is read of each kind, in which encoding, and what is told where that fails."""

from __future__ import annotations

import gzip
import io
import json
import sys
import tempfile
import zipfile
from collections.abc import Callable
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import polars as pl
import pytest
from hypothesis import given, strategies as st

from timeline.errors import FaultyFile, NotAllowed
from timeline.formats import TableFile, is_table, table_file
from timeline.formats.cells import NUMBERS, number_said, numbers_fit
from timeline.formats.date_reading import DATES, DateReading, dates_fit
from timeline.formats.table_rows import FileLayout
from timeline.values import BadText, in_form

ROWS: Final = [{"name": "Ann Lee", "since": "2019-01-07"}, {"name": "Mia Müller", "since": "2020"}]
TEXT: Final = "name,since\nAnn Lee,2019-01-07\nMia Müller,2020\n"

Write = Callable[..., str]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Write a file, and give its path."""

    def written(content: str | bytes, name: str = "table.csv") -> str:
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return str(path)

    return written


def rows(table: TableFile) -> list[tuple[Any, ...]]:
    """All rows that were read, each with the line that it begins in."""
    assert not isinstance(table.rows, str)
    return [row for batch in table.rows.batches for row in batch]


def faults(table: TableFile) -> list[str]:
    """What could not be read, once all is read."""
    assert not isinstance(table.rows, str)
    rows(table)
    return [f"{line}: {problem}" for line, _, problem in table.rows.unread.faults]


@pytest.mark.parametrize(
    ("encoding", "told", "noted"),
    [
        ("utf-8", "UTF-8", False),
        ("utf-8-sig", "UTF-8", False),
        ("utf-16", "UTF-16", False),
        ("utf-16-le", "utf-16-le", True),
        ("utf-16-be", "utf-16-be", True),
        ("cp1252", "cp1252", True),
    ],
)
def test_encodings_are_found_out_and_what_was_guessed_is_said(
    write: Write, encoding: str, told: str, noted: bool
) -> None:
    table = table_file(write(TEXT.encode(encoding)))
    assert table.told == f"CSV in {told}"
    assert bool(table.notes) is noted
    assert table.columns == ("name", "since")
    assert rows(table) == [(2, "Ann Lee", "2019-01-07"), (3, "Mia Müller", "2020")]


def test_latin_1_is_read_where_cp1252_cannot_be(write: Write) -> None:
    table = table_file(write(b"name\nM\xfcller \x81\n"))
    assert table.told == "CSV in Latin-1"
    assert rows(table) == [(2, "Müller \x81")]


def test_an_encoding_may_be_said(write: Write) -> None:
    path = write("name\nЖук\n".encode("koi8-r"))
    assert rows(table_file(path, FileLayout(encoding="koi8-r"))) == [(2, "Жук")]
    with pytest.raises(NotAllowed, match="no encoding is called 'klingon'; give utf-8"):
        table_file(path, FileLayout(encoding="klingon"))
    with pytest.raises(FaultyFile, match="is not UTF-8; say its encoding"):
        rows(table_file(path, FileLayout(encoding="utf-8")))


@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize(
    ("delimiter", "name"), [(",", "t.csv"), (";", "t.csv"), ("\t", "t.csv"), ("\t", "t.tsv")]
)
def test_cells_are_parted_as_they_are(write: Write, end: str, delimiter: str, name: str) -> None:
    lines = [["name", "note"], ["Ann", f'"a{delimiter} ""b""{end}c"'], ["Bo", ""]]
    text = end.join(delimiter.join(line) for line in lines) + end
    assert rows(table_file(write(text, name))) == [(2, "Ann", f'a{delimiter} "b"{end}c'), (4, "Bo", None)]


@given(
    st.lists(
        st.lists(
            st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0")), min_size=2, max_size=2
        ),
        max_size=8,
    )
)
def test_what_is_written_as_csv_is_read(
    tmp_path_factory: pytest.TempPathFactory, cells: list[list[str]]
) -> None:
    """Whatever quotes, delimiters and ends of lines are in it; but for rows in which nothing is."""
    quoted = [",".join('"' + cell.replace('"', '""') + '"' for cell in row) for row in [["a", "b"], *cells]]
    path = tmp_path_factory.mktemp("csv") / "t.csv"
    path.write_text("\n".join(quoted), encoding="utf-8", newline="")
    read = [[cell or "" for cell in row] for _, *row in rows(table_file(str(path)))]
    assert read == [row for row in cells if any(row)]


def test_packed_files_are_read(write: Write) -> None:
    assert rows(table_file(write(gzip.compress(TEXT.encode()), "t.csv.gz")))[1] == (3, "Mia Müller", "2020")
    with pytest.raises(FaultyFile, match="is not whole, or not packed by gzip"):
        table_file(write(TEXT, "u.csv.gz"))
    with pytest.raises(FaultyFile, match="is not whole"):
        table_file(write(gzip.compress(TEXT.encode() * 99)[:-20], "v.csv.gz"))


def test_json_lines_are_read_with_lists_and_objects_within(write: Write) -> None:
    """Numbers stay as they are written; keys that a line has not are blank."""
    text = '{"a": 1.50, "by": ["x", "y"], "at": {"city": "Rome"}}\n\n{"a": true, "by": "z"}\n'
    table = table_file(write(text, "t.jsonl"))
    assert table.columns == ("a", "by", "at.city")
    assert rows(table) == [(1, "1.50", ["x", "y"], "Rome"), (3, "true", ["z"], None)]


@given(
    st.lists(
        st.dictionaries(st.sampled_from(["a", "b", "ü"]), st.text(max_size=5) | st.integers(), min_size=1),
        min_size=1,
    ),
    st.sampled_from([(), ("rows",), ("results", "bindings")]),
    st.sampled_from([None, 1]),
)
def test_a_list_of_json_is_what_its_objects_are_a_line_each(
    told: list[dict[str, Any]], place: tuple[str, ...], indent: int | None
) -> None:
    """Wherever in the text it is; its rows are told by the line in which they begin."""
    whole: Any = told
    for key in reversed(place):
        whole = {"head": {"vars": ["a"]}, key: whole}
    text = json.dumps(whole, indent=indent, ensure_ascii=False)
    with tempfile.TemporaryDirectory() as folder:
        one, other = Path(folder, "t.json"), Path(folder, "t.jsonl")
        one.write_text(text, "utf-8")
        other.write_text("\n".join(map(json.dumps, told)), "utf-8")
        found, lines = table_file(str(one)), table_file(str(other))
        assert found.columns == lines.columns
        assert [values for _, *values in rows(found)] == [values for _, *values in rows(lines)]
        assert all(text.split("\n")[row - 1].lstrip().startswith("{") for row, *_ in rows(found) if indent)
        assert [bool(found.notes), is_table(str(one))] == [bool(place), not place]


@pytest.mark.parametrize(
    ("text", "where", "problem"),
    [
        (
            '{"a": [{"b": 1}], "c": {"d": [{"e": 1}]}}',
            None,
            "holds several lists of objects: a, c.d; say which",
        ),
        (
            '{"a": [{"b": 1}], "c": {"d": [{"e": 1}]}}',
            "c.f",
            "holds no list of objects 'c.f'; did you mean c.d?",
        ),
        ('{"a": [1, 2]}', None, "holds no list of objects"),
        ('[{"a": 1},]', None, "t.json:1: is no JSON: "),
        ("[" * 100_000, None, "is no JSON: it is nested too deep"),
    ],
)
def test_json_that_is_no_table_is_refused(write: Write, text: str, where: str | None, problem: str) -> None:
    with pytest.raises(FaultyFile) as caught:
        table_file(write(text, "t.json"), FileLayout(rows=where))
    assert problem in str(caught.value)


def test_what_a_file_is_may_be_said_and_has_to_be_of_standard_input(
    write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write("a,b\n1,2\n", "data.dat")
    assert table_file(path, FileLayout(kind="csv")).columns == ("a", "b")
    with pytest.raises(NotAllowed, match="no table is called 'cvs'; they are csv, tsv"):
        table_file(path, FileLayout(kind="cvs"))
    for raw in (b"a\n1\n", gzip.compress(b"a\n1\n")):
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(raw)))
        table = table_file("-", FileLayout(kind="csv"))
        assert rows(table) == rows(table) == [(2, "1")]
    for kind, problem in (
        (None, "of which it is not said what it is"),
        ("parquet", "Parquet is read from a file"),
    ):
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"PAR1")))
        with pytest.raises(FaultyFile, match=problem):
            table_file("-", FileLayout(kind=kind))


def test_parquet_keeps_its_types(tmp_path: Path) -> None:
    path = str(tmp_path / "t.parquet")
    pl.DataFrame(ROWS).write_parquet(path)
    table = table_file(path)
    assert (table.columns, isinstance(table.rows, str)) == (("name", "since"), True)
    assert table.head(1) == [ROWS[0]]


@pytest.mark.parametrize(
    ("text", "name", "problem"),
    [
        ("", "t.csv", "t.csv: is empty"),
        ("\n\n", "t.csv", "holds no row that names its columns"),
        ("a,b,A\n1,2,3\n", "t.csv", "t.csv:1: columns 1 and 3 are both called 'A'; rename one"),
        ("PK\x03\x04", "t.csv", "is no text: name it as what it is, as in .xlsx or .parquet"),
        ("[1]\n", "t.jsonl", "holds no object: each row is one"),
        ("x", "t.parquet", "is no Parquet"),
        ("x", "t.doc", "is no table that is read here"),
    ],
)
def test_what_is_no_table_is_refused(write: Write, text: str, name: str, problem: str) -> None:
    with pytest.raises(FaultyFile) as caught:
        table_file(write(text, name))
    assert problem in str(caught.value)


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(FaultyFile, match="cannot be read: no such file"):
        table_file(str(tmp_path / "nope.csv"))


def test_rows_that_do_not_fit_are_told_by_line_and_the_others_read(write: Write) -> None:
    """Blank cells at the end of a row are left aside, and rows in which nothing is are counted."""
    text = 'a,b\n1,2\n3\n\n4,5,,\n6,7,8\n,\n"9"x,1\n10,"\n'
    table = table_file(write(text))
    assert rows(table) == [(2, "1", "2"), (5, "4", "5")]
    assert faults(table) == [
        "3: has 1 cells, and 2 columns are named; is it separated otherwise?",
        "6: has 3 cells, and 2 columns are named",
        '8: cannot be read: a quote within a cell goes twice, as in "the ""Q"" fund"',
        "9: cannot be read: a quote that opens here is never closed",
    ]
    assert not isinstance(table.rows, str)
    assert table.rows.unread.blank == 1


def test_lines_of_json_that_are_no_objects_are_told(write: Write) -> None:
    table = table_file(write('{"a": "1"}\n{"a"\n[1]\n', "t.jsonl"))
    assert rows(table) == [(1, "1")]
    assert [one.partition(",")[0] for one in faults(table)] == [
        "2: is no JSON: expecting ':' delimiter",
        "3: is no object",
    ]


def test_columns_without_a_name_are_called_by_their_place(write: Write) -> None:
    assert table_file(write("a,, c \n1,2,3\n")).columns == ("a", "column 2", "c")


# Sheets

_PARTS: Final = {
    "[Content_Types].xml": """<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">
        <Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>
        <Default Extension="xml" ContentType="application/xml"/>
        <Override PartName="/xl/workbook.xml"
          ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/>
        </Types>""",
    "_rels/.rels": """<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">
        <Relationship Id="r1" Target="xl/workbook.xml"
          Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument"/>
        </Relationships>""",
    "xl/styles.xml": """<styleSheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">
        <cellXfs><xf numFmtId="0"/><xf numFmtId="14"/></cellXfs></styleSheet>""",
}


def sheet(path: Path, **sheets: list[list[Any]]) -> str:
    """Write a workbook; what is given as ("date", 43831) is a day, by Excel's number of it."""
    main = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
    kind = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    names = "".join(f'<sheet name="{name}" sheetId="{n}" r:id="r{n}"/>' for n, name in enumerate(sheets, 1))
    links = "".join(
        f'<Relationship Id="r{n}" Type="{kind}/worksheet" Target="worksheets/s{n}.xml"/>'
        for n in range(1, len(sheets) + 1)
    )
    links += f'<Relationship Id="r0" Type="{kind}/styles" Target="styles.xml"/>'
    parts = _PARTS | {
        "xl/workbook.xml": f'<workbook {main} xmlns:r="{kind}"><sheets>{names}</sheets></workbook>',
        "xl/_rels/workbook.xml.rels": '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/'
        f'relationships">{links}</Relationships>',
    }
    for n, told in enumerate(sheets.values(), 1):
        body = "".join(
            f'<row r="{r}">{"".join(_cell(r, c, value) for c, value in enumerate(row))}</row>'
            for r, row in enumerate(told, 1)
        )
        parts[f"xl/worksheets/s{n}.xml"] = f"<worksheet {main}><sheetData>{body}</sheetData></worksheet>"
    with zipfile.ZipFile(path, "w") as book:
        for name, text in parts.items():
            book.writestr(name, text)
    return str(path)


def _cell(row: int, column: int, value: Any) -> str:
    place = f'r="{chr(65 + column)}{row}"'
    if isinstance(value, tuple):
        return f'<c {place} s="1"><v>{value[1]}</v></c>'
    if isinstance(value, str):
        return f'<c {place} t="inlineStr"><is><t>{value}</t></is></c>' if value else ""
    return f"<c {place}><v>{value}</v></c>"


def test_a_sheet_is_read_with_its_dates_and_numbers(tmp_path: Path) -> None:
    """A title above the table is passed over; numbers say what they show, and days are days."""
    cells: list[list[Any]] = [
        ["Rounds of 2020"],
        [],
        ["company", "on", "raised"],
        ["Acme", ("date", 43831), 19.99],
        ["Bolt", "2021", 5],
    ]
    path = sheet(tmp_path / "t.xlsx", Rounds=cells, Other=[["x"], ["y"]])
    table = table_file(path)
    assert table.told == "sheet 'Rounds'"
    assert table.notes == (
        "read from its sheet 'Rounds'; others are Other",
        "row 3 is taken to name the columns",
    )
    assert rows(table) == [(4, "Acme", "2020-01-01", "19.99"), (5, "Bolt", "2021", "5")]
    assert rows(table_file(path, FileLayout(sheet="Other"))) == [(2, "y")]
    with pytest.raises(
        FaultyFile, match="has no sheet 'Othr'; there are Rounds, Other; did you mean 'Other'"
    ):
        table_file(path, FileLayout(sheet="Othr"))


# How cells are written


@given(st.dates(min_value=date(1000, 1, 1)), st.sampled_from("./- "))
def test_a_day_reads_the_same_in_every_form(day: Any, sign: str) -> None:
    forms = {
        "iso": f"{day:%Y-%m-%d}",
        "day/month/year": f"{day.day}{sign}{day.month}{sign}{day.year:04}",
        "month/day/year": f"{day.month}{sign}{day.day}{sign}{day.year:04}",
        "year/month/day": f"{day.year:04}{sign}{day.month}{sign}{day.day}",
        "yearmonthday": f"{day:%Y%m%d}",
        "words": f"{day.day} {['January', 'May'][day.month == 5]} {day.year:04}",
    }
    for form, text in forms.items():
        if form != "words" or day.month in {1, 5}:
            assert DateReading([form]).read(text) == f"{day:%Y-%m-%d}".zfill(10)
            assert form in dates_fit([text]) or dates_fit([text]) == ["iso"]


@given(st.dates(date(1904, 1, 2), date(9998, 12, 31)), st.integers(0, 86_399))
def test_numbers_of_days_are_days_as_excel_has_them(day: date, second: int) -> None:
    """Counted from 1900 as if that had been a leap year, or from 1904; the fraction is the time of day."""
    fraction = f"{second / 86_400:.12f}"[1:]
    clock = f"T{timedelta(seconds=second) + datetime(1, 1, 1):%H:%M:%S}" if second else ""  # noqa: DTZ001
    for form, first in (("excel", date(1899, 12, 30)), ("excel-1904", date(1904, 1, 1))):
        count = (day - first).days
        if count > 9_999:  # else it is a year
            assert DateReading([form]).read(f"{count}") == day.isoformat()
        assert (
            DateReading([form]).read(f"{count}{fraction}" if second else f"{count}.0")
            == day.isoformat() + clock
        )


def test_of_the_first_days_of_1900_one_was_never_there() -> None:
    assert [in_form(text, "excel") for text in ("0", "60", "2958466")] == [None] * 3
    assert [(in_form(text, "excel") or "?")[0] for text in ("1", "59", "61")] == [
        *("1900-01-01", "1900-02-28", "1900-03-01")
    ]


def test_no_day_is_taken_for_a_month_unless_that_is_said() -> None:
    with pytest.raises(BadText, match="is it day/month/year or month/day/year"):
        DateReading([]).read("03/04/2020")
    with pytest.raises(BadText, match="is it day/month/year or month/day/year"):
        DateReading(["words"]).read("03/04/2020")
    assert dates_fit(["03/04/2020", "13/04/2020"]) == ["day/month/year"]
    assert dates_fit(["03/04/2020", "04/13/2020"]) == ["month/day/year"]
    assert not {*dates_fit(["13/04/2020", "04/13/2020"])} & {"day/month/year", "month/day/year"}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("2020-01-31 00:00:00", "2020-01-31"),
        ("2020-01-31 10:30:00", "2020-01-31T10:30:00"),
        ("31.1.2020 10:30", "2020-01-31T10:30:00"),
        ("1/2020", "2020-01"),
        ("circa 1962", "1962~"),
        ("14-MAR-2018", "2018-03-14"),
        ("between 1960 and 1962", "[1960..1962]"),
        ("[2018..2020]", "[2018..2020]"),
        ("Q3 2019", "2019-35"),
    ],
)
def test_dates_are_read_as_people_and_programs_write_them(text: str, said: str) -> None:
    assert DateReading(["day/month/year", "words"]).read(text) == said


@pytest.mark.parametrize(
    "text", ["last Friday", "earlier this year", "5 May", "31.2.2020", "32/1/98", "soon"]
)
def test_what_means_nothing_by_itself_is_no_date(text: str) -> None:
    with pytest.raises(BadText):
        DateReading(DATES).read(text)


def in_lakhs(whole: int) -> str:
    """A number with its digits parted as in India."""
    head, tail = str(whole)[:-3], str(whole)[-3:]
    pairs = [head[max(0, end - 2) : end] for end in range(len(head), 0, -2)][::-1]
    return ",".join([*pairs, tail])


@given(st.integers(0, 10**12), st.integers(0, 99), st.sampled_from(NUMBERS))
def test_a_number_reads_the_same_in_every_form(whole: int, cents: int, form: str) -> None:
    group, point = ("" if form[1].isdigit() else form[1]), form[-2]
    grouped = in_lakhs(whole) if form == "12,34,567.8" else f"{whole:,}".replace(",", group)
    text = grouped + f"{point}{cents:02}"
    assert number_said(text, form) == f"{whole}.{cents:02}"
    told = numbers_fit([text])
    assert form in told or (form == "12,34,567.8" and "1,234.5" in told)


def test_what_is_no_number_stays_as_it_is_and_one_of_another_form_is_refused() -> None:
    assert [number_said(text, "1,234.5") for text in ("$5m", "up to 3", "x")] == ["$5m", "up to 3", "x"]
    assert number_said("1.75E+06", None) == "1750000"
    assert number_said("1,500,000", None) == "1500000"
    for text, form in (("1,500", None), ("1.5", "1.234,5"), ("1.234,5", "1,234.5")):
        with pytest.raises(BadText, match="is no number as they are written here; is it "):
            number_said(text, form)
    assert numbers_fit(["1.234", "1,5"]) == ["1.234,5"]
