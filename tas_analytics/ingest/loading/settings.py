"""Company settings that change what is derived, and so build it anew."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from tas_analytics.errors import TasError
from tas_analytics.ingest.loading.loader import LoadResult, load
from tas_analytics.ingest.planning.plan import prepare
from tas_analytics.method.fiscal import MONTHS, WEEKS
from tas_analytics.method.stages import STATUSES
from tas_analytics.store.database import Store, set_setting
from tas_analytics.store.links import UNKNOWN_STAGE
from tas_analytics.store.tables import OPPORTUNITIES, STAGES
from tas_analytics.store.versions import rebuild

#: Stages at the same position are set this far apart once they are put in an order by hand.
_APART: Final = 0.5


def change_year(store: Store, first_month: int, *, weeks: bool = False, week_start: int = 1) -> None:
    """Set the fiscal year: its first month, whether quarters are thirteen weeks (4-4-5), and the week's first day.

    Pushes count moves between its quarters, so the deals' versions are built anew.
    """
    if not 1 <= first_month <= 12:
        raise TasError(f"{first_month} is not a month", "Choose a number from 1 to 12.")
    if not 1 <= week_start <= 7:
        raise TasError(f"{week_start} is not a weekday", "Choose a number from 1 for Monday to 7 for Sunday.")
    with store.transaction() as cursor:
        set_setting(cursor, "fiscal_start_month", str(first_month))
        set_setting(cursor, "fiscal_quarters", WEEKS if weeks else MONTHS)
        set_setting(cursor, "week_start", str(week_start))
        rebuild(cursor, OPPORTUNITIES, None)


def change_currency(store: Store, code: str | None) -> None:
    """Set the reporting currency; None leaves it to the deals: their commonest."""
    if code is not None and not (len(code) == 3 and code.isalpha()):
        raise TasError(f'"{code}" is not a currency code', "Write three letters, such as USD or EUR.")
    with store.transaction() as cursor:
        set_setting(cursor, "reporting_currency", code.upper() if code else None)


@dataclass(frozen=True)
class StageRow:
    """A stage as it can be edited; ``origin`` is "proposed" until the company has said so itself."""

    pipeline: str | None
    stage: str
    position: float
    probability: float
    status: str
    planned_days: int | None
    origin: str = "set"
    evidence: str | None = None
    in_use: bool = True


def stages_of(store: Store) -> list[StageRow]:
    """The stages of every pipeline, in their order."""
    rows = store.rows(
        "select pipeline, stage, position, probability, status, planned_days, origin, evidence, in_use from stage "
        "where stage_key <> $unknown order by pipeline nulls first, position, stage",
        {"unknown": UNKNOWN_STAGE},
    )
    return [StageRow(*row) for row in rows]


def in_this_order(rows: Sequence[StageRow]) -> list[StageRow]:
    """Stages in another order than their positions say, with the same positions dealt out anew.

    The positions stay on the scale on which stages of later exports are proposed; equal ones are set apart.
    """
    positions = sorted(row.position for row in rows)
    for place in range(1, len(positions)):
        positions[place] = max(positions[place], positions[place - 1] + _APART)
    return [replace(row, position=round(position, 3)) for row, position in zip(rows, positions, strict=True)]


def change_stages(store: Store, rows: Sequence[StageRow], *, user: str | None = None) -> LoadResult:
    """Take over edited stages. It is a load like any other: listed, and undone in one step.

    Raises
    ------
    TasError
        A value cannot be; nothing is changed.
    """
    for row in rows:
        if not 0 <= row.probability <= 1:
            raise TasError(
                f"The probability of {row.stage} is not between 0 and 100 %", "Write a number from 0 to 100."
            )
        if row.status not in STATUSES:
            raise TasError(f"{row.stage} is neither open, won nor lost", "Choose what the stage means.")
        if row.planned_days is not None and row.planned_days < 0:
            raise TasError(f"The planned days of {row.stage} are below zero", "Leave them blank, or write a number.")
    text = io.StringIO()
    file = csv.writer(text)
    file.writerow(["pipeline", "stage", "position", "probability", "status", "planned_days"])
    file.writerows(
        [row.pipeline, row.stage, repr(row.position), f"{100 * row.probability:.10g} %", row.status, row.planned_days]
        for row in rows
    )
    # Named by its headers alone: what is said of a file with them would be remembered.
    prepared = prepare(text.getvalue().encode(), "Stages, edited in the app")
    if prepared.table_name != STAGES.name:
        raise TasError("The stages cannot be taken over", "Load them as a file: see Templates.")
    return load(store, [prepared], user=user)[0]
