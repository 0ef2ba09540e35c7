"""Importable tables: what the weekly review watches for, asks, and decides."""

from __future__ import annotations

from typing import Final

from tas_analytics.store.shape import Column, Table

RISK_RULES: Final = Table(
    "risk_rules",
    "risk_rule",
    "Risk rules",
    "When an open deal counts as at risk. A row changes the rule of its code or name in the default list, or adds one; "
    "what it leaves blank stays as it is.",
    ("rule",),
    (
        Column("code", "text", "Code", "A short name that never changes. Blank: made of the name."),
        Column("rule", "text", "Rule", "What it is called.", required=True),
        Column("measure", "text", "Measure", "What is measured of each open deal, such as days_past_close."),
        Column("comparison", "text", "Comparison", "At least or at most. Blank: at least."),
        Column("threshold", "number", "Threshold", "From which value on it is a risk; a share of 40 % is 0.4."),
        Column("category", "text", "Only in", "Forecast categories, separated by semicolons. Blank: all."),
        Column("from_probability", "percent", "From probability", "Only in stages of at least this probability."),
        Column("from_amount", "money", "From amount", "Only deals of at least this amount, in the reporting currency."),
        Column("why", "text", "Why", "Why it is a risk."),
        Column("mend", "text", "How to mend", "What ends it."),
        Column("ask", "text", "Question", "What to ask about it in the review."),
        Column("position", "number", "Order", "Rules are shown from the smallest number to the largest."),
        Column("in_use", "boolean", "In use", "Whether deals are checked by it."),
    ),
    own_id="code",
)
