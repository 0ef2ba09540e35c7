"""Declared and advised strategies of the deals: read from the store as known on a day."""

from __future__ import annotations

import datetime as dt
import json
from collections import Counter
from pathlib import Path

import pytest

from tas_analytics.ingest.loading.entry import enter, withdraw
from tas_analytics.metrics.company import Company
from tas_analytics.metrics.scope import Scope
from tas_analytics.metrics.strategic import DealCase, cases
from tas_analytics.metrics.strategy_outcomes import outcomes
from tas_analytics.metrics.strategy_words import of_agreement, of_deal, of_portfolio, of_tree
from tas_analytics.store.database import Store
from tests.metrics.small import store_of
from tests.sample.raw import SAMPLE, read_table

AS_OF = dt.date(2026, 11, 16)
DAY = dt.date(2026, 1, 31)
DEALS = """opportunity_id,name,account,stage,amount,close_date,created_date,forecast_category
D1,One,Acme,Offer,100,2026-03-20,2025-10-01,Commit
D2,Two,Acme,Won,70,2025-12-20,2025-10-01,Closed
D3,Three,Beta,Talk,,2026-03-20,2025-10-01,Pipeline
"""


@pytest.fixture(scope="module")
def every(sample_store: Store) -> list[DealCase]:
    return cases(sample_store, Company.of(sample_store), Scope(AS_OF))


def small(path: Path, ratings: str, **more: str) -> Store:
    files = {"opportunities_2026-01-31.csv": DEALS, "assessments.csv": ratings}
    return store_of(path / "s.duckdb", files | {f"{name}.csv": text for name, text in more.items()})


def of(store: Store, deal: str, day: dt.date = DAY) -> DealCase:
    found = cases(store, Company.of(store), Scope(day), status=None)
    return next(one for one in found if one.deal["id"] == deal)


def test_the_planted_flags_are_raised(every: list[DealCase], sample_store: Store) -> None:
    found = Counter(flag.rule.key for one in every for flag in one.flags if flag.certain)
    assert found["attack_event"] >= 3
    assert found["frontal_advantage"] >= 3
    assert found["two_strategies"] >= 3
    assert found["changed_alone"] >= 3
    assert found["position_in_commit"] >= 2
    assert len(every) == 212
    assert not any(one.flags for one in every if not one.current)


def test_the_newest_declaration_is_the_one_in_the_file(every: list[DealCase]) -> None:
    rows = read_table("strategies").sort_values("declared_on", kind="stable")
    for one in every:
        own = rows[rows["opportunity_id"] == one.deal["id"]]
        assert len(one.declared) == len(own)
        if len(own):
            newest = own[own["declared_on"] == own["declared_on"].max()]
            assert one.strategy is not None
            assert one.strategy.name in set(newest["strategy"])


def test_the_ratings_are_the_newest_of_the_file(every: list[DealCase]) -> None:
    rows = read_table("assessments").query("competitor == ''").sort_values("assessed_on", kind="stable")
    newest = rows.groupby(["opportunity_id", rows["criterion"].astype(int)])["rating"].last().unstack()
    for one in every:
        if one.deal["id"] in newest.index:
            assert one.ours == newest.loc[one.deal["id"]].to_dict()
        else:
            assert set(one.ours.values()) == {"?"}


def test_business_won_before_and_competitors_in_place_propose_a_position(tmp_path: Path) -> None:
    store = small(
        tmp_path, "opportunity_id,criterion,rating,assessed_on\nD3,9,-,2026-01-10\n",
        competitors="opportunity_id,competitor,incumbent\nD3,Halden,true\n",
    )  # fmt: skip
    acme, beta = of(store, "D1"), of(store, "D3")
    assert acme.judgements["position_to_protect"].answer is True
    assert "1 deal of this account won before" in acme.judgements["position_to_protect"].reason
    assert beta.judgements["position_to_protect"].answer is False
    assert "Halden in place" in beta.judgements["position_to_protect"].reason
    # A won deal is no proof of itself.
    assert of(store, "D2").judgements["position_to_protect"].answer is None
    store.close()


def test_a_persons_judgement_goes_before_the_proposal_and_can_be_taken_back(tmp_path: Path) -> None:
    store = small(tmp_path, "opportunity_id,criterion,rating,assessed_on\nD3,9,+,2026-01-10\n")
    assert of(store, "D3").judgements["position_to_protect"].author is None
    row = {"opportunity_id": "D3", "judgement": "position_to_protect", "answer": "no", "judged_on": DAY,
           "reason": "taken out <b>*", "author": "Dana"}  # fmt: skip
    enter(store, "judgements", [row], author="Dana")
    given = of(store, "D3").judgements["position_to_protect"]
    assert (given.answer, given.reason, given.author) == (False, "taken out <b>*", "Dana")
    assert of(store, "D3").proposals["position_to_protect"].answer is True
    withdraw(store, "judgements", [f"D3 | position_to_protect | {DAY}"], author="Dana")
    assert of(store, "D3").judgements["position_to_protect"].author is None
    store.close()


def test_declarations_are_those_known_on_the_day_and_flags_follow(tmp_path: Path) -> None:
    strategies = (
        "opportunity_id,strategy,variation,competitor,declared_on\n"
        "D1,Frontal attack,solution,Halden,2025-11-01\nD1,Develop,Invest,,2026-01-20\n"
        "D3,Defend,,Halden,2026-01-05\nD3,flank,A+1,Orrin,2026-01-05\nD3,Develop,,,2025-12-01\n"
    )
    store = small(tmp_path, "opportunity_id,criterion,rating,assessed_on\nD1,5,-,2025-10-20\n", strategies=strategies)
    one = of(store, "D1")
    assert [d.strategy and d.strategy.key for d in one.declared] == ["develop", "frontal"]
    assert (one.strategy and one.strategy.key, len(one.current)) == ("develop", 1)
    assert {flag.rule.key for flag in one.flags} == {"position_in_commit", "changed_alone"}
    three = of(store, "D3")
    assert {d.strategy.key for d in three.current if d.strategy} == {"defend", "flanking", "develop"}
    assert "two_strategies" in {flag.rule.key for flag in three.flags}
    withdraw(store, "strategies", [d.record for d in three.current if d.competitor], author="Dana")
    assert [d.strategy.key for d in of(store, "D3").current if d.strategy] == ["develop"]
    store.close()


def test_a_change_counts_what_was_rated_in_between(tmp_path: Path) -> None:
    strategies = "opportunity_id,strategy,declared_on\nD1,Defend,2025-11-01\nD1,Flanking,2026-01-20\n"
    ratings = "opportunity_id,criterion,rating,assessed_on\nD1,5,-,2025-10-20\n"
    between = "".join(f"D1,{number},+,2025-12-01\n" for number in (5, 6, 7))
    store = small(tmp_path, ratings + between, strategies=strategies)
    assert "changed_alone" not in {flag.rule.key for flag in of(store, "D1").flags}
    store.close()


def test_a_strategy_that_nobody_knows_is_shown_as_written(tmp_path: Path) -> None:
    store = small(tmp_path, "opportunity_id,criterion,rating\nD1,5,+\n",
                  strategies="opportunity_id,strategy,declared_on\nD1,Blitz <b>*,2026-01-20\n")  # fmt: skip
    one = of(store, "D1")
    assert (one.strategy, one.current[0].text, one.agreement, one.flags) == (None, "Blitz <b>*", "none", ())
    store.close()


def test_an_empty_store_has_no_cases(empty_store: Store) -> None:
    assert cases(empty_store, Company.of(empty_store), Scope(AS_OF)) == []


def test_outcomes_by_strategy_are_the_planted_ones(sample_store: Store) -> None:
    facts = json.loads((SAMPLE / "facts.json").read_text("utf-8"))["strategy"]["by_strategy"]
    found = outcomes(sample_store, Company.of(sample_store), Scope(AS_OF))
    for name, counts in facts.items():
        own = found[found["strategy"] == name.lower()]
        assert (int(own["won"].sum()), len(own)) == (counts["won"], counts["won"] + counts["lost"]), name
    met = read_table("competitors").groupby("opportunity_id")["competitor"].agg(set)
    for row in found.head(50).to_dict("records"):
        assert set(row["competitors"]) == met.get(row["id"], set())


def test_what_is_declared_after_the_close_does_not_count(tmp_path: Path) -> None:
    strategies = "opportunity_id,strategy,declared_on\nD2,Defend,2025-11-01\nD2,Frontal,2026-01-10\n"
    store = small(tmp_path, "opportunity_id,criterion,rating\nD2,5,+\n", strategies=strategies)
    found = outcomes(store, Company.of(store), Scope(DAY))
    assert found[["id", "strategy", "won"]].to_numpy().tolist() == [["D2", "defend", True]]
    store.close()


def test_sentences_say_what_the_cases_hold(tmp_path: Path) -> None:
    ratings = "opportunity_id,criterion,rating,assessed_on\n" + "".join(
        f"D1,{number},{sign},2025-10-20\n" for number, sign in ((5, "-"), (12, "-"), (15, "-"), (9, "+"))
    )
    store = small(tmp_path, ratings, strategies="opportunity_id,strategy,declared_on\nD1,Flanking,2025-11-01\n")
    one, three = of(store, "D1"), of(store, "D3")
    assert of_deal(one) == "Flanking is declared, but what is known advises Defend, insulate"
    assert of_tree(one.advice) == "The tree leads to Defend, insulate"
    assert of_deal(three) == "No strategy is declared, and nothing is rated from which one could be advised"
    assert of_tree(three.advice) == "The tree stops at an open question, with 6 strategies possible"
    every = cases(store, Company.of(store), Scope(DAY))
    assert of_portfolio(every, "USD") == (
        "$100 in 1 open deal with a strategy that breaks a rule; most often: attack without a compelling event (1)"
    )
    assert of_portfolio([three], "USD") == "The only open deal has no declared strategy"
    assert of_portfolio([], "USD") == "No deal is open here"
    assert of_agreement(every) == ("0 of 1 declared strategies are those advised; 1 differ, 0 hang on something open")
    store.close()
