"""Forecast calls: what sellers and managers said each Monday would close in the quarter; two are never right."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from sample_company.catalogue import AS_OF, QUARTERS, SELLERS, TEAMS, WON
from sample_company.company import SEED, Company
from sample_company.dice import Dice, quarter, quarter_end, quarter_start
from sample_company.exports import Seen, write_table
from sample_company.facts import Json
from sample_company.people import rate_on

#: Calls a third too low, so as to beat them.
SANDBAGGER: Final = "Dagmar Ehrenfeldt"
#: Calls half too high, from hope.
OPTIMIST: Final = "Emilio Santacroce"
_BIAS: Final = {SANDBAGGER: 0.66, OPTIMIST: 1.5}
#: How far a first call may miss, and how much more the best case is.
_SPREAD: Final = 0.45
_BEST: Final = 1.3
_REASONS: Final = {
    SANDBAGGER: ("Only what is signed in principle", "Let us see what comes", "Two more are possible, not counted"),
    OPTIMIST: ("All of them will sign", "They promised before the quarter's end", "The next meeting closes it"),
}
_PLAIN: Final = ("Deal by deal", "As last week", "After this week's calls", "", "", "")


@dataclass(frozen=True)
class Call:
    """One row of the table."""

    period: str
    person: str
    category: str
    amount: int
    day: dt.date
    reason: str


def write_calls(folder: Path, company: Company, seen: Mapping[dt.date, Sequence[Seen]]) -> Json:
    """The table under the name of the import; gives the planted facts."""
    actual = _won(company, seen[AS_OF])
    calls = _calls(company, actual, seen)
    write_table(
        folder / "forecast_calls.csv",
        ("period", "person", "category", "amount", "submitted_on", "reason"),
        ((c.period, c.person, c.category, f"{c.amount}.00", c.day.isoformat(), c.reason) for c in calls),
    )
    return {
        "rows": len(calls),
        "sandbagger": _fact(SANDBAGGER, calls, actual),
        "optimist": _fact(OPTIMIST, calls, actual),
    }


def _fact(person: str, calls: Sequence[Call], actual: Mapping[tuple[str, str], float]) -> Json:
    """Σ(call − actual) ÷ Σ actual of the commit calls of finished quarters."""
    own = [c for c in calls if c.person == person and c.category == "Commit" and c.period != QUARTERS[-1]]
    won = sum(actual.get((person, c.period), 0.0) for c in own)
    called = sum(c.amount for c in own)
    return {"person": person, "calls": len(own), "called": called, "won": round(won, 2),
            "bias": round((called - won) / won, 6)}  # fmt: skip


def _won(company: Company, last: Sequence[Seen]) -> dict[tuple[str, str], float]:
    """Won amount in USD per owner and quarter, each deal rounded to the cent."""
    cents: defaultdict[tuple[str, str], int] = defaultdict(int)
    for row in last:
        if row.stage == WON:
            cents[row.owner, quarter(row.close)] += _usd_cents(company, row, AS_OF)
    return {key: value / 100 for key, value in cents.items()}


def _usd_cents(company: Company, row: Seen, day: dt.date) -> int:
    if row.deal.currency == "USD":
        return row.cents
    return (row.cents * round(10_000 * rate_on(company.rates, min(row.close, day))) + 5_000) // 10_000


def _calls(
    company: Company, actual: Mapping[tuple[str, str], float], seen: Mapping[dt.date, Sequence[Seen]]
) -> list[Call]:
    dice = Dice(SEED, 30)
    calls: list[Call] = []
    for period in QUARTERS:
        for day in _mondays(period):
            week = (day - quarter_start(period)).days // 7
            commit: dict[str, int] = {}
            for seller, _, _, joined in SELLERS:
                if joined > day:
                    continue
                truth = (
                    actual.get((seller, period), 0.0)
                    if period != QUARTERS[-1]
                    else _likely(company, seller, period, seen[day], day)
                )
                noise = 1 + _SPREAD * (1 - week / 13) * dice.uniform(-1.0, 1.0)
                commit[seller] = _round(truth * noise * _BIAS.get(seller, 1.0))
                reasons = _REASONS.get(seller, _PLAIN)
                reason = reasons[dice.whole(0, len(reasons) - 1)]
                calls.append(Call(period, seller, "Commit", commit[seller], day, reason))
                best = _round(commit[seller] * (1 + (_BEST - 1) * (1 - week / 14)))
                calls.append(Call(period, seller, "Best case", best, day, ""))
            for team, _, manager in TEAMS:
                below = sum(commit.get(seller, 0) for seller, its_team, *_ in SELLERS if its_team == team)
                calls.append(Call(period, manager, "Commit", _round(below * dice.uniform(0.93, 1.04)), day, ""))
    return calls


def _likely(company: Company, seller: str, period: str, rows: Sequence[Seen], day: dt.date) -> float:
    """What an honest call of the running quarter rests on: won, nine tenths of commit, a third of best case."""
    share = {"Closed": 1.0, "Commit": 0.9, "Best Case": 0.33}
    return sum(
        share.get(row.category, 0.0) * _usd_cents(company, row, day) / 100
        for row in rows
        if row.owner == seller and quarter(row.close) == period
    )


def _mondays(period: str) -> list[dt.date]:
    first = quarter_start(period)
    day = first + dt.timedelta(days=-first.weekday() % 7)
    last = min(quarter_end(first), AS_OF)
    return [day + dt.timedelta(days=7 * week) for week in range(14) if day + dt.timedelta(days=7 * week) <= last]


def _round(amount: float) -> int:
    return 1_000 * round(amount / 1_000)
