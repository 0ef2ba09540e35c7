"""Fiscal periods: Python and SQL name them alike, and before, after and inside agree."""

from __future__ import annotations

import datetime as dt
from itertools import pairwise

import pytest
from hypothesis import given, strategies as st

from tas_analytics.errors import BadQuestion
from tas_analytics.metrics.company import Company
from tas_analytics.metrics.compare import before, short
from tas_analytics.metrics.measure import measure
from tas_analytics.metrics.periods import FiscalCalendar
from tas_analytics.metrics.scope import Scope, values_in_words
from tas_analytics.store.database import Store

STARTS = [1, 2, 4, 7, 10]
DAYS = st.dates(dt.date(1990, 1, 1), dt.date(2100, 12, 31))
ONE = dt.timedelta(days=1)


@pytest.mark.parametrize("start", STARTS)
def test_python_and_sql_name_the_same_quarter(empty_store: Store, start: int) -> None:
    calendar = FiscalCalendar(start)
    sql = calendar.quarter_sql("day")
    rows = empty_store.rows(
        f"select day, {sql} from (select cast(unnest(generate_series(timestamp '2023-01-01', timestamp '2029-12-31', "
        "interval 1 day)) as date) as day)"
    )
    assert len(rows) == 7 * 365 + 2
    assert [(day, name) for day, name in rows if calendar.quarter_of(day).key != name] == []
    assert empty_store.value(f"select {sql} from (select cast(null as date) as day)") is None


@pytest.mark.parametrize(
    ("start", "day", "name", "first", "last"),
    [
        (1, "2026-11-16", "2026Q4", "2026-10-01", "2026-12-31"),
        (2, "2026-01-31", "2026Q4", "2025-11-01", "2026-01-31"),
        (2, "2026-02-01", "2027Q1", "2026-02-01", "2026-04-30"),
        (4, "2026-03-31", "2026Q4", "2026-01-01", "2026-03-31"),
        (7, "2026-07-01", "2027Q1", "2026-07-01", "2026-09-30"),
        (10, "2026-09-30", "2026Q4", "2026-07-01", "2026-09-30"),
    ],
)
def test_a_year_is_named_after_the_year_it_ends_in(start: int, day: str, name: str, first: str, last: str) -> None:
    period = FiscalCalendar(start).quarter_of(dt.date.fromisoformat(day))
    assert (period.key, period.start.isoformat(), period.last_day.isoformat()) == (name, first, last)


@given(day=DAYS, start=st.sampled_from(STARTS))
def test_quarters_tile_the_time(day: dt.date, start: int) -> None:
    calendar = FiscalCalendar(start)
    quarter = calendar.quarter_of(day)
    assert quarter.contains(day)
    assert 1 <= quarter.day_of(day) <= quarter.days
    assert 89 <= quarter.days <= 92
    assert calendar.parse(quarter.key) == quarter
    assert calendar.previous(quarter).end == quarter.start
    assert calendar.next_quarter(quarter).start == quarter.end
    assert calendar.next_quarter(calendar.previous(quarter)) == quarter
    year = calendar.year(int(quarter.key[:4]))
    assert year.start <= quarter.start < quarter.end <= year.end
    assert calendar.previous(year).end == year.start
    month = calendar.month(day)
    assert calendar.parse(month.key) == month
    assert calendar.previous(month).end == month.start


@given(first=DAYS, days=st.integers(0, 1500), start=st.sampled_from(STARTS))
def test_quarters_between_two_days_leave_no_gap(first: dt.date, days: int, start: int) -> None:
    last = first + dt.timedelta(days=days)
    found = FiscalCalendar(start).quarters(first, last)
    assert found[0].contains(first)
    assert found[-1].contains(last)
    assert all(one.end == after.start for one, after in pairwise(found))


@pytest.mark.parametrize(
    ("text", "key", "label"),
    [("2026Q3", "2026Q3", "Q3 2026"), (" q3 2026 ", "2026Q3", "Q3 2026"), ("2026-Q3", "2026Q3", "Q3 2026"),
     ("2026-07", "2026-07", "Jul 2026"), ("2026", "2026", "FY 2026"), ("FY2026", "2026", "FY 2026")],
)  # fmt: skip
def test_parse(text: str, key: str, label: str) -> None:
    period = FiscalCalendar().parse(text)
    assert (period.key, period.label) == (key, label)


def test_a_quarter_of_a_year_of_its_own_says_so_and_is_read_back() -> None:
    quarter = FiscalCalendar(start_month=4).quarter_of(dt.date(2026, 11, 2))
    assert (quarter.key, quarter.label, short(quarter)) == ("2027Q3", "Q3 FY2027", "Q3")
    assert (
        FiscalCalendar(start_month=4).parse("Q3 FY2027") == FiscalCalendar(start_month=4).parse("FY2027Q3") == quarter
    )


@pytest.mark.parametrize("text", ["", "soon", "2026Q5", "2026-13", "2026-00", "26Q1", "2026Q", "' or 1=1 --", "0000",
                                  "0000Q1", "9999Q4", "9999", "9999-12"])  # fmt: skip
def test_what_is_no_period_is_refused(text: str) -> None:
    with pytest.raises(BadQuestion, match="is not a period"):
        FiscalCalendar().parse(text)


def test_short_names() -> None:
    calendar = FiscalCalendar()
    assert [short(calendar.parse(text)) for text in ("2026Q3", "2026-07", "2026")] == ["Q3", "Jul 2026", "FY 2026"]


# --- scopes -----------------------------------------------------------------------------------------------------------


def test_a_scope_says_what_it_is() -> None:
    day, quarter = dt.date(2026, 11, 16), FiscalCalendar().parse("2026Q4")
    assert Scope(day).sentence() == "all close dates · as of Mon 16 Nov 2026"
    scope = Scope(day, quarter).where("region", "West").where("stage", "Proof")
    assert scope.sentence() == "Q4 2026 · West · stage Proof · as of Mon 16 Nov 2026, day 47 of 92"
    assert "day" not in scope.on(dt.date(2027, 1, 4)).sentence()
    assert values_in_words("owner", ("A", "B", "C", "D")) == "4 owners"
    assert values_in_words("industry", ("A", "B", "C", "D")) == "4 industries"
    assert values_in_words("region", ("", "West")) == "no region, West"


def test_equal_scopes_are_equal_keys() -> None:
    day = dt.date(2026, 11, 16)
    one = Scope.of(day, None, {"region": ("West", "East"), "stage": ("Proof",)})
    other = Scope(day).where("stage", "Proof").where("region", "East", "West")
    assert one == other
    assert hash(one) == hash(other)
    assert one.where("stage").where("region") == Scope(day)
    assert Scope.of(day, None, {"region": ()}) == Scope(day)
    with pytest.raises(BadQuestion):
        Scope.of(day, None, {"no_such": ("x",)})


# --- the same question of the period before ---------------------------------------------------------------------------


def company(*days: dt.date) -> Company:
    return Company(FiscalCalendar(), "USD", False, days)


def test_without_a_period_the_export_before_is_compared() -> None:
    monday = dt.date(2026, 11, 16)
    past = before(company(monday - 7 * ONE, monday), Scope(monday))
    assert past.snapshot == past.flow == Scope(monday - 7 * ONE)
    assert past.words == "the export of 9 Nov"
    alone = before(company(monday), Scope(monday))
    assert (alone.snapshot, alone.flow) == (None, None)


def test_with_a_period_the_same_day_of_the_one_before_is_compared() -> None:
    day = dt.date(2026, 11, 16)
    quarter = FiscalCalendar().parse("2026Q4")
    past = before(company(dt.date(2026, 6, 30), day), Scope(day, quarter))
    assert past.snapshot is not None
    assert past.flow is not None
    assert past.flow.period is not None
    assert past.snapshot.as_of == dt.date(2026, 8, 16)  # day 47 of the quarter before
    assert past.flow.as_of == day
    assert (past.flow.period.start, past.flow.period.last_day) == (dt.date(2026, 7, 1), dt.date(2026, 8, 16))
    assert past.brief == "vs Q3"
    assert "day 47" in past.words
    assert before(company(dt.date(2026, 9, 1), day), Scope(day, quarter)).snapshot is None


def test_a_finished_period_is_compared_with_the_whole_one_before() -> None:
    day = dt.date(2026, 11, 16)
    past = before(company(dt.date(2025, 1, 1), day), Scope(day, FiscalCalendar().parse("2026Q3")))
    assert past.flow is not None
    assert past.flow.period == FiscalCalendar().parse("2026Q2")
    assert past.snapshot is not None
    assert past.snapshot.as_of == dt.date(2026, 6, 30)


def test_a_period_ahead_has_no_flow_before_it() -> None:
    day = dt.date(2026, 11, 16)
    past = before(company(dt.date(2025, 1, 1), day), Scope(day, FiscalCalendar().parse("2027Q1")))
    assert past.flow is None
    assert past.snapshot is not None
    assert past.snapshot.as_of == dt.date(2026, 10, 1)


@given(as_of=DAYS, start=st.sampled_from(STARTS), shift=st.integers(-400, 400), kind=st.sampled_from("qmy"))
def test_before_never_fails_and_stays_in_the_past(as_of: dt.date, start: int, shift: int, kind: str) -> None:
    calendar = FiscalCalendar(start)
    day = as_of + dt.timedelta(days=shift)
    year = int(calendar.quarter_of(day).key[:4])
    period = {"q": calendar.quarter_of(day), "m": calendar.month(day), "y": calendar.year(year)}[kind]
    one = Company(calendar, "USD", False, (dt.date(1980, 1, 1), as_of))
    past = before(one, Scope(as_of, period))
    assert past.snapshot is not None
    assert past.snapshot.period is not None
    assert past.snapshot.period.end == period.start
    assert past.snapshot.period.contains(past.snapshot.as_of)
    if past.flow and past.flow.period:
        assert period.start <= as_of
        assert past.flow.period.start == past.snapshot.period.start
        assert past.flow.period.last_day == past.snapshot.as_of


# --- filters are values, whatever they say ----------------------------------------------------------------------------


@pytest.mark.parametrize("text", ["' or 1=1 --", "'; drop table opportunity_version; --", "%", "_", '"', "$f_owner",
                                  "\\", "null", "\x00", "(select 1)", "West' or 'a'='a"])  # fmt: skip
@pytest.mark.parametrize("key", ["owner", "region", "stage", "account", "close_quarter"])
def test_hostile_text_finds_nothing_and_harms_nothing(sample_store: Store, key: str, text: str) -> None:
    scope = Scope(dt.date(2026, 11, 16)).where(key, text)
    assert measure(sample_store, ["deals", "target", "slip_rate"], scope)["deals"].iloc[0] == 0
    assert measure(sample_store, ["deals"], Scope(dt.date(2026, 11, 16)))["deals"].iloc[0] == 1200


@pytest.mark.parametrize("name", ["O'Malleyford Dairy Ltd.", 'The "Old Kiln" Metals Co.', "Brandt <Nord> GmbH",
                                  "Star*Reef _Pacific_ Minerals Pty Ltd", "Dollar$mith Bottling Inc.",
                                  "+Plusquell Energie AG", "Grünwälder Öfen & Söhne KG"])  # fmt: skip
def test_names_with_quotes_and_signs_are_found(sample_store: Store, name: str) -> None:
    scope = Scope(dt.date(2026, 11, 16)).where("account", name)
    frame = measure(sample_store, ["deals"], scope, ["account"])
    assert list(frame["account"]) == [name]
    assert frame["deals"].iloc[0] > 0
