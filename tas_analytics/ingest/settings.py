"""Company settings that change what is derived, and so build it anew."""

from __future__ import annotations

from tas_analytics.errors import TasError
from tas_analytics.ingest.loader import LoadResult, load
from tas_analytics.ingest.plan import Options, prepare
from tas_analytics.store.database import Store, set_setting
from tas_analytics.store.tables import OPPORTUNITIES, STAGES
from tas_analytics.store.versions import rebuild


def change_year(store: Store, first_month: int) -> None:
    """Set the month in which the fiscal year begins; pushes count moves between its quarters."""
    if not 1 <= first_month <= 12:
        raise TasError(f"{first_month} is not a month", "Choose a number from 1 to 12.")
    with store.transaction() as cursor:
        set_setting(cursor, "fiscal_start_month", str(first_month))
        rebuild(cursor, OPPORTUNITIES, None)


def change_currency(store: Store, code: str | None) -> None:
    """Set the reporting currency; None leaves it to the deals: their commonest."""
    if code is not None and not (len(code) == 3 and code.isalpha()):
        raise TasError(f'"{code}" is not a currency code', "Write three letters, such as USD or EUR.")
    with store.transaction() as cursor:
        set_setting(cursor, "reporting_currency", code.upper() if code else None)


def change_stages(store: Store, csv: bytes) -> LoadResult:
    """Take over an edited stage list. It is a load like any other: listed, and undone in one step."""
    prepared = prepare(csv, "Stages, edited in the app", Options(as_table=STAGES.name))
    return load(store, [prepared])[0]
