"""The assessments of the sample company: the planted effects are in the CSV files, and only those."""

from __future__ import annotations

import math

import pandas as pd
import pytest

from tests.sample.raw import AS_OF, OPEN, ROOT, Facts, read_table

SCORE = {"+": 1, "?": 0, "-": -1}
#: 18 looks at once leave 5 % for a false find if each needs this many standard errors (Bonferroni).
CRITICAL = 2.99


@pytest.fixture(scope="module")
def ratings(last: pd.DataFrame) -> pd.DataFrame:
    frame = read_table("assessments")
    frame["day"] = pd.to_datetime(frame["assessed_on"])
    frame["number"] = frame["criterion"].astype(int)
    deals = last.set_index("Opportunity ID")[["Stage", "open", "Created Date", "Close Date"]]
    return frame.join(deals, on="opportunity_id")


@pytest.fixture(scope="module")
def newest(ratings: pd.DataFrame) -> pd.DataFrame:
    ordered = ratings.sort_values("day", kind="stable")
    return ordered.drop_duplicates(["opportunity_id", "competitor", "number"], keep="last")


@pytest.fixture(scope="module")
def planted(facts: Facts) -> Facts:
    found: Facts = facts["assessment"]
    return found


def test_about_sixty_percent_of_the_deals_are_assessed(
    ratings: pd.DataFrame, planted: Facts, last: pd.DataFrame
) -> None:
    deals = ratings.drop_duplicates("opportunity_id")
    assert planted["ratings"] == len(ratings)
    assert planted["deals"] == len(deals)
    assert planted["open_deals"] == int(deals["open"].sum())
    assert 0.55 < len(deals) / len(last) < 0.65
    largest = last[last["open"]].nlargest(10, "usd")["Opportunity ID"]
    assert set(largest) <= set(deals["opportunity_id"])


def test_every_row_is_a_rating_of_a_deal_before_its_close(ratings: pd.DataFrame, last: pd.DataFrame) -> None:
    assert ratings["Stage"].notna().all()
    assert set(ratings["rating"]) == set(SCORE)
    assert set(ratings["number"]) == set(range(1, 21))
    assert (ratings["day"] > ratings["Created Date"]).all()
    assert (ratings["day"] <= AS_OF).all()
    closed = ratings[~ratings["open"]]
    assert (closed["day"] < closed["Close Date"]).all()
    assert not ratings.duplicated(["opportunity_id", "competitor", "number", "assessed_on"]).any()
    assert set(ratings["author"]) <= set(last["Opportunity Owner"]) | {"Corwin Applethwaite"}


def test_we_are_rated_on_all_twenty_and_again_over_the_life_of_the_deal(ratings: pd.DataFrame) -> None:
    ours = ratings[ratings["competitor"] == ""]
    first = ours[ours["day"] == ours.groupby("opportunity_id")["day"].transform("min")]
    assert first.groupby("opportunity_id").size().eq(20).all()
    days = ours.groupby("opportunity_id")["day"].nunique()
    assert (days >= 2).mean() > 0.5
    assert days.max() >= 4
    assert 0.2 < ours["evidence"].ne("").mean() < 0.5


def test_competitors_are_three_and_are_rated_only_where_they_are_met(ratings: pd.DataFrame, planted: Facts) -> None:
    met = read_table("competitors")
    assert planted["competitors"] == met["competitor"].value_counts().to_dict()
    assert len(planted["competitors"]) == 3
    pairs = set(zip(met["opportunity_id"], met["competitor"], strict=True))
    theirs = ratings[ratings["competitor"] != ""]
    assert set(zip(theirs["opportunity_id"], theirs["competitor"], strict=True)) <= pairs


def by_rating(newest: pd.DataFrame, number: int) -> Facts:
    rows = newest[(newest["competitor"] == "") & (newest["number"] == number) & ~newest["open"]]
    result: Facts = {}
    for sign in SCORE:
        stages = rows.loc[rows["rating"] == sign, "Stage"]
        won, lost = int(stages.eq("Won").sum()), int(stages.eq("Lost").sum())
        result[sign] = {"won": won, "lost": lost, "rate": pytest.approx(won / (won + lost), abs=1e-6)}
    return result


def test_a_compelling_event_and_inside_support_win_and_solution_fit_does_not(
    newest: pd.DataFrame, planted: Facts
) -> None:
    found = planted["win_rate_by_rating"]
    for number, name in ((5, "compelling_event"), (11, "inside_support"), (7, "solution_fit")):
        assert found[name] == by_rating(newest, number)
    assert found["compelling_event"]["+"]["rate"] > found["compelling_event"]["-"]["rate"] + 0.2
    assert found["inside_support"]["+"]["rate"] > found["inside_support"]["-"]["rate"] + 0.2
    assert abs(found["solution_fit"]["+"]["rate"] - found["solution_fit"]["-"]["rate"]) < 0.1


def test_no_other_criterion_tells_wins_from_losses(newest: pd.DataFrame) -> None:
    flagged = set()
    for number in range(1, 21):
        rows = newest[(newest["competitor"] == "") & (newest["number"] == number) & ~newest["open"]]
        plus, minus = (rows.loc[rows["rating"] == sign, "Stage"].eq("Won") for sign in "+-")
        both = pd.concat([plus, minus]).mean()
        error = math.sqrt(both * (1 - both) * (1 / len(plus) + 1 / len(minus)))
        if abs(plus.mean() - minus.mean()) > CRITICAL * error:
            flagged.add(number)
    assert flagged == {5, 11}


def test_one_competitor_beats_us_on_executive_credibility(newest: pd.DataFrame, planted: Facts) -> None:
    rows = newest[newest["number"] == 12].assign(score=lambda frame: frame["rating"].map(SCORE))
    ours = rows[rows["competitor"] == ""].set_index("opportunity_id")["score"].rename("ours")
    theirs = rows[rows["competitor"] != ""].join(ours, on="opportunity_id")
    theirs["net"] = theirs["ours"] - theirs["score"]
    found = planted["executive_credibility"]
    for name, row in found.items():
        net = theirs.loc[theirs["competitor"] == name, "net"]
        assert row == {"deals": len(net), "net_advantage": pytest.approx(net.mean(), abs=1e-6)}
    worst = min(found, key=lambda name: float(found[name]["net_advantage"]))
    assert worst == "Osterwick Controls"
    others = [row["net_advantage"] for name, row in found.items() if name != worst]
    assert found[worst]["net_advantage"] < min(others) - 0.4


def test_unknowns_shrink_as_deals_advance(newest: pd.DataFrame, planted: Facts) -> None:
    ours = newest[(newest["competitor"] == "") & newest["open"]]
    for stage in OPEN:
        rows = ours[ours["Stage"] == stage]
        assert planted["unknown_by_stage"][stage] == {
            "deals": rows["opportunity_id"].nunique(),
            "share": pytest.approx(rows["rating"].eq("?").mean(), abs=1e-6),
        }
    shares = [planted["unknown_by_stage"][stage]["share"] for stage in OPEN]
    assert shares == sorted(shares, reverse=True)
    assert shares[0] > 0.4
    assert 0 < shares[-1] < 0.2


def test_the_readme_quotes_what_is_planted(planted: Facts) -> None:
    readme = (ROOT / "data" / "README.md").read_text("utf-8")
    texts = [f"{planted['ratings']:,} ratings", f"{planted['deals']} deals", f"{planted['open_deals']} of them open"]
    texts += [f"{name} {deals}" for name, deals in planted["competitors"].items()]
    for signs in planted["win_rate_by_rating"].values():
        texts += [
            f"{sign} {row['won']} of {row['won'] + row['lost']} = {row['rate']:.4f}"
            for sign, row in ((sign.replace("-", "−"), row) for sign, row in signs.items())
        ]
    for name, row in planted["executive_credibility"].items():
        texts.append(f"{name} {row['net_advantage']:+.4f} over {row['deals']}".replace("-", "−"))
    texts += [f"{stage} {row['share']:.4f}" for stage, row in planted["unknown_by_stage"].items()]
    assert [text for text in texts if text not in readme] == []
