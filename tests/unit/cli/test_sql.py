from __future__ import annotations

import io
import json
from collections.abc import Iterator

import pytest

from bursar.cli.output import Format
from bursar.cli.sql import sql
from bursar.errors import BursarError, ExitCode
from bursar.project import Project


def ask(project: Project, query: str | None, form: Format = Format.CSV, **options: bool) -> None:
    sql(query, project_dir=project.root, output_format=form, **options)


def test_a_query_reads_marts_without_naming_the_schema(
    project: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    ask(project, "select invoice_id, total from invoices order by 1")
    assert capsys.readouterr().out == (
        "invoice_id,total\n"
        "acme_2026:usage:2026-01-01,1234.5\n"
        "acme_2026:usage:2026-02-01,0\n"
        "yen:usage:2026-01-01,1200\n"
    )


def test_json_keeps_every_digit_as_text(
    project: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    query = (
        "select 12345678901234567890.123456789012::decimal(38, 12) as amount, 7 as n, null as x,"
        " true as yes, timestamp '2026-01-01 00:00:00.5' as at, ['a'] as list, {'k': 1.5} as map"
    )
    ask(project, query, Format.JSON)
    assert json.loads(capsys.readouterr().out) == [
        {
            "amount": "12345678901234567890.123456789012",
            "n": 7,
            "x": None,
            "yes": True,
            "at": "2026-01-01T00:00:00.500000Z",
            "list": '["a"]',
            "map": '{"k": "1.5"}',
        }
    ]


def test_a_table_sets_numbers_flush_right(
    project: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    ask(project, "select currency, total from invoices order by total", Format.TABLE)
    assert [line.rstrip() for line in capsys.readouterr().out.splitlines() if line.strip()] == [
        " currency    total",
        " ─────────────────",
        " USD             0",
        " JPY          1200",
        " USD        1234.5",
    ]


def test_the_query_may_come_from_standard_input(
    project: Project, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("select 1 as a;\nselect 2 as b"))
    ask(project, None)
    assert capsys.readouterr().out == "a\n1\nb\n2\n"


def test_an_unknown_table_is_told_with_the_tables_there_are(project: Project) -> None:
    with pytest.raises(BursarError, match="Table with name invoises does not exist") as raised:
        ask(project, "select * from invoises")
    assert raised.value.remedy == (
        "Tables: build_info, events, invoice_line_items, invoices, rejected_events."
    )
    assert raised.value.exit_code is ExitCode.BAD_USAGE


def test_a_mistake_is_shown_where_it_stands(project: Project) -> None:
    with pytest.raises(BursarError, match=r"LINE 1: selec 1\n *\^"):
        ask(project, "selec 1")


@pytest.mark.parametrize("query", ["", "  ", "-- nothing"])
def test_an_empty_query_is_bad_usage(project: Project, query: str) -> None:
    with pytest.raises(BursarError, match="empty") as raised:
        ask(project, query)
    assert raised.value.exit_code is ExitCode.BAD_USAGE


@pytest.mark.parametrize(
    "query", ["drop table billing.invoices", "insert into billing.rejected_events values ('z')"]
)
def test_the_published_warehouse_cannot_be_written(project: Project, query: str) -> None:
    with pytest.raises(BursarError, match="read-only") as raised:
        ask(project, query)
    assert "build again" in raised.value.remedy


def test_without_a_published_warehouse_the_remedy_is_a_build(unbuilt: Project) -> None:
    with pytest.raises(BursarError, match="no published warehouse yet") as raised:
        ask(unbuilt, "select 1")
    assert raised.value.exit_code is ExitCode.WAREHOUSE_UNAVAILABLE
    assert "`bursar build`" in raised.value.remedy


def test_the_builds_own_file_can_be_asked_why_it_failed(
    project: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    ask(project, "select current_database() as file", unpublished=True)
    assert capsys.readouterr().out == "file\nbuild\n"


def test_a_conversation_answers_each_statement_and_survives_a_mistake(
    project: Project, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    typed: Iterator[str] = iter(["select", "  1 as a;", "selec;", "", "select 2 as b;"])

    def line(prompt: str) -> str:
        del prompt
        try:
            return next(typed)
        except StopIteration:
            raise EOFError from None

    monkeypatch.setattr("builtins.input", line)
    monkeypatch.setattr("sys.stdin", type("Terminal", (io.StringIO,), {"isatty": lambda _: True})())
    ask(project, None)
    printed = capsys.readouterr()
    assert printed.out == "a\n1\nb\n2\n"
    assert "syntax error" in printed.err
