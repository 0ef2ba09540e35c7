"""The planted facts of the sample company found again, and every metric against pandas on its 21 exports."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping
from typing import Any

import pandas as pd
import pytest

from tas_analytics.metrics.company import Company
from tas_analytics.metrics.deals import FLAGS, deal_list, flag_totals
from tas_analytics.metrics.dimensions import DIMENSIONS
from tas_analytics.metrics.measure import measure, total
from tas_analytics.metrics.registry import metrics
from tas_analytics.metrics.scope import Scope
from tas_analytics.store.database import Store
from tests.metrics import oracle, rawfiles

AS_OF = dt.date(2026, 11, 16)
EVERY = oracle.known_here((one.key, one.group) for one in metrics())
WEIGHTY = ["deals", "open_pipeline", "weighted_pipeline", "won_amount", "win_rate", "coverage", "slip_rate",
           "push_count", "stage_conversion", "days_in_stage", "stalled_deals", "overdue_pipeline"]  # fmt: skip
Facts = dict[str, Any]


@pytest.fixture(scope="module")
def facts() -> Facts:
    loaded: Facts = json.loads((rawfiles.SAMPLE / "facts.json").read_text("utf-8"))
    return loaded


@pytest.fixture(scope="module")
def company(sample_store: Store) -> Company:
    return Company.of(sample_store)


def check(
    store: Store, by: tuple[str, ...] = (), period: str | None = None, *, day: dt.date = AS_OF,
    filters: Mapping[str, tuple[str, ...]] | None = None, keys: list[str] = EVERY,
) -> None:  # fmt: skip
    company = Company.of(store)
    scope = Scope.of(day, company.calendar.parse(period) if period else None, filters)
    got = oracle.found(measure(store, keys, scope, by, company), by, keys)
    wanted = oracle.answer(rawfiles.known(day), keys, by, rawfiles.span(period) if period else None, filters)
    assert oracle.differences(got, wanted) == []


# --- the planted facts ------------------------------------------------------------------------------------------------


def by_name(store: Store, keys: list[str], scope: Scope, dimension: str) -> dict[Any, dict[Any, Any]]:
    return measure(store, keys, scope, [dimension]).set_index(dimension).to_dict("index")


def test_counts(sample_store: Store, facts: Facts) -> None:
    keys = ["deals", "open_deals", "won_deals", "lost_deals", "overdue_deals"]
    row = measure(sample_store, keys, Scope(AS_OF)).iloc[0]
    names = ["deals", "open", "won", "lost", "past_due"]
    assert [int(row[key]) for key in keys] == [facts["counts"][name] for name in names]


def test_win_rate_by_region(sample_store: Store, facts: Facts) -> None:
    rows = by_name(sample_store, ["won_deals", "lost_deals", "win_rate"], Scope(AS_OF), "region")
    for region, fact in facts["win_rate_by_region"].items():
        row = rows[region]
        assert (row["won_deals"], row["lost_deals"]) == (fact["won"], fact["lost"])
        assert row["win_rate"] == pytest.approx(fact["rate"], abs=1e-6)


def test_win_rate_by_source(sample_store: Store, facts: Facts) -> None:
    sources = tuple(source for source in measure(sample_store, ["deals"], Scope(AS_OF), ["source"])["source"])
    for name, fact in facts["win_rate_by_source"].items():
        chosen = (name,) if name in sources else tuple(source for source in sources if source != "Partner")
        row = measure(
            sample_store, ["won_deals", "lost_deals", "win_rate"], Scope(AS_OF).where("source", *chosen)
        ).iloc[0]
        assert (row["won_deals"], row["lost_deals"]) == (fact["won"], fact["lost"])
        assert row["win_rate"] == pytest.approx(fact["rate"], abs=1e-6)


def test_stages(sample_store: Store, facts: Facts) -> None:
    keys = ["stage_passed", "stage_lost", "stage_conversion", "stays", "days_in_stage"]
    rows = by_name(sample_store, keys, Scope(AS_OF), "stage")
    assert [stage for stage in rows if stage in facts["stages"]] == list(rawfiles.OPEN_STAGES)
    for stage, fact in facts["stages"].items():
        row = rows[stage]
        assert (row["stage_passed"], row["stage_lost"], row["stays"]) == (
            fact["passed"],
            fact["lost"],
            fact["advances"],
        )
        assert row["stage_conversion"] == pytest.approx(fact["rate"], abs=1e-6)
        assert row["days_in_stage"] == pytest.approx(fact["p75_days"], abs=0.005)


def test_pushes_by_team(sample_store: Store, facts: Facts) -> None:
    rows = by_name(sample_store, ["push_count"], Scope(AS_OF), "team")
    assert {team: rows[team]["push_count"] for team in facts["pushes_by_team"]} == {
        team: fact["pushes"] for team, fact in facts["pushes_by_team"].items()
    }


def test_concentration(sample_store: Store, company: Company, facts: Facts) -> None:
    fact = facts["concentration"]
    row = measure(sample_store, ["open_pipeline", "top_10_share"], Scope(AS_OF)).iloc[0]
    assert row["open_pipeline"] == fact["open_usd"]
    assert row["top_10_share"] == pytest.approx(fact["share"], abs=1e-6)
    listed = deal_list(sample_store, company, Scope(AS_OF), ("top10",))
    assert len(listed) == 10
    assert listed["amount"].sum() == pytest.approx(fact["top10_usd"], abs=1e-6)


def test_slip(sample_store: Store, company: Company, facts: Facts) -> None:
    fact = facts["slip_2026Q3"]
    keys = ["due_deals", "due_amount", "slipped_deals", "slipped_amount", "slip_rate", "slip_rate_count"]
    row = measure(sample_store, keys, Scope(AS_OF, company.calendar.parse("2026Q3"))).iloc[0]
    assert (row["due_deals"], row["slipped_deals"]) == (fact["due_deals"], fact["slipped_deals"])
    assert (row["due_amount"], row["slipped_amount"]) == (fact["due_usd"], fact["slipped_usd"])
    assert row["slip_rate"] == pytest.approx(fact["rate"], abs=1e-6)


def test_coverage(sample_store: Store, company: Company, facts: Facts) -> None:
    scope = Scope(AS_OF, company.calendar.parse("2026Q4"))
    keys = ["target", "won_amount", "open_pipeline", "category_commit", "coverage", "commit_cumulative"]
    rows: dict[Any, Any] = by_name(sample_store, keys, scope, "region")
    rows["Total"] = measure(sample_store, keys, scope).iloc[0].to_dict()
    for region, fact in facts["coverage_2026Q4"].items():
        row = rows[region]
        money = [row["target"], row["won_amount"], row["open_pipeline"], row["category_commit"]]
        assert money == [fact["target_usd"], fact["won_usd"], fact["open_usd"], fact["commit_usd"]]
        assert row["coverage"] == pytest.approx(fact["coverage"], abs=1e-6)
        assert row["commit_cumulative"] / row["target"] == pytest.approx(fact["won_plus_commit_share"], abs=1e-6)


def test_the_call_of_every_monday(sample_store: Store, company: Company, facts: Facts) -> None:
    keys = ["won_amount", "category_commit", "commit_cumulative"]
    for fact in facts["commit_2026Q4"]:
        scope = Scope(dt.date.fromisoformat(fact["date"]), company.calendar.parse("2026Q4"))
        row = measure(sample_store, keys, scope, (), company).iloc[0]
        assert [row[key] for key in keys] == [fact["won_usd"], fact["commit_usd"], fact["won_plus_commit_usd"]]


def test_bookings(sample_store: Store, facts: Facts) -> None:
    rows = by_name(sample_store, ["won_amount", "target", "attainment"], Scope(AS_OF), "close_quarter")
    for quarter, fact in facts["bookings"].items():
        row = rows[quarter]
        assert (row["won_amount"], row["target"]) == (fact["won_usd"], fact["target_usd"])
        assert row["attainment"] == pytest.approx(fact["attainment"], abs=1e-6)


# --- everything, against pandas ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("period", [None, "2025Q1", "2026Q2", "2026Q3", "2026Q4", "2027Q1"])
def test_without_a_split(sample_store: Store, period: str | None) -> None:
    check(sample_store, (), period)


@pytest.mark.parametrize("period", [None, "2026Q3", "2026Q4"])
@pytest.mark.parametrize("key", [one.key for one in DIMENSIONS if one.key not in {"deal", "status", "milestone"}])
def test_by_dimension(sample_store: Store, key: str, period: str | None) -> None:
    check(sample_store, (key,), period)


@pytest.mark.parametrize("by", [("stage", "region"), ("team", "close_quarter"), ("owner", "forecast_category")])
def test_by_two_dimensions(sample_store: Store, by: tuple[str, str]) -> None:
    check(sample_store, by)


@pytest.mark.parametrize(
    "filters",
    [{"region": ("EMEA",)}, {"region": ("",)}, {"team": ("Americas West", "Asia Pacific")}, {"stage": ("Proof",)},
     {"status": ("open",), "segment": ("Enterprise",)}, {"owner": ("Corwin Applethwaite",)}, {"family": ("",)},
     {"account": ("O'Malleyford Dairy Ltd.", 'The "Old Kiln" Metals Co.', "Star*Reef _Pacific_ Minerals Pty Ltd")},
     {"close_quarter": ("2026Q4",), "source": ("Partner",)}],
    ids=str,
)  # fmt: skip
@pytest.mark.parametrize(("by", "period"), [((), None), (("stage",), None), (("team",), "2026Q4")])
def test_filters(
    sample_store: Store, filters: dict[str, tuple[str, ...]], by: tuple[str, ...], period: str | None
) -> None:
    check(sample_store, by, period, filters=filters)


@pytest.mark.parametrize("day", rawfiles.days(), ids=str)
def test_the_state_of_every_export_day(sample_store: Store, day: dt.date) -> None:
    check(sample_store, ("stage",), day=day)
    check(sample_store, ("region",), rawfiles.quarter_of(day), day=day, keys=WEIGHTY)


@pytest.mark.parametrize("later", [dt.date(2026, 9, 18), dt.date(2026, 9, 20)], ids=str)
def test_between_two_exports_the_earlier_holds(sample_store: Store, later: dt.date) -> None:
    keys = ["deals", "open_deals", "won_deals", "stage_passed", "push_count"]
    then = measure(sample_store, keys, Scope(later), ["stage"])
    monday = measure(sample_store, keys, Scope(dt.date(2026, 9, 14)), ["stage"])
    pd.testing.assert_frame_equal(then, monday)


def test_before_the_first_deal_nothing_is_known_but_targets(sample_store: Store) -> None:
    first = rawfiles.exports()["created"].min().date()
    row = measure(sample_store, EVERY, Scope(first - dt.timedelta(days=1))).iloc[0]
    assert {key for key in EVERY if not pd.isna(row[key]) and row[key] != 0} == {"target", "gap"}


def test_the_day_before_the_first_export_the_dates_of_the_deals_tell_who_was_open(sample_store: Store) -> None:
    day = dt.date(2026, 6, 29)
    raw = rawfiles.exports()
    firsts = raw.sort_values("day", kind="stable").groupby("deal").first()
    at = pd.Timestamp(day)
    closed = (firsts["status"] != "open") & (firsts["close"] <= at)
    there = (firsts["created"] <= at) | closed
    assert measure(sample_store, ["deals", "open_deals"], Scope(day)).iloc[0].tolist() == [
        there.sum(), (there & ~closed).sum(),
    ]  # fmt: skip


def test_the_reporting_amount_is_the_own_amount_at_the_rate_in_force(sample_store: Store, company: Company) -> None:
    listed = deal_list(sample_store, company, Scope(AS_OF)).set_index("id")
    wanted = rawfiles.known(AS_OF).deals.set_index("deal")
    assert set(listed["currency"]) == {"USD", "EUR"}
    pd.testing.assert_series_equal(
        listed["amount"].sort_index(), wanted["amount"].sort_index(), check_names=False, rtol=0, atol=1e-9
    )


def test_stall_lines_come_from_the_stays(sample_store: Store, company: Company) -> None:
    for day in (rawfiles.days()[0], dt.date(2026, 8, 10), AS_OF):
        listed = deal_list(sample_store, company, Scope(day).where("status", "open"))
        lines = listed.groupby("stage")["stall_line"].agg(["min", "max"])
        wanted = rawfiles.stall_lines(day)
        assert {stage: [wanted[stage]] * 2 for stage in lines.index} == lines.T.to_dict("list")
    assert rawfiles.stall_lines(rawfiles.days()[0])["Solution"] == 45  # no stay has ended yet: the planned days
    assert rawfiles.stall_lines(AS_OF)["Solution"] == 97


def test_every_flag_is_one_of_open_deals() -> None:
    assert [one.key for one in FLAGS if not one.sql.startswith("status = 'open' and ")] == []


def test_flags_agree_with_pandas(sample_store: Store, company: Company) -> None:
    deals = rawfiles.known(AS_OF).deals
    now_open = deals[deals["status"] == "open"]
    wanted = {
        "overdue": now_open[now_open["overdue"]],
        "stalled": now_open[now_open["stalled"]],
        "pushed": now_open[now_open["pushes"] >= 2],
        "commit": now_open[now_open["category"] == "commit"],
        "commit_stalled": now_open[(now_open["category"] == "commit") & now_open["stalled"]],
        "top10": now_open.nlargest(10, "amount"),
        "no_amount": now_open.head(0),
    }
    rows = flag_totals(sample_store, company, Scope(AS_OF), tuple(wanted)).set_index("key")
    for key, rows_wanted in wanted.items():
        assert rows.loc[key, "deals"] == len(rows_wanted)
        assert rows.loc[key, "amount"] == pytest.approx(oracle.total(rows_wanted["amount"]), abs=1e-6)
        listed = deal_list(sample_store, company, Scope(AS_OF), (key,))
        assert sorted(listed["id"]) == sorted(rows_wanted["deal"])
        if len(rows_wanted):
            assert rows.loc[key, "largest"] == listed["name"].iloc[0]
            assert rows.loc[key, "largest_amount"] == listed["amount"].iloc[0]


@pytest.mark.parametrize("period", [None, "2026Q4"])
@pytest.mark.parametrize("flags", [(), ("stalled",), ("commit", "stalled")], ids=str)
def test_a_limited_list_is_the_head_of_the_whole_one(
    sample_store: Store, company: Company, flags: tuple[str, ...], period: str | None
) -> None:
    scope = Scope(AS_OF, company.calendar.parse(period) if period else None)
    whole = deal_list(sample_store, company, scope, flags)
    assert list(whole["amount"]) == sorted(whole["amount"], reverse=True)
    for limit in (1, 3, len(whole), len(whole) + 1):
        head = deal_list(sample_store, company, scope, flags, limit)
        assert (
            head[["id", "amount", "owner"]].values.tolist() == whole[["id", "amount", "owner"]][:limit].values.tolist()
        )


def test_the_list_behind_a_number_sums_to_it(sample_store: Store, company: Company) -> None:
    scope = Scope(AS_OF, company.calendar.parse("2026Q4")).where("region", "EMEA")
    listed = deal_list(sample_store, company, scope)
    assert len(listed) == total(sample_store, "deals", scope)
    by_status = listed.groupby("status")["amount"].sum()
    assert by_status["open"] == pytest.approx(total(sample_store, "open_pipeline", scope), abs=1e-6)
    assert by_status["won"] == pytest.approx(total(sample_store, "won_amount", scope), abs=1e-6)
