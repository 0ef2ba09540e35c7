"""A card for each table of an uploaded file: what it was taken for, what comes along, and every correction."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Final

import pandas as pd
import streamlit as st

from tas_analytics.errors import UnknownTable
from tas_analytics.formats import count, day, escape_markdown
from tas_analytics.ingest.planning import memory
from tas_analytics.ingest.planning.mapping_file import mapping_name, mapping_text
from tas_analytics.ingest.planning.plan import Options, Prepared
from tas_analytics.ingest.reporting.telling import not_used, parts_in_words, taken_as_attributes
from tas_analytics.store.tables import TABLES, table
from tas_analytics.ui import lists, page
from tas_analytics.ui.data_upload_work import Read, day_of, desk
from tas_analytics.ui.session import View

_NOT_USED: Final = "– not in the file –"
_HOW: Final = {
    "preset": "known header",
    "exact": "known header",
    "similar": "looks alike: please check",
    "content": "its cells: please check",
    "user": "your choice",
}
_ORDERS: Final = {None: "as found", "dmy": "day before month", "mdy": "month before day"}
_MARKS: Final = {None: "as found", ".": "point: 1,234.56", ",": "comma: 1.234,56"}
_SIGNS: Final = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars"}
_BOOKS: Final = {
    "xlsx": "Excel workbook", "xls": "Excel workbook of the old kind", "ods": "OpenDocument workbook",
    "html": "web page", "xml": "XML workbook",
}  # fmt: skip
#: So many notes of the reader are shown, and so many headers that are not used.
_NOTES: Final = 8
_HEADERS: Final = 12


def refused(index: int, file: Read) -> None:
    """A file of which nothing can be loaded, and the one question that may help."""
    assert file.error is not None
    with page.card(f"file-{index}"):
        page.finding(file.upload.name, "not loaded")
        page.refusal(file.error.title, file.error.hint, f"file-{index}")
        if isinstance(file.error, UnknownTable):
            _table_choice(index, file, None)


def one_table(view: View, index: int, file: Read, prepared: Prepared, *, first: bool) -> None:
    """A table of a file."""
    with page.card(f"file-{index}"):
        rows, label = count(prepared.text.rows_in_file, "row"), table(prepared.table_name).label
        page.finding(f"{prepared.name}: {rows} of {label.lower()}", _how_read(prepared))
        if prepared.missing:
            page.refusal(
                f"No header was found for {' and '.join(prepared.missing)}",
                "Choose below which header of the file holds it. The file is not loaded without.",
                f"missing-{index}",
            )
        _along(index, file, prepared)
        unsure = bool(prepared.missing or prepared.mapping.unsure) or any(
            c.ambiguous for one in prepared.everything for c in one.conventions.values()
        )
        touched = prepared.fingerprint in desk().told(file.upload).tables or desk().told(file.upload).whole != Options()
        label = "Check and correct the columns" + (" (please do)" if unsure else "")
        with st.expander(label, expanded=unsure or touched):
            _table_choice(index, file, prepared)
            _mapping_editor(file, prepared)
            _reading_choices(index, file, prepared)
            if first:
                _of_the_file(index, file)
            _first_rows(index, prepared)
            _notes(prepared)
        _kept(view, index, file, prepared)


def _how_read(prepared: Prepared) -> str:
    text = prepared.text
    parts = [prepared.mapping.source_name]
    if text.delimiter:
        parts.append(f"{text.encoding}, fields separated by {_SIGNS.get(text.delimiter, f'“{text.delimiter}”')}")
    else:
        parts.append(_BOOKS.get(text.encoding, text.encoding))
    if text.header_line:
        parts[-1] += f", header in line {text.header_line}"
    unused = not_used(prepared)
    if unused:
        more = f" and {len(unused) - _HEADERS} more" if len(unused) > _HEADERS else ""
        parts.append(f"not used: {', '.join(unused[:_HEADERS])}{more}")
    return " · ".join(parts)


def _along(index: int, file: Read, prepared: Prepared) -> None:
    """What else the same rows give, with the switch for attributes."""
    words = parts_in_words(prepared)
    if words:
        st.markdown(page.plain(f"Also {', '.join(words)}."))
    with_attributes = prepared.options.attributes == "auto"
    if taken_as_attributes(prepared) or not with_attributes:
        kept = st.toggle(
            "Keep unused columns as attributes of the deals",
            value=with_attributes,
            key=f"attributes-{index}-{_key(file, prepared)}",
            help="An attribute can be looked up on a deal's page and in exports. Switch it off if the columns are of "
            "no use to anybody.",
        )
        if kept != with_attributes:
            desk().correct(file.upload, prepared, attributes="auto" if kept else "none")
            st.rerun()


def _kept(view: View, index: int, file: Read, prepared: Prepared) -> None:
    """What is remembered of such files, and the mapping to take away."""
    remembered = None
    if prepared.remembered and prepared.fingerprint not in desk().told(file.upload).tables:
        remembered = memory.find(view.store, prepared.fingerprint)
    with st.container(horizontal=True, vertical_alignment="center", key=f"kept-{index}"):
        if remembered is not None:
            at = f"{day(remembered.at.date())} at {remembered.file_name}"
            st.markdown(f":small[:gray[{escape_markdown(f'Read as you settled on {at}')}]]", width="content")
            st.button(
                "Forget",
                key=f"forget-{index}",
                on_click=desk().forget,
                args=(view.store, file.upload, prepared),
                help="Read this file, and those with the same headers, as if it had never been corrected.",
            )
        st.download_button(
            "Download the mapping",
            partial(mapping_text, prepared),
            file_name=mapping_name(prepared.name),
            mime="application/json",
            key=f"take-mapping-{index}",
            on_click="ignore",
            type="tertiary",
            help="For “load --mapping” on the command line, and for the inbox.",
        )


def _key(file: Read, prepared: Prepared | None) -> str:
    """Of the choices of one table; another one when they are to start afresh."""
    told = desk().told(file.upload)
    return f"{file.upload.id}-{prepared.fingerprint if prepared else ''}-{told.epoch}"


def _table_choice(index: int, file: Read, prepared: Prepared | None) -> None:
    names = [one.name for one in TABLES]
    present = prepared.table_name if prepared else None
    chosen = st.selectbox(
        "This file holds",
        names,
        index=names.index(present) if present else None,
        format_func=lambda key: table(key).label,
        placeholder="Choose what it holds",
        key=f"table-{index}-{_key(file, prepared)}",
    )
    if chosen and chosen != present:
        desk().take_as(file.upload, prepared, chosen)
        st.rerun()


def _mapping_editor(file: Read, prepared: Prepared) -> None:
    one, mapping = table(prepared.table_name), prepared.mapping
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
        key=f"mapping-{_key(file, prepared)}-{prepared.table_name}",
        disabled=["column", "examples", "how", "reading"],
        column_config={
            "column": config.TextColumn("Column", width=150),
            "header": config.SelectboxColumn(
                "Header in the file", options=[_NOT_USED, *prepared.text.columns], required=True, width=190
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
        desk().correct(file.upload, prepared, as_table=prepared.table_name, columns=columns)
        st.rerun()


def _reading_choices(index: int, file: Read, prepared: Prepared) -> None:
    options, key = prepared.options, _key(file, prepared)
    first, second = st.columns(2)
    order = first.selectbox(
        "Dates such as 03/04/2026",
        list(_ORDERS),
        index=list(_ORDERS).index(options.date_order),
        format_func=_ORDERS.__getitem__,
        key=f"order-{index}-{key}",
    )
    mark = second.selectbox(
        "Decimal mark",
        list(_MARKS),
        index=list(_MARKS).index(options.decimal),
        format_func=_MARKS.__getitem__,
        key=f"mark-{index}-{key}",
    )
    if (order, mark) != (options.date_order, options.decimal):
        desk().correct(file.upload, prepared, date_order=order, decimal=mark)
        st.rerun()


def _of_the_file(index: int, file: Read) -> None:
    """Its day, and whether it is complete: not remembered, because the next file is of another day."""
    whole, several = desk().told(file.upload).whole, len(file.tables) > 1
    left, right = st.columns(2, vertical_alignment="bottom")
    as_of = left.date_input(
        "Export of the day" + (", for all tables of the file" if several else ""),
        value=whole.as_of,
        format=page.TYPED_DAY,
        key=f"day-{index}-{file.upload.id}",
        help="The day of which the file tells. Left blank: the date in the file's name, or the latest day on which "
        "something happened to a deal.",
    )
    complete = right.checkbox(
        "The file is complete",
        value=whole.complete,
        key=f"complete-{index}-{file.upload.id}",
        help="It lists every record there is: one that it lacks is gone from that day on.",
    )
    wanted = replace(whole, as_of=day_of(as_of), complete=complete)
    if wanted != whole:
        desk().say(file.upload, as_of=wanted.as_of, complete=wanted.complete)
        st.rerun()


def _first_rows(index: int, prepared: Prepared) -> None:
    """The first rows as they stand in the file."""
    rows = prepared.text.data.slice(0, 5).to_pandas()
    rows = rows[[f"c{number}" for number in range(len(prepared.text.columns))]]
    rows.columns = list(prepared.text.columns)
    st.caption("The first rows as they stand in the file")
    lists.show(rows, f"rows-{index}", f"First rows of {prepared.name}")


def _notes(prepared: Prepared) -> None:
    """What was decided and mended while reading."""
    told = [note.text for note in prepared.text.notes]
    told += [note for part in prepared.parts for note in (note.text for note in part.text.notes)]
    told += list(prepared.notes)
    if not told:
        return
    shown = [f"- {escape_markdown(text)}" for text in told[:_NOTES]]
    if len(told) > _NOTES:
        shown.append(f"- … and {count(len(told) - _NOTES, 'further note')}")
    st.caption("What was decided and mended while reading\n\n" + "\n".join(shown))


def _examples(prepared: Prepared, header: str) -> str:
    cells = prepared.data[prepared.cells(header)].slice(0, 50).to_pylist()
    return ", ".join(list(dict.fromkeys(cell.strip() for cell in cells if cell and cell.strip()))[:3])
