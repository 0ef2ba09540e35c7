"""The sales organisation, its targets and the exchange rates: the small tables beside the deals."""

from __future__ import annotations

import datetime as dt
import math
import unicodedata
from dataclasses import dataclass

from sample_company.catalogue import (
    AS_OF,
    NEXT_QUARTER,
    PLAN,
    QUARTERS,
    REGIONS,
    SELLERS,
    TEAMS,
    VICE_PRESIDENT,
)
from sample_company.dice import Dice, quarter, quarter_start


@dataclass(frozen=True)
class Person:
    """One row of the people table."""

    name: str
    manager: str
    team: str
    region: str
    title: str

    @property
    def email(self) -> str:
        """A work address under a domain that is reserved for examples."""
        plain = unicodedata.normalize("NFKD", self.name).encode("ascii", "ignore").decode("ascii")
        return ".".join(plain.lower().replace("'", "").split()) + "@tarnwick.example"


def build_people() -> list[Person]:
    """The vice president, then each manager followed by the team."""
    boss, boss_title = VICE_PRESIDENT
    people = [Person(boss, "", "", "", boss_title)]
    for team, region, manager in TEAMS:
        people.append(Person(manager, boss, team, region, f"Sales Manager {team}"))
        for seller, its_team, weight, _ in SELLERS:
            if its_team == team:
                title = "Senior Account Executive" if weight >= 1.05 else "Account Executive"
                people.append(Person(seller, manager, team, region, title))
    return people


def build_targets() -> list[tuple[str, str, int]]:
    """(quarter, person, amount): every seller's share of the plan, and per manager the sum of the team."""
    rows: list[tuple[str, str, int]] = []
    for period in (*QUARTERS, NEXT_QUARTER):
        shares = _shares(period)
        for team, _, manager in TEAMS:
            members = [(seller, shares[seller]) for seller, its_team, _, _ in SELLERS if its_team == team]
            active = [(seller, amount) for seller, amount in members if amount]
            rows.append((period, manager, sum(amount for _, amount in active)))
            rows.extend((period, seller, amount) for seller, amount in active)
    return rows


def _shares(period: str) -> dict[str, int]:
    """Each seller's target: the region's plan by quota weight, half a weight in the quarter of joining."""
    start = quarter_start(period)
    weights: dict[str, float] = {}
    for seller, _, weight, joined in SELLERS:
        factor = 1.0 if joined <= start else 0.5 if quarter(joined) == period else 0.0
        weights[seller] = weight * factor
    shares: dict[str, int] = {}
    for region, plan in zip(REGIONS, PLAN[period], strict=True):
        teams = [team for team, its_region, _ in TEAMS if its_region == region]
        members = [seller for seller, team, _, _ in SELLERS if team in teams]
        total = math.fsum(weights[seller] for seller in members)
        for seller in members:
            shares[seller] = round(plan * weights[seller] / total / 5) * 5000
    return shares


def build_rates(dice: Dice) -> list[tuple[dt.date, float]]:
    """What one euro is worth from the first of each month on: a drift with a little noise, inside 1.04 to 1.18."""
    rates: list[tuple[dt.date, float]] = []
    months = 12 * (AS_OF.year - 2025) + AS_OF.month
    for month in range(months):
        trend = 1.05 + 0.10 * month / (months - 1) + 0.015 * math.sin(month / 2.3)
        rate = min(1.18, max(1.04, trend + dice.uniform(-0.006, 0.006)))
        rates.append((dt.date(2025 + month // 12, month % 12 + 1, 1), round(rate, 4)))
    return rates


def rate_on(rates: list[tuple[dt.date, float]], day: dt.date) -> float:
    """The rate in force on a day."""
    return [rate for start, rate in rates if start <= day][-1]
