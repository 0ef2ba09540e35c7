"""What a load would do, the button that does it, and what the last load did."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Sequence
from typing import Final

import pandas as pd
import streamlit as st

from tas_analytics.formats import count, named, number, sentence_case
from tas_analytics.ingest.judging.verdict import VERDICTS, Finding
from tas_analytics.ingest.loading.loader import LoadResult
from tas_analytics.ingest.reporting.rejects import rejects_csv, rejects_name
from tas_analytics.ingest.reporting.telling import with_parts
from tas_analytics.ui import lists, page
from tas_analytics.ui.data_findings import findings_list
from tas_analytics.ui.data_upload_work import Looked
from tas_analytics.ui.session import View

_RESULT: Final = "upload_result"
_REFUSED: Final = "upload_refused"
#: Up to so many files are named with their verdicts.
_NAMED: Final = 4


def verdict(looked: Looked) -> bool:
    """What would happen, worked out by the load itself and rolled back; tells whether the user wants it."""
    if looked.error is not None:
        page.refusal(looked.error.title, looked.error.hint, "preview")
        return False
    results, everything = looked.results, with_parts(looked.results)
    files = sum(bool(file.ready) for file in looked.files)
    with page.card("verdict"):
        rows = sum(result.loaded_rows for result in results)
        rejected = sum(result.rejected_rows for result in everything)
        telling = worth_telling(everything)
        warnings = sum(finding.severity != "note" for _, findings in telling for finding in findings)
        refused = left_out(looked)
        page.finding(
            f"{sentence_case(count(rows, 'row'))} ready, {count(warnings, 'warning')}, {count(rejected, 'error')}",
            "Nothing is loaded yet" + (f" · {count(len(refused), 'file')} will be left out" if refused else ""),
        )
        _left_out(refused)
        _totals(results)
        for title, findings in telling:
            findings_list(findings, title=title)
        tables = f"{count(len(results), 'table')} of " if len(results) > files else ""
        label = f"Load {tables}{count(files, 'file')}"
        if rejected:
            label += f" without the {count(rejected, 'rejected row')}"
        if not rows:
            st.markdown("Nothing can be loaded as it is: see why below, and choose other columns.")
        return st.button(label, type="primary", key="load", disabled=not rows)


def worth_telling(results: Sequence[LoadResult]) -> list[tuple[str, list[Finding]]]:
    """The findings to read before a load, under the name of their file.

    Of exports of several days with the same headers the newest speaks for all: most of what is to be said of one is to
    be said of each. What makes rows or files unusable is told of every file.
    """
    told: dict[tuple[str, str], set[str]] = {}
    texts: set[str] = set()
    older = Counter((one.prepared.fingerprint, one.prepared.part) for one in results)
    found = []
    for result in sorted(results, key=lambda one: one.as_of, reverse=True):
        kind = (result.prepared.fingerprint, result.prepared.part)
        before = told.setdefault(kind, set())
        # What comes along is told at its file below; only what is wrong with it stands here.
        worth = [one for one in result.findings if not result.prepared.part or one.severity != "note"]
        fresh = [
            one for one in worth
            if one.text not in texts and (one.severity == "problem" or one.key not in before)
        ]  # fmt: skip
        texts |= {one.text for one in fresh}
        title = result.prepared.name + (f", {result.prepared.part.lower()}" if result.prepared.part else "")
        if not before and older[kind] > 1:
            title += f", the newest of {older[kind]} exports alike"
        before |= {one.key for one in worth}
        if fresh:
            found.append((title, fresh))
    return found


def left_out(looked: Looked) -> list[tuple[str, str]]:
    """Why nothing of a file can be loaded, and how to mend it: for each file that is left out."""
    refused = [
        (named(file.error.title, file.upload.name), file.error.hint) for file in looked.files if file.error is not None
    ]
    for file in looked.files:
        if file.error is None and not file.ready:
            missing = " and ".join(name for one in file.tables for name in one.missing)
            refused.append((f"{file.upload.name} has no header for {missing}", "Choose below which column holds it."))
    return refused


def _left_out(refused: Sequence[tuple[str, str]]) -> None:
    if refused:
        lines = [f":red[**✕**] {page.plain(why)}  \n:small[:gray[{page.plain(mend)}]]" for why, mend in refused]
        st.markdown("**Left out**\n\n" + "\n\n".join(lines), anchors=False)


def keep(results: Sequence[LoadResult], refused: Sequence[tuple[str, str]] = ()) -> None:
    """Keep what a load did, and which files it left out, to be shown until it is closed."""
    st.session_state[_RESULT] = list(results)
    st.session_state[_REFUSED] = list(refused)


def last_load(view: View) -> None:
    """What the last load did."""
    results: list[LoadResult] | None = st.session_state.get(_RESULT)
    if not results:
        return
    files = len({result.prepared.file_hash for result in results})
    with page.card("loaded"):
        page.finding(f"{sentence_case(count(files, 'file'))} loaded: {_what_came(results)}", _verdicts(results))
        _left_out(st.session_state.get(_REFUSED) or [])
        with st.container(horizontal=True):
            if st.button("Open the pipeline", type="primary", key="to-pipeline"):
                st.session_state.pop(_RESULT)
                page.go_to("pages/pipeline/by_stage.py")
            for result in with_parts(results):
                if result.rejected_rows and not result.seen_before:
                    part = f", {result.prepared.part.lower()}" if result.prepared.part else ""
                    st.download_button(
                        f"Rejected rows of {result.prepared.name}{part}",
                        rejects_csv(view.store, result.load_id),
                        file_name=rejects_name(result.load_id, result.as_of, result.prepared.name),
                        key=f"rejects-{result.load_id}",
                        on_click="ignore",
                    )
            if st.button("Close", type="tertiary", key="close-result"):
                st.session_state.pop(_RESULT)
                st.rerun()


def _verdicts(results: Sequence[LoadResult]) -> str:
    """What the files are worth: by name where they are few."""
    if len(results) <= _NAMED:
        return " · ".join(f"{r.prepared.name}: {VERDICTS[r.verdict].lower()}" for r in results)
    groups = Counter(r.verdict for r in results)
    return " · ".join(f"{groups[key]} {label.lower()}" for key, label in VERDICTS.items() if groups[key])


def _totals(results: Sequence[LoadResult]) -> None:
    by_day = sorted(results, key=lambda one: (one.prepared.table_name != "opportunities", one.as_of, one.prepared.name))
    everything = with_parts(by_day)
    frame = pd.DataFrame(
        {
            "file": [f"\u2003{r.prepared.part}" if r.prepared.part else r.prepared.name for r in everything],
            "rows": [r.prepared.text.rows_in_file for r in everything],
            "new": [r.new for r in everything],
            "changed": [r.changed for r in everything],
            "unchanged": [r.unchanged for r in everything],
            "rejected": [r.rejected_rows for r in everything],
            "verdict": [VERDICTS[r.verdict] for r in everything],
            "in_file": [None if r.amount_in_file is None else float(r.amount_in_file) for r in everything],
            "loaded": [None if r.amount_loaded is None else float(r.amount_loaded) for r in everything],
            "as_of": [dt.date.fromisoformat(r.as_of) for r in everything],
            "why": [r.as_of_reason for r in everything],
        }
    )
    config = st.column_config
    lists.show(
        frame,
        "totals",
        "Control totals by file",
        columns={
            "file": config.TextColumn("File", width=230),
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


def _what_came(results: Sequence[LoadResult]) -> str:
    """``8,927 new, 3 rejected``: only what there is."""
    parts = {
        "new": sum(r.new for r in results),
        "changed": sum(r.changed for r in results),
        "unchanged": sum(r.unchanged for r in results),
        "rejected": sum(r.rejected_rows for r in with_parts(results)),
    }
    return ", ".join(f"{number(n)} {word}" for word, n in parts.items() if n) or "nothing new"
