"""serve: make the stores ready and start the dashboard."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.request
import webbrowser
from types import FrameType
from typing import Final, NoReturn

from tas_analytics import sample
from tas_analytics.commands.output import err
from tas_analytics.config import ROOT, Config
from tas_analytics.errors import StoreProblem
from tas_analytics.store import Store

_HOST: Final = "127.0.0.1"


def serve(config: Config, port: int, browser: bool | None) -> int:
    """Start the dashboard on this machine; returns when it is stopped."""
    if _taken(port):
        raise StoreProblem(
            f"Port {port} is taken, most likely by a dashboard that runs already",
            f"Open http://localhost:{port}, or start on another port with --port (make run PORT=8600).",
        )
    _make_ready(config)
    url = f"http://localhost:{port}"
    err(f"TAS Analytics starts on {url} (stop it with Ctrl+C).")
    if browser if browser is not None else _has_screen():
        threading.Thread(target=_open_when_ready, args=(url, port), daemon=True).start()
    command = [
        sys.executable, "-m", "streamlit", "run", str(ROOT / "dashboard.py"),
        "--server.port", str(port), "--server.address", _HOST,
    ]  # fmt: skip
    environment = os.environ | {
        "TAS_STORE": str(config.store),
        "TAS_SAMPLE_STORE": str(config.sample_store),
        "TAS_INBOX": str(config.inbox or "off"),
    }
    # Whoever stops this process means the dashboard: a service manager sends SIGTERM to the process it started.
    signal.signal(signal.SIGTERM, _as_interrupt)
    process = subprocess.Popen(command, cwd=ROOT, env=environment)
    try:
        return process.wait()
    except KeyboardInterrupt:
        _stop(process)
        return 0


def _as_interrupt(_number: int, _frame: FrameType | None) -> NoReturn:
    raise KeyboardInterrupt


def _stop(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(timeout=10)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _make_ready(config: Config) -> None:
    """Open both stores once before the browser does: errors belong here, where they can be read."""

    def tell(text: str, share: float) -> None:
        err(f"  {100 * share:3.0f} %  {text}")

    if not config.sample_store.exists():
        err("First start: building the sample company's store.")
    sample.ensure(config.sample_store, tell)
    Store.open(config.sample_store).close()
    Store.open(config.store).close()


def _has_screen() -> bool:
    """Whether a person sits before this terminal with a window system; never in a cron job or a test."""
    if not sys.stdout.isatty():
        return False
    return sys.platform in {"win32", "darwin"} or bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def _taken(port: int) -> bool:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        return probe.connect_ex((_HOST, port)) == 0


def _open_when_ready(url: str, port: int) -> None:
    for _ in range(100):
        try:
            with urllib.request.urlopen(f"http://{_HOST}:{port}/_stcore/health", timeout=1):
                webbrowser.open(url)
                return
        except OSError:
            time.sleep(0.2)
