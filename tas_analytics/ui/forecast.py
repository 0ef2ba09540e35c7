"""The cards of the page Forecast: where the period will land, out of what, and what that rests on."""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd
import streamlit as st

from tas_analytics.charts.fan import fan
from tas_analytics.charts.waterfall import unit, waterfall
from tas_analytics.forecast.period import PeriodForecast
from tas_analytics.formats import currency_symbol, day, money, percent
from tas_analytics.metrics.compare import short
from tas_analytics.review import outlook
from tas_analytics.ui import behind, forecast_data as data, page
from tas_analytics.ui.session import View


def headline(view: View, found: data.Found | None) -> str:
    """Where the period will land; before the model is there, what is won so far."""
    if found is not None:
        return outlook.sentence(found[0], view.company.currency)
    row = view.measure(("won_amount", "target")).iloc[0]
    target = "" if pd.isna(row["target"]) else f" of {money(float(row['target']), view.company.currency)}"
    when = short(view.scope.period) if view.scope.period else "The period"
    return f"{when} has {money(float(row['won_amount']), view.company.currency)}{target} won; the model is being fitted"


def waiting(view: View) -> None:
    """The page while the model is being learnt: nothing waits for it, and the page comes by itself."""
    fitting(lambda: data.is_ready(view), "forecast")


def fitting(is_ready: Callable[[], bool], what: str) -> None:
    """In the place of what a model says, until it is learnt."""
    with page.card("fitting"):
        page.finding("The model is being fitted", "It learns from the past of every deal, once per version of the data")
        behind.look(
            is_ready,
            lambda: (f"The {what} appears here by itself, in a few seconds. All other pages work meanwhile.", None),
            "fitting",
        )


def fan_card(view: View, found: PeriodForecast) -> None:
    """The fan towards the target, with what earlier weeks said."""
    period, total = found.period, found.total
    task = data.earlier(view) if found.answers else None
    waits = task is not None and not task.done  # asked before the answer, which may come while the page is drawn
    said = task.answer if task else None
    with page.card("fan"):
        page.finding(
            _movement(view, found, said),
            f"Won, and what the period may end with, {period.label}, {view.company.currency} · the band holds four in "
            "five futures · ○ what was forecast for the end on earlier days",
        )
        page.chart(
            fan(
                found.fan, period=(period.start, period.last_day), won=data.won_by_day(view), said=said,
                target=None if pd.isna(total["target"]) else float(total["target"]), currency=view.company.currency,
            ),
            "fan",
            f"{outlook.sentence(found, view.company.currency)}.",
        )  # fmt: skip
        if task is not None and waits:
            behind.look(
                lambda: task.done, lambda: (f"Earlier forecasts: {task.text or 'starting'}", task.share), "earlier"
            )


def _movement(view: View, found: PeriodForecast, said: pd.DataFrame | None) -> str:
    """How the forecast has moved, or what is won where nothing earlier is known."""
    currency, total = view.company.currency, found.total
    if found.answers is None:
        return f"{money(float(total['won']), currency)} was won"
    if said is not None and len(said):
        before = said.iloc[max(len(said) - 4, 0)]
        moved = float(total["p50"]) - float(before["p50"])
        since = day(before["day"], year=False)
        if abs(moved) < 0.02 * max(float(total["p50"]), 1.0):
            return f"The forecast has stood still since {since}"
        verb = "risen" if moved > 0 else "fallen"
        return f"The forecast has {verb} by {money(abs(moved), currency)} since {since}"
    share = float(total["won"]) / float(total["p50"]) if float(total["p50"]) else 0.0
    return f"{percent(share)} of what is likely is won"


def bridge_card(view: View, found: PeriodForecast) -> None:
    """From what is won to what is likely, and to the target."""
    total, currency = found.total, view.company.currency
    target = None if pd.isna(total["target"]) or not total["target"] else float(total["target"])
    rows: list[tuple[str, str, str, float, float | None, str]] = [
        ("won", "Won so far", "start", float(total["won"]), float(total["won_deals"]), "won"),
    ]
    if found.answers is not None:
        rows.append(("open", "From open deals", "move", float(total["open_likely"]), None, "open"))
        rows.append(("new", "Not yet created", "move", float(total["new_likely"]), None, "unknown"))
        rows.append(("likely", "Likely", "at", float(total["p50"]), None, "target"))
    if target is not None:
        gap = target - float(total["p50"])
        label = "Missing to target" if gap > 0 else "Above target"
        rows.append(("gap", label, "move", gap, None, "risk" if gap > 0 else "won"))
        rows.append(("target", "Target", "at", target, None, "target"))
    letter = unit([row[3] for row in rows])[1]
    with page.card("bridge"):
        page.finding(_made_of(found, currency), f"From won to likely to target, {currency_symbol(currency)}{letter}")
        frame = pd.DataFrame(rows, columns=["key", "label", "kind", "amount", "deals", "meaning"])
        page.chart(
            waterfall(frame, currency=currency, counts=False), "bridge",
            "; ".join(f"{row[1]} {money(row[3], currency)}" for row in rows),
        )  # fmt: skip
        _beside(view, found)


def _made_of(found: PeriodForecast, currency: str) -> str:
    total = found.total
    if found.answers is None:
        return f"{money(float(total['won']), currency)} was won"
    parts = [f"{money(float(total['won']), currency)} won", f"{money(float(total['open_likely']), currency)} open"]
    if float(total["new_likely"]) >= 0.01 * max(float(total["p50"]), 1.0):
        parts.append(f"{money(float(total['new_likely']), currency)} not yet created")
    return f"{money(float(total['p50']), currency)} is {', '.join(parts[:-1])} and {parts[-1]}"


def _beside(view: View, found: PeriodForecast) -> None:
    """The other forecasts, in a short list."""
    currency, total = view.company.currency, found.total
    rows = [
        (float(total["commit"]), "Won and commit"), (float(total["best_case"]), "Won, commit and best case"),
        (float(total["weighted"]), "Won and weighted by stage"),
    ]  # fmt: skip
    call = data.call(view, found)
    if call is not None:
        rows.append((call[1], f"Call of {call[0]}"))
    likely = float(total["p50"])
    shown = [
        (
            money(value, currency),
            f"{page.plain(words)} :gray[{page.plain(_apart(value, likely, currency))}]",
        )
        for value, words in rows
    ]
    page.short_list(shown)


def _apart(value: float, likely: float, currency: str) -> str:
    if abs(value - likely) < 0.005 * max(abs(likely), 1.0):
        return "as the model"
    return f"{money(abs(value - likely), currency)} {'above' if value > likely else 'below'} the model"


def basis_card(found: PeriodForecast, lines: list[str]) -> None:
    """What the forecast rests on, and what is not proven."""
    said = [*outlook.said(found), *lines]
    if not said:
        return
    with page.card("basis"):
        page.finding("What this rests on", "Said on every page that shows a chance")
        st.markdown("\n".join(f"- {page.plain(line)}" for line in said))
        page.link("pages/review/track_record.py", "How such forecasts did in the past")
