"""What tables have in common: the two columns with which every list of deals begins, and rows in bold.

The deal and the amount that it is about stand first and side by side, and fit into a window of 360 pixels: a wider
table is moved sideways, and a number that is cut at the window's edge reads as another number. Where there is room,
Streamlit widens all columns alike.
"""

from __future__ import annotations

from typing import Any, Final

import pandas as pd
import streamlit as st
from pandas.io.formats.style import Styler

#: Pixels. Together with the page's margins and the table's frame they are narrower than a phone.
DEAL: Final = 225
AMOUNT: Final = 95


def deal(label: str | None = "Deal") -> Any:
    """The deal's name."""
    return st.column_config.TextColumn(label, width=DEAL, pinned=None)


def amount(label: str | None = "Amount", **more: Any) -> Any:
    """A number of money to the whole unit, by default the deal's amount."""
    return st.column_config.NumberColumn(label, format="%,d", alignment="right", width=AMOUNT, **more)


def heavy(styler: Styler, rows: pd.Series) -> Styler:
    """The rows that are marked, in bold. Only their cells are touched: a style costs time by the cell."""
    return styler.set_properties(subset=pd.IndexSlice[rows.index[rows.astype(bool)], :], **{"font-weight": "600"})
