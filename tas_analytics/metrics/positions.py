"""Where each deal stands: our ratings, the strongest competitor's, and what follows from the two.

One query reads the deals, one the profiles; what follows is computed by the pure rules of
:mod:`tas_analytics.method.position`, so a page, a worksheet and a command give the same.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd

from tas_analytics.method import position
from tas_analytics.method.position import Scores
from tas_analytics.metrics import relation
from tas_analytics.metrics.company import Company
from tas_analytics.metrics.deals import NAME
from tas_analytics.metrics.ratings import known_on
from tas_analytics.metrics.scope import Scope
from tas_analytics.store.database import Store
from tas_analytics.store.profiles import NUMBERS

#: Columns of a profile.
CRITERIA: Final = tuple(f"c{n}" for n in NUMBERS)
QUESTIONS: Final = ("q1", "q2", "q3", "q4")
_NAMES: Final = (
    f"oid.natural_key as id, {NAME} as name, an.natural_key as account, ow.natural_key as owner, s.stage, "
    "v.stage_since, "
)


@dataclass(frozen=True)
class Positions:
    """Deals and their ratings, row by row.

    Parameters
    ----------
    deals
        A row for each deal, largest first: ``deal_key``, ``id``, ``name``, ``account``, ``owner``, ``manager``,
        ``team``, ``stage``, ``position``, ``status``, ``category``, ``amount`` (reporting currency), ``close_date``,
        ``stage_since``; ``assessed_on`` (missing: never), ``days_since`` (days since then), ``is_stale`` (last
        assessed before the deal entered its present stage), ``rated`` (competitors rated), ``known`` (ratings other
        than ?), ``known_share``, ``score`` (assessment, −1 to 1), ``q1`` to ``q4`` (1 answered in our favour, −1
        unfavourable, 0 open), ``strongest`` (competitor, None if none is rated), ``net`` (sum of the net advantages
        against it) and ``z`` (1 ahead, 0 level, −1 behind).
    ours, theirs, net
        Scores of the 20 criteria, of ourselves, of the strongest competitor, and the difference; NaN where there is
        no rating. The strongest is the competitor against whom the sum of our net advantages is lowest, of equals the
        first by name.
    """

    deals: pd.DataFrame
    ours: Scores
    theirs: Scores
    net: Scores


def positions(store: Store, company: Company, scope: Scope, status: str | None = "open") -> Positions:
    """Where the deals of a scope stand on its day; those without any rating are among them.

    Parameters
    ----------
    store, company
        Whose deals.
    scope
        Which deals: those that close in its period.
    status
        ``open``, ``won``, ``lost`` or None for all.
    """
    deals = _deals(store, company, scope, status)
    profiles = profiles_of(store, scope.as_of, deals["deal_key"])
    mine = profiles[profiles["competitor"] == ""]
    ours = _rows(mine, deals["deal_key"])
    rivals = profiles[profiles["competitor"] != ""].sort_values("competitor", kind="stable")
    theirs, who, rated = _strongest(rivals, deals["deal_key"], ours)
    net = position.net_advantage(ours, theirs)
    known = position.known(ours).sum(axis=1)
    answers = position.answers(ours, company.weights)
    assessed = mine.drop_duplicates("deal_key").set_index("deal_key")["assessed_on"].reindex(deals["deal_key"])
    deals["assessed_on"] = pd.to_datetime(assessed).to_numpy()
    deals["days_since"] = (pd.Timestamp(scope.as_of) - deals["assessed_on"]).dt.days
    deals["is_stale"] = (deals["assessed_on"] < pd.to_datetime(deals["stage_since"])).fillna(False)
    deals["rated"] = rated
    deals["known"] = known
    deals["known_share"] = known / len(NUMBERS)
    deals["score"] = position.assessment_score(ours, company.weights)
    for place, name in enumerate(QUESTIONS):
        deals[name] = answers[:, place]
    deals["strongest"] = who
    deals["net"] = np.where(np.isnan(net).all(axis=1), np.nan, np.nansum(net, axis=1))
    deals["z"] = position.standing(net)
    return Positions(deals, ours, theirs, net)


def profiles_of(store: Store, day: dt.date, deal_keys: pd.Series) -> pd.DataFrame:
    """The newest ratings of some deals as known on a day.

    Columns: ``deal_key``, ``competitor`` ("" is ourselves), ``assessed_on``, c1 … c20.
    """
    return store.frame(
        f"""
        select p.opportunity_key as deal_key, p.competitor, p.assessed_on, {", ".join(f"p.{c}" for c in CRITERIA)}
        from assessment_profile p
        semi join (select unnest(cast($keys as integer[])) as deal_key) k on k.deal_key = p.opportunity_key
        where {known_on("p", day)}
        """,
        {"keys": [int(key) for key in deal_keys]},
    )


def scores_on(store: Store, day: dt.date, deal_keys: pd.Series, rivals: pd.Series | None = None) -> Scores:
    """Scores on another day, row by row: ours, or those of the competitor that ``rivals`` names for each deal."""
    profiles = profiles_of(store, day, deal_keys)
    if rivals is None:
        return _rows(profiles[profiles["competitor"] == ""], deal_keys)
    wanted = pd.DataFrame({"deal_key": deal_keys.to_numpy(), "competitor": rivals.to_numpy()})
    return _scores(wanted.merge(profiles, on=["deal_key", "competitor"], how="left"))


def _deals(store: Store, company: Company, scope: Scope, status: str | None) -> pd.DataFrame:
    only = relation.closes_in(scope.period) + (f" and s.status = '{status}'" if status else "")
    query = relation.deals(
        company,
        scope,
        ("deal", "account", "owner", "product", "manager", "team"),
        {"status", "amount", "position", "category", "close_date"},
        extra=_NAMES,
        only=only,
    )
    ctes = "".join(f"{text}, " for text in relation.base_ctes(company, scope.as_of, query.leans_on))
    return store.frame(
        f"""
        with {ctes} deal as ({query.sql})
        select deal_key, id, name, account, owner, by_manager as manager, by_team as team, stage, position, status,
            category, cast(amount as double) as amount, close_date, stage_since
        from deal order by amount desc nulls last, name, id
        """,
        query.params,
    )


def _strongest(
    rivals: pd.DataFrame, deal_keys: pd.Series, ours: Scores
) -> tuple[Scores, pd.Series, np.ndarray[tuple[int], np.dtype[np.int64]]]:
    """Scores and name of each deal's strongest competitor, and how many are rated."""
    place = pd.Series(np.arange(len(deal_keys)), index=deal_keys.to_numpy())
    at = place.reindex(rivals["deal_key"]).to_numpy()
    scores = _scores(rivals)
    net = ours[at] - scores
    total = np.where(np.isnan(net).all(axis=1), np.inf, np.nansum(net, axis=1))
    order = pd.DataFrame({"at": at, "total": total}).sort_values(["at", "total"], kind="stable")
    first = order.drop_duplicates("at").index.to_numpy()
    theirs = np.full((len(deal_keys), len(NUMBERS)), np.nan)
    theirs[at[first]] = scores[first]
    who = pd.Series([None] * len(deal_keys), dtype=object)
    who.iloc[at[first]] = rivals["competitor"].to_numpy()[first]
    return theirs, who, np.bincount(at, minlength=len(deal_keys))


def _rows(profiles: pd.DataFrame, deal_keys: pd.Series) -> Scores:
    """A row of scores for each deal, in the given order; NaN where there is none."""
    return _scores(profiles.drop_duplicates("deal_key").set_index("deal_key").reindex(deal_keys.to_numpy()))


def _scores(frame: pd.DataFrame) -> Scores:
    return frame[list(CRITERIA)].to_numpy(dtype=float, na_value=np.nan)
