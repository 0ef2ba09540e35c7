"""Companies with a bottleneck, a milestone that separates, and a region that skips one, all planted by chance.

Names, order, regions and the planted steps differ from company to company, so a finding that is right for all of them
is right in general.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

AS_OF = dt.date(2026, 9, 30)
_EVENTS = (
    "Site *walk* done", "Data room opened", "Safety file signed", "Pilot <agreed>", "Works council heard",
    "Budget line found", "Reference visited", "Legal text frozen", "Board slot booked", "Price list accepted",
)  # fmt: skip
_REGIONS = ("Süd & West", "North <b>", "Østland", "Île-de-France", "Kantō", "Plain")


@dataclass(frozen=True)
class Planted:
    """One company: its files, and what was planted; None where nothing was."""

    files: Mapping[str, str] = field(repr=False)
    steps: tuple[str, ...]
    bottleneck: str | None
    separator: str | None
    skipper: tuple[str, str] | None


def company(seed: int, deals: int = 700, *, effects: bool = True) -> Planted:
    """A company of so many deals; without effects every step keeps the same share in every region."""
    dice = np.random.default_rng(seed)
    steps = [str(name) for name in dice.permutation(_EVENTS)[: int(dice.integers(6, 10))]]
    regions = [str(name) for name in dice.permutation(_REGIONS)[: int(dice.integers(3, 6))]]
    bottleneck, separator, skipped = (int(n) for n in dice.permutation(np.arange(1, len(steps) - 1))[:3])
    region = regions[int(dice.integers(len(regions)))]
    rows, events = [], []
    for number in range(deals):
        mine = regions[int(dice.integers(len(regions)))]
        created = AS_OF - dt.timedelta(days=int(dice.integers(60, 400)))
        until = len(steps) if dice.random() < 0.75 else int(dice.integers(1, len(steps)))
        day, has_it, fate = created, True, "Offer"
        for step, name in enumerate(steps):
            if step >= until:
                break
            if dice.random() > (0.45 if effects and step == bottleneck else 0.9):
                fate = "Lost"
                break
            day += dt.timedelta(days=int(dice.integers(2, 15)))
            often = 0.85 if effects and step == skipped and mine == region else 0.05
            if effects and step == separator:
                often = 0.4
            if dice.random() < often:
                has_it = has_it and step != separator
                continue
            events.append((number, name, day + dt.timedelta(days=int(dice.integers(-5, 6))), day))
        else:
            fate = "Won" if dice.random() < ((0.95 if has_it else 0.5) if effects else 0.9) else "Lost"
        rows.append((number, fate, int(dice.integers(10, 500)) * 1000, created, mine))
    table = pd.DataFrame(rows, columns=["opportunity_id", "stage", "amount", "created_date", "region"])
    told = pd.DataFrame(events, columns=["opportunity_id", "milestone", "target_date", "achieved_date"])
    order = pd.DataFrame({"milestone": steps, "position": range(1, len(steps) + 1)})
    files = {
        f"opportunities_{AS_OF}.csv": table.to_csv(index=False),
        "milestones.csv": told.sample(frac=1, random_state=seed).to_csv(index=False),
        "milestone_catalogue.csv": order.to_csv(index=False),
    }
    if not effects:
        return Planted(files, tuple(steps), None, None, None)
    return Planted(files, tuple(steps), steps[bottleneck], steps[separator], (region, steps[skipped]))
