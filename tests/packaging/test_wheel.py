"""The wheel: installed into an empty environment far from the checkout, it makes a bill.

Owns the proof that nothing of Bursar is found only in a checkout. What the bill says in detail is
the scenarios' to prove.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import venv
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
pytestmark = [pytest.mark.slow, pytest.mark.timeout(600), pytest.mark.xdist_group("wheel")]

METRIC = "aggregation: sum\nevent_types: [call]\nproperty: units\n"
ROWS = {
    "customers": {"customer_id": "acme", "customer_name": "Acme"},
    "products": {
        "product_id": "calls",
        "product_name": "Calls",
        "product_type": "usage",
        "metric_name": "units",
    },
    "rate_cards": {"rate_card_id": "card", "rate_card_name": "Card", "currency": "USD"},
    "rates": {
        "rate_id": "r",
        "rate_card_id": "card",
        "product_id": "calls",
        "starting_at": "2026-01-01",
        "rate_type": "flat",
        "price": "0.25",
    },
    "contracts": {
        "contract_id": "acme_2026",
        "customer_id": "acme",
        "rate_card_id": "card",
        "starting_at": "2026-01-01",
    },
}
EVENT = {
    "transaction_id": "1",
    "customer_id": "acme",
    "event_type": "call",
    "timestamp": "2026-01-05T06:00:00Z",
    "properties": {"units": "10"},
}


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("dist")
    lock = str(ROOT / "constraints.txt")
    # As `make wheel` does it: the backend is the locked one.
    _run(
        *(sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", str(folder)),
        *("--build-constraint", lock, str(ROOT)),
        cwd=folder,
    )
    (built,) = folder.glob("bursar-*.whl")
    return built


@pytest.fixture(scope="module")
def binaries(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The commands of an environment that has Bursar and what it needs, and nothing else."""
    folder = tmp_path_factory.mktemp("environment")
    venv.create(folder, with_pip=True)
    pip = (str(folder / "bin" / "python"), "-m", "pip", "install", "--quiet")
    _run(*pip, "--constraint", str(ROOT / "constraints.txt"), str(wheel), cwd=folder)
    return folder / "bin"


def test_the_wheel_has_every_model_and_macro_but_not_the_demos_compiled_metrics(
    wheel: Path,
) -> None:
    held = set(zipfile.ZipFile(wheel).namelist())
    wanted = {
        f"bursar/dbt_package/{path.relative_to(ROOT).as_posix()}"
        for folder in ("models", "macros", "tests/dbt")
        for path in (ROOT / folder).rglob("*")
        if path.is_file() and not path.is_relative_to(ROOT / "models" / "metrics")
    }
    wanted.add("bursar/dbt_package/dbt_project.yml")
    assert {name for name in held if name.startswith("bursar/dbt_package/")} == wanted


def test_the_wheel_is_for_this_platform_and_has_what_was_compiled_for_it(wheel: Path) -> None:
    assert not wheel.name.endswith("-any.whl")
    assert "bursar/landing/scanner/_scan.so" in zipfile.ZipFile(wheel).namelist()


def test_the_wheel_has_the_demos_catalog_and_metrics_and_what_init_writes(wheel: Path) -> None:
    held = set(zipfile.ZipFile(wheel).namelist())
    for folder in ("seeds", "metrics"):
        for path in (ROOT / folder).iterdir():
            assert f"bursar/demo_project/{folder}/{path.name}" in held
    for path in (ROOT / "src" / "bursar" / "scaffold" / "templates").iterdir():
        assert f"bursar/scaffold/templates/{path.name}" in held


def test_an_installed_bursar_makes_a_project_lands_builds_and_bills(
    binaries: Path, tmp_path: Path
) -> None:
    bursar = str(binaries / "bursar")
    _run(bursar, "init", "shop", cwd=tmp_path)
    shop = tmp_path / "shop"
    assert (shop / ".bursar" / "package").resolve().is_relative_to(binaries.parent)
    _fill(shop)
    events = ("events", "land", "events.ndjson", "--backfill")
    _run(bursar, *events, "--received-at", "2026-02-01T00:00:00Z", cwd=shop)
    _run(bursar, "build", "--as-of", "2026-02-03T00:00:00Z", cwd=shop)
    query = "select total from billing.invoices where invoice_id = 'acme_2026:usage:2026-01-01'"
    printed = _run(bursar, "sql", query, "--format", "json", cwd=shop)
    assert json.loads(printed) == [{"total": "2.5"}]
    export = ("invoice", "export", "acme_2026:usage:2026-01-01", "--format", "html")
    assert '<h1>Invoice <span class="status">Draft</span></h1>' in _run(bursar, *export, cwd=shop)


def test_dbt_alone_builds_the_project_too(binaries: Path, tmp_path: Path) -> None:
    _run(str(binaries / "bursar"), "init", "books", cwd=tmp_path)
    _run(str(binaries / "dbt"), "--quiet", "deps", cwd=tmp_path / "books")
    _run(str(binaries / "dbt"), "--quiet", "build", cwd=tmp_path / "books")


def _fill(project: Path) -> None:
    """One customer, one product, one price and one event."""
    (project / "metrics" / "units.yml").write_text(METRIC)
    (project / "events.ndjson").write_text(json.dumps(EVENT) + "\n")
    for relation, row in ROWS.items():
        path = project / "seeds" / f"{relation}.csv"
        columns = path.read_text().strip().split(",")
        assert set(row) <= set(columns)
        path.write_text(f"{','.join(columns)}\n{','.join(row.get(c, '') for c in columns)}\n")


def _run(*command: str, cwd: Path) -> str:
    """A command's standard output; without the checkout's or the runner's Python settings."""
    hidden = ("PYTHONPATH", "VIRTUAL_ENV", "BURSAR_RUN_STATE", "BURSAR_LANDED_FILES")
    environment = {name: value for name, value in os.environ.items() if name not in hidden}
    done = subprocess.run(command, cwd=cwd, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
    return done.stdout
