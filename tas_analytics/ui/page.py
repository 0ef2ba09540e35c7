"""The parts of a page: its head, cards, tiles, short lists and the states in which there is nothing to show.

Text from data is escaped here and nowhere else: callers pass plain words.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

import pandas as pd
import streamlit as st
from streamlit.errors import StreamlitPageNotFoundError

from tas_analytics.charts import theme
from tas_analytics.formats import count, escape_markdown
from tas_analytics.ui.session import NAMES, View

_DATA_PAGE: Final = "pages/data/data.py"
_DEAL_PAGE: Final = "pages/pipeline/deal.py"
#: Sign and words of the badge by verdict. The sign alone has the colour: words in it would shout.
_TRUST: Final = {
    "usable": (":green[**✓**]", "Data usable"),
    "caveats": (":orange[**!**]", "Data usable with caveats"),
    "unusable": (":red[**✕**]", "Data not usable"),
    "empty": (":gray[**○**]", "No data yet"),
}
#: How days are typed: 11/12 is read as November by some and as December by others.
TYPED_DAY: Final = "YYYY-MM-DD"
#: Wide and narrow column of a row.
WIDE: Final = (7, 5)


def head(title: str, headline: str, view: View, *, about: str | None = None, more: str = "") -> None:
    """The grey line, the computed headline and the badge of trust. The line always says whose data the page shows.

    ``about`` stands in place of the scope on pages that no filter changes; ``more`` is a sentence after the headline.
    """
    scope = "" if view.empty else view.scope.sentence()
    line = escape_markdown(" · ".join(word for word in (NAMES[view.which], scope if about is None else about) if word))
    with st.container(key="head", gap="small"):
        st.markdown(
            f":small[:gray[**{escape_markdown(title)}** · {line}]]\n\n# {escape_markdown(headline)}"
            + (f"\n\n{escape_markdown(more)}" if more else ""),
            anchors=False,
        )
        _badge(view)


def _badge(view: View) -> None:
    """How far the data can be trusted, as sign, word and colour; a link to the reasons."""
    verdict, findings = view.verdict()
    sign, words = _TRUST[verdict]
    told = sum(finding.severity != "note" for finding in findings)
    label = f"{sign} {words}" + (f" · {count(told, 'finding')}" if told else "")
    with st.container(key="trust"):
        try:
            st.page_link(_DATA_PAGE, label=label, query_params={"tab": "Data trust"})
        except StreamlitPageNotFoundError:
            st.markdown(label)


def card(key: str, parent: Any = None) -> Any:
    """A card: a rule on top, a finding, a grey line, and what proves it."""
    return (parent or st).container(key=f"card-{key}", gap="xsmall")


def finding(title: str, line: str = "") -> None:
    """The finding over a card and the grey line under it."""
    below = f"\n\n:small[:gray[{escape_markdown(line)}]]" if line else ""
    st.markdown(f"### {escape_markdown(title)}{below}", anchors=False)


def columns() -> tuple[Any, Any]:
    """The two columns of a row, wide and narrow."""
    left, right = st.columns(WIDE, gap="medium")
    return left, right


@dataclass(frozen=True)
class Tile:
    """One number with its change.

    ``good`` says whether the change is good news; None leaves it grey.
    """

    label: str
    value: str
    help: str
    delta: str | None = None
    up: bool | None = None
    good: bool | None = None
    note: str = ""


def tiles(items: Sequence[Tile]) -> None:
    """A row of tiles: side by side on a wide screen, two by two on a phone."""
    grid = st.grid(len(items) if len(items) <= 6 else 4, gap=12, min_column_width=150)
    for tile in items:
        grid.metric(
            tile.label,
            tile.value,
            tile.delta if tile.delta is not None else (tile.note or None),
            delta_color=_colour(tile),
            delta_arrow="off" if tile.delta is None or tile.up is None else ("up" if tile.up else "down"),
            delta_description=tile.note if tile.delta is not None else None,
            help=escape_markdown(tile.help),
            border=True,
            height="stretch",
        )


def _colour(tile: Tile) -> Literal["gray", "green", "red"]:
    if tile.delta is None or tile.good is None:
        return "gray"
    return "green" if tile.good else "red"


def chart(figure: Any, key: str, alt: str, *, on_select: Any = None, width: int | None = None) -> Any:
    """Draw a figure; its key carries the theme's name, because a theme switch does not repaint it.

    A figure of a fixed width belongs into a container whose key begins with ``scroll``.
    """
    options: dict[str, Any] = {}
    if on_select is not None:
        options = {"on_select": on_select, "selection_mode": "points"}
    return st.plotly_chart(
        figure,
        key=f"{key}-{st.context.theme.type}",
        config=theme.CONFIG,
        alt=alt,
        theme="streamlit",
        width=width or "stretch",
        **options,
    )


def chart_key(key: str) -> str:
    """The state key of a chart drawn with :func:`chart`."""
    return f"{key}-{st.context.theme.type}"


def short_list(rows: Sequence[tuple[str, str]]) -> None:
    """Up to nine rows of a bold amount and a Markdown text that the caller has escaped."""
    pairs((f"**{escape_markdown(amount)}**", text) for amount, text in rows)


def pairs(rows: Iterable[tuple[str, str]]) -> None:
    """A list in two columns of Markdown that the caller has escaped, a line under each row."""
    frame = pd.DataFrame(list(rows), columns=["a", "b"])
    st.table(frame, border="horizontal", hide_index=True, hide_header=True)


def row(key: str) -> tuple[Any, Any]:
    """A row of a list that is worked on: its words, and beside them (on phones below) its buttons."""
    with st.container(key=f"row-{key}"):
        words, buttons = st.columns((8, 4), vertical_alignment="center", gap="small")
    place = buttons.container(horizontal=True, horizontal_alignment="right", vertical_alignment="center", gap="small")
    return words, place


def nothing(why: str, detail: str, *, key: str, button: str | None = None, on_click: Any = None) -> None:
    """The empty state: why there is nothing, and one way out."""
    with st.container(
        border=True,
        height=190,
        horizontal_alignment="center",
        vertical_alignment="center",
        gap="small",
        key=f"none-{key}",
    ):
        st.markdown(f"**{escape_markdown(why)}**  \n:small[:gray[{escape_markdown(detail)}]]", text_alignment="center")
        if button:
            st.button(button, key=f"out-{key}", type="primary", on_click=on_click)


def refusal(title: str, hint: str, key: str) -> None:
    """The error state: what, where and how to mend it."""
    with st.container(border=True, key=f"refusal-{key}"):
        st.markdown(f":red[**✕ {escape_markdown(title)}**]  \n{escape_markdown(hint)}")


def go_to(path: str, **params: str) -> None:
    """Go to another page, with these parameters in its URL.

    Filters stay in the URL by themselves, because they are bound to it. Streamlit refuses to clear
    bound parameters, which it tries to do when it is given none at all, so whose data it is goes along.
    """
    kept = {"data": str(st.query_params["data"])} if "data" in st.query_params else {}
    st.switch_page(path, query_params=kept | params)


def keep_in_address(name: str, value: str | None) -> None:
    """Put a choice into the page's address, or take it out where there is none."""
    if value:
        st.query_params[name] = value
    else:
        st.query_params.pop(name, None)


def open_deal(deal_id: str, **params: str) -> None:
    """Go to a deal's page; ``topic`` among the parameters names its tab."""
    go_to(_DEAL_PAGE, id=deal_id, **params)


def on_phone() -> bool:
    """Whether the browser says that it runs on a phone: its screen holds two columns of a table."""
    return "Mobi" in (st.context.headers.get("User-Agent") or "")


def least_width() -> int:
    """The least width at which a chart over the whole page is drawn, in pixels."""
    return theme.PHONE if on_phone() else 640


def link(path: str, label: str, **params: str) -> None:
    """A link to another page; plain words where the page runs by itself, without the frame that knows the others."""
    try:
        st.page_link(path, label=escape_markdown(label), query_params=params)
    except StreamlitPageNotFoundError:
        st.markdown(escape_markdown(label))


def deal_link(label: str, deal_id: str, **params: str) -> None:
    """A link to a deal's page; ``topic`` among the parameters names its tab."""
    link(_DEAL_PAGE, label, id=deal_id, **params)


def plain(text: str) -> str:
    """Words with data in them, safe as Markdown."""
    return escape_markdown(text)
