"""Forecast board: everybody's forecast against target, the calls, and how right they were."""

import streamlit as st

from tas_analytics.ui import accuracy, board, board_calls, board_pack, page, welcome
from tas_analytics.ui.frame import begin

view = begin()
if view.empty:
    welcome.first_upload(view)
    st.stop()

heading = st.container()
leader, cumulative, since = board.switches(view)
found = board.figures(view, leader, cumulative=cumulative, since=since)
now, past = st.tabs(["Board", "Accuracy"], key="board-tab", on_change="rerun")
with heading:
    page.head("Forecast board", accuracy.headline(view) if past.open else board.headline(view, found), view)

if now.open:
    with now:
        found = board.with_model(view, found, leader)
        selected = board.board_card(view, found, cumulative=cumulative, since=since)
        board_pack.downloads(view, leader, since)
        person = board_calls.chosen(view, selected, leader)
        board_calls.calls_card(view, found, person)
        board_calls.deals_of(view, person)
if past.open:
    with past:
        accuracy.tab(view)
