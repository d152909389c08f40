"""What is wrong with a text that is no amount of money, and what would work."""

from __future__ import annotations

import functools
import re
from typing import Final

_LONGEST: Final = 100
_SIGN: Final = "[$€£¥₹₩₽₿₺₫₪₴₦฿₱]"
_CRYPTO: Final = (
    "BTC|XBT|ETH|USDT|USDC|SOL|XRP|ADA|BNB|DOGE|LTC|DOT|TRX|XMR|EOS|BCH|DAI|AVAX|SHIB|TON|UNI|XLM|ETC"
)
_METALS: Final = frozenset(("XAU", "XAG", "XPT", "XPD", "XTS", "XXX", "XBA", "XBB", "XBC", "XBD"))
_FIGURES: Final = (
    "one|two|three|four|five|six|seven|eight|nine|ten|twelve|twenty|fifty|half|hundred|several|few|tens"
)
_NAMES: Final = (
    "dollar|euro|pound|yen|franc|mark|rupee|yuan|krona|krone|peso|quid|buck|won|real|reai|rand|sterling"
)
_RATED: Final = "share|year|month|week|day|annum|user|seat|unit|head|y|mo"
_NOT_MONEY: Final = "say in a note what it was, and give what it was worth then, as in 'about $1m'"
_BOUND: Final = "that bound is written otherwise"
_OTHERWISE: Final = "write its code of ISO 4217, as in '5m CAD'"
_AMOUNT_MISTAKES: Final = (
    (
        "nothing is known",
        "leave it out where the amount is not known",
        (r"\W*(unknown|undisclosed|not disclosed|none|null|nan|n/?a|tb[acd])\W*", r"[\s?–—-]+"),
    ),
    (
        "it is a range",
        "write its end, as in 'up to $2m', or its middle, as in 'about $1.5m'",
        (
            rf".*[0-9][a-z. ]*{_SIGN}? *(-|–|—|\bto\b|\bor\b) *(US)?{_SIGN}? *[0-9].*",
            r".*\bbetween\b.*",
        ),
    ),
    (
        "it has two amounts",
        "write one",
        (rf".*{_SIGN}.*[0-9].*(\band\b|&|\+|;|/).*{_SIGN}.*[0-9].*",),
    ),
    (
        _BOUND,
        "write it like 'up to $5m'",
        (
            r"\W*((just|a little|slightly|well) )?(under|below|less than|fewer than)\b.*",
            r"\W*(not? more than|(a )?max(imum)?)\b.*",
            r"\s*([<≤]|=<).*",
        ),
    ),
    (
        _BOUND,
        "write it like 'up to $5m' or 'about $5m'",
        (r"\W*(nearly|almost|close to|just short of|not quite)\b.*",),
    ),
    (
        _BOUND,
        "write it like 'over $5m'",
        (
            r"\W*((just|a little|slightly|well) )?(over|above|upwards? of|exceeding|more than)\b.*",
            r"\W*in excess of\b.*",
            r"\W*(not? less than|at least|(a )?min(imum)?)\b.*",
            r"\s*[>≥].*",
            rf".*[0-9] *[a-z]* *{_SIGN}? *\+.*",
            r".*\b(or|and) more\b.*",
        ),
    ),
    (
        _BOUND,
        "write it like 'about $5m'",
        (
            r"\W*(circa|approx|some|est|estimated|an estimated|reportedly|up to about)\b.*",
            r"\s*ca?(\.|\s).*",
            r"\s*[≈≃∼].*",
            r".*[?~]\s*",
            r".*\((approx|est|about|circa).*",
        ),
    ),
    (
        "it is in no currency of ISO 4217",
        _NOT_MONEY,
        (rf".*(\b|[0-9])({_CRYPTO})(\b|[0-9]).*", ".*₿.*"),
    ),
    ("it is a share and no amount", "write what it came to, as in '$5m'", (r".*%.*",)),
    (
        "it is a rate and no amount",
        "write what it comes to in all, as in '$5m'",
        (rf".*[0-9a-z] *(/|\bper\b|\ba\b|\beach\b) *({_RATED})\b.*",),
    ),
    (
        "the number is in words",
        "write it in digits, as in '$5m'",
        (rf"\D*\b({_FIGURES})\b\D*",),
    ),
    (
        "the currency is in words",
        "write its code of ISO 4217, as in '5m USD'",
        (
            rf".*[0-9] *[a-z]* *((us|american) )?({_NAMES})(s|r)?\b.*",
            rf".*\b({_NAMES})s? *[0-9].*",
        ),
    ),
    (
        "the unit cannot be read",
        "write it with k, m, bn or tn, as in '$10m'",
        (
            r".*[0-9].*\b(mio|mrd|mld|mln|mil|bil|bio|crores?|cr|lakhs?|lac)\b.*",
            r".*[0-9] *(mm|mln|mio|mrd|crore|lakh|lac|t)\b.*",
            r".*(bn|m|k)\.\s*",
        ),
    ),
    (
        "points part groups of digits",
        "write it like '$1,000,000'",
        (r"[^0-9]*[0-9]{1,3}(\.[0-9]{3})+(,[0-9]*)?[^0-9]*",),
    ),
    (
        "the digits are parted otherwise",
        "write it like '$1,000,000'",
        (r"[^0-9]*[0-9]{1,3}(['’_\s][0-9]{3})+\b.*",),
    ),
    ("the symbol is not first", "write it like '€500'", (rf".*[0-9] *[a-z]* *{_SIGN}.*",)),
    ("it has a code and a symbol", "leave one out", (r"\s*[a-z]{3} *\$.*",)),
    (
        "the currency is written otherwise",
        _OTHERWISE,
        (rf"\s*[a-z]{{1,2}} ?{_SIGN}.*", r".*[₹₩₽₺₫₪₴₦฿₱].*"),
    ),
    ("no digit is before the point", "write it like '$0.5m'", (rf"[^0-9]*{_SIGN}?\.[0-9].*",)),
    ("no digit is behind the point", "write it like '$5m'", (r".*[0-9]\.\s*[a-z]*\s*",)),
    (
        "it is in brackets",
        "say by the type of the event which way the money went",
        (r"\s*\(.*\)\s*",),
    ),
)


@functools.cache
def _patterns() -> tuple[tuple[str, str, re.Pattern[str]], ...]:
    """The patterns of all mistakes, made once an amount is wrong."""
    how = re.DOTALL | re.IGNORECASE
    return tuple(
        (problem, hint, re.compile("|".join(f"(?:{one})" for one in patterns), how))
        for problem, hint, patterns in _AMOUNT_MISTAKES
    )


def amount_mistake(text: str) -> tuple[str, str] | None:
    """What is wrong with a text that is no amount, and what would work; None if it is no known mistake."""
    if len(text) > _LONGEST:
        return None
    found = ((problem, hint) for problem, hint, pattern in _patterns() if pattern.fullmatch(text))
    return next(found, None)


def currency_mistake(code: str) -> tuple[str, str] | None:
    """What is wrong with a code that is of no money, and what would work; None if it may be misspelt."""
    if code in _METALS or re.fullmatch(_CRYPTO, code):
        return f"{code!r} is no currency of ISO 4217", _NOT_MONEY
    return None
