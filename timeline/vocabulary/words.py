"""How values of states read as text, and as plain JSON."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final, cast

import attrs

from timeline.values import Funds, Line, Part, labelled, printable
from timeline.vocabulary.event import Event
from timeline.vocabulary.fields import kind_of
from timeline.vocabulary.sentences import sentence, worded

NOTHING: Final = "nothing recorded"
ENDED: Final = "ended"
UNSETTLED: Final = "unsettled"
CONTESTED: Final = "! contested: these records stand too, and say otherwise"
_FEW: Final = 6
Named = Callable[[str], str]


def label(field: str) -> str:
    """The name of a field for people."""
    return field.replace("_", " ")


def plain_value(value: Any) -> Any:
    """A value as plain JSON values: events as their data, several keys joined by " / ", times in seconds."""
    if isinstance(value, Event):
        return {"type": value.__timeline__.name} | _plain_fields(value)
    if isinstance(value, Mapping):
        return {_key(key): plain_value(one) for key, one in value.items()}
    if isinstance(value, tuple | list):
        return [plain_value(one) for one in value]
    kind = kind_of(value)
    if kind is not None:
        return kind.write(value)
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, timedelta):
        return value.total_seconds()
    return value.as_dict() if hasattr(value, "as_dict") else value


def _plain_fields(value: attrs.AttrsInstance) -> dict[str, Any]:
    return {name: plain_value(one) for name, one in attrs.asdict(value, recurse=False).items()}


class Plain:
    """What is told as plain JSON field by field."""

    __slots__ = ()

    def as_dict(self) -> dict[str, Any]:
        """As plain JSON values."""
        return _plain_fields(cast("attrs.AttrsInstance", self))


def _key(key: Any) -> str:
    return (
        " / ".join(_key(part) for part in key) if isinstance(key, tuple) else "" if key is None else str(key)
    )


def one_line(value: Any, named: Named) -> str:
    """One value on one line."""
    if isinstance(value, Event):
        return sentence(value, named)
    if value is None:
        return NOTHING
    return worded(value, named)


def is_empty(value: Any) -> bool:
    """Whether a value says nothing: no event, no amount, no slot."""
    return (
        value is None
        or (isinstance(value, int) and value == 0 and not isinstance(value, bool))
        or (isinstance(value, Mapping) and not value)
        or value == Funds()
    )


def value_lines(value: Any, named: Named) -> list[str]:
    """A value as lines of text: one, or one a slot of a mapping; an empty one is "nothing recorded"."""
    if is_empty(value):
        return [NOTHING]
    if not isinstance(value, Mapping):
        return [one_line(value, named)]
    return [
        one_line(one, named) if isinstance(one, Event) else f"{key_words(key, named)}: {one_line(one, named)}"
        for key, one in value.items()
    ]


def key_words(key: Any, named: Named) -> str:
    """The key of a slot in words."""
    parts = key if isinstance(key, tuple) else (key,)
    return " / ".join("unspecified" if part is None else named(part) for part in parts)


def slots(value: Any) -> Iterator[tuple[Any, Any]]:
    """A value by the keys of its slots, plain; one without has one slot, without a key."""
    if not isinstance(value, Mapping):
        yield None, None if is_empty(value) else plain_value(value)
    else:
        yield from plain_value(value).items() if value else ((None, None),)


def all_said(value: Any, named: Named) -> str | None:
    """A value in words on one line; None where it says nothing."""
    return None if is_empty(value) else "; ".join(value_lines(value, named))


def marks(records: Sequence[Any]) -> str:
    """Records as `#14 #38`."""
    return " ".join(record.place for record in records)


def heading(names: Sequence[str], basis: str) -> Line:
    """Who and where, as the first line of an answer."""
    return Line.of((f"{' – '.join(names)}, {basis}", "head"))


def state_lines(
    values: Mapping[str, Any],
    named: Named,
    because: Mapping[str, Sequence[Any]],
    unsettled: Mapping[str, Sequence[Any]],
    contested: Mapping[str, Sequence[Any]],
) -> Iterator[Line]:
    """The fields of a state of which anything was said, a line each or more, with the records behind them.

    Behind `?` are those that leave a field unsettled, and behind `!` those that contest it.
    """
    said = [field for field in values if because.get(field) or unsettled.get(field)]
    if not said:
        yield Line.of(NOTHING, indent=2)
        return
    rows: list[tuple[str, list[Sequence[Part]]]] = []
    for field in said:
        reasons, doubts, others = (told.get(field, ()) for told in (because, unsettled, contested))
        first, *further = answer_lines(values[field], named, reasons, doubts)
        notes: list[Part] = [first]
        notes += [(f"  {marks(reasons)}", "aside")] if reasons else []
        notes += [(f"  ? {marks(doubts)}", "doubt")] if doubts else []
        notes += [(f"  ! {marks(others)}", "contest")] if others else []
        rows.append((label(field), [notes, *([text] for text in further)]))
    yield from labelled(rows)
    if len(said) < len(values):
        yield Line.of((unsaid([label(field) for field in values if field not in said]), "aside"), indent=2)
    if contested:
        yield Line.of((CONTESTED, "aside"), indent=2)


def unsaid(fields: Sequence[str]) -> str:
    """That nothing is recorded of some fields; many are only counted.

    >>> unsaid(["raised", "put in"])
    'nothing recorded of raised, put in'
    """
    return f"{NOTHING} of {', '.join(fields) if len(fields) <= _FEW else f'{len(fields)} other fields'}"


def answer_lines(value: Any, named: Named, because: Sequence[Any], unsettled: Sequence[Any]) -> list[str]:
    """A value as lines of text fit to print; an empty one is ended, unsettled, or nothing recorded.

    One that holds several, and none, may be what a record says: that nobody is known.
    """
    if is_empty(value) or (isinstance(value, Collection) and not value and not because):
        return [ENDED if because else UNSETTLED if unsettled else NOTHING]
    return [printable(line) for line in value_lines(value, named)]
