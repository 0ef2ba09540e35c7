"""Work in the background: how far it is, cancelling it, and what comes of it."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from tas_analytics.errors import TasError
from tas_analytics.store import Store
from tas_analytics.ui import jobs
from tas_analytics.ui.jobs import Cancelled, Job, Tell


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """No waiting for young jobs."""
    monkeypatch.setattr(jobs, "PATIENCE", 0.0)


def ended(job: Job[int]) -> Job[int]:
    for _ in range(200):
        job._thread.join(0.05)
        if job.finished():
            return job
    raise AssertionError("the job does not end")


def test_it_tells_how_far_it_is_and_gives_its_result() -> None:
    go = threading.Event()
    told = threading.Event()

    def work(tell: Tell) -> int:
        tell("Half", 0.5)
        told.set()
        go.wait(10)
        return 7

    job = Job(work).start()
    told.wait(10)
    assert (job.running, job.finished(), job.text, job.share) == (True, False, "Half", 0.5)
    go.set()
    assert ended(job).result() == 7
    assert not job.cancelled


def test_cancelling_ends_it_where_it_next_tells_something() -> None:
    go = threading.Event()

    def work(tell: Tell) -> int:
        go.wait(10)
        tell("More", 0.9)
        raise AssertionError("it went on")

    job = Job(work).start()
    job.cancel()
    go.set()
    with pytest.raises(Cancelled):
        ended(job).result()


def test_what_was_done_before_the_cancelling_counts() -> None:
    """A load that was committed is loaded, whatever the user hoped."""
    job = ended(Job(lambda _tell: 7).start())
    job.cancel()
    assert job.result() == 7


def test_a_refusal_is_handed_on() -> None:
    def work(_tell: Tell) -> int:
        raise TasError("No room", "Make some.")

    with pytest.raises(TasError, match="No room"):
        ended(Job(work).start()).result()


def test_a_long_statement_is_ended_and_leaves_nothing(tmp_path: Path) -> None:
    store = Store.open(tmp_path / "store.duckdb")
    begun = threading.Event()

    def work(_tell: Tell) -> int:
        with store.transaction() as cursor:
            cursor.execute("create table half (a integer)")
            begun.set()
            cursor.execute("select sum(range % 7) from range(30000000000)")
        return 1

    job = Job(work, store).start()
    begun.wait(10)
    for _ in range(100):
        job.cancel()
        job._thread.join(0.1)
        if not job.running:
            break
    with pytest.raises(Cancelled):
        job.result()
    assert store.value("select count(*) from duckdb_tables() where table_name = 'half'") == 0
    store.close()


def test_when_the_server_stops_every_job_ends() -> None:
    def work(tell: Tell) -> int:
        while True:
            tell("On and on", 0.5)

    jobs_ = [Job(work).start(), Job(work).start()]
    jobs.cancel_all()
    assert not any(job.running for job in jobs_)
    jobs.cancel_all()
