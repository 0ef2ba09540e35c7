"""What pages say where there is nothing, and what they make of addresses that somebody has typed."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import pytest

from tas_analytics.metrics.measure import measure
from tas_analytics.metrics.scope import Scope
from tests.app.conftest import Visitor, everything, grey_line, headline, healthy

HOSTILE = [
    "stage:<script>alert(1)</script>",
    "stage:' or 1=1 --",
    "drop table load:x",
    "list:nothing",
    "list:overdue') or (true",
    "~~~:::",
    "stage:",
    "close_month:2026-99",
    "status:open~status:lost~list:stalled",
    "stage:" + "A" * 3000,
    "\u202e\u0000stage:Proof",
]


def reasons(text: str) -> list[str]:
    return [
        line
        for line in text.replace("\\", "").splitlines()
        if "would be" in line or "but none closes" in line or "matches these filters" in line
    ]


def test_an_empty_result_names_the_filter_to_take_off(visitor: Callable[[str], Visitor]) -> None:
    one = visitor("sample")
    app = healthy(one.open("pipeline", region="APAC", manager="Desmond Kitteridge"))
    said = reasons(everything(app))
    assert said, everything(app)
    assert not app.get("plotly_chart"), "a chart of nothing is no answer"


def test_an_empty_period_says_how_many_deals_lie_outside(visitor: Callable[[str], Visitor]) -> None:
    app = healthy(visitor("one deal").open("pipeline", deals="stage:Proof"))
    app.selectbox(key="period").select("all").run()
    assert len(healthy(app).dataframe[0].value) == 1
    app = healthy(visitor("sample").open("pipeline"))
    app.selectbox(key="period").select("2025Q1").run()
    assert headline(healthy(app))
    assert any("none closes in Q1 2025" in line or "Without the filter" in line for line in reasons(everything(app)))


def test_a_store_without_amounts_counts_deals(visitor: Callable[[str], Visitor]) -> None:
    app = healthy(visitor("no amounts").open("pipeline"))
    assert app.segmented_control(key="measure").value == "Deals"
    assert "deals" in headline(app)
    assert "$0" not in headline(healthy(visitor("no amounts").open()))


def test_a_store_without_dates_opens_on_all_dates(visitor: Callable[[str], Visitor]) -> None:
    app = healthy(visitor("no dates").open())
    assert "all close dates" in grey_line(app)
    assert "No deal closes" not in headline(app)


def test_one_export_claims_no_conversion(visitor: Callable[[str], Visitor]) -> None:
    """Where no export saw a lost deal before it was lost, no share of any stage is known, and none is shown."""
    app = healthy(visitor("public").open("pipeline"))
    assert "Stage conversion needs a history" in everything(app)
    assert not [chart for chart in app.get("plotly_chart") if "-conversion-" in chart.proto.id]


@pytest.mark.parametrize("place", ["home", "pipeline"])
def test_amounts_that_nobody_knows_are_not_nought(visitor: Callable[[str], Visitor], place: str) -> None:
    app = healthy(visitor("public").open(place))
    assert "$0" not in everything(app).replace("\\", "")
    assert "$0" not in [item.value for item in app.metric]


def test_a_deal_has_its_exact_amount(visitor: Callable[[str], Visitor]) -> None:
    app = healthy(visitor("public").open("deal", id="1C1I7A6R"))
    assert app.metric[0].value == "$1,054"
    assert "Won for $1,054 on 1 Mar 2017" in everything(app).replace("\\", "")


def test_a_card_without_amounts_does_not_blame_the_filters(visitor: Callable[[str], Visitor]) -> None:
    said = everything(healthy(visitor("public").open("pipeline"))).replace("\\", "")
    assert "No open deal has an amount" in said
    assert "Nothing in the store matches" not in said


def test_drill_parameters_choose_the_list(visitor: Callable[[str], Visitor]) -> None:
    one = visitor("sample")
    company = one.company
    assert company.last_day
    scope = Scope.of(company.last_day, company.calendar.parse("2026Q4"), {"status": ("open",), "stage": ("Close",)})
    expected = int(measure(one.store, ["deals"], scope)["deals"].iloc[0])
    app = healthy(one.open("pipeline", deals="stage:Close~status:open"))
    assert len(app.dataframe[0].value) == expected > 0
    assert set(app.dataframe[0].value["stage"]) == {"Close"}


@pytest.mark.parametrize("deals", HOSTILE)
def test_hostile_drill_parameters_are_only_words(visitor: Callable[[str], Visitor], deals: str) -> None:
    app = healthy(visitor("sample").open("pipeline", deals=deals))
    assert "<script>" not in everything(app).replace("\\<", "")


@pytest.mark.parametrize(
    "params",
    [
        {"region": "Atlantis"},
        {"region": "<b>x</b>"},
        {"period": "2099Q9"},
        {"period": "'; drop table load; --"},
        {"as_of": "yesterday"},
        {"as_of": "1066-10-14"},
        {"data": "theirs"},
        {"owner": "A" * 2000},
        {"status": "maybe"},
    ],
    ids=str,
)
@pytest.mark.parametrize("place", ["home", "pipeline"])
def test_hostile_filters_are_ignored(visitor: Callable[[str], Visitor], place: str, params: dict[str, str]) -> None:
    """Values that do not exist leave the view as if they had not been asked for."""
    one = visitor("sample")
    app = healthy(one.open(place, **params))
    assert grey_line(app) == _unasked(one, place)


@cache
def _unasked(one: Visitor, place: str) -> str:
    return grey_line(one.open(place))


@pytest.mark.parametrize("params", [{"split": "deal"}, {"split": "1=1"}, {"measure": "Profit"}], ids=str)
def test_hostile_switches_are_ignored(visitor: Callable[[str], Visitor], params: dict[str, str]) -> None:
    app = healthy(visitor("sample").open("pipeline", **params))
    assert app.segmented_control(key="measure").value == "Amount"


@pytest.mark.parametrize("deal_id", ["", "nobody", "' or 1=1 --", "<script>", "\u0000", "A" * 3000])
def test_an_unknown_deal_is_said_to_be_unknown(visitor: Callable[[str], Visitor], deal_id: str) -> None:
    app = healthy(visitor("sample").open("deal", id=deal_id))
    assert "not in the data shown" in headline(app)
    assert not app.metric


def test_a_deal_of_one_store_is_not_shown_for_the_other(visitor: Callable[[str], Visitor]) -> None:
    """The sample and the company's data are never mixed."""
    one = visitor("one deal")
    assert headline(healthy(one.open("deal", id="D1"))) == "Only one"
    app = healthy(one.open("deal", id="D1", data="sample"))
    assert "Sample company" in grey_line(app)
    assert "not in the data shown" in headline(app)


def test_switching_to_the_sample_takes_the_filters_off(visitor: Callable[[str], Visitor]) -> None:
    app = visitor("public").open()
    app.multiselect(key="region").select("Central").run()
    assert "Central" in grey_line(app)
    app.segmented_control(key="data").set_value("sample").run()
    assert grey_line(healthy(app)).count("Central") == 0
    assert "Sample company · Q4 2026" in grey_line(app)
