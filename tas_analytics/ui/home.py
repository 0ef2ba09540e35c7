"""The cards of the home page."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import pandas as pd
import streamlit as st

from tas_analytics.charts import cover_bar, stage_bars, trend
from tas_analytics.formats import count, escape_markdown, money, number, percent, rate, sentence_case
from tas_analytics.metrics import findings
from tas_analytics.metrics.compare import Before, before, short
from tas_analytics.metrics.deals import flag
from tas_analytics.metrics.registry import metric
from tas_analytics.ui import drill, page
from tas_analytics.ui.page import Tile
from tas_analytics.ui.session import View

_CATEGORIES: Final = (
    ("won", "Won", "won", "won_amount"),
    ("commit", "Commit", "commit", "category_commit"),
    ("best_case", "Best case", "best", "category_best_case"),
)
#: What may need attention, in the order in which it is asked; the largest amount comes first on screen.
_WORRIES: Final = ("commit_stalled", "overdue", "pushed", "stalled", "no_next_step", "no_amount", "no_date")
_KEYS: Final = (
    *("open_deals", "open_pipeline", "weighted_pipeline", "won_deals", "won_amount", "lost_deals", "closed_deals"),
    *("win_rate", "average_won", "target", "coverage", "needed_coverage"),
    *("category_commit", "category_best_case", "category_omitted"),
)


def headline(view: View) -> str:
    """The state of the pipeline in one sentence."""
    row = view.measure(_KEYS).iloc[0]
    worries = _worries(view)
    worst = worries[worries["key"].isin(["commit_stalled", "overdue", "stalled"])].head(1)
    words = {
        "commit_stalled": "of commit is past the stall line",
        "overdue": "is past its close date",
        "stalled": "of the open pipeline is stalled",
    }
    return findings.state_of_pipeline(
        findings.State(
            view.company.currency,
            view.scope.period,
            int(row["open_deals"]),
            float(row["open_pipeline"]),
            int(row["won_deals"]),
            float(row["won_amount"]),
            int(row["lost_deals"]),
            _number(row["target"]),
            float(row["category_commit"]),
            float(row["category_commit"] + row["category_best_case"]) > 0,
            _number(row["coverage"]),
            (words[worst["key"].iloc[0]], float(worst["amount"].iloc[0]), int(worst["deals"].iloc[0]))
            if len(worst)
            else None,
        )
    )


def tiles(view: View) -> None:
    """The key figures with their change against the period before."""
    now = view.measure(_KEYS).iloc[0]
    past = before(view.company, view.scope)
    snapshot = view.measure(_KEYS, scope=past.snapshot).iloc[0] if past.snapshot else None
    flow = view.measure(_KEYS, scope=past.flow).iloc[0] if past.flow else None
    items = [
        _tile(view, "open_pipeline", now, snapshot, past),
        _tile(view, "weighted_pipeline", now, snapshot, past),
        _tile(view, "won_amount", now, flow, past),
        _tile(view, "win_rate", now, flow, past),
        _tile(view, "average_won", now, flow, past),
    ]
    if _number(now["target"]) is not None:
        items.append(_tile(view, "coverage", now, snapshot, past))
    page.tiles(items)


def cover_card(view: View) -> None:
    """Won, commit, best case and the rest of the pipeline against the target."""
    row = view.measure((*_KEYS, "category_pipeline")).iloc[0]
    rest = float(row["open_pipeline"] - row["category_commit"] - row["category_best_case"] - row["category_omitted"])
    parts = [(key, label, meaning, float(row[column])) for key, label, meaning, column in _CATEGORIES]
    parts.append(("pipeline", "Pipeline", "open", rest))
    currency, target = view.company.currency, _number(row["target"])
    reached = float(row["won_amount"] + row["category_commit"])
    if target:
        title = f"Wins and commit reach {money(reached, currency)} of {money(target, currency)}"
    elif row["open_deals"] and not row["open_pipeline"]:
        title = f"{money(row['won_amount'], currency)} is won; no open deal has an amount"
    else:
        title = f"{money(row['won_amount'], currency)} is won, {money(row['open_pipeline'], currency)} open"
    with page.card("cover"):
        page.finding(title, f"Amount, {_closing(view)}" + (f" · target {money(target, currency)}" if target else ""))
        frame = pd.DataFrame(parts, columns=["key", "label", "meaning", "amount"]).assign(deals=0)
        page.chart(
            cover_bar.cover_bar(frame, target, currency=currency),
            "cover",
            alt="; ".join(f"{label} {money(amount, currency)}" for _, label, _, amount in parts),
            on_select=drill_to_pipeline("cover"),
        )


def stage_card(view: View) -> None:
    """The open pipeline by stage with its stalled part; a bar leads to the deals."""
    frame = view.measure(("open_pipeline", "open_deals", "stalled_pipeline", "stalled_deals"), ("stage",))
    frame = frame[frame["open_deals"] > 0]
    by_amount = bool(frame["open_pipeline"].sum() > 0)
    value, stalled = ("open_pipeline", "stalled_pipeline") if by_amount else ("open_deals", "stalled_deals")
    with page.card("stage"):
        if frame.empty:
            page.finding("Nothing is open here", view.scope.sentence())
            page.nothing("No open deal", drill.why_empty(view, view.scope), key="stage")
            return
        page.finding(
            findings.largest_stage(frame, view.company.currency, by_amount=by_amount),
            f"Open {'amount' if by_amount else 'deals'} by stage, {_closing(view)} · the amber part is past "
            "the stall line of its stage",
        )
        bars = frame.assign(group=frame["stage"], key=frame["stage"], deals=frame["open_deals"])
        page.chart(
            stage_bars.stage_bars(
                bars, value=value if by_amount else "deals", currency=view.company.currency if by_amount else None,
                stalled=stalled,
            ),
            "home-stage",
            alt="Open pipeline by stage: "
            + ", ".join(f"{row['stage']} {row['open_deals']:.0f} deals" for row in frame.to_dict("records")),
            on_select=drill_to_pipeline("home-stage"),
        )  # fmt: skip


def attention_card(view: View) -> None:
    """What needs attention, largest amount first; a row leads to its deals."""
    rows = _worries(view).head(6)
    with page.card("attention"):
        if rows.empty:
            page.finding("Nothing needs attention", "No open deal is overdue, stalled, pushed or incomplete")
            return
        words = ["One", "Two", "Three", "Four", "Five", "Six"]
        noun = "thing needs" if len(rows) == 1 else "things need"
        page.finding(
            f"{words[len(rows) - 1]} {noun} attention", f"Open deals, {_closing(view)} · a row opens its deals"
        )
        for row in rows.to_dict("records"):
            line = st.container(horizontal=True, gap="small", wrap=False)
            figure = money(row["amount"], view.company.currency) if row["amount"] else "–"
            line.container(width=58).markdown(f"**{escape_markdown(figure)}**")
            with line.container(gap="xxsmall"):
                label = flag(row["key"]).label
                page.link(
                    "pages/pipeline/by_stage.py",
                    sentence_case(label),
                    **{drill.PARAM: drill.as_param({"list": row["key"]})},
                )
                largest = (
                    f", largest {row['largest']} {money(row['largest_amount'], view.company.currency)}"
                    if row["amount"] and row["largest"]
                    else ""
                )
                st.markdown(f":small[:gray[{escape_markdown(count(int(row['deals']), 'deal') + largest)}]]")


def trend_card(view: View) -> None:
    """Won and commit week by week of the period where exports tell; otherwise won by month."""
    weekly = _weekly(view)
    currency = view.company.currency
    with page.card("trend"):
        if len(weekly) >= 3 and view.scope.period:
            target = view.value("target")
            reached = [float(value) for value in weekly["commit_cumulative"]]
            gained = reached[-1] - reached[max(len(reached) - 4, 0)]
            weeks = min(3, len(weekly) - 1)
            # Where nobody commits, one line tells all.
            commits = bool((weekly["commit_cumulative"] != weekly["won_amount"]).any())
            what = "Won and commit" if commits else "Won"
            share = f" ({percent(gained / target)} of target)" if target else ""
            if abs(gained) < 0.02 * (target or max(reached[-1], 1.0)):
                stood = "have" if commits else "has"
                title = f"{what} {stood} stood still for {weeks} weeks"
            else:
                verb = "grew" if gained > 0 else "fell"
                title = f"{what} {verb} by {money(abs(gained), currency)} in {weeks} weeks"
                title += share if gained > 0 else ""
            shown = "Won, and won + commit," if commits else "Won"
            page.finding(title, f"{shown} by export in {short(view.scope.period)}")
            lines = [
                {"date": day, "series": name, "meaning": meaning, "value": float(row[key])}
                for name, meaning, key in (
                    ("won + commit", "commit", "commit_cumulative"),
                    ("won", "won", "won_amount"),
                )
                if commits or meaning == "won"
                for day, row in weekly.iterrows()
            ]
            period = (view.scope.period.start, view.scope.period.last_day)
            page.chart(
                trend.trend(pd.DataFrame(lines), period=period, target=target, currency=currency),
                "trend",
                alt=title,
            )
            return
        months = view.measure(("won_amount",), ("close_month",), view.scope.within(None))
        months = months[months["close_month"].notna() & (months["won_amount"] > 0)].tail(12)
        if len(months) < 2:
            page.finding("No trend yet", "It begins with the second month of wins, or the third export of a period")
            return
        amounts = [float(value) for value in months["won_amount"]]
        last, usual = amounts[-1], sum(amounts[:-1]) / (len(amounts) - 1)
        name = pd.Timestamp(f"{months['close_month'].iloc[-1]}-01")
        title = f"{name:%B} {name.year} brought {money(last, currency)}, {_against(last, usual)}"
        page.finding(title, f"Won by month of the close date, {len(months)} months")
        frame = pd.DataFrame(
            {
                "date": [pd.Timestamp(f"{m}-01").date() for m in months["close_month"]],
                "series": "won",
                "meaning": "won",
                "value": amounts,
            }
        )
        page.chart(trend.trend(frame, currency=currency), "trend", alt=title)


def drill_to_pipeline(chart: str) -> Callable[[], None]:
    """A callback that carries a clicked stage or category to the pipeline page."""
    key = page.chart_key(chart)

    def callback() -> None:
        points = st.session_state[key]["selection"]["points"]
        data = (points[0].get("customdata") or []) if points else []
        if data:
            value = str(data[0] if isinstance(data, list) else data)
            st.session_state["go_to"] = (
                {"status": "won"} if value == "won" else ({"list": value} if chart == "cover" else {"stage": value})
            )

    return callback


def follow() -> None:
    """Carry out a click that leads to the pipeline page."""
    choice = st.session_state.pop("go_to", None)
    if choice:
        page.go_to("pages/pipeline/by_stage.py", **{drill.PARAM: drill.as_param(choice)})


def _tile(view: View, key: str, now: pd.Series, earlier_row: pd.Series | None, past: Before) -> Tile:
    one = metric(key)
    value, earlier = _number(now[key]), _number(earlier_row[key]) if earlier_row is not None else None
    currency = view.company.currency
    text = _written(value, one.unit, currency)
    if key == "weighted_pipeline" and not value and now["open_deals"]:
        return Tile(one.label, "–", one.doc, note="no amounts")
    if key == "win_rate" and value is not None:
        text = rate(int(now["won_deals"]), int(now["closed_deals"]))
    if key == "open_pipeline" and not value and now["open_deals"]:
        text = count(int(now["open_deals"]), "deal")
    doc = one.doc + (f" {one.rivals}" if one.rivals else "")
    if key == "coverage" and _number(now["needed_coverage"]):
        doc += f" Needed at the present value win rate: {number(now['needed_coverage'], 1)}×."
    if value is None or earlier is None:
        return Tile(one.label, text, doc, note="nothing to compare")
    doc += f" Compared with {past.words}."
    change = value - earlier
    if one.unit == "percent":
        delta, flat = f"{number(abs(100 * change))} pts", abs(change) < 0.005
    elif one.unit == "ratio":
        delta, flat = f"{number(abs(change), 1)}×", abs(change) < 0.05
    else:
        delta, flat = money(abs(change), currency), abs(change) < 0.5
    if flat:
        return Tile(one.label, text, doc, "unchanged", None, None, past.brief)
    good = None if one.better == "neither" else (change > 0) == (one.better == "up")
    return Tile(one.label, text, doc, delta, change > 0, good, past.brief)


def _written(value: float | None, unit: str, currency: str) -> str:
    if value is None:
        return "–"
    if unit == "percent":
        return percent(value)
    return f"{number(value, 1)}×" if unit == "ratio" else money(value, currency)


def _worries(view: View) -> pd.DataFrame:
    rows = view.flags(_WORRIES)
    return rows[rows["deals"] > 0].sort_values(["amount", "deals"], ascending=False)


def _weekly(view: View) -> pd.DataFrame:
    """Won and cumulative commit on each export day of the period up to the view's day."""
    period = view.scope.period
    if period is None:
        return pd.DataFrame()
    days = [day for day in view.company.days if period.contains(day) and day <= view.scope.as_of]
    rows = [view.measure(("won_amount", "commit_cumulative"), scope=view.scope.on(day)).iloc[0] for day in days]
    return pd.DataFrame(rows, index=days)


def _against(value: float, mean: float) -> str:
    change = value / mean - 1
    if abs(change) < 0.05:
        return "as much as the months before on average"
    return f"{percent(abs(change))} {'above' if change > 0 else 'below'} the average of the months before"


def _closing(view: View) -> str:
    return f"closing in {view.scope.period.label}" if view.scope.period else "all close dates"


def _number(value: Any) -> float | None:
    return None if value is None or pd.isna(value) else float(value)
