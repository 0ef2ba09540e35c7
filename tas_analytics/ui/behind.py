"""Answers that take longer than a page may: worked out in the background, one after the other.

A page asks, draws what it has, and is drawn anew when the answer has come.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import streamlit as st

from tas_analytics.background import Line, Task, Tell
from tas_analytics.formats import escape_markdown

__all__ = ["Task", "Tell", "ask", "line", "look"]

_LOOK_EVERY: Final = 0.7
line: Final = Line("behind", 64, "An answer could not be worked out in the background")
#: The task of a key; begun in the background if nobody has asked before.
ask: Final = line.ask


def look(done: Callable[[], bool], words: Callable[[], tuple[str, float | None]], key: str) -> None:
    """Say what is being worked out, and draw the page anew once it is there.

    Parameters
    ----------
    done
        Whether the answer has come.
    words
        What is being done and which share of it is done, None if nobody knows.
    key
        The name of the place on the page.
    """

    @st.fragment(run_every=_LOOK_EVERY)
    def watch() -> None:
        if done():
            st.rerun()
        text, share = words()
        with st.container(key=f"behind-{key}"):
            if share is None:
                st.caption(escape_markdown(text))
            else:
                st.progress(min(max(share, 0.0), 1.0), text=escape_markdown(text))

    watch()
