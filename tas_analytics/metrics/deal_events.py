"""Everything that happened to one deal: what the exports saw change, and what people recorded, as one list of events.

An event has a day on which it happened. What is planned and has not happened is no event. The ratings of one assessment
are one event.
"""

from __future__ import annotations

import datetime as dt
from itertools import pairwise
from typing import Any, Final

import pandas as pd

from tas_analytics.metrics import plans, relation
from tas_analytics.metrics.company import Company
from tas_analytics.metrics.deals import deal_history
from tas_analytics.store.database import Store

#: The kinds of events, in the order of the filter.
KINDS: Final = (
    "Stage", "Amount", "Close date", "Other changes", "Milestones", "Activities", "Notes", "Ratings", "Strategy",
    "Warnings",
)  # fmt: skip
#: Columns of a deal's history whose changes are events: column → (kind, what it is called).
WATCHED: Final = {
    "stage": ("Stage", "Stage"),
    "amount": ("Amount", "Amount"),
    "close_date": ("Close date", "Close date"),
    "owner": ("Other changes", "Owner"),
    "forecast_category": ("Other changes", "Category"),
    "probability": ("Other changes", "CRM probability"),
    "next_step": ("Other changes", "Next step"),
    "product": ("Other changes", "Product"),
    "name": ("Other changes", "Name"),
    "account": ("Other changes", "Account"),
    "currency": ("Other changes", "Currency"),
    "lost_reason": ("Other changes", "Loss reason"),
    "type": ("Other changes", "Type"),
    "source": ("Other changes", "Lead source"),
    "region": ("Other changes", "Region"),
    "segment": ("Other changes", "Segment"),
}
COLUMNS: Final = ("day", "kind", "what", "before", "after", "who", "currency")


def changes(log: pd.DataFrame) -> pd.DataFrame:
    """What changed from one version of a deal to the next, oldest first, with the values as they are.

    Parameters
    ----------
    log
        The deal's versions as :func:`deal_history` gives them, up to a day.

    Returns
    -------
    DataFrame
        ``day``, ``kind``, ``what``, ``column``, ``before``, ``after``, and the ``currency`` of both amounts.
    """
    rows = [
        (after["valid_from"].date(), kind, what, column, before[column], after[column],
         before["currency"], after["currency"])
        for before, after in pairwise(log.to_dict("records"))
        for column, (kind, what) in WATCHED.items()
        if not _same(before[column], after[column])
    ]  # fmt: skip
    columns = ["day", "kind", "what", "column", "before", "after", "currency_before", "currency_after"]
    return pd.DataFrame(rows, columns=columns)


def _same(a: Any, b: Any) -> bool:
    return bool((pd.isna(a) and pd.isna(b)) or a == b)


def recorded(store: Store, as_of: dt.date, deal_id: str) -> pd.DataFrame:
    """What people recorded of a deal up to a day, newest first: ``day``, ``kind``, ``what``, ``detail``, ``who``."""

    def of(alias: str) -> str:
        return f"{alias}.opportunity_key = (select record_key from deal) and {relation.at(alias, as_of)}"

    day = f"date '{as_of}'"
    sql = f"""
        with deal as (select record_key from record where table_name = 'opportunities' and natural_key = $deal_id),
        event as (
            select m.achieved_date as day, 'Milestones' as kind, coalesce(t.milestone, m.milestone) as what,
                m.evidence as detail, m.contact as who, false as is_over
            from milestone_version m left join milestone_type t using (milestone_key) where {of("m")}
            union all
            select coalesce(a.done_date, cast(a.start_date as date), a.created_date),
                case when lower(a.type) in ('note', 'notiz', 'nota') then 'Notes' else 'Activities' end,
                coalesce(a.subject, a.type), coalesce(a.note, a.milestone), a.owner, false
            from activity_version a
            where {of("a")} and (a.done_date is not null or lower(a.type) in ('note', 'notiz', 'nota')
                or (a.due_date is null and a.status is null))
            union all
            select x.assessed_on, 'Ratings',
                coalesce('Rated ' || x.competitor, 'Rated us') || ' on ' || count(*) ||
                    case when count(*) = 1 then ' criterion' else ' criteria' end,
                count(*) filter (where x.rating = '+') || ' favourable, ' || count(*) filter (where x.rating = '-')
                    || ' unfavourable, ' || count(*) filter (where x.rating = '?') || ' unknown', any_value(x.author),
                false
            from assessment_version x where {of("x")} group by x.assessed_on, x.competitor
            union all
            select s.declared_on, 'Strategy', concat_ws(', ', s.strategy, s.variation), s.reason, s.author, false
            from strategy_version s where {of("s")}
            union all
            select w.seen_on, 'Warnings', w.signal, w.note, w.author, not coalesce(w.holds, true)
            from deal_warning_version w where {of("w")}
        )
        select * from event where day <= {day} order by day desc, kind, what
    """
    found = store.frame(sql, {"deal_id": deal_id})
    warned, over = found["kind"] == "Warnings", found["is_over"].astype(bool)
    if warned.any():
        found.loc[warned, "what"] = found.loc[warned, "what"].map(plans.signal_name(store))
        found.loc[over, "what"] += " – no longer"
    return found.drop(columns="is_over")


def versions(store: Store, company: Company, as_of: dt.date, deal_id: str) -> pd.DataFrame:
    """The versions of a deal that were known on a day, oldest first."""
    rows = deal_history(store, company, deal_id)
    known: pd.DataFrame = rows[rows["valid_from"].dt.date <= as_of]
    return known
