"""Every chart form on one page, with invented data: for the browser test and for looking at.

Start it with ``streamlit run tests/charts/gallery.py``.
"""

from __future__ import annotations

import datetime as dt
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import streamlit as st

from tas_analytics.charts import theme
from tests.charts import samples

ROOT = Path(__file__).resolve().parents[2]
st.set_page_config(page_title="Chart gallery", layout="wide")
st.logo(str(ROOT / "tas_analytics" / "ui" / "logo.svg"), size="medium")
st.html(ROOT / "tas_analytics" / "ui" / "look.css")
st.markdown(
    f":small[:gray[**Gallery** · invented data · as of {dt.date(2026, 11, 16):%d %b %Y}]]\n\n# Every chart form"
)
st.sidebar.caption("Charts of the dashboard")

sides = st.columns([7, 5], gap="medium")
chosen = {}
for i, (name, figure) in enumerate(samples.figures().items()):
    with sides[i % 2].container(key=f"card-{name}", gap="xsmall"):
        st.markdown(f"### {name.replace('_', ' ').capitalize()}\n\n:small[:gray[Invented amounts, $M]]", anchors=False)
        event = st.plotly_chart(
            figure,
            key=f"{name}-{st.context.theme.type}",
            config=theme.CONFIG,
            alt=name,
            on_select="rerun",
            selection_mode="points",
        )
        points = event["selection"]["points"]
        if points:
            chosen[name] = points[0]["customdata"]
st.text(f"Chosen: {chosen}" if chosen else "Nothing chosen")
