"""Histories with a row for each field that changed."""

from __future__ import annotations

import pytest

from tests.ingest.parts_of import rows, said, taken

HISTORY = """Id,OpportunityId,CreatedById,CreatedDate,Field,OldValue,NewValue
1,006A,005A,2026-01-05T10:00:00Z,StageName,Prospecting,Proposal
2,006A,005A,2026-01-05T10:00:00Z,Amount,1000,1500
3,006A,005A,2026-01-06T10:00:00Z,CloseDate,2026-03-01,2026-06-30
4,006A,005A,2026-01-07T10:00:00Z,Owner,Ann,Bob
5,006A,005A,2026-01-08T10:00:00Z,ForecastCategoryName,Pipeline,Commit
6,006B,005A,2026-01-08T11:00:00Z,created,,
7,006B,005A,2026-01-09T11:00:00Z,Colour__c,red,blue
8,006B,005A,2026-01-10T11:00:00Z,Amount,700,
9,006B,005A,2026-01-11T11:00:00Z,StageName,Won,Won
"""


def test_each_field_that_is_known_becomes_its_column() -> None:
    (main,) = taken(HISTORY, "OpportunityFieldHistory.csv")
    assert rows(main, "change_id", "field", "from_stage", "stage", "from_amount", "amount") == [
        ("1", "StageName", "Prospecting", "Proposal", "", ""),
        ("2", "Amount", "", "", "1000", "1500"),
        ("3", "CloseDate", "", "", "", ""),
        ("4", "Owner", "", "", "", ""),
        ("5", "ForecastCategoryName", "", "", "", ""),
        ("6", "created", "", "", "", ""),
        ("7", "Colour__c", "", "", "", ""),
        ("8", "Amount", "", "", "700", ""),
        ("9", "StageName", "Won", "Won", "", ""),
    ]
    pairs = ("close_date", "owner", "forecast_category")
    both = rows(main, *(name for pair in pairs for name in (f"from_{pair}", pair)))
    assert [row for row in both if any(row)] == [
        ("2026-03-01", "2026-06-30", "", "", "", ""), ("", "", "Ann", "Bob", "", ""),
        ("", "", "", "", "Pipeline", "Commit"),
    ]  # fmt: skip


def test_other_fields_and_cleared_ones_keep_their_values_as_text() -> None:
    (main,) = taken(HISTORY, "OpportunityFieldHistory.csv")
    kept = [row for row in rows(main, "change_id", "old_value", "new_value") if row[1] or row[2]]
    assert kept == [("7", "red", "blue"), ("8", "700", "")]


def test_what_was_made_of_it_is_said() -> None:
    (main,) = taken(HISTORY, "OpportunityFieldHistory.csv")
    text = said(main, "fields")
    assert "stage 2, amount 2, close date 1, owner 1, forecast category 1; 2 rows of other fields kept as text" in text
    assert "In 2 rows nothing changed; they were kept." in text
    assert main.text.data.num_rows == main.text.rows_in_file == 9


@pytest.mark.parametrize(
    ("name", "column"),
    [("Stage", "stage"), ("dealstage", "stage"), ("Close Date", "close_date"), ("closedate", "close_date"),
     ("hubspot_owner_id", "owner"), ("Forecast Category", "forecast_category"), ("Amount", "amount"),
     ("Next Step", "next_step"), ("Probability (%)", "probability"), ("Этап", "stage"), ("金额", "amount")],
)  # fmt: skip
def test_fields_are_known_in_the_spelling_of_each_system(name: str, column: str) -> None:
    (main,) = taken(f"Deal ID,Changed at,Field,Old value,New value\n1,2026-01-01,{name},a,b\n2,2026-01-01,x,c,d\n")
    assert rows(main, column) == [("b",), ("",)]


def test_a_list_of_properties_with_their_values_is_such_a_history() -> None:
    data = (
        "deal_id,name,value,timestamp,source\n1,dealstage,closedwon,2026-01-01 10:00,CRM\n1,colour,red,2026-01-02,CRM\n"
    )
    (main,) = taken(data, "deal_property_history.csv")
    assert rows(main, "opportunity_id", "changed_at", "stage", "field", "new_value") == [
        ("1", "2026-01-01 10:00", "closedwon", "dealstage", ""), ("1", "2026-01-02", "", "colour", "red"),
    ]  # fmt: skip
