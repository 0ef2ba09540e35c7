"""calendar: open activities as a calendar file."""

from __future__ import annotations

from pathlib import Path

from tas_analytics.commands.output import out
from tas_analytics.errors import BadQuestion
from tas_analytics.formats import count
from tas_analytics.metrics import activities
from tas_analytics.metrics.company import Company
from tas_analytics.metrics.scope import Scope
from tas_analytics.reports.calendar import calendar_file, entries
from tas_analytics.store import Store


def calendar(store: Store, person: str | None, deal: str | None, target: Path) -> int:
    """Write the calendar file of a person's open activities, of a deal's, or of both together."""
    company = Company.of(store)
    if company.last_day is None:
        raise BadQuestion("There are no deals yet, so there are no activities", "Load an export first.")
    rows = activities.open_ones(store, company, Scope(company.last_day))
    if deal is not None:
        rows = activities.of_deal(store, company.last_day, deal)
        if rows.empty:
            raise BadQuestion(f'No activities of a deal "{deal}"', "Name the deal by its ID, as in the deals' export.")
    if person is not None:
        known = sorted({str(name) for name in rows["owner"] if name})
        rows = rows[rows["owner"] == person]
        if rows.empty:
            raise BadQuestion(f'"{person}" has no activities', f"People who have: {', '.join(known) or 'nobody'}.")
    target.write_bytes(calendar_file(rows, person or (str(rows["deal"].iloc[0]) if deal else "TAS Analytics")))
    out(f"{target}: {count(entries(rows), 'entry', 'entries')} of {count(len(rows), 'activity', 'activities')}")
    return 0
