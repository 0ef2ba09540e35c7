"""The numbers of the assessment against pandas alone, on the sample company's raw files."""

from __future__ import annotations

import datetime as dt
from functools import cache
from typing import Any

import numpy as np
import pandas as pd
import pytest

from tas_analytics.metrics.company import Company
from tas_analytics.metrics.measure import measure
from tas_analytics.metrics.positions import CRITERIA, positions, scores_on
from tas_analytics.metrics.scope import Scope
from tas_analytics.store.database import Store
from tests.sample.raw import SAMPLE, read_report, read_table

AS_OF = dt.date(2026, 11, 16)
SCORE = {"+": 1.0, "?": 0.0, "-": -1.0}
QUESTIONS = [list(range(start, start + 5)) for start in (1, 6, 11, 16)]


@cache
def raw(day: dt.date = AS_OF) -> Any:
    """Deal and rated party × criterion: the newest scores up to a day."""
    frame = read_table("assessments")
    frame = frame[pd.to_datetime(frame["assessed_on"]) <= pd.Timestamp(day)]
    frame = frame.assign(n=frame["criterion"].astype(int), score=frame["rating"].map(SCORE))
    frame = frame.sort_values("assessed_on", kind="stable")
    return frame.pivot_table(index=["opportunity_id", "competitor"], columns="n", values="score", aggfunc="last")


@cache
def deals(day: dt.date = AS_OF) -> Any:
    people = read_table("people").set_index("person")["team"]
    frame = read_report(SAMPLE / "opportunities" / f"opportunities_{day}.csv").set_index("Opportunity ID")
    return frame.assign(team=frame["Opportunity Owner"].map(people))


def ours(day: dt.date = AS_OF) -> Any:
    scores = raw(day).xs("", level="competitor")
    frame = deals(day)
    return scores[scores.index.isin(frame.index[frame["open"]])].reindex(columns=range(1, 21))


def nets(day: dt.date = AS_OF) -> Any:
    both = raw(day)
    theirs = both[both.index.get_level_values("competitor") != ""]
    mine = both.xs("", level="competitor").reindex(theirs.index.get_level_values("opportunity_id"))
    return pd.DataFrame(mine.to_numpy() - theirs.to_numpy(), index=theirs.index, columns=both.columns)


@pytest.fixture(scope="module")
def company(sample_store: Store) -> Company:
    return Company.of(sample_store)


def test_known_and_favourable_shares(sample_store: Store) -> None:
    keys = ["assessed_deals", "ratings_known", "known_share", "favourable_share", "assessment_score"]
    row = measure(sample_store, keys, Scope(AS_OF)).iloc[0]
    scores = ours()
    known = (scores.fillna(0) != 0).to_numpy()
    assert row["assessed_deals"] == len(scores)
    assert row["ratings_known"] == known.sum()
    assert row["known_share"] == pytest.approx(known.sum() / (20 * len(scores)))
    assert row["favourable_share"] == pytest.approx((scores == 1).to_numpy().sum() / known.sum())
    assert row["assessment_score"] == pytest.approx(scores.fillna(0).to_numpy().sum() / (20 * len(scores)))


@pytest.mark.parametrize("day", [AS_OF, dt.date(2026, 8, 31)], ids=str)
def test_by_team_and_question(sample_store: Store, day: dt.date) -> None:
    got = measure(sample_store, ["known_share", "favourable_share", "assessed_deals"], Scope(day), ["team", "question"])
    scores = ours(day)
    team = deals(day)["team"].reindex(scores.index).fillna("")
    for row in got.dropna(subset=["known_share"]).to_dict("records"):
        mine = scores.loc[team == (row["team"] or ""), QUESTIONS[int(row["question"]) - 1]].fillna(0).to_numpy()
        assert row["assessed_deals"] == len(mine)
        assert row["known_share"] == pytest.approx((mine != 0).mean())
        assert row["favourable_share"] == pytest.approx((mine == 1).sum() / (mine != 0).sum())
    assert len(got.dropna(subset=["known_share"])) == 4 * team.nunique()


def test_net_advantage_by_competitor_and_criterion(sample_store: Store) -> None:
    got = measure(sample_store, ["net_advantage", "met_deals"], Scope(AS_OF), ["competitor", "criterion"])
    net = nets()
    stacked = net.stack().dropna().rename_axis(["deal", "competitor", "n"]).rename("net").reset_index()
    expected = stacked.groupby(["competitor", "n"])["net"].agg(["mean", "size"])
    assert len(got) == len(expected)
    for row in got.to_dict("records"):
        mean, size = expected.loc[(row["competitor"], int(row["criterion"]))]
        assert (row["net_advantage"], row["met_deals"]) == (pytest.approx(mean), size)


def test_a_filter_on_a_competitor_keeps_the_deals_in_which_it_is_met(sample_store: Store) -> None:
    listed = read_table("competitors")
    met = set(listed.loc[listed["competitor"] == "Ravensgill & Partner", "opportunity_id"])
    scope = Scope(AS_OF).where("competitor", "Ravensgill & Partner")
    row = measure(sample_store, ["deals", "open_deals", "net_advantage", "known_share"], scope).iloc[0]
    frame = deals()
    assert row["deals"] == len(met)
    assert row["open_deals"] == int(frame.loc[list(met), "open"].sum())
    scores = ours()
    assert row["known_share"] == pytest.approx((scores[scores.index.isin(met)].fillna(0) != 0).to_numpy().mean())
    net = nets().xs("Ravensgill & Partner", level="competitor")
    assert row["net_advantage"] == pytest.approx(np.nanmean(net.to_numpy()))


def test_numbers_of_deals_are_blank_by_what_a_deal_has_many_of(sample_store: Store) -> None:
    got = measure(
        sample_store, ["open_deals", "open_pipeline", "win_rate", "net_advantage"], Scope(AS_OF), ["competitor"]
    )
    assert len(got) == 3
    assert got[["open_deals", "open_pipeline", "win_rate"]].isna().all().all()
    assert got["net_advantage"].notna().all()


@pytest.mark.parametrize("day", [AS_OF, dt.date(2026, 9, 14)], ids=str)
def test_every_cell_of_every_deal(sample_store: Store, company: Company, day: dt.date) -> None:
    found = positions(sample_store, company, Scope(day))
    frame = deals(day)
    assert set(found.deals["id"]) == set(frame.index[frame["open"]])
    mine = ours(day).reindex(found.deals["id"]).to_numpy()
    np.testing.assert_array_equal(found.ours, mine)
    net = nets(day)
    total = net.sum(axis=1)
    for place, deal in enumerate(found.deals["id"]):
        rivals = total[total.index.get_level_values(0) == deal]
        if rivals.empty:
            assert found.deals["strongest"].iloc[place] is None
            assert np.isnan(found.net[place]).all()
            continue
        worst = sorted((value, name) for (_, name), value in rivals.items())[0][1]
        assert found.deals["strongest"].iloc[place] == worst
        np.testing.assert_array_equal(found.net[place], net.loc[(deal, worst)].to_numpy())
        np.testing.assert_array_equal(found.theirs[place], raw(day).loc[(deal, worst)].to_numpy())
        assert found.deals["net"].iloc[place] == total[deal, worst]
        assert found.deals["z"].iloc[place] == np.sign(total[deal, worst])


def test_questions_staleness_and_shares(sample_store: Store, company: Company) -> None:
    found = positions(sample_store, company, Scope(AS_OF)).deals.set_index("id")
    scores = ours()
    days = read_table("assessments").query("competitor == ''").groupby("opportunity_id")["assessed_on"].max()
    frame = deals()
    for deal, row in found.iterrows():
        if deal not in scores.index:
            assert (row["known"], row["q1"], row["q4"], row["is_stale"]) == (0, 0, 0, False)
            assert pd.isna(row["assessed_on"])
            continue
        for place, numbers in enumerate(QUESTIONS, 1):
            signs = scores.loc[deal, numbers].fillna(0)
            plus, minus, unknown = (int((signs == value).sum()) for value in (1, -1, 0))
            answer = 1 if plus - minus > unknown else -1 if minus - plus > unknown else 0
            assert row[f"q{place}"] == answer
        last = pd.Timestamp(days[str(deal)])
        assert row["assessed_on"] == last
        assert row["days_since"] == (pd.Timestamp(AS_OF) - last).days
        assert row["is_stale"] == (last < frame.loc[deal, "Last Stage Change Date"])
        assert row["known_share"] == (scores.loc[deal].fillna(0) != 0).mean()
    assert found["is_stale"].sum() > 20


def test_what_was_known_on_another_day(sample_store: Store, company: Company) -> None:
    found = positions(sample_store, company, Scope(AS_OF))
    earlier = dt.date(2026, 9, 14)
    then = scores_on(sample_store, earlier, found.deals["deal_key"])
    expected = raw(earlier).xs("", level="competitor").reindex(found.deals["id"], columns=range(1, 21)).to_numpy()
    np.testing.assert_array_equal(then, expected)
    theirs = scores_on(sample_store, earlier, found.deals["deal_key"], found.deals["strongest"])
    pairs = list(zip(found.deals["id"], found.deals["strongest"], strict=True))
    for place, pair in enumerate(pairs):
        if pair in raw(earlier).index:
            np.testing.assert_array_equal(theirs[place], raw(earlier).loc[pair].to_numpy())
        else:
            assert np.isnan(theirs[place]).all()


def test_an_empty_store_has_no_positions(empty_store: Store) -> None:
    found = positions(empty_store, Company.of(empty_store), Scope(AS_OF))
    assert found.deals.empty
    assert found.ours.shape == found.net.shape == (0, len(CRITERIA))
