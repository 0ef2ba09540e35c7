"""Milestones: how far deals come, where they stop, and what holds them up."""

import streamlit as st

from tas_analytics.ui import funnel, funnel_cards as cards, funnel_data as data, page, welcome
from tas_analytics.ui.frame import begin
from tas_analytics.ui.funnel_switches import switches

view = begin()
if view.empty:
    welcome.first_upload(view)
    st.stop()
if view.company.steps.origin == "none":
    cards.nothing_recorded(view)
    st.stop()

heading = st.container()
asked = switches(view)
steps = data.steps(view, asked)
with heading:
    told = funnel.headline(view, asked, steps)
    page.head("Milestones", told, view, about=funnel.about(view, asked), more=funnel.second(view, asked))

if asked.compares:
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
