"""The page Risks: its choices, its file, its settings, and stores that lack what rules need."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from tas_analytics import background
from tas_analytics.errors import TasError
from tas_analytics.metrics.scope import Scope
from tas_analytics.review import risk_rules
from tas_analytics.review.risks import risks
from tas_analytics.ui import behind, risk_settings
from tas_analytics.ui.risks import FILE, csv_of, in_words
from tests.app.conftest import Visitor, everything, headline, healthy, once
from tests.app.test_pages_run import unescaped


def checked_by_scores(app: AppTest) -> AppTest:
    """The page once the deals are checked by their chances too, which are learnt in the background."""
    return once(app, lambda app: any("chances to win are being learnt" in line.value for line in app.caption))


def test_a_rule_and_an_owner_are_chosen_in_the_address(visitor: Callable[[str], Visitor]) -> None:
    one = visitor("sample")
    app = checked_by_scores(healthy(one.open("risks")))
    assert headline(app).startswith("8 of 9 Q4 commit deals have a risk, $2.5M of $2.5M")
    everybody = app.dataframe[0].value
    assert everybody["Effect"].is_monotonic_decreasing
    app = healthy(one.open("risks", risk="pushed"))
    assert len(app.dataframe[0].value) == 2
    assert "2 deals at risk under “pushed twice or more”" in everything(app)
    app = healthy(one.open("risks", whose="Callum Prewitt"))
    assert set(app.dataframe[0].value["Owner"]) == {"Callum Prewitt"}
    app = healthy(one.open("risks", risk="<script>", whose="Nobody known"))
    assert len(app.dataframe[0].value) == len(everybody)


def test_scores_that_come_while_the_page_is_drawn_are_used(
    visitor: Callable[[str], Visitor], monkeypatch: pytest.MonkeyPatch
) -> None:
    class JustThen(behind.Task[pd.DataFrame]):
        """A task whose answer comes between the two questions of one page: is there one, and is it done."""

        asked = False

        @property
        def answer(self) -> pd.DataFrame | None:
            return super().answer if self.asked else None

        @property
        def done(self) -> bool:
            self.asked = self.wait(60)
            return self.asked

    one = visitor("sample")
    learnt = checked_by_scores(healthy(one.open("risks")))
    with monkeypatch.context() as patch:
        patch.setattr(background, "Task", JustThen)
        patch.setattr(behind.line, "_tasks", type(behind.line._tasks)())
        just_then = checked_by_scores(healthy(one.open("risks")))
    assert len(just_then.dataframe[0].value) == len(learnt.dataframe[0].value)


def test_the_file_has_every_deal_with_its_rules(visitor: Callable[[str], Visitor]) -> None:
    one = visitor("markup")
    assert one.company.last_day is not None
    found = risks(one.store, one.company, Scope(one.company.last_day))
    names = {rule.code: rule.name for rule in risk_rules.rules(one.store)}
    text = csv_of(found.deals, names).decode("utf-8-sig")
    rows = pd.DataFrame(csv.DictReader(io.StringIO(text)))
    assert list(rows.columns) == list(FILE)
    assert len(rows) == len(found.deals) > 0
    assert rows["rules"].str.len().min() > 0
    assert not rows["name"].str.startswith(("=", "+", "-", "@")).any()
    app = healthy(one.open("risks", period="all"))
    assert not unescaped(everything(app))


def test_an_edited_table_of_rules_becomes_entries() -> None:
    before = risk_settings.frame(risk_rules.default_rules())
    assert risk_settings.entered(before, before.copy()) == []
    after = before.copy()
    after.loc[after["code"] == "pushed", "threshold"] = 3.0
    after.loc[after["code"] == "no_next_step", "category"] = None
    after.loc[after["code"] == "stalled", "in_use"] = False
    own = {"rule": "Too old", "measure": "age", "comparison": None, "threshold": 400.0, "in_use": None}
    after = pd.concat([after[after["code"] != "behind"], pd.DataFrame([own])])
    rows = {row["code"]: row for row in risk_settings.entered(before, after)}
    assert set(rows) == {"pushed", "no_next_step", "stalled", "behind", "too_old"}
    assert rows["pushed"]["threshold"] == 3
    assert rows["no_next_step"]["category"] == "all", "a blank would keep the default's restriction"
    assert rows["stalled"]["in_use"] is False
    assert rows["behind"]["in_use"] is False, "what is taken out goes out of use"
    assert rows["too_old"]["in_use"] is True
    with pytest.raises(TasError, match="cannot be checked"):
        risk_settings.entered(before, pd.concat([before, pd.DataFrame([own | {"threshold": None}])]))


def test_a_rule_is_told_in_words() -> None:
    by_code = {one.code: one for one in risk_rules.default_rules()}
    assert in_words(by_code["pushed"], "USD") == "Pushes at least 2"
    assert in_words(by_code["no_next_step"], "USD") == "No next step, only in commit and best case"
    assert in_words(by_code["behind"], "USD") == "Net advantage at most −3"
    assert in_words(by_code["single_threaded"], "USD") == "Contacts known at most 1, in stages of 40\u202f% or more"
