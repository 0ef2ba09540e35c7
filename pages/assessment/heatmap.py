"""Assessments: every open deal on the 20 criteria, how we compare with competitors, and who knows how much."""

import streamlit as st

from tas_analytics.ui import assessment_map as deals, assessment_rivals as others, page, welcome
from tas_analytics.ui.frame import begin

view = begin()
deals.follow()
if view.empty:
    welcome.first_upload(view)
    st.stop()

heading = st.container()
which = deals.switch()
if which == "Deals":
    show, order, since, blank = deals.deal_switches(view)
    with heading:
        page.head("Assessments", deals.headline(view, show), view)
        st.markdown(page.plain(deals.summary(view)))
    deals.deals_card(view, show, order, since, blank)
elif which == "Competitors":
    status = others.which_deals()
    with heading:
        page.head("Assessments", others.headline(view, status), view)
    others.competitors_card(view, status)
else:
    share, who = others.coaching_switches()
    with heading:
        page.head("Assessments", others.coaching_headline(view, share), view)
    others.coaching_card(view, share, who)
