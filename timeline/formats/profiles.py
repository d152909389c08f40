"""What the columns of a table seem to be, by their names and values: dates, amounts, names, lists."""

from __future__ import annotations

import re
from collections import Counter
from difflib import SequenceMatcher
from typing import Final

import attrs

from timeline.formats.cells import numbers_fit
from timeline.formats.date_reading import dates_fit, mixed_dates
from timeline.formats.table_rows import TableFile
from timeline.values import CURRENCIES, few, is_placeholder
from timeline.vocabulary import Kind

_ROWS: Final = 5_000
"""How many rows are looked at."""
_TRIED: Final = 60
"""How many are tried as dates of several forms."""
_LOOKED_AT: Final = 400
"""How many values of a column are looked at, each another."""
_WORD: Final = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])|[0-9]+")
DATED: Final = frozenset(
    [
        *("date", "day", "on", "at", "when", "time", "dated", "year"),
        *("announc", "plann", "due", "deadline", "publish"),
    ]
)
BEGINS: Final = frozenset(["start", "started", "begin", "began", "from", "since", "appointed", "commenced"])
ENDS: Final = frozenset(["end", "ended", "until", "to", "left", "resigned", "removed", "ceased"])
EXACT_ID: Final = frozenset(["id", "slug", "permalink", "uuid", "key", "handle", "code"])
CALLED: Final = frozenset(("name", "title", "label"))
_LISTS: Final = (";", "|", " / ")
UNITS: Final = {"m": "millions", "k": "thousands", "bn": "billions"}
_MONEY: Final = re.compile(r"(?:US\$|[$€£])\s*[0-9]|[0-9](?:\.[0-9]+)?\s*(?:[kKmMbB]n?)?\s*[A-Z]{3}$")


@attrs.frozen(kw_only=True)
class Profile:
    """A column: its values, each once, as far as they were looked at, and what they seem to be.

    `dates` are forms of dates each of which all values have; where none is, `mixed` are those that most have.
    `numbers` are forms of numbers, each of which all have that do not say a currency; `priced` those that do.
    """

    name: str
    values: tuple[str, ...]
    missing: tuple[str, ...]
    dates: tuple[str, ...]
    mixed: tuple[str, ...]
    numbers: tuple[str, ...]
    priced: tuple[str, ...]
    words: frozenset[str]

    @classmethod
    def of(cls, name: str, counted: Counter[str]) -> Profile:
        """The column of a name, with its values and how often each is there."""
        given = [one for one, _ in counted.most_common(_LOOKED_AT)]
        missing = tuple(one for one in given if is_placeholder(one.strip()))
        values = [one for one in given if one not in missing and one.strip()]
        dated = [one for one in values if any(mark.isdigit() for mark in one)]
        dates = dates_fit(dated) if dated and 10 * len(dated) >= 9 * len(values) else []
        bare = [one for one in values if not _MONEY.search(one.strip())]
        mixed = mixed_dates(dated[:_TRIED]) if dated and not dates else []
        return cls(
            name=name,
            values=tuple(values),
            missing=missing,
            dates=tuple(dates),
            mixed=tuple(mixed),
            numbers=tuple(numbers_fit(bare)) if bare else (),
            priced=tuple(one for one in values if _MONEY.search(one.strip())),
            words=words_of(name),
        )

    @property
    def currency(self) -> bool:
        """Whether it holds codes of currencies."""
        return bool(self.values) and all(one.strip() in CURRENCIES for one in self.values)

    @property
    def code(self) -> str | None:
        """The currency that its name says."""
        return next((word for word in re.split("[^A-Z]+", self.name.upper()) if word in CURRENCIES), None)

    @property
    def unit(self) -> str:
        """The unit that its name says, as amounts have it behind a number."""
        return next((word for word in UNITS if word in self.words), "")

    @property
    def money(self) -> bool:
        """Whether it holds amounts that say their currency."""
        return bool(self.values) and len(self.priced) == len(self.values)

    @property
    def is_date(self) -> bool:
        """Whether it holds dates; of numbers alone, such as years, if it is called so."""
        return bool(self.dates or self.mixed) and (not self.numbers or bool(self.words & {*DATED, "year"}))

    @property
    def url(self) -> bool:
        """Whether it holds addresses of the web."""
        return bool(self.values) and all(one.startswith(("http://", "https://")) for one in self.values)

    @property
    def between(self) -> str | None:
        """What stands between the texts of lists, if it seems to hold some."""
        return next((mark for mark in _LISTS if any(mark in one for one in self.values)), None)

    @property
    def samples(self) -> str:
        """Its first values."""
        return few([one.strip() for one in self.values[:3]], ", ")[:60] or "blank"

    def fits(self, kind: Kind) -> bool:
        """Whether its values may be of a kind."""
        if kind is Kind.WHEN:
            return self.is_date
        if kind in {Kind.MONEY, Kind.DECIMAL}:
            counted = bool(self.numbers) and (kind is Kind.MONEY or not self.priced)
            return not self.values or counted or (kind is Kind.MONEY and self.money)
        return not (self.is_date or self.url or (self.numbers and kind is not Kind.TEXT))


def words_of(text: str) -> frozenset[str]:
    """The words in a name, without the endings that change nothing."""
    return frozenset(_stem(one.lower()) for one in _WORD.findall(text))


def _stem(word: str) -> str:
    for ending in ("ies", "s", "ed"):
        if word.endswith(ending) and len(word) > len(ending) + 3:
            return word.removesuffix(ending) + ("y" if ending == "ies" else "")
    return word


def likeness(field: str, column: Profile) -> float:
    """How much a column is called like a field, from 0 to 1."""
    if field == column.name.lower().replace(" ", "_"):
        return 1.0
    words = words_of(field)
    if words and words <= column.words:
        return max(0.75, 0.95 - 0.05 * len(column.words - words))
    return 0.7 if SequenceMatcher(None, field, column.name.lower()).ratio() > 0.85 else 0.0


def profiles(table: TableFile) -> list[Profile]:
    """The columns of a table, by its first rows."""
    counted: dict[str, Counter[str]] = {name: Counter() for name in table.columns}
    for row in table.head(_ROWS):
        for name, value in row.items():
            counted[name][value] += 1
    return [Profile.of(name, values) for name, values in counted.items()]
