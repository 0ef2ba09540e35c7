"""What a metric is: name, unit, grain, formula and definition, and nothing else."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Unit = Literal["money", "count", "percent", "days", "ratio", "money per day"]
#: What one row is, before a metric aggregates it. "derived" combines other metrics.
Grain = Literal["deal", "step", "stay", "due", "reach", "plan", "evidence", "target", "rating", "duel", "derived"]
Better = Literal["up", "down", "neither"]


@dataclass(frozen=True)
class Metric:
    """One number.

    Parameters
    ----------
    key, label, unit, better
        Name for programs, name for people, unit, and which direction is good news.
    grain
        What one row is before aggregation (see :mod:`tas_analytics.metrics.relation`).
    sql
        Aggregate over the grain's rows; for "derived" an expression over the metrics in ``parts``.
    doc
        The definition, for a reader who is no programmer.
    rivals
        Other definitions in use, and which one this is.
    base
        For a rate, the metric that gives its n.
    additive
        Whether the values of the groups of a split sum to the total.
    source
        Where the definition comes from.
    """

    key: str
    label: str
    unit: Unit
    better: Better
    grain: Grain
    sql: str
    doc: str
    parts: tuple[str, ...] = ()
    rivals: str = ""
    base: str | None = None
    additive: bool = False
    source: str = ""
    group: str = "Pipeline"

    @property
    def formula(self) -> str:
        """The formula as the glossary shows it."""
        return " ".join(self.sql.split())
