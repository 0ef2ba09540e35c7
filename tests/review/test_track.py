"""The track record in words and figures: from answers made by hand, and of the sample's own past."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from tas_analytics.commands import backtest as command
from tas_analytics.commands.output import Format
from tas_analytics.forecast.backtest import ANSWERS, TrackRecord, _measures, _reliability, better_answer
from tas_analytics.forecast.proof import Proof
from tas_analytics.formats import percent
from tas_analytics.metrics.company import Company
from tas_analytics.metrics.measure import measure
from tas_analytics.metrics.scope import Scope
from tas_analytics.review import proven, track
from tas_analytics.store.database import Store


def record(score: float, stage: float, count: int = 2_000, seed: int = 4) -> TrackRecord:
    """Answers that see that much of the truth: 1 is all, 0 nothing."""
    dice = np.random.default_rng(seed)
    truth = dice.beta(1, 3, count)
    won = dice.random(count) < truth
    usual = float(truth.mean())
    answers = pd.DataFrame(
        {
            "day": pd.Timestamp("2026-03-01") + pd.to_timedelta(30 * (np.arange(count) % 4), unit="D"),
            "won": won, "score": np.clip(usual + score * (truth - usual), 0, 1), "base_rate": usual,
            "age": usual, "deal_key": np.arange(count),
            "stage": np.clip(usual + stage * (truth - usual), 0, 1), "crm": np.nan, "naive_bayes": 1 - truth,
        }
    )  # fmt: skip
    return TrackRecord(90, answers, _measures(answers), _reliability(answers), better_answer(answers))


def test_the_sentence_follows_the_figures() -> None:
    better = track.sentence(record(1.0, 0.3))
    assert better.startswith("The score errs ")
    assert "the stage table" in better
    assert better.endswith("on 2,000 forecasts of 4 past days")
    worse = track.sentence(record(-0.5, 1.0))
    assert worse.startswith("Stage table did better than the score on 2,000 forecasts")
    alike = track.sentence(record(1.0, 1.0))
    assert "cannot be told apart" in alike
    empty = pd.DataFrame(columns=["day", "won", *ANSWERS])
    none = TrackRecord(90, empty, _measures(empty), _reliability(empty), None)
    assert "no track record yet" in track.sentence(none)


def test_who_answers_is_what_the_model_itself_decides() -> None:
    facts: dict[str, Any] = {"length": 90, "windows": 3, "deals": 900, "won": 240, "foreseen": 235.4, "ece": 0.02}
    brier = {"score": 0.148, "stage": 0.14}
    ours, theirs = (Proof(**facts, answer=key, brier=brier, proven=True, why="") for key in ("score", "stage"))
    good, weak = record(1.0, 0.3), record(-0.5, 1.0)
    assert weak.better == "stage"
    assert track.used(replace(good, proof=ours)).startswith("The score beats ")
    assert track.used(replace(weak, proof=ours)).startswith("Stage table did better on these days; the windows")
    assert track.used(replace(good, proof=theirs)).startswith("Stage table is used in place of the score")


def test_reliability_has_the_interval_of_each_share() -> None:
    found = track.reliable(record(1.0, 0.0))
    assert (found["low"] <= found["actual"]).all()
    assert (found["actual"] <= found["high"]).all()
    assert found["deals"].sum() == 2_000


def test_past_weeks_are_told_against_what_was_won(
    sample_store: Store, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    company = Company.of(sample_store)
    day = company.last_day
    assert day is not None
    monkeypatch.setattr(track, "_WEEKS", 2)
    told: list[float] = []
    errors = track.period_errors(sample_store, company, day, lambda _, share: told.append(share))
    assert set(errors["period"]) == {"2026Q3"}
    assert told == [0.0, 0.5]
    scope = Scope(day, company.calendar.parse("2026Q3"))
    won = float(measure(sample_store, ("won_amount",), scope, (), company)["won_amount"].iloc[0])
    assert errors["actual"].tolist() == [won] * 2
    assert np.allclose(errors["error"], errors["forecast"] - won)
    # Near its end a quarter is nearly certain.
    assert abs(errors["error"].iloc[-1]) < 0.25 * won
    assert track.covered(errors)[1] == 2
    assert (errors["p10"] <= errors["p90"]).all()
    monkeypatch.setattr(track, "_WEEKS", 1)
    assert command.weeks(sample_store, None, Format.table) == 0
    table = capsys.readouterr().out.splitlines()
    week, bias = int(errors["week"].iloc[0]), float(errors["error"].iloc[0]) / won
    assert table[1].startswith(f"week {week} ") or table[2].startswith(f"week {week} ")
    assert any(percent(bias) in line for line in table)
    assert table[-1].startswith("What came lay between P10 and P90 in ")


def test_what_is_proven_is_said_plainly() -> None:
    facts: dict[str, Any] = {"length": 90, "windows": 5, "deals": 900, "won": 240, "foreseen": 235.4, "ece": 0.02}
    brier = {"score": 0.148, "stage": 0.14}
    good = proven.in_words(Proof(**facts, answer="score", brier=brier, proven=True, why=""))
    assert good == "Proven on 5 past windows of 90 days: 235 wins foreseen, 240 came."
    other = proven.in_words(Proof(**facts, answer="stage", brier=brier, proven=True, why=""))
    assert other.startswith("Used instead of the score: the stage table, which did better in 5 past windows of 90 days")
    weak = proven.in_words(Proof(**facts, answer="score", brier=brier, proven=False, why="too few wins"))
    assert weak == "That chances over 90 days come true is not proven: too few wins."
    assert proven.in_words(None).startswith("That chances come true is not proven: the data do not reach back")
