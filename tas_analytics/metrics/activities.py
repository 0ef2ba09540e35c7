"""Activities as they were known on a day: what is open, what is overdue, whose it is. One definition for all readers.

An activity is done on a day if it has a done date on or before it, or a status that says so; it is open if it is
neither done nor called off, is no note, has a due date, a start ahead or a status that says that it is still to be
done, and its deal (if it has one) is open: a call of last week with the status "connected" is a record of what was
done. It is overdue from the day after its due date, or after its start where it has no due date.
"""

from __future__ import annotations

import datetime as dt
from typing import Final

import pandas as pd

from tas_analytics.method.plans import cancelled_words, done_words, open_words
from tas_analytics.metrics import relation
from tas_analytics.metrics.company import Company
from tas_analytics.metrics.scope import Scope
from tas_analytics.store.database import Store

_WORDS: Final = {
    "done_words": list(done_words()),
    "cancelled_words": list(cancelled_words()),
    "open_words": list(open_words()),
}
_DEAL_NAME: Final = relation.deal_name("dv.name", "an.natural_key", "pn.natural_key", "o.natural_key")


def known(as_of: dt.date) -> str:
    """SQL of the ``activity`` relation: one row per activity known on a day.

    Columns besides those of the table: activity_key, deal_key, status_of_deal, due_on, is_done, is_open, is_overdue.
    It needs the parameters of :func:`words`.
    """
    day = f"date '{as_of}'"
    state = "lower(strip_accents(trim(coalesce(a.status, ''))))"
    return f"""
        with stated as (
            select a.record_key as activity_key, a.opportunity_key as deal_key, s.status as status_of_deal,
                a.* exclude (record_key, opportunity_key, valid_from, valid_to, start_date, done_date),
                a.start_date, coalesce(a.due_date, cast(a.start_date as date)) as due_on,
                case when a.done_date <= {day} then a.done_date end as done_date,
                coalesce(a.done_date <= {day}, false)
                    or (a.done_date is null and list_contains($done_words, {state})) as is_done,
                list_contains($cancelled_words, {state}) as is_cancelled,
                lower(coalesce(a.type, '')) not in ('note', 'notiz', 'nota') and (
                    a.due_date is not null or list_contains($open_words, {state}) or cast(a.start_date as date) >= {day}
                ) as is_work
            from activity_version a
            left join opportunity_version v on v.record_key = a.opportunity_key and {relation.at("v", as_of)}
            left join stage s on s.stage_key = v.stage_key
            where {relation.at("a", as_of)}
        )
        select *, is_work and not is_done and not is_cancelled and coalesce(status_of_deal, 'open') = 'open' as is_open,
            is_open and coalesce(due_on < {day}, false) as is_overdue
        from stated
    """


def words() -> dict[str, object]:
    """The parameters that :func:`known` needs."""
    return {name: list(values) for name, values in _WORDS.items()}


def of_deal(store: Store, as_of: dt.date, deal_id: str) -> pd.DataFrame:
    """Every activity of one deal as known on a day: overdue first, then by due date, done last."""
    return _frame(store, as_of, "o.natural_key = $deal_id", {"deal_id": deal_id})


def open_ones(store: Store, company: Company, scope: Scope) -> pd.DataFrame:
    """The open activities of the scope's deals, and without filters those without a deal: overdue first.

    The scope's filters choose deals, its period does not: what is to be done does not depend on a close date.
    """
    anywhere = scope.within(None)
    deals = relation.deals(company, anywhere, (), {"status"})
    without = "" if scope.filters else "or a.deal_key is null"
    return _frame(
        store,
        scope.as_of,
        f"a.is_open and (a.deal_key in (select deal_key from ({deals.sql})) {without})",
        deals.params,
    )


def of_type(store: Store, company: Company, scope: Scope, kind: str) -> pd.DataFrame:
    """The activities of one type of the scope's deals, open and done: overdue first, done last."""
    deals = relation.deals(company, scope.within(None), (), {"status"})
    return _frame(
        store, scope.as_of, f"a.type = $kind and a.deal_key in (select deal_key from ({deals.sql}))",
        {**deals.params, "kind": kind},
    )  # fmt: skip


def without_deal(store: Store, as_of: dt.date, kind: str) -> pd.DataFrame:
    """The activities of one type that belong to no deal, open and done: overdue first, done last."""
    return _frame(store, as_of, "a.type = $kind and a.deal_key is null and a.opportunity_id is null", {"kind": kind})


def _frame(store: Store, as_of: dt.date, where: str, params: dict[str, object]) -> pd.DataFrame:
    """Activities with names in place of numbers.

    Columns: record (its natural key), activity_id, deal_named (as the file has it), deal_id, deal, account, milestone,
    subject, type, display, owner, created_by, contact, resources, status, priority, start_date, due_date, due_on,
    done_date, created_date, note, is_done, is_open, is_overdue, days_late, entered_by, entered_at (UTC), load_id.
    """
    return store.frame(
        f"""
        with activity as ({known(as_of)})
        select r.natural_key as record, a.activity_id, a.opportunity_id as deal_named, o.natural_key as deal_id,
            {_DEAL_NAME} as deal,
            coalesce(an.natural_key, a.account) as account, coalesce(t.milestone, a.milestone) as milestone, a.subject,
            a.type, a.display, a.owner, a.created_by, a.contact, a.resources, a.status, a.priority, a.start_date,
            a.due_date, a.due_on, a.done_date, a.created_date, a.note, a.is_done, a.is_open, a.is_overdue,
            case when a.is_overdue then date '{as_of}' - a.due_on end as days_late, l.loaded_by as entered_by,
            l.loaded_at as entered_at, a.load_id
        from activity a
        join record r on r.table_name = 'activities' and r.record_key = a.activity_key
        left join record o on o.table_name = 'opportunities' and o.record_key = a.deal_key
        left join opportunity_version dv on dv.record_key = a.deal_key and {relation.at("dv", as_of)}
        left join record an on an.table_name = 'accounts' and an.record_key = dv.account_key
        left join record pn on pn.table_name = 'products' and pn.record_key = dv.product_key
        left join milestone_name n on n.name = a.milestone
        left join milestone_type t on t.milestone_key = n.milestone_key
        left join load l on l.load_id = a.load_id
        where {where}
        order by a.is_done, a.is_overdue desc, a.due_on nulls last, a.start_date nulls last, a.subject, record
        """,
        {**words(), **params},
    )
