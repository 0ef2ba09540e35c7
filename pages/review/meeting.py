"""Meeting: the weekly review on the whole screen, walked through and kept with the keyboard."""

import streamlit as st

from tas_analytics.ui import meeting, page, welcome
from tas_analytics.ui.frame import begin

view = begin()
if view.empty:
    welcome.first_upload(view)
    st.stop()
if meeting.left():
    page.go_to("pages/review/risks.py")
meeting.draw(view)
