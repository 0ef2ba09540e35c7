"""One competitor, however the files spell it."""

from __future__ import annotations

from tas_analytics.ingest.loading.entry import enter
from tas_analytics.ingest.loading.loader import LoadResult, load
from tas_analytics.ingest.planning.plan import prepare_file
from tas_analytics.ingest.reporting.report import as_dict
from tas_analytics.store import Store

DEALS = "opportunity_id,name,stage\nD1,One,Qualify\nD2,Two,Qualify\n"
LIST = (
    "opportunity_id,competitor,criterion,rating,assessed_on\n"
    "D1,Acme Inc,5,+,2026-10-01\nD1,ACME  inc,7,-,2026-10-01\nD2, acme inc ,5,?,2026-10-01\nD2,Bolt,5,+,2026-10-01\n"
)


def read(store: Store, text: str, name: str) -> LoadResult:
    return load(store, prepare_file(text.encode(), name), user="test")[0]


def parties(store: Store) -> list[str]:
    return [name for (name,) in store.rows("select distinct competitor from assessment_profile order by 1")]


def said(result: LoadResult) -> str:
    return " ".join(as_dict(result, None)["notes"])


def test_the_first_spelling_is_kept_and_the_others_are_told(store: Store) -> None:
    read(store, DEALS, "deals_2026-10-05.csv")
    result = read(store, LIST, "assessments.csv")
    assert parties(store) == ["Acme Inc", "Bolt"]
    assert "“ACME  inc” was read as the competitor “Acme Inc”, and 1 other spelling likewise." in said(result)
    assert any("Acme Inc" in finding.text for finding in result.findings), "the report says it, not only the notes"

    later = read(store, LIST.replace("Acme Inc", "acme INC").replace("-01", "-09"), "assessments_later.csv")
    assert parties(store) == ["Acme Inc", "Bolt"], "the store's spelling goes before the file's"
    assert "acme INC" in said(later)
    held = read(store, "opportunity_id,competitor,incumbent\nD1,bolt,yes\nD1,Cirrus,no\n", "competitors.csv")
    assert "“bolt” was read as the competitor “Bolt”." in said(held)
    assert store.rows("select competitor from competitor_version order by 1") == [("Bolt",), ("Cirrus",)]


def test_a_wide_file_and_an_entry_follow_it(store: Store) -> None:
    read(store, DEALS, "deals_2026-10-05.csv")
    read(store, LIST, "assessments.csv")
    names = [f"ACME INC {n}" for n in range(1, 21)]
    wide = read(store, f"opportunity_id,{','.join(names)}\nD2,{','.join('+' * 20)}\n", "wide_2026-10-06.csv")
    assert "“ACME INC” was read as the competitor “Acme Inc”." in said(wide)
    row = {"opportunity_id": "D1", "competitor": "  bolt ", "criterion": 7, "rating": "+"}
    enter(store, "assessments", [row], author="Ann")
    assert parties(store) == ["Acme Inc", "Bolt"]


def test_names_that_differ_in_more_stay_apart(store: Store) -> None:
    read(store, DEALS, "deals_2026-10-05.csv")
    result = read(store, LIST.replace("ACME  inc", "Acme Inc."), "assessments.csv")
    assert parties(store) == ["Acme Inc", "Acme Inc.", "Bolt"]
    assert "Acme Inc." not in said(result)
