"""The whole fictional company in one object."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Final

from sample_company.accounts import Account, build_accounts
from sample_company.deals import Deal, build_deals, record_id
from sample_company.dice import Dice
from sample_company.flagships import build_flagships
from sample_company.people import Person, build_people, build_rates, build_targets

#: The seed is part of the data: another one gives another company, and other facts.
SEED: Final = 34


@dataclass(frozen=True)
class Company:
    """Everything the exports are written from."""

    accounts: list[Account]
    people: list[Person]
    targets: list[tuple[str, str, int]]
    rates: list[tuple[dt.date, float]]
    deals: list[Deal]


def build_company(seed: int = SEED) -> Company:
    """The company of a seed; ids follow the order in which the deals were created."""
    accounts = build_accounts(Dice(seed, 0))
    deals = build_deals(seed, accounts) + build_flagships(Dice(seed, 3), accounts)
    deals.sort(key=lambda deal: deal.created)
    for number, deal in enumerate(deals):
        deal.id = record_id(number)
    return Company(accounts, build_people(), build_targets(), build_rates(Dice(seed, 4)), deals)
