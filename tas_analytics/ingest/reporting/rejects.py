"""The rejected rows of a load as a file that can be mended and loaded again."""

from __future__ import annotations

import csv
import datetime as dt
import io
from pathlib import PurePath
from typing import Final

from tas_analytics.formats import neutralise
from tas_analytics.store.database import Store

#: Headers of the two columns that say what was wrong; they are ignored when the file is loaded.
LINE: Final = "Rejected line"
BECAUSE: Final = "Rejected because"


def rejects_name(load_id: int, as_of: dt.date | str, file_name: str) -> str:
    """What to call the file: its date makes the mended rows tell of the same day as the file that they come from."""
    return f"rejected-{load_id}-{as_of}-{PurePath(file_name).stem}.csv"


def rejects_csv(store: Store, load_id: int) -> bytes:
    """The rejected rows under the file's own headers, with line and reason behind them; UTF-8 with BOM for Excel."""
    headers = store.value("select headers from load where load_id = $load_id", {"load_id": load_id}) or []
    rows = store.rows(
        """
        select line, any_value(row_text),
            string_agg(coalesce(column_name || ': “' || value || '” ', '') || reason, '; ' order by column_name)
        from reject where load_id = $load_id group by line order by line
        """,
        {"load_id": load_id},
    )
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow([*headers, LINE, BECAUSE])
    for line, cells, reasons in rows:
        kept = [neutralise(cell) for cell in cells]
        # A row that had too many cells keeps them all, behind the reason, so that nothing is lost.
        row, beyond = kept[: len(headers)], kept[len(headers) :]
        row += [""] * (len(headers) - len(row))
        writer.writerow([*row, line, neutralise(reasons), *beyond])
    return text.getvalue().encode("utf-8-sig")
