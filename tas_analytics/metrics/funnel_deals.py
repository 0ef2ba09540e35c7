"""The deals behind a step of the milestone funnel, and who or what holds them up."""

from __future__ import annotations

from typing import Final

import pandas as pd

from tas_analytics.errors import BadQuestion
from tas_analytics.metrics import activities, reached, relation
from tas_analytics.metrics.company import Company
from tas_analytics.metrics.deals import deal_list
from tas_analytics.metrics.journey import WON
from tas_analytics.metrics.relation import Query
from tas_analytics.metrics.scope import Scope
from tas_analytics.store.database import Store

#: The lists of a step: key → condition over ``reach`` for a milestone, and for the win at the end.
LISTS: Final = {
    "waiting": ("next_milestone = $step and onward = 'waiting'", "next_milestone is null and onward = 'waiting'"),
    "lost": ("next_milestone = $step and onward = 'stopped'", "next_milestone is null and onward = 'stopped'"),
    "reached": ("milestone = $step", "next_milestone is null and status = 'won'"),
    "skipped": ("milestone = $step and skipped", "false"),
    "out_of_order": ("milestone = $step and out_of_order", "false"),
}


def step_deals(store: Store, company: Company, scope: Scope, milestone: str, which: str) -> pd.DataFrame:
    """The deals of a list of a step, largest first; columns as :func:`deal_list` has them.

    Raises
    ------
    BadQuestion
        There is no such list.
    """
    if which not in LISTS:
        raise BadQuestion(f'There is no list "{which}"', f"Lists: {', '.join(LISTS)}.")
    condition = LISTS[which][milestone == WON]
    if "$step" not in condition and milestone != WON:
        raise BadQuestion(f'There is no milestone "{milestone}"', f"Milestones: {', '.join(company.steps.names)}.")
    columns = {"status", "amount", "milestone", "next_milestone", "skipped", "out_of_order"}
    inner = relation.reach(company, scope, (), columns & (relation.words([condition]) | {"status", "amount"}))
    params = inner.params | ({"step": milestone} if "$step" in condition else {})
    return deal_list(
        store, company, scope, among=Query(f"select * from ({inner.sql}) where {condition}", params, inner.leans_on)
    )


def overdue(store: Store, company: Company, scope: Scope) -> pd.DataFrame:
    """The milestones of open deals that are past their target date, largest amount first.

    Columns: id, deal, owner, amount, milestone, contact, title, target_date, days_late, activity (the first one planned
    for it that is not done; blank where none is), activities (how many of those).
    """
    inner = relation.plan(company, scope, ("deal", "owner"), {"amount", "is_late", "days_late"})
    ctes = relation.base_ctes(company, scope.as_of, inner.leans_on)
    if company.steps.origin != "milestones":
        return pd.DataFrame(
            columns=["id", "deal", "owner", "amount", "milestone", "contact", "title", "target_date", "days_late",
                     "activity", "activities"]
        )  # fmt: skip
    sql = f"""
        with {"".join(f"{text}, " for text in ctes)}
        late as (select * from ({inner.sql}) where is_late),
        step as (select unnest($step_keys) as milestone_key, unnest($step_numbers) as step),
        responsible as (
            select m.opportunity_key as deal_key, s.step, any_value(m.contact) as contact
            from milestone_version m join step s using (milestone_key)
            where {relation.at("m", scope.as_of)} and not {reached.achieved("m", scope.as_of)}
                and m.opportunity_key in (select deal_key from late) group by all
        ),
        planned as (
            select a.deal_key, s.step, count(*) as activities,
                arg_min(a.subject, (coalesce(a.due_on, date '9999-12-31'), a.subject)) as activity
            from ({activities.known(scope.as_of)}) a
            join milestone_name n on n.name = a.milestone join step s using (milestone_key)
            where a.is_open and a.deal_key in (select deal_key from late) group by all
        ),
        title as (
            select contact, max(title) as title from contact_version c where {relation.at("c", scope.as_of)}
            group by contact having count(distinct title) = 1
        )
        select l.by_deal as id, coalesce(v.name, l.by_deal) as deal, l.by_owner as owner, l.amount,
            $step_names[l.step] as milestone, r.contact, t.title,
            date '{scope.as_of}' - cast(l.days_late as integer) as target_date, l.days_late, p.activity,
            coalesce(p.activities, 0) as activities
        from late l
        join opportunity_version v on v.record_key = l.deal_key and {relation.at("v", scope.as_of)}
        left join responsible r using (deal_key, step)
        left join planned p using (deal_key, step)
        left join title t using (contact)
        order by l.amount desc nulls last, l.days_late desc, id, l.step
    """
    return store.frame(sql, inner.params | activities.words())


def holds_up(late: pd.DataFrame, by: str) -> pd.DataFrame:
    """Overdue milestones counted by one of their columns, the largest amount first.

    Columns: ``by`` (blank where there is no value), milestones, deals, amount (each deal's once), days_late (median).
    """
    if late.empty:
        return pd.DataFrame(columns=[by, "milestones", "deals", "amount", "days_late"])
    rows = late.assign(**{by: late[by].fillna("")})
    once = rows.drop_duplicates([by, "id"]).groupby(by)["amount"].sum(min_count=1)
    found = rows.groupby(by).agg(milestones=("id", "size"), deals=("id", "nunique"), days_late=("days_late", "median"))
    found["amount"] = once
    found = found.reset_index().sort_values(["amount", "milestones"], ascending=False, na_position="last")
    return found.reset_index(drop=True)
