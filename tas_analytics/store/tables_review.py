"""Importable tables: what the weekly review watches for, asks, and decides."""

from __future__ import annotations

from typing import Final

from tas_analytics.store.shape import Column, Table

RISK_RULES: Final = Table(
    "risk_rules",
    "risk_rule",
    "Risk rules",
    "When an open deal counts as at risk. A row changes the rule of its code or name in the default list, or adds one; "
    "what it leaves blank stays as it is.",
    ("rule",),
    (
        Column("code", "text", "Code", "A short name that never changes. Blank: made of the name."),
        Column("rule", "text", "Rule", "What it is called.", required=True),
        Column("measure", "text", "Measure", "What is measured of each open deal, such as days_past_close."),
        Column("comparison", "text", "Comparison", "At least or at most. Blank: at least."),
        Column("threshold", "number", "Threshold", "From which value on it is a risk; a share of 40 % is 0.4."),
        Column("category", "text", "Only in", "Forecast categories, separated by semicolons. Blank: all."),
        Column("from_probability", "percent", "From probability", "Only in stages of at least this probability."),
        Column("from_amount", "money", "From amount", "Only deals of at least this amount, in the reporting currency."),
        Column("why", "text", "Why", "Why it is a risk."),
        Column("mend", "text", "How to mend", "What ends it."),
        Column("ask", "text", "Question", "What to ask about it in the review."),
        Column("position", "number", "Order", "Rules are shown from the smallest number to the largest."),
        Column("in_use", "boolean", "In use", "Whether deals are checked by it."),
    ),
    own_id="code",
)


REVIEWS: Final = Table(
    "reviews",
    "review",
    "Reviews",
    "What was gone through in a weekly review, one row for each deal; a row without a deal is about the whole meeting.",
    (
        "held_on",
        "leader",
        "opportunity_id",
    ),
    (
        Column("held_on", "date", "Held on", "The day of the data that the review looked at.", required=True),
        Column("leader", "text", "Whose review", "The leader whose people were reviewed. Blank: everybody's."),
        Column(
            "opportunity_id",
            "text",
            "Opportunity ID",
            "The deal that was gone through, by its ID or its unique name. Blank: the meeting as a whole.",
        ),
        Column("note", "text", "Note", "What was said."),
        Column("seconds", "integer", "Seconds", "How long it took."),
        Column("author", "text", "Author", "Who kept the record."),
    ),
)

DECISIONS: Final = Table(
    "decisions",
    "decision",
    "Decisions",
    "What a review decided about a deal; the next one says whether it came true.",
    (
        "opportunity_id",
        "decided_on",
        "kind",
    ),
    (
        Column("opportunity_id", "text", "Opportunity ID", "The deal, by its ID or its unique name.", required=True),
        Column("decided_on", "date", "Decided on", "The day of the data on which it was decided.", required=True),
        Column(
            "kind",
            "text",
            "Kind",
            "keep_commit, move_out, move_in, hold_date, move_date, chase, reassess, close_lost or other.",
            required=True,
        ),
        Column("note", "text", "Note", "The decision in words."),
        Column("author", "text", "Author", "Who decided it."),
    ),
)

INSPECTION_ANSWERS: Final = Table(
    "inspection_answers",
    "inspection_answer",
    "Inspection answers",
    "What was answered to the questions that the tool asks about a deal.",
    (
        "opportunity_id",
        "question",
        "answered_on",
    ),
    (
        Column("opportunity_id", "text", "Opportunity ID", "The deal, by its ID or its unique name.", required=True),
        Column("question", "text", "Question", "The question's short name, such as date_past.", required=True),
        Column("answered_on", "date", "Answered on", "The day of the data to which the answer belongs.", required=True),
        Column("asked", "text", "As asked", "The question as it was worded."),
        Column("fact", "text", "Fact", "What raised it."),
        Column("answer", "text", "Answer", "What was answered. Blank: it was taken back."),
        Column("author", "text", "Author", "Who answered it."),
    ),
)
