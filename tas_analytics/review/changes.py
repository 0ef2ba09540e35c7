"""What changed between two days: a waterfall in which every deal is in exactly one bucket.

A deal is in scope on a day if it is open then, passes the filters then and closes in the period, all as
it was known at the end of that day. Amounts are in the reporting currency at the first day's rates;
the bucket ``currency`` holds what the second day's rates add. All sums are exact decimals, and
end = start + Σ buckets to the cent.

The first day's rate of a deal that is in scope on both days and kept its currency is the very rate that
the first day used for it, so that a deal whose own amount stayed the same is unchanged.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from tas_analytics.errors import BadQuestion
from tas_analytics.formats import day as say_day
from tas_analytics.metrics import relation
from tas_analytics.metrics.company import Company
from tas_analytics.metrics.deals import NAME
from tas_analytics.metrics.scope import Scope
from tas_analytics.review.buckets import BUCKETS
from tas_analytics.store.database import Store

ZERO: Final = Decimal("0.00")
#: The first bucket whose condition holds.
_BUCKET: Final = """case
    when inside_then and inside_now then
        case when now_amount > was_amount then 'increased' when now_amount < was_amount then 'decreased'
             else 'unchanged' end
    when inside_then then
        case when status_now = 'won' then 'won' when status_now = 'lost' then 'lost'
             when status_now is null then 'removed' when not passes_now then 'owner_out' else 'pushed_out' end
    else
        case when status_then is null then 'created' when status_then <> 'open' then 'reopened'
             when not passes_then then 'owner_in' else 'pulled_in' end
    end"""


@dataclass(frozen=True)
class Total:
    """Number and amount of some deals; the amount is signed."""

    deals: int
    amount: Decimal


@dataclass(frozen=True)
class Changes:
    """The waterfall.

    ``start`` is what was open in scope on the day ``since``, ``end`` on the scope's day; ``buckets`` has
    every bucket once, in the order of :data:`BUCKETS`. The bucket ``currency`` counts no deals of its own.
    """

    since: dt.date
    scope: Scope
    start: Total
    end: Total
    buckets: dict[str, Total]

    @property
    def net(self) -> Decimal:
        """End − start."""
        return self.end.amount - self.start.amount


def changes(store: Store, company: Company, since: dt.date, scope: Scope) -> Changes:
    """The waterfall from a day to the scope's day.

    Raises
    ------
    BadQuestion
        The first day does not lie before the second.
    """
    query = moves(company, since, scope)
    rows = store.rows(
        f"{query.sql} select bucket, count(*), sum(delta), sum(rate_effect), sum(was_amount), sum(end_amount), "
        "count(*) filter (where inside_then), count(*) filter (where inside_now) from moved group by bucket",
        query.params,
    )
    found = {one.key: Total(0, ZERO) for one in BUCKETS}
    for key, n, delta, *_ in rows:
        found[key] = Total(int(n), Decimal(delta))
    found["currency"] = Total(0, sum((Decimal(row[3]) for row in rows), ZERO))
    start = Total(sum(int(row[6]) for row in rows), sum((Decimal(row[4]) for row in rows), ZERO))
    end = Total(sum(int(row[7]) for row in rows), sum((Decimal(row[5]) for row in rows), ZERO))
    return Changes(since, scope, start, end, found)


def changed_deals(
    store: Store, company: Company, since: dt.date, scope: Scope, buckets: Sequence[str] = ()
) -> list[dict[str, Any]]:
    """Every deal of the waterfall, or of some buckets, largest effect first.

    Columns: opportunity_id, name, account, bucket; ``before`` and ``after``, the amounts in scope on either day at
    the first day's rates (0 where out of scope), ``amount`` = after − before, ``currency_effect``, ``effect`` of
    both; stage, category, close_date, owner, own amount and currency on both days as ``<column>_before`` and
    ``<column>_after``, None where the deal was not known; category and status as the registry knows them as
    ``category_then``, ``category_now``, ``status_then`` and ``status_now``, places of the stages as ``position_then``,
    ``position_now``; pushes and delays up to the
    second day. Amounts are exact decimals.
    """
    query = moves(company, since, scope, with_state=True)
    known = {"buckets": list(buckets)} if buckets else {}
    only = "list_contains($buckets, m.bucket)" if buckets else "true"
    first, second = relation.at("a", since), relation.at("b", scope.as_of)
    state = {
        "stage": "{s}.stage",
        "category": "{v}.forecast_category",
        "close_date": "{v}.close_date",
        "owner": "{o}.natural_key",
        "own_amount": "{v}.amount",
        "currency": "{v}.currency",
    }
    sides = ", ".join(
        f"{sql.format(s=f's{v}', v=v, o=f'o{v}')} as {column}_{when}"
        for v, when in (("a", "before"), ("b", "after"))
        for column, sql in state.items()
    )
    sql = f"""{query.sql}
        select oid.natural_key as opportunity_id, {NAME} as name, an.natural_key as account, m.bucket,
            m.was_amount as before, m.now_amount as after, m.delta as amount, m.rate_effect as currency_effect,
            m.delta + m.rate_effect as effect, {sides},
            m.category_then, m.category_now, m.position_then, m.position_now, m.status_then, m.status_now,
            coalesce(b.pushes, a.pushes) as pushes, coalesce(b.delays, a.delays) as delays,
            coalesce(b.pushes, a.pushes) - coalesce(a.pushes, 0) as pushed_since
        from moved m
        join record oid on oid.table_name = 'opportunities' and oid.record_key = m.deal_key
        left join opportunity_version a on a.record_key = m.deal_key and {first}
        left join opportunity_version b on b.record_key = m.deal_key and {second}
        left join lateral (select coalesce(b.name, a.name) as name, coalesce(b.account_key, a.account_key)
            as account_key, coalesce(b.product_key, a.product_key) as product_key) v on true
        left join record an on an.table_name = 'accounts' and an.record_key = v.account_key
        left join record pn on pn.table_name = 'products' and pn.record_key = v.product_key
        left join stage sa on sa.stage_key = a.stage_key
        left join stage sb on sb.stage_key = b.stage_key
        left join record oa on oa.table_name = 'people' and oa.record_key = a.owner_key
        left join record ob on ob.table_name = 'people' and ob.record_key = b.owner_key
        where {only}
        order by abs(m.delta + m.rate_effect) desc, greatest(m.was_amount, m.now_amount) desc, oid.natural_key
    """
    with store.cursor() as cursor:
        result = cursor.execute(sql, {**query.params, **known})
        names = [column[0] for column in result.description]
        return [dict(zip(names, row, strict=True)) for row in result.fetchall()]


def moves(company: Company, since: dt.date, scope: Scope, *, with_state: bool = False) -> relation.Query:
    """The relation ``moved``, as CTEs: one row per deal that is in scope on either day, with its bucket.

    With state it has stage, its position and category on both days too.
    """
    if since >= scope.as_of:
        raise BadQuestion(
            f"{say_day(since)} does not lie before {say_day(scope.as_of)}", "Compare with an earlier day."
        )
    state = ("stage", "position", "category") if with_state else ()
    then, now = _day(company, scope.on(since), state), _day(company, scope, state)
    both = "".join(f"a.{name} as {name}_then, b.{name} as {name}_now, " for name in state)
    kept_state = "".join(f"{name}_then, {name}_now, " for name in state)
    fx = relation.base_ctes(company, since, {"fx"}) if company.converts else []
    if company.converts:
        kept = "a.inside and (a.currency is not distinct from b.currency)"
        rate = f"case when {kept} then a.rate else fx.rate end"
        dated, fx_join = relation.rate_day(since, "b"), "left join fx on fx.currency = b.currency and fx.day = b.rated"
    else:
        rate, dated, fx_join = "1", "b.close_date", ""
    sql = f"""with {"".join(f"{text}, " for text in fx)}
        then_known as ({then.sql}),
        now_known as (select b.*, {dated} as rated from ({now.sql}) b),
        valued as (
            select coalesce(a.deal_key, b.deal_key) as deal_key, a.status as status_then, b.status as status_now,
                a.passes as passes_then, b.passes as passes_now,
                {both}coalesce(a.inside, false) as inside_then, coalesce(b.inside, false) as inside_now,
                coalesce(case when a.inside then a.in_reporting end, 0) as was_amount,
                coalesce(case when b.inside then {relation.amount_at(company, rate, "b")} end, 0) as now_amount,
                coalesce(case when b.inside then b.in_reporting end, 0) as end_amount
            from then_known a
            full join now_known b on a.deal_key = b.deal_key
            {fx_join}
            where a.inside or b.inside
        ),
        moved as (
            select deal_key, {kept_state}status_then, status_now, inside_then, inside_now,
                {_BUCKET} as bucket, was_amount, now_amount, end_amount,
                now_amount - was_amount as delta, end_amount - now_amount as rate_effect
            from valued
        )
    """
    return relation.Query(sql, {**then.params, **now.params})


def _day(company: Company, scope: Scope, state: Sequence[str] = ()) -> relation.Query:
    """One row per deal known on a day: status, amounts, whether it passes the filters and is in scope."""
    keys = [key for key, _ in scope.filters]
    rate = "fx.rate as rate, " if company.converts else ""
    # A deal is the same one on either day: of named deals only they are looked at, in a store of any size.
    named = (
        "v.record_key in (select record_key from record where table_name = 'opportunities' "
        "and list_contains($f_deal, natural_key))"
    )
    inner = relation.deals(
        company,
        Scope(scope.as_of, scope.period),
        keys,
        {"status", "amount", "close_date", "in_period", *state},
        only=named if "deal" in keys else "true",
        extra=f"v.amount as own_amount, v.currency, {rate}{'s.stage, ' if 'stage' in state else ''}",
    )
    ctes = relation.base_ctes(company, scope.as_of, inner.leans_on)
    passes = " and ".join(["true", *(f"list_contains($f_{key}, coalesce(by_{key}, ''))" for key in keys)])
    own = [*state, "status", "own_amount as amount", "currency", *(["rate"] if company.converts else []), "close_date"]
    sql = f"""
        {f"with {', '.join(ctes)}" if ctes else ""}
        select deal_key, {", ".join(own)}, amount as in_reporting, passes,
            status = 'open' and in_period and passes as inside
        from (select *, {passes} as passes from ({inner.sql}))
    """
    return relation.Query(sql, {f"f_{key}": list(values) for key, values in scope.filters})
