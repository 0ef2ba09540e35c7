"""One deal: what it is, where it stands, and everything that happened to it."""

import streamlit as st

from tas_analytics.ui import deal as parts, deal_chips, deal_tabs, page
from tas_analytics.ui.frame import begin

view = begin()
deal = parts.find(view)
if deal is None:
    page.head("Deal", "This deal is not in the data shown", view, about="")
    page.nothing(
        "No such deal on this day",
        "It may be in the other data set, or not yet known on the day chosen under More filters.",
        key="deal",
    )
    page.link("pages/pipeline/by_stage.py", "Back to the pipeline")
    st.stop()

page.head(f"Deal · {deal['account'] or 'no account'}", deal["name"], view, about=parts.about(view, deal))
chips = deal_chips.chips(view, deal)
st.markdown(page.plain(parts.sentence(view, deal, warned=any(one.warns for one in chips))))
deal_chips.draw(chips)
parts.tiles(view, deal, parts.versions(view, deal["id"]))
deal_tabs.draw(view, deal)
