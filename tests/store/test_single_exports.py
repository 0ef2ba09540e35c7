"""The three ways to build the versions of deals that one export shows give the same store."""

from __future__ import annotations

import datetime as dt
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings, strategies as st

from tas_analytics.store import Store
from tas_analytics.store.tables import OPPORTUNITIES
from tas_analytics.store.versions import rebuild
from tests.store.stores import contents, csv_text, load_text

DAYS = st.one_of(st.none(), st.dates(dt.date(2025, 1, 1), dt.date(2026, 6, 1)))
HEADER = [
    "opportunity_id", "pipeline", "stage", "owner", "account", "amount", "close_date", "created_date", "stage_entered",
    "last_open_stage",
]  # fmt: skip
ROWS = st.lists(
    st.tuples(
        st.sampled_from([None, "New", "Renewal"]),
        st.sampled_from(["Qualify", "Proposal", "Won", "Lost"]),
        st.sampled_from([None, "Ann", "005AA"]),
        st.sampled_from([None, "Acme"]),
        st.sampled_from([None, 100]),
        DAYS,
        DAYS,
        DAYS,
        st.sampled_from([None, "Proposal"]),
    ),
    min_size=1,
    max_size=6,
)


def built(store: Store, *, at_once: bool) -> dict[str, tuple[int, str]]:
    with store.transaction() as cursor:
        rebuild(cursor, OPPORTUNITIES, None, at_once=at_once)
    return contents(store)


@settings(max_examples=12)
@given(ROWS, st.booleans())
def test_new_single_and_general_ways_agree(rows: list[tuple[object, ...]], earlier: bool) -> None:
    with tempfile.TemporaryDirectory() as folder:
        store = Store.open(Path(folder) / "s.duckdb")
        numbered = [(f"D{n}", *row) for n, row in enumerate(rows)]
        load_text(store, csv_text(HEADER, numbered), "deals_2026-03-01.csv")
        if earlier:  # then the deals above were lacking in the first export of the store
            load_text(store, csv_text(["opportunity_id", "stage"], [["X", "Qualify"]]), "deals_2026-02-01.csv")
        fresh = contents(store)
        assert built(store, at_once=True) == fresh
        assert built(store, at_once=False) == fresh
        store.close()


@pytest.mark.parametrize(("close", "when"), [("2026-01-15", dt.date(2026, 1, 15)), ("2026-04-01", dt.date(2026, 4, 1))])
def test_a_closed_deal_was_open_before_its_close_date(store: Store, close: str, when: dt.date) -> None:
    row = ["D1", "Won", "100", "2025-06-01", close]
    load_text(store, csv_text(["opportunity_id", "stage", "amount", "created_date", "close_date"], [row]),
              "deals_2026-03-01.csv")  # fmt: skip
    rows = store.rows(
        "select cast(valid_from as date), cast(valid_to as date), s.stage, s.status, reconstructed "
        "from opportunity_version join stage s using (stage_key) order by 1"
    )
    seen = min(when, dt.date(2026, 3, 1))
    assert rows == [
        (dt.date(2025, 6, 1), seen, "Stage not known", "open", True),
        (seen, None, "Won", "won", seen < dt.date(2026, 3, 1)),
    ]


def test_a_deal_in_its_first_stage_has_been_there_since_it_was_created(store: Store) -> None:
    load_text(store, csv_text(["opportunity_id", "stage", "created_date"], [["D1", "Qualify", "2025-06-01"]]),
              "deals_2026-03-01.csv")  # fmt: skip
    rows = store.rows(
        "select cast(valid_from as date), s.stage from opportunity_version join stage s using (stage_key)"
    )
    assert rows == [(dt.date(2025, 6, 1), "Qualify")]


def test_an_export_that_lacks_a_deal_is_believed_for_its_day_and_after(store: Store) -> None:
    header = ["opportunity_id", "stage", "created_date"]
    load_text(store, csv_text(header, [["D1", "Proposal", "2025-06-01"], ["D0", "Qualify", ""]]),
              "deals_2026-03-01.csv")  # fmt: skip
    load_text(store, csv_text(header, [["D2", "Proposal", "2025-06-01"]]), "deals_2026-03-08.csv")
    rows = store.rows(
        "select opportunity_id, cast(valid_from as date), cast(valid_to as date), reconstructed "
        "from opportunity_version where opportunity_id <> 'D0' order by 1, 2"
    )
    assert rows == [
        ("D1", dt.date(2025, 6, 1), dt.date(2026, 3, 1), True),
        ("D1", dt.date(2026, 3, 1), None, False),
        ("D2", dt.date(2025, 6, 1), dt.date(2026, 3, 1), True),
        ("D2", dt.date(2026, 3, 8), None, False),
    ]
