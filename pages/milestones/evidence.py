"""Stage against evidence: what the CRM claims beside what the customer's milestones justify."""

import streamlit as st

from tas_analytics.ui import evidence, page, welcome
from tas_analytics.ui.frame import begin

view = begin()
if view.empty:
    welcome.first_upload(view)
    st.stop()

deals = evidence.deals(view)
page.head("Stage against evidence", evidence.headline(view, deals), view)
if not evidence.can_judge(view, deals):
    st.stop()
evidence.tiles(view, deals)
left, right = page.columns()
with left:
    evidence.stages_card(view, deals)
with right:
    evidence.missing_card(view, deals)
evidence.deals_card(view, deals)
