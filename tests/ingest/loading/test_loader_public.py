"""Public CRM exports: every figure that is known of them is found again."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest

from tas_analytics.errors import TasError
from tas_analytics.ingest.loading.loader import LoadResult, load, undo
from tas_analytics.ingest.planning.plan import prepare
from tas_analytics.ingest.values.salesforce import long_id
from tas_analytics.store import Store
from tests.store.stores import contents, deals, load_file, load_text, reconcile

MAVEN = ["accounts.csv", "products.csv", "sales_pipeline.csv", "sales_teams.csv"]


@pytest.fixture(scope="module")
def maven(public_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Store, list[LoadResult]]]:
    folder = public_data / "maven_crm"
    files = [prepare((folder / name).read_bytes(), name) for name in MAVEN]
    store = Store.open(tmp_path_factory.mktemp("maven") / "store.duckdb")
    yield store, load(store, files)
    store.close()


def test_the_four_files_load_together(maven: tuple[Store, list[LoadResult]]) -> None:
    store, results = maven
    assert [(r.prepared.table_name, r.prepared.mapping.source, r.new, r.rejected_rows) for r in results] == [
        ("accounts", "plain_tables", 85, 0),
        ("products", "plain_tables", 7, 0),
        ("opportunities", "plain_tables", 8800, 0),
        ("people", "plain_tables", 35, 0),
    ]
    for result in results:
        reconcile(result)
    assert (results[2].amount_in_file, results[2].amount_loaded) == (Decimal(10005534), Decimal(10005534))
    assert {r.as_of for r in results} == {"2017-12-31"}
    counts = store.rows(
        "select stage, count(*), sum(amount) from opportunity_version join stage using (stage_key) "
        "where valid_to is null group by stage, position order by position"
    )
    assert counts == [
        ("Prospecting", 500, None), ("Engaging", 1589, None), ("Won", 4238, Decimal(10005534)),
        ("Lost", 2473, Decimal(0)),
    ]  # fmt: skip


def test_what_does_not_fit_is_named_and_not_dropped(maven: tuple[Store, list[LoadResult]]) -> None:
    store, results = maven
    found = {finding.key: finding for finding in results[2].findings}
    assert found["without_account"].rows == 1425
    assert len(found["without_account"].examples) == 5
    assert "GTXPro" in found["unknown_product"].text
    assert "GTX Pro" in found["unknown_product"].text
    assert found["unknown_product"].rows == 1480
    assert results[2].verdict == "caveats"
    assert (
        store.value("select count(*) from opportunity_version where account_key is null and valid_to is null") == 1425
    )
    assert "Prospecting 5 % → Engaging 12 %" in found["proposed_stages"].text


def test_the_order_of_the_files_is_no_matter_and_loading_twice_changes_nothing(
    maven: tuple[Store, list[LoadResult]], public_data: Path, tmp_path: Path
) -> None:
    other = Store.open(tmp_path / "other.duckdb")
    for name in sorted(MAVEN, reverse=True):
        load_file(other, public_data / "maven_crm" / name)
    assert contents(other) == contents(maven[0])
    before, loads = contents(other), other.value("select count(*) from load")
    for name in MAVEN:
        again = load_file(other, public_data / "maven_crm" / name)
        assert (again.seen_before, again.new, again.changed) == (True, 0, 0)
        reconcile(again)
    assert contents(other) == before
    assert other.value("select count(*) from load") == loads
    other.close()


STAGES = {"Gewonnen": "Won", "Gagnée": "Won", "Closed Won": "Won", "Verloren": "Lost", "Perdue": "Lost"} | {
    "Closed Lost": "Lost", "In Bearbeitung": "Engaging", "En cours": "Engaging",
}  # fmt: skip
FACTS = ("opportunity_id", "owner", "product", "account", "stage", "created_date", "close_date", "amount")


def facts(store: Store) -> list[tuple[object, ...]]:
    return [
        tuple(STAGES.get(str(value), value) if name == "stage" else value for name, value in deal.items())
        for deal in deals(store, *FACTS)
    ]


@pytest.fixture(scope="module")
def first_3000(public_data: Path, tmp_path_factory: pytest.TempPathFactory) -> list[tuple[object, ...]]:
    lines = (public_data / "maven_crm" / "sales_pipeline.csv").read_text(encoding="utf-8").splitlines()
    store = Store.open(tmp_path_factory.mktemp("first") / "store.duckdb")
    load_text(store, "\n".join(lines[:3001]), "sales_pipeline.csv")
    found = facts(store)
    store.close()
    assert len(found) == 3000
    return found


@pytest.mark.parametrize(
    ("name", "encoding", "delimiter", "date_order", "decimal"),
    [
        ("us_report_footer", "utf-8", ",", "mdy", "."),
        ("us_utf16le_tab", "utf-16", "\t", "mdy", "."),
        ("de_semicolon_cp1252", "windows-1252", ";", "dmy", ","),
        ("fr_semicolon_utf8bom", "utf-8", ";", "dmy", ","),
    ],
)
def test_the_same_deals_in_other_shapes_give_the_same_facts(
    public_data: Path, store: Store, first_3000: list[tuple[object, ...]], name: str, encoding: str, delimiter: str,
    date_order: str, decimal: str,
) -> None:  # fmt: skip
    path = public_data / "messy_variants" / f"{name}.csv"
    if not path.exists():
        pytest.skip(f"{name} is not here")
    result = load_file(store, path)
    reconcile(result)
    text = result.prepared.text
    assert text.encoding.lower().replace("cp", "windows-").startswith(encoding)
    assert text.delimiter == delimiter
    dates, money = result.prepared.conventions["close_date"], result.prepared.conventions["amount"]
    assert (dates.date_order, money.decimal) == (date_order, decimal)
    assert result.prepared.mapping.unsure == ()
    assert result.rejected_rows == 0
    assert facts(store) == first_3000


@pytest.mark.parametrize(
    ("path", "table", "rows", "rejected", "amount"),
    [
        ("sfdc_export_format/Opportunity.csv", "opportunities", 50, 0, "43603545.98"),
        ("salesforce_history_demo/Opportunity.csv", "opportunities", 36, 0, "5760000.00"),
        ("olga_pipeline/opportunities.csv", "opportunities", 6000, 0, "289162500.00"),
        ("qichao_crm/crm_deals.csv", "opportunities", 1200, 0, "39909000.00"),
        ("qichao_crm/monthly_targets.csv", "targets", 288, 0, "42115000.00"),
        ("zoho_sample/Potentials.csv", "opportunities", 3632, 10, "231380900.00"),
        ("hubspot_dummy/hubspot_deals.csv", "opportunities", 500, 0, "62499790.17"),
        ("maven_variant_messy/sales_pipeline.csv", "opportunities", 14277, 0, "17936928.00"),
        ("helixcore_stage_history/reps.csv", "people", 18, 0, None),
    ],
)
def test_other_systems_load_and_reconcile(
    public_data: Path, store: Store, path: str, table: str, rows: int, rejected: int, amount: str | None
) -> None:
    empty = contents(store)
    result = load_file(store, public_data / path)
    reconcile(result)
    assert (result.prepared.table_name, result.prepared.text.rows_in_file) == (table, rows)
    assert (result.new, result.rejected_rows) == (rows - rejected, rejected)
    assert result.amount_in_file == (Decimal(amount) if amount else None)
    filled = contents(store)
    assert filled != empty
    undo(store, 1)
    left = contents(store)
    assert all(count == 0 for name, (count, _) in left.items() if name != "stage")


@pytest.mark.parametrize(
    "path",
    [
        "maven_crm/data_dictionary.csv",
        "maven_variant_messy/clicks.csv",
        "helixcore_stage_history/leads.csv",
        "dbt_salesforce_seeds/sf_user_role_data.csv",
        "dbt_hubspot_seeds/deal_pipeline_data.csv",
        "dbt_hubspot_seeds/merged_deal_data.csv",
    ],
)
def test_files_that_hold_something_else_are_refused_with_what_to_do(public_data: Path, path: str) -> None:
    file = public_data / path
    with pytest.raises(TasError) as refusal:
        prepare(file.read_bytes(), file.name)
    assert file.name in refusal.value.title
    assert len(refusal.value.hint) > 40


def test_accounts_that_deals_name_by_their_id_get_their_names_in_either_order(
    public_data: Path, tmp_path: Path
) -> None:
    folder = public_data / "salesforce_history_demo"
    with (folder / "Account.csv").open(encoding="utf-8-sig") as accounts:
        by_id = {row["Id"]: row["Name"] for row in csv.DictReader(accounts)}
    with (folder / "Opportunity.csv").open(encoding="utf-8-sig") as deals_of:
        wanted = sorted((long_id(row["Id"]), by_id[row["AccountId"]]) for row in csv.DictReader(deals_of))
    for number, names in enumerate((["Account.csv", "Opportunity.csv"], ["Opportunity.csv", "Account.csv"])):
        store = Store.open(tmp_path / f"{number}.duckdb")
        for name in names:
            load_file(store, folder / name)
        rows = store.rows(
            "select o.natural_key, a.natural_key from opportunity_version v "
            "join record o on o.table_name = 'opportunities' and o.record_key = v.record_key "
            "join record a on a.table_name = 'accounts' and a.record_key = v.account_key "
            "where v.valid_to is null order by all"
        )
        assert rows == wanted
        store.close()
