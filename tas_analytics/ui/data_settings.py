"""Settings: the stages with their order and probability, the fiscal year, the reporting currency."""

from __future__ import annotations

import calendar
from typing import Final

import streamlit as st

from tas_analytics.errors import TasError
from tas_analytics.ingest.settings import change_currency, change_stages, change_year
from tas_analytics.method.stages import STATUSES
from tas_analytics.ui import page
from tas_analytics.ui.session import OWN, View

_ORIGIN: Final = {"default": "the method", "proposed": "its name: please check", "set": "your company"}


def tab(view: View) -> None:
    """The tab Settings."""
    _stages(view)
    if view.which == OWN:
        _year_and_currency(view)


def _stages(view: View) -> None:
    rows = view.store.frame(
        "select stage, position, probability, status, planned_days, origin from stage order by position, stage"
    )
    proposed = int((rows["origin"] == "proposed").sum())
    with page.card("stages-setting"):
        page.finding(
            f"{proposed} stages were placed by their names" if proposed else "Stages in their order",
            "Order, probability, meaning and planned days; saved as a load, so it can be undone",
        )
        config = st.column_config
        edited = st.data_editor(
            rows.assign(probability=rows["probability"] * 100, origin=rows["origin"].map(_ORIGIN)),
            hide_index=True,
            row_height=32,
            placeholder="–",
            key=f"stages-{view.version}",
            disabled=["stage", "origin"] if view.which == OWN else True,
            column_config={
                "stage": config.TextColumn("Stage", width=200),
                "position": config.NumberColumn("Order", step=0.5, format="%g", required=True, width=90),
                "probability": config.NumberColumn(
                    "Probability %", min_value=0.0, max_value=100.0, format="%.0f", required=True, width=110
                ),
                "status": config.SelectboxColumn("Meaning", options=list(STATUSES), required=True, width=110),
                "planned_days": config.NumberColumn("Planned days", min_value=0, format="%d", width=110),
                "origin": config.TextColumn("Decided by", width=170),
            },
        )
        if view.which != OWN:
            st.caption("The sample's stages stay as they are.")
            return
        changed = edited.assign(probability=edited["probability"] / 100)
        columns = ["stage", "position", "probability", "status", "planned_days"]
        same = changed[columns].equals(rows[columns])
        if st.button("Save the stages", type="primary", disabled=same and not proposed, key="save-stages"):
            try:
                table = changed[columns].assign(
                    probability=(changed["probability"] * 100).map(lambda share: f"{share:g} %"),
                    planned_days=changed["planned_days"].astype("Int64"),
                )
                change_stages(view.store, table.to_csv(index=False).encode())
            except TasError as error:
                page.refusal(error.title, error.hint, "stages")
                return
            st.toast("Stages saved.")
            st.rerun()


def _year_and_currency(view: View) -> None:
    with page.card("year"):
        page.finding("Fiscal year and currency", "Used on every page, on the command line and in exports")
        left, right = st.columns(2)
        months = list(calendar.month_name)[1:]
        start = view.company.calendar.start_month
        month = left.selectbox("The fiscal year begins in", months, index=start - 1, key="fiscal-start")
        if months.index(month) + 1 != start:
            change_year(view.store, months.index(month) + 1)
            st.rerun()
        code = right.text_input(
            "Reporting currency", value=view.company.currency, max_chars=3, key=f"currency-{view.company.currency}",
            help="Deals in other currencies are converted with the rates that you load.",
        )  # fmt: skip
        if code.upper() != view.company.currency:
            try:
                change_currency(view.store, code)
            except TasError as error:
                page.refusal(error.title, error.hint, "currency")
                return
            st.rerun()
