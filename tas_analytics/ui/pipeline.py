"""The cards of the page Pipeline by stage."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any, Final

import pandas as pd
import streamlit as st

from tas_analytics.charts import age_strip, conversion, month_columns, ranking, split_bars, stage_bars
from tas_analytics.formats import count, money, number, percent
from tas_analytics.metrics import findings
from tas_analytics.metrics.dimensions import dimension
from tas_analytics.metrics.registry import metric
from tas_analytics.ui import drill, page
from tas_analytics.ui.filters import NO_SPLIT, split_in_words
from tas_analytics.ui.session import View

#: What the bars show: choice → (metric, its stalled part, whether it is money).
MEASURES: Final = {
    "Amount": ("open_pipeline", "stalled_pipeline", True),
    "Weighted": ("weighted_pipeline", None, True),
    "Deals": ("open_deals", "stalled_deals", False),
}
SPLITS: Final = ("owner", "manager", "team", "region", "product", "segment", "forecast_category")
#: The strip of ages draws a dot per deal up to so many.
MOST_DOTS: Final = 4000
_STAGE_KEYS: Final = (
    "open_pipeline", "weighted_pipeline", "open_deals", "stalled_pipeline", "stalled_deals",
)  # fmt: skip


def switches(view: View) -> tuple[str, str]:
    """What to measure and by what to split; both in the URL."""
    has_amounts = (view.value("open_pipeline") or 0) > 0
    line = st.container(horizontal=True, gap="small", vertical_alignment="center")
    measure = line.segmented_control(
        "Measure",
        list(MEASURES),
        default="Amount" if has_amounts else "Deals",
        required=True,
        key="measure",
        bind="query-params",
        label_visibility="collapsed",
    )
    split = line.selectbox(
        "Split by",
        [NO_SPLIT, *SPLITS],
        format_func=split_in_words,
        key="split",
        bind="query-params",
        label_visibility="collapsed",
        width=200,
    )
    return str(measure or "Amount"), str(split)


def headline(view: View, measure: str) -> str:
    """Which stage holds the most."""
    frame = _open_stages(view)
    by_amount = MEASURES[measure][2] and bool(frame["open_pipeline"].sum() > 0)
    return findings.largest_stage(frame, view.company.currency, by_amount=by_amount)


def stages_card(view: View, measure: str, split: str) -> None:
    """Bars by stage in stage order, or a matrix of stages by a split."""
    key, stalled, is_money = MEASURES[measure]
    frame = _open_stages(view)
    currency = view.company.currency if is_money else None
    total = float(frame[key].sum())
    with page.card("stages"):
        if frame.empty:
            page.finding("Nothing is open here", view.scope.sentence())
            page.nothing("No open deal", drill.why_empty(view, view.scope), key="stages")
            return
        title = f"{money(total, currency) if is_money else count(int(total), 'deal')} {_in_words(measure)}"
        amber = " · the amber part is past the stall line of its stage" if stalled else ""
        page.finding(title, f"{metric(key).label}, {_closing(view)}{amber}")
        chosen = drill.chosen()
        if split == NO_SPLIT:
            rows = frame.assign(group=frame["stage"], key=frame["stage"], deals=frame["open_deals"])
            figure = stage_bars.stage_bars(
                rows,
                value=key if is_money else "deals",
                currency=currency,
                selected=chosen.get("stage"),
                stalled=stalled,
            )
            page.chart(figure, "stages", _alt(frame, key, currency), on_select=drill.on_mark("stages", "stage"))
            return
        parts = view.measure(_STAGE_KEYS, ("stage", split))
        parts = parts[parts["open_deals"] > 0]
        none = f"No {dimension(split).label.lower()}"
        rows = parts.assign(
            group=parts["stage"],
            key=parts["stage"],
            split=parts[split].fillna(none),
            split_key=parts[split].fillna(""),
            deals=parts["open_deals"],
        )
        figure = split_bars.split_bars(
            rows,
            value=key if is_money else "deals",
            currency=currency,
            stalled=stalled,
            selected=(chosen.get("stage"), chosen.get(split)) if split in chosen else None,
        )
        page.chart(figure, "split", _alt(frame, key, currency), on_select=_on_cell("split", split))


def months_card(view: View, measure: str) -> None:
    """The open pipeline by expected close month, what is overdue in amber."""
    key, _, is_money = MEASURES[measure]
    currency = view.company.currency if is_money else None
    late = view.measure(("overdue_deals", "overdue_pipeline", *_STAGE_KEYS), ("close_month",))
    rows: list[dict[str, Any]] = []
    for row in late[late["open_deals"] > 0].to_dict("records"):
        month = dt.date.fromisoformat(f"{row['close_month']}-01") if row["close_month"] else None
        due, overdue = float(row[key]), float(row["overdue_pipeline"] if is_money else row["overdue_deals"])
        if measure == "Weighted":
            overdue = due if month and month < view.scope.as_of.replace(day=1) else 0.0
        n, n_late = int(row["open_deals"]), int(row["overdue_deals"])
        if month is None:
            rows.append({"month": None, "kind": "none", "amount": due, "deals": n})
            continue
        if n_late:
            rows.append({"month": month, "kind": "overdue", "amount": overdue, "deals": n_late})
        if n > n_late:
            rows.append({"month": month, "kind": "due", "amount": due - overdue, "deals": n - n_late})
    frame = pd.DataFrame(rows, columns=["month", "kind", "amount", "deals"])
    with page.card("months"):
        page.finding(
            findings.months_ahead(frame, view.company.currency, by_amount=is_money),
            f"{metric(key).label} by expected close month · amber is past the close date",
        )
        if frame.empty:
            page.nothing("No open deal", drill.why_empty(view, view.scope), key="months")
            return
        if (frame["kind"] == "none").all():
            page.nothing(
                "No close month to show", "Fill the expected close date in the CRM, or map its column.", key="months"
            )
            return
        chosen = drill.chosen().get("close_month")
        figure = month_columns.month_columns(
            frame,
            value="amount" if is_money else "deals",
            currency=currency,
            selected=None if chosen is None else (f"{chosen}-01" if chosen else month_columns.NO_DATE),
        )
        page.chart(figure, "months", "Open pipeline by close month", on_select=_on_month("months"))


def conversion_card(view: View) -> None:
    """Where deals are lost, and how long the stages take."""
    keys = ("stage_passed", "stage_lost", "stage_open", "stage_conversion", "median_days_in_stage")
    frame = view.measure(keys, ("stage",))
    frame = frame[(frame["stage_passed"] + frame["stage_lost"] + frame["stage_open"]) > 0]
    rows = pd.DataFrame(
        {
            "stage": frame["stage"],
            "key": frame["stage"],
            "reached": frame["stage_passed"] + frame["stage_lost"] + frame["stage_open"],
            "passed": frame["stage_passed"],
            "lost": frame["stage_lost"],
            "open": frame["stage_open"],
            "rate": frame["stage_conversion"],
            "median_days": frame["median_days_in_stage"],
        }
    )
    lost = int(view.measure(("lost_deals",))["lost_deals"].iloc[0])
    # Without a lost deal whose last open stage is known, every conversion would read 100 %.
    decided = int((rows["passed"] + rows["lost"]).sum()) if len(rows) and (rows["lost"].sum() or not lost) else 0
    with page.card("conversion"):
        if not decided:
            page.finding(
                "Stage conversion needs a history", "Which stage a lost deal was in last, no single export tells"
            )
            page.nothing(
                "One export shows where deals are, not where they were",
                "Load the export of another day, and this fills as deals move.",
                key="conversion",
            )
            return
        page.finding(
            findings.weakest_step(rows, conversion.worst_step(rows)),
            f"Deals that reached each stage, {_closing(view)} · share of those decided that got past it, "
            "median days that took",
        )
        page.chart(conversion.conversion(rows), "conversion", "Stage conversion")


def ages_card(view: View) -> None:
    """Days in stage of the open deals against the stall lines."""
    deals = view.deals(scope=view.scope.where("status", "open"))
    known = deals[deals["days_in_stage"].notna()]
    totals = view.measure(("stalled_deals", "stalled_pipeline")).iloc[0]
    with page.card("ages"):
        title = findings.stalled_share(
            len(known), int(totals["stalled_deals"]), float(known["amount"].sum()), float(totals["stalled_pipeline"]),
            view.company.currency,
        )  # fmt: skip
        page.finding(
            title, "Days in the present stage, one dot a deal, its area the amount · the tick is the stage's stall line"
        )
        if known.empty:
            page.nothing(
                "The exports do not say since when",
                "Map the column with the date of the last stage change, or load the export of another day.",
                key="ages",
            )
            return
        shown = known.head(MOST_DOTS)
        lines = {
            str(row["stage"]): (None if pd.isna(row["stall_line"]) else float(row["stall_line"]))
            for row in shown.drop_duplicates("stage").sort_values("position").to_dict("records")
        }
        frame = shown.assign(days=shown["days_in_stage"])[["id", "name", "stage", "amount", "days"]]
        figure = age_strip.age_strip(frame, lines, currency=view.company.currency)
        page.chart(figure, "ages", title, on_select=drill.on_deal("ages"))
        if len(known) > MOST_DOTS:
            st.caption(f"The {MOST_DOTS:,} largest of {len(known):,} deals are drawn; the sentence counts all.")


def concentration_card(view: View) -> None:
    """The ten largest open deals and how much they add up to."""
    shares = view.measure(("top_1_share", "top_10_share", "open_pipeline", "open_deals")).iloc[0]
    total = float(shares["open_pipeline"])
    deals = view.deals(scope=view.scope.where("status", "open"), limit=10)
    deals = deals[deals["amount"].notna()]
    top = None if pd.isna(shares["top_10_share"]) else float(shares["top_10_share"])
    first = None if pd.isna(shares["top_1_share"]) else float(shares["top_1_share"])
    with page.card("concentration"):
        title = findings.concentration(top if total > 0 else None, int(shares["open_deals"]), first)
        page.finding(title, f"The ten largest open deals, {_closing(view)} · share added up at the right")
        if deals.empty or total <= 0:
            page.nothing(
                "Nothing to rank", "The exports give no amount for the open deals in scope.", key="concentration"
            )
            return
        frame = pd.DataFrame(
            {
                "id": deals["id"],
                "name": deals["name"],
                "amount": deals["amount"],
                "share": deals["amount"] / total,
                "detail": [
                    ", ".join(part for part in (row["owner"], row["stage"]) if part) for row in deals.to_dict("records")
                ],
            }
        )
        page.chart(
            ranking.ranking(frame, currency=view.company.currency), "concentration", title,
            on_select=drill.on_deal("concentration"),
        )  # fmt: skip


def follow() -> None:
    """Carry out a click on a deal's mark."""
    deal_id = st.session_state.pop("open_deal", None)
    if deal_id:
        page.open_deal(deal_id)


def _on_cell(chart: str, split: str) -> Callable[[], None]:
    key = page.chart_key(chart)

    def callback() -> None:
        points = st.session_state[key]["selection"]["points"]
        data = points[0].get("customdata") if points else None
        if not data:
            drill.choose(None)
        elif data[1] == split_bars.OTHER:
            drill.choose({"stage": str(data[0])})
        else:
            drill.choose({"stage": str(data[0]), split: str(data[1])})

    return callback


def _on_month(chart: str) -> Callable[[], None]:
    key = page.chart_key(chart)

    def callback() -> None:
        points = st.session_state[key]["selection"]["points"]
        data = points[0].get("customdata") if points else None
        if not data:
            drill.choose(None)
        else:
            drill.choose({"close_month": str(data[1])[:7] if data[1] else "", "status": "open"})

    return callback


def _open_stages(view: View) -> pd.DataFrame:
    frame = view.measure(_STAGE_KEYS, ("stage",))
    return frame[frame["open_deals"] > 0].reset_index(drop=True)


def _in_words(measure: str) -> str:
    return {"Amount": "is open", "Weighted": "is expected at the stages' probabilities", "Deals": "are open"}[measure]


def _closing(view: View) -> str:
    return f"closing in {view.scope.period.label}" if view.scope.period else "all close dates"


def _alt(frame: pd.DataFrame, key: str, currency: str | None) -> str:
    def say(value: float) -> str:
        return money(value, currency) if currency else number(value)

    total = float(frame[key].sum()) or 1.0
    return "Open pipeline by stage: " + ", ".join(
        f"{row['stage']} {say(row[key])} ({percent(row[key] / total)})" for row in frame.to_dict("records")
    )
