"""The tabs Strategy and Value and the page Strategy: what they say, and what entering does."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from tas_analytics.metrics.company import Company
from tas_analytics.metrics.scope import Scope
from tas_analytics.metrics.strategic import DealCase, cases
from tas_analytics.metrics.values import value_of
from tas_analytics.store.database import Store
from tests.app import stores
from tests.app.conftest import Shelf, Visitor, everything, headline, healthy

DAY = dt.date(2026, 11, 16)
DEALS = (
    "opportunity_id,name,account,owner,stage,amount,close_date,created_date,forecast_category\n"
    'D1,"Big *deal* <b>x</b>",Acme,Ann Lee,Proof,120000,2026-12-10,2026-10-01,Commit\n'
    "D2,Small,Acme,Ann Lee,Qualify,5000,2026-12-20,2026-10-01,Pipeline\n"
)
RATINGS = "opportunity_id,competitor,criterion,rating,assessed_on\n" + "".join(
    f"D1,{rival},{number},{sign},2026-10-20\n"
    for rival, signs in (("", {5: "+", 6: "+", 7: "+", 9: "+", 10: "+", 12: "+"}),
                         ('"Evil *Corp* <i>"', {7: "-", 9: "-", 10: "-", 12: "+"}))
    for number, sign in signs.items()
)  # fmt: skip
STRATEGIES = (
    "opportunity_id,strategy,variation,competitor,declared_on,author,reason\n"
    'D1,Develop,Invest,"Evil *Corp* <i>",2026-11-02,"Dana :red[x]","because $1 and $2 *are* <b>one</b>"\n'
)


@pytest.fixture
def own(tmp_path: Path, shelf: Shelf, monkeypatch: pytest.MonkeyPatch) -> Visitor:
    path = stores.store_with(
        tmp_path / "own.duckdb",
        {f"opportunities_{DAY}.csv": DEALS, "assessments.csv": RATINGS, "strategies.csv": STRATEGIES},
    )
    one = Visitor(path, shelf.path("sample"))
    monkeypatch.setenv("TAS_STORE", str(one.own))
    monkeypatch.setenv("TAS_SAMPLE_STORE", str(one.sample))
    return one


def case(one: Visitor, deal: str = "D1") -> DealCase:
    store = Store.open(one.own)
    return next(c for c in cases(store, Company.of(store), Scope(DAY)) if c.deal["id"] == deal)


def tab(one: Visitor, deal: str = "D1", name: str = "Strategy") -> AppTest:
    return healthy(one.open("deal", id=deal, topic=name))


def plain(app: AppTest) -> str:
    return everything(app).replace("\\", "")


def test_advised_stands_beside_declared_with_flags_and_reasons(own: Visitor) -> None:
    words = plain(tab(own))
    assert "Develop is declared, but what is known advises Frontal, solution" in words
    assert "The tree leads to Frontal, solution" in words
    assert "Develop or disengage on a deal in commit" in words
    assert "ahead of Evil *Corp* <i> on #7 #9 #10, behind on none" in "".join(
        row for frame in tab(own).table for row in frame.value.astype(str).to_numpy().ravel()
    ).replace("\\", "")


def test_names_with_markup_stay_words(own: Visitor) -> None:
    raw = everything(tab(own))
    for harmful in ("*Corp*", "<i>", ":red[x]", "*are*", "<b>one"):
        assert harmful not in raw.replace("\\" + harmful[0], ""), harmful


def test_declaring_a_strategy_is_an_entry_with_its_author(own: Visitor) -> None:
    app = tab(own)
    app.selectbox(key="declare-strategy").set_value("Flanking").run()
    app.selectbox(key="declare-variation-flanking").set_value("Alter the rules").run()
    app.text_input(key="declare-reason").set_value("the *criteria* are open").run()
    healthy(app.button(key="declare-save").click().run())
    found = case(own)
    assert found.strategy is not None
    assert (found.strategy.key, found.current[0].reason) == ("flanking", "the *criteria* are open")
    assert found.current[0].variation is not None
    assert (found.current[0].variation.key, found.current[0].competitor) == ("alter", None)
    assert len(found.declared) == 2
    assert len(found.current) == 1, "one against nobody in particular replaces what was declared before"


def test_a_declaration_can_be_withdrawn(own: Visitor) -> None:
    app = tab(own)
    record = case(own).current[0].record
    healthy(app.button(key=f"withdraw-{record}").click().run())
    assert case(own).declared == ()


def test_a_judgement_needs_a_reason_and_can_be_taken_back(own: Visitor) -> None:
    app = tab(own)
    app.selectbox(key="judge-key").set_value("three_to_one").run()
    app.segmented_control(key="judge-answer-three_to_one").set_value("no").run()
    app.button(key="judge-save").click().run()
    assert "A judgement needs a reason" in everything(app)
    assert case(own).judgements["three_to_one"].author is None
    app.text_input(key="judge-reason").set_value("two evaluators prefer them").run()
    healthy(app.button(key="judge-save").click().run())
    given = case(own).judgements["three_to_one"]
    assert (given.answer, given.reason) == (False, "two evaluators prefer them")
    app = tab(own)
    assert "proposed was yes" in "".join(
        row for frame in app.table for row in frame.value.astype(str).to_numpy().ravel()
    )
    app.selectbox(key="judge-key").set_value("three_to_one").run()
    healthy(app.button(key="judge-back").click().run())
    assert case(own).judgements["three_to_one"].author is None


def test_a_proposition_is_unfinished_until_every_slot_is_filled_and_then_confirmed(own: Visitor) -> None:
    app = tab(own, name="Value")
    assert "Nothing says yet what the customer gains" in everything(app)
    app.selectbox(key="propose-form").set_value("Tracking").run()
    app.text_input(key="slot-tracking-tracking_system").set_value("a *joint* scorecard").run()
    healthy(app.button(key="propose-save").click().run())
    words = everything(tab(own, name="Value"))
    assert "unfinished: how often it is reported" in words
    assert "*joint*" not in words.replace("\\*", "")
    app = tab(own, name="Value")
    app.selectbox(key="propose-form").set_value("Tracking").run()
    app.text_input(key="slot-tracking-frequency").set_value("every quarter").run()
    app.text_input(key="propose-tracking-who").set_value("Plant manager").run()
    app.date_input(key="propose-tracking-when").set_value(DAY).run()
    healthy(app.button(key="propose-save").click().run())
    store = Store.open(own.own)
    key = store.value("select record_key from record where table_name = 'opportunities' and natural_key = 'D1'")
    [told] = value_of(store, key, DAY).propositions
    assert (told.empty, told.confirmed_by, told.confirmed_on) == ((), "Plant manager", DAY)
    assert told.slots["tracking_system"] == "a *joint* scorecard", "what was not changed is kept"
    assert "confirmed by Plant manager on 16 Nov 2026" in everything(tab(own, name="Value"))


def test_a_chain_of_value_grows_step_by_step(own: Visitor) -> None:
    app = tab(own, name="Value")
    app.text_input(key="argue-0-business_driver").set_value("energy <b>").run()
    healthy(app.button(key="argue-save").click().run())
    app = tab(own, name="Value")
    assert "No chain is complete: the business initiative is open" in plain(app)
    assert app.text_input(key="argue-0-business_driver").value == "energy <b>"


def test_the_portfolio_names_what_is_wrong(own: Visitor) -> None:
    app = healthy(own.open("strategy", period="all"))
    assert headline(app) == (
        "$120k in 1 open deal with a strategy that breaks a rule; most often: "
        "develop or disengage on a deal in commit (1)"
    )
    assert "1 open deal breaks a rule" in everything(app).lower()


@pytest.mark.parametrize("name", ["sample", "one deal", "no amounts", "markup"])
def test_the_portfolio_counts_what_the_cases_say(visitor: Callable[[str], Visitor], name: str) -> None:
    one = visitor(name)
    found = cases(one.store, one.company, Scope(one.company.last_day or DAY))
    app = healthy(one.open("strategy", period="all"))
    wrong = sum(any(flag.certain for flag in case.flags) for case in found)
    words = headline(app)
    if wrong:
        assert f"{wrong} open deal" in words
    else:
        assert "declared strategy" in words


def test_an_earlier_day_takes_no_entries(visitor: Callable[[str], Visitor]) -> None:
    one = visitor("sample")
    deal = next(c for c in cases(one.store, one.company, Scope(DAY)) if c.declared)
    app = healthy(one.open("deal", id=str(deal.deal["id"]), topic="Strategy", as_of="2026-11-09"))
    keys = {button.key for button in app.button}
    assert "declare-save" not in keys
    assert "judge-save" not in keys
