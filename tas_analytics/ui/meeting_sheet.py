"""The meeting as a part of the page: walked through with the keyboard, kept as it is typed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from tas_analytics.review.meeting import Entry
from tas_analytics.ui.component import Done, queued

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

    def take(fresh: Sequence[Done]) -> bool:
        entries = [entry for one in fresh if (entry := checked(one)) is not None]
        if entries and not save(entries):
            return False
        steps = [str(one.get("text") or "") for one in fresh if one.get("kind") == "go"]
        if steps:
            go(steps[-1])
        return True

    queued("meeting", "meeting", data, key=key, take=take)


def checked(found: Done) -> Entry | None:
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
