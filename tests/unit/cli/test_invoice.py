from __future__ import annotations

import csv
import io
import json

import pytest

from bursar.cli.invoice import InvoiceType, Status, list_invoices, show
from bursar.cli.output import Format
from bursar.errors import BursarError, ExitCode
from bursar.project import Project
from tests.unit.cli.conftest import LINES

JANUARY = "acme_2026:usage:2026-01-01"


def page(capsys: pytest.CaptureFixture[str]) -> list[str]:
    return [line.rstrip() for line in capsys.readouterr().out.splitlines() if line.strip()]


def test_the_list_shows_one_row_an_invoice_in_order_of_time(
    project: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    list_invoices(project_dir=project.root)
    rows = [line.split() for line in page(capsys)[2:]]
    assert [(row[0], row[1], row[-2], row[-1]) for row in rows] == [
        (JANUARY, "draft", "1,234.50", "USD"),
        ("yen:usage:2026-01-01", "finalized", "1,200", "JPY"),
        ("acme_2026:usage:2026-02-01", "draft", "0.00", "USD"),
    ]


def test_the_list_is_filtered(project: Project, capsys: pytest.CaptureFixture[str]) -> None:
    def listed(**filters: object) -> list[str]:
        list_invoices(project_dir=project.root, output_format=Format.JSON, **filters)  # type: ignore[arg-type]  # - any filter
        return [invoice["invoice_id"] for invoice in json.loads(capsys.readouterr().out)]

    assert listed(status=Status.FINALIZED) == ["yen:usage:2026-01-01"]
    assert listed(customer="acme") == [JANUARY, "acme_2026:usage:2026-02-01"]
    assert listed(contract="yen", status=Status.DRAFT) == []
    assert len(listed(invoice_type=InvoiceType.USAGE)) == 3
    assert listed(invoice_type=InvoiceType.CORRECTION) == []


def test_an_empty_list_is_said_in_words(
    project: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    list_invoices(status=Status.VOID, project_dir=project.root)
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err == "No invoice is like that.\n"


def test_the_list_for_programs_has_every_column_of_the_mart(
    project: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    list_invoices(customer="globex", project_dir=project.root, output_format=Format.CSV)
    (row,) = csv.DictReader(io.StringIO(capsys.readouterr().out))
    assert row["total"] == "1200"
    assert row["period_end"] == "2026-02-01T00:00:00Z"
    assert row["finalized_at"] == ""


def test_an_unknown_customer_is_told_with_the_nearest(project: Project) -> None:
    with pytest.raises(BursarError, match="no invoice of a customer glob ") as raised:
        list_invoices(customer="glob", project_dir=project.root)
    assert raised.value.remedy == "Nearest: globex, acme."
    assert raised.value.exit_code is ExitCode.WRONG_INPUT


def test_an_invoice_is_a_page_whose_lines_add_up(
    project: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    show(JANUARY, project_dir=project.root)
    words = [" ".join(line.split()) for line in page(capsys) if "──" not in line]
    assert words == [
        f"Invoice {JANUARY} draft",
        "Customer Acme Inc (acme)",
        "Contract acme_2026",
        "Period 2026-01-01 → 2026-02-01",
        "Issued 2026-02-02",
        "Due 2026-03-04",
        "dates quantity unit price amount USD",
        "Output tokens 1,229.0055",
        "model large, region (none) 2026-01-01 → 2026-02-01 1,000,000 0.001 1,000.00",
        "model large, above 1,000,000 2026-01-01 → 2026-01-15T07:00Z 229,005.5 0.001 229.0055",
        "Support 5.4975",
        "flat fee 2026-01-01 → 2026-02-01 1 5.4975 5.4975",
        "Subtotal 1,234.503",
        "Rounding -0.003",
        "Total 1,234.50 USD",
        "A draft: it changes with usage, catalog and metrics until it is finalized,"
        " from 2026-02-02 on.",
    ]


def test_an_invoice_without_lines_says_so(
    project: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    show("acme_2026:usage:2026-02-01", project_dir=project.root)
    printed = capsys.readouterr().out
    assert "no usage in this period" in printed
    assert "Rounding" not in printed


def test_json_and_csv_give_every_line_in_order(
    project: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    show(JANUARY, project_dir=project.root, output_format=Format.JSON)
    lines = json.loads(capsys.readouterr().out)
    assert [line["line_item_id"] for line in lines] == [line["line_item_id"] for line in LINES]
    assert lines[1]["amount"] == "229.0055"
    assert lines[1]["ending_before"] == "2026-01-15T07:00:00Z"
    assert lines[0]["is_summed"] is True
    show(JANUARY, project_dir=project.root, output_format=Format.CSV)
    assert len(list(csv.DictReader(io.StringIO(capsys.readouterr().out)))) == len(LINES)


def test_an_unknown_invoice_is_told_with_the_nearest(project: Project) -> None:
    with pytest.raises(BursarError, match="no invoice acme_2026:usage:2026-03-01") as raised:
        show("acme_2026:usage:2026-03-01", project_dir=project.root)
    assert raised.value.remedy.startswith("Nearest: acme_2026:usage:2026-0")
    assert raised.value.exit_code is ExitCode.WRONG_INPUT


def test_without_a_published_warehouse_the_remedy_is_a_build(unbuilt: Project) -> None:
    with pytest.raises(BursarError, match="no published warehouse yet") as raised:
        show(JANUARY, project_dir=unbuilt.root)
    assert raised.value.exit_code is ExitCode.WAREHOUSE_UNAVAILABLE
    assert "`bursar build`" in raised.value.remedy
