"""Home: the state of the pipeline, and what needs attention."""

import streamlit as st

from tas_analytics.ui import home, page, welcome
from tas_analytics.ui.frame import begin

view = begin()
home.follow()
if view.empty:
    welcome.first_upload(view)
    st.stop()

page.head("Home", home.headline(view), view)
home.tiles(view)
left, right = page.columns()
with left:
    home.cover_card(view)
    home.trend_card(view)
with right:
    home.attention_card(view)
    home.stage_card(view)
