"""Where a claim comes from."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final, Literal, get_args

import attrs

from timeline.values.entity import optional_text
from timeline.values.errors import BadText
from timeline.values.text import printable
from timeline.values.when import When, optional_when

Credence = Literal["confirmed", "reported", "rumoured", "denied"]
"""How far a claim is to be believed."""

CREDENCES: Final[tuple[str, ...]] = get_args(Credence)


@attrs.frozen(cache_hash=True)
class Source:
    """Where a claim comes from: a title, and who published it where and when.

    `published` is read as `When` reads dates; its `latest` is when the world could know. `locator` is the
    place inside the source: a page, a paragraph.
    """

    title: str | None = attrs.field(default=None, converter=optional_text)
    publisher: str | None = attrs.field(default=None, converter=optional_text, kw_only=True)
    url: str | None = attrs.field(default=None, converter=optional_text, kw_only=True)
    published: When | None = attrs.field(default=None, converter=optional_when, kw_only=True)
    locator: str | None = attrs.field(default=None, converter=optional_text, kw_only=True)

    def __attrs_post_init__(self) -> None:
        if not (self.title or self.publisher or self.url):
            raise BadText(None, "names no source: give a title, a publisher or a url")

    @classmethod
    def read(cls, value: Source | str | Mapping[str, Any]) -> Source:
        """A Source from itself, a title, or a mapping of its fields.

        Raises:
            BadText: if it is none of these, or names a field that sources do not have.
            BadWhen: if `published` is no date.
        """
        if isinstance(value, Source):
            return value
        if isinstance(value, str):
            return cls(value)
        if not isinstance(value, Mapping):
            raise BadText(value, "is no source: give a title, a Source, or a mapping of its fields")
        known = [field.name for field in attrs.fields(cls)]
        for name in value:
            if name not in known:
                raise BadText(name, f"is no field of a source; they are {', '.join(known)}")
        return cls(**value)

    @classmethod
    def read_all(cls, value: Source | str | Mapping[str, Any] | Iterable[Any] | None) -> tuple[Source, ...]:
        """One source, several, or none, in the order given, each once."""
        if value is None:
            return ()
        if isinstance(value, tuple) and len(value) == 1 and isinstance(value[0], cls):
            return value
        if isinstance(value, str | Source | Mapping):
            return (cls.read(value),)
        if not isinstance(value, Iterable):
            raise BadText(value, "is no source: give a title, a Source, a mapping of its fields, or several")
        return tuple(dict.fromkeys(cls.read(item) for item in value))

    def as_dict(self) -> dict[str, str]:
        """Its fields as texts, empty ones left out."""
        return {
            name: str(value) for name, value in attrs.asdict(self, recurse=False).items() if value is not None
        }

    def __str__(self) -> str:
        who = " ".join(
            part
            for part in (self.publisher or self.title or self.url, self.published and self.published.words)
            if part
        )
        return printable(f"{who} {self.locator}" if self.locator else who)
