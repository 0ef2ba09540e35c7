"""Which header is which column, and what a file is."""

from __future__ import annotations

import pytest

from tas_analytics.errors import UnknownTable
from tas_analytics.ingest.mapping import BY_NAME, TEMPLATE, corrected, missing_required, normal, propose
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


def test_a_number_of_a_record_is_not_its_name() -> None:
    mapping = propose(["Id", "StageName", "AccountId", "OwnerId", "Amount", "CloseDate"], "Opportunity.csv")
    assert {"account", "owner"}.isdisjoint(mapping.columns)


@pytest.mark.parametrize(
    ("headers", "table"),
    [
        (["Quarter", "Sales Rep", "Quota"], "targets"),
        (["Name", "Reports To", "Team Name"], "people"),
        (["Currency Code", "Valid From", "Exchange Rate"], "rates"),
        (["Product Name", "Product Family", "Unit Price"], "products"),
        (["Company", "Sector", "Employees"], "accounts"),
        (["Oportunidad", "Etapa", "Importe", "Fecha de cierre", "Propietario"], "opportunities"),
        (["商机名称", "阶段", "金额", "客户名称"], "opportunities"),
    ],
)
def test_tables_are_told_apart_by_their_headers(headers: list[str], table: str) -> None:
    mapping = propose(headers, "file.csv")
    assert (mapping.table, mapping.source, mapping.left_out) == (table, BY_NAME, ())


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
