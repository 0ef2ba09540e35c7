"""The first minutes with an empty store: what to load, and the way back to the sample."""

from __future__ import annotations

import streamlit as st

from tas_analytics.ui import filters, page
from tas_analytics.ui.session import SAMPLE, View


def first_upload(view: View) -> None:
    """What a page says while no deal has been loaded."""
    page.head("Start", "Load your CRM's export to see your pipeline", view)
    with page.card("start"):
        page.finding("Three steps", "Nothing leaves this machine")
        st.markdown(
            "1. Export the opportunities from your CRM as CSV, one row a deal. The stage is the only column that must "
            "be there; amount, close date, created date and owner make it useful.\n"
            "2. If you can, export accounts, people with their managers, products and targets as well: they give "
            "regions, teams, industries and coverage.\n"
            "3. Upload the files together. You see what was understood before anything is loaded, and "
            "can undo it after."
        )
        with st.container(horizontal=True):
            if st.button("Upload files", type="primary", key="start-upload"):
                page.go_to("pages/data/data.py")
            st.button("Look at the sample company", key="start-sample", on_click=filters.show, args=(SAMPLE,))
