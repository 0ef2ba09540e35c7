"""The cards of the page What changed."""

from __future__ import annotations

import datetime as dt
from typing import Any, Final

import pandas as pd
import streamlit as st

from tas_analytics.charts import flow, waterfall
from tas_analytics.formats import count, day, money, percent, sentence_case
from tas_analytics.review import sentences
from tas_analytics.review.buckets import BUCKETS
from tas_analytics.review.changes import Changes
from tas_analytics.ui import page, review_data
from tas_analytics.ui.changes_list import choose
from tas_analytics.ui.filters import day_in_words
from tas_analytics.ui.session import View

_BY: Final = {"By category": "forecast_category", "By stage": "stage"}
_LARGEST: Final = 6


def days(view: View) -> dt.date | None:
    """The two days, as switches; gives the first one, or None where there is nothing to compare with."""
    earlier = review_data.earlier_days(view)
    default = review_data.a_week_before(view)
    if default is None:
        return None
    options = [one.isoformat() for one in earlier]
    line = st.container(horizontal=True, gap="small", vertical_alignment="bottom")
    since = line.selectbox(
        "From", options, index=earlier.index(default), format_func=day_in_words, key="since", bind="query-params",
        width=190,
    )  # fmt: skip
    every = [one.isoformat() for one in reversed(view.company.days)]
    st.session_state["to"] = view.scope.as_of.isoformat()
    line.selectbox("To", every, format_func=day_in_words, key="to", on_change=_to, width=190)
    line.segmented_control(
        "Count", ["Amount", "Deals"], default="Amount", required=True, key="count", bind="query-params",
        label_visibility="collapsed",
    )  # fmt: skip
    return dt.date.fromisoformat(str(since))


def _to() -> None:
    """The second day is the view's own day, which stands among the filters as well."""
    st.session_state["as_of"] = st.session_state["to"]


def nothing_yet(view: View, title: str = "What changed") -> None:
    """What a page says of a single export."""
    n = view.company.exports
    page.head(title, "There is no earlier export to compare with", view)
    if n > 1:
        page.nothing(
            f"{day(view.scope.as_of)} is the first day of which the exports tell",
            "Choose a later day under More filters, As of.",
            key="changes",
        )
        return
    page.nothing(
        "One export shows how things are, not how they became so",
        "Load the export of another day, older or newer: what was won, lost, pushed, grown and created between the two "
        "then stands here.",
        key="changes",
        button="Upload another export",
        on_click=_to_upload,
    )
    if st.session_state.pop("to_upload", False):
        page.go_to("pages/data/data.py")


def _to_upload() -> None:
    st.session_state["to_upload"] = True


def headline(view: View, since: dt.date) -> str:
    """What changed, in a sentence."""
    return sentences.what_changed(review_data.changes(view, since), view.company.currency)


def waterfall_card(view: View, since: dt.date) -> None:
    """The ledger from the first day to the second; a row opens its deals."""
    found = review_data.changes(view, since)
    by_count = st.session_state.get("count") == "Deals" or not (found.start.amount or found.end.amount)
    with page.card("waterfall"):
        unchanged = found.buckets["unchanged"].deals
        quiet = f" · {count(unchanged, 'deal')} unchanged" if unchanged else ""
        closing = f"closing in {view.scope.period.label}" if view.scope.period else "all close dates"
        title = _by_count(found) if by_count else sentences.ledger(found, view.company.currency)
        page.finding(title, f"Open pipeline, {closing}, at the rates of {day(since)}{quiet} · a row opens its deals")
        if not found.start.deals and not found.end.deals:
            page.nothing("No deal was open on either day", view.scope.sentence(), key="waterfall")
            return
        figure = waterfall.waterfall(
            _rows(found, by_count=by_count),
            value="deals" if by_count else "amount",
            currency=view.company.currency,
            selected=str(st.query_params.get("show", "")),
        )
        page.chart(figure, "waterfall", _alt(found, view.company.currency), on_select=_on_row("waterfall"))


def _rows(found: Changes, *, by_count: bool) -> pd.DataFrame:
    signs = {"in": 1, "out": -1, "both": 0, "rate": 0}
    rows: list[dict[str, Any]] = [_end("start", found.since, found.start.deals, float(found.start.amount))]
    for one in BUCKETS:
        total = found.buckets[one.key]
        signed = signs[one.side] * total.deals
        if (by_count and not signed) or one.key == "unchanged" or not (total.deals or total.amount):
            continue
        deals = None if one.side == "rate" else total.deals
        rows.append(
            {
                "key": one.key, "label": one.label, "kind": "move", "amount": float(total.amount), "deals": deals,
                "signed_deals": signed, "meaning": one.meaning,
            }
        )  # fmt: skip
    rows.append(_end("end", found.scope.as_of, found.end.deals, float(found.end.amount)))
    return pd.DataFrame(rows)


def _end(key: str, on: dt.date, deals: int, amount: float) -> dict[str, Any]:
    label = f"Open on {day(on, year=False)}"
    return {
        "key": key, "label": label, "kind": key, "amount": amount, "deals": deals, "signed_deals": deals,
        "meaning": "target",
    }  # fmt: skip


def _by_count(found: Changes) -> str:
    came = sum(found.buckets[one.key].deals for one in BUCKETS if one.side == "in")
    left = sum(found.buckets[one.key].deals for one in BUCKETS if one.side == "out")
    return sentence_case(f"{count(left, 'deal')} left and {count(came, 'deal')} came in")


def largest_card(view: View, since: dt.date) -> None:
    """The deals that moved the total most."""
    rows = [row for row in review_data.changed(view, since) if row["effect"] or row["bucket"] != "increased"]
    rows = rows[:_LARGEST]
    with page.card("largest"):
        if not rows:
            page.finding("No deal moved", "Between these two days, in this scope")
            return
        share = sum(abs(float(row["effect"])) for row in rows)
        whole = sum(abs(float(row["effect"])) for row in review_data.changed(view, since)) or 1.0
        words = f"{count(len(rows), 'deal')} made {percent(share / whole)} of the movement"
        page.finding(
            sentence_case(words) if len(rows) < len(review_data.changed(view, since)) else "Every deal that moved",
            "Largest effect first · a name opens the deal",
        )
        for row in rows:
            line = st.container(horizontal=True, gap="small", wrap=False)
            amount = money(float(row["effect"]), view.company.currency, sign=True)
            line.container(width=70).markdown(f"**{page.plain(amount)}**")
            with line.container(gap="xxsmall"):
                page.deal_link(row["name"], row["opportunity_id"])
                who = ", ".join(part for part in (row["owner_after"] or row["owner_before"],) if part)
                said = sentences.happened(row, view.company.currency, view.scope.as_of.year)
                st.markdown(f":small[{page.plain(said)} :gray[{page.plain(who)}]]")


def flow_card(view: View, since: dt.date) -> None:
    """From which category or stage to which."""
    with page.card("flow"):
        title = st.container()
        # Where no deal has a category, only stages tell where deals went.
        label: str | None = "By stage"
        if view.choices("forecast_category"):
            label = st.segmented_control(
                "Flow by", list(_BY), default="By category", required=True, key="flow_by", bind="query-params",
                label_visibility="collapsed",
            )  # fmt: skip
        by = "stage" if label == "By stage" else "forecast_category"
        rows = review_data.flows(view, since, "stage" if by == "stage" else "forecast_category")
        value = "amount" if rows["amount"].sum() > 0 else "deals"
        with title:
            page.finding(
                _flow_words(rows, view.company.currency, value),
                f"{'Stage' if by == 'stage' else 'Forecast category'} on {day(since, year=False)} at the left, on "
                f"{day(view.scope.as_of, year=False)} at the right · a ribbon opens its deals",
            )
        if rows.empty:
            page.nothing("No deal was open on either day", view.scope.sentence(), key="flow")
            return
        figure = flow.flow(rows, value=value, currency=view.company.currency)
        page.chart(figure, "flow", "Where the deals went between the two days", on_select=_on_way("flow", by))


def _flow_words(rows: pd.DataFrame, currency: str, value: str) -> str:
    ways = rows[~rows["stays"]]
    ways = ways[~ways["source"].astype(str).str.startswith("bucket:")]
    if ways.empty:
        return "Every deal stayed where it was"
    top = ways.sort_values([value, "deals"], ascending=False).iloc[0]
    said = money(float(top["amount"]), currency) if value == "amount" else count(int(top["deals"]), "deal")
    return f"The widest stream, {said}, went from {top['source_label']} to {top['target_label']}"


def pushes_card(view: View, since: dt.date) -> None:
    """How often close dates have been pushed: seen export by export, not between two days alone."""
    numbers = view.measure(("push_count", "pushed_deals", "slip_rate", "due_amount")).iloc[0]
    rows = view.deals(flags=("pushed",), limit=5)
    pushed = [row for row in review_data.changed(view, since) if row["bucket"] == "pushed_out"]
    with page.card("pushes"):
        n = int(numbers["pushed_deals"])
        page.finding(
            f"{sentence_case(count(n, 'open deal'))} pushed twice or more" if n else "No open deal was pushed twice",
            "Moves of the close date into a later quarter, export by export"
            + (f" · {count(len(pushed), 'deal')} left {view.scope.period.label} since {day(since, year=False)}"
               if view.scope.period else ""),
        )  # fmt: skip
        for row in rows.to_dict("records"):
            line = st.container(horizontal=True, gap="small", wrap=False)
            line.container(width=70).markdown(f"**{page.plain(money(_number(row['amount']), view.company.currency))}**")
            with line.container(gap="xxsmall"):
                page.deal_link(str(row["name"]), str(row["id"]))
                when = f"now {day(row['close_date'].date())}" if pd.notna(row["close_date"]) else "no close date"
                said = f"Pushed {int(row['pushes'])} times, {when}"
                st.markdown(f":small[{page.plain(said)} :gray[{page.plain(row['owner'] or '')}]]")


def _number(value: Any) -> float | None:
    return None if pd.isna(value) else float(value)


def _on_row(chart: str) -> Any:
    key = page.chart_key(chart)

    def callback() -> None:
        points = st.session_state[key]["selection"]["points"]
        data = points[0].get("customdata") if points else None
        chosen = str(data[0]) if data else ""
        choose("" if chosen in {"start", "end", "currency"} else chosen)

    return callback


def _on_way(chart: str, way: str) -> Any:
    key = page.chart_key(chart)

    def callback() -> None:
        points = st.session_state[key]["selection"]["points"]
        data = points[0].get("customdata") if points else None
        if not data:
            choose("")
            return
        by = "stage" if way == "stage" else "category"
        source, target = (data[0] or "*"), (data[1] or "*")
        choose(f"{by}:{source}>{target}")

    return callback


def _alt(found: Changes, currency: str) -> str:
    moves = [
        f"{one.label} {money(float(found.buckets[one.key].amount), currency, sign=True)}"
        for one in BUCKETS
        if found.buckets[one.key].amount
    ]
    ends = [money(float(total.amount), currency) for total in (found.start, found.end)]
    return f"Open pipeline from {ends[0]} to {ends[1]}: {', '.join(moves) or 'no movement'}"
