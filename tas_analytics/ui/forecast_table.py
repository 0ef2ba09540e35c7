"""The forecast by person, region or any other dimension, beside what the others say; a row narrows the deals below."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any, Final

import pandas as pd
import streamlit as st

from tas_analytics.charts.waterfall import unit
from tas_analytics.forecast.period import HIERARCHY
from tas_analytics.formats import currency_symbol, money, number
from tas_analytics.metrics.dimensions import dimension
from tas_analytics.metrics.hierarchy import EVERYBODY, of_leader
from tas_analytics.ui import board, forecast_data as data, lists, page
from tas_analytics.ui.lists import heavy
from tas_analytics.ui.session import View

_INDENT: Final = "\u2003"
_SPLITS: Final = ("region", "team", "manager", "owner", "product", "segment", "source", "industry", "forecast_category")
_PARAM: Final = "group"
_MONEY: Final = {
    "target": "Target", "won": "Won", "p10": "P10", "p50": "P50", "p90": "P90", "commit": "Commit",
    "best_case": "Best case", "weighted": "Weighted", "call": "Call",
}  # fmt: skip


def switch(view: View) -> str:
    """By what the forecast is split; in the URL."""
    leads = bool(board.people(view).leaders)
    # A split by what no deal has says nothing.
    known = [key for key in _SPLITS if key == "owner" or view.choices(key)]
    choices = [HIERARCHY, *known] if leads else sorted(known, key=lambda key: key != "owner")
    chosen = st.selectbox(
        "Forecast by", choices, format_func=_said, key="forecast_by", bind="query-params", width=220,
        label_visibility="collapsed",
    )  # fmt: skip
    return str(chosen)


def _said(key: str) -> str:
    return "By person, leaders first" if key == HIERARCHY else f"By {dimension(key).label.lower()}"


def table_card(view: View) -> View:
    """The table; gives the view of the row that is chosen, or the whole one."""
    with page.card("forecast-table"):
        heading = st.container()
        by = switch(view)
        got = data.found(view, by)
        if got is None:
            return view
        rows = _without_echo(got[1])
        divisor, letter, digits = unit([float(v) for v in rows["p90"].tolist() + rows["target"].fillna(0).tolist()])
        with heading:
            page.finding(
                _finding(rows, by, view.company.currency),
                f"{got[0].period.label}, {currency_symbol(view.company.currency)}{letter} · "
                + (
                    ""
                    if _is_over(rows)
                    else "commit, best case and weighted hold what is won · P10 to P90 hold four in five futures · "
                )
                + "select a row for its deals",
            )
        if rows.empty:
            page.nothing("Nothing in this period", "Choose another period or take off a filter.", key="forecast-table")
            return view
        shown, config = _shown(rows, by, divisor, digits)
        chosen_row = lists.choose(
            shown,
            f"forecast-rows-{by}",
            "Forecast beside commit, best case, weighted pipeline and calls",
            columns=config,
            most=14,
        )
        if chosen_row is not None:
            st.query_params[_PARAM] = str(rows["name"].iloc[chosen_row])
    return _narrowed(view, by, rows)


def _without_echo(rows: pd.DataFrame) -> pd.DataFrame:
    """The rows without the one over everybody where one leader over all says the same."""
    if len(rows) > 1 and rows["name"].iloc[0] == EVERYBODY and (rows["depth"] == 1).sum() == 1:
        return rows.iloc[1:].reset_index(drop=True).assign(depth=lambda kept: kept["depth"] - 1)
    return rows


def _narrowed(view: View, by: str, rows: pd.DataFrame) -> View:
    """The view of the group that the URL names, if the table has it."""
    name = st.query_params.get(_PARAM)
    if name is None or name not in set(rows["name"]) or name == EVERYBODY:
        return view
    if by == HIERARCHY:
        return replace(view, scope=of_leader(view.scope, board.people(view), str(name)))
    return replace(view, scope=view.scope.where(by, str(name)))


def chosen() -> str | None:
    """The name of the group that the URL names."""
    name = st.query_params.get(_PARAM)
    return None if name is None else str(name)


def forget() -> None:
    """Show the deals of all groups again."""
    st.query_params.pop(_PARAM, None)


def _finding(rows: pd.DataFrame, by: str, currency: str) -> str:
    """With whom most is missing, and how many are likely to reach their target."""
    over = _is_over(rows)
    known = rows[rows["target"].gt(0) & ~rows["leads"] & rows["name"].ne("")]
    what = "seller" if by == HIERARCHY else dimension(by).label.lower()
    if known.empty:
        likely = rows[~rows["leads"]].sort_values("p50", ascending=False)
        if likely.empty:
            return "Nothing is forecast here"
        first = likely.iloc[0]
        brings = "has won most" if over else "will likely bring most"
        return f"{_name(str(first['name']), by)} {brings}, {money(float(first['p50']), currency)}"
    ahead = int((known["p50"] >= known["target"]).sum())
    gap = (known["target"] - known["p50"]).sort_values(ascending=False)
    lead = f"{ahead} of {len(known)} {what}s {'have reached' if over else 'will likely reach'} the target"
    if gap.iloc[0] <= 0:
        return lead
    worst = known.loc[gap.index[0]]
    return f"{lead}; {_name(str(worst['name']), by)} lacks most, {money(float(gap.iloc[0]), currency)}"


def _is_over(rows: pd.DataFrame) -> bool:
    """Whether nothing is open any more: what is won is all that there is to say."""
    return bool((rows["p90"] == rows["won"]).all())


def _shown(rows: pd.DataFrame, by: str, divisor: float, digits: int) -> tuple[Any, dict[str, Any]]:
    config = st.column_config
    label = "Name" if by == HIERARCHY else dimension(by).label
    table: dict[str, Any] = {
        label: [_INDENT * int(row["depth"]) + _name(str(row["name"]), by) for row in rows.to_dict("records")],
        "P50 ÷ target": (rows["p50"] / rows["target"].where(rows["target"] > 0)) * 100,
    }
    over = _is_over(rows)
    for key, words in _MONEY.items():
        if rows[key].notna().any() and not (over and (rows[key] == rows["won"]).all() and key != "won"):
            table[words] = rows[key] / divisor
        if key == "p90":
            table["Reaches"] = rows["chance"] * 100
    table["Open deals"] = rows["open_deals"]
    for name in ("P50 ÷ target", "Reaches"):
        if pd.Series(table[name]).isna().all():
            del table[name]
    frame = pd.DataFrame(table)
    formats: dict[Any, Any] = {name: _written(digits) for name in frame if name in set(_MONEY.values())}
    formats |= {"Open deals": _written(0), **({"Reaches": _percent} if "Reaches" in frame else {})}
    styler = heavy(frame.style.format(formats, na_rep="–"), rows["leads"])
    styler = styler.set_properties(subset=["Won" if over else "P50"], **{"font-weight": "600"})
    columns: dict[str, Any] = {label: config.TextColumn(width=175 if page.on_phone() else 210, pinned=None)}
    if "P50 ÷ target" in frame:
        columns["P50 ÷ target"] = config.ProgressColumn(format="%.0f %%", min_value=0, max_value=150, width=120)
    columns |= {name: config.Column(width=68) for name in table if name not in columns}
    return styler, columns


def _written(digits: int) -> Any:
    return lambda value: "–" if math.isnan(value) else number(round(value, digits), digits)


def _percent(value: float) -> str:
    if math.isnan(value):
        return "–"
    return "< 1 %" if value < 1 else "> 99 %" if value > 99 else f"{value:.0f} %"


def _name(name: str, by: str) -> str:
    if name:
        return name
    return "No owner" if by == HIERARCHY else f"No {dimension(by).label.lower()}"
