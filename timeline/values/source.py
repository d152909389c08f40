"""Where a claim comes from, and on whose word an answer rests."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final, Literal, cast, get_args

import attrs

from timeline.values.entity import clean_name, folded, optional_text
from timeline.values.errors import BadText, UnknownSource
from timeline.values.nearest_names import nearest
from timeline.values.text import either, printable
from timeline.values.when import When, optional_when

Credence = Literal["confirmed", "reported", "rumoured", "denied"]
"""How far a claim is to be believed."""

CREDENCES: Final[tuple[str, ...]] = get_args(Credence)


def read_credence(value: Any) -> Credence:
    """The credence that a text says.

    Raises:
        BadText: if it is none.
    """
    if not isinstance(value, str) or value not in CREDENCES:
        raise BadText(value, f"is no credence; it is one of {', '.join(CREDENCES)}")
    return cast("Credence", value)


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


Cited = Source | str
"""A source, wherever in it; or the title, publisher or url of sources, case and punctuation aside."""


def _cited(value: Any) -> tuple[Cited, ...]:
    """One or several, each a Source or a text that names sources."""
    several = (value,) if isinstance(value, str | Source | Mapping) else value
    if not isinstance(several, Iterable):
        raise BadText(value, "names no source: give a Source, or the title, publisher or url of one")
    return tuple(dict.fromkeys(_one_cited(one) for one in several))


def _one_cited(value: Any) -> Cited:
    if isinstance(value, str):
        return clean_name(value)
    return attrs.evolve(Source.read(value), locator=None)


def _credences(value: Any) -> tuple[Credence, ...]:
    several = value if isinstance(value, Iterable) and not isinstance(value, str) else (value,)
    return tuple(dict.fromkeys(map(read_credence, several)))


def _nearest(name: str, sources: Iterable[Source]) -> list[str]:
    """At most three publishers and titles of sources that begin as a name does, or are near it."""
    called = sorted({one for source in sources for one in (source.publisher, source.title) if one})
    begun = [one for one in called if folded(one).startswith(folded(name))]
    return (begun or nearest(name, called))[:3]


@attrs.frozen(kw_only=True)
class Filter:
    """Which records are let through: not those on the word of `without` alone, only those on that of `only`.

    Each names sources: by title, publisher or url, case and punctuation aside, or as a Source. A record rests
    on its own sources and on those of the attestations in view; one without any rests on nobody's word, so
    that `without` lets it through and `only` does not. `credence` lists what is let through; () is all.
    Filters apply before standing: what a left-out correction replaced comes back.

    Raises:
        BadText: if something is no source, or no credence.
    """

    without: tuple[Cited, ...] = attrs.field(converter=_cited)
    only: tuple[Cited, ...] = attrs.field(converter=_cited)
    credence: tuple[Credence, ...] = attrs.field(converter=_credences)

    def __bool__(self) -> bool:
        return bool(self.without or self.only or self.credence)

    def passes(self, credence: str, sources: Iterable[Source]) -> bool:
        """Whether a record of that credence that rests on these sources is let through."""
        if self.credence and credence not in self.credence:
            return False
        cited = list(sources)
        if self.without and cited:
            cited = [one for one in cited if not self.distrusts(one)]
            if not cited:
                return False
        return not self.only or any(map(self.relies_on, cited))

    def distrusts(self, source: Source) -> bool:
        """Whether a source is one of those of `without`."""
        return _among(source, self.without)

    def relies_on(self, source: Source) -> bool:
        """Whether a source is one of those of `only`."""
        return _among(source, self.only)

    def unmet(self, sources: Iterable[Source]) -> tuple[str, ...]:
        """What it names that is none of these sources."""
        known = list(sources)
        return tuple(
            str(one)
            for one in (*self.without, *self.only)
            if not any(_among(source, (one,)) for source in known)
        )

    def check(self, sources: Iterable[Source]) -> None:
        """See that these sources are among those that it names, so that a slip of the pen is no answer.

        Raises:
            UnknownSource: if one is not, with the nearest names.
        """
        known = list(sources)
        for name in self.unmet(known):
            raise UnknownSource(name, _nearest(name, known))

    def as_dict(self) -> dict[str, list[str]]:
        """As plain JSON values; what is not filtered is left out."""
        told: dict[str, list[str]] = {
            "without": [str(one) for one in self.without],
            "only": [str(one) for one in self.only],
            "credence": list(self.credence),
        }
        return {name: several for name, several in told.items() if several}

    def __str__(self) -> str:
        parts = []
        if self.only:
            parts.append(f"on the word of {either(self.only)} only")
        if self.without:
            parts.append(f"without {either(self.without)}")
        if self.credence:
            parts.append(f"{either(self.credence)} only")
        return ", ".join(parts)


EVERYBODY: Final = Filter(without=(), only=(), credence=())
"""The filter that lets everything through."""


def _among(source: Source, cited: Iterable[Cited]) -> bool:
    bare = attrs.evolve(source, locator=None) if source.locator else source
    called = {folded(one) for one in (source.title, source.publisher, source.url) if one}
    return any(one == bare if isinstance(one, Source) else folded(one) in called for one in cited)
