"""The measured values of the open deals of a scope, one row per deal, from as few queries as the rules need.

Each part of the data is one query or one reader that other pages use too, at the grain of a deal, so that nothing is
joined that would count an amount twice.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection
from typing import Final

import numpy as np
import pandas as pd

from tas_analytics.method.criteria import questions
from tas_analytics.metrics import activities, plans, reached, relation
from tas_analytics.metrics.company import Company
from tas_analytics.metrics.deals import NAME
from tas_analytics.metrics.evidence import against_evidence
from tas_analytics.metrics.positions import positions
from tas_analytics.metrics.scope import Scope
from tas_analytics.review.people import known_people
from tas_analytics.review.risk_measures import AMOUNT_DAYS
from tas_analytics.store.database import Store

#: What the rules of a source are passed over for, where the company has no such data.
SILENT: Final = {
    "activities": "no activity is recorded",
    "milestones": "no milestone has a target date",
    "evidence": "no milestone is recorded",
    "people": "no contact is recorded",
    "map": "no organisation map is recorded",
    "assessment": "no deal is assessed",
    "warnings": "no warning signal was ticked",
    "score": "there is no score of both days",
    "next_step": "the exports have no next steps",
    "past": "the data do not reach back far enough",
}
_COLUMNS: Final = (
    f"oid.natural_key as id, {NAME} as name, an.natural_key as account, ow.natural_key as owner, s.stage, "
    "v.next_step, v.last_activity, v.amount as own_amount, v.currency, v.forecast_category, "
)


def measured(
    store: Store, company: Company, scope: Scope, sources: Collection[str], scores: pd.DataFrame | None
) -> tuple[pd.DataFrame, frozenset[str]]:
    """The open deals of a scope with their measures, largest first.

    Parameters
    ----------
    store, company, scope
        Whose deals; those that close in the scope's period.
    sources
        Which parts of the data are needed.
    scores
        ``id`` or ``deal_key``, ``p_before`` and ``p_now``: the chances to be won until the end of the period, where
        there are any.

    Returns
    -------
    tuple
        The frame, and the keys of :data:`SILENT` for which there is no data.
    """
    frame = _deals(store, company, scope)
    silent: set[str] = set()
    if not store.rows("select 1 from opportunity_version where next_step is not null limit 1"):
        frame["no_next_step"] = np.nan
        silent.add("next_step")
    parts: dict[str, Callable[[], pd.DataFrame | None]] = {
        "past": lambda: _past(store, company, scope, frame),
        "activities": lambda: _activities(store, scope, frame),
        "milestones": lambda: _milestones(store, scope, frame),
        "evidence": lambda: _evidence(store, company, scope),
        "people": lambda: _people(store, scope, frame),
        "assessment": lambda: _assessment(store, company, scope, frame),
        "warnings": lambda: _warnings(store, scope),
        "score": lambda: _scores(scores),
    }
    for name, read in parts.items():
        if name not in sources:
            continue
        found = read()
        if found is None:
            silent.add(name)
            continue
        frame = frame.merge(found, on="id" if "id" in found else "deal_key", how="left")
    if "people" in sources and "people" not in silent and frame["supporters_in_power"].isna().all():
        silent.add("map")
    for name in ("overdue_milestones", "missing_milestones", "warning_signals"):
        if name in frame:
            frame[name] = frame[name].fillna(0)
    return frame, frozenset(silent)


def _deals(store: Store, company: Company, scope: Scope) -> pd.DataFrame:
    query = relation.deals(
        company,
        scope,
        ("deal", "account", "owner", "product", "manager", "region", "team"),
        {
            "amount", "close_date", "created_date", "days_in_stage", "stall_line", "pushes", "delays", "category",
            "stage_probability",
        },
        extra=_COLUMNS,
        only=f"s.status = 'open' and {relation.closes_in(scope.period)}",
    )  # fmt: skip
    ctes = "".join(f"{text}, " for text in relation.base_ctes(company, scope.as_of, query.leans_on))
    frame = store.frame(
        f"""
        with {ctes} deal as ({query.sql})
        select deal_key, id, name, account, owner, by_manager as manager, by_region as region, by_team as team, stage,
            category, forecast_category, cast(amount as double) as amount, cast(own_amount as double) as own_amount,
            currency, close_date, created_date, days_in_stage, stall_line, pushes, delays, stage_probability, next_step,
            last_activity
        from deal order by amount desc nulls last, name, id
        """,
        query.params,
    )
    today = pd.Timestamp(scope.as_of)
    left = (pd.to_datetime(frame["close_date"]) - today).dt.days
    frame["days_past_close"] = (-left).where(left < 0)
    frame["days_to_close"] = left.where(left >= 0)
    frame["age"] = (today - pd.to_datetime(frame["created_date"])).dt.days
    over = frame["days_in_stage"].astype(float) - frame["stall_line"].astype(float)
    frame["days_over_stall_line"] = np.ceil(over.where(over > 0))
    frame["no_next_step"] = frame["next_step"].isna().astype(float)
    frame["no_amount"] = frame["amount"].isna().astype(float)
    frame["no_close_date"] = frame["close_date"].isna().astype(float)
    return frame


def _past(store: Store, company: Company, scope: Scope, frame: pd.DataFrame) -> pd.DataFrame | None:
    then = scope.as_of - dt.timedelta(days=AMOUNT_DAYS)
    if company.first_day is None or then < company.first_day:
        return None
    before = store.frame(
        "select record_key as deal_key, cast(amount as double) as amount_then, currency as currency_then "
        f"from opportunity_version b where {relation.at('b', then)} and amount > 0"
    )
    both = frame[["deal_key", "own_amount", "currency"]].merge(before, on="deal_key")
    same = both["currency"].fillna("") == both["currency_then"].fillna("")
    change = (both["own_amount"] / both["amount_then"] - 1).where(same)
    return both[["deal_key"]].assign(amount_change=change.abs(), amount_grew=change > 0)


def _activities(store: Store, scope: Scope, frame: pd.DataFrame) -> pd.DataFrame | None:
    day = f"date '{scope.as_of}'"
    done = store.frame(
        f"""
        with activity as ({activities.known(scope.as_of)})
        select deal_key, count(*) filter (where is_open) as open_activities,
            max(least(coalesce(done_date, cast(start_date as date), due_date), {day})) filter (where is_done) as done_on
        from activity where deal_key is not null group by deal_key
        """,
        activities.words(),
    )
    in_crm = store.rows("select 1 from opportunity_version where last_activity is not null limit 1")
    if done.empty and not in_crm:
        return None
    both = frame[["deal_key", "last_activity", "created_date"]].merge(done, on="deal_key", how="left")
    crm = pd.to_datetime(both["last_activity"]).where(lambda days: days <= pd.Timestamp(scope.as_of))
    last = pd.concat([crm, pd.to_datetime(both["done_on"])], axis=1).max(axis=1)
    since = last.fillna(pd.to_datetime(both["created_date"]))
    return both[["deal_key"]].assign(
        days_since_activity=(pd.Timestamp(scope.as_of) - since).dt.days,
        never_active=last.isna(),
        open_activities=both["open_activities"].fillna(0),
    )


def _milestones(store: Store, scope: Scope, frame: pd.DataFrame) -> pd.DataFrame | None:
    if not store.rows("select 1 from milestone_version where target_date is not null limit 1"):
        return None
    late = reached.overdue(scope.as_of, target="m.target_date", is_reached="m.is_reached", status="'open'")
    wanted = {"keys": frame["deal_key"].tolist()}
    return store.frame(
        f"""
        select m.deal_key, count(*) as overdue_milestones, date '{scope.as_of}' - min(m.target_date) as
                days_milestone_overdue,
            string_agg(t.milestone, ', ' order by m.target_date, t.position) as late_milestones
        from ({reached.reached(scope.as_of, only="select unnest($keys)")}) m join milestone_type t using (milestone_key)
        where {late} group by m.deal_key
        """,
        wanted,
    )


def _evidence(store: Store, company: Company, scope: Scope) -> pd.DataFrame | None:
    if not store.rows("select 1 from milestone_version limit 1"):
        return None  # nothing can be judged: the medians of the stages need not be worked out
    found = against_evidence(store, company, scope, with_pace=False)
    if not found["is_judged"].any():
        return None
    ahead = found[found["is_ahead"]]
    return ahead[["id", "justified", "missing"]].assign(missing_milestones=ahead["n_missing"])


def _people(store: Store, scope: Scope, frame: pd.DataFrame) -> pd.DataFrame | None:
    found = known_people(store, scope.as_of, frame["deal_key"].tolist())
    return None if found is None else found.drop(columns="roles")


def _assessment(store: Store, company: Company, scope: Scope, frame: pd.DataFrame) -> pd.DataFrame | None:
    stand = positions(store, company, scope).deals
    if stand["assessed_on"].isna().all():
        return None
    rated = stand["assessed_on"].notna()
    answers = stand[["q1", "q2", "q3", "q4"]].to_numpy()
    against = [", ".join(text for text, answer in zip(questions(), row, strict=True) if answer < 0) for row in answers]
    created = frame.set_index("id")["age"].reindex(stand["id"]).to_numpy(dtype=float)
    return pd.DataFrame(
        {
            "id": stand["id"],
            "never_assessed": ~rated,
            "days_since_assessed": np.where(rated, stand["days_since"].to_numpy(dtype=float), created),
            "unfavourable_questions": (answers < 0).sum(axis=1),
            "against": against,
            "assessment": stand["score"].where(rated),
            "net_advantage": stand["net"],
            "strongest": stand["strongest"],
            "unknown_share": (1 - stand["known_share"]).where(rated),
        }
    )


def _warnings(store: Store, scope: Scope) -> pd.DataFrame | None:
    found = plans.warning_counts(store, scope.as_of)
    if found.empty:
        return None
    return pd.DataFrame(
        {"id": found["id"], "warning_signals": found["signals"], "signals_seen": found["names"].map(", ".join)}
    )


def _scores(scores: pd.DataFrame | None) -> pd.DataFrame | None:
    if scores is None or scores.empty:
        return None
    known = scores[["id" if "id" in scores else "deal_key", "p_before", "p_now"]].copy()
    known["score_drop"] = (known["p_before"] - known["p_now"]).astype(float)
    known["low_score"] = 1 - known["p_now"].astype(float)
    return known
