"""How long a first load of a million rows takes beside DuckDB's own, and what kill -9 leaves: for ``make bench``.

``TAS_BENCH_ROWS=200000`` takes fewer rows. The yardstick is a typed ``create table … as select * from read_csv(…)``
in a process of its own, run right before and after the load, on the same file and disk.
"""

from __future__ import annotations

import os
import random
import signal
import statistics
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.cli.conftest import ROOT, run_process

pytestmark = pytest.mark.bench

ROWS = int(os.environ.get("TAS_BENCH_ROWS", "1000000"))
ROUNDS = 3
KILLS = 20
_YARDSTICK = """
import sys, time, duckdb
connection = duckdb.connect(sys.argv[2])
connection.execute("set enable_progress_bar = false")
begun = time.perf_counter()
connection.execute(f"create table t as select * from read_csv('{sys.argv[1]}')")
connection.close()
print(time.perf_counter() - begun)
"""
_MEASURED = """
import resource, subprocess, sys, time
begun = time.perf_counter()
code = subprocess.run([sys.executable, "-m", "tas_analytics", *sys.argv[1:]], stdout=subprocess.DEVNULL).returncode
print(time.perf_counter() - begun, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024, code)
"""


@pytest.fixture(scope="module")
def export(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An export of ten columns, about ninety bytes a row."""
    path = tmp_path_factory.mktemp("bench") / "deals.csv"
    dice = random.Random(1)
    stages = ("Qualify", "Develop", "Solution", "Proof", "Close", "Closed Won", "Closed Lost")
    with path.open("w", encoding="utf-8") as file:
        file.write("Opportunity ID,Opportunity Name,Account Name,Opportunity Owner,Stage,Amount,Probability (%),")
        file.write("Close Date,Created Date,Lead Source\n")
        for number in range(ROWS):
            name = f'"Deal {number}, renewal"' if number % 50 == 0 else f"Deal {number} renewal"
            stage = dice.choice(stages)
            close, created = dice.randrange(1000), dice.randrange(1000)
            file.write(
                f"0065g00000{number:08d},{name},Account {number % 20_000},Seller {number % 400},{stage},"
                f"{dice.lognormvariate(10, 1):.2f},{10 * (number % 11)},{_day(2024, close)},{_day(2022, created)},"
                f"{('Web', 'Partner', 'Referral')[number % 3]}\n"
            )
    return path


def _day(year: int, number: int) -> str:
    return f"{year + number // 360}-{number % 360 // 30 + 1:02d}-{number % 28 + 1:02d}"


def _yardstick(export: Path, folder: Path) -> float:
    found = folder / f"yardstick-{time.monotonic_ns()}.duckdb"
    done = subprocess.run(
        [sys.executable, "-c", _YARDSTICK, str(export), str(found)], capture_output=True, text=True, check=True
    )
    found.unlink()
    return float(done.stdout)


def _load(store: Path, export: Path) -> tuple[float, float]:
    """Seconds, start of the program included, and peak memory in MiB."""
    words = ["--store", str(store), "load", str(export), "--json"]
    done = subprocess.run(
        [sys.executable, "-c", _MEASURED, *words], capture_output=True, text=True, check=True, cwd=ROOT
    )
    seconds, peak, code = done.stdout.split()
    assert code == "0", done.stderr
    return float(seconds), float(peak)


def test_a_million_rows(export: Path, tmp_path: Path) -> None:
    ratios: list[tuple[float, float, float]] = []
    for number in range(ROUNDS):
        store = tmp_path / f"{number}.duckdb"
        before = _yardstick(export, tmp_path)
        first, peak = _load(store, export)
        again, _ = _load(store, export)
        yardstick = min(before, _yardstick(export, tmp_path))
        ratios.append((first / yardstick, again / yardstick, peak))
        print(
            f"\n{ROWS:,} rows, {export.stat().st_size / 1e6:.0f} MB: yardstick {yardstick:.2f} s, load {first:.2f} s "
            f"({first / yardstick:.2f} ×), the same again {again:.2f} s ({again / yardstick:.2f} ×), "
            f"peak {peak:,.0f} MiB"
        )
        store.unlink()
    print(
        f"medians: load {statistics.median(r[0] for r in ratios):.2f} × (wanted: 3), "
        f"the same again {statistics.median(r[1] for r in ratios):.2f} × (wanted: 2), "
        f"peak {max(r[2] for r in ratios):,.0f} MiB (wanted: 1,536)"
    )


@pytest.mark.skipif(os.name == "nt", reason="kill -9 is of POSIX")
def test_a_load_killed_twenty_times(export: Path, tmp_path: Path) -> None:
    whole, _ = _load(tmp_path / "whole.duckdb", export)
    dice = random.Random(11)
    outcomes: list[str] = []
    for number in range(KILLS):
        store = tmp_path / f"killed-{number}.duckdb"
        small = tmp_path / "deals_2021-01-05.csv"
        small.write_text("opportunity_id,stage\nE1,Qualify\n")
        assert run_process("--store", store, "load", small).code == 0
        process = subprocess.Popen(
            [sys.executable, "-m", "tas_analytics", "--store", str(store), "load", str(export)],
            cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        time.sleep(whole * dice.uniform(0.1, 1.05))
        process.send_signal(signal.SIGKILL)
        process.wait()
        assert run_process("--store", store, "check").code == 0
        rows = [load["rows_in_file"] for load in run_process("--store", store, "loads", "--json").json]
        assert rows in ([1], [ROWS, 1])
        outcomes.append("there" if len(rows) == 2 else "not there")
        store.unlink()
    print(f"\nkilled {KILLS} times: {outcomes.count('there')} wholly there, {outcomes.count('not there')} not at all")
