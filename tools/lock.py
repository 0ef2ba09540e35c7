"""Renew the transitive pins of the requirements files from their direct ones.

Each file has the heading ``# direct`` over the packages that we name, and ``# transitive`` over what
those bring along. This script installs the direct ones into a clean environment and writes what else
came under the second heading. Run it with ``make lock`` after changing a direct pin.
"""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
import venv
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parent.parent
DIRECT: Final = "# direct"
TRANSITIVE: Final = "# transitive"
#: Packages that are needed on some systems only: the condition, as their dependants state it.
MARKERS: Final = {
    "watchdog": 'platform_system != "Darwin"',
    "colorama": 'platform_system == "Windows"',
}
#: Packages of MARKERS that this machine's own installation may not show.
ELSEWHERE: Final = {"colorama": "0.4.6", "watchdog": "7.1.0"}


def key(name: str) -> str:
    """A package's name as the index spells it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def sections(text: str) -> tuple[str, str]:
    """Everything up to the transitive heading (with it), and what stands below."""
    head, heading, tail = text.partition(f"{TRANSITIVE}\n")
    if not heading:
        raise SystemExit(f'There is no heading "{TRANSITIVE}" in the requirements file.')
    return head, tail


def names(text: str) -> set[str]:
    """The packages pinned in that text."""
    return {key(found) for found in re.findall(r"(?m)^([A-Za-z0-9._-]+)==", text)}


def freeze(direct: list[str]) -> dict[str, str]:
    """Name → version of everything that a clean environment holds after installing ``direct``."""
    with tempfile.TemporaryDirectory() as folder:
        venv.create(folder, with_pip=True)
        python = str(Path(folder) / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python"))
        subprocess.run([python, "-m", "pip", "install", "--quiet", *direct], check=True)
        listed = subprocess.run([python, "-m", "pip", "freeze"], check=True, capture_output=True, text=True).stdout
    pins = dict(line.split("==") for line in listed.splitlines() if "==" in line)
    return {key(name): version for name, version in pins.items()}


def lock(path: Path, direct: list[str], known: set[str], *, elsewhere: dict[str, str]) -> set[str]:
    """Rewrite the transitive part of one file; ``known`` packages are pinned already. Returns all names pinned."""
    head, _ = sections(path.read_text(encoding="utf-8"))
    pins = {**elsewhere, **freeze(direct)}
    known = known | names(head)
    lines = [
        f"{name}=={version}" + (f"; {MARKERS[name]}" if name in MARKERS else "")
        for name, version in sorted(pins.items())
        if name not in known
    ]
    path.write_text(head + f"{TRANSITIVE}\n" + "\n".join(lines) + "\n", encoding="utf-8")
    print(f"{path.name}: {len(lines)} transitive pins")
    return known | set(pins)


def direct_pins(path: Path) -> list[str]:
    """The pins above the transitive heading of one file."""
    head, _ = sections(path.read_text(encoding="utf-8"))
    return re.findall(r"(?m)^[A-Za-z0-9._-]+==\S+", head)


def main() -> None:
    """Lock both files, the runtime's first."""
    runtime, dev = ROOT / "requirements.txt", ROOT / "requirements-dev.txt"
    pinned = lock(runtime, direct_pins(runtime), set(), elsewhere=ELSEWHERE)
    lock(dev, direct_pins(runtime) + direct_pins(dev), pinned, elsewhere={})


if __name__ == "__main__":
    main()
