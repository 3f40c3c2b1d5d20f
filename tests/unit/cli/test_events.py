from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bursar.cli.events import EventFormat, land, show, show_status
from bursar.cli.output import Format
from bursar.errors import BursarError, ExitCode
from bursar.landing import InputFormat
from bursar.landing.instants import datetime_to_instant
from bursar.landing.manifests import read_manifests
from bursar.listener.spool import SegmentWriter, make_spool_folder
from bursar.project import Project
from tests.support.landing import line, rows
from tests.support.scenarios import run_scenario

SCENARIO = Path(__file__).parents[2] / "scenarios" / "graduated_tiers_price_each_part"
RECEIVED_AT = "2026-02-03T00:00:00Z"


@pytest.fixture
def empty_project(tmp_path: Path) -> Project:
    (tmp_path / "dbt_project.yml").write_text("name: empty\n")
    return Project(tmp_path)


@pytest.fixture(scope="module")
def built_project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    return run_scenario(SCENARIO, tmp_path_factory.mktemp("events") / "project")


def land_text(project: Project, lines: list[bytes], received_at: str = RECEIVED_AT) -> None:
    path = project.root / "e.ndjson"
    path.write_bytes(b"\n".join(lines))
    land([str(path)], received_at=received_at, project_dir=project.root)


def test_the_input_formats_are_those_of_the_landing() -> None:
    assert [form.value for form in EventFormat] == [form.value for form in InputFormat]


def test_landing_reports_the_equation_and_the_reasons(
    empty_project: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    lines = [line("a"), line("a"), line("a", customer_id="x"), b"bad", line("b", customer_id="")]
    land_text(empty_project, lines)
    printed = capsys.readouterr()
    table = [text.split() for text in printed.out.splitlines() if text.strip()]
    assert table[0][0] == "Batch"
    assert table[3:] == [
        ["accepted", "1"],
        ["duplicate", "same", "content", "1"],
        ["duplicate", "conflicting", "1"],
        ["rejected", "malformed", "1"],
        ["rejected", "missing_field", "1"],
    ]
    assert "read 5 = accepted 1 + duplicate 2 + rejected 2\n" in printed.err
    assert "landing/rejected/20260203T000000Z-" in printed.err
    assert "landing/duplicates/20260203T000000Z-" in printed.err


@pytest.mark.parametrize("text", ["yesterday", "2026-02-03", "2026-02-03T00:00:00"])
def test_received_at_must_be_an_instant(empty_project: Project, text: str) -> None:
    with pytest.raises(BursarError, match=f"--received-at {text} is not an instant") as caught:
        land_text(empty_project, [line()], received_at=text)
    assert caught.value.exit_code == ExitCode.BAD_USAGE
    assert not empty_project.landing.exists()


def test_properties_that_metrics_read_become_columns(built_project: Project) -> None:
    [path] = {file.path for file in read_manifests(built_project)[0].event_files[:1]}
    assert "p_n" in rows(built_project, [path])[0]


def test_a_broken_metric_never_stops_a_landing(empty_project: Project) -> None:
    empty_project.metrics.mkdir()
    (empty_project.metrics / "broken.sql").write_text("select nonsense frum")
    land_text(empty_project, [line()])
    assert read_manifests(empty_project)[0].counts.accepted == 1


def test_show_tells_every_line_with_the_id(
    empty_project: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    other = line("x", customer_id="z")
    land_text(empty_project, [line("x"), other, line("x", timestamp="never"), line("y")])
    capsys.readouterr()
    show("x", project_dir=empty_project.root, output_format=Format.JSON)
    printed = capsys.readouterr()
    found = json.loads(printed.out)
    assert [row["outcome"] for row in found] == ["accepted", "duplicate", "rejected"]
    assert found[0]["place"].startswith("landing/events/event_date=2026-02-01/")
    assert found[1]["place"] == "e.ndjson:2"
    assert found[1]["detail"].startswith("differs from the first, of batch 20260203T000000Z-")
    assert found[2]["place"] == "e.ndjson:3"
    assert found[2]["detail"].startswith("bad_timestamp: timestamp: ")
    assert "Nothing is published yet" in printed.err


def test_show_finds_an_id_however_a_reject_writes_it(
    empty_project: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    land_text(empty_project, [line('é"x', timestamp="never")])
    capsys.readouterr()
    show('é"x', project_dir=empty_project.root, output_format=Format.JSON)
    assert json.loads(capsys.readouterr().out)[0]["outcome"] == "rejected"


def test_show_says_when_nothing_has_the_id(empty_project: Project) -> None:
    with pytest.raises(BursarError, match="No landed line has the transaction id x"):
        show("x", project_dir=empty_project.root)


def test_show_follows_an_event_to_the_lines_of_its_bill(
    built_project: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    [path] = {file.path for file in read_manifests(built_project)[0].event_files[:1]}
    event = rows(built_project, [path])[0]
    show(event["transaction_id"], project_dir=built_project.root, output_format=Format.JSON)
    found = json.loads(capsys.readouterr().out)
    assert found
    assert {row["metric_name"] for row in found} == {
        file.stem for file in built_project.metrics.glob("*.yml")
    }
    assert all(row["invoice_id"] and row["line_item_id"] and row["amount"] for row in found)


def test_show_says_when_the_published_bills_are_older_than_the_event(
    built_project: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    later = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    land_text(built_project, [line("late", timestamp=later)], received_at=later)
    show("late", project_dir=built_project.root, output_format=Format.TABLE)
    printed = capsys.readouterr()
    assert "before the event was received" in printed.err
    assert "late" not in printed.err


def test_status_counts_by_outcome_and_day(
    empty_project: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    land_text(empty_project, [line("a"), line("b", timestamp="2026-01-31T23:59:59Z"), b"bad"])
    land_text(empty_project, [line("a"), line("c")], received_at="2026-02-03T01:00:00Z")
    capsys.readouterr()
    show_status(project_dir=empty_project.root, output_format=Format.CSV)
    printed = capsys.readouterr()
    assert printed.out.splitlines() == [
        "outcome,event_date,reason,lines",
        "accepted,2026-01-31,,1",
        "accepted,2026-02-01,,2",
        "duplicate,,,1",
        "rejected,,malformed,1",
    ]
    assert "2 batches: read 5 = accepted 3 + duplicate 1 + rejected 1" in printed.err
    assert "received at 2026-02-03T01:00:00Z" in printed.err


def test_status_of_nothing_is_nothing(
    empty_project: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    show_status(project_dir=empty_project.root, output_format=Format.CSV)
    assert "0 batches: read 0 = accepted 0 + duplicate 0 + rejected 0" in capsys.readouterr().err


def test_status_shows_what_waits_in_the_spool(
    empty_project: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    land_text(empty_project, [line("a")])
    now = datetime_to_instant(datetime.now(UTC) - timedelta(minutes=5))
    writer = SegmentWriter(make_spool_folder(empty_project), now)
    writer.append(line("b") + b"\n" + line("c") + b"\n", 2)
    writer.seal()
    capsys.readouterr()
    show_status(project_dir=empty_project.root, output_format=Format.CSV)
    printed = capsys.readouterr()
    assert printed.out.splitlines() == [
        "outcome,event_date,reason,lines",
        "accepted,2026-02-01,,1",
        "duplicate,,,0",
        "waiting,,,2",
    ]
    words = "In landing/_spool 2 events wait to be landed, the oldest for 5 minutes"
    assert words in printed.err
