"""What this visitor has entered on a page, and the one step back."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from tas_analytics.errors import TasError
from tas_analytics.ui import author, page
from tas_analytics.ui.deal_work import Change, Stale, take_back
from tas_analytics.ui.session import View

_DONE: str = "entered-here"
_ASKED: str = "asked-anyway"


def entered(view: View, change: Change | None) -> None:
    """Remember a change and draw the page anew with it."""
    if change is not None:
        st.session_state.setdefault(_DONE, []).append((view.which, change))
        st.toast(page.plain(change.words) + ".")
    st.session_state.pop(_ASKED, None)
    st.rerun()


def undo_line(view: View) -> None:
    """The last change of this visitor and the button that takes it back; nothing where there is none."""
    mine = [change for which, change in st.session_state.get(_DONE, []) if which == view.which]
    if not mine:
        return
    last = mine[-1]
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="undo-line"):
        st.markdown(f":small[:gray[{page.plain(last.words)}]]", width="content")
        st.button("Undo", type="tertiary", key="undo-last", on_click=_back, args=(view, last))


def attempt(view: View, key: str, do: Callable[[bool], Change | None]) -> None:
    """Carry out an entry, or say why not. Where somebody else was quicker, a second try enters it all the same.

    Parameters
    ----------
    view
        Where it is entered.
    key
        What is edited; a refusal is remembered for it alone.
    do
        Enters; its argument says whether to do so whatever others have changed.
    """
    anyway = st.session_state.get(_ASKED) == key
    try:
        change = do(anyway)
    except Stale as refusal:
        st.session_state[_ASKED] = key
        page.refusal(refusal.title, refusal.hint, "stale")
    except TasError as refusal:
        page.refusal(refusal.title, refusal.hint, "entry")
    else:
        entered(view, change)


def _back(view: View, change: Change) -> None:
    done = st.session_state.get(_DONE, [])
    if done:
        done.remove((view.which, change))
    try:
        take_back(view.store, change, author=author.name(view))
        st.toast(page.plain(f"Taken back: {change.words}") + ".")
    except TasError as refusal:
        st.toast(page.plain(str(refusal)))
