"""The score's track record: what it would have said on past days, beside simpler answers, and what happened.

On each past day the model is learnt from what was known then, and asked about the deals open then. So are the others:
the share of open deals that windows before had won, the stage table, the CRM's own probability, and naive Bayes as in
Odoo, which knows no dates.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from tas_analytics.forecast.by_date import ByDate, Sample
from tas_analytics.forecast.columns import Floats
from tas_analytics.forecast.history import History
from tas_analytics.forecast.moments import standing
from tas_analytics.forecast.walk import Walk, shifted
from tas_analytics.metrics.company import Company
from tas_analytics.store.database import Store

#: Who answers, in the order of the report; ours first.
ANSWERS: Final = {
    "score": "Score by date",
    "base_rate": "Share won in past windows",
    "stage": "Stage table",
    "crm": "CRM probability",
    "naive_bayes": "Naive Bayes, as in Odoo",
}
#: Past days that are asked about, at most, and bins of the reliability table.
DAYS: Final = 5
BINS: Final = 10
_FEWEST: Final = 20
_CLOSED: Final = 30
#: What Odoo adds to each count.
_ADDED: Final = 0.1


@dataclass(frozen=True)
class TrackRecord:
    """What past days would have said.

    Attributes
    ----------
    horizon : int
        Length of the windows in days.
    answers : DataFrame
        Per open deal and past day: ``day``, ``won``, and the chance by each of :data:`ANSWERS`.
    measures : DataFrame
        Per answer ``deals``, ``brier``, ``log_loss``, ``auc``, ``ece``, ``predicted``, ``actual``.
    reliability : DataFrame
        Per answer and bin ``deals``, ``predicted``, ``actual``.
    better : str or None
        A simpler answer whose Brier score is lower than the score's by more than a standard error.
    """

    horizon: int
    answers: pd.DataFrame
    measures: pd.DataFrame
    reliability: pd.DataFrame
    better: str | None


def backtest(store: Store, company: Company, as_of: dt.date, horizon: int) -> TrackRecord:
    """Ask past days about windows of that length that are over by ``as_of``."""
    history = History.until(store, company, as_of, horizon)
    ahead = pd.Timedelta(days=horizon)
    days = history.rows["day"].drop_duplicates().sort_values()
    days = days[days + ahead <= pd.Timestamp(as_of)]
    told = []
    for day in _spread(list(days)):
        past = history.before(day)
        rows = history.rows[history.rows["day"] == day].reset_index(drop=True)
        if len(past.ends) < _CLOSED or len(rows) < _FEWEST:
            continue
        won = _won_by(rows, rows["day"] + ahead).to_numpy()
        told.append(
            pd.DataFrame(
                {
                    "day": day,
                    "won": won,
                    "score": _score(past, rows, horizon),
                    "base_rate": _base_rate(past, ahead),
                    "stage": rows["stage_probability"].to_numpy(dtype=np.float64, na_value=np.nan),
                    "crm": rows["crm_probability"].to_numpy(dtype=np.float64, na_value=np.nan),
                    "naive_bayes": naive_bayes(past, rows),
                }
            )
        )
    empty = pd.DataFrame(columns=["day", "won", *ANSWERS])
    answers = pd.concat(told, ignore_index=True) if told else empty
    return TrackRecord(horizon, answers, _measures(answers), _reliability(answers), better_answer(answers))


def _score(past: History, rows: pd.DataFrame, horizon: int) -> Floats:
    sample = Sample(past, horizon)
    model = ByDate(sample)
    curve = shifted(model.curve(rows, [horizon]), Walk.of(sample).shifts())
    return model.lean(rows, curve).won[:, 0]


def _spread(days: list[pd.Timestamp]) -> list[pd.Timestamp]:
    """At most so many days, the newest among them, evenly apart, from the later two thirds of the history."""
    later = days[len(days) // 3 :]
    if not later:
        return []
    return [later[int(place)] for place in np.unique(np.linspace(0, len(later) - 1, DAYS).round())]


def _base_rate(past: History, ahead: pd.Timedelta) -> float:
    over = past.rows[past.rows["day"] + ahead <= pd.Timestamp(past.as_of)]
    if over.empty:
        return float(past.ends["won"].mean())
    return float(_won_by(over, over["day"] + ahead).mean())


def _won_by(rows: pd.DataFrame, day: pd.Series) -> pd.Series:
    return rows["won"].fillna(False).astype(bool) & (rows["ended"] <= day)


def naive_bayes(past: History, rows: pd.DataFrame) -> Floats:
    """P(won) by the frequencies of each deal's words among won and lost deals, as last known before they closed."""
    closed = past.rows[past.rows["ended"].notna()].drop_duplicates("deal_key", keep="last")
    won = closed["won"].astype(bool).to_numpy()
    wins, losses = int(won.sum()), int((~won).sum())
    score = np.full(len(rows), np.log((wins + _ADDED) / (losses + _ADDED)))
    known, asked = standing(closed), standing(rows)
    for name in known.columns:
        words, others = known[name].astype(str), asked[name].astype(str)
        if known[name].notna().sum() == 0:
            continue
        of_won = (words[won].value_counts() + _ADDED) / (wins + _ADDED)
        of_lost = (words[~won].value_counts() + _ADDED) / (losses + _ADDED)
        ratio = np.log(others.map(of_won).astype(float)) - np.log(others.map(of_lost).astype(float))
        score += np.nan_to_num(np.asarray(ratio, dtype=np.float64))
    return np.asarray(1 / (1 + np.exp(-np.clip(score, -30, 30))))


def _told(answers: pd.DataFrame, key: str) -> tuple[Floats, npt.NDArray[np.bool_]]:
    rows = answers[answers[key].notna()]
    return rows[key].to_numpy(dtype=np.float64), rows["won"].to_numpy(dtype=bool)


def _measures(answers: pd.DataFrame) -> pd.DataFrame:
    found = []
    for key in ANSWERS:
        chances, won = _told(answers, key)
        row: dict[str, object] = {"answer": key, "deals": len(won)}
        if len(won):
            sure = np.clip(chances, 1e-4, 1 - 1e-4)
            row |= {
                "brier": float(((chances - won) ** 2).mean()),
                "log_loss": float(-np.where(won, np.log(sure), np.log(1 - sure)).mean()),
                "auc": _auc(chances, won),
                "ece": _ece(chances, won),
                "predicted": float(chances.sum()),
                "actual": int(won.sum()),
            }
        found.append(row)
    columns = ["answer", "deals", "brier", "log_loss", "auc", "ece", "predicted", "actual"]
    return pd.DataFrame(found, columns=columns)


def _auc(chances: Floats, won: npt.NDArray[np.bool_]) -> float | None:
    if won.all() or not won.any():
        return None
    ranks = pd.Series(chances).rank().to_numpy()
    return float((ranks[won].mean() - (won.sum() + 1) / 2) / (~won).sum())


def _bins(chances: Floats) -> npt.NDArray[np.intp]:
    return np.minimum((chances * BINS).astype(np.intp), BINS - 1)


def _ece(chances: Floats, won: npt.NDArray[np.bool_]) -> float:
    """The gap between said and happened, bin by bin, weighted by deals."""
    bins = _bins(chances)
    return float(np.abs(np.bincount(bins, chances - won, BINS)).sum() / len(won))


def _reliability(answers: pd.DataFrame) -> pd.DataFrame:
    found = []
    for key in ANSWERS:
        chances, won = _told(answers, key)
        bins = _bins(chances)
        for one in np.unique(bins):
            inside = bins == one
            found.append((key, int(one), int(inside.sum()), float(chances[inside].mean()), float(won[inside].mean())))
    return pd.DataFrame(found, columns=["answer", "bin", "deals", "predicted", "actual"])


def better_answer(answers: pd.DataFrame) -> str | None:
    """The simpler answer that did better than the score by more than a standard error of the Brier score, if any."""
    best: tuple[float, str] | None = None
    for key in list(ANSWERS)[1:]:
        rows = answers[answers[key].notna()]
        if len(rows) < _FEWEST or len(rows) < 0.8 * len(answers):
            continue
        won = rows["won"].to_numpy(dtype=np.float64)
        ours = (rows["score"].to_numpy(dtype=np.float64) - won) ** 2
        theirs = (rows[key].to_numpy(dtype=np.float64) - won) ** 2
        gain = ours - theirs
        if gain.mean() > gain.std() / np.sqrt(len(gain)) and (best is None or gain.mean() > best[0]):
            best = (float(gain.mean()), key)
    return None if best is None else best[1]
