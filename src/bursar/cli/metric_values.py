"""`bursar metric explain`, `preview` and `diff`: what a metric is, and what it gives.

Owns what these commands print. It leaves queries to ``bursar.metrics``, running them to
``bursar.warehouse`` and older versions to ``bursar.revisions``.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from bursar.cli.metric_lookup import MetricName, metric_and_warnings, one_metric
from bursar.cli.output import (
    Format,
    OutputFormat,
    ProjectDir,
    open_project,
    plain,
    print_diagnostics,
    print_rows,
    say,
)
from bursar.errors import BursarError, ProblemsFound, Severity

if TYPE_CHECKING:
    from bursar.metrics.definition import CompiledMetric
    from bursar.metrics.problems import Source
    from bursar.project import Project

Customer = Annotated[str | None, typer.Option(help="Only this customer, as sent or resolved.")]
From = Annotated[
    str | None,
    typer.Option("--from", help="Start, such as 2026-01-01; the first event by default."),
]
To = Annotated[
    str | None,
    typer.Option("--to", help="End, exclusive; just after the last event by default."),
]


def explain(name: MetricName, project_dir: ProjectDir = None) -> None:
    """Show what a metric reads, how it is evaluated and why, and its compiled SQL."""
    from bursar.metrics.definition import CLASS_REASONS
    from bursar.metrics.models import describe_types

    project = open_project(project_dir)
    metric, warnings = metric_and_warnings(project, name)
    definition = metric.definition
    facts = {
        "metric": f"{definition.name} ({metric.source_path})",
        "description": definition.description,
        "unit": definition.unit,
        "form": definition.form.value,
        "version": definition.version_hash,
        "event types": describe_types(definition),
        "properties": ", ".join(definition.properties) or "none",
        "read as numbers": ", ".join(definition.number_properties) or "none",
        "group keys": ", ".join(definition.group_keys) or "none",
        "class": f"{definition.metric_class}: {CLASS_REASONS[definition.metric_class]}",
        "proof": _proof(project, metric),
    }
    width = max(map(len, facts))
    for label, value in facts.items():
        if value:
            typer.echo(f"{label:<{width}}  {value}")
    typer.echo(f"\n{metric.body}", nl=False)
    if warnings:
        say("")
        print_diagnostics(warnings)


def _proof(project: Project, metric: CompiledMetric) -> str:
    from bursar.warehouse.proof_process import is_proved

    if is_proved(project, metric):
        return "over all scopes it gives what its query gives on each alone"
    return f"not yet; `bursar metric check {metric.definition.name}` does it"


def preview(
    name: MetricName,
    customer: Customer = None,
    window_from: From = None,
    window_to: To = None,
    is_query_shown: Annotated[
        bool, typer.Option("--query/--no-query", help="Print the query.")
    ] = True,
    project_dir: ProjectDir = None,
    output_format: OutputFormat = Format.TABLE,
) -> None:
    """Run a metric on landed events and show its quantities, with the query that ran.

    It runs in a process of its own with bounded memory and time, and reads nothing but landed
    events and the customers' aliases.
    """
    from bursar.metrics.preview import Wanted, preview_query, preview_window
    from bursar.warehouse.preview import run_preview

    project = open_project(project_dir)
    metric = one_metric(project, name)
    window = preview_window(window_from, window_to)
    result = run_preview(
        project,
        lambda landed: preview_query(metric, Wanted(landed, customer, window)),
        window=window,
    )
    if is_query_shown:
        say(result.query + "\n")
    columns = ("customer_id", *metric.definition.group_keys, "value")
    print_rows(columns, result.rows, output_format, right=frozenset({"value"}))
    if result.is_cut:
        say(
            f"Only the first {len(result.rows):,} rows; --customer, --from and --to narrow it down."
        )


def diff(
    name: MetricName,
    against: Annotated[
        str, typer.Option(help="The old version: a git revision, or a file.")
    ] = "HEAD",
    customer: Customer = None,
    window_from: From = None,
    window_to: To = None,
    is_everything_shown: Annotated[
        bool, typer.Option("--all", help="Also the rows that are alike in both versions.")
    ] = False,
    project_dir: ProjectDir = None,
    output_format: OutputFormat = Format.TABLE,
) -> None:
    """Show a metric's old and new quantities side by side, per customer, over landed events.

    The new version is the file as it is now. Both run over the same customers and window, in a
    process of its own like a preview. Group keys that only one version has are summed over.
    """
    from bursar.metrics.difference import difference_query, shared_keys
    from bursar.metrics.preview import Wanted, preview_window
    from bursar.warehouse.preview import run_preview

    project = open_project(project_dir)
    new = one_metric(project, name)
    old = _compiled_alone(project, _old_source(project, new, against))
    window = preview_window(window_from, window_to)
    keys = shared_keys(old, new)
    columns = ("customer_id", *keys, "old", "new", "difference")
    for label, metric in (("old", old), ("new", new)):
        say(f"{label}: version {metric.definition.version_hash}, {metric.source_path}")
    if old.definition.version_hash == new.definition.version_hash:
        print_rows(columns, [], output_format)
        say("Both versions mean the same.")
        return
    result = run_preview(
        project,
        lambda landed: difference_query(old, new, Wanted(landed, customer, window)),
        window=window,
        quantities=2,
    )
    if result.is_cut:
        raise BursarError(
            f"There are more than {len(result.rows):,} rows to compare.",
            remedy="Compare fewer: --customer C, or a shorter --from ... --to ....",
        )
    rows = [(*row, (row[-1] or Decimal(0)) - (row[-2] or Decimal(0))) for row in result.rows]
    changed = [row for row in rows if row[-2] != row[-3]]
    shown = rows if is_everything_shown else changed
    print_rows(columns, shown, output_format, right=frozenset({"old", "new", "difference"}))
    say(_summary(rows, changed, _summed_over(old, new, keys)))


def _summed_over(old: CompiledMetric, new: CompiledMetric, keys: Sequence[str]) -> list[str]:
    both = [*old.definition.group_keys, *new.definition.group_keys]
    return sorted(set(both) - set(keys))


def _summary(
    rows: Sequence[tuple[Any, ...]], changed: Sequence[tuple[Any, ...]], summed_over: Sequence[str]
) -> str:
    customers = len({row[0] for row in changed})
    old, new, difference = (
        sum((row[place] or Decimal(0) for row in rows), Decimal(0)) for place in (-3, -2, -1)
    )
    words = (
        f"{len(changed)} of {len(rows)} rows differ, of {customers}"
        f" customer{'' if customers == 1 else 's'}."
        f" Old {plain(old)}, new {plain(new)}, difference {plain(difference)} in all."
    )
    if summed_over:
        words += f"\nSummed over {', '.join(summed_over)}, which only one version groups by."
    return words


def _old_source(project: Project, new: CompiledMetric, against: str) -> Source:
    from bursar.metrics.compiler import SUFFIXES
    from bursar.metrics.problems import Source
    from bursar.revisions import file_at

    name = new.definition.name
    path = Path(against)
    if path.is_file():
        return Source(name, against, path.read_text(encoding="utf-8-sig"))
    folder = project.relative(project.metrics)
    found, text = file_at(project.root, against, [f"{folder}/{name}{s}" for s in SUFFIXES])
    return Source(name, f"{against}:{found}", text)


def _compiled_alone(project: Project, source: Source) -> CompiledMetric:
    from bursar.metrics.project import compile_text

    compilation = compile_text(project, source)
    if compilation.has_errors:
        errors = [d for d in compilation.diagnostics if d.severity is Severity.ERROR]
        raise ProblemsFound(errors, what="the old version")
    return compilation.metrics[0]
