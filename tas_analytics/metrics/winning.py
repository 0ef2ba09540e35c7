"""Sentences about what wins: each claims no more than the statistics behind it."""

from __future__ import annotations

import pandas as pd

from tas_analytics.formats import count, number, rate
from tas_analytics.method.criteria import criteria
from tas_analytics.metrics.intervals import difference
from tas_analytics.metrics.separation import ENOUGH, Effect, Rate
from tas_analytics.metrics.what_wins import WhatWins


def what_separates(found: WhatWins, days_before: int) -> str:
    """The first sentence of the page: what separates winners from losers here."""
    closed = found.closed.deals
    if not closed:
        return "No deal has been closed here"
    if not found.assessed.deals:
        whom = "The only closed deal had not" if closed == 1 else f"None of the {closed:,} closed deals had"
        return f"{whom} been assessed {count(days_before, 'day')} before its close"
    named = [one for one in found.effects if one.verdict in ("more", "less")]
    if not named:
        tested = sum(one.verdict == "none" for one in found.effects)
        if not tested:
            return (
                f"Too few deals to tell what wins: no criterion has {ENOUGH} closed deals rated + and {ENOUGH} rated −"
            )
        which = "the only criterion" if tested == 1 else f"all {tested} criteria"
        return f"Nothing separates winners here: luck explains the differences of {which} tested"
    more, less = ([one for one in named if one.verdict == verdict] for verdict in ("more", "less"))
    if more:
        verb = "separates" if len(more) == 1 else "separate"
        on = f" on {name(more[0]).lower()}" if len(more) > 1 else ""
        lead = f"{_joined([name(one) for one in more[:3]])} {verb} winners: {_rates(more[0], on)}"
        return f"{lead}; {_joined([name(one).lower() for one in less[:2]])} the other way round" if less else lead
    return f"Deals rated + on {_joined([name(one).lower() for one in less[:3]])} win less often: {_rates(less[0])}"


def rated(which: str, criterion: int, share: Rate, days_before: int) -> str:
    """The deals behind a criterion: how many, rated how, and how many of them were won."""
    one = criteria()[criterion - 1].name.lower()
    if not share.deals:
        return f"No closed deal was rated {which} on {one} {count(days_before, 'day')} before its close"
    verb = "was" if share.deals == 1 else "were"
    won = f"{rate(share.won, share.deals)}{' of them' if share.deals >= 20 else ''} won"
    return f"{count(share.deals, 'closed deal')} {verb} rated {which} on {one}; {won}"


def hardest(rivals: pd.DataFrame, usual: Rate) -> str:
    """Against whom we win least, if the difference from the others is more than luck."""
    if rivals.empty:
        return "No competitor is known in any closed deal"
    moving = rivals[rivals["trend"] != "none"]
    if len(moving):
        row = moving.iloc[0]
        verb = "rises" if row["trend"] == "up" else "falls"
        new, old = rate(int(row["new_won"]), int(row["new_deals"])), rate(int(row["old_won"]), int(row["old_deals"]))
        return f"Our win rate against {row['competitor']} {verb}: {new} in the last four quarters, {old} before"
    for each in rivals.to_dict("records"):
        won, deals = int(each["won"]), int(each["deals"])
        others = Rate(usual.won - won, usual.deals - deals)
        low, high = difference(won, deals, others.won, others.deals, claims=len(rivals))
        if others.deals and (low > 0 or high < 0):
            how = "more" if low > 0 else "less"
            rest = rate(others.won, others.deals)
            return f"We win {how} against {each['competitor']}: {rate(won, deals)}, against {rest} of all other deals"
    whom = f"against {rivals.iloc[0]['competitor']}" if len(rivals) == 1 else "against any competitor"
    return f"We win {whom} about as often as always: {rate(usual.won, usual.deals)} of the closed deals"


def name(one: Effect) -> str:
    """What a criterion is called."""
    return criteria()[one.criterion - 1].name


def knowing(one: Effect) -> str:
    """How knowing goes with winning, in words."""
    if one.knowing is None:
        return "–"
    return f"{_points(one.knowing.value)} ({_points(one.knowing.low)} to {_points(one.knowing.high)})"


def _rates(one: Effect, on: str = "") -> str:
    plus, minus = rate(one.plus.won, one.plus.deals), rate(one.minus.won, one.minus.deals)
    return f"{plus} of the deals rated +{on} are won, {minus} of those rated −"


def _points(share: float) -> str:
    return number(round(100 * share), sign=True)


def _joined(words: list[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1].lower()}"
