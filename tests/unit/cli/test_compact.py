from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import pytest

from bursar.cli.compact import compact
from bursar.cli.output import Format
from bursar.errors import BursarError, ExitCode
from bursar.landing.compactions import event_files
from bursar.landing.instants import instant_to_datetime, parse_instant
from bursar.landing.manifests import read_manifests
from bursar.warehouse.build import build
from tests.support.landing import land_lines, rows
from tests.support.scenarios import differences, run_scenario

SCENARIO = Path(__file__).parents[2] / "scenarios" / "graduated_tiers_price_each_part"


def test_a_bill_as_of_an_earlier_instant_is_the_same_after_a_compaction(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    project = run_scenario(SCENARIO, tmp_path / "project")
    as_of = instant_to_datetime(parse_instant((SCENARIO / "as_of.txt").read_text().strip()))
    sent = [json.loads(text) for text in (SCENARIO / "events.ndjson").read_text().splitlines()]
    again = [
        json.dumps({**event, "transaction_id": f"again-{n}"}).encode()
        for n, event in enumerate(sent)
    ]
    late = as_of + timedelta(days=1)
    land_lines(project.root, again, received_at=late, is_backfill=True)
    capsys.readouterr()

    compact(project_dir=project.root, output_format=Format.JSON)
    printed = capsys.readouterr()
    days = json.loads(printed.out)
    assert {day["files"] for day in days} == {2}
    assert sum(day["events"] for day in days) == 2 * len(sent)
    assert "compacted; no event changed." in printed.err
    assert {pair.column for file in event_files(project) for pair in file.promoted} == {"p_n"}

    assert differences(SCENARIO, project) == []  # what is published reads the old files
    removed = [file.path for m in read_manifests(project) for file in m.event_files]
    for path in removed:
        (project.root / path).unlink()
    build(project, as_of=as_of)
    assert differences(SCENARIO, project) == []
    assert len(rows(project, [file.path for file in event_files(project)])) == 2 * len(sent)


def test_a_day_is_a_date(tmp_path: Path) -> None:
    (tmp_path / "dbt_project.yml").write_text("name: empty\n")
    with pytest.raises(BursarError, match="--day tomorrow is not a day") as caught:
        compact(day="tomorrow", project_dir=tmp_path)
    assert caught.value.exit_code == ExitCode.BAD_USAGE


def test_nothing_landed_is_no_day(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "dbt_project.yml").write_text("name: empty\n")
    compact(project_dir=tmp_path)
    assert "0 days compacted" in capsys.readouterr().err
