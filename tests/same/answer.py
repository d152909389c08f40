"""How the engine at hand is told and asked: what has to follow where its surface changes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Final

from timeline import Assertion, Attestation, Correction, Retraction, Timeline

__all__ = ["ASKED", "opened", "say", "supposing"]

Json = dict[str, Any]


def opened(vocabulary: str, clock: Callable[[], datetime]) -> Any:
    """An empty timeline in memory, of a vocabulary."""
    return Timeline.open(":memory:", catalogue=vocabulary, clock=clock)


def say(timeline: Any, commit: Json) -> Any:
    """Append statements, or a table of events, as one commit; gives the commit."""
    if "table" in commit:
        event_type = timeline.catalogue.event(commit["table"]).cls
        return timeline.append_table(event_type, commit["rows"], **_given(commit, "id", "known", "source"))
    envelope = {name: commit[name] for name in ("actor", "note", "source", "credence") if name in commit}
    return timeline.append(*(_statement(timeline, one) for one in commit["say"]), **envelope)


def supposing(timeline: Any, question: Json) -> Any:
    """The timeline with statements on top that are only supposed."""
    statements = (_statement(timeline, one) for one in question["suppose"])
    return timeline.what_if(*statements, position=question["position"])


def _statement(timeline: Any, one: Json) -> Any:
    names = ("id", "known", "source", "credence", "note")
    envelope = {name: one[name] for name in names if name in one}
    if one["do"] == "retraction":
        return Retraction(one["of"], whole=one.get("whole", False), **envelope)
    if one["do"] == "attestation":
        return Attestation(one["of"], **envelope)
    event = timeline.catalogue.event(one["type"]).cls(one["occurred"], **one["data"])
    return (
        Assertion(event, **envelope) if one["do"] == "assertion" else Correction(one["of"], event, **envelope)
    )


def _given(question: Json, *names: str) -> Json:
    return {name: question[name] for name in names if question.get(name) is not None}


def _moment(timeline: Any, question: Json) -> Any:
    return timeline.as_of(**question["at"])


def _of(timeline: Any, question: Json) -> Any:
    return _told(_whole(timeline, question))


def _told(state: Any) -> Json:
    """A state but for what contests it, which takes far longer to find out than all else."""
    return {
        "who": state.who,
        "basis": state.basis,
        "values": state.values(),
        "because": _positions(state.because),
        "unsettled": _positions(state.unsettled),
        "names": state.names,
    }


def _positions(by_field: Mapping[str, Any]) -> Json:
    return {field: [record.position for record in records] for field, records in by_field.items()}


def _whole(timeline: Any, question: Json) -> Any:
    return _moment(timeline, question).of(question["state"], *question["who"])


def _between(timeline: Any, question: Json) -> Any:
    moment = _moment(timeline, question)
    later = moment.as_of(question["then"], known="2022", dates="earliest")
    return [_told(one.between(*question["who"])) for one in (moment, later)]


def _all(timeline: Any, question: Json) -> Any:
    return list(_moment(timeline, question).all(question["state"]))


def _table(timeline: Any, question: Json) -> Any:
    return _moment(timeline, question).table(question["state"])


def _explain(timeline: Any, question: Json) -> Any:
    return _moment(timeline, question).explain(
        question["state"], *question["who"], field=question.get("field")
    )


def _history(timeline: Any, question: Json) -> Any:
    moment = timeline.as_of(**question.get("at", {}), **_given(question, "known"))
    limits = _given(question, "field", "axis", "during", "since", "until")
    found = moment.history(question["state"], *question["who"], **limits)
    return [found, *found.held()]


def _diff(timeline: Any, question: Json) -> Any:
    first, second = timeline.as_of(**question["at"]), timeline.as_of(**question["other"])
    return first.diff(second, question["state"], *question["who"])


def _plans(timeline: Any, question: Json) -> Any:
    return _moment(timeline, question).plans(question["state"], *question["who"], field=question["field"])


def _check(timeline: Any, question: Json) -> Any:
    limits = _given(question, "rules", "most", "by_then")
    return timeline.as_of(**question.get("at", {})).check(**limits)


def _records(timeline: Any, question: Json) -> Any:
    moment, limits = _by_then(timeline, question)
    return list(moment.records(**limits))


def _entities(timeline: Any, question: Json) -> Any:
    moment, limits = _by_then(timeline, question)
    return moment.entities(**limits)


def _by_then(timeline: Any, question: Json) -> tuple[Any, Json]:
    """The moment asked, which a date limits only where one is given, and what else is asked."""
    point = _given(question, "known", "dates", "position", "without", "only", "credence", "tz")
    moment = timeline.as_of(question.get("as_of"), **point)
    return moment, _without(question, "ask", "as_of", *point) | {"by_then": "as_of" in question}


def _sources(timeline: Any, question: Json) -> Any:
    return _moment(timeline, question).sources()


def _single_sourced(timeline: Any, question: Json) -> Any:
    moment = _moment(timeline, question)
    if "state" in question:
        return moment.single_sourced(question["state"], *question["who"])
    return moment.single_sourced(**_given(question, "entities", "types"))


def _record(timeline: Any, question: Json) -> Any:
    return timeline.record(question["record"])


def _follow(timeline: Any, question: Json) -> Any:
    return list(timeline.follow(timeout=0, **_without(question, "ask")))


def _retract(timeline: Any, question: Json) -> Any:
    """What several retractions in one commit would be; nothing is written."""
    return timeline.retract(dry_run=True, **_without(question, "ask"))


def _sql(timeline: Any, question: Json) -> Any:
    return timeline.sql(question["query"])


def _verify(timeline: Any, question: Json) -> Any:
    return timeline.verify()


def _without(question: Json, *names: str) -> Json:
    return {name: value for name, value in question.items() if name not in names}


ASKED: Final[Mapping[str, Callable[[Any, Json], Any]]] = {
    "of": _of,
    "whole": _whole,
    "between": _between,
    "all": _all,
    "table": _table,
    "explain": _explain,
    "history": _history,
    "diff": _diff,
    "plans": _plans,
    "check": _check,
    "records": _records,
    "entities": _entities,
    "sources": _sources,
    "single_sourced": _single_sourced,
    "record": _record,
    "follow": _follow,
    "retract": _retract,
    "sql": _sql,
    "verify": _verify,
}
"""By what is asked, how."""
