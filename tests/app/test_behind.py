"""Answers from the background: asked once, told how far, dropped when nobody wants them."""

from __future__ import annotations

import threading

import pytest

from tas_analytics.ui import behind


def test_an_answer_is_worked_out_once_for_all_who_ask() -> None:
    asked: list[int] = []

    def work(tell: behind.Tell) -> int:
        asked.append(1)
        tell("half way", 0.5)
        return 7

    first, second = behind.ask("once", work), behind.ask("once", work)
    assert first is second
    assert first.wait(10)
    assert (first.answer, first.text, first.share) == (7, "half way", 0.5)
    assert behind.ask("once", work).answer == 7
    assert len(asked) == 1


def test_a_failure_is_no_answer_and_the_next_question_is_answered(caplog: pytest.LogCaptureFixture) -> None:
    def fails(_: behind.Tell) -> int:
        raise ValueError("no")

    broken, sound = behind.ask("broken", fails), behind.ask("sound", lambda _: 1)
    assert sound.wait(10)
    assert broken.done
    assert broken.answer is None
    assert isinstance(broken.error, ValueError)
    assert "could not be worked out" in caplog.text
    assert sound.answer == 1


def test_what_nobody_wants_ends_at_its_next_step(caplog: pytest.LogCaptureFixture) -> None:
    begun, go_on = threading.Event(), threading.Event()

    def work(tell: behind.Tell) -> int:
        begun.set()
        go_on.wait(10)
        tell("on", 0.5)
        return 1

    running, waiting = behind.ask("running", work), behind.ask("waiting", lambda _: 2)
    assert begun.wait(10)
    behind.forget()
    go_on.set()
    assert running.wait(10)
    assert waiting.wait(10)
    assert running.answer is waiting.answer is None
    assert not caplog.text
    assert behind.ask("waiting", lambda _: 3) is not waiting
