"""How much memory and time the load of a file of 300 MB takes, start of the program included: for ``make bench``.

``TAS_BENCH_MB=30`` takes a smaller one. Wanted: a peak below 1,536 MiB, whatever the file is like.
"""

from __future__ import annotations

import codecs
import itertools
import json
import os
import random
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

pytestmark = pytest.mark.bench

ROOT = Path(__file__).parents[2]
SIZE = int(os.environ.get("TAS_BENCH_MB", "300")) << 20
HEADER = "Opportunity ID,Opportunity Name,Account Name,Opportunity Owner,Stage,Amount,Close Date,Next Step"
#: Runs the command line in a process of its own and says on the error channel how large it became.
MEASURED = """
import resource, subprocess, sys, time
begun = time.perf_counter()
code = subprocess.run([sys.executable, "-m", "tas_analytics", *sys.argv[1:]]).returncode
print(time.perf_counter() - begun, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024, file=sys.stderr)
sys.exit(code)
"""


def plain() -> Iterator[str]:
    dice = random.Random(1)
    for n in itertools.count():
        yield (
            f"0065g00000{n:08d},Deal {n} renewal,Account {n % 20_000},Seller {n % 400},Proposal,"
            f"{dice.lognormvariate(10, 1):.2f},2026-{n % 12 + 1:02d}-{n % 28 + 1:02d},call back about the offer\n"
        )


def messy() -> Iterator[str]:
    """Accents, cells of several lines, a rejected row now and then, a footer of its own kind every so often."""
    for n, row in enumerate(plain()):
        line = row
        if n % 7 == 0:
            line = line.replace("call back about the offer", f'"Anruf von Müller, {n}:\n""später"" – prüfen"')
        if n % 50_000 == 49_999:
            line = line.replace("2026-", "soon-", 1)
        yield line


@pytest.mark.parametrize(("kind", "encoding"), [("plain", "utf-8"), ("messy", "utf-8"), ("messy", "utf-16-le")])
def test_a_file_of_300_mb(kind: str, encoding: str, tmp_path: Path) -> None:
    path = tmp_path / "deals_2026-04-07.csv"
    rows, lines = 0, messy() if kind == "messy" else plain()
    with path.open("wb") as file:
        file.write((codecs.BOM_UTF16_LE if encoding == "utf-16-le" else b"") + f"{HEADER}\n".encode(encoding))
        while file.tell() < SIZE:
            rows += 20_000
            file.write("".join(itertools.islice(lines, 20_000)).encode(encoding))
    words = ["--store", str(tmp_path / "store.duckdb"), "load", str(path), "--json"]
    run = subprocess.run(
        [sys.executable, "-c", MEASURED, *words], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert run.returncode in (0, 1), run.stderr
    (told,) = json.loads(run.stdout)
    assert told["rows_in_file"] == rows == sum(told["loaded"].values()) + told["rejected"]
    assert told["rejected"] == (rows // 50_000 if kind == "messy" else 0)
    seconds, peak = run.stderr.splitlines()[-1].split()
    print(
        f"\n{kind}, {encoding}: {path.stat().st_size / 1e6:.0f} MB, {rows:,} rows, {told['rejected']} rejected: "
        f"{float(seconds):.1f} s, peak {float(peak):,.0f} MiB (wanted: 1,536)"
    )
    path.unlink()
