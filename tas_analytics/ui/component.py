"""Parts of a page that Streamlit has not: a script and styles of ours, sent with the page, from no other host."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any, Final

import streamlit as st

_HERE: Final = Path(__file__).parent
#: So many saved entries are remembered; a browser keeps no longer queue.
_REMEMBERED: Final = 500
#: Something that was done in the browser, with an ``id`` of its own.
Done = Mapping[str, Any]


def component(name: str, root: str) -> Callable[..., Any]:
    """The part whose script and styles are called ``name``; it is drawn into an element of the class ``root``."""
    found: Callable[..., Any] = st.components.v2.component(
        f"tas_{name}",
        html=f'<div class="{root}"></div>',
        css=_text(f"{name}.css"),
        js=_text("dom.js") + _text(f"{name}.js"),
    )
    return found


def queued(name: str, root: str, data: Mapping[str, Any], *, key: str, take: Callable[[Sequence[Done]], bool]) -> None:
    """Draw a part that queues what is done in it until the page says that it is saved.

    Several things may be done while one run of the page is under way: none is lost, and none is taken twice.

    Parameters
    ----------
    name, root
        As for :func:`component`.
    data
        What the script reads; ``saved`` is added.
    key
        Another one where the part is to begin anew.
    take
        Called with what is new, in its order, before the page is drawn again; says whether it is kept.
    """
    saved: list[str] = st.session_state.setdefault(f"{key}-saved", [])

    def changed() -> None:
        found = [one for one in st.session_state[key].get("queue") or [] if isinstance(one, Mapping)]
        fresh = [one for one in found if str(one.get("id")) not in saved]
        if fresh and take(fresh):
            saved.extend(str(one.get("id")) for one in fresh)
            del saved[:-_REMEMBERED]

    component(name, root)(data={**data, "saved": list(saved)}, key=key, default={"queue": []}, on_queue_change=changed)


@cache
def _text(name: str) -> str:
    return (_HERE / name).read_text(encoding="utf-8")
