"""The rows under the metrics of the assessment.

rating
    One row per assessed deal and criterion: our newest rating as known on the scope's day.
duel
    One row per deal, competitor and criterion on which both of us were ever rated: our score less theirs.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable
from typing import Final

from tas_analytics.metrics import relation
from tas_analytics.metrics.company import Company
from tas_analytics.metrics.dimensions import RATING_DIMENSIONS, dimension
from tas_analytics.metrics.relation import Query
from tas_analytics.metrics.scope import Scope
from tas_analytics.store.profiles import NUMBERS

#: Dimensions of ratings: of a deal's rows each may have another value.
OF_RATINGS: Final = tuple(one.key for one in RATING_DIMENSIONS)
_COUNTED: Final = f"unnest([{', '.join(map(str, NUMBERS))}]) as criterion"


def known_on(alias: str, day: dt.date) -> str:
    """The condition that picks the profile of ``alias`` that was known at the end of a day."""
    return f"({alias}.valid_from <= date '{day}' and ({alias}.valid_to is null or {alias}.valid_to > date '{day}'))"


def ratings(company: Company, scope: Scope, by: Iterable[str], columns: Collection[str] | None = None) -> Query | None:
    """The ``rating`` relation, or None for a split by competitor."""
    if "competitor" in by:
        return None
    scores = ", ".join(f"p.c{n}" for n in NUMBERS)
    weights = ", ".join(str(float(weight)) for weight in company.weights)
    source = f"""
        select p.opportunity_key, {_COUNTED}, unnest([{scores}]) as score, unnest([{weights}]) as weight
        from assessment_profile p
        where p.competitor = '' and {known_on("p", scope.as_of)}
    """
    return _of_deals(company, scope, list(by), columns, source, "x.criterion, x.score, x.weight")


def duels(company: Company, scope: Scope, by: Iterable[str], columns: Collection[str] | None = None) -> Query:
    """The ``duel`` relation."""
    nets = ", ".join(f"p.c{n} - t.c{n}" for n in NUMBERS)
    source = f"""
        select * from (
            select p.opportunity_key, t.competitor, {_COUNTED}, unnest([{nets}]) as net
            from assessment_profile p
            join assessment_profile t on t.opportunity_key = p.opportunity_key and t.competitor <> ''
            where p.competitor = '' and {known_on("p", scope.as_of)} and {known_on("t", scope.as_of)}
        ) where net is not null
    """
    return _of_deals(company, scope, list(by), columns, source, "x.competitor, x.criterion, x.net")


def no_split(by: Iterable[str]) -> bool:
    """Whether a split is none that numbers of deals have: the groups would count deals more than once."""
    return bool(set(by) & set(OF_RATINGS))


def _of_deals(
    company: Company, scope: Scope, by: list[str], columns: Collection[str] | None, source: str, own: str
) -> Query:
    """Rows of ratings with what is asked of their deals, filtered by the ratings' own dimensions too."""
    inner = relation.deals(
        company,
        scope.where("criterion").where("question"),
        [key for key in by if key not in OF_RATINGS],
        columns,
        only=relation.closes_in(scope.period),
    )
    split = "".join(f"{dimension(key).sql(company.calendar)} as by_{key}, " for key in by if key in OF_RATINGS)
    where, params = ["true"], dict(inner.params)
    for key, values in scope.filters:
        if key in OF_RATINGS and (key != "competitor" or "x.competitor" in own):
            params[f"f_{key}"] = list(values)
            where.append(f"list_contains($f_{key}, {dimension(key).sql(company.calendar)})")
    sql = f"""
        select d.*, {split}{own}
        from ({inner.sql}) d
        join ({source}) x on x.opportunity_key = d.deal_key
        where {" and ".join(where)}
    """
    return Query(sql, params, inner.leans_on)
