"""Importable tables: deals and what they refer to."""

from __future__ import annotations

from typing import Final

from tas_analytics.store.shape import Column, Table

OPPORTUNITIES: Final = Table(
    "opportunities",
    "opportunity",
    "Opportunities",
    "Deals. Each export adds what it saw to the deal's history.",
    ("opportunity_id",),
    (
        Column(
            "opportunity_id",
            "text",
            "Opportunity ID",
            "The CRM's identifier. Without one, account, name and created date identify the deal.",
        ),
        Column("name", "text", "Name", "What the deal is called. Without one, account and product name it."),
        Column("account", "text", "Account", "The customer, as named in the accounts table."),
        Column("owner", "text", "Owner", "The person responsible, as named in the people table."),
        Column("product", "text", "Product", "The main product, as named in the products table."),
        Column("pipeline", "text", "Pipeline", "The sales process that the stage belongs to, where there are several."),
        Column("stage", "text", "Stage", "The step of the sales process, or won or lost.", required=True),
        Column(
            "status",
            "text",
            "CRM status",
            "Open, won or lost, where the CRM says so beside the stage; it tells what the stage means.",
        ),
        Column(
            "last_open_stage",
            "text",
            "Last open stage",
            "The stage that a closed deal was in before it closed, where the CRM keeps it.",
        ),
        Column("amount", "money", "Amount", "The deal's value in its own currency."),
        Column("currency", "text", "Currency", "ISO 4217 code of the amount. Blank means the reporting currency."),
        Column("probability", "percent", "CRM probability", "The probability that the CRM gives, kept beside ours."),
        Column("close_date", "date", "Close date", "Expected close of an open deal, actual close of a closed one."),
        Column("created_date", "date", "Created date", "The day on which the deal was opened."),
        Column("stage_entered", "date", "Stage entered", "The day on which the deal entered its present stage."),
        Column("forecast_category", "text", "Forecast category", "Omitted, pipeline, best case, commit or closed."),
        Column("segment", "text", "Segment", "Market segment of the deal. Blank takes the account's."),
        Column("region", "text", "Region", "Sales region of the deal. Blank takes the owner's."),
        Column("source", "text", "Lead source", "Where the deal came from."),
        Column("type", "text", "Type", "New business, expansion, renewal or the company's own types."),
        Column("next_step", "text", "Next step", "What happens next, in the owner's words."),
        Column("last_activity", "date", "Last activity", "The day of the latest recorded activity."),
        Column("lost_reason", "text", "Loss reason", "Why the deal was lost."),
    ),
)

ACCOUNTS: Final = Table(
    "accounts",
    "account",
    "Accounts",
    "Customers and prospects.",
    ("account",),
    (
        Column("account", "text", "Account", "The customer's name, the same as in the opportunities.", required=True),
        Column("industry", "text", "Industry", "The customer's line of business."),
        Column("segment", "text", "Segment", "Market segment, such as enterprise or mid-market."),
        Column("region", "text", "Region", "Sales region that the account belongs to."),
        Column("country", "text", "Country", "Country of the head office."),
        Column("employees", "integer", "Employees", "Number of employees."),
        Column(
            "annual_revenue", "number", "Annual revenue", "The customer's yearly revenue, in the export's own unit."
        ),
        Column("parent", "text", "Parent account", "The account that owns this one, by name or ID."),
        Column("account_id", "text", "Account ID", "The CRM's identifier, by which deals may name the account."),
    ),
)

PEOPLE: Final = Table(
    "people",
    "person",
    "People and teams",
    "Sellers and their managers; gives owner, manager, team and region of every deal.",
    ("person",),
    (
        Column(
            "person", "text", "Person", "The seller's name, the same as the owner of the opportunities.", required=True
        ),
        Column("manager", "text", "Manager", "The person that this one reports to, by name or ID."),
        Column("team", "text", "Team", "The team's name."),
        Column("region", "text", "Region", "The sales region."),
        Column("email", "text", "E-mail", "Work address."),
        Column("title", "text", "Title", "Job title."),
        Column("person_id", "text", "Person ID", "The CRM's identifier, by which deals may name their owner."),
    ),
)

PRODUCTS: Final = Table(
    "products",
    "product",
    "Products",
    "What is sold.",
    ("product",),
    (
        Column("product", "text", "Product", "The product's name, the same as in the opportunities.", required=True),
        Column("family", "text", "Family", "Product family or series."),
        Column("list_price", "money", "List price", "Price before discount, in the reporting currency."),
        Column("product_id", "text", "Product ID", "The CRM's identifier, by which deals may name the product."),
    ),
)

TARGETS: Final = Table(
    "targets",
    "target",
    "Targets",
    "Quota per period for a person or a team. A manager's target is not added to those of the people under it.",
    ("period", "person", "team"),
    (
        Column("period", "period", "Period", "Fiscal quarter (2026Q3), month (2026-07) or year (2026).", required=True),
        Column("person", "text", "Person", "Whose target it is. Leave blank for a team's."),
        Column("team", "text", "Team", "Which team's target it is. Leave blank for a person's."),
        Column("amount", "money", "Amount", "The target, in the reporting currency.", required=True),
    ),
)

RATES: Final = Table(
    "rates",
    "rate",
    "Currency rates",
    "What one unit of a currency is worth in the reporting currency, from a day on.",
    ("currency", "date"),
    (
        Column("currency", "text", "Currency", "ISO 4217 code.", required=True),
        Column("date", "date", "Date", "The first day on which the rate holds.", required=True),
        Column("rate", "number", "Rate", "Reporting currency for one unit.", required=True),
    ),
)

STAGES: Final = Table(
    "stages",
    "stage",
    "Stages",
    "The steps of the sales process in their order.",
    ("pipeline", "stage"),
    (
        Column("pipeline", "text", "Pipeline", "The sales process it belongs to. Blank: any that has no stage list."),
        Column("stage", "text", "Stage", "The name, the same as in the opportunities.", required=True),
        Column(
            "position", "number", "Order", "Stages are shown from the smallest number to the largest.", required=True
        ),
        Column(
            "probability", "percent", "Probability", "Chance of winning that the weighted pipeline uses.", required=True
        ),
        Column("status", "text", "Status", "open, won or lost.", required=True),
        Column("planned_days", "integer", "Planned days", "How long a deal should stay in the stage."),
        Column("stage_id", "text", "Stage ID", "The CRM's identifier, by which deals may name the stage."),
    ),
)
