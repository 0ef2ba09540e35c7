"""The cards of the page Track record: worked out in the background once per version of the data."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Any, Final

import pandas as pd
import streamlit as st

from tas_analytics.charts.reliability import reliability
from tas_analytics.forecast import fitted
from tas_analytics.forecast.backtest import ANSWERS, TrackRecord, backtest
from tas_analytics.formats import count, day, number, percent, sentence_case
from tas_analytics.metrics.scope import Scope
from tas_analytics.review import accuracy, proven, track
from tas_analytics.ui import behind, lists, page
from tas_analytics.ui.board import share
from tas_analytics.ui.session import View

_HORIZONS: Final = (30, 60, 90)
_HEADS: Final = {
    "deals": "Forecasts", "predicted": "Foreseen", "actual": "Won", "brier": "Error", "ece": "Off by", "auc": "Ranking",
    "log_loss": "False certainty",
}  # fmt: skip
_HELP: Final = {
    "Error": "Mean squared distance between chance and outcome, 0 to 1 (Brier score): the lower the better.",
    "False certainty": "What sure forecasts cost that did not come true (log loss): the lower the better.",
    "Ranking": "How often a deal that was won had a higher chance than one not won (AUC): 0.5 is luck, 1 is perfect.",
    "Off by": "How far chances were off on average, over tenths of the forecasts (ECE): the lower the better.",
    "Foreseen": "The sum of all chances: how many wins were foreseen.",
}


def switch() -> int:
    """The length of the windows; in the URL."""
    chosen = st.segmented_control(
        "Won within", _HORIZONS, default=90, required=True, key="horizon", bind="query-params",
        format_func=lambda days: f"{days} days",
    )  # fmt: skip
    return int(chosen or 90)


def record(view: View, horizon: int) -> behind.Task[TrackRecord]:
    """The walk through the past; begun on the first visit."""

    def work(tell: behind.Tell) -> TrackRecord:
        tell("Past days are asked, each with the model that could have been learnt then", 0.1)
        found = backtest(view.store, view.company, view.scope.as_of, horizon)
        tell("The windows that decide who answers today", 0.8)
        model = fitted.now(view.store, view.company, view.scope.as_of, horizon)
        return replace(found, proof=model.proof(view.scope.as_of + dt.timedelta(days=horizon)))

    return behind.ask(("record", view.store, view.version, view.company, view.scope.as_of, horizon), work)


def about(view: View) -> str:
    """The record is of all deals: filters do not change it."""
    return f"all deals · as of {day(view.scope.as_of, weekday=True)}"


def headline(view: View, task: behind.Task[TrackRecord]) -> str:
    """Whether the score beats simpler answers here."""
    if task.answer is not None:
        return track.sentence(task.answer)
    return "The track record could not be worked out" if task.error else "The past is being asked: this takes a moment"


def waiting(task: behind.Task[Any]) -> None:
    """While it is worked out."""
    with page.card("walking"):
        if task.error is not None:
            page.finding("That failed", "The server's log says more; please report it")
            return
        page.finding("Walking through the past", "Once per version of the data; all other pages work meanwhile")
        behind.look(lambda: task.done, lambda: (task.text or "Starting", task.share), "walking")


def answers_card(found: TrackRecord) -> None:
    """Every answer with its measures, the best of each column in bold."""
    with page.card("answers"):
        if found.answers.empty:
            page.finding("No past window is over yet", "A window needs thirty closed deals before it, and to be over")
            page.nothing(
                "The record begins when the data reach back far enough",
                "Load older exports or a history of the deals; until then the score leans on the stage table.",
                key="answers",
            )
            return
        days = sorted({pd.Timestamp(one).date() for one in found.answers["day"]})
        page.finding(
            track.used(found),
            f"Chance to be won within {found.horizon} days, asked on {count(len(days), 'day')} from {day(days[0])} to "
            f"{day(days[-1])} with what was known then · bold is best",
        )
        shown = found.measures.assign(answer=found.measures["answer"].map(ANSWERS)).rename(
            columns={"answer": "Answer", **_HEADS}
        )[["Answer", *_HEADS.values()]]
        low = ("Error", "Off by", "False certainty")
        best = {name: shown[name].idxmin() for name in low if shown[name].notna().any()}
        if shown["Ranking"].notna().any():
            best["Ranking"] = shown["Ranking"].astype(float).idxmax()
        formats: dict[Any, Any] = {
            **dict.fromkeys(("Error", "Ranking", "False certainty"), "{:.3f}"), "Forecasts": "{:,.0f}",
            "Foreseen": "{:,.1f}", "Won": "{:,.0f}", "Off by": lambda off: percent(off, 1),
        }  # fmt: skip
        styler = shown.style.format(formats, na_rep="–").apply(
            lambda column: ["font-weight: 600" if at == best.get(column.name) else "" for at in column.index], axis=0
        )
        config = st.column_config
        columns = {
            name: config.Column(width=105 if len(name) > 9 else 85, help=_HELP.get(name)) for name in _HEADS.values()
        }
        lists.show(
            styler,
            "answers-table",
            "Measures of the score and of simpler answers",
            columns={"Answer": config.TextColumn(width=130 if page.on_phone() else 220, pinned=None), **columns},
        )
        st.caption(
            page.plain(f"{proven.in_words(found.proof)} An answer is judged on the deals for which there was one.")
        )


def reliability_card(found: TrackRecord) -> None:
    """What was said against what happened."""
    rows = track.reliable(found)
    with page.card("reliability"):
        if rows.empty:
            return
        inside = int(((rows["low"] <= rows["predicted"]) & (rows["predicted"] <= rows["high"])).sum())
        page.finding(
            f"In {inside} of {len(rows)} bands what was said agrees with what came",
            "Share won over the chance said, by bands of ten points · beside each its number of forecasts and the 95 % "
            "interval of the share; on the dotted line as many came as were said",
        )
        page.chart(
            reliability(rows), "reliability",
            "; ".join(
                f"said {percent(said)}, won {percent(came)} of {int(n):,}"
                for said, came, n in zip(rows["predicted"], rows["actual"], rows["deals"], strict=True)
            ),
        )  # fmt: skip


def days_card(found: TrackRecord) -> None:
    """Foreseen and came, day by day."""
    rows = found.answers.groupby("day").agg(deals=("won", "size"), said=("score", "sum"), came=("won", "sum"))
    with page.card("days"):
        if rows.empty:
            return
        said, came = float(rows["said"].sum()), float(rows["came"].sum())
        off = said / came - 1 if came else 0.0
        word = "as many wins as came were foreseen" if abs(off) < 0.05 else (
            f"{percent(abs(off))} {'more' if off > 0 else 'fewer'} wins were foreseen than came"
        )  # fmt: skip
        page.finding(sentence_case(word), f"Wins within {found.horizon} days of each past day")
        table = pd.DataFrame(
            {
                "Day": [pd.Timestamp(one).date() for one in rows.index],
                "Open": [number(value) for value in rows["deals"]],
                "Foreseen": [number(value, 1) for value in rows["said"]],
                "Came": [number(value) for value in rows["came"]],
            }
        )  # fmt: skip
        config = st.column_config
        right = {name: config.Column(alignment="right", width=80) for name in ("Open", "Foreseen", "Came")}
        lists.show(
            table,
            "record-days",
            "Wins foreseen and come by day",
            columns={"Day": config.DateColumn(format="D MMM YYYY", width=110), **right},
        )


def periods_card(view: View) -> None:
    """How far the forecasts of finished quarters were off, week by week, beside commit, weighted and calls."""

    def work(tell: behind.Tell) -> pd.DataFrame:
        return track.period_errors(view.store, view.company, view.scope.as_of, tell)

    task = behind.ask(("periods", view.store, view.version, view.company, view.scope.as_of), work)
    with page.card("periods"):
        if not task.done:
            page.finding("Forecasts of past quarters", "The model of each past week, learnt from what was known then")
            behind.look(lambda: task.done, lambda: (task.text or "Starting", task.share), "periods")
            return
        errors = task.answer
        if errors is None or errors.empty:
            page.finding("Forecasts of past quarters", "Each week's forecast of its quarter against what was won in it")
            page.nothing(
                "No finished quarter has exports of its weeks", "This fills as quarters with weekly exports end.",
                key="periods",
            )  # fmt: skip
            return
        wide = _by_week(view, errors)
        hits, weeks = track.covered(errors)
        page.finding(
            _early(wide),
            f"Bias by week of the quarter (forecast less won, ÷ won), {count(errors['period'].nunique(), 'quarter')} · "
            f"what came lay between P10 and P90 in {hits} of {weeks} weeks",
        )
        shown = pd.DataFrame({"Week": [str(week) for week in wide.index]})
        for name in wide:
            shown[str(name)] = [share(float(value)) for value in wide[name]]
        right = {name: st.column_config.Column(alignment="right") for name in map(str, list(shown)[1:])}
        lists.show(shown, "record-weeks", "Bias by week of the quarter", columns=right, most=len(shown))


_SERIES: Final = ("Model P50", "Commit", "Weighted", "Calls")


def _by_week(view: View, errors: pd.DataFrame) -> pd.DataFrame:
    """Bias by week: the model, commit and weighted pipeline, and calls; of the same quarters."""
    scope = Scope(view.scope.as_of)
    quarters = set(errors["period"])
    ours = errors.rename(columns={"forecast": "call"}).assign(forecast="Model P50")
    other = accuracy.forecast_errors(view.store, view.company, scope)
    other = other.assign(forecast=other["forecast"].map({"commit": "Commit", "weighted": "Weighted"}))
    calls = accuracy.call_errors(view.store, view.company, scope).assign(forecast="Calls")
    columns = ["period", "week", "forecast", "call", "actual", "error"]
    every = pd.concat([one[columns] for one in (ours, other, calls) if len(one)])
    every = every[every["period"].isin(quarters)]
    found = accuracy.by_group(every, "forecast", "week").pivot_table(index="week", columns="forecast", values="bias")
    return found[[name for name in _SERIES if name in found]]


def _early(wide: pd.DataFrame) -> str:
    """By how much each was off in the first half of the quarter."""
    half = wide[wide.index <= 7]
    typical = half.abs().mean().dropna().sort_values()
    if typical.empty:
        return "Forecasts of past quarters"
    first = str(typical.index[0])
    words = {
        "Model P50": "the model",
        "Commit": "won and commit",
        "Weighted": "the weighted pipeline",
        "Calls": "calls",
    }
    lead = f"Up to week 7 {words[first]} came nearest, {percent(float(typical.iloc[0]))} off on average"
    if first != "Model P50" and "Model P50" in typical:
        lead += f"; the model was {percent(float(typical['Model P50']))} off"
    return lead
