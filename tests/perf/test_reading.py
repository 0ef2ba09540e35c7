"""How fast files become tables of text, beside Arrow's bare CSV reader, and how much memory it takes: printed only.

``TAS_BENCH_MB=300`` measures larger files. Each file is read in a process of its own, as bytes and as a path.
"""

from __future__ import annotations

import codecs
import itertools
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

pytestmark = pytest.mark.bench

SIZE = int(os.environ.get("TAS_BENCH_MB", "100")) << 20
ROOT = Path(__file__).parents[2]
HEADER = [
    "Id",
    "Name",
    "Account",
    "Owner",
    "Stage",
    "Amount",
    "Probability (%)",
    "Close Date",
    "Created Date",
    "Source",
]

#: Reads one file and says how long it took, in seconds, and how much memory the process took, in MB.
READ = """
import json, pathlib, resource, sys, time
import pyarrow as pa, pyarrow.csv
how, path = sys.argv[1], pathlib.Path(sys.argv[2])
from tas_analytics.errors import UnreadableFile
from tas_analytics.ingest.reading.reader import read_table
read_table(b"Deal,Amount,Stage,Owner\\nA,1,Open,Ann\\n", "warm.csv")
began, rows, size = time.perf_counter(), 0, 0
try:
    if how == "arrow":
        names = path.open("rb").readline().decode("latin-1").strip().split(",")
        kinds = pa.csv.ConvertOptions(column_types={name: "string" for name in names}, check_utf8=False)
        parse = pa.csv.ParseOptions(newlines_in_values=True)
        table = pa.csv.read_csv(path, convert_options=kinds, parse_options=parse)
    else:
        table = read_table(path if how == "path" else path.read_bytes(), path.name).data
    rows, size = table.num_rows, table.nbytes >> 20
except (pa.ArrowInvalid, UnreadableFile):
    pass
taken = time.perf_counter() - began
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10
print(json.dumps([rows, taken, peak, size]))
"""


def rows() -> Iterator[list[str]]:
    for n in itertools.count():
        yield [
            *(f"0065g00000{n:08d}", f"Deal {n} renewal", f"Account {n % 20000}", f"Seller {n % 400}", "Qualify"),
            *(f"{n * 7 % 90000}.25", str(n % 100), f"2026-{n % 12 + 1:02d}-{n % 28 + 1:02d}", "2025-01-05", "Web"),
        ]


def quoted(row: list[str]) -> str:
    return ",".join('"' + cell.replace('"', '""') + '"' for cell in row)


def notes(row: list[str]) -> str:
    return quoted([*row[:9], f'First line\nsecond, "quoted" {row[1]}\nthird'])


def some_damage(row: list[str]) -> str:
    text = ",".join(row)
    return text.replace("Deal", '"De"al') if row[0].endswith("00777") else text


KINDS: dict[str, tuple[Callable[[list[str]], str], str]] = {
    "plain": (",".join, "utf-8"),
    "quoted": (quoted, "utf-8"),
    "notes of several lines": (notes, "utf-8"),
    "accents, UTF-8": (lambda row: ",".join(row).replace("Account", "Société Müller"), "utf-8"),
    "accents, Windows-1252": (lambda row: ",".join(row).replace("Account", "Société Müller"), "cp1252"),
    "UTF-16": (",".join, "utf-16-le"),
    "a damaged row in 100,000": (some_damage, "utf-8"),
    "a quote that never closes": (lambda row: ",".join(row).replace("Deal 0 ", '"Deal 0 '), "utf-8"),
    "inch marks in every row": (lambda row: ",".join([row[0], '5" pipe', *row[2:]]), "utf-8"),
    "three columns": (lambda row: f"{row[0]},{row[1]},{row[5]}", "utf-8"),
}


def measure(how: str, path: Path) -> tuple[int, float, int, int]:
    run = subprocess.run(
        [sys.executable, "-c", READ, how, str(path)], cwd=ROOT, check=True, capture_output=True, text=True
    )
    count, taken, peak, size = json.loads(run.stdout)
    return count, taken, peak, size


@pytest.mark.parametrize("kind", KINDS)
def test_reading(kind: str, tmp_path: Path) -> None:
    write, codec = KINDS[kind]
    path = tmp_path / "deals.csv"
    header = HEADER if kind != "three columns" else [HEADER[0], HEADER[1], HEADER[5]]
    with path.open("wb") as file:
        file.write(codecs.BOM_UTF16_LE if codec == "utf-16-le" else b"")
        file.write((",".join(header) + "\n").encode(codec))
        source = rows()
        while file.tell() < SIZE:
            file.write("".join(write(row) + "\n" for row in itertools.islice(source, 20_000)).encode(codec))
    megabytes = path.stat().st_size / (1 << 20)
    print(f"\n{kind}: {megabytes:.0f} MB")
    bare = measure("arrow", path)
    for how in ("path", "bytes"):
        count, taken, peak, size = measure(how, path)
        ratio = f"{taken / bare[1]:.1f} times Arrow alone" if bare[0] else "Arrow alone cannot read it"
        print(
            f"  as {how:<5} {count:>9,} rows {taken:6.2f} s {megabytes / taken:6.0f} MB/s, {ratio}; "
            f"peak {peak:,} MB with a table of {size:,} MB"
        )
    path.unlink()
