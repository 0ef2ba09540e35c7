"""Milestones: how far deals come, where they stop, and what holds them up."""

import streamlit as st

from tas_analytics.ui import funnel, funnel_cards as cards, funnel_data as data, page, welcome
from tas_analytics.ui.frame import begin

view = begin()
if view.empty:
    welcome.first_upload(view)
    st.stop()
if view.company.steps.origin == "none":
    cards.nothing_recorded(view)
    st.stop()

heading = st.container()
asked = funnel.switches(view)
steps = data.steps(view, asked)
with heading:
    page.head("Milestones", funnel.headline(view, asked, steps), view, about=funnel.about(view, asked))

if asked.split or asked.against_before:
    funnel.bars_card(view, asked, steps)
else:
    left, right = page.columns()
    with left:
        funnel.bars_card(view, asked, steps)
    with right:
        funnel.waiting_card(view, asked, steps)
        cards.separators_card(view, asked)
funnel.deals_card(view, asked, steps)
left, right = page.columns()
with left:
    cards.left_out_card(view, asked, steps)
with right:
    cards.overdue_card(view, asked)
