"""The command line, as a program calls it."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tas_analytics import cli
from tas_analytics.store import Store

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Outcome:
    """What a command printed, and its exit code."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


def run(*words: object) -> Outcome:
    """The command in this process: the same code, without waiting for Python to start."""
    out, err = io.StringIO(), io.StringIO()
    with redirect_stdout(out), redirect_stderr(err), pytest.raises(SystemExit) as leaving:
        cli.main([str(word) for word in words])
    code = leaving.value.code
    return Outcome(int(code or 0), out.getvalue(), err.getvalue())


def run_process(*words: object, **environment: str) -> Outcome:
    done = subprocess.run(
        [sys.executable, "-m", "tas_analytics", *map(str, words)],
        cwd=ROOT, env=os.environ | environment, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    return Outcome(done.returncode, done.stdout, done.stderr)


Command = Callable[..., Outcome]


@pytest.fixture
def tas(tmp_path: Path) -> Iterator[Command]:
    """Commands on a store of the test's own."""
    path = tmp_path / "store.duckdb"
    yield lambda *words: run("--store", path, *words)
    if path.exists():
        Store.open(path).close()


@pytest.fixture
def deals(tmp_path: Path) -> Path:
    path = tmp_path / "deals_2026-02-02.csv"
    path.write_text(
        "opportunity_id,name,account,owner,stage,amount,currency,close_date,created_date\n"
        "D1,Acme renewal,Acme,Ann,Qualify,100.50,USD,2026-06-30,2026-01-02\n"
        "D2,'=2+3,Bolt,Bob,Closed Won,200,USD,2026-01-30,2026-01-03\n"
        'D3,"Quoted ""deal"", long",Acme,@Ann,Proposal,,USD,,2026-01-04\n',
        encoding="utf-8",
    )
    return path


def mentions_no_traceback(outcome: Outcome) -> bool:
    return "Traceback" not in outcome.err + outcome.out and 'File "' not in outcome.err
