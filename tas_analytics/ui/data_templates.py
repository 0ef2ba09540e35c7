"""Templates: the importable tables as empty files, each with an example from the sample company."""

from __future__ import annotations

from functools import partial

import streamlit as st

from tas_analytics.formats import neutralise
from tas_analytics.store.contents import contents
from tas_analytics.store.tables import TABLES, Table
from tas_analytics.ui import page
from tas_analytics.ui.session import sample_store


def tab() -> None:
    """The tab Templates."""
    page.finding(
        "If your CRM is not recognised, fill a template",
        "CSV with the headers that are always understood; any order, any subset",
    )
    for one in TABLES:
        with page.card(f"template-{one.name}"):
            page.finding(one.label, one.doc)
            with st.container(horizontal=True):
                st.download_button(
                    "Empty template",
                    empty(one),
                    file_name=f"{one.name}.csv",
                    mime="text/csv",
                    key=f"template-{one.name}",
                    on_click="ignore",
                )
                st.download_button(
                    "Example of the sample company",
                    partial(example, one),
                    file_name=f"{one.name}-example.csv",
                    mime="text/csv",
                    key=f"example-{one.name}",
                    on_click="ignore",
                )
            with st.expander(f"The {len(one.columns)} columns"):
                st.table(
                    {
                        "Column": [column.name + (" (needed)" if column.required else "") for column in one.columns],
                        "Kind": [column.kind for column in one.columns],
                        "Meaning": [column.doc for column in one.columns],
                    },
                    border="horizontal",
                    hide_index=True,
                )


def empty(one: Table) -> bytes:
    """The header alone."""
    return (",".join(column.name for column in one.columns) + "\n").encode()


def example(one: Table) -> bytes:
    """Fifty rows of the sample company under the template's headers."""
    rows = contents(sample_store(), one).head(50)
    for column in rows.select_dtypes("datetime").columns:
        rows[column] = rows[column].dt.date
    return rows.map(neutralise).to_csv(index=False, lineterminator="\n").encode("utf-8-sig")
