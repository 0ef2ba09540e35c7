"""The list of stages as a part of the page: dragged into order or moved with the keyboard, and edited in place.

Streamlit's own tables cannot be reordered by hand, so this is a component of ours.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from tas_analytics.ui.component import component


def stage_list(rows: Sequence[Mapping[str, Any]], *, key: str, editable: bool) -> list[dict[str, Any]]:
    """Draw the stages of one pipeline; gives them as the user has put and changed them.

    Parameters
    ----------
    rows
        In their order: ``stage``, ``note`` (why it stands there), ``proposed``, ``probability`` in percent, ``status``
        and ``planned_days``.
    key
        Another one for another set of stages, so that it is drawn afresh.
    editable
        Whether anything can be changed.
    """
    given = [dict(row) for row in rows]
    found = component("stage_list", "stages")(
        data={"token": key, "editable": editable, "rows": given},
        key=key,
        default={"rows": given},
        on_rows_change=lambda: None,
    )
    return _checked(found.get("rows"), given)


def _checked(found: Any, given: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """What the browser says, as long as it is about these very stages: the rest of the row is ours."""
    known = {row["stage"]: row for row in given}
    try:
        rows = [
            known[row["stage"]]
            | {
                "probability": None if row["probability"] is None else float(row["probability"]),
                "status": str(row["status"]),
                "planned_days": None if row["planned_days"] is None else round(float(row["planned_days"])),
            }
            for row in found
        ]
    except (KeyError, TypeError, ValueError, OverflowError):
        return given
    return rows if sorted(row["stage"] for row in rows) == sorted(known) else given
