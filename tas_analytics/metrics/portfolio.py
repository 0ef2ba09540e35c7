"""What the assessments of a portfolio say, in sentences and in the order in which a page shows them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, Literal

import numpy as np
import pandas as pd

from tas_analytics.formats import count, money, number, out_of, sentence_case, within_sentence
from tas_analytics.method import position
from tas_analytics.method.criteria import Criterion
from tas_analytics.method.position import Scores
from tas_analytics.metrics.positions import Positions

Show = Literal["ours", "theirs", "net"]
#: Ways to order the deals.
ORDERS: Final = {
    "amount": "Largest amount first",
    "close": "Earliest close date first",
    "known": "Least known first",
    "gap": "Worst gap first",
}
#: The criterion without which a committed deal rests on hope: somebody inside who wants us to win.
_SPONSOR: Final = 11


def scores_of(found: Positions, show: Show) -> Scores:
    """The scores that a view shows."""
    return {"ours": found.ours, "theirs": found.theirs, "net": found.net}[show]


def only(found: Positions, rows: np.ndarray) -> Positions:
    """Some of the deals, by place or by a mask, in that order."""
    deals = found.deals.iloc[np.flatnonzero(rows) if rows.dtype == bool else rows].reset_index(drop=True)
    return Positions(deals, found.ours[rows], found.theirs[rows], found.net[rows])


def is_assessed(found: Positions, show: Show) -> np.ndarray:
    """Which deals have any rating to show."""
    return np.asarray(~np.isnan(scores_of(found, show)).all(axis=1))


def ordered(found: Positions, by: str, show: Show) -> np.ndarray:
    """The places of the deals in an order of :data:`ORDERS`; what is missing comes last, of equals the larger first."""
    deals = found.deals
    keys: dict[str, pd.Series] = {
        "amount": -deals["amount"],
        "close": deals["close_date"],
        "known": deals["known_share"],
        "gap": deals["score"].where(deals["known"] > 0) if show == "ours" else deals["net"],
    }
    frame = pd.DataFrame({"key": keys[by], "amount": -deals["amount"]})
    return np.asarray(frame.sort_values(["key", "amount"], na_position="last", kind="stable").index)


def weak_by_criterion(found: Positions, show: Show) -> np.ndarray:
    """For each criterion the number of deals that count against us: not favourable, favourable for them, or behind."""
    return np.asarray(_against(found, show).sum(axis=0))


def headline(found: Positions, show: Show, criteria: Sequence[Criterion], currency: str) -> str:
    """The finding: the criterion on which most money stands against us."""
    if not len(found.deals):
        return "No open deal here has been assessed yet" if show == "ours" else "No competitor is rated here yet"
    against = _against(found, show)
    amounts = found.deals["amount"].fillna(0).to_numpy()
    by_money = amounts.sum() > 0
    weight = against.T @ amounts if by_money else against.sum(axis=0)
    place = int(np.argmax(weight))
    name, many = criteria[place].name, int(against[:, place].sum())
    if not many:
        return f"{count(len(found.deals), 'deal')}, and nothing stands against us"
    deals = out_of(many, len(found.deals), "deal")
    if show == "ours":
        what = (
            f"{money(float(weight[place]), currency)} of {money(float(amounts.sum()), currency)}" if by_money else deals
        )
        verb = "is" if by_money or many == 1 else "are"
        return f"The weak spot is {within_sentence(name)}: {what} {verb} unfavourable or unknown"
    if show == "theirs":
        return f"The strongest competitors stand best on {within_sentence(name)}: + in {deals}"
    return f"Competitors lead most often on {within_sentence(name)}: {deals}"


def commit_gap(found: Positions, criteria: Sequence[Criterion]) -> str:
    """How many committed deals lack what a commitment should rest on; blank without any."""
    commit = (found.deals["category"] == "commit").to_numpy(dtype=bool)
    lacking = commit & (np.nan_to_num(found.ours[:, _SPONSOR - 1]) != 1)
    if not commit.any():
        return ""
    name = within_sentence(criteria[_SPONSOR - 1].name)
    if not lacking.any():
        held = int(commit.sum())
        return f"{sentence_case(out_of(held, held, 'commit deal'))} {'has' if held == 1 else 'have'} {name}."
    verb = "lacks" if lacking.sum() == 1 else "lack"
    lead = sentence_case(out_of(int(lacking.sum()), int(commit.sum()), "commit deal"))
    return f"{lead} still {verb} {name}."


def against_competitor(rows: pd.DataFrame, criteria: Sequence[Criterion]) -> str:
    """The finding over averages by ``competitor`` and ``criterion``: who beats us on what."""
    rows = rows[rows["met_deals"] >= min(5, rows["met_deals"].max() if len(rows) else 5)]
    if rows.empty:
        return "No competitor has been compared with us yet"
    worst = rows.sort_values("net_advantage", kind="stable").iloc[0]
    name = within_sentence(criteria[int(worst["criterion"]) - 1].name)
    if worst["net_advantage"] >= 0:
        return "No competitor is ahead of us on any criterion"
    value, deals = number(worst["net_advantage"], 1, sign=True), count(int(worst["met_deals"]), "deal")
    return f"{worst['competitor']} beats us on {name}: {value} on average over {deals}"


def _against(found: Positions, show: Show) -> np.ndarray:
    scores = np.nan_to_num(scores_of(found, show))
    result: np.ndarray = scores != 1 if show == "ours" else scores == 1 if show == "theirs" else scores < 0
    return result


def level_of_average(value: float) -> int:
    """How an average net advantage is coloured: level within a quarter, far from one on."""
    size = 0 if abs(value) < 0.25 else 1 if abs(value) < 1 else 2
    return size if value > 0 else -size


def signs(score: float, show: Show) -> tuple[int | None, str]:
    """Colour and sign of a cell: a rating, or a net advantage with its number."""
    if np.isnan(score):
        return None, "?"
    whole = int(score)
    if show == "net":
        return whole, f"{whole:+d}".replace("-", "−") if whole else "0"
    if whole == 0:
        return None, "?"
    good = whole > 0 if show == "ours" else whole < 0
    return (1 if good else -2), position.SIGNS[whole]
