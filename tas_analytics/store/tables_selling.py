"""Importable tables: a deal's past, its parts, the people who sell it and what they promise."""

from __future__ import annotations

from typing import Final

from tas_analytics.store.shape import Column, Table

HISTORY: Final = Table(
    "history",
    "change",
    "History of deals",
    "What a deal was at an earlier time: the history tables of a CRM, stage dates, field changes.",
    ("opportunity_id", "changed_at", "pipeline", "stage", "field"),
    (
        Column("opportunity_id", "text", "Opportunity ID", "The deal, by its ID or its unique name.", required=True),
        Column("changed_at", "timestamp", "Changed at", "When it became so.", required=True),
        Column("left_at", "timestamp", "Left at", "When the stage was left, where the export says so."),
        Column("stayed", "duration", "Time in stage", "How long the stage lasted, where the export says so."),
        Column("changed_by", "text", "Changed by", "Who changed it."),
        Column("pipeline", "text", "Pipeline", "Pipeline from then on."),
        Column("stage", "text", "Stage", "Stage from then on."),
        Column("from_stage", "text", "From stage", "Stage until then."),
        Column("amount", "money", "Amount", "Amount from then on."),
        Column("from_amount", "money", "From amount", "Amount until then."),
        Column("currency", "text", "Currency", "ISO 4217 code of the amounts."),
        Column("probability", "percent", "CRM probability", "Probability from then on."),
        Column("close_date", "date", "Close date", "Close date from then on."),
        Column("from_close_date", "date", "From close date", "Close date until then."),
        Column("forecast_category", "text", "Forecast category", "Category from then on."),
        Column("from_forecast_category", "text", "From forecast category", "Category until then."),
        Column("owner", "text", "Owner", "Owner from then on, by name or ID."),
        Column("from_owner", "text", "From owner", "Owner until then, by name or ID."),
        Column("next_step", "text", "Next step", "Next step from then on."),
        Column("field", "text", "Field", "The field that changed, where it is none of the others."),
        Column("old_value", "text", "Old value", "Its value until then."),
        Column("new_value", "text", "New value", "Its value from then on."),
        Column("change_id", "text", "Change ID", "The CRM's identifier of the change."),
    ),
    own_id="change_id",
)

REVENUE_LINES: Final = Table(
    "revenue_lines",
    "revenue_line",
    "Revenue lines",
    "The products of a deal, line by line.",
    (
        "opportunity_id",
        "product",
        "date",
    ),
    (
        Column("opportunity_id", "text", "Opportunity ID", "The deal, by its ID or its unique name.", required=True),
        Column("product", "text", "Product", "What is offered.", required=True),
        Column("quantity", "number", "Quantity", "How many."),
        Column("unit_price", "money", "Unit price", "Price of one."),
        Column("amount", "money", "Amount", "Value of the line in the deal's currency."),
        Column("currency", "text", "Currency", "ISO 4217 code. Blank: the deal's."),
        Column("probability", "percent", "Probability", "Chance of winning this line."),
        Column("stage", "text", "Stage", "Sales stage of the line."),
        Column("date", "date", "Date", "The day of the revenue or delivery."),
        Column("note", "text", "Note", "Free text."),
        Column("line_id", "text", "Line ID", "The CRM's identifier."),
    ),
    own_id="line_id",
)

PARTNERS: Final = Table(
    "partners",
    "partner",
    "Partners",
    "Partner companies, and the deals on which they sell with us.",
    (
        "opportunity_id",
        "partner",
    ),
    (
        Column(
            "opportunity_id",
            "text",
            "Opportunity ID",
            "The deal, by its ID or its unique name. Blank: it tells of the partner itself.",
        ),
        Column("partner", "text", "Partner", "The partner company.", required=True),
        Column(
            "role",
            "text",
            "Role",
            "Solutions, marketing, sales, implementation, post-sales service or the company's own roles.",
        ),
        Column("contact", "text", "Contact", "The person at the partner."),
        Column("channel_manager", "text", "Channel manager", "Who looks after the partner on our side."),
        Column("brought", "boolean", "Brought the deal", "Whether the partner brought it."),
        Column("share", "percent", "Share", "The partner's share of the revenue."),
        Column("region", "text", "Region", "Where the partner works."),
        Column("since", "date", "Since", "The day from which it takes part."),
        Column("note", "text", "Note", "Free text."),
    ),
)

SALES_TEAMS: Final = Table(
    "sales_teams",
    "team_member",
    "Sales teams",
    "Who works on a deal beside its owner.",
    (
        "opportunity_id",
        "person",
    ),
    (
        Column("opportunity_id", "text", "Opportunity ID", "The deal, by its ID or its unique name.", required=True),
        Column("person", "text", "Person", "The member, by name or ID.", required=True),
        Column("role", "text", "Role", "What the person does on the deal."),
        Column("is_primary", "boolean", "Primary", "Whether the person leads the team."),
        Column("partner", "text", "Partner", "The partner company, where the person is not ours."),
        Column("split", "percent", "Split", "Share of the credit."),
        Column("since", "date", "Since", "The day of joining."),
    ),
)

FORECAST_CALLS: Final = Table(
    "forecast_calls",
    "forecast_call",
    "Forecast calls",
    "What a person said would close in a period.",
    (
        "period",
        "person",
        "category",
        "submitted_on",
    ),
    (
        Column("period", "period", "Period", "Fiscal quarter (2026Q3), month (2026-07) or year (2026).", required=True),
        Column("person", "text", "Person", "Whose call it is.", required=True),
        Column("category", "text", "Category", "Commit, best case, pipeline or the company's own categories."),
        Column("amount", "money", "Amount", "The call, in the reporting currency.", required=True),
        Column("submitted_on", "date", "Submitted on", "The day of the call. Blank: the day of the export."),
        Column("reason", "text", "Reason", "Why."),
        Column("author", "text", "Author", "Who submitted it, where it is not the person."),
    ),
)
