"""The rows under the metrics, one SQL relation per grain.

deal
    One row per deal as it was known on the scope's day.
step
    One row per deal and open stage that it reached: passed, lost or open there.
stay
    One row per deal and unbroken stay in a stage.
due
    One row per deal and period at whose first day it was open and due in the period.
target
    One row per target that counts.

Each relation stands alone, so that metrics of several grains are never joined row by row: that
would count amounts twice (the fan trap). Values reach SQL as parameters only; dates and numbers
that the program itself made are written as literals.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from tas_analytics.metrics.company import Company
from tas_analytics.metrics.dimensions import JOINS, Dimension, dimension
from tas_analytics.metrics.periods import Period
from tas_analytics.metrics.scope import Scope

#: From so many advanced stays on, their P75 is the stall line; before that the planned days are.
ENOUGH_STAYS: Final = 20
#: Spellings of forecast categories, compared as letters only.
_CATEGORIES: Final = {
    "omitted": ("omitted", "omit", "excluded"),
    "pipeline": ("pipeline",),
    "best_case": ("bestcase", "upside"),
    "commit": ("commit", "committed", "forecast"),
    "closed": ("closed", "won", "closedwon"),
}


@dataclass(frozen=True)
class Query:
    """SQL text with the parameters that it uses."""

    sql: str
    params: dict[str, object]


def at(alias: str, day: dt.date) -> str:
    """The condition that picks the version of ``alias`` that was known at the end of a day."""
    after = f"timestamp '{day + dt.timedelta(days=1)}'"
    return f"({alias}.valid_from < {after} and ({alias}.valid_to is null or {alias}.valid_to >= {after}))"


def deals(
    company: Company, scope: Scope, by: Iterable[str] = (), extra: str = "", *, period_filter: str | None = None
) -> Query:
    """The ``deal`` relation, with a column ``by_<key>`` for each dimension asked for.

    Parameters
    ----------
    company, scope
        Whose deals, and which.
    by
        Dimension keys.
    extra
        More columns, as SQL over the relation's aliases, ending in a comma.
    period_filter
        A condition that all rows must meet.
    """
    wanted = [dimension(key) for key in by]
    filters = [(dimension(key), values) for key, values in scope.filters]
    needed = {join for one in (*wanted, *(d for d, _ in filters)) for join in one.joins}
    joins = "\n".join(_join(name, scope.as_of) for name in JOINS if name in needed)
    columns = "".join(f"{one.sql(company.calendar)} as by_{one.key}, " for one in wanted)
    where, params = _where(company, filters)
    if period_filter:
        where += f" and {period_filter}"
    day = f"date '{scope.as_of}'"
    category = " ".join(
        f"when {_letters('v.forecast_category')} in ({', '.join(repr(name) for name in names)}) then '{key}'"
        for key, names in _CATEGORIES.items()
    )
    amount, rate_join = _amount(company, scope.as_of)
    sql = f"""
        select v.record_key as deal_key, {columns}{extra}
            s.stage_key, s.position, s.status, s.probability as stage_probability, v.probability as crm_probability,
            {amount} as amount, v.created_date, v.close_date, v.close_date - v.created_date as days_to_close,
            v.pushes, v.delays, v.last_open_stage_key, {day} - v.stage_since as days_in_stage,
            case {category} end as category,
            {_in("v.close_date", scope.period)} as in_period,
            {_in("v.created_date", scope.period)} as created_in_period,
            coalesce(v.close_date < {day}, false) as is_overdue,
            coalesce(s.status = 'open' and {day} - v.stage_since > stall.line, false) as is_stalled,
            stall.line as stall_line
        from opportunity_version v
        join stage s using (stage_key)
        left join stall using (stage_key)
        {rate_join}
        {joins}
        where {at("v", scope.as_of)} and {where}
    """
    return Query(sql, params)


def base_ctes(company: Company, as_of: dt.date) -> str:
    """Relations that all others lean on: currency rates and stall lines of a day."""
    ctes = [f"stay_all as ({_stays(as_of)})"]
    ctes.append(
        f"""stall as (
            select k.stage_key, case when count(*) filter (where advanced and days is not null) >= {ENOUGH_STAYS}
                then quantile_cont(days, 0.75) filter (where advanced) else any_value(k.planned_days) end as line
            from stage k left join stay_all using (stage_key)
            where k.status = 'open' group by k.stage_key
        )"""
    )
    if company.converts:
        ctes.append(
            f"""fx as (
                -- Before the first rate of a currency its first one holds.
                select currency, case when row_number() over (partition by currency order by date) = 1
                    then date '1900-01-01' else date end as date, rate
                from rate_version r where {at("r", as_of)}
            )"""
        )
    return ",\n".join(ctes)


def steps(company: Company, scope: Scope, by: Iterable[str]) -> Query:
    """The ``step`` relation. Its stage is the stage stepped through, not the deal's present one."""
    keys = list(by)
    inner = deals(company, scope, [key for key in keys if key != "stage"])
    stage = "k.stage as by_stage, " if "stage" in keys else ""
    sql = f"""
        select d.*, {stage}k.position as step_position, k.stage_key as step_key,
            case when d.status = 'won' or last_open.position > k.position then 'passed'
                 when last_open.position = k.position then d.status end as outcome
        from ({inner.sql}) d
        join stage last_open on last_open.stage_key = d.last_open_stage_key
        join stage k on k.status = 'open' and k.in_use
            and (d.status = 'won' or k.position <= last_open.position)
    """
    return Query(sql, inner.params)


def stays(company: Company, scope: Scope, by: Iterable[str]) -> Query:
    """The ``stay`` relation: stays that ended in the period. Its stage is the one stayed in."""
    keys = list(by)
    inner = deals(company, scope, [key for key in keys if key != "stage"])
    stage = "k.stage as by_stage, " if "stage" in keys else ""
    sql = f"""
        select d.*, {stage}y.days, y.advanced, y.left_on
        from stay_all y
        join ({inner.sql}) d on d.deal_key = y.opportunity_key
        join stage k on k.stage_key = y.stage_key
        where y.left_on is null or {_in("y.left_on", scope.period)}
    """
    return Query(sql, inner.params)


def due(company: Company, scope: Scope, by: Iterable[str]) -> Query:
    """The ``due`` relation: what was open and due at the first day of the period, and whether it slipped."""
    parts, params = [], {}
    for period in _due_periods(company, scope):
        start = scope.on(period.start).within(period)
        inner = deals(company, start, by, period_filter=f"s.status = 'open' and {_in('v.close_date', period)}")
        params.update(inner.params)
        parts.append(
            f"""
            select d.*, coalesce(n.close_date >= date '{period.end}', false) as slipped
            from ({inner.sql}) d
            left join opportunity_version n on n.record_key = d.deal_key and {at("n", scope.as_of)}
            """
        )
    if not parts:
        nothing = deals(company, scope, by, period_filter="false")
        return Query(f"select d.*, false as slipped from ({nothing.sql}) d", nothing.params)
    return Query(" union all by name ".join(f"({part})" for part in parts), params)


def targets(company: Company, scope: Scope, by: Iterable[str]) -> Query | None:
    """The ``target`` relation, or None where a split or filter is one that targets do not have."""
    wanted = [dimension(key) for key in by]
    filters = [(dimension(key), values) for key, values in scope.filters]
    if any(one.person_sql is None for one in (*wanted, *(d for d, _ in filters))):
        return None
    where, params = _where(company, filters, of_person=True)
    columns = "".join(f"{one.person_sql} as by_{one.key}, " for one in wanted)
    bounds = (
        f"t.first_day >= date '{scope.period.start}' and t.after_last <= date '{scope.period.end}'"
        if scope.period
        else "true"
    )
    sql = f"""
        with spans as (
            select t.*, {_target_start(company)} as first_day from target_version t where {at("t", scope.as_of)}
        ),
        dated as (
            select *, case when period like '%Q%' then first_day + interval 3 month
                           when period like '%-%' then first_day + interval 1 month
                           else first_day + interval 12 month end as after_last,
                case when period not like '____' then {company.calendar.quarter_sql("first_day")} end as close_quarter
            from spans
        ),
        person_now as (select * from person_version p where {at("p", scope.as_of)}),
        team_now as (
            select team, any_value(region) as region, any_value(manager) as manager from person_now
            where team is not null group by team
        ),
        leaf as (
            select t.* from dated t
            -- A manager's target is the roll-up of the people under that manager, where they have their own.
            where not (t.person is not null and exists (
                select 1 from dated o join person_now u on u.person = o.person
                where u.manager = t.person and o.person <> t.person and o.period = t.period))
            and not (t.person is null and t.team is not null and exists (
                select 1 from dated o join person_now u on u.person = o.person
                where u.team = t.team and o.period = t.period))
            and not (t.person is null and t.team is null and exists (
                select 1 from dated o where (o.person is not null or o.team is not null) and o.period = t.period))
        )
        select {columns}t.amount
        from leaf t
        left join person_now tp on tp.person = t.person
        left join team_now tt on tt.team = t.team
        where {bounds} and {where}
    """
    return Query(sql, params)


def _stays(as_of: dt.date) -> str:
    day = f"date '{as_of}'"
    return f"""
        select y.opportunity_key, y.stage_key, case when y.left_on <= {day} then y.left_on end as left_on,
            case when y.left_on <= {day} and y.left_on >= y.entered then y.left_on - y.entered end as days,
            coalesce(y.left_on <= {day}
                and (next.status = 'won' or (next.status = 'open' and next.position > own.position)), false) as advanced
        from stage_spell y
        join stage own on own.stage_key = y.stage_key and own.status = 'open'
        left join stage next on next.stage_key = y.next_stage_key
        where y.first_seen <= {day}
    """


def _due_periods(company: Company, scope: Scope) -> list[Period]:
    if company.first_day is None:
        return []
    found = [scope.period] if scope.period else company.calendar.quarters(company.first_day, scope.as_of)
    return [period for period in found if company.first_day <= period.start <= scope.as_of]


def _amount(company: Company, as_of: dt.date) -> tuple[str, str]:
    if not company.converts:
        return "v.amount", ""
    # Closed deals keep the rate of their close date; open ones follow the day's.
    join = (
        f"asof left join fx on fx.currency = v.currency "
        f"and fx.date <= least(coalesce(v.close_date, date '{as_of}'), date '{as_of}')"
    )
    same = f"v.currency is null or v.currency = '{_code(company.currency)}'"
    return f"case when {same} then v.amount else cast(round(v.amount * fx.rate, 2) as decimal(18, 2)) end", join


def _code(currency: str) -> str:
    return "".join(ch for ch in currency if ch.isalpha())


def _join(name: str, day: dt.date) -> str:
    text = JOINS[name]
    for alias in ("p", "a", "pr"):
        text = text.replace("{at:" + alias + "}", at(alias, day))
    return text


def _in(column: str, period: Period | None) -> str:
    if period is None:
        return "true"
    return f"coalesce({column} >= date '{period.start}' and {column} < date '{period.end}', false)"


def _letters(column: str) -> str:
    return f"lower(regexp_replace({column}, '[^A-Za-z]', '', 'g'))"


def _where(
    company: Company, filters: list[tuple[Dimension, tuple[str, ...]]], *, of_person: bool = False
) -> tuple[str, dict[str, object]]:
    clauses: list[str] = ["true"]
    params: dict[str, object] = {}
    for one, values in filters:
        sql = one.person_sql if of_person else one.sql(company.calendar)
        params[f"f_{one.key}"] = list(values)
        # An empty value asks for deals that have none.
        clauses.append(f"list_contains($f_{one.key}, coalesce({sql}, ''))")
    return " and ".join(clauses), params


def _target_start(company: Company) -> str:
    first = company.calendar.start_month
    back = 0 if first == 1 else 1
    return (
        f"case when period like '%Q%' then cast(make_date(cast(period[1:4] as integer) - {back}, {first}, 1) "
        "+ to_months(3 * (cast(period[6:6] as integer) - 1)) as date) "
        "when period like '%-%' then make_date(cast(period[1:4] as integer), cast(period[6:7] as integer), 1) "
        f"else make_date(cast(period[1:4] as integer) - {back}, {first}, 1) end"
    )
