"""Lists: rows of one height, of which one may be chosen, and the two columns with which every list of deals begins.

The amount that a list is about stands first and the deal's name beside it. So in a window of 360 pixels the number is
seen whole, and the most of the name: a wider table is moved sideways, and a number that is cut at the window's edge
reads as another number. The other way round, names would have to be cut on a wide screen as well, for Streamlit widens
all columns alike.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

import pandas as pd
import streamlit as st
from pandas.io.formats.style import Styler

#: Pixels.
AMOUNT: Final = 95
DEAL: Final = 310
_ROW: Final = 32
_HEAD: Final = 38
#: How many deals a list holds at most: more are not read, and each costs time in the browser.
SHOWN: Final = 1000


def show(
    table: pd.DataFrame | Styler,
    key: str,
    alt: str,
    *,
    columns: Mapping[str, Any] | None = None,
    most: int | None = None,
) -> None:
    """A list to be read: missing cells are dashes.

    Parameters
    ----------
    table
        The rows, in the order of their columns.
    key
        The name of the place on the page.
    alt
        What the list holds, for who cannot see it.
    columns
        How columns are drawn, by their names.
    most
        How many rows are seen at once; by default Streamlit's own measure.
    """
    st.dataframe(table, key=key, **_options(table, alt, columns, most))


def choose(
    table: pd.DataFrame | Styler,
    key: str,
    alt: str,
    *,
    columns: Mapping[str, Any] | None = None,
    most: int | None = None,
) -> int | None:
    """As :func:`show`, but a row may be chosen by any of its cells: the row's place if one was, else None."""
    event = st.dataframe(
        table, key=key, on_select="rerun", selection_mode="single-cell", **_options(table, alt, columns, most)
    )
    cells = event["selection"]["cells"]
    return int(cells[0][0]) if cells else None


def foot(rows: int, words: str, key: str, name: str, csv: Callable[[], bytes]) -> None:
    """The line below a list: a note at the left, the list as a file at the right.

    Parameters
    ----------
    rows
        How many there are; where they are more than a list holds, this is said before the words.
    words
        What is to be known of the list or of the file.
    key
        The name of the button.
    name
        The file's name.
    csv
        What writes the file, when it is asked for.
    """
    some = f"The first {SHOWN:,} of {rows:,} are shown; the download has all. " if rows > SHOWN else ""
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
        st.caption(some + words)
        st.download_button("Download as CSV", csv, file_name=name, mime="text/csv", key=key, on_click="ignore")


def _options(
    table: pd.DataFrame | Styler, alt: str, columns: Mapping[str, Any] | None, most: int | None
) -> dict[str, Any]:
    options: dict[str, Any] = {"alt": alt, "column_config": dict(columns or {}), "hide_index": True, "placeholder": "–"}
    if most is not None:
        options["height"] = min(len(table.index), most) * _ROW + _HEAD
    return options | {"row_height": _ROW}


def deal(label: str | None = "Deal") -> Any:
    """The deal's name."""
    return st.column_config.TextColumn(label, width=DEAL)


def amount(label: str | None = "Amount", **more: Any) -> Any:
    """A number of money to the whole unit, by default the deal's amount."""
    return st.column_config.NumberColumn(label, format="%,d", alignment="right", width=AMOUNT, **more)


def heavy(styler: Styler, rows: pd.Series) -> Styler:
    """The rows that are marked, in bold. Only their cells are touched: a style costs time by the cell."""
    return styler.set_properties(subset=pd.IndexSlice[rows.index[rows.astype(bool)], :], **{"font-weight": "600"})
