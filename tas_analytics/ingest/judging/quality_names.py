"""Names that deals use: those that the reference tables lack, and those that may mean one person or customer."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from rapidfuzz import fuzz, process

from tas_analytics.formats import count, number
from tas_analytics.ingest.judging.checks import Finding, check
from tas_analytics.ingest.judging.quality import JUDGED, Suspects
from tas_analytics.store.database import Cursor
from tas_analytics.store.links import stage_name_sql

#: So alike, of 100, a known name must be to be named as the nearest.
NEAREST: Final = 80
#: So alike two names of people must be to be taken for one; letters that differ must not be digits.
ALIKE: Final = 91
#: Comparing every name with every other takes time with the square of their number: beyond so many only equal ones
#: (but for case, accents, punctuation and the order of words) are found.
ENOUGH_NAMES: Final = 3000
#: Pairs beyond so many are not looked at: the first ones tell enough.
ENOUGH_PAIRS: Final = 500
_LEGAL: Final = frozenset("inc ltd llc plc corp co gmbh ag kg sa sas srl spa bv nv ab oy as pty limited".split())


@dataclass(frozen=True)
class _Kind:
    """A reference table that deals name: its table, its version table, the deals' key column, words."""

    table: str
    one: str
    key: str
    word: str


_PRODUCTS: Final = _Kind("products", "product", "product_key", "product")
_ACCOUNTS: Final = _Kind("accounts", "account", "account_key", "account")
_PEOPLE: Final = _Kind("people", "person", "owner_key", "owner")
_KINDS: Final = (_PRODUCTS, _ACCOUNTS, _PEOPLE)
#: Tables whose names deals use.
NAMED: Final = frozenset(kind.table for kind in _KINDS)


def unknown_names(cursor: Cursor, only: str | None = None) -> list[Suspects]:
    """Judged deals with names that the reference tables do not have; ``only`` names one of these."""
    return [found for kind in _KINDS if only in {None, kind.table} for found in _unknown(cursor, kind)]


def alike_names(cursor: Cursor) -> list[Suspects]:
    """Deals under names that differ so little that they may be one; names of the past count, as people are renamed."""
    found = []
    for kind in (_PEOPLE, _ACCOUNTS):
        used = cursor.execute(
            f"""
            with used as (
                select {kind.key} as record_key, count(*) filter (where valid_to is null) as deals
                from opportunity_version group by 1
            )
            select r.natural_key, used.deals, r.record_key
            from used join record r using (record_key) where r.table_name = '{kind.table}' order by 1
            """
        ).fetchall()
        deals = {name: n for name, n, _ in used}
        keys = {name: key for name, _, key in used}
        alike = dict.fromkeys(_pairs(list(deals), customers=kind is _ACCOUNTS))
        pairs = sorted(
            (pair for pair in alike if deals[pair[0]] or deals[pair[1]]),
            key=lambda pair: (-min(deals[pair[0]], deals[pair[1]]), pair),
        )[:ENOUGH_PAIRS]
        if pairs:
            names = sorted({name for pair in pairs for name in pair})
            listed = ", ".join(f"“{a}” and “{b}”" for a, b in pairs[:3])
            query = f"""
                select record_key from {JUDGED}
                where {kind.key} in ({", ".join(str(keys[name]) for name in names)})
            """
            words = {"names": count(len(names), kind.word), "named": listed}
            found.append(Suspects(f"alike_{kind.word}", query, words))
    return found


def _unknown(cursor: Cursor, kind: _Kind) -> Iterator[Suspects]:
    version = f"{kind.one}_version"
    known = [name for (name,) in cursor.execute(f"select {kind.one} from {version} where valid_to is null").fetchall()]
    if not known:
        return
    deals = f"select record_key from {JUDGED} where"
    now = f"(select record_key from {version} where valid_to is null)"
    ever = f"(select record_key from {version})"
    if kind is _PEOPLE:
        # Who has left may well stand on closed deals; open ones are without anybody.
        left = f"status = 'open' and {kind.key} in {ever} and {kind.key} not in {now}"
        rows = _names(cursor, kind, left)
        if rows:
            gone = [f"“{name}” ({count(n, 'deal')})" for name, n in rows[:3]]
            yield Suspects("owner_left", f"{deals} {left}", _words_of(rows, gone, kind))
    never = f"{kind.key} not in {ever if kind is _PEOPLE else now}"
    rows = _names(cursor, kind, never)
    if rows:
        named = []
        for name, n in rows[:3]:
            near = process.extractOne(name, known, scorer=fuzz.ratio, score_cutoff=NEAREST)
            named.append(f"“{name}” ({count(n, 'deal')}" + (f", nearest is “{near[0]}”)" if near else ")"))
        yield Suspects(f"unknown_{kind.word}", f"{deals} {never}", _words_of(rows, named, kind))


def _names(cursor: Cursor, kind: _Kind, where: str) -> list[tuple[str, int]]:
    """The names of the deals that meet a condition, commonest first."""
    return cursor.execute(
        f"""
        with used as (
            select {kind.key} as record_key, count(*) as deals from {JUDGED} where {where} group by 1
        )
        select r.natural_key, used.deals from used join record r using (record_key)
        where r.table_name = '{kind.table}' order by 2 desc, 1
        """
    ).fetchall()


def _words_of(rows: list[tuple[str, int]], named: list[str], kind: _Kind) -> dict[str, str]:
    return {
        "names": count(len(rows), kind.word),
        "noun": kind.word if len(rows) == 1 else kind.word + "s",
        "are": "is" if len(rows) == 1 else "are",
        "named": ", ".join(named),
    }


def about_stages(cursor: Cursor) -> list[Finding]:
    """Stages whose order and meaning were proposed from their names."""
    rows = cursor.execute(
        f"select {stage_name_sql('pipeline', 'stage')}, probability, status from stage "
        "where in_use and origin = 'proposed' order by pipeline, position, stage"
    ).fetchall()
    if not rows:
        return []
    steps = [f"{name} {number(100 * p)} %" if status == "open" else f"{name} ({status})" for name, p, status in rows]
    return [check("proposed_stages").found(len(rows), stages=count(len(rows), "stage"), named=" → ".join(steps))]


def _pairs(names: list[str], *, customers: bool) -> Iterator[tuple[str, str]]:
    """Pairs of names that may be one: equal but for writing, and for people also those a letter or two apart.

    Customers may also be one where just one of the two names has a legal form behind it.
    """
    plain: dict[str, str] = {}
    for name in names:
        same = plain.setdefault(" ".join(_words(name)), name)
        if same != name:
            yield same, name
    if customers:  # two customers a letter apart are two customers
        for key, name in plain.items():
            short = " ".join(word for word in key.split() if word not in _LEGAL)
            if short not in {"", key} and short in plain:
                yield plain[short], name
    elif len(names) <= ENOUGH_NAMES:
        keys = list(plain)
        scores = process.cdist(keys, keys, scorer=fuzz.ratio, score_cutoff=ALIKE, dtype="uint8")
        for a, b in zip(*scores.nonzero(), strict=True):
            if a < b and _digits(keys[a]) == _digits(keys[b]):
                yield plain[keys[a]], plain[keys[b]]


def _words(name: str) -> list[str]:
    """The words of a name without case, accents, punctuation and their order."""
    text = unicodedata.normalize("NFKD", name)
    text = "".join(ch for ch in text if not unicodedata.combining(ch)).casefold().replace("'", "")
    return sorted(re.findall(r"\w+", text)) or [name]


def _digits(name: str) -> str:
    """The digits of a name: Seller 11 and Seller 12 are two, however alike."""
    return re.sub(r"\D", "", name)
