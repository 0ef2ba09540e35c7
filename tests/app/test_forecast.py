"""The page Forecast: its sentence and figures against the command line's, narrowing, and stores that tell little."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from streamlit.testing.v1 import AppTest

from tas_analytics.forecast.period import HIERARCHY
from tas_analytics.metrics.scope import Scope
from tas_analytics.review.outlook import outlook, sentence
from tests.app.conftest import Visitor, everything, headline, healthy, once

#: A large open deal of the sample.
DEAL = "0065e000000L09cAAC"


def fitted(app: AppTest) -> AppTest:
    """The page once the model is there: until then it says that it is not, and shows no figure of it."""

    def is_waiting(app: AppTest) -> bool:
        waiting = "the model is being fitted" in headline(app)
        assert not (waiting and app.dataframe)
        return waiting

    return once(app, is_waiting)


def test_the_page_says_what_the_command_says(visitor: Callable[[str], Visitor]) -> None:
    one = visitor("sample")
    app = fitted(healthy(one.open("forecast")))
    scope = Scope(one.company.last_day or pytest.fail("no day"), one.company.calendar.parse("2026Q4"))
    found, rows = outlook(one.store, one.company, scope, HIERARCHY)
    assert headline(app) == sentence(found, one.company.currency)
    rows = rows.iloc[1:]  # one leader over all says the same as everybody
    shown = app.dataframe[0].value
    assert shown["P50"].tolist() == pytest.approx((rows["p50"] / 1e6).tolist())
    assert shown["Name"].str.strip().tolist() == rows["name"].tolist()
    assert "Won and commit" in str(app.table[0].value)
    assert app.dataframe[1].value["Amount"].iloc[0] == pytest.approx(found.deals["amount"].iloc[0])


def test_filters_splits_and_groups_narrow_the_page(visitor: Callable[[str], Visitor]) -> None:
    one = visitor("sample")
    app = fitted(healthy(one.open("forecast", region="EMEA", forecast_by="By owner", group="Jörg Wiesenthaler")))
    scope = Scope(one.company.last_day or pytest.fail("no day"), one.company.calendar.parse("2026Q4"))
    emea = outlook(one.store, one.company, scope.where("region", "EMEA"))[0]
    assert headline(app) == sentence(emea, one.company.currency)
    assert set(app.dataframe[1].value["Owner"]) == {"Jörg Wiesenthaler"}
    assert app.button(key="forecast-all").click().run()
    assert len(set(app.dataframe[1].value["Owner"])) > 3


def test_a_period_that_is_over_and_one_that_is_named_by_nobody(visitor: Callable[[str], Visitor]) -> None:
    one = visitor("sample")
    over = healthy(one.open("forecast", period="2026Q3"))
    assert headline(over).startswith("Q3 is over: $5.6M was won")
    none = fitted(healthy(one.open("forecast", period="All close dates")))
    assert headline(none).startswith("Q4 will likely land")


@pytest.mark.parametrize("name", ["one deal", "no amounts"])
def test_too_little_data_is_said_plainly(visitor: Callable[[str], Visitor], name: str) -> None:
    app = fitted(healthy(visitor(name).open("forecast")))
    assert headline(app)
    assert "nan" not in everything(app).lower().split()
    assert "stage table" in everything(app)


@pytest.mark.parametrize("params", [{"group": "<script>"}, {"forecast_by": "nonsense"}, {"group": ""}])
def test_typed_addresses_never_break_the_page(visitor: Callable[[str], Visitor], params: dict[str, str]) -> None:
    assert headline(fitted(healthy(visitor("sample").open("forecast", **params))))


def test_the_score_of_a_deal_and_what_would_change_it(visitor: Callable[[str], Visitor]) -> None:
    one = visitor("sample")
    app = fitted_tab(healthy(one.open("deal", id=DEAL, topic="Score")))
    shown = {metric.label: metric.value for metric in app.metric}
    by_end = shown["Won by the end of Q4"]
    assert shown["Score"] == by_end
    assert [float(shown[f"Won within {days} days"].split("\u202f")[0]) for days in (30, 60, 90)] == sorted(
        float(shown[f"Won within {days} days"].split("\u202f")[0]) for days in (30, 60, 90)
    )
    found = {element.value for element in app.markdown}
    assert any("What would change the score?" in text for text in found)
    version = one.store.data_version
    next(one for one in app.toggle if one.label == "Drop the deal").set_value(True).run()
    table = next(frame.value for frame in app.table if "Then" in frame.value)
    assert table["Now"].iloc[0] == by_end
    assert table["Then"].iloc[0] == "0\u202f%"
    assert "lowers the score by" in everything(healthy(app))
    assert one.store.data_version == version, "nothing is saved unless asked"


def test_a_closed_deal_has_no_score(visitor: Callable[[str], Visitor]) -> None:
    one = visitor("sample")
    sql = (
        "select oid.natural_key from opportunity_version v join stage s using (stage_key) join record oid "
        "on oid.table_name = 'opportunities' and oid.record_key = v.record_key where s.status = 'won' limit 1"
    )
    app = healthy(one.open("deal", id=str(one.store.value(sql)), topic="Score"))
    assert "This deal is won" in everything(app)
    assert "Score" not in {metric.label for metric in app.metric}


def fitted_tab(app: AppTest) -> AppTest:
    """The tab once the model is there."""
    return once(app, lambda app: "The model is being fitted" in everything(app))


def test_a_track_record_that_cannot_be_yet_says_so(visitor: Callable[[str], Visitor]) -> None:
    def is_waiting(app: AppTest) -> bool:
        waiting = "Walking through the past" in everything(app)
        assert not waiting or headline(app).startswith("The past is being asked")
        return waiting

    app = once(healthy(visitor("one deal").open("track-record")), is_waiting)
    assert headline(app).startswith("There is no track record yet")
    assert "is not proven" not in everything(app)
