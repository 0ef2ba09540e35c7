"""The browser that the tests and the screenshots drive: find it, install it, wait for a page.

``python tools/browser.py`` prints the browser found; with ``--install`` it first tries to get one
where none is there. It exits with 0 either way: without a browser the browser tests are skipped,
and the sentence printed says why.
"""

from __future__ import annotations

import argparse
import os
import platform
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from playwright.sync_api import Page

#: Names a browser may have on PATH, then where macOS keeps its applications.
NAMES: Final = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
APPLICATIONS: Final = (
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
)
#: Everything by which a browser would talk to other hosts of its own accord is switched off.
LAUNCH_ARGS: Final = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
#: How long the page must have been at rest to count as settled, in milliseconds.
QUIET_MS: Final = 200
#: How often the page is looked at, and what a look adds to its rest at most: while it is busy nobody can look.
LOOK_MS: Final = 50
#: What is there only while something is running, loading, out of date or, the last, not drawn yet.
_UNREST: Final = (
    '[data-testid="stStatusWidget"], [data-testid="stSkeleton"], [data-stale="true"],'
    ' [data-testid="stPlotlyChart"]:not(:has(.js-plotly-plot))'
)

# True once the app has been connected, not running, without stale or loading parts, for a while on end.
_SETTLED: Final = """
([quiet, longest, unrest]) => {
  const now = performance.now();
  const app = document.querySelector('[data-testid="stApp"]');
  const atRest = app !== null
    && app.getAttribute('data-test-script-state') === 'notRunning'
    && app.getAttribute('data-test-connection-state') === 'CONNECTED'
    && document.querySelector(unrest) === null;
  const before = window.__rest;
  const lasted = before ? before.lasted + Math.min(now - before.seen, longest) : 0;
  window.__rest = atRest ? {seen: now, lasted} : null;
  return atRest && window.__rest.lasted >= quiet;
}
"""


def expect_settled(page: Page, timeout: float = 30_000) -> None:
    """Wait until Streamlit has finished: connected, no script running, nothing stale or loading.

    The rest must last :data:`QUIET_MS`, so that the moment between a click and its rerun does not
    count. Raises playwright's ``TimeoutError`` after ``timeout`` milliseconds.
    """
    page.evaluate("() => { window.__rest = null; }")
    page.wait_for_function(_SETTLED, arg=[QUIET_MS, LOOK_MS, _UNREST], polling=LOOK_MS, timeout=timeout)


def starts(path: str) -> bool:
    """Whether that file is a browser that runs here.

    Ubuntu's ``chromium-browser`` may be a stub that asks for a snap, and a downloaded browser may lack libraries.
    """
    if sys.platform == "win32":  # there, asking for the version opens a window
        return Path(path).is_file()
    try:
        answer = subprocess.run([path, "--version"], capture_output=True, text=True, timeout=30, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return False
    return answer.returncode == 0 and "chrom" in answer.stdout.lower()


def playwright_browser() -> str | None:
    """The path at which playwright's own Chromium is or would be; nothing where playwright is not installed."""
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        return None
    with sync_playwright() as playwright:
        return playwright.chromium.executable_path


def find_browser() -> str | None:
    """The browser to drive: ``TAS_BROWSER``, else one on PATH, else playwright's own."""
    wanted = os.environ.get("TAS_BROWSER")
    if wanted:
        return wanted if starts(wanted) else None
    for candidate in (*map(shutil.which, NAMES), *APPLICATIONS):
        if candidate and Path(candidate).is_file() and starts(candidate):
            return candidate
    own = playwright_browser()
    return own if own and Path(own).is_file() and starts(own) else None


def _run(*command: str, timeout: float = 900) -> bool:
    """Run an installer; its output goes to stderr, and only success is told."""
    print("+", *command, file=sys.stderr)
    try:
        return subprocess.run(command, stdout=sys.stderr, timeout=timeout, check=False).returncode == 0
    except (OSError, subprocess.TimeoutExpired):
        return False


def _as_root() -> list[str] | None:
    """The words to put before a command that needs root; nothing where we may not ask for it silently."""
    if sys.platform == "win32":
        return None
    if os.geteuid() == 0:
        return []
    sudo = shutil.which("sudo")
    if sudo and subprocess.run([sudo, "-n", "true"], capture_output=True, check=False).returncode == 0:
        return [sudo, "-n"]
    return None


def install() -> tuple[str | None, str]:
    """Try to get a browser; returns its path, or nothing and the reason."""
    tried: list[str] = []
    if os.environ.get("TAS_BROWSER"):
        return None, f"TAS_BROWSER names {os.environ['TAS_BROWSER']}, which does not start"
    if _run(sys.executable, "-m", "playwright", "install", "chromium"):
        if found := find_browser():
            return found, ""
        tried.append("playwright's Chromium was downloaded but does not start (libraries of the system are missing)")
    else:
        tried.append("playwright could not download its Chromium")
    root = _as_root()
    if shutil.which("apt-get") is None:
        tried.append(f"there is no apt-get on this {platform.system()}")
    elif root is None:
        tried.append("apt-get needs root, or sudo without a password")
    elif _run(*root, "apt-get", "update") and _run(*root, "apt-get", "install", "-y", "chromium"):
        if found := find_browser():
            return found, ""
        tried.append("the chromium that apt-get installed does not start")
    else:
        tried.append("apt-get could not install chromium")
    return None, "; ".join(tried)


def main() -> int:
    """Print the browser found, or why there is none."""
    parser = argparse.ArgumentParser(description="Find the browser that the browser tests use.")
    parser.add_argument("--install", action="store_true", help="try to get one where none is found")
    options = parser.parse_args()
    found, reason = find_browser(), "no Chromium or Chrome was found on PATH or in playwright's folder"
    if found is None and options.install:
        found, reason = install()
    if found is None:
        print(f"The browser tests will be skipped: {reason}.", file=sys.stderr)
        print("Install Chromium or Chrome, or set TAS_BROWSER to the path of one.", file=sys.stderr)
    elif not options.install:
        print(found)
    return 0


if __name__ == "__main__":
    sys.exit(main())
