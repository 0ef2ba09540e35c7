"""More cards of the page Milestones: what separates, what is overdue and who holds it up, what the rule passes over."""

from __future__ import annotations

from typing import Any, Final

import pandas as pd
import streamlit as st

from tas_analytics.formats import count, escape_markdown, money, number, percent, rate, sentence_case
from tas_analytics.metrics import milestone_findings as findings
from tas_analytics.metrics.funnel_deals import holds_up
from tas_analytics.metrics.stage_rows import stage_rows
from tas_analytics.ui import funnel_data as data, lists, page
from tas_analytics.ui.funnel import RULE
from tas_analytics.ui.funnel_data import Asked
from tas_analytics.ui.session import View

#: What may hold overdue milestones up: choice → (column, what a row without one is called).
_BY: Final = {
    "Customer": ("contact", "No customer named"),
    "Title": ("title", "No title known"),
    "Missing activity": ("activity", "No activity planned"),
    "Milestone": ("milestone", ""),
    "Owner": ("owner", "No owner"),
}
_ROWS: Final = 8
#: Columns of what is rare.
_ODD: Final = ("Out of order", "Negative")


def nothing_recorded(view: View) -> None:
    """The page while there are neither milestones nor stages."""
    page.head("Milestones", "No deal has a milestone, and none was seen in an open stage", view)
    page.nothing(
        "A funnel needs milestones or stages",
        "Load milestones, or the CRM's history of stages: entering a stage then stands in for a milestone.",
        key="milestones",
        button="Upload files",
        on_click=None,
    )


def separators_card(view: View, asked: Asked) -> None:
    """Win rates with and without each milestone, of deals that went past it."""
    with page.card("separators"):
        if view.company.steps.derived:
            page.finding("What separates winners needs milestones", "Stages that a deal was not seen in prove nothing")
            page.nothing(
                "No milestones are recorded",
                "Load or add them: then deals with and without each one are compared.",
                key="separators",
            )
            return
        rows = data.everything(view, asked.cohort.scope)
        rows = rows[rows["milestone"].notna() & (rows["milestone_had"] > 0) & (rows["milestone_lacked"] > 0)]
        parts = data.separator(view, asked)
        page.finding(
            findings.what_separates(parts),
            "Win rate of decided deals that went past the milestone, with and without it · largest difference first",
        )
        if rows.empty:
            page.nothing("No milestone was ever skipped", "So there is nothing to compare with.", key="separators")
            return
        with_it = rows["milestone_had_won"] / rows["milestone_had"]
        without = rows["milestone_lacked_won"] / rows["milestone_lacked"]
        shown = rows.assign(lead=with_it - without).sort_values("lead", ascending=False).head(_ROWS)
        table = [
            (
                _bold(row["milestone"], parts is not None and row["milestone"] == parts.milestone),
                escape_markdown(_share(row["milestone_had_won"], row["milestone_had"])),
                escape_markdown(_share(row["milestone_lacked_won"], row["milestone_lacked"])),
            )
            for row in shown.to_dict("records")
        ]
        st.table(pd.DataFrame(table, columns=["Milestone", "With", "Without"]), border="horizontal", hide_index=True)


def _share(hits: float, cases: float) -> str:
    text = rate(int(hits), int(cases))
    return text if "of" in text else f"{text} of {int(cases):,}"


def _bold(text: str, on: bool) -> str:
    return f"**{escape_markdown(text)}**" if on else escape_markdown(text)


def overdue_card(view: View, asked: Asked) -> None:
    """What is past its target date, by who or what holds it up."""
    scope = asked.cohort.scope
    derived = view.company.steps.derived
    totals = view.measure(("milestones_due", "milestones_overdue"), ("milestone",), scope)
    due, overdue = int(totals["milestones_due"].sum()), int(totals["milestones_overdue"].sum())
    worst = totals.sort_values("milestones_overdue", ascending=False).head(1)
    name = str(worst["milestone"].iloc[0]) if len(worst) else None
    with page.card("overdue"):
        page.finding(
            findings.kept_promises(due, overdue, name, int(worst["milestones_overdue"].sum()), derived),
            "Milestones of open deals past their target date and not achieved · days late are the median",
        )
        if not overdue:
            page.nothing(
                "Nothing is overdue",
                "Milestones with a target date that passes unachieved show here.",
                key="overdue",
            )
            return
        late = data.overdue(view, scope)
        ways = [name for name, (column, _) in _BY.items() if late[column].notna().any()]
        choice = str(
            st.segmented_control(
                "Held up by", ways, default=ways[0], required=True, key="held_up", bind="query-params",
                label_visibility="collapsed",
            ) or ways[0]
        )  # fmt: skip
        column, none = _BY[choice]
        rows = holds_up(late, column)
        currency = view.company.currency
        table = [
            (
                escape_markdown(row[column] or none),
                f"{row['milestones']:,}",
                f"{row['deals']:,}",
                escape_markdown("–" if pd.isna(row["amount"]) else money(float(row["amount"]), currency)),
                number(row["days_late"]),
            )
            for row in rows.head(_ROWS).to_dict("records")
        ]
        st.table(
            pd.DataFrame(table, columns=[choice, "Milestones", "Deals", "Amount", "Days late"]),
            border="horizontal",
            hide_index=True,
        )
        if len(rows) > _ROWS:
            st.caption(f"The {_ROWS} that hold up most of {len(rows):,}.")
        if st.toggle("Every overdue milestone", key="every_overdue", bind="query-params"):
            _every_one(late)


def _every_one(late: pd.DataFrame) -> None:
    config = st.column_config
    chosen_row = lists.choose(
        late[["amount", "deal", "milestone", "days_late", "owner", "contact", "activity", "target_date"]],
        "late",
        "Overdue milestones, largest deal first",
        columns={
            "deal": lists.deal(),
            "milestone": config.TextColumn("Milestone", width=190),
            "days_late": config.NumberColumn("Days late", width=80, alignment="right"),
            "amount": lists.amount(),
            "owner": config.TextColumn("Owner", width=140),
            "contact": config.TextColumn("Customer", width=140),
            "activity": config.TextColumn("Activity not done", width=200),
            "target_date": config.DateColumn("Target", format="D MMM YYYY", width=100),
        },
    )
    if chosen_row is not None:
        page.open_deal(str(late["id"].iloc[chosen_row]))


def left_out_card(view: View, asked: Asked, steps: pd.DataFrame) -> None:
    """What the rule of the funnel passes over, by step."""
    scope = asked.cohort.scope
    order = data.everything(view, scope)
    names = dict(zip(order["milestone"], order["milestone_out_of_order"], strict=True))
    rows = steps[steps["step"].between(1, len(asked.names))]
    derived = view.company.steps.derived
    title, left = findings.what_is_left_out(
        data.unrecorded(view, scope), int(rows["skipped"].sum()), int(sum(names.values())),
        int(rows["backwards"].sum()), derived=derived,
    )  # fmt: skip
    with page.card("rule"):
        page.finding(title, f"{RULE}. {left}")
        table = [
            (
                escape_markdown(row["milestone"]),
                escape_markdown(f"{row['skipped']:,}" + _of_reached(row)),
                f"{int(names.get(row['milestone'], 0)):,}",
                f"{row['backwards']:,}",
                escape_markdown(findings.days(row["median_days"], row["p75_days"])),
            )
            for row in rows.to_dict("records")
        ]
        skipped = "Not seen in it" if derived else "Skipped"
        shown = pd.DataFrame(table, columns=["Step", skipped, *_ODD, "Days from the one before"])
        # Where no step has any, the title says so; a phone has no room for columns of noughts.
        st.table(shown.drop(columns=[name for name in _ODD if (shown[name] == "0").all()]),
                 border="horizontal", hide_index=True)  # fmt: skip
        if derived:
            _stage_rows(view, asked)


def _of_reached(row: dict[Any, Any]) -> str:
    return f" ({percent(row['skipped'] / row['reached'])})" if row["skipped"] and row.get("reached") else ""


def _stage_rows(view: View, asked: Asked) -> None:
    """What the history of stages says beside what the funnel uses."""
    told = stage_rows(view.store, view.company, asked.cohort.scope)
    if not told.rows:
        return
    said = [
        f"{count(told.rows, 'row')} of stage history",
        f"{count(told.overlaps, 'stay')} that {'overlaps' if told.overlaps == 1 else 'overlap'} the next",
        f"{told.again:,} into a stage that the deal had been in before",
        f"{told.automated:,} made by a program",
    ]
    st.caption(escape_markdown(sentence_case(", ".join(said)) + ": all of them are counted."))
