"""serve: make the stores ready and start the dashboard."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import threading
import time
import urllib.request
import webbrowser
from typing import Final

from tas_analytics import sample
from tas_analytics.commands.output import err
from tas_analytics.config import ROOT, Config
from tas_analytics.errors import StoreProblem
from tas_analytics.store import Store

_HOST: Final = "127.0.0.1"


def serve(config: Config, port: int, browser: bool) -> int:
    """Start the dashboard on this machine; returns when it is stopped."""
    if _taken(port):
        raise StoreProblem(
            f"Port {port} is taken, most likely by a dashboard that runs already",
            f"Open http://localhost:{port}, or start on another port with --port (make run PORT=8600).",
        )
    _make_ready(config)
    url = f"http://localhost:{port}"
    err(f"TAS Analytics starts on {url} (stop it with Ctrl+C).")
    if browser:
        threading.Thread(target=_open_when_ready, args=(url, port), daemon=True).start()
    command = [
        sys.executable, "-m", "streamlit", "run", str(ROOT / "dashboard.py"),
        "--server.port", str(port), "--server.address", _HOST,
    ]  # fmt: skip
    environment = os.environ | {"TAS_STORE": str(config.store), "TAS_SAMPLE_STORE": str(config.sample_store)}
    process = subprocess.Popen(command, cwd=ROOT, env=environment)
    try:
        return process.wait()
    except KeyboardInterrupt:
        process.terminate()
        process.wait(timeout=10)
        return 0


def _make_ready(config: Config) -> None:
    """Open both stores once before the browser does: errors belong here, where they can be read."""

    def tell(text: str, share: float) -> None:
        err(f"  {100 * share:3.0f} %  {text}")

    if not config.sample_store.exists():
        err("First start: building the sample company's store.")
    sample.ensure(config.sample_store, tell)
    Store.open(config.sample_store).close()
    Store.open(config.store).close()


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
