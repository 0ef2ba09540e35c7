"""The few very large deals, told one by one: chance alone would not put ten of them where a review should find them."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Final

from sample_company.accounts import EURO_COUNTRIES, Account
from sample_company.catalogue import OPEN_STAGES, WON
from sample_company.deals import Deal, activity_days, notes
from sample_company.dice import Dice
from sample_company.journey import Track


@dataclass(frozen=True)
class Flagship:
    """A scripted deal. Days are written ``YYMMDD``; ``stages`` pairs a stage with the day of its entry."""

    owner: str
    team: str
    title: str
    product: str
    type: str
    source: str
    amount: int
    stages: str
    closes: str
    confidence: float
    reason: str = ""  # of a loss
    account: str = ""  # blank: the team's largest that is free


FLAGSHIPS: Final = (
    # Open on the as-of date.
    Flagship("Jörg Wiesenthaler", "Central and Nordic Europe", "group framework", "Vibrel Fleet", "New business",
             "Partner", 1_190_000, "260209 Qualify 260310 Develop 260427 Solution 260821 Proof",
             "260209 261030 261019 261218", 0.5,
             account="Brandt <Nord> GmbH"),
    Flagship("Kenji Ishimura-Vale", "Asia Pacific", "all concentrators", "Vibrel Edge Gateway", "Expansion",
             "Customer referral", 1_360_000, "260119 Qualify 260223 Develop 260413 Solution 260930 Proof",
             "260119 261030 261005 261130 261102 270226", 0.4, account="Star*Reef _Pacific_ Minerals Pty Ltd"),
    Flagship("Callum Prewitt", "Americas East", "12 sites", "Flowra Pro", "New business", "Trade show", 1_420_000,
             "260302 Qualify 260401 Develop 260518 Solution 260914 Proof 261019 Close", "260302 261030 261012 261211",
             0.9, account="Thornbury & Quillon Inc."),
    Flagship("Bettina Larkspur", "Americas West", "enterprise agreement", "Tarnwick Cloud", "New business", "Outbound",
             1_680_000, "260128 Qualify 260305 Develop 260420 Solution",
             "260128 260630 260622 260930 260921 261231 261109 270331", 0.7),
    Flagship("Gwendolyn Ashby-Tran", "Americas West", "concentrator programme", "Lumeter Radar", "Expansion",
             "Outbound", 985_000, "260316 Qualify 260414 Develop 260601 Solution 260928 Proof",
             "260316 261030 261012 261231 261109 270331", 0.6),
    Flagship("Simone Tessaract", "Americas East", "fab 3 build-out", "Flowra Hygienic", "New business", "Inbound web",
             1_290_000, "260504 Qualify 260608 Develop 260803 Solution", "260504 270129", 0.4),
    Flagship("Lotte Fjellstad", "Central and Nordic Europe", "mill modernisation", "Vibrel Fleet", "New business",
             "Trade show", 960_000, "260413 Qualify 260525 Develop 260720 Solution",
             "260413 261127 261026 270226", 0.3),
    Flagship("Emilio Santacroce", "Americas West", "solvent metering", "Flowra Pro", "New business",
             "Customer referral", 1_120_000, "260622 Qualify 260803 Develop 260921 Solution",
             "260622 261231 261102 270331", 0.5),
    Flagship("Matteo Bellandrini", "Western and Southern Europe", "tank monitoring", "Lumeter L2", "New business",
             "Webinar", 1_010_000, "260706 Qualify 260817 Develop 261005 Solution", "260706 270331", 0.6),
    Flagship("Nathaniel Okonedo-Price", "Americas East", "line-wide monitoring", "Vibrel Sense", "New business",
             "Inbound web", 915_000, "260810 Qualify 260921 Develop", "260810 270430", 0.3),
    # Closed: what such deals came to before.
    Flagship("Jocelyn Farraday", "Americas East", "frame contract", "Flowra One", "New business", "Partner",
             780_000, "250610 Qualify 250707 Develop 250818 Solution 251027 Proof 251124 Close 251218 Won",
             "250610 251128 251110 251218", 0.8),
    Flagship("Benoît Lacharme", "Western and Southern Europe", "five stations", "Flowra Hygienic", "Expansion",
             "Customer referral", 690_000, "251006 Qualify 251103 Develop 251215 Solution 260302 Proof 260427 Close "
             "260625 Won",
             "251006 260529 260511 260625", 0.8),
    Flagship("Callum Prewitt", "Americas East", "plant-wide metering", "Flowra Pro", "New business", "Trade show",
             1_060_000, "250303 Qualify 250407 Develop 250519 Solution 250915 Proof 251103 Close 251222 Won",
             "250303 251128 251103 251222", 0.8),
    Flagship("Dagmar Ehrenfeldt", "Central and Nordic Europe", "polymer plants", "Vibrel Fleet",
             "New business", "Inbound web", 740_000,
             "250512 Qualify 250610 Develop 250721 Solution 251013 Proof 251117 Close 251219 Won",
             "250512 251219", 0.8),
    Flagship("Wendell Abernethy-Cruz", "Americas East", "cold chain monitoring", "Vibrel Sense", "Expansion",
             "Customer referral", 720_000, "260203 Qualify 260302 Develop 260413 Solution 260706 Proof 260817 Close "
             "260924 Won",
             "260203 260930 260914 260924", 0.8),
    Flagship("Harlan Whitcombe", "Americas West", "plant roll-out", "Vibrel Fleet", "New business", "Outbound",
             890_000, "250916 Qualify 251014 Develop 251208 Solution 260511 Lost", "250916 260331 260323 260630",
             0.5, "No decision"),
    Flagship("Oliver Wangaratta", "Asia Pacific", "mill programme", "Lumeter Radar", "New business", "Trade show",
             640_000, "260112 Qualify 260216 Develop 260406 Solution 260817 Lost", "260112 260828 260803 261030",
             0.5, "Missing capability"),
    Flagship("Dagmar Ehrenfeldt", "Central and Nordic Europe", "furnace hall", "Pressgard P4", "New business",
             "Webinar", 720_000, "260330 Qualify 260504 Develop 260615 Solution 260907 Proof 261102 Lost",
             "260330 261030 261012 261127", 0.6, "Lost to competitor"),
)  # fmt: skip


def build_flagships(dice: Dice, accounts: list[Account]) -> list[Deal]:
    """The scripted deals as deals; they get their ids later, with all others."""
    used: set[str] = set()
    deals: list[Deal] = []
    for row in FLAGSHIPS:
        account = _customer(row, accounts, used)
        used.add(account.name)
        deals.append(_scripted(dice, row, account))
    return deals


def _customer(row: Flagship, accounts: list[Account], used: set[str]) -> Account:
    """The named account, or the team's largest that has no flagship yet."""
    if row.account:
        return next(account for account in accounts if account.name == row.account)
    free = [a for a in accounts if a.team == row.team and a.name not in used and a.name not in _NAMED]
    return max(free, key=lambda account: (account.employees, account.name))


_NAMED: Final = tuple(row.account for row in FLAGSHIPS if row.account)


def _scripted(dice: Dice, row: Flagship, account: Account) -> Deal:
    """One script read out into histories."""
    stages: Track[str] = Track()
    words = row.stages.split()
    for day, stage in zip(words[::2], words[1::2], strict=True):
        stages.put(_day(day), stage)
    closes: Track[dt.date] = Track()
    marks = [_day(word) for word in row.closes.split()]
    for at, close in zip(marks[::2], marks[1::2], strict=True):
        closes.put(at, close)
    created, last = stages.entries[0][0], stages.entries[-1]
    closed = last[1] not in OPEN_STAGES
    if closed:
        closes.put(last[0], last[0])
    amounts: Track[int] = Track()
    amounts.put(created, row.amount * 100)
    owners: Track[str] = Track()
    owners.put(created, row.owner)
    return Deal(
        id="",
        name=f"{account.name} - {row.product} {row.title}",
        account=account.name,
        product=row.product,
        type=row.type,
        source=row.source,
        currency="EUR" if account.country in EURO_COUNTRIES else "USD",
        created=created,
        stages=stages,
        amounts=amounts,
        closes=closes,
        owners=owners,
        next_steps=notes(dice, stages),
        activities=activity_days(dice, created, last[0] if closed else dt.date.max),
        loss_reason="" if last[1] == WON else row.reason,
        confidence=row.confidence,
        probability_shift=0,
    )


def _day(text: str) -> dt.date:
    """``260209`` as a date."""
    return dt.date(2000 + int(text[:2]), int(text[2:4]), int(text[4:]))
