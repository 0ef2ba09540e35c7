"""Commands for a store that another process has open."""

from __future__ import annotations

import json
import os
import threading
import time
from collections.abc import Sequence
from pathlib import Path

import pytest

from tas_analytics import relay
from tas_analytics.relay import Answer, Relay, ask, folder_of


def echo(words: Sequence[str], cwd: Path) -> Answer:
    return Answer(" ".join(words), str(cwd), 7)


def test_the_words_and_the_folder_arrive_and_the_answer_comes_back(tmp_path: Path) -> None:
    listener = Relay(tmp_path / "store.duckdb", echo).start()
    try:
        assert ask(tmp_path / "store.duckdb", ["load", "a b.csv"]) == Answer("load a b.csv", str(Path.cwd()), 7)
        assert sorted(path.name for path in folder_of(tmp_path / "store.duckdb").iterdir()) == ["alive"]
    finally:
        listener.stop()


def test_nobody_answers_where_nobody_listens(tmp_path: Path) -> None:
    store = tmp_path / "store.duckdb"
    assert ask(store, ["check"]) is None
    Relay(store, echo).start().stop()
    assert ask(store, ["check"]) is None


def test_a_listener_that_died_is_not_waited_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(relay, "SILENCE", 0.3)
    folder = folder_of(tmp_path / "store.duckdb")
    folder.mkdir()
    (folder / "alive").write_text("1")
    begun = time.monotonic()
    assert ask(tmp_path / "store.duckdb", ["check"], patience=0.3) is None
    assert time.monotonic() - begun < 10
    assert [path.name for path in folder.iterdir()] == ["alive"], "the question is taken back"


def test_a_command_that_takes_longer_than_the_patience_is_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(relay, "SILENCE", 1.0)

    def slow(_words: Sequence[str], _cwd: Path) -> Answer:
        time.sleep(2.5)
        return Answer("done", "", 0)

    listener = Relay(tmp_path / "store.duckdb", slow).start()
    try:
        assert ask(tmp_path / "store.duckdb", ["load"], patience=1.0) == Answer("done", "", 0)
    finally:
        listener.stop()


def test_the_listener_outlives_failures_and_rubbish(tmp_path: Path) -> None:
    def fail(words: Sequence[str], _cwd: Path) -> Answer:
        if words == ["fail"]:
            raise ValueError("broken")
        return Answer("fine", "", 0)

    store = tmp_path / "store.duckdb"
    listener = Relay(store, fail).start()
    try:
        for number, text in enumerate(("{", "[]", '{"words": 1, "cwd": 2}', json.dumps({"cwd": "x"}))):
            (folder_of(store) / f"rubbish{number}.request").write_text(text)
        failed = ask(store, ["fail"])
        assert failed is not None
        assert (failed.code, failed.stdout) == (2, "")
        assert "broken" in failed.stderr
        assert ask(store, ["check"]) == Answer("fine", "", 0)
        assert not list(folder_of(store).glob("*.request"))
    finally:
        listener.stop()


def test_many_ask_at_once_and_each_gets_its_own_answer(tmp_path: Path) -> None:
    store = tmp_path / "store.duckdb"
    listener = Relay(store, echo).start()
    answers: dict[int, Answer | None] = {}
    try:
        threads = [threading.Thread(target=lambda n=n: answers.update({n: ask(store, [str(n)])})) for n in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(30)
    finally:
        listener.stop()
    assert {n: answer.stdout for n, answer in answers.items() if answer} == {n: str(n) for n in range(8)}


def test_what_an_earlier_process_left_is_swept_away(tmp_path: Path) -> None:
    store = tmp_path / "store.duckdb"
    folder = folder_of(store)
    folder.mkdir()
    (folder / "old.request").write_text(json.dumps({"words": ["undo", "1"], "cwd": "."}))
    done: list[Sequence[str]] = []

    def note(words: Sequence[str], _cwd: Path) -> Answer:
        done.append(words)
        return Answer("", "", 0)

    listener = Relay(store, note).start()
    try:
        time.sleep(0.5)
        assert done == []
    finally:
        listener.stop()


@pytest.mark.skipif(os.name == "nt", reason="Windows keeps rights elsewhere")
def test_only_the_owner_may_leave_commands(tmp_path: Path) -> None:
    listener = Relay(tmp_path / "store.duckdb", echo).start()
    listener.stop()
    assert folder_of(tmp_path / "store.duckdb").stat().st_mode & 0o077 == 0


def test_ctrl_c_is_handed_on_and_the_answer_waited_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    begun = threading.Event()
    plain = time.sleep

    def long(_words: Sequence[str], _cwd: Path) -> Answer:
        begun.set()
        cancelled = relay.CANCELLED.get()
        assert cancelled is not None
        return Answer("", "cancelled" if cancelled.wait(20) else "never told", 2)

    def interrupted(seconds: float) -> None:
        plain(seconds)
        if begun.is_set() and threading.current_thread() is threading.main_thread():
            monkeypatch.setattr(time, "sleep", plain)
            raise KeyboardInterrupt

    listener = Relay(tmp_path / "store.duckdb", long).start()
    monkeypatch.setattr(time, "sleep", interrupted)
    try:
        assert ask(tmp_path / "store.duckdb", ["load"]) == Answer("", "cancelled", 2)
        assert sorted(path.name for path in folder_of(tmp_path / "store.duckdb").iterdir()) == ["alive"]
        assert relay.CANCELLED.get() is None
    finally:
        listener.stop()
