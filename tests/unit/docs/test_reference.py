"""Does the reference say what the code says, and all of it?"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from bursar.catalog.relations import RELATIONS
from bursar.cli.main import app
from bursar.errors import ExitCode
from bursar.landing.lines import Reason
from bursar.metrics.functions import FUNCTION_NAMES
from bursar.metrics.problems import CODES
from bursar.reference import write
from bursar.reference.cli_page import commands
from bursar.reference.errors_page import SECTIONS, read_cases
from bursar.reference.tables_page import read_marts
from tests.unit.docs.pages import DOCS, ROOT

REFERENCE = DOCS / "reference"


def text(name: str) -> str:
    return (DOCS / name).read_text(encoding="utf-8")


def section(page: str, heading: str) -> str:
    """A page's part below a heading, up to the next one of any level."""
    _, _, after = page.partition(f"\n{heading}\n")
    return re.split(r"^#", after, maxsplit=1, flags=re.M)[0]


def test_committed_pages_are_what_the_generator_writes() -> None:
    assert write.stale(ROOT) == []  # else: python -m bursar.reference.write


def test_the_generator_restores_an_edited_page(tmp_path: Path) -> None:
    for name in write.pages(ROOT):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text((ROOT / name).read_text())
    for folder in ("models/marts", "tests/compiler", "tests/errors"):
        (tmp_path / folder).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / folder).symlink_to(ROOT / folder)
    assert write.stale(tmp_path) == []
    edited = tmp_path / "docs/reference/cli.md"
    edited.write_text(edited.read_text() + "More.\n")
    assert write.stale(tmp_path) == ["docs/reference/cli.md"]


def test_every_command_and_option_is_documented() -> None:
    page = text("reference/cli.md")
    found = list(commands(app))
    assert len(found) > 10
    for command in found:
        part = section(page, f"## {command.name}")
        assert command.help.strip().splitlines()[0] in part
        for parameter in command.parameters:
            for word in parameter.names or (parameter.usage,):
                assert f"`{word}`" in part, (command.name, word)
            assert parameter.help, (command.name, parameter)


def test_every_exit_code_is_documented() -> None:
    page = section(text("reference/cli.md"), "## Exit codes")
    assert re.findall(r"^\| (\d+) \|", page, re.M) == [str(int(code)) for code in ExitCode]


def test_every_mart_column_is_documented_with_its_type() -> None:
    page = text("reference/tables.md")
    marts = read_marts(ROOT)
    assert set(marts) == {path.stem for path in (ROOT / "models/marts").glob("*.sql")}
    for name, mart in marts.items():
        part = section(page, f"### {name}")
        for column in mart["columns"]:
            cells = f"| `{column['name'].strip(chr(34))}` | {column['data_type']} | "
            assert cells in part, (name, column["name"])


def test_every_catalog_column_is_documented() -> None:
    page = text("reference/catalog.md")
    for relation in RELATIONS:
        part = section(page, f"## {relation.name}")
        assert [c for c in relation.column_names if f"| `{c}`" not in part] == []


def test_every_dbt_variable_is_documented() -> None:
    used = {
        name
        for folder in ("models", "macros", "tests/dbt")
        for path in (ROOT / folder).rglob("*.sql")
        for name in re.findall(r"""\bvar\(\s*['"](\w+)['"]""", path.read_text())
    }
    declared = re.search(r"^vars:\n((?:  .*\n)+)", (ROOT / "dbt_project.yml").read_text(), re.M)
    assert declared
    used |= set(re.findall(r"^  (\w+):", declared[1], re.M))
    documented = section(text("reference/configuration.md"), "## dbt variables")
    assert len(used) >= 3
    assert [name for name in sorted(used) if f"| `{name}` |" not in documented] == []


def test_every_drawdown_key_and_preset_is_documented_in_its_order() -> None:
    macro = (ROOT / "macros" / "segment_order.sql").read_text()
    keys = re.findall(r"^        '(\w+)': (?!\[)", macro, re.M)
    presets = dict(re.findall(r"^        '(\w+)': \[(.*?)\]", macro, re.M | re.S))
    documented = section(text("reference/configuration.md"), "### `drawdown_order`")
    assert len(keys) > len(presets) > 1
    assert [key for key in keys if f"| `{key}` |" not in documented] == []
    for preset, listed in presets.items():
        said = re.search(rf"^\| `{preset}` \| (.*) \|$", documented, re.M)
        assert said is not None, preset
        assert re.findall(r"\w+", said[1]) == re.findall(r"\w+", listed)


def test_every_environment_variable_is_documented() -> None:
    used = {
        name
        for folder in ("src", "models", "macros", "tests", "benchmarks")
        for path in (ROOT / folder).rglob("*")
        if path.suffix in (".py", ".sql", ".yml") and path != Path(__file__)
        for name in re.findall(r"\bBURSAR_[A-Z_]+\b", path.read_text())
    }
    documented = section(text("reference/configuration.md"), "## Environment variables")
    assert used
    assert [name for name in sorted(used) if f"| `{name}` |" not in documented] == []


@pytest.mark.parametrize("reason", Reason)
def test_every_reason_for_a_rejection_is_documented(reason: Reason) -> None:
    assert f"| `{reason}` |" in section(text("concepts/findings.md"), "## Why a line is rejected")


@pytest.mark.parametrize(
    ("mart", "heading"),
    [
        ("unmatched_events", "## Why an event is unmatched"),
        ("unrated_usage", "## Why usage is unrated"),
    ],
)
def test_every_reason_of_a_finding_is_documented(mart: str, heading: str) -> None:
    column = next(c for c in read_marts(ROOT)[mart]["columns"] if c["name"] == "reason")
    (accepted,) = (t["accepted_values"] for t in column["data_tests"] if "accepted_values" in t)
    part = section(text("concepts/findings.md"), heading)
    assert re.findall(r"^\| `(\w+)` \|", part, re.M) == accepted["arguments"]["values"]


def test_every_code_that_the_compiler_gives_has_a_case_on_the_errors_page() -> None:
    given = {
        code
        for path in (ROOT / "src/bursar/metrics").glob("*.py")
        if path.name != "problems.py"  # where every code of the specification is named
        for code in re.findall(r"""["'](M\d{3})["']""", path.read_text())
    }
    shown = {said.code: said.name for said in read_cases(ROOT / "tests/errors" / "metrics")}
    assert given
    assert sorted(given - set(shown)) == []
    assert {code: name for code, name in shown.items() if code and CODES.get(code) != name} == {}


def test_every_problem_with_a_case_is_on_the_errors_page() -> None:
    page = text("reference/errors.md")
    for folder in SECTIONS:
        cases = read_cases(ROOT / "tests/errors" / folder)
        assert cases
        missing = {
            s.name for s in cases if f"\n### {s.code} {s.name}".replace("  ", " ") not in page
        }
        assert missing == set()


def test_every_function_of_a_metric_is_in_the_guide() -> None:
    guide = section(text("guides/write-a-metric.md"), "## What a query may use")
    assert [name for name in sorted(FUNCTION_NAMES) if f"`{name}`" not in guide] == []
