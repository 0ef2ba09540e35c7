"""Invented frames for every chart form."""

from __future__ import annotations

import datetime as dt
import random
from typing import Any

import pandas as pd

from tas_analytics.charts import (
    age_strip,
    conversion,
    cover_bar,
    decision_tree,
    flow,
    forest,
    history,
    milestone_funnel,
    milestone_timeline,
    month_columns,
    ranking,
    rate_panels,
    rule_bars,
    split_bars,
    stage_bars,
    trend,
    waterfall,
)
from tests.charts import samples_forecast, samples_strategy

AS_OF = dt.date(2026, 11, 16)
STAGES = ["Qualify", "Develop", "Solution", "Proof", "Close"]
LONG = [
    "Initial Qualification and Budget Check",
    "Develop",
    "Solution <b>Fit</b> & $Value$",
    "Negotiation/Review",
    "Close",
]


def stages(names: list[str] | None = None) -> pd.DataFrame:
    names = names or STAGES
    amounts = [8.0e6, 7.5e6, 7.5e6, 4.2e6, 1.5e6]
    return pd.DataFrame(
        {
            "group": names,
            "key": [f"s{i}" for i in range(5)],
            "amount": amounts,
            "stalled": [3.1e6, 2.2e6, 1.5e6, 1.0e6, 0.9e6],
            "deals": [61, 57, 48, 32, 16],
        }
    )


def split(names: list[str] | None = None, values: int = 9) -> pd.DataFrame:
    source = random.Random(3)
    owners = [
        "Rocco Neubert",
        "Cara Losch",
        "Dustin Brinkmann",
        "Summer Sewald",
        "Melvin Marxen",
        "Celia Rouche",
        "Maximiliane-Alexandra von Hohenzollern-S",
        "Boris Faz",
        "Kami Bicknell",
    ][:values]
    rows = []
    for i, owner in enumerate(owners):
        for j, stage in enumerate(names or STAGES):
            if (i + j) % 7 == 5:
                continue
            amount = source.uniform(0.05e6, 2.4e6) / (1 + i / 3)
            rows.append(
                {
                    "group": stage,
                    "key": f"s{j}",
                    "split": owner,
                    "split_key": f"o{i}",
                    "amount": amount,
                    "stalled": amount * source.choice([0, 0, 0.3, 0.6]),
                    "deals": source.randint(1, 14),
                }
            )
    rows.sort(key=lambda row: str(row["key"]))
    return pd.DataFrame(rows)


def months(count: int = 9, overdue: int = 2, none: bool = True) -> pd.DataFrame:
    source = random.Random(5)
    rows: list[dict[str, Any]] = []
    at = 2026 * 12 + 10 - overdue
    for i in range(count):
        month = dt.date((at + i) // 12, (at + i) % 12 + 1, 1)
        kind = "overdue" if i < overdue else "due"
        amount = source.uniform(0.2e6, 9e6 / (1 + i / 4))
        rows.append({"month": month, "amount": amount, "deals": 3 + i, "kind": kind})
        if i == overdue:
            rows.append({"month": month, "amount": 0.6e6, "deals": 2, "kind": "overdue"})
    if none:
        rows.append({"month": None, "amount": 0.9e6, "deals": 4, "kind": "none"})
    return pd.DataFrame(rows)


def funnel(small: bool = False) -> pd.DataFrame:
    names = [
        "Inbound or outbound interest",
        "Qualifying call held",
        "Discovery or demo held",
        "Executive sponsor committed",
        "Decision criteria understood by every single buyer",
        "Contract out for redline",
    ]
    reached = [412, 371, 318, 231, 137, 121]
    passed = [371, 318, 231, 137, 121, 7]
    lost = [30, 40, 70, 94, 10, 5]
    if small:
        reached, passed, lost = ([n // 40 for n in numbers] for numbers in (reached, passed, lost))
    return pd.DataFrame(
        {
            "stage": names,
            "key": [f"m{i}" for i in range(6)],
            "reached": reached,
            "passed": passed,
            "lost": lost,
            "open": [11, 13, 17, 0, 6, 109],
            "rate": [p / (p + n) if p + n else None for p, n in zip(passed, lost, strict=True)],
            "median_days": [4, 9, 12, 31, 8, None],
        }
    )


def deals(count: int = 214) -> pd.DataFrame:
    source = random.Random(7)
    words = ["Zotware", "Bubba Gump", "Cheers", "Yearin", "Sumace", "<i>Plus</i>"]
    rows = []
    for i in range(count):
        days = source.expovariate(1 / 35) if i else 900.0
        rows.append(
            {
                "id": f"006{i:04d}",
                "name": f"{source.choice(words)} GTX Plus Pro",
                "stage": source.choice(STAGES),
                "amount": source.lognormvariate(11, 1),
                "days": round(days),
            }
        )
    return pd.DataFrame(rows)


LINES: dict[str, float | None] = {"Qualify": 30, "Develop": 45, "Solution": 60, "Proof": 40, "Close": None}


def top() -> pd.DataFrame:
    names = [
        "Yearin GTX Plus Pro",
        "Cheers GTX Plus Pro",
        "Zotware GTX Pro",
        "Conecom GTX Pro with a very long deal name indeed",
        "Hottechi GTX Pro",
        "Plussunin <b>GTX</b> Plus",
    ]
    amounts = [508.5e3, 460.5e3, 442e3, 439e3, 407e3, 351e3]
    return pd.DataFrame(
        {
            "id": [f"d{i}" for i in range(6)],
            "name": names,
            "amount": amounts,
            "share": [amount / 11.3e6 for amount in amounts],
            "detail": [
                "Corliss Cosme, Solution",
                "James Ascencio, Solution",
                "Boris Faz, Proof",
                "Kami Bicknell",
                "",
                None,
            ],
        }
    )


def cover(*amounts: float) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "key": ["won", "commit", "best", "open"],
            "label": ["Won", "Commit", "Best case", "Pipeline"],
            "meaning": ["won", "commit", "best", "open"],
            "amount": amounts or (5.9e6, 3.9e6, 3.9e6, 2.4e6),
            "deals": [31, 16, 22, 40],
        }
    )


def weeks(count: int = 7) -> pd.DataFrame:
    won = [0.4, 1.3, 2.3, 3.6, 5.0, 7.0, 7.9, 8.4, 9.9, 11, 12, 13.5, 14][:count]
    commit = [7.9, 9.8, 11.6, 12.6, 13.1, 13.5, 13.2, 13.4, 13.6, 13.8, 13.9, 14.2, 14.4][:count]
    days = [dt.date(2026, 10, 1) + dt.timedelta(weeks=i) for i in range(count)]
    rows = []
    for name, meaning, values in (("won + commit", "commit", commit), ("won", "won", won)):
        for date, value in zip(days, values, strict=True):
            rows.append({"date": date, "series": name, "meaning": meaning, "value": value * 1e6})
    return pd.DataFrame(rows)


def milestones(small: bool = False) -> pd.DataFrame:
    names = ["All deals", "Qualifying call held", "Executive sponsor committed by <everybody> who matters", "Won"]
    reached, came, passed = [412, 371, 231, 66], [0, 300, 260, 150], [0, 260, 150, 66]
    if small:
        reached, came, passed = ([n // 20 for n in numbers] for numbers in (reached, came, passed))
    return pd.DataFrame(
        {
            "step": range(4), "milestone": names, "reached": reached, "open": [40, 30, 20, 0], "came": came,
            "passed": passed, "cases": came, "gone": passed, "lost": [0, 40, 110, 84], "waiting": [0, 5, 7, 20],
            "skipped": [0, 12, 0, 0], "median_days": [None, 4.0, 31.0, None], "p75_days": [None, 9.0, 54.0, None],
        }
    )  # fmt: skip


QUARTER = (dt.date(2026, 10, 1), dt.date(2026, 12, 31))


def versions() -> pd.DataFrame:
    d = dt.date
    rows = [
        (d(2026, 6, 8), d(2026, 7, 6), "Qualify", 310e3, d(2026, 10, 30)),
        (d(2026, 7, 6), d(2026, 8, 24), "Develop", 310e3, d(2026, 10, 30)),
        (d(2026, 8, 24), d(2026, 9, 18), "Solution", 410e3, d(2026, 10, 30)),
        (d(2026, 9, 18), d(2026, 10, 12), "Solution", 410e3, d(2026, 11, 27)),
        (d(2026, 10, 12), d(2026, 11, 2), "Proof", 474e3, d(2026, 12, 23)),
        (d(2026, 11, 2), None, "Proof", 442e3, d(2026, 12, 18)),
    ]
    return pd.DataFrame(rows, columns=["valid_from", "valid_to", "stage", "amount", "close_date"])


def ledger(end: float = -1.07e6) -> pd.DataFrame:
    moves = [
        ("created", "Created", 0.86e6, 9, "open"), ("pulled_in", "Pulled in", 0.42e6, 4, "open"),
        ("increased", "Increased", 0.31e6, 6, "open"), ("decreased", "Decreased", -0.24e6, 5, "risk"),
        ("pushed_out", "Pushed out", -1.08e6, 11, "risk"), ("lost", "Lost", -0.46e6, 6, "lost"),
        ("won", "Won", end + 0.19e6, 7, "won"), ("currency", "Currency", 0.0, None, "unknown"),
    ]  # fmt: skip
    rows = [("start", "Open on 9 Nov", 14.3e6, 118, "target", "start")]
    rows += [(key, label, amount, deals, colour, "move") for key, label, amount, deals, colour in moves]  # type: ignore[misc]
    rows.append(("end", "Open on 16 Nov", 14.3e6 + sum(row[2] for row in rows[1:]), 113, "target", "end"))
    frame = pd.DataFrame(rows, columns=["key", "label", "amount", "deals", "meaning", "kind"])
    signs = (frame["amount"] > 0) * 2 - 1
    return frame.assign(signed_deals=frame["deals"].fillna(0) * signs)


def ways() -> pd.DataFrame:
    groups = [("commit", "Commit", "commit"), ("best_case", "Best case", "best"), ("pipeline", "Pipeline", "open"),
              ("omitted", "Omitted & never called back", "unknown")]  # fmt: skip
    ends = [
        *groups,
        ("bucket:won", "Won", "won"),
        ("bucket:lost", "Lost", "lost"),
        ("bucket:pushed_out", "Pushed out", "risk"),
    ]
    source = random.Random(11)
    rows = []
    for i, (key, label, colour) in enumerate([*groups, ("bucket:created", "Created", "open")]):
        for j, (to, to_label, to_colour) in enumerate(ends):
            if key.startswith("bucket:") and to.startswith("bucket:"):
                continue
            amount = source.uniform(2e6, 4e6) if i == j else source.choice([0.0, 0.01e6, 0.3e6, 0.9e6])
            if amount:
                rows.append((key, label, i, colour, to, to_label, j, to_colour, amount, 3 + j, i == j))
    columns = ["source", "source_label", "source_order", "source_meaning", "target", "target_label", "target_order",
               "meaning", "amount", "deals", "stays"]  # fmt: skip
    return pd.DataFrame(rows, columns=columns)


def planned() -> pd.DataFrame:
    day = dt.date
    rows = [
        ("Qualitative call occurred", day(2026, 6, 14), day(2026, 6, 10), False),
        ("Discovery or demonstration call occurred", day(2026, 7, 3), day(2026, 7, 7), False),
        ("Timeline confirmed", day(2026, 8, 13), day(2026, 8, 25), False),
        ("Executive sponsor commitment", day(2026, 10, 5), None, True),
        ("Short-listed", day(2026, 10, 30), day(2026, 10, 27), False),
        ("Board approval of the <b>new</b> group framework & its $budget$", day(2026, 11, 10), None, True),
        ("Contracts out for redline", day(2026, 12, 1), None, False),
        ("Reached without a plan", None, day(2026, 9, 9), False),
    ]
    columns = ["name", "target_date", "achieved_date", "is_overdue"]
    return pd.DataFrame(rows, columns=columns).assign(key=[f"m{i}" for i in range(len(rows))])


def bands() -> pd.DataFrame:
    day = dt.date
    rows = [
        ("Qualify", day(2026, 6, 1), day(2026, 6, 25)), ("Develop", day(2026, 6, 25), day(2026, 8, 20)),
        ("Solution", day(2026, 8, 20), day(2026, 10, 20)), ("Proof", day(2026, 10, 20), day(2026, 11, 16)),
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=["stage", "start", "end"])


def rules() -> pd.DataFrame:
    """Rules of the risk list, one of them a company's own with a name to escape."""
    return pd.DataFrame(
        {
            "code": ["stalled", "pushed", "own"],
            "rule": ["Stalled in its stage", "Pushed twice or more", LONG[2]],
            "deals": [12, 4, 1],
            "amount": [4_200_000.0, 900_000.0, 40_000.0],
        }
    )


def figures() -> dict[str, Any]:
    """Every form, some of them in more than one state."""
    return {
        "cover_bar": cover_bar.cover_bar(cover(), 13.2e6),
        "trend": trend.trend(weeks(), period=QUARTER, target=16.2e6),
        "stage_bars": stage_bars.stage_bars(stages(), value="amount", currency="USD", stalled="stalled"),
        "cover_bar_short_of_target": cover_bar.cover_bar(cover(0, 2.1e6, 1.2e6, 4e6), 16.2e6),
        "stage_bars_long_names": stage_bars.stage_bars(stages(LONG), value="deals", selected="s1"),
        "cover_bar_tiny_start": cover_bar.cover_bar(cover(0.05e6, 0.08e6, 0.1e6, 16e6), None),
        "conversion": conversion.conversion(funnel()),
        "milestone_funnel": milestone_funnel.milestone_funnel(milestones(), worst="Won", selected="All deals"),
        "milestone_funnel_of_few": milestone_funnel.milestone_funnel(milestones(small=True), currency="EUR"),
        "cover_bar_tiny_end": cover_bar.cover_bar(cover(15e6, 0.1e6, 0.1e6, 0.1e6), 16.2e6),
        "split_bars": split_bars.split_bars(split(), value="amount", currency="USD", stalled="stalled"),
        "ranking": ranking.ranking(top(), selected="d2"),
        "rule_bars": rule_bars.rule_bars(rules(), selected="pushed"),
        "split_bars_long_names": split_bars.split_bars(split(LONG, 4), value="deals", selected=("s1", "o0")),
        "conversion_of_few": conversion.conversion(funnel(small=True), selected="m1"),
        "month_columns": month_columns.month_columns(months(), selected="2026-12-01"),
        "age_strip": age_strip.age_strip(deals(), LINES),
        "month_columns_many": month_columns.month_columns(months(30, 5)),
        "trend_full": trend.trend(weeks(13), period=QUARTER, target=14.1e6),
        "history": history.history(versions(), as_of=AS_OF),
        "milestone_timeline": milestone_timeline.milestone_timeline(planned(), as_of=AS_OF, stages=bands()),
        "trend_no_period": trend.trend(weeks(9)),
        "waterfall": waterfall.waterfall(ledger(), selected="pushed_out"),
        "waterfall_of_deals": waterfall.waterfall(ledger(), value="deals"),
        "waterfall_deep": waterfall.waterfall(ledger(-6e6)),
        "flow": flow.flow(ways()),
        "flow_of_deals": flow.flow(ways(), value="deals"),
        "decision_tree": decision_tree.decision_tree(samples_strategy.tree()),
        "forest": forest.forest(samples_strategy.differences(), left="− wins more", right="+ wins more"),
        "rate_panels": rate_panels.rate_panels(samples_strategy.panels(), usual=0.35, selected="g1"),
        "decision_tree_ended": decision_tree.decision_tree(samples_strategy.tree("n----ny", long=True), end="Develop"),
        "forest_of_twenty": forest.forest(samples_strategy.differences(20), selected="4"),
        "rate_panels_one": rate_panels.rate_panels(samples_strategy.panels(1, 2)),
        **samples_forecast.figures(),
    }
