"""The parts of a deal's page: what it is, and everything that the exports saw happen to it."""

from __future__ import annotations

from typing import Any, Final

import pandas as pd
import streamlit as st

from tas_analytics.charts import history
from tas_analytics.formats import count, day, escape_markdown, exact_money, number, percent, sentence_case, times
from tas_analytics.metrics import deal_events
from tas_analytics.ui import lists, page, score_data
from tas_analytics.ui.page import Tile
from tas_analytics.ui.session import View

_FIELDS: Final = {
    "account": "Account",
    "owner": "Owner",
    "manager": "Manager",
    "team": "Team",
    "region": "Region",
    "product": "Product",
    "segment": "Segment",
    "industry": "Industry",
    "type": "Type",
    "source": "Lead source",
    "forecast_category": "Forecast category",
    "next_step": "Next step",
    "last_activity": "Last activity",
    "created_date": "Created",
    "lost_reason": "Loss reason",
}


def find(view: View) -> pd.Series | None:
    """The deal that the URL names, as known on the view's day; None if there is none."""
    deal_id = str(st.query_params.get("id", ""))
    if not deal_id:
        return None
    # The link decides which deal it is, whatever the filters say.
    scope = view.scope.within(None)
    for key, _ in scope.filters:
        scope = scope.where(key)
    rows = view.deals(scope=scope.where("deal", deal_id))
    return None if rows.empty else rows.iloc[0]


def versions(view: View, deal_id: str) -> pd.DataFrame:
    """What was known of the deal up to the view's day."""
    return deal_events.versions(view.store, view.company, view.scope.as_of, deal_id)


def about(view: View, deal: pd.Series) -> str:
    """Whose deal it is, and the day of which the page tells."""
    manager = f" for {deal['manager']}" if deal["manager"] else ""
    owner = f"{deal['owner']}{manager}" if deal["owner"] else "no owner"
    place = f", {deal['region']}" if deal["region"] else ""
    return f"{owner}{place} · as of {day(view.scope.as_of, weekday=True)}"


def sentence(view: View, deal: pd.Series, *, warned: bool = False) -> str:
    """Where the deal stands, in one sentence; ``warned`` says that something else than its dates speaks against it."""
    currency = view.company.currency
    amount = exact_money(_float(deal["amount"]), currency) if pd.notna(deal["amount"]) else "No amount"
    if deal["status"] == "won":
        return f"Won for {amount}" + (f" on {day(deal['close_date'])}" if pd.notna(deal["close_date"]) else "")
    if deal["status"] == "lost":
        why = f": {deal['lost_reason']}" if deal["lost_reason"] else ""
        when = f" on {day(deal['close_date'])}" if pd.notna(deal["close_date"]) else ""
        return f"Lost{when}{why}"
    parts = []
    if deal["is_overdue"]:
        late = (view.scope.as_of - deal["close_date"].date()).days
        parts.append(f"{count(late, 'day')} past its close date")
    if deal["is_stalled"]:
        parts.append(
            f"in {deal['stage']} for {count(int(deal['days_in_stage']), 'day')}, "
            f"stall line {number(deal['stall_line'])}"
        )
    if deal["pushes"]:
        parts.append(f"pushed into a later quarter {times(int(deal['pushes']))}")
    if not parts and warned:
        return f"On time in {deal['stage']}, but not without warnings"
    return sentence_case("; ".join(parts)) if parts else f"On track in {deal['stage']}"


def tiles(view: View, deal: pd.Series, log: pd.DataFrame) -> None:
    """Amount, close date, stage and probability, with what changed since the export before."""
    currency = view.company.currency
    first_amount = log["amount"].dropna().iloc[0] if log["amount"].notna().any() else None
    own = _float(deal["own_amount"])
    change = own - float(first_amount) if own is not None and first_amount is not None else 0.0
    deal_currency = deal["currency"] or currency
    note = "since first seen" if change else ("unchanged" if own is not None else "not in the exports")
    foreign = f" · {exact_money(own, deal_currency)} in the deal's own currency" if deal_currency != currency else ""
    moved = (
        (deal["close_date"] - deal["first_close_date"]).days
        if pd.notna(deal["close_date"]) and pd.notna(deal["first_close_date"])
        else 0
    )
    days = None if pd.isna(deal["days_in_stage"]) else int(deal["days_in_stage"])
    open_deal = deal["status"] == "open"
    page.tiles(
        [
            Tile(
                "Amount",
                exact_money(_float(deal["amount"]), currency),
                f"In {currency}{foreign}.",
                exact_money(abs(change), deal_currency) if change else None,
                change > 0 if change else None,
                None,
                note,
            ),
            Tile(
                "Close date",
                day(deal["close_date"].date(), year=False) if pd.notna(deal["close_date"]) else "–",
                f"{day(deal['close_date'].date())}. " if pd.notna(deal["close_date"]) else "The exports give none.",
                f"{abs(moved)} days" if moved else None,
                None,
                False if moved > 0 and open_deal else None,
                _against_plan(moved) if moved or open_deal else "closed",
            ),
            Tile(
                "Stage",
                str(deal["stage"]),
                "Days since the deal entered its stage, against the stall line.",
                None,
                note=f"{count(days, 'day')} so far" if days is not None and open_deal else "since when is not known"
                if open_deal else "closed",
            ),
            Tile(
                "Stage probability",
                percent(float(deal["stage_probability"])),
                "The probability of the stage, which the weighted pipeline uses.",
                None,
                note=f"CRM says {percent(float(deal['crm_probability']))}"
                if pd.notna(deal["crm_probability"])
                else "the CRM gives none",
            ),
            *_score_tile(view, deal),
        ]
    )  # fmt: skip


def _score_tile(view: View, deal: pd.Series) -> list[Tile]:
    """The model's chance of an open deal, with its change in a week as far as that is worked out already."""
    found = score_data.by_key(view) if deal["status"] == "open" else None
    if found is None or int(deal["deal_key"]) not in found.index:
        return []
    last = score_data.until(view)
    chance = float(found[int(deal["deal_key"])])
    task = score_data.trend(view)
    week = score_data.a_week_ago(view, task.answer) if task.answer is not None else None
    help_text = (
        f"The model's chance that the deal is won by {day(last)}; why, and what would change it, is under Score."
    )
    before = None if week is None else week[1].get(int(deal["deal_key"]))
    if week is None or before is None:
        return [Tile("Score", percent(chance), help_text, note=f"won by {day(last, year=False)}")]
    moved = round(100 * (chance - float(before)))
    note = f"since {day(week[0], year=False)}"
    delta = f"{abs(moved)} {'pt' if abs(moved) == 1 else 'pts'}" if moved else "unchanged"
    return [
        Tile(
            "Score", percent(chance), help_text, delta, moved > 0 if moved else None, moved > 0 if moved else None, note
        )
    ]


def history_card(view: View, log: pd.DataFrame) -> None:
    """Amount, stage and close date over time."""
    moves = int((log["close_date"].diff().dt.days.fillna(0) > 0).sum())
    steps = int((log["stage"] != log["stage"].shift()).sum()) - 1
    first = day(log["valid_from"].iloc[0].date())
    with page.card("history"):
        if len(log) < 2:
            page.finding(
                f"Unchanged since first seen on {first}", "Changes show here from the first export that has one"
            )
            return
        page.finding(
            f"{sentence_case(count(steps, 'stage change'))}, close date pushed {times(moves)}",
            f"Amount in {log['currency'].iloc[-1] or view.company.currency} over time, stages above, "
            "close date moves below",
        )
        page.chart(
            history.history(
                log[["valid_from", "valid_to", "stage", "amount", "close_date"]],
                as_of=view.scope.as_of,
                currency=log["currency"].iloc[-1] or view.company.currency,
                width=page.least_width(),
            ),
            "history",
            "History of the deal",
        )


def fields_card(deal: pd.Series) -> None:
    """What the exports say of the deal now."""
    rows = []
    for key, label in _FIELDS.items():
        value = deal[key]
        if value is None or pd.isna(value) or value == "":
            continue
        shown = day(value.date()) if isinstance(value, pd.Timestamp) else str(value)
        rows.append((f":gray[{label}]", escape_markdown(shown)))
    with page.card("fields"):
        page.finding("What the CRM says", f"ID {deal['id']}")
        page.pairs(rows)


def log_card(log: pd.DataFrame) -> None:
    """Every change, newest first."""
    rows = [
        (row["day"], row["what"], said(row["column"], row["before"], row["currency_before"]),
         said(row["column"], row["after"], row["currency_after"]))
        for row in deal_events.changes(log).to_dict("records")
    ]  # fmt: skip
    if not rows:
        return  # the card above says so
    with page.card("log"):
        page.finding(
            f"{sentence_case(count(len(rows), 'change'))} since {day(log['valid_from'].iloc[0].date())}",
            "Seen from one export to the next, newest first",
        )
        lists.show(
            pd.DataFrame(rows[::-1], columns=["Day", "What", "Before", "After"]),
            "log",
            "Changes of the deal, newest first",
            columns={
                "Day": st.column_config.DateColumn("Day", format="D MMM YYYY", width=110),
                "What": st.column_config.TextColumn("What", width=110),
                "Before": st.column_config.TextColumn("Before", width=190),
                "After": st.column_config.TextColumn("After", width=190),
            },
        )


def said(column: str, value: Any, currency: str | None) -> str:
    """A value of a deal's history as a reader sees it."""
    if value is None or pd.isna(value):
        return "–"
    if column == "amount":
        return f"{float(value):,.2f} {currency if isinstance(currency, str) else ''}".strip()
    if column == "probability":
        return percent(float(value))
    return day(value.date()) if isinstance(value, pd.Timestamp) else str(value)


def _against_plan(moved: int) -> str:
    if moved == 0:
        return "as first planned"
    return "after first plan" if moved > 0 else "before first plan"


def _float(value: Any) -> float | None:
    return None if pd.isna(value) else float(value)
