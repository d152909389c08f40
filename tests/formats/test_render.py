"""How answers look: wrapped on a terminal, whole in a pipe, and never in command of the screen."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from rich.console import Console

from events import CEOAppointment
from tests.reuse import in_memory
from timeline import Timeline
from timeline.formats import Page, Table, cell
from timeline.formats.loading import load
from timeline.vocabulary import field_lines

SEEDS = Path(__file__).parents[2] / "seeds"


@pytest.fixture(scope="module")
def seeded() -> Iterator[Timeline]:
    with in_memory(clock=lambda: datetime(2026, 6, 1, tzinfo=UTC)) as timeline:
        load(timeline, [SEEDS])
        yield timeline


class Screen:
    """A page on a terminal of some width, or in a pipe, whose text can be read."""

    def __init__(self, width: int | None = None, *, colours: bool = False) -> None:
        self._file = io.StringIO()
        if width is None:
            self.page = Page.on(self._file)
        else:
            system = "truecolor" if colours else None
            self.page = Page(
                Console(
                    file=self._file,
                    width=width,
                    force_terminal=True,
                    color_system=system,  # type: ignore[arg-type]
                    markup=False,
                    highlight=False,
                )
            )

    @property
    def lines(self) -> list[str]:
        """What was written to it."""
        return self._file.getvalue().splitlines()


@pytest.mark.parametrize("width", [40, 80, 100])
def test_on_a_terminal_no_line_is_wider_than_the_screen(seeded: Timeline, width: int) -> None:
    screen = Screen(width)
    screen.page.state(seeded.as_of().between("microsoft", "openai"))
    screen.page.explanation(seeded.as_of("2025-06-01").explain("organisation", "openai", field="plans"))
    screen.page.records(seeded.as_of().records(), {})
    assert max(map(len, screen.lines)) <= width


def test_in_a_pipe_every_line_is_whole_and_ends_without_blanks(seeded: Timeline) -> None:
    screen = Screen()
    correction = next(one for one in seeded.as_of().records() if one.kind == "correction")
    screen.page.records(seeded.as_of().records(), {1: correction})
    screen.page.table(Table(["a", "b"], [("x" * 300, None), (True, ["y", 1])]))
    assert len(screen.lines) == len(list(seeded.as_of().records())) + 3
    assert screen.lines[-1] == "true" + " " * 298 + "y, 1"
    assert all(line == line.rstrip() for line in screen.lines)
    assert screen.lines[0].endswith(f", corrected by {correction.label}")


def test_wrapped_lines_hang_under_their_value() -> None:
    screen = Screen(30)
    screen.page.line("label  one two three four five six", indent=2, hang=9)
    assert screen.lines == ["  label  one two three four", "         five six"]


def test_nothing_that_was_not_said_is_called_none(seeded: Timeline) -> None:
    then = seeded.as_of("2022-06-01").between("microsoft", "openai")
    now = seeded.as_of().between("microsoft", "openai")
    assert field_lines(then, "stakes") == ["nothing recorded"]
    assert field_lines(then, "disputes") == ["unsettled"]
    assert field_lines(now, "exclusivities") == ["ended"]
    assert field_lines(now, "rounds") == ["3"]


@pytest.mark.parametrize("text", ["\x1b[31mred", "a\rb", "\u202eabc", "[bold]x[/bold]", "\x9b31m", ":smile:"])
def test_text_is_shown_as_it_is_and_steers_nothing(text: str) -> None:
    screen = Screen(80, colours=True)
    screen.page.line(text)
    screen.page.table(Table([text], [[text]]))
    shown = "\n".join(screen.lines)
    assert not {"\r", "\u202e", "\x9b"} & set(shown)
    assert "\x1b[31m" not in shown
    if text.isprintable():
        assert shown.count(text) == 3


def test_cells_of_a_table_are_one_line_of_text() -> None:
    assert [cell(one) for one in (None, True, ["a", None], "a\nb", 1.5)] == ["", "true", "a, ", "a b", "1.5"]


def test_a_commit_and_a_record_show_themselves_shortly_in_python() -> None:
    """Printed they are whole."""
    with in_memory(clock=lambda: datetime(2026, 6, 1, tzinfo=UTC)) as tl:
        event = CEOAppointment("2022", company="Acme", person="Ann Lee")
        commit = tl.append(event, id="acme-1", note="long " * 200)
        assert repr(commit) == "<Commit #1, head 1>"
        assert repr(commit.records[0]) == "<Record acme-1 (#1) 2022, ceo_appointment>"
        assert str(commit) == str(commit.records[0]) == "acme-1 (#1) 2022: Ann Lee becomes CEO of Acme"
        more = (CEOAppointment("2023", company=name, person="Cy Day") for name in ("Bolt", "Crux"))
        assert repr(tl.append(*more)) == "<Commit #2 to #3, head 3>"
        assert repr(tl.append(event, id="acme-1")) == "<Commit nothing new, 1 known already, head 3>"
        (withdrawn,) = tl.retract("acme-1").records
        assert repr(withdrawn) == "<Record #4, retraction>"


def test_in_a_table_the_close_of_a_day_is_that_day_and_whole_days_have_no_hours() -> None:
    """Any other time is whole, and so are instants elsewhere."""
    close = datetime(2019, 7, 22, 23, 59, 59, 999999)  # noqa: DTZ001  (as SQL gives them)
    row = [close, close.replace(microsecond=0), timedelta(2343), timedelta(1), timedelta(1, 60), [close, 1]]
    screen = Screen()
    screen.page.table(Table("abcdef", [row]))
    shown = re.split(" {2,}", screen.lines[1])
    assert shown == [
        *("2019-07-22", "2019-07-22 23:59:59", "2343 days", "1 day", "1 day, 0:01:00", "2019-07-22, 1")
    ]
    assert cell(close) == "2019-07-22 23:59:59.999999"


class _Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_where_no_colour_is_wanted_a_terminal_gets_no_escapes(
    seeded: Timeline, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TERM", "xterm-256color")
    shown = []
    for colour in ("", "1"):
        monkeypatch.setenv("NO_COLOR", colour)
        page = Page.on(file := _Terminal())
        page.state(seeded.as_of().between("microsoft", "openai"))
        page.table(Table(["a"], [["b"]]))
        shown.append("\x1b" in file.getvalue())
    assert shown == [True, False]


def test_no_colour_leaves_a_pipe(seeded: Timeline, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("FORCE_COLOR", raising=False)
    screen = Screen()
    screen.page.state(seeded.as_of().between("microsoft", "openai"))
    assert "\x1b" not in "".join(screen.lines)
