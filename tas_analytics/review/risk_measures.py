"""What can be measured of an open deal to judge whether it is at risk: the whitelist from which rules are made.

A measure gives one number per deal, or nothing where the deal or the company has no such data: what is not known never
makes a risk by itself. Yes and no are 1 and 0.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

import pandas as pd

from tas_analytics.formats import MINUS, count, day, number, percent, times

Row = Mapping[str, Any]
Source = Literal["deal", "past", "activities", "milestones", "evidence", "people", "assessment", "warnings", "score"]
#: How far back an amount is compared, in days.
AMOUNT_DAYS: Final = 28


@dataclass(frozen=True)
class Measure:
    """One measure.

    Parameters
    ----------
    key, label
        Its name in rules, and for people.
    unit
        ``days``, ``count``, ``share``, ``points`` or ``yes``.
    source
        Which part of the data it needs; see :mod:`tas_analytics.review.risk_data`.
    doc
        What it measures.
    fact
        The measured value of one deal in words.
    """

    key: str
    label: str
    unit: str
    source: Source
    doc: str
    fact: Callable[[float, Row], str]


def _days(value: float) -> str:
    return count(int(value), "day")


def _stalled(value: float, row: Row) -> str:
    return f"{_days(float(row['days_in_stage']))} in {row['stage']}, {number(value)} past the stall line"


def _past(value: float, row: Row) -> str:
    return f"Due {day(row['close_date'].date())}, {_days(value)} ago"


def _pushed(value: float, row: Row) -> str:
    close = row["close_date"]
    now = f", now {day(close.date())}" if isinstance(close, pd.Timestamp) else ""
    return f"Moved into a later period {times(int(value))}{now}"


def _evidence(_value: float, row: Row) -> str:
    return f"Claims {row['stage']}, evidence for {row['justified']}: {row['missing']} missing"


def _contacts(value: float, row: Row) -> str:
    if value == 0:
        return "No contact is recorded"
    return f"Only {row['contact']} is known" if value == 1 else f"{int(value)} contacts are known"


def _assessed(value: float, row: Row) -> str:
    if row["never_assessed"]:
        return f"Never assessed in {_days(value)}"
    return f"Last assessed {_days(value)} ago"


def _behind(value: float, row: Row) -> str:
    against = row["strongest"] or "the strongest competitor"
    sign = MINUS if value < 0 else "+" if value > 0 else ""
    return f"Net {sign}{abs(int(value))} against {against}"


def _jumped(value: float, row: Row) -> str:
    verb = "Grew" if row["amount_grew"] else "Shrank"
    return f"{verb} by {percent(value)} in {AMOUNT_DAYS} days"


def _plural(one: str, many: str | None = None) -> Callable[[float, Row], str]:
    return lambda value, _row: count(int(value), one, many).capitalize()


def _fixed(text: str) -> Callable[[float, Row], str]:
    return lambda _value, _row: text


_ALL: Final = (
    Measure("days_past_close", "Days past the close date", "days", "deal",
            "Days since the close date in the CRM; nothing while it lies ahead.", _past),
    Measure("days_to_close", "Days to the close date", "days", "deal", "Days until the close date in the CRM.",
            lambda value, _row: f"{_days(value).capitalize()} to the close date"),
    Measure("pushes", "Pushes", "count", "deal",
            "How often the close date has moved into a later fiscal period.", _pushed),
    Measure("delays", "Delays", "count", "deal", "How often the close date has moved to any later day.",
            lambda value, _row: f"Moved to a later day {times(int(value))}"),
    Measure("days_in_stage", "Days in stage", "days", "deal", "Days since the deal entered its stage.",
            lambda value, row: f"{_days(value).capitalize()} in {row['stage']}"),
    Measure("days_over_stall_line", "Days past the stall line", "days", "deal",
            "Days in the stage beyond its stall line; nothing before it.", _stalled),
    Measure("age", "Age", "days", "deal", "Days since the deal was created.",
            lambda value, _row: f"{_days(value).capitalize()} old"),
    Measure("no_next_step", "No next step", "yes", "deal",
            "Whether the next step is blank, where the exports have next steps.", _fixed("No next step")),
    Measure("no_amount", "No amount", "yes", "deal", "Whether the deal has no amount.", _fixed("No amount")),
    Measure("no_close_date", "No close date", "yes", "deal", "Whether the deal has no close date.",
            _fixed("No close date")),
    Measure("amount_change", "Change of the amount", "share", "past",
            f"By which share the amount differs from that of {AMOUNT_DAYS} days before, up or down.", _jumped),
    Measure("days_since_activity", "Days since the last activity", "days", "activities",
            "Days since the last activity in the CRM or in the activities; since the deal was created where none is "
            "known of it.",
            lambda value, row: f"{'No activity in' if row['never_active'] else 'Last activity'} {_days(value)}"
            f"{'' if row['never_active'] else ' ago'}"),
    Measure("open_activities", "Open activities", "count", "activities",
            "Activities that are planned and not yet done.", _plural("open activity", "open activities")),
    Measure("overdue_milestones", "Overdue milestones", "count", "milestones",
            "Milestones past their target date and not achieved.",
            lambda _value, row: f"Overdue: {row['late_milestones']}"),
    Measure("days_milestone_overdue", "Days a milestone is overdue", "days", "milestones",
            "Days since the target date of the milestone that is longest past it and not achieved.",
            lambda value, row: f"{row['late_milestones']} overdue, the oldest by {_days(value)}"),
    Measure("missing_milestones", "Milestones missing for the stage", "count", "evidence",
            "Mandatory milestones of earlier stages that are missing, where the stage is ahead of its evidence.",
            _evidence),
    Measure("contacts", "Contacts known", "count", "people",
            "People at the customer whom the map, the activities or the milestones of the deal name.", _contacts),
    Measure("supporters_in_power", "Supporters with influence", "count", "people",
            "Supporters and mentors in the inner circle or of influence 4 or 5, of deals with an organisation map.",
            _plural("influential supporter")),
    Measure("opponents", "Opponents with influence", "count", "people",
            "Enemies and non-supporters in the inner circle or of influence 4 or 5.",
            lambda value, row: f"{row['opponent']} is against us"
            + (f" and {count(int(value) - 1, 'other')}" if value > 1 else "")),
    Measure("days_since_assessed", "Days since the assessment", "days", "assessment",
            "Days since the deal was last assessed; since it was created where it never was.", _assessed),
    Measure("unfavourable_questions", "Questions answered against us", "count", "assessment",
            "How many of the four questions of the assessment are answered unfavourably.",
            lambda _value, row: f"Answered against us: {row['against']}"),
    Measure("assessment", "Assessment", "share", "assessment",
            "The assessment of an assessed deal, from −1 to 1.",
            lambda value, row: f"Assessment {number(value, 2, sign=True)}"
            + (f", answered against us: {row['against']}" if row["against"] else "")),
    Measure("net_advantage", "Net advantage", "points", "assessment",
            "Sum of our net advantages against the strongest competitor.", _behind),
    Measure("unknown_share", "Share unknown", "share", "assessment",
            "Share of the 20 criteria that are not known, of assessed deals.",
            lambda value, _row: f"{percent(value)} of the criteria unknown"),
    Measure("warning_signals", "Warning signals", "count", "warnings", "How many warning signals hold.",
            lambda _value, row: f"Seen: {row['signals_seen']}"),
    Measure("score_drop", "Fall of the score", "share", "score",
            "By how much the chance to be won until the end of the period fell since a week before.",
            lambda value, row: f"Chance to win fell from {percent(float(row['p_before']))} to "
            f"{percent(float(row['p_now']))}"),
    Measure("low_score", "Chance to be lost or late", "share", "score",
            "1 less the chance to be won until the end of the period.",
            lambda value, _row: f"{percent(1 - value)} chance to be won in the period"),
)  # fmt: skip
#: Every measure by its key.
MEASURES: Final[Mapping[str, Measure]] = {one.key: one for one in _ALL}
