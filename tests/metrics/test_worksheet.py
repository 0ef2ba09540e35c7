"""One deal's ratings in full, and what its own figures propose."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pandas as pd
import pytest

from tas_analytics.ingest.loading.entry import enter, withdraw
from tas_analytics.ingest.loading.loader import undo
from tas_analytics.metrics.catalogue import catalogue
from tas_analytics.metrics.company import Company
from tas_analytics.metrics.deals import deal_list
from tas_analytics.metrics.scope import Scope
from tas_analytics.metrics.worksheet import competitors_of, proposals, ratings_of, told
from tas_analytics.store.database import Store
from tests.metrics.small import store_of

AS_OF = dt.date(2026, 1, 31)
DEALS = """opportunity_id,name,account,stage,amount,created_date,close_date
D1,One,Acme,Talk,150000,2026-01-01,2026-03-31
D2,Two,Acme,Talk,60000,2026-01-01,2026-12-31
D3,Three,Acme,Won,240000,2025-06-01,2025-12-01
D4,Four,Bolt,Lost,900000,2025-06-01,2025-12-01
D5,Five,Bolt,Talk,200000,2026-01-01,2027-01-31
D6,Six,,Talk,,2026-01-01,
"""


@pytest.fixture
def store(tmp_path: Path) -> Store:
    attributes = "opportunity_id,attribute,value\nD1,Gross margin,41 %\nD2,Margin,0.12\nD5,Margin,secret\n"
    return store_of(
        tmp_path / "store.duckdb", {"opportunities_2026-01-31.csv": DEALS, "attributes_2026-01-31.csv": attributes}
    )


def proposed(store: Store, deal: str) -> dict[int, tuple[str, str]]:
    company = Company.of(store)
    scope = Scope(AS_OF)
    row = deal_list(store, company, scope.where("deal", deal)).iloc[0]
    found = proposals(store, company, scope, row, catalogue(store))
    return {number: (one.sign, one.reason) for number, one in found.items()}


def test_figures_propose_with_their_reason(store: Store) -> None:
    found = proposed(store, "D1")
    assert found[16] == ("+", "$150k is $100k or more, and it closes in 59 days: 120 or fewer")
    assert found[17] == ("+", "2 other open or won deals of Acme: $300k, $250k or more")
    assert found[18] == ("+", "Gross margin is 41\u202f%; 30\u202f% or more")


def test_figures_may_speak_against(store: Store) -> None:
    found = proposed(store, "D2")
    assert found[16] == ("−", "$60k is less than $100k")
    assert found[18][0] == "−"
    late = proposed(store, "D5")
    assert late[16][0] == "−"
    assert "365 days" in late[16][1]
    assert 17 not in late, "a lost deal is no business"
    assert 18 not in late, "what is no number says nothing"


def test_what_is_not_known_proposes_nothing(store: Store) -> None:
    assert proposed(store, "D6") == {}


def test_thresholds_are_the_companys(store: Store) -> None:
    enter(store, "criteria", [{"criterion": 16, "threshold": 200_000}], author="Ann")
    assert proposed(store, "D1")[16] == ("−", "$150k is less than $200k")


def rate(store: Store, sign: str, who: str, day: dt.date = AS_OF, **more: object) -> int:
    row: dict[str, object] = {
        "opportunity_id": "D1", "competitor": None, "criterion": 5, "rating": sign, "assessed_on": day, "author": who,
    }  # fmt: skip
    return enter(store, "assessments", [row | more], author=who)


def test_nothing_that_was_rated_is_ever_lost(store: Store) -> None:
    rate(store, "?", "Ann", dt.date(2026, 1, 10), evidence="no answer yet")
    rate(store, "+", "Ann")
    again = rate(store, "-", "Bob", evidence="it is not so")
    rows = ratings_of(store, "D1", AS_OF)
    assert rows[["sign", "author", "holds"]].to_numpy().tolist() == [
        ["−", "Bob", True], ["+", "Ann", False], ["?", "Ann", True],
    ]  # fmt: skip
    assert [one["evidence"] for one in told(rows)] == ["it is not so", "", "no answer yet"]
    undo(store, again)
    rows = ratings_of(store, "D1", AS_OF)
    assert rows[["sign", "author", "holds"]].to_numpy().tolist() == [["+", "Ann", True], ["?", "Ann", True]]


def test_a_note_and_a_rating_of_two_people_both_stay(store: Store) -> None:
    rate(store, "+", "Ann")
    rate(store, "+", "Bob", evidence="the plant manager said so")
    newest = told(ratings_of(store, "D1", AS_OF))[0]
    assert (newest["sign"], newest["evidence"], newest["holds"]) == ("+", "the plant manager said so", True)


def test_what_came_later_is_not_known_on_an_earlier_day(store: Store) -> None:
    rate(store, "+", "Ann", dt.date(2026, 1, 20))
    assert ratings_of(store, "D1", dt.date(2026, 1, 19)).empty
    assert len(ratings_of(store, "D1", dt.date(2026, 1, 20))) == 1


def test_competitors_come_and_go(store: Store) -> None:
    enter(store, "competitors", [{"opportunity_id": "D1", "competitor": "Acme Valves"}], author="Ann")
    found = competitors_of(store, "D1", AS_OF)
    assert found["competitor"].tolist() == ["Acme Valves"]
    withdraw(store, "competitors", found["natural_key"].tolist(), author="Ann")
    assert competitors_of(store, "D1", AS_OF).empty
    assert isinstance(found, pd.DataFrame)
