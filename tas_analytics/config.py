"""Where things are and how the process behaves: frozen settings from the environment.

Company settings (fiscal year, currency) live in the store; these are the machine's.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parent.parent
SAMPLE_FOLDER: Final = ROOT / "data" / "sample"


@dataclass(frozen=True)
class Config:
    """Paths of the two stores, which are never mixed: each is a file of its own; and of the company's inbox.

    Files that appear in the inbox are loaded by the running dashboard; None if there shall be none.
    """

    store: Path
    sample_store: Path
    inbox: Path | None

    @classmethod
    def from_environment(cls, store: str | os.PathLike[str] | None = None) -> Config:
        """``--store`` wins over ``TAS_STORE``, which wins over ``data/tas.duckdb``.

        The sample lies beside the company's own store, or where ``TAS_SAMPLE_STORE`` says. The inbox is the
        folder ``inbox`` beside the store, or where ``TAS_INBOX`` says; ``TAS_INBOX=off`` leaves it out.
        """
        own = Path(store or os.environ.get("TAS_STORE") or ROOT / "data" / "tas.duckdb").resolve()
        sample = os.environ.get("TAS_SAMPLE_STORE")
        inbox = os.environ.get("TAS_INBOX") or str(own.with_name("inbox"))
        return cls(
            own,
            Path(sample).resolve() if sample else own.with_name(f"{own.stem}-sample.duckdb"),
            None if inbox.casefold() == "off" else Path(inbox).expanduser().resolve(),
        )
