"""The heatmap page: deals by criteria, competitors by criteria, and who knows how much."""

from __future__ import annotations

import datetime as dt
from typing import Any, Final

import numpy as np
import pandas as pd
import streamlit as st

from tas_analytics.charts import heatmap, theme
from tas_analytics.charts.heatmap import Cell, Grid, Row
from tas_analytics.formats import count, day, money, out_of, sentence_case
from tas_analytics.metrics import portfolio
from tas_analytics.metrics.portfolio import ORDERS, Show
from tas_analytics.metrics.positions import Positions
from tas_analytics.ui import assessed, page
from tas_analytics.ui.filters import NO_DAY, marked_in_words
from tas_analytics.ui.session import View

#: Rows of deals on one page of the heatmap: more than 1,000 squares make a browser slow.
PAGE: Final = 40
VIEWS: Final = ("Deals", "Competitors", "Coaching")
SHOWN: Final[dict[str, Show]] = {
    "Our rating": "ours",
    "Strongest competitor": "theirs",
    "Net advantage": "net",
}
_KEYS: Final[dict[Show, tuple[str, tuple[tuple[int | None, str, str], ...]]]] = {
    "ours": ("We are", ((1, "+", "favourable"), (-2, "−", "unfavourable"), (None, "?", "unknown"))),
    "theirs": ("They are", ((-2, "+", "favourable"), (1, "−", "unfavourable"), (None, "?", "unknown"))),
    "net": (
        "Against the competitor",
        ((2, "+2", "far ahead"), (1, "+1", "ahead"), (0, "0", "level"), (None, "?", "not rated"), (-1, "−1", "behind"),
         (-2, "−2", "far behind")),
    ),
}  # fmt: skip


def switch() -> str:
    """Which of the three maps is shown; in the URL."""
    chosen = st.segmented_control(
        "Map", VIEWS, default=VIEWS[0], required=True, key="map", bind="query-params", label_visibility="collapsed"
    )
    return str(chosen or VIEWS[0])


def follow() -> None:
    """Open the deal whose square was clicked in the run before."""
    target = st.session_state.pop("open_cell", None)
    if target:
        assessed.open_criterion(*target)
    owner = st.session_state.pop("open_owner", None)
    if owner:
        page.go_to("pages/assessment/unknowns.py", owner=owner)


def deal_switches(view: View) -> tuple[Show, str, dt.date | None, bool]:
    """What the squares show, the order, the day since which changes are marked, and whether blank deals are shown."""
    line = st.container(horizontal=True, gap="small", vertical_alignment="bottom")
    shown = line.segmented_control(
        "Squares", list(SHOWN), default="Our rating", required=True, key="squares", bind="query-params",
        label_visibility="collapsed",
    )  # fmt: skip
    order = line.selectbox(
        "Order", list(ORDERS), format_func=ORDERS.__getitem__, key="order", bind="query-params", width=210,
        label_visibility="collapsed",
    )  # fmt: skip
    earlier = [one.isoformat() for one in reversed(view.company.days) if one < view.scope.as_of]
    since = line.selectbox(
        "Changes", [NO_DAY, *earlier], format_func=marked_in_words, key="marked", bind="query-params", width=230,
        label_visibility="collapsed",
    )  # fmt: skip
    blank = line.checkbox("Never assessed too", key="blank", bind="query-params")
    marked = None if since in (None, NO_DAY) else dt.date.fromisoformat(str(since))
    return SHOWN[str(shown or "Our rating")], str(order), marked, bool(blank)


def headline(view: View, show: Show) -> str:
    """The finding of the map of deals."""
    found = assessed.positions(view)
    found = portfolio.only(found, portfolio.is_assessed(found, show))
    return portfolio.headline(found, show, assessed.criteria(view), view.company.currency)


def summary(view: View) -> str:
    """What else the head says: commitments without a sponsor, and deals never assessed."""
    found = assessed.positions(view)
    blank = int((~portfolio.is_assessed(found, "ours")).sum())
    parts = [portfolio.commit_gap(found, assessed.criteria(view))]
    if blank and len(found.deals):
        never = sentence_case(out_of(blank, len(found.deals), "open deal"))
        parts.append(f"{never} here {'has' if blank == 1 else 'have'} never been assessed.")
    stale = int(found.deals["is_stale"].sum())
    if stale:
        parts.append(f"{count(stale, 'deal')} moved to another stage since the last assessment.")
    return " ".join(part for part in parts if part)


def deals_card(view: View, show: Show, order: str, since: dt.date | None, blank: bool) -> None:
    """The map of deals, a page at a time."""
    everything = assessed.positions(view)
    rated = portfolio.is_assessed(everything, show)
    found = everything if blank else portfolio.only(everything, rated)
    if not len(found.deals):
        what = "no competitor is rated" if show != "ours" and len(everything.deals) else "no deal has been assessed"
        page.nothing(
            "Nothing to compare yet" if show != "ours" else "No assessment here yet",
            f"In {view.scope.sentence()}, {what}. Rate a deal on its page, or load a file of assessments.",
            key="map",
        )
        return
    places = portfolio.ordered(found, order, show)
    first = _pager(len(places)) * PAGE
    shown = portfolio.only(found, places[first : first + PAGE])
    before = _before(view, shown, show, since)
    weak = portfolio.weak_by_criterion(portfolio.only(everything, rated), show)
    criteria = assessed.criteria(view)
    title, key = _KEYS[show]
    grid = Grid(
        rows=[_deal_row(view, shown, place, show, before, since) for place in range(len(shown.deals))],
        columns=[f"{one.short}" for one in criteria],
        groups=[one.question for one in criteria],
        counts=[f"{n}" if n < 10_000 else f"{n / 1000:.0f}k" for n in weak],
        count_label={"ours": "deals not favourable", "theirs": "deals with +", "net": "deals behind"}[show],
        worst=int(weak.argmax()) if weak.any() else None,
        key_title=title,
        key=key,
        numbers={"ours": ("favourable", "unknown", "amount"), "theirs": ("their +", "unknown", "amount"),
                 "net": ("net", "ratings", "amount")}[show],
        changed=f"changed since {day(since, year=False)}" if since else "",
        text_size=11.5 if show == "net" else 14,
    )  # fmt: skip
    _draw(grid, f"map-{show}", f"{count(len(shown.deals), 'deal')} by 20 criteria: {title.lower()} favourable or not")


def _draw(grid: Grid, key: str, alt: str) -> None:
    figure = heatmap.heatmap(grid)
    with st.container(key=f"scroll-{key}", horizontal=True, wrap=False):
        page.chart(figure, key, alt, on_select=_on_cell(key), width=int(figure.layout.width))


def _on_cell(key: str) -> Any:
    state_key = page.chart_key(key)

    def callback() -> None:
        points = st.session_state[state_key]["selection"]["points"]
        if points:
            deal_id, number = points[0]["customdata"][:2]
            st.session_state["open_cell"] = (str(deal_id), int(number))

    return callback


def _pager(deals: int) -> int:
    """The page of deals that is shown, from 0; chosen where there is more than one.

    How many deals there are stands beside the list: the browser keeps what is chosen as it was worded, even when a
    filter changes that number.
    """
    pages = -(-deals // PAGE)
    if pages <= 1:
        return 0
    line = st.container(horizontal=True, gap="small", vertical_alignment="center")
    chosen = line.selectbox(
        "Deals",
        list(range(1, pages + 1)),
        format_func=lambda n: f"Deals from {PAGE * (n - 1) + 1:,}",
        key="deals_page",
        bind="query-params",
        label_visibility="collapsed",
        width=210,
    )
    number = int(chosen or 1)
    line.caption(f"to {min(PAGE * number, deals):,} of {deals:,}", width="content")
    return number - 1


def _before(view: View, shown: Positions, show: Show, since: dt.date | None) -> np.ndarray | None:
    """The same squares on the earlier day."""
    if since is None:
        return None
    ours = assessed.scores_on(view, since, shown) if show != "theirs" else None
    theirs = assessed.scores_on(view, since, shown, theirs=True) if show != "ours" else None
    if ours is not None and theirs is not None:
        return ours - theirs
    return ours if ours is not None else theirs


def _deal_row(
    view: View, shown: Positions, place: int, show: Show, before: np.ndarray | None, since: dt.date | None
) -> Row:
    deal = shown.deals.iloc[place]
    scores = portfolio.scores_of(shown, show)[place]
    rival = f" · {deal['strongest']}" if show != "ours" and deal["strongest"] else ""
    lead = f"<b>{theme.clean(deal['name'])}</b>{theme.clean(rival)}"
    cells: list[Cell | None] = []
    for one, score in zip(assessed.criteria(view), scores, strict=True):
        level, sign = portfolio.signs(score, show)
        was = None if before is None else portfolio.signs(before[place, one.number - 1], show)[1]
        changed = was is not None and was != sign
        then = f" (was {was} on {day(since, year=False)})" if changed else ""
        hover = f"{lead}<br>{one.number} {theme.clean(one.name)}: <b>{sign}</b>{then}"
        cells.append(Cell(level, sign, (str(deal["id"]), one.number), hover, changed))
    amount = money(deal["amount"], view.company.currency)
    filled = np.nan_to_num(scores)
    if show == "net":
        total = "–" if pd.isna(deal["net"]) else f"{int(deal['net']):+d}".replace("-", "−").replace("+0", "0")
        numbers = [f"<b>{total}</b>", f"{int((~np.isnan(scores)).sum())}", theme.clean(amount)]
    else:
        numbers = [f"<b>{int((filled == 1).sum())}</b>", f"{int((filled == 0).sum())}", theme.clean(amount)]
    return Row(str(deal["name"]), cells, numbers)
