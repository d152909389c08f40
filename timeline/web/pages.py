"""The pages of records and of the vocabulary: what each asks, what it shows, and what it says as JSON."""

from __future__ import annotations

import io
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

import attrs

from timeline.formats import Table, cell, csv_written, parquet_of
from timeline.records import Record
from timeline.values import NotAllowed
from timeline.web.questions import Download, Question, Sheet, listed
from timeline.web.states import moved_days, ties
from timeline.web.urls import page_of

if TYPE_CHECKING:
    from timeline.moment import Listed, Moment

_EACH: Final = 50
"""How many records or entities a page has."""
_LAST: Final = 10
"""How many of the last the first page has."""
_BUSY: Final = 1_000
"""Up to how many records behind a state it is told how the answer changed as more became known."""
_SMALL: Final = 300
"""Up to how many entities are drawn as a graph."""
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
            "records": listed(newest, moment),
            "tied": ties(moment) if 0 < len(entities) <= _SMALL and head.position <= _BUSY else None,
            **moved_days(head.position, moment),
        },
        told=lambda: {
            **head.as_dict(),
            "basis": moment.basis.as_dict(),
            "entities": len(entities),
            "of": [one.as_dict() for one in part],
            "newest": [one.as_dict() for one in newest],
        },
    )


def _pages(start: int, count: int, url: Callable[..., str], **more: Any) -> Mapping[str, str | None]:
    """The addresses of the pages before and behind one, of so many things."""
    before = url(**more, **({"from": start - _EACH} if start > _EACH else {})) if start else None
    behind = url(**more, **{"from": start + _EACH}) if start + _EACH < count else None
    return {"before": before, "behind": behind}


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
    entries = listed(records, moment)
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
    entries = listed(records, moment)
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
    entries = listed(records, moment)
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
