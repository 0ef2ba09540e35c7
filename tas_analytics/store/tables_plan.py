"""Importable tables: what a company plans and watches its deals by, each with a default that it may change."""

from __future__ import annotations

from typing import Final

from tas_analytics.store.shape import Column, Table

MILESTONE_CATALOGUE: Final = Table(
    "milestone_catalogue",
    "milestone_type",
    "Milestone catalogue",
    "The milestones that deals are planned by, in their order. A row changes the one of its code or name in the "
    "default catalogue, or adds one.",
    ("milestone",),
    (
        Column("code", "text", "Code", "A short name that never changes. Blank: made of the name."),
        Column("milestone", "text", "Milestone", "What it is called.", required=True),
        Column(
            "kind",
            "text",
            "Kind",
            "Milestone, customer event, stage outcome (at the end of a stage) or verifiable outcome.",
        ),
        Column("position", "number", "Order", "Milestones are shown from the smallest number to the largest."),
        Column("stage", "text", "Stage", "The stage that it belongs to."),
        Column(
            "planned_days", "integer", "Planned days", "Days from entering that stage by which it should be reached."
        ),
        Column("mandatory", "boolean", "Mandatory", "Whether the stage is not done without it."),
        Column("synonyms", "text", "Other names", "Other names in exports, separated by semicolons."),
        Column("about", "text", "Meaning", "What it means, in a sentence."),
        Column("in_use", "boolean", "In use", "Whether it is offered for new deals."),
    ),
    own_id="code",
)

CRITERIA: Final = Table(
    "criteria",
    "criterion",
    "Criteria",
    "The 20 criteria of the assessment as the company wants them. A row changes the default one of its number or name; "
    "what it leaves blank stays as it is.",
    ("criterion",),
    (
        Column("criterion", "text", "Criterion", "Number 1 to 20, or its name.", required=True),
        Column("short", "text", "Short name", "The favourable side in two or three words, for headings."),
        Column("favourable", "text", "Favourable pole", "What + means."),
        Column("unfavourable", "text", "Unfavourable pole", "What - means."),
        Column("weight", "number", "Weight", "How much it counts in the assessment; 1 unless changed, 0 not at all."),
        Column("ask", "text", "Questions", "The questions that find it out, separated by a vertical bar."),
        Column("whom", "text", "Whom to ask", "Who can answer them."),
        Column(
            "threshold",
            "number",
            "Threshold",
            "16: order amount from which + is proposed. 17: other business with the account. 18: margin, as a share.",
        ),
        Column("within_days", "integer", "Within days", "16: days until the close. 17: days around today that count."),
    ),
)

ACTIVITY_PLANS: Final = Table(
    "activity_plans",
    "plan_step",
    "Activity plans",
    "The activities that a milestone brings along. Rows for a milestone replace its default plan.",
    (
        "milestone",
        "subject",
    ),
    (
        Column("step_id", "text", "Step ID", "Identifies the activity in its plan, so that its text can change."),
        Column("milestone", "text", "Milestone", "The milestone that brings it.", required=True),
        Column("subject", "text", "Activity", "What is to be done.", required=True),
        Column("type", "text", "Type", "Call, meeting, e-mail, to do, note or the company's own types."),
        Column("display", "text", "Display in", "Calendar and activity, activity, or to do."),
        Column("lead_days", "integer", "Lead days", "So many days before the milestone's target date it is due."),
        Column("owner", "text", "Owner", "Author (who adds the milestone), deal owner, manager, or a person's name."),
        Column("resources", "text", "Resources", "What it takes."),
        Column("priority", "text", "Priority", "How urgent it is."),
        Column("position", "number", "Order", "Activities are shown from the smallest number to the largest."),
        Column("in_use", "boolean", "In use", "Whether it is suggested."),
    ),
    own_id="step_id",
)

WARNING_SIGNALS: Final = Table(
    "warning_signals",
    "warning_signal",
    "Warning signals",
    "The signs of losing control that deals are checked for. A row changes the one of its code or name in the default "
    "list, or adds one.",
    ("signal",),
    (
        Column("code", "text", "Code", "A short name that never changes. Blank: made of the name."),
        Column("signal", "text", "Signal", "What it is called.", required=True),
        Column("about", "text", "About", "Customer, contest or us."),
        Column("ask", "text", "Question", "The question that finds it."),
        Column("position", "number", "Order", "Signals are shown from the smallest number to the largest."),
        Column("in_use", "boolean", "In use", "Whether deals are checked for it."),
    ),
    own_id="code",
)

WARNINGS: Final = Table(
    "warnings",
    "deal_warning",
    "Warnings",
    "Warning signals that were seen in a deal.",
    (
        "opportunity_id",
        "signal",
    ),
    (
        Column("opportunity_id", "text", "Opportunity ID", "The deal, by its ID or its unique name.", required=True),
        Column("signal", "text", "Signal", "The warning signal, by its code or its name.", required=True),
        Column("holds", "boolean", "Holds", "Whether it still holds; blank means yes."),
        Column("seen_on", "date", "Seen on", "The day on which it was seen. Blank: the day of the export."),
        Column("author", "text", "Author", "Who saw it."),
        Column("note", "text", "Note", "What was seen."),
    ),
)
