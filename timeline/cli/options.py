"""What the verbs of the command line share: which file, in which format, and what a record says of itself."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Any, Final, Literal

import attrs
from cyclopts import Parameter

if TYPE_CHECKING:
    from timeline.admission import Condition

DEFAULT: Final = "timeline.duckdb"
"""The file that is meant where none is named."""

PLAIN: Final = Parameter(negative=(), show_default=lambda value: value or None)
"""What holds of every flag, unless it says otherwise: there is none for its contrary."""

Credence = Literal["confirmed", "reported", "rumoured", "denied"]
FieldName = Annotated[str | None, Parameter(help="One field of it only.")]
RecordId = Annotated[str, Parameter(help="Its id or its position.")]
Several = tuple[str, ...]
StateName = Annotated[str, Parameter(help="One of the states in `timeline types`.")]
Who = Annotated[str, Parameter(help="One entity, or two for a pair.")]

_SAID_OF_IT: Final = ("source", "publisher", "published", "url", "at", "known", "credence", "note", "actor")


def flag_of(name: str) -> str:
    """The flag of a field.

    >>> flag_of("type_"), flag_of("to_as_of")
    ('--type', '--to-as-of')
    """
    return f"--{name.strip('_').replace('_', '-')}"


def flag(name: str, value: str) -> list[str]:
    """A flag with its value, as words; together where the value would be taken for a flag, or is blank."""
    word = flag_of(name)
    return [f"{word}={value}"] if not value or value.startswith("-") else [word, value]


def parted(text: str) -> list[str]:
    """What the environment gives with semicolons between."""
    return [part.strip() for part in text.split(";") if part.strip()]


def given(name: str, value: str | Sequence[str] | None) -> bool:
    """Whether the environment gave the value of a flag, so that it may be left aside."""
    said = os.environ.get(f"TIMELINE_{name.upper()}")
    if said is None or value is None:
        return False
    return said == value if isinstance(value, str) else parted(said) == list(value)


@Parameter(name="*", group="Output")
@attrs.frozen(kw_only=True)
class Output:
    """Which timeline, and in which format to answer.

    Parameters
    ----------
    db
        The timeline's DuckDB file.
    json
        Answer in JSON.
    form
        The format of the answer; a table, unless said.
    """

    db: Annotated[str, Parameter(env_var="TIMELINE_DB", allow_leading_hyphen=True)] = DEFAULT
    json: bool = False
    form: Annotated[
        Literal["table", "json", "jsonl", "csv", "markdown"] | None, Parameter(name="--format")
    ] = None

    @property
    def format(self) -> str:
        """The format of the answer; `--json` is short for `--format json`.

        Raises:
            NotAllowed: if both are given and differ.
        """
        from timeline.values import NotAllowed

        if self.json and self.form not in {None, "json"}:
            raise NotAllowed(f"--json is short for --format json, and --format {self.form} is given too")
        return "json" if self.json else self.form or "table"

    @property
    def for_people(self) -> bool:
        """Whether a person is to read the answer, so that more may be told beside it."""
        return self.format == "table"


@Parameter(name="*", group="Record")
@attrs.frozen(kw_only=True)
class SaidOptions:
    """What a record says of itself, beside the event.

    Parameters
    ----------
    source
        Its source, a title; repeatable.
    publisher
        Who published the source.
    published
        When the source was published.
    url
        Where the source is on the web.
    at
        The place in the source: a page, a paragraph.
    known
        Since when the world could know; else the publication counts, else now.
    credence
        How sure it is; reported, unless said.
    note
        A remark of your own.
    actor
        Who says it to the log.
    id
        An id of your own, such as A14.
    dry_run
        Write nothing; show what would be written.
    unless_type
        Refuse it if the log has a record of this event type; repeatable.
    unless_entity
        Refuse it if the log has a record that touches this entity; repeated, all of them.
    unless_after
        Refuse it only for records after this position, or for any.
    """

    source: Several = ()
    publisher: str | None = None
    published: str | None = None
    url: str | None = None
    at: str | None = None
    known: str | None = None
    credence: Credence | None = None
    note: str | None = None
    actor: str | None = None
    id: str | None = None
    dry_run: bool = False
    unless_type: Annotated[Several, Parameter(group="Condition")] = ()
    unless_entity: Annotated[Several, Parameter(group="Condition")] = ()
    unless_after: Annotated[int | None, Parameter(group="Condition")] = None

    def as_arguments(self) -> dict[str, Any]:
        """As the keywords of `append`.

        Raises:
            NotAllowed: if flags that describe one source meet several.
        """
        from timeline.values import NotAllowed, Source

        about = {"publisher": self.publisher, "published": self.published, "url": self.url}
        given = {name: value for name, value in (about | {"locator": self.at}).items() if value is not None}
        if given and len(self.source) > 1:
            raise NotAllowed("--publisher, --published, --url and --at are of one source; there are several")
        sources = [Source(*self.source, **given)] if given else [Source(title) for title in self.source]
        rest = {name: getattr(self, name) for name in ("known", "credence", "note", "actor", "id", "dry_run")}
        return {"source": sources or None, "unless": self._condition(), **rest}

    def as_flags(self, **instead: str) -> list[str]:
        """What is said of the record, as flags, but for its id."""
        given = {name: getattr(self, name) for name in _SAID_OF_IT} | instead
        return [
            word
            for name, value in given.items()
            for one in (value if isinstance(value, tuple) else (value,))
            if one is not None
            for word in flag(name, one)
        ]

    def _condition(self) -> Condition | None:
        from timeline.admission import Condition

        if not self.unless_type and not self.unless_entity and self.unless_after is None:
            return None
        types = [one.replace("-", "_") for one in self.unless_type]
        return Condition(types=types, entities=self.unless_entity, after=self.unless_after or 0)


FILE: Final = Output()
ENVELOPE: Final = SaidOptions()
FLAGS: Final = tuple(field.name for field in attrs.fields(SaidOptions))
"""The flags that an envelope takes, which no field of an event can be called."""
