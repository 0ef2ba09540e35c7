"""Who is known at the customer of each deal: from its organisation map, its activities and its milestones."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Final

import pandas as pd

from tas_analytics.metrics import relation
from tas_analytics.store.database import Store

#: Whose word decides: the inner circle, or much influence.
_POWER: Final = "(coalesce(inner_circle, false) or influence >= 4)"


def known_people(store: Store, as_of: dt.date, keys: Sequence[int]) -> pd.DataFrame | None:
    """The people known at some deals on a day; a row of the map without a deal holds for all deals of its account.

    Parameters
    ----------
    store
        Whose deals.
    as_of
        The day.
    keys
        The deals' record keys.

    Returns
    -------
    DataFrame or None
        One row per deal: ``deal_key``, ``contacts`` (people met or named, 0 where nobody is), ``contact`` (one of
        them), ``supporters_in_power``, ``opponents``, ``opponent`` (missing where there is no map) and ``roles`` (the
        buying roles on the map as they are written, missing without a map). None where the company records no people.
    """

    def named(table: str, alias: str) -> str:
        return f"select opportunity_key as deal_key, trim(contact) as contact from {table} {alias} " + (
            f"where {relation.at(alias, as_of)} and opportunity_key is not null and trim(contact) <> ''"
        )

    noted = f"{named('activity_version', 'x')} union {named('milestone_version', 'm')}"
    mine = "select unnest(cast($keys as integer[]))"
    found = store.frame(
        f"""
        with asked as (
            select v.record_key as deal_key, lower(trim(an.natural_key)) as account
            from opportunity_version v
            left join record an on an.table_name = 'accounts' and an.record_key = v.account_key
            where {relation.at("v", as_of)} and v.record_key in ({mine})
        ),
        mapped as (
            select coalesce(c.opportunity_key, a.deal_key) as deal_key, trim(c.contact) as contact, c.buying_role,
                lower(coalesce(c.coverage, '')) = 'no contact' as is_unmet, c.inner_circle, c.influence,
                lower(trim(c.status)) in ('+', '*', 'supporter', 'mentor') as is_for,
                lower(trim(c.status)) in ('x', '-', '−', 'enemy', 'non-supporter', 'non supporter') as is_against
            from contact_role_version c
            left join asked a on c.opportunity_key is null and c.opportunity_id is null
                and a.account = lower(trim(c.account))
            where {relation.at("c", as_of)} and c.contact is not null
                and coalesce(c.opportunity_key, a.deal_key) in ({mine})
        ),
        map as (
            select deal_key, count(distinct contact) filter (where is_for and {_POWER}) as supporters_in_power,
                count(distinct contact) filter (where is_against and {_POWER}) as opponents,
                min(contact) filter (where is_against and {_POWER}) as opponent,
                list(buying_role order by buying_role) as roles
            from mapped group by deal_key
        ),
        named as (
            select deal_key, contact from mapped where not is_unmet and contact <> ''
            union select deal_key, contact from ({noted}) where deal_key in ({mine})
        ),
        known as (
            select deal_key, count(distinct lower(contact)) as contacts, min(contact) as contact
            from named group by deal_key
        )
        select deal_key, coalesce(k.contacts, 0) as contacts, k.contact, m.supporters_in_power, m.opponents,
            m.opponent, m.roles
        from asked left join known k using (deal_key) left join map m using (deal_key)
        """,
        {"keys": [int(key) for key in keys]},
    )
    if found["contacts"].sum() == 0 and found["roles"].isna().all():
        mapped = f"select 1 from contact_role_version c where {relation.at('c', as_of)} and c.contact is not null"
        # Whether there is anything at all is asked of all deals only where these have nothing.
        if not any(store.rows(f"select 1 from ({one}) limit 1") for one in (noted, mapped)):
            return None
    return found
