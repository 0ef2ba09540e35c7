"""Exports of systems without public data, made after their documentation, from the bytes to the tables."""

from __future__ import annotations

from pathlib import Path

import pytest

from tas_analytics.ingest.planning.plan import prepare
from tas_analytics.ingest.understanding.mapping import BY_CONTENT
from tests.ingest.parts_of import by_table, rows, said, taken

FILES = Path(__file__).parent / "exports"


def text_of(name: str) -> str:
    return (FILES / name).read_text("utf-8")


def test_a_cyrillic_export_with_time_zones() -> None:
    parts = taken(text_of("bitrix24_deals.csv"), "DEAL_20260301.csv")
    main = parts[0]
    assert main.mapping.source_name == "Bitrix24: deals"
    assert rows(main, "opportunity_id", "stage", "pipeline", "status", "currency") == [
        ("101", "Новая", "Продажи", "open", "RUB"), ("102", "Успешно реализовано", "Продажи", "won", "RUB"),
        ("103", "Закрыто и не реализовано", "Аренда", "lost", "RUB"),
    ]  # fmt: skip
    found = by_table(parts)
    assert rows(found["contact_map"], "opportunity_id", "contact") == [("101", "Анна Смирнова"), ("103", "Олег Белов")]
    ((attribute, value),) = rows(found["attributes"], "attribute", "value")
    assert (attribute, value.splitlines()[1]) == ("Комментарий", "вторая строка")


def test_a_budget_in_roubles_carries_its_currency() -> None:
    (main, *parts) = taken(text_of("amocrm_deals.csv"), "amocrm_export_leads.csv")
    assert main.mapping.source_name == "amoCRM: deals"
    assert rows(main, "stage", "amount", "created_date", "currency") == [
        ("Первичный контакт", "120000", "01.02.2026 10:15:00", "RUB"),
        ("Успешно реализовано", "500000", "03.02.2026 11:00:00", "RUB"),
    ]
    # "Not closed" is no day.
    assert rows(main, "close_date") == [("",), ("20.03.2026 17:30:00",)]
    assert "“не закрыта” means no value" in said(main, "column")
    assert [part.mapping.table for part in parts] == ["contact_map"]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "gb18030"])
def test_a_chinese_export_in_the_encodings_it_comes_in(encoding: str) -> None:
    parts = taken(text_of("fxiaoke_opportunities.csv").encode(encoding), "商机列表.csv")
    main = parts[0]
    assert main.mapping.source_name == "纷享销客 / 销售易: 商机"
    assert rows(main, "opportunity_id", "account", "stage", "status") == [
        ("SJ001", "甲公司", "方案报价", "open"), ("SJ002", "乙公司", "赢单", "won"),
        ("SJ003", "甲公司", "输单", "lost"),
    ]  # fmt: skip
    found = by_table(parts)
    assert rows(found["competitors"], "opportunity_id", "competitor") == [
        ("SJ001", "丙公司"), ("SJ001", "丁公司"), ("SJ003", "丙公司"),
    ]  # fmt: skip
    assert rows(found["attributes"], "attribute", "value") == [("备注说明", "重点")]


def test_semicolons_and_decimal_commas() -> None:
    (main,) = taken(text_of("german_semicolons.csv").encode("cp1252"), "verkaufschancen.csv")
    assert set(main.mapping.columns) == {
        "opportunity_id", "name", "account", "owner", "stage", "amount", "close_date", "created_date",
    }  # fmt: skip
    assert main.mapping.unsure == ()


def test_headers_twice_and_with_line_breaks() -> None:
    parts = taken(text_of("duplicate_headers.csv"), "report.csv")
    main = parts[0]
    assert rows(main, "opportunity_id", "stage", "product", "next_step") == [
        ("1", "Proposal", "Pump", "call\nBob"), ("2", "Closed Won", "Pump", ""),
    ]  # fmt: skip
    assert "close_date" in main.mapping.columns
    (attributes,) = parts[1:]
    assert [row[1] for row in rows(attributes, "attribute", "value")] == ["Valve"]


def test_a_file_without_headers_is_proposed_by_its_cells() -> None:
    body = "".join(
        f"D-{n:04d},Deal {n} for the northern plants,{('Prospecting', 'Negotiation', 'Closed Won')[n % 3]},"
        f'"${n * 1250:,}.00",2025-{n % 12 + 1:02d}-11,2026-{n % 12 + 1:02d}-21\n'
        for n in range(1, 61)
    )
    (main, *_) = taken(body, "dump.csv")
    assert main.mapping.source == BY_CONTENT
    assert {column: main.mapping.columns[column] for column in ("opportunity_id", "stage", "amount", "close_date")} == {
        "opportunity_id": "Column 1", "stage": "Column 3", "amount": "Column 4", "close_date": "Column 6",
    }  # fmt: skip
    assert set(main.mapping.unsure) >= {"opportunity_id", "stage", "amount", "close_date", "created_date"}


@pytest.mark.parametrize(
    ("name", "amounts"),
    [("bitrix24_deals.csv", {"RUB"}), ("fxiaoke_opportunities.csv", {"CNY"}), ("german_semicolons.csv", {"EUR"})],
)
def test_the_whole_import_reads_them_as_well(name: str, amounts: set[str]) -> None:
    prepared = prepare(text_of(name).encode(), name)
    assert prepared.table_name == "opportunities"
    assert prepared.missing == []
    orders = {c.date_order for c in prepared.conventions.values() if c.kind == "date"}
    assert orders <= {"dmy", "ymd"}
    assert not any(convention.ambiguous for convention in prepared.conventions.values())
    currency = prepared.conventions["amount"].currency
    assert "currency" in prepared.mapping.columns or {currency} == amounts


def test_what_was_made_is_said_in_plain_words() -> None:
    main = taken(text_of("bitrix24_deals.csv"), "DEAL_20260301.csv")[0]
    assert said(main, "column") == "The status is taken from “Группа стадии”."
