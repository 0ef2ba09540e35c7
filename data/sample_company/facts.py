"""The planted facts as numbers, computed from the histories' daily states and not from the written files.

Amounts are in USD. An amount in euros takes the rate in force on the close date or, if that lies ahead, on the day
of the export, and is rounded to the cent. The definitions are those of the metrics; ``data/README.md`` words them for
the reader.
"""

from __future__ import annotations

import datetime as dt
import math
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping
from itertools import pairwise
from typing import Final, TypeAlias

from sample_company.catalogue import AS_OF, FIRST_EXPORT, LOST, OPEN_STAGES, PARTNER, QUARTERS, REGIONS, TEAMS, WON
from sample_company.company import Company
from sample_company.dice import quarter, quarter_end
from sample_company.exports import MONDAYS, Seen
from sample_company.people import rate_on

Json: TypeAlias = "dict[str, Json] | list[Json] | str | int | float"
Exports: TypeAlias = Mapping[dt.date, list[Seen]]
#: The quarter under review and the one before it.
CURRENT: Final = quarter(AS_OF)
SLIPPED: Final = "2026Q3"


def compute_facts(company: Company, seen: Exports) -> dict[str, Json]:
    """All facts, in the order of the README."""
    last = seen[AS_OF]
    return {
        "as_of": AS_OF.isoformat(),
        "counts": _counts(company, last),
        "win_rate_by_region": _win_rates(last, lambda row: _place(company, row.owner)[1], REGIONS),
        "win_rate_by_source": _win_rates(last, lambda row: row.deal.source == PARTNER, (True, False)),
        "stages": _stages(seen),
        "pushes_by_team": _pushes(company, seen),
        "concentration": _concentration(company, last),
        "slip_2026Q3": _slip(company, seen),
        "coverage_2026Q4": _coverage(company, last),
        "commit_2026Q4": _commit(company, seen),
        "bookings": _bookings(company, last),
    }


def _usd(company: Company, rows: Iterable[Seen], day: dt.date) -> float:
    """The rows' amounts in USD as valued on a day, each rounded to the cent."""
    return sum(_usd_cents(company, row, day) for row in rows) / 100


def _usd_cents(company: Company, row: Seen, day: dt.date) -> int:
    if row.deal.currency == "USD":
        return row.cents
    ten_thousandths = round(10_000 * rate_on(company.rates, min(row.close, day)))
    return (row.cents * ten_thousandths + 5_000) // 10_000


def _place(company: Company, owner: str) -> tuple[str, str]:
    """The owner's team and region; blank for one who left."""
    return next(((p.team, p.region) for p in company.people if p.name == owner), ("", ""))


def _counts(company: Company, last: list[Seen]) -> Json:
    """How much there is of everything."""
    return {
        "deals": len(last),
        "open": sum(row.is_open for row in last),
        "won": sum(row.stage == WON for row in last),
        "lost": sum(row.stage == LOST for row in last),
        "past_due": sum(row.is_open and row.close < AS_OF for row in last),
        "accounts": len(company.accounts),
        "people": len(company.people),
        "targets": len(company.targets),
    }


def _win_rates(last: list[Seen], key: Callable[[Seen], object], values: tuple[object, ...]) -> Json:
    """Won ÷ (won + lost) by count over all closed deals, per value of the key."""
    result: dict[str, Json] = {}
    for value in values:
        tally = Counter(row.stage for row in last if key(row) == value)
        name = {True: PARTNER, False: "All others"}[value] if isinstance(value, bool) else str(value)
        rate = tally[WON] / (tally[WON] + tally[LOST])
        result[name] = {"won": tally[WON], "lost": tally[LOST], "rate": round(rate, 6)}
    return result


def _sightings(seen: Exports) -> dict[str, list[Seen]]:
    """Each deal's states in the order of the exports that list it."""
    found: dict[str, list[Seen]] = defaultdict(list)
    for day in sorted(seen):
        for row in seen[day]:
            found[row.deal.id].append(row)
    return found


def _stages(seen: Exports) -> Json:
    """Per stage: conversion over the deals that some export shows open, and the days that deals took which moved on."""
    passed: Counter[str] = Counter()
    lost: Counter[str] = Counter()
    days: dict[str, list[int]] = {name: [] for name in OPEN_STAGES}
    order = (*OPEN_STAGES, WON)
    for rows in _sightings(seen).values():
        last_open = next((row.stage for row in reversed(rows) if row.is_open), None)
        if last_open is None:
            continue
        now = rows[-1].stage
        passed.update(OPEN_STAGES if now == WON else OPEN_STAGES[: OPEN_STAGES.index(last_open)])
        lost.update([last_open] if now == LOST else [])
        for before, after in pairwise(rows):
            if before.is_open and after.stage != LOST and order.index(after.stage) > order.index(before.stage):
                days[before.stage].append((after.stage_entered - before.stage_entered).days)
    result: dict[str, Json] = {}
    for name in OPEN_STAGES:
        result[name] = {
            "passed": passed[name],
            "lost": lost[name],
            "rate": round(passed[name] / (passed[name] + lost[name]), 6),
            "advances": len(days[name]),
            "p75_days": round(_quantile(days[name], 0.75), 2),
        }
    return result


def _quantile(values: list[int], share: float) -> float:
    """The quantile by linear interpolation between the two nearest values."""
    ordered = sorted(values)
    at = share * (len(ordered) - 1)
    low = math.floor(at)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (at - low) * (ordered[high] - ordered[low])


def _pushes(company: Company, seen: Exports) -> Json:
    """Per team: deals seen open, moves of their close dates into a later quarter, and moves per deal."""
    deals: Counter[str] = Counter()
    pushes: Counter[str] = Counter()
    for rows in _sightings(seen).values():
        if not any(row.is_open for row in rows):
            continue
        team, _ = _place(company, rows[-1].owner)
        deals[team] += 1
        pushes[team] += sum(quarter(after.close) > quarter(before.close) for before, after in pairwise(rows))
    return {
        team: {"deals": deals[team], "pushes": pushes[team], "per_deal": round(pushes[team] / deals[team], 6)}
        for team, _, _ in TEAMS
    }


def _concentration(company: Company, last: list[Seen]) -> Json:
    """The ten largest open deals' part of the open pipeline."""
    amounts = sorted((_usd_cents(company, row, AS_OF) for row in last if row.is_open), reverse=True)
    total, top = sum(amounts) / 100, sum(amounts[:10]) / 100
    return {"open_usd": round(total, 2), "top10_usd": round(top, 2), "share": round(top / total, 6)}


def _slip(company: Company, seen: Exports) -> Json:
    """Of what was due in the quarter on its first day, the part whose latest close date lies beyond it."""
    start = FIRST_EXPORT + dt.timedelta(days=1)
    latest = {row.deal.id: row.close for row in seen[AS_OF]}
    due = [row for row in seen[FIRST_EXPORT] if row.is_open and quarter(row.close) == SLIPPED]
    end = quarter_end(start)
    slipped = [row for row in due if latest[row.deal.id] > end]
    value, moved = _usd(company, due, start), _usd(company, slipped, start)
    return {
        "due_deals": len(due),
        "due_usd": round(value, 2),
        "slipped_deals": len(slipped),
        "slipped_usd": round(moved, 2),
        "rate": round(moved / value, 6),
    }


def _coverage(company: Company, last: list[Seen]) -> Json:
    """Target, won, open and commit of the current quarter, in total and per region of the owner."""
    result: dict[str, Json] = {}
    for region in ("Total", *REGIONS):
        rows = [row for row in last if region in ("Total", _place(company, row.owner)[1])]
        won, still_open, commit = _quarter_parts(company, rows, AS_OF)
        target = _target(company, CURRENT, region)
        result[region] = {
            "target_usd": target,
            "won_usd": round(won, 2),
            "open_usd": round(still_open, 2),
            "commit_usd": round(commit, 2),
            "coverage": round(still_open / (target - won), 6),
            "won_plus_commit_share": round((won + commit) / target, 6),
        }
    return result


def _quarter_parts(company: Company, rows: list[Seen], day: dt.date) -> tuple[float, float, float]:
    """Won, open and open in Commit, with a close date in the current quarter."""
    inside = [row for row in rows if quarter(row.close) == CURRENT]
    return (
        _usd(company, (row for row in inside if row.stage == WON), day),
        _usd(company, (row for row in inside if row.is_open), day),
        _usd(company, (row for row in inside if row.is_open and row.category == "Commit"), day),
    )


def _target(company: Company, period: str, region: str) -> int:
    """The sellers' targets of a quarter; managers' roll-ups would count them twice."""
    managers = {manager for _, _, manager in TEAMS}
    return sum(
        amount
        for its_period, person, amount in company.targets
        if its_period == period and person not in managers and region in ("Total", _place(company, person)[1])
    )


def _commit(company: Company, seen: Exports) -> Json:
    """The call of the current quarter on its last Mondays: it rises until late October and then stands still."""
    result: list[Json] = []
    for day in MONDAYS[-7:]:
        won, _, commit = _quarter_parts(company, seen[day], day)
        result.append(
            {
                "date": day.isoformat(),
                "won_usd": round(won, 2),
                "commit_usd": round(commit, 2),
                "won_plus_commit_usd": round(won + commit, 2),
            }
        )
    return result


def _bookings(company: Company, last: list[Seen]) -> Json:
    """Won value per quarter against the sellers' targets."""
    result: dict[str, Json] = {}
    for period in QUARTERS:
        won = _usd(company, (row for row in last if row.stage == WON and quarter(row.close) == period), AS_OF)
        target = _target(company, period, "Total")
        result[period] = {"won_usd": round(won, 2), "target_usd": target, "attainment": round(won / target, 6)}
    return result
