"""Who and what takes part: ids, names, and when two spellings mean the same."""

from __future__ import annotations

import functools
import re
import unicodedata
from typing import Annotated, Final

from timeline.values.errors import BadText


class _EntityMark:
    """Marks a text as one that names an entity."""

    def __repr__(self) -> str:
        return "entity"


ENTITY: Final = _EntityMark()

Entity = Annotated[str, ENTITY]
"""The id of an entity; in an event not yet appended, any name or id of it."""

_ASCII_WORDS: Final = re.compile(r"[a-z0-9]+(?:[+#]+(?![a-z0-9+#]))?")
_WORDS: Final = re.compile(r"[^ +#]+(?:[+#]+(?= |\Z))?")
_SIGNED: Final = re.compile(r"[^ +#]([+#]+)(?= |\Z)")
_SAID: Final = {"+": " plus", "#": " sharp"}
_ACCENTS: Final = re.compile("[\u0300-\u036f]+")
_STOPS: Final = re.compile(r"[\s.,:;'\"‘’“”()\[\]_–—-]+")
_MAX_NAME: Final = 300
_JOINERS: Final = frozenset("\u200c\u200d")
"""Invisible characters that some scripts, and emoji, are written with."""


def clean_text(value: object) -> str:
    """Free text in Unicode NFC, otherwise exactly as it is given.

    Raises:
        BadText: if it is no text, is blank, or holds what cannot be stored or shown (NUL, lone surrogates,
            control characters other than a tab or a line break).
    """
    if not isinstance(value, str):
        raise BadText(value, "is not a text")
    text = unicodedata.normalize("NFC", value)
    if not text.strip():
        raise BadText(value, "is blank")
    if not text.isprintable() and any(
        unicodedata.category(mark) in {"Cc", "Cs"} and mark not in "\t\n\r" for mark in text
    ):
        raise BadText(value, "holds a control character or half of a surrogate pair")
    return text


def _is_clean(text: str) -> bool:
    """Whether a text is surely a clean name as it stands: printable ASCII with single blanks inside."""
    return (
        0 < len(text) <= _MAX_NAME
        and text.isascii()
        and text.isprintable()
        and "  " not in text
        and text[0] != " "
        and text[-1] != " "
    )


def optional_text(value: object) -> str | None:
    """Free text as `clean_text` has it, or None for None."""
    return None if value is None else clean_text(value)


def clean_name(value: object) -> str:
    """A name or id of an entity: one line of free text, with single spaces inside it and no blanks around it.

    Raises:
        BadText: as `clean_text`, and if it holds an invisible character or is longer than 300 characters.
    """
    return _clean_name(value) if type(value) is str else _cleaned_name(value)


def _cleaned_name(value: object) -> str:
    if type(value) is str and _is_clean(value):
        return value
    name = " ".join(clean_text(value).split())
    if any(unicodedata.category(mark) == "Cf" and mark not in _JOINERS for mark in name):
        raise BadText(value, "holds an invisible character, so that it would pass for another name")
    if len(name) > _MAX_NAME:
        raise BadText(
            name[:40] + "…", f"is too long for a name ({len(name)} characters; {_MAX_NAME} at most)"
        )
    return name


_clean_name: Final = functools.lru_cache(maxsize=65_536)(_cleaned_name)


@functools.lru_cache(maxsize=65_536)
def folded(name: str) -> str:
    """What is left of a name when case, punctuation and spacing do not matter.

    `+` and `#` count where they end a word, so that C, C++ and C# stay three, and Disney+ is not Disney.
    Where next to nothing would be left, marks other than stops, quotes, dashes and brackets are kept.

    >>> folded("Blue Bird") == folded("BlueBird") == folded("blue-bird")
    True
    >>> folded("C++"), folded("Disney+"), folded("A + B")
    ('c++', 'disney+', 'ab')
    """
    whole = unicodedata.normalize("NFKC", name).casefold()
    bare = unicodedata.normalize("NFKC", "".join(_words(whole)))
    if len(bare) > 1:
        return bare
    return _STOPS.sub("", whole) or "".join(whole.split())


def _words(text: str) -> list[str]:
    """The runs of letters, digits and vowel marks, with `+` and `#` where they end one."""
    return _ASCII_WORDS.findall(text) if text.isascii() else _WORDS.findall(_kept(text))


def _kept(text: str) -> str:
    """A text with a blank in place of each character that is no letter, digit or mark, nor `+` or `#`."""
    return "".join(mark if mark in "+#" or unicodedata.category(mark)[0] in "LNM" else " " for mark in text)


def slug(name: str) -> str:
    """The id that a new entity of this name gets: lower case, words joined by hyphens, `+` and `#` in words.

    >>> slug("Allen & Co.")
    'allen-co'
    >>> slug("Société Générale")
    'societe-generale'
    >>> slug("C++"), slug("Disney+")
    ('c-plus-plus', 'disney-plus')
    """
    plain = unicodedata.normalize("NFKC", name).casefold()
    if "+" in plain or "#" in plain:
        plain = _with_signs_said(plain)
    unaccented = _ACCENTS.sub("", unicodedata.normalize("NFKD", plain))
    words = "-".join(_words(unicodedata.normalize("NFC", unaccented)))
    return words or "-".join(f"u{ord(mark):x}" for mark in name if not mark.isspace())


def _with_signs_said(text: str) -> str:
    """A text with `+` and `#` in words where they end a word, or where next to nothing else is left."""
    ends = {place for found in _SIGNED.finditer(_kept(text)) for place in range(*found.span(1))}
    everywhere = len("".join(_words(text))) <= 1
    return "".join(
        f"{_SAID[mark]} " if mark in _SAID and (everywhere or place in ends) else mark
        for place, mark in enumerate(text)
    )


def _folds(text: str) -> frozenset[str]:
    return frozenset(folded(one) for line in text.split("\n") for one in line.split("|") if one.strip())


_NOBODY: Final = _folds("""
    n/a|#n/a|<na>|nan|nat|null|nil|none|nobody|no one|no name|undefined|missing|blank|empty|pending
    tba|tbc|tbd|to be announced|to be confirmed|to be determined
    unknown|undisclosed|unspecified|unnamed|unidentified|anonymous|confidential
    various|several|multiple|other|others|misc|miscellaneous|et al
    unbekannt|keine angabe|k. A.|keiner|divers|inconnu|inconnue|néant|aucun|desconocido|ninguno|desconhecido
    nenhum|sconosciuto|nessuno|onbekend|geen|nieznany|brak|okänd|неизвестно|неизвестный|нет
    不明|未知|不详|无|غير معروف
""")
"""What stands where nobody is named, in the languages of most tables."""

_VAGUE: Final = (
    "unknown|undisclosed|unspecified|unnamed|unidentified|anonymous|confidential|various|several|multiple|"
    "certain|some|other|private|individual|angel|existing|new"
)
_KIND: Final = (
    "(?:angel |private |other |individual )?"
    "(?:name|investor|buyer|seller|acquirer|donor|source|entit(?:y|ie)|compan(?:y|ie)|firm|fund|person|people|"
    "part(?:y|ie)|organi[sz]ation|individual|owner|shareholder|partner|customer|client|lender|creditor|author|"
    "employee|official|other|bidder|recipient|beneficiar(?:y|ie))s?"
)
_NOT: Final = "applicable|announced|available|disclosed|given|known|named|provided|specified|stated"
_PHRASE: Final = re.compile(
    rf"(?:(?:an?|the) )?(?:{_VAGUE}) {_KIND}|not (?:yet )?(?:{_NOT})"
    r"|(?:names?|identity|investors?) (?:unknown|undisclosed|withheld|not disclosed)"
)
_MARKS: Final = re.compile(r"[().,:;'\"\[\]<>*_-]+")
_MISNOMER_STOPS: Final = re.compile(r"[\s.,;:?*_/\\|~…–—―‐‑‒−#-]+")
_BETWEEN: Final = re.compile(
    r"(\s*(?:[;|、；，\n]|,(?![0-9]))(?:\s*(?:and|&|und|et|y|e|en|och|og|i|и)\s)?\s*|\s+/\s+)"
    r"|(\s+(?:and|&|und|et|y|e|en|och|og|i|и)\s+)"
)
_BEHIND: Final = _folds("""
    Inc|Incorporated|Ltd|Limited|LLC|LLP|LP|PLLC|PLC|PC|PBC|Co|Corp|Corporation|Company|Sons|Cie|et al
    Associates|GmbH|AG|KG|KGaA|SE|e.V.|SA|SAS|SARL|S.à r.l.|SpA|Srl|NV|BV|AB|A/S|AS|ASA|Oy|Oyj|SL|Ltda|KK|Kft
    SA de CV|Pty Ltd|Pvt Ltd|Jr|Sr|II|III|IV|MD|PhD|Esq|MBE|OBE|CBE|KBE|DBE|KC|QC|MP|MEP|CPA|CFA|DDS|JD|MBA|RN
    NA|USA|US|UK
""")
"""What stands behind a name, with a comma or an "and" between, and is none itself."""


def is_placeholder(name: str) -> bool:
    """Whether a name looks like none: it says that nobody is known, or has no letter or digit in it.

    >>> [is_placeholder(name) for name in ("N/A", "undisclosed investors", "-", "Unknown Worlds", "!!!")]
    [True, True, True, False, False]
    """
    bare = " ".join(_MARKS.sub(" ", name.casefold().replace("(s)", "s")).split())
    return folded(name) in _NOBODY or bool(_PHRASE.fullmatch(bare) or _MISNOMER_STOPS.fullmatch(name))


def listed(name: str) -> tuple[str, ...]:
    """The names that a name lists, or would list if each of them is one; empty where it is surely one.

    >>> listed("Vest, Wolf and Yew"), listed("Ernst & Young")
    (('Vest', 'Wolf', 'Yew'), ('Ernst', 'Young'))
    >>> listed("Smith, Inc."), listed("Tiffany & Co.")
    ((), ())
    """
    parts: list[str] = []
    between = ""
    for piece in _BETWEEN.split(name):
        if piece is None:
            continue
        if _BETWEEN.fullmatch(piece):
            between = piece
        elif parts and folded(piece) in _BEHIND:
            parts[-1] += between + piece
        elif piece.strip():
            parts.append(piece.strip())
    found = tuple(dict.fromkeys(parts))
    return found if len(found) > 1 else ()


def seems_a_list(name: str) -> bool:
    """Whether a name is parted as lists are, and not only joined, as the names of firms are.

    >>> seems_a_list("Vest, Wolf"), seems_a_list("Ernst & Young"), seems_a_list("Smith, Inc.")
    (True, False, False)
    """
    parts = listed(name)
    return (
        bool(parts) and any(found[1] for found in _BETWEEN.finditer(name)) and not _only_suffixed(name, parts)
    )


def _only_suffixed(name: str, parts: tuple[str, ...]) -> bool:
    """Whether all that lists are parted by stands within the parts, as in "Acme, Inc. and Bolt"."""
    return sum(bool(found[1]) for found in _BETWEEN.finditer(name)) == sum(
        bool(found[1]) for part in parts for found in _BETWEEN.finditer(part)
    )
