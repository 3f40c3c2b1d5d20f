"""A broken metric gets the right help, word for word.

Each file in `metrics/` is one mistake or one set of mistakes: a sentence, the metrics, and what
`bursar metric check` says. Unless a case says that nothing has landed, there are landed events of
two types.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from bursar.errors import Diagnostic
from bursar.metrics.compiler import compile_metrics
from bursar.metrics.observed import Observed
from bursar.metrics.problems import CODES, Problems, Source
from bursar.warehouse.proving import prove
from bursar.warehouse.type_oracle import TypeOracle

CASES = sorted((Path(__file__).parent / "metrics").glob("*.txt"))
# Only these: front matter has lines of three dashes, too.
SECTION = re.compile(r"^--- (metrics/.+|compiled as|nothing has landed|says)\n", re.MULTILINE)
LANDED = {
    "llm_request": frozenset({"input_tokens", "output_tokens", "model", "region", "user"}),
    "api_call": frozenset({"status", "endpoint", "region", "duration_ms"}),
}


@pytest.fixture(scope="module")
def oracle() -> Iterator[TypeOracle]:
    engine = TypeOracle()
    yield engine
    engine.close()


def read_case(path: Path) -> tuple[dict[str, str], str]:
    """The metrics of a case, and what is said about them."""
    _, *parts = SECTION.split(path.read_text(encoding="utf-8"))
    sections = dict(zip(parts[::2], parts[1::2], strict=True))
    return sections, sections.pop("says").strip("\n")


def refuted(source: Source, mistaken_for: str, oracle: TypeOracle) -> tuple[Diagnostic, ...]:
    """What the proof says of a metric that is compiled as if it read otherwise."""
    wrong = replace(source, text=mistaken_for)
    (metric,) = compile_metrics([wrong], Observed(LANDED), oracle.describe).metrics
    finding = prove(source, metric)
    assert finding is not None
    problems = Problems(source)
    problems.add(finding.code, finding.message, severity=finding.severity)
    return tuple(problems)


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_a_broken_metric_gets_this_help(path: Path, oracle: TypeOracle) -> None:
    metrics, said = read_case(path)
    landed = {} if metrics.pop("nothing has landed", None) is not None else LANDED
    mistaken_for = metrics.pop("compiled as", None)
    sources = [Source(Path(name).stem, name, text) for name, text in metrics.items()]
    found = compile_metrics(sources, Observed(landed), oracle.describe).diagnostics
    if mistaken_for is not None:
        found += refuted(sources[0], mistaken_for, oracle)
    assert "\n\n".join(diagnostic.render() for diagnostic in sorted(found)) == said


def test_every_problem_that_the_compiler_can_name_has_a_case() -> None:
    said = "".join(read_case(path)[1] for path in CASES)
    shown = set(re.findall(r": (?:error|warning|note): (M\d+) ", said))
    assert set(CODES) - shown == set()


def test_a_metric_with_three_mistakes_shows_three() -> None:
    _, said = read_case(Path(__file__).parent / "metrics" / "three-mistakes.txt")
    assert said.count(": error: ") == 3
