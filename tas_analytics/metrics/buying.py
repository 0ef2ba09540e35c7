"""Metrics of the customer's milestones, and of how far the method is used."""

from __future__ import annotations

from typing import Final

from tas_analytics.metrics.metric import Better, Metric

_RULE: Final = (
    "Reached is what was achieved and every step before one that was achieved; a won deal has reached all. Deals of "
    "which no milestone is recorded are left out. Where a company records none, its stages stand in."
)
_CLOSED: Final = "in_period and status <> 'open'"
_GROUP: Final = "Milestones"


def _count(where: str) -> str:
    return f"count(*) filter (where {where})"


def _both(key: str, where: str, better: Better, count: tuple[str, str], amount: tuple[str, str]) -> tuple[Metric, ...]:
    """A number of deals, and the same deals by their amount; of each the label and the definition."""
    total = f"coalesce(sum(amount) filter (where {where}), 0)"
    return (
        Metric(key, count[0], "count", better, "reach", _count(where), count[1], additive=True, group=_GROUP),
        Metric(f"{key}_amount", amount[0], "money", better, "reach", total, amount[1], additive=True, group=_GROUP),
    )


BUYING: Final = (
    *_both(
        "milestone_reached", "in_period", "neither",
        ("Reached the milestone", f"Deals that have reached the milestone, open ones included. {_RULE}"),
        ("Amount that reached the milestone",
         "Amount of the deals that have reached the milestone, open ones included."),
    ),
    *_both(
        "milestone_open", "in_period and status = 'open'", "neither",
        ("Reached the milestone, still open",
         "Deals that have reached the milestone and are neither won nor lost; they count in no conversion."),
        ("Amount that reached the milestone, still open",
         "Amount of the open deals that have reached the milestone."),
    ),
    *_both(
        "milestone_waiting", "in_period and onward = 'waiting'", "neither",
        ("Waiting after the milestone", "Open deals whose last milestone this is: they wait for the next one."),
        ("Amount waiting after the milestone", "Amount of the open deals whose last milestone this is."),
    ),
    *_both(
        "milestone_resolved", _CLOSED, "neither",
        ("Reached the milestone, decided", "Deals that have reached the milestone and are won or lost."),
        ("Amount that reached the milestone, decided",
         "Amount of the won and lost deals that have reached the milestone."),
    ),
    *_both(
        "milestone_passed", f"{_CLOSED} and onward = 'passed'", "up",
        ("Went past the milestone",
         "Won and lost deals that have reached the milestone and a later one; after the last milestone that is a win."),
        ("Amount that went past the milestone",
         "Amount of the won and lost deals that have reached the milestone and a later one."),
    ),
    *_both(
        "milestone_stopped", "in_period and onward = 'stopped'", "down",
        ("Stopped after the milestone", "Lost deals whose last milestone this was."),
        ("Amount that stopped after the milestone", "Amount of the lost deals whose last milestone this was."),
    ),
    Metric(
        "milestone_conversion", "Milestone conversion", "percent", "up", "derived",
        "ratio(milestone_passed, milestone_resolved)",
        f"Deals that reached the milestone and a later one ÷ deals that reached it, won and lost ones only. {_RULE}",
        ("milestone_passed", "milestone_resolved"),
        "Counting only milestones that were achieved themselves would make a deal that skips one look lost there; "
        "skipped milestones are counted apart. By amount: milestone conversion by value.",
        "milestone_resolved", group=_GROUP,
    ),
    Metric(
        "milestone_value_conversion", "Milestone conversion by value", "percent", "up", "derived",
        "ratio(milestone_passed_amount, milestone_resolved_amount)",
        "The same by amount: what went past the milestone ÷ what reached it, won and lost deals only.",
        ("milestone_passed_amount", "milestone_resolved_amount", "milestone_resolved"),
        "By number of deals: milestone conversion.", "milestone_resolved", group=_GROUP,
    ),
    Metric(
        "milestone_skipped", "Skipped the milestone", "count", "down", "reach", _count("in_period and skipped"),
        "Deals that have reached the milestone only by a later one, or by being won, without having achieved it.",
        additive=True, group=_GROUP,
    ),
    Metric(
        "milestone_out_of_order", "Achieved out of order", "count", "neither", "reach",
        _count("in_period and out_of_order"),
        "Deals that achieved the milestone on a later day than one that follows it in the catalogue.",
        additive=True, group=_GROUP,
    ),
    Metric(
        "milestone_timed", "Timed milestones", "count", "neither", "reach",
        _count("in_period and days >= 0"),
        "Deals whose days of this milestone and the one before are both known, in that order.", additive=True,
        group=_GROUP,
    ),
    Metric(
        "milestone_backwards", "Negative times", "count", "down", "reach", _count("in_period and days < 0"),
        "Deals that achieved the milestone before the one that precedes it; they count in no median.",
        additive=True, group=_GROUP,
    ),
    Metric(
        "median_days_to_milestone", "Median days to the milestone", "days", "down", "reach",
        "quantile_cont(days, 0.5) filter (where in_period and days >= 0)",
        "Median days from the milestone before to this one, of deals that achieved both in that order; of the first "
        "one, from the day on which the deal was created.", base="milestone_timed", group=_GROUP,
    ),
    Metric(
        "days_to_milestone", "Days to the milestone (P75)", "days", "down", "reach",
        "quantile_cont(days, 0.75) filter (where in_period and days >= 0)",
        "Three of four deals took fewer days from the milestone before to this one.", base="milestone_timed",
        group=_GROUP,
    ),
    *(
        Metric(
            key, label, "count", "neither", "reach",
            _count(f"{_CLOSED} and step > 0 and onward = 'passed' and {has}{won}"), doc, additive=True, group=_GROUP,
        )
        for key, label, has, won, doc in (
            ("milestone_had", "Went past, with the milestone", "achieved", "",
             "Won and lost deals that went past the milestone and had achieved it."),
            ("milestone_had_won", "Won, with the milestone", "achieved", " and status = 'won'",
             "Of those with the milestone, the ones won."),
            ("milestone_lacked", "Went past, without the milestone", "not achieved", "",
             "Won and lost deals that went past the milestone without having achieved it."),
            ("milestone_lacked_won", "Won, without the milestone", "not achieved", " and status = 'won'",
             "Of those without the milestone, the ones won."),
        )
    ),
    Metric(
        "win_rate_with_milestone", "Win rate with the milestone", "percent", "up", "derived",
        "ratio(milestone_had_won, milestone_had)",
        "Share won of the decided deals that went past the milestone and had achieved it. Compared with those that "
        "went past it without, it tells whether the milestone separates the deals that are won.",
        ("milestone_had_won", "milestone_had"),
        "Comparing with all deals that lack it would say no more than that lost deals stopped earlier.",
        "milestone_had", group=_GROUP,
    ),
    Metric(
        "win_rate_without_milestone", "Win rate without the milestone", "percent", "up", "derived",
        "ratio(milestone_lacked_won, milestone_lacked)",
        "Share won of the decided deals that went past the milestone without having achieved it.",
        ("milestone_lacked_won", "milestone_lacked"), base="milestone_lacked", group=_GROUP,
    ),
    Metric(
        "milestones_due", "Milestones due", "count", "neither", "plan", _count("in_period"),
        "Milestones of open deals whose target date has come.", additive=True, group=_GROUP,
    ),
    Metric(
        "milestones_overdue", "Milestones overdue", "count", "down", "plan", _count("in_period and is_late"),
        "Milestones of open deals that are past their target date and not achieved.", additive=True, group=_GROUP,
    ),
    Metric(
        "overdue_share", "Overdue share", "percent", "down", "derived", "ratio(milestones_overdue, milestones_due)",
        "Milestones of open deals past their target date and not achieved ÷ those whose target date has come.",
        ("milestones_overdue", "milestones_due"), base="milestones_due", group=_GROUP,
    ),
    *(
        Metric(
            f"worked_on_{days}", f"Worked on in {days} days", "count", "up", "deal",
            _count(f"status = 'open' and in_period and days_untouched <= {days}"),
            f"Open deals that were assessed or updated in the last {days} days: a rating, a milestone, an activity "
            "done, a strategy, or a change of stage, amount, close date, category, next step or owner.",
            additive=True, group="Method",
        )
        for days in (30, 60)
    ),
    *(
        Metric(
            f"adoption_{days}", f"Adoption in {days} days", "percent", "up", "derived",
            f"ratio(worked_on_{days}, open_deals)",
            f"Share of the open deals that were assessed or updated in the last {days} days.",
            (f"worked_on_{days}", "open_deals"), base="open_deals", group="Method",
        )
        for days in (30, 60)
    ),
)  # fmt: skip
