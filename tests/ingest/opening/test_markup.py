"""Tables written as markup: web pages called .xls, and the single-file XML of Excel 2003."""

from __future__ import annotations

import pytest

from tas_analytics.errors import UnreadableFile
from tas_analytics.ingest.opening.containers import read_file
from tas_analytics.ingest.structure.texttable import TextTable
from tests.ingest.tables import cells, lines, said

SALESFORCE = """<html><head><META http-equiv="Content-Type" content="text/html; charset=ISO-8859-1">
<style>td {mso-number-format:"General"}</style></head>
<body><table border=1><tr bgcolor=#9eb3d9><th>Opportunity Name</th><th>Stage</th><th>Amount</th></tr>
<tr><td>Müller &amp; Söhne&#44;
   Umbau</td><td>Closed<br>Won</td><td align="right">1.234,50</td></tr>
<tr><td>"Globex" &lt;refit&gt;</td><td>&nbsp;</td><td align="right">007</td></tr>
<tr><td>Initech</td><td>Proposal</td><td></td></tr>
</table><br><br>Pipeline by stage<br>Copyright (c) 2000-2026 salesforce.com, inc. All rights reserved.</body></html>"""


def one(text: str | bytes, name: str = "report.xls") -> TextTable:
    (table,) = read_file(text if isinstance(text, bytes) else text.encode(), name)
    return table


def test_a_report_of_salesforce_called_xls() -> None:
    table = one(SALESFORCE.encode("latin-1"), "report1773.xls")
    assert (table.name, table.part, table.encoding, table.delimiter) == ("report1773.xls", "", "html", "")
    assert table.columns == ("Opportunity Name", "Stage", "Amount")
    assert cells(table) == [
        ["Müller & Söhne, Umbau", "Closed\nWon", "1.234,50"],
        ['"Globex" <refit>', "", "007"],
        ["Initech", "Proposal", ""],
    ]
    assert lines(table) == [2, 3, 4]
    assert "Copyright (c) 2000-2026" in said(table, "footer")


@pytest.mark.parametrize("codec", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_a_page_in_any_encoding(codec: str) -> None:
    page = "<html><body><table><tr><th>Id<th>Größe<tr><td>1<td>groß €<tr><td>2<td>klein</table></body></html>"
    table = one(page.encode(codec))
    assert (table.columns, cells(table)[0]) == (("Id", "Größe"), ["1", "groß €"])


def test_a_wrong_or_unknown_charset_is_not_believed() -> None:
    for charset in ("utf-8", "no-such-thing", "utf-16"):
        page = f"<html><meta charset={charset}><table><tr><th>Id<th>Name<tr><td>1<td>Jürgen Groß<tr><td>2<td>b</table>"
        assert cells(one(page.encode("cp1252")))[0] == ["1", "Jürgen Groß"]


def test_cells_that_span_rows_and_columns() -> None:
    table = one(
        "<table><tr><th>Account<th>Deal<th>Amount</tr>"
        "<tr><td rowspan=2>Acme<td>A<td>1</tr><tr><td>B<td>2</tr><tr><td>Globex<td>C<td>3</tr>"
        '<tr><td colspan="2">Initech<td>4</tr></table>'
    )
    assert cells(table) == [["Acme", "A", "1"], ["Acme", "B", "2"], ["Globex", "C", "3"], ["Initech", "", "4"]]
    assert "merged" in {note.kind for note in table.notes}


def test_tables_that_only_lay_out_the_page_are_none() -> None:
    inner = "<table><tr><th>Id<th>Name<tr><td>1<td>a<tr><td>2<td>b</table>"
    table = one(
        f"<html><body><table><tr><td>Menu<td>Logo</tr></table><table><tr><td>{inner}</tr></table></body></html>"
    )
    assert (table.columns, table.rows_in_file) == (("Id", "Name"), 2)


def test_two_tables_of_a_page() -> None:
    page = "<table><tr><th>Id<th>Name<tr><td>1<td>a</table><table><tr><th>Rep<th>Team<tr><td>Ann<td>East</table>"
    first, second = read_file(page.encode(), "report.xls")
    assert [first.name, second.name] == ["report.xls › table 1", "report.xls › table 2"]
    assert (first.part, second.part) == ("table 1", "table 2")
    assert cells(second) == [["Ann", "East"]]


@pytest.mark.parametrize(
    "page",
    [
        "<!DOCTYPE html><html><body>Please sign in</body></html>",
        "<html><form><table><tr><td>User<td><input name=u><tr><td>Word<td><input type=password></table></form></html>",
        "<html><table><tr><td>1,2</td></tr></table></html>",
        "<html><table>",
        "<table><tr><td rowspan=x colspan=99999999999>",
        "<html></table></td></tr></html>",
    ],
)
def test_pages_without_a_table_are_refused(page: str) -> None:
    with pytest.raises(UnreadableFile, match="is an HTML page") as caught:
        read_file(page.encode(), "report.xls")
    assert "sign in again" in caught.value.hint


XML = """<?xml version="1.0"?>
<?mso-application progid="Excel.Sheet"?>
<Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet"
  xmlns:x="urn:schemas-microsoft-com:office:excel" xmlns:ss="urn:schemas-microsoft-com:office:spreadsheet">
<Worksheet ss:Name="Opportunities"><Table>
<Row ss:Index="2"><Cell><Data ss:Type="String">Topic</Data></Cell>
 <Cell><Data ss:Type="String">Est. Close Date</Data></Cell>
 <Cell><Data ss:Type="String">Est. Revenue</Data></Cell><Cell><Data ss:Type="String">Hot</Data></Cell></Row>
<Row><Cell><Data ss:Type="String">Pumps &amp; more</Data></Cell>
 <Cell><Data ss:Type="DateTime">2026-03-05T00:00:00.000</Data></Cell><Cell><Data ss:Type="Number">1234.5</Data></Cell>
 <Cell><Data ss:Type="Boolean">1</Data></Cell></Row>
<Row ss:Index="5"><Cell><Data ss:Type="String">Valves</Data></Cell>
 <Cell><Data ss:Type="DateTime">2026-03-06T14:30:00.000</Data></Cell>
 <Cell ss:Index="4"><Data ss:Type="Boolean">0</Data></Cell></Row>
<Row><Cell><Data ss:Type="String">Fans</Data></Cell><Cell/><Cell><Data ss:Type="Number">1.0E+7</Data></Cell>
 <Cell><Data ss:Type="Error">#N/A</Data></Cell></Row>
</Table></Worksheet>
<Worksheet ss:Name="hiddenSheet"><Table><Row><Cell><Data ss:Type="String">a</Data></Cell></Row></Table>
<x:WorksheetOptions><x:Visible>SheetHidden</x:Visible></x:WorksheetOptions></Worksheet>
</Workbook>"""


def test_a_workbook_as_a_single_xml_file() -> None:
    table = one(XML)
    assert (table.name, table.part, table.encoding) == ("report.xls", "Opportunities", "xml")
    assert cells(table) == [
        ["Pumps & more", "2026-03-05", "1234.5", "TRUE"],
        ["Valves", "2026-03-06 14:30:00", "", "FALSE"],
        ["Fans", "", "10000000", "#N/A"],
    ]
    assert (table.header_line, lines(table)) == (2, [3, 5, 6])
    assert '"hiddenSheet"' in said(table, "sheet")


@pytest.mark.parametrize("damaged", [XML[:-200], XML.replace('Index="5"', 'Index="99999999999"')])
def test_a_damaged_xml_workbook_is_refused(damaged: str) -> None:
    with pytest.raises(UnreadableFile, match="damaged workbook"):
        read_file(damaged.encode(), "report.xls")
