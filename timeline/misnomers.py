"""Names that look like no name at all, or like the names of several."""

from __future__ import annotations

import re
from typing import Final

from timeline.entity import folded

__all__ = ["is_placeholder", "listed", "seems_a_list"]


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
_STOPS: Final = re.compile(r"[\s.,;:?*_/\\|~…–—―‐‑‒−#-]+")
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
    return folded(name) in _NOBODY or bool(_PHRASE.fullmatch(bare) or _STOPS.fullmatch(name))


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
