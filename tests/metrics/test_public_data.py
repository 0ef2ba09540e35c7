"""Every metric by every dimension on the public CRM data, against pandas on the raw files."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from tas_analytics.metrics.company import Company
from tas_analytics.metrics.dimensions import DIMENSIONS
from tas_analytics.metrics.measure import measure, total
from tas_analytics.metrics.registry import metrics
from tas_analytics.metrics.scope import Scope
from tas_analytics.store.database import Store
from tests.metrics import oracle
from tests.metrics.oracle import Known
from tests.metrics.rawfiles import public_deals, read, span

AS_OF = dt.date(2017, 12, 31)
EVERY = oracle.known_here((one.key, one.group) for one in metrics())
FILTERS: dict[str, dict[str, tuple[str, ...]]] = {
    "a region": {"region": ("West",)},
    "two products": {"product": ("GTXPro", "MG Special")},
    "no account": {"account": ("",)},
    "an account or none": {"account": ("", "Hottechi")},
    "a product that the list does not know": {"family": ("",)},
    "no team": {"team": ("",)},
    "closed deals of a manager": {"status": ("won", "lost"), "manager": ("Melvin Marxen",)},
    "a stage": {"stage": ("Engaging",)},
    "a close quarter": {"close_quarter": ("2017Q2",)},
    "no created quarter": {"created_quarter": ("",)},
    "nobody": {"owner": ("No Such Person",)},
}


@pytest.fixture(scope="module")
def known(public_folder: Path, public_store: Store) -> Known:
    probabilities = public_store.rows("select stage, probability from stage where in_use order by stage")
    return public_deals(public_folder, tuple((stage, chance) for stage, chance in probabilities))


def check(
    store: Store, known: Known, by: Sequence[str] = (), period: str | None = None,
    filters: Mapping[str, tuple[str, ...]] | None = None,
) -> None:  # fmt: skip
    company = Company.of(store)
    scope = Scope.of(AS_OF, company.calendar.parse(period) if period else None, filters)
    got = oracle.found(measure(store, EVERY, scope, by, company), by, EVERY)
    wanted = oracle.answer(known, EVERY, by, span(period) if period else None, filters)
    assert oracle.differences(got, wanted) == []


def test_the_oracle_knows_every_metric() -> None:
    assert sorted(oracle.EVERY) == sorted(EVERY)


def test_known_figures(public_store: Store) -> None:
    scope = Scope(AS_OF)
    by_stage = measure(public_store, ["deals", "won_amount"], scope, ["stage"]).set_index("stage")
    assert Company.of(public_store).last_day == AS_OF
    assert by_stage["deals"].to_dict() == {"Prospecting": 500, "Engaging": 1589, "Won": 4238, "Lost": 2473}
    assert list(by_stage.index) == ["Prospecting", "Engaging", "Won", "Lost"]
    assert total(public_store, "deals", scope) == 8800
    assert total(public_store, "won_amount", scope) == 10_005_534
    assert total(public_store, "win_rate", scope) == pytest.approx(0.6315, abs=5e-5)


@pytest.mark.parametrize("period", [None, "2016Q4", "2017Q1", "2017Q4", "2018Q1"])
def test_without_a_split(public_store: Store, known: Known, period: str | None) -> None:
    check(public_store, known, (), period)


@pytest.mark.parametrize("period", [None, "2017Q2"])
@pytest.mark.parametrize("key", [one.key for one in DIMENSIONS if one.key not in {"deal", "milestone"}])
def test_by_dimension(public_store: Store, known: Known, key: str, period: str | None) -> None:
    check(public_store, known, (key,), period)


@pytest.mark.parametrize("by", [("stage", "region"), ("manager", "product"), ("close_quarter", "created_quarter"),
                                ("status", "account")])  # fmt: skip
@pytest.mark.parametrize("period", [None, "2017Q3"])
def test_by_two_dimensions(public_store: Store, known: Known, by: tuple[str, str], period: str | None) -> None:
    check(public_store, known, by, period)


@pytest.mark.parametrize("name", FILTERS)
@pytest.mark.parametrize(("by", "period"), [((), None), (("stage",), None), (("owner",), "2017Q2")])
def test_filters(public_store: Store, known: Known, name: str, by: tuple[str, ...], period: str | None) -> None:
    check(public_store, known, by, period, FILTERS[name])


def test_by_deal(public_store: Store, known: Known) -> None:
    keys = ["deals", "open_pipeline", "won_amount", "days_to_win", "win_rate"]
    got = measure(public_store, keys, Scope(AS_OF), ["deal"])
    rows = known.deals.sort_values("deal")
    assert list(got["deal"]) == list(rows["deal"])
    booked = rows["amount"].where(rows["status"] == "won", 0.0)
    assert list(got["won_amount"].astype(float)) == list(booked)
    lasted = (rows["close"] - rows["created"]).dt.days.where(rows["status"] == "won")
    assert got["days_to_win"].astype(float).fillna(-1).tolist() == lasted.fillna(-1).tolist()


@pytest.mark.parametrize("day", [dt.date(2016, 10, 20), dt.date(2017, 3, 31), dt.date(2017, 12, 30)])
def test_before_the_first_export_the_dates_of_the_deals_tell_their_past(
    public_folder: Path, public_store: Store, day: dt.date
) -> None:
    raw = read(public_folder / "sales_pipeline.csv")
    created, closed = raw["engage_date"].fillna("9999"), raw["close_date"].fillna("9999")
    then = (created <= day.isoformat()) | (closed <= day.isoformat())
    gone = closed <= day.isoformat()
    won = gone & (raw["deal_stage"] == "Won")
    early = Scope(day)
    keys = ["deals", "open_deals", "won_deals", "lost_deals", "won_amount"]
    assert [float(total(public_store, key, early) or 0) for key in keys] == [
        then.sum(), (then & ~gone).sum(), won.sum(), (gone & ~won).sum(),
        raw.loc[won, "close_value"].astype(float).sum(),
    ]  # fmt: skip
    stages = measure(public_store, ["deals"], early.where("status", "open"), ["stage"])
    assert list(stages["stage"]) == ["Stage not known"]


def test_before_the_first_deal_there_is_nothing(public_store: Store) -> None:
    early = Scope(dt.date(2016, 10, 19))
    assert total(public_store, "deals", early) == 0
    assert measure(public_store, ["deals", "win_rate"], early, ["stage"]).empty
