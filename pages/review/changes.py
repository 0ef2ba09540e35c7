"""What changed: the waterfall between two days, where deals went, and every deal that moved."""

import streamlit as st

from tas_analytics.ui import changes, changes_list, page, welcome
from tas_analytics.ui.frame import begin

view = begin()
if view.empty:
    welcome.first_upload(view)
    st.stop()

heading = st.container()
since = changes.days(view)
if since is None:
    with heading:
        changes.nothing_yet(view)
    st.stop()
with heading:
    page.head("What changed", changes.headline(view, since), view)

left, right = page.columns()
with left:
    changes.waterfall_card(view, since)
with right:
    changes.largest_card(view, since)
changes_list.table(view, since)
left, right = page.columns()
with left:
    changes.flow_card(view, since)
with right:
    changes.pushes_card(view, since)
