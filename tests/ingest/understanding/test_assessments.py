"""Assessments in many columns and in rows, with criteria and ratings in any spelling."""

from __future__ import annotations

import pytest

from tas_analytics.ingest.understanding.mapping import missing_required, propose
from tas_analytics.ingest.understanding.wide import columns, parse
from tas_analytics.method.criteria import criteria
from tests.ingest.parts_of import by_table, lines, rows, said, taken

NAMES = [one.name for one in criteria()]


def test_a_column_for_each_criterion_gives_a_row_for_each_rating() -> None:
    header = ",".join(
        ["Opportunity ID", "Date", "Assessed by", "Comments", *(f'"{n}. {x}"' for n, x in enumerate(NAMES, 1))]
    )
    cells = [*"+-?" * 6, "+", ""]
    (main,) = taken(
        f"{header}\n1,2026-01-01,Ann,first talk,{','.join(cells)}\n2,2026-01-02,Bob,,{','.join('-' * 20)}\n"
    )
    assert main.mapping.table == "assessments"
    assert main.text.data.num_rows == main.text.rows_in_file == 39
    found = rows(main, "opportunity_id", "competitor", "criterion", "rating", "assessed_on", "author", "evidence")
    assert found[0] == ("1", "", "1", "+", "2026-01-01", "Ann", "first talk")
    assert found[18] == ("1", "", "19", "+", "2026-01-01", "Ann", "first talk")
    assert found[19] == ("2", "", "1", "-", "2026-01-02", "Bob", "")
    assert lines(main) == [2] * 19 + [3] * 20
    assert "20 columns are criteria: 2 rows became 39 ratings." in said(main, "wide")
    assert missing_required(main.mapping) == []


@pytest.mark.parametrize(
    ("header", "number", "competitor", "evidence"),
    [
        ("7", 7, "", False), ("#7", 7, "", False), ("Solution fit", 7, "", False),
        ("Acme: Solution fit", 7, "Acme", False),
        ("Us - Compelling event", 5, "", False), ("Competitor A 12", 12, "Competitor A", False),
        ("Solution fit (Acme)", 7, "Acme", False), ("Us 3", 3, "", False), ("Compelling event evidence", 5, "", True),
        ("Acme: Degree of risk - comment", 19, "Acme", True), ("Column 7", None, "", False),
        ("Colour", None, "", False),
        ("#5 Compelling Event", 5, "", False), ("C05", 5, "", False), ("Crit 5 (us)", 5, "", False),
        ("Compelling event – Acme", 5, "Acme", False), ("#5 Compelling event (Acme)", 5, "Acme", False),
        # A long name with a short competitor behind it is like the name alone, and still not ours.
        ("Customer's financial condition – Acme", 3, "Acme", False), ("Degree of risk [Acme]", 19, "Acme", False),
        ("Acme / Formal decision criteria", 6, "Acme", False), ("Inside support of Acme", 11, "Acme", False),
        ("Lösungspassung", 7, "", False), ("Mitbewerber: Zugang zu Mitteln", 4, "Mitbewerber", False),
        ("Solution fit vs Acme", None, "", False),
    ],
)  # fmt: skip
def test_a_header_says_what_is_rated_and_whom(header: str, number: int | None, competitor: str, evidence: bool) -> None:
    found = parse(header)
    assert (found.number if found else None) == number
    if found is not None:
        assert (found.competitor, found.is_evidence) == (competitor, evidence)


def test_rivals_stand_beside_us_in_columns() -> None:
    header = ["Deal ID", *(f"Us {n}" for n in range(1, 21)), *(f"Acme Inc {n}" for n in range(1, 21))]
    (main,) = taken(f"{','.join(header)}\n1,{','.join('+' * 20)},{','.join('?' * 20)}\n2,{','.join('-' * 40)}\n")
    found = rows(main, "opportunity_id", "competitor", "criterion", "rating")
    assert found[:2] == [("1", "", "1", "+"), ("1", "", "2", "+")]
    assert found[20] == ("1", "Acme Inc", "1", "?")
    assert len(found) == 80


def test_rivals_stand_in_a_column_of_their_own() -> None:
    header = ["Deal ID", "Competitor", *NAMES]
    (main,) = taken(f"{','.join(header)}\n1,Us,{','.join('+' * 20)}\n1,Acme,{','.join('-' * 20)}\n".replace('"', ""))
    assert {row[0] for row in rows(main, "competitor")} == {"", "Acme"}


def test_evidence_stands_beside_its_criterion() -> None:
    header = "Deal ID,Solution fit,Solution fit evidence,Compelling event,Inside support,Access to funds,Future revenue"
    (main,) = taken(f"{header}\n1,+,seen in test,-,?,+,high\n2,good,,undefined,weak,no,low\n")
    assert rows(main, "opportunity_id", "criterion", "rating", "evidence")[:3] == [
        ("1", "7", "+", "seen in test"), ("1", "5", "-", ""), ("1", "11", "?", ""),
    ]  # fmt: skip
    assert [row[0] for row in rows(main, "rating")][5:] == ["+", "-", "-", "-", "-"]


WAYS = {
    "signs": "+-?", "full width": "\uff0b−\uff1f", "bracketed": ["(+)", "(-)", "(?)"],
    "words": ["plus", "minus", "unknown"],
    "numbers": ["1", "-1", "0"], "answers": ["Yes", "No", "?"], "lights": ["Green", "Red", "Yellow"],
    "letters": ["G", "R", "Y"], "arrows": ["▲", "▼", "●"], "German": ["ja", "nein", "offen"],
    "poles": ["favourable", "unfavourable", "unclear"],
}  # fmt: skip


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("party", ["Rival", "Competitor Name", "Mitbewerber", "For"])
def test_every_way_to_write_a_rating_is_read(way: str, party: str) -> None:
    """Yes is Y, and beside green and red Y is yellow; a column of competitors is none of a CRM's export."""
    plus, minus, unknown = WAYS[way]
    cells = [(plus, minus, unknown)[n % 3] for n in range(20)]
    ours = [*cells[:18], "", "n/a"]
    (main,) = taken(
        f"Deal ID,{party},{','.join(NAMES)}\n1,Us,{','.join(ours)}\n1,Acme,{','.join(cells)}\n".replace('"', "")
    )
    found = rows(main, "competitor", "criterion", "rating")
    assert [row[2] for row in found if row[0] == "Acme"] == [("+", "-", "?")[n % 3] for n in range(20)]
    assert [int(row[1]) for row in found if row[0] == ""] == list(range(1, 19)), "blank and n/a are not rated, ? is"


def test_words_are_read_by_the_poles_of_their_criterion() -> None:
    header = "Deal ID,Degree of risk,Sales resource requirements,Profitability,Future revenue,Short-term revenue"
    (main,) = taken(f"{header}\n1,high,low,high,low,high\n2,low,high,green,amber,red\n")
    assert [row[0] for row in rows(main, "rating")] == ["-", "+", "+", "-", "+", "+", "-", "+", "?", "-"]


def test_a_cell_that_is_no_rating_stays_as_it_is_and_is_counted() -> None:
    header = ",".join(["Deal ID", *NAMES])
    lines_of = [f"{n},{','.join('+' * 20)}" for n in range(1, 10)]
    lines_of.append("10,perhaps later," + ",".join("+" * 19))
    (main,) = taken(f"{header}\n" + "\n".join(lines_of) + "\n")
    assert ("10", "1", "perhaps later") in rows(main, "opportunity_id", "criterion", "rating")
    assert "1 cell under a criterion could not be read as a rating" in said(main, "wide")


def test_a_list_of_ratings_is_brought_to_numbers_and_signs() -> None:
    data = (
        "Opportunity ID,Criterion,Rating,Competitor\n1,Solution Fit,yes,\n1,#19,high,Acme\n1,7,+,Acme\n1,Colour,blue,\n"
    )
    (main,) = taken(data)
    assert rows(main, "criterion", "rating") == [("7", "+"), ("19", "-"), ("7", "+"), ("Colour", "blue")]
    assert "1 criterion not among the 20, such as “Colour”" in said(main, "wide")


@pytest.mark.parametrize("header", ["Vendor", "Assessed For", "Rated party", "company", "Competitor"])
@pytest.mark.parametrize("us", ["Us", "Ourselves", "we"])
def test_whoever_is_rated_is_known_by_many_headers(header: str, us: str) -> None:
    wide = f"Opp ID,{header},Date,{','.join(f'C{n}' for n in range(1, 21))}\n"
    cells = f"1,{us},2026-05-10,{','.join('+' * 20)}\n1,Third One,2026-05-10,{','.join('-' * 20)}\n"
    (main,) = taken(wide + cells)
    assert set(rows(main, "competitor", "rating")) == {("", "+"), ("Third One", "-")}
    long = f"Opportunity ID,{header},Criterion #,Rating,Rated on\n1,{us},7,+,2026-05-10\n1,Third One,7,-,2026-05-10\n"
    (main,) = taken(long)
    assert set(rows(main, "competitor", "criterion", "rating")) == {("", "7", "+"), ("Third One", "7", "-")}


@pytest.mark.parametrize("form", ["{who}_C{n}", "{who} Q{n}", "C{n}_{who}", "{who} crit {n:02d}", "C{n:02d} - {who}"])
def test_a_number_with_a_letter_stands_beside_whom_it_rates(form: str) -> None:
    header = ["Deal ID", *(form.format(who=who, n=n) for who in ("Us", "Acme & Co") for n in range(1, 21))]
    (main,) = taken(f"{','.join(header)}\n1,{','.join('+' * 20)},{','.join('?' * 20)}\n2,{','.join('-' * 40)}\n")
    found = rows(main, "opportunity_id", "competitor", "criterion", "rating")
    assert len(found) == 80
    assert {row[1] for row in found} == {"", "Acme & Co"}
    assert ("1", "Acme & Co", "20", "?") in found


def test_months_and_quarters_are_no_criteria() -> None:
    assert columns([str(month) for month in range(1, 13)]) == ()
    assert columns(["Q1", "Q2", "Q3", "Q4"]) == ()
    assert columns(["Budget", "Champion", "Risk"]) == ()


def test_ratings_in_a_list_of_deals_are_a_part_of_it() -> None:
    data = (
        "Deal ID,Stage,Amount,Solution fit,Compelling event,Inside support,Access to funds,Political alignment,Wood\n"
    )
    parts = taken(data + "1,Proposal,10,+,-,?,+,-,oak\n2,Won,20,+,+,+,,+,oak\n")
    assert parts[0].mapping.table == "opportunities"
    found = by_table(parts)
    assert len(rows(found["assessments"], "criterion")) == 9
    assert {row[0] for row in rows(found["attributes"], "attribute")} == {"Wood"}


def test_columns_named_like_criteria_that_hold_no_ratings_are_none() -> None:
    cells = {
        "Deal ID": ["1", "2"], "Stage": ["Won", "Lost"], "Amount": ["1", "2"], "Budget": ["10,000", "20,000"],
        "Champion": ["Ada", "Bob"], "Risk": ["supply chain", "none known"], "Fit": ["78", "80"], "Margin": ["12", "30"],
    }  # fmt: skip
    mapping = propose(list(cells), "deals.csv", content=lambda header: cells[header])
    assert (mapping.table, mapping.wide) == ("opportunities", ())
