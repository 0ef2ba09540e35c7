"""The importable tables: the one list that import, schema, templates and docs read."""

from __future__ import annotations

from typing import Final

from tas_analytics.errors import UnknownTable
from tas_analytics.store.shape import Column, Kind, Table
from tas_analytics.store.tables_method import (
    ACTIVITIES,
    ASSESSMENTS,
    ATTRIBUTES,
    COMPETITORS,
    CONTACT_MAP,
    CONTACTS,
    INFLUENCE,
    MILESTONES,
    STRATEGIES,
)
from tas_analytics.store.tables_plan import ACTIVITY_PLANS, CRITERIA, MILESTONE_CATALOGUE, WARNING_SIGNALS, WARNINGS
from tas_analytics.store.tables_review import DECISIONS, INSPECTION_ANSWERS, REVIEWS, RISK_RULES
from tas_analytics.store.tables_sales import ACCOUNTS, OPPORTUNITIES, PEOPLE, PRODUCTS, RATES, STAGES, TARGETS
from tas_analytics.store.tables_selling import FORECAST_CALLS, HISTORY, PARTNERS, REVENUE_LINES, SALES_TEAMS
from tas_analytics.store.tables_strategy import JUDGEMENTS, VALUE_CHAIN, VALUE_PROPOSITIONS

__all__ = ["MILESTONE_CATALOGUE", "OPPORTUNITIES", "STAGES", "TABLES", "Column", "Kind", "Table", "table"]

TABLES: Final = (
    OPPORTUNITIES,
    ACCOUNTS,
    PEOPLE,
    PRODUCTS,
    TARGETS,
    RATES,
    STAGES,
    HISTORY,
    MILESTONES,
    ACTIVITIES,
    ATTRIBUTES,
    ASSESSMENTS,
    COMPETITORS,
    STRATEGIES,
    JUDGEMENTS,
    VALUE_CHAIN,
    VALUE_PROPOSITIONS,
    CONTACTS,
    CONTACT_MAP,
    INFLUENCE,
    REVENUE_LINES,
    PARTNERS,
    SALES_TEAMS,
    FORECAST_CALLS,
    CRITERIA,
    MILESTONE_CATALOGUE,
    ACTIVITY_PLANS,
    WARNING_SIGNALS,
    WARNINGS,
    RISK_RULES,
    REVIEWS,
    DECISIONS,
    INSPECTION_ANSWERS,
)
_BY_NAME: Final = {table.name: table for table in TABLES}


def table(name: str) -> Table:
    """The importable table of that name, or a refusal that lists them."""
    try:
        return _BY_NAME[name]
    except KeyError:
        raise UnknownTable(f'There is no table "{name}"', f"Tables: {', '.join(_BY_NAME)}.") from None
