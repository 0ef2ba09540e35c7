"""The value that the deals promise: chains from what drives a customer to what only we bring, and the sentences."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Final

from sample_company.catalogue import AS_OF, PRODUCTS
from sample_company.company import SEED
from sample_company.deals import Deal, outcome
from sample_company.dice import Dice, workday
from sample_company.strategies import Known

STEPS: Final = ("business_driver", "business_initiative", "solution", "differentiation", "unique_value")
#: Form → slots.
FORMS: Final[dict[str, tuple[str, ...]]] = {
    "Initiative": ("business_initiative", "outcome", "solution"),
    "Precedent": ("similar_customer", "past_value"),
    "Change": ("current_situation", "solution", "business_driver", "outcome"),
    "Tracking": ("tracking_system", "frequency"),
    "Event": ("compelling_event", "solution", "outcome"),
    "Assurance": ("shared_risk",),
}
SLOTS: Final = tuple(dict.fromkeys(slot for slots in FORMS.values() for slot in slots))
#: Family of the product → what its deals argue, step by step.
_CHAINS: Final[dict[str, tuple[tuple[str, str, str, str, str], ...]]] = {
    "Flow metering": (
        ("cost of raw material", "cut losses in dosing by a third", "metering with drift alarm on every line",
         "accuracy that holds without recalibration for two years", "1.8 % less raw material for each batch"),
        ("tax on what is discharged", "know every litre that leaves the site", "sealed meters with a proven record",
         "records that the authority takes as they are", "no estimate in the yearly return, no fine"),
    ),
    "Level and pressure": (
        ("trucks that wait at full tanks", "fill by level and no longer by calendar", "radar level with remote reading",
         "works through foam without a second sensor", "two deliveries fewer a week"),
        ("spills and what follows them", "second barrier on all tanks", "level with a certified limit switch",
         "one device in place of two certificates", "inspection in one day instead of three"),
    ),
    "Condition monitoring": (
        ("stops that nobody planned", "halve unplanned downtime", "vibration monitoring on all critical pumps",
         "warns of bearing faults five weeks ahead", "11 more days of production a year"),
        ("too few people for inspection rounds", "inspect by data and not on foot",
         "sensors on batteries, one gateway a hall",
         "a hall is equipped in a morning, without cables", "1,400 hours of rounds a year for other work"),
    ),
    "Software and services": (
        ("auditors ask for complete records", "all calibration records in one place",
         "records kept by the service itself",
         "every instrument, also those of other makers", "audit preparation in hours instead of weeks"),
        ("experienced people retire", "keep what they know", "service with remote experts",
         "the same two engineers for every site", "start of a new line without outside help"),
    ),
}  # fmt: skip
_OUTCOMES: Final = ("$400k less scrap a year", "a payback of 14 months", "9 % more output", "€250k less energy a year")
_SITUATIONS: Final = ("hand-written rounds", "meters of four makers", "samples once a shift", "repair when it breaks")
_SIMILAR: Final = ("a brewery of the same size", "a paper mill with three lines", "a solvent plant next door")
_PAST: Final = ("11 % more output in the first year", "$600k less downtime", "the audit without a finding")
_TRACKING: Final = ("a joint scorecard of downtime", "the energy meters they have", "a report from the gateway")
_FREQUENCY: Final = ("every quarter", "every month in the steering group", "twice a year")
_EVENTS: Final = ("the inspection in spring", "the start of the new line", "the end of the old service contract")
_RISKS: Final = ("a price that falls if the target is missed", "a tenth of the price due only after acceptance")
_CONFIRMED_BY: Final = ("Plant manager", "Operations director", "Head of maintenance", "Finance controller")


@dataclass(frozen=True)
class Argument:
    """One row of the value chain; steps that nobody has found out are blank."""

    deal: Deal
    number: int
    steps: dict[str, str]
    confirmed_by: str
    confirmed_on: dt.date | None
    author: str


@dataclass(frozen=True)
class Proposition:
    """One row of the value propositions; slots that are still empty are blank."""

    deal: Deal
    form: str
    slots: dict[str, str]
    confirmed_by: str
    confirmed_on: dt.date | None
    author: str

    @property
    def is_finished(self) -> bool:
        """Whether every slot of its form is filled."""
        return all(self.slots.values())


def build_values(assessed: list[Known], seed: int = SEED) -> tuple[list[Argument], list[Proposition]]:
    """The value texts of more than half of the open deals and some of the closed ones."""
    arguments: list[Argument] = []
    propositions: list[Proposition] = []
    for number, known in enumerate(assessed):
        dice = Dice(seed, 18, number)
        if not dice.chance(0.55 if outcome(known.deal, AS_OF) == "open" else 0.12):
            continue
        author = known.deal.owners.at(known.days[-1])
        chains = _CHAINS[_family(known.deal.product)]
        for place, chain in enumerate(chains[: dice.whole(1, 2)], start=1):
            # What is not known ends the chain.
            length = 5 if dice.chance(0.6) else dice.whole(2, 4)
            steps = {
                step: text if at < length else "" for at, (step, text) in enumerate(zip(STEPS, chain, strict=True))
            }
            who, day = _confirmed(dice, known, 0.4 if length == 5 else 0.0)
            arguments.append(Argument(known.deal, place, steps, who, day, author))
        for form in dict.fromkeys(dice.pick(list(FORMS)) for _ in range(dice.whole(1, 3))):
            slots = {slot: _fill(dice, slot, chains[0]) for slot in FORMS[form]}
            if dice.chance(0.35):
                slots[dice.pick(FORMS[form])] = ""
            who, day = _confirmed(dice, known, 0.35 if all(slots.values()) else 0.0)
            propositions.append(Proposition(known.deal, form, slots, who, day, author))
    return arguments, propositions


def _confirmed(dice: Dice, known: Known, chance: float) -> tuple[str, dt.date | None]:
    day = workday(known.days[-1] + dt.timedelta(days=dice.whole(1, 20)))
    who = dice.pick(_CONFIRMED_BY)
    if not dice.chance(chance) or day > AS_OF or outcome(known.deal, day) != "open":
        return "", None
    return who, day


def _fill(dice: Dice, slot: str, chain: tuple[str, str, str, str, str]) -> str:
    """What stands in a slot."""
    of_chain = dict(zip(STEPS, chain, strict=True))
    if slot in of_chain:
        return of_chain[slot]
    return dice.pick(
        {
            "outcome": _OUTCOMES,
            "current_situation": _SITUATIONS,
            "similar_customer": _SIMILAR,
            "past_value": _PAST,
            "tracking_system": _TRACKING,
            "frequency": _FREQUENCY,
            "compelling_event": _EVENTS,
            "shared_risk": _RISKS,
        }[slot]
    )


def _family(product: str) -> str:
    """The family of a product, also of one that the catalogue spells otherwise."""
    return next((family for name, family, _, _ in PRODUCTS if name == product), "Software and services")
