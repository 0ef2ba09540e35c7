"""review: the weekly review as a document."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Final

from tas_analytics.commands.changes import Comparison
from tas_analytics.commands.output import err
from tas_analytics.commands.questions import period_scope
from tas_analytics.errors import BadQuestion
from tas_analytics.metrics.company import Company
from tas_analytics.reports.pack import Pack, pack
from tas_analytics.store import Store


def _pdf() -> Callable[[Pack], bytes]:
    from tas_analytics.reports.pdf import write

    return write


def _pptx() -> Callable[[Pack], bytes]:
    from tas_analytics.reports.pptx import write

    return write


def _xlsx() -> Callable[[Pack], bytes]:
    from tas_analytics.reports.xlsx import write

    return write


def _html() -> Callable[[Pack], bytes]:
    from tas_analytics.reports.html import write

    return write


#: Ending of a file → what writes it; the libraries are imported by need.
WRITERS: Final = {".pdf": _pdf, ".pptx": _pptx, ".xlsx": _xlsx, ".html": _html}


def review(store: Store, words: Comparison, path: Path, leader: str | None = None) -> int:
    """Write the review pack: of the whole company, or of a leader and everybody below."""
    writer = WRITERS.get(path.suffix.lower())
    if writer is None:
        raise BadQuestion(
            f"{path.name} is none of {', '.join(WRITERS)}", "Give the file one of these endings: it decides the format."
        )
    company = Company.of(store)
    if not company.days:
        raise BadQuestion("There is nothing to review yet", "Load two exports of opportunities of different days.")
    scope = period_scope(company, words.where, words.period, words.as_of)
    found = pack(store, company, scope, words.since, leader)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(writer()(found))
    except OSError as error:
        raise BadQuestion(
            f"{path} cannot be written: {error.strerror or error}", "Choose a folder in which you may write."
        ) from error
    err(f"{found.headline}.")
    err(f"Written to {path}: {found.stamp}.")
    return 0
