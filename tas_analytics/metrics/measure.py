"""Compile metrics, dimensions and a scope into one query, and run it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from typing import Final

import pandas as pd

from tas_analytics.metrics import justified, ratings, relation
from tas_analytics.metrics.company import Company
from tas_analytics.metrics.dimensions import dimension
from tas_analytics.metrics.metric import Metric
from tas_analytics.metrics.registry import metric, with_parts
from tas_analytics.metrics.relation import Query
from tas_analytics.metrics.scope import Scope
from tas_analytics.metrics.targets import targets
from tas_analytics.store.database import Store

_Build = Callable[[Company, Scope, Sequence[str], Collection[str]], Query | None]


def _deals(company: Company, scope: Scope, by: Sequence[str], columns: Collection[str]) -> Query:
    # What neither closes nor opens in the period adds to no number, and its group is no row of the answer.
    return relation.deals(company, scope, by, columns, only=relation.falls_in(scope.period))


def _unless_of_ratings(build: _Build) -> _Build:
    """Relations of deals have no split by the dimensions of ratings, nor a filter by those that no deal has."""

    def built(company: Company, scope: Scope, by: Sequence[str], columns: Collection[str]) -> Query | None:
        filtered = {key for key, _ in scope.filters} - {"competitor"}
        return None if ratings.no_split({*by, *filtered}) else build(company, scope, by, columns)

    return built


_GRAINS: Final[dict[str, _Build]] = {
    "deal": _unless_of_ratings(_deals),
    "step": _unless_of_ratings(relation.steps),
    "stay": _unless_of_ratings(relation.stays),
    "due": _unless_of_ratings(relation.due),
    "reach": _unless_of_ratings(relation.reach),
    "plan": _unless_of_ratings(relation.plan),
    "evidence": _unless_of_ratings(justified.evidence),
    "target": targets,
    "rating": ratings.ratings,
    "duel": ratings.duels,
}


def measure(
    store: Store, keys: Sequence[str], scope: Scope, by: Sequence[str] = (), company: Company | None = None
) -> pd.DataFrame:
    """The values of metrics, split by dimensions.

    Parameters
    ----------
    store
        The store.
    keys
        Metric keys.
    scope
        Which deals, as known on which day.
    by
        Dimension keys; without any the result has one row.
    company
        The store's facts, if the caller has them already.

    Returns
    -------
    DataFrame
        A column per dimension key (text, None for deals without one) and per metric key. Stages
        come in their order, other values by name, none last. A ratio without a base is missing,
        never infinite.

    Raises
    ------
    BadQuestion
        A metric or dimension does not exist.
    """
    query = compile_query(company or Company.of(store), keys, scope, by)
    frame = store.frame(query.sql, query.params)
    return _tidy(frame, by)


def compile_query(company: Company, keys: Sequence[str], scope: Scope, by: Sequence[str] = ()) -> Query:
    """SQL and parameters for :func:`measure`."""
    for key in by:
        dimension(key)
    wanted = with_parts(list(keys))
    names = [f"by_{key}" for key in by]
    ctes: list[str] = []
    params: dict[str, object] = {}
    leans_on: set[str] = set()
    columns: dict[str, str] = {}
    grains: list[str] = []
    for grain, build in _GRAINS.items():
        own = [one for one in wanted if one.grain == grain]
        if not own:
            continue
        query = build(company, scope, list(by), relation.words(one.sql for one in own))
        if query is None:  # the relation has no such split: its metrics are blank
            columns |= {one.key: "cast(null as double)" for one in own}
            continue
        params.update(query.params)
        leans_on |= query.leans_on
        ctes.append(_grouped(grain, own, query.sql, names))
        grains.append(grain)
        columns |= {one.key: _outer(one) for one in own}
    ctes = [*relation.base_ctes(company, scope.as_of, leans_on), *ctes, _keys(grains, names)]
    joins = "\n".join(_outer_join(grain, names) for grain in grains)
    derived = [one for one in wanted if one.grain == "derived"]
    values = ", ".join(f"{sql} as {key}" for key, sql in columns.items())
    ctes.append(f"base as (select {', '.join([*(f'keys.{name}' for name in names), values])} from keys {joins})")
    source = "base"
    for index, one in enumerate(derived):
        ctes.append(f"derived_{index} as (select *, {one.sql} as {one.key} from {source})")
        source = f"derived_{index}"
    shown = [
        *(f"r.{name} as {name.removeprefix('by_')}" for name in names),
        *(f"r.{key}" for key in dict.fromkeys(keys)),
    ]
    order, order_join = _order(by)
    params |= {"milestone_order": list(company.steps.names)} if "milestone" in by else {}
    sql = f"with {', '.join(ctes)} select {', '.join(shown)} from {source} r {order_join} {order}"
    return Query(sql, params)


def total(store: Store, key: str, scope: Scope, company: Company | None = None) -> float | None:
    """One metric without a split; None where it has no value."""
    value = measure(store, [metric(key).key], scope, (), company)[key].iloc[0]
    return None if pd.isna(value) else float(value)


def _grouped(grain: str, own: list[Metric], sql: str, names: list[str]) -> str:
    aggregates = ", ".join(f"{one.sql} as {one.key}" for one in own)
    if not names:
        return f"g_{grain} as (select {aggregates} from ({sql}))"
    return f"g_{grain} as (select {', '.join(names)}, {aggregates} from ({sql}) group by all)"


def _keys(grains: list[str], names: list[str]) -> str:
    if not names:
        return "keys as (select 1 as one)"
    if not grains:  # nothing that is asked has such a split
        return f"keys as (select {', '.join(f'cast(null as varchar) as {name}' for name in names)} where false)"
    union = " union ".join(f"select {', '.join(names)} from g_{grain}" for grain in grains)
    return f"keys as ({union})"


def _outer(one: Metric) -> str:
    column = f"g_{one.grain}.{one.key}"
    # A group that a grain does not know has none of what is counted, but an unknown target.
    return f"coalesce({column}, 0)" if one.additive else column


def _outer_join(grain: str, names: list[str]) -> str:
    if not names:
        return f"cross join g_{grain}"
    on = " and ".join(f"g_{grain}.{name} is not distinct from keys.{name}" for name in names)
    return f"left join g_{grain} on {on}"


def _order(by: Sequence[str]) -> tuple[str, str]:
    if not by:
        return "", ""
    terms, join = [], ""
    for key in by:
        if key == "stage":
            # Pipelines may have stages of the same name: the row stands where the first of them does.
            join = (
                "left join (select stage, min(position) as position from stage group by stage) stage_order "
                "on stage_order.stage = r.by_stage"
            )
            terms.append("stage_order.position")
        elif key == "milestone":
            terms.append("list_position($milestone_order, r.by_milestone) nulls first")
        elif key == "status":
            terms.append("case r.by_status when 'open' then 1 when 'won' then 2 else 3 end")
        elif key in {"criterion", "question"}:
            terms.append(f"cast(r.by_{key} as integer)")
        terms.append(f"r.by_{key} nulls last")
    return f"order by {', '.join(terms)}", join


def _tidy(frame: pd.DataFrame, by: Sequence[str]) -> pd.DataFrame:
    for key in by:
        frame[key] = frame[key].astype(object).where(frame[key].notna(), None)
    return frame
