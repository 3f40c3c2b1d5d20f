"""Beyond the stated limits a build fails and names the line: it never wraps or rounds."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from bursar.errors import ProblemsFound
from tests.support.scenarios import run_scenario

AT_THE_LIMIT = Path(__file__).parent / "figures_at_the_stated_limits_are_exact"


def test_a_quantity_beyond_the_limit_fails_the_build_and_is_named(
    tmp_path: Path, workbench: Path
) -> None:
    folder = tmp_path / "beyond"
    shutil.copytree(AT_THE_LIMIT, folder)
    event = json.loads((folder / "events.ndjson").read_text().splitlines()[0])
    event["properties"]["n"] = "1000000000000000000.000000000001"
    (folder / "events.ndjson").write_text(json.dumps(event) + "\n")
    with pytest.raises(ProblemsFound) as failure:
        run_scenario(folder, workbench)
    told = "\n".join(problem.render() for problem in failure.value.diagnostics)
    assert "lines_are_within_the_exact_limits" in told
    assert "k:usage:2026-01-01:" in told
    assert "1000000000000000000.000000000001" in told
