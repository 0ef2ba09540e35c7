"""The milestones and activities of the sample company: what is planted is in the CSV files, and the files are sound."""

from __future__ import annotations

from itertools import pairwise

import pandas as pd
import pytest

from tas_analytics.method.milestones import defaults
from tas_analytics.method.plans import default_signals
from tests.sample.raw import AS_OF, OPEN, REGIONS, ROOT, Facts, read_table

SPONSOR = "Executive sponsor commitment"
OPTIONAL = {"Inbound interest", "Outbound interest", SPONSOR}
ORDER = {one.name: one.position for one in defaults()}
FAR = {one.name for one in defaults() if one.stage in ("Solution", "Proof", "Close")}


@pytest.fixture(scope="module")
def planted(facts: Facts) -> Facts:
    found: Facts = facts["milestones"]
    return found


@pytest.fixture(scope="module")
def milestones(last: pd.DataFrame) -> pd.DataFrame:
    frame = read_table("milestones")
    for column in ("target_date", "achieved_date"):
        frame[column] = pd.to_datetime(frame[column].where(frame[column] != ""))
    columns = ["Stage", "open", "region", "Created Date", "Close Date", "Last Stage Change Date", "Account Name"]
    return frame.join(last.set_index("Opportunity ID")[columns], on="opportunity_id")


@pytest.fixture(scope="module")
def activities(last: pd.DataFrame) -> pd.DataFrame:
    frame = read_table("activities")
    for column in ("start_date", "due_date", "done_date", "created_date"):
        frame[column] = pd.to_datetime(frame[column].where(frame[column] != ""))
    columns = ["Stage", "open", "Created Date", "Last Activity", "Opportunity Owner"]
    return frame.join(last.set_index("Opportunity ID")[columns], on="opportunity_id")


@pytest.fixture(scope="module")
def reached(milestones: pd.DataFrame) -> pd.DataFrame:
    """One row per deal with milestones, one column per milestone: the day on which it was achieved."""
    return milestones.pivot(index="opportunity_id", columns="milestone", values="achieved_date")


@pytest.fixture(scope="module")
def deals(milestones: pd.DataFrame) -> pd.DataFrame:
    return milestones.drop_duplicates("opportunity_id").set_index("opportunity_id")


def test_every_row_is_a_milestone_of_the_catalogue_and_of_a_deal_once(milestones: pd.DataFrame, planted: Facts) -> None:
    assert planted["rows"] == len(milestones)
    assert 5_000 < len(milestones) < 15_000
    assert set(milestones["milestone"]) <= set(ORDER)
    assert not milestones.duplicated(["opportunity_id", "milestone"]).any()
    assert milestones["Stage"].notna().all()
    assert planted["deals"] == milestones["opportunity_id"].nunique()
    assert (milestones["Created Date"] >= pd.Timestamp(2025, 7, 1)).all()


def test_dates_go_with_the_journey_of_the_deal(milestones: pd.DataFrame) -> None:
    done = milestones[milestones["achieved_date"].notna()]
    assert (done["achieved_date"] >= done["Created Date"]).all()
    assert (done["achieved_date"] <= AS_OF).all()
    closed = done[~done["open"]]
    assert (closed["achieved_date"] <= closed["Close Date"]).all()
    # Nothing of a stage that an open deal has not entered yet; a few have fallen back a stage.
    place = {stage: at for at, stage in enumerate(OPEN)}
    ahead = milestones[milestones["open"]].assign(
        ahead=lambda t: t["stage"].map(place) - t["Stage"].map(place)
    ).groupby("opportunity_id")["ahead"].max()  # fmt: skip
    assert (ahead > 0).mean() < 0.06
    signed = done[done["milestone"] == "Signed agreement"]
    assert (signed["Stage"] == "Won").all()
    assert (signed["achieved_date"] == signed["Close Date"]).all()
    assert (milestones["contact"] != "").all()
    assert milestones.groupby("Account Name")["contact"].nunique().max() <= 5


def test_some_pending_milestones_are_overdue(milestones: pd.DataFrame, planted: Facts) -> None:
    pending = milestones[milestones["achieved_date"].isna() & milestones["open"]]
    assert planted["pending_of_open_deals"] == len(pending)
    assert planted["overdue_of_open_deals"] == int((pending["target_date"] < AS_OF).sum())
    assert 0.05 < planted["overdue_of_open_deals"] / len(pending) < 0.4


def test_a_sponsor_separates_winners(reached: pd.DataFrame, deals: pd.DataFrame, planted: Facts) -> None:
    far = reached[reached.columns.intersection(sorted(FAR))].notna().any(axis=1) & ~deals["open"]
    for name, with_it in (("with", True), ("without", False)):
        chosen = deals[far & (reached[SPONSOR].notna() == with_it)]
        won = int(chosen["Stage"].eq("Won").sum())
        assert planted["sponsor"][name] == {
            "won": won, "resolved": len(chosen), "rate": pytest.approx(won / len(chosen), abs=1e-6),
        }  # fmt: skip
    assert planted["sponsor"]["with"]["rate"] > 3 * planted["sponsor"]["without"]["rate"]
    # No other milestone separates the deals that got as far and could have reached it either way half as well.
    others = {}
    for name in sorted(set(reached.columns) - FAR - {SPONSOR, "Inbound interest"}):
        groups = deals[far].groupby(reached.loc[far, name].notna())["Stage"].agg(lambda s: s.eq("Won").mean())
        others[name] = abs(groups.get(True, 0) - groups.get(False, groups.get(True, 0)))
    gap = planted["sponsor"]["with"]["rate"] - planted["sponsor"]["without"]["rate"]
    assert max(others.values()) < gap / 2, others


def test_from_the_proposal_to_the_short_list_most_deals_stop_and_it_takes_longest(
    reached: pd.DataFrame, deals: pd.DataFrame, planted: Facts
) -> None:
    chain = sorted(set(reached.columns) - OPTIONAL, key=lambda name: ORDER[name])
    places = pd.DataFrame({name: reached[name].notna() * (at + 1) for at, name in enumerate(chain)})
    furthest = places.max(axis=1)[~deals["open"]]
    found = planted["steps"]
    for at, (first, second) in enumerate(pairwise(chain), start=1):
        both = reached[reached[first].notna() & (reached[second] >= reached[first])]
        begun, gone = int((furthest >= at).sum()), int((furthest > at).sum())
        assert found[f"{first} → {second}"] == {
            "reached": begun, "moved_on": gone, "rate": pytest.approx(gone / begun, abs=1e-6), "both": len(both),
            "median_days": (both[second] - both[first]).dt.days.median(),
        }  # fmt: skip
    worst = "Solution proposed → Short-listed"
    assert min(found, key=lambda step: float(found[step]["rate"])) == worst
    assert max(found, key=lambda step: float(found[step]["median_days"])) == worst
    assert max(found, key=lambda step: int(found[step]["reached"]) - int(found[step]["moved_on"])) == worst


def test_one_region_skips_the_decision_criteria(reached: pd.DataFrame, deals: pd.DataFrame, planted: Facts) -> None:
    for region in REGIONS:
        rows = reached[reached["Commercial terms understood"].notna() & (deals["region"] == region)]
        had = int(rows["Decision-making criteria understood"].notna().sum())
        assert planted["criteria_by_region"][region] == {
            "had": had, "deals": len(rows), "share": pytest.approx(had / len(rows), abs=1e-6),
        }  # fmt: skip
    shares = {region: planted["criteria_by_region"][region]["share"] for region in REGIONS}
    assert shares["APAC"] < 0.25
    assert min(shares["EMEA"], shares["North America"]) > 0.9


def test_activities_are_sound(activities: pd.DataFrame, milestones: pd.DataFrame, people: pd.DataFrame) -> None:
    assert activities["activity_id"].is_unique
    assert activities["Stage"].notna().all()
    assert set(activities["type"]) == {"Call", "Meeting", "E-mail", "To do"}
    calendar = activities["display"] == "Calendar and activity"
    assert activities.loc[calendar, "start_date"].notna().all()
    assert activities.loc[~calendar, "start_date"].isna().all()
    done = activities[activities["done_date"].notna()]
    assert (activities["status"].eq("Done") == activities["done_date"].notna()).all()
    assert (done["done_date"] <= done["Last Activity"]).all()
    assert (done["created_date"] <= done["done_date"]).all()
    assert activities.loc[activities["done_date"].isna(), "open"].all()
    known = set(people["person"]) | {"Corwin Applethwaite"}
    assert set(activities["owner"]) | set(activities["created_by"]) <= known
    named = set(zip(milestones["opportunity_id"], milestones["milestone"], strict=True))
    assert set(zip(activities["opportunity_id"], activities["milestone"], strict=True)) <= named


def test_what_is_planted_in_the_activities(
    activities: pd.DataFrame, reached: pd.DataFrame, deals: pd.DataFrame, planted: Facts
) -> None:
    found = planted["activities"]
    still = activities[activities["done_date"].isna()]
    overdue = still[still["due_date"] < AS_OF]
    by_owner = overdue["owner"].value_counts()
    assert found["rows"] == len(activities)
    assert (found["done"], found["open"], found["overdue"]) == (len(activities) - len(still), len(still), len(overdue))
    assert found["delegated"] == int((activities["owner"] != activities["created_by"]).sum()) > 0
    assert found["in_calendar"] == int(activities["start_date"].notna().sum())
    assert found["overdue_of"] == {by_owner.index[0]: by_owner.iloc[0], "next": by_owner.iloc[1]}
    assert by_owner.index[0] == "Arjun Bhaskarpal"
    subject = "Ask the supporter for an introduction to the executive"
    asked = set(activities.loc[activities["subject"].eq(subject) & activities["done_date"].notna(), "opportunity_id"])
    far = reached[reached.columns.intersection(sorted(FAR))].notna().any(axis=1) & ~deals["open"]
    for name, with_it in (("with_sponsor", True), ("without_sponsor", False)):
        chosen = deals[far & (reached[SPONSOR].notna() == with_it)]
        assert found["introduction"][name] == {"asked": int(chosen.index.isin(asked).sum()), "deals": len(chosen)}
    with_it, without = found["introduction"]["with_sponsor"], found["introduction"]["without_sponsor"]
    assert with_it["asked"] / with_it["deals"] > 3 * without["asked"] / without["deals"]


def test_the_readme_quotes_the_facts(planted: Facts) -> None:
    text = (ROOT / "data" / "README.md").read_text("utf-8")
    assert f"{planted['rows']:,} milestones of {planted['deals']} deals" in text
    for name in ("with", "without"):
        row = planted["sponsor"][name]
        assert f"{name} {row['won']} of {row['resolved']} = {row['rate']:.4f}" in text
    step = planted["steps"]["Solution proposed → Short-listed"]
    assert f"{step['moved_on']} of {step['reached']} = {step['rate']:.4f}" in text
    assert f"median {step['median_days']:.0f} days" in text
    for region, row in planted["criteria_by_region"].items():
        assert f"{region} {row['had']} of {row['deals']} = {row['share']:.4f}" in text
    acts = planted["activities"]
    assert f"{acts['rows']:,} activities" in text
    assert f"{acts['open']} open, {acts['overdue']} of them overdue" in text
    assert f"Arjun Bhaskarpal {acts['overdue_of']['Arjun Bhaskarpal']}; the next {acts['overdue_of']['next']}" in text
    for name, row in acts["introduction"].items():
        assert f"{name.replace('_sponsor', '')} {row['asked']} of {row['deals']}" in text


def test_deals_with_warning_signals_are_won_less_often(facts: Facts, last: pd.DataFrame) -> None:
    rows = read_table("warnings").join(last.set_index("Opportunity ID")[["Stage", "open"]], on="opportunity_id")
    assert not rows.duplicated(["opportunity_id", "signal"]).any()
    assert set(rows["signal"]) <= {signal.code for signal in default_signals()}
    assert rows["seen_on"].between("2026-07-06", AS_OF.date().isoformat()).all()
    held = rows.assign(held=rows["holds"] == "yes").groupby("opportunity_id").agg(
        held=("held", "sum"), stage=("Stage", "first"), open=("open", "first")
    )  # fmt: skip
    still, closed = held[held["open"]], held[~held["open"]]

    def ends(deals: pd.DataFrame) -> dict[str, int]:
        return {"won": int(deals["stage"].eq("Won").sum()), "lost": int(deals["stage"].eq("Lost").sum())}

    found = facts["warnings"]
    assert found == {
        "rows": len(rows), "open_deals": len(still), "open_deals_with_three": int((still["held"] >= 3).sum()),
        "closed_with_three": ends(closed[closed["held"] >= 3]), "closed_with_fewer": ends(closed[closed["held"] < 3]),
    }  # fmt: skip
    three, fewer = found["closed_with_three"], found["closed_with_fewer"]
    assert three["won"] * (fewer["won"] + fewer["lost"]) < 0.5 * fewer["won"] * (three["won"] + three["lost"])
    text = (ROOT / "data" / "README.md").read_text("utf-8")
    assert f"{found['rows']} rows, {found['open_deals']} open deals with any" in text
    assert f"won {three['won']} of {three['won'] + three['lost']} times" in text
