"""The score of the open deals of a scope: P(won by a day), what it rests on, and why."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import pandas as pd

from tas_analytics.errors import BadQuestion
from tas_analytics.forecast.explain import contributions, told
from tas_analytics.forecast.fitted import now as fitted_now
from tas_analytics.forecast.known import asked
from tas_analytics.forecast.leaks import Finding
from tas_analytics.forecast.proof import SCORE, Proof
from tas_analytics.metrics.company import Company
from tas_analytics.metrics.scope import Scope
from tas_analytics.store.database import Store


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
    reasons: pd.Series | str = ""
    answer = fitted.answer(by)
    if len(rows) and answer == SCORE:
        # The average is that of all open deals, as on the pages, whatever the scope.
        everyone = curve if len(rows) == len(fitted.rows) else fitted.curve([by])
        reasons = told(contributions(fitted, rows, curve.won[:, 0], float(everyone.won[:, 0].mean())))
    deals = pd.DataFrame(
        {
            "opportunity_id": rows["opportunity_id"],
            "amount": amount,
            "p_won": p_won,
            "p_lost": curve.lost[:, 0],
            "expected_amount": amount * p_won,
            "expected_close": close.dt.date,
            "prior_share": fitted.prior_share,
            "reasons": reasons,
            "p_won_low": curve.won_low[:, 0],
            "p_won_high": curve.won_high[:, 0],
            "answer": answer,
        }
    )
    order = deals["expected_amount"].fillna(-1).sort_values(ascending=False, kind="stable").index
    ordered = deals.loc[order].reset_index(drop=True)
    proof = fitted.proof(by)
    return Scores(ordered, fitted.won, fitted.lost, fitted.refused, fitted.corrected, proof, fitted.against)
