"""The score of the open deals of a scope: P(won by a day), what it rests on, and why."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd

from tas_analytics.errors import BadQuestion
from tas_analytics.forecast.fitted import Fitted, now as fitted_now
from tas_analytics.forecast.known import ATTRIBUTE, asked
from tas_analytics.forecast.leaks import Finding
from tas_analytics.forecast.proof import SCORE, Proof
from tas_analytics.formats import MINUS
from tas_analytics.metrics.company import Company
from tas_analytics.metrics.scope import Scope
from tas_analytics.store.database import Store

#: How many reasons are told, and from how many percentage points on.
REASONS: Final = 3
_LEAST: Final = 0.5
#: Columns that belong to one reason.
_SAME: Final = {"stage and looking ahead": "stage", "age and month of quarter": "age", "stage": "stage"}
_SILENT: Final = {"looking ahead"}


@dataclass(frozen=True)
class Scores:
    """Scores and what they rest on.

    Attributes
    ----------
    deals : DataFrame
        Per open deal ``opportunity_id``, ``amount``, ``p_won``, ``p_lost``, ``expected_amount``, ``expected_close``,
        ``prior_share``, ``reasons``, ``p_won_low`` and ``p_won_high``, between which the true chance lies four times in
        five, and ``answer``: ``score``, or the key of a simpler answer that did better on this company's past.
    won, lost : int
        Closed deals that the model has learnt from.
    refused : tuple of Finding
        Columns that were left out because they give the end away.
    corrected : bool
        Whether past windows of this length were biased, which is taken off.
    proof : Proof or None
        What past windows of about this length prove; None without any.
    against : tuple of str
        Columns whose effect was levelled, for the data say the opposite of common sense.
    """

    deals: pd.DataFrame
    won: int
    lost: int
    refused: tuple[Finding, ...]
    corrected: bool
    proof: Proof | None
    against: tuple[str, ...] = ()


def score(store: Store, company: Company, scope: Scope, by: dt.date) -> Scores:
    """Score the open deals of a scope.

    Parameters
    ----------
    store, company, scope
        Whose deals, which, and as known on which day.
    by
        The day until which a deal has to be won.

    Raises
    ------
    BadQuestion
        If that day is not after the scope's.
    """
    horizon = (by - scope.as_of).days
    if horizon < 1:
        raise BadQuestion(
            f"{by} is not after {scope.as_of}, the day of the data", "Give a later day, or another --as-of."
        )
    fitted = fitted_now(store, company, scope.as_of, horizon)
    rows = fitted.rows.merge(asked(store, company, scope).rename(columns={"amount": "worth"}), on="deal_key")
    curve = fitted.curve([by], rows, unsure=True)
    amount = rows["worth"].astype(float)
    p_won = pd.Series(curve.won[:, 0], index=rows.index)
    close = pd.Timestamp(scope.as_of) + pd.to_timedelta(pd.Series(curve.close, index=rows.index).round(), unit="D")
    deals = pd.DataFrame(
        {
            "opportunity_id": rows["opportunity_id"],
            "amount": amount,
            "p_won": p_won,
            "p_lost": curve.lost[:, 0],
            "expected_amount": amount * p_won,
            "expected_close": close.dt.date,
            "prior_share": fitted.prior_share,
            "reasons": _reasons(fitted, rows, p_won) if fitted.answer(by) == SCORE else "",
            "p_won_low": curve.won_low[:, 0],
            "p_won_high": curve.won_high[:, 0],
            "answer": fitted.answer(by),
        }
    )
    order = deals["expected_amount"].fillna(-1).sort_values(ascending=False, kind="stable").index
    ordered = deals.loc[order].reset_index(drop=True)
    proof = fitted.proof(by)
    return Scores(ordered, fitted.won, fitted.lost, fitted.refused, fitted.corrected, proof, fitted.against)


def _reasons(fitted: Fitted, rows: pd.DataFrame, chances: pd.Series) -> pd.Series:
    """The columns that move each score most against the average deal, with about how many percentage points."""
    parts = fitted.parts(rows).drop(columns=list(_SILENT), errors="ignore")
    if parts.empty or parts.shape[1] == 0:
        return pd.Series("", index=rows.index)
    parts = parts.T.groupby(lambda name: _SAME.get(name, name), sort=False).sum().T
    steep = (chances * (1 - chances)).to_numpy() * (1 - fitted.prior_share)
    points = np.clip(np.round(parts.to_numpy() * steep[:, None] * 100), -99, 99).astype(np.intp)
    names = np.array([str(name).removeprefix(ATTRIBUTE) for name in parts.columns], dtype=object)
    signed = np.array([f" {MINUS if n < 0 else '+'}{abs(n)}" for n in range(-99, 100)], dtype=object)
    order = np.argsort(-np.abs(points), axis=1, kind="stable")[:, :REASONS]
    told = np.full(len(rows), "", dtype=object)
    for place in range(order.shape[1]):
        column = order[:, place]
        value = points[np.arange(len(rows)), column]
        worth = np.abs(value) > _LEAST
        text = names[column] + signed[value + 99]
        told = told + np.where(worth, np.where(told == "", "", "; ") + text, "")
    return pd.Series(told, index=rows.index)
