"""Settings of the assessment: the 20 criteria with their texts, weights, thresholds and questions, as a table to edit.

What is saved is an entry, so it is listed under Loads and can be undone there. A cell that is emptied goes back to what
the method says.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import pandas as pd
import streamlit as st

from tas_analytics.errors import TasError
from tas_analytics.method.criteria import Criterion
from tas_analytics.metrics.catalogue import BETWEEN, spellings
from tas_analytics.ui import assessed, page
from tas_analytics.ui.plan_settings import editor, plain_rows, save
from tas_analytics.ui.session import View

#: What can be changed of a criterion, as the table of criteria calls it.
CHANGED: Final = ("short", "favourable", "unfavourable", "weight", "threshold", "within_days", "ask", "whom")
COLUMNS: Final = ("criterion", "name", *CHANGED)


def card(view: View) -> None:
    """The criteria, in a card of their own that opens on demand."""
    with page.card("criteria-settings"):
        page.finding(
            "Criteria of the assessment",
            "How each is worded and how much it counts; thresholds decide what the deal's own figures propose",
        )
        with st.expander("The 20 criteria", key="set-criteria", on_change="rerun") as place:
            if place.open:
                _criteria(view)


def _criteria(view: View) -> None:
    before = frame(assessed.criteria(view))
    config = st.column_config
    after = editor(
        view, "criteria", before,
        {
            "criterion": config.NumberColumn("#", disabled=True, width=40),
            "name": config.TextColumn("Criterion", disabled=True, width=210),
            "weight": config.NumberColumn("Weight", min_value=0, width=95, help="1 is usual, 2 counts twice, 0 not."),
            "short": config.TextColumn("Short name", width=130, help="The favourable side, for headings."),
            "favourable": config.TextColumn("+ means", width=90),
            "unfavourable": config.TextColumn("− means", width=90),
            "threshold": config.NumberColumn(
                "Threshold", min_value=0, width=110,
                help="#16: order amount from which + is proposed. #17: other business with the account. #18: margin, "
                "0.3 for 30 %. The others have none.",
            ),
            "within_days": config.NumberColumn(
                "Within days", min_value=0, step=1, width=125,
                help="#16: days until the close. #17: days around today that count.",
            ),
            "ask": config.TextColumn("Questions", width=320, help=f"Separated by {BETWEEN}."),
            "whom": config.TextColumn("Whom to ask", width=200),
        },
        rows="fixed",
    )  # fmt: skip
    save(view, "criteria", before, lambda: entered(before, after, spellings(view.store)))


def frame(criteria: Sequence[Criterion]) -> pd.DataFrame:
    """The criteria as the table shows them."""
    rows = [
        (one.number, one.name, one.short, one.favourable, one.unfavourable, one.weight, one.threshold, one.within_days,
         f" {BETWEEN} ".join(one.ask), one.whom)
        for one in criteria
    ]  # fmt: skip
    found = pd.DataFrame(rows, columns=list(COLUMNS))
    return found.astype(dict.fromkeys(["weight", "threshold", "within_days"], float))


def entered(before: pd.DataFrame, after: pd.DataFrame, known: Mapping[int, str]) -> list[dict[str, Any]]:
    """The criteria to enter: those that were changed, each whole.

    Parameters
    ----------
    before, after
        The table as it was drawn and as it is now.
    known
        How the company's own rows name their criterion, by number, so that an entry changes the same record.

    Raises
    ------
    TasError
        A weight or threshold is negative, or no criterion would count.
    """
    old, new = plain_rows(before, COLUMNS), plain_rows(after, COLUMNS)
    for row in new:
        for name in ("weight", "threshold", "within_days"):
            if row[name] is not None and row[name] < 0:
                raise TasError(
                    f"#{row['criterion']} {row['name']}: a {name.replace('_', ' ')} is 0 or more", "Correct it."
                )
    if not any(row["weight"] is None or row["weight"] > 0 for row in new):
        raise TasError("No criterion would count", "Give at least one a weight above 0.")
    return [
        {"criterion": known.get(row["criterion"], str(row["criterion"]))} | {name: row[name] for name in CHANGED}
        for row, was in zip(new, old, strict=True)
        if row != was
    ]
