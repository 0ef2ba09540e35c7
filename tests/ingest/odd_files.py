"""Files as no exporter should write them, for hypothesis: odd headers, odd cells, damage, and any wrapping."""

from __future__ import annotations

import csv
import gzip
import io
import tomllib
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import openpyxl  # type: ignore[import-untyped]
from hypothesis import strategies as st

EXPORTS: Final[list[dict[str, Any]]] = tomllib.loads(
    (Path(__file__).parent / "exports" / "exports.toml").read_text("utf-8")
)["export"]

#: Signatures of files that are no text, and beginnings of files that are hard to read as one.
BEGINNINGS: Final = [
    b"", b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff", b"\xff\xfe\x00\x00", b"PK\x03\x04", b"\x1f\x8b\x08\x00",
    b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff\xe0", b"GIF89a", b"%PDF-1.7\n", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
    b"<html><table><tr><td>", b"PAR1", b"<?xml version='1.0'?><Workbook>", b"{\"deals\": [", b"Id,Name\n",
    b"Id;Stage;Amount\n1;Won;5\n", b"SQLite format 3\x00",
]  # fmt: skip

HEADERS: Final = [
    "Opportunity ID", "Deal Name", "Stage", "Stage", "stage", "Amount", "Amount (USD)", "Close Date", "Created Date",
    "Owner", "Account Name", "Probability (%)", "Currency", "Status", "Pipeline", "Next Step", "* Deal - Title",
    "Deal - Value*", 'Date entered "Proposal (Sales Pipeline)"', "Date entered “Won”", "Date exited Proposal",
    "Close\nDate", "Amount ", " ", "", "<b>Amount</b>", "**Stage**", "$Amount$", "😀", "مرحلة الصفقة", "\u202eegatS",
    "商机阶段", "=SUM(A1)", "c0", "line", "place", "natural_key", "state_hash", "select", "a'b", 'a"b', "x" * 300,
    "Betrag", "Competitors", "Main Contact", "Milestone", "Achieved Date", "person", "manager", "Field", "Old Value",
    "New Value", "Edit Date", "From Stage", "To Stage", "Last Modified", "period", "criterion", "rating",
    "Decision maker", "\ufeffId", "Id", "id", "ID ", "Rejected line", "good", "line of the file", "Last Activity",
    "Product", "Region", "quantity", "rate", "date",
]  # fmt: skip

_DATES: Final = [
    "2026-03-05", "05.03.2026", "3/5/2026", "13/2/2026", "2/13/2026", "5-Mar-26", "2026-03-05T10:00:00Z", "46086",
    "1772668800000", "2026-03-05 10:00 PM", "TBD", "0000-00-00", "2026-02-30", "9999-12-31", "1899-12-31",
    "0001-01-01", "99999-01-01", "2026年3月5日", "5 mars 2026", "Q1 2026", "2026-03-05T10:00:00+14:00", "1/1/00",
    "262143-12-31", "-2026-01-01", "31.12.1969 23:59",
]  # fmt: skip
_AMOUNTS: Final = [
    "0", "100", "1,234.56", "1.234,56", "(1,000)", "$45,000", "45k", "1.2M", "USD 100", "€ 5", "-7", "7-", "1e3",
    "1e400", "NaN", "inf", "12 345,67", "12\u00a0345", "1'000.50", "9" * 15, "9" * 40, "0.000000001", "1,2,3",
    "12,345", "lots", "10 %", "150%", "½", "٣", "\uff11\uff10\uff10", "−5", "0x10", "1_000", "1.2.3", "$",
    "-", "+", "1,00,000.00",
    "USD 5", "EUR 5", "100 MXN",
]  # fmt: skip
_WORDS: Final = [
    "", " ", "(No value)", "-", "N/A", "null", "NULL", "D1", "D2", "D3", "006Ec00000AieKF", "006Ec00000AieKFIAZ",
    "Won", "Closed Won", "closedwon", "6 - Closed/Won", "Lost", "Proposal", "Qualify", "open", "won", "lost", "true",
    "1", "yes", "Ann", "Bob & Co", '=HYPERLINK("http://x")', "@cmd", "+49", "a,b", "a;b", 'a "quoted" b', "a'b",
    "line\nbreak", "tab\there", "\\", "\\N", "\x00", "a\x00b", "\u200b", "\u202eRTL", "😀", "﷽", "Zoë",
    "Grand Totals (3 records)", "Total", "Subtotal",
    "Copyright (c) 2000-2026 salesforce.com, inc. All rights reserved.", "Stage", "USD", "EUR", "US", "x" * 400,
    "2026Q1", "+", "?", "Sales Pipeline", "Amount", "<script>alert(1)</script>", "$x^2$", "{{x}}", "%s",
    "'; drop table load; --",
]  # fmt: skip

cells = st.one_of(
    st.sampled_from(_WORDS), st.sampled_from(_DATES), st.sampled_from(_AMOUNTS), st.text(max_size=6),
    st.sampled_from(["D1", "D2", "D3", "D4", "D5"]),
)  # fmt: skip
headers = st.one_of(st.sampled_from(HEADERS), st.sampled_from(HEADERS), st.text(max_size=8))
KINDS: Final = {"date": _DATES, "amount": _AMOUNTS, "word": _WORDS}

Rows = list[list[str]]


@st.composite
def tables(draw: st.DrawFn) -> Rows:
    """Any header over ragged rows, each column mostly of one kind."""
    head = draw(st.lists(headers, min_size=1, max_size=9))
    kinds = [draw(st.sampled_from(sorted(KINDS))) for _ in head]
    rows = []
    for _ in range(draw(st.integers(0, 9))):
        row = [draw(st.one_of(st.sampled_from(KINDS[kind]), cells)) for kind in kinds]
        rows.append(_ragged(draw, row))
    return [head, *rows]


@st.composite
def exports(draw: st.DrawFn) -> Rows:
    """The headers of a real system with cells that fit their names, mostly."""
    export = draw(st.sampled_from(EXPORTS))
    head = (export["headers"] if isinstance(export["headers"], str) else "".join(export["headers"])).split("|")
    rows: Rows = [row.split("|") for row in export.get("rows", [])]
    oddity = draw(st.sampled_from([0, 0, 1, 4]))
    for number in range(draw(st.integers(1, 9))):
        row = [_likely(draw, header, number) for header in head]
        for _ in range(oddity):
            row[draw(st.integers(0, len(head) - 1))] = draw(cells)
        rows.append(_ragged(draw, row) if oddity else row)
    return [head, *rows]


def _likely(draw: st.DrawFn, header: str, number: int) -> str:
    low = header.lower()
    if any(word in low for word in ("date", "time", "created", "modified", "日期", "дата")):
        return f"2026-0{draw(st.integers(1, 9))}-{draw(st.integers(10, 28))}"
    if any(
        word in low for word in ("amount", "revenue", "value", "price", "сумма", "金额", "бюджет", "quantity", "number")
    ):
        return str(draw(st.integers(-5, 10**6)) / 100)
    if low in ("id", "opportunityid", "record id", "opportunity id", "deal - id", "hs_object_id"):
        return f"K{number % 7}"
    if "prob" in low:
        return str(draw(st.integers(0, 100)))
    if "stage" in low:
        return draw(st.sampled_from(["Proposal", "Closed Won", "Closed Lost", "Qualify", "Signed", "Zig"]))
    return draw(st.sampled_from(["", "Ann", "Alpha", "Acme", "true", "open", "Renewal", "K1", "EUR"]))


def _ragged(draw: st.DrawFn, row: list[str]) -> list[str]:
    match draw(st.sampled_from(["", "", "", "", "", "short", "long", "blank"])):
        case "short":
            return row[: draw(st.integers(0, len(row)))]
        case "long":
            return [*row, draw(cells)]
        case "blank":
            return [""] * len(row)
    return row


@st.composite
def texts(draw: st.DrawFn, rows: Rows) -> bytes:
    """Rows as text: any delimiter, quoting, line ends, encoding, with lines above and below at times."""
    out = io.StringIO()
    quoting = draw(st.sampled_from(["some", "some", "all", "none", "backslash"]))
    delimiter = draw(st.sampled_from([",", ",", ";", "\t", "|", "^"]))
    end = draw(st.sampled_from(["\n", "\n", "\r\n", "\r"]))
    if quoting == "none":
        out.write(end.join(delimiter.join(row) for row in rows) + draw(st.sampled_from(["", end])))
    else:
        writer = csv.writer(
            out, delimiter=delimiter, lineterminator=end,
            quoting=csv.QUOTE_ALL if quoting == "all" else csv.QUOTE_MINIMAL,
            doublequote=quoting != "backslash", escapechar="\\" if quoting == "backslash" else None,
        )  # fmt: skip
        writer.writerows(rows)
    above = draw(
        st.sampled_from(["", "", "", "Pipeline report" + end, "sep=;" + end, end + end, '"Made 2026-01-05"' + end])
    )
    below = draw(st.sampled_from(["", "", "", end + '"Grand Totals (3 records)"' + end, f"Total{delimiter}5" + end]))
    encoding = draw(
        st.sampled_from(["utf-8", "utf-8", "utf-8-sig", "utf-16", "utf-16-le", "cp1252", "gb18030", "utf-32"])
    )
    return (above + out.getvalue() + below).encode(encoding, "replace")


def as_workbook(rows: Rows) -> bytes:
    """Rows as an .xlsx; what no workbook may hold is left blank."""
    book = openpyxl.Workbook()
    sheet: Any = book.active
    for y, row in enumerate(rows, start=1):
        for x, cell in enumerate(row, start=1):
            try:
                number = float(cell)
                sheet.cell(y, x, number if abs(number) < 1e300 and cell.isdigit() else cell)
            except ValueError:
                try:
                    sheet.cell(y, x, cell)
                except openpyxl.utils.exceptions.IllegalCharacterError:
                    sheet.cell(y, x, "")
    out = io.BytesIO()
    book.save(out)
    with zipfile.ZipFile(out) as saved:  # without the time of saving, so that an example is the same each time
        return _zip([(name, saved.read(name)) for name in saved.namelist() if not name.startswith("docProps/core")])


@st.composite
def mutated(draw: st.DrawFn, data: bytes) -> bytes:
    """The same bytes, cut off or damaged in a few places."""
    for _ in range(draw(st.sampled_from([0, 0, 0, 0, 0, 1, 1, 3]))):
        place = draw(st.integers(0, len(data)))
        other = min(len(data), place + draw(st.integers(1, 60)))
        match draw(st.sampled_from(["cut", "drop", "repeat", "insert", "flip"])):
            case "cut":
                data = data[:place]
            case "drop":
                data = data[:place] + data[other:]
            case "repeat":
                data = data[:other] + data[place:other] + data[other:]
            case "insert":
                data = (
                    data[:place]
                    + draw(st.sampled_from([b'"', b"\n", b"\x00", b",", b"\xff", b";", b"\r", b"\\"]))
                    + data[place:]
                )
            case _:
                data = data[:place] + draw(st.binary(max_size=2)) + data[other:]
    return data


@st.composite
def files(draw: st.DrawFn) -> tuple[str, bytes]:
    """A name and the bytes of a file: a table or an export in any wrapping, perhaps damaged."""
    rows = draw(st.one_of(tables(), exports(), exports()))
    stem = draw(st.sampled_from(["deals", "deals_2026-06-01", "people", "history", "Opportunity", "export", "x"]))
    match draw(st.sampled_from(["csv", "csv", "csv", "csv", "xlsx", "gz", "zip"])):
        case "xlsx":
            return f"{stem}.xlsx", draw(mutated(as_workbook(rows)))
        case "gz":
            return f"{stem}.csv.gz", draw(mutated(gzip.compress(draw(mutated(draw(texts(rows)))), mtime=0)))
        case "zip":
            return f"{stem}.zip", draw(
                mutated(_zip([(f"{stem}.csv", draw(mutated(draw(texts(rows))))), *_second(draw)]))
            )
    return f"{stem}.csv", draw(mutated(draw(texts(rows))))


def _second(draw: st.DrawFn) -> list[tuple[str, bytes]]:
    if not draw(st.booleans()):
        return []
    return [
        ("inner/second.csv", draw(texts(draw(exports())))),
        ("__MACOSX/x", b"x"),
        ("logo.png", b"\x89PNG\r\n\x1a\n"),
    ]


def _zip(members: Sequence[tuple[str, bytes]]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, data in members:
            archive.writestr(zipfile.ZipInfo(name), data)
    return out.getvalue()


#: Bytes that are no table, or hardly one.
noise = st.builds(lambda start, rest: start + rest, st.sampled_from(BEGINNINGS), st.binary(max_size=200))
