"""Risks: the open deals that meet a rule of the risk list, ranked by what the forecast would lose with them."""

import streamlit as st

from tas_analytics.review.risks import headline
from tas_analytics.ui import page, risks, welcome
from tas_analytics.ui.frame import begin

view = begin()
if view.empty:
    welcome.first_upload(view)
    st.stop()

page.head("Risks", headline(risks.found(view)), view)
left, right = page.columns()
with left:
    risks.rules_card(view)
with right:
    risks.owners_card(view)
risks.deals_card(view)
risks.checked_card(view)
