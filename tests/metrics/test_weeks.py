"""Quarters of thirteen weeks (4-4-5), and the week's first day."""

from __future__ import annotations

import datetime as dt
from itertools import pairwise

import pytest
from hypothesis import given, strategies as st

from tas_analytics.ingest.loading.settings import change_year
from tas_analytics.metrics.company import Company
from tas_analytics.metrics.measure import measure
from tas_analytics.metrics.periods import FiscalCalendar
from tas_analytics.metrics.scope import Scope
from tas_analytics.store.database import Store
from tests.metrics.small import store_of

CALENDARS = [FiscalCalendar(start, True, week) for start, week in ((1, 1), (1, 7), (2, 1), (7, 6), (10, 3))]
DAYS = st.dates(dt.date(1990, 1, 1), dt.date(2100, 12, 31))


@given(day=DAYS, calendar=st.sampled_from(CALENDARS))
def test_quarters_of_weeks_tile_the_time(day: dt.date, calendar: FiscalCalendar) -> None:
    quarter = calendar.quarter_of(day)
    assert quarter.contains(day)
    assert quarter.days in {91, 98}
    assert quarter.start.isoweekday() == calendar.week_start
    assert calendar.parse(quarter.key) == quarter
    assert calendar.next_quarter(quarter).start == quarter.end
    assert calendar.previous(calendar.next_quarter(quarter)) == quarter
    year = calendar.parse(quarter.key[:4])
    assert year.days in {364, 371}
    assert abs((year.start - dt.date(year.start.year, calendar.start_month, 1)).days) <= 3 or year.start.month == 12


def test_a_year_begins_on_the_weekday_nearest_to_the_first() -> None:
    calendar = FiscalCalendar(1, True, 1)
    starts = [calendar.year(year).start.isoformat() for year in (2024, 2025, 2026, 2027)]
    assert starts == ["2024-01-01", "2024-12-30", "2025-12-29", "2027-01-04"]
    assert [calendar.quarter(2026, n).days for n in (1, 2, 3, 4)] == [91, 91, 91, 98]
    assert [calendar.quarter(2025, n).days for n in (1, 2, 3, 4)] == [91, 91, 91, 91]


@pytest.mark.parametrize("calendar", [*CALENDARS, FiscalCalendar(), FiscalCalendar(2), FiscalCalendar(11)], ids=str)
def test_python_and_sql_agree_on_every_day(empty_store: Store, calendar: FiscalCalendar) -> None:
    fiscal = calendar.fiscal
    year, number = "cast(name[1:4] as integer)", "cast(name[6:6] as integer)"
    rows = empty_store.rows(
        f"select day, name, number, cast({fiscal.quarter_start_sql(year, number)} as date), "
        f"cast({fiscal.quarter_start_sql(year, f'({number} + 1)')} as date), "
        f"cast({fiscal.year_start_sql(year)} as date) "
        f"from (select day, {fiscal.quarter_sql('day')} as name, {fiscal.quarter_number_sql('day')} as number from "
        "(select cast(unnest(generate_series(timestamp '2019-01-01', timestamp '2031-12-31', interval 1 day)) as date) "
        "as day)) order by day"
    )
    for day, name, _, first, beyond, begin in rows:
        quarter = calendar.quarter_of(day)
        assert (quarter.key, quarter.start, quarter.end) == (name, first, beyond), day
        assert calendar.parse(name[:4]).start == begin
    for (_, name, number, *_), (_, later, later_number, *_) in pairwise(rows):
        assert later_number - number == (name != later)


def test_weeks_of_a_quarter_begin_on_the_chosen_day() -> None:
    quarter = FiscalCalendar().parse("2026Q4")  # begins on a Thursday
    monday, sunday = FiscalCalendar(), FiscalCalendar(week_start=7)
    days = [dt.date(2026, 10, day) for day in (1, 4, 5, 11, 12)]
    assert [monday.week_of(quarter, day) for day in days] == [1, 1, 2, 2, 3]
    assert [sunday.week_of(quarter, day) for day in days] == [1, 2, 2, 3, 3]


def test_pushes_targets_and_periods_follow_the_setting(tmp_path: object) -> None:
    deals = "opportunity_id,owner,stage,amount,close_date\nD1,Ann,Talk,100,{}\n"
    files = {
        "people.csv": "person\nAnn\n",
        "targets.csv": "period,person,amount\n2026Q4,Ann,500\n",
        "opportunities_2026-12-01.csv": deals.format("2026-12-28"),
        "opportunities_2026-12-08.csv": deals.format("2027-01-02"),
    }
    store = store_of(tmp_path / "weeks.duckdb", files)  # type: ignore[operator]
    try:
        for weeks, pushes, pipeline in ((False, 1, 0.0), (True, 0, 100.0)):
            change_year(store, 1, weeks=weeks)
            company = Company.of(store)
            assert company.calendar.weeks is weeks
            scope = Scope(dt.date(2026, 12, 8))
            row = measure(store, ("push_count",), scope, (), company).iloc[0]
            assert row["push_count"] == pushes, "2 January is the last quarter's in weeks, and the next one's in months"
            quarter = scope.within(company.calendar.parse("2026Q4"))
            row = measure(store, ("open_pipeline", "target"), quarter, (), company).iloc[0]
            assert (row["open_pipeline"], row["target"]) == (pipeline, 500)
    finally:
        store.close()
