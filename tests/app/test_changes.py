"""The page What changed: its figures, its lists, and the states in which there is nothing to compare."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tas_analytics.formats import money
from tas_analytics.metrics.company import Company
from tas_analytics.metrics.scope import Scope
from tas_analytics.review.changes import changed_deals, changes
from tas_analytics.store.database import Store
from tests.app import stores
from tests.app.conftest import Visitor, everything, headline, healthy
from tests.app.test_pages_run import unescaped

OPEN = "changes"


def shown(app: object) -> str:
    return everything(app).replace("\\", "")  # type: ignore[arg-type]


def test_the_sentence_and_the_list_hold_the_waterfalls_figures(visitor: Callable[[str], Visitor]) -> None:
    one = visitor("sample")
    app = healthy(one.open(OPEN))
    company = one.company
    since = dt.date(2026, 11, 9)
    scope = Scope(dt.date(2026, 11, 16), company.calendar.parse("2026Q4"))
    found = changes(one.store, company, since, scope)
    fell, won = money(-float(found.net)), money(-float(found.buckets["won"].amount))
    assert headline(app).startswith(f"Open Q4 pipeline fell {fell} this week: {won} was won")
    moved = [deal for deal in changed_deals(one.store, company, since, scope) if deal["bucket"] != "unchanged"]
    assert f"{len(moved)} deals moved" in shown(app)
    assert list(app.dataframe[0].value["Deal"]) == [deal["name"] for deal in moved]


def test_the_default_is_the_previous_weekly_export_and_both_days_can_be_chosen(
    visitor: Callable[[str], Visitor],
) -> None:
    app = healthy(visitor("sample").open(OPEN))
    assert app.selectbox(key="since").value == "2026-11-09"
    app.selectbox(key="to").select("2026-10-12").run()
    assert healthy(app).selectbox(key="as_of").value == "2026-10-12"
    app.selectbox(key="since").select("2026-06-30").run()
    assert "since 30 Jun" in headline(healthy(app))


@pytest.mark.parametrize("show", ["won", "slipped", "category:commit>bucket:won", "stage:Close>*"])
def test_a_link_opens_a_list(visitor: Callable[[str], Visitor], show: str) -> None:
    app = healthy(visitor("sample").open(OPEN, show=show))
    rows = app.dataframe[0].value
    assert len(rows)
    if show in {"won", "category:commit>bucket:won"}:
        assert set(rows["What happened"].str.slice(0, 3)) == {"Won"}
    assert f"{len(rows)} deals" in shown(app)


@pytest.mark.parametrize(
    "show", ["<script>", "won' or 1=1", "category:", "category:x>y", "stage:*>*", "*" * 3000, ":>", "unchanged"]
)
def test_a_typed_address_never_breaks_the_page(visitor: Callable[[str], Visitor], show: str) -> None:
    assert headline(healthy(visitor("sample").open(OPEN, show=show)))


def test_a_single_export_says_what_to_load(visitor: Callable[[str], Visitor]) -> None:
    app = healthy(visitor("one deal").open(OPEN))
    assert headline(app) == "There is no earlier export to compare with"
    assert "Load the export of another day" in shown(app)
    assert not app.get("plotly_chart")


def test_a_meeting_on_a_single_export_says_the_same(visitor: Callable[[str], Visitor]) -> None:
    app = healthy(visitor("one deal").open("meeting", step="changes"))
    assert headline(app) == "There is no earlier export to compare with"
    assert "Load the export of another day" in shown(app)


def test_the_first_day_of_many_says_to_choose_a_later_one(visitor: Callable[[str], Visitor]) -> None:
    app = healthy(visitor("sample").open(OPEN, as_of="2026-06-30"))
    assert "Choose a later day" in shown(app)


@pytest.fixture
def markup(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Visitor]:
    """Awkward names in two exports, between which everything has moved."""
    text = stores.markup_names()["deals.csv"]
    later = text.replace("Qualify", "Lost").replace("2026-12", "2027-02")
    path = stores.store_with(
        tmp_path / "own.duckdb",
        {
            "deals_2026-11-09.csv": text,
            "deals_2026-11-16.csv": later,
        },
    )
    monkeypatch.setenv("TAS_STORE", str(path))
    monkeypatch.setenv("TAS_SAMPLE_STORE", str(path))
    yield Visitor(path, path)
    Store.open(path).close()


def test_markup_in_names_is_shown_not_obeyed(markup: Visitor) -> None:
    for params in ({}, {"period": "2026Q4"}, {"show": "lost"}, {"flow_by": "By stage"}):
        app = healthy(markup.open(OPEN, data="own", **params))
        assert unescaped(everything(app)) == []
        assert Company.of(markup.store).exports == 2
