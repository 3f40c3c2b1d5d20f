"""`bursar metric preview`, `diff` and `explain`: aliases, two versions side by side, bounds."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from bursar.errors import BursarError
from bursar.metrics.preview import Landed, preview_window
from bursar.project import Project
from bursar.warehouse import preview
from bursar.warehouse.preview import run_preview
from tests.unit.metrics.test_metric_command import bursar

# Customer, day, properties. Ann is sent under two names.
EVENTS = [
    ("ann", 1, {"n": "10", "model": "a"}),
    ("ann-desk", 2, {"n": "5", "model": "b"}),
    ("bob", 3, {"n": "7", "model": "a"}),
    ("bob", 40, {"n": "1", "model": "a"}),
]
OLD = """\
select sum(properties.n::decimal(38, 12)) as value, properties.model as model
from events where event_type = 'use' group by all
"""
NEW = OLD.replace("properties.n::decimal(38, 12)", "2 * properties.n::decimal(38, 12)").replace(
    "event_type = 'use'", "event_type = 'use' and properties.model = 'a'"
)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    root = tmp_path / "repository" / "billing"
    for folder in ("metrics", "seeds"):
        (root / folder).mkdir(parents=True)
    (root / "dbt_project.yml").write_text("name: mine\n")
    (root / "metrics" / "tokens.sql").write_text(OLD)
    (root / "seeds" / "customer_aliases.csv").write_text(
        'ingest_alias,customer_id\nann-desk,ann\n"odd, one",bob\n'
    )
    lines = [
        json.dumps(
            {
                "transaction_id": str(number),
                "customer_id": customer,
                "event_type": "use",
                "timestamp": f"2026-{1 + day // 32:02d}-{1 + day % 32:02d}T00:00:00Z",
                "properties": properties,
            }
        )
        for number, (customer, day, properties) in enumerate(EVENTS)
    ]
    (root / "events.ndjson").write_text("\n".join(lines) + "\n")
    done = bursar(root, "events", "land", "events.ndjson", "--backfill")
    assert done.returncode == 0, done.stderr
    git(root.parent, "init", "--quiet")
    git(root.parent, "add", "billing/metrics")
    git(root.parent, "-c", "user.name=a", "-c", "user.email=a@b.c", "commit", "-qm", "first")
    return root


def git(folder: Path, *arguments: str) -> None:
    subprocess.run(["git", "-C", str(folder), *arguments], check=True, capture_output=True)


def preview_of(project: Path, *arguments: str) -> list[str]:
    done = bursar(project, "metric", "preview", "tokens", "--format", "csv", *arguments)
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()[1:]


def test_a_preview_adds_up_what_one_customer_was_sent_as(project: Path) -> None:
    assert preview_of(project) == ["ann,a,10", "ann,b,5", "bob,a,8"]


def test_a_preview_finds_a_customer_by_any_of_its_names(project: Path) -> None:
    assert preview_of(project, "--customer", "ann") == ["ann,a,10", "ann,b,5"]
    assert preview_of(project, "--customer", "ann-desk") == ["ann,a,10", "ann,b,5"]
    assert preview_of(project, "--customer", "odd, one") == ["bob,a,8"]


def test_a_preview_reads_the_days_of_its_window_alone(project: Path) -> None:
    window = preview_window("2026-01-03", "2026-01-04")
    read: list[str] = []

    def query_for(landed: Landed) -> str:
        read.extend(path for group in landed.files for path in group.paths)
        return "select '1'"

    run_preview(Project(project), query_for, window=window)
    assert len(read) == 1
    assert "2026-01-03" in read[0]
    assert preview_of(project, "--from", "2026-02-01") == ["bob,a,1"]


def test_two_versions_stand_side_by_side_with_their_difference(project: Path) -> None:
    (project / "metrics" / "tokens.sql").write_text(NEW)
    done = bursar(project, "metric", "diff", "tokens", "--format", "csv")
    assert done.stdout.splitlines() == [
        "customer_id,model,old,new,difference",
        "ann,a,10,20,10",
        "ann,b,5,,-5",
        "bob,a,8,16,8",
    ]
    assert "old: version " in done.stderr
    assert "HEAD:metrics/tokens.sql" in done.stderr
    assert done.stderr.endswith(
        "3 of 3 rows differ, of 2 customers. Old 23, new 36, difference 13 in all.\n"
    )


def test_rows_that_are_alike_are_left_out_unless_asked_for(project: Path) -> None:
    (project / "metrics" / "tokens.sql").write_text(
        OLD.replace("'use'", "'use' and customer_id <> 'bob'")
    )
    done = bursar(project, "metric", "diff", "tokens", "--format", "csv")
    assert done.stdout.splitlines()[1:] == ["bob,a,8,,-8"]
    done = bursar(project, "metric", "diff", "tokens", "--format", "csv", "--all")
    assert done.stdout.splitlines()[1:] == ["ann,a,10,10,0", "ann,b,5,5,0", "bob,a,8,,-8"]


def test_a_key_that_one_version_lacks_is_summed_over(project: Path) -> None:
    (project / "metrics" / "tokens.sql").write_text(
        "select sum(properties.n::decimal(38, 12)) + 1 as value from events\n"
    )
    done = bursar(project, "metric", "diff", "tokens", "--format", "csv")
    assert done.stdout.splitlines() == [
        "customer_id,old,new,difference",
        "ann,15,16,1",
        "bob,8,9,1",
    ]
    assert done.stderr.endswith("Summed over model, which only one version groups by.\n")


def test_an_older_version_can_be_a_file_and_of_the_other_form(project: Path) -> None:
    old = project.parent / "old.yml"
    old.write_text("aggregation: max\nproperty: n\nevent_types: [use]\ngroup_keys: [model]\n")
    done = bursar(project, "metric", "diff", "tokens", "--against", str(old), "--format", "csv")
    assert done.stdout.splitlines()[1:] == ["bob,a,7,8,1"]


def test_a_change_of_layout_is_no_new_version(project: Path) -> None:
    (project / "metrics" / "tokens.sql").write_text(
        "-- the same\n" + OLD.replace("select", "SELECT ")
    )
    done = bursar(project, "metric", "diff", "tokens", "--format", "json")
    assert (done.returncode, done.stdout) == (0, "[]\n")
    assert done.stderr.endswith("Both versions mean the same.\n")


@pytest.mark.parametrize(
    ("against", "code", "said"),
    [
        ("no-such-branch", 2, "neither a file nor a revision that git knows"),
        ("--output=stolen", 2, ""),
        ("HEAD~1", 2, "neither a file nor a revision"),
    ],
)
def test_a_version_that_is_none_is_told(project: Path, against: str, code: int, said: str) -> None:
    done = bursar(project, "metric", "diff", "tokens", "--against", against)
    assert (done.returncode, said in done.stderr) == (code, True)
    assert not (project / "stolen").exists()


def test_a_metric_that_the_old_revision_lacks_is_told(project: Path) -> None:
    (project / "metrics" / "fresh.sql").write_text(OLD)
    done = bursar(project, "metric", "diff", "fresh")
    assert done.returncode == 2
    assert "At HEAD there is none of metrics/fresh.sql, metrics/fresh.yml" in done.stderr


def test_an_old_version_that_no_longer_compiles_is_told_at_its_place(project: Path) -> None:
    old = project.parent / "old.sql"
    old.write_text("select now() as value from events\n")
    done = bursar(project, "metric", "diff", "tokens", "--against", str(old))
    assert done.returncode == 1
    assert f"{old}:1:8: error: M301" in done.stderr


def test_explain_tells_whether_it_is_proved_and_what_is_warned_of(project: Path) -> None:
    (project / "metrics" / "tokens.sql").write_text(OLD.replace("'use'", "'used'"))
    before = bursar(project, "metric", "explain", "tokens")
    assert "proof            not yet" in before.stdout
    assert "No event of type used has landed. Nearest: use." in before.stderr
    bursar(project, "metric", "check", "tokens")
    after = bursar(project, "metric", "explain", "tokens")
    assert "proof            over all scopes it gives what its query gives" in after.stdout


@pytest.mark.parametrize(
    "query",
    ["select repeat('x', 3000000000)", "select list(range) from range(2000000000)"],
)
def test_a_preview_says_when_its_memory_was_not_enough(project: Path, query: str) -> None:
    with pytest.raises(BursarError, match="needs more memory than it may use"):
        run_preview(Project(project), lambda landed: query)


def test_a_preview_says_when_its_time_was_not_enough(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(preview, "TIMEOUT_SECONDS", 2)
    with pytest.raises(BursarError, match="more than 2 seconds and was stopped") as stopped:
        run_preview(
            Project(project),
            lambda landed: "select count(*) from range(1000000) as a, range(1000000) as b",
        )
    assert "--customer" in stopped.value.remedy
