"""Importable tables: what the method asks about a deal."""

from __future__ import annotations

from typing import Final

from tas_analytics.store.shape import Column, Table

MILESTONES: Final = Table(
    "milestones",
    "milestone",
    "Milestones",
    "Formal steps of the customer on the way to a decision, planned and achieved.",
    (
        "opportunity_id",
        "milestone",
    ),
    (
        Column("opportunity_id", "text", "Opportunity ID", "The deal, by its ID or its unique name.", required=True),
        Column("milestone", "text", "Milestone", "The event, such as NDA received.", required=True),
        Column("description", "text", "Description", "What it means for this deal."),
        Column("contact", "text", "Customer contact", "The person at the customer who is responsible for it."),
        Column("stage", "text", "Stage", "The stage that it belongs to."),
        Column("target_date", "date", "Target date", "The day by which it should be reached."),
        Column("achieved_date", "date", "Achieved date", "The day on which it was reached; blank while it is not."),
        Column("evidence", "text", "Evidence", "What proves it."),
        Column("milestone_id", "text", "Milestone ID", "The CRM's identifier."),
    ),
    own_id="milestone_id",
)

ACTIVITIES: Final = Table(
    "activities",
    "activity",
    "Activities",
    "What people did or plan to do for a deal: calls, meetings, tasks, notes.",
    (
        "opportunity_id",
        "type",
        "subject",
        "owner",
        "start_date",
        "due_date",
    ),
    (
        Column(
            "opportunity_id",
            "text",
            "Opportunity ID",
            "The deal, by its ID or its unique name. Blank: it belongs to the account.",
        ),
        Column("account", "text", "Account", "The customer."),
        Column("subject", "text", "Subject", "What it is about."),
        Column("type", "text", "Type", "Call, meeting, e-mail, to do, note or the company's own types."),
        Column("display", "text", "Display in", "Calendar and activity, activity, or to do."),
        Column("milestone", "text", "Milestone", "The milestone that it works towards."),
        Column("owner", "text", "Owner", "Who does it."),
        Column("created_by", "text", "Created by", "Who entered it."),
        Column("contact", "text", "Contact", "The person at the customer."),
        Column("resources", "text", "Resources", "What it takes."),
        Column("status", "text", "Status", "Planned, in progress, done or the company's own states."),
        Column("priority", "text", "Priority", "How urgent it is."),
        Column("start_date", "timestamp", "Start", "When it begins."),
        Column("due_date", "date", "Due date", "The day by which it should be done."),
        Column("done_date", "date", "Done on", "The day on which it was done."),
        Column("created_date", "date", "Created date", "The day on which it was entered."),
        Column("note", "text", "Note", "Free text."),
        Column("activity_id", "text", "Activity ID", "The CRM's identifier."),
    ),
    own_id="activity_id",
)

ATTRIBUTES: Final = Table(
    "attributes",
    "attribute",
    "Attributes",
    "Anything else that is known of a deal, one row for each attribute: budget cycle, funding, company size.",
    (
        "opportunity_id",
        "attribute",
    ),
    (
        Column("opportunity_id", "text", "Opportunity ID", "The deal, by its ID or its unique name.", required=True),
        Column("attribute", "text", "Attribute", "What it is, such as Funding.", required=True),
        Column("value", "text", "Value", "Its value as text."),
    ),
)

ASSESSMENTS: Final = Table(
    "assessments",
    "assessment",
    "Assessments",
    "Ratings of a deal on the 20 criteria, for us and for each competitor; the same deal is assessed again and again.",
    (
        "opportunity_id",
        "competitor",
        "criterion",
        "assessed_on",
    ),
    (
        Column("opportunity_id", "text", "Opportunity ID", "The deal, by its ID or its unique name.", required=True),
        Column("competitor", "text", "Competitor", "Who is rated. Blank: we are."),
        Column("criterion", "text", "Criterion", "Number 1 to 20, or its name.", required=True),
        Column("rating", "text", "Rating", "+ favourable, - unfavourable, ? unknown.", required=True),
        Column("assessed_on", "date", "Assessed on", "The day of the assessment. Blank: the day of the export."),
        Column("author", "text", "Author", "Who assessed it."),
        Column("evidence", "text", "Evidence", "What was said, by whom and when."),
    ),
)

COMPETITORS: Final = Table(
    "competitors",
    "competitor",
    "Competitors",
    "Who else wants the deal.",
    (
        "opportunity_id",
        "competitor",
    ),
    (
        Column(
            "opportunity_id",
            "text",
            "Opportunity ID",
            "The deal, by its ID or its unique name. Blank: it holds for all deals.",
        ),
        Column("competitor", "text", "Competitor", "Name of the competitor.", required=True),
        Column("product", "text", "Product", "What they offer."),
        Column("incumbent", "boolean", "Incumbent", "Whether they are in place at the customer."),
        Column("status", "text", "Status", "Short-listed, out, won or the company's own states."),
        Column("strengths", "text", "Strengths", "Where they are strong."),
        Column("weaknesses", "text", "Weaknesses", "Where they are weak."),
        Column("note", "text", "Note", "Free text."),
    ),
)

STRATEGIES: Final = Table(
    "strategies",
    "strategy",
    "Strategies",
    "The competitive strategy declared for a deal.",
    (
        "opportunity_id",
        "competitor",
        "declared_on",
    ),
    (
        Column("opportunity_id", "text", "Opportunity ID", "The deal, by its ID or its unique name.", required=True),
        Column(
            "strategy", "text", "Strategy", "Frontal, flanking, fragment, defend, develop or disengage.", required=True
        ),
        Column("variation", "text", "Variation", "Its variation, such as niche."),
        Column("competitor", "text", "Competitor", "Against whom."),
        Column("declared_on", "date", "Declared on", "The day on which it was declared. Blank: the day of the export."),
        Column("author", "text", "Author", "Who declared it."),
        Column("reason", "text", "Reason", "Why."),
    ),
)

CONTACTS: Final = Table(
    "contacts",
    "contact",
    "Contacts",
    "People at the customers.",
    (
        "account",
        "contact",
    ),
    (
        Column("contact", "text", "Contact", "The person's name.", required=True),
        Column("account", "text", "Account", "The customer, as named in the accounts table."),
        Column("title", "text", "Title", "Job title."),
        Column("department", "text", "Department", "Department."),
        Column("email", "text", "E-mail", "Work address."),
        Column("phone", "text", "Phone", "Telephone number."),
        Column("reports_to", "text", "Reports to", "The contact that this one reports to, by name or ID."),
        Column("contact_id", "text", "Contact ID", "The CRM's identifier."),
    ),
    own_id="contact_id",
)

CONTACT_MAP: Final = Table(
    "contact_map",
    "contact_role",
    "Organisation map",
    "What part each contact plays in a deal: role, stance, coverage, rank and influence.",
    (
        "opportunity_id",
        "account",
        "contact",
    ),
    (
        Column(
            "opportunity_id",
            "text",
            "Opportunity ID",
            "The deal, by its ID or its unique name. Blank: it holds for all deals of the account.",
        ),
        Column("account", "text", "Account", "The customer."),
        Column("contact", "text", "Contact", "The person, by name or ID.", required=True),
        Column(
            "buying_role",
            "text",
            "Buying role",
            "Approver A, decision-maker D, evaluator E, user U, sponsor S; several letters for several roles.",
        ),
        Column(
            "adaptability",
            "text",
            "Adaptability to change",
            "Innovator I, visionary V, pragmatist P, conservative C or laggard L.",
        ),
        Column("coverage", "text", "Coverage", "No contact, brief, multiple contacts or in-depth."),
        Column("status", "text", "Status towards us", "Enemy X, non-supporter -, neutral =, supporter + or mentor *."),
        Column("rank", "integer", "Rank", "Formal rank, 1 to 5."),
        Column("influence", "integer", "Influence", "Informal influence, 1 to 5."),
        Column("inner_circle", "boolean", "Inner circle", "Whether the person belongs to the inner circle."),
        Column("business_agenda", "text", "Business agenda", "How the person is measured."),
        Column("personal_agenda", "text", "Personal agenda", "How the person is rewarded."),
        Column("mapped_on", "date", "Mapped on", "The day of this judgement."),
        Column("note", "text", "Note", "Free text."),
    ),
)

INFLUENCE: Final = Table(
    "influence",
    "influence_line",
    "Influence lines",
    "Who listens to whom at a customer, across the lines of reporting.",
    (
        "opportunity_id",
        "account",
        "influencer",
        "influenced",
    ),
    (
        Column(
            "opportunity_id",
            "text",
            "Opportunity ID",
            "The deal, by its ID or its unique name. Blank: it holds for all deals of the account.",
        ),
        Column("account", "text", "Account", "The customer."),
        Column("influencer", "text", "Influencer", "The person whose word counts, by name or ID.", required=True),
        Column("influenced", "text", "Influenced", "The person who listens, by name or ID.", required=True),
        Column("strength", "integer", "Strength", "1 to 5."),
        Column("note", "text", "Note", "Free text."),
    ),
)
