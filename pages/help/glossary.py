"""Glossary: every metric with definition, unit, formula and rivals, generated from the registry."""

import streamlit as st

from tas_analytics.formats import count, sentence_case
from tas_analytics.ui import glossary, page
from tas_analytics.ui.frame import begin

view = begin()
page.head("Glossary", "Every number on these pages, and exactly how it is computed", view, about="")
words = st.text_input(
    "Search", key="search", bind="query-params", placeholder="Search the definitions", label_visibility="collapsed"
)
chosen = glossary.found(words or "")
st.caption(sentence_case(count(len(chosen), "metric")))
if not chosen:
    page.nothing("No definition has all these words", "Try one word, such as pipeline, win or stage.", key="glossary")
glossary.groups(chosen)
if not words:
    glossary.dimensions()
