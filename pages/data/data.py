"""Data: upload with preview, list of loads with undo, data trust, settings, templates."""

import streamlit as st

from tas_analytics.formats import day
from tas_analytics.ingest.judging.verdict import VERDICTS
from tas_analytics.ui import data_loads, data_settings, data_templates, data_upload, page
from tas_analytics.ui.data_findings import trust_tab
from tas_analytics.ui.frame import begin

view = begin()
verdict, findings = view.verdict()
caveats = sum(finding.severity != "note" for finding in findings)
about = "" if view.empty else f"newest export of {day(view.company.last_day, weekday=True)}"
words = {
    "empty": "No deals loaded yet: upload your CRM's export",
    "usable": f"{VERDICTS['usable']}: nothing stands in the way of these numbers",
}
page.head(
    "Data", words.get(verdict, f"{VERDICTS[verdict]}: {caveats} thing{'s' * (caveats != 1)} to know"), view, about=about
)

names = ["Upload", "Loads", "Data trust", "Settings", "Templates"]
upload, loads, trust, settings, templates = st.tabs(names, key="tab", bind="query-params", on_change="rerun")
if upload.open:
    with upload:
        data_upload.tab(view)
if loads.open:
    with loads:
        data_loads.tab(view)
if trust.open:
    with trust:
        trust_tab(view)
if settings.open:
    with settings:
        data_settings.tab(view)
if templates.open:
    with templates:
        data_templates.tab()
