"""Metrics of the opportunity assessment: what is known of the deals, and how we compare.

Column names in the SQL are those of the relations ``rating`` and ``duel``: those of the ``deal`` relation, and
``criterion``, ``score`` (1, 0 or -1, blank if never rated), ``weight``, ``competitor`` and ``net``.
"""

from __future__ import annotations

from typing import Final

from tas_analytics.metrics.metric import Better, Metric

_OPEN: Final = "status = 'open' and in_period"
_GROUP: Final = "Assessment"


def _count(key: str, label: str, better: Better, where: str, doc: str) -> Metric:
    return Metric(
        key, label, "count", better, "rating", f"count(*) filter (where {_OPEN} and {where})", doc, additive=True,
        group=_GROUP,
    )  # fmt: skip


ASSESSMENT: Final = (
    Metric(
        "assessed_deals", "Assessed deals", "count", "up", "rating",
        f"count(distinct deal_key) filter (where {_OPEN})",
        "Open deals that close in the period and have at least one rating of ours.",
        group=_GROUP,
    ),
    Metric(
        "assessed_share", "Assessed share", "percent", "up", "derived", "ratio(assessed_deals, open_deals)",
        "Share of the open deals that close in the period which have at least one rating of ours.",
        ("assessed_deals", "open_deals"), base="open_deals", group=_GROUP,
    ),
    _count("ratings_asked", "Ratings asked", "neither", "true",
           "Criteria of the assessed open deals: 20 for each deal."),
    _count("ratings_known", "Ratings known", "up", "score <> 0",
           "Of the criteria of assessed open deals, those that we have rated + or −."),
    _count("ratings_unknown", "Ratings unknown", "down", "coalesce(score, 0) = 0",
           "Of the criteria of assessed open deals, those rated ? or never rated."),
    _count("ratings_favourable", "Ratings favourable", "up", "score = 1",
           "Of the criteria of assessed open deals, those that we have rated +."),
    Metric(
        "known_share", "Known share", "percent", "up", "derived", "ratio(ratings_known, ratings_asked)",
        "Ratings other than ? ÷ 20, over the assessed open deals; what was never rated is unknown too.",
        ("ratings_known", "ratings_asked"), base="ratings_asked", group=_GROUP, source="METHOD: known or unknown",
    ),
    Metric(
        "favourable_share", "Favourable share", "percent", "up", "derived",
        "ratio(ratings_favourable, ratings_known)",
        "Ratings of + ÷ ratings of + or −, over the assessed open deals: of what is known, how much speaks for us.",
        ("ratings_favourable", "ratings_known"), base="ratings_known", group=_GROUP,
    ),
    Metric(
        "assessment_score", "Assessment score", "percent", "up", "rating",
        f"ratio(sum(weight * coalesce(score, 0)) filter (where {_OPEN}), sum(weight) filter (where {_OPEN}))",
        "Σ weight × score ÷ Σ weight × best score over the assessed open deals: + scores 1, ? scores 0, − scores −1. "
        "So 100 % is all favourable, and −100 % all unfavourable. The weights are the company's.",
        rivals="Some templates score from 0 up, so that an unknown rating and an unfavourable one look alike.",
        base="assessed_deals", group=_GROUP, source="Siebel assessment templates",
    ),
    Metric(
        "met_deals", "Deals compared", "count", "neither", "duel", "count(distinct deal_key) filter (where in_period)",
        "Deals of any status that close in the period and in which both we and a competitor are rated.",
        group=_GROUP,
    ),
    Metric(
        "net_advantage", "Net advantage", "ratio", "up", "duel", "avg(net) filter (where in_period)",
        "Our score less the competitor's, on average over the deals and criteria on which both of us are rated: from "
        "−2, they have + and we −, to 2. A ? scores 0.",
        base="met_deals", group=_GROUP, source="METHOD: position against a competitor",
    ),
)  # fmt: skip
