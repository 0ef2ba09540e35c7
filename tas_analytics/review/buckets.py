"""The buckets of the waterfall: what can become of a deal between two days, each defined once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

#: ``both``: in scope on both days; ``out``: it left; ``in``: it came; ``rate``: no deal, an effect on all.
Side = Literal["both", "out", "in", "rate"]


@dataclass(frozen=True)
class Bucket:
    """One bucket.

    Parameters
    ----------
    key, label
        Name for programs and for people.
    side
        Whether its deals stayed in scope, left it or came into it.
    meaning
        The colour's name in charts.
    doc
        Which deals it holds.
    noun
        What its deals are called after their number: ``3 deals won``.
    """

    key: str
    label: str
    side: Side
    meaning: str
    doc: str
    noun: str


#: In the order in which a waterfall shows them.
BUCKETS: Final = (
    Bucket("created", "Created", "in", "open", "Did not exist on the first day.", "created"),
    Bucket("reopened", "Re-opened", "in", "open", "Were won or lost on the first day and are open again.", "re-opened"),
    Bucket("owner_in", "Moved in", "in", "open", "Did not pass the filters on the first day: another owner, team or "
           "stage, say.", "moved into the filters"),
    Bucket("pulled_in", "Pulled in", "in", "open", "Were open with a close date outside the period.", "pulled in"),
    Bucket("increased", "Increased", "both", "open", "In scope on both days with a larger amount.", "increased"),
    Bucket("unchanged", "Unchanged", "both", "open", "In scope on both days with the same amount.", "unchanged"),
    Bucket("decreased", "Decreased", "both", "risk", "In scope on both days with a smaller amount.", "decreased"),
    Bucket("pushed_out", "Pushed out", "out", "risk", "Still open, with a close date outside the period.",
           "pushed out"),
    Bucket("owner_out", "Moved out", "out", "risk", "Still open, but no longer passing the filters: another owner, "
           "team or stage, say.", "moved out of the filters"),
    Bucket("removed", "Removed", "out", "lost", "Gone from a complete export.", "removed"),
    Bucket("lost", "Lost", "out", "lost", "Lost by the second day.", "lost"),
    Bucket("won", "Won", "out", "won", "Won by the second day.", "won"),
    Bucket("currency", "Currency", "rate", "unknown", "The effect of the second day's rates on what is open then.",
           "converted at other rates"),
)  # fmt: skip
_BY_KEY: Final = {one.key: one for one in BUCKETS}


def bucket(key: str) -> Bucket:
    """The bucket of that key; a KeyError for another."""
    return _BY_KEY[key]
