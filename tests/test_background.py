"""Answers from the background: asked once, told how far, dropped when nobody wants them."""

from __future__ import annotations

import subprocess
import sys
import threading

import pytest

from tas_analytics import background
from tas_analytics.background import Line, Stopped, Tell


@pytest.fixture
def line() -> Line:
    return Line("test", 64, "An answer could not be worked out")


def test_an_answer_is_worked_out_once_for_all_who_ask(line: Line) -> None:
    asked: list[int] = []

    def work(tell: Tell) -> int:
        asked.append(1)
        tell("half way", 0.5)
        return 7

    first, second = line.ask("once", work), line.ask("once", work)
    assert first is second
    assert first.wait(10)
    assert (first.answer, first.text, first.share) == (7, "half way", 0.5)
    assert line.ask("once", work).answer == 7
    assert line.now("once", work) == 7
    assert len(asked) == 1


def test_a_failure_is_no_answer_and_the_next_question_is_answered(line: Line, caplog: pytest.LogCaptureFixture) -> None:
    def fails(_: Tell) -> int:
        raise ValueError("no")

    broken, sound = line.ask("broken", fails), line.ask("sound", lambda _: 1)
    assert sound.wait(10)
    assert broken.done
    assert broken.answer is None
    assert isinstance(broken.error, ValueError)
    assert "could not be worked out" in caplog.text
    assert sound.answer == 1


def test_what_nobody_wants_ends_at_its_next_step(line: Line, caplog: pytest.LogCaptureFixture) -> None:
    begun, go_on = threading.Event(), threading.Event()

    def work(tell: Tell) -> int:
        begun.set()
        go_on.wait(10)
        tell("on", 0.5)
        return 1

    running, waiting = line.ask("running", work), line.ask("waiting", lambda _: 2)
    assert begun.wait(10)
    background.forget()
    go_on.set()
    assert running.wait(10)
    assert waiting.wait(10)
    assert running.answer is waiting.answer is None
    assert not caplog.text
    assert line.ask("waiting", lambda _: 3) is not waiting


def test_who_has_to_wait_anyway_works_it_out_himself(line: Line) -> None:
    """A task may need another one that stands behind it in its own line, and one that somebody else has begun."""
    begun, go_on = threading.Event(), threading.Event()

    def slow(_: Tell) -> int:
        begun.set()
        go_on.wait(10)
        return 1

    def needs(_: Tell) -> int:
        return line.now("needed", lambda _: 2) + 1

    running = line.ask("running", slow)
    assert begun.wait(10)
    waiting = line.ask("waiting", needs)
    line.ask("needed", lambda _: 2)
    assert waiting.result() == 3
    assert not running.done
    found: list[int] = []
    other = threading.Thread(target=lambda: found.append(line.now("running", lambda _: 9)))
    other.start()
    go_on.set()
    other.join(10)
    assert found == [1]


def test_a_question_out_of_date_is_not_answered_and_may_be_asked_again(line: Line) -> None:
    def stale(_: Tell) -> int:
        raise Stopped

    with pytest.raises(Stopped):
        line.now("it", stale)
    found = line.found("it")
    assert found is not None
    assert found.dropped
    assert line.now("it", lambda _: 5) == 5
    with pytest.raises(ZeroDivisionError):
        line.now("fails", lambda _: 1 // 0)


def test_the_end_of_the_program_waits_for_what_is_under_way() -> None:
    """A thread that is cut off inside a query takes the program down with it."""
    code = """
import time
from tas_analytics.background import Line
line = Line("end", 2, "")
line.ask(1, lambda tell: (time.sleep(0.3), print("ended")))
line.ask(2, lambda tell: print("not begun"))
time.sleep(0.1)
"""
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    assert found.stdout == "ended\n"


def test_only_so_many_answers_are_kept() -> None:
    line = Line("few", 2, "")
    for key in range(4):
        line.now(key, lambda _: 0)
    assert [line.found(key) is None for key in range(4)] == [True, True, False, False]
