"""The pages of what is only supposed: a form, what moves by it, and how a date is read."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, Final

from timeline.formats import entry_of, inputs_about, inputs_of, read_json
from timeline.moment import moves as moved, turned
from timeline.records import Record
from timeline.values import NotAllowed, TimelineError, When, as_json_text, iso
from timeline.vocabulary import label
from timeline.web.questions import Answer, Elsewhere, Question, Sheet
from timeline.web.urls import Viewed

if TYPE_CHECKING:
    from timeline.moment import Moment

_SUGGESTED: Final = 500
"""How many names are suggested at most."""
_RESTING: Final = 200
"""Of how many records that rest on what is left out it is told what moves."""
_OWN: Final = frozenset({"type", "corrects", "retracts", "ready", "format"})


def say(question: Question) -> Answer:
    """A form of what to suppose; filled in, what moves by it, with that in the address."""
    timeline, about = question.timeline, {one: question.text(one) for one in ("corrects", "retracts")}
    target = next((timeline.record(one) for one in about.values() if one), None)
    given = {name: text for name, text in question.asked.items() if name not in Viewed.names()}
    name = question.text("type")
    event = target.event if target is not None and about["corrects"] else None
    kind = event.__timeline__ if event is not None else timeline.catalogue.event(name) if name else None
    if about["corrects"] and kind is None:
        raise NotAllowed(f"{about['corrects']} says no event that could be corrected; it can be retracted")
    problem = ""
    if question.text("ready"):
        try:
            text = _entry(question, entry_of(kind, given), reason=target is not None)
        except TimelineError as refused:
            problem = str(refused)
        else:
            return Elsewhere(url=question.urls.moves(suppose=(*question.viewed.suppose, text)))
    filled = {one: text for one, text in given.items() if one not in _OWN}
    inputs = [] if kind is None else inputs_of(kind, event, filled)
    names: Iterable[str] = ()
    if any(one.kind.names_entities for one in inputs):
        names = [one.name for one in question.moment().entities()[:_SUGGESTED]]
    title = "Suppose" if kind is None else f"Suppose: {label(kind.name)}"
    if target is not None:
        title = f"{'Retract' if event is None else 'Correct'} {target.label}"
    return Sheet(
        title=title,
        template="say.html",
        shown={
            "kind": kind,
            "target": target,
            "about": [*((one, text) for one, text in about.items() if text), ("type", name)],
            "groups": [inputs, inputs_about(filled, reason=target is not None)],
            "names": names,
            "problem": problem,
            "types": sorted(timeline.catalogue.events.values(), key=lambda one: one.name),
        },
        told=lambda: {"problem": problem, "takes": {one.name: one.takes for one in inputs}},
    )


def _entry(question: Question, entry: Mapping[str, Any], *, reason: bool) -> str:
    """An entry as JSON, which can be read.

    Raises:
        NotAllowed: if a reason is needed, and none is given, or it cannot be read, with all that cannot.
    """
    if reason and not entry.get("note"):
        raise NotAllowed("note: what corrects or retracts a record says why")
    text = as_json_text(entry)
    faults = read_json(text.encode(), question.timeline.catalogue, "form").faults
    if faults:
        raise NotAllowed(
            "\n".join(f"{one.field}: {one.problem}" if one.field else one.problem for one in faults)
        )
    return text


def moves(question: Question) -> Sheet:
    """What moves by what is supposed, and whose word is left out, against what is recorded at the point."""
    before, after = question.viewed.plain.moment(question.recorded), question.moment()
    records = {one.position: one for one in _concerned(question, before)}
    found, left = moved(before, after, records.values())
    checks = dict(zip(("now", "no more"), turned(before, after), strict=True))
    said = question.timeline.supposed
    urls, suppose = question.urls, question.viewed.suppose
    return Sheet(
        title="What moves",
        template="moves.html",
        shown={
            "moves": found,
            "left": left,
            "supposed": [
                (one, urls.moves(suppose=suppose[:number] + suppose[number + 1 :]))
                for number, one in enumerate(said)
            ],
            "checks": checks,
            "head": question.recorded.head().position,
            "new": [one for one in after.entities() if one.id in _new(question)] if said else [],
        },
        told=lambda: {
            "supposed": [one.as_dict() for one in said],
            "moves": [one.as_dict() for one in found],
            "violations": {name: [one.as_dict() for one in several] for name, several in checks.items()},
        },
    )


def _concerned(question: Question, before: Moment) -> Iterator[Record]:
    """The records that are supposed, those that they speak of, and those that rest on what is left out."""
    for record in question.timeline.supposed:
        yield record
        if record.target is not None:
            yield from (one for one, _ in question.timeline.as_of().show(record.position).chain)
    viewed = question.viewed
    if viewed.without:
        there = question.recorded.as_of(only=viewed.without)
        yield from there.records(limit=_RESTING)
    if viewed.only or viewed.credence:
        yield from before.records(limit=_RESTING)


def _new(question: Question) -> set[str]:
    """The ids of whom what is supposed speaks first."""
    ids = {one for record in question.timeline.supposed for one in record.entities}
    return ids - {one.id for one in question.recorded.as_of().entities()}


def read(question: Question) -> Sheet:
    """How a date is read: in words, and its first and last instant."""
    told: dict[str, Any]
    try:
        when = When.read(question.text("date"))
        told = {
            "date": when.text,
            "words": when.words,
            "earliest": iso(when.earliest),
            "latest": iso(when.latest),
        }
    except TimelineError as problem:
        told = {"date": question.text("date"), "problem": str(problem)}
    return Sheet(title="A date", template="read.html", shown={"read": told}, told=lambda: told)
