"""One file, several tables: stage dates, assessments, competitors, attributes, and rows that are no records."""

from __future__ import annotations

import pyarrow as pa
import pytest

from tas_analytics.errors import UnknownTable
from tas_analytics.ingest.reading.reader import read_table
from tas_analytics.ingest.structure.texttable import TextTable
from tas_analytics.ingest.understanding.mapping import corrected, propose
from tas_analytics.ingest.understanding.parts import derive, take_apart
from tas_analytics.ingest.understanding.stage_dates import StageDate, find
from tests.ingest.parts_of import by_table, lines, rows, said, taken

HUBSPOT = '''Record ID,Deal Name,Deal Stage,Pipeline,Amount,Close Date,Create Date,Deal owner,\
"Date entered ""Proposal (Sales Pipeline)""","Date exited ""Proposal (Sales Pipeline)""",\
"Cumulative time in ""Proposal (Sales Pipeline)"" (HH:mm:ss)",Date entered “Closed Won (Sales Pipeline)”,\
Date entered Renewal due (Renewals),Region
1,Alpha,Proposal,Sales Pipeline,100,2026-05-01,2026-01-01,Ann,2026-02-01 10:00,,97:30:00,,,North
2,Beta,Closed Won,Sales Pipeline,200,2026-04-01,2026-01-05,Ann,2026-02-03 09:15,2026-03-03 08:00,671:45:00,2026-03-03 08:00,,(No value)
3,Gamma,Renewal due,Renewals,300,2026-06-01,2026-01-09,Bob,,,,,2026-02-09,
'''  # noqa: E501


def test_the_stage_dates_of_hubspot_become_the_history_of_the_deals() -> None:
    parts = taken(HUBSPOT, "hubspot-crm-exports-all-deals.csv")
    history = by_table(parts)["history"]
    assert rows(history, "opportunity_id", "pipeline", "stage", "changed_at", "left_at") == [
        ("1", "Sales Pipeline", "Proposal", "2026-02-01 10:00", ""),
        ("2", "Sales Pipeline", "Proposal", "2026-02-03 09:15", "2026-03-03 08:00"),
        ("2", "Sales Pipeline", "Closed Won", "2026-03-03 08:00", ""),
        ("3", "Renewals", "Renewal due", "2026-02-09", ""),
    ]
    assert lines(history) == [2, 3, 3, 4]
    assert said(history, "parts") == "4 days of entering a stage, from 3 columns, became the history of the deals."
    # A time spent in a stage is neither a date nor worth keeping beside the dates.
    assert "attributes" not in by_table(parts)
    assert parts[0].mapping.columns["region"] == "Region"


@pytest.mark.parametrize(
    ("header", "stage", "pipeline", "entered"),
    [
        ('Date entered "Proposal (Sales Pipeline)"', "Proposal", "Sales Pipeline", True),
        ("Date entered “Proposal (Sales Pipeline)”", "Proposal", "Sales Pipeline", True),
        ('Date entered ""Proposal (Sales Pipeline)""', "Proposal", "Sales Pipeline", True),
        ("Date entered 'Proposal'", "Proposal", "", True),
        ('Date exited "Proposal"', "Proposal", "", False),
        ("Date entered Unheard of (Other)", "Unheard of", "Other", True),
        ("hs_v2_date_entered_closedwon", "Closed Won", "", True),
        ("hs_v2_date_exited_12345", "12345", "", False),
        ("hs_date_entered_closedwon_987654", "Closed Won", "", True),
        ("Proposal date", "Proposal", "", True),
        ("Entered Proposal", "Proposal", "", True),
        ("proposal_entered_at", "Proposal", "", True),
        ("Date: Closed Won", "Closed Won", "", True),
        ("Price (draft) date", "Price (draft)", "", True),
        ('Date entered "Price (draft)"', "Price (draft)", "", True),
        ('Date entered "Price (draft) (Sales Pipeline)"', "Price (draft)", "Sales Pipeline", True),
        ("Datum des Eintritts in „Proposal (Sales Pipeline)“", "Proposal", "Sales Pipeline", True),
        ("Datum des Austritts aus „Proposal (Sales Pipeline)“", "Proposal", "Sales Pipeline", False),
        ("Date d’entrée dans « Proposal »", "Proposal", "", True),
        ("Date de sortie de « Proposal »", "Proposal", "", False),
        ("Fecha de entrada en «Proposal»", "Proposal", "", True),
        ("Data de saída de “Proposal”", "Proposal", "", False),
    ],
)
def test_a_stage_date_is_found_in_any_spelling(header: str, stage: str, pipeline: str, entered: bool) -> None:
    known = find([header], ["Proposal", "Closed Won", "Price (draft)"], ["Sales Pipeline"])
    assert known == [StageDate(header, stage, pipeline, entered)]


@pytest.mark.parametrize(
    "header",
    ["Invoice date", "Date entered current stage", "hs_v2_date_entered_current_stage", "Renewal on", "Entered by",
     "Cumulative time in “Proposal”", "hs_v2_cumulative_time_in_closedwon", "Time in Proposal", "Date",
     "Kumulierte Zeit in „Proposal“", "Datum der letzten Aktivität"],
)  # fmt: skip
def test_other_dates_are_no_stage_dates(header: str) -> None:
    assert find([header], ["Proposal", "Closed Won"], []) == []


def test_a_day_of_leaving_alone_is_left_out_and_said() -> None:
    data = 'Deal ID,Stage,Amount,"Date entered ""A""","Date exited ""A""","Date exited ""B"""\n'
    parts = taken(data + "1,A,10,2026-01-01,2026-02-01,\n2,A,10,,2026-02-01,2026-03-01\n")
    history = by_table(parts)["history"]
    assert rows(history, "opportunity_id", "stage") == [("1", "A")]
    assert 'column “Date exited "B"”' in said(history, "parts")


DEALS = """Deal ID,Stage,Amount,Close Date,Competitors,Main Contact,Wood,Colour,Weight,Expected Revenue,Empty
1,Proposal,100,2026-05-01,"Acme, Inc.; Globex",Ada L.,oak,red,-,50,
2,Won,200,2026-04-01,None,,,blue,n/a,60,
3,Lost,300,2026-06-01,"Initech, Globex",Bob;Eve,beech,,12,70,
"""


def test_spare_columns_become_attributes_and_blank_cells_give_no_row() -> None:
    parts = taken(DEALS)
    attributes = by_table(parts)["attributes"]
    assert rows(attributes, "opportunity_id", "attribute", "value") == [
        ("1", "Wood", "oak"), ("1", "Colour", "red"), ("2", "Colour", "blue"), ("3", "Wood", "beech"),
        ("3", "Weight", "12"),
    ]  # fmt: skip
    assert lines(attributes) == [2, 2, 3, 4, 4]
    assert attributes.text.rows_in_file == 5


def test_names_in_a_cell_become_rows_of_their_table() -> None:
    found = by_table(taken(DEALS))
    assert rows(found["competitors"], "opportunity_id", "competitor") == [
        ("1", "Acme, Inc."), ("1", "Globex"), ("3", "Initech"), ("3", "Globex"),
    ]  # fmt: skip
    assert rows(found["contact_map"], "opportunity_id", "contact") == [("1", "Ada L."), ("3", "Bob"), ("3", "Eve")]


def test_yes_and_no_are_no_competitors() -> None:
    parts = taken("Deal ID,Stage,Amount,Competitors\n1,Won,10,Yes\n2,Lost,20,No\n3,Lost,30,Unknown\n")
    assert list(by_table(parts)) == ["attributes"]


def test_attributes_are_chosen_or_refused() -> None:
    assert "attributes" not in by_table(taken(DEALS, attributes="none"))
    chosen = by_table(taken(DEALS, attributes=["Colour"]))["attributes"]
    assert rows(chosen, "attribute", "value") == [("Colour", "red"), ("Colour", "blue")]
    with pytest.raises(UnknownTable, match='no header "Shape"'):
        taken(DEALS, attributes=["Shape"])


def big(columns: int, deals: int) -> TextTable:
    small = read_table(b"Deal ID,Stage,Amount\n1,Won,10\n2,Lost,20\n", "big.csv")
    ids = [str(n) for n in range(deals)]
    data = {"c0": ids, "c1": ["Won", "Lost"] * (deals // 2), "c2": ids}
    data |= {f"c{place + 3}": ["spare"] * deals for place in range(columns)}
    names = ("Deal ID", "Stage", "Amount", *(f"Extra {place} field" for place in range(columns)))
    table = pa.table({**data, "line": list(range(2, deals + 2))})
    return TextTable(**{**vars(small), "columns": names, "data": table, "rows_in_file": deals})


def test_too_many_cells_are_not_taken_unasked() -> None:
    text = big(21, 100_000)
    mapping = propose(text.columns, "big.csv", as_table="opportunities")
    main, *parts = take_apart(text, mapping)
    assert parts == []
    assert "2,100,000 cells" in said(main, "parts")
    assert [part.text.data.num_rows for part in derive(text, mapping, attributes=["Extra 1 field"])] == [100_000]


def test_spare_columns_are_taken_up_to_half_a_million_cells() -> None:
    text = big(5, 100_000)
    (part,) = derive(text, propose(text.columns, "big.csv", as_table="opportunities"))
    assert part.text.data.num_rows == 500_000


def test_deals_without_a_column_for_their_id_are_known_by_name_if_names_are_unlike() -> None:
    data = "Deal Name,Account,Stage,Amount,Created,Wood\nA,Acme,Won,1,2026-01-01,oak\nB,Acme,Lost,2,2026-01-02,beech\n"
    assert rows(by_table(taken(data))["attributes"], "opportunity_id", "value") == [("A", "oak"), ("B", "beech")]
    main, *parts = taken(data.replace("B,Acme", "A,Acme"))
    assert parts == []
    assert said(main, "parts") == (
        "The spare columns are left out: the file has no column for the deal's ID, and several deals share a name."
    )


def test_a_record_that_the_crm_deleted_is_set_aside_with_its_line() -> None:
    data = "Id,IsDeleted,StageName,Name,Amount,CloseDate\n1,false,Won,A,1,2026-01-01\n2,true,Won,B,2,2026-01-01\n"
    (main,) = taken(data, "Opportunity.csv")
    assert rows(main, "opportunity_id") == [("1",)]
    (aside,) = main.text.unplaced
    assert (aside.line, aside.column, aside.value, aside.row[0]) == (3, "IsDeleted", "true", "2")
    assert aside.reason == "is deleted in the CRM"
    assert main.text.rows_in_file == 2


def test_lines_of_products_give_the_deals_too_each_once() -> None:
    data = """Opportunity ID,Opportunity Name,Account Name,Amount,Stage,Close Date,Product Name,Quantity,Sales Price,Total Price
1,Alpha,Acme,30,Proposal,2026-05-01,Pump,1,10,10
1,Alpha,Acme,30,Proposal,2026-05-01,Valve,2,10,20
2,Beta,Acme,5,Won,2026-04-01,Pump,1,5,5
"""  # noqa: E501
    main, *parts = taken(data, "report.csv")
    assert main.mapping.table == "revenue_lines"
    assert rows(main, "opportunity_id", "product", "amount") == [
        ("1", "Pump", "10"),
        ("1", "Valve", "20"),
        ("2", "Pump", "5"),
    ]
    (deals,) = parts
    assert rows(deals, "opportunity_id", "amount", "stage") == [("1", "30", "Proposal"), ("2", "5", "Won")]
    # The product of a line is not the deal's.
    assert "product" not in deals.mapping.columns
    assert lines(deals) == [2, 4]


def test_every_version_of_a_deal_gives_its_history_and_its_present() -> None:
    data = """id,name,stage_name,amount,close_date,is_closed,is_won,_fivetran_start,_fivetran_end,_fivetran_active
1,Alpha,Proposal,10,2026-05-01,false,false,2026-01-01,2026-02-01,false
1,Alpha,Closed Won,12,2026-02-01,true,true,2026-02-01,9999-12-31,true
"""
    main, *parts = taken(data)
    assert rows(main, "opportunity_id", "changed_at", "stage", "amount") == [
        ("1", "2026-01-01", "Proposal", "10"), ("1", "2026-02-01", "Closed Won", "12"),
    ]  # fmt: skip
    (deals,) = parts
    assert rows(deals, "opportunity_id", "name", "stage", "status") == [("1", "Alpha", "Closed Won", "won")]


def test_taking_apart_twice_changes_nothing() -> None:
    for data in (DEALS, HUBSPOT, "Id,StageName,Name,Amount,CloseDate,IsClosed,IsWon\n1,Won,A,1,2026-01-01,1,1\n"):
        main = taken(data)[0]
        again = take_apart(main.text, main.mapping)[0]
        assert again.text.columns == main.text.columns
        assert dict(again.mapping.columns) == dict(main.mapping.columns)


def test_what_was_shown_of_a_file_can_be_corrected() -> None:
    """The page shows the main table as it was taken apart; its choices come back under those names."""
    data = "Opportunity ID,Field,Old Value,New Value,Edit Date,Edited By\n1,Stage,A,B,2026-01-01,Ann\n"
    text = read_table(data.encode(), "history.csv")
    mapping = propose(text.columns, "history.csv")
    shown = dict(take_apart(text, mapping)[0].mapping.columns)
    assert shown["stage"] == "New Value, as stage"
    shown.pop("changed_by")
    again = take_apart(text, corrected(mapping, shown, text.columns))[0]
    assert dict(again.mapping.columns) == shown
