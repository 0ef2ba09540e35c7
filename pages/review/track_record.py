"""Track record: how chances of the past came true beside simpler answers, and how far period forecasts were off."""

import streamlit as st

from tas_analytics.ui import page, track_record, welcome
from tas_analytics.ui.frame import begin

view = begin()
if view.empty:
    welcome.first_upload(view)
    st.stop()

heading = st.container()
horizon = track_record.switch()
record = track_record.record(view, horizon)
with heading:
    page.head("Track record", track_record.headline(view, record), view, about=track_record.about(view))
if record.answer is None:
    track_record.waiting(record)
    st.stop()

track_record.answers_card(record.answer)
left, right = page.columns()
with left:
    track_record.reliability_card(record.answer)
with right:
    track_record.days_card(record.answer)
track_record.periods_card(view)
