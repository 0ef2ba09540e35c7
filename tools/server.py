"""A real server of the dashboard, started as a user would, for browser tests and screenshots."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parent.parent
#: A first start creates the stores and loads the sample data.
START_SECONDS: Final = 120.0
STOP_SECONDS: Final = 10.0


class ServerDidNotStart(RuntimeError):
    """The server ended or stayed silent; the message carries its log."""


@dataclass(frozen=True)
class RunningServer:
    """A dashboard that answers at ``url``; its stores and its log are in ``folder``."""

    url: str
    folder: Path
    process: subprocess.Popen[bytes]

    @property
    def store(self) -> Path:
        """The user's own store, separate from the sample's."""
        return self.folder / "own.duckdb"

    @property
    def log(self) -> str:
        """Everything the server has printed so far."""
        return (self.folder / "server.log").read_text(encoding="utf-8", errors="replace")

    def stop(self) -> None:
        """End the server and whatever it started: kindly first, then not."""
        if self.process.poll() is None:
            self._signal(force=False)
            try:
                self.process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                self._signal(force=True)
                self.process.wait(STOP_SECONDS)

    def _signal(self, *, force: bool) -> None:
        """End the process's own group."""
        if sys.platform == "win32":
            self.process.kill() if force else self.process.terminate()
            return
        # The server was started in a session of its own, so its group holds it and its children only.
        os.killpg(self.process.pid, signal.SIGKILL if force else signal.SIGTERM)


def free_port() -> int:
    """A port that nothing listened on a moment ago."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def start_server(folder: Path, *arguments: str, environment: dict[str, str] | None = None) -> RunningServer:
    """Start ``python -m tas_analytics serve`` with its stores in ``folder`` and wait until it answers.

    Parameters
    ----------
    folder
        Where the stores and ``server.log`` go. It is created where missing.
    arguments
        Further arguments of the ``serve`` command.
    environment
        Variables to add to or replace in the present environment.
    """
    folder.mkdir(parents=True, exist_ok=True)
    port = free_port()
    with (folder / "server.log").open("ab") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "tas_analytics", "serve", "--port", str(port), *arguments],
            cwd=ROOT,
            env={**os.environ, "TAS_STORE": str(folder / "own.duckdb"), "PYTHONUNBUFFERED": "1", **(environment or {})},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    server = RunningServer(f"http://localhost:{port}", folder, process)
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise ServerDidNotStart(f"The server ended with exit code {process.returncode}. Its log:\n{server.log}")
        if _answers(f"{server.url}/_stcore/health"):
            return server
        time.sleep(0.05)
    server.stop()
    raise ServerDidNotStart(f"The server did not answer within {START_SECONDS:.0f} s. Its log:\n{server.log}")


def _answers(url: str) -> bool:
    """Whether the address answers with success."""
    try:
        with urllib.request.urlopen(url, timeout=2) as response:
            return bool(response.status == 200)
    except (urllib.error.URLError, ConnectionError, TimeoutError):
        return False
