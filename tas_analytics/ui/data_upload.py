"""Upload: what was understood of the files, corrections, the verdict, and the load."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace
from typing import Any, Final

import pandas as pd
import streamlit as st

from tas_analytics.errors import TasError, UnknownTable
from tas_analytics.formats import count, escape_markdown, number, sentence_case
from tas_analytics.ingest.loader import LoadResult, load
from tas_analytics.ingest.plan import Options, Prepared, prepare
from tas_analytics.ingest.rejects import rejects_csv, rejects_name
from tas_analytics.ingest.verdict import VERDICTS
from tas_analytics.store.tables import TABLES, table
from tas_analytics.ui import page
from tas_analytics.ui.data_findings import findings_list
from tas_analytics.ui.filters import show
from tas_analytics.ui.session import OWN, View

_NOT_USED: Final = "– not in the file –"
_HOW: Final = {
    "preset": "known header",
    "exact": "known header",
    "similar": "looks alike: please check",
    "user": "your choice",
}
_ORDERS: Final = {None: "as found", "dmy": "day before month", "mdy": "month before day"}
_MARKS: Final = {None: "as found", ".": "point: 1,234.56", ",": "comma: 1.234,56"}
_ROUND: Final = "upload_round"
_RESULT: Final = "upload_result"


@dataclass(frozen=True)
class _File:
    """One uploaded file: what it was read as, or why it was refused."""

    name: str
    data: bytes
    prepared: Prepared | None
    error: TasError | None


def tab(view: View) -> None:
    """The tab Upload."""
    if view.which != OWN:
        page.finding("You are looking at the sample company", "Your own files go into a store of their own")
        st.markdown("The sample and your data never mix. You can come back to the sample at any time, in the sidebar.")
        st.button("Switch to your data", type="primary", key="start-own", on_click=show, args=(OWN,))
        return
    _last_result(view)
    page.finding(
        "Upload exports", "Deals, accounts, people, products, targets, rates or stages as CSV; several files at once"
    )
    uploads = st.file_uploader(
        "CSV files",
        accept_multiple_files=True,
        key=f"files-{st.session_state.get(_ROUND, 0)}",
        label_visibility="collapsed",
    )
    if not uploads:
        return
    files = [_read(upload.name, upload.getvalue()) for upload in uploads]
    verdict = st.container()
    for index, file in enumerate(files):
        _file_card(index, file)
    ready = [file.prepared for file in files if file.prepared is not None and not file.prepared.missing]
    if ready:
        with verdict:
            _verdict_and_load(view, ready, refused=len(files) - len(ready))


def _read(name: str, data: bytes) -> _File:
    options = _options(name)
    try:
        with st.spinner(f"Reading {escape_markdown(name)} …", show_time=True):
            return _File(name, data, _prepared(data, name, options), None)
    except TasError as error:
        return _File(name, data, None, error)


@st.cache_data(max_entries=16, show_spinner=False)
def _prepared(data: bytes, name: str, options: Options) -> Prepared:
    return prepare(data, name, options, draft=True)


def _options(name: str) -> Options:
    """What the user has corrected about a file, by its name and the upload's round."""
    kept = st.session_state.get(_state_key(name))
    return kept if isinstance(kept, Options) else Options()


def _correct(name: str, **changes: Any) -> None:
    st.session_state[_state_key(name)] = replace(_options(name), **changes)


def _state_key(name: str) -> str:
    return f"options-{st.session_state.get(_ROUND, 0)}-{name}"


def _file_card(index: int, file: _File) -> None:
    with page.card(f"file-{index}"):
        prepared = file.prepared
        if prepared is None:
            assert file.error is not None
            page.finding(file.name, "not loaded")
            page.refusal(file.error.title, file.error.hint, f"file-{index}")
            if isinstance(file.error, UnknownTable):
                _table_choice(index, file.name, None)
            return
        one = table(prepared.table_name)
        text = prepared.text
        page.finding(
            f"{file.name}: {count(text.rows_in_file, 'row')} of {one.label.lower()}",
            f"{prepared.mapping.source_name} · {text.encoding}, fields separated by {_delimiter(text.delimiter)}, "
            f"header in line {text.header_line}"
            + (f" · not used: {', '.join(prepared.mapping.left_out)}" if prepared.mapping.left_out else ""),
        )
        if prepared.missing:
            page.refusal(
                f"No header was found for {' and '.join(prepared.missing)}",
                "Choose below which header of the file holds it. The file is not loaded without.",
                f"missing-{index}",
            )
        unsure = bool(prepared.missing or prepared.mapping.unsure) or any(
            c.ambiguous for c in prepared.conventions.values()
        )
        touched = prepared.options != Options()
        with st.expander(
            "Check and correct the columns" + (" (please do)" if unsure else ""), expanded=unsure or touched
        ):
            _mapping_editor(index, prepared)
            _reading_choices(index, prepared)
            _first_rows(index, prepared)


def _table_choice(index: int, name: str, present: str | None) -> None:
    names = [one.name for one in TABLES]
    chosen = st.selectbox(
        "This file holds",
        names,
        index=names.index(present) if present else None,
        format_func=lambda key: table(key).label,
        placeholder="Choose what it holds",
        key=f"table-{_state_key(name)}-{index}",
    )
    if chosen and chosen != present:
        st.session_state[_state_key(name)] = Options(as_table=chosen)
        st.rerun()


def _mapping_editor(index: int, prepared: Prepared) -> None:
    _table_choice(index, prepared.name, prepared.table_name)
    one, mapping, text = table(prepared.table_name), prepared.mapping, prepared.text
    rows = []
    for column in one.columns:
        header = mapping.columns.get(column.name)
        convention = prepared.conventions.get(column.name)
        rows.append(
            {
                "column": column.label + (" (needed)" if column.required else ""),
                "header": header or _NOT_USED,
                "examples": _examples(prepared, header) if header else "",
                "how": _HOW[mapping.sureness[column.name]] if column.name in mapping.sureness else "",
                "reading": convention.evidence if convention else "",
            }
        )
    config = st.column_config
    edited = st.data_editor(
        pd.DataFrame(rows),
        hide_index=True,
        row_height=32,
        placeholder="–",
        key=f"mapping-{_state_key(prepared.name)}-{prepared.table_name}",
        disabled=["column", "examples", "how", "reading"],
        column_config={
            "column": config.TextColumn("Column", width=150),
            "header": config.SelectboxColumn(
                "Header in the file", options=[_NOT_USED, *text.columns], required=True, width=190
            ),
            "examples": config.TextColumn("First values", width=220),
            "how": config.TextColumn("Found by", width=140),
            "reading": config.TextColumn("How it is read", width=280),
        },
    )
    columns = {
        column.name: str(header)
        for column, header in zip(one.columns, edited["header"], strict=True)
        if header != _NOT_USED
    }
    if columns != dict(mapping.columns):
        _correct(prepared.name, as_table=prepared.table_name, columns=columns)
        st.rerun()


def _reading_choices(index: int, prepared: Prepared) -> None:
    options = prepared.options
    first, second, third = st.columns(3, vertical_alignment="bottom")
    order = first.selectbox(
        "Dates such as 03/04/2026",
        list(_ORDERS),
        format_func=_ORDERS.__getitem__,
        key=f"order-{index}-{_state_key(prepared.name)}",
    )
    mark = second.selectbox(
        "Decimal mark", list(_MARKS), format_func=_MARKS.__getitem__, key=f"mark-{index}-{_state_key(prepared.name)}"
    )
    as_of = third.date_input(
        "Export of the day",
        value=options.as_of,
        key=f"day-{index}-{_state_key(prepared.name)}",
        help="The day of which the file tells. Left blank: the date in the file's name, or the latest day on which "
        "something happened to a deal.",
    )
    complete = st.checkbox(
        "The file is complete: a record that it lacks is gone from that day on",
        value=options.complete,
        key=f"complete-{index}-{_state_key(prepared.name)}",
    )
    wanted = replace(
        options, date_order=order, decimal=mark, as_of=as_of if isinstance(as_of, dt.date) else None, complete=complete
    )
    if wanted != options:
        st.session_state[_state_key(prepared.name)] = wanted
        st.rerun()


def _first_rows(index: int, prepared: Prepared) -> None:
    """The first rows as they stand in the file."""
    rows = prepared.text.data.slice(0, 5).to_pandas()
    rows = rows[[f"c{number}" for number in range(len(prepared.text.columns))]]
    rows.columns = list(prepared.text.columns)
    st.caption("The first rows as they stand in the file")
    st.dataframe(rows, hide_index=True, row_height=32, key=f"rows-{index}", alt=f"First rows of {prepared.name}")


def _verdict_and_load(view: View, ready: list[Prepared], refused: int) -> None:
    """What would happen, worked out by the load itself and rolled back; then the button that does it."""
    try:
        with st.spinner("Working out what would be loaded …", show_time=True):
            results = _preview(view, ready)
    except TasError as error:
        page.refusal(error.title, error.hint, "preview")
        return
    with page.card("verdict"):
        rows = sum(result.loaded_rows for result in results)
        rejected = sum(result.rejected_rows for result in results)
        warnings = sum(finding.severity != "note" for result in results for finding in result.findings)
        page.finding(
            f"{sentence_case(count(rows, 'row'))} ready, {count(warnings, 'warning')}, {count(rejected, 'error')}",
            "Nothing is loaded yet"
            + (f" · {count(refused, 'file')} cannot be read and will be left out" if refused else ""),
        )
        _totals(results)
        told: set[str] = set()
        for result in results:
            fresh = [finding for finding in result.findings if finding.text not in told]
            told |= {finding.text for finding in fresh}
            findings_list(fresh, title=result.prepared.name)
        label = f"Load {count(len(ready), 'file')}"
        if rejected:
            label += f" without the {count(rejected, 'rejected row')}"
        if not rows:
            st.markdown("Nothing can be loaded as it is: see why below, and choose other columns.")
        if st.button(label, type="primary", key="load", disabled=not rows):
            bar = st.progress(0.0, text="Loading …")

            def tell(text: str, share: float) -> None:
                bar.progress(share, text=text)

            loaded = load(view.store, ready, progress=tell)
            st.session_state[_RESULT] = loaded
            st.session_state[_ROUND] = st.session_state.get(_ROUND, 0) + 1
            st.rerun()


def _preview(view: View, ready: list[Prepared]) -> list[LoadResult]:
    key = (view.version, tuple((file.file_hash, file.options, file.name) for file in ready))
    kept = st.session_state.get("preview")
    if kept is None or kept[0] != repr(key):
        kept = st.session_state["preview"] = (repr(key), load(view.store, ready, dry_run=True))
    return list(kept[1])


def _last_result(view: View) -> None:
    results: list[LoadResult] | None = st.session_state.get(_RESULT)
    if not results:
        return
    with page.card("loaded"):
        page.finding(
            f"{sentence_case(count(len(results), 'file'))} loaded: {_what_came(results)}",
            " · ".join(f"{r.prepared.name}: {VERDICTS[r.verdict].lower()}" for r in results),
        )
        with st.container(horizontal=True):
            if st.button("Open the pipeline", type="primary", key="to-pipeline"):
                st.session_state.pop(_RESULT)
                page.go_to("pages/pipeline/by_stage.py")
            for result in results:
                if result.rejected_rows and not result.seen_before:
                    st.download_button(
                        f"Rejected rows of {result.prepared.name}",
                        rejects_csv(view.store, result.load_id),
                        file_name=rejects_name(result.load_id, result.as_of, result.prepared.name),
                        key=f"rejects-{result.load_id}",
                        on_click="ignore",
                    )
            if st.button("Close", type="tertiary", key="close-result"):
                st.session_state.pop(_RESULT)
                st.rerun()


def _totals(results: list[LoadResult]) -> None:
    frame = pd.DataFrame(
        {
            "file": [r.prepared.name for r in results],
            "rows": [r.prepared.text.rows_in_file for r in results],
            "new": [r.new for r in results],
            "changed": [r.changed for r in results],
            "unchanged": [r.unchanged for r in results],
            "rejected": [r.rejected_rows for r in results],
            "in_file": [None if r.amount_in_file is None else float(r.amount_in_file) for r in results],
            "loaded": [None if r.amount_loaded is None else float(r.amount_loaded) for r in results],
            "as_of": [dt.date.fromisoformat(r.as_of) for r in results],
            "why": [r.as_of_reason for r in results],
        }
    )
    frame.insert(6, "verdict", [VERDICTS[r.verdict] for r in results])
    config = st.column_config
    st.dataframe(
        frame,
        hide_index=True,
        row_height=32,
        placeholder="–",
        key="totals",
        column_config={
            "file": "File",
            "rows": config.NumberColumn("Rows", format="%,d"),
            "new": config.NumberColumn("New", format="%,d"),
            "changed": config.NumberColumn("Changed", format="%,d"),
            "unchanged": config.NumberColumn("Unchanged", format="%,d"),
            "rejected": config.NumberColumn("Rejected", format="%,d"),
            "in_file": config.NumberColumn("Amount in file", format="%,.2f"),
            "loaded": config.NumberColumn("Amount loaded", format="%,.2f"),
            "verdict": "Verdict",
            "as_of": config.DateColumn("Export of", format="D MMM YYYY"),
            "why": "because of",
        },
    )


def _what_came(results: list[LoadResult]) -> str:
    """``8,927 new, 3 rejected``: only what there is."""
    parts = {
        "new": sum(r.new for r in results),
        "changed": sum(r.changed for r in results),
        "unchanged": sum(r.unchanged for r in results),
        "rejected": sum(r.rejected_rows for r in results),
    }
    return ", ".join(f"{number(n)} {word}" for word, n in parts.items() if n) or "nothing new"


def _examples(prepared: Prepared, header: str) -> str:
    cells = prepared.data[prepared.cells(header)].slice(0, 50).to_pylist()
    return ", ".join(list(dict.fromkeys(cell.strip() for cell in cells if cell.strip()))[:3])


def _delimiter(sign: str) -> str:
    return {",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars"}.get(sign, f"“{sign}”")
