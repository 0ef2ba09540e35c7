"""The rating sheet as a part of the page: rated with the keyboard, saved at once.

Entries are queued in the browser until the page says that they are saved, because several may be made while one run
of the page is under way.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import streamlit as st

_HERE: Final = Path(__file__).parent
_NAME: Final = "tas_rating_sheet"
_SIGNS: Final = {"+": "+", "−": "-", "?": "?"}
#: So many saved entries are remembered for each sheet; a browser keeps no longer queue.
_REMEMBERED: Final = 500


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
    saved: list[str] = st.session_state.setdefault(f"{key}-saved", [])

    def changed() -> None:
        found = st.session_state[key].get("queue") or []
        fresh = {str(one.get("id")): entry for one in found if (entry := _checked(one)) is not None}
        fresh = {ident: entry for ident, entry in fresh.items() if ident not in saved}
        if fresh:
            save(list(fresh.values()))
        known = [str(one.get("id")) for one in found if isinstance(one, Mapping)]
        saved.extend(ident for ident in known if ident not in saved)
        del saved[:-_REMEMBERED]

    component = st.components.v2.component(
        _NAME,
        html='<div class="sheet"></div>',
        css=(_HERE / "rating_sheet.css").read_text(encoding="utf-8"),
        js=(_HERE / "rating_sheet.js").read_text(encoding="utf-8"),
    )
    component(data={**data, "saved": list(saved)}, key=key, default={"queue": []}, on_queue_change=changed)


def _checked(found: Any) -> Entry | None:
    """What the browser says, if it makes sense."""
    if not isinstance(found, Mapping):
        return None
    kind, competitor = found.get("kind"), str(found.get("competitor") or "").strip()
    if kind in ("add", "remove"):
        return Entry(str(kind), competitor) if competitor else None
    number, sign, evidence = found.get("criterion"), _SIGNS.get(str(found.get("sign"))), found.get("evidence")
    if kind != "rate" or not isinstance(number, (int, float)) or not 1 <= int(number) <= 20:
        return None
    if sign is None and evidence is None:
        return None
    return Entry("rate", competitor, int(number), sign, None if evidence is None else str(evidence))
