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

from tas_analytics.forecast.baselines import NAMES
from tas_analytics.forecast.columns import Floats
from tas_analytics.forecast.fitted import reach_of
from tas_analytics.forecast.history import History
from tas_analytics.forecast.leaks import Finding
from tas_analytics.forecast.proof import Proof, ahead, expected_error
from tas_analytics.forecast.sample import Sample
from tas_analytics.forecast.walk import Walk, Window, shifted_chances, shifts
from tas_analytics.metrics.company import Company
from tas_analytics.store.database import Store

#: Who answers, in the order of the report; ours first.
ANSWERS: Final = {"score": "Score by date", **NAMES}
#: Past days that are asked about, at most, and bins of the reliability table.
DAYS: Final = 8
BINS: Final = 10
_FEWEST: Final = 20


@dataclass(frozen=True)
class TrackRecord:
    """What past days would have said.

    Attributes
    ----------
    horizon : int
        Length of the windows in days.
    answers : DataFrame
        Per open deal and past day: ``day``, ``deal_key``, ``won``, and the chance by each of :data:`ANSWERS`.
    measures : DataFrame
        Per answer ``deals``, ``brier``, ``log_loss``, ``auc``, ``ece``, ``predicted``, ``actual``.
    reliability : DataFrame
        Per answer and bin ``deals``, ``predicted``, ``actual``.
    better : str or None
        A simpler answer whose Brier score is lower than the score's by more than a standard error in these windows.
    refused : tuple of Finding
        Columns that give the end away and are not used, and columns that are doubted.
    proof : Proof or None
        What decides who answers today, and whether chances count as proven: the model's own past windows.
    """

    horizon: int
    answers: pd.DataFrame
    measures: pd.DataFrame
    reliability: pd.DataFrame
    better: str | None
    refused: tuple[Finding, ...] = ()
    proof: Proof | None = None


def backtest(store: Store, company: Company, as_of: dt.date, horizon: int) -> TrackRecord:
    """Ask past days about windows of that length that are over by ``as_of``."""
    history = History.until(store, company, as_of, reach_of(horizon))
    days = history.rows["day"].drop_duplicates().sort_values()
    days = days[days + pd.Timedelta(days=horizon) <= pd.Timestamp(as_of)]
    asked = {day: [horizon] for day in _spread(list(days))}
    walk = Walk.of(Sample(history, reach_of(horizon)), asked, list(NAMES), _FEWEST)
    told = [_answers(one, [other for other in walk.windows if _over(other, one)]) for one in walk.windows[::-1]]
    empty = pd.DataFrame(columns=["day", "deal_key", "won", *ANSWERS])
    answers = pd.concat(told, ignore_index=True) if told else empty
    return TrackRecord(
        horizon, answers, _measures(answers), _reliability(answers), better_answer(answers), history.refused
    )


def _over(earlier: Window, window: Window) -> bool:
    return earlier.day + pd.Timedelta(days=earlier.length) <= window.day


def _answers(window: Window, before: list[Window]) -> pd.DataFrame:
    """What was said on the first day of a window, the score corrected by the windows that were over by then."""
    said = shifted_chances(window.said_won, shifts(before)[0])
    columns = {"day": window.day, "deal_key": window.deals, "won": window.won > 0, "score": said, **window.others}
    return pd.DataFrame(columns)


def _spread(days: list[pd.Timestamp]) -> list[pd.Timestamp]:
    """At most so many days, the newest among them, evenly apart, from the later two thirds of the history."""
    later = days[len(days) // 3 :]
    if not later:
        return []
    return [later[int(place)] for place in np.unique(np.linspace(0, len(later) - 1, DAYS).round())]


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
                "ece": expected_error(chances, won.astype(np.float64)),
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
    for key in NAMES:
        rows = answers[answers[key].notna()]
        if len(rows) < _FEWEST or len(rows) < 0.8 * len(answers):
            continue
        won = rows["won"].to_numpy(dtype=np.float64)
        ours, theirs = ((rows[one].to_numpy(dtype=np.float64) - won) ** 2 for one in ("score", key))
        gain = float((ours - theirs).mean())
        if ahead(ours, theirs, rows["deal_key"].to_numpy(), rows["day"].to_numpy()) and (
            best is None or gain > best[0]
        ):
            best = (gain, key)
    return None if best is None else best[1]
