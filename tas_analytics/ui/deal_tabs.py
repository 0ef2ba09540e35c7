"""The tabs of a deal's page, one line each; only the open one is drawn."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import pandas as pd
import streamlit as st

from tas_analytics.ui import (
    assessment_tab,
    deal as parts,
    inspect_tab,
    milestone_tab,
    page,
    plan_tab,
    score_tab,
    strategy_tab,
    timeline_tab,
    value_tab,
    warning_tab,
)
from tas_analytics.ui.session import View


@dataclass(frozen=True)
class Tab:
    """One tab: its label, which is also its name in the URL, and what draws it from the view and the deal's row."""

    label: str
    draw: Callable[[View, pd.Series], None]


def overview(view: View, deal: pd.Series) -> None:
    """What the CRM's exports tell of the deal."""
    log = parts.versions(view, deal["id"])
    milestone_tab.timeline_card(view, deal)
    left, right = page.columns()
    with left:
        parts.history_card(view, log)
        parts.log_card(log)
    with right:
        parts.fields_card(deal)


#: In the order in which a deal is worked on.
TABS: Final = (
    Tab("Overview", overview),
    Tab("Score", score_tab.draw),
    Tab("Inspect", inspect_tab.draw),
    Tab("Timeline", timeline_tab.draw),
    Tab("Assessment", assessment_tab.draw),
    Tab("Strategy", strategy_tab.draw),
    Tab("Value", value_tab.draw),
    Tab("Milestones", milestone_tab.draw),
    Tab("Plan", plan_tab.draw),
    Tab("Warnings", warning_tab.draw),
)


def draw(view: View, deal: pd.Series) -> None:
    """Draw the tabs and what is in the open one; the URL says which (``topic=Overview``)."""
    # Not "tab": that is the name on the page of data, and a link there would find this page's tab in it.
    drawn = st.tabs([tab.label for tab in TABS], key="topic", bind="query-params", on_change="rerun")
    for tab, place in zip(TABS, drawn, strict=True):
        if place.open:
            with place:
                tab.draw(view, deal)
