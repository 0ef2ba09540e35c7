"""Where a period will land: won so far, the open deals as drawn, business not yet created; and what others say.

The open deals of a scope take part whatever their close date in the CRM: what the model says of the period's end
counts, not what was typed. The same goes for every group of a split, so that a group is what a filter on it would show.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from tas_analytics.forecast.ahead import Ahead, ahead
from tas_analytics.forecast.columns import Floats
from tas_analytics.forecast.past_periods import Late, closed_deals, late_business, past_periods, spread
from tas_analytics.forecast.simulation import NOTHING, Deals, Futures, coming, futures, quantiles
from tas_analytics.metrics.company import Company
from tas_analytics.metrics.hierarchy import hierarchy
from tas_analytics.metrics.measure import measure
from tas_analytics.metrics.periods import Period
from tas_analytics.metrics.scope import Scope
from tas_analytics.store.database import Store

#: Splits by which people roll up to those they report to.
HIERARCHY: Final = "hierarchy"
#: Figures of the registry that stand beside the forecast.
_BESIDE: Final = (
    "target", "won_amount", "category_commit", "category_best_case", "weighted_pipeline", "open_pipeline",
    "open_deals", "won_deals",
)  # fmt: skip
#: Figures of each row, in the order in which they are printed.
FIGURES: Final = (
    "target", "won", "open_likely", "new_likely", "p10", "p50", "p90", "expected", "chance", "commit", "best_case",
    "weighted", "open_pipeline", "open_deals", "won_deals", "expected_wins",
)  # fmt: skip
#: The fan has a place for each week, or, for longer periods, at most so many.
_PLACES: Final = 14
#: The futures around the middle one that say how much of it comes from where.
_MIDDLE: Final = (0.45, 0.55)


@dataclass(frozen=True)
class PeriodForecast:
    """A period's forecast as of a day.

    Attributes
    ----------
    period, as_of
        Of what, and when.
    rows : DataFrame
        One row over all, or per group: ``name``, ``depth``, ``leads`` and :data:`FIGURES`. ``open_likely`` and
        ``new_likely`` are what lies between ``won`` and ``p50``; ``commit``, ``best_case`` and ``weighted`` hold what
        is won; ``chance`` is that of reaching the target.
    total : Series
        The same figures over all.
    fan : DataFrame
        ``day``, ``p10``, ``p50``, ``p90`` from the day to the period's last.
    deals : DataFrame
        Per open deal ``deal_key``, ``amount``, ``chance`` (of being won in the period), ``expected`` and ``swing``, by
        how much its fate moves the sum (one standard deviation).
    late : Late
        What past periods say of business not yet created.
    spread, spread_periods
        How far whole periods stray (log odds), and how many past periods say so.
    answers : Ahead or None
        What the model said; None once the period is over.
    """

    period: Period
    as_of: dt.date
    rows: pd.DataFrame
    total: pd.Series
    fan: pd.DataFrame
    deals: pd.DataFrame
    late: Late
    spread: float
    spread_periods: int
    answers: Ahead | None


def places(period: Period, as_of: dt.date) -> tuple[dt.date, ...]:
    """The days for which the model is asked: week by week, and the period's last day."""
    first = max(as_of, period.start - dt.timedelta(days=1))
    left = (period.last_day - first).days
    if left <= 0:
        return ()
    step = max(7, -(-left // _PLACES))
    found = [first + dt.timedelta(days=days) for days in range(step, left, step)]
    return (*found, period.last_day)


def days_asked(company: Company, scope: Scope) -> tuple[dt.date, ...]:
    """The days for which a forecast of the scope's period asks the model; none once the period is over."""
    period = scope.period or company.calendar.quarter_of(scope.as_of)
    days = places(period, scope.as_of)
    before = period.start - dt.timedelta(days=1)
    return (before, *days) if days and before > scope.as_of else days


def period_forecast(
    store: Store,
    company: Company,
    scope: Scope,
    by: str | None = None,
    *,
    answers: Ahead | None = None,
    amounts: Mapping[int, float] | None = None,
) -> PeriodForecast:
    """Forecast the scope's period.

    Parameters
    ----------
    store, company, scope
        Whose deals, which, and as known on which day; without a period the quarter of the day is forecast.
    by
        A dimension, or ``"hierarchy"`` for people and those they report to; None for one row.
    answers
        Chances to use in place of the model's, of the same days.
    amounts
        Amounts of open deals to use in place of those known, by ``deal_key``.
    """
    period = scope.period or company.calendar.quarter_of(scope.as_of)
    scope = scope.within(period)
    key = "owner" if by == HIERARCHY else by
    keys = (key,) if key else ()
    deals = closed_deals(store, company, scope, keys)
    if amounts:
        deals["amount"] = deals["deal_key"].map(dict(amounts)).fillna(deals["amount"])
    beside = _beside(store, company, scope, keys)
    names, codes = _groups(deals, beside, key)
    days = places(period, scope.as_of)
    everyone = deals if not scope.filters else closed_deals(store, company, Scope(scope.as_of))
    past = past_periods(company, everyone, period, scope.as_of)
    left = [(period.last_day - day).days for day in (scope.as_of, *days)]
    strays, told = spread(everyone, past, left[0]) if days else (0.0, len(past))
    late = late_business(deals, past if days else (), left, codes, len(names))
    if days and answers is None:
        answers = ahead(store, company, scope.as_of, days_asked(company, scope))
    kept = _open(deals, codes, answers, days)
    shared = float(np.hypot(strays, answers.unsure)) if answers and days else 0.0
    drawn = futures(kept.deals, shared, kept.codes, len(names)) if days else futures(NOTHING, shared, count=len(names))
    members, frame = _members(store, scope, by, names, beside)
    wins = np.bincount(kept.codes, np.clip(kept.final, 0, None), len(names))
    still_open = [drawn.groups[some].sum(axis=0) for some in members]
    rows = _figures(frame, still_open, coming(late.by_end(members)), [float(wins[some].sum()) for some in members])
    everything = [list(range(len(names)))]
    whole = _beside(store, company, scope, ()).assign(name="", depth=0, leads=False)
    total = _figures(whole, [drawn.days[-1]], coming(late.by_end(everything)), [float(wins.sum())]).iloc[0]
    return PeriodForecast(
        period, scope.as_of, rows, total, _fan(scope, days, drawn, late, float(total["won"])), kept.table,
        late, strays, told, answers if days else None,
    )  # fmt: skip


@dataclass(frozen=True)
class _Open:
    """The open deals with their chances, and the group of each."""

    deals: Deals
    codes: npt.NDArray[np.intp]
    final: Floats
    table: pd.DataFrame


def _open(deals: pd.DataFrame, codes: npt.NDArray[np.intp], answers: Ahead | None, days: tuple[dt.date, ...]) -> _Open:
    is_open = deals["status"].eq("open").to_numpy()
    some = deals[is_open]
    keys = some["deal_key"].to_numpy(dtype=np.int64)
    amount = some["amount"].to_numpy(dtype=np.float64)
    chances, before = np.zeros((len(keys), max(len(days), 1))), None
    if answers is not None and days and len(answers.keys):
        place = np.minimum(np.searchsorted(answers.keys, keys), len(answers.keys) - 1)
        found = np.where((answers.keys[place] == keys)[:, None], answers.won[place], 0.0)
        if len(answers.days) > len(days):
            before = found[:, 0]
        chances = found[:, -len(days) :]
    final = chances[:, -1] - (before if before is not None else 0.0)
    worth = np.nan_to_num(amount)
    table = pd.DataFrame(
        {
            "deal_key": keys, "amount": amount, "chance": final, "expected": amount * final,
            "swing": worth * np.sqrt(np.clip(final * (1 - final), 0, None)),
        }
    )  # fmt: skip
    order = table["swing"].sort_values(ascending=False, kind="stable").index
    table = table.loc[order].reset_index(drop=True)
    return _Open(Deals(keys, amount, chances, before), codes[is_open], np.asarray(final), table)


def _groups(deals: pd.DataFrame, beside: pd.DataFrame, key: str | None) -> tuple[list[str], npt.NDArray[np.intp]]:
    """The groups' names and the place of each deal's; deals without one belong to the group without a name."""
    if key is None:
        return [""], np.zeros(len(deals), dtype=np.intp)
    own = deals[f"by_{key}"].astype(object).where(deals[f"by_{key}"].notna(), "")
    names = list(dict.fromkeys([*(str(name or "") for name in beside[key]), *own.astype(str).unique()]))
    place = {name: at for at, name in enumerate(names)}
    return names, own.astype(str).map(place).to_numpy(dtype=np.intp)


def _beside(store: Store, company: Company, scope: Scope, keys: Sequence[str]) -> pd.DataFrame:
    return measure(store, _BESIDE, scope, keys, company)


def _members(
    store: Store, scope: Scope, by: str | None, names: list[str], beside: pd.DataFrame
) -> tuple[list[list[int]], pd.DataFrame]:
    """Which groups make up each row, and what stands beside it."""
    if by is None:
        return [[0]], beside.assign(name="", depth=0, leads=False)
    place = {name: at for at, name in enumerate(names)}
    key = "owner" if by == HIERARCHY else by
    frame = beside.assign(name=[str(name or "") for name in beside[key]], depth=0, leads=False)
    missing = [name for name in names if name not in set(frame["name"])]
    if missing:
        frame = pd.concat([frame, pd.DataFrame({"name": missing, "depth": 0, "leads": False})], ignore_index=True)
    if by != HIERARCHY:
        return [[place[name]] for name in frame["name"]], frame
    tree = hierarchy(store, scope.as_of)
    rolled = tree.roll_up(frame.assign(owner=frame["name"]), _BESIDE)
    members = [
        list(range(len(names)))
        if at == 0
        else [place[one] for one in (tree.under(str(name)) or (str(name),)) if one in place]
        for at, name in enumerate(rolled["name"])
    ]
    return members, rolled


def _figures(frame: pd.DataFrame, still_open: list[Floats], new: Floats, wins: list[float]) -> pd.DataFrame:
    """The rows from what stands beside them and their drawn futures."""
    found: list[dict[str, Any]] = []
    for row, drawn_open, drawn_new, more in zip(frame.to_dict("records"), still_open, new, wins, strict=True):
        won, target = _number(row["won_amount"]) or 0.0, _number(row["target"])
        sums = won + drawn_open + drawn_new
        low, middle, high = quantiles(sums)[0]
        inside = (sums >= np.quantile(sums, _MIDDLE[0])) & (sums <= np.quantile(sums, _MIDDLE[1]))
        likely = float(np.broadcast_to(drawn_open, sums.shape)[inside].mean()) if drawn_new.any() else middle - won
        likely = min(likely, middle - won)
        commit = won + (_number(row["category_commit"]) or 0.0)
        found.append(
            {
                "name": row["name"], "depth": int(row["depth"]), "leads": bool(row["leads"]), "target": target,
                "won": won, "open_likely": likely, "new_likely": middle - won - likely, "p10": low, "p50": middle,
                "p90": high, "expected": float(sums.mean()),
                "chance": None if not target else float((sums >= target).mean()), "commit": commit,
                "best_case": commit + (_number(row["category_best_case"]) or 0.0),
                "weighted": won + (_number(row["weighted_pipeline"]) or 0.0),
                "open_pipeline": _number(row["open_pipeline"]) or 0.0, "open_deals": _number(row["open_deals"]) or 0.0,
                "won_deals": (n := _number(row["won_deals"]) or 0.0), "expected_wins": n + more,
            }
        )  # fmt: skip
    table = pd.DataFrame(found, columns=["name", "depth", "leads", *FIGURES])
    table[list(FIGURES)] = table[list(FIGURES)].astype(float)
    if len(table) > 1:
        anything = table[["won", "p90", "open_pipeline", "open_deals"]].gt(0).any(axis=1) | table["target"].gt(0)
        table = table[anything]
    return table.reset_index(drop=True)


def _fan(scope: Scope, days: tuple[dt.date, ...], drawn: Futures, late: Late, won: float) -> pd.DataFrame:
    rows: list[tuple[dt.date, float, float, float]] = []
    if days:
        rows.append((max(scope.as_of, scope.period.start) if scope.period else scope.as_of, won, won, won))
        sums = won + drawn.days + coming(late.by_day())
        rows += [
            (day, low, middle, high) for day, (low, middle, high) in zip(days, quantiles(sums).tolist(), strict=True)
        ]
    return pd.DataFrame(rows, columns=["day", "p10", "p50", "p90"])


def _number(value: Any) -> float | None:
    return None if value is None or pd.isna(value) else float(value)
