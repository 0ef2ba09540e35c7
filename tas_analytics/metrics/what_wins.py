"""Closed deals by what was known of them before their close, and by whom we met in them.

Of each closed deal the assessment counts as it stood a number of days *before* its close date: a rating made later,
when the outcome showed already, does not. Deals that had not been assessed by then are left out, and said so.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import pandas as pd

from tas_analytics.metrics import relation
from tas_analytics.metrics.company import Company
from tas_analytics.metrics.intervals import difference, wilson
from tas_analytics.metrics.relation import Query
from tas_analytics.metrics.scope import Scope
from tas_analytics.metrics.separation import ENOUGH, Effect, Rate, effects
from tas_analytics.store.database import Store
from tas_analytics.store.profiles import NUMBERS

#: Days before the close at which the ratings count, unless asked otherwise.
DAYS_BEFORE: Final = 30
#: Choices offered.
CHOICES: Final = (14, 30, 60, 90)
_SIGN: Final = {"+": 1, "?": 0, "-": -1}
_SCORES: Final = ", ".join(f"coalesce(c{n}, 0)" for n in NUMBERS)


@dataclass(frozen=True)
class WhatWins:
    """What separates winners.

    Parameters
    ----------
    closed
        The closed deals of the scope.
    assessed
        Those of them that had been assessed by the moment asked about.
    effects
        The criteria, those that separate most first.
    """

    closed: Rate
    assessed: Rate
    effects: tuple[Effect, ...]


def what_wins(store: Store, company: Company, scope: Scope, days_before: int = DAYS_BEFORE) -> WhatWins:
    """How the win rate goes with each criterion's rating.

    Parameters
    ----------
    store, company
        Whose deals.
    scope
        Which: those closed in its period, as known on its day.
    days_before
        The ratings count as they stood at the end of the day so many days before the close.
    """
    closed = _closed(company, scope)
    totals = store.rows(
        f"""
        with {_ctes(company, scope, closed)} deal as ({closed.sql}), stood as ({_stood(days_before)})
        select count(*) filter (where d.status = 'won'), count(*),
            count(*) filter (where d.status = 'won' and p.opportunity_key is not null), count(p.opportunity_key)
        from deal d left join stood p on p.opportunity_key = d.deal_key
        """,
        closed.params,
    )[0]
    counts = store.frame(
        f"""
        with {_ctes(company, scope, closed)} deal as ({closed.sql}), stood as ({_stood(days_before)}),
        scored as (
            select status = 'won' as won, unnest([{", ".join(map(str, NUMBERS))}]) as criterion,
                unnest([{_SCORES}]) as score,
                len(list_filter([{_SCORES}], lambda one: one <> 0)) as known
            from stood
        )
        select criterion, score, known - if(score = 0, 0, 1) as others, won, count(*) as deals from scored group by all
        """,
        closed.params,
    )
    return WhatWins(Rate(totals[0], totals[1]), Rate(totals[2], totals[3]), tuple(effects(counts)))


def deals_rated(
    store: Store, company: Company, scope: Scope, criterion: int, rating: str | None, days_before: int, limit: int = 200
) -> pd.DataFrame:
    """The closed deals behind a criterion, largest first.

    Parameters
    ----------
    store, company, scope, days_before
        As in :func:`what_wins`.
    criterion
        Its number.
    rating
        ``+``, ``-`` or ``?`` at that moment; None for all.
    limit
        The most rows.

    Returns
    -------
    DataFrame
        ``id``, ``rating``, ``rated_on`` (day of the assessment that counts).
    """
    closed = _closed(company, scope, "amount")
    column = f"c{NUMBERS[criterion - 1]}"
    where = "true" if rating is None else f"coalesce({column}, 0) = {_SIGN[rating]}"
    return store.frame(
        f"""
        with {_ctes(company, scope, closed)} deal as ({closed.sql}), stood as ({_stood(days_before)})
        select r.natural_key as id, case coalesce({column}, 0) when 1 then '+' when -1 then '-' else '?' end as rating,
            p.assessed_on as rated_on
        from stood p
        join record r on r.table_name = 'opportunities' and r.record_key = p.opportunity_key
        where {where}
        order by p.amount desc nulls last, id limit {int(limit)}
        """,
        closed.params,
    )


def against(store: Store, company: Company, scope: Scope) -> pd.DataFrame:
    """Closed deals by competitor met in them and quarter of the close.

    A deal in which several are met counts for each. ``competitor`` is blank for deals in which none is known.

    Returns
    -------
    DataFrame
        ``competitor``, ``quarter``, ``won``, ``lost``, ``won_amount``, ``lost_amount``, ``squares`` (sum of the squared
        amounts, from which the effective number of deals follows).
    """
    closed = _closed(company, scope, "amount")
    return store.frame(
        f"""
        with {_ctes(company, scope, closed)} deal as ({closed.sql}), met as ({met_sql(scope)})
        select coalesce(m.competitor, '') as competitor, d.by_close_quarter as quarter,
            count(*) filter (where d.status = 'won') as won, count(*) filter (where d.status = 'lost') as lost,
            cast(coalesce(sum(d.amount) filter (where d.status = 'won'), 0) as double) as won_amount,
            cast(coalesce(sum(d.amount) filter (where d.status = 'lost'), 0) as double) as lost_amount,
            coalesce(sum(cast(d.amount as double) * cast(d.amount as double)), 0) as squares
        from deal d left join met m on m.opportunity_key = d.deal_key
        group by all order by competitor, quarter
        """,
        closed.params,
    )


def met_sql(scope: Scope) -> str:
    """SQL of whom we meet in which deal: listed or rated, by the scope's day; a pair once."""
    day = f"date '{scope.as_of}'"
    return f"""
        select opportunity_key, trim(regexp_replace(competitor, '\\s+', ' ', 'g')) as competitor
        from competitor_version c where opportunity_key is not null and {relation.at("c", scope.as_of)}
        union
        select opportunity_key, competitor from assessment_profile
        where competitor <> '' and valid_from <= {day}
    """


def _closed(company: Company, scope: Scope, *columns: str) -> Query:
    """The closed deals of a scope."""
    return relation.deals(
        company,
        scope,
        ("close_quarter",),
        {"status", "close_date", *columns},
        only=f"s.status in ('won', 'lost') and {relation.closes_in(scope.period)}",
    )


def _stood(days_before: int) -> str:
    """SQL of our assessment of each deal as it stood so many days before its close."""
    moment = f"cast(d.close_date as date) - {int(days_before)}"
    return f"""
        select d.*, p.* from deal d
        join assessment_profile p on p.opportunity_key = d.deal_key and p.competitor = ''
            and p.valid_from <= {moment} and (p.valid_to is null or p.valid_to > {moment})
    """


def _ctes(company: Company, scope: Scope, query: Query) -> str:
    return "".join(f"{text}, " for text in relation.base_ctes(company, scope.as_of, query.leans_on))


def rivals(frame: pd.DataFrame, recent: int = 4) -> pd.DataFrame:
    """The win rate against each competitor, with intervals and what became of it lately.

    The interval by value is Wilson's over the effective number of deals, (Σ amount)² ÷ Σ amount²: a few large deals say
    less than many equal ones. The trend compares the newest quarters with all before them (Newcombe), strict enough for
    as many competitors as there are.

    Parameters
    ----------
    frame
        As :func:`against` gives it.
    recent
        How many quarters are the newest.

    Returns
    -------
    DataFrame
        A row per competitor, most deals first: ``competitor``, ``won``, ``deals``, ``rate``, ``low``, ``high``,
        ``value_rate``, ``value_low``, ``value_high``, ``new_won``, ``new_deals``, ``old_won``, ``old_deals``,
        ``trend`` (``up``, ``down`` or ``none``).
    """
    named = frame[frame["competitor"] != ""]
    quarters = sorted(frame["quarter"].dropna().unique())
    newest = set(quarters[-recent:]) if len(quarters) > recent else set()
    count = named["competitor"].nunique()
    rows = []
    for name, own in named.groupby("competitor", sort=True):
        won, lost = int(own["won"].sum()), int(own["lost"].sum())
        low, high = wilson(won, won + lost)
        amount = float(own["won_amount"].sum() + own["lost_amount"].sum())
        squares = float(own["squares"].sum())
        share = float(own["won_amount"].sum()) / amount if amount > 0 else None
        cases = int(amount**2 / squares) if squares > 0 else 0
        value_low, value_high = wilson(round((share or 0.0) * cases), cases) if share is not None else (None, None)
        is_new = own["quarter"].isin(newest)
        new, old = own[is_new], own[~is_new]
        halves = [int(n) for n in (new["won"].sum(), (new["won"] + new["lost"]).sum(), old["won"].sum(),
                                   (old["won"] + old["lost"]).sum())]  # fmt: skip
        rows.append((name, won, won + lost, won / (won + lost), low, high, share, value_low, value_high, *halves,
                     _trend(halves, count)))  # fmt: skip
    columns = ["competitor", "won", "deals", "rate", "low", "high", "value_rate", "value_low", "value_high",
               "new_won", "new_deals", "old_won", "old_deals", "trend"]  # fmt: skip
    return pd.DataFrame(rows, columns=columns).sort_values("deals", ascending=False, kind="stable", ignore_index=True)


def _trend(halves: list[int], count: int) -> str:
    new_won, new_deals, old_won, old_deals = halves
    if min(new_deals, old_deals) < ENOUGH:
        return "none"
    low, high = difference(new_won, new_deals, old_won, old_deals, claims=count)
    return "up" if low > 0 else ("down" if high < 0 else "none")
