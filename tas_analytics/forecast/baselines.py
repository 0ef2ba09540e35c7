"""The simpler answers to the same question, which a score has to beat.

The share of open deals that past windows won; the same by the deal's age (Aalen–Johansen, losses being a competing
risk); the stage table; the CRM's own probability; naive Bayes as in Odoo. The last three know no dates.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from tas_analytics.forecast.columns import Floats
from tas_analytics.forecast.history import History
from tas_analytics.forecast.moments import standing
from tas_analytics.forecast.scorecard import sigmoid

#: The simpler answers by key, in the order of reports.
NAMES: Final = {
    "base_rate": "Usual share won",
    "age": "Share won by age",
    "stage": "Stage table",
    "crm": "CRM probability",
    "naive_bayes": "Odoo's formula",
}
#: What Odoo adds to each count.
_ADDED: Final = 0.1


@dataclass(frozen=True)
class Answer:
    """P(won by) and P(lost by), deals × days; NaN where there is none."""

    won: Floats
    lost: Floats


def answer(key: str, history: History, rows: pd.DataFrame, days: Sequence[int]) -> Answer:
    """A simpler answer for open deals.

    Parameters
    ----------
    key
        Of :data:`NAMES`.
    history
        What was known until the day.
    rows
        The deals that were open then.
    days
        Days ahead.
    """
    return _ANSWERS[key](history, rows, days)


def _base_rate(history: History, rows: pd.DataFrame, days: Sequence[int]) -> Answer:
    shares = np.array([_shares(history, day) for day in days])
    return Answer(*(np.tile(shares[:, one], (len(rows), 1)) for one in (0, 1)))


def _shares(history: History, days: int) -> tuple[float, float]:
    """Of the deals open on days whose windows are over, the shares won and lost in them."""
    over, ended = history.windows(days, pd.Timestamp(history.as_of))
    if not over.any():
        won = float(history.ends["won"].mean()) if len(history.ends) else np.nan
        return won, 1 - won
    ended = ended[over]
    won_by = ended & history.rows["won"].eq(True).to_numpy(dtype=bool)[over]
    return float(won_by.mean()), float((ended & ~won_by).mean())


def _by_age(history: History, rows: pd.DataFrame, days: Sequence[int]) -> Answer:
    """Hazards by days of age; deals count from the first close that the data show."""
    ends = history.ends
    ended, created = pd.to_datetime(ends["ended"]), pd.to_datetime(ends["created_date"])
    known = (created.notna() & ended.notna()).to_numpy()
    if not known.any():
        return _base_rate(history, rows, days)
    first = ended.min()
    opened = rows["created_date"].dropna()
    begin = np.maximum(np.concatenate([_days(first - created[known]), _days(first - opened)]), 0)
    at_end = np.concatenate([_days(ended[known] - created[known]), _days(pd.Timestamp(history.as_of) - opened)])
    at_end = np.maximum(at_end, 0)
    length = int(at_end.max()) + max(days) + 3
    at_risk = np.cumsum(
        np.bincount(begin, minlength=length)[:length] - np.bincount(at_end + 1, minlength=length)[:length]
    )
    age, won = np.maximum(_days(ended[known] - created[known]), 0), ends["won"].to_numpy(dtype=bool)[known]
    hazards = [np.bincount(age[one], minlength=length) / np.maximum(at_risk, 1) for one in (won, ~won)]
    hazards = [np.minimum(one, 0.5) for one in hazards]
    open_at = np.concatenate([[1.0], np.cumprod(1 - hazards[0] - hazards[1])])
    reached = [np.concatenate([[0.0], np.cumsum(open_at[:-1] * one)]) for one in hazards]
    own = (pd.Timestamp(history.as_of) - rows["created_date"]).dt.days.to_numpy(dtype=np.float64, na_value=np.nan)
    place = np.clip(np.nan_to_num(own), 0, length - max(days) - 2).astype(np.intp)
    still = np.maximum(open_at[place], 1e-12)
    found = [np.column_stack([(one[place + day] - one[place]) / still for day in days]) for one in reached]
    blank = ~np.isfinite(own)[:, None]
    if not blank.any():
        return Answer(*found)
    rest = _base_rate(history, rows, days)
    return Answer(np.where(blank, rest.won, found[0]), np.where(blank, rest.lost, found[1]))


def _days(spans: pd.Series) -> npt.NDArray[np.intp]:
    return np.asarray(spans.dt.days.to_numpy(), dtype=np.intp)


def _dateless(chances: Floats, days: Sequence[int]) -> Answer:
    won = np.tile(chances[:, None], (1, len(days)))
    return Answer(won, 1 - won)


def _stage(_history: History, rows: pd.DataFrame, days: Sequence[int]) -> Answer:
    return _dateless(rows["stage_probability"].to_numpy(dtype=np.float64, na_value=np.nan), days)


def _crm(_history: History, rows: pd.DataFrame, days: Sequence[int]) -> Answer:
    return _dateless(rows["crm_probability"].to_numpy(dtype=np.float64, na_value=np.nan), days)


def _naive_bayes(history: History, rows: pd.DataFrame, days: Sequence[int]) -> Answer:
    """By the frequencies of each deal's words among won and lost deals, as last known before they closed."""
    closed = history.rows[history.rows["ended"].notna()].drop_duplicates("deal_key", keep="last")
    won = closed["won"].astype(bool).to_numpy()
    wins, losses = int(won.sum()), int((~won).sum())
    score = np.full(len(rows), np.log((wins + _ADDED) / (losses + _ADDED)))
    known, asked = standing(closed), standing(rows)
    for name in known.columns:
        if name not in asked or known[name].notna().sum() == 0:
            continue
        codes, words = pd.factorize(pd.concat([known[name], asked[name]]))
        seen, theirs = codes[: len(known)], codes[len(known) :]
        of_won, of_lost = (np.bincount(seen[one & (seen >= 0)], minlength=len(words)) for one in (won, ~won))
        ratio = np.log((of_won + _ADDED) / (wins + _ADDED)) - np.log((of_lost + _ADDED) / (losses + _ADDED))
        # Words that only won or only lost deals had tell nothing, like blanks, which stand last.
        score += np.append(np.where((of_won > 0) & (of_lost > 0), ratio, 0.0), 0.0)[theirs]
    return _dateless(sigmoid(np.clip(score, -30, 30)), days)


_ANSWERS: Final[dict[str, Callable[[History, pd.DataFrame, Sequence[int]], Answer]]] = {
    "base_rate": _base_rate, "age": _by_age, "stage": _stage, "crm": _crm, "naive_bayes": _naive_bayes,
}  # fmt: skip
