"""The page Milestones: its switches, its headline, and the funnel with the deals behind it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import pandas as pd
import streamlit as st

from tas_analytics.charts.milestone_funnel import milestone_funnel
from tas_analytics.formats import escape_markdown, money, number, percent
from tas_analytics.metrics import funnel, milestone_findings as findings
from tas_analytics.metrics.dimensions import dimension
from tas_analytics.metrics.funnel import Bottleneck
from tas_analytics.metrics.journey import WON
from tas_analytics.metrics.scope import values_in_words
from tas_analytics.ui import drill, funnel_data as data, page
from tas_analytics.ui.filters import OTHER
from tas_analytics.ui.funnel_data import Asked
from tas_analytics.ui.funnel_switches import SPLITS
from tas_analytics.ui.session import View

#: In the URL: the milestone chosen, and which of its deals are listed.
PARAM: Final = "step"
#: In the URL: that the deals listed are those of the funnel compared with.
WHOSE: Final = "whose"
_LISTS: Final = {
    "waiting": "Waiting for it",
    "lost": "Lost before it",
    "reached": "Reached it",
    "skipped": "Went past without it",
}
RULE: Final = (
    "A milestone counts as reached when it was achieved, or when a later one was: milestones need no fixed order, "
    "and a won deal has reached them all"
)


def about(view: View, asked: Asked) -> str:
    """The grey line: whose deals, how many, as of when."""
    reached = data.everything(view, asked.cohort.scope)
    n = int(reached.loc[reached["milestone"].isna(), "milestone_reached"].sum())
    *filters, when = view.scope.within(None).sentence().split(" · ")[1:]
    if asked.pipeline is not None:
        filters.append(values_in_words("pipeline", (asked.pipeline,)))
    return " · ".join([f"deals {asked.cohort.words}, {number(n)}", *filters, "decided deals only in each rate", when])


def headline(view: View, asked: Asked, steps: pd.DataFrame) -> str:
    """Where deals stop, and which milestone parts the won from the lost."""
    return findings.where_deals_stop(steps, funnel.bottleneck(steps), data.separator(view, asked))


def second(view: View, asked: Asked) -> str:
    """Who goes without a milestone that the others have."""
    return findings.who_skips(data.skipper(view, asked))


def chosen(asked: Asked, worst: Bottleneck | None) -> str | None:
    """The milestone that the URL names, else the bottleneck."""
    return _marked(asked) or (worst.milestone if worst else None)


def bars_card(view: View, asked: Asked, steps: pd.DataFrame) -> None:
    """The funnel, or several beside each other."""
    worst = funnel.bottleneck(steps)
    currency = view.company.currency if asked.by_amount else None
    unit = "Amount" if asked.by_amount else "Deals"
    line = f"{unit} that reached each step, the pale part still open · share of the decided ones before it, median days"
    with page.card("funnel"):
        if view.company.steps.derived:
            line += " · no milestones are recorded: entering a stage stands in for one"
        groups = data.side_by_side(view, asked)
        if len(groups) == 1:
            page.finding(findings.what_is_lost(steps, worst), line)
            name = worst.milestone if worst else None
            figure = milestone_funnel(steps, worst=name, selected=_marked(asked), currency=currency)
            page.chart(figure, "funnel", _alt(steps), on_select=on_step("funnel"))
            return
        _beside(view, asked, groups, currency, line)


def _beside(view: View, asked: Asked, groups: list[tuple[str, pd.DataFrame]], currency: str | None, line: str) -> None:
    shown = groups[: data.MOST]
    worsts = [funnel.bottleneck(one) for _, one in shown]
    if asked.other:
        page.finding(findings.against(shown[0][1], shown[1][1], (asked.cohort.words, asked.other.words)), line)
    else:
        label = dimension(asked.split or "region").label.lower()
        named = [(name or f"no {label}", one) for name, one in shown]
        page.finding(findings.which_group(label, named, data.skipper(view, asked)), line)
    top = max(float(one["reached"].max()) for _, one in shown) if not asked.split else None
    for start in range(0, len(shown), 2):
        for place, column in zip(range(start, start + 2), st.columns(2, gap="medium"), strict=True):
            if place >= len(shown):
                continue
            name, one = shown[place]
            worst = worsts[place]
            with column:
                words = name or f"No {dimension(asked.split or 'region').label.lower()}"
                st.markdown(f"**{escape_markdown(words)}**")
                key = f"funnel-{place}"
                figure = milestone_funnel(
                    one, worst=worst.milestone if worst else None, selected=_marked(asked), currency=currency, top=top
                )
                where = {asked.split: name} if asked.split else {}
                of_other = asked.other is not None and place == 1
                page.chart(figure, key, f"{words}: {_alt(one)}", on_select=on_step(key, where, of_other=of_other))
    if len(groups) > len(shown):
        st.caption(f"The {len(shown)} largest of {len(groups):,} are shown; set a filter to see another.")


def waiting_card(view: View, asked: Asked, steps: pd.DataFrame) -> None:
    """The largest open deals that wait for the chosen milestone or the bottleneck."""
    step = chosen(asked, funnel.bottleneck(steps))
    with page.card("waiting"):
        if step is None:
            page.finding("No step to wait at", "Choose a step of the funnel")
            return
        rows = data.listed(view, asked.cohort.scope, step, "waiting")
        currency = view.company.currency
        page.finding(
            findings.listed("waiting", len(rows), float(rows["amount"].sum()), step, currency),
            f"Deals {asked.cohort.words}, largest first",
        )
        items = []
        for row in rows.head(8).to_dict("records"):
            closes = "" if pd.isna(row["close_date"]) else f", closes {row['close_date']:%-d %b}"
            detail = ", ".join(part for part in (row["owner"], row["stage"]) if part) + closes
            amount = "–" if pd.isna(row["amount"]) else money(float(row["amount"]), currency)
            items.append((amount, row, detail))
        for amount, row, detail in items:
            line = st.container(horizontal=True, gap="small", wrap=False)
            line.container(width=58).markdown(f"**{escape_markdown(amount)}**")
            with line.container(gap="xxsmall"):
                page.deal_link(str(row["name"]), str(row["id"]))
                st.markdown(f":small[:gray[{escape_markdown(detail)}]]")
        if rows.empty:
            page.nothing("No open deal waits here", "Choose another step of the funnel.", key="waiting")


def deals_card(view: View, asked: Asked, steps: pd.DataFrame) -> None:
    """The drill table: a list of the chosen step's deals."""
    step = chosen(asked, funnel.bottleneck(steps))
    with page.card("deals"):
        if step is None:
            page.finding("Choose a step to see its deals", "A click on a bar lists the deals behind it")
            return
        keys = list(_LISTS)[: 3 if step == WON else 4]
        which = str(
            st.segmented_control(
                "List", keys, format_func=_LISTS.__getitem__, default="waiting", required=True, key="step_list",
                bind="query-params", label_visibility="collapsed",
            ) or "waiting"
        )  # fmt: skip
        which = which if which in keys else "waiting"
        where = {key: value for key, value in drill.chosen().items() if key in SPLITS}
        whose = asked.other if asked.other and st.query_params.get(WHOSE) == OTHER else asked.cohort
        scope, _ = drill.narrowed(whose.scope, where)
        rows = data.listed(view, scope, step, which)
        places = [*([whose.words] if asked.other else []), *(value or "none" for value in where.values())]
        place = f" · {', '.join(places)}" if places else ""
        page.finding(
            findings.listed(which, len(rows), float(rows["amount"].sum()), step, view.company.currency) + place,
            f"Select a step above to change the list, a row to open the deal · amounts in {view.company.currency}",
        )
        if rows.empty:
            page.nothing("No deal here", "Choose another step or another list.", key="step-deals")
            return
        drill.listing(view, rows)


def on_step(chart: str, where: dict[str, str] | None = None, *, of_other: bool = False) -> Callable[[], None]:
    """A callback for a click on a step: it stands in the URL, with the group whose funnel was clicked."""
    key = page.chart_key(chart)

    def callback() -> None:
        points = st.session_state[key]["selection"]["points"]
        found: Any = points[0].get("customdata") if points else None
        drill.choose(where if found else None)
        page.keep_in_address(PARAM, str(found[0]) if found else None)
        page.keep_in_address(WHOSE, OTHER if found and of_other else None)

    return callback


def _marked(asked: Asked) -> str | None:
    step = st.query_params.get(PARAM)
    return step if step in {*asked.names, WON} else None


def _alt(steps: pd.DataFrame) -> str:
    return "Milestone funnel: " + ", ".join(
        f"{row['milestone']} {number(row['reached'])}"
        + (f" ({percent(row['conversion'])})" if row["conversion"] is not None and pd.notna(row["conversion"]) else "")
        for row in steps.to_dict("records")
    )
