"""Relations that come from Parquet files or a dbt source instead of the seeds."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from pyarrow import parquet
from typer.testing import CliRunner

from bursar.catalog.project import check_project, files_of_catalog, read_project, write_empty_seeds
from bursar.catalog.relations import BY_NAME, RELATIONS
from bursar.catalog.source import SourceType, read_source
from bursar.cli.main import app
from bursar.project import Project
from tests.support.catalogs import METRICS, catalog_files

PARQUET = "{catalog_source: {type: parquet, folder: catalog, relations: [rates, contracts]}}"
TIMES = pa.timestamp("us")
RATES: dict[str, list[Any]] = {
    "rate_id": ["r1", "r2"],
    "rate_card_id": ["us", "us"],
    "product_id": ["tokens", "storage"],
    "pricing_group_values": ["model=large", ""],
    "starting_at": [datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 1, 1, 7, tzinfo=UTC)],
    "is_entitled": [True, None],
    "rate_type": ["flat", "tiered"],
    "price": [Decimal("0.000000000001"), None],
}
CONTRACTS: dict[str, list[Any]] = {
    "contract_id": ["k1"],
    "customer_id": ["acme"],
    "rate_card_id": ["us"],
    "starting_at": ["2026-01-01"],
    "net_payment_terms_days": [30],
}


def declare(root: Path, variables: str) -> None:
    text = f"name: books\nvars: {variables}\n"
    (root / "dbt_project.yml").write_text(text, encoding="utf-8")


def store(root: Path, name: str, relation: str, columns: dict[str, list[Any]]) -> None:
    """A Parquet file with all columns of the relation; those not given are null."""
    path = root / "catalog" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    count = len(next(iter(columns.values())))
    whole = {
        c.name: columns.get(c.name, pa.nulls(count, pa.string())) for c in BY_NAME[relation].columns
    }
    parquet.write_table(pa.table(whole), path)


@pytest.fixture
def project(tmp_path: Path) -> Project:
    write_empty_seeds(tmp_path / "seeds")
    for name, text in catalog_files(rates=[], contracts=[]).items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    declare(tmp_path, PARQUET)
    store(tmp_path, "rates.parquet", "rates", RATES)
    store(tmp_path, "contracts.parquet", "contracts", CONTRACTS)
    return Project(tmp_path)


def test_rows_in_parquet_are_held_to_the_same_rules(project: Project) -> None:
    report = read_project(project, METRICS)
    assert report.diagnostics == ()
    assert (report.row_counts["rates"], report.row_counts["contracts"]) == (2, 1)


def test_commits_in_parquet_are_held_to_the_same_rules(project: Project) -> None:
    declare(project.root, "{catalog_source: {type: parquet, folder: catalog}}")
    for relation in RELATIONS:
        store(project.root, f"{relation.name}.parquet", relation.name, _rows(relation.name))
    found = [p for p in check_project(project, METRICS) if p.path.startswith("catalog/")]
    assert [problem.render().splitlines()[0] for problem in found] == [
        "catalog/commit_invoices.parquet:2:4: error: true-up-too-early",
        "catalog/commit_invoices.parquet:2:15: error: true-up-of-another-amount",
    ]


def _rows(relation: str) -> dict[str, list[Any]]:
    """A postpaid commit of 100 until July, trued up in June with 99.5."""
    held: dict[str, dict[str, list[Any]]] = {
        "customers": {"customer_id": ["acme"]},
        "rate_cards": {"rate_card_id": ["us"], "currency": ["USD"]},
        "products": {"product_id": ["fee"], "product_type": ["fixed"]},
        "contracts": CONTRACTS,
        "commits": {
            "commit_id": ["c1"],
            "commit_type": ["postpaid"],
            "contract_id": ["k1"],
            "product_id": ["fee"],
        },
        "commit_segments": {
            "commit_id": ["c1"],
            "starting_at": [datetime(2026, 1, 1, tzinfo=UTC)],
            "ending_before": [datetime(2026, 7, 1, tzinfo=UTC)],
            "amount": [Decimal("100.000000000000")],
        },
        "commit_invoices": {
            "commit_id": ["c1"],
            "invoice_at": ["2026-06-30"],
            "amount": [Decimal("99.5")],
            "do_not_invoice": [False],
        },
    }
    return held.get(relation, {BY_NAME[relation].key[0]: []})


def test_a_broken_row_is_shown_as_the_line_of_a_csv(project: Project) -> None:
    store(project.root, "contracts.parquet", "contracts", {**CONTRACTS, "rate_card_id": ["eu"]})
    (found,) = check_project(project, METRICS)
    assert found.render() == (
        "catalog/contracts.parquet:2:10: error: unknown-reference\n"
        "  2 | k1,acme,,eu,2026-01-01,,,,,,,,,,,30\n"
        "    |          ^^\n"
        "  seeds/rate_cards.csv has no rate_card_id eu."
    )


def test_a_folder_of_files_is_one_relation(project: Project) -> None:
    (project.root / "catalog" / "contracts.parquet").unlink()
    for number in (1, 2):
        row = {**CONTRACTS, "contract_id": [f"k{number}"]}
        store(project.root, f"contracts/part-{number}.parquet", "contracts", row)
    assert read_project(project, METRICS).row_counts["contracts"] == 2
    store(project.root, "contracts/part-3.parquet", "contracts", CONTRACTS)
    (found,) = check_project(project, METRICS)
    assert found.name == "duplicate-key"


@pytest.mark.parametrize(
    ("columns", "name", "words"),
    [
        ({"price": [0.002, None]}, "wrong-column-type", "price is floating point"),
        ({"pricing_group_values": [["a"], None]}, "wrong-column-type", "Store it as text"),
        ({"starting_at": [datetime(2026, 1, 1, 7, 30, tzinfo=UTC)] * 2}, "off-hour-time", "07:30"),
        (
            {"starting_at": [datetime(2026, 1, 1, 0, 0, 0, 5, tzinfo=UTC)] * 2},
            "bad-time",
            "00.000005Z",
        ),
        ({"rate_id": ["r1", "r1"]}, "duplicate-key", "A key stands once"),
    ],
)
def test_what_parquet_cannot_say_exactly_is_refused(
    project: Project, columns: dict[str, list[Any]], name: str, words: str
) -> None:
    store(project.root, "rates.parquet", "rates", RATES | columns)
    found = [p for p in check_project(project, METRICS) if p.path == "catalog/rates.parquet"]
    assert [words in problem.render() for problem in found if problem.name == name][:1] == [True]


def test_a_missing_or_broken_file_is_named(project: Project) -> None:
    (project.root / "catalog" / "contracts.parquet").unlink()
    (project.root / "catalog" / "rates.parquet").write_bytes(b"no parquet")
    found = check_project(project, METRICS)
    assert [(problem.path, problem.name) for problem in found] == [
        ("catalog/contracts.parquet", "missing-file"),
        ("catalog/rates.parquet", "bad-parquet"),
    ]


def test_rows_that_a_seed_has_beside_another_source_are_warned_of(project: Project) -> None:
    path = project.seeds / "contracts.csv"
    path.write_text(path.read_text(encoding="utf-8") + "k9,acme,,us,2026-01-01,,,,,,,,,,,\n")
    (found,) = check_project(project, METRICS)
    assert (found.path, found.name, found.severity) == (
        "seeds/contracts.csv",
        "seed-not-read",
        "warning",
    )


def test_parquet_files_are_part_of_what_the_catalog_is(project: Project) -> None:
    names = {project.relative(path) for path in files_of_catalog(project)}
    assert names >= {"catalog/rates.parquet", "catalog/contracts.parquet", "seeds/customers.csv"}


@pytest.mark.parametrize(
    ("variables", "source_type", "relations"),
    [
        ("{}", SourceType.SEEDS, set()),
        ("{catalog_source: {type: seeds}}", SourceType.SEEDS, set()),
        (PARQUET, SourceType.PARQUET, {"rates", "contracts"}),
        (
            "{bursar: {catalog_source: {type: source, source: crm, relations: [rates]}}}",
            SourceType.SOURCE,
            {"rates"},
        ),
        (
            "{catalog_source: {type: source, source: crm}}",
            SourceType.SOURCE,
            {relation.name for relation in RELATIONS},
        ),
    ],
)  # fmt: skip - a project file a line
def test_the_source_is_read_from_the_project_file(
    project: Project, variables: str, source_type: SourceType, relations: set[str]
) -> None:
    declare(project.root, variables)
    source = read_source(project)
    assert (source.type, set(source.relations), source.problems) == (source_type, relations, ())


@pytest.mark.parametrize(
    ("variables", "words"),
    [
        ("{catalog_source: {type: parket}}", "Nearest: parquet."),
        ("{catalog_source: crm}", "type is None"),
        ("{catalog_source: {type: parquet}}", "it names its folder"),
        ("{catalog_source: {type: source}}", "it names its source"),
        ("{catalog_source: {type: seeds, relations: [contract]}}", "Nearest: contracts."),
        ("{catalog_source: {type: seeds, relations: contracts}}", "is a list"),
    ],
)
def test_a_source_that_says_nothing_sensible_is_an_error(
    project: Project, variables: str, words: str
) -> None:
    declare(project.root, variables)
    (found,) = [p for p in check_project(project, METRICS) if p.name == "bad-catalog-source"]
    assert words in found.render()


def test_the_check_says_what_it_does_not_see(project: Project) -> None:
    source = "{catalog_source: {type: source, source: crm, relations: [rates, contracts]}}"
    declare(project.root, source)
    for name in ("tokens", "weighted_tokens"):
        (project.root / "metrics").mkdir(exist_ok=True)
        (project.root / "metrics" / f"{name}.yml").write_text(
            "aggregation: count\nevent_types: [use]\ngroup_keys: [model, region, user]\n"
        )
    said = CliRunner().invoke(app, ["catalog", "check", "--project-dir", str(project.root)])
    assert said.exit_code == 0
    assert "Not checked here: contracts, rates, from the dbt source crm;" in said.stderr
