"""A dbt project with a few models of fixed rows: enough for the warehouse and the command line.

It has the package's own stg_run and build_info, and marts whose columns and types are the real
ones. Its catalog is empty, and dbt loads neither that nor the compiled metrics.
"""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path

import yaml

from bursar.catalog.project import write_empty_seeds
from bursar.project import Project

ROOT = Path(__file__).parents[2]
PROJECT_FILE = """
name: bursar
version: 0.1.0
config-version: 2
profile: bursar
seed-paths: [no_seeds]
models:
  bursar:
    +materialized: table
    +schema: work
    marts: {+schema: billing}
    metrics: {+enabled: false}
flags: {send_anonymous_usage_stats: false}
"""
SCHEMA_NAME = """
{% macro generate_schema_name(custom_schema_name, node) %}
    {{- custom_schema_name or target.schema -}}
{% endmacro %}
"""
MACROS = ("landed_files", "written_run_state", "derived_run_state")


def small_project(root: Path, models: Mapping[str, str] | None = None) -> Project:
    """Makes a project of the run state and the given models.

    Args:
        root: An empty folder, made if absent.
        models: SQL by path below models/, such as `marts/invoices.sql`; YAML beside it likewise.
    """
    for folder in (
        "macros",
        "models/staging",
        "models/marts",
        "models/metrics",
        "metrics",
        "seeds",
    ):
        (root / folder).mkdir(parents=True, exist_ok=True)
    (root / "dbt_project.yml").write_text(PROJECT_FILE)
    (root / "macros" / "generate_schema_name.sql").write_text(SCHEMA_NAME)
    shutil.copy(ROOT / "profiles.yml", root)
    for macro in MACROS:
        shutil.copy(ROOT / "macros" / f"{macro}.sql", root / "macros")
    for model in ("staging/stg_run", "marts/build_info"):
        shutil.copy(ROOT / "models" / f"{model}.sql", root / "models" / f"{model}.sql")
    project = Project(root.resolve())
    write_empty_seeds(project.seeds)
    for path, text in (models or {}).items():
        write_model(project, path, text)
    return project


def write_model(project: Project, path: str, text: str) -> None:
    """Writes a file below models/."""
    (project.root / "models" / path).write_text(text)


def mart_of(mart: str, rows: Sequence[Mapping[str, str]]) -> str:
    """A model with the columns of a real mart and given rows; what a row leaves out is null.

    Args:
        mart: Whose columns and types to take.
        rows: Values as text, by column.
    """
    described = yaml.safe_load((ROOT / "models" / "marts" / f"{mart}.yml").read_text())
    columns = described["models"][0]["columns"]
    unknown = {name for row in rows for name in row} - {column["name"] for column in columns}
    assert not unknown, f"{mart} has no column {unknown}"
    return "\nunion all\n".join(
        "select " + ", ".join(_column(row, column) for column in columns) for row in rows
    )


def _column(row: Mapping[str, str], column: Mapping[str, str]) -> str:
    value = row.get(column["name"])
    literal = "null" if value is None else "'" + value.replace("'", "''") + "'"
    return f'cast({literal} as {column["data_type"]}) as "{column["name"]}"'
