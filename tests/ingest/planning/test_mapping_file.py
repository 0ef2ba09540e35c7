"""How a file is read can be taken away as a mapping file, and reads the next file the same way."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tas_analytics.errors import UnreadableFile
from tas_analytics.ingest.planning.mapping_file import mapping_name, mapping_text, with_mapping
from tas_analytics.ingest.planning.plan import Options, prepare

FILES = {
    "names": "Deal,Sales Stage,Value,Expected Close\nFirst,Proof,10,03/04/2026\nSecond,Close,20,13/04/2026\n",
    "template": "opportunity_id,stage,amount\nD1,Proof,1.234,50\n".replace("1.234,50", '"1.234,50"'),
    "hubspot": "Record ID,Deal Name,Deal Stage,Pipeline,Amount,Close Date\n1,A,Qualify,Sales,10,2026-03-04 10:00\n",
    "wide": "Opportunity ID,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20\nD1" + ",+" * 20 + "\n",
    "people": "Full name,Reports to\nAnn Lee,Max\n",
}


@pytest.mark.parametrize("name", FILES)
def test_the_file_written_reads_the_same(name: str, tmp_path: Path) -> None:
    before = prepare(FILES[name].encode(), f"{name}.csv")
    path = tmp_path / mapping_name(before.name)
    path.write_text(mapping_text(before), encoding="utf-8")
    after = prepare(FILES[name].encode(), "next.csv", with_mapping(Options(), path))
    assert after.table_name == before.table_name
    assert dict(after.mapping.columns) == dict(before.mapping.columns)
    assert {key: (c.date_order, c.decimal) for key, c in after.conventions.items()} == {
        key: (c.date_order, c.decimal) for key, c in before.conventions.items()
    }
    assert after.data.equals(before.data)


def test_what_was_found_is_spelled_out_for_files_that_leave_a_doubt() -> None:
    told = json.loads(mapping_text(prepare(FILES["names"].encode(), "a.csv")))
    assert told["date_order"] == "dmy", "one day above 12 said so; the next file may have none"
    assert told["table"] == "opportunities"


def test_what_the_user_says_beside_the_file_wins(tmp_path: Path) -> None:
    path = tmp_path / "m.json"
    path.write_text('{"table": "people", "columns": {"person": "Name"}, "decimal": ",", "attributes": "none"}')
    found = with_mapping(Options(as_table="accounts", decimal="."), path)
    assert found == Options("accounts", columns={"person": "Name"}, decimal=".", attributes="none")


@pytest.mark.parametrize(
    "content",
    [
        "", "[]", "{}", "null", '{"columns": []}', '{"columns": {}, "table": 3}', "\x00",
        '{"columns": {}, "date_order": "ydm"}', '{"columns": {}, "decimal": ";"}',
        '{"columns": {}, "attributes": ["a"]}',
    ],
)  # fmt: skip
def test_what_is_no_mapping_is_refused_in_words(content: str, tmp_path: Path) -> None:
    path = tmp_path / "m.json"
    path.write_text(content)
    with pytest.raises(UnreadableFile) as refused:
        with_mapping(Options(), path)
    assert "m.json" in refused.value.title
    assert '"columns"' in refused.value.hint
