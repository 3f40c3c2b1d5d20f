"""Money is decimal: walks the SQL that dbt compiled and the types of every column that it made."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest
import sqlglot
from sqlglot import exp

from bursar.project import Project
from tests.support.scenarios import run_scenario

SCENARIO = Path(__file__).parent / "scenarios" / "rounding_up_acts_on_the_cumulative_quantity"
FLOATS = {exp.DataType.Type.FLOAT, exp.DataType.Type.DOUBLE}
INEXACT = (exp.Div, exp.Avg, exp.Stddev, exp.Quantile, exp.ApproxDistinct, exp.Sqrt, exp.Pow)


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    return run_scenario(SCENARIO, tmp_path_factory.mktemp("no_float") / "project")


def statements(project: Project) -> Iterator[tuple[str, exp.Expr]]:
    for path in sorted((project.root / "target" / "compiled").rglob("models/**/*.sql")):
        if path.is_file():
            yield path.name, sqlglot.parse_one(path.read_text(), dialect="duckdb")


def test_compiled_models_do_no_inexact_arithmetic(project: Project) -> None:
    found = [
        f"{name}: {node.sql(dialect='duckdb')[:120]}"
        for name, tree in statements(project)
        for node in tree.find_all(*INEXACT, exp.Cast, exp.TryCast)
        if isinstance(node, INEXACT) or _is_inexact(node.args["to"])
    ]
    assert found == []
    assert len(list(statements(project))) > 40


def _is_inexact(kind: exp.DataType) -> bool:
    is_bare_decimal = kind.this is exp.DataType.Type.DECIMAL and len(kind.expressions) != 2
    return kind.this in FLOATS or is_bare_decimal


def test_no_column_is_a_float_or_loses_digits_in_parquet(project: Project) -> None:
    with duckdb.connect(str(project.published_database), read_only=True) as connection:
        columns = connection.execute("""
            select table_schema || '.' || table_name || '.' || column_name, data_type
            from information_schema.columns
            where data_type in ('DOUBLE', 'FLOAT', 'HUGEINT')
        """).fetchall()
    assert columns == []
