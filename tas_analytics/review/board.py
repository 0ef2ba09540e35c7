"""The forecast board: everybody from the leader down with target, won, forecast, coverage, gap and call."""

from __future__ import annotations

import datetime as dt
from typing import Final

import pandas as pd

from tas_analytics.formats import count, money, percent
from tas_analytics.metrics.company import Company
from tas_analytics.metrics.compare import short
from tas_analytics.metrics.hierarchy import EVERYBODY, NOBODY, hierarchy, of_leader
from tas_analytics.metrics.measure import measure
from tas_analytics.metrics.scope import Scope
from tas_analytics.review.calls import calls_in_force
from tas_analytics.store.database import Store

#: Additive metrics of the registry from which every figure of the board is made.
_SUMS: Final = (
    "target", "won_amount", "lost_amount", "category_commit", "category_best_case", "category_pipeline",
    "open_pipeline", "open_deals", "won_deals", "lost_deals",
)  # fmt: skip
#: Figures that are shown beside the one of the day compared with.
COMPARED: Final = ("won", "commit", "best_case", "pipeline", "call")


def board(
    store: Store,
    company: Company,
    scope: Scope,
    since: dt.date | None = None,
    *,
    leader: str | None = None,
    cumulative: bool = True,
) -> pd.DataFrame:
    """One row per person who has something in scope, leaders before their people.

    The first row is everybody together, unless one leader is over all.

    Parameters
    ----------
    store, company, scope
        What is forecast; the scope needs a period for targets, gaps and calls.
    since
        A day to compare with.
    leader
        Whose board: that person and everybody below; None for everybody.
    cumulative
        Whether commit holds won, best case holds commit, and pipeline holds best case.

    Returns
    -------
    DataFrame
        ``name``, ``depth``, ``leads``; ``target``, ``won``, ``commit``, ``best_case``, ``pipeline``, ``open``,
        ``deals``, ``gap`` (won and commit − target: below zero is short), ``cover`` (won and commit ÷ target),
        ``coverage`` and ``needed`` (as the registry defines them), ``closed`` (the deals on which needed rests),
        ``call``, ``called_on``, ``calls_below`` (the sum of the calls of those who report directly to the person); each
        of :data:`COMPARED` as of ``since`` with ``_before``.
    """
    now = _figures(store, company, scope, leader, cumulative=cumulative)
    if since is not None:
        past = _figures(store, company, scope.on(since), leader, cumulative=cumulative)
        past = past[["name", *COMPARED]].rename(columns={name: f"{name}_before" for name in COMPARED})
        now = now.merge(past, on="name", how="left")
    if leader in {None, EVERYBODY} and (now["depth"] == 1).sum() == 1:
        # One leader over all: the row over everybody would say the same twice.
        now = now.iloc[1:].reset_index(drop=True).assign(depth=lambda rows: rows["depth"] - 1)
    return now


def _figures(store: Store, company: Company, scope: Scope, leader: str | None, *, cumulative: bool) -> pd.DataFrame:
    tree = hierarchy(store, scope.as_of)
    own = measure(store, _SUMS, of_leader(scope, tree, leader), ("owner",), company)
    rows = tree.roll_up(own, _SUMS)
    if leader not in {None, EVERYBODY}:
        mine = tree.under(str(leader)) or (str(leader),)
        rows = rows[rows["name"].isin(mine)].reset_index(drop=True)
        rows["depth"] -= rows["depth"].min() if len(rows) else 0
    # Nothing in scope is nought; a target that nobody has stays missing.
    added = [key for key in _SUMS if key != "target"]
    rows[added] = rows[added].astype(float).fillna(0.0)
    rows["target"] = rows["target"].astype(float)
    commit, best, pipeline = (rows[f"category_{name}"] for name in ("commit", "best_case", "pipeline"))
    won, target = rows["won_amount"], rows["target"]
    reached = won + commit
    found = pd.DataFrame(
        {
            "name": rows["name"], "depth": rows["depth"], "leads": rows["leads"], "target": target, "won": won,
            "commit": reached if cumulative else commit,
            "best_case": reached + best if cumulative else best,
            "pipeline": reached + best + pipeline if cumulative else pipeline,
            "open": rows["open_pipeline"], "deals": rows["open_deals"], "gap": reached - target,
            "cover": reached / target.where(target > 0),
            "coverage": rows["open_pipeline"] / (target - won).where(target > won),
            "closed": rows["won_deals"] + rows["lost_deals"],
            "needed": 1 / (won / (won + rows["lost_amount"]).where(lambda closed: closed > 0)).where(lambda r: r > 0),
        }
    )  # fmt: skip
    return _with_calls(store, scope, found, {one.name: one.manager for one in tree.people})


def _with_calls(store: Store, scope: Scope, found: pd.DataFrame, managers: dict[str, str | None]) -> pd.DataFrame:
    """The calls in force beside the figures. They cover whole persons, so filters by anything else leave them out."""
    if scope.period is None or any(key not in {"owner", "manager", "team", "region"} for key, _ in scope.filters):
        return found.assign(call=float("nan"), called_on=None, calls_below=float("nan"))
    calls = calls_in_force(store, scope.as_of, scope.period).set_index("person")
    below: dict[str, float] = {}
    for person, amount in calls["call"].items():
        manager = managers.get(str(person))
        if manager:
            below[manager] = below.get(manager, 0.0) + float(amount)
    return found.assign(
        call=pd.to_numeric(found["name"].map(calls["call"].to_dict())),
        called_on=found["name"].map(calls["called_on"].to_dict()),
        calls_below=pd.to_numeric(found["name"].map(below)),
    )


def silent(found: pd.DataFrame) -> frozenset[str]:
    """The columns in which a board says nothing: nobody has a target or a call, or anything in commit or best case."""
    money = [str(name) for name in found if name not in {"name", "depth", "leads", "called_on"}]
    quiet = {name for name in money if found[name].isna().all()}
    if "coverage" in quiet:
        quiet |= {"needed", "closed"}  # there is nothing to hold them against
    for key in ("commit", "best_case"):
        # Beside what is won and committed a category is seen by what it adds.
        below = {"commit": "won", "best_case": "commit"}[key]
        pairs = [(key, below), (f"{key}_before", f"{below}_before")]
        shown = [(found[one].fillna(0), found[other].fillna(0)) for one, other in pairs if one in found]
        if all((one == 0).all() or (one == other).all() for one, other in shown):
            quiet |= {key, f"{key}_before"}
    return frozenset(quiet)


def sentence(found: pd.DataFrame, scope: Scope, currency: str) -> str:
    """The board's first sentence: how far won and commit reach, and with whom most is missing."""
    if scope.period is None:
        return "Choose a period: a forecast is one of a quarter"
    when = short(scope.period)
    if found.empty:
        return f"Nobody has anything in {scope.period.label}"
    total = found.iloc[0]
    if pd.isna(total["target"]) or not total["target"]:
        if not (total["won"] or total["deals"]):
            return f"Nothing is won or open in {scope.period.label}"
        n, won = int(total["deals"]), money(float(total["won"]), currency)
        amount = f"{money(float(total['open']), currency)} is open in " if total["open"] else ""
        still = f"{amount}{count(n, 'open deal' if not amount else 'deal')}" if n else "no deal is open"
        return f"{when} has no target: {won} is won, {still}"
    gap = float(total["gap"])
    if gap >= 0:
        lead = f"Wins and commit pass the {when} target by {money(gap, currency)}"
    else:
        lead = f"Wins and commit are {money(-gap, currency)} short of the {when} target"
    direct = _direct(found)
    if gap >= 0 or len(direct) < 2:
        return lead
    worst = direct.sort_values("gap").iloc[0]
    if float(worst["gap"]) >= 0:
        return lead
    return f"{lead}, {money(-float(worst['gap']), currency)} of it with {worst['name']} ({_covered(worst)})"


def _direct(found: pd.DataFrame) -> pd.DataFrame:
    """The people of the highest level on which there are several, with a target."""
    people = found[(found["name"] != EVERYBODY) & (found["name"] != NOBODY) & found["gap"].notna()]
    for depth in sorted(people["depth"].unique()):
        level: pd.DataFrame = people[people["depth"] == depth]
        if len(level) > 1:
            return level
    none: pd.DataFrame = people.iloc[:0]
    return none


def _covered(row: pd.Series) -> str:
    return f"{percent(float(row['cover']))} covered"
