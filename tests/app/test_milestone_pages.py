"""The tabs Milestones, Plan and Warnings of a deal, and the page My activities."""

from __future__ import annotations

import datetime as dt
import shutil
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from tas_analytics.metrics.company import Company
from tas_analytics.metrics.scope import Scope
from tas_analytics.store.database import Store
from tas_analytics.ui import deal_chips
from tas_analytics.ui.session import View
from tests.app import stores
from tests.app.conftest import Visitor, everything, headline, healthy
from tests.app.test_pages_run import unescaped
from tests.sample.raw import SAMPLE, read_report, read_table

TABS = ("Milestones", "Plan", "Warnings")
TODAY = "2026-11-16"


def findings(app: AppTest) -> list[str]:
    """The titles of the cards, as a reader sees them."""
    titles = (e.value.partition("\n")[0] for e in app.main.markdown if e.value.startswith("### "))
    return [title.removeprefix("### ").replace("\\", "") for title in titles]


def test_what_speaks_against_a_deal_stands_under_its_name(tmp_path: Path) -> None:
    """Ticked signals, overdue milestones and a stage ahead of its evidence, with markup in the names."""
    deals = "opportunity_id,name,stage,amount,close_date,created_date,forecast_category\n"
    deals += "A,Alpha,Solution,10,2026-12-31,2026-11-01,Commit\nB,Beta,Qualify,10,2026-12-31,2026-11-01,\n"
    path = stores.store_with(
        tmp_path / "chips.duckdb",
        {
            "deals_2026-11-16.csv": deals,
            "milestones.csv": "opportunity_id,milestone,target_date\nA,Opportunity qualified,2026-11-10\n",
            "warning_signals.csv": "signal,ask\nThey *went* [away],Did they?\n",
            "warnings.csv": "opportunity_id,signal,seen_on\nA,They *went* [away],2026-11-15\n",
        },
    )
    view = View("own", store := Store.open(path), store.data_version, company := Company.of(store),
                Scope(company.last_day or dt.date.min))  # fmt: skip
    rows = {str(row["id"]): row for _, row in view.deals().iterrows()}
    found = [(one.words, one.colour) for one in deal_chips.chips(view, rows["A"])]
    assert found == [
        ("Commit", "blue"), ("! They *went* [away]", "orange"), ("! 1 milestone overdue", "orange"),
        ("! evidence for Qualify only", "orange"),
    ]  # fmt: skip
    assert deal_chips.chips(view, rows["B"]) == []
    store.close()


@pytest.mark.parametrize("tab", TABS)
@pytest.mark.parametrize(("name", "deal"), [("one deal", "D1"), ("markup", "M0"), ("plans", "M0"), ("no dates", "T0")])
def test_a_tab_is_drawn_whatever_is_known(visitor: Callable[[str], Visitor], name: str, deal: str, tab: str) -> None:
    app = healthy(visitor(name).open("deal", id=deal, topic=tab))
    assert findings(app)
    assert not unescaped(everything(app))


def test_names_with_markup_stay_words_in_the_list_of_a_person(visitor: Callable[[str], Visitor]) -> None:
    one = visitor("plans")
    assert not unescaped(everything(healthy(one.open("activities"))))
    app = healthy(one.open("activities", person="*Bold* Ltd."))
    assert headline(app).startswith("*Bold* Ltd. has 1 open activity: 1 overdue")
    assert not unescaped(everything(app))


def test_the_first_sentence_is_what_the_files_say(visitor: Callable[[str], Visitor]) -> None:
    tasks = read_table("activities")
    still = tasks[tasks["done_date"] == ""]
    overdue = still[still["due_date"] < TODAY]
    most = overdue["owner"].value_counts()
    one = visitor("sample")
    assert headline(healthy(one.open("activities"))) == (
        f"{len(still)} open activities, {len(overdue)} of them overdue; {most.index[0]} has the most, {most.iloc[0]}"
    )
    hers = still[still["owner"] == most.index[0]]
    late = hers[hers["due_date"] < TODAY]
    oldest = (pd.Timestamp(TODAY) - pd.Timestamp(late["due_date"].min())).days
    assert headline(healthy(one.open("activities", person=str(most.index[0])))) == (
        f"{most.index[0]} has {len(hers)} open activities: {len(late)} overdue, the oldest {oldest} days"
    )


def test_the_milestones_of_a_deal_are_told_in_a_sentence(visitor: Callable[[str], Visitor]) -> None:
    steps = read_table("milestones")
    waiting = steps[(steps["achieved_date"] == "") & (steps["target_date"] < TODAY)]
    last = pd.DataFrame(stores_open())
    for deal, rows in list(waiting[waiting["opportunity_id"].isin(last["id"])].groupby("opportunity_id"))[:2]:
        app = healthy(visitor("sample").open("deal", id=str(deal), topic="Milestones"))
        assert findings(app)[0].startswith(f"{len(rows)} milestone{'s are' if len(rows) > 1 else ' is'} overdue")
        reached = steps[(steps["opportunity_id"] == deal) & (steps["achieved_date"] != "")]
        assert f"{len(reached)} of {int((steps['opportunity_id'] == deal).sum())} reached" in findings(app)


def stores_open() -> list[dict[str, str]]:
    """The open deals of the newest export."""
    frame = read_report(SAMPLE / "opportunities" / f"opportunities_{TODAY}.csv")
    return [{"id": str(one)} for one in frame.loc[frame["open"], "Opportunity ID"]]


def test_a_milestone_says_how_many_of_its_activities_are_open(visitor: Callable[[str], Visitor]) -> None:
    said = everything(healthy(visitor("plans").open("deal", id="M0", topic="Milestones")))
    assert said.count("1 open activity") == len(stores.MARKUP)
    assert not unescaped(said)


def test_a_deal_without_milestones_says_what_its_stages_tell(visitor: Callable[[str], Visitor]) -> None:
    app = healthy(visitor("one deal").open("deal", id="D1", topic="Milestones"))
    said = everything(app).replace("\\", "")
    assert "No milestones are recorded for this deal" in said
    assert "Derived from its stages: Proof" in said


def test_an_earlier_day_can_be_looked_at_but_nothing_entered(visitor: Callable[[str], Visitor]) -> None:
    one = visitor("sample")
    deal = stores_open()[0]["id"]
    app = healthy(one.open("deal", id=deal, topic="Plan", as_of="2026-11-09"))
    assert not [button for button in app.button if button.key == "add-activity"]
    app = healthy(one.open("deal", id=deal, topic="Plan"))
    assert [button for button in app.button if button.key == "add-activity"]


def test_a_tick_is_entered_with_author_and_day_and_can_be_taken_back(
    tmp_path: Path, shelf: object, monkeypatch: pytest.MonkeyPatch, visitor: Callable[[str], Visitor]
) -> None:
    one = visitor("one deal")
    own = tmp_path / "own.duckdb"
    Store.open(one.own).close()
    shutil.copy(one.own, own)
    monkeypatch.setenv("TAS_STORE", str(own))
    mine = Visitor(own, one.sample)
    app = healthy(mine.open("deal", id="D1", topic="Warnings"))
    (box,) = [one for one in app.checkbox if one.key and one.key.startswith("signal-delays")]
    box.check().run()
    healthy(app)
    assert findings(app)[0].startswith("1 warning signal of")
    assert Store.open(own).rows("select signal, holds from deal_warning_version") == [("delays", True)]
    (undo,) = [button for button in app.button if button.key == "undo-last"]
    undo.click().run()
    healthy(app)
    assert findings(app)[0] == "No warning signal was ticked"
    assert Store.open(own).value("select count(*) from deal_warning_version") == 0
    Store.open(own).close()
