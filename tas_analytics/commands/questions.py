"""schema, metrics, measure and export."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import pandas as pd

from tas_analytics.commands.output import Format, err, out, out_csv, out_json, out_records, out_table
from tas_analytics.errors import BadQuestion
from tas_analytics.formats import MINUS, neutralise, number, percent
from tas_analytics.metrics import measure as measuring
from tas_analytics.metrics.company import Company
from tas_analytics.metrics.dimensions import DIMENSIONS, dimension
from tas_analytics.metrics.registry import metric, metrics as all_metrics
from tas_analytics.metrics.scope import Scope
from tas_analytics.store import TABLES, Store, table as importable
from tas_analytics.store.contents import contents


@dataclass(frozen=True)
class Question:
    """The words of ``measure``."""

    metrics: Sequence[str]
    by: str
    where: Sequence[str]
    period: str | None
    as_of: dt.date | None


def period_scope(company: Company, where: Sequence[str], period: str | None, as_of: dt.date | None) -> Scope:
    """The scope that a command's words name; where they name no period, of the fiscal quarter of its day."""
    scope = scope_of(company, where, period, as_of)
    return scope if period is not None else scope.within(company.calendar.quarter_of(scope.as_of))


def schema(*, as_json: bool) -> int:
    """Print the importable tables."""
    if as_json:
        out_json([asdict(one) for one in TABLES])
        return 0
    for one in TABLES:
        out(f"{one.name}: {one.doc}")
        out_table(
            ["  column", "kind", "needed", "meaning"],
            [[f"  {c.name}", c.kind, "yes" if c.required else "", c.doc] for c in one.columns],
            [False] * 4,
        )
        out("")
    return 0


def metrics(*, as_json: bool) -> int:
    """Print the registry."""
    if as_json:
        out_json([asdict(one) for one in all_metrics()])
        return 0
    out_table(["metric", "unit", "definition"], [[m.key, m.unit, m.doc] for m in all_metrics()], [False, False, False])
    out("")
    out_table(["dimension", "meaning"], [[d.key, d.doc] for d in DIMENSIONS], [False, False])
    return 0


def measure(store: Store, question: Question, how: Format) -> int:
    """Print the values of metrics."""
    company = Company.of(store)
    by = [key.strip() for key in question.by.split(",") if key.strip()]
    keys = [metric(key).key for word in question.metrics for key in word.split(",") if key]
    scope = scope_of(company, question.where, question.period, question.as_of)
    frame = measuring.measure(store, keys, scope, by, company)
    if how is Format.csv:
        out_csv(_raw(frame))
    elif how is Format.json:
        out_records(_raw(frame))
    else:
        _as_table(frame, by, keys)
    return 0


def export(store: Store, name: str, path: Path, as_of: dt.date | None) -> int:
    """Write a table to a file."""
    one = importable(name)
    frame = contents(store, one, as_of)
    kind = path.suffix.lower()
    if kind not in {".csv", ".parquet", ".xlsx"}:
        raise BadQuestion(f"{path.name} is not a .csv, .parquet or .xlsx file", "Give the file one of these endings.")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        if kind == ".parquet":
            frame.to_parquet(path, index=False)
        elif kind == ".csv":
            frame.map(neutralise).to_csv(path, index=False, lineterminator="\n")
        else:
            frame.map(neutralise).to_excel(path, index=False, sheet_name=one.label[:31])
    except OSError as error:
        raise BadQuestion(
            f"{path} cannot be written: {error.strerror or error}", "Choose a folder in which you may write."
        ) from error
    err(f"{len(frame):,} {one.name} written to {path}.")
    return 0


def scope_of(company: Company, where: Sequence[str], period_name: str | None, day: dt.date | None) -> Scope:
    """The scope that ``--where``, ``--period`` and ``--as-of`` describe; the day is the newest export's by default."""
    filters: dict[str, tuple[str, ...]] = {}
    for word in where:
        key, sign, value = word.partition("=")
        if not sign:
            raise BadQuestion(f'"{word}" is not a filter', "Write it as region=West; repeat --where for more.")
        key = dimension(key.strip()).key
        filters[key] = (*filters.get(key, ()), value)
    period = company.calendar.parse(period_name) if period_name else None
    # An empty store has no day of its own; any day gives the same nothing.
    as_of = day or company.last_day or dt.date(1970, 1, 1)
    return Scope.of(as_of, period, filters)


def _raw(frame: pd.DataFrame) -> pd.DataFrame:
    """Numbers without signs; counts as whole numbers, money to the cent."""
    raw = frame.copy()
    for key in raw.columns:
        if raw[key].dtype == object or not pd.api.types.is_numeric_dtype(raw[key]):
            continue
        values = raw[key].astype(float)
        if (values.dropna() % 1 == 0).all():
            raw[key] = values.astype("Int64")
        elif key in {m.key for m in all_metrics() if m.unit == "money"}:
            raw[key] = values.round(2)
    return raw


def _as_table(frame: pd.DataFrame, by: Sequence[str], keys: Sequence[str]) -> None:
    units = {key: metric(key).unit for key in keys}

    def shown(key: str, value: object) -> str:
        if value is None or (isinstance(value, float) and pd.isna(value)):
            return "–" if key in units else "(none)"
        if key not in units:
            return str(value)
        amount = float(str(value))
        if units[key] == "percent":
            return percent(amount, 2)
        digits = {"money": 2, "money per day": 2, "days": 1, "ratio": 2}.get(units[key], 0)
        return number(amount, digits).replace(MINUS, "-")

    out_table(
        [*(dimension(key).label for key in by), *(metric(key).label for key in keys)],
        [[shown(key, row[key]) for key in frame.columns] for _, row in frame.iterrows()],
        [*(False for _ in by), *(True for _ in keys)],
    )
    if frame.empty:
        err("No deals in this scope.")
