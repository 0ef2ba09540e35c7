"""Headers compared as people write them: without case, accents, stars and the decorations of the systems."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Sequence
from functools import lru_cache
from typing import Final

from tas_analytics.ingest.values.amounts import MULTIPLIERS, any_of

#: A currency written into a header: "Amount (USD)", "final_mrr_usd", "Бюджет ₽".
_CODES: Final = frozenset(
    "USD EUR GBP JPY CNY RMB CHF CAD AUD NZD SEK NOK DKK ISK PLN CZK HUF RON BGN RSD UAH RUB TRY ILS AED SAR QAR KWD "
    "EGP MAD ZAR NGN KES INR PKR BDT LKR IDR MYR SGD THB PHP VND KRW TWD HKD MXN BRL ARS CLP COP PEN UYU KZT".split()
)
_SIGNS: Final = {"€": "EUR", "£": "GBP", "₽": "RUB", "₹": "INR", "₴": "UAH", "₸": "KZT", "₺": "TRY", "元": "CNY"}
_RMB: Final = {"RMB": "CNY"}
#: What systems put around a field's own name.
_BEFORE: Final = re.compile(
    r"^(?:property_|opportunity: |"
    r"(?:deal|organi[sz]ation|person|activity|product|lead|affaire|trato|neg[oó]cio|сделка) - )",
    re.IGNORECASE,
)
_BEHIND: Final = re.compile(
    r"(?:__c|__r\.name|_c|: full name|\.name|: name|"
    r" [-–] (?:deals?|transactions?|negocios?|neg[oó]cios?|сделк[аи]))$",
    re.IGNORECASE,
)
_BRACKETS: Final = re.compile(r"\s*[(\[\uff08][^()\[\]\uff08\uff09]*[)\]\uff09]\s*$")


@lru_cache(maxsize=20_000)
def normal(header: str) -> str:
    """A header without case, accents, spaces, underscores and punctuation."""
    text = unicodedata.normalize("NFKD", header)
    text = "".join(ch for ch in text if not unicodedata.combining(ch)).casefold()
    return re.sub(r"[\W_]+", "", text)


@lru_cache(maxsize=20_000)
def variants(header: str) -> tuple[str, ...]:
    """The normal form of a header and of what is left of it without a system's decorations, the nearest first.

    Examples
    --------
    >>> variants("Product__c")
    ('productc', 'product')
    >>> variants("Opportunity Amount USD")
    ('opportunityamountusd', 'opportunityamount')
    >>> variants("Datensatz-ID - Deal")
    ('datensatziddeal', 'datensatzid')
    """
    found = [normal(header)]
    bare = _BEHIND.sub("", _BEFORE.sub("", header.strip()))
    found.append(normal(bare))
    found.append(normal(_BRACKETS.sub("", bare)))
    if currency_of(header) is not None:
        found.append(normal(_without_currency(_BRACKETS.sub("", bare))))
    for _, in_units in _IN_UNITS:
        found.append(normal(in_units.sub("", bare)))
    return tuple(name for name in dict.fromkeys(found) if name)


def currency_of(header: str) -> str | None:
    """The ISO code of a currency that a header names as its unit, at its end.

    Examples
    --------
    >>> currency_of("Amount (USD)"), currency_of("final_mrr_usd"), currency_of("Status")
    ('USD', 'USD', None)
    """
    text = header.strip().rstrip(")]\uff09").strip()
    if text and text[-1] in _SIGNS:
        return _SIGNS[text[-1]]
    words = re.split(r"[\W_]+", text)
    last = words[-1] if len(words) > 1 else ""
    # "try" is a word and "TRY" the lira: a code in small letters counts only in names of database columns.
    if last.upper() not in _CODES or not (last.isupper() or (last.islower() and "_" in text)):
        return None
    return _RMB.get(last.upper(), last.upper())


#: What headers say besides the words of cells, by power of ten: "in TEUR", "mil R$", "$000s".
_ONLY_IN_HEADERS: Final = {3: ("t", "mil", "000", "000s", "'000", "'000s", "’000", "’000s")}
#: These mean it beside a currency only: TEUR, "€m", "mil R$".
_BESIDE_COINS: Final = ("t", "m", "mil", "b", "md", "cr", "lac")
_COIN: Final = rf"(?:{'|'.join(_CODES)}|us\$|[$€£¥₽₹元])"


def _in_units(words: str) -> re.Pattern[str]:
    alone = f"(?!(?:{any_of(_BESIDE_COINS)})\\b)(?:{words})"
    return re.compile(
        rf"(?:[(\[\uff08]\s*(?:in\s+)?|\bin\s+)(?:{_COIN}\s?(?:{words})|(?:{words})\s?{_COIN}|{alone})\s*[)\]\uff09]?\s*$",
        re.IGNORECASE,
    )


#: A header's end that says what its amounts are in, with or without a currency: "(k€)", "in TEUR", "(万元)".
_IN_UNITS: Final = tuple(
    (power, _in_units(any_of([*words, *_ONLY_IN_HEADERS.get(power, ())]))) for power, words in MULTIPLIERS.items()
)


def unit_of(header: str) -> int | None:
    """The power of ten that a header says its amounts are in.

    Examples
    --------
    >>> unit_of("Amount (k€)"), unit_of("Umsatz in TEUR"), unit_of("预计金额(万元)"), unit_of("Amount (USD)")
    (3, 3, 4, None)
    """
    return next((power for power, pattern in _IN_UNITS if pattern.search(header)), None)


def _without_currency(header: str) -> str:
    text = header.strip()
    if text and text[-1] in _SIGNS:
        return text[:-1]
    return re.sub(r"[\W_]+([A-Za-z]{3})$", lambda hit: "" if hit[1].upper() in _CODES else hit[0], text)


def fingerprint(headers: Sequence[str]) -> str:
    """What two files with the same headers share, in whatever order and spelling they stand.

    A mapping that was corrected once is remembered under it.
    """
    text = "\n".join(sorted(normal(header) for header in headers))
    return hashlib.sha256(text.encode()).hexdigest()[:32]
