"""The score by date, through the command line, on companies whose true chances are known."""

from __future__ import annotations

import datetime as dt
import io
import json
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from tas_analytics import cli
from tas_analytics.forecast.backtest import better_answer
from tas_analytics.forecast.history import _refuse
from tas_analytics.ingest.judging.verdict import judge_store
from tas_analytics.store.database import Store
from tests.metrics.small import store_of

FIRST, LAST = pd.Timestamp("2025-01-01"), pd.Timestamp("2026-06-30")
HEAD = [
    "opportunity_id", "amount", "p_won", "p_lost", "expected_amount", "expected_close", "prior_share", "reasons",
    "p_won_low", "p_won_high", "answer",
]  # fmt: skip


def company(count: int, seed: int, *, shuffled: bool = False) -> pd.DataFrame:
    """Deals that close at a constant rate; a partner's are won three times in four, others one time in four."""
    dice = np.random.default_rng(seed)
    created = FIRST + pd.to_timedelta(dice.integers(0, 530, count), unit="D")
    closed = created + pd.to_timedelta(np.ceil(dice.exponential(60, count)).astype(int), unit="D")
    source = dice.choice(["Partner", "Web <b>"], count)
    won = dice.random(count) < np.where(source == "Partner", 0.75, 0.25)
    if shuffled:
        source = dice.permutation(source)
    done = closed <= LAST
    return pd.DataFrame(
        {
            "opportunity_id": [f"D{place:04d}" for place in range(count)],
            "name": [f"Deal {place}" for place in range(count)],
            "stage": np.where(done, np.where(won, "Won", "Lost"), "Talk"),
            "amount": dice.integers(1, 90, count) * 1000,
            "created_date": created.strftime("%Y-%m-%d"),
            "close_date": [day.strftime("%Y-%m-%d") if over else "" for day, over in zip(closed, done, strict=True)],
            "source": source,
        }
    )


def load(path: Path, deals: pd.DataFrame) -> Path:
    store_of(path, {f"opportunities_{LAST.date()}.csv": deals.to_csv(index=False)}).close()
    return path


def run(path: Path, *words: str, command: str = "score") -> tuple[int, str, str]:
    out, err = io.StringIO(), io.StringIO()
    with redirect_stdout(out), redirect_stderr(err), pytest.raises(SystemExit) as end:
        cli.main(["--store", str(path), command, *words])
    return int(str(end.value.code or 0)), out.getvalue(), err.getvalue()


def scores(path: Path, *words: str) -> tuple[pd.DataFrame, str]:
    code, out, err = run(path, *words, "--format", "csv")
    assert code == 0, err
    frame = pd.DataFrame([line.split(",") for line in out.splitlines()[1:]], columns=out.splitlines()[0].split(","))
    assert list(frame.columns) == HEAD
    for name in ("amount", "p_won", "p_lost", "expected_amount", "prior_share", "p_won_low", "p_won_high"):
        frame[name] = pd.to_numeric(frame[name])
    return frame.set_index("opportunity_id"), err


@pytest.fixture(scope="module")
def deals() -> pd.DataFrame:
    return company(900, 1)


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory, deals: pd.DataFrame) -> Path:
    return load(tmp_path_factory.mktemp("by_date") / "store.duckdb", deals)


def test_past_scores_agree_with_what_happened(path: Path, deals: pd.DataFrame) -> None:
    day = pd.Timestamp("2026-03-01")
    found, _ = scores(path, "--as-of", "2026-03-01", "--days", "60")
    known = deals.set_index("opportunity_id")
    close = pd.to_datetime(known["close_date"].replace("", None))
    is_open = (pd.to_datetime(known["created_date"]) <= day) & ~(close <= day)
    assert set(found.index) == set(known.index[is_open])
    won = ((known["stage"] == "Won") & (close <= day + pd.Timedelta(days=60))).reindex(found.index)
    # The truth: closed within 60 days with 1 − 1/e, whatever the age.
    truth = (1 - np.exp(-1)) * np.where(known["source"].reindex(found.index) == "Partner", 0.75, 0.25)
    assert abs(found["p_won"].sum() / truth.sum() - 1) < 0.25
    assert ((found["p_won"] - won) ** 2).mean() < ((won.mean() - won) ** 2).mean()
    assert np.corrcoef(found["p_won"], truth)[0, 1] > 0.8
    assert (found["p_won"] + found["p_lost"] <= 1).all()
    assert np.allclose(found["expected_amount"], found["amount"] * found["p_won"], rtol=0.01, atol=5)
    assert found["reasons"].str.contains("source").mean() > 0.8
    # The reasons are points against the average open deal: the few that are told make up nearly all of the distance,
    # also of the surest deals; and a filter moves neither the deal nor the average.
    each = found["reasons"].str.replace("\u2212", "-").str.extractall(r"([+-]\d+)")[0].astype(int)
    points = each.groupby(level=0).sum()
    gaps = (100 * (found["p_won"] - found["p_won"].mean())).reindex(points.index)
    assert (points - gaps).abs().median() < 2
    assert (points - gaps).abs().quantile(0.9) < 6
    partners, _ = scores(path, "--as-of", "2026-03-01", "--days", "60", "--where", "source=Partner")
    assert 0 < len(partners) < len(found)
    assert (partners["reasons"] == found["reasons"].reindex(partners.index)).all()
    assert found["p_won"].between(found["p_won_low"], found["p_won_high"]).all()
    inside = pd.Series(truth, index=found.index).between(found["p_won_low"], found["p_won_high"])
    assert 0.5 < inside.mean() <= 1


def test_a_later_day_is_never_less_likely(path: Path) -> None:
    near, far = (scores(path, "--by", day)[0]["p_won"] for day in ("2026-07-20", "2026-09-20"))
    assert (far.reindex(near.index) >= near - 0.05).all()
    assert far.sum() > near.sum() * 1.3


def test_outcomes_without_a_cause_give_the_base_rate(tmp_path: Path) -> None:
    deals = company(900, 2, shuffled=True)
    found, _ = scores(load(tmp_path / "s.duckdb", deals), "--days", "60")
    source = deals.set_index("opportunity_id")["source"].reindex(found.index)
    assert abs(found["p_won"][source == "Partner"].mean() - found["p_won"][source != "Partner"].mean()) < 0.08
    assert found["p_won"].std() < 0.1


def leaks_of(deals: pd.DataFrame) -> dict[str, Any]:
    """Columns as exports have them that were written or changed at the close."""
    dice = np.random.default_rng(8)
    won, lost, count = deals["stage"].eq("Won"), deals["stage"].eq("Lost"), len(deals)
    created, closed = pd.to_datetime(deals["created_date"]), pd.to_datetime(deals["close_date"])
    noise = pd.Series(pd.to_timedelta(dice.integers(0, 6, count), unit="D"))
    planned = pd.Series(LAST + pd.to_timedelta(dice.integers(1, 90, count), unit="D"))
    quarter = closed.fillna(planned).dt.to_period("Q").astype(str)
    return {
        "Contract signed by": np.where(won, "Ms Quill", ""),
        "Remark": np.where(lost & (dice.random(count) < 0.4), "Lost to Acme", ""),
        "Booked": np.where(won, deals["amount"], 0),
        "Path no": np.where(won & (dice.random(count) < 0.8), 7, 3),
        "Rank": np.where(
            won, dice.integers(50, 99, count), np.where(lost, dice.integers(0, 50, count), dice.integers(0, 99, count))
        ),
        "Cycle length": (closed.fillna(LAST) - created).dt.days,
        "Booking quarter": quarter,
        "Booking year": quarter.str[:4],
        "Age tier": pd.cut((closed.fillna(LAST) - created).dt.days, [-1, 15, 45, 90, 900]).astype(str),
        "Archive day": (closed + noise).fillna(planned).dt.strftime("%Y-%m-%d"),
    }


def test_columns_filled_at_the_close_are_named_and_change_nothing(
    tmp_path: Path, path: Path, deals: pd.DataFrame
) -> None:
    leaks = leaks_of(deals)
    # A column that was known from the first day on tells as much as some of these, and is used.
    leaky = deals.assign(**leaks, Channel=deals["source"].str[:3])
    found, err = scores(load(tmp_path / "s.duckdb", leaky), "--days", "60")
    plain, _ = scores(load(tmp_path / "t.duckdb", leaky.drop(columns=list(leaks))), "--days", "60")
    assert (found["p_won"] - plain["p_won"].reindex(found.index)).abs().max() < 0.001
    assert {name for name in leaks if f"Not used: attribute {name}, " not in err} == set()
    assert "Channel" not in err
    measured, told = run(tmp_path / "s.duckdb", "--days", "60", "--format", "csv", command="backtest")[1:]
    assert "Not used: attribute Contract signed by" in told
    assert measured == run(tmp_path / "t.duckdb", "--days", "60", "--format", "csv", command="backtest")[1]
    _, verdict = judge_store(Store.open(tmp_path / "s.duckdb"))
    assert {one.text.split(" on ")[0] for one in verdict if one.key == "known_at_close"} == {
        "“Contract signed by” is filled", "“Remark” is filled",
    }  # fmt: skip
    assert "known_at_close" not in {one.key for one in judge_store(Store.open(path))[1]}


def test_what_exports_of_their_own_day_tell_is_kept() -> None:
    """Of deals that closed before the first export only the code of the close counts, of later ones what was before."""
    dice = np.random.default_rng(9)
    count = 400
    won, done, early = dice.random(count) < 0.5, np.arange(count) < 300, np.arange(count) < 120
    created = pd.Series(FIRST + pd.to_timedelta(dice.integers(0, 300, count), unit="D"))
    rows = pd.DataFrame(
        {
            "day": created, "deal_key": np.arange(count), "created_date": created, "reaches_back": early,
            "ended": (created + pd.to_timedelta(dice.integers(5, 90, count), unit="D")).where(done),
            "won": pd.Series(won, dtype=object).where(done),
            "attribute Code": np.where(early, np.where(won, "W", "L"), dice.choice(["a", "b"], count)),
        }
    )  # fmt: skip
    cleared, _, found = _refuse(rows, rows)
    assert [one.column for one in found] == ["attribute Code"]
    assert (cleared["attribute Code"].isna() == early).all()
    assert cleared.loc[~early, "attribute Code"].eq(rows.loc[~early, "attribute Code"]).all()


def test_few_deals_lean_on_the_stage_table(tmp_path: Path) -> None:
    few = company(12, 3)
    found, err = scores(load(tmp_path / "s.duckdb", few), "--days", "90")
    assert (found["prior_share"] > 0.4).all()
    assert "the stage table" in err
    many = found["prior_share"].iloc[0]
    assert scores(load(tmp_path / "t.duckdb", company(120, 3)), "--days", "90")[0]["prior_share"].iloc[0] < many


def test_a_store_without_deals_is_answered(tmp_path: Path) -> None:
    store_of(tmp_path / "s.duckdb", {}).close()
    code, out, _ = run(tmp_path / "s.duckdb", "--format", "csv")
    assert (code, out.strip()) == (0, ",".join(HEAD))


def test_a_day_that_is_over_is_refused(path: Path) -> None:
    code, out, err = run(path, "--by", "2026-06-30")
    assert (code, out) == (2, "")
    assert "is not after" in err
    assert run(path, "--by", "2026-07-30", "--days", "3")[0] == 2


def test_a_filter_narrows_the_deals_not_the_model(path: Path) -> None:
    every = scores(path, "--days", "30")[0]
    some = scores(path, "--days", "30", "--where", "source=Partner")[0]
    assert 0 < len(some) < len(every)
    assert some["p_won"].equals(every["p_won"].reindex(some.index))


def test_the_table_and_json_say_the_same(path: Path) -> None:
    code, out, _ = run(path, "--days", "30")
    assert code == 0
    assert out.startswith(f"Won by {dt.date(2026, 7, 30).day} Jul 2026")
    assert '"p_won"' in run(path, "--days", "30", "--format", "json")[1]


def test_the_track_record_is_better_than_simpler_answers(path: Path) -> None:
    code, out, err = run(path, "--days", "60", "--format", "json", command="backtest")
    assert code == 0, err
    record = json.loads(out)
    measures = {one["answer"]: one for one in record["measures"]}
    ours, rate = measures["score"], measures["base_rate"]
    assert ours["deals"] == rate["deals"] > 200
    assert ours["brier"] < rate["brier"]
    assert ours["auc"] > 0.6
    assert 0.75 < ours["predicted"] / ours["actual"] < 1.25
    assert record["better"] is None
    said = [one for one in record["reliability"] if one["answer"] == "score"]
    assert sum(one["deals"] for one in said) == ours["deals"]


def test_a_simpler_answer_that_does_better_is_named() -> None:
    dice = np.random.default_rng(4)
    chance = dice.random(600)
    answers = pd.DataFrame(
        {
            "day": np.repeat([FIRST, LAST], 300), "deal_key": np.arange(600), "won": dice.random(600) < chance,
            "score": 0.5, "base_rate": 0.5, "age": 0.5, "stage": chance, "crm": np.nan, "naive_bayes": 0.9,
        }
    )  # fmt: skip
    assert better_answer(answers) == "stage"
    assert better_answer(answers.assign(score=chance, stage=0.5)) is None


def test_one_export_tells_nothing_of_past_weeks(path: Path) -> None:
    code, out, err = run(path, "--weeks", command="backtest")
    assert (code, out) == (0, "")
    assert "No finished quarter has exports of its weeks" in err


def test_a_short_history_has_no_track_record(tmp_path: Path) -> None:
    code, out, err = run(load(tmp_path / "s.duckdb", company(20, 5)), command="backtest")
    assert (code, out) == (0, "")
    assert "do not reach back far enough" in err
