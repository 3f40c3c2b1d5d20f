from __future__ import annotations

import re
from pathlib import Path

import pytest

from bursar.cli.build import build
from bursar.errors import BursarError, ExitCode
from tests.support.small_project import mart_of, small_project
from tests.unit.cli.conftest import FINDING, INVOICES


def test_a_build_ends_with_invoices_and_findings(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    models = {
        "marts/invoices.sql": mart_of("invoices", INVOICES),
        "marts/rejected_events.sql": FINDING,
        "marts/unrated_usage.sql": f"select * from ({FINDING}) where false",
    }
    build(as_of="2026-02-03", project_dir=small_project(tmp_path, models).root)
    printed = capsys.readouterr()
    assert printed.out == ""
    assert re.sub(r"in [0-9.]+ s", "in 1.0 s", printed.err) == (
        "Built as of 2026-02-03T00:00:00Z in 1.0 s.\n"
        "Events     0 read = 0 accepted + 0 duplicate + 0 rejected\n"
        "Invoices   2 draft, 1,234.50 USD; 1 finalized, 1,200 JPY\n"
        "Findings   2 rejected_events\n"
        "Warehouse  warehouse/published.duckdb -> published-1.duckdb\n"
    )


def test_an_as_of_that_is_no_instant_is_bad_usage(tmp_path: Path) -> None:
    with pytest.raises(BursarError, match="'tomorrow' is no instant") as raised:
        build(as_of="tomorrow", project_dir=small_project(tmp_path).root)
    assert raised.value.exit_code is ExitCode.BAD_USAGE
