"""The meeting as a part of the page: walked through with the keyboard, kept as it is typed.

Entries are queued in the browser until the page says that they are saved, because several may be made while one run of
the page is under way.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import streamlit as st

from tas_analytics.review.meeting import Entry

_HERE: Final = Path(__file__).parent
_NAME: Final = "tas_meeting"
#: So many saved entries are remembered; a browser keeps no longer queue.
_REMEMBERED: Final = 500
_LONGEST_TIME: Final = 24 * 3600


def meeting_sheet(
    data: Mapping[str, Any], *, key: str, save: Callable[[Sequence[Entry]], bool], go: Callable[[str], None]
) -> None:
    """Draw the meeting; new entries are handed to ``save``, and a step to ``go``, before the page is drawn again.

    Parameters
    ----------
    data
        What ``meeting.js`` reads.
    key
        The same one throughout a meeting.
    save
        Called with the entries that are new, in their order; says whether they are kept.
    go
        Called with the key of the step to go to, after what was typed is saved.
    """
    saved: list[str] = st.session_state.setdefault(f"{key}-saved", [])

    def changed() -> None:
        found = [one for one in st.session_state[key].get("queue") or [] if isinstance(one, Mapping)]
        fresh = [one for one in found if str(one.get("id")) not in saved]
        entries = [entry for one in fresh if (entry := checked(one)) is not None]
        if entries and not save(entries):
            return
        saved.extend(str(one.get("id")) for one in fresh)
        del saved[:-_REMEMBERED]
        steps = [str(one.get("text") or "") for one in fresh if one.get("kind") == "go"]
        if steps:
            go(steps[-1])

    component = st.components.v2.component(
        _NAME,
        html='<div class="meeting"></div>',
        css=(_HERE / "meeting.css").read_text(encoding="utf-8"),
        js=(_HERE / "meeting.js").read_text(encoding="utf-8"),
    )
    component(data={**data, "saved": list(saved)}, key=key, default={"queue": []}, on_queue_change=changed)


def checked(found: Mapping[str, Any]) -> Entry | None:
    """What the browser says, if it makes sense."""
    kind = str(found.get("kind"))
    deal, text, question = (str(found.get(name) or "") for name in ("deal", "text", "question"))
    seconds = found.get("seconds")
    ident = "".join(letter for letter in str(found.get("action") or "") if letter.isalnum())[:40]
    known = isinstance(seconds, (int, float)) and 0 < seconds < _LONGEST_TIME
    whole = {
        "answer": deal and question, "note": True, "time": deal and known, "decide": deal and question,
        "undecide": text, "action": ident and text.strip(), "done": text,
    }  # fmt: skip
    if not whole.get(kind):
        return None
    return Entry(
        kind, deal, text, ident=text if kind in {"undecide", "done"} else ident, question=question,
        asked=str(found.get("asked") or ""), fact=str(found.get("fact") or ""), owner=str(found.get("owner") or ""),
        due=_day(found.get("due")), seconds=int(seconds) if known and seconds is not None else 0,
    )  # fmt: skip


def _day(value: object) -> dt.date | None:
    try:
        return dt.date.fromisoformat(str(value or ""))
    except ValueError:
        return None
