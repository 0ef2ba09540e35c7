"""A column of texts that hardly repeat: the short way gives what each distinct cell would give."""

from __future__ import annotations

import pyarrow as pa
from hypothesis import given, strategies as st

from tas_analytics.ingest.values.cells import distinct_cells, text_cells

_WHOLE = ["Renewal of the framework contract", "0065g00000000001AAA", "Verlängerung des Rahmenvertrags für Österreich"]
_CELLS = [
    *_WHOLE, "", " ", "-", "—", "无", "N/A", "(No Value)", "  n/a ", "\u00a0(blank)\u00a0",
    "'=SUM(A1:A9) and some more text",
    "'tis the season to be jolly", " leading blank in a long text", "trailing blank in a long text \t",
    "ends in a letter with an accent: é", "\u200bnothing to be seen before this", "TBD",
]  # fmt: skip


@given(st.lists(st.lists(st.sampled_from(_CELLS), max_size=9), min_size=1, max_size=4))
def test_texts_are_read_like_their_distinct_cells(chunks: list[list[str]]) -> None:
    column = pa.chunked_array([pa.array(cells, pa.string()) for cells in chunks], pa.string())

    read, any_missing = text_cells(column)

    cells = column.to_pylist()
    general = distinct_cells(pa.array(list(dict.fromkeys(cells)), pa.string()), "text").to_pylist()
    wanted = {row["raw"]: None if row["missing"] else row["cell"] for row in general}
    assert pa.chunked_array(read, pa.string()).to_pylist() == [wanted[cell] for cell in cells]
    assert any_missing == any(wanted[cell] is None for cell in cells)


def test_a_chunk_with_nothing_to_mend_is_not_copied() -> None:
    chunk = pa.array(_WHOLE[:2], pa.string())
    read, any_missing = text_cells(pa.chunked_array([chunk]))
    assert read[0] is chunk or read[0].equals(chunk)
    assert [buffer.address for buffer in read[0].buffers()[1:]] == [buffer.address for buffer in chunk.buffers()[1:]]
    assert not any_missing
