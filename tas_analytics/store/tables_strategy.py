"""Importable tables: what the competitive strategy rests on, and the value that it promises."""

from __future__ import annotations

from typing import Final

from tas_analytics.store.shape import Column, Table

JUDGEMENTS: Final = Table(
    "judgements",
    "judgement",
    "Strategy judgements",
    "What ratings cannot say about a deal's strategy, answered by a person: three to one, "
    "criteria that can be changed, a part to win, a position to protect, a compelling event to create.",
    (
        "opportunity_id",
        "judgement",
        "judged_on",
    ),
    (
        Column("opportunity_id", "text", "Opportunity ID", "The deal, by its ID or its unique name.", required=True),
        Column(
            "judgement",
            "text",
            "Judgement",
            "three_to_one, criteria_changeable, winnable_subset, position_to_protect or event_creatable.",
            required=True,
        ),
        Column("answer", "text", "Answer", "Yes, no or unknown.", required=True),
        Column("judged_on", "date", "Judged on", "The day of the judgement. Blank: the day of the export."),
        Column("author", "text", "Author", "Who judged it."),
        Column("reason", "text", "Reason", "Why."),
    ),
)

VALUE_CHAIN: Final = Table(
    "value_chain",
    "value_argument",
    "Value chain",
    "From what drives the customer's business to the value that only we bring, one row for each line of argument.",
    (
        "opportunity_id",
        "argument",
    ),
    (
        Column("opportunity_id", "text", "Opportunity ID", "The deal, by its ID or its unique name.", required=True),
        Column("argument", "text", "Argument", "Its number or name. Blank: the deal has one."),
        Column("business_driver", "text", "Business driver", "What moves the customer's business."),
        Column("business_initiative", "text", "Business initiative", "What the customer does about it."),
        Column("solution", "text", "Solution", "What of ours makes the initiative work."),
        Column("differentiation", "text", "Differentiation", "What nobody else can do in its place."),
        Column("unique_value", "text", "Unique business value", "The result that the customer gets from us alone."),
        Column("confirmed_by", "text", "Confirmed by", "Who at the customer has said so."),
        Column("confirmed_on", "date", "Confirmed on", "The day on which they said so; blank while they have not."),
        Column("author", "text", "Author", "Who wrote it."),
    ),
)

VALUE_PROPOSITIONS: Final = Table(
    "value_propositions",
    "value_proposition",
    "Value propositions",
    "Sentences that tell a customer what they gain, each of a form with slots; unfinished while one is blank.",
    (
        "opportunity_id",
        "form",
        "proposition",
    ),
    (
        Column("opportunity_id", "text", "Opportunity ID", "The deal, by its ID or its unique name.", required=True),
        Column("form", "text", "Form", "Initiative, precedent, change, tracking, event or assurance.", required=True),
        Column("proposition", "text", "Proposition", "Its number or name, where a deal has several of one form."),
        Column("business_initiative", "text", "Business initiative", "What the customer wants to do."),
        Column("outcome", "text", "Outcome", "A result that is specific or can be measured."),
        Column("solution", "text", "Solution", "What we deliver."),
        Column("similar_customer", "text", "Similar customer", "Who was in the same situation."),
        Column("past_value", "text", "Past value", "What they gained."),
        Column("current_situation", "text", "Current situation", "How the customer does it today."),
        Column("business_driver", "text", "Business driver", "What moves the customer's business."),
        Column("tracking_system", "text", "Value tracking", "How the value is measured."),
        Column("frequency", "text", "Frequency", "How often it is reported."),
        Column("compelling_event", "text", "Compelling event", "Why they must act, and by when."),
        Column("shared_risk", "text", "Shared risk or reward", "How we share in the risk or the reward."),
        Column("confirmed_by", "text", "Confirmed by", "Who at the customer has agreed to it."),
        Column("confirmed_on", "date", "Confirmed on", "The day on which they did; blank while they have not."),
        Column("author", "text", "Author", "Who wrote it."),
    ),
)
