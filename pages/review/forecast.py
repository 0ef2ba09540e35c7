"""Forecast: where the period will land, out of what, with whom, and which deals decide it."""

import streamlit as st

from tas_analytics.ui import (
    forecast,
    forecast_data,
    forecast_deals,
    forecast_table,
    forecast_unknowns,
    page,
    pipeline,
    score_data,
    welcome,
)
from tas_analytics.ui.frame import begin

view = begin()
pipeline.follow()
if view.empty:
    welcome.first_upload(view)
    st.stop()

view = forecast_data.of_a_period(view)
found = forecast_data.found(view)
page.head("Forecast", forecast.headline(view, found), view)
if found is None:
    forecast.waiting(view)
    st.stop()

left, right = page.columns()
with left:
    forecast.fan_card(view, found[0])
with right:
    forecast.bridge_card(view, found[0])
chosen = forecast_table.table_card(view)
named = forecast_deals.named_deals(chosen)
forecast_deals.map_card(chosen, named)
forecast_deals.movers_card(chosen, named)
forecast_unknowns.card(chosen)
forecast.basis_card(found[0], score_data.proven(view))
