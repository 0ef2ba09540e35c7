"""Strategy: the competitive strategies of the open deals, the rules they break, and what became of closed ones."""

import streamlit as st

from tas_analytics.ui import page, strategy_page, welcome
from tas_analytics.ui.frame import begin

view = begin()
if view.empty:
    welcome.first_upload(view)
    st.stop()

page.head("Strategy", strategy_page.headline(view), view)
strategy_page.flags_card(view)
left, right = page.columns()
with left:
    strategy_page.stages_card(view)
with right:
    strategy_page.agreement_card(view)
strategy_page.listed_card(view)
strategy_page.outcomes_card(view)
