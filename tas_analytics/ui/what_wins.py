"""The cards of the page What wins here."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import lru_cache
from typing import Final

import pandas as pd
import streamlit as st

from tas_analytics.charts import forest
from tas_analytics.formats import count, number, percent, rate, sentence_case
from tas_analytics.method.criteria import criteria
from tas_analytics.metrics import what_wins as queries, winning
from tas_analytics.metrics.company import Company
from tas_analytics.metrics.scope import Scope
from tas_analytics.metrics.separation import ENOUGH, Effect, Rate
from tas_analytics.metrics.what_wins import CHOICES, DAYS_BEFORE, WhatWins
from tas_analytics.store.database import Store
from tas_analytics.ui import lists, page
from tas_analytics.ui.session import View

_EVER: Final = "All closed deals"
_WORDS: Final = {"+": "+", "−": "-", "?": "?"}
_SHOWN: Final = 200


def switches(view: View) -> tuple[View, int]:
    """Which closed deals, and how long before their close the ratings count; both in the URL."""
    line = st.container(horizontal=True, gap="small", vertical_alignment="center")
    choices = [_EVER] + ([f"Closed in {view.scope.period.label}"] if view.scope.period else [])
    which = line.segmented_control(
        "Which deals", choices, default=_EVER, required=True, key="closed", bind="query-params",
        label_visibility="collapsed",
    )  # fmt: skip
    days = line.selectbox(
        "Rated how long before the close", CHOICES, index=CHOICES.index(DAYS_BEFORE), key="before",
        bind="query-params", format_func=lambda days: f"as rated {days} days before the close",
        label_visibility="collapsed", width=260,
        help="Ratings made later do not count: near the close the outcome shows already.",
    )  # fmt: skip
    scope = view.scope.within(None) if which in (None, _EVER) else view.scope
    return replace(view, scope=scope), int(days or DAYS_BEFORE)


def headline(view: View, days: int) -> str:
    """What separates winners from losers."""
    return winning.what_separates(_found(view, days), days)


def criteria_card(view: View, days: int) -> None:
    """The difference that each rating makes, with its interval."""
    found = _found(view, days)
    with page.card("criteria"):
        page.finding(_title(found), _line(found, days))
        if not any(one.difference for one in found.effects):
            page.nothing(*_why_nothing(found, days), key="criteria")
            return
        rows = [_row(one) for one in found.effects]
        page.chart(
            forest.forest(
                pd.DataFrame(rows), selected=st.query_params.get("criterion"), left="← more wins where rated −",
                right="more wins where rated + →",
            ),
            "criteria",
            "Win rate of deals rated + less that of deals rated −, by criterion: "
            + ", ".join(f"{row['label']} {row['detail']}" for row in rows if row["verdict"] in ("more", "less")),
            on_select=_on_criterion("criteria"),
        )  # fmt: skip
        with st.expander("All twenty in numbers, and what knowing is worth"):
            _numbers(found)


def deals_card(view: View, days: int) -> None:
    """The deals behind the chosen criterion."""
    chosen = _chosen_criterion()
    if chosen is None:
        return
    found = next((one for one in _found(view, days).effects if one.criterion == chosen), None)
    with page.card("rated"):
        heading = st.container()
        shown = st.segmented_control(
            "Rated", list(_WORDS), default="+", required=True, key="rated", bind="query-params",
            label_visibility="collapsed",
        )  # fmt: skip
        sign = _WORDS[str(shown or "+")]
        share = {"+": found.plus, "-": found.minus, "?": found.unknown}[sign] if found else Rate(0, 0)
        with heading:
            page.finding(
                winning.rated(str(shown), chosen, share, days),
                f"#{chosen} {criteria()[chosen - 1].name}, {days} days before the close · a row opens the deal",
            )
        _list(view, queries.deals_rated(view.store, view.company, view.scope, chosen, sign, days, _SHOWN))


def _title(found: WhatWins) -> str:
    sure = sum(one.verdict in ("more", "less") for one in found.effects)
    tested = sum(one.verdict != "few" for one in found.effects)
    if not tested:
        return "Too few deals to compare"
    verb = "makes" if sure == 1 else "make"
    return f"{sentence_case(count(sure, 'criterion', 'criteria'))} of {tested} tested {verb} a difference"


def _line(found: WhatWins, days: int) -> str:
    return (
        f"Win rate where rated + less that where rated −, in points, with 95 % intervals · {found.assessed.deals:,} of "
        f"{count(found.closed.deals, 'closed deal')} had been assessed {days} days before the close · bold: more than "
        f"luck at looking at twenty (Fisher, Holm, 2 %) · hollow: fewer than {ENOUGH} deals on a side"
    )


def _why_nothing(found: WhatWins, days: int) -> tuple[str, str]:
    if not found.closed.deals:
        return "No closed deal", "Take off a filter, or choose all closed deals."
    if not found.assessed.deals:
        return (
            f"No closed deal was assessed {days} days before its close",
            "Load the assessments of closed deals, or rate open ones on their pages: this fills as they close.",
        )
    return "No criterion has closed deals rated + and −", "This fills as more rated deals close."


def _row(one: Effect) -> dict[str, object]:
    label = f"#{one.criterion} {winning.name(one)}"
    detail = f"{_of(one.plus)} against {_of(one.minus)}"
    told = [f"rated +: {_of(one.plus)} won", f"rated −: {_of(one.minus)} won", f"not known: {_of(one.unknown)} won"]
    if one.difference:
        told.append(f"95 % interval: {_points(one.difference.low)} to {_points(one.difference.high)} points")
    told.append("too few deals to test" if one.p is None else f"by luck: {_chance(one.p)}")
    return {
        "key": str(one.criterion),
        "label": label,
        "detail": detail if min(one.plus.deals, one.minus.deals) else "",
        "difference": one.difference.value if one.difference else None,
        "low": one.difference.low if one.difference else None,
        "high": one.difference.high if one.difference else None,
        "verdict": one.verdict,
        "hover": "\n".join(told),
    }


def _numbers(found: WhatWins) -> None:
    """All criteria as a table."""
    rows = [
        {
            "Criterion": f"#{one.criterion} {winning.name(one)}",
            "Rated +": _of(one.plus),
            "Rated −": _of(one.minus),
            "Rated ?": _of(one.unknown),
            "+ less −": _points(one.difference.value) if one.difference else "–",
            "95 % interval": f"{_points(one.difference.low)} to {_points(one.difference.high)}"
            if one.difference
            else "–",
            "By luck": "too few" if one.p is None else _chance(one.p),
            "Known less ?": winning.knowing(one),
        }
        for one in sorted(found.effects, key=lambda one: one.criterion)
    ]
    lists.show(pd.DataFrame(rows), "numbers", "Win rates by criterion and rating", most=20)
    st.caption(
        "By luck: the chance of such a difference if the rating did not matter, corrected for all criteria tested. "
        "Known less ?: deals in which the criterion was known less those in which it was not, among deals of which "
        "equally much else was known. It names nothing: deals that are lost early are known least, and that cannot be "
        "taken out entirely. A difference goes together with winning; it does not prove that it causes it."
    )


def _list(view: View, rated: pd.DataFrame) -> None:
    if rated.empty:
        page.nothing("No deal here", "Choose another rating.", key="rated")
        return
    deals = view.deals(scope=view.scope.where("deal", *rated["id"]))
    rows = deals.merge(rated, on="id").sort_values("amount", ascending=False, kind="stable", na_position="last")
    config = st.column_config
    chosen_row = lists.choose(
        rows[["amount", "name", "status", "rated_on", "owner", "close_date"]],
        "rated-deals",
        "Closed deals by their rating, largest first",
        columns={
            "name": lists.deal(),
            "status": config.TextColumn("Result", width=80),
            "amount": lists.amount(),
            "rated_on": config.DateColumn("Last assessed", format="D MMM YYYY", width=120),
            "owner": config.TextColumn("Owner", width=160),
            "close_date": config.DateColumn("Close", format="D MMM YYYY", width=105),
        },
        most=12,
    )
    if chosen_row is not None:
        page.open_deal(str(rows["id"].iloc[chosen_row]))
    if len(rated) == _SHOWN:
        st.caption(f"The {_SHOWN} largest are listed.")


def _on_criterion(chart: str) -> Callable[[], None]:
    key = page.chart_key(chart)

    def callback() -> None:
        points = st.session_state[key]["selection"]["points"]
        page.keep_in_address("criterion", str((points[0].get("customdata") or ["5"])[0]) if points else None)

    return callback


def _chosen_criterion() -> int | None:
    asked = str(st.query_params.get("criterion", ""))
    return int(asked) if asked.isdigit() and 1 <= int(asked) <= 20 else None


def _of(share: Rate) -> str:
    return f"{rate(share.won, share.deals)} of {share.deals:,}" if share.deals >= 20 else rate(share.won, share.deals)


def _points(share: float) -> str:
    return number(round(100 * share), sign=True)


def _chance(p: float) -> str:
    return "under 0.1\u202f%" if p < 0.001 else percent(p, 1 if p < 0.1 else 0)


def _found(view: View, days: int) -> WhatWins:
    return _what_wins(view.store, view.version, view.company, view.scope, days)


@lru_cache(maxsize=64)
def _what_wins(store: Store, _version: int, company: Company, scope: Scope, days: int) -> WhatWins:
    return queries.what_wins(store, company, scope, days)
