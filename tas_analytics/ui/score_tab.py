"""The tab "Score" of a deal: how likely it is won and when, why, what has changed, and what would change it."""

from __future__ import annotations

import datetime as dt
from typing import Final

import numpy as np
import pandas as pd
import streamlit as st

from tas_analytics.charts.chance_curve import chance_curve
from tas_analytics.charts.signed_bars import signed_bars
from tas_analytics.charts.trend import trend
from tas_analytics.forecast.explain import TOGETHER, contributions, name_of, value_of
from tas_analytics.forecast.fitted import Fitted
from tas_analytics.formats import count, day as say_day, number, percent, sentence_case, within_sentence
from tas_analytics.metrics.compare import short
from tas_analytics.ui import behind, forecast, page, score_data as data, what_if
from tas_analytics.ui.forecast_data import of_a_period
from tas_analytics.ui.page import Tile
from tas_analytics.ui.session import View

#: Reasons that are drawn; from how many points on one is told.
_REASONS: Final = 10
_LEAST: Final = 0.5


def draw(view: View, deal: pd.Series) -> None:
    """The whole tab."""
    if deal["status"] != "open":
        page.nothing(
            f"This deal is {deal['status']}", "A score tells of open deals. Choose an earlier day under More filters.",
            key="score",
        )  # fmt: skip
        return
    fitted = data.model(view)
    if fitted is None:
        forecast.fitting(lambda: data.model(view) is not None, "score")
        return
    row = data.row_of(fitted, int(deal["deal_key"]))
    if row.empty:
        page.nothing("No score", "The deal was not open on this day.", key="score")
        return
    last = data.until(view)
    score = data.score(fitted, row, _days(view, last))
    past = data.trend(view)
    _tiles(view, score, last)
    left, right = page.columns()
    with left:
        supposed = what_if.card(view, deal, fitted, row)
    with right:
        _curve_card(view, deal, score, fitted, supposed)
    left, right = page.columns()
    with left:
        _reasons_card(view, fitted, row, score.by(last)[0])
    with right:
        _trend_card(view, deal, fitted, row, score.by(last)[0], past)
    _basis(view, fitted)


def _days(view: View, last: dt.date) -> tuple[dt.date, ...]:
    today = view.scope.as_of
    far = max((last - today).days, data.AHEAD[-1])
    weeks = [today + dt.timedelta(days=days) for days in (*range(7, far, 7), far)]
    return (*weeks, *(today + dt.timedelta(days=days) for days in data.AHEAD), last)


def _tiles(view: View, score: data.Score, last: dt.date) -> None:
    today = view.scope.as_of
    asked = [(f"Won within {days} days", today + dt.timedelta(days=days)) for days in data.AHEAD]
    period = of_a_period(view).scope.period
    if period is not None and period.last_day == last:
        asked.append((f"Won by the end of {short(period)}", last))
    page.tiles(
        [
            Tile(
                label,
                percent(score.by(when)[0]),
                f"The chance that the deal is won by {say_day(when)}. Below it the interval that holds the "
                "true chance four times in five.",
                note=f"{percent(score.by(when)[1])} to {percent(score.by(when)[2])}",
            )
            for label, when in asked
        ]
    )


def _curve_card(view: View, deal: pd.Series, score: data.Score, fitted: Fitted, supposed: pd.DataFrame | None) -> None:
    frame = pd.DataFrame(
        {"day": score.days, "won": score.won, "low": score.low, "high": score.high, "lost": score.lost}
    )
    if supposed is not None:
        frame["supposed"] = data.score(fitted, supposed, score.days).won if len(supposed) else 0.0
    start = pd.DataFrame([{"day": view.scope.as_of, "won": 0.0, "low": 0.0, "high": 0.0, "lost": 0.0, "supposed": 0.0}])
    frame = pd.concat([start[list(frame.columns)], frame], ignore_index=True)
    last = data.until(view)
    marks = {last: short(period) + " ends" if (period := of_a_period(view).scope.period) else "period ends"}
    if pd.notna(deal["close_date"]):
        marks[deal["close_date"].date()] = "planned close"
    with page.card("curve"):
        page.finding(_when(score), "Chance of being won, and lost, by each day · the band holds four in five")
        page.chart(chance_curve(frame, marks=marks), "curve", _when(score))


def _when(score: data.Score) -> str:
    """By when the deal is more likely won than not, or how far it comes."""
    likely = [day for day, chance in zip(score.days, score.won, strict=True) if chance >= 0.5]
    if likely:
        return f"More likely won than not by {say_day(likely[0])}"
    end = score.days[-1]
    lost, won = float(score.lost[-1]), float(score.won[-1])
    if lost > won:
        return f"More likely lost ({percent(lost)}) than won ({percent(won)}) by {say_day(end)}"
    rest = 1 - won - lost
    return f"By {say_day(end)} it is still open in {percent(rest)} of all futures"


def _reasons_card(view: View, fitted: Fitted, row: pd.DataFrame, chance: float) -> None:
    """What adds to the score and what takes from it, against the average deal."""
    everyone = data.by_key(view)
    if everyone is None:
        return
    average = float(everyone.mean())
    points = contributions(fitted, row, np.array([chance]), average).iloc[0]
    together = float(points.pop(TOGETHER))
    order = points.abs().sort_values(ascending=False).index
    shown = [key for key in order[:_REASONS] if abs(points[key]) >= _LEAST]
    rest = float(points.drop(labels=shown).sum()) + together
    table = [
        {"key": key, "label": name_of(str(key)), "detail": value_of(row.iloc[0], str(key)), "value": points[key]}
        for key in sorted(shown, key=lambda key: -points[key])
    ]
    if abs(rest) >= _LEAST:
        table.append({"key": "rest", "label": "All else together", "detail": "", "value": rest})
    with page.card("reasons"):
        page.finding(
            _against(chance, average, table),
            f"Percentage points against the average open deal ({percent(average)} by {say_day(data.until(view))}) · "
            "they add up to this deal's chance",
        )
        if not table:
            page.nothing("Nothing stands out", "The model sees an average deal.", key="reasons")
            return
        page.chart(
            signed_bars(pd.DataFrame(table)), "reasons",
            "; ".join(f"{one['label']} {number(float(one['value']), sign=True)} points" for one in table),
        )  # fmt: skip


def _against(chance: float, average: float, table: list[dict[str, object]]) -> str:
    gap = round(100 * (chance - average))
    where = "as likely as the average deal" if not gap else (
        f"{number(abs(gap))} points {'above' if gap > 0 else 'below'} the average deal"
    )  # fmt: skip
    told = [one for one in table if one["key"] != "rest"]
    if not told:
        return sentence_case(where)
    strongest = max(told, key=lambda one: abs(float(str(one["value"]))))
    verb = "helps" if float(str(strongest["value"])) > 0 else "hurts"
    return sentence_case(f"{where}; {within_sentence(str(strongest['label']))} {verb} most")


def _trend_card(
    view: View, deal: pd.Series, fitted: Fitted, row: pd.DataFrame, chance: float, task: behind.Task[pd.DataFrame]
) -> None:
    """The score over the last exports, and what moved it since a week ago."""
    last = data.until(view)
    with page.card("score-trend"):
        done = task.done  # asked once: the answer may come while the page is drawn
        if not done or task.answer is None:
            page.finding("What has changed", "The score of the last exports is being worked out")
            if not done:
                behind.look(lambda: task.done, lambda: (task.text or "Starting", task.share), "trend")
            return
        mine = task.answer[task.answer["deal_key"] == int(deal["deal_key"])]
        week = data.a_week_ago(view, mine)
        if week is None:
            page.finding("Nothing earlier to compare", "No earlier export shows this deal open")
            return
        before = float(week[1].iloc[0])
        moved = round(100 * (chance - before))
        since = say_day(week[0], year=False)
        title = f"The score stands where it stood on {since}" if not moved else (
            f"{'Up' if moved > 0 else 'Down'} {count(abs(moved), 'point')} since {since}"
        )  # fmt: skip
        page.finding(title, f"Chance to be won by {say_day(last)}, by export, today's model throughout")
        points = [*zip(mine["day"].tolist(), mine["chance"].tolist(), strict=True), (view.scope.as_of, chance)]
        frame = pd.DataFrame(
            [{"date": day, "series": "score", "meaning": "won", "value": value} for day, value in points]
        )
        page.chart(trend(frame, unit="share"), "score-trend", title)
        then = data.at(view, fitted, week[0])
        old = data.row_of(then, int(deal["deal_key"]))
        if len(old):
            _moves(view, fitted, (old, before), (row, chance))


def _moves(view: View, fitted: Fitted, then: tuple[pd.DataFrame, float], now: tuple[pd.DataFrame, float]) -> None:
    """Which reasons moved, and how what they speak of has changed."""
    everyone = data.by_key(view)
    if everyone is None:
        return
    average = float(everyone.mean())
    tables = [contributions(fitted, row, np.array([chance]), average).iloc[0] for row, chance in (then, now)]
    moved = tables[1].sub(tables[0], fill_value=0.0)
    rows = []
    for key in moved.abs().sort_values(ascending=False).index[:5]:
        if abs(moved[key]) < _LEAST or key == TOGETHER:
            continue
        before, after = value_of(then[0].iloc[0], str(key)), value_of(now[0].iloc[0], str(key))
        words = f"{after}, was {before}" if before != after else after
        rows.append(
            (
                f"{number(float(moved[key]), sign=True)} pts",
                f"{page.plain(name_of(str(key)))} :gray[{page.plain(words)}]",
            )
        )
    if rows:
        page.short_list(rows)


def _basis(view: View, fitted: Fitted) -> None:
    lines = [
        f"Learnt from {fitted.won:,} won and {fitted.lost:,} lost deals: {percent(1 - fitted.prior_share)} of each "
        f"score is this history, {percent(fitted.prior_share)} the stage table."
    ]
    if fitted.corrected:
        lines.append("Past windows of such a length were biased, which is taken off.")
    if fitted.prior_share > 0.5:
        lines.append("That is too little history for a score of your own: take it as the stage table's guess.")
    lines += data.proven(view)
    lines += [f"Not used: {one.column}, {one.text}." for one in fitted.refused if one.gravity == "leak"]
    st.caption(page.plain(" ".join(lines)))
