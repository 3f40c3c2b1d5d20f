"""What is final is not made final again, and what refuses a finalization or a void says why."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bursar.cli.finalize import finalize as finalize_command
from bursar.cli.output import Format
from bursar.errors import BursarError, ExitCode
from bursar.ledger.batches import manifest_paths, read_batches
from bursar.ledger.finalizing import finalize
from bursar.ledger.verifying import verify
from bursar.ledger.voiding import void
from bursar.project import Project
from tests.ledger.figures import (
    FEBRUARY_3,
    FEBRUARY_4,
    FEBRUARY_5,
    METRIC,
    land_usage,
    write_relation,
)

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900), pytest.mark.xdist_group("ledger")]
DUE = ("k2:scheduled:2026-02-04", "k2:usage:2026-01-01", "k:usage:2026-01-01")
JANUARY = ("k2:usage:2026-01-01", "k:usage:2026-01-01")


def ledger_of(project: Project) -> dict[str, bytes]:
    files = (path for path in project.ledger.rglob("*") if path.is_file())
    return {path.relative_to(project.root).as_posix(): path.read_bytes() for path in files}


def test_what_is_due_is_finalized_and_what_waits_is_said(
    drafted: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    finalize_command(project_dir=drafted.root, output_format=Format.CSV)
    printed = capsys.readouterr()
    assert [line.split(",")[0] for line in printed.out.splitlines()] == ["invoice_id", *DUE]
    assert printed.err == (
        "k:scheduled:2026-02-03 waits: usage invoices that may still count towards promise are"
        " open.\n"
        "Finalized 3 invoices as of 2026-02-04T00:00:00Z.\n"
        "They are read from the ledger with the next build: `bursar build`.\n"
    )


def test_finalizing_again_changes_nothing(finalized: Project) -> None:
    before = ledger_of(finalized)
    again = finalize(finalized)
    assert (again.invoice_ids, again.batch) == ((), None)
    assert again.held == {"k:scheduled:2026-02-03": "promise"}
    assert ledger_of(finalized) == before


def test_nothing_is_due_before_the_grace_period_is_over(drafted: Project) -> None:
    done = finalize(drafted, datetime(2026, 2, 1, 23, 59, 59, tzinfo=UTC))
    assert (done.invoice_ids, done.held) == ((), {})
    assert ledger_of(drafted) == {}


def test_what_was_due_by_an_earlier_instant_is_final_since_the_build(drafted: Project) -> None:
    done = finalize(drafted, FEBRUARY_3)
    assert (done.invoice_ids, done.due_by) == (JANUARY, FEBRUARY_3.replace(tzinfo=None))
    # The drafts of the 4th hold what came after the 3rd.
    assert done.at == FEBRUARY_4.replace(tzinfo=None)
    [batch] = read_batches(drafted)
    assert batch.at == "2026-02-04T00:00:00Z"


def late_usage(project: Project) -> None:
    land_usage(project, "c1", "2026-01-07T06:00:00Z", 100, received_at=FEBRUARY_4)


def usage_after_the_build(project: Project) -> None:
    land_usage(project, "c1", "2026-01-07T06:00:00Z", 100, received_at=datetime.now(UTC))


def dearer(project: Project) -> None:
    write_relation(project, "rates", price="2")


def other_metric(project: Project) -> None:
    (project.metrics / "units.yml").write_text(METRIC.replace("sum", "max"))


def other_model(project: Project) -> None:
    (project.root / "models" / "own.sql").write_text("select 1 as one\n")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (late_usage, "events have landed"),
        (usage_after_the_build, "events have landed"),
        (dearer, "the catalog (seeds/) has changed"),
        (other_metric, "the metrics have changed"),
        (other_model, "the project's own models have changed"),
    ],
)
def test_a_warehouse_of_other_inputs_is_not_finalized(
    drafted: Project, change: Callable[[Project], None], said: str
) -> None:
    change(drafted)
    with pytest.raises(BursarError, match="is not of today's inputs") as raised:
        finalize(drafted)
    assert said in raised.value.message
    assert "`bursar build`" in raised.value.remedy
    assert raised.value.exit_code is ExitCode.WRONG_INPUT
    assert ledger_of(drafted) == {}


def test_a_second_batch_needs_a_build_that_knows_the_first(drafted: Project) -> None:
    assert finalize(drafted, FEBRUARY_3).invoice_ids == JANUARY
    before = ledger_of(drafted)
    # The charge of the 4th is due, too.
    with pytest.raises(BursarError, match="the ledger has changed") as raised:
        finalize(drafted)
    assert raised.value.exit_code is ExitCode.WRONG_INPUT
    assert ledger_of(drafted) == before


def test_a_later_instant_than_the_builds_needs_a_build(drafted: Project) -> None:
    with pytest.raises(BursarError, match="is as of 2026-02-04T00:00:00Z: it knows") as raised:
        finalize(drafted, FEBRUARY_5)
    assert raised.value.remedy.endswith("`bursar build --as-of 2026-02-05T00:00:00Z`.")
    assert raised.value.exit_code is ExitCode.WRONG_INPUT


def test_without_a_warehouse_there_is_nothing_to_finalize(drafted: Project) -> None:
    drafted.published_database.unlink()
    with pytest.raises(BursarError, match="no published warehouse yet") as raised:
        finalize(drafted)
    assert raised.value.exit_code is ExitCode.WAREHOUSE_UNAVAILABLE


@pytest.mark.parametrize(
    ("invoice_id", "reason", "at", "said", "remedy", "code"),
    [
        (JANUARY[1], "  ", FEBRUARY_5, "needs a reason", "--reason", ExitCode.BAD_USAGE),
        (
            "k:usage:2026-02-01",
            "wrong",
            FEBRUARY_5,
            "k:usage:2026-02-01 is not finalized",
            "Nearest finalized: k:usage:2026-01-01",
            ExitCode.WRONG_INPUT,
        ),
        (
            "nothing like it!",
            "wrong",
            FEBRUARY_5,
            "is not finalized",
            "`bursar invoice list --status finalized`",
            ExitCode.WRONG_INPUT,
        ),
        (
            JANUARY[1],
            "wrong",
            FEBRUARY_3,
            "was finalized at 2026-02-04T00:00:00Z; it cannot be void before",
            "Leave --as-of away",
            ExitCode.BAD_USAGE,
        ),
    ],
)
def test_what_cannot_be_voided_says_why(
    finalized: Project,
    invoice_id: str,
    reason: str,
    at: datetime,
    said: str,
    remedy: str,
    code: ExitCode,
) -> None:
    before = ledger_of(finalized)
    with pytest.raises(BursarError, match=said) as raised:
        void(finalized, invoice_id, reason, at)
    assert remedy in raised.value.remedy
    assert raised.value.exit_code is code
    assert ledger_of(finalized) == before


@pytest.mark.parametrize("regenerate", [False, True])
def test_a_void_invoice_is_not_voided_again(finalized: Project, regenerate: bool) -> None:
    void(finalized, JANUARY[1], "wrong", FEBRUARY_5)
    with pytest.raises(BursarError, match="is void already, since 2026-02-05T00:00:00Z") as raised:
        void(finalized, JANUARY[1], "wrong", FEBRUARY_5, regenerate=regenerate)
    assert raised.value.exit_code is ExitCode.WRONG_INPUT
    assert len(manifest_paths(finalized)) == 2


def test_an_invoice_may_be_void_at_the_instant_of_its_finalization(finalized: Project) -> None:
    void(finalized, JANUARY[1], "wrong", FEBRUARY_4)
    assert verify(finalized).problems == ()


def test_a_damaged_ledger_is_not_added_to(finalized: Project, tmp_path: Path) -> None:
    manifest_paths(finalized)[0].write_text("{")
    before = ledger_of(finalized)
    for change in (lambda: finalize(finalized), lambda: void(finalized, JANUARY[1], "wrong")):
        with pytest.raises(BursarError, match=r"ledger manifest .* cannot be read"):
            change()
    assert ledger_of(finalized) == before
