"""What stands below the meeting's own sheet at each step: the last decisions, board, changes, a deal, the end."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

import pandas as pd

from tas_analytics.charts import history
from tas_analytics.formats import count, day, sentence_case
from tas_analytics.metrics.scope import Scope
from tas_analytics.review import decisions as deciding
from tas_analytics.review.decisions import Decision
from tas_analytics.review.meeting import Minutes, Stop
from tas_analytics.ui import board, board_pack, changes, deal as deal_parts, meeting_data as data, page
from tas_analytics.ui.inspect_tab import OUTCOMES
from tas_analytics.ui.session import View

_SHOWN: Final = 12
_TITLE: Final = "Meeting"


def last_time(view: View, scope: Scope, headline: str) -> None:
    """What the last review decided and agreed, and what came of it."""
    page.head(_TITLE, headline, view)
    held, decided = data.last_decisions(view, scope)
    left, right = page.columns()
    with left, page.card("last-decisions"):
        page.finding(
            deciding.came_true(decided) if held else "No earlier review is kept",
            "What was decided, and what the data say since" if held else "What you decide today is looked at next week",
        )
        if decided:
            _decisions(decided)
    with right, page.card("last-actions"):
        actions = data.minutes(view, scope, held, "").actions if held else pd.DataFrame()
        open_ones = int((~actions["is_done"]).sum()) if len(actions) else 0
        page.finding(
            f"{len(actions) - open_ones} of {count(len(actions), 'action')} done"
            if len(actions)
            else "No action is open",
            f"Agreed on {day(held, year=False)}" if held and len(actions) else "Actions of the last review stand here",
        )
        if len(actions):
            _actions(actions)


def board_step(view: View, leader: str) -> None:
    """The forecast board of the meeting."""
    since = data.since(view)
    since = since if since in view.company.days else None
    found = board.figures(view, leader, cumulative=True, since=since)
    page.head(_TITLE, board.headline(view, found), view)
    board.board_card(view, board.with_model(view, found, leader), cumulative=True, since=since)


def changes_step(view: View, scope: Scope) -> None:
    """What changed since the last review."""
    since = data.since(view)
    if since is None or since not in view.company.days:
        changes.nothing_yet(view, _TITLE)
        return
    narrowed = replace(view, scope=scope)
    page.head(_TITLE, changes.headline(narrowed, since), narrowed)
    left, right = page.columns()
    with left:
        changes.waterfall_card(narrowed, since)
    with right:
        changes.largest_card(narrowed, since)


def deal_step(view: View, stop: Stop) -> None:
    """The deal's past as a picture."""
    log = deal_parts.versions(view, stop.deal_id)
    if len(log) < 2:
        return
    with page.card("meeting-history"):
        currency = log["currency"].iloc[-1] or view.company.currency
        page.finding("How the deal came here", f"Amount in {currency} over time, stages above, close date moves below")
        page.chart(
            history.history(
                log[["valid_from", "valid_to", "stage", "amount", "close_date"]], as_of=view.scope.as_of,
                currency=currency, width=page.least_width(),
            ),
            "meeting-history", f"History of {stop.name}",
        )  # fmt: skip


def summary(view: View, leader: str, kept: Minutes, stops: Sequence[Stop]) -> None:
    """Everything that was decided and agreed, to be read out at the end; and the pack that holds it."""
    names = {one.deal_id: one.name for one in stops}
    n, agreed = len(kept.decisions), len(kept.actions)
    said = f"{sentence_case(count(n, 'decision'))} and {count(agreed, 'action')} on {count(len(kept.deals), 'deal')}"
    page.head(_TITLE, "Nothing is decided yet" if kept.nothing else said, view)
    left, right = page.columns()
    with left, page.card("decided-today"):
        page.finding("Decided today", "They are looked at again in the next review")
        if kept.decisions:
            _decisions(list(kept.decisions))
    with right, page.card("agreed-today"):
        page.finding("Agreed today", "They stand in their owners' lists under My activities, and in the deals' plans")
        if agreed:
            _actions(kept.actions)
    notes = [one for one in kept.kept.values() if one.note and one.deal_id]
    if notes:
        with page.card("notes-today"):
            page.finding("Notes", "What was said about the deals")
            rows = [(f"**{page.plain(names.get(one.deal_id, one.deal_id))}**", page.plain(one.note)) for one in notes]
            page.pairs(rows)
    board_pack.downloads(view, leader, data.since(view))


def _decisions(found: list[Decision]) -> None:
    rows = []
    for one in found[:_SHOWN]:
        note = f": {page.plain(one.note)}" if one.note else ""
        rows.append(
            (
                OUTCOMES[one.outcome][0],
                f"**{page.plain(one.deal)}**  \n{page.plain(one.kind.label)}{note}  \n"
                f":small[:gray[{page.plain(one.said)} · {page.plain(one.owner or 'no owner')}]]",
            )
        )
    page.pairs(rows)


def _actions(frame: pd.DataFrame) -> None:
    rows = []
    for row in frame.head(_SHOWN).to_dict("records"):
        sign = ":green[**✓**]" if row["is_done"] else ":orange[**!**]" if row["is_overdue"] else ":gray[**○**]"
        due = "no date" if pd.isna(row["due_on"]) else f"due {day(row['due_on'].date())}"
        parts = [row["owner"] or "nobody", "done" if row["is_done"] else due, row["deal"]]
        about = " · ".join(str(part) for part in parts if isinstance(part, str) and part)
        rows.append((sign, f"{page.plain(str(row['subject']))}  \n:small[:gray[{page.plain(about)}]]"))
    page.pairs(rows)
