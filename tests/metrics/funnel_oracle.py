"""The milestone funnel once more, deal by deal in plain Python: the rule read from the documentation, no SQL.

Deals and events are lists of records; a step's number is its place in the order, 0 the deal itself.
"""

from __future__ import annotations

import statistics
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

Row = dict[str, float | None]


@dataclass
class Deal:
    """One deal: how it ended, its amount, its created date, and the day of each step achieved (None: day not known)."""

    key: str
    status: str
    amount: float | None
    created: pd.Timestamp | None
    achieved: dict[int, pd.Timestamp | None] = field(default_factory=dict)
    targets: dict[int, pd.Timestamp] = field(default_factory=dict)


def funnel(deals: Iterable[Deal], last: int, day: pd.Timestamp) -> dict[int, Row]:
    """The numbers of every step that a deal reached, by the keys of the registry."""
    found: dict[int, Row] = {}
    kept = list(deals)
    for step in range(last + 1):
        at = [deal for deal in kept if step <= (last if deal.status == "won" else max(deal.achieved, default=0))]
        if at:
            found[step] = _step(at, step, last)
    for deal in kept:
        for step, target in deal.targets.items():
            if deal.status == "open" and target <= day and step in found:
                found[step]["milestones_due"] = (found[step]["milestones_due"] or 0) + 1
                late = target < day and step not in deal.achieved
                found[step]["milestones_overdue"] = (found[step]["milestones_overdue"] or 0) + late
    return found


def _step(at: Sequence[Deal], step: int, last: int) -> Row:
    onward = {id(deal): step < max(deal.achieved, default=0) or deal.status == "won" for deal in at}
    closed = [deal for deal in at if deal.status != "open"]
    passed = [deal for deal in closed if onward[id(deal)]]
    stuck = [deal for deal in at if not onward[id(deal)]]
    days = [value for value in (_days(deal, step) for deal in at) if value is not None]
    timed = [value for value in days if value >= 0]
    had = [deal for deal in passed if step in deal.achieved and step]
    lacked = [deal for deal in passed if step not in deal.achieved and step]
    return {
        "milestone_reached": len(at),
        "milestone_reached_amount": _sum(at),
        "milestone_open": sum(deal.status == "open" for deal in at),
        "milestone_open_amount": _sum(deal for deal in at if deal.status == "open"),
        "milestone_waiting": sum(deal.status == "open" for deal in stuck),
        "milestone_waiting_amount": _sum(deal for deal in stuck if deal.status == "open"),
        "milestone_stopped": sum(deal.status == "lost" for deal in stuck),
        "milestone_stopped_amount": _sum(deal for deal in stuck if deal.status == "lost"),
        "milestone_resolved": len(closed),
        "milestone_resolved_amount": _sum(closed),
        "milestone_passed": len(passed),
        "milestone_passed_amount": _sum(passed),
        "milestone_conversion": len(passed) / len(closed) if closed else None,
        "milestone_value_conversion": _sum(passed) / _sum(closed) if _sum(closed) else None,
        "milestone_skipped": sum(step not in deal.achieved for deal in at) if step else 0,
        "milestone_out_of_order": sum(_late(deal, step) for deal in at),
        "milestone_timed": len(timed),
        "milestone_backwards": len(days) - len(timed),
        "median_days_to_milestone": statistics.median(timed) if timed else None,
        "days_to_milestone": float(np.quantile(timed, 0.75)) if timed else None,
        "milestone_had": len(had),
        "milestone_had_won": sum(deal.status == "won" for deal in had),
        "milestone_lacked": len(lacked),
        "milestone_lacked_won": sum(deal.status == "won" for deal in lacked),
        "milestones_due": 0,
        "milestones_overdue": 0,
    }


def _sum(deals: Iterable[Deal]) -> float:
    return sum(deal.amount or 0.0 for deal in deals)


def _days(deal: Deal, step: int) -> int | None:
    """Days from the step before; from the created date for the first one."""
    if not step:
        return None
    end, start = deal.achieved.get(step), deal.created if step == 1 else deal.achieved.get(step - 1)
    return None if pd.isna(start) or pd.isna(end) else (end - start).days


def _late(deal: Deal, step: int) -> bool:
    mine = deal.achieved.get(step)
    later = [day for other, day in deal.achieved.items() if other > step and day is not None]
    return step > 0 and mine is not None and bool(later) and min(later) < mine


def compare(measured: pd.DataFrame, wanted: Mapping[int, Row], names: Sequence[str]) -> list[str]:
    """Every disagreement between what the registry measures by milestone and the oracle, in words."""
    order = {name: number for number, name in enumerate(names, start=1)}
    got: dict[int, dict[str, Any]] = {
        order.get(row["milestone"], 0): {str(key): value for key, value in row.items()}
        for row in measured.to_dict("records")
    }
    words = [f"step {step} is missing" for step in wanted if step not in got]
    words += [f"step {step} should not be there" for step in got if step not in wanted]
    for step in got.keys() & wanted.keys():
        for key, value in wanted[step].items():
            if key not in got[step]:
                continue
            other: Any = got[step][key]
            blank = bool(pd.isna(other))
            if blank != (value is None) or (not blank and abs(float(other) - float(value or 0)) > 1e-6):
                words.append(f"{key} of step {step}: got {other}, should be {value}")
    return words
