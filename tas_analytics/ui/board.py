"""The cards of the page Forecast board."""

from __future__ import annotations

import datetime as dt
import math
from dataclasses import replace
from functools import lru_cache
from typing import Any, Final

import pandas as pd
import streamlit as st

from tas_analytics.charts.waterfall import unit
from tas_analytics.forecast.period import HIERARCHY
from tas_analytics.formats import currency_symbol, day, money, number, percent
from tas_analytics.metrics.company import Company
from tas_analytics.metrics.hierarchy import EVERYBODY, NOBODY, Hierarchy, hierarchy, of_leader
from tas_analytics.metrics.scope import Scope
from tas_analytics.review import board as boards
from tas_analytics.review.outlook import beside_board
from tas_analytics.store import Store
from tas_analytics.ui import forecast_data, lists, page, review_data
from tas_analytics.ui.filters import day_in_words
from tas_analytics.ui.lists import heavy
from tas_analytics.ui.session import View

_INDENT: Final = "\u2003"
_MONEY: Final = ("gap", "target", "won", "commit", "best_case", "pipeline", "call", "open")
_LABELS: Final = {
    "won": "Won",
    "commit": "Commit",
    "call": "Call",
    "best_case": "Best case",
    "pipeline": "Pipeline",
}  # fmt: skip


def people(view: View) -> Hierarchy:
    """Who reports to whom on the view's day."""
    return _people(view.store, view.version, view.scope.as_of)


def switches(view: View) -> tuple[str, bool, dt.date | None]:
    """Whose board, whether categories are cumulative, and the day to compare with."""
    line = st.container(horizontal=True, gap="small", vertical_alignment="bottom")
    leaders = [EVERYBODY, *people(view).leaders]
    leader = EVERYBODY
    if len(leaders) > 1:
        leader = str(line.selectbox("Whose board", leaders, key="leader", bind="query-params", width=240))
    earlier = review_data.earlier_days(view)
    default = review_data.a_week_before(view)
    since = None
    if default is not None:
        options = [one.isoformat() for one in earlier]
        chosen = line.selectbox(
            "Compared with", options, index=earlier.index(default), format_func=day_in_words, key="since",
            bind="query-params", width=190,
        )  # fmt: skip
        since = dt.date.fromisoformat(str(chosen))
    kind = line.segmented_control(
        "Categories", ["Cumulative", "Exclusive"], default="Cumulative", required=True, key="categories",
        bind="query-params", label_visibility="collapsed",
    )  # fmt: skip
    return leader, kind != "Exclusive", since


def figures(view: View, leader: str, *, cumulative: bool, since: dt.date | None) -> pd.DataFrame:
    """The board of a leader, without what the model says: the headline needs none of it, and need not wait."""
    return _board(view.store, view.version, view.company, view.scope, since, leader, cumulative)


def with_model(view: View, found: pd.DataFrame, leader: str) -> pd.DataFrame:
    """The board with what the model says, as soon as it is there."""
    if view.scope.period is None:
        return beside_board(found, None)
    narrow = replace(view, scope=of_leader(view.scope, people(view), leader))
    got = forecast_data.found(narrow, HIERARCHY)
    return beside_board(found, None if got is None else got[0].rows)


def board_card(view: View, found: pd.DataFrame, *, cumulative: bool, since: dt.date | None) -> str | None:
    """The board as a table; gives the person whose row was selected."""
    divisor, letter, digits = unit([float(v) for v in found["target"].fillna(0).tolist() + found["pipeline"].tolist()])
    quiet = boards.silent(found)
    kind = "each category by itself"
    if cumulative:
        known = [label.lower() for key, label in _LABELS.items() if key in {"commit", "best_case"} - quiet]
        kind = (
            f"{', '.join(known)} and pipeline hold what stands before them" if known else "pipeline holds what is won"
        )
    if {"commit", "best_case"} <= quiet:
        kind += ", nothing is in commit or best case"
    if "gap" not in quiet:
        kind += " · gap is won and commit − target"
    if "p50" not in quiet:
        kind += " · P10, P50, P90 are the model's"
    against = f" · ± since {day(since, year=False)}" if since else ""
    period = view.scope.period.label if view.scope.period else "all close dates"
    with page.card("board"):
        page.finding(
            _finding(found, view.company.currency),
            f"Forecast board, {period}, {currency_symbol(view.company.currency)}{letter} · {kind}{against} · "
            "select a row for its calls and deals",
        )
        table, config = _table(found, quiet, divisor, digits, since)
        chosen_row = lists.choose(table, "board", "Forecast by person, leaders first", columns=config, most=16)
    return str(found["name"].iloc[chosen_row]) if chosen_row is not None else None


def _finding(found: pd.DataFrame, currency: str) -> str:
    people_only = found[found["gap"].notna() & ~found["leads"]]
    ahead = int((people_only["gap"] >= 0).sum())
    if len(people_only):
        return f"{ahead} of {len(people_only)} sellers have reached their target with wins and commit"
    alone = found[~found["leads"] & ~found["name"].isin([EVERYBODY, NOBODY])]
    whole, largest = float(found["open"].iloc[0]) if len(found) else 0.0, alone.sort_values("open").tail(1)
    if len(alone) < 2 or not whole or not largest["open"].iloc[0]:
        return "Nobody has a target in this period"
    share = f"{money(float(largest['open'].iloc[0]), currency)} of the {money(whole, currency)} open"
    return f"{largest['name'].iloc[0]} holds {share}"


def _table(
    found: pd.DataFrame, quiet: frozenset[str], divisor: float, digits: int, since: dt.date | None
) -> tuple[Any, dict[str, Any]]:
    config = st.column_config
    model = {name.upper(): found[name] / divisor for name in ("p10", "p50", "p90") if found[name].notna().any()}
    shown: dict[str, Any] = {
        "Name": [_INDENT * int(row["depth"]) + _name(str(row["name"])) for row in found.to_dict("records")],
    }
    if "gap" not in quiet:
        shown |= {
            "Gap": found["gap"] / divisor,
            "Commit ÷ target": found["cover"] * 100,
            "Target": found["target"] / divisor,
        }
    moves = []
    for key, label in _LABELS.items():
        if key in quiet:
            shown |= model if key == "call" else {}
            continue
        shown[label] = found[key] / divisor
        if since is not None:
            shown[f"± {label.lower()}"] = (found[key] - found[f"{key}_before"]) / divisor
            moves.append(f"± {label.lower()}")
        if key == "call":
            shown |= model
    if found["calls_below"].notna().any():
        shown["Calls below"] = found["calls_below"] / divisor
    shown |= {
        "Open": found["open"] / divisor, "Coverage": found["coverage"], "Needed": found["needed"],
        "Closed": found["closed"], "Deals": found["deals"],
    }  # fmt: skip
    frame = pd.DataFrame(shown).drop(
        columns=[label for label in ("Coverage", "Needed", "Closed") if label.lower() in quiet]
    )
    plain = [name for name in frame if name not in {"Name", "Commit ÷ target", "Deals", "Closed", "Gap", *moves}]
    formats: dict[Any, Any] = {name: _said(2 if name in {"Coverage", "Needed"} else digits) for name in plain}
    formats |= {name: _said(digits, sign=True) for name in [*moves, *(["Gap"] if "Gap" in frame else [])]}
    formats |= {name: _said(0) for name in ("Deals", "Closed") if name in frame}
    styler = heavy(frame.style.format(formats, na_rep="–"), found["leads"])
    columns: dict[str, Any] = {
        "Name": config.TextColumn(width=175 if page.on_phone() else 215, pinned=None),
        "Commit ÷ target": config.ProgressColumn(format="%.0f %%", min_value=0, max_value=150, width=130),
    }
    columns |= {
        name: config.Column(width=68 if name in moves else 74) for name in map(str, frame) if name not in columns
    }
    return styler, columns


def _said(digits: int, *, sign: bool = False) -> Any:
    def said(value: float) -> str:
        if math.isnan(value):
            return "–"
        rounded = round(value, digits)
        return number(rounded, digits, sign=sign and rounded != 0)

    return said


def _name(name: str) -> str:
    return "No owner" if name == NOBODY else name


def headline(view: View, found: pd.DataFrame) -> str:
    """How far won and commit reach, and with whom most is missing."""
    return boards.sentence(found, view.scope, view.company.currency)


def share(value: float) -> str:
    """A signed share in words: ``+48 %``."""
    return "–" if math.isnan(value) else ("+" if round(value, 2) > 0 else "") + percent(round(value, 2) + 0.0)


@lru_cache(maxsize=32)
def _people(store: Store, _version: int, as_of: dt.date) -> Hierarchy:
    return hierarchy(store, as_of)


@lru_cache(maxsize=64)
def _board(
    store: Store, _version: int, company: Company, scope: Scope, since: dt.date | None, leader: str, cumulative: bool
) -> pd.DataFrame:
    return boards.board(store, company, scope, since, leader=leader, cumulative=cumulative)
