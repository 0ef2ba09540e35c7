"""Companies drawn here, so that the true chance of every open deal is known exactly.

A deal passes its stages day by day: from each it moves on or is lost at rates of its own, which its attributes, seller
and stage settle. What is left of it after so many days is a power of a small matrix: no estimate, the truth.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

Floats = npt.NDArray[np.float64]

LAST: Final = dt.date(2026, 6, 30)
STAGES: Final = ("Qualify", "Solution", "Close")
STAGES_FILE: Final = """stage,position,probability,status,planned_days
Qualify,1,0.2,open,30
Solution,2,0.5,open,30
Close,3,0.8,open,30
Won,4,1,won,
Lost,5,0,lost,
"""
_GONE: Final = 10_000_000


@dataclass(frozen=True)
class Company:
    """One company: its deals, and the daily rates that rule them.

    Parameters
    ----------
    deals
        Per deal its attributes, ``created``, the day it ``left`` each open stage (columns 0 to 2, NaT while it has
        not), ``ended`` and ``won``.
    on, lost
        Deals × stages: the chance per day to move on, and to be lost.
    """

    deals: pd.DataFrame
    on: Floats
    lost: Floats
    staged: bool

    def stage_on(self, day: dt.date) -> npt.NDArray[np.intp]:
        """The open stage of each deal on a day; −1 where it was not open."""
        now = pd.Timestamp(day)
        entered = [self.deals["created"], *(self.deals[f"left {place}"] for place in range(self.on.shape[1] - 1))]
        reached = sum((one <= now).to_numpy().astype(np.intp) for one in entered) - 1
        over = (self.deals["ended"] <= now).to_numpy()
        return np.where(over | (reached < 0), -1, reached)

    def truth(self, day: dt.date, ahead: int) -> pd.Series:
        """P(won within so many days) of each deal open on a day, by its ID."""
        stage = self.stage_on(day)
        is_open = np.flatnonzero(stage >= 0)
        size = self.on.shape[1] + 2
        step = np.zeros((len(is_open), size, size))
        for place in range(size - 2):
            step[:, place, place] = 1 - self.on[is_open, place] - self.lost[is_open, place]
            step[:, place, place + 1] = self.on[is_open, place]
            step[:, place, size - 1] += self.lost[is_open, place]
        step[:, size - 2, size - 2] = step[:, size - 1, size - 1] = 1
        reached = np.linalg.matrix_power(step, ahead)
        chance = reached[np.arange(len(is_open)), stage[is_open], size - 2]
        return pd.Series(chance, index=pd.Index(self.deals["opportunity_id"].iloc[is_open]))

    def happened(self, day: dt.date, ahead: int) -> pd.Series:
        """Which of the deals open on a day were won within so many days."""
        is_open = self.stage_on(day) >= 0
        deals = self.deals[is_open]
        won = deals["won"] & (deals["ended"] <= pd.Timestamp(day) + pd.Timedelta(days=ahead))
        return pd.Series(won.to_numpy(), index=pd.Index(deals["opportunity_id"]))

    def export(self, day: dt.date) -> pd.DataFrame:
        """The deals as a CRM exports them on a day."""
        deals = self.deals[self.deals["created"] <= pd.Timestamp(day)]
        stage = self.stage_on(day)[deals.index]
        over = stage < 0
        names = np.where(over, np.where(deals["won"], "Won", "Lost"), np.array(STAGES)[np.maximum(stage, 0)])
        table = deals[["opportunity_id", "source", "region", "type", "owner", "product", "amount"]].copy()
        table["name"] = table["opportunity_id"]
        table["stage"] = names
        table["created_date"] = deals["created"].dt.strftime("%Y-%m-%d")
        ended = deals["ended"].dt.strftime("%Y-%m-%d")
        table["close_date"] = np.where(over, ended, "")
        return table

    def moves(self, day: dt.date) -> pd.DataFrame:
        """The history of stages until a day, as a file of changes."""
        found = [self.deals.assign(at=self.deals["created"], stage=STAGES[0])]
        for place, name in enumerate(STAGES[1:]):
            found.append(self.deals.assign(at=self.deals[f"left {place}"], stage=name))
        end = np.where(self.deals["won"], "Won", "Lost")
        found.append(self.deals.assign(at=self.deals["ended"], stage=end))
        every = pd.concat(found)[["opportunity_id", "at", "stage"]]
        every = every[every["at"].notna() & (every["at"] <= pd.Timestamp(day))].sort_values("at", kind="stable")
        return every.assign(changed_at=every["at"].dt.strftime("%Y-%m-%d")).drop(columns="at")

    def files(self, day: dt.date = LAST, weeks: int = 1) -> dict[str, str]:
        """The files to load: exports of the last so many weeks, and with stages their history."""
        days = [day - dt.timedelta(days=7 * back) for back in range(weeks - 1, -1, -1)]
        files = {"stages.csv": STAGES_FILE}
        if self.staged and weeks == 1:
            files[f"history_{day}.csv"] = self.moves(day).to_csv(index=False)
        return files | {f"opportunities_{one}.csv": self.export(one).to_csv(index=False) for one in days}


def company(closed: int, seed: int, *, staged: bool = True, strength: float = 1.0) -> Company:
    """A company with about so many closed deals on its last day.

    Parameters
    ----------
    closed
        How many.
    seed
        For the dice.
    staged
        Whether deals pass three stages; otherwise one, so that an export shows all that there is to know.
    strength
        How much attributes and sellers matter; 0 for not at all.
    """
    dice = np.random.default_rng(seed)
    span = 720
    count = round(closed * 1.1)
    created = pd.Timestamp(LAST) - pd.to_timedelta(dice.integers(0, span, count), unit="D")
    deals = pd.DataFrame(
        {
            "opportunity_id": [f"S{place:05d}" for place in range(count)],
            "source": dice.choice(["Partner", "Web", "Outbound", "Event"], count, p=[0.2, 0.35, 0.3, 0.15]),
            "region": dice.choice(["North", "South", "East <b>"], count, p=[0.5, 0.3, 0.2]),
            "type": dice.choice(["New", "Renewal", ""], count, p=[0.6, 0.3, 0.1]),
            "owner": dice.choice([f"Seller {place}" for place in range(12)], count),
            "product": dice.choice([f"Product {place}" for place in range(8)], count),
            "amount": np.round(np.exp(dice.normal(10, 1, count))),
            "created": created,
        }
    )
    skill = dict(zip([f"Seller {place}" for place in range(12)], dice.normal(0, 0.35, 12), strict=True))
    appeal = dict(zip([f"Product {place}" for place in range(8)], dice.normal(0, 0.3, 8), strict=True))
    good = 0.8 * (deals["source"] == "Partner") - 0.5 * (deals["source"] == "Outbound")
    good += 0.7 * (deals["type"] == "Renewal") - 0.4 * (deals["region"] == "South")
    good = good + deals["owner"].map(skill) + deals["product"].map(appeal)
    better = good.to_numpy(dtype=np.float64)[:, None] * strength
    brisk = (0.5 * (deals["type"] == "Renewal") - 0.4 * (deals["region"] == "East <b>")).to_numpy() * strength
    pace, fails = (np.array([0.035, 0.03, 0.05]), np.array([0.55, 0.4, 0.2])) if staged else (np.array([0.016]), 0.6)
    odds = np.log((1 - fails) / fails) + better * (0.6 if staged else 1.0)
    rate = np.minimum(pace * np.exp(brisk[:, None]), 0.9)
    wins = 1 / (1 + np.exp(-odds))
    on, lost = rate * wins, rate * (1 - wins)
    days = dice.geometric(on + lost)
    fails_here = dice.random(on.shape) >= on / (on + lost)
    at = deals["created"].to_numpy().astype("datetime64[D]").astype(np.int64)
    over, won = np.full(count, _GONE), np.zeros(count, dtype=bool)
    alive = np.ones(count, dtype=bool)
    for place in range(on.shape[1]):
        at = at + days[:, place]
        failed, passed = alive & fails_here[:, place], alive & ~fails_here[:, place]
        over[failed] = at[failed]
        deals[f"left {place}"] = pd.to_datetime(np.where(passed, at, _GONE), unit="D", errors="coerce")
        alive = passed
    over[alive], won[alive] = at[alive], True
    deals["ended"], deals["won"] = pd.to_datetime(over, unit="D", errors="coerce"), won
    return Company(deals, on, lost, staged)
