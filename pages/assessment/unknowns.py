"""Open questions: every unknown rating of the open pipeline, by the money and the decisions that hang on it."""

import streamlit as st

from tas_analytics.metrics import open_questions
from tas_analytics.ui import open_questions as parts, page, welcome
from tas_analytics.ui.frame import begin

view = begin()
if view.empty:
    welcome.first_upload(view)
    st.stop()

heading = st.container()
found = parts.rows(view, parts.switch())
with heading:
    page.head("Open questions", open_questions.headline(found, view.company.currency), view)
    if len(found):
        st.markdown(page.plain(open_questions.summary(found)))
parts.table(view, found)
