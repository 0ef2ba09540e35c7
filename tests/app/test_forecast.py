"""The page Forecast: its sentence and figures against the command line's, narrowing, and stores that tell little."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest
from streamlit.testing.v1 import AppTest

from tas_analytics.forecast.period import HIERARCHY
from tas_analytics.metrics.scope import Scope
from tas_analytics.review.outlook import outlook, sentence
from tests.app.conftest import Visitor, everything, headline, healthy

#: Seconds until which a model must be fitted.
PATIENCE = 60.0


def fitted(app: AppTest) -> AppTest:
    """The page once the model is there: until then it says that it is not, and shows no figure of it."""
    end = time.monotonic() + PATIENCE
    while "the model is being fitted" in headline(app):
        assert not app.dataframe
        assert time.monotonic() < end
        time.sleep(0.5)
        healthy(app.run())
    return app


def test_the_page_says_what_the_command_says(visitor: Callable[[str], Visitor]) -> None:
    one = visitor("sample")
    app = fitted(healthy(one.open("forecast")))
    scope = Scope(one.company.last_day or pytest.fail("no day"), one.company.calendar.parse("2026Q4"))
    found, rows = outlook(one.store, one.company, scope, HIERARCHY)
    assert headline(app) == sentence(found, one.company.currency)
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
