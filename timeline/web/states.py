"""The pages of states and of entities, with what moves through both times on them, and pictures."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

import attrs

from timeline.values import AmbiguousName, CatalogueError, NotAllowed, UnknownEntity, folded
from timeline.vocabulary import State, field_lines, label
from timeline.web.questions import Download, Elsewhere, Question, Sheet, listed

if TYPE_CHECKING:
    from timeline.moment import History, Listed, Moment
    from timeline.plot import Network

_EACH: Final = 50
"""How many records or entities a page has."""
_LAST: Final = 10
"""How many sources behind a state are told."""
_TIES: Final = 150
"""With how many others an entity is shown at most."""
_BUSY: Final = 1_000
"""Up to how many records behind a state it is told how the answer changed as more became known."""
_LINES: Final = 100
"""How many lines a list on the page of a state has at most."""
_MARKS: Final = 400
"""How many days are marked on a slider at most."""
_DOTS: Final = 60
"""How many entities of the graph are drawn."""


def ties(moment: Moment) -> tuple[str, Network] | None:
    """The usual state of pairs, and who is tied by it; None where there is none to be asked of all."""
    from timeline import plot

    with suppress(CatalogueError, NotAllowed):
        return moment.catalogue.pair_state().name, plot.ties(moment, most=_DOTS)
    return None


def moved_days(head: int, moment: Moment) -> Mapping[str, Any]:
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
            "records": listed(newest, moment),
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
