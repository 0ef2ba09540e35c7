"""Where things are, by the environment."""

from __future__ import annotations

from pathlib import Path

import pytest

from tas_analytics.config import Config


def test_the_inbox_lies_beside_the_store_unless_it_is_named_or_off(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = tmp_path / "deep" / "own.duckdb"
    assert Config.from_environment(store).inbox == tmp_path / "deep" / "inbox"
    monkeypatch.setenv("TAS_INBOX", str(tmp_path / "drop here"))
    assert Config.from_environment(store).inbox == tmp_path / "drop here"
    monkeypatch.setenv("TAS_INBOX", "OFF")
    assert Config.from_environment(store).inbox is None
