"""backtest: the score's track record beside simpler answers."""

from __future__ import annotations

import datetime as dt
import json

import pandas as pd

from tas_analytics.commands.output import Format, err, out, out_csv, out_records, out_table
from tas_analytics.commands.questions import scope_of
from tas_analytics.commands.score import tell_refused
from tas_analytics.forecast.backtest import ANSWERS, TrackRecord, backtest as ask_the_past
from tas_analytics.formats import day as say_day, number, percent
from tas_analytics.metrics.company import Company
from tas_analytics.review import track
from tas_analytics.store import Store


def backtest(store: Store, as_of: dt.date | None, horizon: int, how: Format) -> int:
    """Print the measures, and as a table or JSON how often what was said came true."""
    company = Company.of(store)
    record = ask_the_past(store, company, scope_of(company, (), None, as_of).as_of, horizon)
    if record.answers.empty:
        err("The data do not reach back far enough: no past window with thirty closed deals before it is over.")
    tell_refused(record.refused)
    if how is Format.csv:
        out(record.measures.round(5).to_csv(index=False, lineterminator="\n").rstrip("\n"))
    elif how is Format.json:
        parts = {
            "horizon": record.horizon,
            "days": sorted({str(pd.Timestamp(one).date()) for one in record.answers["day"]}),
            "measures": json.loads(record.measures.to_json(orient="records")),
            "reliability": json.loads(record.reliability.to_json(orient="records")),
            "better": record.better,
            "refused": [
                {"column": str(one.column), "gravity": one.gravity, "text": one.text} for one in record.refused
            ],
        }
        out(json.dumps(parts, indent=2))
    elif not record.answers.empty:
        _as_table(record)
    return 0


def verdict(record: TrackRecord) -> str:
    """The track record in a sentence."""
    ours = record.measures.iloc[0]
    if record.better is not None:
        return (
            f"{ANSWERS[record.better]} did better than the score on these days; `score` says which one it uses, by "
            "the windows that its own model was tried on."
        )
    foreseen, came = float(ours["predicted"]), float(ours["actual"])
    return (
        f"No simpler answer did better than the score by more than chance; it foresaw {number(foreseen)} wins, "
        f"{number(came)} came ({percent(foreseen / max(came, 1.0))})."
    )


def weeks(store: Store, as_of: dt.date | None, how: Format) -> int:
    """Print how far the model's forecasts of past quarters were off, by week of the quarter."""
    company = Company.of(store)
    day = scope_of(company, (), None, as_of).as_of
    errors = track.period_errors(store, company, day, lambda text, _: err(text))
    if errors.empty:
        err("No finished quarter has exports of its weeks.")
    if how is Format.csv:
        out_csv(errors.round(2))
    elif how is Format.json:
        out_records(errors.round(2))
    elif len(errors):
        rows = []
        for week, some in errors.groupby("week"):
            won, off = float(some["actual"].sum()), float(some["error"].sum())
            hits = int(track.covered(some)[0])
            bias = percent(off / won) if won else "–"
            rows.append([f"week {week}", str(len(some)), number(won), number(off, sign=True), bias, str(hits)])
        out_table(
            ["of the quarter", "forecasts", "won by the end", "forecast less won", "÷ won", "within P10 to P90"],
            rows, [False, *[True] * 5],
        )  # fmt: skip
        inside, asked = track.covered(errors)
        out("")
        out(f"What came lay between P10 and P90 in {inside} of {asked} weeks. Amounts in {company.currency}.")
    return 0


def _as_table(record: TrackRecord) -> None:
    days = sorted({pd.Timestamp(one).date() for one in record.answers["day"]})
    out(f"Won within {record.horizon} days, asked on {len(days)} days from {say_day(days[0])} to {say_day(days[-1])}")
    rows = []
    for _, one in record.measures.iterrows():
        shown = ["–"] * 6
        if one["deals"]:
            auc = "–" if pd.isna(one["auc"]) else f"{one['auc']:.3f}"
            shown = [
                f"{one['brier']:.4f}", f"{one['log_loss']:.4f}", auc, f"{one['ece']:.4f}",
                number(float(one["predicted"]), 1), number(float(one["actual"])),
            ]  # fmt: skip
        rows.append([ANSWERS[one["answer"]], number(int(one["deals"])), *shown])
    out_table(["answer", "deals", "Brier", "log loss", "AUC", "ECE", "foreseen", "won"], rows, [False, *[True] * 7])
    out("")
    ours = record.reliability[record.reliability["answer"] == "score"]
    said = [
        [f"{10 * low}–{10 * low + 10} %", number(deals), percent(predicted, 1), percent(actual, 1)]
        for low, deals, predicted, actual in zip(
            ours["bin"].tolist(), ours["deals"].tolist(), ours["predicted"].tolist(), ours["actual"].tolist(),
            strict=True,
        )
    ]  # fmt: skip
    out_table(["the score said", "deals", "it said on average", "were won"], said, [False, True, True, True])
    out("")
    out(verdict(record))
