"""The rows under the metrics, one SQL relation per grain.

deal
    One row per deal as it was known on the scope's day.
step
    One row per deal and open stage that it reached: passed, lost or open there.
stay
    One row per deal and unbroken stay in a stage.
due
    One row per deal and period at whose first day it was open and due in the period.
reach, plan
    One row per deal and milestone that it reached, or whose target date has come (:mod:`journey`).
target
    One row per target that counts.

Each relation stands alone, so that metrics of several grains are never joined row by row: that
would count amounts twice (the fan trap). Only the columns that a question needs are built, with
the joins that they need. Values reach SQL as parameters only; dates and numbers that the program
itself made are written as literals.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from typing import Final

from tas_analytics.metrics import asof, journey, touch
from tas_analytics.metrics.company import Company
from tas_analytics.metrics.dimensions import JOINS, Dimension, dimension
from tas_analytics.metrics.periods import Period
from tas_analytics.metrics.scope import Scope

#: From so many advanced stays on, their P75 is the stall line; before that the planned days are.
ENOUGH_STAYS: Final = 20
#: Columns of the ``deal`` relation that lean on a relation of :func:`base_ctes`.
_LEAN_ON: Final = {"amount": "fx", "is_stalled": "stall", "stall_line": "stall", "days_untouched": "touch"}
_FX_JOIN: Final = "left join fx on fx.currency = v.currency and fx.day = {day}"
#: Of a stay in stage ``own``: whether the stage that followed it lies ahead.
_ADVANCED: Final = "(next.status = 'won' or (next.status = 'open' and next.position > own.position))"
#: Spellings of forecast categories, compared as letters only.
_CATEGORIES: Final = {
    "omitted": ("omitted", "omit", "excluded"),
    "pipeline": ("pipeline",),
    "best_case": ("bestcase", "upside"),
    "commit": ("commit", "committed", "forecast"),
    "closed": ("closed", "won", "closedwon"),
}


#: The condition that picks what was known on a day.
at: Final = asof.at


@dataclass(frozen=True)
class Query:
    """SQL text with the parameters that it uses, and the relations of :func:`base_ctes` that it reads."""

    sql: str
    params: dict[str, object]
    leans_on: frozenset[str] = frozenset()


def deals(
    company: Company,
    scope: Scope,
    by: Iterable[str] = (),
    columns: Collection[str] | None = None,
    *,
    extra: str = "",
    only: str = "true",
) -> Query:
    """The ``deal`` relation, with a column ``by_<key>`` for each dimension asked for.

    Parameters
    ----------
    company, scope
        Whose deals, and which.
    by
        Dimension keys.
    columns
        Columns that are needed, other names are passed over; None for all.
    extra
        More columns, as SQL over the relation's aliases, ending in a comma.
    only
        A condition over the relation's aliases that all rows must meet.
    """
    wanted = [dimension(key) for key in by]
    filters = [(dimension(key), values) for key, values in scope.filters]
    needed = {join for one in (*wanted, *(d for d, _ in filters)) for join in one.joins}
    known = _columns(company, scope)
    chosen = [name for name in known if columns is None or name in columns]
    leans_on = {_LEAN_ON[name] for name in chosen if name in _LEAN_ON} - (set() if company.converts else {"fx"})
    leans_on |= {"journey"} & needed
    joins = [_FX_JOIN.format(day=rate_day(scope.as_of))] if "fx" in leans_on else []
    joins += ["left join stall using (stage_key)"] if "stall" in leans_on else []
    joins += ["left join touch on touch.deal_key = v.record_key"] if "touch" in leans_on else []
    joins += [_join(name, scope.as_of) for name in JOINS if name in needed]
    split = "".join(f"{one.sql(company.calendar)} as by_{one.key}, " for one in wanted)
    where, params = where_filters(company, filters, scope.as_of)
    params |= company.steps.params if "journey" in leans_on else {}
    sql = f"""
        select v.record_key as deal_key, {split}{extra}
            {", ".join(f"{known[name]} as {name}" for name in ("status", *(n for n in chosen if n != "status")))}
        from opportunity_version v
        join stage s using (stage_key)
        {" ".join(joins)}
        where {at("v", scope.as_of)} and {where} and {only}
    """
    return Query(sql, params, frozenset(leans_on))


def words(formulas: Iterable[str]) -> frozenset[str]:
    """The names in formulas, among them the columns that they need."""
    return frozenset(re.findall(r"[a-z_]+", " ".join(formulas)))


def closes_in(period: Period | None) -> str:
    """The condition that a deal closes in the period, for ``only``."""
    return _in("v.close_date", period)


def falls_in(period: Period | None) -> str:
    """The condition that a deal was opened or closes in the period, for ``only``."""
    return f"({_in('v.close_date', period)} or {_in('v.created_date', period)})"


def base_ctes(company: Company, as_of: dt.date, names: Collection[str]) -> list[str]:
    """The relations of those names that others lean on: stall lines and currency rates of a day."""
    ctes = {
        # Counted by length first: few distinct lengths stand for millions of stays.
        "stall": f"""stall as (
            with lasted as (
                select stage_key, next_stage_key, y.left_on - y.entered as days, count(*) as stays from stage_spell y
                where y.first_seen <= date '{as_of}' and y.left_on <= date '{as_of}' and y.left_on >= y.entered
                group by all
            ),
            advanced as (
                select y.stage_key, y.days, sum(y.stays) as stays
                from lasted y
                join stage own on own.stage_key = y.stage_key
                join stage next on next.stage_key = y.next_stage_key
                where own.status = 'open' and {_ADVANCED} group by all
            ),
            ranked as (
                select stage_key, days, sum(stays) over (partition by stage_key order by days) as upto,
                    sum(stays) over (partition by stage_key) as stays
                from advanced
            ),
            placed as (select *, 0.75 * (stays - 1) as place from ranked),
            p75 as (
                select stage_key, any_value(stays) as stays, any_value(place) - floor(any_value(place)) as beyond,
                    min(days) filter (where upto > floor(place)) as below,
                    min(days) filter (where upto > ceil(place)) as above
                from placed group by stage_key
            )
            select k.stage_key, case when p75.stays >= {ENOUGH_STAYS}
                then below + beyond * (above - below) else k.planned_days end as line
            from stage k left join p75 using (stage_key)
            where k.status = 'open'
        )""",
        # A row per currency and day, so that a deal finds its rate by equality.
        "fx": f"""fx as (
            with rate as (
                -- Before the first rate of a currency its first one holds.
                select currency, case when row_number() over (partition by currency order by date) = 1
                    then date '0001-01-01' else date end as date, rate
                from rate_version r where {at("r", as_of)}
            ),
            bounds as (select least(min(case when date > date '0001-01-01' then date end), date '{as_of}') as first_day
                from rate_version r where {at("r", as_of)}),
            day as (
                select cast(unnest(generate_series(cast(first_day as timestamp), timestamp '{as_of}', interval 1 day))
                    as date) as day
                from bounds
            )
            select c.currency, day.day, rate.rate
            from (select distinct currency from rate) c cross join day
            asof join rate on rate.currency = c.currency and rate.date <= day.day
        )""",
    }
    found = [text for name, text in ctes.items() if name in names]
    found += [journey.cte(company.steps, as_of)] if "journey" in names else []
    return [*found, touch.cte(as_of)] if "touch" in names else found


def steps(company: Company, scope: Scope, by: Iterable[str], columns: Collection[str] | None = None) -> Query:
    """The ``step`` relation. Its stage is the stage stepped through, not the deal's present one."""
    keys = list(by)
    split = [key for key in keys if key != "stage"]
    inner = deals(company, scope, split, _and(columns, "last_open_stage_key"), only=closes_in(scope.period))
    stage = "k.stage as by_stage, " if "stage" in keys else ""
    sql = f"""
        select d.*, {stage}k.position as step_position, k.stage_key as step_key,
            case when d.status = 'won' or last_open.position > k.position then 'passed'
                 when last_open.position = k.position then d.status end as outcome
        from ({inner.sql}) d
        join stage last_open on last_open.stage_key = d.last_open_stage_key
        join stage k on k.status = 'open' and k.in_use and k.pipeline is not distinct from last_open.pipeline
            and (d.status = 'won' or k.position <= last_open.position)
    """
    return Query(sql, inner.params, inner.leans_on)


def stays(company: Company, scope: Scope, by: Iterable[str], columns: Collection[str] | None = None) -> Query:
    """The ``stay`` relation: stays that ended in the period. Its stage is the one stayed in."""
    keys = list(by)
    inner = deals(company, scope, [key for key in keys if key != "stage"], columns)
    stage = "own.stage as by_stage, " if "stage" in keys else ""
    day = f"date '{scope.as_of}'"
    sql = f"""
        select d.*, {stage}case when y.left_on >= y.entered then y.left_on - y.entered end as days,
            coalesce({_ADVANCED}, false) as advanced
        from stage_spell y
        join ({inner.sql}) d on d.deal_key = y.opportunity_key
        join stage own on own.stage_key = y.stage_key and own.status = 'open'
        left join stage next on next.stage_key = y.next_stage_key
        where y.first_seen <= {day} and y.left_on <= {day} and {_in("y.left_on", scope.period)}
    """
    return Query(sql, inner.params, inner.leans_on)


def due(company: Company, scope: Scope, by: Iterable[str], columns: Collection[str] | None = None) -> Query:
    """The ``due`` relation: what was open and due at the first day of the period, and whether it slipped."""
    parts: list[str] = []
    nothing = deals(company, scope, by, columns, only="false")
    params, leans_on = nothing.params, nothing.leans_on
    for period in _due_periods(company, scope):
        start = scope.on(period.start).within(period)
        inner = deals(company, start, by, columns, only=f"s.status = 'open' and {_in('v.close_date', period)}")
        parts.append(
            f"""
            select d.*, coalesce(n.close_date >= date '{period.end}', false) as slipped
            from ({inner.sql}) d
            left join opportunity_version n on n.record_key = d.deal_key and {at("n", scope.as_of)}
            """
        )
    if not parts:
        return Query(f"select d.*, false as slipped from ({nothing.sql}) d", params, leans_on)
    return Query(" union all by name ".join(f"({part})" for part in parts), params, leans_on)


def reach(company: Company, scope: Scope, by: Iterable[str], columns: Collection[str] | None = None) -> Query:
    """The ``reach`` relation. Its milestone is the one reached, not the deal's last one."""
    keys = list(by)
    inner = deals(
        company, scope, [key for key in keys if key != "milestone"], _and(columns, "created_date"),
        only=closes_in(scope.period),
    )  # fmt: skip

    def told(deals_sql: str, name: str) -> str:
        return journey.reach_sql(company.steps, deals_sql, columns, keys, name)

    return _with_journey(company, scope, inner, told)


def plan(company: Company, scope: Scope, by: Iterable[str], columns: Collection[str] | None = None) -> Query:
    """The ``plan`` relation: milestones of open deals whose target date has come."""
    keys = list(by)
    inner = deals(company, scope, [key for key in keys if key != "milestone"], columns, only=closes_in(scope.period))

    def told(deals_sql: str, name: str) -> str:
        return journey.plan_sql(company.steps, deals_sql, scope.as_of, keys, name)

    return _with_journey(company, scope, inner, told)


def _with_journey(company: Company, scope: Scope, inner: Query, told: Callable[[str, str], str]) -> Query:
    """A relation over deals and their journeys; of few deals only their own milestones are looked through."""
    params = inner.params | company.steps.params
    if not scope.filters:
        return Query(told(inner.sql, "journey"), params, inner.leans_on | {"journey"})
    own = journey.cte(company.steps, scope.as_of, name="own_journey", only="select deal_key from chosen_deal")
    sql = f"with chosen_deal as materialized ({inner.sql}), {own} {told('from chosen_deal', 'own_journey')}"
    return Query(sql, params, inner.leans_on)


def _due_periods(company: Company, scope: Scope) -> list[Period]:
    if company.closes_from is None:
        return []
    found = [scope.period] if scope.period else company.calendar.quarters(company.closes_from, scope.as_of)
    return [period for period in found if company.closes_from <= period.start <= scope.as_of]


def column_names(company: Company, scope: Scope) -> frozenset[str]:
    """The names of all columns that the ``deal`` relation can have."""
    return frozenset(_columns(company, scope))


def _columns(company: Company, scope: Scope) -> dict[str, str]:
    """Every column of the ``deal`` relation besides its key, as SQL over the relation's aliases."""
    day = f"date '{scope.as_of}'"
    categories = " ".join(
        f"when {_letters('v.forecast_category')} in ({', '.join(repr(name) for name in names)}) then '{key}'"
        for key, names in _CATEGORIES.items()
    )
    return {
        "stage_key": "s.stage_key",
        "position": "s.position",
        "status": "s.status",
        "stage_probability": "s.probability",
        "crm_probability": "v.probability",
        "amount": amount_at(company, "fx.rate"),
        "created_date": "v.created_date",
        "close_date": "v.close_date",
        "days_to_close": "v.close_date - v.created_date",
        "pushes": "v.pushes",
        "delays": "v.delays",
        "last_open_stage_key": "v.last_open_stage_key",
        "days_in_stage": f"{day} - v.stage_since",
        "category": f"case {categories} end",
        "in_period": _in("v.close_date", scope.period),
        "created_in_period": _in("v.created_date", scope.period),
        "is_overdue": f"coalesce(v.close_date < {day}, false)",
        "is_stalled": f"coalesce(s.status = 'open' and {day} - v.stage_since > stall.line, false)",
        "stall_line": "stall.line",
        "days_untouched": f"{day} - touch.touched_on",
    }


def _and(columns: Collection[str] | None, *names: str) -> Collection[str] | None:
    return None if columns is None else {*columns, *names}


def deal_name(name: str, account: str, product: str, key: str) -> str:
    """SQL for what a deal is called wherever it is listed: its name, else account and product, else its key.

    Parameters
    ----------
    name, account, product, key
        SQL that gives each, NULL where there is none.
    """
    return f"coalesce({name}, nullif(concat_ws(' ', {account}, {product}), ''), {key})"


def amount_at(company: Company, rate: str, alias: str = "v") -> str:
    """SQL of an amount in the reporting currency, to the cent, at a rate that is given as SQL."""
    if not company.converts:
        return f"{alias}.amount"
    same = f"{alias}.currency is null or {alias}.currency = '{_code(company.currency)}'"
    return f"case when {same} then {alias}.amount else cast(round({alias}.amount * {rate}, 2) as decimal(18, 2)) end"


def rate_day(as_of: dt.date, alias: str = "v") -> str:
    """SQL of the day whose rate converts a deal, among the days of the relation ``fx``."""
    # Closed deals keep the rate of their close date; open ones follow the day's.
    day = f"least(coalesce({alias}.close_date, date '{as_of}'), date '{as_of}')"
    return f"greatest({day}, (select min(day) from fx))"


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


def where_filters(
    company: Company, filters: list[tuple[Dimension, tuple[str, ...]]], day: dt.date, *, of_person: bool = False
) -> tuple[str, dict[str, object]]:
    """The condition that a scope's filters set, and its parameters; of targets instead of deals on request."""
    clauses: list[str] = ["true"]
    params: dict[str, object] = {}
    for one, values in filters:
        sql = one.person_sql if of_person else one.sql(company.calendar)
        params[f"f_{one.key}"] = list(values)
        if one.met_sql:
            clauses.append(one.met_sql.replace("{day}", f"date '{day}'").replace("{at:cv}", at("cv", day)))
            continue
        # An empty value asks for deals that have none.
        clauses.append(f"list_contains($f_{one.key}, coalesce({sql}, ''))")
    return " and ".join(clauses), params
