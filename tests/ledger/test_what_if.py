"""Simulating and diffing beside a ledger: what is final is rated anew, or stays, as each promises.

As of 6 February; the 4th has made k's January final at $120 (520 units at $1, of which a prepaid
balance paid $400) and charged k2 $10. 20 units of k's January came late, k2's January was voided,
and k2 sent 3 units in an event of a type that no metric counts.
"""

from __future__ import annotations

import hashlib
import json
import subprocess
from decimal import Decimal
from pathlib import Path

import pytest
from typer.testing import CliRunner

from bursar.cli.diff_page import as_markdown
from bursar.cli.main import app
from bursar.ledger.finalizing import finalize
from bursar.ledger.voiding import void
from bursar.project import Project
from bursar.simulating.difference import Difference, diff
from bursar.simulating.simulation import Simulation, simulate
from bursar.warehouse.answers import Rows
from tests.ledger.conftest import copied
from tests.ledger.figures import FEBRUARY_5, FEBRUARY_6, land_usage
from tests.support.landing import land_lines, line

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900), pytest.mark.xdist_group("ledger")]
Figures = dict[str, tuple[str | None, ...]]


@pytest.fixture(scope="module")
def books(
    drafts: tuple[Project, object], tmp_path_factory: pytest.TempPathFactory
) -> tuple[Project, Simulation]:
    """The project, and what it would be at $0.50 from 6 January on, with a setup fee of $12."""
    project = copied(drafts[0], tmp_path_factory.mktemp("what-if") / "billing")
    finalize(project)
    land_usage(project, "c1", "2026-01-07T06:00:00Z", 20, received_at=FEBRUARY_5)
    extra = line(
        "extra",
        customer_id="c2",
        event_type="extra",
        timestamp="2026-02-02T06:00:00Z",
        properties={"n": "3"},
    )
    land_lines(project.root, [extra], received_at=FEBRUARY_5, promoted=("n",))
    void(project, "k2:usage:2026-01-01", "was a test", FEBRUARY_5)
    trial = project.root / "trial"
    trial.mkdir()
    for relation, old, new in (
        ("rates", "2020-01-01,,,flat,1,", "2026-01-06,,,flat,0.5,"),
        ("scheduled_charge_items", ",10,", ",12,"),
    ):
        text = (project.seeds / f"{relation}.csv").read_text()
        assert old in text
        (trial / f"{relation}.csv").write_text(text.replace(old, new))
    # What a killed simulation leaves.
    leftovers = project.what_if / "after" / "warehouse"
    leftovers.mkdir(parents=True)
    (leftovers / "build.duckdb").write_bytes(b"half of a file")
    (leftovers / "build.duckdb.wal").write_bytes(b"half of a file")
    before = _digests(project)
    found = simulate(project, trial, as_of=FEBRUARY_6)
    assert _digests(project) == before, "a simulation changes nothing of the project"
    return project, found


@pytest.fixture(scope="module")
def proposal(
    books: tuple[Project, Simulation], tmp_path_factory: pytest.TempPathFactory
) -> tuple[Project, Difference]:
    """A copy in a repository, whose working tree doubles the price and counts the other events."""
    repository = tmp_path_factory.mktemp("repository")
    project = copied(books[0], repository / "billing")
    _git(repository, "init", "--quiet")
    _git(repository, "add", ".")
    _git(repository, "commit", "--quiet", "--message", "Before")
    rates = project.seeds / "rates.csv"
    rates.write_text(rates.read_text().replace(",flat,1,", ",flat,2,"))
    metric = project.metrics / "units.yml"
    metric.write_text(metric.read_text().replace("[use]", "[use, extra]"))
    return project, diff(project, "HEAD", FEBRUARY_6)


def test_history_is_rated_anew_and_the_ledger_does_not_stand_in_for_it(
    books: tuple[Project, Simulation],
) -> None:
    # Under the other catalog 40 units from 6 January on cost $20, which the prepaid balance pays,
    # so that all $400 of the promise are owed. As it is, 540 units would owe $140 and $260.
    assert _figures(books[1].invoices, "invoice_id", "before", "after", "difference", "drift") == {
        "k:usage:2026-01-01": ("120", "0", "-120", "20"),
        "k:scheduled:2026-02-03": ("280", "400", "120", "-20"),
        "k:usage:2026-02-01": ("0", "0", "0", "0"),
        "k2:scheduled:2026-02-04": ("10", "12", "2", "0"),
        "k2:usage:2026-02-01": ("0", "0", "0", "0"),
    }


def test_customers_and_totals_add_up_their_invoices(books: tuple[Project, Simulation]) -> None:
    columns = ("before", "after", "difference", "drift", "subtotal_before", "subtotal_after")
    assert _figures(books[1].customers, "customer_id", *columns) == {
        "c1": ("400", "400", "0", "0", "800", "420"),
        "c2": ("10", "12", "2", "0", "10", "12"),
    }
    assert _figures(books[1].totals, "currency", *columns) == {
        "USD": ("410", "412", "2", "0", "810", "432")
    }


def test_usage_that_would_have_no_price_is_told(books: tuple[Project, Simulation]) -> None:
    assert _figures(books[1].newly_unrated, "contract_id", "quantity", "reason") == {
        "k": ("500", "no_rate"),
        "k2": ("50", "no_rate"),
    }
    assert books[1].no_longer_unrated == 0


def test_a_window_is_of_periods_that_begin_in_it_and_computes_nothing_anew(
    books: tuple[Project, Simulation],
) -> None:
    project, _ = books
    written = project.simulated_database.stat()
    arguments = ["--catalog", str(project.root / "trial"), "--as-of", "2026-02-06"]
    arguments += ["--from", "2026-02-01", "--to", "2026-02-04", "--by", "invoice"]
    told = CliRunner().invoke(
        app, ["simulate", *arguments, "--format", "json", "--project-dir", str(project.root)]
    )
    assert told.exit_code == 0, told.stderr
    document = json.loads(told.stdout)
    assert [row["invoice_id"] for row in document["invoices"]] == [
        "k:scheduled:2026-02-03",
        "k:usage:2026-02-01",
        "k2:usage:2026-02-01",
    ]
    assert document["totals"][0]["difference"] == "120"
    assert document["newly_unrated"] == []
    assert project.simulated_database.stat() == written


def test_the_simulated_warehouse_is_asked_with_sql(books: tuple[Project, Simulation]) -> None:
    query = "select total from invoices where invoice_id = 'k2:scheduled:2026-02-04'"
    where = ["--project-dir", str(books[0].root), "--format", "csv"]
    told = CliRunner().invoke(app, ["sql", "--simulated", query, *where])
    assert told.stdout == "total\n12\n"


def test_a_diff_tells_drafts_that_change_and_what_final_ones_would_be(
    proposal: tuple[Project, Difference],
) -> None:
    found = proposal[1]
    # The other event counts 3 units, at $2. The promise stays matched by what is final.
    assert _figures(found.invoices, "invoice_id", "before", "after", "difference") == {
        "k2:usage:2026-02-01": ("0", "6", "6")
    }
    [line] = found.lines.as_dicts()
    assert [line[f"quantity_{side}"] for side in ("before", "after")] == [0, 3]
    assert [line[f"prices_{side}"] for side in ("before", "after")] == [[1], [2]]
    assert [line[f"amount_{side}"] for side in ("before", "after")] == [0, 6]
    # 540 units at $1 owe $140 after the balance's $400; at $2, $680.
    columns = ("total", "would_be_before", "would_be_after", "difference")
    assert _figures(found.finalized, "invoice_id", *columns) == {
        "k:usage:2026-01-01": ("120", "140", "680", "540")
    }
    assert [(file.path, file.change, file.lines_added) for file in found.files] == [
        ("metrics/units.yml", "changed", 1),
        ("seeds/rates.csv", "changed", 1),
    ]


def test_a_diff_leaves_the_projects_compiled_metrics_as_they_are(
    proposal: tuple[Project, Difference],
) -> None:
    compiled = "\n".join(path.read_text() for path in proposal[0].compiled.glob("*.sql"))
    assert "'use'" in compiled
    assert "'extra'" not in compiled


def test_a_diff_is_markdown_and_its_exit_code_is_for_those_who_ask(
    proposal: tuple[Project, Difference],
) -> None:
    project, found = proposal
    page = as_markdown(found)
    assert "**1 of 5 invoices changes**, as of 2026-02-06T00:00:00Z." in page
    assert "| USD | 1 of 5 | 1 of 2 | 410.00 | 416.00 | 6.00 |" in page
    assert "| changed | `k2:usage:2026-02-01` | Units | 0 → 3 | 1 → 2 | 0.00 → 6.00 | USD |" in page
    where = ["--as-of", "2026-02-06", "--project-dir", str(project.root)]
    told = CliRunner().invoke(app, ["diff", *where, "--exit-code"])
    assert told.exit_code == 1
    assert told.stdout == page + "\n"


def _figures(rows: Rows, key: str, *columns: str) -> Figures:
    return {
        row[key]: tuple(
            f"{value.normalize():f}" if isinstance(value := row[column], Decimal) else value
            for column in columns
        )
        for row in rows.as_dicts()
    }


def _digests(project: Project) -> dict[str, str]:
    """Every file of the project but those that a simulation owns."""
    own = ("what-if", "simulated.duckdb", ".what-if.lock")
    return {
        project.relative(path): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in project.root.rglob("*")
        if path.is_file() and not any(name in path.parts for name in own)
    }


def _git(folder: Path, *arguments: str) -> None:
    identity = ("-c", "user.name=Test", "-c", "user.email=test@example.com")
    subprocess.run(["git", "-C", str(folder), *identity, *arguments], check=True)
