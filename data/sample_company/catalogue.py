"""Constants of the fictional company: what it sells, by which process, and who works there.

Every name is invented. The company, Tarnwick Instruments, makes measuring instruments and the software around them.
"""

from __future__ import annotations

import datetime as dt
from typing import Final

COMPANY: Final = "Tarnwick Instruments"
REPORTING: Final = "USD"
AS_OF: Final = dt.date(2026, 11, 16)
FIRST_DAY: Final = dt.date(2025, 1, 1)
FIRST_EXPORT: Final = dt.date(2026, 6, 30)
QUARTERS: Final = ("2025Q1", "2025Q2", "2025Q3", "2025Q4", "2026Q1", "2026Q2", "2026Q3", "2026Q4")
NEXT_QUARTER: Final = "2027Q1"
REGIONS: Final = ("North America", "EMEA", "APAC")

#: (name, probability, status, planned days); the order is the order of the process.
STAGES: Final[tuple[tuple[str, float, str, int | None], ...]] = (
    ("Qualify", 0.2, "open", 30),
    ("Develop", 0.4, "open", 30),
    ("Solution", 0.6, "open", 45),
    ("Proof", 0.8, "open", 45),
    ("Close", 0.9, "open", 30),
    ("Won", 1.0, "won", None),
    ("Lost", 0.0, "lost", None),
)
OPEN_STAGES: Final = tuple(name for name, _, status, _ in STAGES if status == "open")
WON: Final = "Won"
LOST: Final = "Lost"

#: (product, family, list price, weight in the mix)
PRODUCTS: Final[tuple[tuple[str, str, int, float], ...]] = (
    ("Flowra One", "Flow metering", 4800, 10),
    ("Flowra Pro", "Flow metering", 11500, 16),
    ("Flowra Hygienic", "Flow metering", 14200, 8),
    ("Lumeter L2", "Level and pressure", 3900, 9),
    ("Lumeter Radar", "Level and pressure", 8700, 10),
    ("Pressgard P4", "Level and pressure", 2600, 6),
    ("Vibrel Sense", "Condition monitoring", 6400, 11),
    ("Vibrel Edge Gateway", "Condition monitoring", 17900, 8),
    ("Vibrel Fleet", "Condition monitoring", 42000, 6),
    ("Tarnwick Cloud", "Software and services", 36000, 9),
    ("Calibration Care", "Software and services", 18500, 8),
    ("Commissioning Package", "Software and services", 27500, 5),
)

VICE_PRESIDENT: Final = ("Rosalind Achterberg", "Vice President Sales")

#: (team, region, manager)
TEAMS: Final[tuple[tuple[str, str, str], ...]] = (
    ("Americas East", "North America", "Marguerite Solloway"),
    ("Americas West", "North America", "Desmond Kitteridge"),
    ("Central and Nordic Europe", "EMEA", "Annelie Brockhoff"),
    ("Western and Southern Europe", "EMEA", "Thibault Varenne-Roux"),
    ("Asia Pacific", "APAC", "Haruka Minazuki"),
)
#: The team that always expects its deals at the end of this very quarter.
PUSHING_TEAM: Final = "Americas West"

#: (seller, team, quota weight, first day in the role)
SELLERS: Final[tuple[tuple[str, str, float, dt.date], ...]] = (
    ("Callum Prewitt", "Americas East", 1.10, FIRST_DAY),
    ("Jocelyn Farraday", "Americas East", 1.00, FIRST_DAY),
    ("Nathaniel Okonedo-Price", "Americas East", 1.05, FIRST_DAY),
    ("Simone Tessaract", "Americas East", 0.95, FIRST_DAY),
    ("Wendell Abernethy-Cruz", "Americas East", 0.90, FIRST_DAY),
    ("Bettina Larkspur", "Americas West", 1.05, FIRST_DAY),
    ("Emilio Santacroce", "Americas West", 1.00, FIRST_DAY),
    ("Gwendolyn Ashby-Tran", "Americas West", 1.00, FIRST_DAY),
    ("Harlan Whitcombe", "Americas West", 0.90, FIRST_DAY),
    ("Priya Venkataram", "Americas West", 0.85, dt.date(2025, 8, 18)),
    ("Dagmar Ehrenfeldt", "Central and Nordic Europe", 1.10, FIRST_DAY),
    ("Jörg Wiesenthaler", "Central and Nordic Europe", 1.05, FIRST_DAY),
    ("Lotte Fjellstad", "Central and Nordic Europe", 0.95, FIRST_DAY),
    ("Rasmus Tornbäck", "Central and Nordic Europe", 0.95, FIRST_DAY),
    ("Sylwia Grzelczak", "Central and Nordic Europe", 0.90, FIRST_DAY),
    ("Aoife O'Rahallan", "Western and Southern Europe", 1.00, FIRST_DAY),
    ("Benoît Lacharme", "Western and Southern Europe", 1.05, FIRST_DAY),
    ("Inés Quintanares", "Western and Southern Europe", 0.95, FIRST_DAY),
    ("Matteo Bellandrini", "Western and Southern Europe", 0.95, FIRST_DAY),
    ("Philippa Dunstanley", "Western and Southern Europe", 0.85, dt.date(2026, 2, 2)),
    ("Arjun Bhaskarpal", "Asia Pacific", 1.00, FIRST_DAY),
    ("Kenji Ishimura-Vale", "Asia Pacific", 1.05, FIRST_DAY),
    ("Mei-Lin Thanaporn", "Asia Pacific", 0.95, FIRST_DAY),
    ("Oliver Wangaratta", "Asia Pacific", 1.00, FIRST_DAY),
)
#: A seller who left: the deals still carry the name, the people table no longer does.
LEAVER: Final = "Corwin Applethwaite"
LEAVER_TEAM: Final = "Americas East"
LEAVER_GONE: Final = dt.date(2026, 8, 14)

#: The plan per quarter in thousand USD for the three regions; the sellers' targets share it out.
PLAN: Final[dict[str, tuple[int, int, int]]] = {
    "2025Q1": (900, 850, 350),
    "2025Q2": (2000, 950, 450),
    "2025Q3": (2400, 1500, 650),
    "2025Q4": (3500, 2000, 700),
    "2026Q1": (2500, 2300, 650),
    "2026Q2": (2700, 2600, 750),
    "2026Q3": (3000, 2700, 850),
    "2026Q4": (4000, 3500, 1150),
    "2027Q1": (3300, 2900, 850),
}

#: New deals per quarter beside the scripted ones. The first holds those carried over from the old CRM, the last is
#: half over.
CREATED: Final[dict[str, int]] = {
    "2025Q1": 181, "2025Q2": 145, "2025Q3": 137, "2025Q4": 152,
    "2026Q1": 158, "2026Q2": 160, "2026Q3": 156, "2026Q4": 93,
}  # fmt: skip

PARTNER: Final = "Partner"
SOURCES: Final[tuple[tuple[str, float], ...]] = (
    ("Inbound web", 24), ("Outbound", 22), ("Trade show", 15), (PARTNER, 15), ("Customer referral", 13),
    ("Webinar", 11),
)  # fmt: skip
TYPES: Final[tuple[tuple[str, float], ...]] = (("New business", 56), ("Expansion", 29), ("Renewal", 15))

#: Reasons for a loss and their weights; those of the Solution stage lean to inertia and fit.
LOSS_REASONS: Final[tuple[tuple[str, float], ...]] = (
    ("Lost to competitor", 30), ("No decision", 24), ("Price", 20), ("Budget withdrawn", 14), ("Missing capability", 7),
    ("Timing", 5),
)  # fmt: skip
SOLUTION_REASONS: Final[tuple[tuple[str, float], ...]] = (
    ("No decision", 38), ("Missing capability", 24), ("Lost to competitor", 20), ("Price", 10), ("Budget withdrawn", 8),
)  # fmt: skip

NEXT_STEPS: Final[dict[str, tuple[str, ...]]] = {
    "Qualify": (
        "Discovery call with the plant manager", "Confirm budget cycle", "Find out who else is being considered",
        "Send application questionnaire", "Ask for a site visit",
    ),
    "Develop": (
        "Meet the head of maintenance", "Agree on decision criteria", "Introduce reference customer",
        "Map the buying centre with our sponsor", "Workshop on downtime cost, 2 hours",
    ),
    "Solution": (
        "Review the draft proposal with engineering", "Clarify interface to the control system",
        "Rework scope: phase 1 only", "Waiting for the customer's specification",
        "Present the business case to finance", "Second quote requested, incl. spare parts",
    ),
    "Proof": (
        "Pilot on line 2 until month end", "Collect pilot data & write up the results", "Reference visit booked",
        "Acceptance test with quality", "Verbal approval from the technical buyer pending",
    ),
    "Close": (
        "Contract with legal, redlines expected", "Purchase order promised", "Final price round with procurement",
        "Signature after the board meeting", "Agree on delivery and commissioning dates",
    ),
}  # fmt: skip
SCOPES: Final[dict[str, tuple[str, ...]]] = {
    "New business": ("line 1", "pilot site", "plant roll-out", "tank farm", "new build", "utilities", "phase 1"),
    "Expansion": ("second line", "phase 2", "two more sites", "upgrade", "extra loops", "capacity extension"),
    "Renewal": ("renewal", "2-year renewal", "service renewal", "framework renewal"),
}

#: Spellings that the products table does not know; each goes into one deal.
ODD_PRODUCTS: Final[tuple[tuple[str, str], ...]] = (
    ("Flowra Pro", "FlowRA-Pro"),
    ("Vibrel Sense", "VibrelSense"),
    ("Calibration Care", "Calibration Care Plan"),
)
#: Accounts that the accounts table does not list; each has one deal.
UNLISTED_ACCOUNTS: Final = ("Fennimarsh Rivet Works Inc.", "Sablewold Yeast SAS")
