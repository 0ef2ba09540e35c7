"""Settings of the plan: the catalogue of milestones, the activity plans, the warning signals; tables to edit and files.

What is saved is an entry, so it is listed under Loads and can be undone there. Rows that are taken out of a table are
kept out of use rather than deleted: files may still name them.
"""

from __future__ import annotations

import uuid
import zlib
from collections.abc import Callable, Sequence
from typing import Any, Final, Literal

import pandas as pd
import streamlit as st

from tas_analytics.errors import TasError
from tas_analytics.formats import csv_file
from tas_analytics.ingest.loading.entry import enter
from tas_analytics.method.milestones import KINDS, code_of, normal
from tas_analytics.method.plans import DISPLAYS, OWNER_RULES, PRIORITIES, TYPES
from tas_analytics.ui import author, deal_data as data, lists, page
from tas_analytics.ui.session import OWN, View

_CATALOGUE: Final = (
    "code", "milestone", "kind", "position", "stage", "planned_days", "mandatory", "synonyms", "about", "in_use",
)  # fmt: skip
_STEPS: Final = (
    "step_id", "milestone", "subject", "type", "display", "lead_days", "owner", "resources", "priority", "position",
    "in_use",
)  # fmt: skip
_SIGNALS: Final = ("code", "signal", "about", "ask", "position", "in_use")
_MIME: Final = "text/csv"
Rows = list[dict[str, Any]]


def cards(view: View) -> None:
    """The three tables, each in a card of its own that opens on demand."""
    with page.card("plan-settings"):
        page.finding(
            "Milestones, activity plans and warning signals",
            "What deals are planned and watched by; change it here, or as files under Templates",
        )
        for label, key, draw in (
            ("Milestone catalogue", "catalogue", _catalogue),
            ("Activity plans", "plans", _plans),
            ("Warning signals", "signals", _signals),
        ):
            with st.expander(label, key=f"set-{key}", on_change="rerun") as place:
                if place.open:
                    draw(view)


def _catalogue(view: View) -> None:
    before = pd.DataFrame(data.catalogue(view))[list(_CATALOGUE)]
    config = st.column_config
    after = editor(
        view, "milestone_catalogue", before,
        {
            "milestone": config.TextColumn("Milestone", required=True, width=260),
            "kind": config.SelectboxColumn("Kind", options=list(KINDS)),
            "position": config.NumberColumn("Order", help="Shown from the smallest to the largest."),
            "stage": config.TextColumn("Stage"),
            "planned_days": config.NumberColumn("Planned days", min_value=0, step=1, help="From entering the stage."),
            "mandatory": config.CheckboxColumn("Mandatory", help="The stage is not done without it."),
            "synonyms": config.TextColumn("Other names", help="Names in exports, separated by semicolons."),
            "about": config.TextColumn("Meaning"),
            "in_use": config.CheckboxColumn("In use"),
        },
    )  # fmt: skip
    save(view, "milestone_catalogue", before, lambda: changed_rows(before, after, _CATALOGUE, "code", "milestone"))


def _plans(view: View) -> None:
    types = {str(row["milestone"]): str(row["code"]) for row in data.catalogue(view)}
    name = st.selectbox("Milestone", list(types), key="plan-of")
    steps = data.plans_of(view).get(types[str(name)], ())
    before = pd.DataFrame(
        [
            (s.step_id, name, s.subject, s.type, s.display, s.lead_days, s.owner, s.resources, s.priority,
             float(place), s.in_use)
            for place, s in enumerate(sorted(steps, key=lambda one: one.position), start=1) if s.in_use
        ],
        columns=list(_STEPS),
    )  # fmt: skip
    config = st.column_config
    after = editor(
        view, "activity_plans", before,
        {
            "subject": config.TextColumn("Activity", required=True, width="large"),
            "type": config.SelectboxColumn("Type", options=list(TYPES)),
            "display": config.SelectboxColumn("Display in", options=list(DISPLAYS)),
            "lead_days": config.NumberColumn("Lead days", min_value=0, step=1, help="Before the milestone's target."),
            "owner": config.TextColumn("Owner", help=f"{', '.join(OWNER_RULES)}, or a person's name."),
            "resources": config.TextColumn("Resources"),
            "priority": config.SelectboxColumn("Priority", options=list(PRIORITIES)),
        },
    )  # fmt: skip
    save(view, "activity_plans", before, lambda: plan_rows(before, after, str(name)))


def _signals(view: View) -> None:
    before = pd.DataFrame(
        [(s.code, s.name, s.about, s.ask, s.position, s.in_use) for s in data.signals_of(view)], columns=list(_SIGNALS)
    )
    config = st.column_config
    after = editor(
        view, "warning_signals", before,
        {
            "signal": config.TextColumn("Signal", required=True, width=260),
            "about": config.SelectboxColumn("About", options=["customer", "contest", "us"]),
            "ask": config.TextColumn("Question", width="large"),
            "position": config.NumberColumn("Order"),
            "in_use": config.CheckboxColumn("In use"),
        },
    )  # fmt: skip
    save(view, "warning_signals", before, lambda: changed_rows(before, after, _SIGNALS, "code", "signal"))


def changed_rows(before: pd.DataFrame, after: pd.DataFrame, columns: Sequence[str], code: str, name: str) -> Rows:
    """The rows to enter: those that differ, the new ones, and those taken out, which go out of use.

    Raises
    ------
    TasError
        Two rows would have the same name, or one has none.
    """
    old = {row[code]: row for row in plain_rows(before, columns)}
    rows = plain_rows(after, columns)
    names = [normal(str(row[name] or "")) for row in rows]
    if "" in names:
        raise TasError("A row has no name", "Name it, or take it out.")
    twice = next((str(row[name]) for row, one in zip(rows, names, strict=True) if names.count(one) > 1), None)
    if twice is not None:
        raise TasError(f"{twice} is there twice", "Names tell rows apart: change one of them.")
    found = []
    for given in rows:
        fresh = {code: _free(code_of(str(given[name])), old), "in_use": given["in_use"] is not False}
        row = given if given[code] is not None else given | fresh
        if row != old.get(row[code]):
            found.append(row)
    kept = {row[code] for row in rows}
    return found + [row | {"in_use": False} for key, row in old.items() if key not in kept and row["in_use"]]


def plan_rows(before: pd.DataFrame, after: pd.DataFrame, milestone: str) -> Rows:
    """The whole plan of a milestone, if anything in it was changed: it replaces the default one."""
    old, rows = plain_rows(before, _STEPS), plain_rows(after, _STEPS)
    for place, row in enumerate(rows, start=1):
        if not row["subject"]:
            raise TasError("An activity has no text", "Say what is to be done, or take the row out.")
        row |= {
            "step_id": row["step_id"] or f"app-{uuid.uuid4().hex[:12]}", "milestone": milestone,
            "position": float(place), "in_use": True, "display": row["display"] or DISPLAYS[1],
            "owner": row["owner"] or OWNER_RULES[0], "lead_days": row["lead_days"] or 0,
        }  # fmt: skip
        rows[place - 1] = row
    if rows == old:
        return []
    kept = {row["step_id"] for row in rows}
    return rows + [row | {"in_use": False} for row in old if row["step_id"] not in kept]


def editor(
    view: View,
    table: str,
    before: pd.DataFrame,
    config: dict[str, Any],
    *,
    rows: Literal["dynamic", "fixed"] = "dynamic",
) -> pd.DataFrame:
    """The table, to edit where the data are one's own; drawn afresh when what it shows has changed."""
    mark = f"{zlib.crc32(before.to_csv(index=False).encode()):08x}"
    if view.which != OWN:
        lists.show(before[list(config)], f"{table}-{mark}", "What holds now", columns=config)
        return before
    hidden = {name: None for name in before.columns if name not in config}
    return st.data_editor(
        before, hide_index=True, num_rows=rows, key=f"{table}-{mark}", column_config=config | hidden,
        column_order=list(config), row_height=32, placeholder="–",
    )  # fmt: skip


def save(view: View, table: str, before: pd.DataFrame, rows_of: Callable[[], Rows]) -> None:
    """The buttons below the table: what was changed is entered, and the table as it was is a file."""
    with st.container(horizontal=True, vertical_alignment="center"):
        pressed = view.which == OWN and st.button("Save", type="primary", key=f"save-{table}")
        st.download_button(
            "As a file", csv_file(before), file_name=f"{table}.csv",
            mime=_MIME, key=f"file-{table}", on_click="ignore",
            help="Change it in a spreadsheet and load it again: see Templates.",
        )  # fmt: skip
    if view.which != OWN:
        st.caption("The sample's settings stay as they are.")
    if not pressed:
        return
    try:
        rows = rows_of()
        if rows:
            enter(view.store, table, rows, author=author.name(view))
    except TasError as refusal:
        page.refusal(refusal.title, refusal.hint, f"save-{table}")
        return
    st.toast("Saved; it can be undone under Loads." if rows else "Nothing was changed.")
    if rows:
        st.rerun()


def _free(code: str, taken: dict[Any, Any]) -> str:
    """A code that no other row has."""
    number = 2
    found = code
    while found in taken:
        found, number = f"{code}_{number}", number + 1
    return found


def plain_rows(frame: pd.DataFrame, columns: Sequence[str]) -> Rows:
    """The rows of a table as plain values."""
    return [{name: _plain(row.get(name)) for name in columns} for row in frame.to_dict("records")]


def _plain(value: Any) -> Any:
    if value is None or value is pd.NaT or value is pd.NA or (isinstance(value, float) and pd.isna(value)):
        return None
    if isinstance(value, str):
        return value.strip() or None
    plain = value.item() if hasattr(value, "item") else value
    return int(plain) if isinstance(plain, float) and plain.is_integer() else plain
