"""Presets are data: each must be sound, and each export of each system is recognised by its headers."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest

from tas_analytics.errors import UnknownTable
from tas_analytics.ingest.reading.reader import read_table
from tas_analytics.ingest.understanding.content import sampler
from tas_analytics.ingest.understanding.headers import normal
from tas_analytics.ingest.understanding.mapping import missing_required, propose
from tas_analytics.ingest.understanding.parts import take_apart
from tas_analytics.ingest.understanding.presets import (
    Preset,
    by_title,
    generic,
    generic_recipes,
    not_yet,
    presets,
    synonyms,
)
from tas_analytics.ingest.understanding.transforms import column_of
from tas_analytics.store import TABLES, table


def title(preset: Preset) -> str:
    return f"{preset.key}-{preset.what or preset.table}"


@pytest.mark.parametrize("preset", presets(), ids=title)
def test_a_preset_speaks_of_columns_that_exist_and_gives_all_that_are_needed(preset: Preset) -> None:
    one = table(preset.table)
    given = {*preset.columns, *preset.unsure, *(recipe.column for recipe in preset.recipes)}
    for column in given:
        one.column(column)
    assert {column.name for column in one.columns if column.required} <= given
    assert all(by_title(other).table != preset.table for other in preset.also)
    assert preset.date_order in (None, "dmy", "mdy", "ymd")
    assert preset.ids in (None, "salesforce")
    for recipe in preset.recipes:
        assert recipe.kind == "constant" or any(source.names for source in recipe.sources)
        assert all(word == word.lower() for word in recipe.words)
        assert all(value == value.lower() for source in recipe.sources for value in source.values)
    assert all(value == value.lower() for drop in preset.drops for value in drop.values)


@pytest.mark.parametrize("preset", [preset for preset in presets() if preset.rank >= 0], ids=title)
def test_a_preset_is_recognised_by_its_own_headers(preset: Preset) -> None:
    signature = list(dict.fromkeys([*(names[0] for names in preset.require), *preset.some_of]))
    whole = list(dict.fromkeys([*(names[0] for names in preset.require), *(n[0] for n in preset.columns.values())]))
    for headers in (signature, whole):
        mapping = propose(headers, "file.csv")
        assert (mapping.table, mapping.source, mapping.source_name) == (preset.table, preset.key, preset.title)


def test_titles_are_unlike() -> None:
    names = [(preset.title, preset.table, preset.require) for preset in presets()]
    assert len(set(names)) == len(names)


def test_synonyms_speak_of_columns_that_exist_and_mean_one_column_of_a_table() -> None:
    for name, columns in synonyms().items():
        one = table(name)
        taken: dict[str, str] = {}
        for column, names in columns.items():
            one.column(column)
            for synonym in names:
                assert taken.setdefault(normal(synonym), column) == column, (name, synonym)
        # Another column's own name is always meant by it, so that a synonym like it would never count.
        for own in one.columns:
            assert taken.get(normal(own.name), own.name) == own.name, (name, own.name)
    assert set(synonyms()) == {one.name for one in TABLES}


def test_what_holds_for_unknown_files_speaks_of_columns_that_exist() -> None:
    for name, groups in generic()["telling"].items():
        for group in groups:
            for column in group:
                table(name).column(column)
    for name, columns in generic()["elsewhere"].items():
        for column in columns:
            table(name).column(column)
    for column in generic()["fields"]:
        table("history").column(column)
    assert set(generic()["file_names"]) <= {one.name for one in TABLES}
    for one in TABLES:
        for recipe in generic_recipes(one.name):
            one.column(recipe.column)


#: Exports of each system: see the file.
EXPORTS: list[dict[str, Any]] = tomllib.loads(
    (Path(__file__).parent.parent / "exports" / "exports.toml").read_text("utf-8")
)["export"]


def headers_of(export: dict[str, Any]) -> list[str]:
    found = export["headers"]
    return (found if isinstance(found, str) else "".join(found)).split("|")


@pytest.mark.parametrize("export", EXPORTS, ids=lambda export: f"{export['title']}-{export['table']}")
def test_a_real_export_is_recognised_unasked(export: dict[str, Any]) -> None:
    mapping = propose(headers_of(export), "export.csv")
    assert (mapping.table, mapping.source_name) == (export["table"], export["title"])
    fed = dict(mapping.columns) | {making.column: making.uses[0] for making in mapping.made if making.uses}
    assert {column: fed.get(column) for column in export["columns"]} == export["columns"]
    assert missing_required(mapping) == []
    assert mapping.unsure == ()


@pytest.mark.parametrize(
    "export", [export for export in EXPORTS if "rows" in export], ids=lambda export: str(export["title"])
)
def test_what_no_single_header_feeds_is_made(export: dict[str, Any]) -> None:
    headers = headers_of(export)
    lines = ["\t".join(headers), *(row.replace("|", "\t") for row in export["rows"])]
    text = read_table(("\n".join(lines) + "\n").encode(), "export.tsv")
    assert text.columns == tuple(headers)
    main = take_apart(text, propose(text.columns, text.name, content=sampler(text)))[0]
    for column, expected in export["cells"].items():
        assert column_of(main.text, main.mapping.columns[column]).to_pylist() == expected, column
    # Nothing is lost: what is no record is set aside.
    assert main.text.data.num_rows + len(main.text.unplaced) == len(export["rows"]) == main.text.rows_in_file


def test_deals_from_a_database_are_not_taken_for_a_history() -> None:
    mapping = propose(["opportunity_id", "stage_name", "created_date", "amount"], "dump.csv")
    assert mapping.table == "opportunities"


@pytest.mark.parametrize("refusal", not_yet()["refusal"], ids=lambda refusal: str(refusal["require"]))
def test_what_holds_nothing_of_ours_is_refused_by_name(refusal: dict[str, str]) -> None:
    with pytest.raises(UnknownTable) as found:
        propose(list(refusal["require"]), "file.csv")
    assert found.value.title == f"file.csv is {refusal['what']}"
    assert found.value.hint == refusal["hint"]


#: Every public file: the table it is recognised as, or what it is refused as.
PUBLIC = {
    "dbt_hubspot_seeds/deal_company_data.csv": "refused: a list of which deals belong to which companies",
    "dbt_hubspot_seeds/deal_contact_data.csv": "contact_map",
    "dbt_hubspot_seeds/deal_data.csv": "opportunities",
    "dbt_hubspot_seeds/deal_pipeline_data.csv": "refused: a list of sales processes",
    "dbt_hubspot_seeds/deal_pipeline_stage_data.csv": "stages",
    "dbt_hubspot_seeds/deal_property_history_data.csv": "history",
    "dbt_hubspot_seeds/deal_stage_data.csv": "history",
    "dbt_hubspot_seeds/engagement_deal_data.csv": "activities",
    "dbt_hubspot_seeds/merged_deal_data.csv": "refused: a list of deals that were merged",
    "dbt_hubspot_seeds/owner_data.csv": "people",
    "dbt_salesforce_seeds/sf_account_data.csv": "accounts",
    "dbt_salesforce_seeds/sf_account_history_data.csv": "accounts",
    "dbt_salesforce_seeds/sf_event_data.csv": "activities",
    "dbt_salesforce_seeds/sf_opportunity_data.csv": "opportunities",
    "dbt_salesforce_seeds/sf_opportunity_history_data.csv": "history",
    "dbt_salesforce_seeds/sf_opportunity_line_item_data.csv": "revenue_lines",
    "dbt_salesforce_seeds/sf_task_data.csv": "activities",
    "dbt_salesforce_seeds/sf_user_data.csv": "people",
    "dbt_salesforce_seeds/sf_user_role_data.csv": "refused: a list of roles",
    "helixcore_stage_history/data_dictionary.csv": "refused: a description of tables",
    "helixcore_stage_history/deals.csv": "opportunities",
    "helixcore_stage_history/funnel_stage_history.csv": "history",
    "helixcore_stage_history/leads.csv": "refused: a list of leads",
    "helixcore_stage_history/reps.csv": "people",
    "helixcore_stage_history/sales_activities.csv": "activities",
    "hubspot_dummy/hubspot_deals.csv": "opportunities",
    "ibm_win_loss/ibm_sales_win_loss.csv": "opportunities",
    "maven_crm/accounts.csv": "accounts",
    "maven_crm/data_dictionary.csv": "refused: a description of tables",
    "maven_crm/products.csv": "products",
    "maven_crm/sales_pipeline.csv": "opportunities",
    "maven_crm/sales_teams.csv": "people",
    "maven_variant_messy/accounts.csv": "accounts",
    "maven_variant_messy/clicks.csv": "refused: a list of visits",
    "maven_variant_messy/products.csv": "products",
    "maven_variant_messy/sales_pipeline.csv": "opportunities",
    "maven_variant_messy/sales_teams.csv": "people",
    "messy_variants/de_semicolon_cp1252.csv": "opportunities",
    "messy_variants/fr_semicolon_utf8bom.csv": "opportunities",
    "messy_variants/us_report_footer.csv": "opportunities",
    "messy_variants/us_utf16le_tab.csv": "opportunities",
    "olga_pipeline/opportunities.csv": "opportunities",
    "qichao_crm/crm_activities.csv": "activities",
    "qichao_crm/crm_deals.csv": "opportunities",
    "qichao_crm/monthly_targets.csv": "targets",
    "salesforce_history_demo/Account.csv": "accounts",
    "salesforce_history_demo/Opportunity.csv": "opportunities",
    "salesforce_history_demo/OpportunityHistory.csv": "history",
    "salvirt_b2b/salvirt_b2b.csv": "opportunities",
    "sfdc_export_format/Opportunity.csv": "opportunities",
    "zoho_sample/Potentials.csv": "opportunities",
}


@pytest.mark.parametrize("path", PUBLIC)
def test_every_public_file_is_known(path: str, public_data: Path) -> None:
    text = read_table((public_data / path).read_bytes(), Path(path).name)
    if PUBLIC[path].startswith("refused: "):
        with pytest.raises(UnknownTable, match=PUBLIC[path].removeprefix("refused: ")):
            propose(text.columns, text.name, content=sampler(text))
        return
    mapping = propose(text.columns, text.name, content=sampler(text))
    assert mapping.table == PUBLIC[path]
    assert missing_required(mapping) == []


def test_no_public_file_is_forgotten(public_data: Path) -> None:
    there = {str(path.relative_to(public_data)) for path in public_data.glob("*/*.csv")}
    assert there <= set(PUBLIC)


def test_the_messy_variants_feed_the_same_columns_as_the_file_they_come_from(public_data: Path) -> None:
    found = []
    for path in ["maven_crm/sales_pipeline.csv", *sorted(PUBLIC)]:
        if not path.startswith(("messy_variants", "maven_crm/sales_pipeline")):
            continue
        text = read_table((public_data / path).read_bytes(), Path(path).name)
        mapping = propose(text.columns, text.name, content=sampler(text))
        assert mapping.left_out == ()
        assert mapping.unsure == ()
        found.append(set(mapping.columns))
    assert len(found) == 6
    assert all(columns == found[0] for columns in found)
