"""Who enters what is entered in the app: asked once, kept by the browser.

There is no sign-in, so a name is what its bearer says. It stands beside everything that he or she enters.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final
from urllib.parse import unquote

import streamlit as st

from tas_analytics.ingest.loading.loader import system_user
from tas_analytics.ui import page
from tas_analytics.ui.session import View

#: The cookie and the state in which the name is kept.
COOKIE: Final = "tas_author"
_KEY: Final = "author"
_LONGEST: Final = 80
_SCRIPT: Final = (Path(__file__).parent / "author.js").read_text(encoding="utf-8")


def name(_view: View | None = None) -> str:
    """The name under which this visitor enters things; before one is chosen, that of the server's user."""
    chosen = st.session_state.get(_KEY) or unquote(st.context.cookies.get(COOKIE) or "")
    return _tidy(chosen) or system_user()


def picker(view: View) -> None:
    """The line in the sidebar that says as whom one enters, and lets it be changed."""
    if _KEY not in st.session_state:
        st.session_state[_KEY] = _tidy(unquote(st.context.cookies.get(COOKIE) or "")) or None
    shown = st.session_state[_KEY]
    with st.popover(f"You are {page.plain(shown)}" if shown else "Say who you are", type="tertiary", key="you"):
        people = view.choices("owner") if not view.empty else []
        st.selectbox(
            "Your name",
            sorted({*people, *([shown] if shown else [])}, key=str.casefold),
            key=_KEY,
            persist_state="session",
            accept_new_options=True,
            index=None,
            placeholder="Choose or type a name",
            help="It stands beside what you enter: ratings, milestones, calls, notes. This browser remembers it.",
        )
    if st.session_state[_KEY]:
        _remember(_tidy(st.session_state[_KEY]))


def _remember(who: str) -> None:
    """Have the browser keep the name for the next visit; it stays on this host."""
    component = st.components.v2.component("tas_author", js=_SCRIPT)
    component(data={"cookie": COOKIE, "name": who}, key="remember-author")


def _tidy(text: str) -> str:
    return " ".join(text.split())[:_LONGEST]
