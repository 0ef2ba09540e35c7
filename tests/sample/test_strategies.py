"""Strategies, judgements and value texts of the sample company: what was planted is in the CSV files."""

from __future__ import annotations

import pandas as pd
import pytest

from tests.sample.raw import AS_OF, ROOT, Facts, read_table

ATTACK = {"Frontal", "Flanking", "Fragment"}
SLOTS = {
    "Initiative": ["business_initiative", "outcome", "solution"],
    "Precedent": ["similar_customer", "past_value"],
    "Change": ["current_situation", "solution", "business_driver", "outcome"],
    "Tracking": ["tracking_system", "frequency"],
    "Event": ["compelling_event", "solution", "outcome"],
    "Assurance": ["shared_risk"],
}


@pytest.fixture(scope="module")
def planted(facts: Facts) -> Facts:
    found: Facts = facts["strategy"]
    return found


@pytest.fixture(scope="module")
def declared(last: pd.DataFrame) -> pd.DataFrame:
    frame = read_table("strategies").assign(day=lambda t: pd.to_datetime(t["declared_on"]))
    columns = ["Stage", "open", "Created Date", "Close Date", "Forecast Category"]
    return frame.join(last.set_index("Opportunity ID")[columns], on="opportunity_id")


@pytest.fixture(scope="module")
def current(declared: pd.DataFrame) -> pd.DataFrame:
    """What was declared last of each open deal; two rows where two were declared on that day."""
    newest = declared.groupby("opportunity_id")["day"].transform("max")
    return declared[(declared["day"] == newest) & declared["open"]]


@pytest.fixture(scope="module")
def signs() -> pd.DataFrame:
    """The newest ratings: a row per deal and rated party, a column per criterion."""
    frame = read_table("assessments").sort_values("assessed_on", kind="stable")
    last_of_each = frame.groupby(["opportunity_id", "competitor", frame["criterion"].astype(int)])["rating"].last()
    return last_of_each.unstack().fillna("?")


def test_the_tables_are_as_large_as_the_facts_say(declared: pd.DataFrame, planted: Facts) -> None:
    propositions = read_table("value_propositions")
    unfinished = sum((row[SLOTS[row["form"]]] == "").any() for _, row in propositions.iterrows())
    assert planted["declared"] == len(declared)
    assert planted["deals"] == declared["opportunity_id"].nunique()
    assert planted["judgements"] == len(read_table("judgements"))
    assert planted["arguments"] == len(read_table("value_chain"))
    assert (planted["propositions"], planted["unfinished"]) == (len(propositions), unfinished)
    assert 0.2 < unfinished / len(propositions) < 0.6


def test_the_outcomes_by_strategy_are_those_of_the_facts(declared: pd.DataFrame, planted: Facts) -> None:
    newest = declared.groupby("opportunity_id")["day"].transform("max")
    rows = declared[declared["day"] == newest].drop_duplicates("opportunity_id")
    result = rows["Stage"].map({"Won": "won", "Lost": "lost"}).fillna("open")
    for name, counts in planted["by_strategy"].items():
        found = result[rows["strategy"] == name].value_counts()
        assert counts == {key: int(found.get(key, 0)) for key in ("open", "won", "lost")}, name


def test_declarations_fall_into_the_life_of_their_deal(declared: pd.DataFrame) -> None:
    assert declared["Stage"].notna().all()
    assert (declared["day"] >= declared["Created Date"]).all()
    assert (declared["day"] <= AS_OF).all()
    closed = declared[~declared["open"]]
    assert (closed["day"] < closed["Close Date"]).all()
    assert not declared.duplicated(["opportunity_id", "competitor", "day"]).any()


def test_attacks_without_a_compelling_event_are_there(
    current: pd.DataFrame, signs: pd.DataFrame, planted: Facts
) -> None:
    ours = signs.xs("", level="competitor").reindex(current["opportunity_id"])
    hopeless = ours[5].eq("-") & ours[12].eq("-") & ours[15].eq("-")
    assert (hopeless.to_numpy() & current["strategy"].isin(ATTACK)).sum() >= planted["planted"]["attack_event"]


def test_frontal_strategies_without_an_advantage_are_there(
    current: pd.DataFrame, signs: pd.DataFrame, planted: Facts
) -> None:
    """Against every competitor rated, three of the four criteria cannot speak for us, whatever turns out."""
    level = 0
    for deal in current.loc[current["strategy"] == "Frontal", "opportunity_id"]:
        rows = signs.loc[deal]
        ours = rows.loc[""]
        rivals = rows.drop(index="")
        may_lead = [sum(ours[n] != "-" and theirs[n] != "+" for n in (7, 9, 10, 12)) for _, theirs in rivals.iterrows()]
        level += bool(may_lead) and max(may_lead) <= 2
    assert level >= planted["planted"]["frontal_advantage"]


def test_two_strategies_of_one_day_and_changes_without_a_reason_are_there(
    declared: pd.DataFrame, current: pd.DataFrame, planted: Facts
) -> None:
    both = current.groupby("opportunity_id")["strategy"].nunique()
    assert (both > 1).sum() == planted["planted"]["two_strategies"]
    rated = read_table("assessments").query("competitor == ''").assign(day=lambda t: pd.to_datetime(t["assessed_on"]))
    alone = 0
    for deal, rows in declared[declared["open"]].groupby("opportunity_id"):
        days = sorted(rows["day"].unique())
        if len(days) > 1 and rows.loc[rows["day"] == days[-1], "strategy"].iloc[0] != rows["strategy"].iloc[0]:
            between = rated[(rated["opportunity_id"] == deal) & (rated["day"] > days[-2]) & (rated["day"] <= days[-1])]
            alone += between.empty
    assert alone >= planted["planted"]["changed_alone"]


def test_deals_in_commit_that_are_only_developed_are_there(current: pd.DataFrame, planted: Facts) -> None:
    odd = current[current["strategy"].eq("Develop") & current["Forecast Category"].eq("Commit")]
    assert len(odd) >= planted["planted"]["position_in_commit"]


def test_the_readme_quotes_the_facts(planted: Facts) -> None:
    readme = (ROOT / "data" / "README.md").read_text("utf-8")
    for number, words in (
        (planted["declared"], "declarations"), (planted["judgements"], "judgements"),
        (planted["arguments"], "lines of argument"), (planted["propositions"], "value propositions"),
    ):  # fmt: skip
        assert f"{number} {words}" in readme
    assert f"{planted['unfinished']} of them unfinished" in readme
    for name, counts in planted["by_strategy"].items():
        assert f"| {name} | {counts['open']} | {counts['won']} of {counts['won'] + counts['lost']} |" in readme
