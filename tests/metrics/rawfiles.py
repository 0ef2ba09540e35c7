"""The raw CSV files as frames, read without the program's own reader."""

from __future__ import annotations

import csv
import datetime as dt
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any, Final

import pandas as pd

from tests.metrics.oracle import Known, Span

ROOT: Final = Path(__file__).resolve().parents[2]
SAMPLE: Final = ROOT / "data" / "sample"
OPEN_STAGES: Final = ("Qualify", "Develop", "Solution", "Proof", "Close")
_ORDER: Final = {name: at for at, name in enumerate(OPEN_STAGES)}
_STATUS: Final = {"Won": "won", "Lost": "lost"}
_CATEGORY: Final = {"Omitted": "omitted", "Pipeline": "pipeline", "Best Case": "best_case", "Commit": "commit",
                    "Closed": "closed"}  # fmt: skip
#: From so many stays that ended with an advance on, their P75 is the stall line; before that the planned days are.
_ENOUGH: Final = 20


def read(path: Path) -> pd.DataFrame:
    """A file's rows above the first blank line; blank cells are None."""
    with path.open(encoding="utf-8", newline="") as file:
        header, *rows = list(csv.reader(file))
    body = rows[: rows.index([])] if [] in rows else rows
    frame = pd.DataFrame(body, columns=header)
    return frame.astype(object).where(frame != "", None)


def quarter_of(day: Any) -> str:
    return f"{day.year}Q{(day.month - 1) // 3 + 1}"


def span(name: str) -> Span:
    """A calendar quarter."""
    year, number = int(name[:4]), int(name[5])
    end = (year + 1, 1) if number == 4 else (year, 3 * number + 1)
    return Span(name, dt.date(year, 3 * number - 2, 1), dt.date(*end, 1))


def _dated(frame: pd.DataFrame) -> pd.DataFrame:
    return frame.assign(
        close_month=_names(frame["close"], lambda day: f"{day:%Y-%m}"),
        close_quarter=_names(frame["close"], quarter_of),
        created_quarter=_names(frame["created"], quarter_of),
    )


def _names(dates: pd.Series[Any], name: Callable[[Any], str]) -> pd.Series[Any]:
    return pd.Series([None if pd.isna(day) else name(day) for day in dates], index=dates.index, dtype=object)


# --- public data: one export, no ids of stages, no targets ------------------------------------------------------------


@cache
def public_deals(folder: Path, probabilities: tuple[tuple[str, float], ...]) -> Known:
    """The CRM Sales Opportunities data."""
    raw = read(folder / "sales_pipeline.csv")
    teams = read(folder / "sales_teams.csv").set_index("sales_agent")
    accounts = read(folder / "accounts.csv").set_index("account")
    products = read(folder / "products.csv").set_index("product")
    chance = dict(probabilities)
    frame = pd.DataFrame(
        {
            "deal": raw["opportunity_id"],
            "stage": raw["deal_stage"],
            "status": [_STATUS.get(stage, "open") for stage in raw["deal_stage"]],
            "owner": raw["sales_agent"],
            "manager": raw["sales_agent"].map(teams["manager"]),
            "team": None,
            "pipeline": None,
            "region": raw["sales_agent"].map(teams["regional_office"]),
            "product": raw["product"],
            "family": raw["product"].map(products["series"]),
            "account": raw["account"],
            "industry": raw["account"].map(accounts["sector"]),
            "amount": pd.to_numeric(raw["close_value"]),
            "probability": raw["deal_stage"].map(chance),
            "created": pd.to_datetime(raw["engage_date"]),
            "close": pd.to_datetime(raw["close_date"]),
        }
    ).assign(segment=None, source=None, type=None, forecast_category=None, category=None, crm_probability=float("nan"),
             overdue=False, stalled=False, pushes=0, delays=0)  # fmt: skip
    frame = _dated(frame)
    now_open = frame[frame["status"] == "open"]
    # A single export shows a last open stage of the deals that are open now only.
    passed = now_open[now_open["stage"] == "Engaging"].assign(stage="Prospecting", outcome="passed")
    steps = pd.concat([now_open.assign(outcome="open"), passed.assign(present_stage="Engaging")], ignore_index=True)
    steps["present_stage"] = steps["present_stage"].fillna(steps["stage"])
    stays = frame.head(0).assign(advanced=False, days=float("nan"), left=frame["close"].head(0), present_stage=None)
    return Known(frame, steps, stays)


# --- the sample company: 21 exports -----------------------------------------------------------------------------------


@cache
def exports() -> pd.DataFrame:
    """Every row of every export, with its day, sorted by deal and day."""
    parts = []
    for path in sorted((SAMPLE / "opportunities").glob("*.csv")):
        parts.append(read(path).assign(day=pd.Timestamp(path.stem.split("_")[1])))
    raw = pd.concat(parts, ignore_index=True)
    frame = pd.DataFrame(
        {
            "day": raw["day"],
            "deal": raw["Opportunity ID"],
            "pipeline": None,
            "stage": raw["Stage"],
            "status": [_STATUS.get(stage, "open") for stage in raw["Stage"]],
            "owner": raw["Opportunity Owner"],
            "product": raw["Product Name"],
            "account": raw["Account Name"],
            "source": raw["Lead Source"],
            "type": raw["Type"],
            "forecast_category": raw["Forecast Category"],
            "category": raw["Forecast Category"].map(_CATEGORY),
            "currency": raw["Amount Currency"],
            "cents": [round(100 * float(text.replace(",", ""))) for text in raw["Amount"]],
            "crm_probability": pd.to_numeric(raw["Probability (%)"]) / 100,
            "created": pd.to_datetime(raw["Created Date"], format="%m/%d/%Y"),
            "close": pd.to_datetime(raw["Close Date"], format="%m/%d/%Y"),
            "entered": pd.to_datetime(raw["Last Stage Change Date"], format="%m/%d/%Y"),
        }
    )
    return frame.sort_values(["deal", "day"], kind="stable", ignore_index=True)


def days() -> list[dt.date]:
    """The days of the exports."""
    return [day.date() for day in sorted(exports()["day"].unique())]


@cache
def _rates() -> list[tuple[pd.Timestamp, int]]:
    frame = read(SAMPLE / "rates.csv")
    return [(pd.Timestamp(day), round(10_000 * float(rate))) for day, rate in zip(frame["date"], frame["rate"],
                                                                                strict=True)]  # fmt: skip


def _in_dollars(cents: int, currency: str, close: pd.Timestamp, day: pd.Timestamp) -> float:
    """Euros at the rate in force on the close date, or on the day if that comes first; half a cent goes up."""
    if currency == "USD":
        return cents / 100
    valued = min(close, day)
    rate = [rate for start, rate in _rates() if start <= valued][-1]
    return (cents * rate + 5_000) // 10_000 / 100


def _with_attributes(frame: pd.DataFrame, day: dt.date) -> pd.DataFrame:
    """A row per deal with every dimension and the amount as valued on a day."""
    people = read(SAMPLE / "people.csv").set_index("person")
    accounts = read(SAMPLE / "accounts.csv").set_index("account")
    products = read(SAMPLE / "products.csv").set_index("product")
    stages = read(SAMPLE / "stages.csv").set_index("stage")
    money = [
        _in_dollars(cents, currency, close, pd.Timestamp(day))
        for cents, currency, close in zip(frame["cents"], frame["currency"], frame["close"], strict=True)
    ]
    return _dated(frame).assign(
        amount=money,
        probability=pd.to_numeric(frame["stage"].map(stages["probability"])),
        manager=frame["owner"].map(people["manager"]),
        team=frame["owner"].map(people["team"]),
        region=frame["owner"].map(people["region"]),
        family=frame["product"].map(products["family"]),
        industry=frame["account"].map(accounts["industry"]),
        segment=frame["account"].map(accounts["segment"]),
    )


def _latest(day: dt.date) -> pd.DataFrame:
    """Each deal's last row until a day, with what its earlier rows tell."""
    seen = exports()[exports()["day"] <= pd.Timestamp(day)].copy()
    before = seen.groupby("deal")["close"].shift()
    quarter = seen["close"].dt.year * 4 + seen["close"].dt.quarter
    quarter_before = quarter.groupby(seen["deal"]).shift()
    seen["pushed"] = quarter > quarter_before
    seen["delayed"] = seen["close"] > before
    told = seen.groupby("deal").agg(pushes=("pushed", "sum"), delays=("delayed", "sum"))
    told["last_open"] = seen[seen["status"] == "open"].groupby("deal")["stage"].last()
    return seen.groupby("deal", as_index=False).last().merge(told, left_on="deal", right_index=True)


@cache
def known(day: dt.date) -> Known:
    """What the exports until a day tell, with the targets of all time."""
    at = pd.Timestamp(day)
    frame = _with_attributes(_latest(day), day)
    stays = _stays(day, frame)
    lines = _stall_lines(stays)
    frame["overdue"] = frame["close"] < at
    frame["stalled"] = (at - frame["entered"]).dt.days > frame["stage"].map(lines).fillna(float("inf"))
    return Known(frame, _steps(frame), stays, _due(day, frame), _targets())


def _stays(day: dt.date, frame: pd.DataFrame) -> pd.DataFrame:
    """A row per stay in an open stage that ended until the day."""
    seen = exports()[exports()["day"] <= pd.Timestamp(day)]
    first = seen[seen["stage"] != seen.groupby("deal")["stage"].shift()].copy()
    first["next_stage"] = first.groupby("deal")["stage"].shift(-1)
    first["left"] = first.groupby("deal")["entered"].shift(-1)
    ended = first[(first["status"] == "open") & first["next_stage"].notna()].copy()
    rank = {**_ORDER, "Won": len(_ORDER)}
    ended["advanced"] = [
        after in rank and rank[after] > rank[before]
        for before, after in zip(ended["stage"], ended["next_stage"], strict=True)
    ]
    ended["days"] = (ended["left"] - ended["entered"]).dt.days
    own = frame.drop(columns=["entered", "day"]).rename(columns={"stage": "present_stage"})
    return ended[["deal", "stage", "advanced", "days", "left"]].merge(own, on="deal")


def _stall_lines(stays: pd.DataFrame) -> dict[str, float]:
    planned = read(SAMPLE / "stages.csv").set_index("stage")["planned_days"]
    lines = {}
    for stage in OPEN_STAGES:
        lasted = stays.loc[(stays["stage"] == stage) & stays["advanced"].astype(bool), "days"]
        lines[stage] = float(lasted.quantile(0.75)) if len(lasted) >= _ENOUGH else float(planned[stage])
    return lines


def stall_lines(day: dt.date) -> dict[str, float]:
    """Days in a stage beyond which a deal is stalled, as of a day."""
    return _stall_lines(known(day).stays)


def _steps(frame: pd.DataFrame) -> pd.DataFrame:
    rows: list[dict[str, Any]] = []
    deals: list[dict[str, Any]] = frame[frame["last_open"].notna()].to_dict("records")  # type: ignore[assignment]
    for deal in deals:
        last = _ORDER[deal["last_open"]]
        for at, stage in enumerate(OPEN_STAGES):
            if deal["status"] == "won" or at < last:
                rows.append({**deal, "present_stage": deal["stage"], "stage": stage, "outcome": "passed"})
            elif at == last:
                rows.append({**deal, "present_stage": deal["stage"], "stage": stage, "outcome": deal["status"]})
    return pd.DataFrame(rows)


def _due(day: dt.date, frame: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """Per quarter whose first day the exports cover: what was open and due in it, and whether it slipped."""
    latest = frame.set_index("deal")["close"]
    found = {}
    for name in ("2026Q3", "2026Q4"):
        period = span(name)
        if not days()[0] <= period.start <= day:
            continue
        then = _with_attributes(_latest(period.start), period.start)
        due = then[(then["status"] == "open") & period.has(then["close"])].copy()
        due["slipped"] = due["deal"].map(latest) >= pd.Timestamp(period.end)
        found[name] = due
    return found


@cache
def _targets() -> pd.DataFrame:
    """The sellers' targets; a manager's repeats those of the team."""
    people = read(SAMPLE / "people.csv").set_index("person")
    frame = read(SAMPLE / "targets.csv")
    frame = frame[~frame["person"].isin(set(people["manager"].dropna()))]
    return pd.DataFrame(
        {
            "owner": frame["person"],
            "manager": frame["person"].map(people["manager"]),
            "team": frame["person"].map(people["team"]),
            "region": frame["person"].map(people["region"]),
            "close_quarter": frame["period"],
            "amount": frame["amount"].astype(float),
        }
    )


def dated(path: Path, *columns: str) -> pd.DataFrame:
    """A file whose columns of days are days."""
    frame = read(path)
    for column in columns:
        frame[column] = pd.to_datetime(frame[column])
    return frame
