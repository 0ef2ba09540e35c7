"""Metrics of movement: through the stages, and of the close date."""

from __future__ import annotations

from typing import Final

from tas_analytics.metrics.metric import Metric

_STAGE_NOTE: Final = "Only deals whose last open stage some export shows; a skipped stage counts as passed."

FLOW: Final = (
    Metric(
        "stage_passed", "Passed the stage", "count", "up", "step",
        "count(*) filter (where outcome = 'passed' and in_period)",
        f"Deals that went beyond the stage: won, or now in a later one. {_STAGE_NOTE}", additive=True, group="Stages",
    ),
    Metric(
        "stage_lost", "Lost in the stage", "count", "down", "step",
        "count(*) filter (where outcome = 'lost' and in_period)",
        f"Deals whose last open stage was this one when they were lost. {_STAGE_NOTE}", additive=True, group="Stages",
    ),
    Metric(
        "stage_open", "Open in the stage", "count", "neither", "step",
        "count(*) filter (where outcome = 'open' and in_period)",
        "Deals that are in the stage now; they count in no conversion.", additive=True, group="Stages",
    ),
    Metric(
        "stage_resolved", "Resolved in the stage", "count", "neither", "derived", "stage_passed + stage_lost",
        "Deals that passed the stage or were lost in it.", ("stage_passed", "stage_lost"),
        additive=True, group="Stages",
    ),
    Metric(
        "stage_conversion", "Stage conversion", "percent", "up", "derived",
        "ratio(stage_passed, stage_passed + stage_lost)",
        "Passed ÷ (passed + lost in the stage); deals still in it are left out, a skipped stage counts as passed.",
        ("stage_passed", "stage_lost", "stage_resolved"),
        "Some tools divide by all that entered, which makes young cohorts look bad.", "stage_resolved", group="Stages",
    ),
    Metric(
        "stays", "Advanced stays", "count", "neither", "stay", "count(*) filter (where advanced and days is not null)",
        "Stays in a stage that ended with an advance and whose first and last day are known.",
        additive=True, group="Stages",
    ),
    Metric(
        "median_days_in_stage", "Median days in stage", "days", "down", "stay",
        "quantile_cont(days, 0.5) filter (where advanced)",
        "Median days that deals spent in the stage before they advanced.", base="stays", group="Stages",
    ),
    Metric(
        "days_in_stage", "Days in stage (P75)", "days", "down", "stay",
        "quantile_cont(days, 0.75) filter (where advanced)",
        "Three of four deals that advanced had spent fewer days in the stage. From 20 such stays on this is the "
        "stage's stall line; before that its planned days are.", base="stays", group="Stages",
    ),
    Metric(
        "push_count", "Pushes", "count", "down", "deal", "coalesce(sum(pushes) filter (where in_period), 0)",
        "How often the close dates of these deals were moved into a later fiscal quarter, seen export by export.",
        rivals="Moves to any later day: delays.", additive=True, group="Close dates",
    ),
    Metric(
        "delay_count", "Delays", "count", "down", "deal", "coalesce(sum(delays) filter (where in_period), 0)",
        "How often the close dates of these deals were moved to any later day, seen export by export.",
        rivals="Moves into a later fiscal quarter: pushes.", additive=True, group="Close dates",
    ),
    Metric(
        "pushed_deals", "Pushed deals", "count", "down", "deal",
        "count(*) filter (where status = 'open' and in_period and pushes >= 2)",
        "Open deals whose close date was moved into a later quarter twice or more.", additive=True, group="Close dates",
    ),
    Metric(
        "due_amount", "Due at the start", "money", "neither", "due", "coalesce(sum(amount), 0)",
        "Amount of the deals that were open on the first day of the period and due in it. Without a period, of every "
        "fiscal quarter whose first day the exports cover.", additive=True, group="Close dates",
    ),
    Metric(
        "slipped_amount", "Slipped", "money", "down", "due", "coalesce(sum(amount) filter (where slipped), 0)",
        "Of what was due at the start of the period, the amount whose close date now lies beyond it.",
        additive=True, group="Close dates",
    ),
    Metric(
        "due_deals", "Deals due at the start", "count", "neither", "due", "count(*)",
        "Deals that were open on the first day of the period and due in it.", additive=True, group="Close dates",
    ),
    Metric(
        "slipped_deals", "Slipped deals", "count", "down", "due", "count(*) filter (where slipped)",
        "Of the deals due at the start of the period, those whose close date now lies beyond it.",
        additive=True, group="Close dates",
    ),
    Metric(
        "slip_rate", "Slip rate", "percent", "down", "derived", "ratio(slipped_amount, due_amount)",
        "Value due in the period at its start and since moved beyond it ÷ value due at its start.",
        ("slipped_amount", "due_amount", "due_deals"), "By number of deals: slip rate by count.", "due_deals",
        group="Close dates", source="our definition",
    ),
    Metric(
        "slip_rate_count", "Slip rate by count", "percent", "down", "derived", "ratio(slipped_deals, due_deals)",
        "Deals due in the period at its start and since moved beyond it ÷ deals due at its start.",
        ("slipped_deals", "due_deals"), "By value: slip rate.", "due_deals", group="Close dates",
        source="our definition",
    ),
)  # fmt: skip
