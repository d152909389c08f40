"""The pages: what each asks of the timeline, what it shows, and what it says as JSON."""

from __future__ import annotations

import io
import itertools
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

import attrs

from timeline.formats import Table, cell, csv_written, parquet_of
from timeline.records import Record
from timeline.values import AmbiguousName, CatalogueError, NotAllowed, UnknownEntity, folded
from timeline.vocabulary import State, field_lines, label
from timeline.web.questions import Download, Elsewhere, Question, Sheet
from timeline.web.urls import page_of

if TYPE_CHECKING:
    from timeline.moment import History, Listed, Moment
    from timeline.plot import Network

_EACH: Final = 50
"""How many records or entities a page has."""
_LAST: Final = 10
"""How many of the last the first page has."""
_TIES: Final = 150
"""With how many others an entity is shown at most."""
_BUSY: Final = 1_000
"""Up to how many records behind a state it is told how the answer changed as more became known."""
_LINES: Final = 100
"""How many lines a list on the page of a state has at most."""
_MARKS: Final = 400
"""How many days are marked on a slider at most."""
_SMALL: Final = 300
"""Up to how many entities are drawn as a graph."""
_DOTS: Final = 60
"""How many of them are drawn."""
_ROWS: Final = 1_000
_SECONDS: Final = 10.0
"""How many rows of a query are shown, and after how long it is stopped."""


def home(question: Question) -> Sheet:
    """What the timeline holds: whom it speaks of, and what was said last."""
    moment, start = question.moment(), page_of(question.asked, "from")
    head = question.timeline.head()
    entities = moment.entities() if question.timeline.catalogue.known else ()
    part = entities[start : start + _EACH]
    newest = list(moment.records(after=max(0, moment.basis.position - _LAST)))[::-1]
    return Sheet(
        title="Timeline",
        template="home.html",
        shown={
            "head": head,
            "entities": part,
            "count": len(entities),
            "pages": _pages(start, len(entities), question.urls.home),
            "records": _listed(newest, moment),
            "tied": _ties(moment) if 0 < len(entities) <= _SMALL and head.position <= _BUSY else None,
            **_moved(head.position, moment),
        },
        told=lambda: {
            **head.as_dict(),
            "basis": moment.basis.as_dict(),
            "entities": len(entities),
            "of": [one.as_dict() for one in part],
            "newest": [one.as_dict() for one in newest],
        },
    )


def _ties(moment: Moment) -> tuple[str, Network] | None:
    """The usual state of pairs, and who is tied by it; None where there is none to be asked of all."""
    from timeline import plot

    with suppress(CatalogueError, NotAllowed):
        return moment.catalogue.pair_state().name, plot.ties(moment, most=_DOTS)
    return None


def _moved(head: int, moment: Moment) -> Mapping[str, Any]:
    """The days on which anything may change, for sliders, unless there is too much."""
    records = list(moment.as_of(known="9998").records()) if head <= _BUSY else []
    dates = [
        at for one in records if one.occurred for at in (one.occurred.earliest, one.occurred.latest) if at
    ]
    return _sliders(dates, [one.known_at for one in records], moment)


def _sliders(turns: Sequence[datetime], learned: Sequence[datetime], moment: Moment) -> Mapping[str, Any]:
    """What sliders through both times show."""
    known = moment.basis.known_point or datetime.now(UTC)
    return {
        "turns": _thinned(_days(turns)),
        "learnings": _thinned(_days(learned)),
        "steps": _steps(turns, moment.basis.point),
        "lessons": _steps(learned, known),
        "basis": moment.basis,
    }


def _pages(start: int, count: int, url: Callable[..., str], **more: Any) -> Mapping[str, str | None]:
    """The addresses of the pages before and behind one, of so many things."""
    before = url(**more, **({"from": start - _EACH} if start > _EACH else {})) if start else None
    behind = url(**more, **{"from": start + _EACH}) if start + _EACH < count else None
    return {"before": before, "behind": behind}


@attrs.frozen(kw_only=True)
class LogLine:
    """A record in a list, and what overrules it."""

    record: Record
    by: Record | None

    @property
    def told(self) -> dict[str, Any]:
        """As plain JSON values."""
        by = None if self.by is None else self.by.position
        return self.record.as_dict() | {"stands": by is None, "superseded_by": by}


def _listed(records: Sequence[Record], moment: Moment) -> list[LogLine]:
    gone = moment.superseded(records)
    return [LogLine(record=one, by=gone.get(one.position)) for one in records]


def ask(question: Question) -> Elsewhere:
    """To the state of whoever is named: one, or two."""
    moment, catalogue = question.moment(), question.timeline.catalogue
    names = [one for one in (question.text("a"), question.text("b")) if one]
    if not names:
        return Elsewhere(url=question.urls.home())
    chosen = question.text("state")
    if len(names) == 1 and not chosen:
        return Elsewhere(url=question.urls.entity(_known(moment, names[0]).id))
    kind = chosen or catalogue.pair_state().name
    return Elsewhere(url=question.urls.state(kind, *moment.key(kind, names)))


def state(question: Question) -> Sheet:
    """A state in words, why it is so, how it came about, and what differs at a second point."""
    moment, kind = question.moment(), question.timeline.catalogue.state(question.parts["state"])
    why = moment.explain(kind.cls, *question.who())
    found = why.state
    history = moment.history(kind.cls, *question.who())
    behind = {one.position for several in found.because.values() for one in several}
    knowing: History | None = None
    if len(behind) <= _BUSY:
        always = attrs.evolve(question.viewed, known="").moment(question.timeline)
        knowing = always.history(kind.cls, *question.who(), axis="known")
    second = question.viewed.second
    diff = (
        None if second is None else moment.diff(second.moment(question.timeline), kind.cls, *question.who())
    )
    fields = [
        {
            "name": one.field,
            "label": label(one.field),
            "lines": field_lines(found, one.field)[:_LINES],
            "because": found.because[one.field],
            "unsettled": found.unsettled[one.field],
            "contested": found.contested[one.field],
            "why": list(itertools.islice(one.lines(moment.basis.zone), _LINES)),
        }
        for one in why.fields
    ]
    turns = [one.begins for one in history.periods if one.begins is not None]
    known = () if knowing is None else knowing.periods
    learned = [one.begins for one in known if one.begins is not None]
    drawn = ["timeline", *(["money"] if any(fold.sums_money for fold in kind.folds.values()) else [])]
    return Sheet(
        title=" – ".join(found.named(one) for one in found.who),
        template="state.html",
        shown={
            "kind": kind,
            "state": found,
            "named": found.named,
            "fields": fields,
            "unsaid": [label(name) for name in kind.folds if name not in {one.field for one in why.fields}],
            "rows": _around(history, moment.basis.point),
            "count": len(history.rows),
            "learned": None if knowing is None else knowing.rows[-_LINES:],
            **_sliders(turns, learned, moment),
            "diff": None if diff is None else list(diff.lines()),
            "drawn": drawn,
            "sources": _behind(found, question),
        },
        told=lambda: (
            why.as_dict()
            | {
                "history": history.as_dict(),
                "known": None if knowing is None else knowing.as_dict(),
                "diff": None if diff is None else diff.as_dict(),
            }
        ),
    )


def _behind(found: State, question: Question) -> list[tuple[str, str]]:
    """Whose word the records behind a state are, each with the address of the page without it."""
    records = (record for several in found.because.values() for record in several)
    cited = (one.publisher or one.title or one.url for record in records for one in record.sources)
    names = [name for name, _ in Counter(filter(None, cited)).most_common(_LAST)]
    without, where = question.viewed.without, (found.__timeline__.name, *question.who())
    return [(name, question.urls.state(*where, without=(*without, name))) for name in names]


def _around(history: History, at: datetime) -> Sequence[Any]:
    """The rows of a history that lie about an instant: all of them, unless they are very many."""
    before = sum(one.begins is None or one.begins <= at for one in history.periods)
    start = max(0, min(before, len(history.rows)) - _LINES // 2)
    return history.rows[start : start + _LINES]


def _days(instants: Iterable[datetime]) -> list[str]:
    """The days of some instants, each once, in order."""
    return sorted({one.date().isoformat() for one in instants})


def _thinned(days: list[str]) -> list[str]:
    """Of very many days some, and the last."""
    each = -(-len(days) // _MARKS)
    return days if each <= 1 else [*days[:-1:each], days[-1]]


def _steps(turns: Iterable[datetime], at: datetime) -> Mapping[str, str | None]:
    """The days of the last change before an instant's day, and of the first behind it."""
    days, day = _days(turns), at.date().isoformat()
    return {
        "before": max((one for one in days if one < day), default=None),
        "behind": min((one for one in days if one > day), default=None),
    }


def entity(question: Question) -> Sheet:
    """An entity: its names, its states, whom it is tied to, and what was said of it last."""
    moment, ident = question.moment(), question.parts["entity"]
    one = _known(moment, ident)
    catalogue = question.timeline.catalogue
    own = [moment.of(kind.cls, one.id) for kind in catalogue.states.values() if kind.arity == 1]
    records = list(moment.records(entities=one.id))
    met = Counter(other for record in records for other in record.entities if other != one.id)
    ties = [other for other, _ in met.most_common(_TIES)]
    names = _names(moment, ties)
    newest = records[: -_EACH - 1 : -1]
    return Sheet(
        title=one.name,
        template="entity.html",
        shown={
            "entity": one,
            "states": [found for found in own if found.because or found.unsettled],
            "pairs": [kind for kind in catalogue.states.values() if kind.arity == 2],
            "ties": [(other, names.get(other, other), met[other]) for other in ties],
            "more": len(met) - len(ties),
            "records": _listed(newest, moment),
            "count": len(records),
        },
        told=lambda: (
            one.as_dict()
            | {
                "basis": moment.basis.as_dict(),
                "states": {found.__timeline__.name: found.as_dict() for found in own},
                "ties": {other: met[other] for other in ties},
            }
        ),
    )


def _known(moment: Moment, name: str) -> Listed:
    """An entity by its exact id, or whoever a name means.

    Raises:
        UnknownEntity: if nobody is meant.
        AmbiguousName: if it fits two.
    """
    several = moment.entities(name)
    exact = [one for one in several if one.id == name]
    fits = exact or [one for one in several if folded(name) in {folded(each.name) for each in one.names}]
    if len(fits) > 1:
        raise AmbiguousName(name, [one.id for one in fits])
    if not fits:
        raise UnknownEntity(name, [one.name for one in several[:3]])
    return fits[0]


def _names(moment: Moment, ids: Sequence[str]) -> Mapping[str, str]:
    if not ids:
        return {}
    wanted = set(ids)
    return {one.id: one.name for one in moment.entities() if one.id in wanted}


def record(question: Question) -> Sheet:
    """One record in full."""
    found = question.moment().show(question.parts["record"])
    return Sheet(
        title=found.record.label,
        template="record.html",
        shown={"found": found, "told": list(found.parts())},
        told=found.as_dict,
    )


def log(question: Question) -> Sheet:
    """The records in order, some at a time, of a type, of an entity, with a text, or that stand."""
    moment, after = question.moment(), page_of(question.asked, "after")
    types, about = question.text("type"), question.text("entity")
    text, stands = question.text("text"), bool(question.text("stands"))
    asked = {
        "types": types or None,
        "entities": about or (),
        "text": text or None,
        "stands": stands,
    }
    records, ended = _some(moment, after, **asked)
    entries = _listed(records, moment)
    chosen = {"type": types, "entity": about, "text": text, "stands": "yes" if stands else ""}
    url = question.urls.log
    return Sheet(
        title="The log",
        template="log.html",
        shown={
            "records": entries,
            "chosen": chosen,
            "types": sorted(question.timeline.catalogue.events),
            "first": url(**chosen) if after else None,
            "behind": None if ended else url(**chosen, after=records[-1].position if records else after),
        },
        told=lambda: {
            "basis": moment.basis.as_dict(),
            "records": [one.told for one in entries],
            "after": after,
            "next": None if ended or not records else records[-1].position,
        },
    )


def _some(moment: Moment, after: int, **asked: Any) -> tuple[list[Record], bool]:
    """The first records behind a position that are asked for, and whether there are no more."""
    found = list(moment.records(after=after, limit=_EACH + 1, **asked))
    return found[:_EACH], len(found) <= _EACH


def sources(question: Question) -> Sheet:
    """The sources, the one first on which most rests."""
    moment = question.moment()
    found = moment.sources()
    return Sheet(
        title="Sources",
        template="sources.html",
        shown={"sources": found},
        told=lambda: {"basis": moment.basis.as_dict(), "sources": [attrs.asdict(one) for one in found]},
    )


def source(question: Question) -> Sheet:
    """What rests on a source, alone or with others, and what is so without it."""
    name = question.text("name")
    if not name:
        raise NotAllowed("name= says which source is meant")
    moment, after = question.moment(), page_of(question.asked, "after")
    viewed = attrs.evolve(question.viewed, only=(name,))
    there = attrs.evolve(question, viewed=viewed)
    records, ended = _some(there.moment(), after)
    entries = _listed(records, moment)
    cited = [one for record in records for one in record.sources]
    meant = next((one for one in cited if name in (one.title, one.publisher, one.url)), None)
    return Sheet(
        title=name,
        template="source.html",
        shown={
            "name": name,
            "source": meant,
            "records": entries,
            "without": question.urls.home(without=(*question.viewed.without, name)),
            "moves": question.urls.moves(without=(*question.viewed.without, name)),
            "behind": None
            if ended
            else question.urls.source(name, after=records[-1].position if records else after),
        },
        told=lambda: {
            "basis": moment.basis.as_dict(),
            "source": name,
            "records": [one.told for one in entries],
        },
    )


def check(question: Question) -> Sheet:
    """What does not add up."""
    moment = question.moment()
    found = moment.check(most=_EACH, by_then=bool(question.viewed.as_of))
    return Sheet(
        title="What does not add up",
        template="check.html",
        shown={"found": found, "violations": found.violations},
        told=found.as_dict,
    )


def search(question: Question) -> Sheet:
    """Entities, records and types in which a text is found."""
    text, moment = question.text("q"), question.moment()
    entities: Sequence[Listed] = ()
    records: Sequence[Record] = ()
    kinds: list[str] = []
    if text:
        entities = moment.entities(text)
        records, _ = _some(moment, 0, text=text)
        catalogue = question.timeline.catalogue
        kinds = [name for name in (*catalogue.events, *catalogue.states) if text.lower() in name.lower()]
    entries = _listed(records, moment)
    return Sheet(
        title="Search" if not text else f"Search: {text}",
        template="search.html",
        shown={
            "text": text,
            "entities": entities[:_EACH],
            "more": max(0, len(entities) - _EACH),
            "records": entries,
            "kinds": kinds,
        },
        told=lambda: {
            "basis": moment.basis.as_dict(),
            "text": text,
            "entities": [one.as_dict() for one in entities[:_EACH]],
            "records": [one.told for one in entries],
            "types": kinds,
        },
    )


def sql(question: Question) -> Sheet | Download:
    """The rows of a query, which can only read, and is stopped at its limit."""
    query = question.text("q")
    rows = question.timeline.sql(query, timeout=_SECONDS) if query else None
    wanted = question.text("download")
    if rows is not None and wanted == "parquet":
        return Download(name="rows.parquet", kind="application/vnd.apache.parquet", content=parquet_of(rows))
    if rows is not None and wanted:
        written = io.StringIO(newline="")
        csv_written(Table(rows.columns, rows), written)
        return Download(name="rows.csv", kind="text/csv; charset=utf-8", content=written.getvalue())
    first = () if rows is None else rows.first(_ROWS)
    return Sheet(
        title="SQL",
        template="sql.html",
        shown={
            "query": query,
            "columns": () if rows is None else rows.columns,
            "rows": [[cell(value) for value in row] for row in first],
            "count": None if rows is None else len(rows),
            "files": {kind: question.urls.sql(q=query, download=kind.lower()) for kind in ("CSV", "Parquet")},
        },
        told=lambda: (
            None
            if rows is None
            else {"columns": list(rows.columns), "count": len(rows), "rows": [list(row) for row in first]}
        ),
    )


def types(question: Question) -> Sheet:
    """The vocabulary: what kinds of events, states and rules there are."""
    catalogue = question.timeline.catalogue
    stored = question.timeline.sql("SELECT type, count(*) FROM log WHERE type IS NOT NULL GROUP BY ALL")
    counts: Counter[str] = Counter()
    for name, number in stored.rows:
        counts[catalogue.names[name].name if name in catalogue.names else name] += number
    return Sheet(
        title="Vocabulary",
        template="types.html",
        shown={
            "events": [(kind, counts[name]) for name, kind in sorted(catalogue.events.items())],
            "states": list(catalogue.states.values()),
            "rules": [(name, rule.says) for name, rule in sorted(catalogue.rules.items())],
        },
        told=lambda: {
            "events": {name: counts[name] for name in sorted(catalogue.events)},
            "states": sorted(catalogue.states),
            "rules": {name: rule.says for name, rule in sorted(catalogue.rules.items())},
        },
    )


def kind(question: Question) -> Sheet:
    """One event type, or one state."""
    catalogue, name = question.timeline.catalogue, question.parts["name"]
    if name in catalogue.states:
        held = catalogue.states[name]
        return Sheet(
            title=name,
            template="kind.html",
            shown={"name": name, "doc": held.doc, "state": held, "event": None},
            told=lambda: {"state": name, "doc": held.doc, **held.shape},
        )
    event = catalogue.event(name)
    return Sheet(
        title=name,
        template="kind.html",
        shown={"name": name, "doc": event.doc, "state": None, "event": event},
        told=lambda: {
            "event": name,
            "version": event.version,
            "doc": event.doc,
            "fields": [{"name": one.name, "kind": one.kind.name, "takes": one.takes} for one in event.fields],
        },
    )


def picture(question: Question) -> Download:
    """A picture as SVG: what is tied, what runs, what was paid."""
    from timeline import plot

    moment, what = question.moment(), question.parts["what"]
    dark = question.text("dark") == "yes"
    if what == "graph":
        drawn = plot.graph(moment, most=_TIES if question.text("most") == "all" else 30)
    elif what in {"timeline", "money"} and "state" in question.parts:
        cls = question.timeline.catalogue.state(question.parts["state"]).cls
        drawn = (plot.timeline if what == "timeline" else plot.money)(moment, cls, *question.who())
    else:
        raise NotAllowed(f"there is no picture {what!r}")
    return Download(name=f"{what}.svg", kind="image/svg+xml", content=drawn.svg(dark=dark))
