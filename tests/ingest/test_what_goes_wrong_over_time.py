"""What goes wrong with histories, names and whole files: see ``test_what_goes_wrong.py``, which has the rest."""

from __future__ import annotations

import csv
import datetime as dt
import io
from decimal import Decimal

import pytest

from tas_analytics.errors import UnreadableFile
from tas_analytics.ingest.loading.loader import LoadResult
from tas_analytics.ingest.reporting.rejects import rejects_csv
from tas_analytics.store import Store
from tests.ingest.wrong_files import FOLDER, column, finding, rejected, stays, take, told, verdict
from tests.store.stores import deals

D = dt.date

# --- 9. History --------------------------------------------------------------------------------------------------


def with_history(store: Store, name: str) -> LoadResult:
    take(store, "09_deals.csv")
    return take(store, f"09_history_{name}.csv", None)


def test_a_history_in_which_nothing_changed(store: Store) -> None:
    assert with_history(store, "nothing_changed").new == 3
    assert stays(store, "N-1") == [
        ("Qualification", D(2026, 1, 5), D(2026, 2, 3), True),
        ("Negotiation/Review", D(2026, 2, 3), None, True),
    ]


def test_a_history_with_the_newest_first(store: Store) -> None:
    with_history(store, "newest_first")
    assert stays(store, "N-1") == [
        ("Prospecting", D(2026, 1, 5), D(2026, 1, 20), True),
        ("Qualification", D(2026, 1, 20), D(2026, 2, 3), True),
        ("Proposal/Price Quote", D(2026, 2, 3), D(2026, 3, 2), True),
        ("Negotiation/Review", D(2026, 3, 2), None, True),
    ]


def test_a_history_without_the_first_stage_leaves_it_unknown(store: Store) -> None:
    with_history(store, "no_first_stage")
    assert stays(store, "N-1") == [
        ("Proposal/Price Quote", D(2026, 2, 3), D(2026, 3, 2), True),
        ("Negotiation/Review", D(2026, 3, 2), None, True),
    ]
    # Open from the day on which it was created, in a stage that nobody knows.
    assert deals(store, "opportunity_id", "stage", as_of=D(2026, 1, 6))[0] == {"opportunity_id": "N-1", "stage": None}


def test_a_move_backward_is_kept_and_told(store: Store) -> None:
    with_history(store, "backward")
    assert [stage for stage, *_ in stays(store, "N-3")] == ["Prospecting", "Negotiation/Review", "Proposal/Price Quote"]
    assert verdict(store, "backward") == (1, ("N-3",))


def test_a_skipped_stage_is_told_and_not_invented(store: Store) -> None:
    with_history(store, "skipped")
    assert [stage for stage, *_ in stays(store, "N-1")] == ["Prospecting", "Negotiation/Review"]
    assert verdict(store, "skipped") == (1, ("N-1",))


def test_a_reopened_deal_is_told(store: Store) -> None:
    with_history(store, "reopened")
    assert stays(store, "N-1") == [
        ("Proposal/Price Quote", D(2026, 1, 5), D(2026, 2, 3), True),
        ("Closed Lost", D(2026, 2, 3), D(2026, 3, 2), True),
        ("Negotiation/Review", D(2026, 3, 2), None, True),
    ]
    assert verdict(store, "reopened") == (1, ("N-1",))


def test_a_stay_that_ends_before_it_begins_has_no_negative_duration(store: Store) -> None:
    result = take(store, "09_negative_stay.csv")
    assert result.parts[0].new == 3
    assert stays(store, "702") == [
        ("Proposal", D(2026, 3, 10), D(2026, 3, 13), True),
        ("Closed Won", D(2026, 3, 13), None, True),
    ]
    assert verdict(store, "history_times") == (1, ("702",))


def test_a_change_that_is_still_to_come_is_told_and_changes_nothing_yet(store: Store) -> None:
    with_history(store, "future")
    assert [(stage, entered) for stage, entered, *_ in stays(store, "N-1")] == [
        ("Prospecting", D(2026, 1, 5)), ("Proposal/Price Quote", D(2026, 2, 3)), ("Negotiation/Review", D(2026, 4, 7)),
    ]  # fmt: skip
    assert verdict(store, "history_times") == (1, ("N-1",))


def test_closed_deals_without_history_are_told(store: Store) -> None:
    with_history(store, "without_one_deal")
    assert verdict(store, "closed_without_history") == (2, ("N-2", "N-4"))
    assert stays(store, "N-2") == [("Closed Won", D(2026, 3, 13), None, True)]


def test_won_without_amount_is_told_and_is_not_zero(store: Store) -> None:
    result = take(store, "09_deals.csv")
    assert finding(result, "won_without_amount").examples == ("N-4",)
    assert column(store, "amount") == [100, 50, 25, None]
    assert result.amount_in_file == result.amount_loaded == 175


# --- 10. Several of a kind in one file ---------------------------------------------------------------------------


def test_several_pipelines_in_one_file(store: Store) -> None:
    take(store, "10_pipelines.csv")
    assert store.rows("select pipeline, stage, status from stage where in_use order by 1, 2") == [
        ("New business", "Closed Won", "won"), ("New business", "Proposal", "open"), ("Renewals", "Proposal", "open"),
    ]  # fmt: skip


def test_several_currencies_in_one_file(store: Store) -> None:
    result = take(store, "10_currencies.csv")
    assert column(store, "currency") == ["USD", "EUR", "USD"]
    assert rejected(result) == [(5, "Currency", "dollars")]
    assert finding(result, "no_rate").examples == ("C-2",)
    assert (result.amount_in_file, result.amount_loaded) == (Decimal(185), Decimal(175))


def test_several_record_types_in_one_file(store: Store) -> None:
    take(store, "10_record_types.csv")
    assert [list(deal.values()) for deal in deals(store, "pipeline", "type", "stage")] == [
        ["Renewal", "Existing Business", "Renewal › Proposal"], ["Project", "New Business", "Project › Proposal"],
    ]  # fmt: skip


# --- 11. Names of stages -----------------------------------------------------------------------------------------


def test_stages_are_known_by_many_names_and_the_others_are_asked_about(store: Store) -> None:
    result = take(store, "11_stage_names.csv")
    assert dict(store.rows("select stage, status from stage where in_use")) == {
        "Closed Won": "won", "closedwon": "won", "6 - Closed/Won": "won", "Signed": "won", "Closed Lost": "lost",
        "0 - Lost to competitor": "lost", "2 - Discovery": "open", "Wooden gate": "open",
    }  # fmt: skip
    assert "Wooden gate" in finding(result, "proposed_stages").text


# --- 12. Owners --------------------------------------------------------------------------------------------------


def test_a_renamed_owner_keeps_the_old_name_in_the_past_and_one_who_left_is_told(store: Store) -> None:
    take(store, "12_people.csv", D(2026, 3, 30))
    take(store, "12_owners_week1.csv", D(2026, 3, 30))
    assert verdict(store, "owner_left") == (0, ())
    take(store, "12_people_later.csv", complete=True)
    result = take(store, "12_owners_renamed_week2.csv")
    assert (result.new, result.changed, result.unchanged) == (0, 1, 1)
    assert column(store, "owner") == ["Ann Moreau", "Zoe Adler"]
    assert [deal["owner"] for deal in deals(store, "owner", as_of=D(2026, 3, 30))] == ["Ann Reyes", "Zoe Adler"]
    assert verdict(store, "owner_left") == (1, ("O-2",))


# --- 13. Blanks --------------------------------------------------------------------------------------------------


def test_a_blank_is_none_a_nought_is_a_nought_and_what_was_read_as_none_is_said(store: Store) -> None:
    result = take(store, "13_blanks.csv")
    assert column(store, "amount") == [None, 0, None, None, None, 10]
    assert column(store, "next_step") == [None, "0", None, None, None, "call"]
    assert column(store, "owner") == ["Ann Reyes", "Ann Reyes", None, None, None, "Ann Reyes"]
    assert column(store, "close_date") == [D(2026, 6, 30)] * 2 + [None] * 3 + [D(2026, 6, 30)]
    assert (4, "“Amount”: “(No value)” (line 4), “-” (line 5) and “N/A” (line 6) were read as no value.") in told(
        result, "missing"
    )
    assert [line for line, _ in told(result, "missing")] == [4, 4, 4, 4]
    assert finding(result, "open_without_amount").rows == 4
    assert result.amount_in_file == result.amount_loaded == 10


# --- 14. Cells that a spreadsheet would run ----------------------------------------------------------------------


def test_cells_like_formulas_are_kept_as_they_are_and_made_harmless_when_given_back(store: Store) -> None:
    result = take(store, "14_formulas.csv")
    assert [list(deal.values()) for deal in deals(store, "opportunity_id", "name", "next_step")] == [
        ["=F-1", '=HYPERLINK("http://example.invalid","Acme")', "+49 30 1234 call"], ["F-2", "@boss approves", "-wait"],
    ]  # fmt: skip
    assert rejected(result) == [(4, "Amount", "soon")]
    header, row = csv.reader(io.StringIO(rejects_csv(store, result.load_id).decode("utf-8-sig")))
    assert row[header.index("Next Step")] == "'=1+1"
    assert row[header.index("Opportunity Name")] == "'+Plus"
    assert row[header.index("Rejected line")] == "4"


# --- 15. Files that are no tables --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "says"),
    [("empty", "is an empty file"), ("header_only", "has a header but no rows"), ("image", "is a PNG image")],
)
def test_a_file_without_rows_or_without_text_is_refused_by_its_right_name(store: Store, name: str, says: str) -> None:
    before = store.data_version
    with pytest.raises(UnreadableFile, match=says) as refused:
        take(store, f"15_{name}.csv")
    assert refused.value.hint
    assert (store.data_version, store.value("select count(*) from load")) == (before, 0)


def test_nul_bytes_are_left_out_and_said(store: Store) -> None:
    result = take(store, "15_nul.csv")
    assert told(result, "nul") == [(4, "1 NUL character was removed; the first is in line 4.")]
    assert column(store, "name")[2] == "Façade"
    assert result.amount_in_file == result.amount_loaded == Decimal("2100.49")


def test_a_zip_named_csv_is_opened_and_what_was_left_out_is_said(store: Store) -> None:
    result = take(store, "15_zip.csv")
    assert (result.prepared.name, result.new) == ("15_zip.csv › deals.csv", 3)
    assert told(result, "archive") == [(None, '"logo.png" was left out: it is a PNG image, not a CSV file.')]


def test_every_file_of_the_folder_is_loaded_or_refused_by_some_test_here() -> None:
    """A file that no test takes would prove nothing."""
    tests = "".join(path.read_text("utf-8") for path in FOLDER.parent.glob("test_what_goes_wrong*.py"))
    for path in FOLDER.glob("*.csv"):
        _, name = path.stem.split("_", 1)
        short = name.removeprefix("history_")
        assert f'"{path.name}"' in tests or f'"{short}"' in tests or f'"{name}"' in tests, path.name
