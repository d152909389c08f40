"""The demonstration: the seeds in a new file, and what a timeline answers that a table would not."""

from __future__ import annotations

import os
import shlex
import shutil
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import attrs
from rich.table import Table
from rich.text import Text

import events
from timeline import Record, Timeline
from timeline.errors import NotATimeline
from timeline.formats import Loaded, Page, ReadFile, load_files, read_file
from timeline.values import close_of, printable
from timeline.vocabulary import ENDED, NOTHING, UNSETTLED, Catalogue, label, marks, value_lines

__all__ = ["DATABASE", "demo"]

DATABASE: Final = "ai.duckdb"
PAIR: Final = ("Microsoft", "OpenAI")
POINTS: Final = ("2022-06-01", "2023-11-18", None)
SHOWN: Final = (
    "rounds",
    "invested",
    "exclusivities",
    "rights",
    "stakes",
    "agreements",
    "projects",
    "disputes",
    "cadence",
)
_WIDEST: Final = 100


def demo(page: Page, database: str = DATABASE) -> None:
    """Load the seeds into a file in the current folder, and print what it answers at some points.

    A file that the demonstration made before is made anew; one that holds anything else is added to.

    Raises:
        NotATimeline: if the file is something else, or there are no seeds.
        FaultyFile: if the file holds other seeds under the same ids.
    """
    seeds = _seeds()
    began = time.perf_counter()
    catalogue = Catalogue.find(events)
    files = [read_file(str(path), catalogue) for path in sorted(seeds.glob("*.yaml"))]
    own = _cleared(database, files)
    with Timeline.open(database, catalogue=catalogue) as timeline:
        loaded = load_files(timeline, files)
        seconds = time.perf_counter() - began
        _head(page, seeds, database, timeline, loaded, seconds)
        if not own:
            page.line(f"{database} holds more than the seeds; to start afresh, remove it", indent=2)
        for point in POINTS:
            _pair(page, timeline, point)
        _ceo(page, timeline)
        _plan(page, timeline)
        _legend(page, timeline)
    _next(page, database)


def _seeds() -> Path:
    """The folder of the seeds: here, beside the package, or, as installed, in it."""
    package = Path(__file__).parent
    for place in (Path("seeds"), package.parent / "seeds", package / "seeds"):
        if place.is_dir():
            return place
    raise NotATimeline("seeds", "there is no such folder; run the demo where the project is checked out")


def _cleared(database: str, files: Sequence[ReadFile]) -> bool:
    """Whether no file is left, after that of an earlier demonstration was removed, if it holds only seeds."""
    if not Path(database).exists():
        return True
    own = {one.mark for file in files for one in file.said}
    with Timeline.open(database, read_only=True) as timeline:
        foreign = [record for record in timeline.as_of().records() if record.ref not in own]
    if not foreign:
        Path(database).unlink()
        Path(f"{database}.wal").unlink(missing_ok=True)
    return not foreign


def _head(page: Page, seeds: Path, database: str, timeline: Timeline, loaded: Loaded, seconds: float) -> None:
    records = list(timeline.as_of().records())
    kinds = {kind: sum(record.kind == kind for record in records) for kind in ("correction", "retraction")}
    counts = [_counted(len(records), "record"), *(_counted(number, kind) for kind, number in kinds.items())]
    known = sum(len(file.commit.unchanged) for file in loaded.files)
    if known:
        counts.append(f"{known} of them there already")
    shown = f"{os.path.relpath(seeds)}/ → {database}"
    page.line((shown, "bold"), f"   {' · '.join(counts)} · {seconds:.1f} s")


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


# The pair, then and now


def _pair(page: Page, timeline: Timeline, point: str | None) -> None:
    now, then = (_View.at(timeline, point, known) for known in (None, "then"))
    fields = [name for name in SHOWN if now.says(name) or then.says(name)]
    page.line()
    if all(now.cell(name) == then.cell(name) for name in fields):
        page.line(
            (f"{now.names}, {'today, ' if point is None else ''}{now.state.basis}", "bold"),
            "   known then is known now",
        )
        _columns(page, None, [(label(name), [now.cell(name)], now.behind(name)) for name in fields])
        return
    page.line((f"{now.names}, {now.state.basis}", "bold"))
    rows = []
    for name in fields:
        differ = now.cell(name) != then.cell(name)
        behind = now.behind(name, beyond=then) if differ else now.behind(name)
        rows.append((label(name), [then.cell(name), now.cell(name) if differ else "same"], behind))
    _columns(page, ("known then", "known now"), rows)
    for record in now.learned(then, fields):
        text = f"#{record.position} {record.summary}, {record.occurred}"
        page.line((f"≠ learned {record.known_at.date()}: ", "cyan"), text, indent=2, hang=4)


@attrs.frozen
class _View:
    """What ties the pair at a point, and what may tie them, reading every date at its earliest."""

    state: Any
    perhaps: Any

    @classmethod
    def at(cls, timeline: Timeline, point: str | None, known: str | None) -> _View:
        state = timeline.as_of(point, known=known).between(*PAIR)
        return cls(state, timeline.as_of(point, known=known, dates="earliest").between(*PAIR))

    @property
    def names(self) -> str:
        return " – ".join(map(self.state.named, self.state.who))

    def says(self, field: str) -> bool:
        return bool(self.state.because[field] or self.state.unsettled[field])

    def cell(self, field: str) -> str:
        """A field in few words; what is unsettled as it may be."""
        found = _brief(self.state, field)
        if found or self.state.because[field]:
            return found or ENDED
        maybe = _brief(self.perhaps, field) if self.state.unsettled[field] else ""
        return f"perhaps {maybe}" if maybe else UNSETTLED if self.state.unsettled[field] else NOTHING

    def behind(self, field: str, beyond: _View | None = None) -> Text:
        """The records behind a field: all, or those that another view lacks."""
        because = [
            one
            for one in self.state.because[field]
            if beyond is None or one not in beyond.state.because[field]
        ]
        parts = [("≠ " if beyond is not None and because else "", "cyan"), (marks(because), "dim")]
        if self.state.unsettled[field]:
            parts += [(" " if because else "", ""), (f"? {marks(self.state.unsettled[field])}", "yellow")]
        if self.state.contested[field]:
            parts += [(" " if because else "", ""), (f"! {marks(self.state.contested[field])}", "red")]
        return Text.assemble(*parts)

    def learned(self, then: _View, fields: Sequence[str]) -> Iterator[Record]:
        """The records behind it that the world could not know of then."""
        found = {
            one.position: one
            for name in fields
            for one in self.state.because[name]
            if one not in then.state.because[name]
        }
        return (found[position] for position in sorted(found))


def _brief(state: Any, field: str) -> str:
    """The value of a field in few words; empty where there is none."""
    value = getattr(state, field)
    if field in _BRIEF and value:
        return printable("; ".join(_BRIEF[field](state.named, key, one) for key, one in value.items()))
    found = value_lines(value, state.named)
    return "" if found == [NOTHING] else printable("; ".join(found))


Named = Callable[[str], str]
_BRIEF: Final[Mapping[str, Callable[[Named, Any, Any], str]]] = {
    "invested": lambda _, _key, funds: str(funds),
    "exclusivities": lambda _, key, _deal: str(key[-1]),
    "rights": lambda named, key, _right: f"{named(key[0])}: {key[1]}",
    "stakes": lambda named, key, stake: " ".join(filter(None, (named(key), stake.bound, f"{stake.share} %"))),
    "agreements": lambda _, key, deal: f"{key}, until {deal.until}" if deal.until else str(key),
    "disputes": lambda _, key, _open: str(key),
}


def _columns(page: Page, heads: Sequence[str] | None, rows: Sequence[tuple[str, list[str], Text]]) -> None:
    table = Table(
        box=None, show_header=heads is not None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim"
    )
    table.add_column("", no_wrap=True)
    for head in heads or ("",):
        table.add_column(head, ratio=1, overflow="fold")
    table.add_column("", max_width=18)
    for name, cells, behind in rows:
        table.add_row(Text(f"  {name}"), *map(Text, cells), behind)
    page.block(table, widest=_WIDEST)


# The other questions


def _ceo(page: Page, timeline: Timeline) -> None:
    point = "2023-11-18"
    page.line()
    rows = []
    for known in ("2023-11-16", point):
        state: Any = timeline.as_of(point, known=known).of("organisation", PAIR[1])
        who = "nobody recorded" if state.ceo is None else state.named(state.ceo)
        interim = " (interim)" if state.ceo_interim else ""
        since = f", since {state.ceo_since}" if state.ceo else ""
        behind = Text(marks(state.because["ceo"]), style="dim")
        rows.append((f"as known {known}", [f"{who}{interim}{since}"], behind))
    page.line((f"{state.named(state.who[0])}'s CEO, {close_of(state.basis.valid)}", "bold"))
    _columns(page, None, rows)


def _plan(page: Page, timeline: Timeline) -> None:
    """The figure that was corrected: before, after, and why."""
    moment = timeline.as_of("2025-06-01")
    why = moment.explain("organisation", PAIR[1], field="plans").fields[0]
    page.line()
    page.line(("A figure corrected: the plan of January 2025", "bold"))
    for reason in why.because:
        chain = [*reversed(reason.replaced), reason.record]
        for older, record in zip([None, *chain], chain, strict=False):
            plan: Any = record.event
            corrects = f", corrects #{older.position}" if older is not None else ""
            source = "; ".join(map(str, record.sources))
            page.line(
                (f"{plan.amount!s:<14}", "bold"),
                printable(f"{record.label} {source}{corrects}"),
                indent=2,
                hang=16,
            )
            if record.note and older is not None:
                page.line((record.note, "dim"), indent=16)


def _legend(page: Page, timeline: Timeline) -> None:
    position = timeline.as_of().basis.position
    page.line()
    signs = "≠ differs   ? may have happened by then   ! contested   #n record"
    page.line((f"{signs}   records 1–{position}", "dim"))


def _next(page: Page, database: str) -> None:
    """Commands to go on with, as they work here."""
    command = _command()
    example = Path(__file__).parent.parent / "docs" / "example.yaml"
    page.line()
    page.line(("Next", "bold"))
    queries = [
        "as-of 2022-06-01 microsoft openai --known then",
        "explain organisation openai --field ceo --as-of 2023-11-18",
        "sql 'SELECT occurred, company, amount FROM funding_round'",
    ]
    if example.exists():
        queries.append(f"load {shlex.quote(os.path.relpath(example))} --dry-run")
    for query in queries:
        page.line(f"{command} {query} --db {shlex.quote(database)}", indent=2, whole=True)


def _command() -> str:
    """How this command is called in this shell, in this folder."""
    found = shutil.which("timeline")
    here = Path(sys.argv[0])
    if here.name != "timeline" or (found and Path(found).resolve() == here.resolve()):
        return "timeline"
    relative = os.path.relpath(here.absolute())
    return shlex.quote(relative if not relative.startswith("../..") else str(here.absolute()))
