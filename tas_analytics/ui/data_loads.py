"""The list of loads, what each brought, and the way to take it back."""

from __future__ import annotations

import json

import pandas as pd
import streamlit as st

from tas_analytics.errors import TasError
from tas_analytics.formats import count, number, sentence_case
from tas_analytics.ingest.judging.verdict import VERDICTS, Finding
from tas_analytics.ingest.loading.loader import undo
from tas_analytics.ingest.reporting.rejects import rejects_csv, rejects_name
from tas_analytics.store.news import ENTERED
from tas_analytics.ui import data_inbox, lists, page
from tas_analytics.ui.data_findings import findings_list
from tas_analytics.ui.session import OWN, View


def tab(view: View) -> None:
    """The tab Loads."""
    _list(view)
    if view.which == OWN:
        data_inbox.card(view)


def _list(view: View) -> None:
    rows = view.store.frame(
        "select load_id, loaded_at, loaded_by, file_name, table_name, source, as_of, rows_in_file, rows_new, "
        "rows_changed, rows_unchanged, rows_rejected, cast(amount_in_file as double) as amount_in_file, "
        "cast(amount_loaded as double) as amount_loaded, verdict, findings, undone_at from load order by load_id desc"
    )
    entered = rows["source"] == ENTERED
    if entered.any() and not st.toggle(
        f"Show {count(int(entered.sum()), 'entry', 'entries')} made in the app too", key="entries", bind="query-params"
    ):
        rows = rows[~entered].reset_index(drop=True)
    if rows.empty:
        page.finding("Nothing has been loaded yet", "Every load is listed here and can be undone")
        return
    active = rows[rows["undone_at"].isna()]
    page.finding(
        f"{sentence_case(count(len(active), 'load'))} in force, {number(active['rows_in_file'].sum())} rows",
        "Newest first · select a row for its findings and to undo it",
    )
    shown = pd.DataFrame(
        {
            "Load": rows["load_id"],
            "File": rows["file_name"],
            "Table": rows["table_name"],
            "Export of": rows["as_of"],
            "Rows": rows["rows_in_file"],
            "New": rows["rows_new"],
            "Changed": rows["rows_changed"],
            "Unchanged": rows["rows_unchanged"],
            "Rejected": rows["rows_rejected"],
            "Amount in file": rows["amount_in_file"],
            "Amount loaded": rows["amount_loaded"],
            "Verdict": [
                "Undone" if pd.notna(gone) else VERDICTS[verdict]
                for gone, verdict in zip(rows["undone_at"], rows["verdict"], strict=True)
            ],
            "Loaded at (UTC)": rows["loaded_at"],
            "By": rows["loaded_by"],
        }
    )
    config = st.column_config
    whole = {name: config.NumberColumn(format="%,d") for name in ("Rows", "New", "Changed", "Unchanged", "Rejected")}
    chosen_row = lists.choose(
        shown,
        "loads",
        "Loads, newest first",
        columns=whole
        | {
            "File": config.TextColumn(width=230),
            "Export of": config.DateColumn(format="D MMM YYYY"),
            "Amount in file": config.NumberColumn(format="%,.2f"),
            "Amount loaded": config.NumberColumn(format="%,.2f"),
            "Loaded at (UTC)": config.DatetimeColumn(format="D MMM YYYY, HH:mm"),
        },
    )
    if chosen_row is not None:
        _details(view, rows.iloc[chosen_row])


def _details(view: View, row: pd.Series) -> None:
    load_id = int(row["load_id"])
    with page.card("load"):
        gone = pd.notna(row["undone_at"])
        page.finding(
            f"Load {load_id}: {row['file_name']}", f"Recognised as {row['source']}" + (" · undone" if gone else "")
        )
        findings_list([Finding.from_json(item) for item in json.loads(row["findings"])], currency=view.company.currency)
        with st.container(horizontal=True):
            if row["rows_rejected"]:
                st.download_button(
                    f"Download the {count(int(row['rows_rejected']), 'rejected row')}",
                    rejects_csv(view.store, load_id),
                    file_name=rejects_name(load_id, row["as_of"].date(), str(row["file_name"])),
                    key="load-rejects",
                    on_click="ignore",
                )
            if not gone and view.which == OWN and st.button("Undo this load", key="undo"):
                _confirm(view, load_id, str(row["file_name"]), int(row["rows_in_file"]))
        if view.which != OWN:
            st.caption("The sample's loads stay as they are.")


@st.dialog("Undo this load?")
def _confirm(view: View, load_id: int, name: str, rows: int) -> None:
    st.markdown(
        page.plain(f"Everything that {name} brought ({count(rows, 'row')}) goes, as if it had never been loaded. ")
        + "The file itself stays where it is, and you can load it again."
    )
    with st.container(horizontal=True):
        if st.button("Undo the load", type="primary", key="undo-yes"):
            try:
                undo(view.store, load_id)
            except TasError as error:
                page.refusal(error.title, error.hint, "undo")
                return
            st.toast(page.plain(f"{name} is undone."))
            st.rerun()
        if st.button("Keep it", key="undo-no"):
            st.rerun()
