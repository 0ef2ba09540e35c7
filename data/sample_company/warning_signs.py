"""Warning signals that owners ticked in their deals since mid-2026, and the file that holds them.

Planted: deals that are lost in the end showed more of them than deals that are won.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from sample_company.catalogue import AS_OF, LOST, WON
from sample_company.company import SEED, Company
from sample_company.deals import Deal
from sample_company.dice import Dice, workday
from sample_company.exports import write_table
from sample_company.facts import Json

#: From this day on deals are checked for the signals.
CHECKED_SINCE: Final = dt.date(2026, 7, 6)
_CHECKED: Final = 0.7
#: Chance of each signal, of deals that are won in the end and of those that are lost.
_SEEN: Final = (0.08, 0.18)
_GONE: Final = 0.2
_SIGNALS: Final = (
    "unreturned_calls", "no_information", "criteria_slanted", "criteria_change", "delays", "budget_gone",
    "probing_weaknesses", "players_change", "meetings_cancelled", "meetings_delegated", "price_only",
    "no_inside_support", "not_knowing",
)  # fmt: skip
_NOTES: Final = ("twice this month", "the new head of purchasing", "no date offered", "heard from our partner")


@dataclass(frozen=True)
class Sign:
    """One row of the warnings table."""

    deal: Deal
    signal: str
    holds: bool
    day: dt.date
    author: str
    note: str


def build_signs(company: Company, seed: int = SEED) -> list[Sign]:
    """All warning signals, by deal in the order of creation, each deal from its own source of chance."""
    rows: list[Sign] = []
    for number, deal in enumerate(company.deals):
        dice = Dice(seed, 24, number)
        end, last = deal.stages.entries[-1]
        if end < CHECKED_SINCE or not dice.chance(_CHECKED):
            continue
        first = max(deal.created, CHECKED_SINCE)
        until = min(end, AS_OF)
        for signal in _SIGNALS:
            draws = [dice.uniform() for _ in range(4)]
            if draws[0] >= _SEEN[0 if last == WON else 1] or (until - first).days < 7:
                continue
            day = min(workday(first + dt.timedelta(days=int(draws[1] * (until - first).days))), until)
            holds = deal.stages.at(AS_OF) in (WON, LOST) or draws[2] >= _GONE
            note = _NOTES[int(draws[3] * 16)] if draws[3] * 16 < len(_NOTES) else ""
            rows.append(Sign(deal, signal, holds, day, deal.owners.at(day), note))
    return rows


def write_signs(folder: Path, rows: Sequence[Sign]) -> None:
    """The warnings table, as of the newest export."""
    header = ("opportunity_id", "signal", "holds", "seen_on", "author", "note")
    write_table(
        folder / "warnings.csv",
        header,
        ((r.deal.id, r.signal, "yes" if r.holds else "no", r.day.isoformat(), r.author, r.note) for r in rows),
    )


def sign_facts(rows: Sequence[Sign]) -> Json:
    """How many there are, how many deals have three or more that hold, and what became of the closed ones."""
    held = Counter(row.deal.id for row in rows if row.holds)
    ends = {row.deal.id: row.deal.stages.at(AS_OF) for row in rows}
    still = [deal for deal, end in ends.items() if end not in (WON, LOST)]
    closed = Counter((held[deal] >= 3, end) for deal, end in ends.items() if end in (WON, LOST))
    return {
        "rows": len(rows),
        "open_deals": len(still),
        "open_deals_with_three": sum(held[deal] >= 3 for deal in still),
        "closed_with_three": {"won": closed[True, WON], "lost": closed[True, LOST]},
        "closed_with_fewer": {"won": closed[False, WON], "lost": closed[False, LOST]},
    }
