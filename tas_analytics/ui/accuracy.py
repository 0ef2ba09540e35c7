"""The tab Accuracy of the board's page: whose forecasts were right, and how early."""

from __future__ import annotations

import datetime as dt
from functools import lru_cache
from typing import Any, Final

import pandas as pd
import streamlit as st

from tas_analytics.formats import NARROW, count, number, percent, sentence_case
from tas_analytics.metrics.company import Company
from tas_analytics.metrics.scope import Scope
from tas_analytics.review import accuracy, calls
from tas_analytics.store import Store
from tas_analytics.ui import lists, page
from tas_analytics.ui.board import share
from tas_analytics.ui.session import View

#: How the forecasts are called in short.
_SHORT: Final = {key: short for key, (_, short) in accuracy.NAMES.items()}


def headline(view: View) -> str:
    """Who is right, and how early."""
    errors, weeks = _both(view)
    return accuracy.sentence(accuracy.right_from(errors), _by_week(errors, weeks))


def tab(view: View) -> None:
    """Bias and accuracy by person, and of commit and weighted pipeline by week."""
    errors, weeks = _both(view)
    _people_card(view, errors)
    _weeks_card(errors, weeks)


def _both(view: View) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The calls of persons, and the forecasts of all together, each beside what was won."""
    key = (view.store, view.version, view.company, view.scope.as_of)
    return _calls(*key), _forecasts(*key)


def _by_week(errors: pd.DataFrame, other: pd.DataFrame) -> pd.DataFrame:
    """The bias of each forecast by week of the quarter."""
    weeks = pd.concat([part for part in (errors.assign(forecast="calls"), other) if len(part)] or [other])
    found = accuracy.by_group(weeks, "forecast", "week")
    return found.pivot_table(index="week", columns="forecast", values="bias")


def _people_card(view: View, errors: pd.DataFrame) -> None:
    with page.card("people"):
        if errors.empty:
            page.finding("No finished quarter has calls yet", "Accuracy compares what was called with what was won")
            page.nothing(
                "Calls of a quarter that has ended are needed",
                "Submit calls on the board each week, or load a file of past ones: see Templates, forecast calls.",
                key="accuracy",
            )
            return
        found = accuracy.by_group(errors, "person").merge(accuracy.right_from(errors), on="person", how="left")
        period = view.scope.period or view.company.calendar.quarter_of(view.scope.as_of)
        now = calls.calls_in_force(view.store, view.scope.as_of, period).set_index("person")["call"]
        found = found.assign(call_now=found["person"].map(now).astype(float))
        page.finding(
            _extremes(found),
            f"Commit calls of {count(int(errors['period'].nunique()), 'finished quarter')} against what was won · bias "
            f"is Σ(call − won) ÷ Σ won, signed · right: within {percent(accuracy.RIGHT)} from that week on",
        )
        _table(found.sort_values("bias", ascending=False, na_position="last"), period.label)


def _extremes(found: pd.DataFrame) -> str:
    known = found[found["bias"].notna()].sort_values("bias")
    if known.empty:
        return "Nothing was won in the quarters that were called"
    high, low = known.iloc[-1], known.iloc[0]
    parts = []
    if high["bias"] > accuracy.RIGHT:
        parts.append(f"{high['person']} calls {percent(float(high['bias']))} too high")
    if low["bias"] < -accuracy.RIGHT:
        parts.append(f"{low['person']} {'' if parts else 'calls '}{percent(-float(low['bias']))} too low")
    return ", ".join(parts) or f"Nobody's calls were off by more than {percent(accuracy.RIGHT)}"


def _table(found: pd.DataFrame, period: str) -> None:
    rows = found.to_dict("records")
    shown = pd.DataFrame(
        {
            "Person": [row["person"] for row in rows],
            "Bias": [share(row["bias"]) for row in rows],
            "Accuracy": [percent(row["accuracy"]) for row in rows],
            "Calls": [int(row["n"]) for row in rows],
            "Quarters right": [_of(row["right"], row["quarters"]) for row in rows],
            "From week": [number(row["week"], 0) if pd.notna(row["week"]) else "–" for row in rows],
            f"Call for {period}": [_money(row["call_now"]) for row in rows],
            "Bias-corrected": [_money(accuracy.corrected(row["call_now"], row["bias"])) for row in rows],
        }
    )
    right = {name: st.column_config.Column(alignment="right") for name in map(str, list(shown)[1:])}
    lists.show(
        shown,
        "accuracy-people",
        "Bias and accuracy of calls by person, the most hopeful first",
        columns={"Person": st.column_config.TextColumn(width=220, pinned=None), **right},
        most=14,
    )


def _weeks_card(errors: pd.DataFrame, other: pd.DataFrame) -> None:
    wide = _by_week(errors, other)
    if wide.empty:
        return
    with page.card("weeks"):
        page.finding(
            _early(wide), "Bias by week of the quarter: calls of all persons, commit with won, weighted with won"
        )
        names = {"calls": "Calls", "commit": "Commit", "weighted": "Weighted"}
        shown = pd.DataFrame({"Week": [str(week) for week in wide.index]})
        for key, label in names.items():
            if key in wide:
                shown[label] = [share(value) for value in wide[key]]
        lists.show(
            shown,
            "accuracy-weeks",
            "Bias by week of the quarter",
            columns={label: st.column_config.Column(alignment="right") for label in map(str, list(shown)[1:])},
            most=len(shown),
        )
        quarters = errors["period"].nunique(), other["period"].nunique()
        st.caption(
            f"Calls of {count(quarters[0], 'quarter')}; commit and weighted of the {count(quarters[1], 'quarter')} "
            "that the exports cover, by what was known then."
        )


def _early(wide: pd.DataFrame) -> str:
    """From which week on each of the forecasts stays within the limit."""
    found = {_SHORT[str(key)]: accuracy.settled(wide[key]) for key in wide}
    early = sorted((week, name) for name, week in found.items() if week is not None)
    if not early:
        return f"No forecast came within {percent(accuracy.RIGHT)} of what was won"
    never = [name for name, week in found.items() if week is None]
    said = ", ".join(f"{name} from week {week}" for week, name in early)
    late = f"; {' and '.join(never)} never" if never else ""
    return sentence_case(f"{said} on within {percent(accuracy.RIGHT)}{late}")


def _of(right: Any, quarters: Any) -> str:
    return "–" if pd.isna(quarters) else f"{int(right)} of{NARROW}{int(quarters)}"


def _money(value: float | None) -> str:
    return "–" if value is None or pd.isna(value) else number(float(value))


@lru_cache(maxsize=16)
def _calls(store: Store, _version: int, company: Company, as_of: dt.date) -> pd.DataFrame:
    return accuracy.call_errors(store, company, Scope(as_of))


@lru_cache(maxsize=16)
def _forecasts(store: Store, _version: int, company: Company, as_of: dt.date) -> pd.DataFrame:
    return accuracy.forecast_errors(store, company, Scope(as_of))
