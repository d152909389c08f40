"""Events as forms: what is to be filled in for a type, and the entry that is filled in."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import attrs

from timeline.values import CREDENCES
from timeline.vocabulary import Event, EventType, Field, Kind, label

_ABOUT: Final = {
    "source": "whose word it is: a title",
    "publisher": "who published that",
    "url": "where it is on the web",
    "published": "when it was published: a date",
    "at": "the place in it: a page, a paragraph",
    "known": "since when the world could know, if not since it was published: a date",
    "note": "a remark of your own",
    "id": "an id of your own, such as A14",
}
_OF_SOURCE: Final = {"source": "title", "publisher": "publisher", "url": "url", "published": "published"}


@attrs.frozen(kw_only=True)
class Input:
    """One thing to be filled in: of which kind, what it takes in words, and what stands in it."""

    name: str
    takes: str
    kind: Kind
    required: bool
    choices: tuple[str, ...] = ()
    value: str = ""

    @property
    def label(self) -> str:
        """Its name for people."""
        return label(self.name)


def inputs_of(kind: EventType, event: Event | None, given: Mapping[str, str]) -> list[Input]:
    """What is to be filled in for an event of a type, as `given` or, where nothing is, as in an event."""

    def shown(name: str) -> str:
        value = given.get(name) if given or event is None else getattr(event, name)
        if isinstance(value, tuple):
            return "\n".join(value)
        return ("yes" if value else "no") if isinstance(value, bool) else "" if value is None else str(value)

    occurred = Input(
        name="occurred", takes=Kind.WHEN.takes, kind=Kind.WHEN, required=True, value=shown("occurred")
    )
    return [
        occurred,
        *(
            Input(
                name=one.name,
                takes=f"{one.takes}{', one a line' if one.kind.several else ''}",
                kind=one.kind,
                required=one.required and not one.may_be_blank,
                choices=_choices(one),
                value=shown(one.name),
            )
            for one in kind.fields
        ),
    ]


def inputs_about(given: Mapping[str, str], *, reason: bool) -> list[Input]:
    """What is to be filled in of a record itself; with a `reason` for it, that has to be."""
    several = [
        Input(
            name=name,
            takes="why" if reason and name == "note" else takes,
            kind=Kind.WHEN if name in {"published", "known"} else Kind.TEXT,
            required=reason and name == "note",
            value=given.get(name, ""),
        )
        for name, takes in _ABOUT.items()
    ]
    credence = Input(
        name="credence",
        takes="how sure it is; reported, unless said",
        kind=Kind.TEXT,
        required=False,
        choices=CREDENCES,
        value=given.get("credence", ""),
    )
    return [*several, credence]


def entry_of(kind: EventType | None, given: Mapping[str, str]) -> dict[str, Any]:
    """The entry of a file of events that a form was filled in for; without a type, about a record alone."""
    texts = {name: value.strip() for name, value in given.items()}
    entry: dict[str, Any] = {}
    if kind is not None:
        entry = {"type": kind.name, "occurred": texts.get("occurred", "")}
        for field in kind.fields:
            text = texts.get(field.name, "")
            if text:
                entry[field.name] = _given(field, text)
            elif field.required:
                entry[field.name] = None
    source = {part: texts[name] for name, part in _OF_SOURCE.items() if texts.get(name)}
    entry |= {"source": source} if source else {}
    about = ("at", "known", "note", "credence", "corrects", "retracts", "id")
    return entry | {name: texts[name] for name in about if texts.get(name)}


def _choices(field: Field) -> tuple[str, ...]:
    return ("yes", "no") if field.kind is Kind.FLAG else field.choices


def _given(field: Field, text: str) -> Any:
    if field.kind.several:
        return [line.strip() for line in text.splitlines() if line.strip()]
    return text == "yes" if field.kind is Kind.FLAG else text
