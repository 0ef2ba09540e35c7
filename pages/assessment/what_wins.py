"""What wins here: which ratings go together with winning, and against whom we win."""

import streamlit as st

from tas_analytics.ui import page, rivals, welcome, what_wins
from tas_analytics.ui.frame import begin

view = begin()
if view.empty:
    welcome.first_upload(view)
    st.stop()

heading = st.container()
view, days = what_wins.switches(view)
with heading:
    page.head("What wins here", what_wins.headline(view, days), view)

left, right = page.columns()
with left:
    what_wins.criteria_card(view, days)
with right:
    rivals.card(view)
what_wins.deals_card(view, days)
rivals.table_card(view)
