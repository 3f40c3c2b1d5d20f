"""`dbt build`, and its outcome in words.

Owns what is asked of dbt, and turning failed models and tests into diagnostics. It leaves the call
to `bursar.warehouse.dbt_process`, and what a failure means for the published warehouse to
`bursar.warehouse.build`.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Callable
from typing import Any

from bursar.errors import BursarError, Diagnostic, ExitCode, ProblemsFound, Severity
from bursar.project import Project
from bursar.warehouse import database
from bursar.warehouse.dbt_process import Step, inside, invoke

EXAMPLE_ROWS_MAX = 3
# Unit tests prove models, not data: they are the developer's, who runs them with dbt.
BUILD = ("build", "--exclude-resource-type", "unit_test")
QUIET = ("--quiet", "--log-level", "none", "--log-level-file", "info", "--no-use-colors")
_HEADING = re.compile(r"\w+ Error in .*\n")


class BuildFailed(ProblemsFound):
    """dbt could not build everything, or a data test found wrong rows: each is a diagnostic."""

    def __init__(self, diagnostics: list[Diagnostic], exit_code: ExitCode) -> None:
        super().__init__(diagnostics, what="the build")
        self.exit_code = exit_code
        self.remedy = "Nothing was published: warehouse/published.duckdb stays as it was."


def build(
    project: Project,
    *,
    full_refresh: bool,
    are_columns_tested: bool = True,
    on_step: Callable[[Step], None] | None = None,
) -> tuple[Diagnostic, ...]:
    """Runs `dbt build` on a project whose run state has been written.

    Args:
        project: Where.
        full_refresh: Whether incremental models are made from nothing.
        are_columns_tested: Whether the tests of single columns run, too, beside those of bills.
        on_step: Told of every step as it begins.

    Returns:
        What tests warn of.

    Raises:
        BuildFailed: Something failed; exit code 4 when only data tests did, else 1.
        BursarError: dbt could not begin.
        KeyboardInterrupt: The user interrupted it.
    """
    arguments = [*BUILD, *QUIET, *(["--full-refresh"] if full_refresh else [])]
    if not are_columns_tested:
        arguments += ["--exclude", "test_type:generic"]
    outcome = invoke(project, arguments, on_step)
    if isinstance(outcome.exception, KeyboardInterrupt):
        raise KeyboardInterrupt
    if outcome.exception is not None or outcome.result is None:
        raise _did_not_begin(outcome.exception)
    failed = [r for r in outcome.result if r.status in ("error", "runtime error", "fail")]
    if failed:
        raise BuildFailed([_diagnostic(project, r) for r in failed], _exit_code(failed))
    if not outcome.success:
        raise _did_not_begin(None)
    return tuple(_diagnostic(project, r) for r in outcome.result if r.status == "warn")


def _exit_code(failed: list[Any]) -> ExitCode:
    """4 when bills were computed and tests find them wrong; 1 when input or a model is at fault."""
    wrong_bills = all(
        result.node.resource_type == "test" and not _is_of_seed(result.node) for result in failed
    )
    return ExitCode.NOT_RECONCILED if wrong_bills else ExitCode.WRONG_INPUT


def _is_of_seed(test: Any) -> bool:
    return str(getattr(test, "attached_node", None) or "").startswith("seed.")


def _diagnostic(project: Project, result: Any) -> Diagnostic:
    """One failed or warning node in words."""
    node = result.node
    is_own = (project.root / node.original_file_path).exists()
    path = node.original_file_path if is_own else f"{node.package_name}/{node.original_file_path}"
    warns = result.status == "warn"
    return Diagnostic(
        path=path,
        line=0,
        column=0,
        name="test-warns" if warns else f"{node.resource_type}-failed",
        message=_test_words(project, result) if result.failures else _error_words(result),
        severity=Severity.WARNING if warns else Severity.ERROR,
    )


def _error_words(result: Any) -> str:
    text = _HEADING.sub("", str(result.message or "dbt gives no reason."), count=1)
    reason = textwrap.dedent(text).strip()
    return f"The {result.node.resource_type} {result.node.name} could not be run.\n{reason}"


def _test_words(project: Project, result: Any) -> str:
    node = result.node
    rows = f"{result.failures} row{'s' * (result.failures != 1)}"
    lines = [f"The test {node.name} finds {rows} that should not be."]
    lines += _example_rows(project, node.compiled_code)
    compiled = str(node.compiled_path or "")
    lines.append(f"All of them: bursar sql --unpublished < {compiled}")
    return "\n".join(lines)


def _example_rows(project: Project, query: str | None) -> list[str]:
    """The first offending rows, as a person can read them; none when they cannot be had."""
    import duckdb

    if not query:
        return []
    try:
        with database.unpublished(project) as connection, inside(project.root):
            cursor = connection.execute(query)
            names = [column[0] for column in cursor.description or ()]
            rows = cursor.fetchmany(EXAMPLE_ROWS_MAX)
    except (duckdb.Error, BursarError):
        return []
    return [
        "  " + ", ".join(f"{name}={value}" for name, value in zip(names, row, strict=True))
        for row in rows
    ]


def _did_not_begin(exception: BaseException | None) -> BursarError:
    """The words for dbt's refusal to begin: the project does not parse, or cannot be configured."""
    text = str(exception or "").strip() or "dbt stopped without a reason; see logs/dbt.log."
    is_configuration = type(exception).__name__ in (
        "DbtProjectError",
        "DbtProfileError",
        "DbtConfigError",
        "DbtUsageException",
        "DependencyError",
    )
    return BursarError(
        f"dbt cannot build this project.\n{text}",
        remedy="Nothing was published: warehouse/published.duckdb stays as it was.",
        exit_code=ExitCode.BAD_USAGE if is_configuration else ExitCode.WRONG_INPUT,
    )
