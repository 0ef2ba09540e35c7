"""Templates: the importable tables as empty files, each with an example from the sample company."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Sequence
from functools import lru_cache, partial
from typing import Final

import streamlit as st

from tas_analytics.formats import count, csv_file
from tas_analytics.store import Store
from tas_analytics.store.contents import contents
from tas_analytics.store.tables import TABLES, Table
from tas_analytics.ui import page
from tas_analytics.ui.session import sample_store

#: The tables by what they are about, each group in one sentence.
GROUPS: Final = {
    "Deals and people": (
        "What every CRM exports; the deals alone are enough to begin with",
        ("opportunities", "history", "accounts", "people", "products", "targets", "rates", "stages"),
    ),
    "Method": (
        "How a deal is worked: what has been found out, agreed and planned",
        (
            "milestones", "activities", "assessments", "competitors", "strategies", "judgements", "value_chain",
            "value_propositions", "contacts", "contact_map", "influence", "warnings",
        ),
    ),
    "Company": (
        "What your company plans and watches its deals by; each has a default that a file changes",
        ("criteria", "milestone_catalogue", "activity_plans", "warning_signals", "risk_rules"),
    ),
    "Review": (
        "What the weekly review asked, heard and decided",
        ("reviews", "decisions", "inspection_answers"),
    ),
    "Selling": (
        "What is sold with whom, what is called, and everything else",
        ("revenue_lines", "partners", "sales_teams", "forecast_calls", "attributes"),
    ),
}  # fmt: skip


def tab() -> None:
    """The tab Templates."""
    page.finding(
        "If your CRM is not recognised, fill a template",
        "CSV with the headers that are always understood; any order, any subset",
    )
    st.download_button(
        f"All {len(TABLES)} as one zip",
        all_empty,
        file_name="templates.zip",
        mime="application/zip",
        key="template-all",
        on_click="ignore",
    )
    samples = sample_store()
    filled = _filled(samples, samples.data_version)
    for title, (about, tables) in groups().items():
        with page.card(f"templates-{title.split()[0].lower()}"):
            page.finding(title, about)
            for one in tables:
                _template(one, has_example=one.name in filled)


def groups() -> dict[str, tuple[str, list[Table]]]:
    """Every importable table in its group; one that no group names stands in the last."""
    by_name = {one.name: one for one in TABLES}
    found = {title: (about, [by_name.pop(name) for name in names]) for title, (about, names) in GROUPS.items()}
    found[list(found)[-1]][1].extend(by_name.values())
    return found


def _template(one: Table, *, has_example: bool) -> None:
    needed = [column.label for column in one.columns if column.required]
    words = f"**{one.label}** · {count(len(one.columns), 'column')}" + (
        f", needed: {', '.join(needed)}" if needed else ""
    )
    with st.expander(words, key=f"about-{one.name}", on_change="rerun") as about:
        if not about.open:
            return
        st.markdown(page.plain(one.doc))
        with st.container(horizontal=True):
            st.download_button(
                "Empty template",
                empty(one),
                file_name=f"{one.name}.csv",
                mime="text/csv",
                key=f"template-{one.name}",
                on_click="ignore",
            )
            if has_example:
                st.download_button(
                    "Example of the sample company",
                    partial(example, one),
                    file_name=f"{one.name}-example.csv",
                    mime="text/csv",
                    key=f"example-{one.name}",
                    on_click="ignore",
                )
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


def all_empty(tables: Sequence[Table] = TABLES) -> bytes:
    """Every empty template in one archive, which could be filled and loaded as it is."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for one in tables:
            archive.writestr(f"{one.name}.csv", empty(one))
    return packed.getvalue()


def example(one: Table) -> bytes:
    """Fifty rows of the sample company under the template's headers."""
    rows = contents(sample_store(), one).head(50)
    for column in rows.select_dtypes("datetime").columns:
        rows[column] = rows[column].dt.date
    return csv_file(rows)


@lru_cache(maxsize=2)
def _filled(samples: Store, _version: int) -> frozenset[str]:
    """The tables of which the sample company has rows."""
    sql = " union all ".join(
        f"(select '{one.name}' from {'stage' if one.name == 'stages' else f'{one.one}_version'} limit 1)"
        for one in TABLES
    )
    return frozenset(name for (name,) in samples.rows(sql))
