"""What if: a milestone ticked, a criterion flipped, the date moved; the score and the period follow at once.

Nothing is saved unless asked. What belongs to the method (milestones, ratings) can then be entered; amount and close
date belong to the CRM.
"""

from __future__ import annotations

import datetime as dt
import zlib
from dataclasses import dataclass, replace
from typing import Any, Final

import pandas as pd
import streamlit as st

from tas_analytics.errors import TasError
from tas_analytics.forecast.fitted import Fitted
from tas_analytics.forecast.period import PeriodForecast, period_forecast
from tas_analytics.forecast.whatif import WhatIf, answers_if, supposed
from tas_analytics.formats import count, day as say_day, money, number, percent
from tas_analytics.ingest.loading.entry import enter
from tas_analytics.metrics import worksheet
from tas_analytics.metrics.compare import short
from tas_analytics.ui import assessed, author, deal_data, deal_work, entered, forecast_data, page, score_data as data
from tas_analytics.ui.session import View

_SIGNS: Final = {"+": "+", "−": "-", "?": "?"}


def card(view: View, deal: pd.Series, fitted: Fitted, row: pd.DataFrame) -> pd.DataFrame | None:
    """The switches and what they do; gives the deal as supposed, empty if dropped, None if nothing is."""
    with page.card("what-if"):
        heading = st.container()
        what, reached, flipped = _switches(view, deal)
        changed = supposed(row.assign(worth=deal["amount"]), what, view.company.calendar) if what.anything else None
        before, after = _both(view, deal, fitted, row, what)
        with heading:
            page.finding(
                _finding(view, what, before, after),
                "Tick, flip, move: the score and the forecast follow · nothing is saved unless you ask",
            )
        if what.anything:
            _effect(view, before, after)
            _save(view, deal, reached, flipped)
    if changed is None:
        return None
    return changed.iloc[:0] if what.dropped else changed


def _switches(view: View, deal: pd.Series) -> tuple[WhatIf, list[dict[str, Any]], dict[int, str]]:
    mark = f"{zlib.crc32(str(deal['id']).encode()):08x}"
    waiting = [one for one in deal_data.milestones_of(view, deal["id"]) if not one["is_reached"]]
    names = {str(one["milestone"]): one for one in waiting}
    ticked = st.pills(
        "Milestones reached", list(names), selection_mode="multi", key=f"if-milestones-{mark}",
        help="Milestones of the deal that are not reached yet.", format_func=page.plain,
    ) if names else []  # fmt: skip
    ratings = worksheet.ratings_of(view.store, deal["id"], view.scope.as_of)
    own = ratings[ratings["holds"] & (ratings["competitor"] == "")]
    signs = {int(n): str(sign).replace("−", "-") for n, sign in zip(own["number"], own["sign"], strict=True)}
    left, right = st.columns(2)
    known = {one.number: one for one in assessed.criteria(view)}
    chosen = left.multiselect(
        "Criteria rated otherwise", list(known), key=f"if-criteria-{mark}", placeholder="Choose criteria",
        format_func=lambda n: f"#{n} {known[n].name} ({(signs.get(n, '?') or '?').replace('-', '−')})",
    )  # fmt: skip
    sign = right.segmented_control(
        "would be", list(_SIGNS), default="+", key=f"if-sign-{mark}", required=True,
    )  # fmt: skip
    flipped = {int(n): _SIGNS[str(sign or "+")] for n in chosen if signs.get(int(n), "?") != _SIGNS[str(sign or "+")]}
    close = None if pd.isna(deal["close_date"]) else deal["close_date"].date()
    amount = None if pd.isna(deal["amount"]) else float(deal["amount"])
    left, middle, right = st.columns(3, vertical_alignment="bottom")
    moved = left.date_input("Close date", value=close, key=f"if-close-{mark}", format=page.TYPED_DAY)
    worth = middle.number_input(
        f"Amount, {view.company.currency}", min_value=0.0, value=amount, step=10_000.0, format="%.0f",
        key=f"if-amount-{mark}",
    )  # fmt: skip
    dropped = right.toggle("Drop the deal", key=f"if-dropped-{mark}")
    reached = [names[name] for name in ticked or []]
    what = WhatIf(
        len(reached), sum(bool(one["is_overdue"]) for one in reached),
        tuple((signs.get(n, "?") or "?", after) for n, after in sorted(flipped.items())),
        moved if isinstance(moved, dt.date) and moved != close else None,
        float(worth) if worth is not None and worth != amount else None, bool(dropped),
    )  # fmt: skip
    return what, reached, flipped


@dataclass(frozen=True)
class _State:
    """The deal's chance by the day that scores are told for, and the period; None where the period is over."""

    chance: float
    period: PeriodForecast | None


def _both(view: View, deal: pd.Series, fitted: Fitted, row: pd.DataFrame, what: WhatIf) -> tuple[_State, _State]:
    """Chance and forecast as they are, and as they would be."""
    last = data.until(view)
    whole = _of_everybody(view)
    got = forecast_data.found(whole)
    period = got[0] if got is not None and got[0].answers is not None else None
    now = _State(data.score(fitted, row, (last,)).by(last)[0], period)
    if not what.anything:
        return now, now
    rows = row.assign(worth=deal["amount"])
    changed = supposed(rows, what, view.company.calendar)
    chance = 0.0 if what.dropped else data.score(fitted, changed, (last,)).by(last)[0]
    if period is None or period.answers is None:
        return now, _State(chance, None)
    other = answers_if(fitted, period.answers, rows, what, view.company.calendar)
    amounts = {} if what.amount is None else {int(deal["deal_key"]): what.amount}
    then = period_forecast(whole.store, whole.company, whole.scope, answers=other, amounts=amounts)
    return now, _State(chance, then)


def _of_everybody(view: View) -> View:
    """The period without filters: the link decides which deal it is, and the forecast is the company's."""
    view = forecast_data.of_a_period(view)
    scope = view.scope
    for key, _ in scope.filters:
        scope = scope.where(key)
    return replace(view, scope=scope)


def _finding(view: View, what: WhatIf, before: _State, after: _State) -> str:
    if not what.anything:
        return "What would change the score?"
    points = round(100 * (after.chance - before.chance))
    score = "leaves the score as it is" if not points else (
        f"{'lifts' if points > 0 else 'lowers'} the score by {count(abs(points), 'point')}"
    )  # fmt: skip
    if before.period is None or after.period is None:
        return f"That {score}"
    when = short(before.period.period)
    moved = float(after.period.total["expected"]) - float(before.period.total["expected"])
    if abs(moved) < 1:
        return f"That {score}, and {when} too" if not points else f"That {score}; {when} stays as it is"
    verb = "more" if moved > 0 else "less"
    return f"That {score}; {when} would bring {money(abs(moved), view.company.currency)} {verb}"


def _effect(view: View, before: _State, after: _State) -> None:
    """Before and after, as a table."""
    currency = view.company.currency
    rows = [
        (f"Won by {say_day(data.until(view))}", percent(before.chance), percent(after.chance),
         _points(after.chance - before.chance)),
    ]  # fmt: skip
    if before.period is not None and after.period is not None:
        when = short(before.period.period)
        one, other = before.period.total, after.period.total
        rows += [
            (f"{when} on average", *_moneys(one["expected"], other["expected"], currency)),
            (f"{when} likely (P50)", *_moneys(one["p50"], other["p50"], currency)),
        ]
        if pd.notna(one["chance"]):
            chances = float(one["chance"]), float(other["chance"])
            now, then = map(percent, chances)
            rows.append((f"{when} target reached", now, then, _points(chances[1] - chances[0])))
    frame = pd.DataFrame(rows, columns=["Figure", "Now", "Then", "Change"]).map(page.plain)
    st.table(frame, border="horizontal", hide_index=True)


def _moneys(one: Any, other: Any, currency: str) -> tuple[str, str, str]:
    moved = float(other) - float(one)
    return money(float(one), currency), money(float(other), currency), money(moved, currency, sign=True)


def _points(share: float) -> str:
    return f"{number(round(100 * share), sign=True)} pts"


def _save(view: View, deal: pd.Series, reached: list[dict[str, Any]], flipped: dict[int, str]) -> None:
    """Enter milestones and ratings, if asked; amount, date and a drop are the CRM's."""
    if not deal_data.may_enter(view) or not (reached or flipped):
        st.caption("Amount, close date and stage belong to the CRM: change them there.")
        return
    words = " and ".join(
        part
        for part in (
            count(len(reached), "milestone") if reached else "", count(len(flipped), "rating") if flipped else "",
        )
        if part
    )  # fmt: skip
    if st.button(f"Save {words}", key="if-save", help="Entered with your name and the data's day; can be undone."):
        entered.attempt(view, "what-if", lambda anyway: _enter(view, deal, reached, flipped, anyway=anyway))


def _enter(
    view: View, deal: pd.Series, reached: list[dict[str, Any]], flipped: dict[int, str], *, anyway: bool
) -> deal_work.Change | None:
    who, today = author.name(view), view.scope.as_of
    if not reached and not flipped:
        raise TasError("There is nothing to save", "Tick a milestone or flip a criterion.")
    loads: list[int] = []
    with view.store.transaction():
        for one in reached:
            values = {name: one[name] for name in deal_work.MILESTONE_FIELDS} | {"achieved_date": today}
            change = deal_work.edit_milestone(view.store, one, one, values, author=who, anyway=anyway)
            loads += change.loads if change else ()
        rated = [
            {"opportunity_id": deal["id"], "competitor": None, "criterion": n, "rating": sign, "assessed_on": today,
             "author": who}
            for n, sign in flipped.items()
        ]  # fmt: skip
        if rated:
            loads.append(enter(view.store, "assessments", rated, author=who))
    words = [f"{one['milestone']} reached" for one in reached] + [f"#{n} rated {sign}" for n, sign in flipped.items()]
    return deal_work.Change(f"{', '.join(words)} ({say_day(today)})", tuple(loads))
