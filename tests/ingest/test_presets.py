"""Presets are data: each must be sound, and known exports that are no tables of ours are refused by name."""

from __future__ import annotations

import pytest

from tas_analytics.errors import UnknownTable
from tas_analytics.ingest.mapping import Preset, _synonyms, normal, presets, propose
from tas_analytics.store import TABLES, table


@pytest.mark.parametrize("preset", presets(), ids=lambda preset: f"{preset.key}-{preset.table}")
def test_a_preset_speaks_of_columns_that_exist_and_recognises_its_own_headers(preset: Preset) -> None:
    one = table(preset.table)
    for column in preset.columns:
        one.column(column)
    needed = {column.name for column in one.columns if column.required}
    assert needed <= set(preset.columns)
    headers = list(dict.fromkeys([*preset.require, *preset.some_of]))
    mapping = propose(headers, "file.csv")
    assert (mapping.table, mapping.source) == (preset.table, preset.key)
    assert set(mapping.sureness.values()) <= {"preset"}


def test_synonyms_speak_of_columns_that_exist_and_mean_one_column_of_a_table() -> None:
    for name, columns in _synonyms().items():
        taken: dict[str, str] = {}
        for column, names in columns.items():
            table(name).column(column)
            for synonym in names:
                assert taken.setdefault(normal(synonym), column) == column, (name, synonym)
    assert set(_synonyms()) == {one.name for one in TABLES}


@pytest.mark.parametrize(
    "headers",
    [
        ["Id", "OpportunityId", "CreatedDate", "StageName", "Amount", "CloseDate", "Probability"],
        ["OpportunityId", "Field", "OldValue", "NewValue", "CreatedDate"],
        ["Opportunity ID", "Opportunity Name", "From Stage", "To Stage", "Stage", "Last Modified"],
        ["id", "stage_name", "amount", "close_date", "_fivetran_start", "_fivetran_end"],
    ],
)
def test_a_history_is_not_taken_for_a_list_of_deals(headers: list[str]) -> None:
    with pytest.raises(UnknownTable, match="not a list of deals") as refusal:
        propose(headers, "history.csv")
    assert "yet" in refusal.value.hint
    # Whoever insists may.
    if any(normal(header) in {"stage", "stagename"} for header in headers):
        assert propose(headers, "history.csv", as_table="opportunities").table == "opportunities"


def test_deals_from_a_database_are_not_taken_for_a_history() -> None:
    mapping = propose(["opportunity_id", "stage_name", "created_date", "amount"], "dump.csv")
    assert mapping.table == "opportunities"
