"""Metrics of amounts, counts and rates: one row per deal, or combinations of those.

Column names used in the SQL are those of the ``deal`` relation: ``amount`` (reporting currency),
``status``, ``in_period`` (close date in the period), ``created_in_period``, ``stage_probability``,
``crm_probability``, ``days_to_close``, ``pushes``, ``delays``, ``is_stalled``, ``category``.
"""

from __future__ import annotations

from typing import Final

from tas_analytics.metrics.metric import Better, Metric, Unit


def _sum(column: str, where: str) -> str:
    return f"coalesce(sum({column}) filter (where {where}), 0)"


def _count(where: str) -> str:
    return f"count(*) filter (where {where})"


def _deal(
    key: str, label: str, unit: Unit, better: Better, sql: str, doc: str, rivals: str = "", group: str = "Pipeline"
) -> Metric:
    return Metric(key, label, unit, better, "deal", sql, doc, rivals=rivals, additive=True, group=group)


_OPEN: Final = "status = 'open' and in_period"
_WON: Final = "status = 'won' and in_period"
_LOST: Final = "status = 'lost' and in_period"

PIPELINE: Final = (
    _deal("deals", "Deals", "count", "neither", _count("in_period"), "Deals of any status that close in the period."),
    _deal("open_deals", "Open deals", "count", "neither", _count(_OPEN),
          "Open deals whose close date lies in the period."),
    _deal("won_deals", "Won deals", "count", "up", _count(_WON), "Deals won with a close date in the period."),
    _deal("lost_deals", "Lost deals", "count", "down", _count(_LOST), "Deals lost with a close date in the period."),
    _deal("created_deals", "Created deals", "count", "up", _count("created_in_period"), "Deals opened in the period."),
    _deal(
        "open_pipeline",
        "Open pipeline",
        "money",
        "up",
        _sum("amount", _OPEN),
        "Sum of the amounts of open deals that close in the period.",
        rivals="Some tools count deals by the day they were created; here the close date decides.",
    ),
    _deal(
        "weighted_pipeline",
        "Weighted pipeline",
        "money",
        "up",
        _sum("amount * stage_probability", _OPEN),
        "Open pipeline with each deal counted at the probability of its stage.",
        rivals="The CRM's own probability gives the CRM-weighted pipeline, kept beside it. Odoo calls this prorated "
        "revenue.",
    ),
    _deal(
        "crm_weighted_pipeline",
        "CRM-weighted pipeline",
        "money",
        "up",
        _sum("amount * crm_probability", _OPEN),
        "Open pipeline with each deal counted at the probability that the CRM gives.",
        rivals="See weighted pipeline, which uses the stage's probability.",
    ),
    _deal("created_amount", "Created pipeline", "money", "up", _sum("amount", "created_in_period"),
          "Amount today of the deals opened in the period."),
    _deal("won_amount", "Won", "money", "up", _sum("amount", _WON),
          "Amount of the deals won with a close date in the period."),
    _deal("lost_amount", "Lost", "money", "down", _sum("amount", _LOST),
          "Amount of the deals lost with a close date in the period."),
    Metric(
        "win_rate",
        "Win rate",
        "percent",
        "up",
        "derived",
        "ratio(won_deals, won_deals + lost_deals)",
        "Won ÷ (won + lost), by number of deals closed in the period.",
        ("won_deals", "lost_deals", "closed_deals"),
        "By value: value win rate. Of all deals created, open ones counted: cohort win rate.",
        "closed_deals",
        source="Oracle, Dynamics",
    ),
    Metric(
        "value_win_rate",
        "Value win rate",
        "percent",
        "up",
        "derived",
        "ratio(won_amount, won_amount + lost_amount)",
        "Won ÷ (won + lost), by amount of the deals closed in the period.",
        ("won_amount", "lost_amount", "closed_deals"),
        "By number of deals: win rate.",
        "closed_deals",
        source="Oracle, Dynamics",
    ),
    _deal("closed_deals", "Closed deals", "count", "neither", _count("status <> 'open' and in_period"),
          "Deals won or lost with a close date in the period."),
    _deal("created_won_deals", "Won of those created", "count", "up", _count("status = 'won' and created_in_period"),
          "Deals opened in the period that are won by now."),
    Metric(
        "cohort_win_rate",
        "Cohort win rate",
        "percent",
        "up",
        "derived",
        "ratio(created_won_deals, created_deals)",
        "Share of the deals created in the period that are won by now; deals still open count as not won.",
        ("created_won_deals", "created_deals"),
        "The win rate leaves open deals out; this one is low while a cohort is young.",
        "created_deals",
        source="Varicent",
    ),
    Metric(
        "average_won",
        "Average won deal",
        "money",
        "up",
        "deal",
        f"avg(amount) filter (where {_WON})",
        "Mean amount of the deals won in the period; deals without an amount are left out.",
        base="won_deals",
    ),
    Metric(
        "average_open",
        "Average open deal",
        "money",
        "neither",
        "deal",
        f"avg(amount) filter (where {_OPEN})",
        "Mean amount of the open deals that close in the period; deals without an amount are left out.",
        base="open_deals",
    ),
    Metric(
        "days_to_win",
        "Days to win",
        "days",
        "down",
        "deal",
        f"avg(days_to_close) filter (where {_WON} and days_to_close >= 0)",
        "Mean days from created to close of the deals won in the period.",
        base="won_deals",
    ),
    Metric(
        "sales_velocity",
        "Sales velocity",
        "money per day",
        "up",
        "derived",
        "ratio(open_deals * average_won * win_rate, days_to_win)",
        "Open deals × average won deal × win rate ÷ days to win: what the pipeline yields a day at the present pace.",
        ("open_deals", "average_won", "win_rate", "days_to_win"),
    ),
    Metric(
        "target",
        "Target",
        "money",
        "neither",
        "target",
        "sum(amount)",
        "Targets of the people or teams in scope for the period. A manager's target is left out where people under "
        "that manager have their own; a team's where its people have their own; a year's where its quarters are given.",
        group="Targets",
    ),
    Metric(
        "attainment",
        "Attainment",
        "percent",
        "up",
        "derived",
        "ratio(won_amount, target)",
        "Won ÷ target in the period.",
        ("won_amount", "target"),
        group="Targets",
    ),
    Metric(
        "gap",
        "Gap to target",
        "money",
        "down",
        "derived",
        "target - won_amount",
        "Target − won in the period; below zero the target is passed.",
        ("target", "won_amount"),
        group="Targets",
    ),
    Metric(
        "coverage",
        "Coverage",
        "ratio",
        "up",
        "derived",
        "case when target - won_amount > 0 then ratio(open_pipeline, target - won_amount) end",
        "Open pipeline closing in the period ÷ (target − won). Blank where the target is reached or none is set.",
        ("open_pipeline", "target", "won_amount"),
        "Some tools divide by the whole target, which flatters late in the period.",
        group="Targets",
        source="Salesforce",
    ),
    Metric(
        "needed_coverage",
        "Needed coverage",
        "ratio",
        "neither",
        "derived",
        "ratio(1, value_win_rate)",
        "1 ÷ value win rate: the coverage at which the target is just met at the present rate.",
        ("value_win_rate",),
        group="Targets",
        source="Salesforce",
    ),
    *(
        _deal(
            f"category_{key}",
            f"{label} category",
            "money",
            "up",
            _sum("amount", f"{_OPEN} and coalesce(category, 'pipeline') = '{key}'"),
            f"Open deals closing in the period that their owners put in the category {label.lower()}"
            + (", or in none." if key == "pipeline" else "."),
            rivals=f"Cumulative: {cumulative}.",
            group="Forecast categories",
        )
        for key, label, cumulative in (
            ("omitted", "Omitted", "omitted deals count in no cumulative figure"),
            ("pipeline", "Pipeline", "won + commit + best case + pipeline is “pipeline, cumulative”"),
            ("best_case", "Best case", "won + commit + best case is “best case, cumulative”"),
            ("commit", "Commit", "won + commit is “commit, cumulative”"),
        )
    ),
    Metric("commit_cumulative", "Commit, cumulative", "money", "up", "derived", "won_amount + category_commit",
           "Won + commit in the period.", ("won_amount", "category_commit"), "Exclusive: commit category.",
           additive=True, group="Forecast categories"),
    Metric("best_case_cumulative", "Best case, cumulative", "money", "up", "derived",
           "won_amount + category_commit + category_best_case", "Won + commit + best case in the period.",
           ("won_amount", "category_commit", "category_best_case"), "Exclusive: best case category.",
           additive=True, group="Forecast categories"),
    Metric("pipeline_cumulative", "Pipeline, cumulative", "money", "up", "derived",
           "won_amount + category_commit + category_best_case + category_pipeline",
           "Won + commit + best case + pipeline in the period.",
           ("won_amount", "category_commit", "category_best_case", "category_pipeline"),
           "Exclusive: pipeline category.", additive=True, group="Forecast categories"),
    *(
        Metric(
            f"top_{n}_share",
            f"Top {n} share" if n > 1 else "Largest deal's share",
            "percent",
            "down",
            "deal",
            f"ratio(list_sum(max(amount, {n}) filter (where {_OPEN})), sum(amount) filter (where {_OPEN}))",
            f"Share of the open pipeline of the period in its {n} largest deals." if n > 1
            else "Share of the open pipeline of the period in its largest deal.",
            base="open_deals",
            group="Risk",
        )
        for n in (1, 5, 10)
    ),
    _deal("overdue_deals", "Overdue deals", "count", "down", _count(f"{_OPEN} and is_overdue"),
          "Open deals whose close date is past.", group="Risk"),
    _deal("overdue_pipeline", "Overdue pipeline", "money", "down", _sum("amount", f"{_OPEN} and is_overdue"),
          "Amount of the open deals whose close date is past.", group="Risk"),
    _deal("stalled_deals", "Stalled deals", "count", "down", _count(f"{_OPEN} and is_stalled"),
          "Open deals that have been in their stage for longer than its stall line.", group="Risk"),
    _deal("stalled_pipeline", "Stalled pipeline", "money", "down", _sum("amount", f"{_OPEN} and is_stalled"),
          "Amount of the open deals that have been in their stage for longer than its stall line.", group="Risk"),
)  # fmt: skip
