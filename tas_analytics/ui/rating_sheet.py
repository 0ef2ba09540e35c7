"""The rating sheet as a part of the page: rated with the keyboard, saved at once."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from tas_analytics.ui.component import Done, queued

_SIGNS: Final = {"+": "+", "−": "-", "?": "?"}


@dataclass(frozen=True)
class Entry:
    """What was done: ``rate`` (``sign`` and ``evidence`` where given), ``add`` or ``remove`` a competitor."""

    kind: str
    competitor: str
    criterion: int | None = None
    sign: str | None = None
    evidence: str | None = None


def rating_sheet(data: Mapping[str, Any], *, key: str, save: Callable[[Sequence[Entry]], None]) -> None:
    """Draw the sheet; new entries are handed to ``save`` before the page is drawn again.

    Parameters
    ----------
    data
        What ``rating_sheet.js`` reads.
    key
        Another one for another deal.
    save
        Called with the entries that are new, in their order.
    """

    def take(fresh: Sequence[Done]) -> bool:
        entries = [entry for one in fresh if (entry := _checked(one)) is not None]
        if entries:
            save(entries)
        return True

    queued("rating_sheet", "sheet", data, key=key, take=take)


def _checked(found: Done) -> Entry | None:
    """What the browser says, if it makes sense."""
    kind, competitor = found.get("kind"), str(found.get("competitor") or "").strip()
    if kind in ("add", "remove"):
        return Entry(str(kind), competitor) if competitor else None
    number, sign, evidence = found.get("criterion"), _SIGNS.get(str(found.get("sign"))), found.get("evidence")
    if kind != "rate" or not isinstance(number, (int, float)) or not 1 <= int(number) <= 20:
        return None
    if sign is None and evidence is None:
        return None
    return Entry("rate", competitor, int(number), sign, None if evidence is None else str(evidence))
