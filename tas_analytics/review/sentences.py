"""What changed, in sentences computed from the waterfall."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any, Final

from tas_analytics.formats import count, day, money, sentence_case
from tas_analytics.metrics.compare import short
from tas_analytics.review.buckets import bucket
from tas_analytics.review.changes import Changes

#: How each bucket reads after its amount: ``$0.9M was won``.
_WAS: Final = {
    "created": "is new",
    "reopened": "was re-opened",
    "owner_in": "moved in",
    "pulled_in": "was pulled in",
    "increased": "was added to deals",
    "decreased": "was cut from deals",
    "pushed_out": "was pushed out",
    "owner_out": "moved out",
    "removed": "was deleted",
    "lost": "was lost",
    "won": "was won",
    "currency": "came from exchange rates",
}
#: Below this share of what moved, a cause is not worth a place in the headline.
_WORTH: Final = 0.1


def since_words(found: Changes) -> str:
    """How the time is called: ``this week`` for seven days or about, else ``since 9 Nov``."""
    if 5 <= (found.scope.as_of - found.since).days <= 9:
        return "this week"
    return f"since {day(found.since, year=found.since.year != found.scope.as_of.year)}"


def what_changed(found: Changes, currency: str) -> str:
    """The first sentence: how the open pipeline moved, and the two largest causes."""
    period = found.scope.period
    subject = f"open {short(period)} pipeline" if period else "open pipeline"
    when = since_words(found)
    moved = {key: float(total.amount) for key, total in found.buckets.items() if total.amount}
    if not found.start.deals and not found.end.deals:
        return f"Nothing was open in this scope {when}"
    if not moved:
        return _by_count(found, subject, when)
    net = float(found.net)
    size = sum(abs(amount) for amount in moved.values())
    if abs(net) < 0.005 * max(abs(float(found.start.amount)), 1.0):
        came = money(sum(a for a in moved.values() if a > 0), currency)
        left = money(-sum(a for a in moved.values() if a < 0), currency)
        return f"{sentence_case(subject)} stood still {when}: {came} came in, {left} left"
    same = {key: amount for key, amount in moved.items() if (amount > 0) == (net > 0) and abs(amount) >= _WORTH * size}
    causes = sorted(same, key=lambda key: -abs(same[key]))[:2]
    # Good news first, where one of the two causes is a won deal.
    causes.sort(key=lambda key: key != "won")
    said = [f"{money(abs(same[key]), currency)} {_WAS[key]}" for key in causes]
    joint = ", but " if causes[:1] == ["won"] else " and "
    verb = "rose" if net > 0 else "fell"
    lead = f"{sentence_case(subject)} {verb} {money(abs(net), currency)} {when}"
    return f"{lead}: {joint.join(said)}" if said else lead


def _by_count(found: Changes, subject: str, when: str) -> str:
    gone = found.start.deals - found.end.deals
    if found.start.amount == 0 and found.end.amount == 0 and gone:
        verb = "lost" if gone > 0 else "gained"
        return f"{sentence_case(subject)} {verb} {count(abs(gone), 'deal')} {when}"
    return f"{sentence_case(subject)} did not change {when}: {count(found.end.deals, 'deal')}"


def ledger(found: Changes, currency: str) -> str:
    """The finding over the waterfall: whether what came replaced what left."""
    came = sum(float(t.amount) for key, t in found.buckets.items() if t.amount > 0 and key != "currency")
    left = -sum(float(t.amount) for key, t in found.buckets.items() if t.amount < 0 and key != "currency")
    if not came and not left:
        return "Nothing came in and nothing left"
    if came >= left:
        if not left:
            return f"{money(came, currency)} came in and nothing left"
        return f"What came in, {money(came, currency)}, made up for the {money(left, currency)} that left"
    if not came:
        return f"Nothing replaced the {money(left, currency)} that left"
    return f"{money(came, currency)} came in for the {money(left, currency)} that left"


def happened(deal: Mapping[str, Any], currency: str, year: int) -> str:
    """What happened to a deal, in a few words with before and after."""
    key = deal["bucket"]
    before, after = float(deal["before"]), float(deal["after"])
    was, now = deal["close_date_before"], deal["close_date_after"]

    def date(value: dt.date | None) -> str:
        return "no date" if value is None else day(value, year=value.year != year)

    words = {
        "created": f"New, closing {date(now)}" if now else "New",
        "reopened": f"Re-opened after it was {deal['status_then']}",
        "owner_in": _handed(deal, "Moved in"),
        "owner_out": _handed(deal, "Moved out"),
        "pulled_in": f"Pulled in from {date(was)} to {date(now)}",
        "pushed_out": f"Pushed from {date(was)} to {date(now)}",
        "increased": f"Grew from {money(before, currency)} to {money(after, currency)}",
        "decreased": f"Shrank from {money(before, currency)} to {money(after, currency)}",
        "removed": "Deleted from the CRM",
        "lost": "Lost" + _from_stage(deal),
        "won": "Won" + _from_stage(deal),
        "unchanged": "Amount unchanged",
    }[key]
    if key in {"pushed_out", "increased", "decreased", "unchanged"} and deal["pushed_since"]:
        words += f", push {deal['pushes']}"
    if key in {"increased", "decreased", "unchanged"} and was != now:
        words += f", close date moved from {date(was)} to {date(now)}"
    return words


def _handed(deal: Mapping[str, Any], otherwise: str) -> str:
    was, now = deal["owner_before"], deal["owner_after"]
    return f"Handed from {was or 'nobody'} to {now or 'nobody'}" if was != now else otherwise


def _from_stage(deal: Mapping[str, Any]) -> str:
    return f" from {deal['stage_before']}" if deal["stage_before"] else ""


def moved_words(key: str, n: int) -> str:
    """``6 deals won``, ``no deals re-opened``: a list's title."""
    return f"{count(n, 'deal')} {bucket(key).noun}"
