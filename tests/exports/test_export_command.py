"""`bursar invoice export`: what is said of an invoice, as JSON, CSV and HTML."""

from __future__ import annotations

import csv
import io
import json
from decimal import Decimal
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from bursar.cli.invoice_export import SCHEMA_VERSION
from bursar.cli.main import app
from bursar.errors import BursarError, ExitCode
from bursar.project import Project
from tests.exports.conftest import CUSTOMER, JANUARY, TEST, Stages

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900), pytest.mark.xdist_group("exports")]


def run(project: Project, invoice_id: str, *options: str) -> Result:
    command = ["invoice", "export", invoice_id, "--project-dir", str(project.root), *options]
    return CliRunner().invoke(app, command)


def as_json(project: Project, invoice_id: str) -> Any:
    done = run(project, invoice_id)
    assert (done.exit_code, done.stderr) == (0, "")
    return json.loads(done.stdout)


def sentences(project: Project, invoice_id: str) -> dict[tuple[str, str, str], str]:
    """What is said of each line, by group, type and quantity."""
    return {
        (group["title"], line["line_type"], line["quantity"]): " ".join(
            line["explanation"]["sentences"]
        )
        for group in as_json(project, invoice_id)["groups"]
        for line in group["lines"]
    }


def test_groups_are_products_then_custom_units_then_rounding(stages: Stages) -> None:
    found = as_json(stages.finalized, JANUARY)
    assert found["schema_version"] == SCHEMA_VERSION
    groups = [(group["kind"], group["title"], group["amount"]) for group in found["groups"]]
    assert groups == [
        ("product", "Calls", "130"),
        ("product", "Hours", "40"),
        ("product", "Seats", "33"),
        ("product", "Storage", "10.152005"),
        ("product", "Support <24/7>", "10"),
        ("product", "Jobs", "50"),
        ("conversion", "tokens in USD", "5"),
        ("rounding", "Rounding", "-0.002005"),
    ]
    summed = [Decimal(g["amount"]) for g in found["groups"] if g["is_summed"]]
    assert sum(summed) == Decimal(found["invoice"]["total"]) == Decimal("228.15")


def test_a_covered_line_and_the_one_that_takes_it_off_stand_together(stages: Stages) -> None:
    for group in as_json(stages.finalized, JANUARY)["groups"]:
        for before, line in zip([None, *group["lines"]], group["lines"], strict=False):
            if line["line_type"] == "commit_applied":
                assert before is not None
                assert before["line_item_id"] == line["covers_line_item_id"]


def test_every_line_is_there_once_with_a_sentence(stages: Stages) -> None:
    found = as_json(stages.finalized, JANUARY)
    lines = [line for group in found["groups"] for line in group["lines"]]
    assert len({line["line_item_id"] for line in lines}) == len(lines) == 16
    assert found["invoice"]["line_item_count"] == 16
    assert all(line["explanation"]["sentences"] for line in lines)


def test_balances_say_what_was_left_before_and_after(stages: Stages) -> None:
    balances = [
        (row["commit_id"], row["balance_before"], row["applied"], row["balance_after"])
        for row in as_json(stages.finalized, JANUARY)["balances"]
    ]
    assert balances == [
        ("gift", "30", "30", "0"),
        ("promise", "100", "33", "67"),
        ("annual", "50", "50", "0"),
    ]


def test_each_amount_is_explained_by_its_own_figures(stages: Stages) -> None:
    found = sentences(stages.finalized, JANUARY)
    tier = "A billing period's units above 10,000 have this price."
    assert found["Calls", "usage", "5000"] == (
        f"5,000 \N{MULTIPLICATION SIGN} 0.005 USD = 25.00 USD. Measured by calls. {tier}"
    )
    assert found["Calls", "flat_fee", "1"].startswith("A fee of 5.00 USD for the tier above 10,000")
    assert "264 of its 744 hours are charged" in found["Seats", "subscription", "3"]
    assert (
        "is the rate card's 4.01 USD \N{MULTIPLICATION SIGN} 0.5, by override half."
        in found["Storage", "usage", "24.937655860349"]
    )
    assert found["Support <24/7>", "composite", "130"] == (
        "5 % of 130.00 USD, what was charged for Calls, is 6.50 USD."
    )
    assert "minimum of 10.00 USD" in found["Support <24/7>", "minimum", "1"]
    assert "counts towards the commitment Promise" in found["Seats", "commit_applied", "-3"]
    assert "Balances pay for 15 of 40 units; these are the rest." in found["Jobs", "usage", "25"]
    assert found["tokens in USD", "pricing_unit_conversion", "50"] == (
        "50 tokens were charged and paid by no balance; at 0.1 USD each that is 5.00 USD."
    )
    assert found["Rounding", "rounding", "1"] == (
        "The lines add up to 228.152005 USD; the total is rounded once, to 228.15 USD."
    )


def test_purchases_divided_charges_and_true_ups_are_explained(stages: Stages) -> None:
    bought = sentences(stages.finalized, "k:scheduled:2026-01-01")
    assert bought["Commitment", "commit_purchase", "1"].startswith("Buys the prepaid commit Annual")
    assert "Date 1 of 3: 100.00 USD are divided" in bought["Commitment", "scheduled", "1"]
    trued = sentences(stages.finalized, "k:scheduled:2026-02-02")
    assert (
        "Charges met 33.00 USD of it; the rest, 67.00 USD, is due."
        in trued["Commitment", "true_up", "1"]
    )


def test_a_correction_says_what_was_billed_and_what_is_right(stages: Stages) -> None:
    found = as_json(stages.corrected, f"{JANUARY}:c1")
    assert found["invoice"]["corrects_invoice_id"] == JANUARY
    said = sentences(stages.corrected, f"{JANUARY}:c1")
    assert said["Calls", "usage", "5000"].startswith(
        f"10,000 are right, and 5,000 were billed by {JANUARY}."
    )
    assert said["Hours", "usage", "-20"].startswith("Taken back: 20 at this price")
    assert said["Hours", "usage", "20"].startswith(f"Not on {JANUARY}, and due.")
    corrections = as_json(stages.corrected, JANUARY)["corrections"]
    assert [(row["invoice_id"], row["total"]) for row in corrections] == [(f"{JANUARY}:c1", "-5")]


def test_a_finalized_invoice_says_the_same_after_prices_and_usage_changed(stages: Stages) -> None:
    def about_lines(project: Project) -> Any:
        return {
            key: sentence
            for key, sentence in sentences(project, JANUARY).items()
            if key[:2] != ("Support <24/7>", "composite")
        }

    assert about_lines(stages.corrected) == about_lines(stages.finalized)


def test_a_void_invoice_says_since_when_and_why(stages: Stages) -> None:
    invoice = as_json(stages.corrected, TEST)["invoice"]
    assert (invoice["status"], invoice["voided_at"], invoice["void_reason"]) == (
        *("void", "2026-02-05T00:00:00Z"),
        'a "test" of <b>ours</b>',
    )
    page = run(stages.corrected, TEST, "--format", "html").stdout
    assert '<span class="status">Void</span>' in page
    assert "a &#34;test&#34; of &lt;b&gt;ours&lt;/b&gt;" in page


def test_csv_has_a_row_a_line_and_reads_back_to_the_total(stages: Stages) -> None:
    done = run(stages.finalized, JANUARY, "--format", "csv")
    text = done.stdout_bytes.decode()
    assert text.endswith("\r\n")
    rows = list(csv.DictReader(io.StringIO(text, newline=""), strict=True))
    assert len(rows) == 16
    assert {row["customer_name"] for row in rows} == {CUSTOMER}
    assert {(row["invoice_type"], row["status"], row["currency"]) for row in rows} == {
        ("usage", "finalized", "USD")
    }
    summed = (Decimal(row["amount"]) for row in rows if row["is_summed"] == "true")
    assert sum(summed) == Decimal("228.15")


class Page(HTMLParser):
    """The tags of a page, with their attributes."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.tags if name == tag]


def test_the_page_needs_nothing_else_and_is_fit_to_print_and_to_hear(stages: Stages) -> None:
    text = run(stages.finalized, JANUARY, "--format", "html").stdout
    page = Page(text)
    assert page.all("html") == [{"lang": "en"}]
    assert not {"script", "link", "img", "iframe"} & {tag for tag, _ in page.tags}
    assert not [a for _, a in page.tags if {"src", "href", "onclick", "style"} & set(a)]
    assert "url(" not in text
    assert "@import" not in text
    assert all(heading.get("scope") for heading in page.all("th"))
    assert len(page.all("caption")) == len(page.all("table")) == 3
    for rule in ("@page", "thead { display: table-header-group; }", "break-inside: avoid"):
        assert rule in text


def test_the_page_shows_balances_that_end_and_that_do_not(stages: Stages) -> None:
    text = run(stages.finalized, JANUARY, "--format", "html").stdout
    assert "<span>from 2026-01-01</span>" in text
    assert "<span>2026-01-01 →</span> <span>2026-02-01</span>" in text


def test_every_text_of_the_page_is_escaped(stages: Stages) -> None:
    text = run(stages.finalized, JANUARY, "--format", "html").stdout
    assert "<script" not in text
    assert "&lt;script&gt;alert(&#34;x&#34;)&lt;/script&gt; &amp; Söhne" in text
    assert "Support &lt;24/7&gt;" in text


def test_the_page_calls_drafts_credit_memos_and_invoices_what_they_are(stages: Stages) -> None:
    draft = run(stages.finalized, "k:usage:2026-02-01", "--format", "html").stdout
    assert '<body class="draft">' in draft
    assert '<h1>Invoice <span class="status">Draft</span></h1>' in draft
    memo = run(stages.corrected, f"{JANUARY}:c1", "--format", "html").stdout
    assert "<h1>Credit memo</h1>" in memo
    assert f"<dt>Corrects</dt><dd>{JANUARY}</dd>" in memo
    invoice = run(stages.corrected, JANUARY, "--format", "html").stdout
    assert "<h1>Invoice</h1>" in invoice
    assert f"<li>{JANUARY}:c1: a credit memo of -5.00 USD</li>" in invoice


def test_a_file_is_the_same_bytes_as_stdout_and_words_go_to_stderr(
    stages: Stages, tmp_path: Path
) -> None:
    for form in ("json", "csv", "html"):
        path = tmp_path / f"invoice.{form}"
        done = run(stages.finalized, JANUARY, "--format", form, "--output", str(path))
        assert (done.exit_code, done.stdout) == (0, "")
        assert done.stderr == f"Wrote {path}: {JANUARY}, finalized.\n"
        shown = run(stages.finalized, JANUARY, "--format", form).stdout_bytes
        assert path.read_bytes() == shown


def test_an_unknown_invoice_is_told_with_the_nearest(stages: Stages) -> None:
    error = run(stages.finalized, "k:usage:2026-01-02").exception
    assert isinstance(error, BursarError)
    assert error.exit_code is ExitCode.WRONG_INPUT
    assert error.remedy.startswith("Nearest: ")
    assert JANUARY in error.remedy


def test_a_file_that_cannot_be_written_is_told(stages: Stages, tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "nowhere" / "invoice.html"):
        error = run(stages.finalized, JANUARY, "--output", str(path)).exception
        assert isinstance(error, BursarError)
        assert error.exit_code is ExitCode.BAD_USAGE
        assert str(path) in error.message
