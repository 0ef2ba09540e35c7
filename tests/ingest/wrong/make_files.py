"""Writes those of the files beside it that an editor cannot: other encodings, NUL bytes, archives and pictures.

Run it from anywhere: ``python tests/ingest/wrong/make_files.py``. The same bytes come out every time.
"""

from __future__ import annotations

import io
import zipfile
from pathlib import Path
from typing import Final

HERE: Final = Path(__file__).parent
HEAD: Final = [
    "Opportunity ID",
    "Opportunity Name",
    "Account Name",
    "Stage",
    "Amount",
    "Close Date",
    "Opportunity Owner",
]
#: All that these say is in every encoding of Western Europe.
DEALS: Final = [
    ["W-1", "Prüfstand für Öfen", "Société Générale d’Énergie", "Proposal", "1200.50", "2026-06-30", "Zoë Núñez"],
    ["W-2", "Kühlhaus – Ausbau", "Größe & Söhne", "Closed Won", "800", "2026-03-13", "Jürgen Weiß"],
    ["W-3", "Façade", "Café Ångström", "Qualification", "99.99", "2026-07-31", "Zoë Núñez"],
]
#: Without what only Windows has: curly apostrophes and long dashes.
PLAIN_DEALS: Final = [[cell.replace("’", "'").replace("–", "-") for cell in row] for row in DEALS]
CHINESE: Final = [
    ["商机编号", "商机名称", "客户名称", "负责人", "商机阶段", "商机金额", "预计成交日期"],
    ["SJ-1", "北区泵站项目", "长江机械有限公司", "王芳", "方案报价", "¥10000", "2026-05-01"],
    ["SJ-2", "南区阀门更换", "黄河化工有限公司", "李强", "赢单", "¥2500", "2026-03-12"],
    ["SJ-3", "𠮷野仪表", "长江机械有限公司", "王芳", "需求确认", "¥700", "2026-06-20"],
]


def text(rows: list[list[str]], delimiter: str = ",") -> str:
    """Rows of cells, none of which needs quoting."""
    return "".join(delimiter.join(row) + "\n" for row in rows)


def files() -> dict[str, bytes]:
    """Every file by its name."""
    deals, plain = text([HEAD, *DEALS]), text([HEAD, *PLAIN_DEALS])
    found = {
        "01_utf8.csv": deals.encode(),
        "01_utf8_bom.csv": deals.encode("utf-8-sig"),
        "01_utf16_tab.csv": text([HEAD, *DEALS], "\t").encode("utf-16"),
        "01_windows1252.csv": deals.encode("cp1252"),
        "01_iso8859_1.csv": plain.encode("iso-8859-1"),
        "01_gb18030.csv": text(CHINESE).encode("gb18030"),
    }
    for name, delimiter in (("comma", ","), ("semicolon", ";"), ("tab", "\t"), ("pipe", "|")):
        found[f"02_{name}.csv"] = text([HEAD, *DEALS], delimiter).encode()
    found["15_nul.csv"] = plain.replace("Façade", "Fa\0çade").encode()
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr(zipfile.ZipInfo("deals.csv"), plain.encode())
        archive.writestr(zipfile.ZipInfo("logo.png"), PICTURE)
    found["15_zip.csv"] = packed.getvalue()
    found["15_image.csv"] = PICTURE
    return found


#: The beginning of a picture.
PICTURE: Final = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + bytes(range(256))

if __name__ == "__main__":
    for name, data in files().items():
        (HERE / name).write_bytes(data)
