"""Debrief: four questions for one seller's deals, what was agreed, and the roll-out of the method."""

import streamlit as st

from tas_analytics.metrics.debrief import headline, rolled_out
from tas_analytics.ui import debrief, page, welcome
from tas_analytics.ui.frame import begin

view = begin()
if view.empty:
    welcome.first_upload(view)
    st.stop()

heading = st.container()
if debrief.tab() == debrief.TABS[1]:
    debrief.choose_start(view)
    found = debrief.rolled_out(view)
    with heading:
        page.head("Debrief", rolled_out(found, view.scope.as_of), view)
    debrief.people_card(view, found)
    debrief.missing_card(view, found)
    st.stop()
who = debrief.person(view)
rows = debrief.asked(view, who)
with heading:
    page.head("Debrief", headline(who, rows) if who else "Nobody has an open deal", view)
if who:
    debrief.actions_card(view, who, rows)
    debrief.four_questions(view, who, rows)
