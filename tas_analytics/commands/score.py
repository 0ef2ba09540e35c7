"""score: the open deals with P(won by a day)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import pandas as pd

from tas_analytics.commands.output import Format, err, out, out_csv, out_records, out_table
from tas_analytics.commands.questions import scope_of
from tas_analytics.errors import BadQuestion
from tas_analytics.forecast.leaks import Finding
from tas_analytics.forecast.score import Scores, score as score_deals
from tas_analytics.formats import day as say_day, number, percent
from tas_analytics.metrics.company import Company
from tas_analytics.review.proven import in_words
from tas_analytics.store import Store

#: Days ahead when none are given.
DAYS: Final = 90
_DECIMALS: Final = {
    "p_won": 4, "p_lost": 4, "prior_share": 4, "amount": 2, "expected_amount": 2, "p_won_low": 4, "p_won_high": 4,
}  # fmt: skip


@dataclass(frozen=True)
class Asked:
    """The words of ``score``."""

    as_of: dt.date | None
    by: dt.date | None
    days: int | None
    where: Sequence[str]


def score(store: Store, words: Asked, how: Format) -> int:
    """Print the open deals with their scores, the greatest expected amount first."""
    if words.by is not None and words.days is not None:
        raise BadQuestion("--by and --days say the same", "Give one of them.")
    company = Company.of(store)
    scope = scope_of(company, words.where, None, words.as_of)
    by = words.by or scope.as_of + dt.timedelta(days=DAYS if words.days is None else words.days)
    scores = score_deals(store, company, scope, by)
    _tell(scores)
    if how is Format.csv:
        out_csv(scores.deals.round(_DECIMALS))
    elif how is Format.json:
        out_records(scores.deals.round(_DECIMALS))
    else:
        _as_table(scores, by, company.currency)
    return 0


def _tell(scores: Scores) -> None:
    share = scores.deals["prior_share"].iloc[0] if len(scores.deals) else 1.0
    err(
        f"Learnt from {scores.won:,} won and {scores.lost:,} lost deals; {percent(1 - float(share))} of each score is "
        f"this history, {percent(float(share))} the stage table."
    )
    err(in_words(scores.proof))
    if scores.corrected:
        err("Forecasts of past windows of this length were biased; the bias is taken off.")
    for name in scores.against:
        err(f"Against common sense in these data, so without effect where it runs the wrong way: {name}.")
    tell_refused(scores.refused)


def tell_refused(refused: Sequence[Finding]) -> None:
    """Say which columns give the end away."""
    for one in refused:
        verb = "Not used" if one.gravity == "leak" else "Doubtful"
        err(f"{verb}: {one.column}, {one.text}.")


def _as_table(scores: Scores, by: dt.date, currency: str) -> None:
    def shown(row: pd.Series) -> list[str]:
        money = ["–" if pd.isna(row[name]) else number(float(row[name])) for name in ("amount", "expected_amount")]
        close = "–" if pd.isna(row["expected_close"]) else say_day(row["expected_close"])
        return [
            str(row["opportunity_id"]), money[0], percent(float(row["p_won"])),
            f"{percent(float(row['p_won_low']))} – {percent(float(row['p_won_high']))}", percent(float(row["p_lost"])),
            money[1], close, str(row["reasons"]),
        ]  # fmt: skip

    if scores.deals.empty:
        err("No open deals in this scope.")
        return
    out(f"Won by {say_day(by)}, amounts in {currency}")
    out_table(
        ["deal", "amount", "P(won)", "80 % sure", "P(lost)", "expected", "close", "why, in points against the average"],
        [shown(row) for _, row in scores.deals.iterrows()],
        [False, True, True, True, True, True, False, False],
    )
