"""Settings of the risk list: its rules as a table to edit, with thresholds, switches and rules of one's own.

What is saved is an entry, so it is listed under Loads and can be undone there.
"""

from __future__ import annotations

from typing import Any, Final

import pandas as pd
import streamlit as st

from tas_analytics.errors import TasError
from tas_analytics.review import risk_rules
from tas_analytics.review.risk_measures import MEASURES
from tas_analytics.review.risk_rules import COMPARISONS, Rule
from tas_analytics.ui import page
from tas_analytics.ui.plan_settings import changed_rows, editor, save
from tas_analytics.ui.session import View

COLUMNS: Final = (
    "code", "rule", "measure", "comparison", "threshold", "category", "from_probability", "from_amount", "why", "mend",
    "ask", "position", "in_use",
)  # fmt: skip


def card(view: View) -> None:
    """The rules, in a card of their own that opens on demand."""
    with page.card("risk-settings"):
        page.finding(
            "Risk rules",
            "When an open deal counts as at risk; add a rule in the empty last line, or load them as a file",
        )
        with st.expander("The rules", key="set-risks", on_change="rerun") as place:
            if place.open:
                _rules(view)


def _rules(view: View) -> None:
    before = frame(risk_rules.rules(view.store))
    labels = {key: one.label for key, one in MEASURES.items()}
    config = st.column_config
    after = editor(
        view, "risk_rules", before,
        {
            "in_use": config.CheckboxColumn("In use", width=80),
            "rule": config.TextColumn("Rule", required=True, width=200),
            "measure": config.SelectboxColumn(
                "Measure", options=list(MEASURES), format_func=lambda key: labels.get(str(key), str(key)),
                required=True, width=210,
                help="What is measured of each open deal. Those of yes and no are 1 and 0.",
            ),
            "comparison": config.SelectboxColumn("Is", options=list(COMPARISONS), width=85),
            "threshold": config.NumberColumn("Threshold", width=105, help="A share of 40 % is 0.4."),
            "category": config.TextColumn("Only in", width=140, help="Categories, separated by semicolons; all: any."),
            "from_probability": config.NumberColumn(
                "From probability", min_value=0, max_value=1, width=140, help="Only in stages of at least this."
            ),
            "from_amount": config.NumberColumn("From amount", min_value=0, width=120),
            "why": config.TextColumn("Why"),
            "mend": config.TextColumn("How to mend"),
            "ask": config.TextColumn("Question for the review"),
            "position": config.NumberColumn("Order", width=65),
        },
    )  # fmt: skip
    save(view, "risk_rules", before, lambda: entered(before, after))


def frame(rules: tuple[Rule, ...]) -> pd.DataFrame:
    """The rules as the table shows them."""
    rows = [
        (one.code, one.name, one.measure, one.comparison, one.threshold, one.only_in, one.from_probability,
         one.from_amount, one.why, one.mend, one.ask, one.position, one.in_use)
        for one in rules
    ]  # fmt: skip
    found = pd.DataFrame(rows, columns=list(COLUMNS))
    numbers = ["threshold", "from_probability", "from_amount", "position"]
    return found.astype(dict.fromkeys(numbers, float))


def entered(before: pd.DataFrame, after: pd.DataFrame) -> list[dict[str, Any]]:
    """The rows to enter.

    Raises
    ------
    TasError
        A rule lacks its measure or its threshold.
    """
    rows = changed_rows(before, after, COLUMNS, "code", "rule")
    had = {row["code"]: row for row in before.to_dict("records")}
    for row in rows:
        # A row that is only switched off comes as it was.
        if row["in_use"] is not False and (not row["measure"] or row["threshold"] is None):
            raise TasError(f"{row['rule']} cannot be checked", "Choose a measure and give a threshold.")
        if not row["category"] and had.get(row["code"], {}).get("category"):
            row["category"] = "all"  # a blank would keep what the default says
    return rows
