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
    """Paths of the two stores. They are never mixed: each is a file of its own."""

    store: Path
    sample_store: Path

    @classmethod
    def from_environment(cls, store: str | os.PathLike[str] | None = None) -> Config:
        """``--store`` wins over ``TAS_STORE``, which wins over ``data/tas.duckdb``.

        The sample lies beside the company's own store, or where ``TAS_SAMPLE_STORE`` says.
        """
        own = Path(store or os.environ.get("TAS_STORE") or ROOT / "data" / "tas.duckdb").resolve()
        sample = os.environ.get("TAS_SAMPLE_STORE")
        return cls(own, Path(sample).resolve() if sample else own.with_name(f"{own.stem}-sample.duckdb"))
