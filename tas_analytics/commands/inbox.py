"""inbox: load what lies in the inbox, once."""

from __future__ import annotations

from pathlib import Path

from tas_analytics.commands.output import err, out, out_json
from tas_analytics.errors import StoreProblem
from tas_analytics.store import Store


def inbox(store: Store, folder: Path | None, *, as_json: bool) -> int:
    """Load and move every file in the inbox; 1 if one was refused, lost rows or cannot be used."""
    from tas_analytics.ingest.receiving.inbox import Inbox

    if folder is None:
        raise StoreProblem("The inbox is switched off", "Name a folder with --folder, or change TAS_INBOX.")
    box = Inbox(folder).create()
    outcomes = box.empty(store)
    if as_json:
        out_json([one for outcome in outcomes for one in outcome.as_dicts()])
    else:
        for outcome in outcomes:
            for line in outcome.as_lines():
                out(line)
    for outcome in outcomes:
        if outcome.moved_to is None:
            err(f"{outcome.path.name} could not be moved out of the inbox; it is loaded again next time.")
    for path in box.waiting:
        err(f"{path.name} is still being written, or cannot be read: it is left for the next time.")
    if not outcomes and not box.waiting:
        err(f"Nothing lies in the inbox {box.folder}.")
    return 0 if all(outcome.clean for outcome in outcomes) else 1
