"""The ``target`` relation: one row per target that counts."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Final

from tas_analytics.metrics import relation
from tas_analytics.metrics.company import Company
from tas_analytics.metrics.dimensions import dimension
from tas_analytics.metrics.scope import Scope

#: Of two targets: whether the time of ``o`` lies in that of ``t``.
_WITHIN: Final = "o.first_day >= t.first_day and o.after_last <= t.after_last"


def targets(
    company: Company, scope: Scope, by: Iterable[str], columns: Collection[str] | None = None
) -> relation.Query | None:
    """The ``target`` relation, or None where a split or filter is one that targets do not have."""
    wanted = [dimension(key) for key in by]
    filters = [(dimension(key), values) for key, values in scope.filters]
    if any(one.person_sql is None for one in (*wanted, *(d for d, _ in filters))):
        return None
    where, params = relation.where_filters(company, filters, scope.as_of, of_person=True)
    columns = "".join(f"{one.person_sql} as by_{one.key}, " for one in wanted)
    bounds = (
        f"first_day >= date '{scope.period.start}' and after_last <= date '{scope.period.end}'"
        if scope.period
        else "true"
    )
    sql = f"""
        with recursive begun as (
            select *, {_first_day(company)} as first_day from target_version t where {relation.at("t", scope.as_of)}
        ),
        dated as (
            select *, {_first_day(company, 1)} as after_last,
                case when period not like '____' then {company.calendar.quarter_sql("first_day")} end as close_quarter
            from begun
        ),
        inside as (select * from dated where {bounds}),
        person_now as (select * from person_version p where {relation.at("p", scope.as_of)}),
        team_now as (
            select team, mode(region order by region) as region, mode(manager order by manager) as manager
            from person_now where team is not null group by team
        ),
        under as (
            select manager as above, person from person_now where manager <> person
            union select u.above, p.person from under u join person_now p on p.manager = u.person
        ),
        leaf as (
            select t.* from inside t
            -- A year's target is the sum of its quarters, a quarter's of its months, where these are given.
            where not exists (
                select 1 from inside o where {_WITHIN} and o.period <> t.period
                and o.person is not distinct from t.person and o.team is not distinct from t.team)
            -- A manager's is the roll-up of all people under that manager, where they have their own.
            and not (t.person is not null and exists (
                select 1 from inside o join under u on u.person = o.person
                where u.above = t.person and o.person <> t.person and {_WITHIN}))
            and not (t.person is null and t.team is not null and exists (
                select 1 from inside o join person_now u on u.person = o.person where u.team = t.team and {_WITHIN}))
            and not (t.person is null and t.team is null and exists (
                select 1 from inside o where (o.person is not null or o.team is not null) and {_WITHIN}))
        )
        select {columns}t.amount
        from leaf t
        left join person_now tp on tp.person = t.person
        left join team_now tt on tt.team = t.team
        where {where}
    """
    return relation.Query(sql, params)


def _first_day(company: Company, beyond: int = 0) -> str:
    """SQL of the first day of a target's period, or with ``beyond=1`` of the first day after it."""
    fiscal = company.calendar.fiscal
    year = f"(cast(period[1:4] as integer) + {beyond})"
    quarter = fiscal.quarter_start_sql("cast(period[1:4] as integer)", f"(cast(period[6:6] as integer) + {beyond})")
    return (
        f"case when period like '%Q%' then {quarter} when period like '%-%' then "
        f"cast(make_date(cast(period[1:4] as integer), cast(period[6:7] as integer), 1) + to_months({beyond}) as date) "
        f"else {fiscal.year_start_sql(year)} end"
    )
