"""Pipeline by stage: where the open deals stand, when they close, where they stall and get lost."""

import streamlit as st

from tas_analytics.ui import drill, page, pipeline, welcome
from tas_analytics.ui.frame import begin

view = begin()
pipeline.follow()
if view.empty:
    welcome.first_upload(view)
    st.stop()

heading = st.container()
measure, split = pipeline.switches(view)
with heading:
    page.head("Pipeline by stage", pipeline.headline(view, measure), view)

left, right = page.columns()
with left:
    pipeline.stages_card(view, measure, split)
with right:
    pipeline.months_card(view, measure)
drill.table(view, default={"status": "open"})
left, right = page.columns()
with left:
    pipeline.conversion_card(view)
    pipeline.ages_card(view)
with right:
    pipeline.concentration_card(view)
