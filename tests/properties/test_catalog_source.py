"""The same catalog gives the same bills from seeds, from Parquet files and from a dbt source."""

from __future__ import annotations

from datetime import UTC
from pathlib import Path
from typing import Any

import duckdb
import pytest

from bursar.catalog.relations import BY_NAME
from bursar.catalog.schema import Kind
from bursar.project import Project
from bursar.scaffold.new_project import new_project
from bursar.warehouse.build import build
from tests.support.random_subscriptions import AS_OF, random_subscriptions
from tests.support.written_books import write_catalog

pytestmark = pytest.mark.xdist_group("catalog_source")
CATALOG = random_subscriptions(11, contract_count=30)
TYPES = {
    Kind.TIME: "timestamp",
    Kind.DECIMAL: "decimal(38, 12)",
    Kind.BOOLEAN: "boolean",
    Kind.INTEGER: "bigint",
}
PARQUET = "catalog_source: {type: parquet, folder: crm}"
SOURCE = "catalog_source: {type: source, source: crm}"
SOURCES = """
sources:
  - name: crm
    meta: {external_location: "read_parquet('crm/{name}.parquet')"}
    tables:
"""
BILL = """
    select invoices.*, lines.* exclude (invoice_id, contract_id, customer_id)
    from billing.invoices
    left join billing.invoice_line_items as lines using (invoice_id)
    order by all
"""


def store(project: Project) -> None:
    """Every relation as a Parquet file with real types, blanks as empty texts where it is text."""
    folder = project.root / "crm"
    folder.mkdir()
    connection = duckdb.connect()
    for name, relation in BY_NAME.items():
        columns = ", ".join(
            f"{'nullif' if c.kind in TYPES else 'coalesce'}({c.name}, '')"
            f"::{TYPES.get(c.kind, 'varchar')} as {c.name}"
            for c in relation.columns
        )
        source = project.seeds / f"{name}.csv"
        connection.execute(
            f"copy (select {columns} from read_csv('{source}', all_varchar = true, header = true))"
            f" to '{folder}/{name}.parquet'"
        )


def bills(project: Project) -> tuple[list[tuple[Any, ...]], list[tuple[Any, ...]]]:
    build(project, as_of=AS_OF.replace(tzinfo=UTC))
    with duckdb.connect(str(project.published_database), read_only=True) as connection:
        unrated = connection.execute("select * from billing.unrated_usage order by all").fetchall()
        return connection.execute(BILL).fetchall(), unrated


def declare(project: Project, variable: str) -> None:
    path = project.root / "dbt_project.yml"
    path.write_text(f"{path.read_text()}\nvars:\n  {variable}\n")


def emptied(project: Project) -> None:
    for name, relation in BY_NAME.items():
        (project.seeds / f"{name}.csv").write_text(",".join(relation.column_names) + "\n")


@pytest.fixture(scope="module")
def from_seeds(tmp_path_factory: pytest.TempPathFactory) -> Any:
    project = new_project(tmp_path_factory.mktemp("seeds") / "project")
    write_catalog(project, CATALOG)
    found = bills(project)
    assert len(found[0]) > 100
    assert found[1]
    return found


@pytest.mark.parametrize("variable", [PARQUET, SOURCE])
def test_the_bills_are_the_same_wherever_the_catalog_is(
    variable: str, from_seeds: Any, tmp_path: Path
) -> None:
    project = new_project(tmp_path / "project")
    write_catalog(project, CATALOG)
    store(project)
    emptied(project)
    declare(project, variable)
    if variable == SOURCE:
        tables = "".join(f"      - name: {name}\n" for name in BY_NAME)
        (project.root / "models" / "crm.yml").write_text(SOURCES + tables)
    assert bills(project) == from_seeds
