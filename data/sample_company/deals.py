"""The deals: who sells what to whom, and each deal's history from its first day to its last."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Final

from sample_company.accounts import EURO_COUNTRIES, Account
from sample_company.catalogue import (
    AS_OF,
    CREATED,
    LEAVER,
    LEAVER_GONE,
    LEAVER_TEAM,
    LOSS_REASONS,
    LOST,
    NEXT_STEPS,
    ODD_PRODUCTS,
    OPEN_STAGES,
    PARTNER,
    PRODUCTS,
    PUSHING_TEAM,
    SCOPES,
    SELLERS,
    SOLUTION_REASONS,
    SOURCES,
    TYPES,
    UNLISTED_ACCOUNTS,
    WON,
)
from sample_company.dice import Dice, quarter_end, quarter_start, workday
from sample_company.journey import Temper, Track, close_dates, stage_path

#: Median amount per segment in the deal's own currency.
_AMOUNTS: Final = {"Enterprise": 134_000.0, "Mid-market": 84_000.0, "Growth": 46_000.0}
#: Shift of the log-odds per stage: regions, types, and the partners' deals that win about twice as often.
_REGION_ODDS: Final = {"North America": 0.08, "EMEA": 0.05, "APAC": -0.50}
_TYPE_ODDS: Final = {"New business": -0.10, "Expansion": 0.05, "Renewal": 0.35}
_PARTNER_ODDS: Final = 1.0
#: New deals per region; Europe's stream thins out in 2026, which is why its fourth quarter is short of pipeline.
_REGION_MIX: Final = (("North America", 46.0), ("EMEA", 35.0), ("APAC", 19.0))
_EMEA_THINNED: Final = 25.0
_ALPHABET: Final = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"


@dataclass
class Deal:
    """One deal and its whole history, its future included; exports look at it up to their own day."""

    id: str
    name: str
    account: str
    product: str
    type: str
    source: str
    currency: str
    created: dt.date
    stages: Track[str]
    amounts: Track[int]  # in cents
    closes: Track[dt.date]
    owners: Track[str]
    next_steps: Track[str]
    activities: list[dt.date]
    loss_reason: str
    confidence: float
    probability_shift: int


def record_id(number: int) -> str:
    """An 18-character id: 15 case-sensitive characters and the three that spell out which of them are capitals."""
    digits, left = "", 4_100_000 + number * 1237
    while left:
        left, digit = divmod(left, 62)
        digits = _ALPHABET[digit] + digits
    body = "0065e00000" + digits.rjust(5, "0")
    checks = (sum(1 << i for i, c in enumerate(body[at : at + 5]) if c.isupper()) for at in (0, 5, 10))
    return body + "".join("ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"[check] for check in checks)


def build_deals(seed: int, accounts: list[Account]) -> list[Deal]:
    """The drawn deals in order of creation, each from its own source of chance; ids are given when all are known."""
    calendar = Dice(seed, 1)
    days = sorted(_creation_day(calendar, name) for name, count in CREATED.items() for _ in range(count))
    deals = [_deal(Dice(seed, 2, number), day, accounts) for number, day in enumerate(days)]
    _plant_imperfections(deals)
    return deals


def _creation_day(dice: Dice, name: str) -> dt.date:
    """A working day of the quarter; a part of the first quarter's deals came over from the old CRM in January."""
    start = quarter_start(name)
    end = min(quarter_end(start), AS_OF - dt.timedelta(days=3))
    if name == "2025Q1" and dice.chance(0.4):
        return workday(start + dt.timedelta(days=dice.whole(5, 16)))
    return min(workday(start + dt.timedelta(days=dice.whole(0, (end - start).days))), AS_OF - dt.timedelta(days=3))


def _deal(dice: Dice, created: dt.date, accounts: list[Account]) -> Deal:
    """One deal, from the choice of its customer to the last thing that is ever recorded about it."""
    mix = [(r, _EMEA_THINNED if r == "EMEA" and created >= dt.date(2026, 4, 1) else w) for r, w in _REGION_MIX]
    region = dice.weighted(mix)
    account = dice.pick([a for a in accounts if a.region == region])
    product = dice.weighted([(name, weight) for name, _, _, weight in PRODUCTS])
    source, kind = dice.weighted(SOURCES), dice.weighted(TYPES)
    odds = _REGION_ODDS[region] + _TYPE_ODDS[kind] + (_PARTNER_ODDS if source == PARTNER else 0.0)
    temper = _temper(dice, account, odds)
    carried_over = created < dt.date(2025, 1, 20)
    first = dice.weighted([(1, 3.0), (2, 4.0), (3, 3.0)]) if carried_over else int(dice.chance(0.08))
    stages = stage_path(dice, created, first, temper)
    return Deal(
        id="",
        name=f"{account.name} - {product} {dice.pick(SCOPES[kind])}",
        account=account.name,
        product=product,
        type=kind,
        source=source,
        currency="EUR" if account.country in EURO_COUNTRIES else "USD",
        created=created,
        stages=stages,
        amounts=_amounts(dice, account, stages),
        closes=close_dates(dice, stages, temper),
        owners=_owners(dice, created, stages.entries[-1][0], account),
        next_steps=notes(dice, stages),
        activities=activity_days(dice, created, stages.entries[-1][0]),
        loss_reason=_loss_reason(dice, stages),
        confidence=dice.uniform(),
        probability_shift=5 * dice.whole(-2, 2) if dice.chance(0.2) else 0,
    )


def _temper(dice: Dice, account: Account, odds: float) -> Temper:
    """The deal's pace and its owner's habits; one team never lets go of this quarter."""
    pace = dice.spread(1.12 if account.segment == "Enterprise" else 0.97, 0.22)
    if account.team == PUSHING_TEAM:
        return Temper(odds, pace * 1.1, dice.uniform(0.3, 0.6), dice.whole(3, 9), 0.85, 0.18)
    if dice.chance(0.12):
        return Temper(odds, pace, dice.spread(0.75, 0.2), dice.whole(-70, -25), 0.22, 0.0)
    return Temper(odds, pace, dice.spread(1.34, 0.2), dice.whole(-12, 6), 0.22, 0.005)


def _amounts(dice: Dice, account: Account, stages: Track[str]) -> Track[int]:
    """The amount in cents: some quotes change with a stage, and procurement takes its discount in the last one."""
    value = min(1_500_000.0, max(15_000.0, dice.spread(_AMOUNTS[account.segment], 0.40)))
    odd_cents = dice.chance(0.18)
    track: Track[int] = Track()
    track.put(stages.entries[0][0], _quoted(dice, value, odd_cents))
    for day, stage in stages.entries[1:]:
        if stage == OPEN_STAGES[-1] and dice.chance(0.4):
            value *= dice.uniform(0.86, 0.98)
        elif stage in OPEN_STAGES[2:4] and dice.chance(0.3):
            value *= dice.spread(1.02, 0.16)
        else:
            continue
        track.put(day, _quoted(dice, value, odd_cents))
    return track


def _quoted(dice: Dice, value: float, odd_cents: bool) -> int:
    """A price as people quote it: round, unless it was added up from list prices."""
    if odd_cents:
        return round(value) * 100 + dice.pick((0, 25, 40, 50, 75, 90, 99))
    step = 1000 if value >= 100_000 else 500
    return round(value / step) * step * 100


def _owners(dice: Dice, created: dt.date, end: dt.date, account: Account) -> Track[str]:
    """The owner from the account's team; a few deals change hands, and those of the leaver have to."""
    track: Track[str] = Track()
    staff = [name for name, team, _, joined in SELLERS if team == account.team and joined <= created]
    if account.team == LEAVER_TEAM and created < LEAVER_GONE - dt.timedelta(days=60) and dice.chance(0.09):
        track.put(created, LEAVER)
        if end > LEAVER_GONE and dice.chance(0.6):
            track.put(LEAVER_GONE, dice.pick(staff))
        return track
    first = dice.pick(staff)
    track.put(created, first)
    if dice.chance(0.035) and (end - created).days > 30:
        joined = [name for name in staff if name != first]
        track.put(workday(created + dt.timedelta(days=dice.whole(10, 28))), dice.pick(joined))
    return track


def notes(dice: Dice, stages: Track[str]) -> Track[str]:
    """A note per stage, sometimes none; a closed deal keeps none."""
    track: Track[str] = Track()
    for day, stage in stages.entries:
        blank = stage not in NEXT_STEPS or dice.chance(0.14)
        track.put(day, "" if blank else dice.pick(NEXT_STEPS[stage]))
    return track


def activity_days(dice: Dice, created: dt.date, end: dt.date) -> list[dt.date]:
    """The days with a recorded activity; some deals are simply left alone for weeks."""
    gap = dice.spread(9, 0.6)
    days: list[dt.date] = []
    day = created
    while True:
        day = workday(day + dt.timedelta(days=max(1, round(dice.spread(gap, 0.5)))))
        if day > min(end, AS_OF):
            return days
        days.append(day)


def _loss_reason(dice: Dice, stages: Track[str]) -> str:
    """Why the deal is lost, if it is; the stage that it is lost in has its own usual reasons."""
    if stages.entries[-1][1] == WON:
        return ""
    return dice.weighted(SOLUTION_REASONS if stages.entries[-2][1] == "Solution" else LOSS_REASONS)


def _plant_imperfections(deals: list[Deal]) -> None:
    """The few things that an import has to name: unknown products and unlisted accounts, on valid rows."""
    spare = iter(range(700, len(deals)))
    for right, odd in ODD_PRODUCTS:
        deal = next(deals[at] for at in spare if deals[at].product == right)
        deal.name = deal.name.replace(right, odd)
        deal.product = odd
    euros = [deal for deal in deals[900:] if deal.currency == "EUR"]
    dollars = [deal for deal in deals[900:] if deal.currency == "USD"]
    for deal, name in zip((dollars[0], euros[0]), UNLISTED_ACCOUNTS, strict=True):
        deal.name = deal.name.replace(deal.account, name)
        deal.account = name


def outcome(deal: Deal, day: dt.date) -> str:
    """``open``, ``won`` or ``lost`` at the end of a day."""
    return {WON: "won", LOST: "lost"}.get(deal.stages.at(day), "open")
