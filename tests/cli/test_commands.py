"""Each command: what it prints, where, and the exit code."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pandas as pd
import pytest

from tas_analytics import __version__
from tas_analytics.metrics.registry import metrics
from tas_analytics.store import TABLES, Store
from tests.cli.conftest import Command, run, run_process
from tests.store.stores import contents, csv_text

COMMANDS = [
    "load", "mapping", "read", "loads", "undo", "check", "schema", "metrics", "measure", "changes", "review",
    "calendar", "score", "forecast", "model", "backtest", "export", "inbox", "serve", "version",
]  # fmt: skip
KEYS = {
    "file", "table", "source", "encoding", "delimiter", "date_order", "decimal", "rows_in_file", "loaded", "rejected",
    "rejects_file", "amount_in_file", "amount_loaded", "load_id", "verdict",
}  # fmt: skip


@pytest.mark.parametrize("command", [[], *([name] for name in COMMANDS)])
def test_every_command_explains_itself(command: list[str]) -> None:
    found = run(*command, "--help")
    assert found.code == 0
    assert "--help" in found.out


def test_all_commands_are_listed() -> None:
    listed = run("--help").out
    assert all(name in listed for name in COMMANDS)


def test_wrong_words_are_refused() -> None:
    for words in (
        ["nonsense"],
        ["load"],
        ["load", "--colour"],
        ["undo", "x"],
        ["measure"],
        ["serve", "--port", "99999"],
    ):
        found = run(*words)
        assert (found.code, found.out) == (2, ""), words
        assert found.err


def test_load_prints_json_for_programs(tas: Command, deals: Path, tmp_path: Path) -> None:
    people = tmp_path / "people.csv"
    people.write_text("person,manager\nAnn,Max\n")
    found = tas("load", deals, people, "--json")
    assert (found.code, found.err) == (0, "")
    first, second = found.json
    assert set(first) >= KEYS
    assert set(second) >= KEYS
    assert (first["file"], first["table"], first["source"]) == (deals.name, "opportunities", "template")
    assert (first["encoding"].lower(), first["delimiter"], first["decimal"]) == ("utf-8", ",", ".")
    assert first["loaded"] == {"new": 3, "changed": 0, "unchanged": 0}
    assert (first["rows_in_file"], first["rejected"], first["rejects_file"]) == (3, 0, None)
    assert (first["amount_in_file"], first["amount_loaded"], first["load_id"]) == (300.5, 300.5, 1)
    assert first["verdict"] == "caveats"
    assert (second["table"], second["amount_in_file"], second["date_order"]) == ("people", None, None)


def test_load_tells_people_the_same(tas: Command, deals: Path) -> None:
    found = tas("load", deals)
    assert found.code == 0
    for words in ("3 new", "as of 2026-02-02", "amount in the file 300.50, loaded 300.50", "usable with caveats"):
        assert words in found.out
    assert "already loaded as load 1" in tas("load", deals).out


def test_rejected_rows_give_exit_code_1_and_a_file(tas: Command, tmp_path: Path) -> None:
    path = tmp_path / "d_2026-02-02.csv"
    path.write_text("opportunity_id,stage,amount\nD1,Qualify,10\nD2,Qualify,lots\nD3,Qualify,5\n")
    found = tas("load", path, "--json")
    assert found.code == 1
    (result,) = found.json
    assert (result["rejected"], result["loaded"]["new"]) == (1, 2)
    rows = list(csv.reader(Path(result["rejects_file"]).read_text(encoding="utf-8-sig").splitlines()))
    assert rows[0][:3] == ["opportunity_id", "stage", "amount"]
    assert rows[1][:4] == ["D2", "Qualify", "lots", "3"]
    mended = Path(result["rejects_file"])
    mended.write_text(mended.read_text(encoding="utf-8-sig").replace("lots", "7", 1))
    again = tas("load", mended, "--json")
    assert (again.code, again.json[0]["loaded"]["new"], again.json[0]["as_of"]) == (0, 1, "2026-02-02")


def test_a_dry_run_changes_nothing(tas: Command, deals: Path, tmp_path: Path) -> None:
    before = tas("check", "--json").json
    found = tas("load", deals, "--dry-run")
    assert found.code == 0
    assert "would be 3 new" in found.out
    assert tas("check", "--json").json == before
    assert tas("loads", "--json").json == []
    bad = tmp_path / "bad_2026-02-02.csv"
    bad.write_text("opportunity_id,stage,amount\nD1,Qualify,10\nD2,Qualify,lots\n")
    assert tas("load", bad, "--dry-run", "--json").code == 1
    assert not list(tmp_path.glob("*-rejects"))


def test_loads_are_listed_and_undone(tas: Command, deals: Path) -> None:
    assert tas("loads").err == "Nothing has been loaded yet.\n"
    before = tas("check", "--json").json["contents"]
    tas("load", deals)
    (row,) = tas("loads", "--json").json
    assert (row["load_id"], row["file_name"], row["as_of"], row["rows_new"]) == (1, deals.name, "2026-02-02", 3)
    assert (row["amount_loaded"], row["undone_at"]) == (300.5, None)
    assert "2026-02-02" in tas("loads").out
    found = tas("undo", 1)
    assert (found.code, found.out) == (0, "")
    assert "undone" in found.err
    after = tas("check", "--json").json["contents"]
    assert [c for c in after if c["table"] != "stage"] == [c for c in before if c["table"] != "stage"]
    assert "undone" in tas("loads").out
    again = tas("undo", 1)
    assert (again.code, again.out) == (2, "")
    assert "already" in again.err
    assert tas("undo", 9).code == 2


def test_check_finds_damage(tas: Command, deals: Path, tmp_path: Path) -> None:
    tas("load", deals)
    assert (tas("check").code, tas("check", "--json").json["ok"]) == (0, True)
    with Store.open(tmp_path / "store.duckdb").transaction() as cursor:
        cursor.execute("update load set rows_new = 7")
    found = tas("check")
    assert found.code == 1
    assert "loads whose rows do not add up" in found.err


def test_the_schema_lists_every_table_and_column() -> None:
    found = run("schema", "--json").json
    assert [one["name"] for one in found] == [one.name for one in TABLES]
    assert {c["name"] for c in found[0]["columns"]} == {c.name for c in TABLES[0].columns}
    text = run("schema").out
    assert all(column.name in text for one in TABLES for column in one.columns)


def test_the_metrics_are_listed() -> None:
    assert {one["key"] for one in run("metrics", "--json").json} == {one.key for one in metrics()}
    assert "win_rate" in run("metrics").out


def test_measure_prints_tables_csv_and_json(tas: Command, deals: Path) -> None:
    tas("load", deals)
    found = tas("measure", "deals", "open_pipeline", "--by", "account", "--format", "csv")
    assert found.code == 0
    rows = list(csv.DictReader(found.out.splitlines()))
    assert {(row["account"], row["deals"]) for row in rows} == {("Acme", "2"), ("Bolt", "1")}
    assert {row["account"]: row["open_pipeline"] for row in rows}["Acme"] == "100.5"
    (total,) = tas("measure", "deals,won_amount", "--format", "json").json
    assert total == {"deals": 3, "won_amount": 200}
    (filtered,) = tas("measure", "deals", "--where", "account=Acme", "--where", "owner=Ann", "--format", "json").json
    assert filtered == {"deals": 1}
    assert "Deals" in tas("measure", "deals").out
    neutral = tas("measure", "deals", "--by", "owner", "--format", "csv").out
    assert "'@Ann" in neutral


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["measure", "nonsense"], "nonsense"),
        (["measure", "deals", "--by", "nonsense"], "nonsense"),
        (["measure", "deals", "--where", "account"], "not a filter"),
        (["measure", "deals", "--where", "nonsense=1"], "nonsense"),
        (["measure", "deals", "--period", "2026Q9"], "2026Q9"),
        (["export", "nonsense", "--out", "x.csv"], "nonsense"),
        (["export", "accounts", "--out", "x.pdf"], "x.pdf"),
    ],
)
def test_questions_that_cannot_be_answered_are_refused(tas: Command, words: list[str], says: str) -> None:
    found = tas(*words)
    assert (found.code, found.out) == (2, "")
    assert says in found.err


@pytest.mark.parametrize("name", [one.name for one in TABLES])
def test_an_exported_table_loads_again_with_the_same_contents(
    tas: Command, tmp_path: Path, deals: Path, name: str
) -> None:
    texts = {
        "accounts": csv_text(["account", "industry", "employees"], [["Acme", "+Food", 12], ["Bolt", "", ""]]),
        "people": csv_text(["person", "manager", "email"], [["Ann", "-Max", "=a@b"], ["Bob", "", ""]]),
        "products": csv_text(["product", "list_price"], [["One", "1234.50"], ["@Two", ""]]),
        "targets": csv_text(
            ["period", "person", "team", "amount"], [["2026Q1", "Ann", "", 5], ["2026", "", "East", 7]]
        ),
        "rates": csv_text(["currency", "date", "rate"], [["EUR", "2026-01-01", "1.0825"], ["GBP", "2026-01-01", "2"]]),
        "stages": csv_text(
            ["stage", "position", "probability", "status", "planned_days"],
            [["A", 1, "12.5 %", "open", 30], ["B", 2.5, "1 %", "open", ""], ["Won", 9, "100 %", "won", ""]],
        ),
    }
    # The other tables: two records, every column filled, and the second with what is needed only.
    special = {
        "criterion": ("5", "Solution fit"), "rating": ("+", "-"), "period": ("2026Q1", "2026-07"),
        "status": ("+", "-"), "currency": ("EUR", "USD"),
    }  # fmt: skip
    kinds = {
        "text": ("One", "Two"), "date": ("2026-01-05", "2026-01-06"), "money": ("12.50", "-3"), "number": ("1.5", "2"),
        "timestamp": ("2026-01-05 10:30:00", "2026-01-06"), "percent": ("12.5 %", "1 %"), "integer": ("2", "3"),
        "boolean": ("true", "false"), "duration": ("2.5", "3"),
    }  # fmt: skip
    columns = next(one for one in TABLES if one.name == name).columns
    rows = [
        [(special.get(c.name) or kinds[c.kind])[row] if row == 0 or c.required else "" for c in columns]
        for row in (0, 1)
    ]
    if name != "opportunities":
        texts.setdefault(name, csv_text([column.name for column in columns], rows))
    path = deals
    if name in texts:
        path = tmp_path / f"{name}_2026-02-02.csv"
        path.write_text(texts[name])
    assert tas("load", path).code == 0
    out = tmp_path / "out" / f"{name}.csv"
    assert tas("export", name, "--out", out).code == 0
    other = tmp_path / "other.duckdb"
    again = run("--store", other, "load", out, "--as", name, "--as-of", "2026-02-02", "--json")
    assert (again.code, again.json[0]["rejected"]) == (0, 0), again
    first, second = (contents(Store.open(store)) for store in (tmp_path / "store.duckdb", other))
    assert first == second
    Store.open(other).close()


def test_exports_for_spreadsheets_hold_no_formulas(tas: Command, deals: Path, tmp_path: Path) -> None:
    tas("load", deals)
    for kind in ("csv", "xlsx", "parquet"):
        assert tas("export", "opportunities", "--out", tmp_path / f"deals.{kind}").code == 0
    rows = list(csv.DictReader((tmp_path / "deals.csv").read_text(encoding="utf-8").splitlines()))
    assert [row["name"] for row in rows] == ["Acme renewal", "'=2+3", 'Quoted "deal", long']
    sheet = pd.read_excel(tmp_path / "deals.xlsx", engine="openpyxl")
    assert list(sheet["owner"]) == ["Ann", "Bob", "'@Ann"]
    plain = pd.read_parquet(tmp_path / "deals.parquet")
    assert list(plain["name"])[1] == "=2+3"
    assert str(plain["amount"].iloc[0]) == "100.50"


def test_an_export_of_an_earlier_day(tas: Command, deals: Path, tmp_path: Path) -> None:
    tas("load", deals)
    tas("export", "opportunities", "--out", tmp_path / "none.csv", "--as-of", "2026-01-01")
    assert len((tmp_path / "none.csv").read_text().splitlines()) == 1


def test_a_mapping_file_and_options_decide(tas: Command, tmp_path: Path) -> None:
    path = tmp_path / "odd.csv"
    path.write_text("Ref;Phase X;Worth;Closes\nD1;Proposal;1.000,50;03/04/2026\n")
    mapping = tmp_path / "mapping.json"
    columns = {"opportunity_id": "Ref", "stage": "Phase X", "amount": "Worth", "close_date": "Closes"}
    mapping.write_text(json.dumps({"table": "opportunities", "columns": columns, "date_order": "mdy"}))
    found = tas("load", path, "--mapping", mapping, "--as-of", "2026-02-02", "--json")
    assert found.code == 0
    assert (found.json[0]["amount_loaded"], found.json[0]["date_order"], found.json[0]["as_of"]) == (
        1000.5, "mdy", "2026-02-02",
    )  # fmt: skip
    assert found.json[0]["mapping"] == columns
    for text in ("{", "[]", '{"columns": 3}'):
        mapping.write_text(text)
        refused = tas("load", path, "--mapping", mapping)
        assert (refused.code, refused.out) == (2, "")
        assert "mapping" in refused.err


def test_complete_exports_let_deals_go(tas: Command, tmp_path: Path) -> None:
    for day, keys in (("02", ["D1", "D2"]), ("09", ["D1"])):
        path = tmp_path / f"d_2026-02-{day}.csv"
        path.write_text(csv_text(["opportunity_id", "stage"], [[key, "Qualify"] for key in keys]))
        tas("load", path, "--complete")
    assert tas("measure", "deals", "--format", "json").json == [{"deals": 1}]
    assert tas("measure", "deals", "--as-of", "2026-02-05", "--format", "json").json == [{"deals": 2}]


def test_a_folder_stands_for_its_csv_files(tas: Command, deals: Path) -> None:
    found = tas("load", deals.parent, "--json")
    assert [one["file"] for one in found.json] == [deals.name]


def test_the_version() -> None:
    assert run("version").out == f"{__version__}\n"


def test_the_store_is_the_option_else_the_environment(deals: Path, tmp_path: Path) -> None:
    named, other = tmp_path / "named.duckdb", tmp_path / "environment.duckdb"
    assert run_process("load", deals, TAS_STORE=str(other)).code == 0
    assert other.exists()
    assert run_process("--store", named, "loads", "--json", TAS_STORE=str(other)).json == []
    assert len(run_process("loads", "--json", TAS_STORE=str(other)).json) == 1
