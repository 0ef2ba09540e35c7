"""What a run of the tests builds once, whichever worker asks for it first, and only copies from then on.

Workers of one run are processes of their own. Whoever finds something missing builds it under another name while the
others wait, and moves it into place whole. If the building fails, the next one to ask tries it, and fails with a
traceback of its own.
"""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

#: The store of the sample company is ready in a fraction of this on any machine.
_PATIENCE: Final = 600.0
_PAUSE: Final = 0.05


def run_folder(basetemp: Path) -> Path:
    """The folder that all workers of a run share, given pytest's temporary folder of one of them."""
    own = basetemp.parent if "PYTEST_XDIST_WORKER" in os.environ else basetemp
    folder = own / "built-once"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def once(path: Path, build: Callable[[Path], object]) -> Path:
    """The file at ``path``, built by the first who asks.

    Parameters
    ----------
    path
        Where the file is for good. It must not be changed there: copy it.
    build
        Makes the file under the name it is given.
    """
    claim = path.with_suffix(".claim")
    deadline = time.monotonic() + _PATIENCE
    while not path.exists():
        try:
            os.close(os.open(claim, os.O_CREAT | os.O_EXCL))
        except FileExistsError:
            if time.monotonic() > deadline:
                raise TimeoutError(f"Another worker has been building {path.name} for {_PATIENCE:.0f} s") from None
            time.sleep(_PAUSE)
            continue
        try:
            if not path.exists():
                partial = path.with_name(f"{path.stem}-partial{path.suffix}")
                build(partial)
                partial.replace(path)
        finally:
            claim.unlink()
    return path


def copy(of: Path, to: Path) -> Path:
    """A copy that may be changed."""
    to.parent.mkdir(parents=True, exist_ok=True)
    return Path(shutil.copyfile(of, to))
