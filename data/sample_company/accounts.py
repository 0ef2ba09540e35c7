"""The customers: invented names from region-specific parts, with the size and the industry that shape their deals."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from sample_company.catalogue import TEAMS
from sample_company.dice import Dice


@dataclass(frozen=True)
class Account:
    """One customer; ``team`` is the sales team whose territory it lies in."""

    name: str
    industry: str
    segment: str
    region: str
    country: str
    employees: int
    annual_revenue: int
    parent: str
    team: str


#: What the last part of a company's name can be in each of the eight industries.
INDUSTRIES: Final[dict[str, tuple[str, ...]]] = {
    "Chemicals": ("Chemicals", "Polymers", "Coatings"),
    "Energy": ("Energy", "Power", "Gas Storage"),
    "Food and beverage": ("Foods", "Dairy", "Beverages"),
    "Mining and metals": ("Minerals", "Metals", "Smelting"),
    "Pharmaceuticals": ("Pharma", "Biologics", "Life Sciences"),
    "Pulp and paper": ("Paper", "Pulp", "Packaging"),
    "Semiconductors": ("Semiconductor", "Microsystems", "Wafer"),
    "Water and wastewater": ("Water", "Utilities", "Waterworks"),
}

#: (segment, weight, employees from, to, revenue per employee in USD)
SEGMENTS: Final[tuple[tuple[str, float, int, int, int], ...]] = (
    ("Enterprise", 28, 5000, 42000, 310_000),
    ("Mid-market", 41, 600, 4800, 260_000),
    ("Growth", 31, 60, 580, 210_000),
)

#: Per team: (country, weight, legal forms).
COUNTRIES: Final[dict[str, tuple[tuple[str, float, tuple[str, ...]], ...]]] = {
    "Americas East": (("United States", 78, ("Inc.", "LLC", "Corp.")), ("Canada", 22, ("Ltd.", "Inc."))),
    "Americas West": (("United States", 80, ("Inc.", "LLC", "Co.")), ("Mexico", 20, ("S.A. de C.V.",))),
    "Central and Nordic Europe": (
        ("Germany", 44, ("GmbH", "AG", "KG")),
        ("Austria", 12, ("GmbH",)),
        ("Finland", 14, ("Oy",)),
        ("Sweden", 18, ("AB",)),
        ("Poland", 12, ("Sp. z o.o.",)),
    ),
    "Western and Southern Europe": (
        ("France", 28, ("SAS", "SA")),
        ("United Kingdom", 26, ("Ltd", "plc")),
        ("Italy", 18, ("S.p.A.", "S.r.l.")),
        ("Spain", 16, ("S.L.", "S.A.")),
        ("Netherlands", 12, ("B.V.",)),
    ),
    "Asia Pacific": (
        ("Japan", 30, ("K.K.",)),
        ("Australia", 26, ("Pty Ltd",)),
        ("India", 20, ("Pvt. Ltd.",)),
        ("Singapore", 12, ("Pte. Ltd.",)),
        ("South Korea", 12, ("Co., Ltd.",)),
    ),
}
EURO_COUNTRIES: Final = ("Germany", "Austria", "Finland", "France", "Italy", "Spain", "Netherlands")

_ROOTS_AMERICAS: Final = (
    "Aldermoor", "Bexhaven", "Callowridge", "Dunmarrow", "Eastlorn", "Fairquill", "Garnock Bay", "Hartsmeer",
    "Inverlake", "Kettlebrook", "Larchvale", "Marrowfield", "Nettlecoomb", "Oxbarrow", "Pinecrofter", "Quarrymoor",
    "Redmarsh Bend", "Silverfen", "Tamarack Spur", "Umberland", "Vale Narrows", "Westerling", "Yarrowdell",
    "Zephyr Gap", "Birchwater", "Copperhollow", "Driftwood Bend", "Elkhorn Saddle", "Foxmeer", "Granite Tine",
    "Hazelburrow", "Ironvale Fork", "Jasper Notch", "Kingsloe", "Lindenfall", "Mosswick", "Northbarrow", "Otterpool",
)  # fmt: skip
_ROOTS_CENTRAL: Final = (
    "Auerbrück", "Bernhagen", "Dalsfjell", "Eschenrode", "Grauwaldt", "Hjelmviken", "Isarmoor", "Kaltenrieth",
    "Lindqvara", "Oberwaldau", "Querenbach", "Rosmarken", "Sandhavn", "Tiefenroth", "Ulvedalen", "Westhavel",
    "Zellmarken", "Wólnica",
)  # fmt: skip
_ROOTS_WESTERN: Final = (
    "Ardenbrooke", "Brightwenn", "Clairvoie", "Coldharrow", "Dunleithe", "Estrevalle", "Ferranovico", "Fontrelle",
    "Harrowgill", "Ibarretxa", "Jaunière", "Kestlewood", "Lorenzasca", "Montferrane", "Pellavoine", "Valmorin",
    "Zandmeren",
)  # fmt: skip
_ROOTS_APAC: Final = (
    "Akamorino", "Banksia Reach", "Chandrapali", "Daehworim", "Eucla Sound", "Fujinaro", "Goldwattle", "Hansorim",
    "Ishidako", "Jindarra", "Kurosedo", "Lakshmira", "Merinda Flats", "Nishimaro", "Ooralong", "Prahaset",
    "Quokka Rise", "Ryusawano", "Senbarai", "Tanjong Peri", "Ushimorino", "Vaidyapura", "Wollarang", "Yamasedo",
)  # fmt: skip
_ROOTS: Final[dict[str, tuple[str, ...]]] = {
    "Americas East": _ROOTS_AMERICAS,
    "Americas West": _ROOTS_AMERICAS,
    "Central and Nordic Europe": _ROOTS_CENTRAL,
    "Western and Southern Europe": _ROOTS_WESTERN,
    "Asia Pacific": _ROOTS_APAC,
}
_COUNTS: Final[dict[str, int]] = {
    "Americas East": 58,
    "Americas West": 55,
    "Central and Nordic Europe": 47,
    "Western and Southern Europe": 45,
    "Asia Pacific": 55,
}

#: Legal names that break careless software: markup, formulas, Markdown, LaTeX, delimiters, quotes.
#: (name, industry, segment, country, team)
AWKWARD: Final[tuple[tuple[str, str, str, str, str], ...]] = (
    ("Thornbury & Quillon Inc.", "Chemicals", "Enterprise", "United States", "Americas East"),
    ("O'Malleyford Dairy Ltd.", "Food and beverage", "Mid-market", "Canada", "Americas East"),
    ("Hollis, Wrede and Daughters LLC", "Pulp and paper", "Mid-market", "United States", "Americas East"),
    ("Dollar$mith Bottling Inc.", "Food and beverage", "Growth", "United States", "Americas West"),
    ('The "Old Kiln" Metals Co.', "Mining and metals", "Growth", "United States", "Americas West"),
    ("Brandt <Nord> GmbH", "Energy", "Enterprise", "Germany", "Central and Nordic Europe"),
    ("+Plusquell Energie AG", "Energy", "Mid-market", "Germany", "Central and Nordic Europe"),
    ("Grünwälder Öfen & Söhne KG", "Mining and metals", "Growth", "Germany", "Central and Nordic Europe"),
    ("Star*Reef _Pacific_ Minerals Pty Ltd", "Mining and metals", "Enterprise", "Australia", "Asia Pacific"),
)


def build_accounts(dice: Dice) -> list[Account]:
    """All accounts, in the order of the teams, the awkward names first in each."""
    accounts: list[Account] = []
    for team, region, _ in TEAMS:
        for name, industry, segment, country, its_team in AWKWARD:
            if its_team == team:
                accounts.append(_sized(dice, name, industry, segment, (region, country, team)))
        wanted = _COUNTS[team] - sum(account.team == team for account in accounts)
        for _ in range(wanted):
            accounts.append(_invented(dice, team, region, accounts))
    return accounts


def _invented(dice: Dice, team: str, region: str, so_far: list[Account]) -> Account:
    """An account whose name nobody has yet; one with the same first words may turn out to belong to the earlier."""
    taken = {account.name for account in so_far}
    while True:
        root = dice.pick(_ROOTS[team])
        industry = dice.pick(tuple(INDUSTRIES))
        country, forms = dice.weighted([((name, forms), weight) for name, weight, forms in COUNTRIES[team]])
        name = f"{root} {dice.pick(INDUSTRIES[industry])} {dice.pick(forms)}"
        if name not in taken:
            break
    segment = dice.weighted([(row[0], row[1]) for row in SEGMENTS])
    siblings = [a.name for a in so_far if a.name.startswith(root + " ") and not a.parent]
    parent = siblings[0] if siblings and dice.chance(0.3) else ""
    return _sized(dice, name, industry, segment, (region, country, team), parent)


def _sized(
    dice: Dice, name: str, industry: str, segment: str, place: tuple[str, str, str], parent: str = ""
) -> Account:
    """The account with a head count that fits its segment and a revenue that fits its head count."""
    low, high, per_head = next((row[2], row[3], row[4]) for row in SEGMENTS if row[0] == segment)
    employees = min(high, max(low, round(dice.spread((low * high) ** 0.5, 0.5) / 10) * 10))
    revenue = round(employees * per_head * dice.uniform(0.7, 1.4) / 100_000) * 100_000
    region, country, team = place
    return Account(name, industry, segment, region, country, employees, revenue, parent, team)
