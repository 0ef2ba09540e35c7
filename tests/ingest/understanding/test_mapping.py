"""Which header is which column, and what a file is."""

from __future__ import annotations

import pytest

from tas_analytics.errors import UnknownTable
from tas_analytics.ingest.understanding.headers import currency_of, fingerprint, variants
from tas_analytics.ingest.understanding.mapping import (
    BY_CONTENT,
    BY_NAME,
    TEMPLATE,
    corrected,
    missing_required,
    normal,
    propose,
)
from tas_analytics.store import TABLES


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_the_template_of_every_table_is_recognised(table: object) -> None:
    one = next(t for t in TABLES if t is table)
    headers = [column.name for column in one.columns]
    mapping = propose(headers, f"{one.name}.csv")
    assert (mapping.table, mapping.source, mapping.left_out) == (one.name, TEMPLATE, ())
    assert dict(mapping.columns) == {name: name for name in headers}


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_the_labels_on_screen_are_understood_too(table: object) -> None:
    one = next(t for t in TABLES if t is table)
    mapping = propose([column.label for column in one.columns], f"{one.name}.csv", as_table=one.name)
    assert set(mapping.columns) == {column.name for column in one.columns}


def test_headers_are_compared_without_case_accents_and_signs() -> None:
    assert normal(" Étape_*") == normal("etape") == "etape"
    assert normal("阶段") == "阶段"


def test_a_likeness_is_a_proposal_that_says_so() -> None:
    mapping = propose(["opportunity_id", "stage", "ammount", "owner"], "deals.csv")
    assert mapping.columns["amount"] == "ammount"
    assert mapping.unsure == ("amount",)


def test_a_name_beats_a_number_and_a_number_is_better_than_nothing() -> None:
    headers = ["deal_id", "stage", "amount", "owner_id", "owner_name", "account_id", "account_name", "close_date"]
    mapping = propose(headers, "deals.csv")
    assert (mapping.columns["owner"], mapping.columns["account"]) == ("owner_name", "account_name")
    # Ids are looked up in the lists of people and accounts later.
    fewer = propose([header for header in headers if not header.endswith("_name")], "deals.csv")
    assert (fewer.columns["owner"], fewer.columns["account"]) == ("owner_id", "account_id")


@pytest.mark.parametrize("header", ["accounted", "Owner Role Id", "amount_id", "Stage Id", "name_id", "created_by"])
def test_a_likeness_never_makes_a_name_of_a_number(header: str) -> None:
    mapping = propose(["deal_id", "stage", "close_date", header], "deals.csv")
    assert header not in {h for c, h in mapping.columns.items() if c in ("name", "amount", "created_date", "next_step")}


@pytest.mark.parametrize(
    ("better", "worse", "column"),
    [
        ("Amount", "Expected Revenue", "amount"), ("Close Date", "Created", "close_date"),
        ("Amount", "Value", "amount"), ("Deal Name", "Title", "name"), ("Stage", "Phase", "stage"),
        ("Close Date", "Closed Date", "close_date"), ("Owner", "Sales Rep", "owner"),
    ],
)  # fmt: skip
def test_of_two_headers_the_better_one_is_taken_whatever_their_order(better: str, worse: str, column: str) -> None:
    for headers in ([better, worse], [worse, better]):
        given = list(dict.fromkeys(["Opportunity ID", "Stage", *headers]))
        mapping = propose(given, "deals.csv")
        assert mapping.columns[column] == better


def test_of_two_days_of_closing_the_actual_one_counts_where_it_is_known() -> None:
    mapping = propose(["deal id", "stage", "expected close date", "actual close date", "amount"], "deals.csv")
    (made,) = mapping.made
    assert (made.column, made.header) == ("close_date", "actual close date or expected close date")
    assert "close_date" not in mapping.columns
    assert mapping.left_out == ()


def test_a_header_without_its_decorations_is_known() -> None:
    assert variants("Product__c") == ("productc", "product")
    assert variants("Deal - Stage *") == ("dealstage", "stage")
    mapping = propose(["Opp ID*", "Stage__c", "Amount (EUR)", "Region__c", "Close Date "], "x.csv")
    assert dict(mapping.columns) == {
        "opportunity_id": "Opp ID*", "stage": "Stage__c", "amount": "Amount (EUR)", "region": "Region__c",
        "close_date": "Close Date ",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("header", "currency"),
    [("Amount (USD)", "USD"), ("final_mrr_usd", "USD"), ("Бюджет ₽", "RUB"), ("Betrag €", "EUR"), ("Amount", None),
     ("Give it a try", None), ("Worth (Huf)", None), ("金额(元)", "CNY")],
)  # fmt: skip
def test_a_unit_in_a_header_is_a_currency(header: str, currency: str | None) -> None:
    assert currency_of(header) == currency


def test_the_currency_of_a_header_becomes_a_column() -> None:
    mapping = propose(["deal id", "stage", "Amount (CHF)"], "deals.csv")
    assert [(made.column, made.value) for made in mapping.made] == [("currency", "CHF")]
    with_column = propose(["deal id", "stage", "Amount (CHF)", "Currency"], "deals.csv")
    assert (with_column.made, with_column.columns["currency"]) == ((), "Currency")


def test_a_fingerprint_ignores_order_and_spelling_and_nothing_else() -> None:
    one = fingerprint(["Deal Name", "Amount", "Stage"])
    assert one == fingerprint(["stage", "deal_name", "AMOUNT"])
    assert one != fingerprint(["Deal Name", "Amount"])
    assert one != fingerprint(["Deal Name", "Amount", "Stage", "Owner"])
    assert fingerprint(["a", "a"]) != fingerprint(["a"])


@pytest.mark.parametrize(
    ("headers", "table"),
    [
        (["Quarter", "Sales Rep", "Quota"], "targets"),
        (["Name", "Reports To", "Team Name"], "people"),
        (["Currency Code", "Valid From", "Exchange Rate"], "rates"),
        (["Product Name", "Product Family", "Unit Price"], "products"),
        (["Company", "Sector", "Employees"], "accounts"),
        (["Oportunidad", "Etapa", "Importe", "Fecha de cierre", "Propietario"], "opportunities"),
        (["商机主题", "阶段", "金额", "客户名称"], "opportunities"),
        (["Сделка", "Стадия", "Сумма", "Дата создания"], "opportunities"),
        (["Verkaufschance", "Phase", "Betrag", "Kunde", "Schlusstermin"], "opportunities"),
        (["Oportunidade", "Etapa", "Valor", "Data de fechamento", "Vendedor"], "opportunities"),
        (["Affaire", "Étape", "Montant", "Date de clôture", "Compte"], "opportunities"),
        (["Deal ID", "Stage", "Entered At", "Exited At"], "history"),
        (["Opportunity", "Milestone", "Planned Date", "Actual Date"], "milestones"),
        (["Deal ID", "Activity Type", "Subject", "Due Date", "Assigned To"], "activities"),
        (["Deal ID", "Attribute", "Value"], "attributes"),
        (["Opportunity ID", "Criterion", "Rating", "Competitor"], "assessments"),
        (["Opportunity ID", "Competitor", "Strengths", "Weaknesses"], "competitors"),
        (["Opportunity ID", "Competitive Strategy", "Against", "Date"], "strategies"),
        (["Contact Name", "Company", "Job Title", "Email", "Phone"], "contacts"),
        (["First Name", "Last Name", "Account", "E-mail"], "contacts"),
        (["Deal", "Contact", "Buying Role", "Coverage", "Adaptability"], "contact_map"),
        (["Account", "Influencer", "Influenced", "Strength"], "influence"),
        (["Deal ID", "Product", "Quantity", "Unit Price", "Total Price"], "revenue_lines"),
        (["Deal ID", "Partner", "Partner Role", "Share"], "partners"),
        (["Deal ID", "Team Member", "Team Role", "Split"], "sales_teams"),
        (["Deal ID", "Judgement", "Answer", "Judged on", "Why"], "judgements"),
        (["Opportunity", "Driver", "Initiative", "Our solution", "Differentiation", "UBV"], "value_chain"),
        (["Deal ID", "Form", "Solution", "Measurable outcome", "Shared risk", "Confirmed by"], "value_propositions"),
        (["Quarter", "Rep", "Forecast Category", "Forecast Amount", "Submitted"], "forecast_calls"),
        (["Stage Name", "Sort Order", "Probability", "Outcome"], "stages"),
    ],
)
def test_tables_are_told_apart_by_their_headers(headers: list[str], table: str) -> None:
    mapping = propose(headers, "file.csv")
    assert (mapping.table, mapping.left_out) == (table, ())
    assert mapping.source in (BY_NAME, TEMPLATE)
    assert missing_required(mapping) == []
    assert mapping.unsure == ()


def test_the_users_word_decides() -> None:
    assert propose(["Name", "Region"], "x.csv", as_table="people").table == "people"
    # A needed column may still be missing: the user can name it, and what is loaded is checked again.
    assert missing_required(propose(["a", "b"], "x.csv", as_table="opportunities")) == ["Stage"]
    with pytest.raises(UnknownTable, match='no table "deals"'):
        propose(["a", "b"], "x.csv", as_table="deals")
    with pytest.raises(UnknownTable, match='no source "sap"') as refusal:
        propose(["a", "b"], "x.csv", source="sap")
    assert "salesforce_report" in refusal.value.hint


def test_a_correction_is_kept_and_checked() -> None:
    headers = ["opportunity_id", "stage", "worth", "other"]
    base = propose(headers, "deals.csv")
    found = corrected(base, {"opportunity_id": "opportunity_id", "stage": "stage", "amount": "worth"}, headers)
    assert found.left_out == ("other",)
    assert (found.sureness["amount"], found.sureness["stage"]) == ("user", "exact")
    with pytest.raises(UnknownTable, match='no header "nowhere"'):
        corrected(base, {"stage": "nowhere"}, headers)
    with pytest.raises(UnknownTable, match='no column "colour"'):
        corrected(base, {"colour": "other"}, headers)


def test_a_made_column_is_chosen_by_its_name() -> None:
    headers = ["Id", "StageName", "Name", "Amount", "CloseDate", "IsClosed", "IsWon"]
    base = propose(headers, "Opportunity.csv")
    assert [made.header for made in base.made] == ["IsClosed and IsWon"]
    kept = corrected(base, {"stage": "StageName", "status": "IsClosed and IsWon"}, headers)
    assert [made.column for made in kept.made] == ["status"]
    assert dict(kept.columns) == {"stage": "StageName"}
    gone = corrected(base, {"stage": "StageName"}, headers)
    assert gone.made == ()
    assert "IsWon" in gone.left_out
    with pytest.raises(UnknownTable, match="no header"):
        corrected(base, {"stage": "IsClosed or IsWon"}, headers)


CELLS = {
    "F1": [f"D-{n:04d}" for n in range(60)],
    "F2": ["Prospecting", "Negotiation", "Closed Won", "Closed Lost"] * 15,
    "F3": [f"{n * 1250},50 €" for n in range(1, 61)],
    "F4": [f"2025-{n % 12 + 1:02d}-{n % 27 + 1:02d}" for n in range(60)],
    "F5": [f"2026-{n % 12 + 1:02d}-{n % 27 + 1:02d}" for n in range(60)],
    "F6": ["Ada Lovelace", "Grace Hopper", "Alan Turing"] * 20,
    "F7": [f"Holding {n} GmbH" for n in range(60)],
    "F8": ["10 %", "25 %", "75 %"] * 20,
    "F9": ["EUR", "USD", "CHF"] * 20,
    "G1": [f"Renewal of contract {n} for the northern plants" for n in range(60)],
}


def test_cells_tell_what_headers_do_not() -> None:
    mapping = propose(list(CELLS), "export.csv", content=lambda header: CELLS[header])
    assert (mapping.table, mapping.source) == ("opportunities", BY_CONTENT)
    assert dict(mapping.columns) == {
        "opportunity_id": "F1", "stage": "F2", "amount": "F3", "created_date": "F4", "close_date": "F5",
        "owner": "F6", "account": "F7", "probability": "F8", "currency": "F9", "name": "G1",
    }  # fmt: skip
    # What cells say is shown as unsure, all of it.
    assert set(mapping.unsure) == set(mapping.columns)
    assert set(mapping.sureness.values()) == {"content"}


def test_without_stages_nothing_is_taken_for_deals() -> None:
    cells = {header: found for header, found in CELLS.items() if header != "F2"}
    with pytest.raises(UnknownTable, match="cannot be told"):
        propose(list(cells), "export.csv", content=lambda header: cells[header])


def test_headers_that_are_understood_are_not_overruled_by_cells() -> None:
    cells = {"Deal ID": CELLS["F1"], "Stage": ["Alpha", "Beta"] * 30, "Moon": CELLS["F2"], "Amount": CELLS["F3"]}
    mapping = propose(list(cells), "export.csv", content=lambda header: cells[header])
    assert (mapping.source, mapping.columns["stage"]) == (BY_NAME, "Stage")


def test_an_outcome_stands_for_a_missing_stage_and_is_shown_as_unsure() -> None:
    mapping = propose(["deal id", "account", "status", "amount", "close date"], "deals.csv")
    assert (mapping.columns["stage"], mapping.unsure) == ("status", ("stage",))
    both = propose(["deal id", "account", "stage", "status", "amount"], "deals.csv")
    assert (both.columns["stage"], both.columns["status"], both.unsure) == ("stage", "status", ())


def test_deals_that_nothing_names_are_known_by_their_line() -> None:
    cells = {
        "Seller": ["Seller 1", "Seller 2", "Seller 3"] * 30, "Client": ["New", "Current", "Past"] * 30,
        "Status": ["Won", "Lost"] * 45, "Product": ["A", "B", "C"] * 30, "Amount": [str(n * 100) for n in range(90)],
    }  # fmt: skip
    mapping = propose(list(cells), "won_and_lost.csv", content=lambda header: cells[header])
    assert [(made.column, made.kind) for made in mapping.made] == [("opportunity_id", "line")]
    # New, current and past are no customers.
    assert "Client" in mapping.left_out
    assert mapping.columns["stage"] == "Status"


def test_an_assessment_with_a_column_for_each_criterion_is_recognised() -> None:
    headers = ["Opportunity ID", "Date", "Assessed By", *(str(number) for number in range(1, 21))]
    mapping = propose(headers, "assessments.csv")
    assert (mapping.table, len(mapping.wide), mapping.left_out) == ("assessments", 20, ())
    assert missing_required(mapping) == []
    assert dict(mapping.columns) == {"opportunity_id": "Opportunity ID", "assessed_on": "Date", "author": "Assessed By"}
