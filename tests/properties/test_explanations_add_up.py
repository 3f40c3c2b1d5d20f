"""Whatever line is asked for, its explanation adds up to it, to the last digit."""

from __future__ import annotations

from datetime import UTC
from pathlib import Path

import duckdb
import pytest

from bursar.project import Project
from bursar.scaffold.new_project import new_project
from bursar.warehouse.build import build
from bursar.warehouse.explaining.explanation import explain
from tests.support import random_books, random_subscriptions
from tests.support.written_books import built_book, write_catalog

LINES_OF_A_TYPE = 12
LINES = """
    select line_type, line_item_id
    from billing.invoice_line_items
    qualify row_number() over (partition by line_type order by md5(line_item_id)) <= ?
"""


def usage(folder: Path) -> Project:
    return built_book(random_books.random_book(5, contract_count=20, event_count=600), folder)


def subscriptions(folder: Path) -> Project:
    project = new_project(folder / "project")
    write_catalog(project, random_subscriptions.random_subscriptions(2, contract_count=30))
    build(project, as_of=random_subscriptions.AS_OF.replace(tzinfo=UTC))
    return project


@pytest.mark.parametrize(
    ("made", "line_types"),
    [
        (usage, {"usage", "flat_fee", "composite", "minimum", "pricing_unit_conversion"}),
        (subscriptions, {"subscription", "scheduled", "rounding", "pricing_unit_conversion"}),
    ],
)
def test_every_kind_of_line_is_explained(
    made: object, line_types: set[str], tmp_path: Path
) -> None:
    project: Project = made(tmp_path)  # type: ignore[operator]  # - one of the two above
    with duckdb.connect(str(project.published_database), read_only=True) as connection:
        lines = connection.execute(LINES, [LINES_OF_A_TYPE]).fetchall()
    assert {line_type for line_type, _ in lines} >= line_types
    for line_type, line_item_id in lines:
        explanation = explain(project, line_item_id, events_max=3)
        assert explanation.adds_up, (line_item_id, explanation.sums)
        assert explanation.parts, (line_type, line_item_id)
