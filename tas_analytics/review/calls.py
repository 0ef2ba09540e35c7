"""Forecast calls: who said what would close, kept with author and time and never overwritten.

A call is for a person, a period and a category. A manager's own call covers everybody below and so adjusts what
they called; the difference to their sum is the manager's judgement. The newest call up to a day is in force then.
"""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Final

import pandas as pd

from tas_analytics.errors import BadQuestion
from tas_analytics.metrics import relation
from tas_analytics.metrics.company import Company
from tas_analytics.metrics.periods import Period
from tas_analytics.store.database import Store

#: What can be called, and how files may spell it, letters only.
CATEGORIES: Final = {"Commit": "commit", "Best case": "bestcase"}
_LETTERS: Final = "lower(regexp_replace(coalesce(category, 'Commit'), '[^A-Za-z]', '', 'g'))"


def calls_in_force(store: Store, as_of: dt.date, period: Period, category: str = "Commit") -> pd.DataFrame:
    """The newest call of each person up to a day: ``person``, ``call``, ``called_on``, ``reason``."""
    return store.frame(
        f"""
        select person, arg_max(cast(amount as double), (submitted_on, valid_from)) as call,
            max(submitted_on) as called_on, arg_max(coalesce(reason, ''), (submitted_on, valid_from)) as reason
        from (
            select person, amount, coalesce(submitted_on, cast(valid_from as date)) as submitted_on, valid_from, reason
            from forecast_call_version c
            where {relation.at("c", as_of)} and period = $period and {_LETTERS} = $category
        )
        where submitted_on <= $as_of
        group by person order by person
        """,
        {"period": period.key, "category": CATEGORIES[category], "as_of": as_of},
    )


def every_call(store: Store, period: Period, person: str) -> pd.DataFrame:
    """Every call of a person for a period as it was entered, newest first, also those replaced on their own day.

    Columns: ``submitted_on``, ``category``, ``amount``, ``reason``, ``entered_by``, ``entered_at``.
    """
    return store.frame(
        """
        select s.submitted_on, coalesce(s.category, 'Commit') as category, cast(s.amount as double) as amount,
            s.reason, coalesce(s.author, l.loaded_by) as entered_by, l.loaded_at as entered_at
        from sighting g
        join forecast_call_state s on s.record_key = g.record_key and s.state_hash = g.state_hash
        join load l on l.load_id = g.load_id and l.undone_at is null
        where g.table_name = 'forecast_calls' and s.period = $period and s.person = $person
        order by s.submitted_on desc, l.loaded_at desc, category
        """,
        {"period": period.key, "person": person},
    )


def submit(
    store: Store, company: Company, period: Period, person: str, amounts: dict[str, float], *, reason: str, author: str
) -> int:
    """Enter a person's calls for a period, dated with the data's newest day; gives the number of the load.

    Raises
    ------
    BadQuestion
        There are no deals yet, or a category or amount cannot be.
    """
    # The loader takes longer to import than a forecast to be read from calls that are there.
    from tas_analytics.ingest.loading.entry import enter

    if company.last_day is None:
        raise BadQuestion("There is nothing to call yet", "Load the opportunities first.")
    for category, amount in amounts.items():
        if category not in CATEGORIES:
            raise BadQuestion(f'"{category}" cannot be called', f"Choose one of {', '.join(CATEGORIES)}.")
        if amount < 0:
            raise BadQuestion("A call below nought cannot be", "Write what will close, 0 or more.")
    rows = [
        {
            "period": period.key, "person": person, "category": category, "submitted_on": company.last_day,
            "amount": Decimal(f"{amount:.2f}"), "reason": reason.strip() or None, "author": author,
        }
        for category, amount in amounts.items()
    ]  # fmt: skip
    return enter(store, "forecast_calls", rows, author=author)
