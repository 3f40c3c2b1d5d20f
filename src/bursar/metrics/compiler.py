"""The compiler: every metric's text in, every model's text out.

Owns the choice of the form by the file's suffix, and the checks of names. It is pure: what has
landed and the engine's types come in as data and as a callable.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from bursar.errors import Diagnostic, Severity
from bursar.metrics.compile_sql import compile_sql
from bursar.metrics.declared import read_declared
from bursar.metrics.declared_sql import compile_declared
from bursar.metrics.definition import CompiledMetric
from bursar.metrics.kinds import Describe
from bursar.metrics.models import RESERVED_METRIC_NAMES
from bursar.metrics.observed import Observed
from bursar.metrics.parsing import refuse_jinja
from bursar.metrics.problems import Problems, Source

NAME = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")
NAME_CHARACTERS_MAX = 50
SUFFIXES = (".sql", ".yml", ".yaml")


@dataclass(frozen=True)
class Compilation:
    """What became of some metrics.

    Args:
        metrics: Those that compiled, by name.
        diagnostics: Every problem of every file.
    """

    metrics: tuple[CompiledMetric, ...]
    diagnostics: tuple[Diagnostic, ...]

    @property
    def has_errors(self) -> bool:
        """Whether any metric did not compile."""
        return any(d.severity is Severity.ERROR for d in self.diagnostics)


def compile_metrics(
    sources: Sequence[Source], observed: Observed, describe: Describe
) -> Compilation:
    """Compiles metrics.

    Args:
        sources: One a file.
        observed: What has landed.
        describe: Asks the engine for types.
    """
    metrics: list[CompiledMetric] = []
    diagnostics: list[Diagnostic] = []
    seen: dict[str, str] = {}
    for source in sorted(sources, key=lambda s: (s.name, s.path)):
        problems = Problems(source)
        _check_name(source, seen, problems)
        compiled = compile_one(source, observed, describe, problems)
        diagnostics += problems
        if compiled is not None and not problems.has_errors:
            metrics.append(compiled)
    return Compilation(tuple(metrics), tuple(diagnostics))


def compile_one(
    source: Source, observed: Observed, describe: Describe, problems: Problems
) -> CompiledMetric | None:
    """Compiles one metric, adding its problems.

    Whatever a metric holds, it is told in words, and no other metric suffers from it.
    """
    try:
        return _compile_form(source, observed, describe, problems)
    except RecursionError:
        problems.add("M205", "The query is nested too deeply: use CTEs.")
    except Exception as error:
        what = f"{type(error).__name__}: {error}"
        problems.add("internal-error", f"This is our mistake, please report it. {what}")
    return None


def _compile_form(
    source: Source, observed: Observed, describe: Describe, problems: Problems
) -> CompiledMetric | None:
    if source.path.endswith(".sql"):
        return compile_sql(source, observed, describe, problems)
    refuse_jinja(source, problems)
    declared = read_declared(source, observed, problems)
    return None if declared is None else compile_declared(source, declared)


def _check_name(source: Source, seen: dict[str, str], problems: Problems) -> None:
    name = source.name
    if not NAME.fullmatch(name) or len(name) > NAME_CHARACTERS_MAX:
        suggestion = re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_") or "metric"
        if not suggestion[0].isalpha():
            suggestion = f"metric_{suggestion}"
        message = (
            f"{name} is no name for a metric: lower case, digits and single underscores, at most"
            f" {NAME_CHARACTERS_MAX} characters.\nRename the file, such as to "
            f"{suggestion[:NAME_CHARACTERS_MAX]}."
        )
        problems.add("wrong-name", message)
    if name in RESERVED_METRIC_NAMES:
        problems.add("M106", f"A metric cannot be called {name}: Bursar has a model metric_{name}.")
    if name in seen:
        problems.add("duplicate-name", f"{seen[name]} has the same name: rename or remove one.")
    seen.setdefault(name, source.path)
